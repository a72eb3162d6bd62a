//! Authorization: the login that a push used.
//!
//! Comes in: the sessions and the `GetAuthorizationToken` events of every account and region. Goes
//! out: for each session its login, and how sure that is. Never: a login after the push started, or
//! an owned one; one token serves every push of twelve hours.

use std::cmp::Reverse;

use chrono::{DateTime, Utc};

use crate::event::{
    ClientId, Credential, CredentialId, Event, EventId, EventLog, Id, IdSet, IdentityId, Principal,
    Second, Seconds, Service, Speaker, TextId,
};
use crate::facts::Facts;
use crate::graph::EventGraph;
use crate::graph::Strength;
use crate::graph::buckets::Buckets;
use crate::graph::index::CallIndex;
use crate::graph::principals::{PrincipalId, Principals};
use crate::session::login::{LoginTraits, PARTS};
use crate::session::own;
use crate::session::{Link, Session};

/// How long a token lives (ECR API, `GetAuthorizationToken`: 12 hours), in seconds.
pub const TOKEN_SECONDS: i64 = 12 * 60 * 60;

/// [`TOKEN_SECONDS`] as a duration.
const TOKEN: Seconds = Seconds(TOKEN_SECONDS);

/// How far a token's `eventTime` may be from the `creationDate` that its calls show.
///
/// Inferred: for users the two were in one second; hosts' clocks differ by up to two.
const LOGIN: Seconds = Seconds(2);

/// How many other logins a link names at most.
pub const MAX_ALTERNATIVES: usize = 8;

/// A login.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Token {
    time: Second,
    event: EventId,
}

/// Calls whose login is looked for.
#[derive(Clone, Debug)]
pub struct LoginSeeker<'a> {
    /// Who called: the fullest form of the identity.
    pub identity: IdentityId,
    /// The logins that the calls show, in order of appearance.
    pub credentials: &'a [CredentialId],
    /// ECR or ECR Public.
    pub service: Service,
    /// The region that recorded the first call.
    pub region: TextId,
    /// The time of the first call.
    pub first: DateTime<Utc>,
    /// The clients of the calls that show the caller's own address.
    pub direct: Vec<ClientId>,
}

/// The logins of the log.
pub struct Tokens<'a> {
    log: &'a EventLog,
    principals: &'a Principals,
    /// By service and principal, then by the traits to look for, then by time. Each login is entered
    /// once for each set of traits that can find it.
    logins: Buckets<(usize, Showing<'a>, Token)>,
    /// Services and principals that log in to more than one region; their logins can also be looked
    /// up by region.
    in_regions: IdSet<usize>,
    /// How far the log's clocks differ.
    skew: Seconds,
}

/// The traits that a login shows, and the part of them that is looked for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Showing<'a> {
    /// The region; `None` for a login in any region.
    region: Option<TextId>,
    /// Whether the login shows its key, and its creation date.
    shown: (bool, bool),
    part: LoginTraits<'a>,
}

impl<'a> Showing<'a> {
    /// Everything that can find a login: each part of its traits.
    fn of(login: &'a Credential, region: Option<TextId>) -> impl Iterator<Item = Self> + Clone {
        let whole = LoginTraits::of(login);
        let parts = PARTS.map(|part| whole.part(part));
        let distinct = (0..parts.len()).filter(move |&at| !parts[..at].contains(&parts[at]));
        distinct.map(move |at| Self {
            region,
            shown: whole.shown(),
            part: parts[at],
        })
    }

    /// The logins that may be the one `asked` for: no trait that both show differs.
    fn agreeing(asked: LoginTraits<'a>, region: Option<TextId>) -> [Self; 4] {
        PARTS.map(|shown| Self {
            region,
            shown,
            part: asked.part(shown),
        })
    }
}

/// A query for logins.
#[derive(Clone, Copy)]
struct LoginQuery<'a> {
    /// Service and principal.
    whose: usize,
    /// The region, or any region.
    region: Option<TextId>,
    shown: LoginTraits<'a>,
    /// The first and last second, both included.
    from: Second,
    to: Second,
}

/// The number of a principal's logins to a service.
fn whose(service: Service, principal: PrincipalId) -> usize {
    principal.index() * 2 + usize::from(service == Service::EcrPublic)
}

/// The services and principals whose logins are in more than one region.
fn in_regions(log: &EventLog, principals: &Principals, facts: &Facts<'_>) -> IdSet<usize> {
    let identities = log.tables.identities.iter();
    let several = identities.flat_map(|(id, identity)| {
        let services = [Service::Ecr, Service::EcrPublic].into_iter();
        let several =
            services.filter(move |service| facts.is_in_regions(*service, facts.name(identity)));
        several.map(move |service| whose(service, principals.of(id)))
    });
    several.collect()
}

impl<'a> Tokens<'a> {
    /// The logins of a log whose evidence is known.
    #[must_use]
    pub fn of(log: &'a EventLog, graph: &'a EventGraph, facts: &Facts<'_>) -> Self {
        let clocks = facts.clocks();
        let skew = own::skew(&clocks.unwrap_or_else(|| own::clocks(&graph.index)));
        Self::new(log, &graph.index, &graph.principals, facts, skew)
    }

    /// Collects the granted logins.
    pub(super) fn new(
        log: &'a EventLog,
        index: &CallIndex,
        principals: &'a Principals,
        facts: &Facts<'_>,
        skew: Seconds,
    ) -> Self {
        let granted = index.logins().iter().map(|&id| (id, log.event(id)));
        let granted = granted.filter(|(_, event)| event.succeeded());
        let whose = |event: &Event| whose(event.service, principals.of(event.identity));
        let in_regions = in_regions(log, principals, facts);
        let showing = granted.flat_map(|(id, event)| {
            let token = Token {
                time: event.time.into(),
                event: id,
            };
            let whose = whose(event);
            let credential = log.tables.credentials.get(event.credential);
            let at_home = in_regions.contains(&whose).then_some(event.region);
            let regions = std::iter::once(None).chain(at_home.map(Some));
            let shown = regions.flat_map(|region| Showing::of(credential, region));
            shown.map(move |shown| (whose, shown, token))
        });
        let mut logins = Buckets::new(showing, principals.count() * 2, |login| login.0);
        for logins in logins.groups_mut() {
            logins.sort_unstable();
        }
        Self {
            log,
            principals,
            logins,
            in_regions,
            skew,
        }
    }

    /// The logins that match, as four lists, each in order of time.
    fn agreeing(&self, wanted: LoginQuery<'a>) -> [impl DoubleEndedIterator<Item = Token>; 4] {
        let of = self.logins.of(wanted.whose);
        Showing::agreeing(wanted.shown, wanted.region).map(|shown| {
            let start = of.partition_point(|login| (login.1, login.2.time) < (shown, wanted.from));
            let end = of.partition_point(|login| (login.1, login.2.time) <= (shown, wanted.to));
            of[start..end].iter().map(|login| login.2)
        })
    }

    /// The latest of each list.
    fn latest_agreeing(&self, wanted: LoginQuery<'a>) -> Vec<Token> {
        let agreeing = self.agreeing(wanted).into_iter();
        let latest = agreeing.flat_map(|logins| logins.rev().take(MAX_ALTERNATIVES + 1));
        let mut latest: Vec<Token> = latest.collect();
        latest.sort_unstable_by_key(|token| Reverse(token.event));
        latest.truncate(MAX_ALTERNATIVES + 1);
        latest
    }

    /// The login that a push used, if one in the log fits.
    ///
    /// Whether a push used a login depends on its program. An unknown program that called from its
    /// own address counts as a registry client if a login came from that address with that program's
    /// key.
    ///
    /// # Complexity
    /// O(log t + w) for t logins of the principal, w of them within two seconds of its creation date.
    pub(super) fn link(&self, session: &Session) -> Option<Link> {
        let first = self.log.event(*session.sequence.first()?);
        let direct = session.direct_calls(self.log);
        self.link_of(&LoginSeeker {
            identity: session.identity,
            credentials: &session.credentials,
            service: first.service,
            region: first.region,
            first: session.first,
            direct: direct
                .map(|(call, _)| self.log.event(call).client)
                .collect(),
        })
    }

    /// The login that some calls of one run used, if one in the log fits; as for a push.
    ///
    /// # Complexity
    /// O(log t + w) for t logins of the principal, w of them within two seconds of its creation date.
    #[must_use]
    pub fn link_of(&self, calls: &LoginSeeker<'_>) -> Option<Link> {
        let speaker = self.speaker(calls);
        if speaker == Speaker::Sdk {
            return None;
        }
        let whose = whose(calls.service, self.principals.of(calls.identity));
        // A token is valid in the region where it was taken, if the log shows logins in other
        // regions.
        let home = Some(calls.region).filter(|_| self.in_regions.contains(&whose));
        let at_home = home.and_then(|region| self.nearest(calls, whose, Some(region)));
        let link = at_home.or_else(|| self.nearest(calls, whose, None))?;
        let address = |client| self.log.tables.clients.get(client).source_ip.as_deref();
        let mut direct = calls.direct.iter();
        let mut fits = |link: &Link| {
            let login = address(self.log.event(link.event).client);
            direct.any(|&client| address(client) == login)
        };
        Some(link).filter(|link| speaker == Speaker::RegistryClient || fits(link))
    }

    /// The kind of program of a push; registry clients and others are never in one push.
    fn speaker(&self, calls: &LoginSeeker<'_>) -> Speaker {
        calls.direct.first().map_or(Speaker::RegistryClient, |&id| {
            self.log.tables.clients.get(id).speaker()
        })
    }

    /// The login in a region, or in any, that fits a push best.
    fn nearest(
        &self,
        calls: &LoginSeeker<'_>,
        whose: usize,
        region: Option<TextId>,
    ) -> Option<Link> {
        let credential = |id: CredentialId| self.log.tables.credentials.get(id);
        // The first that shows all its traits; a login renewed during the push used no new token.
        let whole = |shown: &&Credential| shown.access_key_id.is_some() && shown.created.is_some();
        let mut shown = calls.credentials.iter().map(|&id| credential(id));
        let shown = shown
            .clone()
            .find(whole)
            .or_else(|| shown.clone().find(|shown| shown.created.is_some()))
            .or_else(|| shown.next())?;
        let kind = &self.log.tables.identities.get(calls.identity).principal;
        let is_user = matches!(kind, Principal::IamUser { .. } | Principal::Root);
        let begin = Second::from(calls.first);
        let wanted = |shown, from, to| LoginQuery {
            whose,
            region,
            shown,
            from,
            to,
        };
        let mut fitting: Vec<(Seconds, EventId)> = match shown.created.filter(|_| is_user) {
            Some(created) => {
                let created = Second::from(created);
                let reach = LOGIN + self.skew;
                let near = wanted(LoginTraits::default(), created - reach, created + reach);
                let fit = |token: Token| ((token.time - created).abs(), token.event);
                self.agreeing(near).into_iter().flatten().map(fit).collect()
            }
            None => {
                let shown = match is_user {
                    true => LoginTraits::default(),
                    false => LoginTraits::of(shown),
                };
                let fit = |token: Token| ((begin - token.time).abs(), token.event);
                let latest = wanted(shown, begin - TOKEN, begin + self.skew);
                self.latest_agreeing(latest).into_iter().map(fit).collect()
            }
        };
        fitting.sort_unstable();
        let (_, event) = *fitting.first()?;
        let others = fitting.iter().skip(1).map(|&(_, event)| event);
        let alternatives: Vec<EventId> = others.take(MAX_ALTERNATIVES).collect();
        let strength = match alternatives.is_empty() {
            true => Strength::Inference,
            false => Strength::Hint,
        };
        Some(Link {
            event,
            strength,
            alternatives,
        })
    }
}
