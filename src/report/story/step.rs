//! A step of a push as a person would describe it, and its words.
//!
//! A step has a whole form and one in short texts. Padding, glyphs and colours are a renderer's.

use crate::event::{BlobKind, Bytes, Stage};
use crate::report::row::Weight;
use crate::words;

/// A step of a push; an upload is one step, however many parts it has.
#[derive(Debug)]
pub(crate) struct Step {
    /// What it was.
    pub(crate) told: Told,
    /// The time of its first event; empty if it is not in the log.
    pub(crate) time: String,
    /// Seconds from the push's first event to the step's first and last.
    pub(crate) span: Option<(i64, i64)>,
    /// The notes under it.
    pub(crate) notes: Vec<Note>,
    /// The events that it is made of, by their place in the push.
    pub(crate) events: Vec<usize>,
    /// Findings that mark it, as positions in the push's list of findings.
    pub(crate) findings: Vec<usize>,
}

/// The kinds of steps; if there are too many steps of a kind, they are folded together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum StepKind {
    /// A login.
    Login,
    /// All checks together.
    Checks,
    /// A completed upload.
    Upload,
    /// An upload that was not completed.
    OpenUpload,
    /// An accepted manifest.
    Put,
    /// A refused call.
    Refusal,
    /// Something that is not in the log.
    Absence,
}

/// What a step is.
#[derive(Debug)]
pub(crate) enum Told {
    /// A login, and how many pushes it serves.
    Login { serves: u64 },
    /// All checks together.
    Checks { blobs: u64, calls: u64 },
    /// An upload.
    Upload(UploadStep),
    /// A call of an upload that does not name the upload.
    Unnamed(Stage),
    /// An accepted manifest.
    Put(PutStep),
    /// A refused call.
    Refusal {
        /// The call, with what it put.
        call: String,
        /// Whether its error message was told before.
        is_repeated: bool,
        /// Whether what it asked for was there already.
        is_harmless: bool,
    },
    /// Something that is not in the log.
    Absence(Absence),
    /// This many more steps of a kind, and the bytes that they moved.
    More {
        kind: StepKind,
        n: u64,
        bytes: Bytes,
    },
}

/// An upload.
#[derive(Debug)]
pub(crate) struct UploadStep {
    /// Whether it was not completed.
    pub(crate) is_open: bool,
    /// What was uploaded: `layer 3f29…`, `config …` or, if no digest is known, `upload …`.
    pub(crate) name: String,
    /// Its bytes.
    pub(crate) bytes: Bytes,
    /// How many parts arrived.
    pub(crate) parts: u64,
    /// Bytes per second; `None` if it took no time.
    pub(crate) rate: Option<Bytes>,
}

/// An accepted manifest.
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

/// Something that is not in the log.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Absence {
    /// Calls before the log begins.
    LogBegins,
    /// The manifest.
    PutImage,
    /// The index.
    Index,
    /// Calls after the log ends.
    LogEnds,
    /// Calls in a hole of the log.
    LogHole,
    /// A field.
    Field,
}

/// A note under a step.
#[derive(Debug)]
pub(crate) enum Note {
    /// The start is not in the log.
    NoBegin,
    /// The end is not in the log.
    NoEnd,
    /// Bytes that no part brought, both ends included.
    Hole(u64, u64),
    /// Why a call was refused.
    Refusal(String),
}

impl Step {
    /// A step that is not made of calls in the log.
    pub(crate) fn beside(told: Told) -> Self {
        Self {
            told,
            time: String::new(),
            span: None,
            notes: Vec::new(),
            events: Vec::new(),
            findings: Vec::new(),
        }
    }

    /// The kind of step.
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

    /// The step in short texts, the most important first.
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
            Self::Refusal {
                call, is_repeated, ..
            } => vec![match is_repeated {
                true => format!("{call} refused in the same words"),
                false => format!("{call} refused"),
            }],
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
    /// The words for one more of the kind.
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

    /// The note in words.
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

/// A short digest, as people compare them: twelve digits, without the algorithm if it is sha256.
pub(crate) fn short_digest(digest: &str) -> String {
    match digest.split_once(':') {
        Some(("sha256", digits)) => digits.chars().take(12).collect(),
        _ => words::shorten(digest, 20),
    }
}
