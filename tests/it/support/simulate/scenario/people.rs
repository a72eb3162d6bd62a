//! Acts that differ by who pushes: every kind of principal, with and without logins, and from abroad.

use super::super::call::PlaceId;
use super::super::clock::{MINUTE, SECOND};
use super::super::identity::{KINDS, Kind};
use super::super::registry::Service;

use super::cast::{GUEST, OWNER, Play, REGION, Scene};

/// Every kind of principal once.
pub(super) fn each_identity(play: &mut Play) {
    let habits = play.http_client();
    for kind in KINDS {
        let principal = play.new_principal(kind);
        let place = play.places[0];
        let start = play.now;
        let login = play.login(&principal, habits, place, start);
        let image = play.image(habits);
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
        play.now = play.end + play.pause(5 * SECOND, MINUTE);
    }
}

/// A login that nobody pushes with, and a push whose login is in no log.
pub(super) fn stray_token(play: &mut Play) {
    let habits = play.http_client();
    let place = play.places[0];
    let principal = play.principal();
    let start = play.now;
    play.login(&principal, habits, place, start);
    let silent = play.new_principal(Kind::Role);
    let login = play.stage.credential(&silent, start - 30 * MINUTE, habits);
    let image = play.image(habits);
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

/// One login, pushes to several repositories over an hour.
pub(super) fn one_token(play: &mut Play) {
    let habits = play.http_client();
    let mut scene = play.scene(habits);
    for place in play.places.clone() {
        scene.place = place;
        scene.start = play.now;
        let image = play.image(habits);
        let job = play.job(&scene, &image);
        play.run(&job);
        play.now = play.end + play.pause(MINUTE, 20 * MINUTE);
    }
}

/// Somebody of another account pushes; both accounts' trails are at hand.
pub(super) fn from_abroad(play: &mut Play) {
    let habits = play.http_client();
    let principal = play.stage.principal(Kind::Role, GUEST, "partner");
    let place = play.places[0];
    let start = play.now;
    let login = play.login(&principal, habits, place, start);
    let image = play.image(habits);
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

/// One image to repositories of one name in two regions and in the public registry, at once.
pub(super) fn equal_names(play: &mut Play) {
    let habits = play.http_client();
    let principal = play.new_principal(Kind::Role);
    let image = play.image(habits);
    let tag = play.tag();
    let twins = [
        find(play, Service::Ecr, REGION),
        find(play, Service::Ecr, "us-west-2"),
        find(play, Service::EcrPublic, "us-east-1"),
    ];
    for place in twins {
        let start = play.now + play.pause(0, 5_000);
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

/// The repository `team/app` of that service and region, made if there is none.
fn find(play: &mut Play, service: Service, region: &str) -> PlaceId {
    const NAME: &str = "team/app";
    let places = &play.stage.registry.places;
    let found = places
        .iter()
        .position(|p| p.name == NAME && p.service == service && p.region == region);
    match (found, service) {
        (Some(place), _) => place,
        (None, Service::Ecr) => play.stage.repository(OWNER, region, NAME),
        (None, Service::EcrPublic) => play.stage.public_repository(OWNER, "k4y9r6y5", NAME),
    }
}
