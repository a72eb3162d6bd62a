//! EVENT LOG -> WHAT ITS REPOSITORIES HAVE TO KNOW OF EACH OTHER.
//!
//! Comes in: an event log, or what is said of other logs. Goes out: a value that adds up, in which later stages look
//! up what no single repository shows. Never: an event, or a conclusion about a push.
//!
//! A push rests on the records of its repository. All else that decides about it is here, so that one process and a
//! thousand that share the repositories out decide alike: the facts of two logs, [put together](Facts::and), are the
//! facts of both logs as one.

mod clocks;

use std::borrow::Cow;
use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::event::{Credential, EventLog, Identity, OrderedMap, Service, Stage};

pub use clocks::{Clocks, MOST_LATE};

/// A value, if it is the only one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Only<T> {
    /// None was seen.
    #[default]
    Nothing,
    /// This one alone was seen.
    One(T),
    /// Others were seen too.
    Several,
}

impl<T: PartialEq> Only<T> {
    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Nothing, any) | (any, Self::Nothing) => any,
            (Self::One(one), Self::One(other)) if one == other => Self::One(one),
            (Self::One(_) | Self::Several, Self::One(_) | Self::Several) => Self::Several,
        }
    }

    /// The value, if it is the only one.
    #[must_use]
    pub fn one(self) -> Option<T> {
        match self {
            Self::One(one) => Some(one),
            Self::Nothing | Self::Several => None,
        }
    }
}

/// One fact, as it travels between processes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum SharedFact<'a> {
    /// The ARN that a `principalId` occurs with.
    Caller {
        /// The `principalId`.
        #[serde(borrow)]
        id: Cow<'a, str>,
        /// The ARN.
        #[serde(borrow)]
        arn: Only<Cow<'a, str>>,
    },
    /// The sign-in that a key comes from.
    SignIn {
        /// The access key.
        #[serde(borrow)]
        key: Cow<'a, str>,
        /// When it was made, in microseconds since 1970.
        created: Option<i64>,
        /// The sign-in session.
        #[serde(borrow)]
        session: Only<Cow<'a, str>>,
    },
    /// Whether the log of an account and region holds logins.
    Logins {
        /// The account.
        #[serde(borrow)]
        account: Cow<'a, str>,
        /// The region.
        #[serde(borrow)]
        region: Cow<'a, str>,
        /// Whether it does.
        seen: bool,
    },
    /// The region in which a principal logs in to a service.
    LoginRegion {
        /// Whether the service is ECR Public.
        public: bool,
        /// The principal.
        #[serde(borrow)]
        who: Cow<'a, str>,
        /// The region.
        #[serde(borrow)]
        region: Only<Cow<'a, str>>,
    },
    /// How far clocks differ.
    Clocks(Clocks),
}

impl SharedFact<'_> {
    /// What the fact is about, as texts: facts about one thing add up.
    #[must_use]
    pub fn subject(&self) -> Vec<String> {
        let parts: &[&dyn std::fmt::Display] = match self {
            Self::Caller { id, .. } => &[&"caller", id],
            Self::SignIn {
                key,
                created: Some(created),
                ..
            } => &[&"sign-in", key, created],
            Self::SignIn {
                key, created: None, ..
            } => &[&"sign-in", key],
            Self::Logins {
                account, region, ..
            } => &[&"logins", account, region],
            Self::LoginRegion { public, who, .. } => &[&"login-region", public, who],
            Self::Clocks(_) => &[&"clocks"],
        };
        parts.iter().map(ToString::to_string).collect()
    }
}

/// A login of which several may show parts: access key and creation date.
type KeyMade<'a> = (&'a str, Option<DateTime<Utc>>);

/// What repositories have to know of each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts<'a> {
    arns: OrderedMap<&'a str, Only<&'a str>>,
    sign_ins: OrderedMap<KeyMade<'a>, Only<&'a str>>,
    /// Accounts and regions whose logs hold logins, and others of which this is asked.
    logins: OrderedMap<(&'a str, &'a str), bool>,
    regions: OrderedMap<(Service, &'a str), Only<&'a str>>,
    /// Accounts whose logs hold logins or checks.
    readers: BTreeSet<&'a str>,
    /// How far clocks differ; `None` until somebody counted.
    clocks: Option<Clocks>,
}

impl<'a> Facts<'a> {
    /// The facts of a log, without its clocks: these are [counted](Clocks) from uploads that were put together.
    ///
    /// # Complexity
    /// O(n) in events and identities.
    #[must_use]
    pub fn of(log: &'a EventLog) -> Self {
        let tables = &log.tables;
        let mut facts = Self::of_callers(tables.identities.iter().map(|(_, identity)| identity));
        facts.add_sign_ins(tables.credentials.iter().map(|(_, credential)| credential));
        let mut last = None;
        for (_, event) in log.iter() {
            let stage = event.action.stage();
            if !matches!(stage, Stage::Authorization | Stage::Check) {
                continue;
            }
            // Most logs have one account and few regions, and calls come in a row.
            let shown = (stage, event.recipient, event.region);
            if last.replace(shown) != Some(shown) {
                let account = log.text(event.recipient);
                facts.readers.insert(account);
                if stage == Stage::Authorization {
                    facts.logins.insert((account, log.text(event.region)), true);
                }
            }
            if stage == Stage::Authorization && event.succeeded() {
                let who = facts.name(tables.identities.get(event.identity));
                let region = Only::One(log.text(event.region));
                let known = facts.regions.entry((event.service, who)).or_default();
                *known = known.and(region);
            }
        }
        facts
    }

    /// The facts about callers alone.
    fn of_callers(identities: impl Iterator<Item = &'a Identity>) -> Self {
        let mut facts = Self::default();
        for identity in identities {
            if let (Some(id), Some(arn)) = (&identity.principal_id, &identity.arn) {
                let known = facts.arns.entry(id).or_default();
                *known = known.and(Only::One(&**arn));
            }
        }
        facts
    }

    /// The facts about sign-ins alone.
    #[must_use]
    pub fn of_sign_ins(credentials: impl Iterator<Item = &'a Credential>) -> Self {
        let mut facts = Self::default();
        facts.add_sign_ins(credentials);
        facts
    }

    fn add_sign_ins(&mut self, credentials: impl Iterator<Item = &'a Credential>) {
        for credential in credentials {
            if let (Some(key), Some(session)) =
                (&credential.access_key_id, &credential.sign_in_session)
            {
                let known = self.sign_ins.entry((key, credential.created)).or_default();
                *known = known.and(Only::One(&**session));
            }
        }
    }

    /// Facts that say nothing yet, about all that a log asks: with the facts of other logs they become answers.
    #[must_use]
    pub fn asked_by(log: &'a EventLog) -> Self {
        let mut asked = Self::default();
        let (own, tables) = (Self::of(log), &log.tables);
        for (_, identity) in tables.identities.iter() {
            asked.arns.extend(
                identity
                    .principal_id
                    .as_deref()
                    .map(|id| (id, Only::Nothing)),
            );
            for service in [Service::Ecr, Service::EcrPublic] {
                let who = own.name(identity);
                asked.regions.insert((service, who), Only::Nothing);
            }
        }
        for (_, credential) in tables.credentials.iter() {
            let key = credential.access_key_id.as_deref();
            let asks = key.map(|key| ((key, credential.created), Only::Nothing));
            asked.sign_ins.extend(asks);
        }
        for (_, event) in log.iter() {
            let source = (log.text(event.recipient), log.text(event.region));
            asked.logins.insert(source, false);
        }
        asked
    }

    /// The facts of two logs as one.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        join(&mut self.arns, other.arns, Only::and);
        join(&mut self.sign_ins, other.sign_ins, Only::and);
        join(&mut self.logins, other.logins, |one, other| one | other);
        join(&mut self.regions, other.regions, Only::and);
        self.readers.extend(other.readers);
        self.clocks = match (self.clocks, other.clocks) {
            (Some(one), Some(other)) => Some(one.and(other)),
            (one, None) => one,
            (None, other) => other,
        };
        self
    }

    /// These facts with counted clocks.
    #[must_use]
    pub fn with_clocks(self, clocks: Clocks) -> Self {
        let clocks = Some(clocks);
        Self { clocks, ..self }
    }

    /// These facts, with what is known of all logs together in place of what one shows.
    pub fn learn(&mut self, fact: &'a SharedFact<'a>) {
        match fact {
            SharedFact::Caller { id, arn } => {
                self.arns.insert(id, borrowed(arn));
            }
            SharedFact::SignIn {
                key,
                created,
                session,
            } => {
                let created = created.and_then(DateTime::from_timestamp_micros);
                self.sign_ins.insert((key, created), borrowed(session));
            }
            SharedFact::Logins {
                account,
                region,
                seen,
            } => {
                self.logins.insert((account, region), *seen);
            }
            SharedFact::LoginRegion {
                public,
                who,
                region,
            } => {
                let service = service(*public);
                self.regions.insert((service, who), borrowed(region));
            }
            SharedFact::Clocks(clocks) => self.clocks = Some(*clocks),
        }
    }

    /// These facts, with those of `told` in the place of what they say about the same.
    #[must_use]
    pub fn told(mut self, told: &Self) -> Self {
        self.arns.extend(&told.arns);
        self.sign_ins.extend(&told.sign_ins);
        self.logins.extend(&told.logins);
        self.regions.extend(&told.regions);
        self.readers.extend(&told.readers);
        self.clocks = told.clocks.or(self.clocks);
        self
    }

    /// The facts one by one; `readers` are no fact of the kind that repositories are told.
    pub fn iter(&self) -> impl Iterator<Item = SharedFact<'a>> + '_ {
        let callers = self.arns.iter().map(|(&id, &arn)| SharedFact::Caller {
            id: id.into(),
            arn: owned(arn),
        });
        let sign_ins = self.sign_ins.iter();
        let sign_ins = sign_ins.map(|(&(key, created), &session)| SharedFact::SignIn {
            key: key.into(),
            created: created.map(|created| created.timestamp_micros()),
            session: owned(session),
        });
        let logins = self.logins.iter();
        let logins = logins.map(|(&(account, region), &seen)| SharedFact::Logins {
            account: account.into(),
            region: region.into(),
            seen,
        });
        let regions = self.regions.iter();
        let regions = regions.map(|(&(service, who), &region)| SharedFact::LoginRegion {
            public: service == Service::EcrPublic,
            who: who.into(),
            region: owned(region),
        });
        let clocks = self.clocks.map(SharedFact::Clocks);
        callers
            .chain(sign_ins)
            .chain(logins)
            .chain(regions)
            .chain(clocks)
    }

    /// The name of an identity's principal: its ARN, or that of its principal id if this occurs with one alone, or
    /// else what little it shows. The id alone is not enough: it may be masked, and then many share it.
    #[must_use]
    pub fn name(&self, identity: &'a Identity) -> &'a str {
        let by_id = || {
            let id = identity.principal_id.as_deref()?;
            self.arns.get(id).copied().unwrap_or_default().one()
        };
        (identity.arn.as_deref().or_else(by_id))
            .or(identity.principal_id.as_deref())
            .or(identity.account.as_deref())
            .unwrap_or_default()
    }

    /// Whether a `principalId` occurs with more than one ARN.
    #[must_use]
    pub fn is_shared(&self, principal_id: &str) -> bool {
        self.arns.get(principal_id) == Some(&Only::Several)
    }

    /// Whether nothing is known of sign-ins, as in most logs.
    #[must_use]
    pub fn has_sign_ins(&self) -> bool {
        !self.sign_ins.is_empty()
    }

    /// The one sign-in that a login comes from.
    #[must_use]
    pub fn sign_in(&self, credential: &Credential) -> Option<&'a str> {
        let key = credential.access_key_id.as_deref()?;
        let known = self.sign_ins.get(&(key, credential.created));
        known.copied().unwrap_or_default().one()
    }

    /// Whether the log of an account and region holds logins.
    #[must_use]
    pub fn has_logins(&self, account: &str, region: &str) -> bool {
        self.logins.get(&(account, region)) == Some(&true)
    }

    /// Whether a principal logs in to a service in more than one region.
    #[must_use]
    pub fn is_in_regions(&self, service: Service, who: &str) -> bool {
        self.regions.get(&(service, who)) == Some(&Only::Several)
    }

    /// The accounts whose logs hold logins or checks, in order.
    pub fn readers(&self) -> impl Iterator<Item = &'a str> + '_ {
        self.readers.iter().copied()
    }

    /// Whether the log of an account holds a login or a check.
    #[must_use]
    pub fn is_reader(&self, account: &str) -> bool {
        self.readers.contains(account)
    }

    /// How far clocks differ, if somebody counted.
    #[must_use]
    pub fn clocks(&self) -> Option<Clocks> {
        self.clocks
    }
}

fn service(is_public: bool) -> Service {
    match is_public {
        true => Service::EcrPublic,
        false => Service::Ecr,
    }
}

fn owned(only: Only<&str>) -> Only<Cow<'_, str>> {
    match only {
        Only::Nothing => Only::Nothing,
        Only::One(one) => Only::One(one.into()),
        Only::Several => Only::Several,
    }
}

fn borrowed<'a>(only: &'a Only<Cow<'a, str>>) -> Only<&'a str> {
    match only {
        Only::Nothing => Only::Nothing,
        Only::One(one) => Only::One(one),
        Only::Several => Only::Several,
    }
}

fn join<K: std::hash::Hash + Eq, V: Copy>(
    known: &mut OrderedMap<K, V>,
    others: OrderedMap<K, V>,
    and: impl Fn(V, V) -> V,
) {
    for (key, other) in others {
        known
            .entry(key)
            .and_modify(|value| *value = and(*value, other))
            .or_insert(other);
    }
}

impl<'a> SharedFact<'a> {
    /// Two facts about one thing as one; `None` if they are about two.
    #[must_use]
    pub fn and(self, other: Self) -> Option<Self> {
        Some(match (self, other) {
            (
                Self::Caller { id, arn },
                Self::Caller {
                    id: same,
                    arn: more,
                },
            ) if id == same => {
                let arn = arn.and(more);
                Self::Caller { id, arn }
            }
            (
                Self::SignIn {
                    key,
                    created,
                    session,
                },
                Self::SignIn {
                    key: same,
                    created: at,
                    session: more,
                },
            ) if key == same && created == at => {
                let session = session.and(more);
                Self::SignIn {
                    key,
                    created,
                    session,
                }
            }
            (
                Self::Logins {
                    account,
                    region,
                    seen,
                },
                Self::Logins {
                    account: same,
                    region: too,
                    seen: more,
                },
            ) if account == same && region == too => Self::Logins {
                account,
                region,
                seen: seen | more,
            },
            (
                Self::LoginRegion {
                    public,
                    who,
                    region,
                },
                Self::LoginRegion {
                    public: same,
                    who: too,
                    region: more,
                },
            ) if public == same && who == too => Self::LoginRegion {
                public,
                who,
                region: region.and(more),
            },
            (Self::Clocks(one), Self::Clocks(other)) => Self::Clocks(one.and(other)),
            (
                Self::Caller { .. }
                | Self::SignIn { .. }
                | Self::Logins { .. }
                | Self::LoginRegion { .. }
                | Self::Clocks(_),
                _,
            ) => return None,
        })
    }
}
