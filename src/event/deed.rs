//! The calls outside pushes that are read: what each does to a repository, its images or its registry.
//!
//! Comes in: an `eventName`. Goes out: the call, and the kinds of parameters that are kept of it. Never: a read;
//! there are too many of them.

use crate::event::TextId;

/// Makes the enum of calls, each named as `eventName` spells it.
macro_rules! deeds {
    ($($(#[$what:meta])* $name:ident of $scope:ident,)+) => {
        /// A call outside pushes that is read (Amazon ECR API reference, under these names).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Deed { $($(#[$what])* $name,)+ }

        impl Deed {
            /// Every call.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The name, as `eventName` spells it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)+ }
            }

            /// Whether the call is about a whole registry, and so about every repository in it.
            #[must_use]
            pub const fn is_of_registry(self) -> bool {
                match self { $(Self::$name => matches!(Owner::$scope, Owner::Registry),)+ }
            }
        }
    };
}

/// What a call is about.
enum Owner {
    Repository,
    Registry,
}

deeds! {
    /// A repository was made.
    CreateRepository of Repository,
    /// A repository was deleted.
    DeleteRepository of Repository,
    /// Tags or images were deleted.
    BatchDeleteImage of Repository,
    /// An image was moved into the archive, or back.
    UpdateImageStorageClass of Repository,
    /// Tags were made immutable or mutable.
    PutImageTagMutability of Repository,
    /// A lifecycle policy was set.
    PutLifecyclePolicy of Repository,
    /// A lifecycle policy was deleted.
    DeleteLifecyclePolicy of Repository,
    /// A lifecycle policy ran: a service event (ECR user guide, "Logging Amazon ECR actions with AWS CloudTrail").
    PolicyExecutionEvent of Repository,
    /// The access policy of a repository was set.
    SetRepositoryPolicy of Repository,
    /// The access policy of a repository was deleted.
    DeleteRepositoryPolicy of Repository,
    /// The access policy of a registry was set.
    PutRegistryPolicy of Registry,
    /// The access policy of a registry was deleted.
    DeleteRegistryPolicy of Registry,
    /// Replication was set up, or ended by an empty list of rules.
    PutReplicationConfiguration of Registry,
    /// Replication of images that were there before was started.
    StartReplicationBackfill of Registry,
    /// An image came by replication. Inferred: IAM knows the action, and no document says that CloudTrail records it.
    ReplicateImage of Repository,
    /// An image came through a pull-through cache. Inferred, as for `ReplicateImage`.
    BatchImportUpstreamImage of Repository,
    /// Scanning on push was set for a repository.
    PutImageScanningConfiguration of Repository,
    /// Scanning was set for a registry.
    PutRegistryScanningConfiguration of Registry,
    /// A scan of an image was started by hand.
    StartImageScan of Repository,
    /// Managed signing was set up.
    PutSigningConfiguration of Registry,
    /// Managed signing was ended.
    DeleteSigningConfiguration of Registry,
    /// A setting of the account's registry was changed.
    PutAccountSetting of Registry,
    /// A rule of the pull-through cache was made.
    CreatePullThroughCacheRule of Registry,
    /// A rule of the pull-through cache was changed.
    UpdatePullThroughCacheRule of Registry,
    /// A rule of the pull-through cache was deleted.
    DeletePullThroughCacheRule of Registry,
    /// A template for repositories that ECR makes itself was made.
    CreateRepositoryCreationTemplate of Registry,
    /// A template for repositories that ECR makes itself was changed.
    UpdateRepositoryCreationTemplate of Registry,
    /// A template for repositories that ECR makes itself was deleted.
    DeleteRepositoryCreationTemplate of Registry,
}

impl Deed {
    /// The call with this name; `None` for one that is not read, or is part of a push.
    #[must_use]
    pub fn of_call(name: &[u8]) -> Option<Self> {
        let mut deeds = Self::ALL.iter().copied();
        deeds.find(|deed| deed.name().as_bytes() == name)
    }
}

/// One parameter of a call outside pushes, or of its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Param {
    /// What it says.
    pub kind: ParamKind,
    /// Its value, in the call's own words.
    pub text: TextId,
}

/// Makes the enum of kinds of parameters.
macro_rules! params {
    ($($(#[$what:meta])* $name:ident,)+) => {
        /// What a parameter says.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ParamKind { $($(#[$what])* $name,)+ }

        impl ParamKind {
            /// Every kind; the parameters of a call are in this order.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];
        }
    };
}

params! {
    /// `filter` of an `imageTagMutabilityExclusionFilters`: tags that the mutability excludes, with `*`.
    Excluded,
    /// `repositoryUri` of a repository that was made.
    Uri,
    /// `imageTagMutability`.
    Mutability,
    /// `targetStorageClass`.
    StorageClass,
    /// `scanOnPush`: `true` or `false`.
    ScanOnPush,
    /// `force` of a deletion, if it is `true`.
    Force,
    /// A principal that a policy allows something, without a condition.
    Allowed,
    /// A principal that a policy allows something under conditions.
    AllowedIf,
    /// `registryId` of a destination of replication; there are as many as regions.
    Account,
    /// `region` of a destination of replication.
    Region,
    /// `filter` of a rule's `repositoryFilters`.
    Repositories,
    /// `scanType`.
    ScanType,
    /// `signingProfileArn`.
    Profile,
    /// `name` of an account setting.
    Setting,
    /// `value` of an account setting.
    Value,
    /// `ecrRepositoryPrefix` of a cache rule, or `prefix` of a template.
    Prefix,
    /// `upstreamRegistryUrl` of a cache rule.
    Upstream,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_found_by_its_name_alone() {
        for &deed in Deed::ALL {
            assert_eq!(Deed::of_call(deed.name().as_bytes()), Some(deed));
        }
        for other in ["", "PutImage", "DescribeImages", "createrepository"] {
            assert_eq!(Deed::of_call(other.as_bytes()), None, "{other}");
        }
    }

    #[test]
    fn kinds_of_parameters_are_listed_in_order() {
        assert!(ParamKind::ALL.is_sorted());
    }
}
