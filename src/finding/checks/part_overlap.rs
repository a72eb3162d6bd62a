//! Parts of an upload that bring the same bytes in different pieces, and parts that come twice.

use crate::event::{ByteRange, EventId, EventLog};
use crate::finding::check::{Ask, Check, Code, Context, Runner, Severity};
use crate::finding::checks::{each_push, short_upload};
use crate::session::LayerUpload;
use crate::words;

const CODE: Code = Code {
    code: "part-overlap",
    name: "Parts that overlap",
    severity: Severity::Warning,
    doc: "Two accepted parts of one upload bring some of the same bytes, with different bounds. ECR \
takes a part only where the last one ended, so one of the two records is not what was sent: altered, \
or of another upload.",
};

/// The check.
pub(super) const CHECK: Check = Check::new(&[CODE], Runner::Push(run));

fn run<'c>(context: &'c Context<'c>) -> Ask<'c> {
    let log = context.log;
    each_push(move |index, session| {
        let (upload, (earlier, later)) = session
            .uploads
            .iter()
            .filter(|upload| !is_in_line(log, upload))
            .find_map(|upload| Some((upload, overlap(log, upload)?)))?;
        let which = upload.upload.map_or_else(String::new, |upload| {
            format!(" of upload {}", short_upload(log, upload))
        });
        let message = format!(
            "bytes {} to {}{which} were brought by two parts with different bounds",
            words::number(later.0.first),
            words::number(earlier.0.last.min(later.0.last))
        );
        let finding = CODE.of(index, vec![later.1, earlier.1], message);
        let finding = finding.label("begins before the last part ended");
        Some(finding.help("compare the records with the log's digest files"))
    })
}

/// Whether every accepted part of an upload starts after the previous one ended, as in nearly all
/// uploads.
pub(super) fn is_in_line(log: &EventLog, upload: &LayerUpload) -> bool {
    let mut next = 0;
    upload.parts.iter().all(|&id| {
        let event = log.event(id);
        match event.action.range().filter(|_| event.succeeded()) {
            Some(range) => {
                let follows = range.first >= next;
                next = range.last.saturating_add(1);
                follows
            }
            None => true,
        }
    })
}

/// The accepted parts of an upload, ordered by their bytes.
pub(super) fn accepted(log: &EventLog, upload: &LayerUpload) -> Vec<(ByteRange, EventId)> {
    let events = upload.parts.iter().map(|&id| (log.event(id), id));
    let accepted = events.filter(|(event, _)| event.succeeded());
    let mut parts: Vec<_> = accepted
        .filter_map(|(event, id)| Some((event.action.range()?, id)))
        .collect();
    parts.sort_unstable();
    parts
}

type PartCall = (ByteRange, EventId);

/// The first part that starts inside an earlier one, and that one; equal bounds are a resend.
fn overlap(log: &EventLog, upload: &LayerUpload) -> Option<(PartCall, PartCall)> {
    let parts = accepted(log, upload);
    let mut furthest = *parts.first()?;
    for &part in &parts {
        if part.0.first <= furthest.0.last && part.0 != furthest.0 {
            return Some((furthest, part));
        }
        if part.0.last > furthest.0.last {
            furthest = part;
        }
    }
    None
}
