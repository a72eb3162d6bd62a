//! A push that the client never finished.

use crate::finding::check::{Ask, Check, Code, Context, Runner, Severity};
use crate::finding::checks::{agreeing, each_push, n, span_of, unless_made_good};
use crate::session::{IncompleteKind, MissingPiece, Session, Status};
use crate::words;

const CODE: Code = Code {
    code: "incomplete-push",
    name: "A push that was never finished",
    severity: Severity::Error,
    doc: "The log shows uploads or child manifests, no refusal, and no manifest that needs them, \
although it goes on for longer than the inactivity window. The client went away: it was killed, \
lost its network, or ran into its own time limit.\n\n\
The reason says how far it came: `upload-abandoned` (an upload has no `CompleteLayerUpload`), \
`no-put-image` (every upload is complete, no manifest followed), `index-missing` (child manifests \
were put, the index over them was not). `nothing-sent` is no fault and only a note: an upload was \
asked for and nothing was sent, which is a check of permission, or a mount.\n\n\
It is a warning where a later push of the same principal did the same work again and came through.\n\n\
What to do: look at the client's own log at the time of the last event. Nothing needs to be cleaned \
up: ECR bills no upload that was not completed, and layers without a manifest can be reused by the \
next push.",
};

/// The check.
pub(super) const CHECK: Check = Check::new(&[CODE], Runner::Push(run));

fn run<'c>(context: &'c Context<'c>) -> Ask<'c> {
    let made_good = &context.made_good;
    each_push(move |index, session| {
        let Status::Incomplete { kind, missing } = &session.status else {
            return None;
        };
        let (message, help) = said(*kind, missing);
        let severity = match kind {
            IncompleteKind::NothingSent => Severity::Note,
            IncompleteKind::NoPutImage
            | IncompleteKind::UploadAbandoned
            | IncompleteKind::IndexMissing => unless_made_good(made_good.of_push(index)),
        };
        let last = session.sequence.last().copied().into_iter().collect();
        let finding = CODE.of(index, last, message).severity(severity);
        let finding = finding.label(label(context, session));
        Some(match severity {
            Severity::Error => finding.help(help),
            Severity::Warning | Severity::Note => finding,
        })
    })
}

fn said(kind: IncompleteKind, missing: &[MissingPiece]) -> (String, &'static str) {
    let open = missing
        .iter()
        .filter(|missing| matches!(missing, MissingPiece::Complete(_)))
        .count();
    match kind {
        IncompleteKind::NoPutImage => (
            "the client stopped before its last step: its layers are stored, and no image has them"
                .to_owned(),
            "run the push again, it will find the layers; see the client's own log for why it \
             stopped after the last call",
        ),
        IncompleteKind::UploadAbandoned => {
            let sending = match open {
                0 => "the client stopped while it was sending layers".to_owned(),
                open => format!(
                    "the client stopped while {} {} open",
                    words::count(n(open), "upload"),
                    agreeing(n(open), "was", "were")
                ),
            };
            (
                sending,
                "run the push again; see the client's own log after the last call for a kill, a lost \
                 connection or a time limit",
            )
        }
        IncompleteKind::IndexMissing => (
            "images of single platforms are stored, and no tag leads to them".to_owned(),
            "put the index again, as with `docker buildx imagetools create` or the job that joins \
             the platforms; the images need no push",
        ),
        IncompleteKind::NothingSent => (
            "it asked for an upload and sent nothing: a check of permission, or a mount".to_owned(),
            "",
        ),
    }
}

/// A few words to write at the end of the push.
fn label(context: &Context<'_>, session: &Session) -> String {
    let span = span_of(context, session);
    match span.map(|span| (span.interval.to - session.last).num_seconds()) {
        Some(seconds @ 1..) => format!("the log goes on for {}", words::duration(seconds)),
        Some(_) | None => "nothing follows".to_owned(),
    }
}
