//! Judges a log by a policy.
//!
//! Comes in: all results of earlier stages, by their true names, and a policy. Goes out: where rules are broken, and
//! where it cannot be told. Never: a push judged by what others did to anything but its own tags and image; a refusal
//! counted as a breach; a demand passed over because the log shows too little.

use chrono::{DateTime, TimeDelta, Utc};

use crate::event::log::ContextEvent;
use crate::event::{Client, EventId, EventLog, IdSet, RepositoryId, Speaker};
use crate::finding::check::Context;
use crate::finding::checks::no_login::should_hold;
use crate::finding::checks::policy::observed::{
    Companion, Companions, allows, attests_itself, client, image, is_index, region, registry,
    shown, shows_endpoint, shows_program, writes,
};
use crate::finding::checks::tags::{Tags, tagged};
use crate::finding::checks::{hole_between, span_of};
use crate::finding::judged::{Breach, BreachTold, CallBreach, CallTold, Demand, Judgement, Open};
use crate::pattern::Matching;
use crate::policy::{Policy, PolicyRule, Right};
use crate::session::{ManifestPut, Session};

/// What a policy says of a log.
///
/// # Complexity
/// O(n log n) in the calls, for each rule that asks about clients or tags.
pub(crate) fn judge(context: &Context<'_>, policy: &Policy) -> Judgement {
    let (log, sessions) = (context.log, &context.sessions.sessions);
    let judge = Judge {
        context,
        tags: Tags::new(log, &context.graph.index),
        companions: Companions::new(log, sessions),
    };
    let mut judged = Judgement::default();
    let (mut unruled, mut used) = (IdSet::default(), vec![false; policy.rules.len()]);
    for (index, session) in sessions.iter().enumerate() {
        let owner = registry(log, session);
        let place = session.repository.map(|id| log.tables.repositories.get(id));
        let rule = place.and_then(|place| policy.rule_of(owner, &place.name));
        judged.rules.push(rule);
        let Some(first) = writes(log, session).next() else {
            continue;
        };
        let Some(number) = rule else {
            match session.repository {
                Some(repository) => {
                    unruled.insert(repository);
                    judged.n_unruled += 1;
                }
                None => judged.breaches.push(Breach {
                    session: index,
                    rule: None,
                    demand: Demand::Repository,
                    told: BreachTold::Open(Open::NotShown, first),
                }),
            }
            continue;
        };
        used[number] = true;
        let rule = &policy.rules[number];
        let mut tell = |demand, told| {
            judged.breaches.push(Breach {
                session: index,
                rule: Some(number),
                demand,
                told,
            });
        };
        judge.push(rule, session, first, &mut tell);
    }
    for (call, event) in log.context.iter().enumerate() {
        judged.calls.extend(by_call(log, policy, call, event));
        if let Some(number) = rule_of_call(log, policy, event) {
            used[number] = true;
        }
    }
    let idle = used.iter().enumerate().filter(|(_, used)| !**used);
    judged.idle = idle.map(|(number, _)| number).collect();
    let name = |id: &RepositoryId| log.tables.repositories.get(*id).clone();
    let mut named: Vec<RepositoryId> = unruled.into_iter().collect();
    named.sort_by_key(name);
    judged.unruled = named;
    judged
}

struct Judge<'c> {
    context: &'c Context<'c>,
    tags: Tags,
    companions: Companions,
}

impl Judge<'_> {
    /// Judges a push; `first` is the first call by which it wrote.
    fn push(
        &self,
        rule: &PolicyRule,
        session: &Session,
        first: EventId,
        tell: &mut impl FnMut(Demand, BreachTold),
    ) {
        let log = self.context.log;
        let identity = log.tables.identities.get(session.identity);
        let owner = registry(log, session);
        let broken = BreachTold::Broken(first, None);
        let open = BreachTold::Open(Open::NotShown, first);
        let mut decide = |demand, is_allowed: Option<bool>| match is_allowed {
            Some(true) => {}
            Some(false) => tell(demand, broken),
            None => tell(demand, open),
        };
        if let Some(callers) = &rule.callers {
            decide(Demand::Callers, allows(rule, callers, identity, owner));
        }
        if let Some(accounts) = &rule.accounts {
            let account = identity.account.as_deref();
            let is_allowed = |account| accounts.allows(Matching::Names, &[account]);
            decide(Demand::Accounts, account.map(is_allowed));
        }
        if let Some(regions) = &rule.regions {
            let region = Some(region(log, session)).filter(|region| !region.is_empty());
            let is_allowed = |region| regions.allows(Matching::Names, &[region]);
            decide(Demand::Regions, region.map(is_allowed));
        }
        if let Some(addresses) = &rule.addresses {
            let is_allowed = |client: &Client| {
                let address = client.source_ip.as_deref().unwrap_or_default();
                addresses.allows(Matching::Networks, &[address])
            };
            let told = self.clients(session, first, Client::is_direct, is_allowed);
            told.into_iter()
                .for_each(|told| tell(Demand::Addresses, told));
        }
        if let Some(endpoints) = &rule.endpoints {
            let is_allowed = |client: &Client| {
                let endpoint = client.vpc_endpoint_id.as_deref();
                endpoint.is_some_and(|id| endpoints.allows(Matching::Names, &[id]))
            };
            let told = self.clients(session, first, shows_endpoint, is_allowed);
            told.into_iter()
                .for_each(|told| tell(Demand::Endpoints, told));
        }
        if let Some(clients) = &rule.clients {
            let is_allowed = |client: &Client| {
                let agent = client.user_agent.as_deref().unwrap_or_default();
                clients.allows(Matching::Names, &[agent])
            };
            let told = self.clients(session, first, shows_program, is_allowed);
            told.into_iter()
                .for_each(|told| tell(Demand::Clients, told));
        }
        if let Some(hours) = &rule.hours {
            let is_open = |id: &EventId| {
                let time = log.event(*id).time;
                hours.iter().any(|hours| hours.contains(time))
            };
            let late = writes(log, session).find(|id| !is_open(id));
            late.into_iter()
                .for_each(|id| tell(Demand::Hours, BreachTold::Broken(id, None)));
        }
        if rule.moving_tags.is_some() {
            self.moved(rule, session, tell);
        }
        if rule.login && session.authorization.is_none() {
            tell(Demand::Login, self.login(session, first));
        }
        if let Some(image) = image(log, session, &self.companions) {
            self.image(rule, session, image, tell);
        }
    }

    /// Judges the clients of a push: its own calls and the logins that fit it.
    ///
    /// The login that fits best counts as the push's, as everywhere in the report. If another fits too and would not be
    /// allowed, the push may be its work.
    fn clients(
        &self,
        session: &Session,
        first: EventId,
        shows: impl Fn(&Client) -> bool,
        is_allowed: impl Fn(&Client) -> bool,
    ) -> Option<BreachTold> {
        let log = self.context.log;
        let is_bad = |id: EventId| {
            let client = client(log, id);
            shows(client) && !is_allowed(client)
        };
        let own = shown(log, session, &shows);
        if let Some(&bad) = own.iter().find(|id| is_bad(**id)) {
            return Some(BreachTold::Broken(bad, None));
        }
        let Some(link) = &session.authorization else {
            return own
                .is_empty()
                .then_some(BreachTold::Open(Open::NotShown, first));
        };
        if is_bad(link.event) {
            return Some(BreachTold::Broken(link.event, None));
        }
        let other = link.alternatives.iter().find(|id| is_bad(**id));
        if let Some(&other) = other {
            return Some(BreachTold::Open(Open::OtherLogin(other), link.event));
        }
        let is_shown = !own.is_empty() || shows(client(log, link.event));
        (!is_shown).then_some(BreachTold::Open(Open::NotShown, first))
    }

    fn moved(
        &self,
        rule: &PolicyRule,
        session: &Session,
        tell: &mut impl FnMut(Demand, BreachTold),
    ) {
        let log = self.context.log;
        let Some(moving) = &rule.moving_tags else {
            return;
        };
        for id in writes(log, session) {
            let Some((repository, tag, digest)) = tagged(log, id) else {
                continue;
            };
            if moving.allows(Matching::Names, &[log.text(tag)]) {
                continue;
            }
            let earlier = self.tags.put_before(repository, tag, id);
            let held = earlier.and_then(|earlier| Some((earlier, tagged(log, earlier)?.2)));
            if let Some((earlier, held)) = held
                && held != digest
            {
                tell(Demand::MovingTags, BreachTold::Broken(id, Some(earlier)));
            }
        }
    }

    /// What can be said of a push without a login.
    fn login(&self, session: &Session, first: EventId) -> BreachTold {
        let log = self.context.log;
        let is_api = |&id: &EventId| client(log, id).speaker() == Speaker::Sdk;
        let direct = shown(log, session, Client::is_direct);
        match direct.iter().find(|id| is_api(id)) {
            Some(&call) => BreachTold::Broken(call, None),
            None => match should_hold(self.context, session, self.context.beyond.facts) {
                Some(_) => BreachTold::Broken(first, None),
                None => BreachTold::Open(Open::LoginElsewhere, first),
            },
        }
    }

    fn image(
        &self,
        rule: &PolicyRule,
        session: &Session,
        image: &ManifestPut,
        tell: &mut impl FnMut(Demand, BreachTold),
    ) {
        let log = self.context.log;
        if rule.index {
            match is_index(log, image) {
                Some(true) => {}
                Some(false) => tell(Demand::Index, BreachTold::Broken(image.event, None)),
                None => tell(
                    Demand::Index,
                    BreachTold::Open(Open::ManifestOmitted, image.event),
                ),
            }
        }
        if let Some(within) = rule.provenance.filter(|_| !attests_itself(log, image)) {
            let told = self.due(session, image, Companion::Attestation, within);
            told.into_iter()
                .for_each(|told| tell(Demand::Provenance, told));
        }
        if let Some(within) = rule.signature {
            let told = self.due(session, image, Companion::Signature, within);
            told.into_iter()
                .for_each(|told| tell(Demand::Signature, told));
        }
    }

    /// What can be said if an image has no companion in time.
    fn due(
        &self,
        session: &Session,
        image: &ManifestPut,
        companion: Companion,
        within: TimeDelta,
    ) -> Option<BreachTold> {
        let put = self.context.log.event(image.event).time;
        let due: DateTime<Utc> = put.checked_add_signed(within).unwrap_or(put);
        let Some(place) = session.repository.zip(image.digest) else {
            return Some(BreachTold::Open(Open::NotShown, image.event));
        };
        let first = self.companions.first(companion, place);
        if first.is_some_and(|first| first <= due) {
            return None;
        }
        // The manifest may list its own attestations.
        if companion == Companion::Attestation && image.manifest.is_none() {
            return Some(BreachTold::Open(Open::ManifestOmitted, image.event));
        }
        let span = span_of(self.context, session);
        let open = match span {
            None => Some(Open::LogEnds(put)),
            Some(span) if span.interval.to < due => Some(Open::LogEnds(span.interval.to)),
            Some(span) => hole_between(span, put, due).map(|hole| Open::LogHole(hole.from)),
        };
        Some(match open {
            Some(open) => BreachTold::Open(open, image.event),
            None => BreachTold::Broken(image.event, None),
        })
    }
}

/// The registry that a call beside pushes is about, by its account.
fn owner<'a>(log: &'a EventLog, event: &ContextEvent) -> &'a str {
    let repository = event.repository.map(|id| log.tables.repositories.get(id));
    let owner = repository.map_or("", |repository| &repository.registry);
    match owner {
        "" => log.text(event.recipient),
        owner => owner,
    }
}

/// The rule about the repository of a call beside pushes.
fn rule_of_call(log: &EventLog, policy: &Policy, event: &ContextEvent) -> Option<usize> {
    let repository = log.tables.repositories.get(event.repository?);
    policy.rule_of(owner(log, event), &repository.name)
}

/// Judges a call beside pushes. One about a whole registry is about every repository in it, and so every rule decides.
fn by_call(
    log: &EventLog,
    policy: &Policy,
    call: usize,
    event: &ContextEvent,
) -> Option<CallBreach> {
    let right = Right::of(event.deed).filter(|_| !log.is_restored(event))?;
    let owner = owner(log, event);
    let about: Vec<usize> = match event.repository {
        Some(_) => rule_of_call(log, policy, event).into_iter().collect(),
        None => {
            let rules = policy.rules.iter().enumerate();
            let rules = rules.filter(|(_, rule)| rule.is_of_registry(owner));
            rules.map(|(number, _)| number).collect()
        }
    };
    let identity = log.tables.identities.get(event.identity);
    let verdicts = about.into_iter().filter_map(|number| {
        let rule = policy.rules.get(number)?;
        let allowed = allows(rule, rule.rights.get(&right)?, identity, owner);
        (allowed != Some(true)).then_some((allowed, number))
    });
    // Of several rules the one that forbids it says more than one of which that cannot be told.
    let (allowed, rule) = verdicts
        .max_by_key(|(allowed, number)| (*allowed == Some(false), std::cmp::Reverse(*number)))?;
    let has_done = !(event.tags.is_empty() && event.digests.is_empty());
    let is_refused = event.failure.is_some() || !event.spared.is_empty() && !has_done;
    let told = match allowed {
        _ if is_refused => CallTold::Refused,
        Some(_) => CallTold::Broken,
        None => CallTold::Open,
    };
    Some(CallBreach {
        call,
        rule,
        right,
        told,
    })
}
