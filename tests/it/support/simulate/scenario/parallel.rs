//! Acts in which several runs are at work at once.

use super::super::clock::SECOND;
use super::super::content;
use super::super::identity::Kind;

use super::cast::{Play, Scene};

/// Two or three jobs of one role with one session name, each with a credential of its own, push images on one
/// base to one repository.
pub(super) fn jobs_of_one_role(play: &mut Play) {
    let kind = play.pick(&[Kind::GitHubActions, Kind::Role, Kind::Instance, Kind::User]);
    let principal = play.new_principal(kind);
    let habits = play.http_client();
    let places = play.places.clone();
    let place = play.pick(&places);
    let n_base = 1 + play.stage.random.index(4);
    let base = content::layers(&mut play.stage.random, n_base);
    let n_jobs = play.pause(2, 3);
    for _ in 0..n_jobs {
        let start = play.now + play.pause(0, 8_000);
        let login = play.login(&principal, habits, place, start);
        let mut layers = base.clone();
        layers.extend(content::layers(&mut play.stage.random, 2));
        let image = content::image(&mut play.stage.random, habits.dialect, &layers);
        let job = play.job(
            &Scene {
                habits,
                place,
                login,
                start,
            },
            &image,
        );
        play.run(&job);
    }
}

/// One login pushes two to four images at once: only digests tell them apart.
pub(super) fn images_of_one_login(play: &mut Play) {
    let habits = play.http_client();
    let scene = play.scene(habits);
    let n_images = play.pause(2, 4);
    // Of what they share, who uploaded it can hardly be told: it is rare here, and small.
    let is_shared = play.stage.random.percent(15);
    let shared = is_shared.then(|| content::layer(&mut play.stage.random, 120, 4_000));
    for _ in 0..n_images {
        let start = scene.start + play.pause(0, 4 * SECOND);
        let n_layers = 1 + play.stage.random.index(5);
        let mut layers = content::layers(&mut play.stage.random, n_layers);
        layers.extend(shared.clone());
        let image = content::image(&mut play.stage.random, habits.dialect, &layers);
        let mut job = play.job(&scene, &image);
        job.start = start;
        play.run(&job);
    }
}

/// Two jobs build the same image to the byte and push it under the same tag.
pub(super) fn one_image_twice(play: &mut Play) {
    let principal = play.new_principal(Kind::GitHubActions);
    let habits = play.http_client();
    let places = play.places.clone();
    let place = play.pick(&places);
    let image = play.image(habits);
    let tag = play.tag();
    for _ in 0..2 {
        let start = play.now + play.pause(0, 6 * SECOND);
        let login = play.login(&principal, habits, place, start);
        let mut job = play.job(
            &Scene {
                habits,
                place,
                login,
                start,
            },
            &image,
        );
        job.tags = vec![tag.clone()];
        play.run(&job);
    }
}
