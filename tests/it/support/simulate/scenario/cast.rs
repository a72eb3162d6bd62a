//! The cast of a scenario: accounts, principals, images and repositories to draw from.
//!
//! In: a seed. Out: a stage, and what every act needs to begin: somebody who pushes something somewhere.

use std::rc::Rc;

use super::super::call::{LoginId, PlaceId};
use super::super::clock::{BEGIN, HOUR, Millis, SECOND};
use super::super::content::{self, Blob, Manifest};
use super::super::habits::{self, Habits};
use super::super::identity::{KINDS, Kind, Principal};
use super::super::registry::Service;
use super::super::stage::{Done, Job, Stage};
use super::super::trail::Delivery;
use super::super::ways::Ways;

/// The owner of most repositories. No real account has this number.
pub(crate) const OWNER: &str = "123456789012";
/// An account that pushes into the owner's repositories.
pub(crate) const GUEST: &str = "210987654321";
/// The region of most repositories.
pub(crate) const REGION: &str = "eu-central-1";

/// A scenario being played.
pub(crate) struct Play {
    pub(crate) stage: Stage,
    pub(crate) ways: Ways,
    pub(crate) delivery: Delivery,
    /// Mean pause between two records of other services in one account and region.
    pub(crate) noise_every: Millis,
    /// When the next act begins.
    pub(crate) now: Millis,
    /// When the last run of the acts so far ended.
    pub(crate) end: Millis,
    /// Where acts push to, if they do not bring their own.
    pub(crate) places: Vec<PlaceId>,
    /// Whom acts draw from, if they do not bring their own.
    pool: Vec<Rc<Principal>>,
    /// Layers that many images begin with.
    bases: Vec<Vec<Blob>>,
    n_names: usize,
}

/// One push's circumstances: who, where, with what and when.
pub(crate) struct Scene {
    pub(crate) habits: &'static Habits,
    pub(crate) place: PlaceId,
    pub(crate) login: LoginId,
    pub(crate) start: Millis,
}

impl Play {
    /// A stage with a few repositories and principals, an hour after the log begins.
    pub(crate) fn new(seed: u64) -> Self {
        let mut stage = Stage::new(seed);
        let names = ["team/app", "team/web", "shop/api", "tools"];
        let places = names
            .iter()
            .map(|name| stage.repository(OWNER, REGION, name))
            .collect();
        let pool = KINDS
            .iter()
            .map(|kind| stage.principal(*kind, OWNER, "ci"))
            .collect();
        let ways = Ways::of_some_year(&mut stage.random);
        let mut play = Play {
            stage,
            ways,
            delivery: Delivery::default(),
            noise_every: 12 * SECOND,
            now: BEGIN + HOUR,
            end: BEGIN + HOUR,
            places,
            pool,
            bases: Vec::new(),
            n_names: 0,
        };
        for _ in 0..3 {
            let base = content::layers(&mut play.stage.random, 3);
            play.bases.push(base);
        }
        // One base has been there since before the log; the others come with the first image on them.
        for place in play.places.clone() {
            play.stage.stock(place, &play.bases[0]);
        }
        play
    }

    /// One of `choices`.
    pub(crate) fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        *self.stage.random.pick(choices)
    }

    /// Between `first` and `last` milliseconds.
    pub(crate) fn pause(&mut self, first: Millis, last: Millis) -> Millis {
        self.stage.random.within(first, last)
    }

    /// A name that no other tag of this world has.
    pub(crate) fn tag(&mut self) -> String {
        self.n_names += 1;
        format!("v1.{}", self.n_names)
    }

    /// A new repository of the owner's, called after `name`: public where the others are, for a
    /// login of the one service does not open the other.
    pub(crate) fn new_place(&mut self, name: &str) -> PlaceId {
        self.n_names += 1;
        let name = format!("{name}-{}", self.n_names);
        let example = &self.stage.registry.places[self.places[0]];
        let (service, alias) = (example.service, example.alias.clone());
        match service {
            Service::Ecr => self.stage.repository(OWNER, REGION, &name),
            Service::EcrPublic => self.stage.public_repository(OWNER, &alias, &name),
        }
    }

    /// Any client.
    pub(crate) fn client(&mut self) -> &'static Habits {
        self.pick(&habits::ALL)
    }

    /// Any client that speaks to the registry's HTTP front.
    pub(crate) fn http_client(&mut self) -> &'static Habits {
        loop {
            let habits = self.client();
            if !habits.is_direct {
                return habits;
            }
        }
    }

    /// Any client that speaks to the registry's HTTP front, the later ones too.
    pub(crate) fn any_http_client(&mut self) -> &'static Habits {
        if self.stage.random.percent(50) {
            return self.pick(&habits::NEWER);
        }
        self.http_client()
    }

    /// Any client that can push an index.
    pub(crate) fn index_client(&mut self) -> &'static Habits {
        self.pick(&[
            &habits::SKOPEO,
            &habits::CRANE,
            &habits::BUILDKIT,
            &habits::BUILDKIT,
        ])
    }

    /// Somebody, new or known.
    pub(crate) fn principal(&mut self) -> Rc<Principal> {
        if self.stage.random.percent(50) {
            let known = self.stage.random.index(self.pool.len());
            return Rc::clone(&self.pool[known]);
        }
        let kind = self.pick(&KINDS);
        self.new_principal(kind)
    }

    /// Somebody new of that kind.
    pub(crate) fn new_principal(&mut self, kind: Kind) -> Rc<Principal> {
        self.n_names += 1;
        let name = format!("ci{}", self.n_names);
        self.stage.principal(kind, OWNER, &name)
    }

    /// Somebody new of that kind and name.
    pub(crate) fn new_principal_called(&mut self, kind: Kind, name: &str) -> Rc<Principal> {
        self.stage.principal(kind, OWNER, name)
    }

    /// A login of `principal` some seconds before `start`; for a client that calls the API itself, the bare
    /// credential.
    pub(crate) fn login(
        &mut self,
        principal: &Rc<Principal>,
        habits: &'static Habits,
        place: PlaceId,
        start: Millis,
    ) -> LoginId {
        if habits.is_direct {
            return self.stage.credential(principal, start, habits);
        }
        let before = self.pause(1, 100) * SECOND;
        self.stage.login(principal, place, start - before, habits)
    }

    /// Somebody logs in to push with `habits` at the time of the act.
    pub(crate) fn scene(&mut self, habits: &'static Habits) -> Scene {
        let places = self.places.clone();
        let place = self.pick(&places);
        let principal = if habits.is_direct {
            self.new_principal(Kind::Role)
        } else {
            self.principal()
        };
        let start = self.now;
        let login = self.login(&principal, habits, place, start);
        Scene {
            habits,
            place,
            login,
            start,
        }
    }

    /// Layers of an image: those of a base in two cases of five, and up to five of its own.
    pub(crate) fn layers(&mut self) -> Vec<Blob> {
        let mut all = Vec::new();
        if self.stage.random.percent(40) {
            let base = self.stage.random.index(self.bases.len());
            all.clone_from(&self.bases[base]);
        }
        // One image in twelve is of many small steps.
        let n_own = if self.stage.random.percent(8) {
            26
        } else {
            1 + self.stage.random.index(5)
        };
        all.extend(content::layers(&mut self.stage.random, n_own));
        if self.stage.random.percent(10) {
            // The empty layer, or a step done twice: listed twice, uploaded once.
            all.push(all[0].clone());
        }
        all
    }

    /// An image as the client would build it.
    pub(crate) fn image(&mut self, habits: &Habits) -> Rc<Manifest> {
        let layers = self.layers();
        content::image(&mut self.stage.random, habits.dialect, &layers)
    }

    /// An image that shares no layer with any other.
    pub(crate) fn image_of_its_own(&mut self, habits: &Habits, n_layers: usize) -> Rc<Manifest> {
        let layers = content::layers(&mut self.stage.random, n_layers);
        content::image(&mut self.stage.random, habits.dialect, &layers)
    }

    /// An index over so many platforms; BuildKit's has attestations.
    pub(crate) fn index(&mut self, habits: &Habits, n_platforms: usize) -> Rc<Manifest> {
        let mut children = Vec::new();
        // What does not depend on the platform is one layer of all.
        let common = if self.stage.random.percent(40) { 1 } else { 0 };
        let common = content::layers(&mut self.stage.random, common);
        for _ in 0..n_platforms {
            let n_layers = 1 + self.stage.random.index(4);
            let mut layers = content::layers(&mut self.stage.random, n_layers);
            layers.extend(common.iter().cloned());
            let image = content::image(&mut self.stage.random, habits.dialect, &layers);
            children.push(Rc::clone(&image));
            if matches!(habits.name, "buildkit" | "docker-containerd") {
                children.push(content::attestation(&mut self.stage.random, &image));
            }
        }
        content::index(habits.dialect, &children)
    }

    /// The job of a scene.
    pub(crate) fn job(&mut self, scene: &Scene, root: &Rc<Manifest>) -> Job {
        let tag = self.tag();
        let mut job = Job::new(
            scene.habits,
            scene.login,
            scene.place,
            root,
            &tag,
            scene.start,
        );
        job.machine = self.stage.random.next();
        job.bytes_per_milli = self.pick(&[2_500, 6_000, 12_000, 40_000]);
        job
    }

    /// Runs a job and keeps note of when it ended.
    pub(crate) fn run(&mut self, job: &Job) -> Done {
        let done = self.stage.run(job);
        self.end = self.end.max(done.end);
        done
    }
}
