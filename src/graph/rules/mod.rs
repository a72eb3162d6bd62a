//! The kinds of evidence, one rule each.
//!
//! Comes in: the event log and the shared tables. Goes out: edges with their evidence. Never: an
//! edge that rests on another rule's; the order of the rules does not matter.

mod byte_order;
mod child_manifest;
mod manifest;
mod subject;
mod upload;

use crate::event::{Event, EventId, EventLog};
use crate::graph::Edge;
use crate::graph::index::Upload;

/// A rule: a row of the table that links the log and makes `docs/evidence.md`.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// The evidence's name, as [`Evidence::name`](crate::graph::Evidence::name) spells it.
    pub name: &'static str,
    /// What the edge says and where the rule comes from, in Markdown.
    pub doc: &'static str,
    /// The rule itself.
    pub run: Run,
}

/// What a rule looks at.
#[derive(Clone, Copy, Debug)]
pub enum Run {
    /// Each event by itself.
    Event(fn(&EventLog, EventId, &Event, &mut Vec<Edge>)),
    /// Each of some uploads by itself.
    Uploads(fn(&[Upload<'_>], &mut Vec<Edge>)),
}

/// Every rule.
pub const RULES: &[Rule] = &[
    upload::RULE,
    byte_order::RULE,
    manifest::RULE,
    child_manifest::RULE,
    subject::RULE,
];

/// What the rules find in an event.
pub(super) fn look_at_event(log: &EventLog, id: EventId, event: &Event, edges: &mut Vec<Edge>) {
    for rule in RULES {
        match rule.run {
            Run::Event(run) => run(log, id, event, edges),
            Run::Uploads(_) => {}
        }
    }
}

/// What the rules find in some uploads.
pub(super) fn look_at_uploads(uploads: &[Upload<'_>], edges: &mut Vec<Edge>) {
    for rule in RULES {
        match rule.run {
            Run::Uploads(run) => run(uploads, edges),
            Run::Event(_) => {}
        }
    }
}
