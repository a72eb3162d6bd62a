//! Rows of what is told of pushes by `--new`.

use serde::Serialize;

/// Why a push is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ToldAs {
    /// It was not told before.
    New,
    /// It was told before, and something else is said of it now.
    Changed,
    /// It may have been told before: the run that told it was ended while it did.
    Again,
}

impl ToldAs {
    /// The word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Changed => "changed",
            Self::Again => "again",
        }
    }
}

/// Why a push is told, and what it takes the place of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TellingRow {
    /// `new`, `changed` or `again`.
    pub kind: ToldAs,
    /// The status that was told before.
    pub was: Option<String>,
    /// What is said differently: `status`, `repository`, `identity`, `address`, `image`, `calls`, `login`, `id`.
    pub changed: Vec<&'static str>,
    /// The ids, other than its own, of pushes that were told before and are part of this one now.
    pub replaces: Vec<String>,
}

impl TellingRow {
    /// What makes it more than a new push, in words; `None` for a new one.
    #[must_use]
    pub fn words(&self) -> Option<String> {
        let was = self.was.as_deref().map(|was| format!(", was {was}"));
        let changed = match self.changed.is_empty() {
            true => String::new(),
            false => format!(": {}", self.changed.join(", ")),
        };
        let replaces = match self.replaces.is_empty() {
            true => String::new(),
            false => format!(", in place of {}", self.replaces.join(", ")),
        };
        match self.kind {
            ToldAs::New => None,
            ToldAs::Changed | ToldAs::Again => Some(format!(
                "{}{}{changed}{replaces}",
                self.kind.name(),
                was.unwrap_or_default()
            )),
        }
    }
}

/// A row, with why it is told.
#[doc(hidden)]
#[derive(Clone, Debug, Serialize)]
pub struct ToldRow<'r, T> {
    /// The row.
    #[serde(flatten)]
    pub row: T,
    /// Why it is told.
    pub told: &'r TellingRow,
}

/// A push that was told before, and whose calls belong to no push any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WithdrawnRow {
    /// The id that was told.
    pub id: String,
    /// The status that was told.
    pub was: String,
}
