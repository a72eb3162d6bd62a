//! Settings: what becomes of the log, and where everything is played.
//!
//! In: a play, before its first act or after its last. Out: the same with other ways of the trail.

use super::super::clock::{BEGIN, HOUR, MINUTE, SECOND};

use super::cast::{GUEST, OWNER, Play};

/// Clocks up to two seconds apart.
pub(super) fn jitter(play: &mut Play) {
    play.ways.jitter = 2 * SECOND;
}

/// Parts lost, responses and large manifests omitted.
pub(super) fn gaps(play: &mut Play) {
    play.delivery.lost_parts = 15;
    play.ways.lost_responses = 10;
    play.ways.omits_large_responses = play.stage.random.percent(50);
}

/// A trail without reads.
pub(super) fn writes_only(play: &mut Play) {
    play.delivery.writes_only = true;
}

/// Of pushes from abroad, at times only the owner's records are at hand.
pub(super) fn abroad(play: &mut Play) {
    play.ways.records_twins = play.stage.random.percent(50);
}

/// Half of the proxied records without access key, as from an older front.
pub(super) fn keys_absent(play: &mut Play) {
    play.ways.hidden_keys = 50;
    play.ways.event_version = "1.05";
    play.ways.marker = "AWS Internal";
}

/// Ten times the noise, and records delivered twice.
pub(super) fn noise(play: &mut Play) {
    play.noise_every = 1_500;
    play.delivery.duplicates = 20;
    play.delivery.has_second_trail = play.stage.random.percent(50);
}

/// The repositories are those of the public gallery.
pub(super) fn public(play: &mut Play) {
    let stage = &mut play.stage;
    play.places = ["app", "web", "tools"]
        .iter()
        .map(|name| stage.public_repository(OWNER, "k4y9r6y5", name))
        .collect();
}

/// Repositories of the public gallery beside the others.
pub(super) fn both_services(play: &mut Play) {
    let public = play
        .stage
        .public_repository(OWNER, "k4y9r6y5", "open/tools");
    play.places.push(public);
}

/// One repository for all.
pub(super) fn one_repository(play: &mut Play) {
    play.places.truncate(1);
}

/// The log begins in the middle of it all.
pub(super) fn cut_head(play: &mut Play) {
    play.delivery.cut_head = Some(middle(play));
}

/// The log ends in the middle of it all.
pub(super) fn cut_tail(play: &mut Play) {
    play.delivery.cut_tail = Some(middle(play));
}

/// An hour is missing from the middle; every other time digest files say so.
pub(super) fn missing_hour(play: &mut Play) {
    play.delivery.missing_hour = Some(middle(play) - 30 * MINUTE);
    play.delivery.has_digests = play.stage.random.percent(50);
}

/// Calls are recorded once more as network activity of a VPC endpoint, all or some.
pub(super) fn network_activity(play: &mut Play) {
    play.ways.network_activity = play.pick(&[100, 100, 50]);
    play.ways.event_version = "1.11";
    play.ways.marker = "ecr.amazonaws.com";
}

/// Both accounts' trails are at hand; of one of them, or of both, files are missing at an end.
pub(super) fn accounts_apart(play: &mut Play) {
    let from = BEGIN + play.pause(0, 2 * (middle(play) - BEGIN));
    let to = BEGIN + play.pause(0, 2 * (middle(play) - BEGIN));
    let cuts = match play.stage.random.index(4) {
        0 => vec![(GUEST, Some(from), None)],
        1 => vec![(GUEST, None, Some(to))],
        2 => vec![(GUEST, Some(from.min(to)), Some(from.max(to)))],
        _ => vec![(OWNER, None, Some(middle(play))), (GUEST, Some(from), None)],
    };
    play.delivery.account_cuts = cuts
        .into_iter()
        .map(|(account, from, to)| (account.to_owned(), from, to))
        .collect();
}

/// In one world of four the trail logs no reads.
pub(super) fn some_without_reads(play: &mut Play) {
    play.delivery.writes_only = play.stage.random.percent(25);
}

fn middle(play: &Play) -> i64 {
    let first = BEGIN + HOUR;
    let half = first + (play.end - first) / 2;
    half.div_euclid(5 * MINUTE) * 5 * MINUTE
}
