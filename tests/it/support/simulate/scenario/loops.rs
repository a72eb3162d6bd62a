//! Acts of shell loops: one manifest under several tags, image after image, and tags that are refused.

use super::super::clock::{Millis, SECOND};
use super::super::content;
use super::super::habits::{self, Checks, Habits, SecondName};
use super::super::stage::{Done, Job};

use super::cast::Play;

/// From the last upload to the put, as was seen of clients.
pub(super) const TO_PUT: (Millis, Millis) = (200, 2 * SECOND);

/// From one push of a loop to the first call of the next.
fn gap(play: &mut Play) -> Millis {
    play.pause(500, 5 * SECOND)
}

/// Whoever people call in loops.
fn looping_client(play: &mut Play) -> &'static Habits {
    play.pick(&[
        &habits::DOCKER,
        &habits::DOCKER,
        &habits::DOCKER_CONTAINERD,
        &habits::SKOPEO,
        &habits::PODMAN,
        &habits::CRANE,
        &habits::REGCLIENT,
        &habits::OCI_CLIENT,
    ])
}

/// What docker asks of an image that it pushed a moment ago; others ask as ever.
fn second_look(play: &mut Play, habits: &Habits) -> Option<SecondName> {
    let look = play.pick(&[SecondName::ConfigCheck, SecondName::AllChecks]);
    (habits.checks == Checks::Known).then_some(look)
}

/// Pushes the image of `job`, which was pushed a moment ago, under another tag.
fn once_more(play: &mut Play, job: &Job, before: Done) -> Done {
    let mut job = job.clone();
    job.start = play.end.max(before.end) + gap(play);
    job.tags = vec![play.tag()];
    job.told_with = Some(before.run);
    job.second_look = second_look(play, job.habits);
    play.run(&job)
}

/// `push app:sha && push app:latest`, by a loop over two to four tags; now and then one tag is refused.
pub(super) fn tags_in_a_row(play: &mut Play) {
    let habits = looping_client(play);
    let scene = play.scene(habits);
    let image = play.image(habits);
    let mut job = play.job(&scene, &image);
    job.lulls.before_put = Some(TO_PUT);
    let mut done = play.run(&job);
    for _ in 0..play.pause(1, 3) {
        let mut next = job.clone();
        next.start = done.end + gap(play);
        next.tags = vec![play.tag()];
        next.told_with = Some(done.run);
        next.second_look = second_look(play, habits);
        if play.stage.random.percent(8) {
            next.faults.refused_tags = vec![(next.tags[0].clone(), refusal_of_tag(play))];
        }
        let before = done;
        done = play.run(&next);
        if !done.succeeded {
            // The loop stops, or goes on from the image that is there.
            if play.stage.random.percent(50) {
                return;
            }
            done = Done {
                run: before.run,
                ..done
            };
        }
    }
}

/// `docker push -a` of one image.
pub(super) fn all_tags_of_one(play: &mut Play) {
    let habits = &habits::DOCKER;
    let scene = play.scene(habits);
    let image = play.image(habits);
    let mut job = play.job(&scene, &image);
    job.lulls.before_put = Some(TO_PUT);
    let mut done = play.run(&job);
    for _ in 0..play.pause(1, 3) {
        done = once_more(play, &job, done);
    }
}

/// `docker push -a` of two images on one base, whose tags come in any order.
pub(super) fn all_tags_of_two(play: &mut Play) {
    let habits = &habits::DOCKER;
    let scene = play.scene(habits);
    let base = content::layers(&mut play.stage.random, 2);
    let machine = play.stage.random.next();
    let mut jobs = Vec::new();
    for _ in 0..2 {
        let mut layers = base.clone();
        layers.extend(content::layers(&mut play.stage.random, 2));
        let image = content::image(&mut play.stage.random, habits.dialect, &layers);
        let mut job = play.job(&scene, &image);
        job.lulls.before_put = Some(TO_PUT);
        job.machine = machine;
        jobs.push(job);
    }
    let mut order = vec![0, 1, play.stage.random.index(2), play.stage.random.index(2)];
    order.truncate(2 + play.stage.random.index(3));
    play.stage.random.shuffle(&mut order);
    let mut done: [Option<Done>; 2] = [None, None];
    let mut start = scene.start;
    for which in order {
        done[which] = Some(match done[which] {
            Some(before) => once_more(play, &jobs[which], before),
            None => {
                jobs[which].start = start;
                play.run(&jobs[which].clone())
            }
        });
        start = play.end + gap(play);
    }
}

/// A loop over images, some of them on one base; now and then one is refused.
pub(super) fn images_in_a_row(play: &mut Play) {
    let habits = looping_client(play);
    let scene = play.scene(habits);
    let n_base = play.stage.random.index(3);
    let base = content::layers(&mut play.stage.random, n_base);
    let machine = play.stage.random.next();
    let mut start = scene.start;
    for _ in 0..play.pause(2, 4) {
        let n_own = 1 + play.stage.random.index(4);
        let mut layers = base.clone();
        layers.extend(content::layers(&mut play.stage.random, n_own));
        let image = content::image(&mut play.stage.random, habits.dialect, &layers);
        let mut job = play.job(&scene, &image);
        job.machine = machine;
        job.start = start;
        job.lulls.before_put = Some(TO_PUT);
        if play.stage.random.percent(8) {
            job.faults.refused_tags = vec![(job.tags[0].clone(), refusal_of_tag(play))];
        }
        let end = play.run(&job).end;
        start = end + gap(play);
    }
}

/// Charts by helm: by digest, a read, then by tag up to five seconds later.
pub(super) fn charts(play: &mut Play) {
    let habits = &habits::HELM;
    let scene = play.scene(habits);
    let mut start = scene.start;
    for _ in 0..play.pause(1, 3) {
        let chart = play.image_of_its_own(habits, 1);
        let mut job = play.job(&scene, &chart);
        job.start = start;
        job.lulls.before_put = Some(TO_PUT);
        job.lulls.between_names = Some((100, 5 * SECOND));
        let end = play.run(&job).end;
        start = end + play.pause(2 * SECOND, 30 * SECOND);
    }
}

fn refusal_of_tag(play: &mut Play) -> &'static str {
    play.pick(&[
        "ImageTagAlreadyExistsException",
        "ImageTagAlreadyExistsException",
        "AccessDenied",
        "LimitExceededException",
    ])
}

/// One run puts several tags, of which one is refused: the first, one in the middle or the last.
pub(super) fn one_tag_refused(play: &mut Play) {
    let habits = play.any_http_client();
    let scene = play.scene(habits);
    let image = play.image(habits);
    let mut job = play.job(&scene, &image);
    for _ in 0..play.pause(1, 3) {
        let tag = play.tag();
        job.tags.push(tag);
    }
    let nth = play.stage.random.index(job.tags.len());
    job.faults.refused_tags = vec![(job.tags[nth].clone(), refusal_of_tag(play))];
    job.goes_on_over_tags = play.stage.random.percent(70);
    job.lulls.between_names = play.pick(&[None, Some((100, 900)), Some((500, 2 * SECOND))]);
    play.run(&job);
}
