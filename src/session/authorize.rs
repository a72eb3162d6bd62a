//! Authorization: which login a push used.
//!
//! Comes in: the sessions and the `GetAuthorizationToken` events of every account and region. Goes
//! out: for each session its login, with how sure that is. Never: a login after the push began, or
//! ownership; one token serves every push of twelve hours.

use std::collections::HashMap;

use crate::event::{Action, Credential, CredentialId, EventId, EventLog, Principal, Service};
use crate::graph::Strength;
use crate::session::own::{PrincipalId, Principals};
use crate::session::{Link, Session};

/// How long a token lives (ECR API, `GetAuthorizationToken`: 12 hours), in seconds.
const TOKEN_SECONDS: i64 = 12 * 60 * 60;

/// How far a token's `eventTime` may lie from the `creationDate` that its calls show, in seconds.
///
/// Inferred: for users the two were the same second; hosts' clocks differ by up to two.
const LOGIN_SECONDS: i64 = 2;

/// The most other logins that a link names.
pub const MAX_ALTERNATIVES: usize = 8;

/// A login.
#[derive(Clone, Copy, Debug)]
struct Token {
    time: i64,
    event: EventId,
    credential: CredentialId,
}

/// The logins of the log, by service and principal, in order of time.
pub(super) struct Tokens<'a> {
    log: &'a EventLog,
    principals: &'a Principals,
    of: HashMap<(Service, PrincipalId), Vec<Token>>,
    /// How far the clocks behind the log differ.
    skew_seconds: i64,
}

impl<'a> Tokens<'a> {
    /// Collects the logins that were granted.
    pub(super) fn new(log: &'a EventLog, principals: &'a Principals, skew_seconds: i64) -> Self {
        let mut of: HashMap<_, Vec<Token>> = HashMap::new();
        for (id, event) in log.iter() {
            if event.action == Action::GetAuthorizationToken && event.succeeded() {
                let token = Token {
                    time: event.time.timestamp(),
                    event: id,
                    credential: event.credential,
                };
                of.entry((event.service, principals.of(event.identity)))
                    .or_default()
                    .push(token);
            }
        }
        Self {
            log,
            principals,
            of,
            skew_seconds,
        }
    }

    /// The login that a push used, if one in view fits.
    ///
    /// Calls that show their caller's own address went to the API and used no token.
    ///
    /// # Complexity
    /// O(log t + w) for t logins of the principal, w of them within reach of the push.
    pub(super) fn link(&self, session: &Session) -> Option<Link> {
        let events = || session.sequence.iter().map(|&id| self.log.event(id));
        let first = events().next()?;
        if events().any(|event| self.log.tables.clients.get(event.client).is_direct()) {
            return None;
        }
        let tokens = self
            .of
            .get(&(first.service, self.principals.of(session.identity)))?;
        let credential = |id: CredentialId| self.log.tables.credentials.get(id);
        // The first that shows itself whole: a login renewed on the way used no new token.
        let whole = |shown: &&Credential| shown.access_key_id.is_some() && shown.created.is_some();
        let mut shown = session.credentials.iter().map(|&id| credential(id));
        let shown = shown
            .clone()
            .find(whole)
            .or_else(|| shown.clone().find(|shown| shown.created.is_some()))
            .or_else(|| shown.next())?;
        let principal = &self.log.tables.identities.get(session.identity).principal;
        let is_user = matches!(principal, Principal::IamUser { .. } | Principal::Root);
        let begin = session.first.timestamp();
        let mut fitting: Vec<(i64, EventId)> = match shown.created.filter(|_| is_user) {
            Some(created) => {
                let created = created.timestamp();
                let reach = LOGIN_SECONDS + self.skew_seconds;
                let from = created - reach;
                within(tokens, from, created + reach)
                    .iter()
                    .map(|token| ((token.time - created).abs(), token.event))
                    .collect()
            }
            None => within(tokens, begin - TOKEN_SECONDS, begin + self.skew_seconds)
                .iter()
                .rev()
                .filter(|token| is_user || agrees(shown, credential(token.credential)))
                .take(MAX_ALTERNATIVES + 1)
                .map(|token| ((begin - token.time).abs(), token.event))
                .collect(),
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

/// The logins of a stretch of seconds, both ends included.
fn within(tokens: &[Token], from: i64, to: i64) -> &[Token] {
    let start = tokens.partition_point(|token| token.time < from);
    let end = tokens.partition_point(|token| token.time <= to);
    &tokens[start..end.max(start)]
}

/// Whether two records may show one credential session: nothing that both show differs.
fn agrees(a: &Credential, b: &Credential) -> bool {
    let keys = a.access_key_id.is_none()
        || b.access_key_id.is_none()
        || a.access_key_id == b.access_key_id;
    keys && (a.created.is_none() || b.created.is_none() || a.created == b.created)
}
