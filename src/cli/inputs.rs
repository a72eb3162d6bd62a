//! What the arguments name to be read: paths, standard input, and lists of paths.
//!
//! Comes in: the plan and standard input. Goes out: inputs for the library. Never: a file opened but
//! the list itself.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::cli::plan::Plan;
use crate::source::{Handed, Input};

/// The longest list of paths that is read, in bytes.
const MAX_LIST_BYTES: u64 = 1 << 30;

/// The name of standard input, as argument and in reports.
const STDIN: &str = "-";

/// Whether a path that was typed means standard input.
pub(super) fn is_stdin(path: &Path) -> bool {
    path == Path::new(STDIN)
}

/// Makes the inputs of a plan.
///
/// # Errors
/// A message when the list cannot be read, or names nothing and nothing else is named.
pub(super) fn inputs(plan: &Plan, mut stdin: Box<dyn Read + Send>) -> Result<Vec<Input>, String> {
    let mut inputs = Vec::new();
    if let Some(list) = &plan.files_from {
        let bytes = read_list(list, &mut stdin)
            .map_err(|error| format!("cannot read the list `{}`: {error}", list.display()))?;
        inputs.extend(paths(&bytes).into_iter().map(Input::Listed));
        if inputs.is_empty() && plan.paths.is_empty() {
            return Err(format!(
                "the list `{}` names no file\n\n  help: expected one path a line, or paths that end \
                 with NUL",
                list.display()
            ));
        }
    }
    let mut stdin = Some(stdin);
    for path in &plan.paths {
        match is_stdin(path) {
            // Named twice, it is still there only once.
            true => inputs.extend(
                stdin
                    .take()
                    .map(|stdin| Input::Reader(Handed::new(STDIN, stdin))),
            ),
            false => inputs.push(Input::Path(path.clone())),
        }
    }
    Ok(inputs)
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

/// The paths of a list: parted by NUL if there is one, else one a line; empty ones are left out.
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
fn os_string(bytes: &[u8]) -> OsString {
    use std::os::unix::ffi::OsStringExt as _;
    OsString::from_vec(bytes.to_vec())
}

#[cfg(not(unix))]
fn os_string(bytes: &[u8]) -> OsString {
    String::from_utf8_lossy(bytes).into_owned().into()
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
