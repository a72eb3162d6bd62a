//! What the filter asks for and the log does not contain.
//!
//! Comes in: a filter and what was read. Goes out: findings about the period, accounts and regions that
//! the logs do not reach, and about names that occur nowhere. Never: a word on anything else; an open end
//! of a period asks for nothing.

use chrono::TimeDelta;

use crate::finding::{Finding, LOG_HOLE, OF_INPUT, Severity};
use crate::finding::{code_of_doubt, not_in_log, period_not_covered};
use crate::ingest::Interval;
use crate::ingest::coverage::{Covered, Source};
use crate::pattern::Pattern;
use crate::report::criterion::{Criterion, Wanted, criteria};
use crate::report::filter::{Filter, Period, Property, Selector};
use crate::report::parts::Report;
use crate::report::row::HintRow;
use crate::report::story::selection;
use crate::words;

/// How far short of a period a log may begin or end. Only records show where a log begins and ends, and a
/// record comes only when something happens. CloudTrail delivers within about five minutes on average
/// (CloudTrail user guide, "How CloudTrail works"), without a promise.
const SLACK: TimeDelta = TimeDelta::minutes(15);

/// How many stretches a finding names at most.
const MOST_NAMED: usize = 3;

/// Something that was asked for and is not in the log. Names are given by their place in the filter,
/// which may be shown under pseudonyms.
#[derive(Debug)]
pub(super) enum Lack {
    /// The logs hold nothing of an account or region, or cover no time at all.
    Nothing(Asked),
    /// What is left out by `--account` and `--region` is all that the logs hold.
    AllLeftOut,
    /// The logs hold nothing of the period; the interval is what they cover.
    Beyond(Asked, Interval),
    /// The logs lack these stretches of the period, in order.
    Stretches(Asked, Vec<Interval>),
    /// A value of an option that occurs nowhere.
    Nowhere(Property, usize),
    /// An image that occurs nowhere.
    NoImage(usize),
}

impl Lack {
    /// The option and the place of the value that it is about, if it is about one.
    fn of(&self) -> Option<(Selector, usize)> {
        match *self {
            Self::Nothing(Some((property, place))) | Self::Nowhere(property, place) => {
                Some((Selector::Property(property), place))
            }
            Self::NoImage(place) => Some((Selector::Image, place)),
            Self::Nothing(None) | Self::AllLeftOut | Self::Beyond(..) | Self::Stretches(..) => None,
        }
    }
}

/// One of the accounts or regions that were asked for; `None` for all there are.
pub(super) type Asked = Option<(Property, usize)>;

/// Finds what a filter asks for and the log does not contain; `alone` says how many pushes each criterion
/// selects by itself.
///
/// # Complexity
/// O(V · S) for V values and S pushes where an option has several values, else O(V + S).
pub(super) fn lacks(report: &Report<'_>, filter: &Filter, alone: &[u64]) -> Vec<Lack> {
    let mut lacks = of_coverage(report, filter);
    let log = report.parts.log;
    for (criterion, &alone) in criteria(log, filter).iter().zip(alone) {
        match criterion {
            Criterion::Property(property, patterns) if is_name(*property) => {
                let wanted = patterns.iter().enumerate();
                for (place, pattern) in wanted.filter(|(_, pattern)| !pattern.excludes()) {
                    let one = Criterion::Property(*property, std::slice::from_ref(pattern));
                    if !occurs(report, &one, (patterns.len(), alone)) {
                        lacks.push(Lack::Nowhere(*property, place));
                    }
                }
            }
            Criterion::Images(images, _) => {
                for (place, image) in images.iter().enumerate() {
                    let wanted = vec![Wanted::find(log, image)];
                    let one = Criterion::Images(std::slice::from_ref(image), wanted);
                    if !occurs(report, &one, (images.len(), alone)) {
                        lacks.push(Lack::NoImage(place));
                    }
                }
            }
            Criterion::Property(..) | Criterion::Period(_) => {}
        }
    }
    lacks
}

/// Whether an option takes names that can be misspelt. Accounts and regions are checked by coverage
/// instead.
fn is_name(property: Property) -> bool {
    match property {
        Property::Repository
        | Property::Identity
        | Property::Tag
        | Property::Digest
        | Property::Address
        | Property::Client
        | Property::Push => true,
        Property::Account
        | Property::Region
        | Property::Status
        | Property::Finding
        | Property::Attention => false,
    }
}

/// Whether any push or other event has one value of an option. The numbers are how many values the option
/// has and how many pushes all of them select.
fn occurs(report: &Report<'_>, one: &Criterion<'_>, (n_values, alone): (usize, u64)) -> bool {
    let parts = report.parts;
    if one.names_known_repository(parts.log) {
        return true;
    }
    let in_pushes = match (n_values, alone) {
        (_, 0) => false,
        (1, _) => true,
        _ => {
            let mut positions = 0..parts.sessions.sessions.len();
            positions.any(|position| one.holds_for_push(report, position))
        }
    };
    let mut unplaced = parts.sessions.unplaced.iter();
    in_pushes || unplaced.any(|&id| one.holds_for_event(report, id))
}

/// Which parts of the period, accounts and regions the logs do not reach.
fn of_coverage(report: &Report<'_>, filter: &Filter) -> Vec<Lack> {
    if !asks_for_coverage(filter) {
        return Vec::new();
    }
    let values = [Property::Account, Property::Region].map(|property| {
        let values = patterns(filter, property).iter().enumerate();
        let wanted = values.filter(|(_, pattern)| !pattern.excludes());
        wanted.map(move |(place, _)| Some((property, place)))
    });
    let mut values: Vec<Asked> = values.into_iter().flatten().collect();
    if values.is_empty() {
        values.push(None);
    }
    let (mut lacks, mut seen) = (Vec::new(), Vec::new());
    for asked in values {
        let spans = spans(report, filter, asked);
        // An account and its only region are one log.
        if asked.is_none() && spans.is_empty() && !report.parts.coverage.spans.is_empty() {
            lacks.push(Lack::AllLeftOut);
        } else if spans.is_empty() || !seen.contains(&spans) {
            lacks.extend(of_spans(&spans, filter.period).map(|found| found.of(asked)));
            seen.push(spans);
        }
    }
    lacks
}

fn asks_for_coverage(filter: &Filter) -> bool {
    let mut properties = [Property::Account, Property::Region].into_iter();
    !filter.period.is_always() || properties.any(|property| !patterns(filter, property).is_empty())
}

fn patterns(filter: &Filter, property: Property) -> &[Pattern] {
    filter.patterns.get(&property).map_or(&[], Vec::as_slice)
}

/// The logs that cover what was asked for. If an account has no log but is the account of a caller, the
/// logs of other accounts count.
fn spans<'a>(report: &Report<'a>, filter: &Filter, asked: Asked) -> Vec<(&'a Source, &'a Covered)> {
    let mut narrow = filter.clone();
    if let Some((property, place)) = asked {
        let one = patterns(filter, property).get(place).cloned();
        narrow.patterns.insert(property, one.into_iter().collect());
    }
    let of = |filter: &Filter| -> Vec<_> {
        let spans = report.parts.coverage.spans.iter();
        let spans = spans.filter(|(of, _)| filter.asks_for_log(&of.account, &of.region));
        spans.collect()
    };
    let spans = of(&narrow);
    let accounts = patterns(&narrow, Property::Account);
    if !spans.is_empty() || accounts.is_empty() {
        return spans;
    }
    let caller = Criterion::Property(Property::Account, accounts);
    if !occurs(report, &caller, (usize::MAX, u64::MAX)) {
        return spans;
    }
    narrow.patterns.remove(&Property::Account);
    of(&narrow)
}

/// Which parts of a period some spans lack.
enum Lacking {
    Nothing,
    Beyond(Interval),
    Stretches(Vec<Interval>),
}

impl Lacking {
    fn of(self, asked: Asked) -> Lack {
        match self {
            Self::Nothing => Lack::Nothing(asked),
            Self::Beyond(there) => Lack::Beyond(asked, there),
            Self::Stretches(lacking) => Lack::Stretches(asked, lacking),
        }
    }
}

fn of_spans(spans: &[(&Source, &Covered)], period: Period) -> Option<Lacking> {
    let spans = || spans.iter().map(|(_, span)| *span);
    let from = spans().map(|span| span.interval.from).min();
    let to = spans().map(|span| span.interval.to).max();
    let Some((from, to)) = from.zip(to) else {
        return Some(Lacking::Nothing);
    };
    if !spans().any(|span| tells_of(span, period)) {
        return Some(Lacking::Beyond(Interval { from, to }));
    }
    let mut lacking: Vec<Interval> = spans()
        .flat_map(|span| &span.holes)
        .map(|hole| hole.interval)
        .filter(|hole| meets(*hole, period))
        .collect();
    if let Some(since) = period.since.filter(|since| from - *since > SLACK) {
        lacking.push(Interval {
            from: since,
            to: from,
        });
    }
    if let Some(until) = period.until.filter(|until| *until - to > SLACK) {
        lacking.push(Interval {
            from: to,
            to: until,
        });
    }
    lacking.sort_unstable();
    lacking.dedup();
    (!lacking.is_empty()).then_some(Lacking::Stretches(lacking))
}

/// Whether a stretch of time overlaps a period.
fn meets(interval: Interval, period: Period) -> bool {
    period.since.is_none_or(|since| since <= interval.to)
        && period.until.is_none_or(|until| interval.from < until)
}

/// Whether a log covers any part of a period: it reaches the period, and no hole has all of that part.
fn tells_of(span: &Covered, period: Period) -> bool {
    let common = Interval {
        from: span
            .interval
            .from
            .max(period.since.unwrap_or(span.interval.from)),
        to: span
            .interval
            .to
            .min(period.until.unwrap_or(span.interval.to)),
    };
    let is_within = |hole: Interval| hole.from <= common.from && common.to <= hole.to;
    meets(span.interval, period) && !span.holes.iter().any(|hole| is_within(hole.interval))
}

/// The codes of findings about the log as a whole that count for a filter. A hole far from the period,
/// accounts and regions counts only through the findings of the pushes themselves.
pub(super) fn counting(report: &Report<'_>, filter: &Filter) -> Vec<&'static str> {
    let mut codes = OF_INPUT.to_vec();
    let verification = report.parts.coverage.verification.iter();
    let asked = verification.flat_map(|of| &of.suspects).filter(|suspect| {
        filter.asks_for_log(&suspect.account, &suspect.region)
            && meets(suspect.interval, filter.period)
    });
    codes.extend(asked.map(|suspect| code_of_doubt(suspect.flaw)));
    codes.sort_unstable();
    codes.dedup();
    // Findings about what was asked for already report these holes.
    if !asks_for_coverage(filter) {
        codes.push(LOG_HOLE);
    }
    codes
}

/// The findings, with the names as the shown filter has them. Hints are given by option and place of the value.
pub(super) fn findings(
    lacks: &[Lack],
    filter: &Filter,
    hints: &[((Selector, usize), HintRow)],
) -> Vec<Finding> {
    let of = |lack: &Lack| {
        let mut finding = finding(lack, filter);
        let hint = lack
            .of()
            .and_then(|of| hints.iter().find(|(at, _)| *at == of));
        if let Some((_, hint)) = hint {
            finding.message.push_str("; ");
            finding.message.push_str(&selection::hint(hint));
        }
        finding
    };
    lacks.iter().map(of).collect()
}

fn finding(lack: &Lack, filter: &Filter) -> Finding {
    let text = |property, place: usize| {
        let pattern = patterns(filter, property).get(place);
        pattern.map_or("", Pattern::text)
    };
    let of = |asked: &Asked| match asked {
        Some((Property::Region, place)) => format!(" in `{}`", text(Property::Region, *place)),
        Some((property, place)) => format!(" of `{}`", text(*property, *place)),
        None => String::new(),
    };
    match lack {
        Lack::Nothing(None) => period_not_covered(
            Severity::Error,
            "nothing that was read has a time: the period asked for is not covered".to_owned(),
        ),
        Lack::AllLeftOut => {
            let options = [Property::Account, Property::Region].into_iter();
            let options = options.filter(|&property| !patterns(filter, property).is_empty());
            let quoted = |pattern: &Pattern| format!("`{}`", pattern.text());
            let left_out: Vec<String> = options
                .map(|property| {
                    let values: Vec<String> =
                        patterns(filter, property).iter().map(quoted).collect();
                    format!("`{}` {}", property.option(), words::list(&values))
                })
                .collect();
            let message = format!(
                "the selection leaves nothing: {} leaves out every account and region that the logs are of",
                words::list(&left_out)
            );
            period_not_covered(Severity::Error, message)
        }
        Lack::Nothing(asked) => {
            let message = format!("the logs hold nothing{}, which was asked for", of(asked));
            period_not_covered(Severity::Error, message)
        }
        Lack::Beyond(asked, there) => {
            let message = format!(
                "the log{} covers nothing of the period asked for, {}: it goes from {} to {}",
                of(asked),
                period(filter.period),
                words::time(there.from),
                words::time(there.to),
            );
            period_not_covered(Severity::Error, message)
        }
        Lack::Stretches(asked, lacking) => {
            let named = lacking.iter().take(MOST_NAMED).map(|stretch| {
                let (from, to) = (words::time(stretch.from), words::time(stretch.to));
                format!("{from} to {to}")
            });
            let mut named: Vec<String> = named.collect();
            if let more @ 1.. = lacking.len().saturating_sub(MOST_NAMED) {
                named.push(format!("{} more", words::number(more as u64)));
            }
            let message = format!(
                "of what was asked for the log{} lacks {}",
                of(asked),
                words::list(&named)
            );
            period_not_covered(Severity::Warning, message)
        }
        Lack::Nowhere(property, place) => not_in_log(format!(
            "`{}` of `{}` occurs nowhere in the log",
            text(*property, *place),
            property.option()
        )),
        Lack::NoImage(place) => {
            let image = filter.images.get(*place).map_or("", |image| &*image.text);
            not_in_log(format!("`{image}` of `--image` occurs nowhere in the log"))
        }
    }
}

fn period(period: Period) -> String {
    match (period.since, period.until) {
        (Some(since), Some(until)) => {
            format!("{} to {}", words::time(since), words::time(until))
        }
        (Some(since), None) => format!("from {} on", words::time(since)),
        (None, Some(until)) => format!("up to {}", words::time(until)),
        (None, None) => "all of it".to_owned(),
    }
}
