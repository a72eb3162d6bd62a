//! What a policy says of pushes and of calls beside them.

mod judge;
pub(crate) mod observed;

pub(crate) use judge::judge;

use chrono::TimeDelta;

use crate::event::log::ContextEvent;
use crate::event::{EventId, EventLog, RepositoryId};
use crate::finding::check::{Check, Code, Context, Finding, Runner, Severity};
use crate::finding::checks::policy::observed::{client, region};
use crate::finding::checks::tags::tagged;
use crate::finding::checks::{n, repository, short_digest};
use crate::finding::judged::{Breach, BreachTold, CallBreach, CallTold, Demand, Judgement, Open};
use crate::policy::{Allowed, Policy, PolicyRule, Right};
use crate::session::Session;
use crate::words;

/// The code of a finding about a broken rule.
pub(crate) const POLICY: &str = "policy";

const BROKEN: Code = Code {
    code: POLICY,
    name: "A rule of the policy is broken",
    severity: Severity::Error,
    doc: "The policy of `--policy` has a rule about the repository, and a push or a call beside pushes does \
not keep it. The finding names the rule, what it asks for, and what the log shows instead. Only granted \
calls break a rule: a push of which every call was refused wrote nothing, and a deletion that was \
refused is a note here, which says so.\n\n\
A push is judged by all its calls and by the login that fits it best. Each demand that is not met is a \
finding of its own.\n\n\
What to do: ask whether it was meant to happen. If it was, change the rule; the policy is a file that \
reviewers see. If not, look who has the credential, and close the way by IAM or the repository's policy, \
since a policy of this program only tells.",
};

const UNDECIDED: Code = Code {
    code: "policy-undecided",
    name: "Whether a rule of the policy is kept cannot be told",
    severity: Severity::Warning,
    doc: "A rule of the policy asks for something that the log does not show: an address of a push whose \
calls came through the registry's front end and whose login is not here, a signature that is due after \
the log's end, a manifest that was left out of a record. Nobody is accused by what is not shown, and \
nothing passes by it either.\n\n\
It is a note about the log as a whole where a rule is about no repository in it, where no rule is about a \
repository that somebody pushed into, and where tags that may not move may have stood elsewhere before \
the log begins.\n\n\
What to do: add the logs that are missing, such as those of other regions, of an hour later, or of the \
days before; or let the rule ask for what the log shows.",
};

/// The check.
pub(super) const CHECK: Check = Check::new(&[BROKEN, UNDECIDED], Runner::Log(run));

/// How many names of repositories or rules a note holds.
const MOST_NAMED: usize = 5;

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let Some((policy, judged)) = context.policy else {
        return;
    };
    let said = judged.breaches.iter();
    findings.extend(said.filter_map(|breach| of_push(context, policy, breach)));
    let said = judged.calls.iter();
    findings.extend(said.filter_map(|breach| of_call(context.log, policy, breach)));
    findings.extend(unruled(context.log, judged));
    findings.extend(idle(policy, judged));
    findings.extend(before_the_log(context, policy, judged));
}

/// What a rule asks for, after its name.
fn expected(rule: &PolicyRule, demand: Demand) -> String {
    let only = |before: &str, allowed: &Option<Allowed>, nothing: &str| {
        let allowed = allowed.as_ref();
        let only = allowed.map_or_else(String::new, |allowed| allowed.only(nothing));
        format!("allows pushes {before} {only}")
    };
    let span = |span: Option<TimeDelta>| match span.map(|span| span.num_seconds()) {
        None | Some(0) => "at once".to_owned(),
        Some(seconds) => format!("within {}", words::duration(seconds)),
    };
    match demand {
        Demand::Repository => String::new(),
        Demand::Callers => only("by", &rule.callers, "nobody"),
        Demand::Accounts => only("by callers of", &rule.accounts, "no account"),
        Demand::Addresses => only("from", &rule.addresses, "nowhere"),
        Demand::Endpoints => only("through", &rule.endpoints, "no VPC endpoint"),
        Demand::Clients => only("with", &rule.clients, "no program"),
        Demand::Regions => only("into", &rule.regions, "no region"),
        Demand::Hours => {
            let hours = rule.hours.iter().flatten();
            let hours: Vec<String> = hours.map(|hours| format!("`{}`", hours.text)).collect();
            match hours.is_empty() {
                true => "allows pushes at no time".to_owned(),
                false => format!("allows pushes at {} alone", words::list(&hours)),
            }
        }
        Demand::MovingTags => {
            let tags = rule.moving_tags.as_ref();
            let tags = tags.map_or_else(String::new, |tags| tags.only("no tag"));
            format!("lets {tags} move")
        }
        Demand::Login => "asks for a login".to_owned(),
        Demand::Index => "asks for an index".to_owned(),
        Demand::Provenance => format!("asks for an attestation {}", span(rule.provenance)),
        Demand::Signature => format!("asks for a signature {}", span(rule.signature)),
    }
}

/// The finding about a push.
fn of_push(context: &Context<'_>, policy: &Policy, breach: &Breach) -> Option<Finding> {
    let log = context.log;
    let session = context.sessions.sessions.get(breach.session)?;
    let Some(rule) = breach.rule else {
        let message = "which rule of the policy is about this push cannot be told: no call of it names a repository";
        let (BreachTold::Broken(event, _) | BreachTold::Open(_, event)) = breach.told;
        return Some(UNDECIDED.of(breach.session, vec![event], message.to_owned()));
    };
    let rule = policy.rules.get(rule)?;
    let (name, asks) = (rule.told(), expected(rule, breach.demand));
    Some(match breach.told {
        BreachTold::Broken(event, other) => {
            let seen = seen(context, session, breach.demand, (event, other));
            let message = format!("{name} {asks}; {seen}");
            let events = std::iter::once(event).chain(other).collect();
            let finding = BROKEN.of(breach.session, events, message);
            let help = format!(
                "ask whether this was meant to happen; if it was, edit line {} of the policy",
                rule.line
            );
            finding.label(format!("against {name}")).help(help)
        }
        BreachTold::Open(open, event) => {
            let why = why(log, breach.demand, open);
            let message =
                format!("{name} {asks}; whether this push keeps it cannot be told: {why}");
            UNDECIDED.of(breach.session, vec![event], message)
        }
    })
}

/// What the log shows in place of what a rule asks for.
fn seen(
    context: &Context<'_>,
    session: &Session,
    demand: Demand,
    (event, other): (EventId, Option<EventId>),
) -> String {
    let log = context.log;
    let identity = log.tables.identities.get(session.identity);
    let account = || identity.account.as_deref().unwrap_or("no account");
    let link = session.authorization.as_ref();
    let is_login = link.is_some_and(|link| link.event == event);
    let fits = link.filter(|link| is_login && !link.alternatives.is_empty());
    let best = match fits {
        Some(link) => format!(
            ", the one that fits best of {}",
            words::number(n(link.alternatives.len() + 1))
        ),
        None => String::new(),
    };
    let subject = match is_login {
        true => "its login",
        false => "this one",
    };
    match demand {
        Demand::Repository => String::new(),
        Demand::Callers => format!(
            "this one was made by {} ({})",
            words::who(identity),
            account()
        ),
        Demand::Accounts => format!(
            "this one was made by {} of {}",
            words::who(identity),
            account()
        ),
        Demand::Addresses => {
            let address = client(log, event).source_ip.as_deref().unwrap_or_default();
            format!("{subject} came from {address}{best}")
        }
        Demand::Endpoints => match &client(log, event).vpc_endpoint_id {
            Some(endpoint) => format!("{subject} came through {endpoint}{best}"),
            None => {
                let address = client(log, event).source_ip.as_deref().unwrap_or_default();
                format!("{subject} came from {address} through no VPC endpoint{best}")
            }
        },
        Demand::Clients => {
            let agent = client(log, event).user_agent.as_deref().unwrap_or_default();
            format!(
                "{subject} was made with `{}`{best}",
                words::shorten(agent, 60)
            )
        }
        Demand::Regions => format!("this one went into {}", region(log, session)),
        Demand::Hours => format!(
            "this one made `{}` at {}",
            log.event(event).action.name(),
            words::time(log.event(event).time)
        ),
        Demand::MovingTags => {
            let tag = log
                .event(event)
                .action
                .tag()
                .map_or("", |tag| log.text(tag));
            let held = other.and_then(|other| tagged(log, other)).map_or_else(
                || "another image".to_owned(),
                |(_, _, digest)| short_digest(log, digest),
            );
            format!("this push moved `{tag}`, which stood on {held}")
        }
        Demand::Login => "this one used none".to_owned(),
        Demand::Index => "this push put an image for one platform".to_owned(),
        Demand::Provenance | Demand::Signature => {
            "the log goes on past that, and holds none of this image".to_owned()
        }
    }
}

/// Why it cannot be told whether a push keeps a rule.
fn why(log: &EventLog, demand: Demand, open: Open) -> String {
    match open {
        Open::OtherLogin(other) => {
            let client = client(log, other);
            let address = client.source_ip.as_deref().unwrap_or("no address");
            let agent = client.user_agent.as_deref().unwrap_or("no program");
            format!(
                "another login fits it too, and came from {address} with `{}`",
                words::shorten(agent, 60)
            )
        }
        Open::LoginElsewhere => {
            "the log holds no login of its caller, and not all the time and places where it can have been made".to_owned()
        }
        Open::ManifestOmitted => "its manifest was left out of the log".to_owned(),
        Open::LogEnds(time) => format!("it is not due yet when the log ends, at {}", words::time(time)),
        Open::LogHole(time) => format!("the log has a hole from {}, before it is due", words::time(time)),
        Open::NotShown => match demand {
            Demand::Addresses => "no call and no login of it shows an address",
            Demand::Endpoints => "no call and no login of it shows an address or a VPC endpoint",
            Demand::Clients => "no call and no login of it shows a program",
            Demand::Callers => "the log does not name its caller and the caller's account",
            Demand::Accounts => "the log names no account of its caller",
            Demand::Regions => "the log names no region",
            Demand::Provenance | Demand::Signature => "the log does not name its image",
            Demand::Repository
            | Demand::Hours
            | Demand::MovingTags
            | Demand::Login
            | Demand::Index => "the log does not show it",
        }
        .to_owned(),
    }
}

/// The finding about a call beside pushes.
fn of_call(log: &EventLog, policy: &Policy, breach: &CallBreach) -> Option<Finding> {
    let event = log.context.get(breach.call)?;
    let rule = policy.rules.get(breach.rule)?;
    let allowed = rule.rights.get(&breach.right)?.only("nobody");
    let may = match breach.right {
        Right::Delete => "delete or archive images",
        Right::Mutability => "change the mutability of tags",
        Right::Policies => "change policies",
        Right::Settings => "change settings",
    };
    let asks = format!("{} lets {allowed} {may}", rule.told());
    let (who, did) = (words::doer(log, event), did(log, event, breach.told));
    let finding = match breach.told {
        CallTold::Broken => BROKEN.of_log(format!("{asks}; {who} {did}")),
        CallTold::Refused => {
            let code = event
                .failure
                .map(|failure| &*log.tables.failures.get(failure).code);
            let refused = code.map_or_else(
                || " for every image".to_owned(),
                |code| format!(" ({code})"),
            );
            let message = format!("{asks}; {who} {did} and was refused{refused}: nothing changed");
            BROKEN.of_log(message).severity(Severity::Note)
        }
        CallTold::Open => {
            let message = format!(
                "{asks}; whether {who}, who {did}, is one of them cannot be told: the log does not name the caller and its account"
            );
            UNDECIDED.of_log(message)
        }
    };
    let finding = match breach.told {
        CallTold::Broken => finding.help(format!(
            "ask whether this was meant to happen; if it was, edit line {} of the policy",
            rule.line
        )),
        CallTold::Refused | CallTold::Open => finding,
    };
    Some(Finding {
        beside: Some(breach.call),
        ..finding
    })
}

/// What a call did or tried, where, when and from which address.
fn did(log: &EventLog, event: &ContextEvent, told: CallTold) -> String {
    let tags = event.tags.iter().map(|&tag| format!("`{}`", log.text(tag)));
    let digests = event
        .digests
        .iter()
        .map(|&digest| short_digest(log, digest));
    let images = some(tags.chain(digests)).unwrap_or_else(|| "images".to_owned());
    let doing = words::doing(log, event, &images);
    let verb = match told {
        CallTold::Broken | CallTold::Open => doing.done.to_owned(),
        CallTold::Refused => format!("wanted to {}", doing.to_do),
    };
    let place = match event.repository {
        Some(id) => format!("of {}", repository(log, Some(id))),
        None => format!(
            "of {} in {}",
            log.text(event.recipient),
            log.text(event.region)
        ),
    };
    let client = log.tables.clients.get(event.client);
    let from = client.source_ip.as_deref().filter(|_| client.is_direct());
    let from = from.map_or_else(String::new, |from| format!(" from {from}"));
    format!(
        "{verb} {} {place} at {}{from}",
        doing.what,
        words::time(event.time)
    )
}

/// A few of some names; `None` if there are none.
fn some(names: impl Iterator<Item = String>) -> Option<String> {
    let mut named: Vec<String> = names.collect();
    let more = named.len().saturating_sub(MOST_NAMED);
    named.truncate(MOST_NAMED);
    if more > 0 {
        named.push(format!("{} more", words::number(n(more))));
    }
    (!named.is_empty()).then(|| words::list(&named))
}

/// The note about repositories that no rule is about.
fn unruled(log: &EventLog, judged: &Judgement) -> Option<Finding> {
    let name = |&id: &RepositoryId| format!("`{}`", repository(log, Some(id)));
    let into = some(judged.unruled.iter().map(name))?;
    let pushes = words::pushes(judged.n_unruled);
    let message = format!("no rule of the policy is about {pushes} into {into}");
    let finding = UNDECIDED.of_log(message).severity(Severity::Note);
    Some(finding.help("a last rule with `repository = '*'` is about all others"))
}

/// The note about rules that are about nothing in the log.
fn idle(policy: &Policy, judged: &Judgement) -> Option<Finding> {
    let rules = judged
        .idle
        .iter()
        .filter_map(|&rule| policy.rules.get(rule));
    let named = some(rules.map(PolicyRule::told))?;
    let message = format!("nothing in the log is about what these rules name: {named}");
    let finding = UNDECIDED.of_log(message).severity(Severity::Note);
    Some(
        finding
            .help("check the spelling of `repository` and `registry`, and the period of the logs"),
    )
}

/// The note about tags that may not move and may have stood elsewhere before the log begins.
fn before_the_log(context: &Context<'_>, policy: &Policy, judged: &Judgement) -> Option<Finding> {
    let asked = policy.rules.iter().enumerate();
    let asked =
        asked.filter(|(number, rule)| rule.moving_tags.is_some() && !judged.idle.contains(number));
    let named = some(asked.map(|(_, rule)| rule.told()))?;
    let begin = context.coverage.interval()?.from;
    let message = format!(
        "where tags stood before {} is not in the log: the first put of a tag in it may have moved it, against {}",
        words::time(begin),
        named
    );
    Some(UNDECIDED.of_log(message).severity(Severity::Note))
}
