//! One push of a trace: its slice, its calls, its uploads, and the arrows between them.
//!
//! Comes in: a push's row. Goes out: its events on its track. Never: an arrow that runs back in
//! time; if the log's times contradict the cause, there is no arrow.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::io;

use serde::Serialize;

use crate::event::{BlobKind, Bytes, Stage};
use crate::graph::Strength;
use crate::render::trace::tracks::{Track, Tracks};
use crate::render::trace::{Record, SECOND, Trace, name, ts};
use crate::report::{
    EventRow, ImageRow, LayerRow, ManifestRow, Outcome, PushStatus, SessionRow, Text,
};
use crate::words;

/// The time that a call is drawn in.
#[derive(Clone, Copy, Debug)]
struct Slot {
    begin: i64,
    end: i64,
}

impl Slot {
    /// Where marks and arrows of the call go: inside its slice.
    fn middle(self) -> i64 {
        self.begin + (self.end - self.begin) / 2
    }
}

/// A push that is drawn: the places of its calls without the login, each with its slot.
struct Slice<'r> {
    push: &'r SessionRow<'r>,
    track: Track,
    calls: Vec<(usize, Slot)>,
}

impl<'r> Slice<'r> {
    /// The rows of some calls.
    fn rows<'c>(
        &self,
        calls: &'c [(usize, Slot)],
    ) -> impl Iterator<Item = (EventRow<'r>, Slot)> + 'c
    where
        'r: 'c,
    {
        let events = &self.push.events;
        let row = |&(place, slot): &(usize, Slot)| Some((events.get(place)?, slot));
        calls.iter().filter_map(row)
    }
}

/// What the trace says about a push.
#[derive(Serialize)]
struct PushArgs<'r> {
    push: &'r str,
    status: PushStatus,
    explanation: &'r str,
    confidence: Strength,
    client_ip: Option<&'r str>,
    client_user_agent: Option<&'r str>,
    image: Option<&'r ImageRow<'r>>,
    uploaded_bytes: Bytes,
    retry_of: Option<&'r str>,
}

/// Writes a push.
pub(super) fn push(
    push: &SessionRow<'_>,
    tracks: &mut Tracks,
    trace: &mut Trace<'_>,
) -> io::Result<()> {
    let calls = slots(push);
    let begin = calls.iter().map(|(_, slot)| slot.begin).min();
    let end = calls.iter().map(|(_, slot)| slot.end).max();
    let (Some(begin), Some(end)) = (begin, end) else {
        return Ok(());
    };
    // Times are whole seconds, so the last call may have come at the end of its second.
    let (begin, end) = (
        begin - begin % SECOND,
        end + (SECOND - end % SECOND) % SECOND,
    );
    let track = tracks.of(push, (begin, end), trace)?;
    let drawn = Slice { push, track, calls };
    slice(&drawn, (begin, end), trace)?;
    logins(&drawn, trace)?;
    calls_of(&drawn, trace)?;
    uploads(&drawn, trace)?;
    arrows(&drawn, trace)
}

/// Gives every call its slot within its second: calls of one second are side by side, in causal
/// order.
fn slots(push: &SessionRow<'_>) -> Vec<(usize, Slot)> {
    let begin = ts(&push.first);
    let seconds = push.events.seconds().enumerate();
    let own = seconds.skip(push.events.places().start);
    let own = own.map(|(place, second)| (place, begin.saturating_add(second * SECOND)));
    let own: Vec<(usize, i64)> = own.collect();
    let mut sharing: HashMap<i64, (i64, i64)> = HashMap::new();
    for (_, second) in &own {
        sharing.entry(*second).or_default().0 += 1;
    }
    let mut calls = Vec::with_capacity(own.len());
    for (place, second) in own {
        let (n, taken) = sharing.entry(second).or_default();
        let edge = |k: i64| second.saturating_add(k * SECOND / (*n).max(1));
        let slot = Slot {
            begin: edge(*taken),
            end: edge(*taken + 1),
        };
        *taken += 1;
        calls.push((place, slot));
    }
    calls
}

fn slice(drawn: &Slice<'_>, (begin, end): (i64, i64), trace: &mut Trace<'_>) -> io::Result<()> {
    let push = drawn.push;
    let client = push.client.as_ref();
    let image = push.image.as_ref();
    let tags = image.map(|image| image.tags.join(", "));
    let title = match tags.filter(|tags| !tags.is_empty()) {
        Some(tags) => format!("{} push of {tags}", push.status),
        None => format!("{} push", push.status),
    };
    let args = PushArgs {
        push: &push.id,
        status: push.status,
        explanation: &push.explanation,
        confidence: push.confidence,
        client_ip: client.and_then(|client| client.source_ip.as_deref()),
        client_user_agent: client.and_then(|client| client.user_agent.as_deref()),
        image,
        uploaded_bytes: push.uploaded_bytes,
        retry_of: push.retry_of.as_deref(),
    };
    trace.write(&Record {
        dur: Some(end - begin),
        args: Some(args),
        ..Record::at("X", &name(&title), drawn.track, begin)
    })
}

fn logins(drawn: &Slice<'_>, trace: &mut Trace<'_>) -> io::Result<()> {
    if let Some(event) = drawn.push.events.login() {
        instant(("login", &event), ts(&event.time), drawn.track, trace)?;
    }
    Ok(())
}

/// Writes an instant with all details of a call.
fn instant(
    (title, event): (&str, &EventRow<'_>),
    ts: i64,
    track: Track,
    trace: &mut Trace<'_>,
) -> io::Result<()> {
    trace.write(&Record {
        cat: "mark",
        scope: Some("t"),
        args: Some(event),
        ..Record::at("i", title, track, ts)
    })
}

/// Writes the calls: a check is an instant, any other call a slice; puts and refusals get a mark as
/// well.
fn calls_of(drawn: &Slice<'_>, trace: &mut Trace<'_>) -> io::Result<()> {
    for (event, slot) in drawn.rows(&drawn.calls) {
        let mark = |title: &str, trace: &mut Trace<'_>| {
            instant((title, &event), slot.middle(), drawn.track, trace)
        };
        if event.action != Stage::Check {
            trace.write(&Record {
                cat: "call",
                dur: Some(slot.end - slot.begin),
                args: Some(&event),
                ..Record::at("X", event.action.call(), drawn.track, slot.begin)
            })?;
        }
        match (event.outcome, event.action) {
            (Outcome::Failed, action) => {
                let code = event.error_code.as_deref().unwrap_or("no error code");
                mark(&name(&format!("{action} refused: {code}")), trace)?;
            }
            (Outcome::Succeeded, Stage::Check) => mark("check", trace)?,
            (Outcome::Succeeded, Stage::Manifest) => {
                let tag = event.tag.as_deref().unwrap_or("by digest");
                mark(&name(&format!("manifest {tag}")), trace)?;
            }
            (
                Outcome::Succeeded,
                Stage::Authorization | Stage::Initiate | Stage::Part | Stage::Complete,
            ) => {}
        }
    }
    Ok(())
}

/// Writes a span for each upload, with its parts as instants.
fn uploads(drawn: &Slice<'_>, trace: &mut Trace<'_>) -> io::Result<()> {
    let mut uploads: BTreeMap<Text<'_>, Vec<(usize, Slot)>> = BTreeMap::new();
    for (&(place, slot), (event, _)) in drawn.calls.iter().zip(drawn.rows(&drawn.calls)) {
        if let Some(upload) = event.upload_id {
            uploads.entry(upload).or_default().push((place, slot));
        }
    }
    let layers = drawn.push.layers.iter();
    let layers: HashMap<&str, &LayerRow<'_>> = layers
        .filter_map(|layer| Some((layer.upload_id.as_deref()?, layer)))
        .collect();
    for (number, (upload, calls)) in uploads.into_iter().enumerate() {
        let layer = layers.get(&*upload).copied();
        let title = title_of(&upload, layer);
        let id = format!("{}.{number}", drawn.push.id);
        let at = |ph, ts| Record {
            cat: "upload",
            id: Some(&id),
            ..Record::at(ph, &title, drawn.track, ts)
        };
        let begin = calls.iter().map(|(_, slot)| slot.begin).min();
        let end = calls.iter().map(|(_, slot)| slot.end).max();
        trace.write(&Record {
            args: layer,
            ..at("b", begin.unwrap_or(0))
        })?;
        let parts = drawn.rows(&calls);
        for (event, slot) in parts.filter(|(event, _)| event.action == Stage::Part) {
            trace.write(&Record {
                cat: "upload",
                id: Some(&id),
                args: Some(&event),
                ..Record::at("n", "part", drawn.track, slot.middle())
            })?;
        }
        trace.write(&at("e", end.unwrap_or(0)))?;
    }
    Ok(())
}

fn title_of(upload: &str, layer: Option<&LayerRow<'_>>) -> String {
    let kind = layer
        .and_then(|layer| layer.kind)
        .unwrap_or(BlobKind::Layer);
    let title = match layer.and_then(|layer| layer.digest.as_deref()) {
        Some(digest) => format!("{kind} {}", words::shorten(digest, 19)),
        None => format!("upload {upload}"),
    };
    name(&title)
}

/// Writes the flow of content: a layer into each manifest that lists it, a child into its index, a
/// subject into the manifest that refers to it.
fn arrows(drawn: &Slice<'_>, trace: &mut Trace<'_>) -> io::Result<()> {
    let mut slots: HashMap<Text<'_>, i64> = HashMap::new();
    let mut ends: HashMap<(Text<'_>, Stage), i64> = HashMap::new();
    for (event, slot) in drawn.rows(&drawn.calls) {
        if event.action == Stage::Manifest {
            slots.entry(event.event_id).or_insert(slot.middle());
        }
        if let Some(upload) = event.upload_id {
            ends.insert((upload, event.action), slot.middle());
        }
    }
    let put = |manifest: &ManifestRow<'_>| slots.get(manifest.event_id.as_deref()?).copied();
    let manifests = &drawn.push.manifests;
    let by_digest: HashMap<&str, i64> = manifests
        .iter()
        .filter_map(|manifest| Some((manifest.digest.as_deref()?, put(manifest)?)))
        .collect();
    let mut ways = Vec::new();
    for layer in &drawn.push.layers {
        let upload = layer.upload_id.as_deref().unwrap_or_default();
        let call = |action| ends.get(&(Cow::Borrowed(upload), action)).copied();
        let (begun, ended) = (call(Stage::Initiate), call(Stage::Complete));
        for manifest in &layer.of {
            let put = by_digest.get(&**manifest).copied();
            ways.push(("layer", [begun, ended, put]));
        }
    }
    for manifest in manifests {
        let own = put(manifest);
        for index in &manifest.of {
            let listed = by_digest.get(&**index).copied();
            ways.push(("child manifest", [None, own, listed]));
        }
        let subject = manifest.subject.as_deref();
        let subject = subject.and_then(|subject| by_digest.get(subject).copied());
        ways.push(("subject", [None, subject, own]));
    }
    for (number, (title, points)) in ways.into_iter().enumerate() {
        let id = format!("{}.{number}", drawn.push.id);
        arrow((title, &id), points, drawn.track, trace)?;
    }
    Ok(())
}

/// Writes one flow through the known points.
fn arrow(
    (title, id): (&'static str, &str),
    points: [Option<i64>; 3],
    track: Track,
    trace: &mut Trace<'_>,
) -> io::Result<()> {
    // Without both ends of its last leg the flow would say nothing.
    let [first, Some(from), Some(to)] = points else {
        return Ok(());
    };
    let first = first.filter(|&first| first < from);
    if from >= to {
        return Ok(());
    }
    let points = [first, Some(from), Some(to)].into_iter().flatten();
    let last = points.clone().count() - 1;
    for (place, ts) in points.enumerate() {
        let (ph, bind) = match place {
            0 => ("s", None),
            _ if place == last => ("f", Some("e")),
            _ => ("t", None),
        };
        trace.write::<()>(&Record {
            cat: "digest",
            id: Some(id),
            bind,
            ..Record::at(ph, title, track, ts)
        })?;
    }
    Ok(())
}
