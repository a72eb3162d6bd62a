//! Acts in which something goes wrong.

use std::rc::Rc;

use super::super::call::Stage as CallStage;
use super::super::clock::{MINUTE, SECOND};
use super::super::content::{self, MIB, Manifest};
use super::super::fault::{Answer, Faults, Kill, Refusal, Stall, Target};
use super::super::habits;
use super::super::identity::Kind;

use super::super::stage::{Done, Job, Renewal};

use super::cast::{Play, Scene};

/// Killed at any stage; then run again after seconds, minutes or never, at times with a new login.
pub(super) fn killed_then_again(play: &mut Play) {
    let habits = play.http_client();
    let mut scene = play.scene(habits);
    let n_layers = usize::try_from(play.pause(2, 6)).expect("a few");
    let image = play.image_of_its_own(habits, n_layers);
    killed(play, &mut scene, &image);
}

/// The same with an index.
pub(super) fn killed_index(play: &mut Play) {
    let habits = play.index_client();
    let mut scene = play.scene(habits);
    let index = play.index(habits, 2);
    killed(play, &mut scene, &index);
}

fn killed(play: &mut Play, scene: &mut Scene, root: &Rc<Manifest>) {
    let mut job = play.job(scene, root);
    let percent = play.pause(5, 95);
    let kill = play.pick(&[
        Kill::DuringUploads { percent },
        Kill::DuringUploads { percent },
        Kill::DuringUploads { percent },
        Kill::DuringChecks { percent },
        Kill::BeforeManifests,
    ]);
    job.faults.kill = Some(kill);
    let killed = play.run(&job);
    again(play, scene, job, killed);
}

/// Runs a job that failed once more, or not at all.
fn again(play: &mut Play, scene: &mut Scene, mut job: Job, failed: Done) {
    if failed.succeeded || play.stage.random.percent(25) {
        return;
    }
    let pause = match play.stage.random.index(3) {
        0 => play.pause(3 * SECOND, 12 * SECOND),
        1 => play.pause(20 * SECOND, 5 * MINUTE),
        _ => play.pause(16 * MINUTE, 50 * MINUTE),
    };
    scene.start = failed.end + pause;
    if play.stage.random.percent(40) {
        scene.login = play
            .stage
            .login_again(scene.login, scene.place, scene.start - 2 * SECOND);
    }
    job.login = scene.login;
    job.start = scene.start;
    job.faults = Faults::default();
    job.retry_of = Some(failed.run);
    if play.stage.random.percent(20) {
        // Killed once more, then never heard of.
        let percent = play.pause(20, 95);
        job.faults.kill = Some(Kill::DuringUploads { percent });
    }
    let next = play.run(&job);
    if !next.succeeded && play.stage.random.percent(50) {
        job.faults = Faults::default();
        job.start = next.end + play.pause(3 * SECOND, 5 * MINUTE);
        job.retry_of = Some(next.run);
        play.run(&job);
    }
}

/// PutImage refused, with every code; or refused once and then accepted; or stored and not believed.
pub(super) fn refused_manifest(play: &mut Play) {
    let is_index = play.stage.random.percent(20);
    let habits = if is_index {
        play.index_client()
    } else {
        play.http_client()
    };
    let mut scene = play.scene(habits);
    let image = if is_index {
        play.index(habits, 2)
    } else {
        play.image(habits)
    };
    let mut job = play.job(&scene, &image);
    let code = play.pick(CallStage::Put.error_codes());
    let refusal = match play.stage.random.index(4) {
        0 | 1 => Refusal::always(CallStage::Put, Target::Root, code),
        2 => Refusal::passing(CallStage::Put, Target::Root, 1),
        _ => {
            let answer = play.pick(&[Answer::StoredButError, Answer::StoredButLost]);
            Refusal {
                stage: CallStage::Put,
                target: Target::Root,
                n_times: 1,
                answer,
            }
        }
    };
    job.faults.refusals.push(refusal);
    let failed = play.run(&job);
    again(play, &mut scene, job, failed);
}

/// Docker's manifest refused, and at once an older form of it accepted.
pub(super) fn older_form(play: &mut Play) {
    let habits = &habits::DOCKER;
    let scene = play.scene(habits);
    let image = play.image(habits);
    let mut job = play.job(&scene, &image);
    job.fallback = Some(content::older_form(&image));
    let code = "InvalidParameterException";
    job.faults
        .refusals
        .push(Refusal::always(CallStage::Put, Target::Root, code));
    play.run(&job);
}

/// A check that fails once or for good.
pub(super) fn refused_check(play: &mut Play) {
    let habits = play.pick(&[&habits::CRANE, &habits::BUILDKIT, &habits::SKOPEO]);
    let mut scene = play.scene(habits);
    let image = play.image(habits);
    let mut job = play.job(&scene, &image);
    let code = play.pick(CallStage::Check.error_codes());
    let n_times = if play.stage.random.percent(50) {
        1
    } else {
        u32::MAX
    };
    let answer = Answer::Error(code);
    let refusal = Refusal {
        stage: CallStage::Check,
        target: Target::Nth(0),
        n_times,
        answer,
    };
    job.faults.refusals.push(refusal);
    let failed = play.run(&job);
    again(play, &mut scene, job, failed);
}

/// A call for one layer refused until the client gives up.
pub(super) fn refused_layer(play: &mut Play) {
    let habits = play.http_client();
    let mut scene = play.scene(habits);
    let n_layers = usize::try_from(play.pause(2, 6)).expect("a few");
    let image = play.image_of_its_own(habits, n_layers);
    let mut job = play.job(&scene, &image);
    let stage = play.pick(&[CallStage::Initiate, CallStage::Part, CallStage::Complete]);
    let code = play.pick(stage.error_codes());
    let nth = play.stage.random.index(n_layers);
    job.faults
        .refusals
        .push(Refusal::always(stage, Target::Nth(nth), code));
    let failed = play.run(&job);
    again(play, &mut scene, job, failed);
}

/// A call for one or two layers refused once or twice; clients that retry get over it.
pub(super) fn retried_layer(play: &mut Play) {
    let habits = play.pick(&[&habits::DOCKER, &habits::CRANE, &habits::BUILDKIT]);
    let scene = play.scene(habits);
    let n_layers = usize::try_from(play.pause(3, 6)).expect("a few");
    let image = play.image_of_its_own(habits, n_layers);
    let mut job = play.job(&scene, &image);
    for nth in 0..play.stage.random.index(2) + 1 {
        let stage = play.pick(&[CallStage::Initiate, CallStage::Part, CallStage::Complete]);
        let n_times = if play.stage.random.percent(50) { 1 } else { 2 };
        job.faults
            .refusals
            .push(Refusal::passing(stage, Target::Nth(nth), n_times));
    }
    play.run(&job);
}

/// The very first call is refused, whatever it is.
pub(super) fn denied(play: &mut Play) {
    let habits = play.client();
    let scene = play.scene(habits);
    let image = play.image(habits);
    let mut job = play.job(&scene, &image);
    let code = play.pick(&[
        "AccessDenied",
        "AccessDeniedException",
        "RepositoryNotFoundException",
    ]);
    let stages: &[CallStage] = if play.stage.random.percent(50) {
        &[CallStage::Initiate, CallStage::Put]
    } else {
        &[CallStage::Check, CallStage::Initiate, CallStage::Put]
    };
    for stage in stages {
        job.faults
            .refusals
            .push(Refusal::always(*stage, Target::Every, code));
    }
    play.run(&job);
}

/// Any call refused for good, with any error that any service gives it, known or not.
pub(super) fn refused_with_anything(play: &mut Play) {
    let habits = play.http_client();
    let scene = play.scene(habits);
    let n_layers = usize::try_from(play.pause(1, 4)).expect("a few");
    let image = play.image_of_its_own(habits, n_layers);
    let mut job = play.job(&scene, &image);
    let stage = play.pick(&[
        CallStage::Initiate,
        CallStage::Part,
        CallStage::Complete,
        CallStage::Put,
    ]);
    let of_any_stage = [
        "ThrottlingException",
        "ExpiredTokenException",
        "UnsupportedCommandException",
        "RegistryNotFoundException",
        "NovelException",
    ];
    let codes = [stage.error_codes(), &of_any_stage].concat();
    let code = play.pick(&codes);
    let target = match stage {
        CallStage::Put => Target::Root,
        CallStage::Check | CallStage::Initiate | CallStage::Part | CallStage::Complete => {
            Target::Every
        }
    };
    job.faults
        .refusals
        .push(Refusal::always(stage, target, code));
    play.run(&job);
}

/// Initiates with nothing after them inside a push that completes.
pub(super) fn stray_initiates(play: &mut Play) {
    let habits = play.pick(&[&habits::DOCKER, &habits::CRANE]);
    let scene = play.scene(habits);
    let image = play.image(habits);
    let mut job = play.job(&scene, &image);
    job.faults.stray_initiates = 1 + play.stage.random.index(2);
    play.run(&job);
}

/// An Initiate, and then nobody is heard of again.
pub(super) fn lone_initiate(play: &mut Play) {
    let habits = &habits::OCI_CLIENT;
    let scene = play.scene(habits);
    let image = play.image_of_its_own(habits, 1);
    let mut job = play.job(&scene, &image);
    job.faults.kill = Some(Kill::DuringUploads { percent: 0 });
    play.run(&job);
}

/// A part that takes over a quarter of an hour.
pub(super) fn stalled(play: &mut Play) {
    let habits = play.http_client();
    let scene = play.scene(habits);
    let mut layers = content::layers(&mut play.stage.random, 2);
    layers.insert(
        0,
        content::layer(&mut play.stage.random, 60 * MIB, 90 * MIB),
    );
    let image = content::image(&mut play.stage.random, habits.dialect, &layers);
    let mut job = play.job(&scene, &image);
    let silence = play.pause(16 * MINUTE, 40 * MINUTE);
    job.faults.stall = Some(Stall { upload: 0, silence });
    play.run(&job);
}

/// An index whose client is killed between the children and the index; at times run again.
pub(super) fn children_without_index(play: &mut Play) {
    let habits = play.index_client();
    let mut scene = play.scene(habits);
    let index = play.index(habits, 2);
    let mut job = play.job(&scene, &index);
    job.faults.kill = Some(Kill::BeforeRoot);
    let killed = play.run(&job);
    again(play, &mut scene, job, killed);
}

/// A long push in the middle of which the job's credential is replaced.
pub(super) fn renewed_credential(play: &mut Play) {
    let habits = play.http_client();
    let principal = play.new_principal(Kind::Instance);
    let place = play.places[0];
    let start = play.now;
    let login = play.login(&principal, habits, place, start);
    let mut layers = content::layers(&mut play.stage.random, 3);
    layers.push(content::layer(&mut play.stage.random, 80 * MIB, 200 * MIB));
    let image = content::image(&mut play.stage.random, habits.dialect, &layers);
    let mut job = play.job(
        &Scene {
            habits,
            place,
            login,
            start,
        },
        &image,
    );
    job.bytes_per_milli = 1_500;
    let at = start + play.pause(10 * SECOND, 60 * SECOND);
    let renewed = play.stage.credential(&Rc::clone(&principal), at, habits);
    job.renewal = Some(Renewal {
        from: at,
        login: renewed,
        spares_uploads: play.stage.random.percent(50),
    });
    play.run(&job);
}
