//! The beginning of an `eventID` that is looked for.
//!
//! Comes in: bytes. Goes out: where in them an `eventID` may stand that begins like this. Never: a no if one does: an escape
//! may hide any character, so each counts.

use memchr::memmem::Finder;

/// An `eventID`, or the beginning of one, in any spelling of its letters.
pub(super) struct Sought {
    begin: String,
    /// Whether JSON spells it in one way.
    is_plain: bool,
    name: Finder<'static>,
    escape: Finder<'static>,
}

impl Sought {
    pub(super) fn new(begin: &str) -> Self {
        Self {
            begin: begin.to_lowercase(),
            is_plain: begin
                .bytes()
                .all(|byte| byte.is_ascii_graphic() && !b"\"\\".contains(&byte)),
            name: Finder::new("eventID"),
            escape: Finder::new("\\u00"),
        }
    }

    /// Whether an `eventID` begins like this.
    pub(super) fn begins(&self, event_id: &str) -> bool {
        event_id.to_lowercase().starts_with(&self.begin)
    }

    /// Whether the bytes after the name of a member may be a value that begins like this. Between them stand quotes, with
    /// backslashes if the record is written into a string.
    fn may_follow(&self, bytes: &[u8]) -> bool {
        let is_between = |byte: &u8| b"\\\": \t\r\n".contains(byte);
        let n_between = bytes.iter().take_while(|byte| is_between(byte)).count();
        let value = bytes.get(n_between..).unwrap_or_default();
        let value = value.get(..self.begin.len()).unwrap_or(value);
        !self.is_plain
            || value.contains(&b'\\')
            || value.eq_ignore_ascii_case(self.begin.as_bytes())
    }

    /// Adds the places between `start` and `end` where such an `eventID` may stand, in order.
    pub(super) fn scan(&self, bytes: &[u8], start: usize, end: usize, found: &mut Vec<usize>) {
        let before = found.len();
        let mut search = |finder: &Finder<'static>, is_one: &dyn Fn(&[u8]) -> bool| {
            let len = finder.needle().len();
            let until = bytes.len().min(end + len - 1);
            let stretch = bytes.get(start..until).unwrap_or_default();
            let places = finder.find_iter(stretch).map(|place| start + place);
            found.extend(places.filter(|place| is_one(&bytes[place + len..])));
        };
        search(&self.name, &|after| self.may_follow(after));
        search(&self.escape, &|_| true);
        found[before..].sort_unstable();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_found_once_wherever_a_stretch_ends() {
        let sought = Sought::new("0e7f");
        let text = br#"xx{"eventID":"0e7f"},{"event\u0049D":"0e7f"}yy"#;
        for middle in 0..text.len() {
            let mut found = Vec::new();
            sought.scan(text, 0, middle, &mut found);
            sought.scan(text, middle, text.len(), &mut found);
            assert_eq!(found, [4, 28], "{middle}");
        }
    }

    #[test]
    fn letters_may_be_large_or_small() {
        let sought = Sought::new("0E7f");
        assert!(sought.begins("0e7F3c21-aaaa"));
        assert!(!sought.begins("0e7"));
        for (text, expected) in [
            (r#"{"eventID": "0E7F3c21"}"#, true),
            (r#"{\"eventID\":\"0e7f3c21\"}"#, true),
            (r#"{"eventID":"0\/7f"}"#, true),
            (r#"{"eventID":"1e7f","sharedEventID":"0e7f"}"#, false),
            (r#"{"eventID":"0e7"}"#, false),
        ] {
            let mut found = Vec::new();
            sought.scan(text.as_bytes(), 0, text.len(), &mut found);
            assert_eq!(!found.is_empty(), expected, "{text}");
        }
    }
}
