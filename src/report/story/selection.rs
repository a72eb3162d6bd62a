//! A selection that finds nothing, in words: what the log has instead, and what may have been meant.
//!
//! Comes in: the options of the filter, with what each selects by itself. Goes out: sentences. Never: an option that
//! selects nothing without one.

use crate::report::filter::Selector;
use crate::report::parts::Report;
use crate::report::row::{HintKind, HintRow, SelectionRow};
use crate::report::story::log::asked;
use crate::words;

/// The most characters of a value of the log, which somebody may have made long.
const LONGEST: usize = 120;

/// Why nothing was selected, a paragraph for each option.
pub(crate) fn nothing(report: &Report<'_>) -> Vec<String> {
    let rows = report.selection();
    let mut texts: Vec<String> = rows
        .iter()
        .filter(|row| row.pushes == 0)
        .map(without)
        .collect();
    if texts.is_empty() {
        let text = "Each of these selects some pushes by itself, and no push meets them all.";
        texts.push(text.to_owned());
    }
    let others = rows.iter().filter(|row| row.pushes > 0);
    texts.extend(others.flat_map(|row| &row.hints).map(sentence));
    texts
}

/// An option that selects nothing by itself.
fn without(row: &SelectionRow) -> String {
    let mut texts = vec![format!("No push has {}.", asked(row))];
    texts.extend(row.hints.iter().map(|hint| match row.values.as_slice() {
        [_] => sentence(hint),
        _ => format!("For `{}`: {}.", hint.value, self::hint(hint)),
    }));
    let is_helped = |value: &String| row.hints.iter().any(|hint| hint.value == *value);
    if !row.there.is_empty() && !row.values.iter().all(is_helped) {
        let (there, between) = match row.option {
            Selector::Period => ("They are", " to "),
            Selector::Property(_) | Selector::Image => ("There is", ", "),
        };
        texts.push(format!(
            "{there}: {}{}.",
            row.there.join(between),
            more(row.there_more)
        ));
    }
    texts.join(" ")
}

fn sentence(hint: &HintRow) -> String {
    let text = self::hint(hint);
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    format!("{}{}.", first.unwrap_or_default(), letters.as_str())
}

/// What may have been meant by a value, as a part of a sentence.
pub(crate) fn hint(row: &HintRow) -> String {
    let quoted = row.there.iter();
    let quoted = quoted.map(|text| format!("`{}`", words::shorten(text, LONGEST)));
    let mut quoted: Vec<String> = quoted.collect();
    let verb = if quoted.len() == 1 { "is" } else { "are" };
    if row.there_more > 0 {
        quoted.push(format!("{} more", words::number(row.there_more)));
    }
    let there = words::list(&quoted);
    match row.kind {
        HintKind::Near => format!("near it {verb} {there}"),
        HintKind::LetterCase => format!("letter case matters: there {verb} {there}"),
        HintKind::Star => {
            let pattern = row.pattern.as_deref().unwrap_or_default();
            format!("a value is compared whole: `{pattern}` would match {there}")
        }
        HintKind::Elsewhere => {
            let mut places = row.there.clone();
            if row.there_more > 0 {
                places.push(format!("{} more places", words::number(row.there_more)));
            }
            let places = words::list(&places);
            match &row.not_in {
                Some(not_in) => format!("`{}` is in {places}, not in {not_in}", row.value),
                None => format!("that name is in {places}"),
            }
        }
    }
}

fn more(n: u64) -> String {
    match n {
        0 => String::new(),
        n => format!(" and {} more", words::number(n)),
    }
}
