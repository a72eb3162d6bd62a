//! Authorization: which login a push used.
//!
//! Comes in: the sessions and the `GetAuthorizationToken` events of every account and region. Goes
//! out: for each session its login, with how sure that is. Never: a login after the push began, or
//! ownership; one token serves every push of twelve hours.

use chrono::{DateTime, Utc};

use crate::event::{Credential, CredentialId, EventId, EventLog, Principal, Service};
use crate::graph::Strength;
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

/// Whose logins: those of a principal to a service.
type Whose = (Service, PrincipalId);

/// The logins of the log.
pub(super) struct Tokens<'a> {
    log: &'a EventLog,
    principals: &'a Principals,
    /// By service and principal, in order of time.
    of: Vec<(Whose, Token)>,
    /// The same once more for everything that may be asked of what they show.
    showing: Vec<((Whose, Showing<'a>), Token)>,
    /// How far the clocks behind the log differ.
    skew_seconds: i64,
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
    fn of(login: &'a Credential) -> impl Iterator<Item = Self> {
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

    /// What logins may be one with `shown` by: nothing that both show differs.
    fn agreeing(shown: &'a Credential) -> [Self; 4] {
        [(true, true), (true, false), (false, true), (false, false)].map(
            |(shows_key, shows_created)| Self {
                shows_key,
                shows_created,
                access_key_id: shown.access_key_id.as_deref().filter(|_| shows_key),
                created: shown.created.filter(|_| shows_created),
            },
        )
    }
}

impl<'a> Tokens<'a> {
    /// Collects the logins that were granted.
    pub(super) fn new(
        log: &'a EventLog,
        index: &Index,
        principals: &'a Principals,
        skew_seconds: i64,
    ) -> Self {
        let (mut of, mut showing) = (Vec::new(), Vec::new());
        for &id in index.logins() {
            let event = log.event(id);
            if event.succeeded() {
                let token = Token {
                    time: event.time.timestamp(),
                    event: id,
                };
                let whose = (event.service, principals.of(event.identity));
                of.push((whose, token));
                let shown = Showing::of(log.tables.credentials.get(event.credential));
                showing.extend(shown.map(|shown| ((whose, shown), token)));
            }
        }
        of.sort_unstable();
        showing.sort_unstable();
        Self {
            log,
            principals,
            of,
            showing,
            skew_seconds,
        }
    }

    /// The latest logins of a principal up to a second that may show the same credential session
    /// as `shown`, the latest first.
    fn latest_agreeing(&self, whose: Whose, shown: &Credential, reach: (i64, i64)) -> Vec<Token> {
        let mut found: Vec<Token> = Vec::new();
        for alike in Showing::agreeing(shown) {
            let logins = within(&self.showing, &(whose, alike), reach);
            found.extend(logins.rev().take(MAX_ALTERNATIVES + 1));
        }
        found.sort_unstable_by_key(|token| std::cmp::Reverse(token.event));
        found.truncate(MAX_ALTERNATIVES + 1);
        found
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
        let whose = (first.service, self.principals.of(session.identity));
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
                let reach = LOGIN_SECONDS + self.skew_seconds;
                let from = created - reach;
                within(&self.of, &whose, (from, created + reach))
                    .map(|token| ((token.time - created).abs(), token.event))
                    .collect()
            }
            None => {
                let reach = (begin - TOKEN_SECONDS, begin + self.skew_seconds);
                let latest = if is_user {
                    let all = within(&self.of, &whose, reach).rev();
                    all.take(MAX_ALTERNATIVES + 1).collect()
                } else {
                    self.latest_agreeing(whose, shown, reach)
                };
                let fit = |token: Token| ((begin - token.time).abs(), token.event);
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

/// The logins of a key in a stretch of seconds, both ends included.
fn within<'t, K: Ord>(
    tokens: &'t [(K, Token)],
    key: &K,
    (from, to): (i64, i64),
) -> impl DoubleEndedIterator<Item = Token> + use<'t, K> {
    let start = tokens.partition_point(|(of, token)| (of, token.time) < (key, from));
    let tokens = &tokens[start..];
    let end = tokens.partition_point(|(of, token)| (of, token.time) <= (key, to));
    tokens[..end].iter().map(|(_, token)| *token)
}
