//! A tag that two pushes put at the same time.

use crate::event::{DigestId, EventId, Id, RepositoryId, TextId};
use crate::finding::check::{Check, Code, Context, Finding, Runner, Severity};
use crate::finding::checks::tags::tagged;

const CODE: Code = Code {
    code: "tag-raced",
    name: "A tag that two pushes raced for",
    severity: Severity::Warning,
    doc: "Two pushes put one tag on different images, and the second had begun before the first put \
it: neither can have known of the other, and the tag stands on whichever came last.\n\n\
What to do: let only one job push a tag at a time, or give every build a tag of its own.",
};

/// The check.
pub(super) const CHECK: Check = Check::new(&[CODE], Runner::Log(run));

/// An accepted put of a tag: repository, tag, event and digest.
type TagPut = (RepositoryId, TextId, EventId, DigestId);

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let (log, sessions) = (context.log, &context.sessions.sessions);
    let puts = context.graph.index.puts().iter().filter_map(|&id| {
        let (repository, tag, digest) = tagged(log, id)?;
        let put = log.event(id).succeeded();
        put.then_some((repository, tag, id, digest))
    });
    let mut puts: Vec<TagPut> = puts.collect();
    puts.sort_unstable();
    if !puts.windows(2).any(is_move) {
        return;
    }
    let mut session_of: Vec<Option<u32>> = vec![None; log.events.len()];
    for (index, session) in (0..).zip(sessions) {
        for id in &session.sequence {
            session_of[id.index()] = Some(index);
        }
    }
    puts.retain(|put| session_of[put.2.index()].is_some());
    let mut moves: Vec<(EventId, EventId, TextId)> = puts
        .windows(2)
        .filter(|pair| is_move(pair))
        .map(|pair| (pair[1].2, pair[0].2, pair[1].1))
        .collect();
    moves.sort_unstable();
    for (id, earlier, tag) in moves {
        let session = |id: EventId| session_of[id.index()].map(|index| index as usize);
        let (Some(index), Some(other)) = (session(id), session(earlier)) else {
            continue;
        };
        if other != index && sessions[index].first < log.event(earlier).time {
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

/// Whether the second of two puts moves the tag of the first to another image.
fn is_move(pair: &[TagPut]) -> bool {
    let (before, after) = (pair[0], pair[1]);
    (before.0, before.1) == (after.0, after.1) && before.3 != after.3
}
