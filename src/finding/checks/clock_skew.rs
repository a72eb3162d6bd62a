//! A cause that was logged well after its effect.

use crate::finding::checks::each_session;
use crate::finding::{Check, Context, Finding, Severity};
use crate::graph::order::CLOCK_SKEW_SECONDS;

/// The check.
pub(super) const CHECK: Check = Check {
    code: "clock-skew",
    name: "A cause logged after its effect",
    severity: Severity::Warning,
    doc: "By ids and digests one event came before another, and by `eventTime` it came more than \
five seconds after. The clocks of two hosts differ, or a record was altered. The order of the \
timeline is that of the causes.",
    run,
};

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let log = context.log;
    each_session(context, findings, |index, session| {
        let pair = session.sequence.windows(2).find(|pair| {
            let (earlier, later) = (log.event(pair[0]), log.event(pair[1]));
            (earlier.time - later.time).num_seconds() > CLOCK_SKEW_SECONDS
        })?;
        let seconds = (log.event(pair[0]).time - log.event(pair[1]).time).num_seconds();
        Some(Finding {
            code: CHECK.code,
            severity: CHECK.severity,
            session: Some(index),
            events: pair.to_vec(),
            message: format!(
                "`{}` is logged {seconds} s after `{}`, which it had to come before",
                log.event(pair[0]).action.name(),
                log.event(pair[1]).action.name()
            ),
            help: None,
        })
    });
}
