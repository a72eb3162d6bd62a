//! Upload: the begin and the end of one `uploadId`.

use crate::event::{EventId, Stage};
use crate::graph::index::{Call, Upload};
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
fn run(uploads: &[Upload<'_>], edges: &mut Vec<Edge>) {
    for &(upload, calls) in uploads {
        let join = |event: EventId, next: EventId| Edge {
            event,
            leads: Leads::ToEvent(next),
            evidence: Evidence::Upload(upload),
        };
        let of = |stage| calls.iter().filter(move |call| call.stage == stage);
        let digest = |call: &Call| call.digest.filter(|_| call.failure.is_none());
        let ends = of(Stage::Complete).filter(|call| digest(call).is_some());
        let first = ends.clone().next().and_then(digest);
        if ends.clone().any(|end| digest(end) != first) {
            let next = ends.clone().cycle().skip(1);
            edges.extend(
                ends.zip(next)
                    .map(|(end, next)| join(end.event, next.event)),
            );
        }
        if let Some(begin) = of(Stage::Initiate).next_back() {
            edges.extend(of(Stage::Complete).map(|end| join(begin.event, end.event)));
        }
    }
}
