//! Patterns that users write: names with `*`, networks, and what is left out by `!`.
//!
//! Comes in: what was typed, and texts of the log. Goes out: yes or no. Never: a text taken as a pattern because a log
//! wrote it.

use std::net::IpAddr;

use ipnet::IpNet;

/// A text in which `*` stands for any run of characters, also an empty one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(Box<str>);

impl Pattern {
    /// Makes a pattern of what the user wrote.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// The pattern as the user wrote it.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }

    /// Whether what it matches is to be left out: it begins with `!`.
    #[must_use]
    pub fn excludes(&self) -> bool {
        self.0.starts_with('!')
    }

    /// The pattern without the `!` that may stand before it.
    pub(crate) fn body(&self) -> &str {
        self.0.strip_prefix('!').unwrap_or(&self.0)
    }

    /// Whether the whole of `text` fits the pattern, whatever is to become of it.
    ///
    /// # Complexity
    /// O(P · T) at worst for P characters of pattern and T of text; linear without `*`.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        let mut pieces = self.body().split('*');
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

/// How patterns are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matching {
    /// As names with `*`.
    Names,
    /// As addresses and networks; what is neither is read as a name.
    Networks,
}

/// The network that a text means: `203.0.113.0/24`, or one address.
pub(crate) fn network(text: &str) -> Option<IpNet> {
    let address = || text.parse::<IpAddr>().ok().map(IpNet::from);
    text.parse().ok().or_else(address)
}

/// Whether patterns select something by its texts: one that includes fits one of them, if there are such, and none
/// that excludes fits any.
pub(crate) fn selects(patterns: &[Pattern], reading: Matching, texts: &[impl AsRef<str>]) -> bool {
    let fits = |pattern: &Pattern| {
        let net = network(pattern.body()).filter(|_| reading == Matching::Networks);
        let mut texts = texts.iter().map(AsRef::as_ref);
        texts.any(|text| match net {
            Some(net) => (text.parse::<IpAddr>()).is_ok_and(|address| net.contains(&address)),
            None => pattern.matches(text),
        })
    };
    let (mut excluding, mut including) = (patterns.iter(), patterns.iter());
    let includes_all = patterns.iter().all(Pattern::excludes);
    !excluding.any(|pattern| pattern.excludes() && fits(pattern))
        && (includes_all || including.any(|pattern| !pattern.excludes() && fits(pattern)))
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
