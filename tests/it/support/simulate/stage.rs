//! The stage on which a scenario plays: registries, principals, logins and the runs of clients.
//!
//! In: what a scenario orders, in the order in which the runs begin. Out: every call, and of every run what it
//! was for. A run sees what earlier runs had finished by then, so parallel runs do see each other.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::call::{Call, LAYER_EXISTS, LoginId, PlaceId, Request, RunId};
use super::clock::{BEGIN, HOUR, Millis, SECOND};
use super::content::{Blob, Digest, Manifest};
use super::fault::Faults;
use super::habits::{Checks, Habits, SecondName};
use super::identity::{Key, Kind, Principal};
use super::kill::survivors;
use super::push::{Ended, Lulls, Order, Probe, push};
use super::random::Random;
use super::registry::{Place, Registry, Service};
use super::wire::{Pace, Sender, Wire};

/// One login, or one credential used without any.
#[derive(Clone)]
pub(crate) struct Login {
    pub(crate) principal: Rc<Principal>,
    /// What the principal's own calls show.
    pub(crate) own: Key,
    /// What calls through the registry's front show.
    pub(crate) proxied: Key,
    /// The machine's address.
    pub(crate) address: String,
    pub(crate) user_agent: &'static str,
    /// What calls through the registry's front show of the client, with the machine's address; nothing where
    /// they show the front's marker.
    pub(crate) shown_agent: Option<&'static str>,
    /// The service that makes the calls on its own account.
    pub(crate) invoked_by: Option<&'static str>,
}

/// What happens beside the pushes and is worth a record.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Aside {
    /// Somebody makes the repository.
    CreatedByAdmin,
    /// ECR makes the repository, by a template, because somebody pushes to it.
    CreatedOnPush,
    /// An upstream image is fetched because somebody pulled it.
    PulledThrough,
    Replicated,
}

/// What a run was for.
pub(crate) struct Run {
    pub(crate) client: &'static str,
    pub(crate) login: LoginId,
    pub(crate) place: PlaceId,
    pub(crate) root: Rc<Manifest>,
    pub(crate) tags: Vec<String>,
    /// What the client puts in the root's place, should that be refused.
    pub(crate) fallback: Option<Rc<Manifest>>,
    /// The run that this one repeats because it had not succeeded.
    pub(crate) retry_of: Option<RunId>,
    /// The login was one of this log's records: its call's index.
    pub(crate) token: Option<usize>,
    /// The client came to its end, and its own repository refused it nothing.
    pub(crate) is_untroubled: bool,
    /// What it asked permission with may as well be told as a part of these.
    pub(crate) asked_for: Vec<RunId>,
    /// The run before it put the same manifest a moment ago: both may be told as one push.
    pub(crate) told_with: Option<RunId>,
    /// Nobody can say whether it used a token.
    pub(crate) is_token_open: bool,
}

/// Another credential in the middle of a run.
#[derive(Clone, Copy)]
pub(crate) struct Renewal {
    /// From this instant on calls are signed with it.
    pub(crate) from: Millis,
    pub(crate) login: LoginId,
    /// Uploads that were begun before are ended with the old one.
    pub(crate) spares_uploads: bool,
}

impl Renewal {
    fn sign(self, calls: &mut [Call]) {
        let is_begin =
            |call: &&Call| call.at < self.from && matches!(call.request, Request::Initiate);
        let begun: BTreeSet<String> = calls
            .iter()
            .filter(is_begin)
            .filter_map(|call| call.upload.clone())
            .collect();
        for call in calls.iter_mut().filter(|call| call.at >= self.from) {
            let is_begun = call
                .upload
                .as_ref()
                .is_some_and(|upload| begun.contains(upload));
            if !(self.spares_uploads && is_begun) {
                call.login = self.login;
            }
        }
    }
}

/// A run to be made. [`Job::new`] fills in what most runs do not vary.
#[derive(Clone)]
pub(crate) struct Job {
    pub(crate) habits: &'static Habits,
    pub(crate) login: LoginId,
    pub(crate) place: PlaceId,
    pub(crate) root: Rc<Manifest>,
    pub(crate) tags: Vec<String>,
    /// What to put in the root's place, should that be refused.
    pub(crate) fallback: Option<Rc<Manifest>>,
    pub(crate) start: Millis,
    pub(crate) faults: Faults,
    pub(crate) retry_of: Option<RunId>,
    pub(crate) puts_only: bool,
    pub(crate) mount_from: Option<PlaceId>,
    /// From this instant on calls are signed with another credential.
    pub(crate) renewal: Option<Renewal>,
    /// Runs on one machine remember what they pushed.
    pub(crate) machine: u64,
    pub(crate) bytes_per_milli: u64,
    /// When it began an upload that it never went on with, to see whether it may push.
    pub(crate) asked_at: Option<Millis>,
    /// It asks for permission and comes to nothing else: what was to be pushed could not be built.
    pub(crate) only_asks: bool,
    /// Other runs that the same permission was for.
    pub(crate) asked_for: Vec<RunId>,
    /// The run just before it that put the same manifest.
    pub(crate) told_with: Option<RunId>,
    /// What it asks where it knows that the blobs are there.
    pub(crate) second_look: Option<SecondName>,
    pub(crate) probe: Option<Probe>,
    pub(crate) lulls: Lulls,
    /// Puts the other tags when one was refused.
    pub(crate) goes_on_over_tags: bool,
    pub(crate) is_token_open: bool,
}

impl Job {
    /// A run of `habits` that pushes `root` under one tag.
    pub(crate) fn new(
        habits: &'static Habits,
        login: LoginId,
        place: PlaceId,
        root: &Rc<Manifest>,
        tag: &str,
        start: Millis,
    ) -> Self {
        Job {
            habits,
            login,
            place,
            root: Rc::clone(root),
            tags: vec![tag.to_owned()],
            fallback: None,
            start,
            faults: Faults::default(),
            retry_of: None,
            puts_only: false,
            mount_from: None,
            renewal: None,
            machine: 0,
            bytes_per_milli: 12_000,
            asked_at: None,
            only_asks: false,
            asked_for: Vec::new(),
            told_with: None,
            second_look: None,
            probe: None,
            lulls: Lulls::default(),
            goes_on_over_tags: false,
            is_token_open: false,
        }
    }
}

/// How a run went, for the scenario to go on from.
#[derive(Clone, Copy)]
pub(crate) struct Done {
    pub(crate) run: RunId,
    /// When its last call was answered.
    pub(crate) end: Millis,
    /// The client was neither killed nor did it give up.
    pub(crate) succeeded: bool,
}

/// Everything that happens.
pub(crate) struct Stage {
    pub(crate) random: Random,
    pub(crate) registry: Registry,
    pub(crate) logins: Vec<Login>,
    pub(crate) runs: Vec<Run>,
    pub(crate) calls: Vec<Call>,
    /// What happens beside them: when and where.
    pub(crate) asides: Vec<(Millis, PlaceId, Aside)>,
    /// The token call of each login that has one.
    tokens: BTreeMap<LoginId, usize>,
    /// What each machine has pushed where.
    memory: BTreeMap<(u64, PlaceId), BTreeSet<Digest>>,
}

impl Stage {
    /// An empty stage.
    pub(crate) fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let registry = Registry::new(random.percent(50));
        Stage {
            random,
            registry,
            logins: Vec::new(),
            runs: Vec::new(),
            calls: Vec::new(),
            asides: Vec::new(),
            tokens: BTreeMap::new(),
            memory: BTreeMap::new(),
        }
    }

    /// A private repository of `account` in `region`.
    pub(crate) fn repository(&mut self, account: &str, region: &str, name: &str) -> PlaceId {
        self.registry.add(Place {
            service: Service::Ecr,
            account: account.to_owned(),
            alias: String::new(),
            region: region.to_owned(),
            name: name.to_owned(),
            immutable: false,
            grants_mounts: false,
        })
    }

    /// A repository of the public gallery.
    pub(crate) fn public_repository(&mut self, account: &str, alias: &str, name: &str) -> PlaceId {
        let place = self.repository(account, "us-east-1", name);
        self.registry.places[place].service = Service::EcrPublic;
        alias.clone_into(&mut self.registry.places[place].alias);
        place
    }

    /// A principal of `account`.
    pub(crate) fn principal(&mut self, kind: Kind, account: &str, name: &str) -> Rc<Principal> {
        Rc::new(Principal::new(&mut self.random, kind, account, name))
    }

    /// A credential of `principal` without any login: what direct calls use, or pushes whose token was taken
    /// out of this log's sight.
    pub(crate) fn credential(
        &mut self,
        principal: &Rc<Principal>,
        at: Millis,
        habits: &Habits,
    ) -> LoginId {
        let own = principal.credential(&mut self.random, at);
        self.login_with(principal, own, at, habits)
    }

    fn login_with(
        &mut self,
        principal: &Rc<Principal>,
        own: Key,
        at: Millis,
        habits: &Habits,
    ) -> LoginId {
        let proxied = principal.proxied(&mut self.random, &own, at);
        let address = format!(
            "198.51.{}.{}",
            self.random.within(100, 103),
            self.random.within(1, 254)
        );
        let principal = Rc::clone(principal);
        self.logins.push(Login {
            principal,
            own,
            proxied,
            address,
            user_agent: habits.user_agent,
            shown_agent: None,
            invoked_by: None,
        });
        self.logins.len() - 1
    }

    /// The credential of `login` in the hands of another client on the same machine, which needs no token.
    pub(crate) fn beside(&mut self, login: LoginId, habits: &Habits) -> LoginId {
        let login = Login {
            user_agent: habits.user_agent,
            ..self.logins[login].clone()
        };
        self.logins.push(login);
        self.logins.len() - 1
    }

    /// The credential of `login` in the hands of a service.
    pub(crate) fn service(&mut self, login: LoginId, name: &'static str) -> LoginId {
        let login = Login {
            address: name.to_owned(),
            user_agent: name,
            invoked_by: Some(name),
            ..self.logins[login].clone()
        };
        self.logins.push(login);
        self.logins.len() - 1
    }

    /// A login at `at` for pushes to the region of `place`: a credential, and the token taken with it.
    pub(crate) fn login(
        &mut self,
        principal: &Rc<Principal>,
        place: PlaceId,
        at: Millis,
        habits: &Habits,
    ) -> LoginId {
        // A job takes up its role some time before it logs in.
        let assumed = at - self.random.within(2, 90) * SECOND;
        let own = principal.credential(&mut self.random, assumed);
        let login = self.login_with(principal, own, at, habits);
        self.token(login, place, at);
        login
    }

    /// Another login of the same job, with the credential it has.
    pub(crate) fn login_again(&mut self, login: LoginId, place: PlaceId, at: Millis) -> LoginId {
        let login = self.logins[login].clone();
        let proxied = login.principal.proxied(&mut self.random, &login.own, at);
        self.logins.push(Login { proxied, ..login });
        let again = self.logins.len() - 1;
        self.token(again, place, at);
        again
    }

    fn token(&mut self, login: LoginId, place: PlaceId, at: Millis) {
        self.tokens.insert(login, self.calls.len());
        self.calls.push(Call {
            at,
            run: None,
            login,
            place,
            is_direct: true,
            request: Request::Token,
            upload: None,
            about: None,
            error_code: None,
        });
    }

    /// Runs a client.
    pub(crate) fn run(&mut self, job: &Job) -> Done {
        let run = self.runs.len();
        let remembered = self
            .memory
            .get(&(job.machine, job.place))
            .cloned()
            .unwrap_or_default();
        let order = Order {
            root: Rc::clone(&job.root),
            tags: job.tags.clone(),
            fallback: job.fallback.clone(),
            puts_only: job.puts_only,
            mount_from: job.mount_from,
            remembered,
            second_look: job.second_look,
            probe: job.probe,
            lulls: job.lulls,
            goes_on_over_tags: job.goes_on_over_tags,
        };
        let latency = self.random.within(20, 90);
        let pace = Pace {
            bytes_per_milli: job.bytes_per_milli,
            latency,
        };
        let sender = Sender {
            run,
            login: job.login,
            place: job.place,
            is_direct: job.habits.is_direct,
        };
        let random = self.random.split();
        let mut wire = Wire::new(
            random,
            &self.registry,
            sender,
            &job.root,
            job.faults.clone(),
            pace,
        );
        let ended = if job.only_asks {
            Ended {
                at: job.start,
                gave_up: true,
            }
        } else {
            push(&mut wire, job.habits, &order, job.start)
        };
        let mut calls = survivors(wire.into_calls(), job, ended);
        if let Some(at) = job.asked_at {
            calls.push(Call {
                at,
                run: Some(run),
                login: job.login,
                place: job.place,
                is_direct: job.habits.is_direct,
                request: Request::Initiate,
                upload: Some(self.random.uuid()),
                about: None,
                error_code: None,
            });
        }
        if let Some(renewal) = job.renewal {
            renewal.sign(&mut calls);
        }
        let end = calls.iter().map(|call| call.at).max().unwrap_or(job.start);
        for call in &calls {
            self.registry.commit(call);
            if let Request::Complete { digest } = &call.request
                && call.holds()
                && matches!(job.habits.checks, Checks::Known | Checks::Uncompressed)
            {
                self.memory
                    .entry((job.machine, job.place))
                    .or_default()
                    .insert(digest.clone());
            }
        }
        let succeeded = !ended.gave_up && job.faults.kill.is_none();
        let is_refused = |call: &Call| call.place == job.place && !call.holds();
        let is_untroubled = succeeded && !calls.iter().any(is_refused);
        self.calls.extend(calls);
        self.runs.push(Run {
            client: job.habits.name,
            login: job.login,
            place: job.place,
            root: Rc::clone(&job.root),
            tags: job.tags.clone(),
            fallback: job.fallback.clone(),
            retry_of: job.retry_of,
            token: if job.habits.is_direct {
                None
            } else {
                self.tokens.get(&job.login).copied()
            },
            is_untroubled,
            asked_for: job.asked_for.clone(),
            told_with: job.told_with,
            is_token_open: job.is_token_open,
        });
        Done {
            run,
            end,
            succeeded,
        }
    }

    /// Of two uploads of one layer at once by `runs`, the later Complete is told that the layer is there.
    /// Runs do not see what later ones did before their own end, so this is put right afterwards.
    pub(crate) fn settle_twin_uploads(&mut self, runs: &[RunId]) {
        let mut ends: BTreeMap<(PlaceId, Digest), Vec<usize>> = BTreeMap::new();
        for (number, call) in self.calls.iter().enumerate() {
            if let Request::Complete { digest } = &call.request
                && call.holds()
                && call.run.is_some_and(|run| runs.contains(&run))
            {
                let key = (call.place, digest.clone());
                ends.entry(key).or_default().push(number);
            }
        }
        for mut twins in ends.into_values() {
            twins.sort_by_key(|&number| self.calls[number].at);
            for (nth, number) in twins.into_iter().enumerate() {
                self.calls[number].error_code = (nth > 0).then_some(LAYER_EXISTS);
            }
        }
    }

    /// Blobs that were in a repository before the log begins.
    pub(crate) fn stock(&mut self, place: PlaceId, blobs: &[Blob]) {
        for blob in blobs {
            self.registry.hold(place, &blob.digest, BEGIN - HOUR);
        }
    }
}
