//! The facts of a push under their names, in the order in which people ask for them.
//!
//! Comes in: a push's row. Goes out: pairs of a short name and a text: why, who, from, to, when, what moved, what it made,
//! how sure it is, and the runs before and after it; with the whole ids behind a text, for reports with room for them.
//! Never: layout.

use crate::report::row::{ClientFrom, RelatedAs, RelatedRow, SessionRow};
use crate::report::story::pulls;
use crate::report::story::push as story;
use crate::words;
use crate::zone::Zone;

/// A fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fact {
    /// Its name, of at most eight letters.
    pub(crate) name: &'static str,
    /// What is known.
    pub(crate) text: String,
    /// The whole ids behind it; the last word of each is the id.
    pub(crate) ids: Vec<String>,
    /// Where it leads.
    pub(crate) leads_to: Option<LeadsTo>,
}

/// Where a fact leads, in reports that have such a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum LeadsTo {
    /// To the push whose id its text contains.
    Push(String),
    /// To the problems of the input.
    Problems,
}

impl Fact {
    /// A fact.
    pub(crate) fn new(name: &'static str, text: impl Into<String>) -> Self {
        Self {
            name,
            text: text.into(),
            ids: Vec::new(),
            leads_to: None,
        }
    }

    /// The same with the ids behind it.
    fn with_ids(self, ids: Vec<String>) -> Self {
        Self { ids, ..self }
    }

    /// The same with the place that it leads to.
    pub(crate) fn leading_to(self, place: LeadsTo) -> Self {
        let leads_to = Some(place);
        Self { leads_to, ..self }
    }
}

/// How much of a user agent is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Agent {
    /// Its first word.
    Program,
    /// All of it, and the version of TLS.
    Whole,
}

/// The facts of a push.
pub(crate) fn facts(push: &SessionRow<'_>, agent: Agent, zone: &Zone) -> Vec<Fact> {
    let mut facts = vec![Fact::new("why", &*push.explanation)];
    let decided = push.reason.as_ref();
    let decided = decided.and_then(|reason| reason.event_id.as_deref());
    facts.extend(decided.map(|event| Fact::new("event", event)));
    facts.extend([
        Fact::new("who", story::who(push)).with_ids(principal(push)),
        Fact::new("from", from(push, agent, zone)).with_ids(login(push)),
        Fact::new("to", story::to(push)),
        Fact::new("when", story::when(push, zone)),
        Fact::new("moved", story::moved(push)),
    ]);
    facts.extend(image(push).map(|image| Fact::new("image", image)));
    let pulled = push.pulled.as_ref().map(pulls::fact);
    facts.extend(pulled.map(|pulled| Fact::new("pulled", pulled)));
    facts.extend(story::sure(push, zone).map(|sure| Fact::new("sure", sure)));
    facts.extend(story::basis(push).map(|basis| Fact::new("basis", basis)));
    facts.extend(push.related.iter().map(related));
    facts
}

fn from(push: &SessionRow<'_>, agent: Agent, zone: &Zone) -> String {
    let Some(client) = &push.client else {
        return match push.authorization {
            Some(_) => "not known: neither the calls nor the login show an address".to_owned(),
            None => {
                "not known: the calls hide the address, and no login in this log fits".to_owned()
            }
        };
    };
    let ip = story::address(client);
    let program = match (client.user_agent.as_deref(), agent) {
        (None, _) => "(no program named)",
        (Some(program), Agent::Whole) => program,
        (Some(program), Agent::Program) => program.split(' ').next().unwrap_or(program),
    };
    let tls = match (&client.tls_version, agent) {
        (Some(version), Agent::Whole) => format!(" over {version}"),
        (_, Agent::Whole | Agent::Program) => String::new(),
    };
    match (&push.authorization, client.from) {
        (Some(login), ClientFrom::Authorization) => format!(
            "{ip}, login {} by {program}{tls} at {} ({}, serves {})",
            words::short_event(&login.event_id),
            zone.clock(&login.time),
            login.strength,
            words::pushes(push.authorization_pushes)
        ),
        (Some(_), ClientFrom::Call) | (None, ClientFrom::Call | ClientFrom::Authorization) => {
            format!("{ip}, {program}{tls} (shown by the calls themselves)")
        }
    }
}

/// The ids of the caller.
fn principal(push: &SessionRow<'_>) -> Vec<String> {
    let identity = &push.identity;
    let ids = [&identity.arn, &identity.principal_id].into_iter();
    ids.flatten().map(ToString::to_string).collect()
}

/// The ids of the login, of the others that fit, and of the keys that the calls were signed with.
fn login(push: &SessionRow<'_>) -> Vec<String> {
    let mut ids = Vec::new();
    if let Some(login) = &push.authorization {
        ids.push(format!("login {}", login.event_id));
        let others = login.alternatives.iter();
        ids.extend(others.map(|other| format!("or login {other}")));
    }
    ids.extend(push.credentials.iter().map(|credential| {
        let of = credential.created.as_deref();
        let of = of.map(|created| format!("of a session begun {created}, "));
        let key = credential.access_key_id.as_deref();
        let key = key.unwrap_or("not named");
        format!("{}key {key}", of.unwrap_or_default())
    }));
    ids
}

fn image(push: &SessionRow<'_>) -> Option<String> {
    let image = push.image.as_ref()?;
    let digest = image.digest.as_deref().unwrap_or("(digest not in the log)");
    let kind = image.what.as_deref().unwrap_or("content not in the log");
    let size = image
        .size_bytes
        .map(|size| format!(", {}", words::size(size)));
    Some(format!("{digest} ({kind}{})", size.unwrap_or_default()))
}

/// The run before a push, or the one after it.
fn related(other: &RelatedRow) -> Fact {
    let time = words::duration(other.after_s);
    let (id, status) = (&other.session, other.status);
    let fact = match (other.relation, other.after_s) {
        (RelatedAs::RetryOf, 0..) => Fact::new(
            "before",
            format!("begun {time} after push {id}, which was {status}"),
        ),
        (RelatedAs::RetryOf, _) => Fact::new(
            "before",
            format!("begun {time} before the end of push {id}, which was {status}"),
        ),
        (RelatedAs::SupersededBy, 0..) => Fact::new(
            "next",
            format!("run again {time} later as push {id}, {status}"),
        ),
        (RelatedAs::SupersededBy, _) => Fact::new(
            "next",
            format!("run again before it ended as push {id}, {status}"),
        ),
    };
    fact.leading_to(LeadsTo::Push(id.clone()))
}
