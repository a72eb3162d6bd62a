//! A cause that was logged well after its effect.

use crate::event::EventId;
use crate::finding::check::{Ask, Check, Code, Context, Runner, Severity};
use crate::finding::checks::each_push;
use crate::graph::order::CLOCK_SKEW_SECONDS;

const CODE: Code = Code {
    code: "clock-skew",
    name: "A cause logged after its effect",
    severity: Severity::Warning,
    doc: "By ids and digests one event came before another, and by `eventTime` it came more than \
five seconds after. The clocks of two hosts differ, or a record was altered. The order of the \
timeline is that of the causes.",
};

/// The check.
pub(super) const CHECK: Check = Check {
    codes: &[CODE],
    run: Runner::Push(run),
};

fn run<'c>(context: &'c Context<'c>) -> Ask<'c> {
    let log = context.log;
    each_push(move |index, session| {
        let late = |pair: &&[EventId]| {
            (log.event(pair[0]).time - log.event(pair[1]).time).num_seconds() > CLOCK_SKEW_SECONDS
        };
        let pair = session.sequence.windows(2).find(late)?;
        let (earlier, later) = (log.event(pair[0]), log.event(pair[1]));
        let seconds = (earlier.time - later.time).num_seconds();
        let message = format!(
            "`{}` is logged {seconds} s after `{}`, which it had to come before",
            earlier.action.name(),
            later.action.name()
        );
        let finding = CODE.of(index, pair.to_vec(), message);
        Some(finding.label(format!("logged {seconds} s too late")))
    })
}
