//! The first push of a caller, or of a caller's address, VPC endpoint or program, into a repository.

use chrono::{DateTime, Utc};
use indexmap::{IndexMap, IndexSet};

use crate::event::{Client, EventId, EventLog, Id, IdMap, Identity, RepositoryId};
use crate::finding::check::{Check, Code, Context, Finding, Runner, Severity};
use crate::finding::checks::{repository, span_of};
use crate::policy::FirstOfKind;
use crate::session::{Session, Status};
use crate::words;

const CALLER: Code = Code {
    code: "new-caller",
    name: "A caller's first push into a repository",
    severity: Severity::Warning,
    doc: "The log goes back for longer than `--first-after` (14 days) before this push, and holds no other \
that this caller made into the repository and that came through. A role counts as one caller, \
whatever the names of its sessions; a person of IAM Identity Center as one, whatever the permission set. \
Pushes that came to nothing teach nothing. A new pipeline looks so; so does \
somebody who was given, or took, more than was meant.\n\n\
It is a warning where the policy says `first = 'warning'`, else a note. Only the caller's own pushes count: \
nobody else can make or hide it.\n\n\
What to do: ask whether this caller should push there.",
};

const ADDRESS: Code = Code {
    code: "new-address",
    name: "A caller's first push from an address",
    severity: Severity::Warning,
    doc: "This caller pushed into the repository before and came through, always from other addresses, by the calls \
themselves or by their logins. The finding names the earlier ones. The log goes back for longer than \
`--first-after` (14 days). A new build host looks so, and so does a credential in other hands. Callers that \
change their address in every second push or more, or have had more than eight, as hosted builds do, are not told of, \
unless the policy says `first = 'warning'`: then every first one is a warning.\n\n\
What to do: ask who owns the address.",
};

const CLIENT: Code = Code {
    code: "new-client",
    name: "A caller's first push with a program",
    severity: Severity::Warning,
    doc: "As `new-address`, for the program that the calls or the login show, without its version. The program is what \
the caller says it is.\n\n\
What to do: ask whether this caller's pushes should be made with it.",
};

const ENDPOINT: Code = Code {
    code: "new-endpoint",
    name: "A caller's first push through a VPC endpoint",
    severity: Severity::Warning,
    doc: "As `new-address`, for the VPC endpoint. Two networks may use one private address, so the endpoint counts by \
itself; a first push through one, by a caller that came through none before, is told too.\n\n\
What to do: ask who owns the endpoint.",
};

/// The check.
pub(super) const CHECK: Check = Check::new(&[CALLER, ADDRESS, CLIENT, ENDPOINT], Runner::Log(run));

/// This many addresses, endpoints or programs are no longer a habit.
const MOST_KNOWN: usize = 8;

/// How many of the earlier ones are named.
const MOST_NAMED: usize = 3;

/// What a caller has used so far in a repository.
#[derive(Default)]
struct Habits<'a> {
    /// The pushes that came through.
    n_pushes: u64,
    /// Those of them that show a client.
    n_shown: u64,
    since: Option<DateTime<Utc>>,
    kinds: [UsedOfKind<'a>; 3],
}

/// What a caller has used of one kind.
#[derive(Default)]
struct UsedOfKind<'a> {
    known: IndexSet<&'a str>,
}

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let log = context.log;
    // In most logs nothing can be told, since none goes back so far.
    let mut spans = context.coverage.spans.values().map(|span| span.interval);
    if !spans.any(|span| span.to - span.from >= context.first_after) {
        return;
    }
    let callers = callers(log);
    let mut habits: IdMap<(usize, RepositoryId), Habits<'_>> = IdMap::default();
    for (index, session) in context.sessions.sessions.iter().enumerate() {
        let Some(into) = session.repository else {
            continue;
        };
        if session.status == Status::Unchanged {
            continue;
        }
        let caller = callers[session.identity.index()];
        let habits = habits.entry((caller, into)).or_default();
        let rule = context.rule_of(index).map(|rule| rule.first);
        let push = NewPush {
            log,
            session,
            // Only successful pushes make a habit; otherwise whoever is refused often enough would be at home.
            learns: session.has_stored(log),
            is_asked: rule == Some(FirstOfKind::Warning),
        };
        let begin = span_of(context, session).map(|span| span.interval.from);
        let begin = begin.filter(|begin| session.first - *begin >= context.first_after);
        let said = habits.meet(&push, begin);
        findings.extend(said.into_iter().map(|(code, event, message)| {
            let severity = match push.is_asked {
                true => Severity::Warning,
                false => Severity::Note,
            };
            code.of(index, vec![event], message).severity(severity)
        }));
    }
}

/// A number for the caller of each identity: a role whatever the session, a person whatever the permission set.
fn callers(log: &EventLog) -> Vec<usize> {
    let mut numbers: IndexMap<(String, Option<String>), usize> = IndexMap::new();
    let identities = log.tables.identities.iter();
    let number = |(_, identity): (_, &Identity)| {
        let who = words::who(identity);
        let (name, account) = words::pusher(&who, identity.account.as_deref());
        let next = numbers.len();
        let key = (name.to_owned(), account.map(str::to_owned));
        *numbers.entry(key).or_insert(next)
    };
    identities.map(number).collect()
}

struct NewPush<'a> {
    log: &'a EventLog,
    session: &'a Session,
    learns: bool,
    /// Whether every first one is to be told.
    is_asked: bool,
}

impl<'a> Habits<'a> {
    /// What is new in a push, which is learnt from then on; nothing is told without a begin of the log.
    fn meet(
        &mut self,
        push: &NewPush<'a>,
        begin: Option<DateTime<Utc>>,
    ) -> Vec<(Code, EventId, String)> {
        let NewPush { log, session, .. } = *push;
        let mut said = Vec::new();
        let told = begin.zip(session.sequence.first().copied());
        if self.n_pushes == 0
            && let Some((begin, event)) = told
        {
            said.push((CALLER, event, self.of_caller(push, begin)));
        }
        if let Some(event) = session.shows_client(log) {
            let client: &Client = log.tables.clients.get(log.event(event).client);
            let shown = [
                (ADDRESS, "from", client.source_ip.as_deref()),
                (ENDPOINT, "through", client.vpc_endpoint_id.as_deref()),
                (CLIENT, "with", Some(program(client))),
            ];
            for (kind, (code, how, value)) in shown.into_iter().enumerate() {
                let Some(value) = value.filter(|value| !value.is_empty()) else {
                    continue;
                };
                if self.is_news(kind, value, push) && begin.is_some() {
                    said.push((code, event, self.of_kind(kind, push, (how, value))));
                }
                if push.learns {
                    self.kinds[kind].learn(value, push.is_asked);
                }
            }
            self.n_shown += u64::from(push.learns);
        }
        if push.learns {
            self.n_pushes += 1;
            self.since.get_or_insert(session.first);
        }
        said
    }

    /// Whether a value is new to a caller that has habits.
    fn is_news(&self, kind: usize, value: &str, push: &NewPush<'_>) -> bool {
        let known = &self.kinds[kind].known;
        let n_known = known.len() as u64;
        let is_habit = n_known <= 1 || n_known * 2 <= self.n_shown && known.len() <= MOST_KNOWN;
        self.n_shown > 0 && !known.contains(value) && (is_habit || push.is_asked)
    }

    fn of_caller(&self, push: &NewPush<'_>, begin: DateTime<Utc>) -> String {
        let NewPush { log, session, .. } = push;
        let who = words::principal(log.tables.identities.get(session.identity));
        let into = repository(log, session.repository);
        let before = words::duration((session.first - begin).num_seconds());
        format!(
            "no push of {who} into {into} came through before: the log goes back {before} before this one, to {}",
            words::time(begin)
        )
    }

    fn of_kind(&self, kind: usize, push: &NewPush<'_>, (how, value): (&str, &str)) -> String {
        let NewPush { log, session, .. } = push;
        let known = &self.kinds[kind].known;
        let mut named: Vec<String> = known
            .iter()
            .take(MOST_NAMED)
            .map(|&one| one.to_owned())
            .collect();
        match known.len().saturating_sub(MOST_NAMED) {
            0 if named.is_empty() => named.push("none".to_owned()),
            0 => {}
            more => named.push(format!("{} more", words::number(more as u64))),
        }
        let since = self.since.map_or_else(String::new, words::time);
        format!(
            "no push {how} {value} before: {} of {} into {} that came through, since {since}, came {how} {}",
            match self.n_shown {
                1 => "the only earlier push".to_owned(),
                n => format!("the {} earlier pushes", words::number(n)),
            },
            words::principal(log.tables.identities.get(session.identity)),
            repository(log, session.repository),
            words::list(&named)
        )
    }
}

impl<'a> UsedOfKind<'a> {
    /// For callers without a habit only enough is kept to show that they have none.
    fn learn(&mut self, value: &'a str, is_asked: bool) {
        if is_asked || self.known.len() <= MOST_KNOWN {
            self.known.insert(value);
        }
    }
}

/// The user agent's first word, without its version.
fn program(client: &Client) -> &str {
    let agent = client.user_agent.as_deref().unwrap_or_default();
    agent.split([' ', '/']).next().unwrap_or_default()
}
