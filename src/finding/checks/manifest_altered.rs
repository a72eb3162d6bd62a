//! A manifest whose digest differs from the one in its record.

use crate::event::{Action, Digest, DigestId, PutImage};
use crate::finding::check::{Ask, Check, Code, Context, Runner, Severity};
use crate::finding::checks::{each_push, short_digest};

const CODE: Code = Code {
    code: "manifest-altered",
    name: "A manifest that is not the one it names",
    severity: Severity::Warning,
    doc: "The record of an accepted `PutImage` holds a manifest and a digest, and the manifest has \
another one. ECR stores a manifest under its own digest, so the record was altered after the call. \
The report goes by the manifest that the record holds.\n\n\
What to do: compare the record with the log's digest files, and the manifest with the registry's.",
};

/// The check.
pub(super) const CHECK: Check = Check::new(&[CODE], Runner::Push(run));

fn run<'c>(context: &'c Context<'c>) -> Ask<'c> {
    let log = context.log;
    each_push(move |index, session| {
        session.sequence.iter().find_map(|&id| {
            let event = log.event(id);
            let Action::PutImage(put) = &event.action else {
                return None;
            };
            let computed = put.digest.computed?;
            let other = named(context, put).filter(|&named| named != computed)?;
            if !event.succeeded() {
                return None;
            }
            let message = format!(
                "the record gives the manifest the digest {}, and it has {}",
                short_digest(log, other),
                short_digest(log, computed)
            );
            let finding = CODE.of(index, vec![id], message);
            let finding = finding.label("not the digest of this manifest");
            Some(finding.help("compare the record with the log's digest files"))
        })
    })
}

/// The digest that the record names, if it can be compared.
fn named(context: &Context<'_>, put: &PutImage) -> Option<DigestId> {
    let log = context.log;
    let digest = put.digest.confirmed.or(put.digest.claimed)?;
    // A signed manifest of Docker's schema 1 has the digest of its content without signatures
    // (Docker registry, "manifest-v2-1.md").
    let signed = put
        .media_type
        .is_some_and(|media| log.text(media).ends_with("v1+prettyjws"));
    let comparable = matches!(log.tables.digests.get(digest), Digest::Sha256(_));
    (comparable && !signed).then_some(digest)
}
