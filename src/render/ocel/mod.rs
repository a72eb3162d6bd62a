//! The pushes as an object-centric event log, for process mining.
//!
//! Comes in: a report. Goes out: OCEL 2.0 as JSON: types, objects and events, both with their
//! relations. Never: a relation to a missing object, or an object written twice.
//!
//! Pushes share layers, images, repositories and identities, which must be written once, and a
//! login must name all its pushes. So the ids of all these and of each push are remembered. There
//! are three passes over the pushes; only the last reads their calls.

mod events;
mod objects;
mod schema;

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value;

use crate::render::json;
use crate::render::{Renderer, Style};
use crate::report::{Report, SessionRow};

/// `--format ocel`.
pub(super) struct Ocel;

impl Renderer for Ocel {
    fn render(&self, report: &Report<'_>, _: &Style, out: &mut dyn Write) -> io::Result<()> {
        let mut known = Known::default();
        for push in report.outlines_with_layers() {
            objects::note(&push, &mut known);
        }
        out.write_all(b"{\n\"objectTypes\": ")?;
        json::value(&schema::OBJECTS, out)?;
        out.write_all(b",\n\"eventTypes\": ")?;
        json::value(&schema::events(), out)?;
        out.write_all(b",\n\"objects\": [")?;
        let mut list = List::new(out);
        for push in report.outlines_with_layers() {
            objects::write(&push, &mut known, &mut list)?;
        }
        out.write_all(b"\n],\n\"events\": [")?;
        let mut list = List::new(out);
        for push in report.sessions() {
            events::write(&push, &mut known, &mut list)?;
        }
        events::write_unplaced(report, &mut list)?;
        out.write_all(b"\n]\n}\n")
    }
}

/// How much is known about an object that pushes share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Knowledge {
    /// Some push names it.
    Named,
    /// Some push made it, and knows most of it.
    Made,
    /// It has been written.
    Written,
}

/// What must be remembered from push to push.
#[derive(Debug, Default)]
struct Known {
    /// The objects by their ids, pushes included.
    objects: BTreeMap<String, Knowledge>,
    /// The pushes that each login served, by its `eventID`; an entry is removed when the login is
    /// written.
    logins: BTreeMap<String, Vec<String>>,
}

impl Known {
    fn note(&mut self, id: String, knowledge: Knowledge) {
        let known = self.objects.entry(id).or_insert(knowledge);
        *known = knowledge.max(*known);
    }

    fn holds(&self, id: &str) -> bool {
        self.objects.contains_key(id)
    }

    /// Whether an object should be written now, by a push with this knowledge of it.
    fn is_due(&mut self, id: &str, knowledge: Knowledge) -> bool {
        match self.objects.get_mut(id) {
            Some(known) if *known <= knowledge => {
                *known = Knowledge::Written;
                true
            }
            Some(_) | None => false,
        }
    }
}

/// An object or event, by the names of OCEL 2.0.
#[derive(Debug, Serialize)]
struct Entry {
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<String>,
    attributes: Vec<Attribute>,
    relationships: Vec<Relationship>,
}

#[derive(Debug, Serialize)]
struct Attribute {
    name: &'static str,
    /// The time from which an object has it; events have their own time.
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<&'static str>,
    value: Value,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct Relationship {
    #[serde(rename = "objectId")]
    object: String,
    qualifier: &'static str,
}

fn attribute(name: &'static str, value: Option<impl Into<Value>>) -> Option<Attribute> {
    Some(Attribute {
        name,
        time: None,
        value: value?.into(),
    })
}

fn relation(object: String, qualifier: &'static str) -> Relationship {
    Relationship { object, qualifier }
}

/// An array written entry by entry.
struct List<'o> {
    out: &'o mut dyn Write,
    separator: &'static str,
}

impl<'o> List<'o> {
    fn new(out: &'o mut dyn Write) -> Self {
        Self {
            out,
            separator: "\n",
        }
    }

    fn write(&mut self, entry: &Entry) -> io::Result<()> {
        self.out.write_all(self.separator.as_bytes())?;
        self.separator = ",\n";
        json::value(entry, self.out)
    }
}

/// The id of a push as an object.
fn push_id(id: &str) -> String {
    format!("push:{id}")
}

/// The id of an upload, by its place among the layers of its push.
fn upload_id(push: &SessionRow<'_>, place: usize) -> String {
    format!("upload:{}.{place}", push.id)
}

/// The id of a layer or config.
fn layer_id(digest: &str) -> String {
    format!("layer:{digest}")
}

/// The id of an image, index or artifact.
fn image_id(digest: &str) -> String {
    format!("image:{digest}")
}

/// The id of a push's repository, if it names one.
fn repository_id(push: &SessionRow<'_>) -> Option<String> {
    let name = push.repository.as_deref()?;
    let registry = push.registry.as_deref().unwrap_or_default();
    let region = push.region.as_deref().unwrap_or_default();
    let service = push.service;
    Some(format!("repository:{service}/{registry}/{region}/{name}"))
}

/// The id of the caller of a push.
fn identity_id(push: &SessionRow<'_>) -> String {
    let identity = &push.identity;
    let account = identity.account.as_deref().unwrap_or_default();
    match identity.arn.as_deref() {
        Some(arn) => format!("identity:{arn}"),
        None => format!("identity:{account}/{}", identity.name),
    }
}
