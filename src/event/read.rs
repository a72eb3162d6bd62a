//! RECORD -> READ: a call that takes an image, or part of one, out of a registry.
//!
//! Comes in: an `eventName`, and what a record says. Goes out: one read of one image or layer, in as few bytes as it
//! needs, since a log holds more of them than of all other calls together. Never: a read of ECR Public, which records none.

use chrono::{DateTime, Utc};

use crate::event::{ClientId, CredentialId, DigestId, FailureId, IdentityId, RepositoryId};
use crate::event::{TextId, Uid};
use crate::location::RecordAt;

/// Whether to read the calls that take images; they are most of ECR's records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pulls {
    /// Leave them out.
    #[default]
    Ignored,
    /// Read them.
    Read,
}

/// A call that takes something (Amazon ECR API reference, under these names).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FetchCall {
    /// Manifests, by tag or digest.
    BatchGetImage,
    /// The address from which a layer can be fetched.
    GetDownloadUrlForLayer,
}

impl FetchCall {
    /// Every call.
    pub const ALL: [Self; 2] = [Self::BatchGetImage, Self::GetDownloadUrlForLayer];

    /// The name, as `eventName` spells it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::BatchGetImage => "BatchGetImage",
            Self::GetDownloadUrlForLayer => "GetDownloadUrlForLayer",
        }
    }

    /// The call with this name; `None` for any other.
    #[must_use]
    pub fn of_call(name: &[u8]) -> Option<Self> {
        let mut calls = Self::ALL.into_iter();
        calls.find(|call| call.name().as_bytes() == name)
    }
}

/// What a read asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FetchTarget {
    /// A manifest.
    Image {
        /// `imageTag`.
        tag: Option<TextId>,
        /// `imageDigest`.
        digest: Option<DigestId>,
    },
    /// A layer; `None` if the record does not name it.
    Layer(Option<DigestId>),
}

impl FetchTarget {
    /// The call that asks for this.
    #[must_use]
    pub fn call(self) -> FetchCall {
        match self {
            Self::Image { .. } => FetchCall::BatchGetImage,
            Self::Layer(_) => FetchCall::GetDownloadUrlForLayer,
        }
    }
}

/// One image or layer that was asked for; a `BatchGetImage` of several images is as many reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetch {
    /// `eventTime`.
    pub time: DateTime<Utc>,
    /// `eventID`.
    pub event_id: Uid,
    /// `sharedEventID`: equal on the records of one call that were delivered to two accounts.
    pub shared_event_id: Option<TextId>,
    /// What was asked for.
    pub wanted: FetchTarget,
    /// `errorCode` and `errorMessage` of a refused call.
    pub failure: Option<FailureId>,
    /// Who called.
    pub identity: IdentityId,
    /// The login used.
    pub credential: CredentialId,
    /// The caller's address and program.
    pub client: ClientId,
    /// The repository; `None` if no field of the record names one.
    pub repository: Option<RepositoryId>,
    /// `recipientAccountId`; empty text when absent.
    pub recipient: TextId,
    /// `awsRegion`; empty text when absent.
    pub region: TextId,
    /// The record it was read from.
    pub at: RecordAt,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_found_by_its_name_alone() {
        for call in FetchCall::ALL {
            assert_eq!(FetchCall::of_call(call.name().as_bytes()), Some(call));
        }
        for other in ["", "PutImage", "batchgetimage", "BatchGetImages"] {
            assert_eq!(FetchCall::of_call(other.as_bytes()), None, "{other}");
        }
    }

    #[test]
    fn a_read_takes_few_bytes() {
        // A pull is three or four reads.
        assert!(size_of::<Fetch>() <= 96, "{}", size_of::<Fetch>());
    }
}
