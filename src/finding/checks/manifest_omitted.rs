//! A manifest that CloudTrail left out of its record.

use crate::event::{Action, Bytes, Field};
use crate::finding::check::{Ask, Check, Code, Context, Runner, Severity};
use crate::finding::checks::each_push;
use crate::words;

const CODE: Code = Code {
    code: "manifest-omitted",
    name: "A manifest left out of the log",
    severity: Severity::Note,
    doc: "The `PutImage` was recorded without its manifest: CloudTrail caps `requestParameters` at \
100 KB. Which layers the image has is not in the log, so the uploads beside it were joined by login \
and time alone.\n\n\
What to do: read the manifest from the registry, by the digest.",
};

/// The check.
pub(super) const CHECK: Check = Check {
    codes: &[CODE],
    run: Runner::Push(run),
};

fn run<'c>(context: &'c Context<'c>) -> Ask<'c> {
    let log = context.log;
    each_push(move |index, session| {
        let (id, size) = session
            .sequence
            .iter()
            .find_map(|&id| match &log.event(id).action {
                Action::PutImage(put) => match put.manifest {
                    Field::Omitted { original_bytes } => Some((id, original_bytes)),
                    Field::Known(_) | Field::Absent | Field::Unreadable => None,
                },
                Action::GetAuthorizationToken
                | Action::BatchCheckLayerAvailability { .. }
                | Action::InitiateLayerUpload { .. }
                | Action::UploadLayerPart { .. }
                | Action::CompleteLayerUpload { .. } => None,
            })?;
        let size = size.map_or_else(String::new, |bytes| {
            format!(" ({})", words::size(Bytes(bytes)))
        });
        let message = format!(
            "CloudTrail left the manifest{size} out of the record, so its layers are not known"
        );
        let finding = CODE.of(index, vec![id], message);
        Some(finding.help("read the manifest from the registry, by its digest"))
    })
}
