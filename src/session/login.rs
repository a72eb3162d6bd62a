//! What a record shows of a login: access key and creation date, each if present.
//!
//! Comes in: a credential. Goes out: the traits it shows, and parts of them. Never: a guess at a
//! trait that is not shown.

use chrono::{DateTime, Utc};

use crate::event::Credential;

/// What a record shows of a login, or what a login is looked up by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct LoginTraits<'a> {
    access_key_id: Option<&'a str>,
    created: Option<DateTime<Utc>>,
}

/// The parts, by whether they have key and creation date: all first, none last.
pub(super) const PARTS: [(bool, bool); 4] =
    [(true, true), (true, false), (false, true), (false, false)];

impl<'a> LoginTraits<'a> {
    /// Everything that a credential shows.
    pub(super) fn of(credential: &'a Credential) -> Self {
        Self {
            access_key_id: credential.access_key_id.as_deref(),
            created: credential.created,
        }
    }

    /// The part with the key, the creation date, both or neither.
    pub(super) fn part(self, (key, created): (bool, bool)) -> Self {
        Self {
            access_key_id: self.access_key_id.filter(|_| key),
            created: self.created.filter(|_| created),
        }
    }

    /// Whether key and creation date are shown.
    pub(super) fn shown(self) -> (bool, bool) {
        (self.access_key_id.is_some(), self.created.is_some())
    }
}
