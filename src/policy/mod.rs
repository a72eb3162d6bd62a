//! TEXT -> POLICY: what should be, by repository.
//!
//! Comes in: the text of a policy, in TOML. Goes out: its rules, or the place of the first thing that is wrong with it.
//! Never: a look at a log; `finding` judges one by it.

mod caller;
mod hours;
mod parse;

use std::collections::BTreeMap;

use chrono::TimeDelta;

use crate::event::{Deed, Pseudonyms};
use crate::pattern::{self, Matching, Pattern};
use crate::words;

pub use caller::{caller_names, name_in_account};
pub use hours::OpenHours;
pub use parse::BadPolicy;

/// What should be: rules by repository, of which the first that fits decides.
///
/// ```
/// use reconstruct::{Input, Options, Policy, Severity, reconstruct};
///
/// let policy = Policy::parse(
///     "[[rule]]
///      name = 'releases'
///      repository = 'shop/*'
///      callers = ['role/github-*']",
/// )?;
/// let options = Options::default().policy(policy);
/// let pushes = reconstruct(&[Input::Path("testdata/sample".into())], &options)?;
/// let mut broken = 0;
/// for push in pushes.report().sessions() {
///     for finding in push.findings.iter().filter(|finding| finding.code == "policy") {
///         println!("{} {}", push.id, finding.message);
///         broken += 1;
///     }
/// }
/// assert!(broken > 0);
/// let wrong = Policy::parse("[[rule]]\nrepositry = '*'").expect_err("a misspelt key");
/// assert_eq!(wrong.line, 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    pub(crate) rules: Vec<PolicyRule>,
}

impl Policy {
    /// Reads the text of a policy (`docs/policy.md`).
    ///
    /// # Errors
    /// Text that is no TOML, keys that are not known, and values that could not have been meant; the first of them.
    pub fn parse(text: &str) -> Result<Self, BadPolicy> {
        parse::policy(text)
    }

    /// The first rule about a repository of an account's registry, by its position.
    #[must_use]
    pub fn rule_of(&self, account: &str, repository: &str) -> Option<usize> {
        let mut rules = self.rules.iter();
        rules.position(|rule| rule.is_of_registry(account) && rule.is_about(repository))
    }

    /// The policy under pseudonyms: it still shows what is expected, and fits nothing.
    #[must_use]
    pub fn redacted(&self, names: &mut Pseudonyms) -> Self {
        let rules = self.rules.iter().map(|rule| rule.redacted(names));
        Self {
            rules: rules.collect(),
        }
    }
}

/// A list of what is allowed; an empty one allows nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowed(pub(crate) Vec<Pattern>);

impl Allowed {
    /// Whether one of some texts is allowed, and none is excluded.
    #[must_use]
    pub fn allows(&self, reading: Matching, texts: &[impl AsRef<str>]) -> bool {
        !self.0.is_empty() && pattern::selects(&self.0, reading, texts)
    }

    /// What is allowed, for people: `` `a`, `b` and 3 more alone ``, or a word for nothing.
    #[must_use]
    pub fn only(&self, nothing: &str) -> String {
        const MOST_TOLD: usize = 4;
        let shown = self.0.iter().take(MOST_TOLD);
        let mut shown: Vec<String> = shown
            .map(|pattern| format!("`{}`", words::shorten(pattern.text(), 120)))
            .collect();
        match self.0.len().saturating_sub(MOST_TOLD) {
            _ if self.0.is_empty() => return nothing.to_owned(),
            0 => {}
            more => shown.push(format!("{} more", words::number(more as u64))),
        }
        format!("{} alone", words::list(&shown))
    }

    fn redacted(&self, names: &mut Pseudonyms) -> Self {
        let hidden = self.0.iter().map(|pattern| {
            let shown = names.typed(pattern.body());
            match pattern.excludes() {
                true => Pattern::new(&format!("!{shown}")),
                false => Pattern::new(&shown),
            }
        });
        Self(hidden.collect())
    }
}

/// What a rule can say about calls beside pushes: who may make them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Right {
    /// Deleting or archiving images, deleting the repository.
    Delete,
    /// Making tags mutable or immutable.
    Mutability,
    /// Policies: of access, of lifecycle, of the registry.
    Policies,
    /// Other settings of the repository and its registry.
    Settings,
}

impl Right {
    /// Every right, in the order in which rules are written.
    pub const ALL: [Self; 4] = [
        Self::Delete,
        Self::Mutability,
        Self::Policies,
        Self::Settings,
    ];

    /// The key of a rule.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Delete => "may-delete",
            Self::Mutability => "may-change-mutability",
            Self::Policies => "may-change-policies",
            Self::Settings => "may-change-settings",
        }
    }

    /// The right that a call needs; `None` for a call that no rule is about. An image is brought back from the archive
    /// by the call that moves others into it, which whoever judges has to tell.
    #[must_use]
    pub fn of(deed: Deed) -> Option<Self> {
        match deed {
            Deed::DeleteRepository | Deed::BatchDeleteImage | Deed::UpdateImageStorageClass => {
                Some(Self::Delete)
            }
            Deed::PutImageTagMutability => Some(Self::Mutability),
            Deed::PutLifecyclePolicy
            | Deed::DeleteLifecyclePolicy
            | Deed::SetRepositoryPolicy
            | Deed::DeleteRepositoryPolicy
            | Deed::PutRegistryPolicy
            | Deed::DeleteRegistryPolicy => Some(Self::Policies),
            Deed::PutReplicationConfiguration
            | Deed::PutImageScanningConfiguration
            | Deed::PutRegistryScanningConfiguration
            | Deed::PutSigningConfiguration
            | Deed::DeleteSigningConfiguration
            | Deed::PutAccountSetting
            | Deed::CreatePullThroughCacheRule
            | Deed::UpdatePullThroughCacheRule
            | Deed::DeletePullThroughCacheRule
            | Deed::CreateRepositoryCreationTemplate
            | Deed::UpdateRepositoryCreationTemplate
            | Deed::DeleteRepositoryCreationTemplate => Some(Self::Settings),
            // The lifecycle policy acts by itself, and the others change nothing that was there.
            Deed::CreateRepository
            | Deed::PolicyExecutionEvent
            | Deed::StartReplicationBackfill
            | Deed::ReplicateImage
            | Deed::BatchImportUpstreamImage
            | Deed::StartImageScan => None,
        }
    }
}

/// How much the first push of its kind matters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FirstOfKind {
    /// It is a note, unless its caller has no habits.
    #[default]
    Note,
    /// Every one is a warning.
    Warning,
}

/// What should be in the repositories that a rule is about. `None` asks for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PolicyRule {
    /// Its name.
    pub(crate) name: Option<Box<str>>,
    /// The line at which it begins, counted from 1.
    pub(crate) line: usize,
    /// The names of repositories.
    pub(crate) repository: Vec<Pattern>,
    /// The accounts of their registries; none means all.
    pub(crate) registry: Vec<Pattern>,
    /// Who may push.
    pub(crate) callers: Option<Allowed>,
    /// The accounts of callers.
    pub(crate) accounts: Option<Allowed>,
    /// From which addresses.
    pub(crate) addresses: Option<Allowed>,
    /// Through which VPC endpoints.
    pub(crate) endpoints: Option<Allowed>,
    /// By which programs.
    pub(crate) clients: Option<Allowed>,
    /// Into which regions.
    pub(crate) regions: Option<Allowed>,
    /// When.
    pub(crate) hours: Option<Vec<OpenHours>>,
    /// Which tags may move from one image to another.
    pub(crate) moving_tags: Option<Allowed>,
    /// Whether a push needs a login.
    pub(crate) login: bool,
    /// Whether an image has to be an index.
    pub(crate) index: bool,
    /// Within which time an image needs an attestation.
    pub(crate) provenance: Option<TimeDelta>,
    /// Within which time an image needs a signature.
    pub(crate) signature: Option<TimeDelta>,
    /// Who may make calls beside pushes.
    pub(crate) rights: BTreeMap<Right, Allowed>,
    /// What the first push of its kind is.
    pub(crate) first: FirstOfKind,
}

impl PolicyRule {
    /// Whether a repository of this name is meant.
    #[must_use]
    pub fn is_about(&self, repository: &str) -> bool {
        pattern::selects(&self.repository, Matching::Names, &[repository])
    }

    /// Whether the registry of an account is meant.
    #[must_use]
    pub fn is_of_registry(&self, account: &str) -> bool {
        pattern::selects(&self.registry, Matching::Names, &[account])
    }

    /// The rule, for people.
    #[must_use]
    pub fn told(&self) -> String {
        match &self.name {
            Some(name) => format!("rule `{}`", words::shorten(name, 80)),
            None => format!("the rule of line {}", self.line),
        }
    }

    fn redacted(&self, names: &mut Pseudonyms) -> Self {
        let list = |patterns: &[Pattern], names: &mut Pseudonyms| {
            Allowed(patterns.to_vec()).redacted(names).0
        };
        let hide = |allowed: &Option<Allowed>, names: &mut Pseudonyms| {
            allowed.as_ref().map(|allowed| allowed.redacted(names))
        };
        let rights = self.rights.iter();
        let rights = rights.map(|(&right, allowed)| (right, allowed.redacted(names)));
        Self {
            rights: rights.collect(),
            // A name of the user's own says as much as what it is about.
            name: self.name.as_ref().map(|name| names.typed(name)),
            line: self.line,
            repository: list(&self.repository, names),
            registry: list(&self.registry, names),
            callers: hide(&self.callers, names),
            accounts: hide(&self.accounts, names),
            addresses: hide(&self.addresses, names),
            endpoints: hide(&self.endpoints, names),
            clients: hide(&self.clients, names),
            regions: hide(&self.regions, names),
            hours: self.hours.clone(),
            moving_tags: hide(&self.moving_tags, names),
            login: self.login,
            index: self.index,
            provenance: self.provenance,
            signature: self.signature,
            first: self.first,
        }
    }
}
