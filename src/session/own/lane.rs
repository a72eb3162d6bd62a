//! Lanes: the events of one login, as far as the log shows logins.
//!
//! Comes in: the identities and credentials of a repository's events. Goes out: one lane a login,
//! and for each event the lane it must be, or the lanes it may be. Never: a comparison of whole
//! `userIdentity` objects; one principal shows itself in several forms.

use chrono::{DateTime, Utc};

use crate::event::intern::id_type;
use crate::event::{Credential, CredentialId, EventLog, Id, IdMap, IdentityId, Speaker};
use crate::graph::index::Call;

id_type! {
    /// A principal: account, and arn or principal id.
    pub PrincipalId
}

/// The principal of every identity in the log.
#[derive(Clone, Debug, Default)]
pub struct Principals {
    of_identity: Vec<PrincipalId>,
    n_principals: usize,
}

impl Principals {
    /// Tells which identities are forms of one principal: those with one arn, and those without an
    /// arn whose principal id is that of exactly one arn.
    ///
    /// The principal id alone does not do: it may be masked, and then many share it.
    #[must_use]
    pub fn new(log: &EventLog) -> Self {
        let identities = &log.tables.identities;
        let mut numbers: IdMap<&str, PrincipalId> = IdMap::default();
        numbers.reserve(identities.len());
        let mut arns_of_id: IdMap<&str, Option<&str>> = IdMap::default();
        for (_, identity) in identities.iter() {
            if let (Some(id), Some(arn)) = (&identity.principal_id, &identity.arn) {
                let entry = arns_of_id.entry(id).or_insert(Some(arn));
                if *entry != Some(arn) {
                    *entry = None;
                }
            }
        }
        let ids = identities.iter().map(|(_, identity)| {
            let by_id = || {
                arns_of_id
                    .get(identity.principal_id.as_deref()?)
                    .copied()
                    .flatten()
            };
            let name = (identity.arn.as_deref().or_else(by_id))
                .or(identity.principal_id.as_deref())
                .or(identity.account.as_deref())
                .unwrap_or_default();
            let next = PrincipalId::from_index(numbers.len());
            *numbers.entry(name).or_insert(next)
        });
        Self {
            of_identity: ids.collect(),
            n_principals: numbers.len(),
        }
    }

    /// The principal of an identity.
    #[must_use]
    pub fn of(&self, identity: IdentityId) -> PrincipalId {
        self.of_identity[identity.index()]
    }

    /// The number of principals.
    #[must_use]
    pub fn count(&self) -> usize {
        self.n_principals
    }
}

/// A login of a principal at one repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Lane(u32);

/// What is known of a lane.
#[derive(Clone, Copy, Debug)]
struct LaneRow {
    party: Party,
    /// The lane stands for events that show too little of their login to tell which it is.
    vague: bool,
    /// Another lane that an upload proved to be the same run's, its login renewed on the way.
    joined: Option<Lane>,
}

/// The lanes of one repository.
#[derive(Clone, Debug, Default)]
pub(super) struct Lanes {
    rows: Vec<LaneRow>,
}

/// A principal by one kind of program: a direct call of the CLI and a registry client's call are
/// never of one run, though one key may be used by both at once.
pub(super) type Party = (PrincipalId, Speaker);

/// Who called: a party with a login, as a call shows it.
type Caller = (Party, CredentialId);

/// The lane of every caller of one repository.
#[derive(Clone, Debug)]
pub(super) struct Callers<'a> {
    principals: &'a Principals,
    /// By caller.
    lanes: Vec<(Caller, Lane)>,
    /// The caller that was asked for last: a push is many calls of one in a row.
    latest: usize,
}

impl<'a> Callers<'a> {
    /// Sorts the callers of some calls into lanes.
    ///
    /// A caller that shows all of its login has a lane of its own. One that shows a part of it is
    /// of the only lane whose login fits, else of the party's vague lane.
    pub(super) fn new(log: &EventLog, principals: &'a Principals, calls: &[Call]) -> (Self, Lanes) {
        let caller = |call: &Call| caller(principals, call);
        let mut callers: Vec<Caller> = calls.iter().map(caller).collect();
        // A push is many calls of one caller in a row, so few are left to sort.
        callers.dedup();
        callers.sort_unstable();
        callers.dedup();
        let mut lanes = Lanes::default();
        let credential = |id: CredentialId| log.tables.credentials.get(id);
        let is_whole = |&(_, id): &Caller| {
            let shown = credential(id);
            shown.access_key_id.is_some() && (shown.created.is_some() || is_long_lived(shown))
        };
        let mut of_caller: Vec<(Caller, Lane)> = Vec::with_capacity(callers.len());
        for &caller in callers.iter().filter(|caller| is_whole(caller)) {
            of_caller.push((caller, lanes.add(caller.0, false)));
        }
        if of_caller.len() < callers.len() {
            let mut fitting: IdMap<(Party, Shown<'_>), Option<Lane>> = IdMap::default();
            for &((party, id), lane) in &of_caller {
                for part in Shown::parts(credential(id)) {
                    let entry = fitting.entry((party, part)).or_insert(Some(lane));
                    if *entry != Some(lane) {
                        *entry = None;
                    }
                }
            }
            let mut vague: IdMap<(Party, Option<Shown<'_>>), Lane> = IdMap::default();
            for &(party, id) in callers.iter().filter(|caller| !is_whole(caller)) {
                let shown = Shown::of(credential(id));
                let lane = match fitting.get(&(party, shown)) {
                    Some(Some(lane)) => *lane,
                    // Nothing else of that login is in view, so what it shows is all there is to it.
                    None if shown != Shown::default() => *vague
                        .entry((party, Some(shown)))
                        .or_insert_with(|| lanes.add(party, false)),
                    Some(None) | None => *vague
                        .entry((party, None))
                        .or_insert_with(|| lanes.add(party, true)),
                };
                of_caller.push(((party, id), lane));
            }
            of_caller.sort_unstable();
        }
        lanes.join_sign_ins(&of_caller, credential);
        let callers = Self {
            principals,
            lanes: of_caller,
            latest: 0,
        };
        (callers, lanes)
    }

    /// The lane of the caller of a call, one of those that this was made for.
    ///
    /// # Complexity
    /// O(log c) for c callers, O(1) for the caller that was asked for before.
    pub(super) fn lane(&mut self, call: &Call) -> Lane {
        let caller = caller(self.principals, call);
        if self.lanes[self.latest].0 != caller {
            let found = self.lanes.binary_search_by_key(&caller, |row| row.0);
            self.latest = found.expect("every caller was given a lane");
        }
        self.lanes[self.latest].1
    }
}

fn caller(principals: &Principals, call: &Call) -> Caller {
    let party = (principals.of(call.identity), call.speaker);
    (party, call.credential)
}

impl Lanes {
    fn add(&mut self, party: Party, vague: bool) -> Lane {
        let lane = Lane(u32::try_from(self.rows.len()).expect("fewer lanes than events"));
        self.rows.push(LaneRow {
            party,
            vague,
            joined: None,
        });
        lane
    }

    /// Joins the lanes of each sign-in: its keys are renewed while a run goes on.
    fn join_sign_ins<'a>(
        &mut self,
        of_caller: &[(Caller, Lane)],
        credential: impl Fn(CredentialId) -> &'a Credential,
    ) {
        let mut first: IdMap<(Party, &str), Lane> = IdMap::default();
        for &((party, id), lane) in of_caller {
            if let Some(sign_in) = credential(id).sign_in_session.as_deref() {
                let first = *first.entry((party, sign_in)).or_insert(lane);
                self.join(first, lane);
            }
        }
    }

    /// The lane that a lane was found to be one with, or itself.
    pub(super) fn resolve(&self, mut lane: Lane) -> Lane {
        while let Some(next) = self.rows[lane.0 as usize].joined {
            lane = next;
        }
        lane
    }

    /// Notes that one run used both lanes. Lanes of two parties stay apart.
    pub(super) fn join(&mut self, a: Lane, b: Lane) {
        let (a, b) = (self.resolve(a), self.resolve(b));
        let (low, high) = (a.min(b), a.max(b));
        let (low_row, high_row) = (self.rows[low.0 as usize], self.rows[high.0 as usize]);
        if low == high || low_row.party != high_row.party {
            return;
        }
        // A vague lane gives way to one that is known.
        let (kept, given) = if low_row.vague {
            (high, low)
        } else {
            (low, high)
        };
        // A vague lane is never joined, for its other events may be of any login.
        if !self.rows[given.0 as usize].vague {
            self.rows[given.0 as usize].joined = Some(kept);
        }
    }

    /// The principal of a lane.
    pub(super) fn principal(&self, lane: Lane) -> PrincipalId {
        self.party(lane).0
    }

    /// Whether the lane's events may be of any login of their principal.
    pub(super) fn is_vague(&self, lane: Lane) -> bool {
        self.rows[lane.0 as usize].vague
    }

    /// The principals of which some events may be of any login, in order.
    pub(super) fn vague_principals(&self) -> Vec<PrincipalId> {
        let vague = self.rows.iter().filter(|row| row.vague);
        let mut principals: Vec<PrincipalId> = vague.map(|row| row.party.0).collect();
        principals.sort_unstable();
        principals
    }

    /// The party of a lane.
    pub(super) fn party(&self, lane: Lane) -> Party {
        self.rows[lane.0 as usize].party
    }

    /// Whether two lanes may be one login.
    pub(super) fn compatible(&self, a: Lane, b: Lane) -> bool {
        a == b || (self.party(a) == self.party(b) && (self.is_vague(a) || self.is_vague(b)))
    }
}

/// A long-lived key of a user has no creation date to show (observed on direct calls).
fn is_long_lived(credential: &Credential) -> bool {
    credential
        .access_key_id
        .as_deref()
        .is_some_and(|key| key.starts_with("AKIA"))
}

/// What a record shows of a login.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Shown<'a> {
    access_key_id: Option<&'a str>,
    created: Option<DateTime<Utc>>,
}

impl<'a> Shown<'a> {
    fn of(credential: &'a Credential) -> Self {
        Self {
            access_key_id: credential.access_key_id.as_deref(),
            created: credential.created,
        }
    }

    /// What a record may show of a login that it does not show whole.
    fn parts(whole: &'a Credential) -> [Self; 3] {
        let Self {
            access_key_id,
            created,
        } = Self::of(whole);
        [(access_key_id, None), (None, created), (None, None)].map(|(access_key_id, created)| {
            Self {
                access_key_id,
                created,
            }
        })
    }
}
