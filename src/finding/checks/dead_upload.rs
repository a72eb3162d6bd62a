//! Dead uploads of a push that succeeded.

use crate::finding::check::{Ask, Check, Code, Context, Runner, Severity};
use crate::finding::checks::{each_push, n, short_upload};
use crate::session::{Status, UploadState};
use crate::words;

const CODE: Code = Code {
    code: "dead-upload",
    name: "An upload left dead beside a complete push",
    severity: Severity::Note,
    doc: "The push came through, and beside it an upload was begun and never completed. A client that \
tries a layer again opens a new upload and leaves the old one; a refused mount leaves a begin with \
nothing after it. Nothing needs to be done.",
};

/// The check.
pub(super) const CHECK: Check = Check::new(&[CODE], Runner::Push(run));

fn run<'c>(context: &'c Context<'c>) -> Ask<'c> {
    each_push(move |index, session| {
        if session.status != Status::Complete {
            return None;
        }
        // A refused upload is reported with its refusal, and the fate of one without an id is
        // unknown.
        let dead: Vec<_> = session
            .uploads
            .iter()
            .filter(|upload| upload.state == UploadState::Unfinished && upload.upload.is_some())
            .collect();
        let first = dead.first()?;
        let which = match first.upload {
            Some(upload) if dead.len() == 1 => format!(" ({})", short_upload(context.log, upload)),
            Some(_) | None => String::new(),
        };
        let events = dead.iter().filter_map(|upload| {
            upload
                .initiate
                .or(upload.complete)
                .or(upload.parts.first().copied())
        });
        let message = format!(
            "{}{which} came to nothing, and the push came through without",
            words::count(n(dead.len()), "upload")
        );
        Some(CODE.of(index, events.collect(), message))
    })
}
