//! Rebuilds container image pushes from AWS CloudTrail logs of Amazon ECR and ECR Public.
//!
//! Paths become bytes, bytes become records, records become events, events become a graph, the
//! graph becomes sessions, sessions become findings, and all of it becomes one report that any
//! renderer can draw. Each arrow is one module; a module uses only those above it in this list.

pub mod location;
pub mod problem;

pub mod source;

pub mod record;

pub mod event;

pub mod ingest;

pub mod graph;

pub mod session;

pub mod finding;

pub mod report;

pub mod render;

pub mod cli;
