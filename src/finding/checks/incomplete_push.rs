//! A push that the client never finished.

use crate::finding::checks::{count, each_session, made_good, repository, severity_of_loss};
use crate::finding::{Check, Context, Finding, Severity};
use crate::session::{IncompleteKind, Missing, Status};

/// The check.
pub(super) const CHECK: Check = Check {
    code: "incomplete-push",
    name: "A push that was never finished",
    severity: Severity::Error,
    doc: "The log shows uploads or child manifests, no refusal, and no manifest that needs them, \
although it goes on for longer than the inactivity window. The client went away: it was killed, \
lost its network, or ran into its own time limit.\n\n\
The reason says how far it came: `upload-abandoned` (an upload has no `CompleteLayerUpload`), \
`no-put-image` (every upload is complete, no manifest followed), `index-missing` (child manifests \
were put, the index over them was not).\n\n\
It is a warning where a later push of the same principal did the same work again and came through.\n\n\
What to do: look at the client's own log at the time of the last event. Nothing needs to be cleaned \
up: ECR bills no upload that was not completed, and layers without a manifest can be reused by the \
next push.",
    run,
};

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let made_good = made_good(context.sessions);
    each_session(context, findings, |index, session| {
        let Status::Incomplete { kind, missing } = &session.status else {
            return None;
        };
        let name = repository(context.log, session.repository);
        let open = missing
            .iter()
            .filter(|missing| matches!(missing, Missing::Complete(_)))
            .count();
        let message = match kind {
            IncompleteKind::NoPutImage => {
                format!("the push to `{name}` uploaded its layers and put no manifest")
            }
            IncompleteKind::UploadAbandoned => {
                format!(
                    "the push to `{name}` left {} unfinished",
                    count(open, "upload")
                )
            }
            IncompleteKind::IndexMissing => {
                format!("the push to `{name}` put child manifests and no index over them")
            }
        };
        let help = match session.superseded_by {
            Some(_) => "a later push did the work again; see `superseded_by`",
            None => {
                "run the push again; look at the client's own log at the time of the last event"
            }
        };
        Some(Finding {
            code: CHECK.code,
            severity: severity_of_loss(&made_good, index),
            session: Some(index),
            events: session.sequence.last().copied().into_iter().collect(),
            message,
            help: Some(help.to_owned()),
        })
    });
}
