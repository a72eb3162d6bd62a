//! The pages of the names that a report uses: statuses, reasons, problem codes.
//!
//! `--explain` prints these pages of Markdown, and `docs/findings.md` holds them. The page of a finding is kept
//! with its check.

use std::sync::LazyLock;

use crate::finding::codes;

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// The name, as reports spell it.
    pub code: &'static str,
    /// What kind of name it is.
    pub group: Group,
    /// The page, in Markdown.
    pub text: &'static str,
}

/// The kinds of names that have pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// A status of a push.
    Status,
    /// A reason of a status.
    Reason,
    /// A defect of the input.
    Problem,
    /// An error code of AWS that is not a failure; all other codes have findings.
    Error,
}

impl Group {
    /// All groups, in the order of their pages.
    const ALL: [Self; 4] = [Self::Status, Self::Reason, Self::Problem, Self::Error];

    /// The kind in a word or two.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Reason => "reason",
            Self::Problem => "problem",
            Self::Error => "error code",
        }
    }
}

/// Every page, by group. In `docs/names.md` a heading of the first level is a group, and one of the second level a
/// name.
pub static PAGES: LazyLock<Vec<Page>> = LazyLock::new(|| {
    let groups = include_str!("../../docs/names.md")
        .split("\n# ")
        .zip(Group::ALL);
    let pages = groups.flat_map(|(section, group)| {
        section.split("\n## ").skip(1).filter_map(move |page| {
            let (code, text) = page.split_once("\n\n")?;
            let text = text.trim_end();
            Some(Page { code, group, text })
        })
    });
    pages.collect()
});

/// Everything that has a page: codes of findings and the names of [`PAGES`].
pub fn page_codes() -> impl Iterator<Item = &'static str> + Clone {
    let findings = codes().map(|finding| finding.code);
    findings.chain(PAGES.iter().map(|page| page.code))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::row::{PushStatus, ReasonKind};

    #[test]
    fn every_section_is_a_page_of_the_group_that_its_heading_names() {
        let text = include_str!("../../docs/names.md");
        let sections = text.lines().filter(|line| line.starts_with("## ")).count();
        assert_eq!(PAGES.len(), sections);
        let headings = text.lines().filter_map(|line| line.strip_prefix("# "));
        assert_eq!(headings.collect::<Vec<_>>(), Group::ALL.map(Group::name));
    }

    #[test]
    fn every_status_and_reason_has_a_page() {
        let has = |group, code: &str| {
            PAGES
                .iter()
                .any(|page| (page.group, page.code) == (group, code))
        };
        for status in PushStatus::ALL {
            assert!(has(Group::Status, status.name()), "{status}");
        }
        for reason in ReasonKind::ALL {
            assert!(has(Group::Reason, reason.name()), "{reason}");
        }
    }
}
