//! A requested period, account or region that the logs do not cover.

use crate::finding::check::{Check, Code, Finding, Runner, Severity};

const CODE: Code = Code {
    code: "period-not-covered",
    name: "The logs do not reach what was asked for",
    severity: Severity::Error,
    doc: "Only with `--since`, `--until`, `--account` or `--region`. It is an error where the logs that \
were read hold nothing of the period, the account or the region: that there is no push in the report \
then says nothing. It is a warning where they begin after `--since`, end before `--until`, or have a \
hole within. An end that was left open asks for nothing. At either end a quarter of an hour is \
allowed for, since a log tells of its begin and end by records only, and CloudTrail delivers minutes late.\n\n\
An account is reached if it is the caller's in the log of another. Regions in which nothing happened \
have no log: ask for such a region only where it is used.\n\n\
What to do: add the log files of that time, account and region, or ask for less.",
};

/// The check.
pub(super) const CHECK: Check = Check::new(&[CODE], Runner::Asked);

/// The finding with a message.
pub(crate) fn period_not_covered(severity: Severity, message: String) -> Finding {
    let finding = CODE.of_log(message).severity(severity);
    finding.help("add the log files of that time, account and region, or ask for less")
}
