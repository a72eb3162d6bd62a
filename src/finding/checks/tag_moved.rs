//! A tag that was moved from one image to another.

use crate::event::{DigestId, EventId, IdMap, RepositoryId, TextId};
use crate::finding::checks::short_digest;
use crate::finding::{Check, Context, Finding, Severity};
use crate::session::PutState;

/// The check.
pub(super) const CHECK: Check = Check {
    code: "tag-moved",
    name: "A tag moved to another image",
    severity: Severity::Note,
    doc: "The push put a tag on an image, and earlier in the log the tag stood on another. For a tag \
such as `latest` that is how it is meant; for a release it is worth a question.",
    run,
};

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let log = context.log;
    let mut puts: Vec<(EventId, usize, RepositoryId, TextId, DigestId)> = Vec::new();
    for (index, session) in context.sessions.sessions.iter().enumerate() {
        let Some(repository) = session.repository else {
            continue;
        };
        for put in session
            .manifests
            .iter()
            .filter(|put| put.state != PutState::Refused)
        {
            let Some(digest) = put.digest else { continue };
            puts.extend(
                put.tags
                    .iter()
                    .map(|&tag| (put.event, index, repository, tag, digest)),
            );
        }
    }
    puts.sort_unstable();
    let mut stands: IdMap<(RepositoryId, TextId), (DigestId, EventId)> = IdMap::default();
    for (event, session, repository, tag, digest) in puts {
        let before = stands.insert((repository, tag), (digest, event));
        let Some((from, earlier)) = before.filter(|&(from, _)| from != digest) else {
            continue;
        };
        findings.push(Finding {
            code: CHECK.code,
            severity: CHECK.severity,
            session: Some(session),
            events: vec![event, earlier],
            message: format!(
                "the tag `{}` was moved here from {}",
                log.text(tag),
                short_digest(log, from)
            ),
            help: None,
        });
    }
}
