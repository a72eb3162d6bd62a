//! What is wrong with what was typed.
//!
//! Comes in: a value, what was expected and what may have been meant. Goes out: a message. Never: a value
//! corrected in silence.

use crate::render::Format;

/// The names of the formats that can do something, as a message quotes them.
pub(super) fn formats_that(can: impl Fn(&Format) -> bool) -> Vec<String> {
    let able = Format::ALL.iter().filter(|format| can(format));
    able.map(|format| format!("`{}`", format.name)).collect()
}

/// Wrong usage, in this program's own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct WrongUsage(pub(super) String);

/// A value that its option does not accept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct BadValue {
    /// What is wrong, or what was expected.
    why: String,
    /// What may have been meant.
    pub(super) suggestion: Option<String>,
}

impl BadValue {
    /// What is wrong with it.
    pub(super) fn new(why: impl Into<String>, suggestion: Option<String>) -> Self {
        let why = why.into();
        Self { why, suggestion }
    }

    /// An error that says what was expected.
    pub(super) fn expected(expected: &str, suggestion: Option<String>) -> Self {
        Self::new(format!("expected {expected}"), suggestion)
    }

    /// Keeps the suggestion only if it would be accepted.
    pub(super) fn leading_on(mut self, is_accepted: impl FnOnce(&str) -> bool) -> Self {
        self.suggestion = self.suggestion.filter(|text| is_accepted(text));
        self
    }

    /// What is meant is to be left out: the suggestion has `!` before it, unless it is another option.
    pub(super) fn excluding(mut self) -> Self {
        let value = self.suggestion.filter(|text| !text.contains("--"));
        self.suggestion = value.map(|text| format!("!{text}"));
        self
    }

    /// The message about the value of an option.
    pub(super) fn usage(self, option: &str, text: &str) -> WrongUsage {
        self.message(&format!("invalid value `{text}` for `{option}`"))
    }

    /// The message about something else, such as an address.
    pub(super) fn of(self, what: &str, text: &str) -> WrongUsage {
        self.message(&format!("invalid {what} `{text}`"))
    }

    fn message(self, head: &str) -> WrongUsage {
        let mut message = format!("{head}: {}", self.why);
        if let Some(suggestion) = self.suggestion {
            message.push_str(&format!("\n\n  tip: did you mean `{suggestion}`?"));
        }
        WrongUsage(message)
    }
}
