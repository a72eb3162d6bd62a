//! A tag that two pushes put at the same time.

use std::collections::HashMap;

use crate::event::{DigestId, EventId, RepositoryId, TextId};
use crate::finding::checks::tags::tagged;
use crate::finding::{Check, Code, Context, Finding, Severity};

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
    run,
};

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let (log, sessions) = (context.log, &context.sessions.sessions);
    let mut puts: Vec<(EventId, usize, RepositoryId, TextId, DigestId)> = Vec::new();
    for (index, session) in sessions.iter().enumerate() {
        let accepted = session.sequence.iter().copied();
        let accepted = accepted.filter(|&id| log.is_benign(log.event(id)));
        puts.extend(accepted.filter_map(|id| {
            let (repository, tag, digest) = tagged(log, id)?;
            Some((id, index, repository, tag, digest))
        }));
    }
    puts.sort_unstable();
    let mut stands: HashMap<(RepositoryId, TextId), (EventId, usize, DigestId)> = HashMap::new();
    for (id, index, repository, tag, digest) in puts {
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
