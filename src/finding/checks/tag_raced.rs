//! A tag that two pushes put at the same time.

use crate::event::{DigestId, EventId, Id, IdMap, RepositoryId, TextId};
use crate::finding::checks::tags::tagged;
use crate::finding::{Check, Code, Context, Finding, Run, Severity};

const CODE: Code = Code {
    code: "tag-raced",
    name: "A tag that two pushes raced for",
    severity: Severity::Warning,
    doc: "Two pushes put one tag on different images, and the second had begun before the first put \
it: neither can have known of the other, and the tag stands on whichever came last.\n\n\
What to do: let only one job push a tag at a time, or give every build a tag of its own.",
};

/// The check.
pub(super) const CHECK: Check = Check {
    codes: &[CODE],
    run: Run::Log(run),
};

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let (log, sessions) = (context.log, &context.sessions.sessions);
    let mut session_of: Vec<Option<u32>> = vec![None; log.events.len()];
    for (index, session) in (0..).zip(sessions) {
        for id in &session.sequence {
            session_of[id.index()] = Some(index);
        }
    }
    let mut stands: IdMap<(RepositoryId, TextId), (EventId, usize, DigestId)> = IdMap::default();
    for (id, event) in log.iter() {
        let put = tagged(log, id).filter(|_| log.is_benign(event));
        let (Some((repository, tag, digest)), Some(index)) = (put, session_of[id.index()]) else {
            continue;
        };
        let index = index as usize;
        let before = stands.insert((repository, tag), (id, index, digest));
        let Some((earlier, other, held)) = before else {
            continue;
        };
        let raced = other != index && held != digest;
        if raced && sessions[index].first < log.event(earlier).time {
            let message = format!(
                "push {} put `{}` on another image while this push was under way",
                sessions[other].id,
                log.text(tag)
            );
            let finding = CODE.of(index, vec![id, earlier], message);
            let finding = finding.label("takes the tag from the other push");
            findings.push(
                finding.help("let one job at a time push a tag, or tag every build by itself"),
            );
        }
    }
}
