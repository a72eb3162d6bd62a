//! The pages of the names that a report uses: statuses, reasons, problem codes.
//!
//! Comes in: nothing. Goes out: a page of Markdown a name, which `--explain` prints and
//! `docs/findings.md` holds. Never: a finding's page, which stands with its check.

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// The name, as reports spell it.
    pub code: &'static str,
    /// What kind of name it is.
    pub group: Group,
    /// The page, in Markdown.
    pub text: &'static str,
}

/// The kinds of names that have pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// A status of a push.
    Status,
    /// A reason of a status.
    Reason,
    /// A defect of the input.
    Problem,
    /// An error code of AWS that is no failure; all others have findings.
    Error,
}

impl Group {
    /// The kind in a word or two.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Reason => "reason",
            Self::Problem => "problem",
            Self::Error => "error code",
        }
    }
}

const fn page(group: Group, code: &'static str, text: &'static str) -> Page {
    Page { code, group, text }
}

/// Every page, by group.
pub const PAGES: &[Page] = &[
    page(
        Group::Status,
        "complete",
        "The push's root manifest was accepted: for an image pushed for several platforms, the \
         index. Uploads left dead beside it are findings. Nothing needs doing.",
    ),
    page(
        Group::Status,
        "failed",
        "The log shows why the push ended: a call for a layer or a manifest was refused, and that \
         layer or manifest never succeeded later in the push. `reason.error_code` and \
         `reason.event_id` name the refusal that decided it.",
    ),
    page(
        Group::Status,
        "incomplete",
        "There are uploads or child manifests without the manifest that needs them, no refusal is \
         in sight, and the log goes on for longer than the inactivity window: the client went \
         away. What it uploaded is stored and in no image.",
    ),
    page(
        Group::Status,
        "unchanged",
        "The client checked what it was to push, found everything in place and wrote nothing. \
         This is no fault. It is at most an inference: a client that died before its first \
         upload looks the same.",
    ),
    page(
        Group::Status,
        "undetermined",
        "It cannot be known how the push ended: the log begins or ends, or has a hole, within the \
         inactivity window of the push, or CloudTrail left out the field that would tell. Add the \
         logs before and after and run again.",
    ),
    page(
        Group::Reason,
        "put-image-failed",
        "A push is `failed`: the manifest was refused. Frequent codes are \
         `ImageTagAlreadyExistsException` (the tag is immutable), `LayersNotFoundException` (a \
         layer was never completed, or in another repository) and `AccessDenied`.",
    ),
    page(
        Group::Reason,
        "initiate-failed",
        "A push is `failed`: an upload could not be begun. Frequent codes are `AccessDenied` and \
         `RepositoryNotFoundException`; clients show them as `EOF`, `403` or `name unknown`.",
    ),
    page(
        Group::Reason,
        "part-failed",
        "A push is `failed`: a part of a layer was refused. `InvalidLayerPartException` means that \
         the parts did not follow on each other; `LimitExceededException` a quota.",
    ),
    page(
        Group::Reason,
        "complete-failed",
        "A push is `failed`: an upload could not be ended. `LayerPartTooSmallException` means that \
         a part other than the last was under 5 MiB, `EmptyUploadException` a layer without \
         bytes, `InvalidLayerException` a digest that the bytes do not have.",
    ),
    page(
        Group::Reason,
        "check-failed",
        "A push is `failed`: already the question whether layers exist was refused, most often \
         with `AccessDenied` or `RepositoryNotFoundException`.",
    ),
    page(
        Group::Reason,
        "no-put-image",
        "A push is `incomplete`: every upload was completed, and no manifest followed. The client \
         was stopped before its last step.",
    ),
    page(
        Group::Reason,
        "upload-abandoned",
        "A push is `incomplete`: an upload was begun and not completed, and nothing was refused. \
         The client was stopped, or lost its connection, while it sent a layer.",
    ),
    page(
        Group::Reason,
        "index-missing",
        "A push is `incomplete`: images were put without a tag, as for several platforms, and no \
         index that lists them followed.",
    ),
    page(
        Group::Reason,
        "nothing-sent",
        "A push is `incomplete`, and no fault: an upload was asked for and nothing was sent, and no \
         run of the same login followed. Builders ask so, minutes before they push, whether they \
         may; so does a client that would mount a layer from another repository. It is a note, \
         never a warning or an error, and is counted apart from pushes that did not end well.",
    ),
    page(
        Group::Reason,
        "log-begins",
        "A push is `undetermined`: the log of this account and region begins within the \
         inactivity window before the first call seen.",
    ),
    page(
        Group::Reason,
        "log-ends",
        "A push is `undetermined`: the log of this account and region ends within the inactivity \
         window after the last call seen. CloudTrail delivers with a delay of minutes; run again \
         with later logs.",
    ),
    page(
        Group::Reason,
        "log-hole",
        "A push is `undetermined`: the log lacks a stretch within the inactivity window of the \
         push. `coverage.holes` lists it and says how it is known.",
    ),
    page(
        Group::Reason,
        "field-omitted",
        "A push is `undetermined`: CloudTrail left out a field that is larger than 100 KB, most \
         often the manifest of a `PutImage`, and nothing else in the log tells what it said.",
    ),
    page(
        Group::Problem,
        "unreadable",
        "A file or directory could not be opened or read. Everything else was used. What the file \
         would have said is missing; pushes near it may be `undetermined` or look `incomplete`.",
    ),
    page(
        Group::Problem,
        "empty-file",
        "A file holds nothing: it has no bytes, or only white space, or decodes to none. \
         CloudTrail delivers no empty log, so most often a copy broke off. What the file would \
         have said is missing; pushes near it may be `undetermined` or look `incomplete`. Fetch \
         the file again.",
    ),
    page(
        Group::Problem,
        "undecodable",
        "Compressed data is damaged or breaks off. The records before the defect were used. Fetch \
         the file again.",
    ),
    page(
        Group::Problem,
        "too-large",
        "The decoded file passed the limit of `--max-decoded`, which guards against files made to \
         fill the memory. What stands before the limit was used.",
    ),
    page(
        Group::Problem,
        "not-cloudtrail",
        "The file holds neither CloudTrail records nor anything known beside them, and was left \
         out. If it is a log, its wrapper is one that is not known.",
    ),
    page(
        Group::Problem,
        "truncated",
        "The JSON breaks off inside the file, as after a download that was cut short. The records \
         before the defect were used.",
    ),
    page(
        Group::Problem,
        "bad-record",
        "A record is not valid JSON or not an object, and was skipped. All others were used.",
    ),
    page(
        Group::Problem,
        "bad-field",
        "A field of a push event does not hold what CloudTrail's reference says. Where the event \
         can do without, it was kept without the field; else it was skipped. The help line says \
         which.",
    ),
    page(
        Group::Problem,
        "half-pair",
        "A text of a push event holds half a surrogate pair, which JSON can write as an escape \
         and no text can hold. The event was kept, with the replacement character U+FFFD in its \
         place.",
    ),
    page(
        Group::Problem,
        "conflicting-duplicate",
        "Two records carry one `eventID` and differ. Both were kept and count as two events. A \
         record delivered twice is equal in both places and is no problem; this one was changed \
         by somebody or something.",
    ),
    page(
        Group::Problem,
        "bad-table",
        "A table of events in CSV lacks a column that no record goes without, or a row of it cannot be \
         read in one way only: Athena and CloudTrail Lake write objects without quotes, so that a \
         comma in a name looks like the next member. The row was left out and counts as malformed; a \
         table without one of the columns was left out as a whole.\n\n\
         What to do: select all columns, and those that hold objects as JSON: \
         `SELECT *` for Athena's own table of CloudTrail logs, whose `requestparameters` and \
         `responseelements` are JSON already, with `CAST(useridentity AS JSON)` where rows are left \
         out.",
    ),
    page(
        Group::Problem,
        "altered-file",
        "With `--verify`: the content of a log file is not what a digest file lists, so it was \
         damaged or changed after CloudTrail delivered it. Its records were used. Fetch the file \
         again; if it still differs, look who wrote to the bucket, and at older versions of the \
         object.",
    ),
    page(
        Group::Problem,
        "trailing-data",
        "With `--verify`: a log file holds what a digest file lists, and something after it that \
         is no gzip. CloudTrail writes no such thing. Only what is listed was used.",
    ),
    page(
        Group::Problem,
        "absent-file",
        "With `--verify`: a digest file lists a log file that is not in the input: it was not \
         fetched, or was deleted. What it said is missing, and pushes of its time may be \
         `undetermined` or look `incomplete`.",
    ),
    page(
        Group::Problem,
        "unlisted-file",
        "With `--verify`: no digest file lists the log file, though digest files cover its time, \
         account and region. A second trail without log file validation delivers such files; else \
         it is not of CloudTrail's making. Its records were used. Files of the first and last \
         quarter of an hour that digest files cover are left out of this, for a digest file \
         beyond may list them.",
    ),
    page(
        Group::Problem,
        "altered-digest-file",
        "With `--verify`: the content of a digest file does not have the hash that the digest \
         file after it gives. One of the two was altered, this one if the other is signed. What \
         it lists vouches for no log file.",
    ),
    page(
        Group::Problem,
        "bad-signature",
        "With `--public-keys`: the key that a digest file names did not make the signature that \
         is at hand, which stands in the digest file after it or in a file beside it. What it \
         lists vouches for no log file.",
    ),
    page(
        Group::Problem,
        "unknown-key",
        "With `--public-keys`: a digest file names a key that was not given. CloudTrail has keys \
         of its own for each region and changes them: fetch those of the region and time with \
         `aws cloudtrail list-public-keys`.",
    ),
    page(
        Group::Problem,
        "broken-chain",
        "With `--verify`: each digest file names the one before it, and this one names another \
         than lies before it in the input, or none. A digest file between them is missing or was \
         put there, or log file validation was off for a while.",
    ),
    page(
        Group::Problem,
        "bad-coverage",
        "A line `{\"reconstruct.coverage\": …}`, which `--extract` writes last, cannot be used: it is \
         damaged, was not written by this program, or by another version of it. The records beside it \
         were used. What the extract's logs held besides, how many files and records and over what \
         time, is not known, so pushes near the ends of the log are more often `undetermined`.",
    ),
    page(
        Group::Problem,
        "more-problems",
        "The file has more problems than are listed one by one, or the log more records with an \
         `eventID` that is taken; the rest is only counted.",
    ),
    page(
        Group::Error,
        "LayerAlreadyExistsException",
        "A `CompleteLayerUpload` was answered so because the layer is in the repository already: \
         the client sent it without asking, or another push was faster. The wanted state holds, \
         the push goes on, and the layer counts as `already_exists`. Nothing needs doing.",
    ),
    page(
        Group::Error,
        "ImageAlreadyExistsException",
        "A `PutImage` was answered so because the same manifest stands under the same tag \
         already. The wanted state holds, and the push counts as accepted. Nothing needs doing.",
    ),
];
