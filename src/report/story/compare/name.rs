//! Names and counts of a comparison in words.
//!
//! Comes in: names and counts. Goes out: a short text for each. Never: an account or region left out where there are
//! several.

use std::collections::BTreeSet;

use crate::event::{Bytes, Service};
use crate::report::row::{
    AddressName, ComparisonRow, FailureRow, Measure, MiddleRow, PlaceName, ProgramName, PusherName,
    SeenRow,
};
use crate::words;

/// The most names of one kind in a line.
const MOST_NAMED: usize = 3;

/// What has to stand beside a name to tell it apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Apart {
    accounts: bool,
    regions: bool,
}

impl Apart {
    /// Everything.
    pub(crate) const ALL: Self = Self {
        accounts: true,
        regions: true,
    };

    /// What both sides have more than one of.
    pub(super) fn of(row: &ComparisonRow) -> Self {
        let spans = || row.base.spans.iter().chain(&row.now.spans);
        let used = || spans().filter(|span| span.pushes > 0);
        let of_pushers = row.pushers.iter().map(|row| &row.what);
        let of_pushers = of_pushers.chain(row.failures.iter().map(|row| &row.by));
        let accounts = of_pushers.filter_map(|name| name.account.as_ref());
        let accounts: BTreeSet<_> = accounts.chain(used().map(|span| &span.account)).collect();
        let regions: BTreeSet<_> = used().map(|span| &span.region).collect();
        Self {
            accounts: accounts.len() > 1,
            regions: regions.len() > 1,
        }
    }

    /// A pusher, as `role ci-push (123456789012)`.
    pub(crate) fn pusher(self, name: &PusherName) -> String {
        match &name.account {
            Some(account) if self.accounts => format!("{} ({account})", name.pusher),
            Some(_) | None => name.pusher.clone(),
        }
    }

    /// A repository, as `shop/web (123456789012, eu-west-1)`.
    pub(crate) fn place(self, name: &PlaceName) -> String {
        let repository = name
            .repository
            .as_deref()
            .unwrap_or("(no repository named)");
        let registry = name.registry.as_deref().filter(|_| self.accounts);
        let region = match name.service {
            Service::EcrPublic => Some("ECR Public"),
            Service::Ecr => name.region.as_deref().filter(|_| self.regions),
        };
        let beside: Vec<&str> = registry.into_iter().chain(region).collect();
        match beside.is_empty() {
            true => repository.to_owned(),
            false => format!("{repository} ({})", beside.join(", ")),
        }
    }

    /// An address with those who used it.
    pub(super) fn address(self, name: &AddressName) -> String {
        let users: Vec<String> = name.pushers.iter().map(|name| self.pusher(name)).collect();
        format!("{} by {}", address(name), some(&users))
    }

    /// A failure: `AccessDenied on InitiateLayerUpload, role ci-push to shop/web`, and whether it was made good.
    pub(super) fn failure(self, row: &FailureRow) -> String {
        let call = row.call.map(|call| format!(" on {}", call.call()));
        let n = row.now.as_ref().map_or(0, |seen| seen.pushes);
        let good = match (n, row.unresolved) {
            (0, _) => String::new(),
            (_, 0) => ", made good later".to_owned(),
            (n, unresolved) if n == unresolved => ", unresolved".to_owned(),
            (_, unresolved) => format!(", {} unresolved", words::number(unresolved)),
        };
        format!(
            "{}{}, {} to {}{good}",
            row.cause,
            call.unwrap_or_default(),
            self.pusher(&row.by),
            self.place(&row.to)
        )
    }
}

/// An address, with the VPC endpoint that it came through.
pub(super) fn address(name: &AddressName) -> String {
    through(&name.address, name.vpc_endpoint_id.as_deref())
}

/// An address, with the VPC endpoint that it came through.
pub(crate) fn through(address: &str, endpoint: Option<&str>) -> String {
    match endpoint {
        Some(endpoint) => format!("{address} through {endpoint}"),
        None => address.to_owned(),
    }
}

/// A program with its versions, as `docker 28.0.1, before 27.5.1`.
pub(super) fn program(name: &ProgramName) -> String {
    let mut text = name.program.clone();
    if !name.versions.is_empty() {
        text.push_str(&format!(" {}", some(&name.versions)));
    }
    if !name.versions_before.is_empty() {
        text.push_str(&format!(", before {}", some(&name.versions_before)));
    }
    text
}

/// Something with how often and since when this side has it.
pub(super) fn came(what: &str, seen: Option<&SeenRow>) -> String {
    let Some(seen) = seen else {
        return what.to_owned();
    };
    let first = match seen.pushes {
        1 => "",
        _ => "first ",
    };
    format!(
        "{what}: {}, {first}{}, push {}",
        words::pushes(seen.pushes),
        seen.first,
        seen.first_push
    )
}

/// Something with how often and until when the base has it.
pub(super) fn went(what: &str, seen: Option<&SeenRow>) -> String {
    let Some(seen) = seen else {
        return what.to_owned();
    };
    format!(
        "{what}: {} in the base, last {}, push {}",
        words::pushes(seen.pushes),
        seen.last,
        seen.last_push
    )
}

/// Something with the number of its pushes.
pub(super) fn counted(what: &str, seen: Option<&SeenRow>) -> String {
    let n = seen.map_or(0, |seen| seen.pushes);
    format!("{what} [{}]", words::number(n))
}

/// The first of some names, and how many more there are.
pub(super) fn some(names: &[String]) -> String {
    let mut named: Vec<String> = names.iter().take(MOST_NAMED).cloned().collect();
    if let more @ 1.. = names.len().saturating_sub(MOST_NAMED) {
        named.push(format!("{} more", words::number(more as u64)));
    }
    words::list(&named)
}

/// An amount with its unit.
pub(super) fn amount(measure: Measure, value: u64) -> String {
    match measure {
        Measure::Duration => words::duration(i64::try_from(value).unwrap_or(i64::MAX)),
        Measure::Size => words::size(Bytes(value)),
    }
}

/// A median with the number of pushes, as `31 s (40 pushes)`.
pub(super) fn middle(measure: Measure, row: &MiddleRow) -> String {
    let amount = amount(measure, row.median);
    format!("{amount} ({})", words::pushes(row.pushes))
}
