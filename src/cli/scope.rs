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
                let patterns = self.filter.patterns.get(&property);
                patterns.is_none_or(|patterns| patterns.iter().any(|pattern| pattern.matches(text)))
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
