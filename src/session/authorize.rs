//! Authorization: the login that a push used.
//!
//! Comes in: the sessions and the `GetAuthorizationToken` events of every account and region. Goes
//! out: for each session its login, and how sure that is. Never: a login after the push started, or
//! an owned one; one token serves every push of twelve hours.

use std::cmp::Reverse;

use crate::event::{
    Credential, CredentialId, Event, EventId, EventLog, Id, IdSet, Principal, Second, Seconds,
    Service, Speaker, TextId,
};
use crate::facts::Facts;
use crate::graph::Strength;
use crate::graph::buckets::Buckets;
use crate::graph::index::CallIndex;
use crate::graph::principals::{PrincipalId, Principals};
use crate::session::login::{LoginTraits, PARTS};
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

/// The logins of the log.
pub(super) struct Tokens<'a> {
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
        let speaker = self.speaker(session);
        if speaker == Speaker::Sdk {
            return None;
        }
        let whose = whose(first.service, self.principals.of(session.identity));
        // A token is valid in the region where it was taken, if the log shows logins in other
        // regions.
        let home = Some(first.region).filter(|_| self.in_regions.contains(&whose));
        let at_home = home.and_then(|region| self.nearest(session, whose, Some(region)));
        let link = at_home.or_else(|| self.nearest(session, whose, None))?;
        let address = |event: EventId| {
            let client = self.log.event(event).client;
            self.log.tables.clients.get(client).source_ip.as_deref()
        };
        let mut calls = session.direct_calls(self.log);
        let mut fits = |link: &Link| calls.any(|(call, _)| address(call) == address(link.event));
        Some(link).filter(|link| speaker == Speaker::RegistryClient || fits(link))
    }

    /// The kind of program of a push; registry clients and others are never in one push.
    fn speaker(&self, session: &Session) -> Speaker {
        let mut direct = session.direct_calls(self.log);
        direct
            .next()
            .map_or(Speaker::RegistryClient, |(_, client)| client.speaker())
    }

    /// The login in a region, or in any, that fits a push best.
    fn nearest(&self, session: &Session, whose: usize, region: Option<TextId>) -> Option<Link> {
        let credential = |id: CredentialId| self.log.tables.credentials.get(id);
        // The first that shows all its traits; a login renewed during the push used no new token.
        let whole = |shown: &&Credential| shown.access_key_id.is_some() && shown.created.is_some();
        let mut shown = session.credentials.iter().map(|&id| credential(id));
        let shown = shown
            .clone()
            .find(whole)
            .or_else(|| shown.clone().find(|shown| shown.created.is_some()))
            .or_else(|| shown.next())?;
        let kind = &self.log.tables.identities.get(session.identity).principal;
        let is_user = matches!(kind, Principal::IamUser { .. } | Principal::Root);
        let begin = Second::from(session.first);
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
