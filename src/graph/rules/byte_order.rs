//! Byte order: the parts of one upload, by their bounds.

use crate::event::Stage;
use crate::graph::index::{Call, Upload};
use crate::graph::rules::{Rule, Run};
use crate::graph::{Edge, Evidence, Leads};

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "byte-order",
    doc: "Parts of one upload arrive in the order of their bytes: ECR refuses one that does not \
          continue the last (ECR API reference, `InvalidLayerPartException`). The begin stands \
          before the first part, the end after the last.",
    run: Run::Uploads(run),
};

/// Chains begin, parts by first byte and time, and end: n + 1 edges for n parts.
fn run(uploads: &[Upload<'_>], edges: &mut Vec<Edge>) {
    let mut steps = Vec::new();
    for &(upload, calls) in uploads {
        steps.clear();
        let step = |call: &Call| (call.stage, call.first_byte, call.second, call.event);
        steps.extend(calls.iter().map(step));
        steps.sort_unstable();
        let begun = steps.iter().rposition(|step| step.0 == Stage::Initiate);
        let chain = &steps[begun.unwrap_or(0)..];
        let ended = chain.iter().position(|step| step.0 == Stage::Complete);
        let chain = &chain[..ended.map_or(chain.len(), |end| end + 1)];
        if !chain.iter().any(|step| step.0 == Stage::Part) {
            continue;
        }
        edges.extend(chain.windows(2).map(|pair| Edge {
            event: pair[0].3,
            leads: Leads::ToEvent(pair[1].3),
            evidence: Evidence::ByteOrder(upload),
        }));
    }
}
