//! Acts in which several runs are at work at once.

use super::super::clock::SECOND;
use super::super::content;
use super::super::identity::Kind;

use super::cast::{Play, Scene};

/// Two or three jobs of one role with one session name, each with a credential of its own, push images on one
/// base to one repository.
pub(super) fn jobs_of_one_role(play: &mut Play) {
    let kind = *play.pick(&[Kind::GitHubActions, Kind::Role, Kind::Instance]);
    let principal = play.new_principal(kind);
    let habits = play.http_client();
    let places = play.places.clone();
    let place = *play.pick(&places);
    let n_base = 1 + play.stage.random.index(4);
    let base = content::layers(&mut play.stage.random, n_base);
    let n_jobs = play.pause(2, 3);
    for _ in 0..n_jobs {
        let start = play.now + play.pause(0, 8_000);
        let login = play.login(&principal, habits, place, start);
        let mut layers = base.clone();
        layers.extend(content::layers(&mut play.stage.random, 2));
        let image = content::image(&mut play.stage.random, habits.dialect, &layers);
        let job = play.job(&Scene { habits, place, login, start }, &image);
        play.run(&job);
    }
}

/// One login pushes two to four images at once: only digests tell them apart.
pub(super) fn images_of_one_login(play: &mut Play) {
    let habits = play.http_client();
    let scene = play.scene(habits);
    let n_images = play.pause(2, 4);
    for _ in 0..n_images {
        let start = scene.start + play.pause(0, 4 * SECOND);
        let n_layers = 1 + play.stage.random.index(5);
        let image = play.image_of_its_own(habits, n_layers);
        let mut job = play.job(&scene, &image);
        job.start = start;
        play.run(&job);
    }
}
