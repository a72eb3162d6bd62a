//! What is known about one party's use of a repository before anything is assigned.
//!
//! Comes in: the calls of one party at one repository. Goes out: units, puts, logins and the tables over them.
//! Never: a change; the assignment is written elsewhere.

use crate::event::{
    DigestId, EventId, EventLog, IdMap, IdSet, Manifest, ManifestKind, RepositoryId, Seconds,
};
use crate::graph::index::PushCall;
use crate::graph::{Endpoint, EventGraph, Evidence};
use crate::session::own::activity::Activity;
use crate::session::own::id_vec::IdVec;
use crate::session::own::lane::{CredentialLanes, Lane, Lanes};
use crate::session::own::run::Run;
use crate::session::own::thresholds::IDLE;
use crate::session::own::unit::{self, ByDigest, Put, PutIx, Unit, UnitIx, UnitKind};

/// How far apart events of one run may be, by the options and by the log itself.
#[derive(Clone, Copy, Debug)]
pub(in crate::session) struct Tolerance {
    /// How far the log's clocks differ.
    pub(in crate::session) skew: Seconds,
    /// The inactivity window.
    pub(in crate::session) window: Seconds,
}

/// The work of one party at one repository.
pub(super) struct PartyWork<'a> {
    /// The log.
    pub(super) log: &'a EventLog,
    /// The graph, whose edges show what each put needs.
    graph: &'a EventGraph,
    /// The repository; `None` for the calls that name none.
    pub(super) repository: Option<RepositoryId>,
    /// The logins.
    pub(super) lanes: Lanes,
    /// The units, by first second.
    pub(super) units: IdVec<UnitIx, Unit<'a>>,
    /// The `PutImage`s, by second.
    pub(super) puts: IdVec<PutIx, Put>,
    /// The units that name each digest, by first second.
    pub(super) by_digest: ByDigest,
    /// When each login was working.
    pub(super) activity: Activity,
    /// How far the log's clocks differ.
    pub(super) skew: Seconds,
    /// The pause that ends a run in this log: [`IDLE`] plus the skew.
    pub(super) idle: Seconds,
    /// The inactivity window.
    pub(super) window: Seconds,
    /// Whether the log has any checks by this party; some trails record no reads, and some clients make none.
    pub(super) shows_checks: bool,
    /// The last put of each manifest whose content is in the log.
    put_of: IdMap<DigestId, EventId>,
}

impl<'a> PartyWork<'a> {
    /// Prepares the calls of a party at a repository.
    ///
    /// # Complexity
    /// O(n log n) in the calls.
    pub(super) fn new(
        log: &'a EventLog,
        graph: &'a EventGraph,
        calls: &'a [PushCall],
        tolerance: Tolerance,
    ) -> Self {
        let Tolerance { skew, window } = tolerance;
        let (mut callers, mut lanes) = CredentialLanes::new(log, calls);
        let units = unit::units(log, &mut callers, &mut lanes, calls);
        let puts = unit::puts(log, &mut callers, &lanes, calls);
        let idle = IDLE + skew;
        let known = puts.iter().filter(|put| put.manifest.is_some());
        let put_of = known.filter_map(|put| Some((put.digest?, put.event)));
        Self {
            log,
            graph,
            repository: calls.iter().find_map(|call| call.repository),
            by_digest: ByDigest::new(&units),
            activity: Activity::new(&units, &puts, idle),
            skew,
            idle,
            window,
            // Only accepted checks count: anybody's check may be refused, which says nothing about the client.
            shows_checks: units.iter().any(|unit| unit.kind == UnitKind::Check),
            put_of: put_of.collect(),
            lanes,
            units,
            puts,
        }
    }

    /// The login of a run.
    pub(super) fn lane(&self, run: &Run) -> Lane {
        match (run.puts.first(), run.units.first()) {
            (Some(&put), _) => self.puts[put].lane,
            (None, Some(claim)) => self.units[claim.unit].lane,
            (None, None) => unreachable!("a run owns something"),
        }
    }

    /// The units of a run.
    pub(super) fn units_of<'b>(
        &'b self,
        run: &'b Run,
    ) -> impl Iterator<Item = &'b Unit<'a>> + Clone {
        run.units.iter().map(|claim| &self.units[claim.unit])
    }

    /// The manifest of a put, if the log has it.
    fn manifest(&self, put: &Put) -> Option<&'a Manifest> {
        let manifest = put.manifest?;
        Some(self.log.tables.manifests.get(manifest))
    }

    /// What a put needs, by the edges of the graph: the blobs of its manifest, the manifests of an index, and
    /// its subject.
    pub(super) fn needs(&self, put: EventId) -> impl Iterator<Item = Evidence> + use<'a> {
        let edges = self.graph.edges_of(put).iter();
        let needed = edges.filter(|edge| matches!(edge.end, Endpoint::Needs(_)));
        needed.map(|edge| edge.evidence)
    }

    /// What a put's manifest lists: its blobs and, for an index, the entries of `manifests`. Caches list blobs
    /// there (BuildKit; ECR refuses such an index).
    pub(super) fn listed(&self, put: &Put) -> impl Iterator<Item = DigestId> + use<'a> {
        let needed = self.needs(put.event);
        let listed = needed.filter(|evidence| !matches!(evidence, Evidence::Subject(_)));
        listed.filter_map(Evidence::witness)
    }

    /// The blobs of a put's manifest, and those of the listed manifests that were put here.
    pub(super) fn tree(&self, put: &Put) -> Vec<DigestId> {
        let mut open = vec![put.event];
        let mut seen: IdSet<EventId> = open.iter().copied().collect();
        let mut blobs = Vec::new();
        while let Some(put) = open.pop() {
            for evidence in self.needs(put) {
                if let Evidence::Layer(digest) = evidence {
                    blobs.push(digest);
                } else if let Evidence::Child(digest) = evidence
                    && let Some(&child) = self.put_of.get(&digest)
                    && seen.insert(child)
                {
                    open.push(child);
                }
            }
        }
        blobs
    }

    /// Whether a run put only manifests without a tag that are neither an index nor about another manifest.
    pub(super) fn is_orphan(&self, run: &Run) -> bool {
        !run.puts.is_empty()
            && run.puts.iter().all(|&put| {
                let put = &self.puts[put];
                let plain = self.manifest(put).is_some_and(|manifest| {
                    manifest.kind() != ManifestKind::Index && manifest.subject().is_none()
                });
                // A signature is also put by digest, and is whole without an index.
                put.tag.is_none() && put.accepted && plain
            })
    }

    /// Whether a run checked a blob that none of its manifests lists, so it had started another one.
    ///
    /// Only a client that checks the digests it sends is a witness: podman and buildah check digests that no
    /// manifest ever lists (observed).
    pub(super) fn asks_for_more(&self, run: &Run) -> bool {
        let puts = run.puts.iter().map(|&put| &self.puts[put]);
        let listed: IdSet<DigestId> = puts.flat_map(|put| self.listed(put)).collect();
        let digests = |unit: &Unit<'a>| unit.digests.iter().copied();
        let checks = self.units_of(run).filter(|unit| !unit.is_upload());
        let asked: IdSet<DigestId> = checks.flat_map(digests).collect();
        let sent = self.units_of(run);
        let sent = sent.filter(|unit| unit.kind == UnitKind::Finished);
        let mut sent = sent.flat_map(digests);
        // If work on another platform has started, a blob was checked that is in no manifest of the run.
        !asked.is_subset(&listed)
            && !asked.is_disjoint(&listed)
            && sent.all(|digest| asked.contains(&digest))
    }
}
