//! One aligned line for each push: for `--summary`, and for many pushes that ended well.
//!
//! Comes in: the pushes, twice: once to measure, once to write. Goes out: a header and a line a push: status, id, start,
//! duration, bytes up, account and region where they differ, repository and tags, cause, who, from where. Never: a
//! line that depends on the one before it.

use std::borrow::Cow;
use std::io;

use crate::render::Style;
use crate::render::ink::{Ink, Tint, shown};
use crate::render::table;
use crate::render::text::tint_of_group;
use crate::report::story::attention;
use crate::report::{LineRow, Report};
use crate::words;
use crate::zone::Zone;

/// The most columns for a text of the log.
const WIDEST: usize = 60;
/// From this width on, times are written in full.
const FULL_TIMES: usize = 140;

/// What a column shows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shows {
    Status,
    Id,
    Start,
    Took,
    Bytes,
    Place,
    Image,
    Cause,
    Who,
    From,
}

/// A column.
struct Column {
    shows: Shows,
    title: &'static str,
    /// The columns that it needs at least to be of use; `None` if it is not cut.
    least: Option<usize>,
}

/// The columns in order.
const COLUMNS: [Column; 10] = [
    Column::new(Shows::Status, "status", None),
    Column::new(Shows::Id, "push", None),
    Column::new(Shows::Start, "start", None),
    Column::new(Shows::Took, "took", None),
    Column::new(Shows::Bytes, "sent", None),
    Column::new(Shows::Place, "registry", None),
    Column::new(Shows::Image, "image", Some(14)),
    Column::new(Shows::Cause, "cause", Some(13)),
    Column::new(Shows::Who, "who", Some(15)),
    Column::new(Shows::From, "from", None),
];

/// Which columns give way if the line is too long, the first one first.
const GIVE_WAY: [Shows; 8] = [
    Shows::Bytes,
    Shows::Took,
    Shows::From,
    Shows::Place,
    Shows::Who,
    Shows::Cause,
    Shows::Start,
    Shows::Id,
];

impl Column {
    const fn new(shows: Shows, title: &'static str, least: Option<usize>) -> Self {
        Self {
            shows,
            title,
            least,
        }
    }

    /// The columns that it needs at least, if its widest text takes `natural` ones.
    fn least(&self, natural: usize) -> usize {
        self.least.map_or(natural, |least| least.min(natural))
    }
}

/// What all lines have in common and need not repeat.
#[derive(Clone, Debug, Default)]
struct Common {
    zone: Zone,
    /// The start of the first push.
    start: Option<String>,
    is_one_day: bool,
    is_one_year: bool,
    registry: Option<String>,
    region: Option<String>,
    is_one_registry: bool,
    is_one_region: bool,
}

/// How many columns each column takes; 0 leaves it out.
type Widths = [usize; COLUMNS.len()];

/// A push, measured as far as that does not depend on the others.
struct Measured<'a> {
    /// The columns of each cell; 0 for start and place.
    cells: Widths,
    start: String,
    registry: Cow<'a, str>,
    region: Cow<'a, str>,
}

/// Some pushes of a report, measured.
pub(super) struct Rows<'r, 'a> {
    report: &'r Report<'a>,
    shows: fn(&LineRow<'_>) -> bool,
    n_shown: u64,
    common: Common,
    widths: Widths,
}

/// Measures the pushes that `shows` selects.
pub(super) fn measure<'r, 'a>(
    report: &'r Report<'a>,
    shows: fn(&LineRow<'_>) -> bool,
    style: &Style,
) -> Rows<'r, 'a> {
    let width = |text: &str| table::width(&shown(text, style)).min(WIDEST);
    let mut common = Common {
        zone: style.zone,
        ..Common::default()
    };
    let measured = report.lines(|push| {
        shows(&push).then(|| Measured {
            cells: COLUMNS.map(|column| match column.shows {
                Shows::Start | Shows::Place => 0,
                Shows::Status
                | Shows::Id
                | Shows::Took
                | Shows::Bytes
                | Shows::Image
                | Shows::Cause
                | Shows::Who
                | Shows::From => width(&cell(&push, column.shows, &Common::default())),
            }),
            start: style.zone.time(&push.first).into_owned(),
            registry: push.registry.unwrap_or_default(),
            region: push.region.unwrap_or_default(),
        })
    });
    let (mut natural, mut start) = ([0; COLUMNS.len()], String::new());
    let (mut registries, mut regions, mut places) = (0, 0, 0);
    let mut n_shown = 0;
    for push in measured.flatten() {
        for (natural, cell) in natural.iter_mut().zip(push.cells) {
            *natural = cell.max(*natural);
        }
        let (registry, region) = (width(&push.registry), width(&push.region));
        let gap = usize::from(registry > 0 && region > 0);
        registries = registry.max(registries);
        regions = region.max(regions);
        places = (registry + gap + region).min(WIDEST).max(places);
        common.add(n_shown == 0, &push);
        n_shown += 1;
        if push.start.len() > start.len() {
            start = push.start;
        }
    }
    if style.width >= FULL_TIMES {
        (common.is_one_day, common.is_one_year) = (false, false);
    }
    // All starts have the same form, so the longest one makes the widest cell.
    let start = width(&common.cut_start(&start));
    let place = match (common.is_one_registry, common.is_one_region) {
        (true, true) => 0,
        (true, false) => regions,
        (false, true) => registries,
        (false, false) => places,
    };
    for (natural, column) in natural.iter_mut().zip(&COLUMNS) {
        match column.shows {
            Shows::Start => *natural = start,
            Shows::Place => *natural = place,
            Shows::Status
            | Shows::Id
            | Shows::Took
            | Shows::Bytes
            | Shows::Image
            | Shows::Cause
            | Shows::Who
            | Shows::From => {}
        }
    }
    for (natural, column) in natural.iter_mut().zip(&COLUMNS) {
        *natural = match *natural {
            0 => 0,
            text => text.max(table::width(column.title)),
        };
    }
    Rows {
        report,
        shows,
        n_shown,
        widths: fit(natural, style.width),
        common,
    }
}

impl Common {
    /// Takes in a push.
    fn add(&mut self, is_first: bool, push: &Measured<'_>) {
        if is_first {
            *self = Self {
                zone: self.zone,
                start: Some(push.start.clone()),
                is_one_day: true,
                is_one_year: true,
                registry: Some(push.registry.to_string()),
                region: Some(push.region.to_string()),
                is_one_registry: true,
                is_one_region: true,
            };
            return;
        }
        let begins_alike = |most: usize| {
            let first = self.start.as_deref().and_then(|first| first.get(..most));
            first.is_some() && first == push.start.get(..most)
        };
        (self.is_one_day, self.is_one_year) = (
            self.is_one_day && begins_alike(10),
            self.is_one_year && begins_alike(4),
        );
        self.is_one_registry &= self.registry.as_deref() == Some(&*push.registry);
        self.is_one_region &= self.region.as_deref() == Some(&*push.region);
    }

    /// The part of every start that the lines leave out.
    fn left_out(&self) -> Option<&str> {
        let start = self.start.as_deref()?;
        match (self.is_one_day, self.is_one_year) {
            (true, _) => start.get(..10),
            (false, true) => start.get(..4),
            (false, false) => None,
        }
    }

    /// The rest of a start, in the zone: `2025-03-10T08:15:04Z`, `03-10 08:15:04`, `08:15:04`.
    fn cut_start(&self, start: &str) -> String {
        let most = start.len().min(19);
        match (self.is_one_day, self.is_one_year) {
            (true, _) => start.get(11..most).unwrap_or(start).to_owned(),
            (false, true) => start.get(5..most).unwrap_or(start).replacen('T', " ", 1),
            (false, false) => start.to_owned(),
        }
    }

    /// Account and region of a push, as far as they differ.
    fn place(&self, push: &LineRow<'_>) -> String {
        let registry = push.registry.as_deref().filter(|_| !self.is_one_registry);
        let region = push.region.as_deref().filter(|_| !self.is_one_region);
        let parts: Vec<&str> = registry.into_iter().chain(region).collect();
        parts.join(" ")
    }
}

impl Rows<'_, '_> {
    /// How many pushes there are.
    pub(super) fn n_shown(&self) -> u64 {
        self.n_shown
    }

    /// What the starts leave out, if it is something: `2025-03-10`.
    pub(super) fn left_out(&self) -> Option<&str> {
        self.common.left_out()
    }

    /// Writes a header, and a line for each push in the order of attention.
    pub(super) fn draw(&self, ink: &mut Ink<'_>) -> io::Result<()> {
        if self.n_shown == 0 {
            return Ok(());
        }
        let titles = COLUMNS.each_ref().map(|column| Cow::Borrowed(column.title));
        let title = line(&titles, self.widths, ink);
        ink.line(&[(Tint::Faint, &title.concat())])?;
        let style = ink.style();
        let lines = self.report.lines_by_attention(|push| {
            (self.shows)(&push).then(|| Ink::aside(style, |ink| self.row(&push, ink)))
        });
        for line in lines.flatten() {
            let line = line?;
            ink.beside(|out| out.write_all(&line))?;
        }
        Ok(())
    }

    fn row(&self, push: &LineRow<'_>, ink: &mut Ink<'_>) -> io::Result<()> {
        let cells = COLUMNS.map(|column| cell(push, column.shows, &self.common));
        let texts = line(&cells, self.widths, ink);
        let mut pieces: Vec<(Tint, &str)> = Vec::with_capacity(COLUMNS.len());
        for (column, text) in COLUMNS.iter().zip(&texts) {
            let tint = match column.shows {
                Shows::Status => tint_of_group(push.group),
                Shows::Image => Tint::Strong,
                Shows::Id
                | Shows::Start
                | Shows::Took
                | Shows::Bytes
                | Shows::Place
                | Shows::Cause
                | Shows::Who
                | Shows::From => Tint::Plain,
            };
            pieces.push((tint, text));
        }
        ink.line(&pieces)
    }
}

/// Makes the columns fit: those of [`GIVE_WAY`] are left out until the rest has the least that it needs; the room left
/// goes to the narrowest of those that are cut.
fn fit(natural: Widths, width: usize) -> Widths {
    let mut natural = natural;
    let least = |natural: &Widths| {
        let shown = COLUMNS.iter().zip(natural).filter(|(_, n)| **n > 0);
        shown.fold(0, |sum, (column, &n)| sum + column.least(n) + 1)
    };
    let mut give_way = GIVE_WAY.iter();
    while least(&natural) > width + 1
        && let Some(shows) = give_way.next()
    {
        for (natural, column) in natural.iter_mut().zip(&COLUMNS) {
            if column.shows == *shows {
                *natural = 0;
            }
        }
    }
    let mut room = (width + 1).saturating_sub(least(&natural));
    let mut widths = natural;
    for (width, column) in widths.iter_mut().zip(&COLUMNS) {
        *width = column.least(*width);
    }
    while room > 0 {
        let cut = widths.iter_mut().zip(natural);
        let cut = cut.filter(|(width, natural)| **width < *natural);
        let Some((narrowest, _)) = cut.min_by_key(|(width, _)| **width) else {
            break;
        };
        *narrowest += 1;
        room -= 1;
    }
    widths
}

/// The cells of a line, cut and padded, each with the gap before it.
fn line(cells: &[Cow<'_, str>], widths: Widths, ink: &Ink<'_>) -> Vec<String> {
    let mut is_first = true;
    let cell = |((column, text), width): ((&Column, &Cow<'_, str>), usize)| {
        if width == 0 {
            return String::new();
        }
        let text = ink.shown(text);
        let text = match column.shows {
            Shows::Image => Cow::Owned(short(&text, width)),
            Shows::Cause if table::width(&text) > width => {
                Cow::Owned(table::elide(&text.replacen("Exception", "", 1), width).into_owned())
            }
            Shows::Took | Shows::Bytes => Cow::Owned(format!("{text:>width$}")),
            Shows::Status
            | Shows::Id
            | Shows::Start
            | Shows::Place
            | Shows::Cause
            | Shows::Who
            | Shows::From => table::elide(&text, width),
        };
        let mut cell = String::with_capacity(width + 1);
        if !std::mem::take(&mut is_first) {
            cell.push(' ');
        }
        table::pad_into(&mut cell, &text, width);
        cell
    };
    let cells = COLUMNS.iter().zip(cells).zip(widths);
    cells.map(cell).collect()
}

/// The text of a cell.
fn cell<'p>(push: &'p LineRow<'_>, shows: Shows, common: &Common) -> Cow<'p, str> {
    match shows {
        Shows::Status => Cow::Borrowed(push.status.name()),
        Shows::Id => Cow::Borrowed(&push.id),
        Shows::Start => Cow::Owned(common.cut_start(&common.zone.time(&push.first))),
        Shows::Took => Cow::Owned(table::duration(push.duration_s.unsigned_abs())),
        Shows::Bytes => Cow::Owned(words::size(push.uploaded_bytes)),
        Shows::Place => Cow::Owned(common.place(push)),
        Shows::Image => Cow::Owned(attention::reference(push)),
        Shows::Cause => Cow::Owned(attention::short_cause(push)),
        Shows::Who => Cow::Borrowed(&push.who),
        Shows::From => attention::from(push),
    }
}

/// Repository and tags shortened. Tags distinguish the lines, so they keep up to half of the room.
fn short(reference: &str, most: usize) -> String {
    match reference.split_once(':') {
        Some((repository, tags)) if table::width(reference) > most => {
            let left = most.saturating_sub(table::width(repository) + 1);
            let tags = table::elide(tags, left.max(most / 2));
            let room = most.saturating_sub(table::width(&tags) + 1);
            format!("{}:{tags}", table::elide(repository, room))
        }
        _ => table::elide(reference, most).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_reference_keeps_what_tells_it_apart() {
        assert_eq!(short("shop/web:v1.25", 20), "shop/web:v1.25");
        assert_eq!(short("platform/gateway:v1.26", 16), "platform/…:v1.26");
        assert_eq!(short("app:a-branch-of-some-length", 16), "app:a-branch-of…");
        assert_eq!(short("画像/サービス:v1.22", 12), "画像/…:v1.22");
    }

    #[test]
    fn bytes_give_way_before_who() {
        let natural = [10, 12, 20, 6, 10, 0, 30, 30, 30, 15];
        let shown = |width| {
            let widths = fit(natural, width);
            let sum: usize = widths.iter().filter(|n| **n > 0).map(|n| n + 1).sum();
            assert!(sum <= width + 1, "{widths:?}");
            let shown = COLUMNS.iter().zip(widths).filter(|(_, n)| *n > 0);
            shown.map(|(column, _)| column.title).collect::<Vec<_>>()
        };
        let all = [
            "status", "push", "start", "took", "sent", "image", "cause", "who", "from",
        ];
        assert_eq!(shown(200), all);
        assert_eq!(shown(130), all);
        let without = |left_out: &[&str]| {
            let shown = all.into_iter().filter(|title| !left_out.contains(title));
            shown.collect::<Vec<_>>()
        };
        assert_eq!(shown(118), without(&["sent"]));
        assert_eq!(shown(100), without(&["sent", "took", "from"]));
        assert_eq!(shown(60), ["status", "push", "start", "image"]);
        assert_eq!(shown(40), ["status", "push", "image"]);
    }
}
