//! Upload: the begin and the end of one `uploadId`.

use crate::event::{EventId, EventLog, Stage};
use crate::graph::index::{Upload, rank};
use crate::graph::rules::{Rule, Run};
use crate::graph::{Edge, Evidence, Leads};

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "upload",
    doc: "Both calls name one `uploadId` of one repository: it was begun, then ended. ECR makes the \
          id when `InitiateLayerUpload` is granted (ECR API reference), so nothing that names it \
          came before. An upload ends in one digest; of several that were accepted each had to \
          come before the others, which is reported as a contradiction (inferred: an id that has \
          ended answers with `UploadNotFoundException`).",
    run: Run::Uploads(run),
};

/// Joins the begin to each end; between them [`byte_order`](super::byte_order) chains the parts.
/// Ends in several digests are joined in a ring.
fn run(log: &EventLog, uploads: &[Upload<'_>], edges: &mut Vec<Edge>) {
    for &(upload, events) in uploads {
        let join = |event: EventId, next: EventId| Edge {
            event,
            leads: Leads::ToEvent(next),
            evidence: Evidence::Upload(upload),
        };
        let of = |stage| {
            let events = events.iter().copied();
            events.filter(move |&id| log.event(id).action.stage() == stage)
        };
        let digest = |id: EventId| {
            let event = log.event(id);
            event
                .action
                .completed_digest()
                .filter(|_| event.succeeded())
        };
        let ends = of(Stage::Complete).filter(|&id| digest(id).is_some());
        let first = ends.clone().next().and_then(digest);
        if ends.clone().any(|end| digest(end) != first) {
            let next = ends.clone().cycle().skip(1);
            edges.extend(ends.zip(next).map(|(end, next)| join(end, next)));
        }
        if let Some(begin) = of(Stage::Initiate).max_by_key(|&id| rank(log, id)) {
            edges.extend(of(Stage::Complete).map(|end| join(begin, end)));
        }
    }
}
