//! The table of the checks, and the codes that other rooms need.
//!
//! The order of the rows is that of `docs/findings.md`, and of the findings about one push in reports.

use crate::finding::check::{Check, Code};
use crate::finding::checks::{
    absent_log, altered_log, byte_hole, cause, clock_skew, console_push, contradiction,
    damaged_input, dead_upload, failed_push, first_push, hole_in_push, incomplete_push, log_hole,
    login_refused, manifest_altered, manifest_omitted, no_login, not_in_log, orphaned_layer,
    overcome_refusal, parameters_omitted, part_overlap, part_resent, period_not_covered, policy,
    probe_refused, pull_failed, pulled_at_once, reads_missing, retried_push, root_push,
    size_mismatch, tag_moved, tag_raced, two_addresses, two_principals, undetermined_push,
    unseen_layer, unverified_log, upload_shared,
};
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
    first_push::CHECK,
    policy::CHECK,
    pull_failed::CHECK,
    pulled_at_once::CHECK,
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

/// The code of a finding about logins, which is selected by its logins and not shown with every
/// selection.
pub(crate) const OF_LOGINS: &str = login_refused::LOGIN_REFUSED;

/// The codes of findings about the input, which count whatever is selected.
pub(crate) const OF_INPUT: [&str; 1] = [damaged_input::DAMAGED_INPUT];

/// The code of the finding about a doubt, which counts if its account, region and time were asked
/// for.
pub(crate) fn code_of_doubt(flaw: Flaw) -> &'static str {
    match flaw {
        Flaw::Altered => altered_log::ALTERED_LOG,
        Flaw::Absent => absent_log::ABSENT_LOG,
        Flaw::Unfounded => unverified_log::UNVERIFIED_LOG,
    }
}

/// The cause of a push that AWS refused with an error code; `None` for an unknown one.
#[must_use]
pub fn code_of_error(error: &str) -> Option<&'static Code> {
    cause::known(error).map(|cause| &cause.code)
}
