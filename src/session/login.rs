//! What a record shows of a login: access key and creation date, each as far as it is there.
//!
//! Comes in: a credential. Goes out: what it shows, and the parts of that. Never: a guess at the part
//! that is not shown.

use chrono::{DateTime, Utc};

use crate::event::Credential;

/// What a record shows of a login, or what a login is asked for by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct LoginTraits<'a> {
    access_key_id: Option<&'a str>,
    created: Option<DateTime<Utc>>,
}

/// Which traits a part has, key and creation date: the whole first, nothing last.
pub(super) const PARTS: [(bool, bool); 4] =
    [(true, true), (true, false), (false, true), (false, false)];

impl<'a> LoginTraits<'a> {
    /// All that a credential shows.
    pub(super) fn of(credential: &'a Credential) -> Self {
        Self {
            access_key_id: credential.access_key_id.as_deref(),
            created: credential.created,
        }
    }

    /// The part of it with the key, with the creation date, with both or with none.
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
