//! EVENT LOG -> EVENT GRAPH: what could have caused what, and which evidence joins events to one
//! run.
//!
//! Comes in: the event log. Goes out: a digraph of events and blobs, whose edges are the evidence
//! that the rules found. Never: a decision on which push owns an event; an edge is only a
//! candidate.

pub mod buckets;
mod edge;
mod evidence;
pub mod index;
mod link;
pub mod order;
pub mod principals;
mod rules;

pub use edge::{Blob, Contradiction, Edge, Endpoint};
pub use evidence::{About, Evidence, Relation, Strength};
pub use link::{EventGraph, link};
