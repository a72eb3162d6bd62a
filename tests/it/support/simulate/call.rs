//! One API call of a client, before it becomes a record: what was asked, of whom, by whom, and the answer.
//!
//! A call also carries what no record says: the run that made it and the blob or manifest it was about.

use std::rc::Rc;

use super::clock::Millis;
use super::content::{Digest, Manifest};

/// Which simulated client run a call belongs to.
pub(crate) type RunId = usize;
/// Which login signed it.
pub(crate) type LoginId = usize;
/// Which repository it went to.
pub(crate) type PlaceId = usize;

/// The stages of a push at which a registry can refuse.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Stage {
    Check,
    Initiate,
    Part,
    Complete,
    Put,
}

impl Stage {
    /// The event name.
    pub(crate) fn action(self) -> &'static str {
        match self {
            Stage::Check => "BatchCheckLayerAvailability",
            Stage::Initiate => "InitiateLayerUpload",
            Stage::Part => "UploadLayerPart",
            Stage::Complete => "CompleteLayerUpload",
            Stage::Put => "PutImage",
        }
    }

    /// `reason.kind` of a push that failed here.
    pub(crate) fn failure(self) -> &'static str {
        match self {
            Stage::Check => "check-failed",
            Stage::Initiate => "initiate-failed",
            Stage::Part => "part-failed",
            Stage::Complete => "complete-failed",
            Stage::Put => "put-image-failed",
        }
    }

    /// The error codes of the ECR API that end a push at this stage; those of ECR Public alone are left out.
    pub(crate) fn error_codes(self) -> &'static [&'static str] {
        match self {
            Stage::Check => &[
                "AccessDenied",
                "AccessDeniedException",
                "RepositoryNotFoundException",
                "InvalidParameterException",
                "ServerException",
            ],
            Stage::Initiate => &[
                "AccessDenied",
                "AccessDeniedException",
                "RepositoryNotFoundException",
                "KmsException",
                "InvalidParameterException",
                "ServerException",
            ],
            Stage::Part => &[
                "InvalidLayerPartException",
                "RepositoryNotFoundException",
                "UploadNotFoundException",
                "LimitExceededException",
                "KmsException",
                "InvalidParameterException",
                "ServerException",
            ],
            Stage::Complete => &[
                "RepositoryNotFoundException",
                "UploadNotFoundException",
                "InvalidLayerException",
                "LayerPartTooSmallException",
                "EmptyUploadException",
                "KmsException",
                "InvalidParameterException",
                "ServerException",
            ],
            Stage::Put => &[
                "RepositoryNotFoundException",
                "LayersNotFoundException",
                "ReferencedImagesNotFoundException",
                "LimitExceededException",
                "ImageTagAlreadyExistsException",
                "ImageDigestDoesNotMatchException",
                "KmsException",
                "InvalidParameterException",
                "ServerException",
                "AccessDenied",
            ],
        }
    }
}

/// The codes with which a registry says that the wanted state already holds.
pub(crate) const LAYER_EXISTS: &str = "LayerAlreadyExistsException";
/// See [`LAYER_EXISTS`].
pub(crate) const IMAGE_EXISTS: &str = "ImageAlreadyExistsException";

/// Whether clients give up at once: the answers that their HTTP side sees as 401, 403 or 404.
pub(crate) fn is_final(code: &str) -> bool {
    matches!(
        code,
        "AccessDenied"
            | "AccessDeniedException"
            | "RepositoryNotFoundException"
            | "UnsupportedCommandException"
            | "RegistryNotFoundException"
    )
}

/// What was asked.
#[derive(Clone)]
pub(crate) enum Request {
    Check {
        digests: Vec<Digest>,
    },
    Initiate,
    /// Bounds in bytes, both inclusive.
    Part {
        first: u64,
        last: u64,
    },
    Complete {
        digest: Digest,
    },
    Put {
        manifest: Rc<Manifest>,
        tag: Option<String>,
    },
    /// The login; names no repository.
    Token,
    /// A manifest read, `BatchGetImage`: part of no push.
    Read {
        reference: String,
    },
    /// A layer read, `GetDownloadUrlForLayer`: part of no push.
    Layer {
        digest: Digest,
    },
}

impl Request {
    /// The stage of a push, or nothing for calls that belong to none.
    pub(crate) fn stage(&self) -> Option<Stage> {
        match self {
            Request::Check { .. } => Some(Stage::Check),
            Request::Initiate => Some(Stage::Initiate),
            Request::Part { .. } => Some(Stage::Part),
            Request::Complete { .. } => Some(Stage::Complete),
            Request::Put { .. } => Some(Stage::Put),
            Request::Token | Request::Read { .. } | Request::Layer { .. } => None,
        }
    }

    /// The event name.
    pub(crate) fn action(&self) -> &'static str {
        match self {
            Request::Token => "GetAuthorizationToken",
            Request::Read { .. } => "BatchGetImage",
            Request::Layer { .. } => "GetDownloadUrlForLayer",
            Request::Check { .. } => Stage::Check.action(),
            Request::Initiate => Stage::Initiate.action(),
            Request::Part { .. } => Stage::Part.action(),
            Request::Complete { .. } => Stage::Complete.action(),
            Request::Put { .. } => Stage::Put.action(),
        }
    }
}

/// One call and its answer.
#[derive(Clone)]
pub(crate) struct Call {
    /// When it was answered.
    pub(crate) at: Millis,
    /// Nothing for what belongs to no push.
    pub(crate) run: Option<RunId>,
    pub(crate) login: LoginId,
    /// The repository; of a login the one whose region and service it is for.
    pub(crate) place: PlaceId,
    /// Made to the API itself: the record shows the caller's own key and address.
    pub(crate) is_direct: bool,
    pub(crate) request: Request,
    /// The upload it works on; not known to the log where an Initiate was refused.
    pub(crate) upload: Option<String>,
    /// The blob or manifest that the client had in mind, whatever the log says.
    pub(crate) about: Option<Digest>,
    pub(crate) error_code: Option<&'static str>,
}

impl Call {
    /// Whether the registry now has what the call asked it to take.
    pub(crate) fn holds(&self) -> bool {
        matches!(self.error_code, None | Some(LAYER_EXISTS | IMAGE_EXISTS))
    }
}
