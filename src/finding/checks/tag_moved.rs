//! A tag that was moved from one image to another.

use crate::finding::check::{Ask, Check, Code, Context, Runner, Severity};
use crate::finding::checks::changes::Changes;
use crate::finding::checks::short_digest;
use crate::finding::checks::tags::{Tags, tagged};
use crate::words;

const CODE: Code = Code {
    code: "tag-moved",
    name: "A tag moved to another image",
    severity: Severity::Note,
    doc: "The push put a tag on an image, and earlier in the log the tag stood on another. The finding \
says on which, and who had put it there. For a tag such as `latest` that is how it is meant; for a \
release it is worth a question.",
};

/// The check.
pub(super) const CHECK: Check = Check {
    codes: &[CODE],
    run: Runner::Push(run),
};

fn run<'c>(context: &'c Context<'c>) -> Ask<'c> {
    let log = context.log;
    let tags = Tags::new(log, &context.graph.index);
    let changes = Changes::new(context, &tags);
    Box::new(move |index, session, findings| {
        for &id in &session.sequence {
            let Some((repository, tag, digest)) = tagged(log, id) else {
                continue;
            };
            let moved = log.event(id).succeeded();
            let before = tags.put_before(repository, tag, id).filter(|_| moved);
            let Some(earlier) = before else { continue };
            let Some((_, _, from)) = tagged(log, earlier).filter(|held| held.2 != digest) else {
                continue;
            };
            let event = log.event(earlier);
            let mut message = format!(
                "`{}` was moved here from {}, where {} had put it at {}",
                log.text(tag),
                short_digest(log, from),
                words::who(log.tables.identities.get(event.identity)),
                words::time(event.time)
            );
            for change in changes.of_moved_tag(earlier, id) {
                message.push_str(&format!("; {change}"));
            }
            findings.push(CODE.of(index, vec![id, earlier], message));
        }
    })
}
