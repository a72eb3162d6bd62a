//! Acts in which nothing fails: every form that a push can have.

use std::rc::Rc;

use super::super::call::Stage as CallStage;
use super::super::clock::{MINUTE, SECOND};
use super::super::content;
use super::super::fault::{Refusal, Target};
use super::super::habits;
use super::super::identity::Kind;

use super::cast::{Play, Scene};

/// One image, one tag.
pub(super) fn single(play: &mut Play) {
    let habits = play.client();
    let scene = play.scene(habits);
    let image = play.image(habits);
    let job = play.job(&scene, &image);
    play.run(&job);
}

/// Every client once.
pub(super) fn each_client(play: &mut Play) {
    for habits in habits::ALL {
        let scene = play.scene(habits);
        let image = play.image(habits);
        let job = play.job(&scene, &image);
        play.run(&job);
        play.now = play.end + play.pause(5 * SECOND, 2 * MINUTE);
    }
}

/// One image under two or three names in one run.
pub(super) fn several_tags(play: &mut Play) {
    let habits = play.client();
    let scene = play.scene(habits);
    let image = play.image(habits);
    let mut job = play.job(&scene, &image);
    for _ in 0..play.pause(1, 2) {
        let tag = play.tag();
        job.tags.push(tag);
    }
    play.run(&job);
}

/// An index; now and then a nested one.
pub(super) fn multi_platform(play: &mut Play) {
    let habits = play.index_client();
    let scene = play.scene(habits);
    let n_platforms = usize::try_from(play.pause(2, 3)).expect("two or three");
    let mut root = play.index(habits, n_platforms);
    if habits.name == "crane" && play.stage.random.percent(50) {
        root = content::index(habits.dialect, &[root]);
    }
    let job = play.job(&scene, &root);
    play.run(&job);
}

/// A push, and minutes later the same manifest under another tag: a push of its own.
pub(super) fn retag(play: &mut Play) {
    let habits = play.http_client();
    let scene = play.scene(habits);
    let image = play.image(habits);
    let job = play.job(&scene, &image);
    let pushed = play.run(&job);
    let by = play.pick(&[&habits::CRANE, &habits::SDK]);
    let start = pushed.end + play.pause(3 * MINUTE, 40 * MINUTE);
    let principal = Rc::clone(&play.stage.logins[scene.login].principal);
    let login = play.login(&principal, by, scene.place, start);
    let mut again = play.job(
        &Scene {
            habits: by,
            place: scene.place,
            login,
            start,
        },
        &image,
    );
    again.puts_only = true;
    play.run(&again);
}

/// Two jobs push an image each by digest, then a third puts the index over them.
pub(super) fn by_digest(play: &mut Play) {
    let habits = &habits::BUILDKIT;
    let principal = play.new_principal(Kind::GitHubActions);
    let places = play.places.clone();
    let place = play.pick(&places);
    let mut children = Vec::new();
    let mut last = play.now;
    for _ in 0..2 {
        let start = play.now + play.pause(0, 20_000);
        let login = play.login(&principal, habits, place, start);
        let image = play.image_of_its_own(habits, 3);
        let mut job = play.job(
            &Scene {
                habits,
                place,
                login,
                start,
            },
            &image,
        );
        job.tags.clear();
        last = last.max(play.run(&job).end);
        children.push(image);
    }
    let index = content::index(habits.dialect, &children);
    let start = last + play.pause(20 * SECOND, 10 * MINUTE);
    let login = play.login(&principal, habits, place, start);
    let mut job = play.job(
        &Scene {
            habits,
            place,
            login,
            start,
        },
        &index,
    );
    job.puts_only = true;
    play.run(&job);
}

/// The same image pushed again some minutes later.
pub(super) fn unchanged(play: &mut Play) {
    let habits = play.http_client();
    let mut scene = play.scene(habits);
    let image = play.image(habits);
    let mut job = play.job(&scene, &image);
    let pushed = play.run(&job);
    scene.start = pushed.end + play.pause(2 * MINUTE, 30 * MINUTE);
    if play.stage.random.percent(50) {
        scene.login = play
            .stage
            .login_again(scene.login, scene.place, scene.start - 4 * SECOND);
    }
    job.login = scene.login;
    job.start = scene.start;
    play.run(&job);
}

/// An image, then its signature and at times an SBOM, each by a run of its own.
pub(super) fn artifact(play: &mut Play) {
    let habits = play.http_client();
    let scene = play.scene(habits);
    let image = play.image(habits);
    let job = play.job(&scene, &image);
    let mut end = play.run(&job).end;
    let by = play.pick(&[&habits::CRANE, &habits::ORAS]);
    for _ in 0..play.pause(1, 2) {
        let artifact = content::artifact(&mut play.stage.random, &image);
        let start = end + play.pause(4 * SECOND, MINUTE);
        let mut job = play.job(
            &Scene {
                habits: by,
                start,
                ..scene
            },
            &artifact,
        );
        job.tags = vec![format!("{}.sig", artifact.digest.replace(':', "-"))];
        end = play.run(&job).end;
    }
}

/// A shell loop: image after image with one login, a second or so apart.
pub(super) fn shell_loop(play: &mut Play) {
    let habits = play.http_client();
    let scene = play.scene(habits);
    let mut start = scene.start;
    for _ in 0..play.pause(2, 3) {
        let image = play.image(habits);
        let mut job = play.job(&scene, &image);
        job.start = start;
        if play.stage.random.percent(15) {
            // The loop goes on over a push that failed.
            let refusal = Refusal::always(CallStage::Put, Target::Root, "LimitExceededException");
            job.faults.refusals.push(refusal);
        }
        start = play.run(&job).end + play.pause(400, 1_500);
    }
}

/// An image, then the same with another last layer under the same tag, by the same hands.
pub(super) fn rebuilt(play: &mut Play) {
    let habits = play.http_client();
    let scene = play.scene(habits);
    let mut layers = play.layers();
    let image = content::image(&mut play.stage.random, habits.dialect, &layers);
    let mut job = play.job(&scene, &image);
    let mut end = play.run(&job).end;
    for _ in 0..play.pause(1, 2) {
        layers.pop();
        layers.extend(content::layers(&mut play.stage.random, 1));
        job.root = content::image(&mut play.stage.random, habits.dialect, &layers);
        job.start = end + play.pause(15 * SECOND, 10 * MINUTE);
        end = play.run(&job).end;
    }
}

/// An image whose blobs are mounted from another repository, or would have been.
pub(super) fn mounted(play: &mut Play) {
    let habits = play.pick(&[&habits::DOCKER, &habits::CRANE]);
    let mut scene = play.scene(habits);
    let mut layers = play.layers();
    let there = content::image(&mut play.stage.random, habits.dialect, &layers);
    let job = play.job(&scene, &there);
    let end = play.run(&job).end;
    let from = scene.place;
    let grants = play.stage.random.percent(60);
    scene.place = play.new_place("mounted");
    play.stage.registry.places[scene.place].grants_mounts = grants;
    scene.start = end + play.pause(10 * SECOND, 5 * MINUTE);
    layers.extend(content::layers(&mut play.stage.random, 1));
    let image = content::image(&mut play.stage.random, habits.dialect, &layers);
    let mut job = play.job(&scene, &image);
    job.mount_from = Some(from);
    play.run(&job);
}

/// A tag that cannot move: the second image under it is refused, and refused again.
pub(super) fn immutable(play: &mut Play) {
    let habits = play.http_client();
    let mut scene = play.scene(habits);
    scene.place = play.new_place("immutable");
    play.stage.registry.places[scene.place].immutable = true;
    let first = play.image(habits);
    let mut job = play.job(&scene, &first);
    for _ in 0..play.pause(2, 3) {
        let end = play.run(&job).end;
        job.root = play.image(habits);
        job.start = end + play.pause(30 * SECOND, 10 * MINUTE);
    }
}

/// An image whose manifest CloudTrail omits.
pub(super) fn oversized(play: &mut Play) {
    let habits = play.http_client();
    let scene = play.scene(habits);
    let image = content::oversized_image(&mut play.stage.random);
    let job = play.job(&scene, &image);
    play.run(&job);
}
