//! What is to be read.
//!
//! Comes in: paths and addresses. Goes out: inputs that the library can read, with clients for the
//! buckets among them, and what will be read of these. Never: a client without a bucket to read.

use std::sync::Arc;

use crate::cli::plan::{Plan, Source};
use crate::cli::s3;
use crate::report::words;
use crate::report::{Filter, Property};
use crate::source::{Found, Input, Origin, Prefix, Reach, Scope, SourceFile};

/// Gives the library something to read with.
///
/// # Errors
/// What the user has set up for S3 and cannot be used.
pub(super) fn open(plan: &Plan) -> Result<Vec<Input>, s3::Failure> {
    let names: Vec<_> = plan
        .sources
        .iter()
        .filter_map(|source| match source {
            Source::Path(_) => None,
            Source::Bucket(address) => Some(address.bucket.as_str()),
        })
        .collect();
    if names.is_empty() {
        return Ok(inputs(plan, |_| None));
    }
    let access = &plan.access;
    let profile = access.profile.as_deref();
    let buckets = s3::connect(names, &access.environment, profile, access.connections)?;
    let scope: Arc<dyn Scope> = Arc::new(Selected {
        filter: plan.filter.clone(),
        reach: plan.options.reach,
    });
    Ok(inputs(plan, |address| {
        Some(Prefix {
            bucket: buckets.get(address.bucket.as_str())?.clone(),
            path: address.path.clone(),
            scope: Arc::clone(&scope),
        })
    }))
}

fn inputs(plan: &Plan, prefix: impl Fn(&s3::Address) -> Option<Prefix>) -> Vec<Input> {
    let input = |source: &Source| match source {
        Source::Path(path) => Some(Input::Path(path.clone())),
        Source::Bucket(address) => prefix(address).map(Input::Prefix),
    };
    plan.sources.iter().filter_map(input).collect()
}

/// What the options select, as far as folders tell it.
#[derive(Debug)]
struct Selected {
    filter: Filter,
    reach: Reach,
}

impl Selected {
    fn has(&self, property: Property, text: &str) -> bool {
        let patterns = self.filter.patterns.get(&property);
        patterns.is_none_or(|patterns| patterns.iter().any(|pattern| pattern.matches(text)))
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

/// What will be read of buckets; `None` when there is none.
pub(super) fn notice(files: &[SourceFile]) -> Option<String> {
    let (mut n_objects, mut n_bytes, mut buckets) = (0, 0, Vec::new());
    for file in files {
        let (Origin::Object(object), Found::Readable(_)) = (&file.origin, &file.found) else {
            continue;
        };
        n_objects += 1;
        n_bytes += file.size_bytes;
        if !buckets.contains(&&*object.bucket.name) {
            buckets.push(&*object.bucket.name);
        }
    }
    buckets.first()?;
    Some(format!(
        "reading {} ({}) from s3://{}",
        words::count(n_objects, "object"),
        words::size(n_bytes),
        buckets.join(", s3://"),
    ))
}
