//! The wire between one client run and the registry.
//!
//! In: what the client asks, at which instant of which of its lanes. Out: the answer and when it came, and in
//! the end every call of the run. Faults are worked here; what to do about them is the client's affair.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::call::{Call, LoginId, PlaceId, Request, RunId, Stage};
use super::clock::Millis;
use super::content::{Blob, Digest, Manifest};
use super::fault::{Answer, Faults, Refusal, Retries, Target};
use super::random::Random;
use super::registry::Registry;

/// A call was refused at this instant, with this code.
#[derive(Clone, Copy)]
pub(crate) struct Refused {
    pub(crate) at: Millis,
    pub(crate) code: &'static str,
}

/// How fast the network is.
#[derive(Clone, Copy)]
pub(crate) struct Pace {
    pub(crate) bytes_per_milli: u64,
    /// What a call takes at least.
    pub(crate) latency: Millis,
}

/// Whose calls these are.
#[derive(Clone, Copy)]
pub(crate) struct Sender {
    pub(crate) run: RunId,
    pub(crate) login: LoginId,
    pub(crate) place: PlaceId,
    pub(crate) is_direct: bool,
}

/// The connection of one run.
pub(crate) struct Wire<'a> {
    pub(crate) random: Random,
    registry: &'a Registry,
    sender: Sender,
    root: Digest,
    faults: Faults,
    pace: Pace,
    /// What this run itself has brought into the registry, and when: the registry learns of it only when the
    /// run is over and it is known what a kill left of it.
    held: BTreeMap<Digest, Millis>,
    tagged: BTreeMap<String, Digest>,
    /// In which order each stage met its blobs or manifests.
    met: BTreeMap<(Stage, Digest), usize>,
    refused: BTreeMap<(Stage, Digest), u32>,
    n_stray_initiates: usize,
    /// By blob: attempts at uploading it so far, where attempts are to be lost.
    n_lost: BTreeMap<Digest, u32>,
    uploaded: BTreeSet<Digest>,
    calls: Vec<Call>,
}

impl<'a> Wire<'a> {
    /// Opens the wire for a run that is to end in `root`.
    pub(crate) fn new(
        random: Random,
        registry: &'a Registry,
        sender: Sender,
        root: &Manifest,
        faults: Faults,
        pace: Pace,
    ) -> Self {
        Wire {
            random,
            registry,
            sender,
            root: root.digest.clone(),
            faults,
            pace,
            held: BTreeMap::new(),
            tagged: BTreeMap::new(),
            met: BTreeMap::new(),
            refused: BTreeMap::new(),
            n_stray_initiates: 0,
            n_lost: BTreeMap::new(),
            uploaded: BTreeSet::new(),
            calls: Vec::new(),
        }
    }

    /// All calls of the run, in no particular order.
    pub(crate) fn into_calls(self) -> Vec<Call> {
        self.calls
    }

    /// Whether the run has uploaded anything so far.
    pub(crate) fn has_uploaded(&self) -> bool {
        !self.uploaded.is_empty()
    }

    /// Whether blob or manifest is in the repository, as the client would be told at `at`.
    pub(crate) fn holds(&self, digest: &Digest, at: Millis) -> bool {
        self.held.get(digest).is_some_and(|&since| since <= at)
            || self.registry.holds(self.sender.place, digest, at)
    }

    /// Whether `place`, another repository, has the blob.
    pub(crate) fn is_in(&self, place: PlaceId, digest: &Digest, at: Millis) -> bool {
        self.registry.holds(place, digest, at)
    }

    /// Whether the root stands under `tag` already.
    pub(crate) fn has_root(&self, tag: Option<&str>, at: Millis) -> bool {
        match tag {
            Some(tag) => self.registry.tagged(self.sender.place, tag, at) == Some(&self.root),
            None => self.holds(&self.root, at),
        }
    }

    /// Whether the blob could be mounted from `from`, and this registry does so.
    pub(crate) fn grants_mount(&self, from: Option<PlaceId>, digest: &Digest, at: Millis) -> bool {
        let place = &self.registry.places[self.sender.place];
        place.grants_mounts && from.is_some_and(|from| self.registry.holds(from, digest, at))
    }

    fn latency(&mut self) -> Millis {
        self.pace.latency + self.random.within(0, 2 * self.pace.latency)
    }

    fn record(&mut self, at: Millis, request: Request, about: Option<&Digest>) -> &mut Call {
        let Sender {
            run,
            login,
            place,
            is_direct,
        } = self.sender;
        let run = request.stage().map(|_| run);
        let about = about.cloned();
        let call = Call {
            at,
            run,
            login,
            place,
            is_direct,
            request,
            upload: None,
            about,
            error_code: None,
        };
        self.calls.push(call);
        self.calls.last_mut().expect("just pushed")
    }

    /// How the client tries again, if the scenario says so.
    pub(crate) fn retries(&self) -> Option<Retries> {
        self.faults.retries
    }

    /// `pause`, longer or shorter as the scenario allows.
    pub(crate) fn jittered(&mut self, pause: Millis) -> Millis {
        match self.faults.retries.map_or(0, |retries| retries.jitter) {
            0 => pause,
            percent => pause * (100 + self.random.within(-percent, percent)) / 100,
        }
    }

    /// A pause out of `bounds`; none where there are none.
    pub(crate) fn lull(&mut self, bounds: Option<(Millis, Millis)>) -> Millis {
        bounds.map_or(0, |(least, most)| self.random.within(least, most))
    }

    /// What the scenario's refusals say to this attempt.
    fn fault(&mut self, stage: Stage, about: &Digest, at: Millis) -> Option<Answer> {
        if let Some((until, code)) = self.faults.closed_until
            && at < until
        {
            return Some(Answer::Error(code));
        }
        let n_met = self.met.keys().filter(|(of, _)| *of == stage).count();
        let nth = *self.met.entry((stage, about.clone())).or_insert(n_met);
        let is_root = *about == self.root;
        let refusal: &Refusal = self.faults.refusals.iter().find(|refusal| {
            refusal.stage == stage
                && match refusal.target {
                    Target::Every => true,
                    Target::Nth(n) => n == nth,
                    Target::Root => is_root,
                }
        })?;
        let n_refused = self.refused.entry((stage, about.clone())).or_default();
        *n_refused = n_refused.saturating_add(1);
        (*n_refused <= refusal.n_times).then_some(refusal.answer)
    }

    fn refusal_code(&mut self, stage: Stage, about: &Digest, at: Millis) -> Option<&'static str> {
        match self.fault(stage, about, at) {
            Some(Answer::Error(code)) => Some(code),
            Some(Answer::StoredButError | Answer::StoredButLost) => Some("ServerException"),
            None => None,
        }
    }

    /// Asks after blobs in one call; says whether all are there. The answer is about the first of them.
    pub(crate) fn check(
        &mut self,
        start: Millis,
        digests: &[&Digest],
    ) -> Result<(Millis, bool), Refused> {
        let at = start + self.latency() / 2;
        let about = digests[0];
        let code = self.refusal_code(Stage::Check, about, at);
        let digests: Vec<Digest> = digests.iter().map(|digest| Digest::clone(digest)).collect();
        let all_held = digests.iter().all(|digest| self.holds(digest, at));
        self.record(at, Request::Check { digests }, Some(about))
            .error_code = code;
        match code {
            Some(code) => Err(Refused { at, code }),
            None => Ok((at, all_held)),
        }
    }

    /// Reads a manifest, which is an event but part of no push.
    pub(crate) fn read(&mut self, start: Millis, reference: &str) -> Millis {
        let at = start + self.latency() / 2;
        self.record(
            at,
            Request::Read {
                reference: reference.to_owned(),
            },
            None,
        );
        at
    }

    /// Asks after a blob in `place`, another repository, and is refused with `code` if there is one.
    pub(crate) fn probe(
        &mut self,
        start: Millis,
        place: PlaceId,
        blob: &Blob,
        code: Option<&'static str>,
    ) -> Millis {
        let at = start + self.latency() / 2;
        let digests = vec![blob.digest.clone()];
        let call = self.record(at, Request::Check { digests }, Some(&blob.digest));
        call.place = place;
        call.error_code = code;
        at
    }

    /// Begins an upload that nothing follows: a mount that was not granted and is then given up.
    pub(crate) fn begin_only(&mut self, start: Millis, blob: &Blob) -> Result<Millis, Refused> {
        Ok(self.initiate(start, blob)?.0)
    }

    /// An attempt of which the client never hears again, if this is to be one: when it gave up waiting.
    fn lose(&mut self, start: Millis, blob: &Blob, part_bytes: u64) -> Result<(), Refused> {
        let Some(lost) = self.faults.lost else {
            return Ok(());
        };
        let is_new = !self.n_lost.contains_key(&blob.digest);
        if is_new && self.n_lost.len() >= lost.n_blobs {
            return Ok(());
        }
        let n_tries = self.n_lost.entry(blob.digest.clone()).or_default();
        if *n_tries >= lost.n_attempts {
            return Ok(());
        }
        *n_tries += 1;
        let (mut at, upload) = self.initiate(start, blob)?;
        if self.random.percent(lost.parts) && blob.size > part_bytes {
            at = self.part(at, blob, &upload, (0, part_bytes - 1))?;
        }
        at += self.random.within(lost.patience / 10, lost.patience);
        Err(Refused { at, code: "lost" })
    }

    /// Uploads one blob in parts of `part_bytes`, under a new uploadId.
    pub(crate) fn upload(
        &mut self,
        start: Millis,
        blob: &Blob,
        part_bytes: u64,
    ) -> Result<Millis, Refused> {
        let mut at = start;
        self.lose(at, blob, part_bytes)?;
        if self.n_stray_initiates < self.faults.stray_initiates {
            self.n_stray_initiates += 1;
            at = self.initiate(at, blob)?.0 + 100;
        }
        let (initiated, upload) = self.initiate(at, blob)?;
        at = initiated;
        let mut first = 0;
        while first < blob.size.max(1) {
            let last = (first + part_bytes).min(blob.size.max(1)) - 1;
            at = self.part(at, blob, &upload, (first, last))?;
            first = last + 1;
        }
        self.complete(at, blob, &upload)
    }

    fn initiate(&mut self, start: Millis, blob: &Blob) -> Result<(Millis, String), Refused> {
        let at = start + self.latency();
        let code = self.refusal_code(Stage::Initiate, &blob.digest, at);
        let upload = self.random.uuid();
        let call = self.record(at, Request::Initiate, Some(&blob.digest));
        call.error_code = code;
        if let Some(code) = code {
            return Err(Refused { at, code });
        }
        call.upload = Some(upload.clone());
        Ok((at, upload))
    }

    fn part(
        &mut self,
        start: Millis,
        blob: &Blob,
        upload: &str,
        bounds: (u64, u64),
    ) -> Result<Millis, Refused> {
        let (first, last) = bounds;
        let transfer = (last + 1 - first) / self.pace.bytes_per_milli;
        let mut at =
            start + self.latency() + Millis::try_from(transfer).expect("a part takes no age");
        let code = self.refusal_code(Stage::Part, &blob.digest, at);
        if let Some(stall) = self.faults.stall
            && self.met.get(&(Stage::Part, blob.digest.clone())) == Some(&stall.upload)
        {
            at += stall.silence;
            self.faults.stall = None;
        }
        let call = self.record(at, Request::Part { first, last }, Some(&blob.digest));
        call.upload = Some(upload.to_owned());
        call.error_code = code;
        match code {
            Some(code) => Err(Refused { at, code }),
            None => Ok(at),
        }
    }

    fn complete(&mut self, start: Millis, blob: &Blob, upload: &str) -> Result<Millis, Refused> {
        let at = start + 2 * self.latency();
        let mut code = self.refusal_code(Stage::Complete, &blob.digest, at);
        let is_refused = code.is_some();
        if !is_refused && self.registry.reports_existing_layers && self.holds(&blob.digest, at) {
            code = Some(super::call::LAYER_EXISTS);
        }
        let request = Request::Complete {
            digest: blob.digest.clone(),
        };
        let call = self.record(at, request, Some(&blob.digest));
        call.upload = Some(upload.to_owned());
        call.error_code = code;
        match code {
            Some(code) if is_refused => Err(Refused { at, code }),
            Some(_) | None => {
                self.held.entry(blob.digest.clone()).or_insert(at);
                self.uploaded.insert(blob.digest.clone());
                Ok(at)
            }
        }
    }

    /// Puts a manifest, under `tag` or by its digest alone.
    pub(crate) fn put(
        &mut self,
        start: Millis,
        manifest: &Rc<Manifest>,
        tag: Option<&str>,
    ) -> Result<Millis, Refused> {
        let at = start + 2 * self.latency();
        let refused_tag = self
            .faults
            .refused_tags
            .iter()
            .find(|(refused, _)| Some(refused.as_str()) == tag)
            .map(|(_, code)| Answer::Error(code));
        let fault = refused_tag.or_else(|| self.fault(Stage::Put, &manifest.digest, at));
        let objection = self.objection(manifest, tag, at);
        let (recorded, told) = match fault {
            Some(Answer::Error(code)) => (Some(code), Some(code)),
            Some(Answer::StoredButError) => (Some("ServerException"), Some("ServerException")),
            Some(Answer::StoredButLost) => (objection, Some("ServerException")),
            // The registry's front answers 201 where the image is there already.
            None => (
                objection,
                objection.filter(|code| *code != super::call::IMAGE_EXISTS),
            ),
        };
        let request = Request::Put {
            manifest: Rc::clone(manifest),
            tag: tag.map(str::to_owned),
        };
        self.record(at, request, Some(&manifest.digest)).error_code = recorded;
        let is_stored = !matches!(fault, Some(Answer::Error(_)));
        if is_stored && told != Some("ImageTagAlreadyExistsException") {
            self.held.entry(manifest.digest.clone()).or_insert(at);
            if let Some(tag) = tag {
                self.tagged.insert(tag.to_owned(), manifest.digest.clone());
            }
        }
        match told {
            Some(code) => Err(Refused { at, code }),
            None => Ok(at),
        }
    }

    fn objection(
        &self,
        manifest: &Manifest,
        tag: Option<&str>,
        at: Millis,
    ) -> Option<&'static str> {
        let is_repeated = match tag {
            Some(tag) => self.tagged.get(tag) == Some(&manifest.digest),
            None => self.held.contains_key(&manifest.digest),
        };
        if is_repeated {
            return Some(super::call::IMAGE_EXISTS);
        }
        self.registry
            .objection(self.sender.place, &manifest.digest, tag, at)
    }
}
