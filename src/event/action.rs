//! The ECR calls that make up a push, with the parameters that the log keeps of each.
//!
//! Request and response fields are side by side, each optional if a log may lack it. Nothing unseen
//! gets a default.

use crate::event::{Bytes, DigestId, ManifestId, TextId, UploadId};

/// A call of the ECR API that is part of a push (Amazon ECR API reference, under these names).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// A login; it names no repository and serves every push of twelve hours.
    GetAuthorizationToken,
    /// A check whether blobs exist.
    BatchCheckLayerAvailability {
        /// The digests asked for, in the order of the request; empty when the parameters are omitted.
        digests: Box<[DigestId]>,
        /// The digests reported `AVAILABLE`; probably never logged, so rarely known.
        available: Field<Box<[DigestId]>>,
    },
    /// The start of an upload.
    InitiateLayerUpload {
        /// From the response; `None` when refused or omitted.
        upload: Option<UploadId>,
        /// From the response, in bytes.
        part_size: Option<u64>,
    },
    /// One part of an upload.
    UploadLayerPart {
        /// From the request, or else from the response.
        upload: Option<UploadId>,
        /// `partFirstByte` and `partLastByte`.
        range: Option<ByteRange>,
        /// `lastByteReceived` of the response.
        last_byte_received: Option<u64>,
    },
    /// The end of an upload.
    CompleteLayerUpload {
        /// From the request, or else from the response.
        upload: Option<UploadId>,
        /// `layerDigests` of the request.
        claimed: Box<[DigestId]>,
        /// `layerDigest` of the response.
        confirmed: Option<DigestId>,
    },
    /// The manifest, with or without a tag.
    PutImage(Box<PutImage>),
}

/// The parameters of a `PutImage`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PutImage {
    /// `imageTag`.
    pub tag: Option<TextId>,
    /// The digest of the manifest, by each source that gives it.
    pub digest: ImageDigest,
    /// The content of `imageManifest`.
    pub manifest: Field<ManifestId>,
    /// `imageManifestMediaType`.
    pub media_type: Option<TextId>,
}

/// The digest of a manifest, by each source that gives it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImageDigest {
    /// `imageDigest` of the request.
    pub claimed: Option<DigestId>,
    /// `imageId.imageDigest` of the response.
    pub confirmed: Option<DigestId>,
    /// The sha256 of the `imageManifest` string.
    pub computed: Option<DigestId>,
}

impl ImageDigest {
    /// The digest to use: the computed one, else the confirmed one, else the claimed one.
    #[must_use]
    pub fn best(self) -> Option<DigestId> {
        self.computed.or(self.confirmed).or(self.claimed)
    }
}

/// A value that the log may lack, and why it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Field<T> {
    /// The record has it.
    Known(T),
    /// The record does not have it.
    Absent,
    /// CloudTrail left it out because of its size.
    Omitted {
        /// `originalSize`, in bytes.
        original_bytes: Option<u64>,
    },
    /// The record has it, but it does not follow its rule.
    Unreadable,
}

impl<T> Field<T> {
    /// The value, if the log has it.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Absent | Self::Omitted { .. } | Self::Unreadable => None,
        }
    }
}

/// A range of bytes of a layer, both ends included and 0-based, as `partFirstByte` and
/// `partLastByte` are (ECR API, `UploadLayerPart`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ByteRange {
    /// The first byte.
    pub first: u64,
    /// The last byte; never before `first`.
    pub last: u64,
}

impl ByteRange {
    /// The number of bytes; at least one.
    #[must_use]
    pub fn len(self) -> Bytes {
        Bytes(self.last.saturating_sub(self.first)) + Bytes(1)
    }
}

/// The stage of a push that an action belongs to; it orders events if nothing else does.
///
/// Each stage is one call of the API; any other call is no part of a push.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Login.
    Authorization,
    /// Check.
    Check,
    /// Start of an upload.
    Initiate,
    /// A part of an upload.
    Part,
    /// End of an upload.
    Complete,
    /// Manifest.
    Manifest,
}

impl Stage {
    /// Every stage, in order.
    pub const ALL: [Self; 6] = [
        Self::Authorization,
        Self::Check,
        Self::Initiate,
        Self::Part,
        Self::Complete,
        Self::Manifest,
    ];

    /// The call of the stage, as `eventName` spells it.
    #[must_use]
    pub const fn call(self) -> &'static str {
        match self {
            Self::Authorization => "GetAuthorizationToken",
            Self::Check => "BatchCheckLayerAvailability",
            Self::Initiate => "InitiateLayerUpload",
            Self::Part => "UploadLayerPart",
            Self::Complete => "CompleteLayerUpload",
            Self::Manifest => "PutImage",
        }
    }

    /// The stage of the call with this name; `None` for a call that is no part of a push.
    #[must_use]
    pub fn of_call(name: &[u8]) -> Option<Self> {
        let mut stages = Self::ALL.into_iter();
        stages.find(|stage| stage.call().as_bytes() == name)
    }
}

impl Action {
    /// The stage of a push that the action belongs to.
    #[must_use]
    pub fn stage(&self) -> Stage {
        match self {
            Self::GetAuthorizationToken => Stage::Authorization,
            Self::BatchCheckLayerAvailability { .. } => Stage::Check,
            Self::InitiateLayerUpload { .. } => Stage::Initiate,
            Self::UploadLayerPart { .. } => Stage::Part,
            Self::CompleteLayerUpload { .. } => Stage::Complete,
            Self::PutImage(_) => Stage::Manifest,
        }
    }

    /// The name of the action, as `eventName` spells it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.stage().call()
    }

    /// The upload that the call names, if it names one.
    #[must_use]
    pub fn upload(&self) -> Option<UploadId> {
        match self {
            Self::InitiateLayerUpload { upload, .. }
            | Self::UploadLayerPart { upload, .. }
            | Self::CompleteLayerUpload { upload, .. } => *upload,
            Self::GetAuthorizationToken
            | Self::BatchCheckLayerAvailability { .. }
            | Self::PutImage(_) => None,
        }
    }

    /// The bytes of an `UploadLayerPart`, if the log has them.
    #[must_use]
    pub fn range(&self) -> Option<ByteRange> {
        let Self::UploadLayerPart { range, .. } = self else {
            return None;
        };
        *range
    }

    /// The parameters of a `PutImage`.
    #[must_use]
    pub fn put(&self) -> Option<&PutImage> {
        let Self::PutImage(put) = self else {
            return None;
        };
        Some(put)
    }

    /// The tag that a `PutImage` asks for.
    #[must_use]
    pub fn tag(&self) -> Option<TextId> {
        self.put()?.tag
    }

    /// The digest that a `CompleteLayerUpload` confirms, or else the one it claims.
    #[must_use]
    pub fn completed_digest(&self) -> Option<DigestId> {
        let Self::CompleteLayerUpload {
            claimed, confirmed, ..
        } = self
        else {
            return None;
        };
        confirmed.or_else(|| claimed.first().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_is_found_by_the_name_of_its_call_alone() {
        for stage in Stage::ALL {
            assert_eq!(Stage::of_call(stage.call().as_bytes()), Some(stage));
        }
        assert!(Stage::ALL.is_sorted());
        for other in [
            "",
            "putimage",
            "PutImages",
            "BatchGetImage",
            "CreateRepository",
        ] {
            assert_eq!(Stage::of_call(other.as_bytes()), None, "{other}");
        }
    }
}
