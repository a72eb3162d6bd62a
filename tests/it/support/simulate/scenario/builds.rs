//! Acts of builders: permission asked when the build starts, cached layers, image and cache side by side.

use super::super::call::Stage as CallStage;
use super::super::clock::{MINUTE, Millis, SECOND};
use super::super::content;
use super::super::fault::{Refusal, Target};
use super::super::habits::{self, Habits};

use super::cast::{Play, Scene};

/// From the question to the push: seconds to half an hour.
fn build_time(play: &mut Play) -> Millis {
    match play.stage.random.index(3) {
        0 => play.pause(2 * SECOND, 30 * SECOND),
        1 => play.pause(30 * SECOND, 5 * MINUTE),
        _ => play.pause(5 * MINUTE, 30 * MINUTE),
    }
}

fn builder(play: &mut Play) -> &'static Habits {
    play.pick(&[&habits::KANIKO, &habits::BUILDPACKS])
}

/// Asked, built, pushed; or the build fails and nothing more is heard; or it is built again within the hour.
pub(super) fn permission_check(play: &mut Play) {
    let habits = builder(play);
    let mut scene = play.scene(habits);
    let image = play.image(habits);
    let asked = scene.start;
    let time = build_time(play);
    if play.stage.random.percent(30) {
        scene.start = asked;
        let mut job = play.job(&scene, &image);
        job.asked_at = Some(asked);
        job.only_asks = true;
        play.run(&job);
        if play.stage.random.percent(50) {
            return;
        }
        let mut again = play.job(&scene, &image);
        let asked_again = asked + play.pause(20 * SECOND, 10 * MINUTE);
        again.asked_at = play.stage.random.percent(70).then_some(asked_again);
        again.start = asked_again + time;
        play.run(&again);
        return;
    }
    scene.start = asked + time;
    let mut job = play.job(&scene, &image);
    job.asked_at = Some(asked);
    play.run(&job);
}

/// Kaniko with a cache: each new layer is pushed as an image of its own while the build goes on, into the
/// repository itself or one beside it.
pub(super) fn cached_layers(play: &mut Play) {
    let habits = &habits::KANIKO;
    let scene = play.scene(habits);
    let asked = scene.start;
    let is_beside = play.stage.random.percent(50);
    let cache = if is_beside {
        play.new_place("cache")
    } else {
        scene.place
    };
    let mut layers = content::layers(&mut play.stage.random, 2);
    let mut asked_for = Vec::new();
    let mut at = asked + play.pause(5 * SECOND, 5 * MINUTE);
    for nth in 0..play.pause(1, 4) {
        let layer = content::layers(&mut play.stage.random, 1);
        let image = content::image(&mut play.stage.random, habits.dialect, &layer);
        let mut job = play.job(
            &Scene {
                habits,
                place: cache,
                login: scene.login,
                start: at,
            },
            &image,
        );
        job.tags = vec![hex_name(play)];
        if is_beside && nth == 0 && play.stage.random.percent(50) {
            job.asked_at = Some(asked + play.pause(0, SECOND));
        }
        let done = play.run(&job);
        if !is_beside {
            asked_for.push(done.run);
        }
        layers.extend(layer);
        at = done.end + play.pause(3 * SECOND, 4 * MINUTE);
    }
    let image = content::image(&mut play.stage.random, habits.dialect, &layers);
    let mut job = play.job(&scene, &image);
    job.start = at;
    job.asked_at = Some(asked);
    job.asked_for = asked_for;
    play.run(&job);
}

/// 64 hexadecimal digits, as kaniko names a cached layer.
fn hex_name(play: &mut Play) -> String {
    play.stage.random.text(64, b"0123456789abcdef")
}

/// BuildKit exports image and cache side by side: each layer is checked and sent twice at once. The cache's
/// manifest is accepted, or refused for what it lists.
pub(super) fn image_and_cache(play: &mut Play) {
    let habits = play.pick(&[&habits::BUILDKIT, &habits::DOCKER_CONTAINERD]);
    let scene = play.scene(habits);
    let n_layers = 1 + play.stage.random.index(5);
    let mut layers = content::layers(&mut play.stage.random, n_layers);
    let image = if play.stage.random.percent(30) {
        let image = content::image(&mut play.stage.random, habits.dialect, &layers);
        let provenance = content::attestation(&mut play.stage.random, &image);
        content::index(habits.dialect, &[image, provenance])
    } else {
        content::image(&mut play.stage.random, habits.dialect, &layers)
    };
    let job = play.job(&scene, &image);
    let first = play.run(&job);
    // The cache holds the steps of other stages, too.
    let n_more = play.stage.random.index(3);
    layers.extend(content::layers(&mut play.stage.random, n_more));
    let is_index = play.stage.random.percent(60);
    let cache = content::build_cache(&mut play.stage.random, &layers, is_index);
    let mut beside = play.job(&scene, &cache);
    beside.start = scene.start + play.pause(0, 800);
    if play.stage.random.percent(40) {
        beside.place = play.new_place("buildcache");
    }
    if is_index && play.stage.random.percent(70) {
        let code = "InvalidParameterException";
        let refusal = Refusal::always(CallStage::Put, Target::Root, code);
        beside.faults.refusals.push(refusal);
    }
    let second = play.run(&beside);
    play.stage.settle_twin_uploads(&[first.run, second.run]);
}

/// Image, provenance and index by one client.
pub(super) fn with_provenance(play: &mut Play) {
    let habits = play.pick(&[&habits::BUILDKIT, &habits::DOCKER_CONTAINERD]);
    let scene = play.scene(habits);
    let n_platforms = 1 + play.stage.random.index(2);
    let index = play.index(habits, n_platforms);
    let mut job = play.job(&scene, &index);
    job.lulls.before_put = Some(super::loops::TO_PUT);
    play.run(&job);
}
