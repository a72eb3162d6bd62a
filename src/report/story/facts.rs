//! The facts of a push under their names, in the order in which people ask for them.
//!
//! Comes in: a push's row. Goes out: pairs of a short name and a text: why, who, from, to, when, what moved, what it made,
//! how sure it is, and the runs before and after it. Never: layout.

use crate::report::row::{ClientFrom, RelatedAs, RelatedRow, SessionRow};
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
}

impl Fact {
    /// A fact.
    pub(crate) fn new(name: &'static str, text: impl Into<String>) -> Self {
        let text = text.into();
        Self { name, text }
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
        Fact::new("who", story::who(push)),
        Fact::new("from", from(push, agent, zone)),
        Fact::new("to", story::to(push)),
        Fact::new("when", story::when(push, zone)),
        Fact::new("moved", story::moved(push)),
    ]);
    facts.extend(image(push).map(|image| Fact::new("image", image)));
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
    match (other.relation, other.after_s) {
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
    }
}
