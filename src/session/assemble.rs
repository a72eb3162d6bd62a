//! stub

use crate::event::EventLog;
use crate::graph::EventGraph;
use crate::ingest::Coverage;
use crate::session::{Options, Sessions};

/// Puts the sessions together.
#[must_use]
pub fn assemble(
    log: &EventLog,
    graph: &EventGraph,
    coverage: &Coverage,
    options: &Options,
) -> Sessions {
    let _ = (log, graph, coverage, options);
    Sessions::default()
}
