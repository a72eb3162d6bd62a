//! The steps of a push as a person would tell them: an upload is one, however many parts it has.
//!
//! Comes in: a push's row. Goes out: steps in the order of their first events. Never: a call
//! dropped; what is folded into a step is counted in it.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use indexmap::IndexMap;

use crate::event::{ByteRange, Bytes};
use crate::render::ink::Tint;
use crate::render::text::block;
use crate::report::words;
use crate::report::{
    EventRow, LayerRow, LayerState, ManifestRow, ManifestState, Outcome, SessionRow, Text,
};

/// A step of a push.
#[derive(Debug)]
pub(in crate::render) struct Step {
    /// What kind of step it is: steps of a kind are folded together where there are too many.
    pub(in crate::render) kind: Kind,
    /// The clock time of its first event; empty for what is not in the log.
    pub(in crate::render) clock: String,
    /// Seconds from the push's first event to the step's first and last.
    pub(in crate::render) span: Option<(i64, i64)>,
    /// What it is, in order of weight: later pieces give way in a narrow line.
    pub(in crate::render) pieces: Vec<String>,
    /// The tint of the pieces.
    pub(in crate::render) tint: Tint,
    /// Lines under it.
    pub(in crate::render) notes: Vec<String>,
    /// Bytes that it moved.
    pub(in crate::render) bytes: Bytes,
    /// The events that it is made of, by their place in the push.
    pub(in crate::render) events: Vec<usize>,
    /// Findings that it stands out by, as places in the push's list of them.
    pub(super) findings: Vec<usize>,
}

/// The kinds of steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::render) enum Kind {
    /// A login.
    Login,
    /// All checks together.
    Checks,
    /// An upload that came to its end.
    Upload,
    /// An upload that did not.
    OpenUpload,
    /// A manifest accepted.
    Put,
    /// A refused call.
    Refusal,
    /// What is not in the log.
    Absence,
}

/// An upload being gathered.
#[derive(Debug)]
struct Gathered {
    kind: Kind,
    parts: u64,
    bytes: Bytes,
    begun: bool,
    ended: bool,
    refused_end: bool,
}

/// Where findings are to be drawn.
#[derive(Debug, Default)]
struct Marks<'a> {
    /// By the event that stands out.
    events: HashMap<&'a str, Vec<usize>>,
    /// What is told by something missing.
    absence: Vec<usize>,
}

impl<'a> Marks<'a> {
    fn new(push: &'a SessionRow<'_>, drawn: &[usize]) -> Self {
        let mut marks = Self::default();
        for &place in drawn {
            let finding = &push.findings[place];
            let of_status = (finding.code, push.status);
            if matches!(
                of_status,
                ("incomplete-push", "incomplete") | ("undetermined-push", "undetermined")
            ) {
                marks.absence.push(place);
            } else if let Some(event) = finding.events.first() {
                marks.events.entry(event).or_default().push(place);
            }
        }
        marks
    }

    fn at(&self, event: &EventRow<'_>) -> &[usize] {
        self.events.get(&*event.event_id).map_or(&[], Vec::as_slice)
    }

    /// The uploads that findings point at.
    fn uploads<'p>(&self, push: &SessionRow<'p>) -> HashSet<Text<'p>> {
        if self.events.is_empty() {
            return HashSet::new();
        }
        let ids = push.events.ids().enumerate();
        let marked = ids.filter(|(_, id)| self.events.contains_key(&**id));
        let events = marked.filter_map(|(place, _)| push.events.get(place));
        events.filter_map(|event| event.upload_id).collect()
    }
}

/// How many steps of a kind are kept where there are many; what a finding points at is kept besides.
#[derive(Clone, Copy, Debug)]
pub(in crate::render) struct Keep {
    /// So many of the first.
    pub(in crate::render) first: usize,
    /// So many of the last.
    pub(in crate::render) last: usize,
}

/// The steps of a push.
#[derive(Debug)]
pub(in crate::render) struct Steps {
    /// Those kept, in order.
    pub(in crate::render) kept: Vec<Step>,
    /// The others.
    pub(in crate::render) left_out: Vec<LeftOut>,
}

/// Steps of a kind that were not kept.
#[derive(Debug)]
pub(in crate::render) struct LeftOut {
    pub(in crate::render) kind: Kind,
    /// Before which of those kept the first of them would stand.
    pub(in crate::render) place: usize,
    pub(in crate::render) n: u64,
    pub(in crate::render) bytes: Bytes,
}

/// Steps being gathered. Those that cannot be shown any more are let go at once: a push may have a million.
#[derive(Debug)]
struct Steady {
    keep: Keep,
    /// By place.
    steps: BTreeMap<usize, Step>,
    next: usize,
    kinds: BTreeMap<Kind, OfKind>,
}

/// The steps of one kind.
#[derive(Debug, Default)]
struct OfKind {
    n_seen: usize,
    /// The places of the last ones, and whether a finding points at them.
    last: VecDeque<(usize, bool)>,
    /// The first place of those let go, how many, and their bytes.
    gone: Option<(usize, u64, Bytes)>,
}

impl Steady {
    fn new(keep: Keep) -> Self {
        Self {
            keep,
            steps: BTreeMap::new(),
            next: 0,
            kinds: BTreeMap::new(),
        }
    }

    /// Adds a step; its place.
    fn push(&mut self, step: Step, is_pointed_at: bool) -> usize {
        let (place, kind) = (self.next, step.kind);
        self.next += 1;
        self.steps.insert(place, step);
        if matches!(kind, Kind::Login | Kind::Checks | Kind::Absence) {
            return place;
        }
        let of_kind = self.kinds.entry(kind).or_default();
        of_kind.n_seen += 1;
        if of_kind.n_seen <= self.keep.first {
            return place;
        }
        of_kind.last.push_back((place, is_pointed_at));
        if of_kind.last.len() > self.keep.last
            && let Some((oldest, false)) = of_kind.last.pop_front()
        {
            let step = self.steps.remove(&oldest);
            let gone = of_kind.gone.get_or_insert((oldest, 0, Bytes(0)));
            gone.1 += 1;
            gone.2 += step.map_or(Bytes(0), |step| step.bytes);
        }
        place
    }

    /// Adds what an upload that was let go had moved.
    fn add_bytes(&mut self, kind: Kind, bytes: Bytes) {
        if let Some(gone) = self.kinds.get_mut(&kind).and_then(|of| of.gone.as_mut()) {
            gone.2 += bytes;
        }
    }

    fn finish(self) -> Steps {
        let left_out = self.kinds.into_iter().filter_map(|(kind, of_kind)| {
            let (first, n, bytes) = of_kind.gone?;
            Some(LeftOut {
                kind,
                place: self.steps.range(..first).count(),
                n,
                bytes,
            })
        });
        Steps {
            left_out: left_out.collect(),
            kept: self.steps.into_values().collect(),
        }
    }
}

/// The steps of a push, what is missing included, and where the findings to be drawn stand.
pub(in crate::render) fn steps(push: &SessionRow<'_>, drawn: &[usize], keep: Keep) -> Steps {
    let marks = Marks::new(push, drawn);
    let mut steps = Steady::new(keep);
    if is_reason(push, "log-begins") {
        let absence = Step {
            findings: marks.absence.clone(),
            ..absence("? the log begins shortly before")
        };
        steps.push(absence, true);
    }
    let layers: HashMap<&str, &LayerRow<'_>> = push
        .layers
        .iter()
        .filter_map(|layer| Some((layer.upload_id.as_deref()?, layer)))
        .collect();
    let pointed_at = marks.uploads(push);
    let mut uploads: IndexMap<Text<'_>, (usize, Gathered)> = IndexMap::new();
    let mut refused_ends: HashSet<Text<'_>> = HashSet::new();
    let mut checks: Option<(usize, Checks)> = None;
    for (number, mut event) in push.events.iter().enumerate() {
        let at = marks.at(&event);
        let of;
        if event.outcome == Outcome::Failed {
            of = steps.push(refusal(push, &event, number), !at.is_empty());
            refused_ends.extend(refused_end(&event));
        } else if event.action == "BatchCheckLayerAvailability" {
            let (at, checks) = checks.get_or_insert_with(|| {
                let place = steps.push(step(Kind::Checks, &event), true);
                (place, Checks::default())
            });
            checks.add(&mut event);
            of = *at;
            extend(steps.steps.get_mut(&of), &event, number);
        } else if let Some(upload) = event.upload_id.take() {
            let (at, gathered) = uploads.entry(upload).or_insert_with_key(|upload| {
                let kind = kind_of(layers.get(&**upload).copied());
                let place = steps.push(step(kind, &event), pointed_at.contains(upload));
                (place, Gathered::new(kind))
            });
            gathered.add(&event);
            of = *at;
            extend(steps.steps.get_mut(&of), &event, number);
        } else {
            of = steps.push(single(push, &event, number), !at.is_empty());
        }
        if !at.is_empty()
            && let Some(step) = steps.steps.get_mut(&of)
        {
            step.findings.extend(at);
            // What decided is told above the timeline, and pointed at in it.
            if decided(push, &event) {
                step.notes.clear();
            }
        }
    }
    if let Some((at, checks)) = checks
        && let Some(step) = steps.steps.get_mut(&at)
    {
        step.pieces = checks.pieces();
    }
    for (upload, (at, mut gathered)) in uploads {
        gathered.refused_end = refused_ends.contains(&upload);
        let layer = layers.get(&*upload).copied();
        match steps.steps.get_mut(&at) {
            Some(step) => describe_upload(step, &upload, &gathered, layer),
            None => steps.add_bytes(gathered.kind, size_of(&gathered, layer)),
        }
    }
    add_absences(push, &marks, &mut steps);
    steps.finish()
}

/// Whether an upload came to its end, as a kind of step.
fn kind_of(layer: Option<&LayerRow<'_>>) -> Kind {
    match layer.map(|layer| layer.state) {
        Some(LayerState::Uploaded | LayerState::AlreadyExists) => Kind::Upload,
        Some(LayerState::Reused | LayerState::Unfinished | LayerState::Refused) | None => {
            Kind::OpenUpload
        }
    }
}

/// The upload whose `CompleteLayerUpload` was refused by an event.
fn refused_end<'a>(event: &EventRow<'a>) -> Option<Text<'a>> {
    let is_end = event.action == "CompleteLayerUpload";
    event.upload_id.clone().filter(|_| is_end)
}

fn is_reason(push: &SessionRow<'_>, kind: &str) -> bool {
    push.reason
        .as_ref()
        .is_some_and(|reason| reason.kind == kind)
}

/// A step that begins with an event.
fn step(kind: Kind, event: &EventRow<'_>) -> Step {
    Step {
        kind,
        clock: block::clock(&event.time),
        span: event.offset_s.map(|offset| (offset, offset)),
        pieces: Vec::new(),
        tint: Tint::Plain,
        notes: Vec::new(),
        bytes: Bytes(0),
        events: Vec::new(),
        findings: Vec::new(),
    }
}

/// Adds an event to a step that is kept, which lasts until then at least.
fn extend(step: Option<&mut Step>, event: &EventRow<'_>, number: usize) {
    let Some(step) = step else { return };
    step.events.push(number);
    if let (Some((first, last)), Some(offset)) = (&mut step.span, event.offset_s) {
        *first = (*first).min(offset);
        *last = (*last).max(offset);
    }
}

fn absence(text: &str) -> Step {
    Step {
        kind: Kind::Absence,
        clock: String::new(),
        span: None,
        pieces: vec![text.to_owned()],
        tint: Tint::Bad,
        notes: Vec::new(),
        bytes: Bytes(0),
        events: Vec::new(),
        findings: Vec::new(),
    }
}

fn add_absences(push: &SessionRow<'_>, marks: &Marks<'_>, steps: &mut Steady) {
    let Some(reason) = &push.reason else {
        return;
    };
    let text = match reason.kind {
        "no-put-image" | "upload-abandoned" => "✗ no PutImage in the log",
        "index-missing" => "✗ no PutImage of an index in the log",
        "log-ends" => "? the log ends shortly after",
        "log-hole" => "? the log has a hole near here",
        "field-omitted" => "? a field that would tell was left out of the log",
        _ => return,
    };
    let absence = Step {
        findings: marks.absence.clone(),
        ..absence(text)
    };
    steps.push(absence, true);
}

/// All checks of a push.
#[derive(Debug, Default)]
struct Checks {
    calls: u64,
    digests: HashSet<String>,
}

impl Checks {
    fn add(&mut self, event: &mut EventRow<'_>) {
        self.calls += 1;
        self.digests.extend(std::mem::take(&mut event.digests));
    }

    fn pieces(&self) -> Vec<String> {
        let blobs = self.digests.len() as u64;
        let calls = match self.calls {
            1 => String::new(),
            n => format!(" in {}", words::count(n, "call")),
        };
        vec![format!("checked {}{calls}", words::count(blobs, "blob"))]
    }
}

impl Gathered {
    fn new(kind: Kind) -> Self {
        Self {
            kind,
            parts: 0,
            bytes: Bytes(0),
            begun: false,
            ended: false,
            refused_end: false,
        }
    }

    fn add(&mut self, event: &EventRow<'_>) {
        match event.action {
            "InitiateLayerUpload" => self.begun = true,
            "CompleteLayerUpload" => self.ended = true,
            _ => {
                self.parts += 1;
                if let (Some(first), Some(last)) = (event.first_byte, event.last_byte) {
                    self.bytes += ByteRange { first, last }.len();
                }
            }
        }
    }
}

/// The bytes that an upload moved.
fn size_of(gathered: &Gathered, layer: Option<&LayerRow<'_>>) -> Bytes {
    let size = layer.and_then(|layer| layer.size_bytes);
    size.unwrap_or(gathered.bytes)
}

/// Says what an upload was, once all of it is gathered.
fn describe_upload(
    step: &mut Step,
    upload: &str,
    gathered: &Gathered,
    layer: Option<&LayerRow<'_>>,
) {
    let digest = layer.and_then(|layer| layer.digest.as_deref());
    let name = match (digest, layer.and_then(|layer| layer.kind)) {
        (Some(digest), Some("config")) => format!("config {}", digest_text(digest)),
        (Some(digest), _) => format!("layer {}", digest_text(digest)),
        (None, _) => format!("upload {}", words::shorten(upload, 11)),
    };
    let bytes = size_of(gathered, layer);
    let seconds = step.span.map_or(0, |(first, last)| last - first);
    step.bytes = bytes;
    step.pieces.push(format!("{name:<19}"));
    step.pieces.push(format!("{:>9}", words::size(bytes)));
    step.pieces.push(words::count(gathered.parts, "part"));
    if seconds > 0 && gathered.bytes > Bytes(0) {
        let rate = Bytes(gathered.bytes.0 / seconds.unsigned_abs());
        step.pieces.push(format!("{}/s", words::size(rate)));
    }
    note_gaps(step, gathered, layer);
}

/// Says what an upload lacks.
fn note_gaps(step: &mut Step, gathered: &Gathered, layer: Option<&LayerRow<'_>>) {
    if !gathered.begun {
        step.notes
            .push("? its InitiateLayerUpload is not in the log".to_owned());
    }
    let state = layer.map(|layer| layer.state);
    if !gathered.ended && state != Some(LayerState::AlreadyExists) {
        // A refusal stands in the timeline by itself.
        if !gathered.refused_end && state != Some(LayerState::Refused) {
            step.notes
                .push("✗ no CompleteLayerUpload in the log".to_owned());
        }
    }
    for (first, last) in layer.map_or(&[][..], |layer| &layer.holes).iter().take(3) {
        step.notes.push(format!(
            "? bytes {} to {} are not in the log",
            words::number(*first),
            words::number(*last)
        ));
    }
}

/// A call that is a step by itself.
fn single(push: &SessionRow<'_>, event: &EventRow<'_>, number: usize) -> Step {
    let events = vec![number];
    match event.action {
        "GetAuthorizationToken" => Step {
            pieces: vec![
                "login (GetAuthorizationToken)".to_owned(),
                format!("serves {}", words::pushes(push.authorization_pushes)),
            ],
            events,
            ..step(Kind::Login, event)
        },
        "PutImage" => Step {
            pieces: put_pieces(push, event),
            tint: Tint::Good,
            events,
            ..step(Kind::Put, event)
        },
        action => Step {
            pieces: vec![action.to_owned(), "no uploadId in the log".to_owned()],
            events,
            ..step(Kind::OpenUpload, event)
        },
    }
}

fn put_pieces(push: &SessionRow<'_>, event: &EventRow<'_>) -> Vec<String> {
    let mut pieces = vec![format!("{} accepted", put_name(push, event))];
    pieces.extend(event.digest.as_deref().map(digest_text));
    if let Some(row) = manifest_of(push, event) {
        // Of which image, the push says above and in its rows.
        let what = row
            .what
            .as_deref()
            .and_then(|what| what.split(" of ").next());
        pieces.extend(what.map(str::to_owned));
        if row.state == ManifestState::Omitted {
            pieces.push("content not in the log".to_owned());
        }
    }
    pieces
}

fn manifest_of<'r, 'a>(
    push: &'r SessionRow<'a>,
    event: &EventRow<'_>,
) -> Option<&'r ManifestRow<'a>> {
    let digest = event.digest.as_deref()?;
    let mut manifests = push.manifests.iter();
    manifests.find(|row| row.digest.as_deref() == Some(digest))
}

/// A `PutImage` by its tag, else by the platform that an index gives it.
fn put_name(push: &SessionRow<'_>, event: &EventRow<'_>) -> String {
    let platform = manifest_of(push, event).and_then(|row| row.platform.as_deref());
    match (&event.tag, platform) {
        (Some(tag), _) => format!("PutImage {tag}"),
        (None, Some(platform)) => format!("PutImage {platform}"),
        (None, None) => "PutImage by digest".to_owned(),
    }
}

/// A refused call; one that found its aim reached already is marked as harmless.
fn refusal(push: &SessionRow<'_>, event: &EventRow<'_>, number: usize) -> Step {
    let code = event.error_code.as_deref().unwrap_or("(no error code)");
    let harmless = matches!(
        code,
        "LayerAlreadyExistsException" | "ImageAlreadyExistsException"
    );
    let (mark, tint) = match harmless {
        true => ("·", Tint::Plain),
        false => ("✗", Tint::Bad),
    };
    let name = match event.action {
        "PutImage" => put_name(push, event),
        action => action.to_owned(),
    };
    let mut note = code.to_owned();
    let message = event.error_message.as_deref().map(str::trim);
    // The message of the call that decided stands in the reason already.
    if let Some(message) = message.filter(|message| !harmless && !message.is_empty())
        && !decided(push, event)
    {
        note.push_str(&format!(": {}", words::shorten(message, 160)));
    }
    Step {
        pieces: vec![format!("{mark} {name} refused")],
        tint,
        notes: vec![note],
        events: vec![number],
        ..step(Kind::Refusal, event)
    }
}

/// Whether the push has its status from this event.
fn decided(push: &SessionRow<'_>, event: &EventRow<'_>) -> bool {
    let reason = push.reason.as_ref();
    reason.is_some_and(|reason| reason.event_id.as_deref() == Some(&*event.event_id))
}

/// A digest as people compare them: twelve digits, without the algorithm where that is sha256.
pub(in crate::render) fn digest_text(digest: &str) -> String {
    match digest.split_once(':') {
        Some(("sha256", digits)) => digits.chars().take(12).collect(),
        _ => words::shorten(digest, 20),
    }
}
