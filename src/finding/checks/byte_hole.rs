//! Bytes of a completed upload that no part in the log brought.

use crate::finding::checks::{each_session, short_upload};
use crate::finding::{Check, Context, Finding, Severity};
use crate::session::UploadState;

/// The check.
pub(super) const CHECK: Check = Check {
    code: "byte-hole",
    name: "Bytes that no part brought",
    severity: Severity::Warning,
    doc: "An upload was completed, and the parts in the log do not cover its bytes. ECR would not have \
accepted the layer without them, so records are missing from the log: it has a hole there, or was \
altered.",
    run,
};

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    each_session(context, findings, |index, session| {
        let holed = session
            .uploads
            .iter()
            .find(|upload| upload.state == UploadState::Complete && !upload.holes.is_empty())?;
        let hole = holed.holes[0];
        let upload = holed
            .upload
            .map(|upload| short_upload(context.log, upload))
            .unwrap_or_default();
        Some(Finding {
            code: CHECK.code,
            severity: CHECK.severity,
            session: Some(index),
            events: holed
                .complete
                .into_iter()
                .chain(holed.parts.iter().copied())
                .collect(),
            message: format!(
                "no part in the log brought bytes {} to {} of upload {upload}",
                hole.first, hole.last
            ),
            help: Some(
                "look for log files that are missing; `coverage.holes` may name them".to_owned(),
            ),
        })
    });
}
