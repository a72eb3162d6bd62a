//! The events: every call once, related to the objects that it concerns.
//!
//! Comes in: pushes with their calls. Goes out: their calls in causal order, each login with all
//! the pushes that it served, and last the calls of no push. Never: an `eventID` as an id, since
//! the log may hold one twice.

use std::collections::HashMap;
use std::io;

use crate::event::Stage;
use crate::render::ocel::{
    Entry, Known, List, Relationship, attribute, identity_id, image_id, layer_id, push_id,
    relation, repository_id, upload_id,
};
use crate::report::{EventRow, Outcome, Report, SessionRow};

/// Writes the calls of a push.
pub(super) fn write(
    push: &SessionRow<'_>,
    known: &mut Known,
    list: &mut List<'_>,
) -> io::Result<()> {
    let uploads: HashMap<&str, usize> = push
        .layers
        .iter()
        .enumerate()
        .filter_map(|(place, layer)| Some((layer.upload_id.as_deref()?, place)))
        .collect();
    for (place, event) in push.events.iter().enumerate() {
        let mut relations = vec![relation(identity_id(push), "called by")];
        let id = format!("{}.{place}", push.id);
        if event.shared {
            // The first of its pushes writes the login, for all of them.
            let Some(pushes) = known.logins.remove(&*event.event_id) else {
                continue;
            };
            relations.extend(pushes.iter().map(|push| relation(push_id(push), "served")));
        } else {
            relations.push(relation(push_id(&push.id), "belongs to"));
            relations.extend(repository_id(push).map(|id| relation(id, "addressed")));
            let upload = event.upload_id.as_deref().and_then(|id| uploads.get(id));
            relations.extend(upload.map(|&at| relation(upload_id(push, at), "of upload")));
            relations.extend(content(&event, known));
        }
        list.write(&entry(id, &event, relations))?;
    }
    Ok(())
}

/// Writes the calls that belong to no push.
pub(super) fn write_unplaced(report: &Report<'_>, list: &mut List<'_>) -> io::Result<()> {
    for (place, event) in report.unplaced().enumerate() {
        list.write(&entry(format!("unplaced.{place}"), &event, Vec::new()))?;
    }
    Ok(())
}

/// The layers or the image that a call names, if they are objects.
fn content(event: &EventRow<'_>, known: &Known) -> Vec<Relationship> {
    let digest = event.digest.as_deref();
    let named: Vec<_> = match event.action {
        Stage::Manifest => {
            let did = match event.outcome {
                Outcome::Failed => "tried to put",
                Outcome::Succeeded => "put",
            };
            digest.map(|d| (image_id(d), did)).into_iter().collect()
        }
        Stage::Check => {
            let digests = event.digests.iter();
            digests.map(|d| (layer_id(d), "asked for")).collect()
        }
        Stage::Authorization | Stage::Initiate | Stage::Part | Stage::Complete => {
            digest.map(|d| (layer_id(d), "ended")).into_iter().collect()
        }
    };
    let named = named.into_iter().filter(|(id, _)| known.holds(id));
    named
        .map(|(id, qualifier)| relation(id, qualifier))
        .collect()
}

fn entry(id: String, event: &EventRow<'_>, mut relationships: Vec<Relationship>) -> Entry {
    relationships.sort_unstable();
    relationships.dedup();
    let because = event.because.first();
    let attributes = [
        attribute("event_id", Some(&*event.event_id)),
        attribute("outcome", Some(event.outcome.name())),
        attribute("error_code", event.error_code.as_deref()),
        attribute("error_message", event.error_message.as_deref()),
        attribute("first_byte", event.first_byte),
        attribute("last_byte", event.last_byte),
        attribute("tag", event.tag.as_deref()),
        attribute("request_id", event.request_id.as_deref()),
        attribute("source_ip", event.source_ip.as_deref()),
        attribute("user_agent", event.user_agent.as_deref()),
        attribute("access_key_id", event.access_key_id.as_deref()),
        attribute("evidence", because.map(|because| because.evidence.name())),
        attribute("strength", because.map(|because| because.strength.name())),
        attribute("file", Some(&*event.at.file)),
        attribute("record", Some(event.at.record)),
    ];
    Entry {
        id,
        kind: event.action.call(),
        time: Some(event.time.clone()),
        attributes: attributes.into_iter().flatten().collect(),
        relationships,
    }
}
