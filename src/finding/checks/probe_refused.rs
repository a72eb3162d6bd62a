//! Refused checks of another repository: they are no push, but may puzzle a reader.

use std::collections::BTreeMap;

use crate::event::{EventId, IdMap, RepositoryId, Stage};
use crate::finding::check::{Check, Code, Context, Finding, Runner, Severity};
use crate::finding::checks::{n, repository};
use crate::session::PrincipalId;
use crate::words;

const CODE: Code = Code {
    code: "probe-refused",
    name: "A look into another repository that was refused",
    severity: Severity::Note,
    doc: "A client that pushes asks other repositories whether they have its blobs, for it would mount \
them from there (skopeo, podman and buildah do so, from what they remember). These checks are no push. \
Where the caller may not look there, they are refused, and the client sends the blobs.\n\n\
What to do: nothing. The push itself is told by itself.",
};

/// The check.
pub(super) const CHECK: Check = Check::new(&[CODE], Runner::Log(run));

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let log = context.log;
    let mut first_of: IdMap<(PrincipalId, RepositoryId), EventId> = IdMap::default();
    let mut refused: BTreeMap<EventId, Vec<EventId>> = BTreeMap::new();
    for &id in &context.sessions.unplaced {
        let event = log.event(id);
        if event.action.stage() != Stage::Check || log.is_benign(event) {
            continue;
        }
        if let Some(repository) = event.repository {
            let asker = context.sessions.principals.of(event.identity);
            let first = *first_of.entry((asker, repository)).or_insert(id);
            refused.entry(first).or_default().push(id);
        }
    }
    findings.extend(refused.into_iter().map(|(first, events)| {
        let event = log.event(first);
        let message = format!(
            "{} asked `{}` for blobs that it pushed elsewhere: {} refused with `{}`",
            words::who(log.tables.identities.get(event.identity)),
            repository(log, event.repository),
            words::count(n(events.len()), "check"),
            log.error_code(event).unwrap_or_default(),
        );
        Finding {
            events,
            ..CODE.of_log(message)
        }
    }));
}
