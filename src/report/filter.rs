//! Which pushes to report.
//!
//! Comes in: patterns that the user wrote. Goes out: yes or no for a push. Never: a change of what
//! is said about a push; everything was put together before.

/// A text with `*` for any run of characters, the empty one too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(Box<str>);

impl Pattern {
    /// Makes a pattern of what the user wrote.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// Whether the whole of `text` fits the pattern.
    ///
    /// # Complexity
    /// O(P · T) at worst for P characters of pattern and T of text; linear without `*`.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        let mut pieces = self.0.split('*');
        let head = pieces.next().unwrap_or_default();
        let Some(mut rest) = text.strip_prefix(head) else {
            return false;
        };
        let mut pieces = pieces.peekable();
        if pieces.peek().is_none() {
            return rest.is_empty();
        }
        while let Some(piece) = pieces.next() {
            if pieces.peek().is_none() {
                return rest.ends_with(piece);
            }
            match rest.find(piece) {
                Some(at) => rest = &rest[at + piece.len()..],
                None => return false,
            }
        }
        true
    }
}

/// Which pushes to report; an empty list of patterns selects all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Statuses.
    pub statuses: Vec<Pattern>,
}

impl Filter {
    /// Whether a push of this status is reported.
    pub(super) fn selects(&self, status: &str) -> bool {
        self.statuses.is_empty() || self.statuses.iter().any(|p| p.matches(status))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_run_of_characters() {
        for (pattern, text) in [
            ("complete", "complete"),
            ("*complete", "incomplete"),
            ("*complete", "complete"),
            ("un*ed", "unchanged"),
            ("*", ""),
            ("a*b*c", "a__b_b_c"),
            ("*ab", "aab"),
        ] {
            assert!(Pattern::new(pattern).matches(text), "{pattern} {text}");
        }
        for (pattern, text) in [
            ("complete", "incomplete"),
            ("un*ed", "unchange"),
            ("", "a"),
            ("ab*ba", "aba"),
        ] {
            assert!(!Pattern::new(pattern).matches(text), "{pattern} {text}");
        }
    }
}
