//! The book of what was told: which pushes, and what was said of them.
//!
//! Comes in: lines of JSON, in the order in which they were written. Goes out: what stands after all of them. Never: a line
//! that was not written to its end.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A push that was told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ToldPush {
    /// Its id.
    pub id: String,
    /// The word of its status.
    pub status: String,
    /// The second since 1970 in which it began.
    pub first: i64,
    /// Fingerprints of its first and last call.
    pub anchors: [u64; 2],
    /// Fingerprints of what was said.
    pub facts: Vec<u32>,
    /// Whether it may not have been told: the run ended while it told it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub maybe: bool,
}

/// A line of the book.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BookLine {
    /// A push was told.
    Told(ToldPush),
    /// What was told under an id stands no more.
    Gone(String),
}

/// What was told, by id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ToldBook {
    /// The pushes.
    pub pushes: BTreeMap<String, ToldPush>,
    /// What a run that did not end may have told beside.
    pub maybe: BTreeMap<String, ToldPush>,
    /// How many lines it was read from.
    pub n_lines: usize,
}

impl ToldBook {
    /// Reads a book.
    ///
    /// # Errors
    /// The first line that is none, counted from 1.
    pub fn read(text: &str) -> Result<Self, String> {
        let mut book = Self::default();
        for (number, line) in (1..).zip(text.lines()) {
            let line =
                serde_json::from_str(line).map_err(|error| format!("line {number}: {error}"))?;
            book.apply(line);
        }
        Ok(book)
    }

    /// Takes what a line says.
    pub fn apply(&mut self, line: BookLine) {
        self.n_lines += 1;
        match line {
            BookLine::Told(push) if push.maybe => {
                self.maybe.insert(push.id.clone(), push);
            }
            BookLine::Told(push) => {
                self.maybe.remove(&push.id);
                self.pushes.insert(push.id.clone(), push);
            }
            BookLine::Gone(id) => {
                self.maybe.remove(&id);
                self.pushes.remove(&id);
            }
        }
    }

    /// Lines that say what stands.
    pub fn lines(&self) -> impl Iterator<Item = BookLine> + '_ {
        self.all().cloned().map(BookLine::Told)
    }

    /// What was told, and what may have been.
    pub fn all(&self) -> impl Iterator<Item = &ToldPush> {
        self.pushes.values().chain(self.maybe.values())
    }
}

/// Lines as text.
///
/// # Errors
/// None that can occur; the writer of JSON declares one.
pub fn text(lines: impl IntoIterator<Item = BookLine>) -> Result<String, serde_json::Error> {
    let mut text = String::new();
    for line in lines {
        text.push_str(&serde_json::to_string(&line)?);
        text.push('\n');
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_of_an_id_stands() {
        let push = |id: &str, status: &str| ToldPush {
            id: id.to_owned(),
            status: status.to_owned(),
            first: 1,
            anchors: [u64::MAX, 2],
            facts: vec![3],
            maybe: false,
        };
        let lines = [
            BookLine::Told(push("a", "undetermined")),
            BookLine::Told(push("b", "failed")),
            BookLine::Told(push("a", "complete")),
            BookLine::Gone("b".to_owned()),
        ];
        let text = text(lines).expect("JSON");
        let book = ToldBook::read(&text).expect("a book");
        assert_eq!(
            book.pushes.into_values().collect::<Vec<_>>(),
            [push("a", "complete")]
        );
        assert!(ToldBook::read(&text[..text.len() - 4]).is_err());
    }
}
