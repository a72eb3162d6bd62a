//! Lanes: the events of one login, as far as the log shows logins.
//!
//! Comes in: the credentials of a party's events at one repository. Goes out: one lane for each login,
//! and for each event the lane it must be in, or the lanes it may be in. Never: a login of another
//! party.

use crate::event::intern::id_type;
use crate::event::{Credential, CredentialId, EventLog, IdMap};
use crate::graph::index::PushCall;
use crate::session::login::{LoginTraits, PARTS};
use crate::session::own::id_vec::IdVec;

id_type! {
    /// A login of a party at one repository.
    pub(super) Lane
}

/// What is known about a lane.
#[derive(Clone, Copy, Debug)]
struct LaneRow {
    /// Whether the lane holds events that show too little of their login to identify it.
    vague: bool,
    /// Another lane that an upload proved to belong to the same run, whose login was renewed.
    joined: Option<Lane>,
}

/// The lanes of one repository.
#[derive(Clone, Debug, Default)]
pub(super) struct Lanes {
    rows: IdVec<Lane, LaneRow>,
}

/// The lane of every credential that one party used at one repository.
#[derive(Clone, Debug)]
pub(super) struct CredentialLanes {
    /// By credential.
    lanes: Vec<(CredentialId, Lane)>,
    /// The last answer, since a push has many calls of one credential in a row.
    latest: Option<(CredentialId, Lane)>,
}

impl CredentialLanes {
    /// Sorts the credentials of one party's calls into lanes.
    ///
    /// A credential that shows all of its login has its own lane. One that shows only a part is in the
    /// only lane whose login fits, or else in the vague lane.
    pub(super) fn new(log: &EventLog, calls: &[PushCall]) -> (Self, Lanes) {
        let mut shown: Vec<CredentialId> = calls.iter().map(|call| call.credential).collect();
        // A push has many calls of one credential in a row, so few are left to sort.
        shown.dedup();
        shown.sort_unstable();
        shown.dedup();
        let mut lanes = Lanes::default();
        let credential = |id: CredentialId| log.tables.credentials.get(id);
        // A key belongs to one login at a time, and its creation date distinguishes renewals of one
        // key.
        let is_whole = |&id: &CredentialId| {
            let shown = credential(id);
            shown.access_key_id.is_some() && (shown.created.is_some() || is_long_lived(shown))
        };
        let mut known: Vec<(CredentialId, Lane)> = Vec::with_capacity(shown.len());
        for &id in shown.iter().filter(|id| is_whole(id)) {
            known.push((id, lanes.add(false)));
        }
        if known.len() < shown.len() {
            // A part that two logins share identifies neither.
            let mut fitting: IdMap<LoginTraits<'_>, Option<Lane>> = IdMap::default();
            for &(id, lane) in &known {
                let whole = LoginTraits::of(credential(id));
                // Its records may show any part of the login but the whole.
                for part in &PARTS[1..] {
                    let entry = fitting.entry(whole.part(*part)).or_insert(Some(lane));
                    if *entry != Some(lane) {
                        *entry = None;
                    }
                }
            }
            let mut vague: IdMap<Option<LoginTraits<'_>>, Lane> = IdMap::default();
            for &id in shown.iter().filter(|id| !is_whole(id)) {
                let part = LoginTraits::of(credential(id));
                let lane = match fitting.get(&part) {
                    Some(Some(lane)) => *lane,
                    // Nothing else of that login is in view, so this is all that is known about it.
                    None if part != LoginTraits::default() => {
                        *vague.entry(Some(part)).or_insert_with(|| lanes.add(false))
                    }
                    Some(None) | None => *vague.entry(None).or_insert_with(|| lanes.add(true)),
                };
                known.push((id, lane));
            }
            known.sort_unstable();
        }
        // A sign-in outlives its keys, which are renewed every few minutes (aws login).
        lanes.join_sign_ins(&known, credential);
        let callers = Self {
            lanes: known,
            latest: None,
        };
        (callers, lanes)
    }

    /// The lane of a call's credential, which must be one of those that this was made for.
    ///
    /// # Complexity
    /// O(log c) for c credentials, O(1) for the one asked for before.
    pub(super) fn lane(&mut self, call: &PushCall) -> Lane {
        match self.latest {
            Some((credential, lane)) if credential == call.credential => lane,
            _ => {
                let found = self
                    .lanes
                    .binary_search_by_key(&call.credential, |row| row.0);
                let found = self.lanes[found.expect("every credential was given a lane")];
                self.latest = Some(found);
                found.1
            }
        }
    }
}

impl Lanes {
    fn add(&mut self, vague: bool) -> Lane {
        self.rows.push(LaneRow {
            vague,
            joined: None,
        })
    }

    /// Joins the lanes of each sign-in, since its keys are renewed while a run continues.
    fn join_sign_ins<'a>(
        &mut self,
        known: &[(CredentialId, Lane)],
        credential: impl Fn(CredentialId) -> &'a Credential,
    ) {
        let mut first: IdMap<&str, Lane> = IdMap::default();
        for &(id, lane) in known {
            if let Some(sign_in) = credential(id).sign_in_session.as_deref() {
                let first = *first.entry(sign_in).or_insert(lane);
                self.join(first, lane);
            }
        }
    }

    /// The lane that a lane was joined to, or itself.
    pub(super) fn resolve(&self, mut lane: Lane) -> Lane {
        while let Some(next) = self.rows[lane].joined {
            lane = next;
        }
        lane
    }

    /// The lane that a lane was joined to. Lanes on the way are joined to it directly, so that no chain
    /// grows long.
    fn shorten(&mut self, mut lane: Lane) -> Lane {
        let last = self.resolve(lane);
        while let Some(next) = self.rows[lane].joined {
            self.rows[lane].joined = Some(last);
            lane = next;
        }
        last
    }

    /// Notes that one run used both lanes.
    pub(super) fn join(&mut self, a: Lane, b: Lane) {
        let (a, b) = (self.shorten(a), self.shorten(b));
        let (low, high) = (a.min(b), a.max(b));
        let low_row = self.rows[low];
        if low == high {
            return;
        }
        // A vague lane is joined to a known one, not the reverse.
        let (kept, given) = if low_row.vague {
            (high, low)
        } else {
            (low, high)
        };
        // A vague lane is never joined, since its other events may belong to any login.
        if !self.rows[given].vague {
            self.rows[given].joined = Some(kept);
        }
    }

    /// Whether the lane's events may belong to any login of the party.
    pub(super) fn is_vague(&self, lane: Lane) -> bool {
        self.rows[lane].vague
    }

    /// Whether some events may belong to any login of the party.
    pub(super) fn any_vague(&self) -> bool {
        self.rows.iter().any(|row| row.vague)
    }

    /// Whether two lanes may be the same login.
    pub(super) fn compatible(&self, a: Lane, b: Lane) -> bool {
        a == b || self.is_vague(a) || self.is_vague(b)
    }
}

/// A user's long-lived key has no creation date to show (observed on direct calls).
fn is_long_lived(credential: &Credential) -> bool {
    credential
        .access_key_id
        .as_deref()
        .is_some_and(|key| key.starts_with("AKIA"))
}
