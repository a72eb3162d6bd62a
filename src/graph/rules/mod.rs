//! The kinds of evidence, one rule each.
//!
//! Comes in: the event log and the shared tables. Goes out: edges with their evidence. Never: an
//! edge that rests on another rule's; the order of the rules does not matter.

mod availability;
mod byte_order;
mod child_manifest;
mod manifest;
mod subject;
mod upload;

use crate::event::EventLog;
use crate::graph::index::Index;
use crate::graph::{Evidence, Node};

/// A proposed edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge {
    /// What comes first, where the evidence orders.
    pub source: Node,
    /// What comes after.
    pub target: Node,
    /// The evidence.
    pub evidence: Evidence,
}

/// A rule: a row of the table that links the log and makes `docs/evidence.md`.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// The evidence's name, as [`Evidence::name`] spells it.
    pub name: &'static str,
    /// What the edge says and where the rule comes from, in Markdown.
    pub doc: &'static str,
    /// The rule itself.
    pub run: fn(&EventLog, &Index, &mut Vec<Edge>),
}

/// Every rule.
pub const RULES: &[Rule] = &[
    upload::RULE,
    byte_order::RULE,
    manifest::RULE,
    child_manifest::RULE,
    subject::RULE,
    availability::RULE,
];
