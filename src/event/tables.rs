//! The tables that the ids of events point into.
//!
//! Comes in: values as records spell them. Goes out: one id for each distinct value. Never: an event; a
//! table does not know what points into it.

use indexmap::Equivalent;

use crate::event::{Client, Credential, Digest, Identity, Manifest, Repository, Table, Texts, Uid};
use crate::event::{ClientId, CredentialId, DigestId, FailureId, IdentityId, ManifestId};
use crate::event::{RepositoryId, TextId, UploadId};

/// An error code and its message.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Failure {
    /// `errorCode`.
    pub code: Box<str>,
    /// `errorMessage`.
    pub message: Option<Box<str>>,
}

/// The borrowed fields of a [`Failure`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct FailureProbe<'a> {
    pub(super) code: &'a str,
    pub(super) message: Option<&'a str>,
}

impl FailureProbe<'_> {
    /// The failure with these fields.
    pub(super) fn own(&self) -> Failure {
        Failure {
            code: self.code.into(),
            message: self.message.map(Into::into),
        }
    }
}

impl Equivalent<Failure> for FailureProbe<'_> {
    fn equivalent(&self, owned: &Failure) -> bool {
        self.code == &*owned.code && self.message == owned.message.as_deref()
    }
}

/// The tables that the ids of events point into.
#[derive(Clone, Debug, Default)]
pub struct Tables {
    /// Names, tags, messages and the like.
    pub texts: Texts,
    /// Content digests.
    pub digests: Table<DigestId, Digest>,
    /// `uploadId`s.
    pub uploads: Table<UploadId, Uid>,
    /// `userIdentity` elements.
    pub identities: Table<IdentityId, Identity>,
    /// Logins.
    pub credentials: Table<CredentialId, Credential>,
    /// Addresses and programs.
    pub clients: Table<ClientId, Client>,
    /// Repositories.
    pub repositories: Table<RepositoryId, Repository>,
    /// Manifests, each content once.
    pub manifests: Table<ManifestId, Manifest>,
    /// Error codes with messages.
    pub failures: Table<FailureId, Failure>,
}

impl Tables {
    /// The id of a text.
    pub fn text(&mut self, text: &str) -> TextId {
        self.texts.intern(text, || text.into())
    }
}
