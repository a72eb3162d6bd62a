//! Runs, formed from their manifests first.
//!
//! Comes in: the `PutImage`s of one repository and its units. Goes out: one run a root manifest:
//! its repetitions, its other tags, its children. Never: an upload or a check; those are claimed
//! afterwards.

use crate::event::{DigestId, EventLog, IdMap, IdSet, ManifestId, ManifestKind, TextId};
use crate::graph::Evidence;
use crate::session::own::activity::Activity;
use crate::session::own::lane::{Lane, Lanes};
use crate::session::own::thresholds::{CANDIDATES, REPEATED_PUT, SILENCE, SKEW};
use crate::session::own::unit::{ByDigest, Put, Unit, UnitKind};

/// A run that put at least one manifest.
#[derive(Clone, Debug, Default)]
pub(super) struct Run {
    /// Its `PutImage`s by position, in order of time; the first others are joined to.
    pub(super) puts: Vec<usize>,
    /// What joins each of `puts` to the one before it in the run's tree: the put, and the evidence.
    pub(super) joined: Vec<Option<(usize, Evidence)>>,
    /// Its units, with what makes them its own.
    pub(super) units: Vec<Claim>,
    /// The earliest second of what it owns.
    pub(super) start: i64,
    /// The latest second of its puts.
    pub(super) end: i64,
    /// The run that took this one in.
    into: Option<usize>,
    /// Children without their index.
    pub(super) index_missing: bool,
}

/// A unit owned by a run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Claim {
    /// The unit.
    pub(super) unit: usize,
    /// Why.
    pub(super) evidence: Evidence,
    /// The `PutImage` that bears witness, by position.
    pub(super) put: usize,
}

/// What forming runs needs of a repository.
pub(super) struct Puts<'a> {
    /// The log.
    pub(super) log: &'a EventLog,
    /// The logins.
    pub(super) lanes: &'a Lanes,
    /// The units, by first second.
    pub(super) units: &'a [Unit<'a>],
    /// The `PutImage`s, by second.
    pub(super) puts: &'a [Put],
    /// The units that name each digest, by first second.
    pub(super) by_digest: &'a ByDigest,
    /// When each login was at work.
    pub(super) activity: &'a Activity,
    /// How far the clocks behind this log differ, in seconds.
    pub(super) skew: i64,
    /// The pause that ends a run in this log: [`IDLE`](super::thresholds::IDLE) and the skew.
    pub(super) idle: i64,
    /// The inactivity window, in seconds.
    pub(super) window: i64,
    /// Whether checks of this repository are in the log at all; some trails record no reads.
    pub(super) shows_checks: bool,
    /// The manifests put, by digest.
    pub(super) contents: &'a IdMap<DigestId, ManifestId>,
}

impl<'a> Puts<'a> {
    /// The login of a run.
    pub(super) fn lane(&self, run: &Run) -> Lane {
        self.puts[run.puts[0]].lane
    }

    /// Forms the runs.
    ///
    /// # Complexity
    /// O(p (b + log u)) for p puts of manifests with b blobs or children, among u units.
    pub(super) fn runs(&self) -> Vec<Run> {
        let mut runs: Vec<Run> = Vec::new();
        let mut of_digest = RunsOf::default();
        let mut latest_of_tag: IdMap<(Lane, TextId), (usize, usize)> = IdMap::default();
        let mut run_of = Vec::with_capacity(self.puts.len());
        for (index, put) in self.puts.iter().enumerate() {
            let same = put.digest.and_then(|digest| {
                let mut known = of_digest.latest_first(digest).take(CANDIDATES);
                known.find_map(|run| Some((run, self.repeats(&runs[run], index)?)))
            });
            let fallback = || {
                let &(run, before) = latest_of_tag.get(&(put.lane, put.tag?))?;
                self.falls_back(before, index)
                    .then_some((run, (before, Evidence::Fallback)))
            };
            let run = match same.or_else(fallback) {
                Some((run, joined)) => {
                    runs[run].puts.push(index);
                    runs[run].joined.push(Some(joined));
                    runs[run].end = runs[run].end.max(put.time);
                    run
                }
                None => {
                    let (start, end) = (put.time, put.time);
                    let (puts, joined) = (vec![index], vec![None]);
                    runs.push(Run {
                        puts,
                        joined,
                        start,
                        end,
                        ..Run::default()
                    });
                    runs.len() - 1
                }
            };
            run_of.push(run);
            if let Some(digest) = put.digest {
                of_digest.add(digest, run);
            }
            if let Some(tag) = put.tag {
                latest_of_tag.insert((put.lane, tag), (run, index));
            }
        }
        for (index, run) in run_of.into_iter().enumerate() {
            self.take_children(&mut runs, &of_digest, run, index);
        }
        self.gather_orphans(&mut runs);
        runs.retain(|run| run.into.is_none());
        runs
    }

    /// Whether a put continues a run that put the same manifest: a retry, a repetition or another
    /// tag. Gives the put that it follows.
    fn repeats(&self, run: &Run, index: usize) -> Option<(usize, Evidence)> {
        let put = &self.puts[index];
        let digest = put.digest?;
        let &before = run
            .puts
            .iter()
            .rev()
            .find(|&&other| self.puts[other].digest == put.digest)?;
        let last = &self.puts[before];
        if !self.lanes.compatible(last.lane, put.lane) {
            return None;
        }
        let steps = self.steps_between(last, put);
        let same_tag = run
            .puts
            .iter()
            .any(|&other| self.puts[other].tag == put.tag && self.puts[other].digest == put.digest);
        let continues = if self.two_jobs(last, put) || steps.uploads {
            false
        } else if !same_tag {
            last.accepted && steps.longest_pause <= self.idle
        } else if steps.checks {
            false
        } else {
            // Where no checks are logged, nothing between two puts says nothing.
            let patience = match (self.shows_checks, last.accepted) {
                (false, _) => SILENCE,
                (true, true) => REPEATED_PUT,
                (true, false) => self.window,
            };
            put.time - last.time <= patience
        };
        continues.then_some((before, Evidence::SameManifest(digest)))
    }

    /// What the login did with a manifest's blobs between two puts of it.
    fn steps_between(&self, last: &Put, put: &Put) -> Steps {
        let mut steps = Steps::default();
        let mut times = vec![last.time, put.time];
        for digest in self.tree(put) {
            for unit in self.units_between(digest, last.time + 1 + self.skew, put.time) {
                let unit = &self.units[unit];
                if self.lanes.compatible(unit.lane, put.lane) {
                    steps.uploads |= unit.is_upload();
                    steps.checks |= !unit.is_upload();
                    times.push(unit.first);
                }
            }
        }
        times.sort_unstable();
        steps.longest_pause = times
            .windows(2)
            .map(|pair| pair[1] - pair[0])
            .max()
            .unwrap_or(0);
        steps
    }

    /// Whether two finished uploads of one layer before two puts of one manifest show two jobs.
    fn two_jobs(&self, last: &Put, put: &Put) -> bool {
        self.blobs(put).any(|digest| {
            let units = self.by_digest.of(digest);
            let before = units.partition_point(|&unit| self.units[unit].first <= last.time);
            let mut finished = units[..before]
                .iter()
                .rev()
                .take(8)
                .map(|&unit| &self.units[unit])
                .filter(|unit| {
                    unit.kind == UnitKind::Finished && self.lanes.compatible(unit.lane, put.lane)
                });
            match (finished.next(), finished.next()) {
                // Both in flight at once: no run uploads one layer twice at a time.
                (Some(later), Some(earlier)) => later.first <= earlier.last,
                _ => false,
            }
        })
    }

    /// The blobs of a put's manifest, and those of the manifests put here that it lists.
    fn tree(&self, put: &Put) -> Vec<DigestId> {
        let content = |manifest| self.log.tables.manifests.get(manifest);
        let mut open: Vec<ManifestId> = put.manifest.into_iter().collect();
        let mut seen: IdSet<ManifestId> = open.iter().copied().collect();
        let mut blobs = Vec::new();
        while let Some(manifest) = open.pop() {
            blobs.extend(content(manifest).blobs().map(|blob| blob.digest));
            let children = content(manifest).children().iter();
            let children = children.filter_map(|child| self.contents.get(&child.digest).copied());
            open.extend(children.filter(|&child| seen.insert(child)));
        }
        blobs
    }

    /// The blobs of a put's manifest.
    pub(super) fn blobs(&self, put: &Put) -> impl Iterator<Item = DigestId> + '_ {
        let manifest = put
            .manifest
            .map(|manifest| self.log.tables.manifests.get(manifest));
        manifest
            .into_iter()
            .flat_map(|manifest| manifest.blobs().map(|blob| blob.digest))
    }

    /// The units that name a digest and begin in a stretch of seconds, both ends included.
    fn units_between(
        &self,
        digest: DigestId,
        from: i64,
        to: i64,
    ) -> impl Iterator<Item = usize> + '_ {
        let units = self.by_digest.of(digest);
        let start = units.partition_point(|&unit| self.units[unit].first < from);
        units[start..]
            .iter()
            .copied()
            .take_while(move |&unit| self.units[unit].first <= to)
    }

    /// Whether a put is the older format of a manifest that was just refused under the same tag, or
    /// by the clocks that manifest, logged after it.
    fn falls_back(&self, before: usize, index: usize) -> bool {
        let (last, put) = (&self.puts[before], &self.puts[index]);
        let pause = put.time - last.time;
        let shared = self
            .blobs(put)
            .any(|blob| self.blobs(last).any(|other| other == blob));
        let reversed = !put.accepted && pause <= self.skew;
        shared
            && last.digest != put.digest
            && ((!last.accepted && pause <= self.idle) || (last.accepted && reversed))
    }

    /// Takes into an index's run the children that the same login has just put for it.
    fn take_children(&self, runs: &mut [Run], of_digest: &RunsOf, run: usize, index: usize) {
        let put = &self.puts[index];
        let Some(manifest) = put
            .manifest
            .map(|manifest| self.log.tables.manifests.get(manifest))
        else {
            return;
        };
        let run = resolve(runs, run);
        let mut children: Vec<(i64, usize, DigestId)> = Vec::new();
        for child in manifest.children() {
            let latest_by = |second: i64| {
                let mut known = of_digest.latest_first(child.digest).take(CANDIDATES);
                known.find_map(|other| {
                    let other = resolve(runs, other);
                    let fits = other != run
                        && runs[other].end <= second
                        && self.may_be_child(&runs[other], put);
                    fits.then_some(other)
                })
            };
            // A child logged later than the clocks explain is more likely that of a next try.
            let found = latest_by(put.time + self.skew).or_else(|| latest_by(put.time + SKEW));
            children.extend(found.map(|found| (runs[found].end, found, child.digest)));
        }
        // From the latest back: each child that is taken in reaches further to the one before it.
        children.sort_unstable_by(|a, b| b.cmp(a));
        let mut reach = put.time;
        for (end, child, digest) in children {
            if runs[child].into.is_some() || !self.activity.bridges(put.lane, end, reach) {
                continue;
            }
            reach = reach.min(runs[child].start);
            take(runs, child, run, (index, Evidence::Child(digest)));
        }
    }

    /// Whether a run put nothing that stands for itself: no tag, by a login that may be the same.
    fn may_be_child(&self, run: &Run, index: &Put) -> bool {
        run.puts.iter().all(|&put| {
            self.puts[put].tag.is_none() && self.lanes.compatible(self.puts[put].lane, index.lane)
        })
    }

    /// Several manifests put by digest close together, with no index over them: children of an
    /// index that never came. What is about one of them (an attestation) goes with it.
    fn gather_orphans(&self, runs: &mut [Run]) {
        let digest = |runs: &[Run], run: usize| self.puts[runs[run].puts[0]].digest;
        let mut last: IdMap<Lane, usize> = IdMap::default();
        let mut group_of: IdMap<(Lane, DigestId), usize> = IdMap::default();
        for index in 0..runs.len() {
            if runs[index].into.is_some() || !self.is_orphan(&runs[index]) {
                continue;
            }
            let lane = self.puts[runs[index].puts[0]].lane;
            let own = digest(runs, index);
            let before = last.get(&lane).copied().filter(|&before| {
                let near = self
                    .activity
                    .bridges(lane, runs[before].end, runs[index].start);
                near && own != digest(runs, before)
            });
            let group = before.unwrap_or(index);
            if group != index {
                let root = runs[group].puts[0];
                take(runs, index, group, (root, Evidence::Credential));
                runs[group].index_missing = true;
            }
            last.insert(lane, group);
            if let Some(digest) = own {
                group_of.insert((lane, digest), group);
            }
        }
        for index in 0..runs.len() {
            if runs[index].into.is_some() {
                continue;
            }
            let put = &self.puts[runs[index].puts[0]];
            let manifest = put
                .manifest
                .map(|manifest| self.log.tables.manifests.get(manifest));
            let subject = manifest
                .and_then(|manifest| manifest.subject())
                .filter(|_| put.tag.is_none());
            let group = subject.and_then(|subject| {
                Some((*group_of.get(&(put.lane, subject.digest))?, subject.digest))
            });
            if let Some((group, digest)) = group
                && (runs[index].start - runs[group].end).abs() <= self.idle
            {
                let root = runs[group].puts[0];
                take(runs, index, group, (root, Evidence::Subject(digest)));
                runs[group].index_missing = true;
            }
        }
    }

    /// Whether a run put nothing but manifests without a tag that are neither an index nor about
    /// another manifest.
    pub(super) fn is_orphan(&self, run: &Run) -> bool {
        run.puts.iter().all(|&put| {
            let put = &self.puts[put];
            let manifest = put
                .manifest
                .map(|manifest| self.log.tables.manifests.get(manifest));
            let plain = manifest.is_some_and(|manifest| {
                manifest.kind() != ManifestKind::Index && manifest.subject().is_none()
            });
            put.tag.is_none() && put.accepted && plain
        })
    }

    /// Whether a run asked for a blob that none of its manifests lists: it had begun on another.
    ///
    /// Only a client that asks by the digests it sends bears witness: podman and buildah ask by
    /// digests that no manifest ever lists (observed).
    pub(super) fn asks_for_more(&self, run: &Run) -> bool {
        let puts = run.puts.iter().map(|&put| &self.puts[put]);
        let listed: IdSet<DigestId> = puts.flat_map(|put| self.blobs(put)).collect();
        let units = || run.units.iter().map(|claim| &self.units[claim.unit]);
        let digests = |unit: &Unit<'a>| unit.digests.iter().copied();
        let checks = units().filter(|unit| !unit.is_upload());
        let asked: IdSet<DigestId> = checks.flat_map(digests).collect();
        let sent = units().filter(|unit| unit.kind == UnitKind::Finished);
        let mut sent = sent.flat_map(digests);
        !asked.is_subset(&listed)
            && !asked.is_disjoint(&listed)
            && sent.all(|digest| asked.contains(&digest))
    }
}

/// The runs that put each manifest.
#[derive(Clone, Debug, Default)]
struct RunsOf {
    /// Of each digest the row of the latest run.
    latest: IdMap<DigestId, usize>,
    /// Runs, each with the row of the one before it that put the same.
    rows: Vec<(usize, Option<usize>)>,
}

impl RunsOf {
    fn add(&mut self, digest: DigestId, run: usize) {
        let before = self.latest.get(&digest).copied();
        if before.is_none_or(|before| self.rows[before].0 != run) {
            self.latest.insert(digest, self.rows.len());
            self.rows.push((run, before));
        }
    }

    /// The runs that put a manifest, the latest first.
    fn latest_first(&self, digest: DigestId) -> impl Iterator<Item = usize> + '_ {
        let latest = self.latest.get(&digest).copied();
        let rows = std::iter::successors(latest, |&row| self.rows[row].1);
        rows.map(|row| self.rows[row].0)
    }
}

/// The run that has taken a run in, or itself.
fn resolve(runs: &[Run], mut run: usize) -> usize {
    while let Some(into) = runs[run].into {
        run = into;
    }
    run
}

/// Moves all of a run into another, its root joined to the other's `put` by `evidence`.
fn take(runs: &mut [Run], from: usize, into: usize, link: (usize, Evidence)) {
    let taken = std::mem::take(&mut runs[from]);
    runs[from].into = Some(into);
    let into = &mut runs[into];
    (into.start, into.end) = (into.start.min(taken.start), into.end.max(taken.end));
    into.joined
        .extend(taken.joined.into_iter().map(|joined| joined.or(Some(link))));
    into.puts.extend(taken.puts);
}

/// What a login did between two puts.
#[derive(Clone, Copy, Debug, Default)]
struct Steps {
    /// It checked blobs of the manifest.
    checks: bool,
    /// It began an upload of one.
    uploads: bool,
    /// The longest silence, in seconds.
    longest_pause: i64,
}
