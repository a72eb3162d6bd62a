//! Why the calls of a push are in it: a line for each, then what is doubtful, then the login.
//!
//! Comes in: a push with its evidence. Goes out: a page that ends with what else was considered. Never: a doubtful call
//! that looks like a proven one.

use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::event::Stage;
use crate::graph::{Evidence, Strength};
use crate::render::ink::{Ink, Tint};
use crate::render::table;
use crate::render::text::block::{field, title};
use crate::render::{Detail, Style};
use crate::report::grounds::{GroundsRow, LoginGroundsRow};
use crate::report::story::{grounds as story, push};
use crate::report::{AlternativeRow, EventRow, Outcome, SessionRow};
use crate::words;

/// From this many calls on, those that are alike are folded.
const MANY: usize = 60;
/// How many calls of a fold are shown.
const SHOWN: usize = 2;
/// How many other pushes are listed.
const MOST_OTHERS: usize = 10;
/// The digits of an `eventID` that `--explain` finds it by, and the columns that a whole one takes.
const SHORT_ID: usize = 8;
const WHOLE_ID: usize = 36;
/// From this width on, ids are shown whole.
const WIDE: usize = 110;

/// Writes why the calls of a push are in it.
///
/// # Errors
/// Only errors of `out`.
pub fn grounds(row: &GroundsRow<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let ink = &mut Ink::new(out, style);
    let (push, zone) = (&row.push, &style.zone);
    title(push, ink)?;
    field("why", &push.explanation, ink)?;
    field("who", &push::who(push), ink)?;
    field("when", &push::when(push, zone), ink)?;
    field("sure", &story::sure(push, zone), ink)?;
    ink.blank()?;
    let doubts = calls(push, style, ink)?;
    ink.blank()?;
    let own = push.events.places().filter_map(|at| push.events.get(at));
    for event in own.filter(|event| event.because.is_empty()).take(SHOWN) {
        let text = story::hangs_on(&event, push.events.places().len(), zone);
        ink.wrapped((Tint::Plain, ""), (Tint::Plain, &text))?;
    }
    doubtful(&doubts, ink)?;
    others(push, ink)?;
    login(row.login.as_ref(), ink)
}

/// How many columns the parts of a line take.
struct Columns {
    number: usize,
    call: usize,
    id: usize,
    evidence: usize,
}

impl Columns {
    fn fit(push: &SessionRow<'_>, width: usize) -> Self {
        let (mut call, mut evidence) = (0, "evidence".len());
        for event in push.events.iter() {
            call = event.action.call().len().max(call);
            let names = event.because.iter().map(|by| by.evidence.name().len());
            evidence = names.fold(evidence, usize::max);
        }
        Self {
            number: push.events.len().to_string().len(),
            call,
            id: if width < WIDE { SHORT_ID } else { WHOLE_ID },
            evidence,
        }
    }

    fn line(&self, [number, time, call, id, evidence, strength, with]: [&str; 7]) -> String {
        let Self {
            number: n,
            call: c,
            evidence: e,
            ..
        } = self;
        let id = table::pad(table::take(id, self.id), self.id);
        format!("{number:>n$} {time:<9} {call:<c$} {id} {evidence:<e$} {strength:<9} {with}")
    }
}

/// Calls that one kind of evidence joins and that are not proven, by their numbers.
type DoubtfulCalls = BTreeMap<(Strength, &'static str), (Evidence, Vec<usize>)>;

/// What calls have in common that are folded.
type Alike = (Stage, Option<&'static str>);

/// Writes a line for each call; returns those that are not proven.
fn calls(push: &SessionRow<'_>, style: &Style, ink: &mut Ink<'_>) -> io::Result<DoubtfulCalls> {
    let columns = Columns::fit(push, ink.width());
    let names = ["#", "time", "call", "event", "evidence", "strength", "with"];
    ink.line(&[(Tint::Faint, "  "), (Tint::Faint, &columns.line(names))])?;
    let folds = style.detail != Detail::Verbose && push.events.len() > MANY;
    let (mut doubts, mut run, mut n_alike) = (DoubtfulCalls::new(), None, 0);
    for (place, event) in push.events.iter().enumerate() {
        for because in event.because.iter().filter(|_| !event.shared) {
            let about = because.evidence.about();
            if about.strength != Strength::Proof {
                let of_kind = doubts.entry((about.strength, about.name));
                let (_, numbers) = of_kind.or_insert((because.evidence, Vec::new()));
                numbers.push(place + 1);
            }
        }
        let kind = kind(&event);
        if folds && kind.is_some() && kind == run {
            n_alike += 1;
        } else {
            alike(n_alike, ink)?;
            (run, n_alike) = (kind, 1);
        }
        if n_alike <= SHOWN {
            line(push, (place, &event), &columns, ink)?;
        }
    }
    alike(n_alike, ink)?;
    Ok(doubts)
}

/// What a call has in common with those that it is folded with; `None` if it is shown by itself.
fn kind(event: &EventRow<'_>) -> Option<Alike> {
    let is_plain = event.outcome == Outcome::Succeeded && event.alternatives.is_empty();
    let evidence = event.because.first().map(|by| by.evidence.name());
    is_plain.then_some((event.action, evidence))
}

/// Says how many calls are folded.
fn alike(n_alike: usize, ink: &mut Ink<'_>) -> io::Result<()> {
    match n_alike.saturating_sub(SHOWN) {
        0 => Ok(()),
        more => {
            let more = words::count(more as u64, "more call");
            let text = format!("    … {more} like this; --verbose shows each");
            ink.line(&[(Tint::Faint, &text)])
        }
    }
}

fn line(
    push: &SessionRow<'_>,
    (place, event): (usize, &EventRow<'_>),
    columns: &Columns,
    ink: &mut Ink<'_>,
) -> io::Result<()> {
    let because = event.because.first();
    let strength = because.map(|by| by.strength);
    let (refused, doubted) = (
        event.outcome == Outcome::Failed,
        strength.is_some_and(|strength| strength != Strength::Proof)
            || push.doubt.as_ref() == Some(&event.event_id),
    );
    let with = push.events.joined_to(place);
    let with = with.map_or(String::new(), |with| (with + 1).to_string());
    let id = ink.shown(&event.event_id).into_owned();
    let text = columns.line([
        &(place + 1).to_string(),
        &ink.style().zone.clock(&event.time),
        event.action.call(),
        &id,
        because.map_or("", |by| by.evidence.name()),
        strength.map_or("", Strength::name),
        &with,
    ]);
    ink.line(&[
        (Tint::Bad, if refused { "✗" } else { " " }),
        (Tint::Warn, if doubted { "?" } else { " " }),
        (Tint::Plain, &text),
    ])
}

/// The calls that are not proven, the least sure first.
fn doubtful(doubts: &DoubtfulCalls, ink: &mut Ink<'_>) -> io::Result<()> {
    for ((strength, name), (evidence, numbers)) in doubts {
        let calls = ranges(numbers);
        let says = evidence.about().sentence();
        let text = format!("{calls} by {name} ({strength}): {says}");
        ink.wrapped((Tint::Warn, "? "), (Tint::Plain, &text))?;
    }
    Ok(())
}

/// Numbers in a short form: `2-4, 8`.
fn ranges(numbers: &[usize]) -> String {
    let of_one = numbers.chunk_by(|one, next| one + 1 == *next);
    let texts = of_one.filter_map(|range| match range {
        [] => None,
        [only] => Some(only.to_string()),
        [first, .., last] => Some(format!("{first}-{last}")),
    });
    texts.collect::<Vec<_>>().join(", ")
}

/// The other pushes that calls were considered for.
fn others(push: &SessionRow<'_>, ink: &mut Ink<'_>) -> io::Result<()> {
    let events = push.events.iter().enumerate();
    let others = events.flat_map(|(place, event)| {
        let others = event.alternatives.into_iter();
        others.map(move |other| (place + 1, other))
    });
    let mut n_others = 0;
    for (number, other) in others {
        n_others += 1;
        if n_others <= MOST_OTHERS {
            let AlternativeRow {
                session,
                evidence,
                strength,
            } = other;
            let text =
                format!("{number} could be of push {session} too, by {evidence} ({strength})");
            ink.wrapped((Tint::Warn, "? "), (Tint::Plain, &text))?;
        }
    }
    match n_others {
        0 => ink.line(&[(Tint::Plain, "No other push was considered for any of them.")]),
        1..=MOST_OTHERS => Ok(()),
        n => {
            let more = words::number((n - MOST_OTHERS) as u64);
            let text = format!("  … and {more} more; --format json lists all");
            ink.line(&[(Tint::Faint, &text)])
        }
    }
}

/// The login, what speaks for it, and the logins considered beside it.
fn login(row: Option<&LoginGroundsRow<'_>>, ink: &mut Ink<'_>) -> io::Result<()> {
    ink.blank()?;
    let Some(row) = row else {
        let text = "No login in these logs fits the push.";
        return ink.wrapped((Tint::Plain, ""), (Tint::Plain, text));
    };
    ink.wrapped((Tint::Plain, ""), (Tint::Plain, &story::login(row)))?;
    field("shows", &story::for_login(row), ink)?;
    field("rule", Evidence::Authorization.about().sentence(), ink)?;
    for other in &row.others {
        field("or", &story::place(other), ink)?;
    }
    match row.others.is_empty() {
        true => field("or", "no other login was considered", ink),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_a_row_are_one_range() {
        assert_eq!(ranges(&[]), "");
        assert_eq!(ranges(&[2, 3, 4, 8, 10, 11]), "2-4, 8, 10-11");
    }
}
