//! Runs, formed from their manifests first.
//!
//! Comes in: the `PutImage`s of one repository and its units. Goes out: one run a root manifest:
//! its repetitions, its other tags, its children. Never: an upload or a check; those are claimed
//! afterwards.

use crate::event::{DigestId, IdMap, IdSet, Second, Seconds, TextId};
use crate::graph::Evidence;
use crate::session::own::assignment::{Assignment, Run, RunIx, Witness};
use crate::session::own::lane::Lane;
use crate::session::own::repository::Repository;
use crate::session::own::thresholds::{
    CANDIDATES, NAMING, RECENT_UPLOADS, REPEATED_PUT, RETRY_WAIT, SILENCE, SKEW,
};
use crate::session::own::unit::{Put, PutIx, UnitIx, UnitKind};

/// Forms the runs.
///
/// # Complexity
/// O(p (b + log u)) for p puts of manifests with b blobs or children, among u units.
pub(super) fn form(facts: &Repository<'_>, assignment: &mut Assignment) {
    let mut of_digest = RunsOf::default();
    let mut latest_of_tag: IdMap<(Lane, TextId), (RunIx, PutIx)> = IdMap::default();
    let mut named = Named::default();
    let mut run_of = Vec::with_capacity(facts.puts.len());
    for (index, put) in facts.puts.entries() {
        // The latest run first: a loop over tags comes back to the image that it has just put.
        let same = put.digest.and_then(|digest| {
            let mut known = of_digest.latest_first(digest).take(CANDIDATES);
            known.find_map(|run| {
                let same_tag = named.contains(&(run, digest, put.tag));
                let witness = repeats(facts, assignment.run(run), index, same_tag)?;
                Some((run, witness))
            })
        });
        let fallback = || {
            let &(run, before) = latest_of_tag.get(&(put.lane, put.tag?))?;
            falls_back(facts, before, index).then_some((run, (before, Evidence::Fallback)))
        };
        let run = match same.or_else(fallback) {
            Some((run, witness)) => {
                assignment.add_put(facts, index, run, witness);
                run
            }
            None => assignment.begin(facts, index),
        };
        run_of.push((run, index));
        if let Some(digest) = put.digest {
            named.insert((run, digest, put.tag));
            of_digest.add(digest, run);
        }
        if let Some(tag) = put.tag {
            latest_of_tag.insert((put.lane, tag), (run, index));
        }
    }
    for (run, index) in run_of {
        take_children(facts, assignment, &of_digest, run, index);
    }
    gather_orphans(facts, assignment);
}

/// The names that runs put manifests under.
type Named = IdSet<(RunIx, DigestId, Option<TextId>)>;

/// Whether a put continues a run that put the same manifest: a retry, a repetition or another tag;
/// `same_tag` says whether the run put it under this one. Gives the put that it follows.
fn repeats(facts: &Repository<'_>, run: &Run, index: PutIx, same_tag: bool) -> Option<Witness> {
    let put = &facts.puts[index];
    let digest = put.digest?;
    let mut known = run.puts.iter().rev();
    let &before = known.find(|&&other| facts.puts[other].digest == put.digest)?;
    let last = &facts.puts[before];
    if !facts.lanes.compatible(last.lane, put.lane) {
        return None;
    }
    let steps = steps_between(facts, last, put);
    // A client whose put was refused puts again; two jobs at once need not both be refused.
    let tries_again = same_tag && !last.accepted;
    // No client sends a blob between two names of one image: one that does began anew. Two jobs that
    // build one commit put the same manifest as well, and are told by the layer that both were sending.
    let continues = if steps.uploads || (!tries_again && two_jobs(facts, last, put)) {
        false
    } else if !same_tag {
        let names_it = (last.tag.is_none() || !last.accepted) && !steps.checks;
        let patience = if names_it {
            NAMING + facts.skew
        } else {
            facts.idle
        };
        // A refused tag does not keep a client from its others.
        steps.longest_pause <= patience
    } else if steps.checks && !(tries_again && put.time - last.time <= facts.idle) {
        // Within a client's shortest wait the checks may be those for its next tag.
        false
    } else {
        // Where no checks are logged, nothing between two puts says nothing.
        let patience = match (facts.shows_checks, last.accepted) {
            (false, _) => SILENCE,
            (true, true) => REPEATED_PUT,
            (true, false) => facts.window,
        };
        put.time - last.time <= patience
    };
    continues.then_some((before, Evidence::SameManifest(digest)))
}

/// What a login did between two puts.
#[derive(Clone, Copy, Debug, Default)]
struct Steps {
    /// It checked blobs of the manifest.
    checks: bool,
    /// It began an upload of one.
    uploads: bool,
    /// The longest silence.
    longest_pause: Seconds,
}

/// What the login did with a manifest's blobs between two puts of it.
fn steps_between(facts: &Repository<'_>, last: &Put, put: &Put) -> Steps {
    let mut steps = Steps::default();
    let mut times = vec![last.time, put.time];
    // Seconds are whole, so what shares one with the first put may have come before it. Docker's check
    // after its last upload often does, and would part the two tags of one push.
    let from = last.time + Seconds(1) + facts.skew;
    for digest in facts.tree(put) {
        for unit in units_between(facts, digest, from, put.time) {
            let unit = &facts.units[unit];
            if facts.lanes.compatible(unit.lane, put.lane) {
                steps.uploads |= unit.is_upload();
                steps.checks |= !unit.is_upload();
                times.push(unit.first);
            }
        }
    }
    times.sort_unstable();
    let pauses = times.windows(2).map(|pair| pair[1] - pair[0]);
    steps.longest_pause = pauses.max().unwrap_or_default();
    steps
}

/// Whether two finished uploads of one layer before two puts of one manifest show two jobs.
fn two_jobs(facts: &Repository<'_>, last: &Put, put: &Put) -> bool {
    facts.listed(put).any(|digest| {
        let units = facts.by_digest.of(digest);
        let before = units.partition_point(|&unit| facts.units[unit].first <= last.time);
        let latest = units[..before].iter().rev().take(RECENT_UPLOADS);
        let mut finished = latest.map(|&unit| &facts.units[unit]).filter(|unit| {
            unit.kind == UnitKind::Finished && facts.lanes.compatible(unit.lane, put.lane)
        });
        match (finished.next(), finished.next()) {
            // Both in flight at once: no run uploads one layer twice at a time.
            (Some(later), Some(earlier)) => later.first <= earlier.last,
            _ => false,
        }
    })
}

/// The units that name a digest and begin in a stretch of seconds, both ends included.
fn units_between<'a>(
    facts: &'a Repository<'_>,
    digest: DigestId,
    from: Second,
    to: Second,
) -> impl Iterator<Item = UnitIx> + use<'a> {
    let units = facts.by_digest.of(digest);
    let start = units.partition_point(|&unit| facts.units[unit].first < from);
    let units = units[start..].iter().copied();
    units.take_while(move |&unit| facts.units[unit].first <= to)
}

/// Whether a put answers another one that was just refused under the same tag: it is the older format of
/// a manifest whose format was refused, or by the clocks that manifest, logged after it; or it puts what
/// stands there already, which comes to nothing.
fn falls_back(facts: &Repository<'_>, before: PutIx, index: PutIx) -> bool {
    let (last, put) = (&facts.puts[before], &facts.puts[index]);
    let pause = put.time - last.time;
    let mut blobs = facts.listed(put);
    let shared = blobs.any(|blob| facts.listed(last).any(|other| other == blob));
    // Where clocks differ, the refusal may be logged after the put that answers it.
    let reversed = !put.accepted && pause <= facts.skew;
    let found_it = put.accepted && !put.granted && !last.accepted && pause <= RETRY_WAIT;
    let is_refused = (last.for_form && pause <= facts.idle) || (last.accepted && reversed);
    last.digest != put.digest && ((shared && is_refused) || found_it)
}

/// Takes into an index's run the children that the same login has just put for it.
fn take_children(
    facts: &Repository<'_>,
    assignment: &mut Assignment,
    of_digest: &RunsOf,
    run: RunIx,
    index: PutIx,
) {
    let put = &facts.puts[index];
    let Some(manifest) = facts.manifest(put) else {
        return;
    };
    let run = assignment.resolve(run);
    let mut children: Vec<(Second, RunIx, DigestId)> = Vec::new();
    for child in manifest.children() {
        let latest_by = |second: Second| {
            let mut known = of_digest.latest_first(child.digest).take(CANDIDATES);
            known.find_map(|other| {
                let other = assignment.resolve(other);
                let row = assignment.run(other);
                let fits = other != run && row.end <= second && may_be_child(facts, row, put);
                fits.then_some(other)
            })
        };
        // A child logged later than the clocks explain is more likely that of a next try.
        let found = latest_by(put.time + facts.skew).or_else(|| latest_by(put.time + SKEW));
        children.extend(found.map(|found| (assignment.run(found).end, found, child.digest)));
    }
    // From the latest back: each child that is taken in reaches further to the one before it.
    children.sort_unstable_by(|a, b| b.cmp(a));
    let mut reach = put.time;
    for (end, child, digest) in children {
        // A child from before an idle pause was put by an earlier try. Taken in, it would bring that try's
        // layers with it, and hide that the try died.
        let is_near = facts.activity.bridges(put.lane, end, reach)
            // Where no checks are logged, those between a child and its index look like a pause.
            || (!facts.shows_checks && reach - end <= SILENCE);
        if assignment.resolve(child) != child || !is_near {
            continue;
        }
        reach = reach.min(assignment.run(child).start);
        assignment.move_into(child, run, Some((index, Evidence::Child(digest))));
    }
}

/// Whether a run put nothing that stands for itself: no tag, by a login that may be the same.
fn may_be_child(facts: &Repository<'_>, run: &Run, index: &Put) -> bool {
    run.puts.iter().all(|&put| {
        let put = &facts.puts[put];
        put.tag.is_none() && facts.lanes.compatible(put.lane, index.lane)
    })
}

/// Several images put by digest close together, with no index over them: children of an index that
/// never came. What is about one of them (an attestation) goes with it.
fn gather_orphans(facts: &Repository<'_>, assignment: &mut Assignment) {
    let root = |assignment: &Assignment, run: RunIx| assignment.run(run).puts[0];
    let digest = |assignment: &Assignment, run: RunIx| facts.puts[root(assignment, run)].digest;
    let mut last: IdMap<Lane, RunIx> = IdMap::default();
    let mut group_of: IdMap<(Lane, DigestId), RunIx> = IdMap::default();
    for run in assignment.run_ids() {
        let row = assignment.run(run);
        if !facts.is_orphan(row) {
            continue;
        }
        let (lane, own) = (facts.lane(row), digest(assignment, run));
        let before = last.get(&lane).copied().filter(|&before| {
            let end = assignment.run(before).end;
            facts.activity.bridges(lane, end, row.start) && own != digest(assignment, before)
        });
        let group = before.unwrap_or(run);
        if group != run {
            let witness = (root(assignment, group), Evidence::Credential);
            assignment.move_into(run, group, Some(witness));
            assignment.lacks_index(group);
        }
        last.insert(lane, group);
        if let Some(digest) = own {
            group_of.insert((lane, digest), group);
        }
    }
    for run in assignment.run_ids() {
        let put = &facts.puts[root(assignment, run)];
        let subject = facts.manifest(put).and_then(|manifest| manifest.subject());
        let group = subject.filter(|_| put.tag.is_none()).and_then(|subject| {
            Some((*group_of.get(&(put.lane, subject.digest))?, subject.digest))
        });
        // One image and what is about it is whole: a client signs what it has put by digest.
        if let Some((group, digest)) = group
            && assignment.run(group).index_missing
            && (assignment.run(run).start - assignment.run(group).end).abs() <= facts.idle
        {
            let witness = (root(assignment, group), Evidence::Subject(digest));
            assignment.move_into(run, group, Some(witness));
            assignment.lacks_index(group);
        }
    }
}

/// The runs that put each manifest.
#[derive(Clone, Debug, Default)]
struct RunsOf {
    /// Of each digest the row of the latest run.
    latest: IdMap<DigestId, usize>,
    /// Runs, each with the row of the one before it that put the same.
    rows: Vec<(RunIx, Option<usize>)>,
}

impl RunsOf {
    fn add(&mut self, digest: DigestId, run: RunIx) {
        let before = self.latest.get(&digest).copied();
        if before.is_none_or(|before| self.rows[before].0 != run) {
            self.latest.insert(digest, self.rows.len());
            self.rows.push((run, before));
        }
    }

    /// The runs that put a manifest, the latest first.
    fn latest_first(&self, digest: DigestId) -> impl Iterator<Item = RunIx> + '_ {
        let latest = self.latest.get(&digest).copied();
        let rows = std::iter::successors(latest, |&row| self.rows[row].1);
        rows.map(|row| self.rows[row].0)
    }
}
