//! Repositories, and the two services that hold them.
//!
//! Comes in: names and ARNs. Goes out: a repository keyed by the account that owns it. Never: the
//! alias of a public registry as its key, since a request may use either name for one registry.

use indexmap::Equivalent;

/// The service that recorded a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Service {
    /// Amazon ECR: private, regional.
    Ecr,
    /// Amazon ECR Public: global, recorded in us-east-1.
    EcrPublic,
}

impl Service {
    /// The service of an `eventSource`; the API model of ECR Public spells it without a hyphen.
    #[must_use]
    pub fn of_event_source(source: &str) -> Option<Self> {
        match source {
            "ecr.amazonaws.com" => Some(Self::Ecr),
            "ecr-public.amazonaws.com" | "ecrpublic.amazonaws.com" => Some(Self::EcrPublic),
            _ => None,
        }
    }

    /// The name that reports use.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ecr => "ecr",
            Self::EcrPublic => "ecr-public",
        }
    }
}

/// A repository of a registry.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Repository {
    /// The service.
    pub service: Service,
    /// The account that owns the registry; empty if no field names it.
    pub registry: Box<str>,
    /// The region; empty for ECR Public, which has one registry for all.
    pub region: Box<str>,
    /// The name.
    pub name: Box<str>,
}

/// The borrowed fields of a [`Repository`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct RepositoryProbe<'a> {
    pub(super) service: Service,
    pub(super) registry: &'a str,
    pub(super) region: &'a str,
    pub(super) name: &'a str,
}

impl RepositoryProbe<'_> {
    /// The repository with these fields.
    pub(super) fn own(&self) -> Repository {
        Repository {
            service: self.service,
            registry: self.registry.into(),
            region: self.region.into(),
            name: self.name.into(),
        }
    }
}

impl Equivalent<Repository> for RepositoryProbe<'_> {
    fn equivalent(&self, owned: &Repository) -> bool {
        self.service == owned.service
            && self.registry == &*owned.registry
            && self.region == &*owned.region
            && self.name == &*owned.name
    }
}

/// The parts of a repository's ARN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RepositoryArn<'a> {
    /// The region; empty in ECR Public's form.
    pub region: &'a str,
    /// The account.
    pub account: &'a str,
    /// The repository's name.
    pub name: &'a str,
}

impl<'a> RepositoryArn<'a> {
    /// Parses `arn:PARTITION:ecr:REGION:ACCOUNT:repository/NAME` and
    /// `arn:PARTITION:ecr-public:[REGION]:ACCOUNT:repository/NAME` (service authorization
    /// reference; AWS's documentation once prints a region in the latter).
    #[must_use]
    pub fn parse(arn: &'a str) -> Option<Self> {
        let (scheme, rest) = arn.split_once(':')?;
        let (_partition, rest) = rest.split_once(':')?;
        let (service, rest) = rest.split_once(':')?;
        let (region, rest) = rest.split_once(':')?;
        let (account, resource) = rest.split_once(':')?;
        let name = resource.strip_prefix("repository/")?;
        let known = scheme == "arn" && matches!(service, "ecr" | "ecr-public") && !name.is_empty();
        known.then_some(Self {
            region,
            account,
            name,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_a_public_arn_are_read() {
        let empty = RepositoryArn::parse("arn:aws:ecr-public::123456789012:repository/a/b");
        assert_eq!(
            empty,
            Some(RepositoryArn {
                region: "",
                account: "123456789012",
                name: "a/b"
            })
        );
        let full = RepositoryArn::parse("arn:aws:ecr-public:us-east-1:123456789012:repository/a");
        assert_eq!(full.map(|arn| arn.region), Some("us-east-1"));
        let colon = RepositoryArn::parse("arn:aws:ecr:r:1:repository/a:b");
        assert_eq!(colon.map(|arn| arn.name), Some("a:b"));
    }

    #[test]
    fn what_is_no_repository_is_refused() {
        for arn in [
            "",
            "arn:aws:s3:::bucket",
            "arn:aws:ecr:r:1:registry/x",
            "arn:aws:ecr:r:1:repository/",
            "arn:aws:ecr:r:repository/x",
            "aws:ecr:r:1:repository/x",
        ] {
            assert_eq!(RepositoryArn::parse(arn), None, "{arn}");
        }
    }
}
