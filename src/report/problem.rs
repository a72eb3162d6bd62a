//! Defects of the input in words.
//!
//! Comes in: a problem and the file list. Goes out: a sentence on what is wrong, a few words for
//! the label, what was kept, and what can be done. Never: a raw byte of the input outside the
//! excerpt.

mod integrity;

use crate::event::Bytes;
use crate::ingest::Coverage;
use crate::problem::{KnownForm, Problem, ProblemKind};
use crate::report::coverage::file_name;
use crate::report::row::{ExcerptRow, ProblemRow};
use crate::source::SourceFile;
use crate::words;

/// The row of a problem.
pub(super) fn row(files: &[SourceFile], coverage: &Coverage, problem: &Problem) -> ProblemRow {
    let at = problem.at;
    let place = Place {
        record: at.record,
        byte: (at.record.is_some() || at.span.len > 0).then_some(at.span.start as u64),
    };
    ProblemRow {
        code: problem.kind.code(),
        file: file_name(files, coverage, at.file).to_owned(),
        record: at.record,
        byte: place.byte,
        message: message(&problem.kind),
        label: label(&problem.kind),
        help: help(&problem.kind, place),
        excerpt: problem.excerpt.as_ref().map(|excerpt| ExcerptRow {
            text: excerpt.text.clone(),
            label_start: excerpt.label.start,
            label_bytes: excerpt.label.len,
        }),
    }
}

/// Where in its file a problem is.
#[derive(Clone, Copy)]
struct Place {
    record: Option<u32>,
    byte: Option<u64>,
}

impl Place {
    /// `record 2 at byte 15306 of the decoded file`.
    fn words(self) -> String {
        match (self.record, self.byte) {
            (Some(record), Some(byte)) => {
                format!("record {record} at byte {byte} of the decoded file")
            }
            (Some(record), None) => format!("record {record}"),
            (None, Some(byte)) => format!("what stands at byte {byte} of the decoded file"),
            (None, None) => "the file".to_owned(),
        }
    }
}

fn message(kind: &ProblemKind) -> String {
    match kind {
        ProblemKind::Unreadable { reason } => format!("it cannot be read: `{reason}`"),
        ProblemKind::Empty => "the file is empty".to_owned(),
        ProblemKind::Undecodable { format, .. } => {
            format!("the `{format}` data is damaged or breaks off")
        }
        ProblemKind::TooLarge { limit } => {
            format!(
                "the decoded file is larger than `{}`",
                words::size(Bytes(*limit))
            )
        }
        ProblemKind::NotCloudTrail { form: None } => {
            "the file holds no CloudTrail records".to_owned()
        }
        ProblemKind::NotCloudTrail { form: Some(form) } => {
            format!(
                "the file holds no CloudTrail records that can be read: it is {}",
                what(*form)
            )
        }
        ProblemKind::Truncated { .. } => "the JSON breaks off inside the file".to_owned(),
        ProblemKind::BadRecord { reason } => format!("a record is no JSON object: `{reason}`"),
        ProblemKind::BadField {
            field, expected, ..
        } => format!("`{field}` is not {expected}"),
        ProblemKind::HalfPair => "a text of the record holds half a surrogate pair".to_owned(),
        ProblemKind::ConflictingDuplicate { event_id } => {
            format!("two records that differ carry the `eventID` `{event_id}`")
        }
        ProblemKind::BadTable { reason } => format!("in a table of events, {reason}"),
        ProblemKind::Integrity { defect, member } => match member {
            Some(member) => format!("member `{member}`: {}", integrity::message(defect)),
            None => integrity::message(defect),
        },
        ProblemKind::BadCoverage { reason } => {
            format!("what an extract says of its logs cannot be used: `{reason}`")
        }
        ProblemKind::MoreConflicts { count } => format!(
            "{} with an `eventID` that another has, and differing",
            words::count(*count, "more record")
        ),
        ProblemKind::More { count } => {
            format!("{} of this file", words::count(*count, "more problem"))
        }
    }
}

fn label(kind: &ProblemKind) -> String {
    match kind {
        ProblemKind::BadField { expected, .. } => format!("expected {expected}"),
        ProblemKind::BadRecord { .. } => "expected a JSON object".to_owned(),
        ProblemKind::HalfPair => "no text can hold it".to_owned(),
        ProblemKind::Truncated { .. } => "the file ends here".to_owned(),
        ProblemKind::ConflictingDuplicate { .. } => "also elsewhere, and different".to_owned(),
        ProblemKind::NotCloudTrail { .. } => "expected CloudTrail records".to_owned(),
        ProblemKind::BadTable { .. } | ProblemKind::BadCoverage { .. } => "was left out".to_owned(),
        ProblemKind::Undecodable { .. } | ProblemKind::TooLarge { .. } => {
            "nothing was read from here on".to_owned()
        }
        ProblemKind::Unreadable { .. }
        | ProblemKind::Empty
        | ProblemKind::Integrity { .. }
        | ProblemKind::MoreConflicts { .. }
        | ProblemKind::More { .. } => String::new(),
    }
}

fn help(kind: &ProblemKind, place: Place) -> String {
    match kind {
        ProblemKind::Unreadable { .. } => {
            "make the file readable and run again; all other files were used".to_owned()
        }
        ProblemKind::Empty => {
            "fetch the file again, or look whether the copy broke off: CloudTrail delivers no empty \
             log; all other files were used"
                .to_owned()
        }
        ProblemKind::Undecodable { kept_bytes, .. } => format!(
            "fetch the file again; the {} decoded before the defect were used",
            words::size(Bytes(*kept_bytes))
        ),
        ProblemKind::TooLarge { .. } => {
            "raise `--max-decoded` if the file can be trusted; what stands before the limit was used"
                .to_owned()
        }
        ProblemKind::NotCloudTrail { form: Some(form) } => format!(
            "{}; the file was left out, all others were used",
            instead(*form)
        ),
        ProblemKind::NotCloudTrail { form: None } => {
            "expected `{\"Records\": […]}`, a list of records, one record a line, or records as \
             docs/input.md says that other services wrap them; the file was left out, all others \
             were used"
                .to_owned()
        }
        ProblemKind::Truncated { kept_records } => format!(
            "fetch the file again; {} before the defect {} used",
            words::count(*kept_records, "record"),
            if *kept_records == 1 { "was" } else { "were" }
        ),
        ProblemKind::BadRecord { .. } => format!(
            "{} was skipped; all other records were kept",
            place.words()
        ),
        ProblemKind::BadField { skipped: true, .. } => format!(
            "{} was skipped; all other records were kept",
            place.words()
        ),
        ProblemKind::BadField { skipped: false, .. } => {
            format!("{} was kept without this field", place.words())
        }
        ProblemKind::HalfPair => format!(
            "{} was kept, with the replacement character U+FFFD in its place",
            place.words()
        ),
        ProblemKind::ConflictingDuplicate { .. } => {
            "both were kept and count as two events; look which trail or tool wrote the second"
                .to_owned()
        }
        ProblemKind::BadTable { .. } => {
            "select all columns, and cast those that hold objects to JSON; `--explain bad-table` has \
             the statement"
                .to_owned()
        }
        ProblemKind::Integrity { defect, .. } => integrity::help(defect).to_owned(),
        ProblemKind::BadCoverage { .. } => {
            "make the extract again with this version of the program; its records were used, and what \
             it counted and the time it covers are not known"
                .to_owned()
        }
        ProblemKind::MoreConflicts { .. } | ProblemKind::More { .. } => {
            "they were counted and not listed; mend the first ones and run again".to_owned()
        }
    }
}

/// What a file without records is, in words.
fn what(form: KnownForm) -> &'static str {
    match form {
        KnownForm::Bzip2 => "compressed by bzip2",
        KnownForm::Xz => "compressed by xz",
        KnownForm::Lz4 => "compressed by LZ4",
        KnownForm::SevenZip => "an archive of 7-Zip",
        KnownForm::Parquet => "a table in Parquet",
        KnownForm::Orc => "a table in ORC",
        KnownForm::Avro => "a table in Avro",
        KnownForm::Sqlite => "a database of SQLite",
        KnownForm::LargeTar => "a tar archive of over 256 MiB",
        KnownForm::Yaml => "YAML, as the AWS CLI writes it on request",
        KnownForm::CliText => "the AWS CLI's output as text",
        KnownForm::ConsoleCsv => {
            "the CSV file of the console's Event history, which has no parameters of calls"
        }
        KnownForm::LfsPointer => "what Git keeps in place of a file in Git LFS",
        KnownForm::AnnexPointer => "what Git keeps in place of a file in git-annex",
        KnownForm::Encrypted => "encrypted",
        KnownForm::WebPage => "a page for a browser",
        KnownForm::Xml => "XML, such as the answer of S3 to a call that failed",
        KnownForm::S3Notification => "messages that say which files came into a bucket",
        KnownForm::EcrEvents => {
            "events that ECR sends to EventBridge itself, which are not CloudTrail's"
        }
        KnownForm::Queue => "messages of a queue, a topic or a stream, and none holds a record",
    }
}

/// What to do instead with such a file.
fn instead(form: KnownForm) -> &'static str {
    match form {
        KnownForm::Bzip2 => "unpack it with `bzip2 -dk FILE`",
        KnownForm::Xz => "unpack it with `xz -dk FILE`",
        KnownForm::Lz4 => "unpack it with `lz4 -dk FILE`",
        KnownForm::SevenZip => "unpack it with `7z x FILE`",
        KnownForm::Parquet => {
            "write it as lines of JSON, as by `duckdb -c \"COPY (FROM 'FILE') TO 'FILE.json'\"`"
        }
        KnownForm::Orc | KnownForm::Avro | KnownForm::Sqlite => {
            "export its rows as lines of JSON, each with the record or with CloudTrail's members"
        }
        KnownForm::LargeTar => "unpack it with `tar -xf FILE`, and name the folder",
        KnownForm::Yaml | KnownForm::CliText => "run the command again with `--output json`",
        KnownForm::ConsoleCsv => "choose \"Download as JSON\" there",
        KnownForm::LfsPointer => "fetch the file with `git lfs pull`",
        KnownForm::AnnexPointer => "fetch the file with `git annex get FILE`",
        KnownForm::Encrypted => "decrypt it first",
        KnownForm::WebPage | KnownForm::Xml => {
            "look at it: it may be the answer to a download that was refused"
        }
        KnownForm::S3Notification => {
            "fetch the objects that they name with `aws s3 cp`, and name those"
        }
        KnownForm::EcrEvents => {
            "send events with the detail-type `AWS API Call via CloudTrail`, or read a trail's files"
        }
        KnownForm::Queue => "take from the queue what CloudTrail or EventBridge put into it",
    }
}
