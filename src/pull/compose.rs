//! Reads and pushes become pulls, each with its login.
//!
//! Comes in: the log, its evidence, the pushes and the coverage. Goes out: all pulls, by time. Never: a read in two pulls, or
//! a read of a push in one.

use crate::event::{EventLog, Fetch, OrderedMap, Service};
use crate::facts::Facts;
use crate::graph::EventGraph;
use crate::ingest::Coverage;
use crate::pull::gather;
use crate::pull::images::ImageParts;
use crate::pull::stand::TagHistory;
use crate::pull::{Pull, PullSet};
use crate::session::authorize::{LoginSeeker, Tokens};
use crate::session::{Link, Sessions};
use crate::threads;

/// Puts reads together to pulls; `None` if the log was read without them.
///
/// # Complexity
/// O(n log n) in the reads and the calls that move tags.
#[must_use]
pub fn pulls(
    log: &EventLog,
    graph: &EventGraph,
    sessions: &Sessions,
    coverage: &Coverage,
    facts: &Facts<'_>,
) -> Option<PullSet> {
    let reads = log.reads.as_deref()?;
    let tags = TagHistory::new(log, coverage);
    let images = ImageParts::new(log);
    let tokens = Tokens::of(log, graph, facts);
    let gathered = gather::gather(log, reads, &sessions.principals, &images, &tags);
    let of_pushes = gather::PushSpans::new(log, sessions);
    let (of_pushes, gathered): (Vec<_>, Vec<_>) = gathered
        .into_iter()
        .partition(|one| of_pushes.holds(log, reads, one));
    let n_of_pushes = of_pushes.iter().map(|one| one.reads.len() as u64).sum();
    let whole = |one: gather::ReadRun| {
        let pull = one.pull(log, reads, &images, &tags);
        let login = login(log, reads, &tokens, &one).map(Box::new);
        (Pull { login, ..pull }, one.reads)
    };
    let mut made: Vec<(Pull, Vec<u32>)> = threads::map(gathered, whole);
    made.sort_by_key(|(pull, _)| (pull.first, pull.id));
    let mut set = PullSet {
        pulls: Vec::with_capacity(made.len()),
        reads: Vec::with_capacity(reads.len()),
        n_of_pushes,
        of_image: OrderedMap::default(),
        tags,
    };
    for (mut pull, own) in made {
        let from = set.reads.len() as u32;
        set.reads.extend(own);
        pull.reads = from..set.reads.len() as u32;
        set.pulls.push(pull);
    }
    set.index(sessions);
    Some(set)
}

/// The login of a pull, found as that of a push.
fn login(
    log: &EventLog,
    reads: &[Fetch],
    tokens: &Tokens<'_>,
    one: &gather::ReadRun,
) -> Option<Link> {
    let first = reads.get(*one.reads.first()? as usize)?;
    let is_direct = log.tables.clients.get(first.client).is_direct();
    tokens.link_of(&LoginSeeker {
        identity: first.identity,
        credentials: &[first.credential],
        service: Service::Ecr,
        region: first.region,
        first: first.time,
        direct: is_direct.then_some(first.client).into_iter().collect(),
    })
}
