//! Authorization: which login a push used.
//!
//! Comes in: the sessions and the `GetAuthorizationToken` events of every account and region. Goes
//! out: for each session its login, with how sure that is. Never: a login after the push began, or
//! ownership; one token serves every push of twelve hours.

use std::cmp::Reverse;

use chrono::{DateTime, Utc};

use crate::event::{Credential, CredentialId, EventId, EventLog, Id, Principal, Seconds, Service};
use crate::graph::Strength;
use crate::graph::grouped::Grouped;
use crate::graph::index::Index;
use crate::session::own::{PrincipalId, Principals};
use crate::session::{Link, Session};

/// How long a token lives (ECR API, `GetAuthorizationToken`: 12 hours), in seconds.
pub const TOKEN_SECONDS: i64 = 12 * 60 * 60;

/// How far a token's `eventTime` may lie from the `creationDate` that its calls show, in seconds.
///
/// Inferred: for users the two were the same second; hosts' clocks differ by up to two.
const LOGIN_SECONDS: i64 = 2;

/// The most other logins that a link names.
pub const MAX_ALTERNATIVES: usize = 8;

/// A login.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Token {
    time: i64,
    event: EventId,
}

/// The logins of the log.
pub(super) struct Tokens<'a> {
    log: &'a EventLog,
    principals: &'a Principals,
    /// By service and principal, then by what may be asked of what they show, then by time: each
    /// login once for all that it can be found by.
    logins: Grouped<(usize, Showing<'a>, Token)>,
    /// How far the clocks behind the log differ.
    skew: Seconds,
}

/// What a login shows of itself, and the part of it that is looked for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Showing<'a> {
    shows_key: bool,
    shows_created: bool,
    access_key_id: Option<&'a str>,
    created: Option<DateTime<Utc>>,
}

impl<'a> Showing<'a> {
    /// Everything that a login can be found by: each subset of what it shows.
    fn of(login: &'a Credential) -> impl Iterator<Item = Self> + Clone {
        let (key, created) = (login.access_key_id.as_deref(), login.created);
        let subsets = [(key, created), (key, None), (None, created), (None, None)];
        let shown = move |at: usize| Self {
            shows_key: key.is_some(),
            shows_created: created.is_some(),
            access_key_id: subsets[at].0,
            created: subsets[at].1,
        };
        (0..4)
            .filter(move |&at| !subsets[..at].contains(&subsets[at]))
            .map(shown)
    }

    /// What logins may be one with what is `shown` by: nothing that both show differs.
    fn agreeing((key, created): Shown<'a>) -> [Self; 4] {
        [(true, true), (true, false), (false, true), (false, false)].map(
            |(shows_key, shows_created)| Self {
                shows_key,
                shows_created,
                access_key_id: key.filter(|_| shows_key),
                created: created.filter(|_| shows_created),
            },
        )
    }
}

/// An access key and a creation date, as far as they are asked for.
type Shown<'a> = (Option<&'a str>, Option<DateTime<Utc>>);

/// The number of a principal's logins to a service.
fn whose(service: Service, principal: PrincipalId) -> usize {
    principal.index() * 2 + usize::from(service == Service::EcrPublic)
}

impl<'a> Tokens<'a> {
    /// Collects the logins that were granted.
    pub(super) fn new(
        log: &'a EventLog,
        index: &Index,
        principals: &'a Principals,
        skew: Seconds,
    ) -> Self {
        let granted = index.logins().iter().map(|&id| (id, log.event(id)));
        let granted = granted.filter(|(_, event)| event.succeeded());
        let showing = granted.flat_map(|(id, event)| {
            let token = Token {
                time: event.time.timestamp(),
                event: id,
            };
            let whose = whose(event.service, principals.of(event.identity));
            let shown = Showing::of(log.tables.credentials.get(event.credential));
            shown.map(move |shown| (whose, shown, token))
        });
        let mut logins = Grouped::new(showing, principals.count() * 2, |login| login.0);
        for logins in logins.groups_mut() {
            logins.sort_unstable();
        }
        Self {
            log,
            principals,
            logins,
            skew,
        }
    }

    /// The logins that agree with what is shown of one in a stretch of seconds, both ends included:
    /// four times some, in order of time.
    fn agreeing(
        &self,
        whose: usize,
        shown: Shown<'a>,
        (from, to): (i64, i64),
    ) -> [impl DoubleEndedIterator<Item = Token>; 4] {
        let of = self.logins.of(whose);
        Showing::agreeing(shown).map(|shown| {
            let start = of.partition_point(|login| (login.1, login.2.time) < (shown, from));
            let end = of.partition_point(|login| (login.1, login.2.time) <= (shown, to));
            of[start..end].iter().map(|login| login.2)
        })
    }

    /// The latest of them.
    fn latest_agreeing(&self, whose: usize, shown: Shown<'a>, reach: (i64, i64)) -> Vec<Token> {
        let agreeing = self.agreeing(whose, shown, reach).into_iter();
        let latest = agreeing.flat_map(|logins| logins.rev().take(MAX_ALTERNATIVES + 1));
        let mut latest: Vec<Token> = latest.collect();
        latest.sort_unstable_by_key(|token| Reverse(token.event));
        latest.truncate(MAX_ALTERNATIVES + 1);
        latest
    }

    /// The login that a push used, if one in view fits.
    ///
    /// Calls that show their caller's own address went to the API and used no token.
    ///
    /// # Complexity
    /// O(log t + w) for t logins of the principal, w of them within two seconds of its creation date.
    pub(super) fn link(&self, session: &Session) -> Option<Link> {
        let first = self.log.event(*session.sequence.first()?);
        if session.shows_address {
            return None;
        }
        let whose = whose(first.service, self.principals.of(session.identity));
        let credential = |id: CredentialId| self.log.tables.credentials.get(id);
        // The first that shows itself whole: a login renewed on the way used no new token.
        let whole = |shown: &&Credential| shown.access_key_id.is_some() && shown.created.is_some();
        let mut shown = session.credentials.iter().map(|&id| credential(id));
        let shown = shown
            .clone()
            .find(whole)
            .or_else(|| shown.clone().find(|shown| shown.created.is_some()))
            .or_else(|| shown.next())?;
        let kind = &self.log.tables.identities.get(session.identity).principal;
        let is_user = matches!(kind, Principal::IamUser { .. } | Principal::Root);
        let begin = session.first.timestamp();
        let mut fitting: Vec<(i64, EventId)> = match shown.created.filter(|_| is_user) {
            Some(created) => {
                let created = created.timestamp();
                let reach = LOGIN_SECONDS + self.skew.0;
                let reach = (created - reach, created + reach);
                let near = self.agreeing(whose, (None, None), reach);
                let fit = |token: Token| ((token.time - created).abs(), token.event);
                near.into_iter().flatten().map(fit).collect()
            }
            None => {
                let reach = (begin - TOKEN_SECONDS, begin + self.skew.0);
                let shown = match is_user {
                    true => (None, None),
                    false => (shown.access_key_id.as_deref(), shown.created),
                };
                let fit = |token: Token| ((begin - token.time).abs(), token.event);
                let latest = self.latest_agreeing(whose, shown, reach);
                latest.into_iter().map(fit).collect()
            }
        };
        fitting.sort_unstable();
        let (_, event) = *fitting.first()?;
        let alternatives: Vec<EventId> = fitting
            .iter()
            .skip(1)
            .map(|&(_, event)| event)
            .take(MAX_ALTERNATIVES)
            .collect();
        let strength = if alternatives.is_empty() {
            Strength::Inference
        } else {
            Strength::Hint
        };
        Some(Link {
            event,
            strength,
            alternatives,
        })
    }
}
