//! Which pushes to report.
//!
//! Comes in: patterns that the user wrote. Goes out: yes or no for a push. Never: a change to what is
//! said about a push; that was all put together before.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::event::Pseudonyms;
use crate::pattern::{self, Matching, Pattern};
use crate::report::image_ref::ImageRef;

/// Whether patterns for a property select something by its texts.
pub(super) fn selects(property: Property, patterns: &[Pattern], texts: &[impl AsRef<str>]) -> bool {
    let reading = match property == Property::Address {
        true => Matching::Networks,
        false => Matching::Names,
    };
    pattern::selects(patterns, reading, texts)
}

/// A property of a push that patterns are matched against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Property {
    /// The account that owns the registry, and the caller's account.
    Account,
    /// The region.
    Region,
    /// The repository's name.
    Repository,
    /// The caller: name, ARN, role, session name, principal id, access key, sign-in session, or who or
    /// what stands behind it.
    Identity,
    /// A tag that the push put or tried to put.
    Tag,
    /// A digest that a call names or a manifest of the push lists.
    Digest,
    /// The status.
    Status,
    /// An address that a call of the push or its login shows.
    Address,
    /// The program that a call of the push or its login shows.
    Client,
    /// The code of a finding about the push.
    Finding,
    /// Whether the push wants attention, by the words of [`crate::report::Attention`].
    Attention,
    /// The id of the push.
    Push,
}

impl Property {
    /// The option that selects by this property.
    #[must_use]
    pub fn option(self) -> &'static str {
        match self {
            Self::Account => "--account",
            Self::Region => "--region",
            Self::Repository => "--repository",
            Self::Identity => "--identity",
            Self::Tag => "--tag",
            Self::Digest => "--digest",
            Self::Status => "--status",
            Self::Address => "--address",
            Self::Client => "--client",
            Self::Finding => "--finding",
            Self::Attention => "--not-ok",
            Self::Push => "--push",
        }
    }
}

impl Property {
    /// A pattern under pseudonyms: it still shows what was asked for, and selects nothing.
    fn redacted(self, pattern: &Pattern, names: &mut Pseudonyms) -> Pattern {
        let text = pattern.body();
        let shown = match self {
            Self::Account
            | Self::Repository
            | Self::Identity
            | Self::Tag
            | Self::Address
            | Self::Client => names.typed(text),
            Self::Region if text.contains('*') => names.typed(text),
            Self::Region => names.region(text),
            Self::Digest => names.digest_pattern(text),
            Self::Status | Self::Finding | Self::Attention | Self::Push => text.into(),
        };
        match pattern.excludes() {
            true => Pattern::new(&format!("!{shown}")),
            false => Pattern::new(&shown),
        }
    }
}

/// An option that selects pushes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Selector {
    /// `--since` and `--until`.
    Period,
    /// An option that is matched against a property.
    Property(Property),
    /// `--image`.
    Image,
}

impl Selector {
    /// The option, as typed.
    #[must_use]
    pub fn option(self) -> &'static str {
        match self {
            Self::Period => "--since/--until",
            Self::Property(property) => property.option(),
            Self::Image => "--image",
        }
    }
}

/// A period of time; the first instant belongs to it, the last does not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Period {
    /// The first instant; `None` for no begin.
    pub since: Option<DateTime<Utc>>,
    /// The first instant after it; `None` for no end.
    pub until: Option<DateTime<Utc>>,
}

impl Period {
    /// Whether an instant lies in it.
    #[must_use]
    pub fn contains(&self, time: DateTime<Utc>) -> bool {
        self.since.is_none_or(|since| since <= time) && self.until.is_none_or(|until| time < until)
    }

    /// Whether it has neither begin nor end.
    #[must_use]
    pub fn is_always(&self) -> bool {
        *self == Self::default()
    }
}

/// Whose histories a report tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Histories {
    /// That of each image asked for, beside its pushes.
    #[default]
    OfImages,
    /// That of each image, and of each repository that the filter names; for people in place of the pushes.
    OfRepositories,
}

/// Which pushes to report: those that meet every criterion. The default selects all pushes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// The period; one of the push's own calls must lie in it.
    pub period: Period,
    /// For each property, the patterns; one of them must match.
    pub patterns: BTreeMap<Property, Vec<Pattern>>,
    /// The images; the push must have put one of them or tried to. Empty means all.
    pub images: Vec<ImageRef>,
    /// Whose histories to tell beside.
    pub histories: Histories,
}

impl Filter {
    /// Whether the filter selects everything.
    #[must_use]
    pub fn is_all(&self) -> bool {
        *self == Self::default()
    }

    /// Whether the log of an account and region was asked for.
    pub(crate) fn asks_for_log(&self, account: &str, region: &str) -> bool {
        [(Property::Account, account), (Property::Region, region)]
            .into_iter()
            .all(|(property, text)| {
                let patterns = self.patterns.get(&property);
                patterns.is_none_or(|patterns| selects(property, patterns, &[text]))
            })
    }

    /// What was asked for, under pseudonyms, to be shown after the pushes are selected.
    #[doc(hidden)]
    #[must_use]
    pub fn redacted(&self, names: &mut Pseudonyms) -> Self {
        let mut redact = |property: Property, patterns: &[Pattern]| {
            let patterns = patterns.iter();
            let patterns = patterns.map(|pattern| property.redacted(pattern, names));
            (property, patterns.collect())
        };
        let patterns = self.patterns.iter();
        let patterns = patterns.map(|(&property, patterns)| redact(property, patterns));
        let patterns = patterns.collect();
        let images = self.images.iter().map(|image| image.redacted(names));
        Self {
            period: self.period,
            patterns,
            images: images.collect(),
            histories: self.histories,
        }
    }

    /// Whether it names pushes one by one.
    #[must_use]
    pub fn picks(&self) -> bool {
        let patterns = self.patterns.get(&Property::Push);
        patterns.is_some_and(|patterns| !patterns.iter().all(Pattern::excludes))
    }

    /// The same filter of another period, which names no pushes.
    #[must_use]
    pub(super) fn of_period(&self, period: Period) -> Self {
        let mut filter = Self {
            period,
            ..self.clone()
        };
        if let Some(patterns) = filter.patterns.get_mut(&Property::Push) {
            patterns.retain(Pattern::excludes);
        }
        filter
    }

    /// Adds a pattern for a property.
    #[must_use]
    pub fn with(mut self, property: Property, pattern: Pattern) -> Self {
        self.patterns.entry(property).or_default().push(pattern);
        self
    }
}
