//! The pushes as an object-centric event log, for process mining.
//!
//! Comes in: a report. Goes out: OCEL 2.0 as JSON: types, objects with their relations, events with
//! theirs. Never: a relation to an object that is not there, or one object twice.
//!
//! Layers, images, repositories and identities are shared by pushes and must be written once, and a
//! login must name all its pushes: what is remembered is the id of each of these, and of each push.
//! The pushes are gone through three times, their calls only the last.

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

/// What is known of an object that pushes share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Knowledge {
    /// Some push names it.
    Named,
    /// Some push made it, and says most of it.
    Made,
    /// It stands in the output.
    Written,
}

/// What has to be remembered from push to push.
#[derive(Debug, Default)]
struct Known {
    /// The objects by their ids, pushes included.
    objects: BTreeMap<String, Knowledge>,
    /// The pushes that each login served, by its `eventID`; taken out as it is written.
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

    /// Whether an object is to be written now, by one who knows this much of it.
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
    /// From when on an object has it; events have their own time.
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

/// An array that is written entry by entry.
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

/// The id of who made a push.
fn identity_id(push: &SessionRow<'_>) -> String {
    let identity = &push.identity;
    let account = identity.account.as_deref().unwrap_or_default();
    match identity.arn.as_deref() {
        Some(arn) => format!("identity:{arn}"),
        None => format!("identity:{account}/{}", identity.name),
    }
}
