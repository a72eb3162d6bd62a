//! The callers met before, known again by the text of their `userIdentity`.
//!
//! Comes in: the text of a `userIdentity` with what was read of it. Goes out: the same for an equal
//! text, and what else the last record said of its call. Never: more than a fixed number of them, or
//! an answer for a text that differs in a byte.
//!
//! The element is half of a push's record, and all records of a push repeat it byte for byte.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;

use crate::event::intern::Recent;
use crate::event::{ClientId, CredentialId, IdentityId, TextId};

/// Callers that are remembered; one that falls on another's place takes it.
const PLACES: usize = 1024;

/// The longest text that is remembered, so that all together take a few megabytes at most.
const MAX_BYTES: usize = 4096;

/// The first bytes of a text, by which its place is found; they reach past role and session name.
const HEAD_BYTES: usize = 224;

/// What a `userIdentity` was found to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct KnownCaller {
    /// Who called.
    pub(super) identity: IdentityId,
    /// With which login.
    pub(super) credential: CredentialId,
    /// `invokedBy`.
    pub(super) invoked_by: Option<TextId>,
    /// `accountId`.
    pub(super) account: Option<TextId>,
}

/// The callers met before.
#[derive(Clone, Debug, Default)]
pub struct Callers {
    places: Vec<Option<(Box<str>, KnownCaller)>>,
    pub(super) client: Recent<ClientId>,
    pub(super) recipient: Recent<TextId>,
    pub(super) region: Recent<TextId>,
}

impl Callers {
    /// The caller that `text` begins with, and the length of its element.
    ///
    /// What is remembered is a whole JSON object, and no such object begins another.
    pub(super) fn find(&self, text: &str) -> Option<(usize, KnownCaller)> {
        let (known, caller) = self.places.get(place(text))?.as_ref()?;
        text.starts_with(&**known).then_some((known.len(), *caller))
    }

    /// Remembers a caller by the text of its element, unless that is short enough to be read again.
    pub(super) fn remember(&mut self, text: &str, caller: KnownCaller) {
        if !(HEAD_BYTES..=MAX_BYTES).contains(&text.len()) {
            return;
        }
        self.places.resize(PLACES, None);
        self.places[place(text)] = Some((text.into(), caller));
    }
}

fn place(text: &str) -> usize {
    let head = &text.as_bytes()[..text.len().min(HEAD_BYTES)];
    let hash = FixedState::with_seed(0).hash_one(head);
    usize::try_from(hash % PLACES as u64).expect("below the number of places")
}
