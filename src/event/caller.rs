//! Callers seen before, recognised by the text of their `userIdentity`.
//!
//! Comes in: the text of a `userIdentity` with what was parsed from it. Goes out: the parsed values
//! for an equal text, and what else the last record said about its call. Never: more than a fixed
//! number of callers, or an answer for a text that differs in a byte.
//!
//! This element is half of a push's record, and all records of a push repeat it byte for byte.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;

use crate::event::intern::Recent;
use crate::event::{ClientId, CredentialId, IdentityId, TextId};

/// How many callers are remembered; one with the place of another replaces it.
const PLACES: usize = 1024;

/// The longest text that is remembered, so that all of them take a few megabytes at most.
const MAX_BYTES: usize = 4096;

/// The first bytes of a text, which determine its place; they include role and session name.
const HEAD_BYTES: usize = 224;

/// The parsed content of a `userIdentity`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct KnownCaller {
    /// Who called.
    pub(super) identity: IdentityId,
    /// The login used.
    pub(super) credential: CredentialId,
    /// `invokedBy`.
    pub(super) invoked_by: Option<TextId>,
    /// `accountId`.
    pub(super) account: Option<TextId>,
}

/// The callers seen before.
#[derive(Clone, Debug, Default)]
pub struct Callers {
    places: Vec<Option<(Box<str>, KnownCaller)>>,
    pub(super) client: Recent<ClientId>,
    pub(super) recipient: Recent<TextId>,
    pub(super) region: Recent<TextId>,
}

impl Callers {
    /// The caller at the start of `text`, and the length of its element.
    ///
    /// Every remembered text is a whole JSON object, and no such object is the start of another.
    pub(super) fn find(&self, text: &str) -> Option<(usize, KnownCaller)> {
        let (known, caller) = self.places.get(place(text))?.as_ref()?;
        text.starts_with(&**known).then_some((known.len(), *caller))
    }

    /// Remembers a caller by the text of its element, unless that is short enough to be parsed
    /// again.
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
