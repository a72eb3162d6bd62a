//! Which folders of a bucket can hold what the options select.
//!
//! Comes in: the plan. Goes out: an answer for each folder in the listing. Never: a folder ruled out
//! that may hold something selected.

use crate::cli::plan::Plan;
use crate::ingest::Roles;
use crate::report::{Filter, Property};
use crate::source::{Reach, Scope};

/// What the options select, as far as folder names show it.
#[derive(Debug)]
pub(super) struct Selected {
    filter: Filter,
    reach: Reach,
    roles: Roles,
}

impl Selected {
    pub(super) fn new(plan: &Plan) -> Self {
        Self {
            filter: plan.filter.clone(),
            reach: plan.options.reach,
            roles: plan.options.ingest.roles,
        }
    }

    fn has(&self, property: Property, text: &str) -> bool {
        match self.roles {
            // A role may have been assumed in any account and region.
            Roles::Traced => true,
            Roles::Ignored => {
                // What excludes a caller's account says nothing about whose log tells of it.
                let patterns = self.filter.patterns.get(&property);
                let wanted = patterns.into_iter().flatten();
                let wanted: Vec<_> = wanted.filter(|pattern| !pattern.excludes()).collect();
                wanted.is_empty() || wanted.iter().any(|pattern| pattern.matches(text))
            }
        }
    }
}

impl Scope for Selected {
    fn reach(&self) -> Reach {
        self.reach
    }

    fn has_account(&self, account: &str) -> bool {
        self.has(Property::Account, account)
    }

    fn has_region(&self, region: &str) -> bool {
        self.has(Property::Region, region)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Pattern;

    #[test]
    fn only_what_is_asked_for_rules_out_folders() {
        let scope = |values: &[&str]| Selected {
            filter: values.iter().fold(Filter::default(), |filter, value| {
                filter.with(Property::Region, Pattern::new(value))
            }),
            reach: Reach::default(),
            roles: Roles::Ignored,
        };
        for (values, has_west, has_central) in [
            (&[][..], true, true),
            (&["eu-west-1"], true, false),
            (&["!eu-west-1"], true, true),
            (&["eu-*", "!eu-west-1"], true, true),
        ] {
            let scope = scope(values);
            assert_eq!(scope.has_region("eu-west-1"), has_west, "{values:?}");
            assert_eq!(scope.has_region("eu-central-1"), has_central, "{values:?}");
        }
    }
}
