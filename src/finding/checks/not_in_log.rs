//! Names that were asked for and occur nowhere.

use crate::finding::check::{Check, Code, Finding, Runner, Severity};

const CODE: Code = Code {
    code: "not-in-log",
    name: "What was asked for occurs nowhere",
    severity: Severity::Warning,
    doc: "A value of `--repository`, `--identity`, `--tag`, `--digest`, `--address`, `--client` or `--image` \
fits no push and no other event of the log. It may be misspelt, or the logs may be others than was thought: that nothing \
is wrong with pushes that are not there says little. A push that ended before its PutImage named no \
tag.\n\n\
What to do: look at what the message and the report name in its place (`selection` in JSON), and at the account, \
region and period of the logs.",
};

/// The check.
pub(super) const CHECK: Check = Check::new(&[CODE], Runner::Asked);

/// The finding with a message.
pub(crate) fn not_in_log(message: String) -> Finding {
    let finding = CODE.of_log(message);
    finding.help("check the spelling, and the account, region and period of the logs")
}
