//! The table of the checks, and the codes that others ask for.
//!
//! The order of the rows is only that of `docs/findings.md`.

use crate::finding::check::{Check, Code};
use crate::finding::checks::absent_log;
use crate::finding::checks::altered_log;
use crate::finding::checks::byte_hole;
use crate::finding::checks::cause;
use crate::finding::checks::clock_skew;
use crate::finding::checks::console_push;
use crate::finding::checks::contradiction;
use crate::finding::checks::damaged_input;
use crate::finding::checks::dead_upload;
use crate::finding::checks::failed_push;
use crate::finding::checks::hole_in_push;
use crate::finding::checks::incomplete_push;
use crate::finding::checks::log_hole;
use crate::finding::checks::login_refused;
use crate::finding::checks::manifest_altered;
use crate::finding::checks::manifest_omitted;
use crate::finding::checks::new_client;
use crate::finding::checks::no_login;
use crate::finding::checks::not_in_log;
use crate::finding::checks::orphaned_layer;
use crate::finding::checks::overcome_refusal;
use crate::finding::checks::parameters_omitted;
use crate::finding::checks::part_overlap;
use crate::finding::checks::part_resent;
use crate::finding::checks::period_not_covered;
use crate::finding::checks::probe_refused;
use crate::finding::checks::reads_missing;
use crate::finding::checks::retried_push;
use crate::finding::checks::root_push;
use crate::finding::checks::size_mismatch;
use crate::finding::checks::tag_moved;
use crate::finding::checks::tag_raced;
use crate::finding::checks::two_addresses;
use crate::finding::checks::two_principals;
use crate::finding::checks::undetermined_push;
use crate::finding::checks::unseen_layer;
use crate::finding::checks::unverified_log;
use crate::finding::checks::upload_shared;
use crate::ingest::verify::Flaw;

/// Every check, in the order of `docs/findings.md`.
pub const CHECKS: &[Check] = &[
    incomplete_push::CHECK,
    failed_push::CHECK,
    undetermined_push::CHECK,
    overcome_refusal::CHECK,
    retried_push::CHECK,
    orphaned_layer::CHECK,
    dead_upload::CHECK,
    tag_moved::CHECK,
    tag_raced::CHECK,
    root_push::CHECK,
    console_push::CHECK,
    no_login::CHECK,
    login_refused::CHECK,
    probe_refused::CHECK,
    two_addresses::CHECK,
    two_principals::CHECK,
    new_client::CHECK,
    byte_hole::CHECK,
    part_overlap::CHECK,
    part_resent::CHECK,
    size_mismatch::CHECK,
    upload_shared::CHECK,
    manifest_altered::CHECK,
    unseen_layer::CHECK,
    manifest_omitted::CHECK,
    parameters_omitted::CHECK,
    clock_skew::CHECK,
    contradiction::CHECK,
    hole_in_push::CHECK,
    log_hole::CHECK,
    period_not_covered::CHECK,
    not_in_log::CHECK,
    damaged_input::CHECK,
    reads_missing::CHECK,
    altered_log::CHECK,
    absent_log::CHECK,
    unverified_log::CHECK,
];

/// The code of a finding that is about logins: it is chosen by these, not shown with every choice.
pub(crate) const OF_LOGINS: &str = login_refused::LOGIN_REFUSED;

/// The codes of findings about the input, which count whatever is selected of it.
pub(crate) const OF_INPUT: [&str; 1] = [damaged_input::DAMAGED_INPUT];

/// The code of the finding about a doubt, which counts if what is in doubt was asked for.
pub(crate) fn code_of_doubt(flaw: Flaw) -> &'static str {
    match flaw {
        Flaw::Altered => altered_log::ALTERED_LOG,
        Flaw::Absent => absent_log::ABSENT_LOG,
        Flaw::Unfounded => unverified_log::UNVERIFIED_LOG,
    }
}

/// What a push that AWS refused with an error code failed of; `None` for an unknown error code.
#[must_use]
pub fn code_of_error(error: &str) -> Option<&'static Code> {
    cause::known(error).map(|cause| &cause.code)
}
