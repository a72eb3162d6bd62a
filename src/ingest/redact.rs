//! Files, coverage and problems under pseudonyms.
//!
//! Comes in: what was read, and the pseudonyms that the event log was given. Goes out: that data
//! with accounts and invented names replaced. Never: an excerpt, since a record can hold anything.

use crate::event::redact::is_region;
use crate::event::{Class, Pseudonyms};
use crate::ingest::Coverage;
use crate::ingest::coverage::Source;
use crate::problem::{Follows, Integrity, Problem, ProblemKind};
use crate::record::is_known_path;
use crate::source::{Found, SourceFile};

/// The members that lead to records and have names that anybody may have given.
const OTHER_MEMBERS: &str = "other members";

/// Replaces every name with its pseudonym, and drops the excerpts.
pub fn redact(
    files: &mut [SourceFile],
    coverage: &mut Coverage,
    problems: &mut [Problem],
    names: &mut Pseudonyms,
) {
    let spans = std::mem::take(&mut coverage.spans);
    let spans = spans.into_iter().map(|(source, span)| {
        let account = names.account(&source.account);
        let region = names.region(&source.region);
        (Source { account, region }, span)
    });
    coverage.spans = spans.collect();
    for chain in coverage
        .verification
        .iter_mut()
        .flat_map(|of| &mut of.chains)
    {
        chain.account = names.account(&chain.account);
        chain.region = names.region(&chain.region);
    }
    for hour in &mut coverage.missing {
        let Source { account, region } = &mut hour.source;
        (*account, *region) = (names.account(account), names.region(region));
    }
    // Their order would tell that of the names.
    coverage.missing.sort_unstable();
    if let Some(verification) = &mut coverage.verification {
        verification.absent.clear();
    }
    for file in files {
        file.name = path(&file.name, names);
        if let Found::Unreadable { reason } = &mut file.found {
            *reason = names.prose(reason);
        }
    }
    let opened = std::mem::take(&mut coverage.opened);
    for (members, n_records) in opened {
        let members = match is_known_path(&members) {
            true => members,
            false => OTHER_MEMBERS.to_owned(),
        };
        *coverage.opened.entry(members).or_default() += n_records;
    }
    for name in &mut coverage.elsewhere {
        *name = path(name, names);
    }
    for problem in problems {
        problem.excerpt = None;
        redact_kind(&mut problem.kind, names);
    }
}

fn redact_kind(kind: &mut ProblemKind, names: &mut Pseudonyms) {
    match kind {
        ProblemKind::Unreadable { reason }
        | ProblemKind::BadRecord { reason }
        | ProblemKind::BadTable { reason }
        | ProblemKind::BadCoverage { reason } => {
            *reason = names.prose(reason);
        }
        ProblemKind::Undecodable { format, .. } => *format = names.prose(format).into(),
        ProblemKind::BadField {
            field, expected, ..
        } => {
            *field = names.prose(field).into();
            *expected = names.prose(expected).into();
        }
        ProblemKind::ConflictingDuplicate { event_id } => {
            *event_id = names.identifier(event_id).into();
        }
        ProblemKind::Integrity { defect, member } => {
            if let Some(member) = member {
                *member = file_name(member, names);
            }
            redact_defect(defect, names);
        }
        ProblemKind::Empty
        | ProblemKind::TooLarge { .. }
        | ProblemKind::NotCloudTrail { .. }
        | ProblemKind::Truncated { .. }
        | ProblemKind::MoreConflicts { .. }
        | ProblemKind::HalfPair
        | ProblemKind::More { .. } => {}
    }
}

/// Redacts a failed check against digest files; the names keep their shape.
fn redact_defect(defect: &mut Integrity, names: &mut Pseudonyms) {
    match defect {
        Integrity::AlteredLog { digest_file: name }
        | Integrity::AbsentLog { name }
        | Integrity::AlteredDigest { next: name } => *name = file_name(name, names),
        Integrity::UnknownKey { fingerprint } => {
            *fingerprint = names.of(Class::Key, fingerprint).into();
        }
        Integrity::BrokenChain { follows, before } => {
            *before = file_name(before, names);
            match follows {
                Follows::Absent { name } | Follows::Another { name } => {
                    *name = file_name(name, names);
                }
                Follows::Nothing => {}
            }
        }
        Integrity::TrailingData | Integrity::UnlistedLog | Integrity::BadSignature => {}
    }
}

/// The start of an object's address.
const SCHEME: &str = "s3://";

/// The bucket and key of an object's address.
fn in_bucket(path: &str) -> Option<(&str, &str)> {
    path.strip_prefix(SCHEME)?.split_once('/')
}

/// Gives the buckets that were read their pseudonyms, in the order of the files.
pub fn name_buckets(files: &[SourceFile], names: &mut Pseudonyms) {
    for (bucket, _) in files.iter().filter_map(|file| in_bucket(&file.name)) {
        names.of(Class::Bucket, bucket);
    }
}

/// A redacted path of the same shape: CloudTrail's own folder names, regions and dates stay
/// (CloudTrail user guide, "CloudTrail log file name format").
fn path(path: &str, names: &mut Pseudonyms) -> String {
    if let Some((bucket, key)) = in_bucket(path) {
        return format!(
            "{SCHEME}{}/{}",
            names.of(Class::Bucket, bucket),
            self::path(key, names)
        );
    }
    let (folders, file) = match path.rsplit_once('/') {
        Some((folders, file)) => (Some(folders), file),
        None => (None, path),
    };
    let mut parts: Vec<String> = Vec::new();
    for folder in folders.into_iter().flat_map(|folders| folders.split('/')) {
        parts.push(part(folder, Class::Folder, names));
    }
    parts.push(file_name(file, names));
    parts.join("/")
}

/// A file's name, part by part: `account-1_CloudTrail_eu-west-1_20190415T1645Z_file-1.json.gz`.
fn file_name(name: &str, names: &mut Pseudonyms) -> String {
    const ENDS: [&str; 8] = [
        ".json.gz",
        ".json.zst",
        ".json",
        ".jsonl",
        ".gz",
        ".zst",
        ".csv",
        ".txt",
    ];
    let end = ENDS.into_iter().find(|end| name.ends_with(end));
    let end = end.unwrap_or_default();
    let stem = name.strip_suffix(end).unwrap_or(name);
    let (dot, stem) = match stem.strip_prefix('.') {
        Some(stem) => (".", stem),
        None => ("", stem),
    };
    let is_ours = stem.split('_').nth(1).is_some_and(is_folder);
    let stem = match is_ours {
        true => {
            let parts = stem.split('_').map(|word| part(word, Class::File, names));
            parts.collect::<Vec<_>>().join("_")
        }
        false => names.mention(Class::File, stem).into(),
    };
    format!("{dot}{stem}{end}")
}

fn part(word: &str, class: Class, names: &mut Pseudonyms) -> String {
    let is_digits = |word: &str| word.bytes().all(|byte| byte.is_ascii_digit());
    let is_stamp = || {
        let stamp = word.strip_suffix('Z').and_then(|word| word.split_once('T'));
        stamp.is_some_and(|(date, time)| {
            date.len() == 8 && matches!(time.len(), 4 | 6) && is_digits(date) && is_digits(time)
        })
    };
    let is_date = word.len() == 2 || word.len() == 4 && word.starts_with("20");
    match word {
        _ if word.len() == 12 && is_digits(word) => names.account(word).into(),
        "" | "." | ".." => word.to_owned(),
        _ if is_date && is_digits(word) => word.to_owned(),
        _ if is_folder(word) || is_stamp() || is_region(word) => word.to_owned(),
        _ => names.mention(class, word).into(),
    }
}

fn is_folder(word: &str) -> bool {
    matches!(
        word,
        "AWSLogs" | "CloudTrail" | "CloudTrail-Digest" | "CloudTrail-Insight" | "CloudTrail-Lake"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_keep_their_shape() {
        let mut names = Pseudonyms::default();
        let log = "trail-of-acme/AWSLogs/o-a1b2/123456789012/CloudTrail/eu-west-1/2019/04/15/\
                   123456789012_CloudTrail_eu-west-1_20190415T1645Z_Ab0cDeFgHiJkLmNo.json.gz";
        assert_eq!(
            path(log, &mut names),
            "folder-1/AWSLogs/folder-2/account-1/CloudTrail/eu-west-1/2019/04/15/\
             account-1_CloudTrail_eu-west-1_20190415T1645Z_file-1.json.gz"
        );
        let digest =
            "123456789012_CloudTrail-Digest_eu-west-1_acme_eu-west-1_20190415T164500Z.json.gz";
        assert_eq!(
            path(digest, &mut names),
            "account-1_CloudTrail-Digest_eu-west-1_file-2_eu-west-1_20190415T164500Z.json.gz"
        );
        assert_eq!(path(".secret.json", &mut names), ".file-3.json");
        assert_eq!(path("dana", &mut names), "file-4");
    }
}
