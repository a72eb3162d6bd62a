//! Reads the shared config and credentials files (AWS SDKs and tools reference, "Shared config and
//! credentials files").
//!
//! Comes in: the text of a file. Goes out: its sections. Never: an error about an unknown line, as
//! other tools keep theirs there.

use std::collections::BTreeMap;

/// Sections by name, values by key.
#[derive(Default)]
pub(super) struct Ini(BTreeMap<String, BTreeMap<String, String>>);

impl Ini {
    /// Parses a file.
    pub(super) fn parse(text: &str) -> Self {
        let mut sections = BTreeMap::<_, BTreeMap<_, _>>::new();
        let mut section = None;
        for line in text.lines() {
            let is_nested = line.starts_with([' ', '\t']);
            let line = line.trim();
            if line.is_empty() || line.starts_with(['#', ';']) {
                continue;
            }
            if let Some(name) = line.strip_prefix('[').and_then(|line| line.split_once(']')) {
                let name: Vec<_> = name.0.split_whitespace().collect();
                section = Some(sections.entry(name.join(" ")).or_default());
                continue;
            }
            // An indented line belongs to the key above, such as settings of one service.
            if let (false, Some(section), Some((key, value))) =
                (is_nested, section.as_mut(), line.split_once('='))
            {
                let key = key.trim().to_lowercase();
                section.insert(key, value.trim().to_owned());
            }
        }
        Self(sections)
    }

    /// Whether there is a section with a name.
    pub(super) fn has(&self, section: &str) -> bool {
        self.0.contains_key(section)
    }

    /// A value that is not empty.
    pub(super) fn get(&self, section: &str, key: &str) -> Option<&str> {
        let value = self.0.get(section)?.get(key)?;
        Some(value.as_str()).filter(|value| !value.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_by_section_and_key() {
        let ini = Ini::parse(
            "stray = 1\n# a comment\n[default]\nRegion=eu-west-1\n[ profile  dev ]\n\
             s3 =\n  region = no\nregion = us-east-2 \r\nno equals sign\nempty =\n",
        );
        assert_eq!(ini.get("default", "region"), Some("eu-west-1"));
        assert_eq!(ini.get("profile dev", "region"), Some("us-east-2"));
        assert_eq!(ini.get("profile dev", "empty"), None);
        assert!(ini.has("profile dev") && !ini.has("dev"));
    }
}
