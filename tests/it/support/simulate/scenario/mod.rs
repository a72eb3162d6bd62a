//! The scenarios: what is played, and what becomes of the log.
//!
//! In: a stage. Out: runs on it. A scenario is a number of acts, each a small story of one to a few runs, and
//! a setting: who, where, and how the trail delivers. Acts follow one another or, in `mixed`, overlap.

pub(crate) mod cast;
mod edges;
mod faults;
mod parallel;
mod shapes;

use super::clock::{MINUTE, SECOND};

use self::cast::Play;

/// One small story.
type Act = fn(&mut Play);

/// One kind of world.
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    /// What it shows, for the table of accuracy.
    pub(crate) about: &'static str,
    setting: fn(&mut Play),
    acts: &'static [Act],
    n_acts: usize,
    /// Acts begin before the last one is over.
    is_crowded: bool,
    finish: fn(&mut Play),
}

fn plain(_: &mut Play) {}

impl Scenario {
    /// A scenario in which the acts follow one another.
    const fn of(name: &'static str, about: &'static str, n_acts: usize, acts: &'static [Act]) -> Self {
        Scenario { name, about, setting: plain, acts, n_acts, is_crowded: false, finish: plain }
    }

    const fn crowded(self) -> Self {
        Scenario { is_crowded: true, ..self }
    }

    const fn set(self, setting: fn(&mut Play)) -> Self {
        Scenario { setting, ..self }
    }

    const fn ending(self, finish: fn(&mut Play)) -> Self {
        Scenario { finish, ..self }
    }

    /// Plays it.
    pub(crate) fn play(&self, play: &mut Play) {
        (self.setting)(play);
        for number in 0..self.n_acts {
            // Each act comes up at least once, where there are enough turns.
            let act = if number < self.acts.len() { self.acts[number] } else { *play.pick(self.acts) };
            act(play);
            play.now = if self.is_crowded {
                play.now + play.pause(2 * SECOND, 100 * SECOND)
            } else {
                play.end + play.pause(20 * SECOND, 6 * MINUTE)
            };
        }
        (self.finish)(play);
    }
}

/// The scenario of that name.
pub(crate) fn scenario(name: &str) -> Option<&'static Scenario> {
    SCENARIOS.iter().find(|scenario| scenario.name == name)
}

/// All acts, for scenarios that play everything.
const REPERTOIRE: &[Act] = &[
    shapes::single,
    shapes::single,
    shapes::several_tags,
    shapes::multi_platform,
    shapes::retag,
    shapes::by_digest,
    shapes::unchanged,
    shapes::artifact,
    shapes::shell_loop,
    parallel::jobs_of_one_role,
    parallel::images_of_one_login,
    faults::killed_then_again,
    faults::refused_manifest,
    faults::refused_layer,
    faults::retried_layer,
    faults::denied,
    faults::stray_initiates,
    faults::stalled,
    faults::children_without_index,
    faults::renewed_credential,
];

/// Every scenario, in the order of the table.
pub(crate) const SCENARIOS: &[Scenario] = &[
    Scenario::of("clients", "every client, one push after another", 24, &[shapes::single, shapes::each_client]),
    Scenario::of("identities", "every kind of principal, tokens that serve several pushes or none", 24, &[shapes::each_identity, shapes::stray_token, shapes::one_token]),
    Scenario::of("parallel-jobs", "jobs of one role and session name push at once, sharing layers", 8, &[parallel::jobs_of_one_role]),
    Scenario::of("parallel-images", "one credential pushes several images at once", 8, &[parallel::images_of_one_login]),
    Scenario::of("killed-and-rerun", "clients killed at every stage, then run again at once, later or never", 14, &[faults::killed_then_again]),
    Scenario::of("refused-manifest", "PutImage refused: for good, then accepted, or in a later run", 14, &[faults::refused_manifest]),
    Scenario::of("refused-layer", "calls for a layer refused: retried, given up, run again", 18, &[faults::refused_layer, faults::retried_layer]),
    Scenario::of("multi-platform", "indexes of every client, nested, attested, left without their index", 14, &[shapes::multi_platform, shapes::multi_platform, faults::children_without_index]),
    Scenario::of("retags", "several tags in one run, retags at once and promotions later", 14, &[shapes::several_tags, shapes::retag]),
    Scenario::of("stray-initiates", "an Initiate with nothing after it, within a push and alone", 12, &[faults::stray_initiates, faults::lone_initiate]),
    Scenario::of("denied", "refused on the first call", 14, &[faults::denied]),
    Scenario::of("gaps", "parts missing, responses and manifests omitted", 16, &[shapes::single, shapes::oversized, shapes::multi_platform]).set(edges::gaps),
    Scenario::of("renewed-credentials", "credentials renewed in the middle of long pushes", 10, &[faults::renewed_credential]),
    Scenario::of("cross-account", "pushes from another account with twin records, equal names in two regions", 14, &[shapes::from_abroad, shapes::equal_names]),
    Scenario::of("unchanged", "images pushed again that are there already", 12, &[shapes::unchanged]),
    Scenario::of("slow-and-fast", "silence of over 15 minutes in a push, and pushes a second apart", 12, &[faults::stalled, shapes::shell_loop]),
    Scenario::of("by-digest", "pushes without tag, tied later by an index of another run", 10, &[shapes::by_digest]),
    Scenario::of("artifacts", "signatures and SBOMs of images, sharing the empty blob", 12, &[shapes::artifact]),
    Scenario::of("mixed", "everything, by many at once", 40, REPERTOIRE).crowded(),
    Scenario::of("jitter", "everything, with clocks up to 2 s apart", 40, REPERTOIRE).crowded().set(edges::jitter),
    Scenario::of("writes-only", "everything, in a trail without reads", 40, REPERTOIRE).crowded().set(edges::writes_only),
    Scenario::of("keys-absent", "everything, with half of the access keys missing", 40, REPERTOIRE).crowded().set(edges::keys_absent),
    Scenario::of("noise-duplicates", "everything, under ten times the noise, records twice", 40, REPERTOIRE).crowded().set(edges::noise),
    Scenario::of("ecr-public", "everything, in the public registry", 40, REPERTOIRE).crowded().set(edges::public),
    Scenario::of("hot-repository", "hundreds of pushes into one repository", 110, REPERTOIRE).crowded().set(edges::one_repository),
    Scenario::of("cut-head", "everything, the log begins in the middle", 40, REPERTOIRE).crowded().ending(edges::cut_head),
    Scenario::of("cut-tail", "everything, the log ends in the middle", 40, REPERTOIRE).crowded().ending(edges::cut_tail),
    Scenario::of("missing-hour", "everything, an hour of log files is missing", 40, REPERTOIRE).ending(edges::missing_hour),
];
