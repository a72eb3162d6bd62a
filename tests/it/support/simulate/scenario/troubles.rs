//! Acts of bad connections: uploads lost on the way, refusals that the client sees as `EOF`, long pauses.

use super::super::call::Stage as CallStage;
use super::super::clock::{MINUTE, Millis, SECOND};
use super::super::fault::{Answer, Lost, Refusal, Retries, Target};
use super::super::habits::{self, Habits};
use super::super::stage::{Aside, Done, Job};

use super::cast::Play;

/// Clients that try again.
const PATIENT: [&Habits; 5] = [
    &habits::DOCKER,
    &habits::DOCKER,
    &habits::BUILDKIT,
    &habits::CRANE,
    &habits::KANIKO,
];

/// Clients that do not.
const HASTY: [&Habits; 6] = [
    &habits::DOCKER_CONTAINERD,
    &habits::SKOPEO,
    &habits::PODMAN,
    &habits::JIB,
    &habits::DOTNET,
    &habits::HELM,
];

fn retries(play: &mut Play, habits: &Habits) -> Retries {
    const DOCKER: &[Millis] = &[5 * SECOND, 10 * SECOND, 15 * SECOND, 20 * SECOND];
    const OTHERS: &[Millis] = &[SECOND, 2 * SECOND, 4 * SECOND];
    Retries {
        pauses: if habits.name == "docker" {
            DOCKER
        } else {
            OTHERS
        },
        jitter: 30,
        checks_again: play.stage.random.percent(70),
    }
}

/// One to three uploads get nothing through, or a part; the client tries again and comes to its end.
pub(super) fn first_upload_lost(play: &mut Play) {
    let habits = play.pick(&PATIENT);
    let scene = play.scene(habits);
    let n_layers = 1 + play.stage.random.index(5);
    let image = play.image_of_its_own(habits, n_layers);
    let mut job = play.job(&scene, &image);
    job.faults.retries = Some(retries(play, habits));
    job.faults.lost = Some(Lost {
        n_blobs: 1 + play.stage.random.index(3),
        n_attempts: if play.stage.random.percent(80) { 1 } else { 2 },
        patience: play.pick(&[500, 5 * SECOND, 30 * SECOND]),
        parts: 30,
    });
    play.run(&job);
}

/// No upload gets through: the run dies, and is made again in half of the cases.
pub(super) fn every_upload_lost(play: &mut Play) {
    let habits = if play.stage.random.percent(50) {
        play.pick(&PATIENT)
    } else {
        play.pick(&HASTY)
    };
    let scene = play.scene(habits);
    let n_layers = 1 + play.stage.random.index(5);
    let image = play.image_of_its_own(habits, n_layers);
    let mut job = play.job(&scene, &image);
    if PATIENT.iter().any(|patient| patient.name == habits.name) {
        job.faults.retries = Some(retries(play, habits));
    }
    job.faults.lost = Some(Lost {
        n_blobs: usize::MAX,
        n_attempts: u32::MAX,
        patience: play.pick(&[500, 5 * SECOND, 30 * SECOND]),
        parts: 30,
    });
    let dead = play.run(&job);
    if play.stage.random.percent(50) {
        job.faults.lost = None;
        job.start = dead.end + play.pause(MINUTE + 10 * SECOND, 10 * MINUTE);
        job.retry_of = Some(dead.run);
        play.run(&job);
    }
}

fn refusal_as_eof(play: &mut Play) -> &'static str {
    play.pick(&[
        "AccessDenied",
        "RepositoryNotFoundException",
        "KmsException",
        "ServerException",
    ])
}

fn refused_begins(code: &'static str, n_times: u32) -> Refusal {
    Refusal {
        stage: CallStage::Initiate,
        target: Target::Every,
        n_times,
        answer: Answer::Error(code),
    }
}

/// Every begin is refused, the client sees `EOF` and tries each layer in flight again until it gives up; or the
/// registry relents before that.
pub(super) fn refused_as_eof(play: &mut Play) {
    let habits = play.pick(&PATIENT);
    let scene = play.scene(habits);
    let n_layers = 1 + play.stage.random.index(6);
    let image = play.image_of_its_own(habits, n_layers);
    let mut job = play.job(&scene, &image);
    job.faults.retries = Some(retries(play, habits));
    let code = refusal_as_eof(play);
    let n_times = if play.stage.random.percent(25) {
        1 + u32::from(play.stage.random.percent(50))
    } else {
        u32::MAX
    };
    job.faults.refusals.push(refused_begins(code, n_times));
    let failed = play.run(&job);
    after(play, job, failed);
}

/// The same refusals, told to clients that stop at once.
pub(super) fn refused_at_once(play: &mut Play) {
    let habits = play.pick(&HASTY);
    let scene = play.scene(habits);
    let n_layers = 1 + play.stage.random.index(6);
    let image = play.image_of_its_own(habits, n_layers);
    let mut job = play.job(&scene, &image);
    let code = refusal_as_eof(play);
    job.faults.refusals.push(refused_begins(code, u32::MAX));
    let failed = play.run(&job);
    after(play, job, failed);
}

/// Minutes later the run fails the same way once more, or comes through; or nobody tries.
fn after(play: &mut Play, mut job: Job, failed: Done) {
    if failed.succeeded {
        return;
    }
    job.start = failed.end + play.pause(MINUTE + 10 * SECOND, 12 * MINUTE);
    job.retry_of = Some(failed.run);
    if play.stage.random.percent(40) {
        job.login = play
            .stage
            .login_again(job.login, job.place, job.start - 2 * SECOND);
    }
    match play.stage.random.index(3) {
        0 => {
            play.run(&job);
        }
        1 => {
            job.faults.refusals.clear();
            play.run(&job);
        }
        _ => {}
    }
}

/// The repository is not there until somebody makes it, while the client waits for its next attempt.
pub(super) fn repository_made_meanwhile(play: &mut Play) {
    let habits = play.pick(&PATIENT);
    let mut scene = play.scene(habits);
    scene.place = play.new_place("late");
    let n_layers = 1 + play.stage.random.index(5);
    let image = play.image_of_its_own(habits, n_layers);
    let mut job = play.job(&scene, &image);
    let patience = retries(play, habits);
    job.faults.retries = Some(patience);
    // Even where every pause is cut short, an attempt comes after it.
    let longest = patience.pauses.iter().sum::<Millis>() * 65 / 100;
    let made = scene.start + play.pause(500, longest);
    job.faults.closed_until = Some((made, "RepositoryNotFoundException"));
    play.stage
        .asides
        .push((made, scene.place, Aside::CreatedByAdmin));
    play.run(&job);
}

/// Pauses of one to ten seconds between checks, uploads and put.
pub(super) fn lulls(play: &mut Play) {
    const LULL: (Millis, Millis) = (SECOND, 10 * SECOND);
    let habits = play.any_http_client();
    let scene = play.scene(habits);
    let image = play.image(habits);
    let mut job = play.job(&scene, &image);
    let mut perhaps = |percent| play.stage.random.percent(percent).then_some(LULL);
    job.lulls.before_uploads = perhaps(50);
    job.lulls.between_uploads = perhaps(40);
    job.lulls.before_put = perhaps(70);
    play.run(&job);
}

/// All is there, pushed by somebody else: checks, a pause and the put.
pub(super) fn checks_then_put(play: &mut Play) {
    let habits = play.pick(&[
        &habits::SKOPEO,
        &habits::SKOPEO_PARALLEL,
        &habits::JIB,
        &habits::REGCLIENT,
        &habits::BUILDKIT,
    ]);
    let scene = play.scene(habits);
    let n_layers = 1 + play.stage.random.index(4);
    let image = play.image_of_its_own(habits, n_layers);
    play.stage.stock(scene.place, &image.blobs);
    let mut job = play.job(&scene, &image);
    job.lulls.before_put = Some((SECOND, 10 * SECOND));
    play.run(&job);
}
