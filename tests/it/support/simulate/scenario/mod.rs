//! The scenarios: what is played, and what becomes of the log.
//!
//! In: a stage. Out: runs on it. A scenario is a number of acts, each a small story of one to a few runs, and
//! a setting: who, where, and how the trail delivers. Acts follow one another or, in `mixed`, overlap.

pub(crate) mod cast;
mod edges;
mod faults;
mod parallel;
mod people;
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
    /// Fourteen of `acts`, one after another.
    const fn of(name: &'static str, acts: &'static [Act]) -> Self {
        Scenario {
            name,
            about: "",
            setting: plain,
            acts,
            n_acts: 14,
            is_crowded: false,
            finish: plain,
        }
    }

    /// The whole repertoire, and some of it twice.
    const fn everything(name: &'static str) -> Self {
        Scenario::of(name, REPERTOIRE).acts(40)
    }

    const fn about(self, about: &'static str) -> Self {
        Scenario { about, ..self }
    }

    const fn acts(self, n_acts: usize) -> Self {
        Scenario { n_acts, ..self }
    }

    const fn crowded(self) -> Self {
        Scenario {
            is_crowded: true,
            ..self
        }
    }

    const fn set(self, setting: fn(&mut Play)) -> Self {
        Scenario { setting, ..self }
    }

    const fn ending(self, finish: fn(&mut Play)) -> Self {
        Scenario { finish, ..self }
    }

    /// Keeps scenarios that play the same acts from playing the same world.
    pub(super) fn salt(&self) -> u64 {
        self.name.bytes().fold(0, |salt, byte| {
            salt.wrapping_mul(1_099_511_628_211) ^ u64::from(byte)
        })
    }

    /// Plays it.
    pub(crate) fn play(&self, play: &mut Play) {
        (self.setting)(play);
        for number in 0..self.n_acts {
            // Each act comes up at least once, where there are enough turns.
            let act = if number < self.acts.len() {
                self.acts[number]
            } else {
                play.pick(self.acts)
            };
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
    let all = SCENARIOS.iter().chain([&CAUSES]);
    all.into_iter().find(|scenario| scenario.name == name)
}

/// Every error code at every call, in both services. It stands apart: what it is to show is not that
/// pushes are recovered, but that findings name the cause.
pub(crate) const CAUSES: Scenario = Scenario::of("causes", &[faults::refused_with_anything])
    .about("every error code, known or not, at every call, in both services")
    .acts(80)
    .set(edges::both_services);

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
    shapes::rebuilt,
    shapes::mounted,
    shapes::immutable,
    people::from_abroad,
    people::equal_names,
    people::one_token,
    people::stray_token,
    parallel::jobs_of_one_role,
    parallel::images_of_one_login,
    parallel::one_image_twice,
    faults::killed_then_again,
    faults::killed_index,
    faults::children_without_index,
    faults::refused_manifest,
    faults::older_form,
    faults::refused_layer,
    faults::retried_layer,
    faults::refused_check,
    faults::denied,
    faults::stray_initiates,
    faults::stalled,
    faults::renewed_credential,
];

/// Every scenario, in the order of the table.
pub(crate) const SCENARIOS: &[Scenario] = &[
    Scenario::of("clients", &[shapes::single, shapes::each_client])
        .about("every client, one push after another"),
    Scenario::of(
        "identities",
        &[
            people::each_identity,
            people::stray_token,
            people::one_token,
        ],
    )
    .about("every kind of principal; logins that serve several pushes, or none"),
    Scenario::of(
        "parallel-jobs",
        &[parallel::jobs_of_one_role, parallel::one_image_twice],
    )
    .about("jobs of one role and session name push at once, sharing layers or all"),
    Scenario::of("parallel-images", &[parallel::images_of_one_login])
        .about("one credential pushes several images at once"),
    Scenario::of(
        "killed-and-rerun",
        &[faults::killed_then_again, faults::killed_index],
    )
    .about("clients killed at every stage, then run again at once, later or never"),
    Scenario::of(
        "refused-manifest",
        &[
            faults::refused_manifest,
            faults::older_form,
            shapes::immutable,
        ],
    )
    .about("PutImage refused: for good, then accepted, in another form, or in a later run"),
    Scenario::of(
        "refused-layer",
        &[
            faults::refused_layer,
            faults::retried_layer,
            faults::refused_check,
        ],
    )
    .about("calls for a layer refused: retried, given up, run again"),
    Scenario::of(
        "multi-platform",
        &[shapes::multi_platform, faults::children_without_index],
    )
    .about("indexes of every client, nested, attested, left without their index"),
    Scenario::of("retags", &[shapes::several_tags, shapes::retag])
        .about("several tags in one run, and promotions later"),
    Scenario::of(
        "stray-initiates",
        &[faults::stray_initiates, faults::lone_initiate],
    )
    .about("an Initiate with nothing after it, within a push and alone"),
    Scenario::of("denied", &[faults::denied]).about("refused on the first call"),
    Scenario::of(
        "gaps",
        &[shapes::single, shapes::oversized, shapes::multi_platform],
    )
    .about("parts missing, responses and manifests omitted")
    .set(edges::gaps),
    Scenario::of("renewed-credentials", &[faults::renewed_credential])
        .about("credentials renewed in the middle of long pushes"),
    Scenario::of("cross-account", &[people::from_abroad, people::equal_names])
        .about(
            "pushes from another account, with twin records or without; equal names in two regions",
        )
        .set(edges::abroad),
    Scenario::of("unchanged", &[shapes::unchanged])
        .about("images pushed again that are there already"),
    Scenario::of("rebuilt", &[shapes::rebuilt, shapes::mounted])
        .about("images that share all but a layer, under one tag; layers mounted from elsewhere"),
    Scenario::of("slow-and-fast", &[faults::stalled, shapes::shell_loop])
        .about("silence of over 15 minutes in a push, and pushes a second apart"),
    Scenario::of("by-digest", &[shapes::by_digest])
        .about("pushes without tag, tied later by an index of another run"),
    Scenario::of("artifacts", &[shapes::artifact])
        .about("signatures and SBOMs of images, sharing the empty blob"),
    Scenario::everything("mixed")
        .about("everything, by many at once")
        .crowded(),
    Scenario::everything("jitter")
        .about("everything, with clocks up to 2 s apart")
        .crowded()
        .set(edges::jitter),
    Scenario::everything("writes-only")
        .about("everything, in a trail without reads")
        .crowded()
        .set(edges::writes_only),
    Scenario::everything("keys-absent")
        .about("everything, with half of the access keys missing")
        .crowded()
        .set(edges::keys_absent),
    Scenario::everything("noise-duplicates")
        .about("everything, under much noise, records delivered twice")
        .crowded()
        .set(edges::noise),
    Scenario::everything("ecr-public")
        .about("everything, in the public registry")
        .crowded()
        .set(edges::public),
    Scenario::everything("hot-repository")
        .about("hundreds of pushes into one repository")
        .acts(120)
        .crowded()
        .set(edges::one_repository),
    Scenario::everything("cut-head")
        .about("everything, the log begins in the middle")
        .ending(edges::cut_head),
    Scenario::everything("cut-tail")
        .about("everything, the log ends in the middle")
        .ending(edges::cut_tail),
    Scenario::everything("missing-hour")
        .about("everything, an hour of log files is missing")
        .ending(edges::missing_hour),
];
