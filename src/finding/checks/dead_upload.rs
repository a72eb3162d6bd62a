//! Uploads left dead beside a push that came through.

use crate::finding::checks::{count, each_session, short_upload};
use crate::finding::{Check, Context, Finding, Severity};
use crate::session::{Status, UploadState};

/// The check.
pub(super) const CHECK: Check = Check {
    code: "dead-upload",
    name: "An upload left dead beside a complete push",
    severity: Severity::Note,
    doc: "The push came through, and beside it an upload was begun or refused and never completed. A \
client that tries a layer again opens a new upload and leaves the old one; a refused mount leaves a \
begin with nothing after it. Nothing needs to be done.",
    run,
};

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    each_session(context, findings, |index, session| {
        if session.status != Status::Complete {
            return None;
        }
        let dead: Vec<_> = session
            .uploads
            .iter()
            .filter(|upload| matches!(upload.state, UploadState::Unfinished | UploadState::Refused))
            .collect();
        let first = dead.first()?;
        let which = match first.upload {
            Some(upload) if dead.len() == 1 => format!(" ({})", short_upload(context.log, upload)),
            _ => String::new(),
        };
        let events = dead.iter().filter_map(|upload| {
            upload
                .initiate
                .or(upload.complete)
                .or(upload.parts.first().copied())
        });
        Some(Finding {
            code: CHECK.code,
            severity: CHECK.severity,
            session: Some(index),
            events: events.collect(),
            message: format!(
                "{}{which} came to nothing, and the push came through without",
                count(dead.len(), "upload")
            ),
            help: None,
        })
    });
}
