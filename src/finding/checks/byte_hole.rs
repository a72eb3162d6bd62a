//! Bytes of a completed upload that no part in the log brought.

use crate::finding::check::{Ask, Check, Code, Context, Runner, Severity};
use crate::finding::checks::{each_push, n, short_upload};
use crate::session::UploadState;
use crate::words;

const CODE: Code = Code {
    code: "byte-hole",
    name: "Bytes that no part brought",
    severity: Severity::Warning,
    doc: "An upload was completed, and the parts in the log do not cover its bytes, or not all that \
the manifest says the layer has. ECR would not have accepted the layer without them, so records are \
missing from the log: it has a hole there, or was altered.",
};

/// The check.
pub(super) const CHECK: Check = Check {
    codes: &[CODE],
    run: Runner::Push(run),
};

fn run<'c>(context: &'c Context<'c>) -> Ask<'c> {
    each_push(move |index, session| {
        let holed = || {
            let complete = session.uploads.iter();
            complete
                .filter(|upload| upload.state == UploadState::Complete && !upload.holes.is_empty())
        };
        let first = holed().next()?;
        let hole = first.holes.first()?;
        let more = match holed().map(|upload| upload.holes.len()).sum::<usize>() - 1 {
            0 => String::new(),
            more => format!(", and {} more are lacking", words::count(n(more), "range")),
        };
        let which = first.upload.map_or_else(String::new, |upload| {
            format!(" of upload {}", short_upload(context.log, upload))
        });
        let message = format!(
            "no part in the log brought bytes {} to {}{which}{more}",
            words::number(hole.first),
            words::number(hole.last)
        );
        let events = first
            .complete
            .into_iter()
            .chain(first.parts.iter().copied());
        let finding = CODE.of(index, events.collect(), message);
        let finding = finding.label("accepted, so their records are missing");
        Some(finding.help("look for log files that are missing"))
    })
}
