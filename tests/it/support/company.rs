//! One working day of a small company that builds a web shop: the sample of the README.
//!
//! In: nothing. Out: the log files of that day, the same each time: what its pipelines and people push, what
//! goes wrong, and other services' records between.

use std::rc::Rc;

use super::script::Files;
use super::script::beside::assumption;
use super::simulate::call::{LoginId, PlaceId, Stage as CallStage};
use super::simulate::clock::{BEGIN, HOUR, MINUTE, Millis, SECOND};
use super::simulate::content::{self, Blob, Dialect, MIB, Manifest};
use super::simulate::fault::{Kill, Refusal, Target};
use super::simulate::habits::{self, Habits};
use super::simulate::identity::{Kind, Principal};
use super::simulate::noise;
use super::simulate::random::Random;
use super::simulate::record::{self, Record};
use super::simulate::registry::Service;
use super::simulate::stage::{Job, Login, Stage};
use super::simulate::trail::{self, Delivery};
use super::simulate::ways::Ways;

const ACCOUNT: &str = "123456789012";
const REGION: &str = "eu-central-1";

/// The company and what it has done so far.
struct Day {
    stage: Stage,
    base: Vec<Blob>,
}

/// Somebody with a login.
struct Worker {
    principal: Rc<Principal>,
    habits: &'static Habits,
}

/// The day's log files.
pub(crate) fn sample() -> Files {
    let mut stage = Stage::new(20_250_310);
    let base = vec![
        content::layer(&mut stage.random, 27 * MIB, 29 * MIB),
        content::layer(&mut stage.random, MIB, 4 * MIB),
        content::layer(&mut stage.random, 200, 900),
    ];
    let mut day = Day { stage, base };
    day.play();
    let Day { stage, .. } = day;
    deliver(&stage)
}

/// So long after the midnight of the day.
fn at(hour: i64, minute: i64) -> Millis {
    BEGIN - 6 * HOUR + hour * HOUR + minute * MINUTE
}

impl Day {
    fn play(&mut self) {
        let place = |day: &mut Day, name: &str| day.stage.repository(ACCOUNT, REGION, name);
        let web = place(self, "shop/web");
        let api = place(self, "shop/api");
        let worker = place(self, "shop/worker");
        let golden = place(self, "platform/base");
        let gateway = place(self, "platform/gateway");
        let backup = place(self, "tools/backup");
        let client = self.stage.public_repository(ACCOUNT, "k4y9r6y5", "shopctl");
        self.stage.registry.places[api].immutable = true;
        let shop = self.worker(Kind::GitHubActions, "shop", &habits::DOCKER);
        let platform = self.worker(Kind::CodeBuild, "platform", &habits::CRANE);
        let builder = self.worker(Kind::GitHubActions, "gateway", &habits::BUILDKIT);
        let maria = self.worker(Kind::User, "maria", &habits::DOCKER);
        let ops = self.worker(Kind::SingleSignOn, "Operations", &habits::SKOPEO);

        // The night's base image, then the first builds of the morning, two of them at once.
        let base = self.base.clone();
        let image = content::image(&mut self.stage.random, Dialect::Docker, &base);
        self.push(&platform, golden, &image, "2025-03-10", at(6, 12));
        for place in [web, api, worker] {
            self.stage.stock(place, &base);
        }
        let image = self.image(2);
        let login = self.login(&shop, web, at(7, 3));
        let mut job = Job::new(
            shop.habits,
            login,
            web,
            &image,
            "1.8.0",
            at(7, 3) + 4 * SECOND,
        );
        job.tags.push("latest".to_owned());
        self.stage.run(&job);
        let image = self.image(2);
        self.push(&shop, api, &image, "3.2.0", at(7, 3) + 6 * SECOND);
        let image = self.image(1);
        self.push(&shop, worker, &image, "0.9.0", at(7, 41));

        // A runner is lost in the middle of a push; its job is run again some minutes later.
        let image = self.image(3);
        let mut job = self.job(&shop, worker, &image, "0.9.1", at(8, 15));
        job.faults.kill = Some(Kill::DuringUploads { percent: 60 });
        let lost = self.stage.run(&job);
        let mut again = self.job(&shop, worker, &image, "0.9.1", at(8, 24));
        again.retry_of = Some(lost.run);
        self.stage.run(&again);

        // Another build takes a tag that is taken; the next one gets a number of its own.
        let image = self.image(2);
        self.push(&shop, api, &image, "3.2.0", at(9, 2));
        self.push(&shop, api, &image, "3.2.1", at(9, 9));
        let image = self.image(2);
        self.push(&shop, web, &image, "1.8.1", at(9, 30));
        let stable = Rc::clone(&image);

        // Maria closes her laptop.
        let image = self.image(4);
        let mut job = self.job(&maria, backup, &image, "dev", at(10, 31));
        job.faults.kill = Some(Kill::DuringUploads { percent: 45 });
        job.bytes_per_milli = 900;
        self.stage.run(&job);

        // Promotion: one PutImage.
        let mut job = self.job(&ops, web, &stable, "stable", at(11, 4));
        job.puts_only = true;
        self.stage.run(&job);

        // Two platforms with their attestations; the next ones, plain, are stopped before their index.
        let children = self.attested_platforms();
        let index = content::index(Dialect::Oci, &children);
        self.push(&builder, gateway, &index, "2.0.0", at(11, 40));
        let attested = self.attested_platforms();
        let plain: Vec<_> = attested.iter().step_by(2).cloned().collect();
        let index = content::index(Dialect::Oci, &plain);
        let mut job = self.job(&builder, gateway, &index, "2.1.0", at(12, 16));
        job.faults.kill = Some(Kill::BeforeRoot);
        self.stage.run(&job);

        // A pipeline that may not push there, and a layer in parts that are too small.
        let image = self.image(2);
        let mut job = self.job(&builder, web, &image, "2.1.0", at(13, 2));
        job.faults.refusals = vec![Refusal::always(
            CallStage::Check,
            Target::Every,
            "AccessDeniedException",
        )];
        self.stage.run(&job);
        let image = self.image(2);
        let mut job = self.job(&ops, backup, &image, "2025.3", at(13, 25));
        job.faults.refusals = vec![Refusal::always(
            CallStage::Complete,
            Target::Nth(1),
            "LayerPartTooSmallException",
        )];
        self.stage.run(&job);

        // The public client of the shop, and a signature of it.
        let image = content::image(&mut self.stage.random, Dialect::Docker, &base[1..]);
        self.push(&platform, client, &image, "0.4.0", at(14, 10));
        let signature = content::artifact(&mut self.stage.random, &image);
        let tag = format!("{}.sig", image.digest.replace(':', "-"));
        self.push(
            &platform,
            client,
            &signature,
            &tag,
            at(14, 10) + 50 * SECOND,
        );

        // Maria is back, on a slow line.
        let image = self.image(3);
        let mut job = self.job(&maria, backup, &image, "dev", at(14, 52));
        job.bytes_per_milli = 220;
        self.stage.run(&job);

        // The afternoon's builds, one of them of nothing new.
        for (number, minute) in [(2, 5), (3, 27), (4, 58)] {
            let image = self.image(2);
            self.push(&shop, web, &image, &format!("1.8.{number}"), at(15, minute));
        }
        let image = self.image(2);
        self.push(&shop, api, &image, "3.3.0", at(16, 12));
        let index = content::index(Dialect::Oci, &attested);
        self.push(&builder, gateway, &index, "2.1.0", at(16, 30));
        self.push(&builder, gateway, &index, "2.1.0", at(16, 44));
        let image = self.image(1);
        self.push(&shop, worker, &image, "0.9.2", at(17, 1));
    }

    fn worker(&mut self, kind: Kind, name: &str, habits: &'static Habits) -> Worker {
        let principal = self.stage.principal(kind, ACCOUNT, name);
        Worker { principal, habits }
    }

    /// An image of the shop: the base and `n_layers` of its own.
    fn image(&mut self, n_layers: usize) -> Rc<Manifest> {
        let mut layers = self.base.clone();
        for _ in 0..n_layers {
            layers.push(content::layer(&mut self.stage.random, 20_000, 48 * MIB));
        }
        content::image(&mut self.stage.random, Dialect::Docker, &layers)
    }

    /// Two platforms, each followed by BuildKit's attestation of it.
    fn attested_platforms(&mut self) -> Vec<Rc<Manifest>> {
        let mut children = Vec::new();
        for _ in 0..2 {
            let layers = content::layers(&mut self.stage.random, 3);
            let image = content::image(&mut self.stage.random, Dialect::Oci, &layers);
            let attestation = content::attestation(&mut self.stage.random, &image);
            children.extend([image, attestation]);
        }
        children
    }

    fn login(&mut self, worker: &Worker, place: PlaceId, at: Millis) -> LoginId {
        self.stage
            .login(&worker.principal, place, at, worker.habits)
    }

    /// A login, and a push four seconds later.
    fn job(
        &mut self,
        worker: &Worker,
        place: PlaceId,
        root: &Rc<Manifest>,
        tag: &str,
        at: Millis,
    ) -> Job {
        let login = self.login(worker, place, at);
        Job::new(worker.habits, login, place, root, tag, at + 4 * SECOND)
    }

    fn push(
        &mut self,
        worker: &Worker,
        place: PlaceId,
        root: &Rc<Manifest>,
        tag: &str,
        at: Millis,
    ) {
        let job = self.job(worker, place, root, tag, at);
        self.stage.run(&job);
    }
}

fn deliver(stage: &Stage) -> Files {
    let ways = Ways::default();
    let mut random = stage.random.clone();
    let mut records = Vec::new();
    for number in 0..stage.calls.len() {
        records.extend(record::records(stage, &ways, &mut random, number));
    }
    for (region, every) in [(REGION, 5 * MINUTE), ("us-east-1", 20 * MINUTE)] {
        let mut now = at(5, 0);
        while now < at(18, 30) {
            records.push(noise::of_other_services(&mut random, ACCOUNT, region, now));
            now += random.within(SECOND, 2 * every);
        }
    }
    let private = stage
        .registry
        .places
        .iter()
        .filter(|place| place.service == Service::Ecr);
    for (hour, place) in private.take(2).enumerate() {
        let hour = 6 + 5 * i64::try_from(hour).expect("few");
        records.push(noise::of_ecr_itself(&mut random, place, at(hour, 55)));
    }
    let mut files = trail::deliver(&mut random, &Delivery::default(), records).files;
    // In files and by chance of their own: they change nothing about the others.
    let mut random = Random::new(20_250_311);
    let assumed = assumptions(stage, &mut random);
    files.extend(trail::deliver(&mut random, &Delivery::default(), assumed).files);
    files.sort();
    files
}

/// How GitHub's jobs came by their roles: each begins with an `AssumeRoleWithWebIdentity` of the workflow that it runs.
fn assumptions(stage: &Stage, random: &mut Random) -> Vec<Record> {
    let of_github = |login: &&Login| login.principal.kind == Kind::GitHubActions;
    let mut records = Vec::new();
    for job in stage.logins.iter().filter(of_github) {
        let (Some(arn), Some(at)) = (job.principal.arn(), job.own.created) else {
            continue;
        };
        let role = arn.split('/').nth(1).unwrap_or_default();
        let repository = role.trim_start_matches("github-");
        let workflow = Principal::new(random, Kind::WebIdentity, ACCOUNT, repository);
        let caller = Login {
            own: workflow.credential(random, at),
            principal: Rc::new(workflow),
            ..job.clone()
        };
        let action = "AssumeRoleWithWebIdentity";
        let json = assumption(&caller, job, action, at, (ACCOUNT, REGION));
        let id = json["eventID"].as_str().unwrap_or_default().to_owned();
        let of = (ACCOUNT, REGION);
        records.push(noise::foreign_to_pushes(
            id,
            json.to_string(),
            at,
            of,
            false,
        ));
    }
    records
}
