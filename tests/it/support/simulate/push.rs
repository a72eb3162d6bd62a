//! The engine: one run of any client, from its first check to its last manifest.
//!
//! In: a client's habits, what to push and the wire to push it over. Out: when the run ended, and how. The
//! calls stay with the wire. Lanes are parallel connections: each has a clock of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::call::{PlaceId, is_final};
use super::clock::Millis;
use super::content::{Blob, Digest, Manifest};
use super::habits::{Checks, ConfigOrder, Habits, SecondName, TreeOrder, Unchanged};
use super::wire::{Refused, Wire};

/// What a run is to do.
#[derive(Clone)]
pub(crate) struct Order {
    pub(crate) root: Rc<Manifest>,
    /// None: the root is pushed by its digest.
    pub(crate) tags: Vec<String>,
    /// An older form of the root, put at once under the same tag where the root is refused.
    pub(crate) fallback: Option<Rc<Manifest>>,
    /// Puts the root alone: a retag, a promotion, an index over children that others put.
    pub(crate) puts_only: bool,
    /// Where the client hopes to mount blobs from.
    pub(crate) mount_from: Option<PlaceId>,
    /// Blobs that this machine remembers having pushed to the repository.
    pub(crate) remembered: BTreeSet<Digest>,
    /// The blobs are known to be there from the run before: only this much is asked, then the root is put.
    pub(crate) second_look: Option<SecondName>,
    pub(crate) probe: Option<Probe>,
    pub(crate) lulls: Lulls,
    /// Puts the other tags when one was refused.
    pub(crate) goes_on_over_tags: bool,
}

/// Another repository, after whose blobs the client asks before it uploads its own.
#[derive(Clone, Copy)]
pub(crate) struct Probe {
    pub(crate) place: PlaceId,
    /// What it is refused with there, if it is.
    pub(crate) code: Option<&'static str>,
}

/// Pauses in which the client does nothing that the log shows; each drawn between two bounds.
#[derive(Clone, Copy, Default)]
pub(crate) struct Lulls {
    pub(crate) before_uploads: Option<(Millis, Millis)>,
    /// Between two uploads of one lane.
    pub(crate) between_uploads: Option<(Millis, Millis)>,
    pub(crate) before_put: Option<(Millis, Millis)>,
    /// Between one name of the root and the next.
    pub(crate) between_names: Option<(Millis, Millis)>,
}

/// How a run ended, kills aside.
#[derive(Clone, Copy)]
pub(crate) struct Ended {
    pub(crate) at: Millis,
    /// The client gave up here: other lanes stop too.
    pub(crate) gave_up: bool,
}

/// Does the whole run.
pub(crate) fn push(wire: &mut Wire<'_>, habits: &Habits, order: &Order, start: Millis) -> Ended {
    match (Client { habits, order }).run(wire, start) {
        Ok(at) => Ended { at, gave_up: false },
        Err(refused) => Ended {
            at: refused.at,
            gave_up: true,
        },
    }
}

struct Client<'a> {
    habits: &'a Habits,
    order: &'a Order,
}

impl Client<'_> {
    fn run(&self, wire: &mut Wire<'_>, start: Millis) -> Result<Millis, Refused> {
        let Order {
            root,
            tags,
            puts_only,
            ..
        } = self.order;
        let first_tag = tags.first().map(String::as_str);
        let mut at = start;
        if let Some(look) = self.order.second_look {
            at = self.look(wire, at, look)?;
            return self.names(wire, at);
        }
        if *puts_only {
            if !self.habits.is_service {
                at = wire.read(at, &root.digest);
            }
            return self.names(wire, at);
        }
        let is_unchanged = wire.has_root(first_tag, at);
        if self.habits.unchanged == Unchanged::ReadsOnly {
            at = wire.read(at, first_tag.unwrap_or(&root.digest));
            if is_unchanged {
                return Ok(at);
            }
        }
        let nodes = root.bottom_up();
        let below = &nodes[..nodes.len() - 1];
        match self.habits.tree {
            TreeOrder::BlobsFirst => {
                at = self.blobs(wire, at, &nodes)?;
                if self.habits.unchanged == Unchanged::ChecksOnly
                    && is_unchanged
                    && !wire.has_uploaded()
                {
                    return Ok(at);
                }
                for child in below {
                    at = self.child(wire, at, child)?;
                }
            }
            TreeOrder::ChildWhole => {
                for child in below {
                    at = self.blobs(wire, at, std::slice::from_ref(child))?;
                    at = self.child(wire, at, child)?;
                }
                at = self.blobs(wire, at, std::slice::from_ref(root))?;
            }
        }
        self.names(wire, at)
    }

    /// Puts the root under every name.
    fn names(&self, wire: &mut Wire<'_>, start: Millis) -> Result<Millis, Refused> {
        let Order {
            root, tags, lulls, ..
        } = self.order;
        let start = start + wire.lull(lulls.before_put);
        let Some((first, others)) = tags.split_first() else {
            return self.put(wire, start, root, None);
        };
        let mut at = start;
        if self.habits.puts_digest_first {
            at = self.put(wire, at, root, None)?;
            at = wire.read(at, &root.digest) + wire.lull(lulls.between_names);
        }
        let mut refused = None;
        let goes_on = self.order.goes_on_over_tags;
        match (self.put(wire, at, root, Some(first)), &self.order.fallback) {
            (Err(refused), Some(older)) => at = self.put(wire, refused.at, older, Some(first))?,
            (Err(refusal), None) if goes_on => {
                at = refusal.at;
                refused = Some(refusal);
            }
            (answer, _) => at = answer?,
        }
        for tag in others {
            at += wire.lull(lulls.between_names);
            if !self.order.puts_only {
                at = self.look(wire, at, self.habits.second_name)?;
            }
            match self.put(wire, at, root, Some(tag)) {
                Err(refusal) if goes_on => {
                    at = refusal.at;
                    refused = Some(refusal);
                }
                answer => at = answer?,
            }
        }
        refused.map_or(Ok(at), |refused| Err(Refused { at, ..refused }))
    }

    /// What a second name for the same image costs before it is put.
    fn look(
        &self,
        wire: &mut Wire<'_>,
        start: Millis,
        look: SecondName,
    ) -> Result<Millis, Refused> {
        let blobs = distinct_blobs(&self.order.root.bottom_up());
        let looked_at: Vec<&Blob> = match look {
            SecondName::PutOnly => Vec::new(),
            SecondName::ConfigCheck => blobs.iter().filter(|blob| blob.is_config).take(1).collect(),
            SecondName::AllChecks => blobs.iter().collect(),
        };
        let mut last = start;
        for blob in looked_at {
            last = last.max(wire.check(start, &[&blob.digest])?.0);
        }
        Ok(last)
    }

    /// Puts a manifest below the root, unless the client sees that it is there.
    fn child(
        &self,
        wire: &mut Wire<'_>,
        start: Millis,
        child: &Rc<Manifest>,
    ) -> Result<Millis, Refused> {
        if self.habits.unchanged != Unchanged::PutsAgain && wire.holds(&child.digest, start) {
            return Ok(wire.read(start, &child.digest));
        }
        self.put(wire, start, child, None)
    }

    fn put(
        &self,
        wire: &mut Wire<'_>,
        start: Millis,
        manifest: &Rc<Manifest>,
        tag: Option<&str>,
    ) -> Result<Millis, Refused> {
        let retries = wire.retries();
        let mut pauses = match retries {
            Some(retries) if !self.habits.put_retries.is_empty() => retries.pauses,
            Some(_) | None => self.habits.put_retries,
        }
        .iter();
        let mut at = start;
        loop {
            let refused = match wire.put(at, manifest, tag) {
                Ok(done) => return Ok(done),
                Err(refused) => refused,
            };
            match pauses.next() {
                Some(pause) if retries.is_some() || !is_final(refused.code) => {
                    at = refused.at + wire.jittered(*pause);
                }
                Some(_) | None => return Err(refused),
            }
        }
    }

    /// Brings all blobs of `nodes` into the repository, over as many lanes as the client has.
    fn blobs(
        &self,
        wire: &mut Wire<'_>,
        start: Millis,
        nodes: &[Rc<Manifest>],
    ) -> Result<Millis, Refused> {
        let blobs = distinct_blobs(nodes);
        let answers = self.ask_first(wire, start, &blobs)?;
        let after_checks = answers.values().map(|(at, _)| *at).max().unwrap_or(start);
        let missing = |blob: &&Blob| {
            answers
                .get(&blob.digest)
                .is_none_or(|(_, is_held)| !is_held)
        };
        let n_workers = if nodes.len() > 1 {
            self.habits.n_workers_of_index
        } else {
            self.habits.n_workers
        };
        let is_among = self.habits.config == ConfigOrder::Among;
        let (together, configs): (Vec<&Blob>, Vec<&Blob>) = blobs
            .iter()
            .filter(missing)
            .partition(|blob| is_among || !blob.is_config);
        let lanes_start = match self.habits.checks {
            // The uploads begin as the answers come in.
            Checks::Burst => answers.values().map(|(at, _)| *at).min().unwrap_or(start),
            Checks::Never
            | Checks::Known
            | Checks::Each { .. }
            | Checks::Uncompressed
            | Checks::Batch => after_checks,
        };
        let lulls = self.order.lulls;
        let has_asked = matches!(self.habits.checks, Checks::Burst | Checks::Batch);
        let lull = lulls.before_uploads.filter(|_| has_asked);
        let lanes_start = lanes_start + wire.lull(lull);
        let mut at = self.lanes(wire, lanes_start, n_workers, &together)?;
        at += wire.lull(lulls.between_uploads);
        self.lanes(wire, at.max(after_checks), 1, &configs)
    }

    /// The checks of clients that ask after everything before they do anything: digest to answer.
    fn ask_first(
        &self,
        wire: &mut Wire<'_>,
        start: Millis,
        blobs: &[Blob],
    ) -> Result<BTreeMap<Digest, (Millis, bool)>, Refused> {
        let mut answers = BTreeMap::new();
        match self.habits.checks {
            Checks::Burst => {
                for blob in blobs {
                    let began = start + wire.random.within(0, 80);
                    answers.insert(blob.digest.clone(), wire.check(began, &[&blob.digest])?);
                }
            }
            Checks::Batch => {
                let digests: Vec<&Digest> = blobs.iter().map(|blob| &blob.digest).collect();
                if !digests.is_empty() {
                    let (at, _) = wire.check(start, &digests)?;
                    answers = digests
                        .into_iter()
                        .map(|d| (d.clone(), (at, wire.holds(d, at))))
                        .collect();
                }
            }
            Checks::Never | Checks::Known | Checks::Each { .. } | Checks::Uncompressed => {}
        }
        Ok(answers)
    }

    /// Works through `blobs` on `n_lanes` lanes, each blob on the lane that is free first. A refusal that the
    /// client cannot get over ends the run at that instant, with what other lanes did until then.
    fn lanes(
        &self,
        wire: &mut Wire<'_>,
        start: Millis,
        n_lanes: usize,
        blobs: &[&Blob],
    ) -> Result<Millis, Refused> {
        let mut lanes = vec![start; n_lanes.min(blobs.len())];
        let mut end: Option<Refused> = None;
        let mut is_last = false;
        for blob in blobs {
            let free = (0..lanes.len())
                .min_by_key(|&lane| lanes[lane])
                .expect("a blob has a lane");
            match &mut end {
                Some(refused) if self.habits.goes_on_after_refusal && !is_last => {
                    is_last = true;
                    lanes[free] = refused.at;
                }
                Some(refused) if lanes[free] >= refused.at => break,
                Some(_) | None => {}
            }
            match self.ensure(wire, lanes[free], blob) {
                Ok(at) => {
                    lanes[free] = at + wire.lull(self.order.lulls.between_uploads);
                    if let Some(refused) = &mut end
                        && is_last
                    {
                        refused.at = refused.at.max(at);
                    }
                }
                Err(refused) => {
                    lanes[free] = refused.at;
                    end = end
                        .filter(|earlier| earlier.at <= refused.at)
                        .or(Some(refused));
                }
            }
        }
        end.map_or(Ok(lanes.into_iter().max().unwrap_or(start)), Err)
    }

    /// Brings one blob into the repository, with as many attempts as the client makes.
    fn ensure(&self, wire: &mut Wire<'_>, start: Millis, blob: &Blob) -> Result<Millis, Refused> {
        if wire.grants_mount(self.order.mount_from, &blob.digest, start) {
            return Ok(start + 50);
        }
        let mut at = start;
        if let Some(Probe { place, code }) = self.order.probe {
            at = wire.probe(at, place, blob, code);
            if code.is_none() && wire.grants_mount(Some(place), &blob.digest, at) {
                return Ok(at + 50);
            }
            if code.is_none() && wire.is_in(place, &blob.digest, at) {
                at = wire.begin_only(at, blob)?;
            }
        }
        let retries = wire.retries();
        let pauses = retries.map_or(self.habits.blob_retries, |retries| retries.pauses);
        let mut pauses = pauses.iter();
        let mut is_first = true;
        loop {
            let refused = match self.attempt(wire, at, blob, is_first) {
                Ok(done) => return Ok(done),
                Err(refused) => refused,
            };
            is_first = false;
            match pauses.next() {
                Some(pause) if retries.is_some() || !is_final(refused.code) => {
                    at = refused.at + wire.jittered(*pause);
                }
                Some(_) | None => return Err(refused),
            }
        }
    }

    fn attempt(
        &self,
        wire: &mut Wire<'_>,
        start: Millis,
        blob: &Blob,
        is_first: bool,
    ) -> Result<Millis, Refused> {
        let is_silent = wire.retries().is_some_and(|retries| !retries.checks_again);
        let (at, is_held) = if is_silent && !is_first {
            (start, false)
        } else {
            self.ask(wire, start, blob, is_first)?
        };
        if is_held {
            return Ok(at);
        }
        let has_asked_here = !matches!(self.habits.checks, Checks::Burst | Checks::Batch);
        let lull = self.order.lulls.before_uploads.filter(|_| has_asked_here);
        let at = at + wire.lull(lull);
        let at = wire.upload(at, blob, self.habits.part_bytes)?;
        if self.habits.checks_after {
            return Ok(wire.check(at, &[&blob.digest])?.0);
        }
        Ok(at)
    }

    /// Asks after one blob as the client does; says whether it is there.
    fn ask(
        &self,
        wire: &mut Wire<'_>,
        start: Millis,
        blob: &Blob,
        is_first: bool,
    ) -> Result<(Millis, bool), Refused> {
        let is_remembered = self.order.remembered.contains(&blob.digest);
        match self.habits.checks {
            Checks::Never => Ok((start, false)),
            Checks::Known if is_remembered || blob.is_config => wire.check(start, &[&blob.digest]),
            Checks::Known => Ok((start, false)),
            Checks::Each { if_missing } => {
                let mut answer = wire.check(start, &[&blob.digest])?;
                for _ in 1..if_missing {
                    if !answer.1 {
                        answer = wire.check(answer.0, &[&blob.digest])?;
                    }
                }
                Ok(answer)
            }
            Checks::Uncompressed if is_remembered => wire.check(start, &[&blob.digest]),
            Checks::Uncompressed => wire.check(start, &[&blob.uncompressed]),
            // Asked at the start of the run; a retry asks again.
            Checks::Burst | Checks::Batch if is_first => Ok((start, false)),
            Checks::Burst | Checks::Batch => wire.check(start, &[&blob.digest]),
        }
    }
}

/// The blobs of `nodes`, each once, in the order listed.
fn distinct_blobs(nodes: &[Rc<Manifest>]) -> Vec<Blob> {
    let mut seen = BTreeSet::new();
    let all = nodes.iter().flat_map(|node| &node.blobs);
    all.filter(|blob| seen.insert(blob.digest.clone()))
        .cloned()
        .collect()
}
