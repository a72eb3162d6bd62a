//! RECORD -> EVENT: what CloudTrail says of one call, typed.
//!
//! Comes in: the text of one record. Goes out: an [`Event`] of compact fields, and the tables that
//! its ids point into. Never: a conclusion that needs a second record.

pub mod action;
pub mod assume;
pub mod bytes;
pub mod caller;
pub mod content;
pub mod deed;
pub mod digest;
pub mod identity;
pub mod intern;
pub mod log;
pub mod manifest;
pub mod merge;
pub mod nature;
pub mod other;
pub mod parse;
pub mod read;
pub mod redact;
pub mod repository;
pub mod second;
pub mod tables;
mod time;
pub mod uid;
pub mod union;
mod wire;

use chrono::{DateTime, Utc};

pub use action::{Action, ByteRange, Field, ImageDigest, PutImage, Stage};
pub use bytes::Bytes;
pub use caller::Callers;
pub use content::{Mark, content};
pub use deed::{Deed, Param, ParamKind};
pub use digest::Digest;
pub use identity::{Backing, Client, Credential, Identity, Principal, PrincipalKey, Speaker};
pub use intern::{Id, IdMap, IdSet, OrderedMap, Table};
pub use log::EventLog;
pub use manifest::{Attested, BlobKind, Descriptor, Manifest, ManifestKind};
pub use other::{OtherEvent, ReadAs, Twin};
pub use parse::{Defect, Fault, Parsed, Stamp};
pub use parse::{is_read, parse, parse_first, parse_other, stamp};
pub use read::{Fetch, FetchCall, FetchTarget, Pulls};
pub use redact::{Class, Pseudonyms};
pub use repository::{Repository, Service};
pub use second::{Second, Seconds};
pub use tables::{Failure, Tables};
pub use uid::Uid;

use crate::location::RecordAt;
use intern::id_type;

id_type! {
    /// An event's rank in the log's canonical order.
    pub EventId
}
id_type! {
    /// A text that occurs in the log: a name, an address, a tag, a message.
    pub TextId
}
id_type! {
    /// A content digest.
    pub DigestId
}
id_type! {
    /// An `uploadId`.
    pub UploadId
}
id_type! {
    /// A `userIdentity`, as one form of record shows it.
    pub IdentityId
}
id_type! {
    /// A login: access key and creation date.
    pub CredentialId
}
id_type! {
    /// A caller's address and program.
    pub ClientId
}
id_type! {
    /// A repository of a registry.
    pub RepositoryId
}
id_type! {
    /// A manifest's content.
    pub ManifestId
}
id_type! {
    /// An error code with its message.
    pub FailureId
}

/// Interned texts.
pub type Texts = Table<TextId, Box<str>>;

/// Which side recorded a call (CloudTrail record contents, `eventCategory`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category {
    /// The service that was called.
    #[default]
    Management,
    /// The VPC endpoint that the call passed through: a second record, with its own `eventID`.
    NetworkActivity,
}

/// One recorded call of the ECR API that can be part of a push.
#[derive(Clone, Debug)]
pub struct Event {
    /// `eventTime`: when the request completed, usually to the second.
    pub time: DateTime<Utc>,
    /// `eventID`.
    pub event_id: Uid,
    /// `requestID`.
    pub request_id: Option<Uid>,
    /// `sharedEventID`: equal on the records of one call that were delivered to two accounts.
    pub shared_event_id: Option<TextId>,
    /// `addendum.originalEventID`: the record amends the one with that `eventID`.
    pub amends: Option<TextId>,
    /// Which side recorded the call.
    pub category: Category,
    /// The call and its parameters.
    pub action: Action,
    /// `errorCode` and `errorMessage` of a refused call.
    pub failure: Option<FailureId>,
    /// Who called.
    pub identity: IdentityId,
    /// The login used.
    pub credential: CredentialId,
    /// The caller's address and program.
    pub client: ClientId,
    /// ECR or ECR Public.
    pub service: Service,
    /// The repository; `None` if no field of the record names one.
    pub repository: Option<RepositoryId>,
    /// `recipientAccountId`: whose trail recorded the call; empty text when absent.
    pub recipient: TextId,
    /// `awsRegion`; empty text when absent.
    pub region: TextId,
    /// The record it was read from.
    pub at: RecordAt,
}

impl Event {
    /// Whether the call was granted.
    #[must_use]
    pub fn succeeded(&self) -> bool {
        self.failure.is_none()
    }
}
