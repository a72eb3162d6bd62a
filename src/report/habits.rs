//! A first policy: what the selected pushes did, as rules for a person to edit.
//!
//! Comes in: a report. Goes out: the text of a policy by which none of these pushes, and none of the calls beside them,
//! breaks a rule. Never: a text of the log outside quotes, or a rule about what the log did not show of every push.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use chrono::{DateTime, TimeDelta, Timelike, Utc};

use crate::event::{Client, EventId, EventLog, Identity, Principal};
use crate::finding::observed::{
    Companion, Companions, attests_itself, client, image, is_index, region, registry, shown,
    shows_endpoint, shows_program, writes,
};
use crate::pattern::network;
use crate::policy::{Right, name_in_account};
use crate::report::criterion::criteria;
use crate::report::parts::Report;
use crate::session::Session;
use crate::words;

/// The most addresses or endpoints that a rule lists; more are no list that somebody would keep.
const MOST_PLACES: usize = 24;

/// How often something was seen, by its pattern; `None` if some push does not show it.
#[derive(Clone, Debug, Default)]
struct Seen(BTreeMap<String, u64>, bool);

impl Seen {
    fn add(&mut self, pattern: Option<String>) {
        match pattern.filter(|text| !text.trim().is_empty() && !text.starts_with('!')) {
            Some(pattern) => *self.0.entry(pattern).or_default() += 1,
            None => self.1 = true,
        }
    }

    fn merge(&mut self, other: &Self) {
        for (pattern, n) in &other.0 {
            *self.0.entry(pattern.clone()).or_default() += n;
        }
        self.1 |= other.1;
    }

    /// The patterns, if they are all that was seen.
    fn shape(&self) -> Option<Vec<String>> {
        (!self.1).then(|| self.0.keys().cloned().collect())
    }
}

/// What was done in a repository.
#[derive(Clone, Debug, Default)]
struct Habit {
    n_pushes: u64,
    first: Option<DateTime<Utc>>,
    last: Option<DateTime<Utc>>,
    callers: Seen,
    addresses: Seen,
    endpoints: Seen,
    clients: Seen,
    regions: Seen,
    moving: Seen,
    n_without_login: u64,
    n_images: u64,
    n_not_index: u64,
    /// The longest time until an attestation and a signature; `None` if some image had none.
    attested: Due,
    signed: Due,
    /// The first and last minute of the day, in UTC.
    minutes: Option<(u32, u32)>,
    rights: BTreeMap<Right, Seen>,
}

/// The longest time until something came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    #[default]
    NeverAsked,
    Within(i64),
    Missing,
}

impl Due {
    /// In minutes, rounded up.
    fn add(&mut self, after: Option<TimeDelta>) {
        let minutes = |after: TimeDelta| (after.num_seconds().max(0) + 59) / 60;
        let one = after.map_or(Self::Missing, |after| Self::Within(minutes(after)));
        *self = one.max(*self);
    }
}

/// What makes two repositories of one registry alike: their rules would say the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct RuleShape {
    registry: String,
    lists: Vec<Option<Vec<String>>>,
    needs: (bool, bool, Due, Due),
}

impl Report<'_> {
    /// The text of a first policy, made of the selected pushes and the calls beside them, with how often each was
    /// seen; `None` if no selected push wrote anything into a repository that a rule can name.
    ///
    /// ```
    /// use reconstruct::{Input, Options, Policy, reconstruct};
    ///
    /// let logs = [Input::Path("testdata/sample".into())];
    /// let pushes = reconstruct(&logs, &Options::default())?;
    /// let text = pushes.report().first_policy().expect("the sample holds pushes");
    /// let options = Options::default().policy(Policy::parse(&text)?);
    /// let judged = reconstruct(&logs, &options)?;
    /// let mut pushes = judged.report().sessions().collect::<Vec<_>>().into_iter();
    /// assert!(pushes.all(|push| push.findings.iter().all(|finding| finding.code != "policy")));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn first_policy(&self) -> Option<String> {
        let log = self.parts.log;
        let companions = Companions::new(log, &self.parts.sessions.sessions);
        let mut habits: BTreeMap<(String, String), Habit> = BTreeMap::new();
        let mut n_left_out = 0;
        for &position in &self.selected {
            let session = &self.parts.sessions.sessions[position];
            if writes(log, session).next().is_none() {
                continue;
            }
            let place = session.repository.map(|id| log.tables.repositories.get(id));
            let owner = registry(log, session).to_owned();
            let is_account = owner.len() == 12 && owner.bytes().all(|byte| byte.is_ascii_digit());
            let place = place.filter(|place| is_account && is_nameable(&place.name));
            let Some(place) = place else {
                n_left_out += 1;
                continue;
            };
            let habit = habits.entry((owner, place.name.to_string())).or_default();
            self.add_push(habit, position, session, &companions);
        }
        self.add_calls(&mut habits);
        (!habits.is_empty()).then(|| written(&habits, n_left_out))
    }

    fn add_push(
        &self,
        habit: &mut Habit,
        position: usize,
        session: &Session,
        companions: &Companions,
    ) {
        let log = self.parts.log;
        habit.n_pushes += 1;
        let first = habit.first.unwrap_or(session.first);
        habit.first = Some(first.min(session.first));
        habit.last = habit.last.max(Some(session.last));
        let identity = log.tables.identities.get(session.identity);
        habit.callers.add(caller(identity, registry(log, session)));
        let into = region(log, session);
        let is_region = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        habit
            .regions
            .add(Some(into.to_owned()).filter(|into| into.chars().all(is_region)));
        add_clients(
            &mut habit.addresses,
            log,
            session,
            Client::is_direct,
            |client| {
                let address = client.source_ip.as_deref()?;
                network(address).map(|_| address.to_owned())
            },
        );
        add_clients(
            &mut habit.endpoints,
            log,
            session,
            shows_endpoint,
            |client| {
                let endpoint = client.vpc_endpoint_id.as_deref();
                endpoint
                    .filter(|id| id.starts_with("vpce-"))
                    .map(str::to_owned)
            },
        );
        add_clients(&mut habit.clients, log, session, shows_program, |client| {
            client.user_agent.as_deref().map(program)
        });
        let moved = self.findings_of(position);
        for finding in moved.filter(|finding| finding.code == "tag-moved") {
            let put = finding.events.first().map(|&id| log.event(id));
            let tag = put.and_then(|put| put.action.tag());
            habit.moving.add(tag.map(|tag| log.text(tag).to_owned()));
        }
        habit.n_without_login += u64::from(session.authorization.is_none());
        for id in writes(log, session) {
            let time = log.event(id).time;
            let minute = time.hour() * 60 + time.minute();
            let (from, to) = habit.minutes.unwrap_or((minute, minute));
            habit.minutes = Some((from.min(minute), to.max(minute)));
        }
        if let Some(image) = image(log, session, companions) {
            habit.n_images += 1;
            habit.n_not_index += u64::from(is_index(log, image) != Some(true));
            let put = log.event(image.event).time;
            let place = session.repository.zip(image.digest);
            let after = |companion| Some(companions.first(companion, place?)? - put);
            let attested = match attests_itself(log, image) {
                true => Some(TimeDelta::zero()),
                false => after(Companion::Attestation),
            };
            habit.attested.add(attested);
            habit.signed.add(after(Companion::Signature));
        }
    }

    /// Adds the granted calls beside pushes; one about a registry counts for all of its repositories.
    fn add_calls(&self, habits: &mut BTreeMap<(String, String), Habit>) {
        let log = self.parts.log;
        let criteria = criteria(log, &self.filter);
        for event in &log.context {
            let mut asked = criteria.iter();
            let is_asked = asked.all(|one| one.holds_for_call(log, event, "policy"));
            let right = Right::of(event.deed).filter(|_| !log.is_restored(event));
            let Some(right) = right.filter(|_| is_asked && event.failure.is_none()) else {
                continue;
            };
            let place = event.repository.map(|id| log.tables.repositories.get(id));
            let owner = place.map_or("", |place| &place.registry);
            let owner = match owner {
                "" => log.text(event.recipient),
                owner => owner,
            };
            let name = caller(log.tables.identities.get(event.identity), owner);
            let is_about = |of: &(String, String)| {
                of.0 == owner && place.is_none_or(|place| *of.1 == *place.name)
            };
            for (_, habit) in habits.iter_mut().filter(|(of, _)| is_about(of)) {
                habit.rights.entry(right).or_default().add(name.clone());
            }
        }
    }
}

/// Whether a rule can name a repository and nothing else by it.
fn is_nameable(name: &str) -> bool {
    !name.trim().is_empty()
        && !name.starts_with('!')
        && !name.contains(['*', ':', '@'])
        && !name.contains(".amazonaws.com")
        && !name.starts_with("public.ecr.aws")
}

/// The pattern for a caller: by name within the registry's account, else by ARN.
fn caller(identity: &Identity, registry: &str) -> Option<String> {
    let is_home = identity.account.as_deref() == Some(registry) && !registry.is_empty();
    match &identity.principal {
        Principal::AwsAccount { account } => Some(format!("account/{account}")),
        Principal::AwsService { name } => Some(format!("service/{name}")),
        Principal::Root
        | Principal::IamUser { .. }
        | Principal::AssumedRole { .. }
        | Principal::FederatedUser { .. }
            if is_home =>
        {
            name_in_account(identity)
        }
        Principal::AssumedRole { .. } => {
            let (role, _session) = arn(identity)?.rsplit_once('/')?;
            Some(format!("{role}/*"))
        }
        Principal::Root
        | Principal::IamUser { .. }
        | Principal::FederatedUser { .. }
        | Principal::Unknown => arn(identity).map(str::to_owned),
    }
}

fn arn(identity: &Identity) -> Option<&str> {
    let arn = identity.arn.as_deref();
    arn.filter(|arn| arn.starts_with("arn:"))
}

/// A program of any version.
fn program(agent: &str) -> String {
    match agent.find(['/', ' ']) {
        Some(end) => format!("{}*", &agent[..=end]),
        None => agent.to_owned(),
    }
}

/// Adds what the calls of a push and the logins that fit it show.
fn add_clients(
    seen: &mut Seen,
    log: &EventLog,
    session: &Session,
    shows: impl Fn(&Client) -> bool,
    pattern: impl Fn(&Client) -> Option<String>,
) {
    let own = shown(log, session, &shows);
    let link = session.authorization.iter();
    let logins = link.flat_map(|link| std::iter::once(link.event).chain(link.alternatives.clone()));
    let logins = logins.filter(|&id| shows(client(log, id)));
    let all: Vec<EventId> = own.into_iter().chain(logins).collect();
    let patterns = all.iter().map(|&id| pattern(client(log, id)));
    let mut patterns: Vec<Option<String>> = patterns.collect();
    patterns.sort_unstable();
    patterns.dedup();
    match patterns.is_empty() {
        true => seen.add(None),
        false => patterns.into_iter().for_each(|one| seen.add(one)),
    }
}

/// The policy, repositories of one shape together.
fn written(habits: &BTreeMap<(String, String), Habit>, n_left_out: u64) -> String {
    let mut alike: BTreeMap<RuleShape, Vec<(&str, &Habit)>> = BTreeMap::new();
    for ((owner, name), habit) in habits {
        let of_shape = alike.entry(shape(owner, habit)).or_default();
        of_shape.push((name, habit));
    }
    let mut groups: Vec<_> = alike.into_iter().collect();
    groups.sort_by(|(shape, group), (other, others)| {
        let key = |shape: &RuleShape, group: &[(&str, &Habit)]| {
            (
                group.first().map(|of| of.0.to_owned()),
                shape.registry.clone(),
            )
        };
        key(shape, group).cmp(&key(other, others))
    });
    let n_pushes: u64 = habits.values().map(|habit| habit.n_pushes).sum();
    let mut text = format!(
        "# A first policy, made of {} into {}.\n\
         # It says what was, not what should be: read each line, and take away what should not have been.\n\
         # docs/policy.md has the keys. The first rule that fits a repository decides.\n",
        words::pushes(n_pushes),
        match habits.len() {
            1 => "1 repository".to_owned(),
            n => format!("{} repositories", words::number(n as u64)),
        }
    );
    if n_left_out > 0 {
        let pushes = words::pushes(n_left_out);
        text += &format!(
            "# Left out: {pushes} into repositories without a name that a rule can hold.\n"
        );
    }
    for (shape, group) in groups {
        rule(&mut text, &shape, &group);
    }
    text += "\n# What is new is nobody's to push into, until somebody writes a rule for it.\n\
             # [[rule]]\n# name = \"all others\"\n# repository = \"*\"\n# callers = []\n";
    text
}

fn shape(owner: &str, habit: &Habit) -> RuleShape {
    let lists = [
        &habit.callers,
        &habit.addresses,
        &habit.endpoints,
        &habit.clients,
        &habit.regions,
        &habit.moving,
    ];
    let rights = Right::ALL.map(|right| match habit.rights.get(&right) {
        None => Some(Vec::new()),
        Some(seen) => seen.shape(),
    });
    RuleShape {
        registry: owner.to_owned(),
        lists: lists
            .iter()
            .map(|seen| seen.shape())
            .chain(rights)
            .collect(),
        needs: (
            habit.n_without_login == 0,
            habit.n_images > 0 && habit.n_not_index == 0,
            habit.attested,
            habit.signed,
        ),
    }
}

fn rule(text: &mut String, shape: &RuleShape, group: &[(&str, &Habit)]) {
    let mut sum = Habit::default();
    for (_, habit) in group {
        sum.n_pushes += habit.n_pushes;
        sum.first = match (sum.first, habit.first) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        sum.last = sum.last.max(habit.last);
        for (sum, of) in [
            (&mut sum.callers, &habit.callers),
            (&mut sum.addresses, &habit.addresses),
            (&mut sum.endpoints, &habit.endpoints),
            (&mut sum.clients, &habit.clients),
            (&mut sum.regions, &habit.regions),
            (&mut sum.moving, &habit.moving),
        ] {
            sum.merge(of);
        }
        for (&right, seen) in &habit.rights {
            sum.rights.entry(right).or_default().merge(seen);
        }
        if let Some((from, to)) = habit.minutes {
            let (first, last) = sum.minutes.unwrap_or((from, to));
            sum.minutes = Some((first.min(from), last.max(to)));
        }
    }
    let time = |time: Option<DateTime<Utc>>| time.map_or_else(String::new, words::time);
    let repositories: Vec<String> = group.iter().map(|(name, _)| quoted(name)).collect();
    let more = match group.len() {
        1 => String::new(),
        n => format!(" and {} more", n - 1),
    };
    let first = group.first().map_or("", |(name, _)| name);
    let name = format!("{first}{more}, {}", shape.registry);
    text.push_str(&format!(
        "\n# {}, {} to {}\n[[rule]]\nname = {}\nrepository = {}\nregistry = {}\n",
        words::pushes(sum.n_pushes),
        time(sum.first),
        time(sum.last),
        quoted(&name),
        match repositories.as_slice() {
            [one] => one.clone(),
            all => format!("[\n    {},\n]", all.join(",\n    ")),
        },
        quoted(&shape.registry)
    ));
    list(text, "callers", &sum.callers, ("push", "pushes"));
    places(text, "addresses", &sum.addresses);
    // That some came through none is not to be asked of all.
    if !sum.endpoints.0.is_empty() {
        places(text, "endpoints", &sum.endpoints);
    }
    list(text, "clients", &sum.clients, ("push", "pushes"));
    list(text, "regions", &sum.regions, ("push", "pushes"));
    if let Some((from, to)) = sum.minutes {
        let clock = |minute: u32| format!("{:02}:{:02}", minute / 60, minute % 60);
        text.push_str(&format!(
            "# hours = \"{:02}:00-{:02}:00 UTC\"  # seen from {} to {}\n",
            from / 60,
            to / 60 + 1,
            clock(from),
            clock(to)
        ));
    }
    list(text, "moving-tags", &sum.moving, ("time", "times"));
    let (login, index, attested, signed) = shape.needs;
    let mut need = |key: &str, value: &str, is_met: bool| match is_met {
        true => text.push_str(&format!("{key} = {value}\n")),
        false => text.push_str(&format!("# {key} = {value}  # not all had it\n")),
    };
    need("login", "true", login);
    need("index", "true", index);
    for (key, due) in [("provenance", attested), ("signature", signed)] {
        match due {
            Due::Within(minutes) => need(key, &format!("\"{minutes}m\""), true),
            Due::NeverAsked | Due::Missing => need(key, "\"10m\"", false),
        }
    }
    for right in Right::ALL {
        let none = Seen::default();
        let seen = sum.rights.get(&right).unwrap_or(&none);
        list(text, right.key(), seen, ("call", "calls"));
    }
}

/// A list of places, unless it is longer than anybody would keep.
fn places(text: &mut String, key: &str, seen: &Seen) {
    match seen.0.len() {
        n if n > MOST_PLACES => {
            let n = words::number(n as u64);
            text.push_str(&format!(
                "# {key}: {n} were seen, too many for a list; name networks\n"
            ));
        }
        _ => list(text, key, seen, ("push", "pushes")),
    }
}

fn list(text: &mut String, key: &str, seen: &Seen, (one, many): (&str, &str)) {
    if seen.1 {
        text.push_str(&format!(
            "# {key}: the log does not show them for every one\n"
        ));
        return;
    }
    if seen.0.is_empty() {
        text.push_str(&format!("{key} = []\n"));
        return;
    }
    text.push_str(&format!("{key} = [\n"));
    for (pattern, n) in &seen.0 {
        let times = match n {
            1 => format!("1 {one}"),
            n => format!("{} {many}", words::number(*n)),
        };
        text.push_str(&format!("    {},  # {times}\n", quoted(pattern)));
    }
    text.push_str("]\n");
}

/// A text of the log as a TOML string: what a terminal or an eye would take for something else is written out.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            ' '..='~' => out.push(letter),
            other => write!(out, "\\U{:08X}", u32::from(other)).expect("a String takes all"),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_the_log_stay_in_their_quotes() {
        assert_eq!(quoted("shop/web"), "\"shop/web\"");
        assert_eq!(quoted("a\"\\\n# b"), "\"a\\\"\\\\\\U0000000A# b\"");
        assert_eq!(
            quoted("ö\u{202e}\u{7f}"),
            "\"\\U000000F6\\U0000202E\\U0000007F\""
        );
    }

    #[test]
    fn a_program_is_named_without_its_version() {
        assert_eq!(program("aws-cli/2.15.30 md/x"), "aws-cli/*");
        assert_eq!(program("curl 8"), "curl *");
        assert_eq!(program("docker"), "docker");
        assert_eq!(program("é/1"), "é/*");
    }
}
