//! Acts that reach beyond one repository, one account, one region or one client, and what services do.

use std::rc::Rc;

use super::super::call::{PlaceId, Stage as CallStage};
use super::super::clock::{MINUTE, SECOND};
use super::super::content;
use super::super::fault::{Refusal, Target};
use super::super::habits::{self, Habits, SecondName};
use super::super::identity::Kind;
use super::super::push::Probe;
use super::super::record::ENDPOINT_DENIAL;
use super::super::stage::Aside;

use super::cast::{GUEST, OWNER, Play, Scene};

/// The client asks in another repository after what it would mount from there. It is refused, or finds it and
/// is granted the mount, which leaves no upload, or is not, and uploads.
pub(super) fn mount_probe(play: &mut Play) {
    let habits = play.pick(&[
        &habits::SKOPEO,
        &habits::SKOPEO_PARALLEL,
        &habits::PODMAN,
        &habits::DOCKER,
    ]);
    let mut scene = play.scene(habits);
    let from = scene.place;
    if play.stage.random.percent(70) {
        scene.place = play.new_place("mounting");
        let grants = play.stage.random.percent(50);
        play.stage.registry.places[scene.place].grants_mounts = grants;
    } else {
        let places = play.places.clone();
        scene.place = play.pick(&places);
    }
    if scene.place == from {
        return;
    }
    let n_layers = 1 + play.stage.random.index(4);
    let layers = content::layers(&mut play.stage.random, n_layers);
    for layer in &layers {
        if play.stage.random.percent(60) {
            play.stage.stock(from, std::slice::from_ref(layer));
        }
    }
    let image = content::image(&mut play.stage.random, habits.dialect, &layers);
    let mut job = play.job(&scene, &image);
    let is_refused = play.stage.random.percent(25);
    job.probe = Some(Probe {
        place: from,
        code: is_refused.then_some("AccessDenied"),
    });
    play.run(&job);
}

/// Somebody of another account pushes, and is at times refused.
pub(super) fn refused_abroad(play: &mut Play) {
    let habits = play.any_http_client();
    let principal = play.stage.principal(Kind::Role, GUEST, "partner");
    let place = play.places[0];
    let start = play.now;
    let login = play.login(&principal, habits, place, start);
    let image = play.image(habits);
    let scene = Scene {
        habits,
        place,
        login,
        start,
    };
    let mut job = play.job(&scene, &image);
    if play.stage.random.percent(40) {
        let code = play.pick(&["ImageTagAlreadyExistsException", "AccessDenied"]);
        let refusal = Refusal::always(CallStage::Put, Target::Root, code);
        job.faults.refusals.push(refusal);
    }
    play.run(&job);
}

/// One principal logs in for two regions within seconds and pushes to one of them, or to both.
pub(super) fn several_regions(play: &mut Play) {
    let habits = play.any_http_client();
    let home = play.places[0];
    let away = region_of(play, "us-west-2");
    let principal = play.principal();
    let start = play.now;
    let first = start - play.pause(4, 60) * SECOND;
    let scene = Scene {
        habits,
        place: home,
        login: play.stage.login(&principal, home, first, habits),
        start,
    };
    let second = (first + play.pause(1, 30) * SECOND).min(scene.start - SECOND);
    let other = play.stage.login_again(scene.login, away, second);
    if play.stage.random.percent(30) {
        // And a third, before both.
        let third = region_of(play, "ap-south-1");
        play.stage.login_again(scene.login, third, first - SECOND);
    }
    let image = play.image(habits);
    let job = play.job(&scene, &image);
    play.run(&job);
    if play.stage.random.percent(50) {
        let mut there = play.job(&scene, &image);
        there.login = other;
        there.place = away;
        there.start = scene.start + play.pause(0, 20 * SECOND);
        play.run(&there);
    }
}

/// A repository of the owner's in `region`.
fn region_of(play: &mut Play, region: &str) -> PlaceId {
    let places = &play.stage.registry.places;
    let found = places
        .iter()
        .position(|place| place.region == region && place.name == "team/far");
    found.unwrap_or_else(|| play.stage.repository(OWNER, region, "team/far"))
}

/// The client's calls show its own address and name; beside it, with the same key, an SDK or the CLI pushes an
/// image of its own without a token.
pub(super) fn shown_client(play: &mut Play) {
    let habits = play.any_http_client();
    let scene = play.scene(habits);
    if play.stage.random.percent(70) {
        play.stage.logins[scene.login].shown_agent = Some(habits.agent);
    }
    let image = play.image(habits);
    let job = play.job(&scene, &image);
    play.run(&job);
    if play.stage.random.percent(60) {
        let direct: &Habits = play.pick(&[&habits::SDK, &habits::CLI]);
        let login = play.stage.beside(scene.login, direct);
        let image = play.image_of_its_own(direct, 2);
        let start = scene.start + play.pause(0, 30 * SECOND);
        let beside = play.job(
            &Scene {
                habits: direct,
                login,
                start,
                place: scene.place,
            },
            &image,
        );
        play.run(&beside);
    }
}

/// The policy of a VPC endpoint lets the questions through and nothing else.
pub(super) fn denied_by_endpoint(play: &mut Play) {
    let habits = play.pick(&[
        &habits::CRANE,
        &habits::BUILDKIT,
        &habits::SKOPEO,
        &habits::JIB,
        &habits::REGCLIENT,
    ]);
    let scene = play.scene(habits);
    let image = play.image_of_its_own(habits, 2);
    let mut job = play.job(&scene, &image);
    let refusal = Refusal::always(CallStage::Initiate, Target::Every, ENDPOINT_DENIAL);
    job.faults.refusals.push(refusal);
    play.run(&job);
}

/// What ECR does of its own accord, with roles of its own: an image pulled through, an image replicated.
pub(super) fn service_linked(play: &mut Play) {
    let (role, name, aside) = play.pick(&[
        (
            "PullThroughCache",
            "pullthroughcache.ecr.amazonaws.com",
            Aside::PulledThrough,
        ),
        (
            "Replication",
            "replication.ecr.amazonaws.com",
            Aside::Replicated,
        ),
    ]);
    let habits = &habits::SERVICE;
    let place = play.new_place("mirrored");
    let start = play.now;
    play.stage.asides.push((start, place, Aside::CreatedOnPush));
    play.stage.asides.push((start + SECOND, place, aside));
    if play.stage.random.percent(50) {
        let principal = play.new_principal_called(Kind::ServiceLinked, role);
        let own = play.stage.credential(&principal, start, habits);
        let login = play.stage.service(own, name);
        let image = play.image_of_its_own(habits, 2);
        let scene = Scene {
            habits,
            place,
            login,
            start,
        };
        let mut job = play.job(&scene, &image);
        job.puts_only = play.stage.random.percent(50);
        play.run(&job);
    }
    play.end = play.end.max(start + 2 * SECOND);
}

/// A push into a repository that ECR makes for it, while its first call is on the way.
pub(super) fn created_on_push(play: &mut Play) {
    let habits = play.any_http_client();
    let mut scene = play.scene(habits);
    scene.place = play.new_place("templated");
    let at = scene.start + play.pause(0, 300);
    play.stage
        .asides
        .push((at, scene.place, Aside::CreatedOnPush));
    let image = play.image(habits);
    let job = play.job(&scene, &image);
    play.run(&job);
}

/// Managed signing: after the put ECR puts signatures in the name of the pusher, each a push of its own.
pub(super) fn managed_signing(play: &mut Play) {
    let habits = play.any_http_client();
    let scene = play.scene(habits);
    let image = play.image(habits);
    let job = play.job(&scene, &image);
    let mut at = play.run(&job).end + play.pause(200, 3 * SECOND);
    let by: &Habits = play.pick(&[&habits::SERVICE, &habits::SIGNER]);
    let login = if by.is_direct {
        play.stage.service(scene.login, "signer.ecr.amazonaws.com")
    } else {
        scene.login
    };
    let puts_only = play.stage.random.percent(50);
    for _ in 0..play.pause(1, 10) {
        let signature = content::artifact(&mut play.stage.random, &image);
        let signing = Scene {
            habits: by,
            login,
            start: at,
            place: scene.place,
        };
        let mut job = play.job(&signing, &signature);
        job.tags.clear();
        job.puts_only = puts_only;
        job.is_token_open = true;
        let end = play.run(&job).end;
        at = if play.stage.random.percent(60) {
            at + play.pause(0, 400)
        } else {
            end + play.pause(0, SECOND)
        };
    }
}

/// Cosign signs and attests what was pushed, with a login of its own or the one at hand: by digest with a
/// subject, or under the tag that its second version made of the digest.
pub(super) fn cosigned(play: &mut Play) {
    let habits = play.any_http_client();
    let scene = play.scene(habits);
    let image = play.image(habits);
    let job = play.job(&scene, &image);
    let mut at = play.run(&job).end + play.pause(SECOND, 20 * SECOND);
    let by = &habits::COSIGN;
    let is_new = play.stage.random.percent(60);
    for _ in 0..play.pause(1, 3) {
        let principal = Rc::clone(&play.stage.logins[scene.login].principal);
        let login = if is_new {
            let before = at - play.pause(200, 900);
            play.stage.login(&principal, scene.place, before, by)
        } else {
            scene.login
        };
        let has_subject = play.stage.random.percent(60);
        let signature = if has_subject {
            content::artifact(&mut play.stage.random, &image)
        } else {
            play.image_of_its_own(by, 1)
        };
        let signing = Scene {
            habits: by,
            login,
            start: at,
            place: scene.place,
        };
        let mut job = play.job(&signing, &signature);
        job.tags.clear();
        if !has_subject {
            let suffix = play.pick(&["sig", "att", "sbom"]);
            job.tags = vec![format!("{}.{suffix}", image.digest.replace(':', "-"))];
        }
        at = play.run(&job).end + play.pause(2 * SECOND, 20 * SECOND);
    }
}

/// Each of the later clients once.
pub(super) fn each_newer_client(play: &mut Play) {
    for habits in habits::NEWER {
        let scene = play.scene(habits);
        let is_index = habits.name == "docker-containerd" && play.stage.random.percent(50);
        let root = if is_index {
            play.index(habits, 2)
        } else {
            play.image(habits)
        };
        let mut job = play.job(&scene, &root);
        if play.stage.random.percent(30) {
            let tag = play.tag();
            job.tags.push(tag);
        }
        play.run(&job);
        play.now = play.end + play.pause(5 * SECOND, 2 * MINUTE);
    }
}

/// The same image once more, minutes later, by one of the later clients.
pub(super) fn newer_unchanged(play: &mut Play) {
    let habits = play.pick(&habits::NEWER);
    let scene = play.scene(habits);
    let image = play.image(habits);
    let mut job = play.job(&scene, &image);
    let end = play.run(&job).end;
    job.start = end + play.pause(2 * MINUTE, 30 * MINUTE);
    job.second_look = (habits.name == "helm").then_some(SecondName::AllChecks);
    play.run(&job);
}
