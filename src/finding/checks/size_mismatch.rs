//! Parts that bring more bytes than the manifest says the layer has.

use crate::event::Bytes;
use crate::finding::check::{Ask, Check, Code, Context, Runner, Severity};
use crate::finding::checks::{each_push, short_digest};
use crate::session::UploadState;
use crate::words;

const CODE: Code = Code {
    code: "size-mismatch",
    name: "A layer larger than its manifest says",
    severity: Severity::Warning,
    doc: "The parts of a completed upload reach past the size that the push's manifest gives for the \
layer. Digest and size of a layer cannot both be right then: the manifest was made wrongly, or a \
record was altered. Clients that check the size refuse to pull such an image. Fewer bytes than the \
manifest says are a `byte-hole`.",
};

/// The check.
pub(super) const CHECK: Check = Check::new(&[CODE], Runner::Push(run));

fn run<'c>(context: &'c Context<'c>) -> Ask<'c> {
    let log = context.log;
    each_push(move |index, session| {
        session.uploads.iter().find_map(|upload| {
            let size = upload.listed_bytes?;
            // The smallest part is one byte, so an empty layer shows as one byte.
            if upload.received_bytes <= size.max(Bytes(1)) || upload.state != UploadState::Complete
            {
                return None;
            }
            let message = format!(
                "{} came as {} bytes, and the manifest gives it {}",
                short_digest(log, upload.digest?),
                words::number(upload.received_bytes.0),
                words::number(size.0)
            );
            let events = upload.complete.into_iter().collect();
            let finding = CODE
                .of(index, events, message)
                .label("more bytes than listed");
            let help =
                "build and push the image again; compare the records with the log's digest files";
            Some(finding.help(help))
        })
    })
}
