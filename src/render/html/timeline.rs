//! The drawn timeline of a push: bars, ticks and marks over an axis of time.
//!
//! Comes in: a push's row. Goes out: an SVG in which each thing has a title, links to its row in
//! the table of calls, and shows its evidence under the pointer or focus. Never: a meaning that
//! only a colour has, or a place that only the drawing shows.

use crate::event::Stage;
use crate::render::html::lanes::{self, Item, Layout};
use crate::render::html::markup::Markup;
use crate::render::html::scale::{OFFSETS_APART, Stretch};
use crate::render::ink;
use crate::render::table;
use crate::report::SessionRow;
use crate::report::story::step::{StepKind, Told};
use crate::report::story::steps;
use crate::words;
use crate::zone::Zone;

/// The height of a lane, in pixels.
const LANE: usize = 24;
/// The height of the axis above the lanes.
const AXIS: usize = 30;
/// From the top of a lane to the middle of what it shows.
const MIDDLE: usize = 16;
/// The most ticks on one bar.
const MOST_TICKS: usize = 200;
/// From this many arrows on, they are drawn as a haze.
const MANY: usize = 30;
/// The most characters of a label, by the room in the margin.
const LABEL: usize = 34;

/// Draws the timeline of a push.
pub(super) fn timeline(push: &SessionRow<'_>, page: &mut Markup) {
    let layout = lanes::layout(push, steps::steps(push, &[], lanes::DRAWN));
    let height = AXIS + layout.n_lanes * LANE + 6;
    page.raw("<figure><svg class=g role=group width=100% height=")
        .number(int(height))
        .raw(" aria-label=\"Timeline of push ")
        .text(&push.id)
        .raw("\">");
    axis(&layout, page);
    for (lane, text) in &layout.headings {
        page.raw("<text class=n y=")
            .number(int(AXIS + lane * LANE + 10))
            .raw(">")
            .text(text)
            .raw("</text>");
    }
    for item in &layout.items {
        draw(push, &layout, item, page);
    }
    page.raw("</svg><figcaption>");
    caption(push, &layout, page);
    page.raw("</figcaption></figure>");
}

fn int(size: usize) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

/// The middle of a lane.
fn middle(lane: usize) -> i64 {
    int(AXIS + lane * LANE + MIDDLE)
}

fn axis(layout: &Layout, page: &mut Markup) {
    for (second, place) in layout.scale.marks(OFFSETS_APART) {
        page.raw("<rect class=l x=")
            .percent(place)
            .raw(" /><text class=a x=")
            .percent(place)
            .raw(">")
            .text(&offset(second))
            .raw("</text>");
    }
    let cuts: Vec<_> = layout.scale.cuts().collect();
    for (number, cut) in cuts.iter().enumerate() {
        let (from, to) = cut.places;
        page.raw("<rect class=cut x=")
            .percent(from)
            .raw(" width=")
            .percent(to - from)
            .raw(" /><text class=")
            .raw(beside(&cuts, number))
            .raw(" x=")
            .percent(u32::midpoint(from, to))
            .raw(">")
            .text(&words::duration(cut.pause()))
            .raw("</text>");
    }
}

/// The class of a pause's words, which have to leave room for those of the pauses beside it.
fn beside(cuts: &[&Stretch], number: usize) -> &'static str {
    let start = |number: usize| cuts.get(number).map(|cut| cut.places.0);
    let is_near = |one: Option<u32>, other: Option<u32>| {
        one.zip(other)
            .is_some_and(|(one, other)| other < one + 2 * OFFSETS_APART)
    };
    let before = number.checked_sub(1).and_then(start);
    let (own, after) = (start(number), start(number + 1));
    match (is_near(before, own), is_near(own, after)) {
        (false, false) => "pause",
        (false, true) => "\"pause ends\"",
        (true, false) => "\"pause begins\"",
        (true, true) => "\"pause lower\"",
    }
}

/// Seconds from the start of the push: `0 s`, `+2 min 38 s`.
pub(super) fn offset(seconds: i64) -> String {
    let sign = match seconds {
        ..0 => "\u{2212}",
        0 => "",
        1.. => "+",
    };
    format!("{sign}{}", words::duration(seconds))
}

/// The class of a kind; the style sheet says how it looks.
fn class(kind: StepKind) -> &'static str {
    match kind {
        StepKind::Login => "login",
        StepKind::Checks => "ask",
        StepKind::Upload => "up",
        StepKind::OpenUpload => "open",
        StepKind::Put => "put",
        StepKind::Refusal => "no",
        StepKind::Absence => "gone",
    }
}

/// The symbol that marks a kind.
fn symbol(kind: StepKind) -> &'static str {
    match kind == StepKind::Upload {
        true => "end",
        false => class(kind),
    }
}

fn draw(push: &SessionRow<'_>, layout: &Layout, item: &Item, page: &mut Markup) {
    let Some(&first) = item.step.events.first() else {
        return absence(item, page);
    };
    page.raw("<a class=\"e ")
        .raw(class(item.step.kind()))
        .raw(match item.links.len() {
            0..MANY => "",
            _ => " many",
        })
        .raw("\" href=#")
        .text(&push.id)
        .raw("-")
        .number(int(first + 1))
        .raw("><title>");
    let title = title(item, &page.zone());
    page.text(&title).raw("</title>");
    let is_guest = item.step.kind() == StepKind::Refusal && item.step.events.len() == 1;
    if layout.labelled {
        row(item, is_guest && has_host(layout, item), page);
    }
    match lanes::is_upload(item.step.kind()) {
        true => bar(push, layout, item, page),
        false => marks(layout, item, page),
    }
    for line in &item.links {
        page.raw("<line class=")
            .raw(line.strength.name())
            .raw(" x1=")
            .percent(line.from.0)
            .raw(" y1=")
            .number(middle(line.from.1))
            .raw(" x2=")
            .percent(line.to.0)
            .raw(" y2=")
            .number(middle(line.to.1))
            .raw(" />");
    }
    page.raw("</a>");
}

/// Whether a refused call is drawn in the lane of an upload.
fn has_host(layout: &Layout, item: &Item) -> bool {
    let mut items = layout.items.iter();
    items.any(|other| other.lane == item.lane && lanes::is_upload(other.step.kind()))
}

/// The lane as an area for the pointer, and its label; a guest in a lane has neither.
fn row(item: &Item, is_guest: bool, page: &mut Markup) {
    if is_guest {
        return;
    }
    let top = int(AXIS + item.lane * LANE);
    page.raw("<rect class=h y=")
        .number(top)
        .raw(" /><text class=n y=")
        .number(top + 10)
        .raw(">");
    page.whole(&table::elide(&label(item), LABEL))
        .raw("</text>");
}

/// The first words of a step.
fn label(item: &Item) -> String {
    let texts = item.step.told.texts();
    match &item.step.told {
        Told::Upload(_) | Told::Unnamed(_) => {
            let first: Vec<String> = texts.into_iter().take(2).collect();
            first.join("  ")
        }
        Told::Login { .. } => match item.step.span {
            Some((second @ ..0, _)) => format!("login {} before", words::duration(second)),
            _ => "login".to_owned(),
        },
        Told::Put(put) => put.call.clone(),
        Told::Checks { .. } | Told::Refusal { .. } | Told::Absence(_) | Told::More { .. } => {
            texts.concat()
        }
    }
}

/// All details of a step, for the pointer and for screen readers.
fn title(item: &Item, zone: &Zone) -> String {
    let step = &item.step;
    let mark = ink::mark(step.told.weight());
    let gap = if mark.is_empty() { "" } else { " " };
    let texts = step.told.texts().join(", ");
    let mut text = format!("{}: {mark}{gap}{texts}", zone.clock(&step.time));
    if let Some((first, last)) = step.span {
        text.push_str(&format!(", at {}", offset(first)));
        if last > first {
            text.push_str(&format!(" for {}", words::duration(last - first)));
        }
    }
    for note in &step.notes {
        text.push_str(&format!("; {}", note.text()));
    }
    text
}

fn bar(push: &SessionRow<'_>, layout: &Layout, item: &Item, page: &mut Markup) {
    let (from, to) = item.places;
    let y = middle(item.lane);
    page.raw("<rect class=b x=")
        .percent(from)
        .raw(" width=")
        .percent(to - from)
        .raw(" y=")
        .number(y - 5)
        .raw(" />");
    let action = |event| push.events.get(event).map(|event| event.action);
    let parts = item.step.events.iter().copied();
    let parts = parts.filter(|&event| action(event) == Some(Stage::Part));
    let parts: Vec<usize> = parts.collect();
    let every = parts.len().div_ceil(MOST_TICKS).max(1);
    for &part in parts.iter().step_by(every) {
        mark("tick", layout.places[part], y, page);
    }
    mark(symbol(item.step.kind()), to, y, page);
}

fn marks(layout: &Layout, item: &Item, page: &mut Markup) {
    let every = item.step.events.len().div_ceil(MOST_TICKS).max(1);
    for &event in item.step.events.iter().step_by(every) {
        let place = layout.places[event];
        mark(symbol(item.step.kind()), place, middle(item.lane), page);
    }
}

fn mark(symbol: &'static str, place: u32, y: i64, page: &mut Markup) {
    page.raw("<use href=#")
        .raw(symbol)
        .raw(" x=")
        .percent(place)
        .raw(" y=")
        .number(y)
        .raw(" />");
}

/// Something missing from the log, stated where it is missing.
fn absence(item: &Item, page: &mut Markup) {
    let y = middle(item.lane);
    let (place, class) = match item.places.0 {
        0 => (0, "<text class=\"gone begin\" x=0 y="),
        place => (place, "<text class=gone x=100% y="),
    };
    let text = item.step.told.texts().concat();
    page.raw("<g class=gone>");
    mark("gone", place, y, page);
    page.raw(class)
        .number(y + 4)
        .raw(">")
        .text(&text)
        .raw("</text></g>");
}

/// How to read the drawings, given once for all.
pub(super) fn legend(page: &mut Markup) {
    page.raw("<ul class=legend aria-label=\"How to read a timeline\">");
    for (class, symbol, words) in LEGEND {
        page.raw("<li><svg class=\"e ")
            .raw(class)
            .raw("\" aria-hidden=true width=16 height=16><use href=#")
            .raw(symbol)
            .raw(" x=8 y=8.5 /></svg>")
            .raw(words);
    }
    page.raw("<li>Under the pointer or the focus, arrows show what joins a call to others: ")
        .raw("solid a proof, dashed an inference, dotted a hint.</ul>\n");
}

/// The class, the symbol and the words of each mark.
const LEGEND: [(&str, &str, &str); 7] = [
    ("login", "login", "login"),
    ("ask", "ask", "check for a blob"),
    ("up", "bar", "upload, with a tick a part"),
    ("open", "bar", "upload without its end"),
    ("put", "put", "manifest accepted"),
    ("no", "no", "call refused"),
    ("gone", "gone", "not in the log"),
];

/// The content of the drawing in words.
fn caption(push: &SessionRow<'_>, layout: &Layout, page: &mut Markup) {
    page.text(&words::count(push.events.len() as u64, "call"))
        .raw(", from ")
        .text(&push.first)
        .raw(" to ")
        .text(&push.last)
        .raw(". ");
    if push.duration_s < 60 {
        page.raw("The log has whole seconds; calls of one second are spread in their order. ");
    }
    if layout.scale.cuts().next().is_some() {
        page.raw("Hatched stretches are pauses, drawn shorter than they were. ");
    }
    if layout.left_out > 0 {
        page.text(&words::count(layout.left_out, "more step"))
            .raw(" not drawn. ");
    }
    page.raw("Every mark links to its call below.");
}
