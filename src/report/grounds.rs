//! Why the events of a push are in it, and why it has its login: `--explain PUSH`.
//!
//! Comes in: a push. Goes out: its row, and what the log shows of its login and of the logins considered beside it. Never:
//! a reason that is not in the log.

use crate::event::EventId;
use crate::graph::Strength;
use crate::report::event;
use crate::report::parts::Report;
use crate::report::row::EventRow;
use crate::report::row::{SessionRow, Text};
use crate::report::session;
use crate::session::{Link, Session};

/// A push, and what speaks for its login.
#[derive(Debug)]
pub struct GroundsRow<'a> {
    /// The push, whose events carry their evidence.
    pub push: SessionRow<'a>,
    /// Its login, if it is known.
    pub login: Option<LoginGroundsRow<'a>>,
}

/// A login, and what speaks for it.
#[derive(Debug)]
pub struct LoginGroundsRow<'a> {
    /// The login.
    pub login: EventRow<'a>,
    /// How sure it is.
    pub strength: Strength,
    /// How many pushes it serves.
    pub serves: u64,
    /// Seconds from the login to the push's first event; negative if the login is later.
    pub before_s: i64,
    /// The access key, if the login and the calls of the push show the same one.
    pub same_key: Option<Text<'a>>,
    /// Seconds from the creation of the key that the calls show to the login; `None` if they show no such time.
    pub after_creation_s: Option<i64>,
    /// Other logins that it could have been.
    pub others: Vec<EventRow<'a>>,
}

impl<'a> Report<'a> {
    /// Why the events of the push at a position are in it.
    #[doc(hidden)]
    #[must_use]
    pub fn grounds(&self, position: usize) -> GroundsRow<'a> {
        let session = &self.parts.sessions.sessions[position];
        let link = session.authorization.as_ref();
        GroundsRow {
            push: session::row(self, position),
            login: link.map(|link| self.login_grounds(session, link)),
        }
    }

    fn login_grounds(&self, session: &Session, link: &Link) -> LoginGroundsRow<'a> {
        let log = self.parts.log;
        let row = |id: EventId| event::row(&self.parts, id);
        let (at, login) = (log.event(link.event).time, row(link.event));
        let shown = session.credentials.iter();
        let mut shown = shown.map(|&id| log.tables.credentials.get(id));
        let key = login.access_key_id.clone();
        let key = key.filter(|key| {
            let mut keys = shown.clone().map(|shown| shown.access_key_id.as_deref());
            keys.any(|shown| shown == Some(&**key))
        });
        LoginGroundsRow {
            strength: link.strength,
            serves: self
                .parts
                .sessions
                .served
                .get(&link.event)
                .copied()
                .unwrap_or_default(),
            before_s: (session.first - at).num_seconds(),
            same_key: key,
            after_creation_s: shown
                .find_map(|shown| shown.created)
                .map(|created| (at - created).num_seconds()),
            others: link.alternatives.iter().map(|&id| row(id)).collect(),
            login,
        }
    }
}
