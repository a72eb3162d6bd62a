//! A step of a push as a person would tell it, and its words.
//!
//! Comes in: nothing, these are types. Goes out: what a step was, whole, and the same in short texts. Never: padding,
//! glyphs or colours, which are a renderer's.

use crate::event::{BlobKind, Bytes, Stage};
use crate::report::row::Weight;
use crate::words;

/// A step of a push: an upload is one, however many parts it has.
#[derive(Debug)]
pub(crate) struct Step {
    /// What it was.
    pub(crate) told: Told,
    /// The clock time of its first event; empty for what is not in the log.
    pub(crate) clock: String,
    /// Seconds from the push's first event to the step's first and last.
    pub(crate) span: Option<(i64, i64)>,
    /// What is said under it.
    pub(crate) notes: Vec<Note>,
    /// The events that it is made of, by their place in the push.
    pub(crate) events: Vec<usize>,
    /// Findings that it stands out by, as places in the push's list of them.
    pub(crate) findings: Vec<usize>,
}

/// The kinds of steps: steps of a kind are folded together where there are too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum StepKind {
    /// A login.
    Login,
    /// All checks together.
    Checks,
    /// An upload that came to its end.
    Upload,
    /// An upload that did not.
    OpenUpload,
    /// A manifest accepted.
    Put,
    /// A refused call.
    Refusal,
    /// What is not in the log.
    Absence,
}

/// What a step was.
#[derive(Debug)]
pub(crate) enum Told {
    /// A login, and how many pushes it serves.
    Login { serves: u64 },
    /// All checks.
    Checks { blobs: u64, calls: u64 },
    /// An upload.
    Upload(UploadStep),
    /// A call of an upload that names none.
    Unnamed(Stage),
    /// A manifest accepted.
    Put(PutStep),
    /// A refused call.
    Refusal {
        /// The call, with what it put.
        call: String,
        /// Whether it found its aim reached already.
        is_harmless: bool,
    },
    /// What is not in the log.
    Absence(Absence),
    /// So many more steps of a kind, and the bytes that they moved.
    More {
        kind: StepKind,
        n: u64,
        bytes: Bytes,
    },
}

/// An upload.
#[derive(Debug)]
pub(crate) struct UploadStep {
    /// Whether it did not come to its end.
    pub(crate) is_open: bool,
    /// What was uploaded: `layer 3f29…`, `config …` or, where no digest is known, `upload …`.
    pub(crate) name: String,
    /// Its bytes.
    pub(crate) bytes: Bytes,
    /// How many parts arrived.
    pub(crate) parts: u64,
    /// Bytes of a second; `None` where it took none.
    pub(crate) rate: Option<Bytes>,
}

/// A manifest accepted.
#[derive(Debug)]
pub(crate) struct PutStep {
    /// The call, with the tag or the platform.
    pub(crate) call: String,
    /// The digest, shortened.
    pub(crate) digest: Option<String>,
    /// What it is: `image`, `Helm chart`, `signature`.
    pub(crate) what: Option<String>,
    /// Whether CloudTrail left its content out.
    pub(crate) is_omitted: bool,
}

/// What is not in the log.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Absence {
    /// What was before the log begins.
    LogBegins,
    /// The manifest.
    PutImage,
    /// The index.
    Index,
    /// What came after the log ends.
    LogEnds,
    /// What is in a hole of the log.
    LogHole,
    /// A field.
    Field,
}

/// What is said under a step.
#[derive(Debug)]
pub(crate) enum Note {
    /// The begin of the upload is not in the log.
    NoBegin,
    /// Its end is not.
    NoEnd,
    /// Bytes that no part brought, both ends included.
    Hole(u64, u64),
    /// Why a call was refused.
    Refusal(String),
}

impl Step {
    /// A step that no call of the log is.
    pub(crate) fn beside(told: Told) -> Self {
        Self {
            told,
            clock: String::new(),
            span: None,
            notes: Vec::new(),
            events: Vec::new(),
            findings: Vec::new(),
        }
    }

    /// What kind of step it is.
    pub(crate) fn kind(&self) -> StepKind {
        match &self.told {
            Told::Login { .. } => StepKind::Login,
            Told::Checks { .. } => StepKind::Checks,
            Told::Upload(upload) if !upload.is_open => StepKind::Upload,
            Told::Upload(_) | Told::Unnamed(_) => StepKind::OpenUpload,
            Told::Put(_) => StepKind::Put,
            Told::Refusal { .. } => StepKind::Refusal,
            Told::Absence(_) | Told::More { .. } => StepKind::Absence,
        }
    }
}

impl Told {
    /// How bad it is.
    pub(crate) fn weight(&self) -> Weight {
        match self {
            Self::Refusal {
                is_harmless: true, ..
            } => Weight::Harmless,
            Self::Refusal { .. } => Weight::Bad,
            Self::Absence(absence) => absence.weight(),
            Self::Login { .. }
            | Self::Checks { .. }
            | Self::Upload(_)
            | Self::Unnamed(_)
            | Self::More { .. } => Weight::Plain,
            Self::Put(_) => Weight::Good,
        }
    }

    /// It in short texts, the weightiest first.
    pub(crate) fn texts(&self) -> Vec<String> {
        match self {
            Self::Login { serves } => vec![
                "login (GetAuthorizationToken)".to_owned(),
                format!("serves {}", words::pushes(*serves)),
            ],
            Self::Checks { blobs, calls } => {
                let calls = match calls {
                    1 => String::new(),
                    n => format!(" in {}", words::count(*n, "call")),
                };
                vec![format!("checked {}{calls}", words::count(*blobs, "blob"))]
            }
            Self::Upload(upload) => {
                let mut texts = vec![
                    upload.name.clone(),
                    words::size(upload.bytes),
                    words::count(upload.parts, "part"),
                ];
                texts.extend(upload.rate.map(|rate| format!("{}/s", words::size(rate))));
                texts
            }
            Self::Unnamed(stage) => vec![stage.to_string(), "no uploadId in the log".to_owned()],
            Self::Put(put) => {
                let mut texts = vec![format!("{} accepted", put.call)];
                texts.extend(put.digest.iter().chain(&put.what).cloned());
                texts.extend(put.is_omitted.then(|| "content not in the log".to_owned()));
                texts
            }
            Self::Refusal { call, .. } => vec![format!("{call} refused")],
            Self::Absence(absence) => vec![absence.text().to_owned()],
            Self::More { kind, n, bytes } => {
                let size = match bytes {
                    Bytes(0) => String::new(),
                    bytes => format!(" ({})", words::size(*bytes)),
                };
                vec![format!("{}{size}", words::count(*n, kind.more()))]
            }
        }
    }
}

impl StepKind {
    /// One more of the kind.
    fn more(self) -> &'static str {
        match self {
            Self::Upload => "more upload",
            Self::OpenUpload => "more unfinished upload",
            Self::Put => "more manifest",
            Self::Refusal => "more refused call",
            Self::Login | Self::Checks | Self::Absence => "more call",
        }
    }
}

impl Absence {
    fn weight(self) -> Weight {
        match self {
            Self::PutImage | Self::Index => Weight::Bad,
            Self::LogBegins | Self::LogEnds | Self::LogHole | Self::Field => Weight::Unknown,
        }
    }

    fn text(self) -> &'static str {
        match self {
            Self::LogBegins => "the log begins shortly before",
            Self::PutImage => "no PutImage in the log",
            Self::Index => "no PutImage of an index in the log",
            Self::LogEnds => "the log ends shortly after",
            Self::LogHole => "the log has a hole near here",
            Self::Field => "a field that would tell was left out of the log",
        }
    }
}

impl Note {
    /// How bad it is.
    pub(crate) fn weight(&self) -> Weight {
        match self {
            Self::NoBegin | Self::Hole(..) => Weight::Unknown,
            Self::NoEnd => Weight::Bad,
            Self::Refusal(_) => Weight::Plain,
        }
    }

    /// It in words.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::NoBegin => "its InitiateLayerUpload is not in the log".to_owned(),
            Self::NoEnd => "no CompleteLayerUpload in the log".to_owned(),
            Self::Hole(first, last) => format!(
                "bytes {} to {} are not in the log",
                words::number(*first),
                words::number(*last)
            ),
            Self::Refusal(why) => why.clone(),
        }
    }
}

impl UploadStep {
    /// The name of what was uploaded.
    pub(super) fn named(kind: Option<BlobKind>, digest: Option<&str>, upload: &str) -> String {
        match (digest, kind) {
            (Some(digest), Some(BlobKind::Config)) => format!("config {}", short_digest(digest)),
            (Some(digest), Some(BlobKind::Layer) | None) => {
                format!("layer {}", short_digest(digest))
            }
            (None, _) => format!("upload {}", words::shorten(upload, 11)),
        }
    }
}

/// A digest as people compare them: twelve digits, without the algorithm where that is sha256.
pub(crate) fn short_digest(digest: &str) -> String {
    match digest.split_once(':') {
        Some(("sha256", digits)) => digits.chars().take(12).collect(),
        _ => words::shorten(digest, 20),
    }
}

/// The clock time of an RFC 3339 time, to the second: `09:14:31Z`.
pub(crate) fn clock(time: &str) -> String {
    match time.get(11..19) {
        Some(clock) => format!("{clock}Z"),
        None => time.to_owned(),
    }
}
