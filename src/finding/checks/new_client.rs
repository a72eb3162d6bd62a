//! A principal that pushes from a new place.

use crate::event::{ClientId, IdMap};
use crate::finding::check::{Beyond, Check, Code, Context, Finding, Runner, Severity};
use crate::session::PrincipalId;
use crate::words;

const CODE: Code = Code {
    code: "new-client",
    name: "A client that never pushed before",
    severity: Severity::Note,
    doc: "The principal pushed several times in this log and came through, always from one address with one program, \
and this push came from an address, through a VPC endpoint or by a program that it had not used: by \
its login, or by the calls themselves. Two networks may use one private address, so the endpoint counts \
by itself. A new build host looks so, and so does a credential in other hands. Principals that \
change their address all the time, as hosted builds do, are not told of.",
};

/// The check.
pub(super) const CHECK: Check = Check::new(&[CODE], Runner::LogBeyond(run));

/// This many pushes from each known place make a habit.
const HABIT: u64 = 5;

/// What a principal has used so far, with the number of pushes.
#[derive(Default)]
pub(crate) struct Habits<'a> {
    n_pushes: u64,
    addresses: Vec<&'a str>,
    endpoints: Vec<&'a str>,
    programs: Vec<&'a str>,
}

impl<'a> Habits<'a> {
    /// What is new about the client of the next push, by address, endpoint and user agent, in words. Only pushes that
    /// succeeded make a habit; otherwise whoever is refused often enough would be at home.
    pub(crate) fn next(
        &mut self,
        [address, endpoint, agent]: [&'a str; 3],
        succeeded: bool,
    ) -> Option<String> {
        let n = self.n_pushes;
        let new = [
            ("from", news(&mut self.addresses, address, n, succeeded)),
            ("through", news(&mut self.endpoints, endpoint, n, succeeded)),
            (
                "with",
                news(&mut self.programs, program(agent), n, succeeded),
            ),
        ];
        let new = new.into_iter();
        let new: String = new
            .filter_map(|(how, what)| what.map(|what| format!(" {how} {what}")))
            .collect();
        self.n_pushes += u64::from(succeeded);
        let told = format!(
            "the {} pushes before that came through never came{new}",
            words::number(n)
        );
        (!new.is_empty()).then_some(told)
    }
}

fn run(context: &Context<'_>, beyond: Beyond<'_>, findings: &mut Vec<Finding>) {
    let log = context.log;
    let mut habits: IdMap<PrincipalId, (Option<ClientId>, Habits<'_>)> = IdMap::default();
    for (index, session) in context.sessions.sessions.iter().enumerate() {
        let Some(id) = session.shows_client(log) else {
            continue;
        };
        let new = match beyond.answers {
            Some(answers) => answers.news.get(&session.id).cloned(),
            None => {
                let client = log.event(id).client;
                let (last, known) = habits
                    .entry(context.sessions.principals.of(session.identity))
                    .or_default();
                let succeeded = session.has_stored(log);
                if *last == Some(client) {
                    known.n_pushes += u64::from(succeeded);
                    continue;
                }
                if succeeded {
                    *last = Some(client);
                }
                let client = log.tables.clients.get(client);
                let parts = [
                    &client.source_ip,
                    &client.vpc_endpoint_id,
                    &client.user_agent,
                ];
                known.next(
                    parts.map(|part| part.as_deref().unwrap_or_default()),
                    succeeded,
                )
            }
        };
        findings.extend(new.map(|message| CODE.of(index, vec![id], message)));
    }
}

/// The value, if it breaks a habit; if this push `learns`, the value is known from then on. For
/// principals without a habit, only enough is kept to show that they have none.
fn news<'a>(
    known: &mut Vec<&'a str>,
    value: &'a str,
    n_pushes: u64,
    learns: bool,
) -> Option<&'a str> {
    if value.is_empty() || known.contains(&value) || known.len() > MOST_KNOWN {
        return None;
    }
    let habitual = n_pushes >= HABIT.saturating_mul(known.len() as u64) && !known.is_empty();
    if learns {
        known.push(value);
    }
    habitual.then_some(value)
}

/// This many addresses, endpoints or programs are no longer a habit.
const MOST_KNOWN: usize = 8;

/// The user agent's first word, without its version.
fn program(agent: &str) -> &str {
    agent.split([' ', '/']).next().unwrap_or_default()
}
