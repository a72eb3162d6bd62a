//! What may have been meant by values that select nothing.
//!
//! Comes in: a filter, and what the log lacks of it. Goes out: for each such value those of the log that look like it,
//! and for a repository or image the places that have it. Never: a name; a hint says where a name stands, as it may be
//! shown under a pseudonym.

use std::collections::BTreeMap;

use crate::pattern::Pattern;
use crate::report::asked::Lack;
use crate::report::criterion::{Criterion, Wanted, texts_of_push};
use crate::report::filter::{Filter, Property, Selector};
use crate::report::image_ref::{ImageRef, Target};
use crate::report::parts::Report;
use crate::report::row::{HintKind, HintRow, Text};
use crate::words::near::near;

/// How many values of the log a hint names at most.
const MOST_NAMED: usize = 3;

/// What may have been meant by a value.
#[derive(Debug)]
pub(super) struct Hint {
    /// The option, and the place of the value among its values.
    pub(super) of: (Selector, usize),
    kind: HintKind,
    star: Option<Star>,
    /// Values or places of pushes; the first that have them.
    there: Vec<TextAt>,
}

/// Where a `*` would help.
#[derive(Clone, Copy, Debug)]
enum Star {
    After,
    Before,
    Both,
}

impl Star {
    /// A value with the `*`; `None` if it has one there already.
    fn of(self, value: &str) -> Option<String> {
        let (begins, ends) = (value.starts_with('*'), value.ends_with('*'));
        match self {
            Self::After if !ends => Some(format!("{value}*")),
            Self::Before if !begins => Some(format!("*{value}")),
            Self::Both if !begins && !ends => Some(format!("*{value}*")),
            Self::After | Self::Before | Self::Both => None,
        }
    }
}

/// A text of a push, by where it stands.
#[derive(Clone, Copy, Debug)]
enum TextAt {
    /// One of the texts of a property.
    Property(usize, Property, usize),
    /// The repository, with one of the tags or without.
    Image(usize, Option<usize>),
    /// The region or account or both.
    Place(usize, PlaceBy),
}

/// What a place is named by.
#[derive(Clone, Copy, Debug)]
enum PlaceBy {
    Region,
    Account,
    Both,
}

/// Values of pushes, with the first place of each.
type Values<'a> = BTreeMap<Text<'a>, TextAt>;

/// Finds what may have been meant.
///
/// # Complexity
/// O(L · S log S) for L values that the log lacks and S pushes; O(S) without such a value.
pub(super) fn hints(
    report: &Report<'_>,
    filter: &Filter,
    criteria: &[Criterion<'_>],
    lacks: &[Lack],
) -> Vec<Hint> {
    let alike = lacks.iter().filter_map(|lack| match *lack {
        Lack::Nothing(Some((property, place))) | Lack::Nowhere(property, place) => {
            let value = filter.patterns.get(&property)?.get(place)?.text();
            let of = (Selector::Property(property), place);
            alike(of, value, can_have_star(property)?, || {
                of_property(report, property)
            })
        }
        Lack::NoImage(place) => {
            let image = filter.images.get(place)?;
            let of = (Selector::Image, place);
            in_other_places(report, image, place).or_else(|| {
                let (name, tag) = (&image.name, tag_of(image));
                let value = tag.map_or(name.to_string(), |tag| format!("{name}:{tag}"));
                let values = || of_images(report, tag.is_some());
                alike(of, &value, false, values)
            })
        }
        Lack::Nothing(None) | Lack::AllLeftOut | Lack::Beyond(..) | Lack::Stretches(..) => None,
    });
    let mut hints: Vec<Hint> = alike.collect();
    hints.extend(in_other_logs(report, criteria));
    hints
}

/// Whether `*` may help in values of a property; `None` if no value of the log can be a slip of another, as digests
/// and addresses.
fn can_have_star(property: Property) -> Option<bool> {
    match property {
        Property::Repository | Property::Identity | Property::Tag | Property::Client => Some(true),
        Property::Account | Property::Region => Some(false),
        Property::Digest
        | Property::Address
        | Property::Status
        | Property::Finding
        | Property::Attention
        | Property::Push => None,
    }
}

fn tag_of(image: &ImageRef) -> Option<&str> {
    match &image.target {
        Target::Tag(tag) => Some(tag),
        Target::Digest(_) | Target::Repository => None,
    }
}

fn of_property<'a>(report: &Report<'a>, property: Property) -> Values<'a> {
    let mut values = Values::new();
    for position in 0..report.parts.sessions.sessions.len() {
        let texts = texts_of_push(report, position, property).into_iter();
        for (index, text) in texts.enumerate() {
            let at = TextAt::Property(position, property, index);
            values.entry(text).or_insert(at);
        }
    }
    values
}

/// Repositories with their tags, or alone.
fn of_images<'a>(report: &Report<'a>, with_tags: bool) -> Values<'a> {
    let mut values = Values::new();
    for position in 0..report.parts.sessions.sessions.len() {
        let name = texts_of_push(report, position, Property::Repository).pop();
        let Some(name) = name else { continue };
        if !with_tags {
            values.entry(name).or_insert(TextAt::Image(position, None));
            continue;
        }
        let tags = texts_of_push(report, position, Property::Tag).into_iter();
        for (index, tag) in tags.enumerate() {
            let at = TextAt::Image(position, Some(index));
            values.entry(format!("{name}:{tag}").into()).or_insert(at);
        }
    }
    values
}

/// The values that one may be a slip of: but for letter case, for `*`, or for a few letters.
fn alike<'a>(
    of: (Selector, usize),
    value: &str,
    can_have_star: bool,
    values: impl FnOnce() -> Values<'a>,
) -> Option<Hint> {
    let values = values();
    // Another part of what was asked for is wrong then.
    if values.contains_key(value) {
        return None;
    }
    let hint = |kind, star, there: Vec<TextAt>| {
        let is_any = !there.is_empty();
        is_any.then_some(Hint {
            of,
            kind,
            star,
            there,
        })
    };
    let fitting = |fits: &dyn Fn(&str) -> bool| {
        let fitting = values.iter().filter(|(text, _)| fits(text));
        fitting.map(|(_, at)| *at).collect::<Vec<_>>()
    };
    let folded = Pattern::new(&value.to_lowercase());
    let by_case = fitting(&|text| folded.matches(&text.to_lowercase()));
    let with_star = || {
        let stars = [Star::After, Star::Before, Star::Both].into_iter();
        let mut stars = stars.filter(|_| can_have_star);
        stars.find_map(|star| {
            let pattern = Pattern::new(&star.of(value)?);
            let there = fitting(&|text| pattern.matches(text));
            hint(HintKind::Star, Some(star), there)
        })
    };
    let by_letters = || {
        // A pattern would be near much that it was not meant for.
        let candidates = values.keys().map(AsRef::as_ref);
        let near = near(value, candidates.filter(|_| !value.contains('*')));
        let there = near.into_iter().filter_map(|text| values.get(text));
        hint(HintKind::Near, None, there.copied().collect())
    };
    hint(HintKind::LetterCase, None, by_case)
        .or_else(with_star)
        .or_else(by_letters)
}

/// Where else the image of a reference was pushed.
fn in_other_places(report: &Report<'_>, image: &ImageRef, place: usize) -> Option<Hint> {
    let log = report.parts.log;
    let wanted = Wanted::elsewhere(log, image);
    let sessions = report.parts.sessions.sessions.iter().enumerate();
    let pushes = sessions.filter(|(_, session)| {
        let mut own = session.sequence.iter().map(|&id| log.event(id));
        own.any(|event| wanted.is_put_by(event))
    });
    let pushes = pushes.map(|(position, _)| position);
    elsewhere(report, (Selector::Image, place), pushes, PlaceBy::Both)
}

/// Where the repositories of a filter are, if the regions and accounts that it asks for have none of them.
fn in_other_logs(report: &Report<'_>, criteria: &[Criterion<'_>]) -> Vec<Hint> {
    let of = |wanted: Property| {
        criteria.iter().find_map(|criterion| match criterion {
            Criterion::Property(property, patterns) if *property == wanted => {
                let includes = patterns.iter().any(|pattern| !pattern.excludes());
                includes.then_some((criterion, *patterns))
            }
            Criterion::Property(..) | Criterion::Period(_) | Criterion::Images(..) => None,
        })
    };
    let (region, account) = (of(Property::Region), of(Property::Account));
    let by = match (&region, &account) {
        (None, None) => return Vec::new(),
        (Some(_), None) => PlaceBy::Region,
        (None, Some(_)) => PlaceBy::Account,
        (Some(_), Some(_)) => PlaceBy::Both,
    };
    let Some((repository, patterns)) = of(Property::Repository) else {
        return Vec::new();
    };
    let positions = || 0..report.parts.sessions.sessions.len();
    let all = [Some((repository, patterns)), region, account];
    let is_asked = |position: &usize| {
        let mut all = all.iter().flatten();
        all.all(|(criterion, _)| criterion.holds_for_push(report, *position))
    };
    if positions().any(|position| is_asked(&position)) {
        return Vec::new();
    }
    let values = patterns.iter().enumerate();
    let values = values.filter(|(_, pattern)| !pattern.excludes());
    let hints = values.filter_map(|(place, pattern)| {
        let one = Criterion::Property(Property::Repository, std::slice::from_ref(pattern));
        let pushes = positions().filter(|&position| one.holds_for_push(report, position));
        let of = (Selector::Property(Property::Repository), place);
        elsewhere(report, of, pushes, by)
    });
    hints.collect()
}

/// The places of pushes; `None` if there is none.
fn elsewhere(
    report: &Report<'_>,
    of: (Selector, usize),
    pushes: impl Iterator<Item = usize>,
    by: PlaceBy,
) -> Option<Hint> {
    let mut places: BTreeMap<String, TextAt> = BTreeMap::new();
    for position in pushes {
        let at = TextAt::Place(position, by);
        if let Some(place) = at.text(report) {
            places.entry(place).or_insert(at);
        }
    }
    let there: Vec<TextAt> = places.into_values().collect();
    let is_any = !there.is_empty();
    is_any.then_some(Hint {
        of,
        kind: HintKind::Elsewhere,
        star: None,
        there,
    })
}

impl TextAt {
    /// The text, as the log of this report has it.
    fn text(self, report: &Report<'_>) -> Option<String> {
        let nth = |position, property, index| {
            let mut texts = texts_of_push(report, position, property).into_iter();
            texts.nth(index)
        };
        match self {
            Self::Property(position, property, index) => {
                nth(position, property, index).map(Text::into_owned)
            }
            Self::Image(position, tag) => {
                let name = nth(position, Property::Repository, 0)?;
                match tag {
                    None => Some(name.into_owned()),
                    Some(tag) => Some(format!("{name}:{}", nth(position, Property::Tag, tag)?)),
                }
            }
            Self::Place(position, by) => {
                let region = nth(position, Property::Region, 0).map(Text::into_owned);
                let account = nth(position, Property::Account, 0).map(Text::into_owned);
                match by {
                    PlaceBy::Region => region,
                    PlaceBy::Account => account,
                    PlaceBy::Both => Some(format!("{} of {}", region?, account?)),
                }
            }
        }
    }
}

impl Hint {
    /// The row, with the names that the filter and the log have now.
    pub(super) fn row(&self, report: &Report<'_>, filter: &Filter) -> Option<HintRow> {
        let (option, place) = self.of;
        let value = match option {
            Selector::Period => None,
            Selector::Property(property) => {
                Some(filter.patterns.get(&property)?.get(place)?.text())
            }
            Selector::Image => Some(&*filter.images.get(place)?.text),
        }?;
        let shown = self.there.iter().take(MOST_NAMED);
        let shown: Vec<String> = shown.filter_map(|at| at.text(report)).collect();
        Some(HintRow {
            value: value.to_owned(),
            kind: self.kind,
            pattern: self.star.and_then(|star| star.of(value)),
            there_more: self.there.len().saturating_sub(MOST_NAMED) as u64,
            there: shown,
            not_in: match (self.kind, option) {
                (HintKind::Elsewhere, Selector::Property(_)) => Some(asked_logs(filter)),
                (HintKind::Elsewhere, Selector::Image | Selector::Period)
                | (HintKind::Near | HintKind::LetterCase | HintKind::Star, _) => None,
            },
        })
    }
}

/// The regions and accounts that a filter asks for.
fn asked_logs(filter: &Filter) -> String {
    let named = [Property::Region, Property::Account].into_iter();
    let named = named.filter_map(|property| {
        let patterns = filter.patterns.get(&property)?.iter();
        let wanted = patterns.filter(|pattern| !pattern.excludes());
        let wanted: Vec<&str> = wanted.map(Pattern::text).collect();
        (!wanted.is_empty()).then(|| wanted.join(" or "))
    });
    named.collect::<Vec<_>>().join(" of ")
}
