//! Runs, formed from their manifests first.
//!
//! Comes in: the `PutImage`s of one repository and its units. Goes out: one run for each root manifest,
//! with its repetitions, its other tags and its children. Never: an upload or a check; those are claimed
//! afterwards.

use crate::event::intern::id_type;
use crate::event::{DigestId, IdMap, IdSet, Second, Seconds, TextId};
use crate::graph::Evidence;
use crate::session::own::assignment::Assignment;
use crate::session::own::id_vec::IdVec;
use crate::session::own::lane::Lane;
use crate::session::own::party::PartyWork;
use crate::session::own::run::{Run, RunIx, Witness};
use crate::session::own::thresholds::{
    CANDIDATES, NAMING, RECENT_UPLOADS, REPEATED_PUT, RETRY_WAIT, SILENCE, SKEW,
};
use crate::session::own::unit::{Put, PutIx, UnitIx, UnitKind};

/// Forms the runs.
///
/// # Complexity
/// O(p (b + log u)) for p puts of manifests with b blobs or children, among u units.
pub(super) fn form(work: &PartyWork<'_>, assignment: &mut Assignment) {
    let mut of_digest = RunsOf::default();
    let mut latest_of_tag: IdMap<(Lane, TextId), (RunIx, PutIx)> = IdMap::default();
    let mut named = TagsPut::default();
    let mut run_of = Vec::with_capacity(work.puts.iter().len());
    for (index, put) in work.puts.entries() {
        // The latest run comes first, as a loop over tags returns to the image that it has just put. A
        // manifest put again belongs to the run that put it, before anything else: the digest is proof, a
        // tag is not.
        let same = put.digest.and_then(|digest| {
            let mut known = of_digest.latest_first(digest).take(CANDIDATES);
            known.find_map(|run| {
                let same_tag = named.contains(&(run, digest, put.tag));
                let witness = repeats(work, assignment.run(run), index, same_tag)?;
                Some((run, witness))
            })
        });
        // A put that answers a refusal has another digest, so only the tag shows what it answers.
        let fallback = || {
            let &(run, before) = latest_of_tag.get(&(put.lane, put.tag?))?;
            falls_back(work, before, index).then_some((run, (before, Evidence::Fallback)))
        };
        let run = match same.or_else(fallback) {
            Some((run, witness)) => {
                assignment.add_put(work, index, run, witness);
                run
            }
            None => assignment.begin(work, index),
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
    // Children wait until all runs are formed, since by the clocks an index may be logged before its
    // child.
    for (run, index) in run_of {
        take_children(work, assignment, &of_digest, run, index);
    }
    gather_orphans(work, assignment);
}

/// The tags under which runs put manifests.
type TagsPut = IdSet<(RunIx, DigestId, Option<TextId>)>;

/// Whether a put continues a run that put the same manifest: a retry, a repetition or another tag.
/// `same_tag` says whether the run put it under this tag. Returns the put that it follows.
fn repeats(work: &PartyWork<'_>, run: &Run, index: PutIx, same_tag: bool) -> Option<Witness> {
    let put = &work.puts[index];
    let digest = put.digest?;
    let mut known = run.puts.iter().rev();
    // Only the last put of the manifest is compared, as a run may repeat itself all day.
    let &before = known.find(|&&other| work.puts[other].digest == put.digest)?;
    let last = &work.puts[before];
    if !work.lanes.compatible(last.lane, put.lane) {
        return None;
    }
    let steps = steps_between(work, last, put);
    // A client whose put was refused puts again; two jobs at once need not both be refused.
    let tries_again = same_tag && !last.accepted;
    // No client sends a blob between two names of one image, so one that does has started anew. Two jobs
    // that build one commit also put the same manifest; they show by the layer that both were sending.
    let continues = if steps.uploads || (!tries_again && two_jobs(work, last, put)) {
        false
    } else if !same_tag {
        // Helm puts a chart by digest, reads it back, and then puts it by its tag.
        let names_it = (last.tag.is_none() || !last.accepted) && !steps.checks;
        let patience = if names_it {
            NAMING + work.skew
        } else {
            work.idle
        };
        // A refused tag does not stop a client from putting its others.
        steps.longest_pause <= patience
    } else if steps.checks && !(tries_again && put.time - last.time <= work.idle) {
        // Within a client's shortest wait, the checks may be those for its next tag.
        false
    } else {
        // If no checks are logged, silence between two puts proves nothing.
        let patience = match (work.shows_checks, last.accepted) {
            (false, _) => SILENCE,
            (true, true) => REPEATED_PUT,
            (true, false) => work.window,
        };
        put.time - last.time <= patience
    };
    continues.then_some((before, Evidence::SameManifest(digest)))
}

/// What a login did between two puts.
#[derive(Clone, Copy, Debug, Default)]
struct WorkBetween {
    /// Whether it checked blobs of the manifest.
    checks: bool,
    /// Whether it started an upload of one.
    uploads: bool,
    /// The longest silence.
    longest_pause: Seconds,
}

/// The login's work on a manifest's blobs between two puts of it.
fn steps_between(work: &PartyWork<'_>, last: &Put, put: &Put) -> WorkBetween {
    let mut steps = WorkBetween::default();
    // The puts bound the work between them, so silence before the second one counts.
    let mut times = vec![last.time, put.time];
    // Seconds are whole, so work in the second of the first put may have come before it. Docker's check
    // after its last upload often does, and would separate the two tags of one push.
    let from = last.time + Seconds(1) + work.skew;
    for digest in work.tree(put) {
        let is_before = |unit: UnitIx| work.units[unit].first < from;
        let (_, units) = work.by_digest.around(digest, is_before);
        let units = units.map(|unit| &work.units[unit]);
        for unit in units.take_while(|unit| unit.first <= put.time) {
            if work.lanes.compatible(unit.lane, put.lane) {
                // Checks and uploads mean different things: BuildKit checks all blobs before each of its
                // tags, and sends none.
                steps.uploads |= unit.is_upload();
                steps.checks |= !unit.is_upload();
                times.push(unit.first);
            }
        }
    }
    // Units come by digest, and several blobs are in flight at once.
    times.sort_unstable();
    let pauses = times.windows(2).map(|pair| pair[1] - pair[0]);
    steps.longest_pause = pauses.max().unwrap_or_default();
    steps
}

/// Whether two finished uploads of one layer before two puts of one manifest show two jobs.
fn two_jobs(work: &PartyWork<'_>, last: &Put, put: &Put) -> bool {
    work.listed(put).any(|digest| {
        let is_before = |unit: UnitIx| work.units[unit].first <= last.time;
        let (latest, _) = work.by_digest.around(digest, is_before);
        let latest = latest.take(RECENT_UPLOADS).map(|unit| &work.units[unit]);
        let mut finished = latest.filter(|unit| {
            unit.kind == UnitKind::Finished && work.lanes.compatible(unit.lane, put.lane)
        });
        match (finished.next(), finished.next()) {
            // Both were in flight at once, and no run uploads one layer twice at a time.
            (Some(later), Some(earlier)) => later.first <= earlier.last,
            _ => false,
        }
    })
}

/// Whether a put answers another that was just refused under the same tag. Either it is the older format
/// of a manifest whose format was refused, or (by the clocks) that manifest, logged after it. Or it puts
/// what the tag already points to, which changes nothing.
fn falls_back(work: &PartyWork<'_>, before: PutIx, index: PutIx) -> bool {
    let (last, put) = (&work.puts[before], &work.puts[index]);
    let pause = put.time - last.time;
    // Both forms list the same blobs; an image with the same tag that shares none is another image.
    let mut blobs = work.listed(put);
    let shared = blobs.any(|blob| work.listed(last).any(|other| other == blob));
    // If clocks differ, the refusal may be logged after the put that answers it.
    let reversed = !put.accepted && pause <= work.skew;
    // A refused client's put that changes nothing is harmless, so this is no run that succeeded.
    let found_it = put.accepted && !put.granted && !last.accepted && pause <= RETRY_WAIT;
    let is_refused = (last.for_form && pause <= work.idle) || (last.accepted && reversed);
    last.digest != put.digest && ((shared && is_refused) || found_it)
}

/// Takes into an index's run the children that the same login has just put for it.
fn take_children(
    work: &PartyWork<'_>,
    assignment: &mut Assignment,
    of_digest: &RunsOf,
    run: RunIx,
    index: PutIx,
) {
    let put = &work.puts[index];
    // An index may itself be a child that was already taken in: BuildKit nests three levels.
    let run = assignment.resolve(run);
    let mut children: Vec<(Second, RunIx, Evidence)> = Vec::new();
    for listed in work.needs(put.event) {
        let Evidence::Child(child) = listed else {
            continue;
        };
        let latest_by = |second: Second| {
            let mut known = of_digest.latest_first(child).take(CANDIDATES);
            known.find_map(|other| {
                let other = assignment.resolve(other);
                let row = assignment.run(other);
                // A manifest put later than clocks ever differ is a later try, and no child of this index.
                let fits = other != run && row.end <= second && may_be_child(work, row, put);
                fits.then_some(other)
            })
        };
        // A child logged later than the clocks explain more likely belongs to the next try.
        let found = latest_by(put.time + work.skew).or_else(|| latest_by(put.time + SKEW));
        children.extend(found.map(|found| (assignment.run(found).end, found, listed)));
    }
    // From the latest backwards: each child that is taken in extends the reach to the one before it.
    children.sort_unstable_by(|a, b| b.cmp(a));
    let mut reach = put.time;
    for (end, child, listed) in children {
        // A child from before an idle pause was put by an earlier try. Taking it in would bring that try's
        // layers with it, and hide that the try died.
        let is_near = work.activity.bridges(put.lane, end, reach)
            // If no checks are logged, those between a child and its index look like a pause.
            || (!work.shows_checks && reach - end <= SILENCE);
        if assignment.resolve(child) != child || !is_near {
            continue;
        }
        // The work of a child fills the time before the index, so the next pause is measured from its
        // start.
        reach = reach.min(assignment.run(child).start);
        assignment.move_into(child, run, Some((index, listed)));
    }
}

/// Whether a run put nothing that stands alone: no tag, by a login that may be the same.
fn may_be_child(work: &PartyWork<'_>, run: &Run, index: &Put) -> bool {
    run.puts.iter().all(|&put| {
        let put = &work.puts[put];
        put.tag.is_none() && work.lanes.compatible(put.lane, index.lane)
    })
}

/// Joins images that were put by digest close together with no index over them: children of an index that
/// never came. A manifest about one of them (an attestation) goes with it.
fn gather_orphans(work: &PartyWork<'_>, assignment: &mut Assignment) {
    let root = |assignment: &Assignment, run: RunIx| assignment.run(run).puts[0];
    let digest = |assignment: &Assignment, run: RunIx| work.puts[root(assignment, run)].digest;
    // Only neighbours of one login are joined: in a matrix build of several jobs each has its own login.
    let mut last: IdMap<Lane, RunIx> = IdMap::default();
    let mut group_of: IdMap<(Lane, DigestId), RunIx> = IdMap::default();
    for run in assignment.run_ids() {
        let row = assignment.run(run);
        if !work.is_orphan(row) {
            continue;
        }
        let (lane, own) = (work.lane(row), digest(assignment, run));
        // One image put twice is not a second platform.
        let before = last.get(&lane).copied().filter(|&before| {
            let end = assignment.run(before).end;
            work.activity.bridges(lane, end, row.start) && own != digest(assignment, before)
        });
        let group = before.unwrap_or(run);
        if group != run {
            let witness = (root(assignment, group), Evidence::Credential);
            assignment.move_into(run, group, Some(witness));
            assignment.note_missing_index(group);
        }
        last.insert(lane, group);
        // Attestations name the child that they are about, which leads to its group.
        if let Some(digest) = own {
            group_of.insert((lane, digest), group);
        }
    }
    if group_of.is_empty() {
        return;
    }
    for run in assignment.run_ids() {
        let put = &work.puts[root(assignment, run)];
        let subject = work.needs(put.event);
        let subject = subject.filter(|evidence| matches!(evidence, Evidence::Subject(_)));
        let group = subject
            .last()
            .and_then(|subject| Some((*group_of.get(&(put.lane, subject.witness()?))?, subject)));
        // A single image and the manifests about it are whole: a client signs what it has put by digest.
        if let Some((group, subject)) = group.filter(|_| put.tag.is_none())
            && assignment.run(group).index_missing
            && (assignment.run(run).start - assignment.run(group).end).abs() <= work.idle
        {
            let witness = (root(assignment, group), subject);
            assignment.move_into(run, group, Some(witness));
            assignment.note_missing_index(group);
        }
    }
}

id_type! {
    /// A row of [`RunsOf`].
    RunOfIx
}

/// The runs that put each manifest.
#[derive(Clone, Debug, Default)]
struct RunsOf {
    /// For each digest, the row of the latest run.
    latest: IdMap<DigestId, RunOfIx>,
    /// Runs, each with the row of the previous run that put the same manifest.
    rows: IdVec<RunOfIx, (RunIx, Option<RunOfIx>)>,
}

impl RunsOf {
    fn add(&mut self, digest: DigestId, run: RunIx) {
        let before = self.latest.get(&digest).copied();
        if before.is_none_or(|before| self.rows[before].0 != run) {
            self.latest.insert(digest, self.rows.push((run, before)));
        }
    }

    /// The runs that put a manifest, the latest first.
    fn latest_first(&self, digest: DigestId) -> impl Iterator<Item = RunIx> + '_ {
        let latest = self.latest.get(&digest).copied();
        let rows = std::iter::successors(latest, |&row| self.rows[row].1);
        rows.map(|row| self.rows[row].0)
    }
}
