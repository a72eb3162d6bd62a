//! What an id stands for: `--explain ID`.
//!
//! Comes in: an id as it was typed, or its first digits. Goes out: the pushes and events that have it, or all that begin
//! like it. Never: a choice between several ids; a filter, since the whole log is searched.

use std::cmp::Reverse;

use crate::event::EventId;
use crate::report::other;
use crate::report::parts::{self, Report};

/// The shortest beginning of an id that is looked up.
pub const LEAST_PREFIX: usize = 6;

/// How many letters of an id may have been mistaken.
const MOST_CHANGED: usize = 2;

/// Something that has an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hit {
    /// The push at this position among the sessions.
    Push(usize),
    /// A push event, by its `eventID`.
    Event(EventId),
    /// Another record that was looked for, by its position among those.
    Other(usize),
}

/// The result of looking up an id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// What has the id; several if different records carry it.
    Found(Vec<Hit>),
    /// Things whose ids begin like this, one for each id, sorted by id.
    Ambiguous(Vec<Hit>),
    /// Nothing has the id.
    Absent,
}

/// An id as it was typed, without blanks, capitals, and the `p` that tables put before the id of a push.
fn bare(typed: &str) -> String {
    let typed = typed.trim().to_lowercase();
    let digits = typed.strip_prefix('p').filter(|digits| {
        digits.len() >= LEAST_PREFIX && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
    });
    match digits {
        Some(digits) => digits.to_owned(),
        None => typed,
    }
}

impl Report<'_> {
    /// Looks up an id. One that is typed whole goes before those that only begin like it.
    #[doc(hidden)]
    #[must_use]
    pub fn look_up(&self, wanted: &str) -> Lookup {
        let wanted = bare(wanted);
        let log = self.parts.log;
        let pushes = (0..self.parts.sessions.sessions.len()).map(Hit::Push);
        let events = log.iter().map(|(id, _)| Hit::Event(id));
        let others = (0..log.others.len()).map(Hit::Other);
        let named = pushes
            .chain(events)
            .chain(others)
            .map(|hit| (self.id_of(hit), hit));
        let begins =
            |id: &str| id == wanted || wanted.len() >= LEAST_PREFIX && id.starts_with(&wanted);
        let mut hits: Vec<(String, Hit)> = named.filter(|(id, _)| begins(id)).collect();
        if hits.iter().any(|(id, _)| *id == wanted) {
            hits.retain(|(id, _)| *id == wanted);
        }
        hits.sort();
        let is_one = hits.windows(2).all(|pair| pair[0].0 == pair[1].0);
        if !is_one {
            hits.dedup_by(|one, other| one.0 == other.0);
        }
        let hits: Vec<Hit> = hits.into_iter().map(|(_, hit)| hit).collect();
        match (hits.is_empty(), is_one) {
            (true, _) => Lookup::Absent,
            (false, true) => Lookup::Found(hits),
            (false, false) => Lookup::Ambiguous(hits),
        }
    }

    /// The push or push event whose id is nearest to one that nothing has: equal but for two letters, or the one that
    /// agrees with it for longest.
    ///
    /// # Complexity
    /// O(n) in pushes and events.
    #[doc(hidden)]
    #[must_use]
    pub fn near(&self, wanted: &str) -> Option<Hit> {
        let wanted = bare(wanted);
        let pushes = (0..self.parts.sessions.sessions.len()).map(Hit::Push);
        let events = self.parts.log.iter().map(|(id, _)| Hit::Event(id));
        let near = pushes.chain(events).filter_map(|hit| {
            let id = self.id_of(hit);
            let letters = || wanted.bytes().zip(id.bytes());
            let n_alike = letters().take_while(|(one, other)| one == other).count();
            let n_changed = letters().filter(|(one, other)| one != other).count();
            let n_changed = n_changed + wanted.len().saturating_sub(id.len());
            let is_near = n_alike >= LEAST_PREFIX || n_changed <= MOST_CHANGED;
            is_near.then_some((n_changed, Reverse(n_alike), id, hit))
        });
        near.min().map(|(.., hit)| hit)
    }

    /// What was found, by kind and id: `push 0da9badcb941`, `event 0fa6b3b6-…`.
    #[doc(hidden)]
    #[must_use]
    pub fn name_of(&self, hit: Hit) -> String {
        let kind = match hit {
            Hit::Push(_) => "push",
            Hit::Event(_) | Hit::Other(_) => "event",
        };
        format!("{kind} {}", self.id_of(hit))
    }

    fn id_of(&self, hit: Hit) -> String {
        match hit {
            Hit::Push(position) => self.session_id(position),
            Hit::Event(id) => parts::id_text(self.parts.log, id).to_lowercase(),
            Hit::Other(position) => other::id(self, position).to_lowercase(),
        }
    }
}
