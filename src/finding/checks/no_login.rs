//! A push without a login, in a log that should contain it.

use chrono::{DateTime, TimeDelta, Utc};

use crate::facts::Facts;
use crate::finding::check::{Ask, Beyond, Check, Code, Context, Runner, Severity};
use crate::finding::checks::{each_push, hole_between, span_of};
use crate::session::{Session, TOKEN_SECONDS};
use crate::words;

const CODE: Code = Code {
    code: "no-login",
    name: "A push without a login",
    severity: Severity::Note,
    doc: "The calls came through the registry's front, which takes a token; the log covers all the \
time in which the token can have been taken, records the logins of others, and holds none of this \
principal that fits. The token was taken in another region or account, or the record of it is gone.\n\n\
What to do: read the logs of the other regions and accounts of this principal too. If they hold no \
login either, compare the log files with their digest files.",
};

/// The check.
pub(super) const CHECK: Check = Check::new(&[CODE], Runner::PushBeyond(run));

fn run<'c>(context: &'c Context<'c>, beyond: Beyond<'c>) -> Ask<'c> {
    let log = context.log;
    each_push(move |index, session| {
        if session.authorization.is_some() {
            return None;
        }
        let from = should_hold(context, session, beyond.facts)?;
        let who = words::who(log.tables.identities.get(session.identity));
        let message = format!(
            "no login of {who} is in the log, which is whole from {} to the push",
            words::time(from)
        );
        let first = session.sequence.first().copied();
        let finding = CODE.of(index, first.into_iter().collect(), message);
        Some(finding.help("add the logs of this principal's other regions and accounts"))
    })
}

/// From when on the log should contain the login of a push, if it should.
fn should_hold(
    context: &Context<'_>,
    session: &Session,
    facts: &Facts<'_>,
) -> Option<DateTime<Utc>> {
    let log = context.log;
    let first = log.event(*session.sequence.first()?);
    let identity = log.tables.identities.get(session.identity);
    let at_home = identity.account.as_deref() == Some(log.text(first.recipient));
    let tables = &log.tables;
    if !at_home
        || session.direct_calls(log).next().is_some()
        || !facts.has_logins(log.text(first.recipient), log.text(first.region))
    {
        return None;
    }
    // No token is older than its credential, or than its maximum life.
    let shown = session.credentials.iter();
    let created = shown
        .filter_map(|&id| tables.credentials.get(id).created)
        .min();
    let oldest = session.first - TimeDelta::seconds(TOKEN_SECONDS);
    let from = created.map_or(oldest, |created| created.max(oldest));
    let span = span_of(context, session)?;
    let begun = span.interval.from <= from - TimeDelta::seconds(MARGIN_SECONDS);
    let whole = begun && hole_between(span, from, session.first).is_none();
    whole.then_some(from)
}

/// How much earlier than the login the log must begin, since clocks differ by some seconds.
const MARGIN_SECONDS: i64 = 60;
