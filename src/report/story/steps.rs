//! The steps of a push, in the order of their first events.
//!
//! Comes in: a push's row. Goes out: its steps, as many of each kind as are asked for, and how many more there are.
//! Never: a lost call; whatever is folded into a step is counted there.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use indexmap::IndexMap;

use crate::event::{ByteRange, Bytes, Stage};
use crate::report::row::{
    EventRow, LayerRow, LayerState, ManifestRow, ManifestState, Outcome, PushStatus, ReasonKind,
    SessionRow, Text,
};
use crate::report::story::step::{
    Absence, Note, PutStep, Step, StepKind, Told, UploadStep, short_digest,
};
use crate::words;

/// The shortest time, in seconds, over which an upload has a rate. Both of its ends are known to the second only, so
/// that a shorter one could be off by half.
const LEAST_RATED_S: i64 = 5;

/// An upload being gathered.
#[derive(Debug)]
struct Gathered {
    is_open: bool,
    parts: u64,
    received: Bytes,
    has_begin: bool,
    has_end: bool,
}

/// Where findings are drawn.
#[derive(Debug, Default)]
struct Marks<'a> {
    /// Findings by the event that they mark.
    events: HashMap<&'a str, Vec<usize>>,
    /// Findings that are drawn at something missing.
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
                ("incomplete-push", PushStatus::Incomplete)
                    | ("undetermined-push", PushStatus::Undetermined)
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

/// How many steps of a kind are kept if there are many; steps that a finding points at are kept as well.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Keep {
    /// How many of the first.
    pub(crate) first: usize,
    /// How many of the last.
    pub(crate) last: usize,
}

/// The steps of a push.
#[derive(Debug)]
pub(crate) struct Steps {
    /// The steps that are kept, in order.
    pub(crate) kept: Vec<Step>,
    /// The steps that are left out.
    pub(crate) left_out: Vec<LeftOut>,
}

/// Steps of a kind that are left out.
#[derive(Debug)]
pub(crate) struct LeftOut {
    pub(crate) kind: StepKind,
    /// The position among the kept steps at which the first of them would stand.
    pub(crate) place: usize,
    pub(crate) n: u64,
    pub(crate) bytes: Bytes,
}

/// Steps while they are gathered. Steps that can no longer be shown are dropped at once, since a push may have a
/// million.
#[derive(Debug)]
struct Steady {
    keep: Keep,
    /// The steps by place.
    steps: BTreeMap<usize, Step>,
    next: usize,
    kinds: BTreeMap<StepKind, OfKind>,
}

/// The steps of one kind.
#[derive(Debug, Default)]
struct OfKind {
    n_seen: usize,
    /// The places of the last ones, and whether a finding points at them.
    last: VecDeque<(usize, bool)>,
    /// The first place of the dropped steps, how many, and their bytes.
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

    /// Adds a step and returns its place.
    fn push(&mut self, step: Step, is_pointed_at: bool) -> usize {
        let (place, kind) = (self.next, step.kind());
        self.next += 1;
        self.steps.insert(place, step);
        if matches!(kind, StepKind::Login | StepKind::Checks | StepKind::Absence) {
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
            self.steps.remove(&oldest);
            let gone = of_kind.gone.get_or_insert((oldest, 0, Bytes(0)));
            gone.1 += 1;
        }
        place
    }

    /// Adds the bytes that a dropped upload had moved.
    fn add_bytes(&mut self, kind: StepKind, bytes: Bytes) {
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

/// The steps of a push, including what is missing, and where the findings to be drawn stand.
pub(crate) fn steps(push: &SessionRow<'_>, drawn: &[usize], keep: Keep) -> Steps {
    let marks = Marks::new(push, drawn);
    let mut steps = Steady::new(keep);
    let [before, after] = absences(push);
    add_absence(before, &marks, &mut steps);
    let layers: HashMap<&str, &LayerRow<'_>> = push
        .layers
        .iter()
        .filter_map(|layer| Some((layer.upload_id.as_deref()?, layer)))
        .collect();
    let pointed_at = marks.uploads(push);
    let mut uploads: IndexMap<Text<'_>, (usize, Gathered)> = IndexMap::new();
    let mut refused_ends: HashSet<Text<'_>> = HashSet::new();
    let mut checks: Option<(usize, u64, HashSet<String>)> = None;
    let mut said = SaidBefore::of(push);
    for (number, mut event) in push.events.iter().enumerate() {
        let at = marks.at(&event);
        let of;
        if event.outcome == Outcome::Failed {
            of = steps.push(refusal(push, &event, number, &mut said), !at.is_empty());
            let is_end = event.action == Stage::Complete;
            refused_ends.extend(event.upload_id.clone().filter(|_| is_end));
        } else if event.action == Stage::Check {
            let (place, calls, blobs) = checks.get_or_insert_with(|| {
                let told = Told::Checks { blobs: 0, calls: 0 };
                (steps.push(step(told, &event), true), 0, HashSet::new())
            });
            *calls += 1;
            blobs.extend(std::mem::take(&mut event.digests));
            of = *place;
            extend(steps.steps.get_mut(&of), &event, number);
        } else if let Some(upload) = event.upload_id.take() {
            let (place, gathered) = uploads.entry(upload).or_insert_with_key(|upload| {
                let gathered = Gathered::new(layers.get(&**upload).copied());
                // Its name and numbers are told when all of it is gathered.
                let told = gathered.told(String::new(), None, 0);
                let place = steps.push(step(told, &event), pointed_at.contains(upload));
                (place, gathered)
            });
            gathered.add(&event);
            of = *place;
            extend(steps.steps.get_mut(&of), &event, number);
        } else {
            of = steps.push(single(push, &event, number), !at.is_empty());
        }
        if !at.is_empty()
            && let Some(step) = steps.steps.get_mut(&of)
        {
            step.findings.extend(at);
            // The deciding call is described above the timeline, which only points at it.
            if decided(push, &event) {
                step.notes.clear();
            }
        }
    }
    if let Some((place, calls, blobs)) = checks
        && let Some(step) = steps.steps.get_mut(&place)
    {
        let blobs = blobs.len() as u64;
        step.told = Told::Checks { blobs, calls };
    }
    for (upload, (place, gathered)) in uploads {
        let layer = layers.get(&*upload).copied();
        match steps.steps.get_mut(&place) {
            Some(step) => {
                let seconds = step.span.map_or(0, |(first, last)| last - first);
                let name = UploadStep::named(
                    layer.and_then(|layer| layer.kind),
                    layer.and_then(|layer| layer.digest.as_deref()),
                    &upload,
                );
                step.told = gathered.told(name, layer, seconds);
                let is_refused = refused_ends.contains(&upload);
                step.notes.extend(gathered.gaps(layer, is_refused));
            }
            None => steps.add_bytes(gathered.kind(), gathered.moved(layer)),
        }
    }
    add_absence(after, &marks, &mut steps);
    steps.finish()
}

/// A step that starts with an event.
fn step(told: Told, event: &EventRow<'_>) -> Step {
    Step {
        told,
        time: event.time.clone(),
        span: event.offset_s.map(|offset| (offset, offset)),
        notes: Vec::new(),
        events: Vec::new(),
        findings: Vec::new(),
    }
}

/// Adds an event to a kept step, which then lasts at least until that event.
fn extend(step: Option<&mut Step>, event: &EventRow<'_>, number: usize) {
    let Some(step) = step else { return };
    step.events.push(number);
    if let (Some((first, last)), Some(offset)) = (&mut step.span, event.offset_s) {
        *first = (*first).min(offset);
        *last = (*last).max(offset);
    }
}

/// What is missing before a push's first call, and after its last.
fn absences(push: &SessionRow<'_>) -> [Option<Absence>; 2] {
    let Some(reason) = &push.reason else {
        return [None, None];
    };
    match reason.kind {
        ReasonKind::LogBegins => [Some(Absence::LogBegins), None],
        ReasonKind::NoPutImage | ReasonKind::UploadAbandoned => [None, Some(Absence::PutImage)],
        ReasonKind::IndexMissing => [None, Some(Absence::Index)],
        ReasonKind::LogEnds => [None, Some(Absence::LogEnds)],
        ReasonKind::LogHole => [None, Some(Absence::LogHole)],
        ReasonKind::FieldOmitted => [None, Some(Absence::Field)],
        ReasonKind::CheckFailed
        | ReasonKind::InitiateFailed
        | ReasonKind::PartFailed
        | ReasonKind::CompleteFailed
        | ReasonKind::PutImageFailed
        | ReasonKind::NothingSent => [None, None],
    }
}

fn add_absence(absence: Option<Absence>, marks: &Marks<'_>, steps: &mut Steady) {
    let Some(absence) = absence else { return };
    let step = Step {
        findings: marks.absence.clone(),
        ..Step::beside(Told::Absence(absence))
    };
    steps.push(step, true);
}

impl Gathered {
    fn new(layer: Option<&LayerRow<'_>>) -> Self {
        Self {
            is_open: match layer.map(|layer| layer.state) {
                Some(LayerState::Uploaded | LayerState::AlreadyExists) => false,
                Some(LayerState::Reused | LayerState::Unfinished | LayerState::Refused) | None => {
                    true
                }
            },
            parts: 0,
            received: Bytes(0),
            has_begin: false,
            has_end: false,
        }
    }

    fn add(&mut self, event: &EventRow<'_>) {
        match event.action {
            Stage::Initiate => self.has_begin = true,
            Stage::Complete => self.has_end = true,
            Stage::Part | Stage::Authorization | Stage::Check | Stage::Manifest => {
                self.parts += 1;
                if let (Some(first), Some(last)) = (event.first_byte, event.last_byte) {
                    self.received += ByteRange { first, last }.len();
                }
            }
        }
    }

    fn kind(&self) -> StepKind {
        match self.is_open {
            true => StepKind::OpenUpload,
            false => StepKind::Upload,
        }
    }

    /// The bytes that the upload moved.
    fn moved(&self, layer: Option<&LayerRow<'_>>) -> Bytes {
        let size = layer.and_then(|layer| layer.size_bytes);
        size.unwrap_or(self.received)
    }

    fn told(&self, name: String, layer: Option<&LayerRow<'_>>, seconds: i64) -> Told {
        let has_rate = seconds >= LEAST_RATED_S && self.received > Bytes(0);
        Told::Upload(UploadStep {
            is_open: self.is_open,
            name,
            bytes: self.moved(layer),
            parts: self.parts,
            rate: has_rate.then(|| Bytes(self.received.0 / seconds.unsigned_abs())),
        })
    }

    /// What the upload lacks; if its end was refused, the timeline shows that by itself.
    fn gaps(&self, layer: Option<&LayerRow<'_>>, is_refused: bool) -> Vec<Note> {
        let mut notes = Vec::new();
        if !self.has_begin {
            notes.push(Note::NoBegin);
        }
        let has_ended = match layer.map(|layer| layer.state) {
            Some(LayerState::AlreadyExists | LayerState::Refused) => true,
            Some(LayerState::Uploaded | LayerState::Reused | LayerState::Unfinished) | None => {
                false
            }
        };
        if !self.has_end && !has_ended && !is_refused {
            notes.push(Note::NoEnd);
        }
        let holes = layer.map_or(&[][..], |layer| &layer.holes).iter();
        notes.extend(holes.take(3).map(|&(first, last)| Note::Hole(first, last)));
        notes
    }
}

/// A call that is a step by itself.
fn single(push: &SessionRow<'_>, event: &EventRow<'_>, number: usize) -> Step {
    let told = match event.action {
        Stage::Authorization => Told::Login {
            serves: push.authorization_pushes,
        },
        Stage::Manifest => Told::Put(put(push, event)),
        stage @ (Stage::Check | Stage::Initiate | Stage::Part | Stage::Complete) => {
            Told::Unnamed(stage)
        }
    };
    Step {
        events: vec![number],
        ..step(told, event)
    }
}

fn put(push: &SessionRow<'_>, event: &EventRow<'_>) -> PutStep {
    let row = manifest_of(push, event);
    // The push names the image above and in its rows.
    let what = row.and_then(|row| row.what.as_deref()?.split(" of ").next());
    PutStep {
        call: put_name(push, event),
        digest: event.digest.as_deref().map(short_digest),
        what: what.map(str::to_owned),
        is_omitted: row.is_some_and(|row| row.state == ManifestState::Omitted),
    }
}

fn manifest_of<'r, 'a>(
    push: &'r SessionRow<'a>,
    event: &EventRow<'_>,
) -> Option<&'r ManifestRow<'a>> {
    let digest = event.digest.as_deref()?;
    let mut manifests = push.manifests.iter();
    manifests.find(|row| row.digest.as_deref() == Some(digest))
}

/// The name of a `PutImage`: its tag, or else the platform that an index gives it.
fn put_name(push: &SessionRow<'_>, event: &EventRow<'_>) -> String {
    let platform = manifest_of(push, event).and_then(|row| row.platform.as_deref());
    match (&event.tag, platform) {
        (Some(tag), _) => format!("PutImage {tag}"),
        (None, Some(platform)) => format!("PutImage {platform}"),
        (None, None) => "PutImage by digest".to_owned(),
    }
}

/// What stands for the code of a refused call that has none.
const NO_CODE: &str = "(no error code)";

/// The error messages that were told of a push before, so that none is repeated.
struct SaidBefore(HashSet<String>);

impl SaidBefore {
    /// The most messages kept; a log may hold a new one for each call.
    const MOST: usize = 64;

    /// The reason above the timeline has the message of the deciding call.
    fn of(push: &SessionRow<'_>) -> Self {
        let reason = push.reason.as_ref();
        let decided = reason.and_then(|reason| reason.event_id.as_deref());
        let place = decided.and_then(|id| push.events.ids().position(|event| event == id));
        let event = place.and_then(|place| push.events.get(place));
        let message = event.and_then(|event| event.error_message);
        Self(
            message
                .map(|text| text.trim().to_owned())
                .into_iter()
                .collect(),
        )
    }

    /// Whether words were told; from now on they were.
    fn were(&mut self, words: &str) -> bool {
        let is_told = self.0.contains(words);
        if !is_told && self.0.len() < Self::MOST {
            self.0.insert(words.to_owned());
        }
        is_told
    }
}

/// The code and the message of a refused call; `None` without a message.
fn in_words(event: &EventRow<'_>) -> Option<String> {
    let message = event.error_message.as_deref().map(str::trim);
    let message = message.filter(|message| !message.is_empty())?;
    let code = event.error_code.as_deref().unwrap_or(NO_CODE);
    Some(format!("{code}: {}", words::shorten(message, 160)))
}

/// A refused call.
fn refusal(
    push: &SessionRow<'_>,
    event: &EventRow<'_>,
    number: usize,
    said: &mut SaidBefore,
) -> Step {
    let code = event.error_code.as_deref().unwrap_or(NO_CODE);
    let is_harmless = matches!(
        code,
        "LayerAlreadyExistsException" | "ImageAlreadyExistsException"
    );
    let call = match event.action == Stage::Manifest {
        true => put_name(push, event),
        false => event.action.to_string(),
    };
    // The reason already contains the message of the deciding call.
    let told = in_words(event).filter(|_| !is_harmless && !decided(push, event));
    let is_repeated = told.as_deref().is_some_and(|words| said.were(words));
    let why = told.unwrap_or_else(|| code.to_owned());
    let notes = (!is_repeated).then_some(Note::Refusal(why));
    let told = Told::Refusal {
        call,
        is_repeated,
        is_harmless,
    };
    Step {
        notes: notes.into_iter().collect(),
        events: vec![number],
        ..step(told, event)
    }
}

/// Whether this event decides the status of the push.
fn decided(push: &SessionRow<'_>, event: &EventRow<'_>) -> bool {
    let reason = push.reason.as_ref();
    reason.is_some_and(|reason| reason.event_id.as_deref() == Some(&*event.event_id))
}
