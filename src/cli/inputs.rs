//! Turns the arguments and the list into the library's inputs.
//!
//! Comes in: the plan and standard input. Goes out: inputs, with a client for each bucket, and a notice of
//! how much will be read from buckets. Never: an opened file other than the list, or a client without a
//! bucket.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::cli::address::Address;
use crate::cli::cloud::{self, CloudInputs, CloudNames};
use crate::cli::operand::{Operand, STDIN, is_stdin};
use crate::cli::plan::{Names, Plan};
use crate::cli::scope::Selected;
use crate::event::{Bytes, Class, Pseudonyms};
use crate::ingest;
use crate::source::{Found, Handed, Input, Inquiry, Origin, Prefix, Scope, SourceFile};
use crate::words;

/// The longest list of paths that is read, in bytes.
const MAX_LIST_BYTES: u64 = 1 << 30;

/// Makes the inputs of a plan.
///
/// # Errors
/// A message if the list cannot be read, or names nothing and nothing else is named; also if the user's
/// setup for AWS cannot be used, or this program has none.
pub(super) fn inputs(
    plan: &Plan,
    mut stdin: Box<dyn Read + Send>,
    inquiry: &Arc<Inquiry>,
) -> Result<Inputs, String> {
    let listed = match &plan.files_from {
        None => Vec::new(),
        Some(list) => {
            let bytes = read_list(list, &mut stdin).map_err(|error| unreadable(list, &error))?;
            let listed: Vec<_> = paths(&bytes).into_iter().map(Operand::listed).collect();
            if listed.is_empty() && plan.operands.is_empty() {
                return Err(format!(
                    "the list `{}` names no file\n\n  help: expected one path a line, or paths that \
                     end with NUL",
                    list.display()
                ));
            }
            listed
        }
    };
    let mut reached = connect(plan, listed.iter().chain(&plan.operands), inquiry)?;
    let scope: Arc<dyn Scope> = Arc::new(Selected::new(plan));
    let prefix = |address: &Address| {
        Some(Prefix {
            bucket: reached.buckets.get(&address.bucket)?.clone(),
            path: address.path.clone(),
            scope: Arc::clone(&scope),
        })
    };
    let listed = listed.into_iter().filter_map(|operand| match operand {
        Operand::Path(path) => Some(Input::Listed(path)),
        Operand::Bucket(address) => prefix(&address).map(Input::ListedPrefix),
        Operand::Stdin | Operand::History(_) => None,
    });
    let mut stdin = Some(stdin);
    let typed = plan.operands.iter().filter_map(|operand| match operand {
        Operand::Path(path) => Some(Input::Path(path.clone())),
        Operand::Bucket(address) => prefix(address).map(Input::Prefix),
        Operand::History(_) => None,
        // Even if it is named twice, there is only one.
        Operand::Stdin => stdin
            .take()
            .map(|stdin| Input::Reader(Handed::new(STDIN, stdin))),
    });
    let mut inputs: Vec<Input> = listed.chain(typed).collect();
    inputs.extend(reached.histories.drain(..).map(Input::Reader));
    Ok(Inputs {
        inputs,
        notices: reached.notices,
    })
}

/// What to read.
pub(super) struct Inputs {
    /// The inputs.
    pub(super) inputs: Vec<Input>,
    /// What to say before reading.
    pub(super) notices: Vec<String>,
}

/// Reaches what lies in AWS, if anything there is named.
fn connect<'a>(
    plan: &Plan,
    operands: impl Iterator<Item = &'a Operand>,
    inquiry: &Arc<Inquiry>,
) -> Result<CloudInputs, String> {
    let mut wanted = CloudNames::default();
    for operand in operands {
        match operand {
            Operand::Stdin | Operand::Path(_) => {}
            Operand::Bucket(address) => {
                wanted.buckets.insert(&address.bucket);
            }
            Operand::History(history) => {
                wanted.histories.insert(history);
            }
        }
    }
    match wanted.is_empty() {
        true => Ok(CloudInputs::default()),
        false => cloud::reach(&wanted, plan, inquiry),
    }
}

fn unreadable(list: &Path, error: &io::Error) -> String {
    let path = list.display();
    match list.is_dir() {
        true => format!(
            "`{path}` is a folder, and no list of paths\n\n  tip: name it without `--files-from`, and all below it is read"
        ),
        false => format!("cannot read the list `{path}`: {error}"),
    }
}

fn read_list(list: &Path, stdin: &mut Box<dyn Read + Send>) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let n_read = match is_stdin(list) {
        true => stdin.take(MAX_LIST_BYTES + 1).read_to_end(&mut bytes)?,
        false => File::open(list)?
            .take(MAX_LIST_BYTES + 1)
            .read_to_end(&mut bytes)?,
    };
    match n_read as u64 > MAX_LIST_BYTES {
        true => Err(io::Error::other("is longer than 1 GiB")),
        false => Ok(bytes),
    }
}

/// The paths in a list: separated by NUL if there is one, or else one a line; empty ones are left out.
fn paths(list: &[u8]) -> Vec<PathBuf> {
    let separator = match list.contains(&0) {
        true => 0,
        false => b'\n',
    };
    list.split(|&byte| byte == separator)
        .map(|path| match separator {
            b'\n' => path.strip_suffix(b"\r").unwrap_or(path),
            _ => path,
        })
        .filter(|path| !path.is_empty())
        .map(|path| PathBuf::from(os_string(path)))
        .collect()
}

#[cfg(unix)]
pub(super) fn os_string(bytes: &[u8]) -> OsString {
    use std::os::unix::ffi::OsStringExt as _;
    OsString::from_vec(bytes.to_vec())
}

#[cfg(not(unix))]
pub(super) fn os_string(bytes: &[u8]) -> OsString {
    String::from_utf8_lossy(bytes).into_owned().into()
}

/// An input as it was named.
pub(super) fn name(input: &Input) -> String {
    match input {
        Input::Path(path) | Input::Listed(path) => path.display().to_string(),
        Input::Prefix(prefix) | Input::ListedPrefix(prefix) => prefix.address(),
        Input::Reader(reader) => reader.name().to_owned(),
    }
}

/// Says how much will be read from buckets; `None` if there is no bucket.
pub(super) fn notice(files: &[SourceFile], names: Names) -> Option<String> {
    let (mut n_objects, mut n_bytes, mut buckets) = (0, 0, Vec::new());
    for file in files {
        let (Origin::Object(object), Found::Readable(_)) = (&file.origin, &file.found) else {
            continue;
        };
        n_objects += 1;
        n_bytes += file.size_bytes;
        if !buckets.contains(&object.bucket.name) {
            buckets.push(Arc::clone(&object.bucket.name));
        }
    }
    buckets.first()?;
    if names == Names::Redacted {
        let mut pseudonyms = Pseudonyms::default();
        ingest::name_buckets(files, &mut pseudonyms);
        for bucket in &mut buckets {
            *bucket = pseudonyms.of(Class::Bucket, bucket).into();
        }
    }
    Some(format!(
        "reading {} ({}) from s3://{}",
        words::count(n_objects, "object"),
        words::size(Bytes(n_bytes)),
        buckets.join(", s3://"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_parted_by_lines_or_by_nul() {
        let expected = |names: &[&str]| names.iter().map(PathBuf::from).collect::<Vec<_>>();
        assert_eq!(paths(b"a b\r\n\n./c\n"), expected(&["a b", "./c"]));
        assert_eq!(paths(b"a\nb\0\0c\r\0"), expected(&["a\nb", "c\r"]));
        assert_eq!(paths(b"\n\r\n"), expected(&[]));
    }
}
