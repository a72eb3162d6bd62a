//! The scenarios: what is played, and what becomes of the log.
//!
//! In: a stage. Out: runs on it. A scenario is a number of acts, each a small story of one to a few runs, and
//! a setting: who, where, and how the trail delivers. Acts follow one another or, in `mixed`, overlap.

mod beyond;
mod builds;
pub(crate) mod cast;
mod edges;
mod faults;
mod loops;
mod parallel;
mod people;
mod shapes;
mod troubles;

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
    /// Came in with what later reports and captures of real clients showed.
    pub(crate) is_later: bool,
    /// So many percent of its events, at most, nobody can tell to which push they belong.
    pub(crate) undecidable: u32,
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
            is_later: false,
            undecidable: 5,
        }
    }

    /// The same of what came in later.
    const fn later(name: &'static str, acts: &'static [Act]) -> Self {
        Scenario {
            is_later: true,
            ..Scenario::of(name, acts)
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

    /// One client does so much side by side that this share cannot be told.
    const fn undecidable(self, percent: u32) -> Self {
        Scenario {
            undecidable: percent,
            ..self
        }
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

/// The acts that came in later, from reports and captures of real clients. They stand apart, so that the worlds
/// drawn from [`REPERTOIRE`] stay as they were.
const LATER: &[Act] = &[
    loops::tags_in_a_row,
    loops::tags_in_a_row,
    loops::all_tags_of_one,
    loops::all_tags_of_two,
    loops::images_in_a_row,
    loops::charts,
    loops::one_tag_refused,
    builds::permission_check,
    builds::permission_check,
    builds::cached_layers,
    builds::image_and_cache,
    builds::with_provenance,
    troubles::first_upload_lost,
    troubles::every_upload_lost,
    troubles::refused_as_eof,
    troubles::refused_at_once,
    troubles::repository_made_meanwhile,
    troubles::lulls,
    troubles::checks_then_put,
    beyond::mount_probe,
    beyond::several_regions,
    beyond::shown_client,
    beyond::service_linked,
    beyond::created_on_push,
    beyond::managed_signing,
    beyond::cosigned,
    beyond::newer_unchanged,
    beyond::refused_abroad,
    shapes::single,
    shapes::multi_platform,
    faults::killed_then_again,
    parallel::jobs_of_one_role,
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
    Scenario::later(
        "newer-clients",
        &[beyond::each_newer_client, beyond::newer_unchanged],
    )
    .about("later clients, one push after another, some pushed again")
    .acts(6),
    Scenario::later(
        "loops-of-tags",
        &[loops::tags_in_a_row, loops::all_tags_of_one],
    )
    .about("one image under two to four tags by a loop or `push -a`, seconds apart"),
    Scenario::later(
        "loops-of-images",
        &[loops::images_in_a_row, loops::all_tags_of_two],
    )
    .about("image after image by a loop, and `push -a` of two images, seconds apart"),
    Scenario::later("digest-then-tag", &[loops::charts])
        .about("charts put by digest, read, and put by tag up to 5 s later"),
    Scenario::later("refused-tags", &[loops::one_tag_refused])
        .about("several tags in one run, of which one is refused: first, middle or last"),
    Scenario::later("permission-checks", &[builds::permission_check])
        .about("a lone Initiate seconds to 30 minutes before the push; with and without a build that fails"),
    Scenario::later("cached-layers", &[builds::cached_layers])
        .about("the same, and cached layers pushed as images of their own meanwhile"),
    Scenario::later(
        "side-by-side",
        &[builds::image_and_cache, builds::image_and_cache, builds::with_provenance],
    )
    .about("image and cache, or image, provenance and index, by one client at once; caches refused")
    .undecidable(25),
    Scenario::later(
        "lost-uploads",
        &[troubles::first_upload_lost, troubles::every_upload_lost],
    )
    .about("uploads that are begun and lost, and tried again or not; with and without reads in the log")
    .set(edges::some_without_reads),
    Scenario::later(
        "refused-as-eof",
        &[
            troubles::refused_as_eof,
            troubles::refused_at_once,
            troubles::repository_made_meanwhile,
        ],
    )
    .about("begins refused and retried whatever the code, or not; repeated minutes later; a repository made meanwhile"),
    Scenario::later("mount-probes", &[beyond::mount_probe])
        .about("checks in another repository before mounts: granted, not granted, refused"),
    Scenario::later("lulls", &[troubles::lulls, troubles::checks_then_put])
        .about("pauses of 1 to 10 s between checks, uploads and put")
        .set(edges::some_without_reads),
    Scenario::later("accounts-apart", &[beyond::refused_abroad])
        .about("twin records of two accounts whose logs begin and end at different times")
        .ending(edges::accounts_apart),
    Scenario::later("several-regions", &[beyond::several_regions])
        .about("one principal logs in for two or three regions within seconds"),
    Scenario::later("shown-clients", &[beyond::shown_client])
        .about("calls that show the client's own address; SDK and CLI beside it under the same key"),
    Scenario::later(
        "services",
        &[beyond::service_linked, beyond::created_on_push],
    )
    .about("pull-through, replication and create-on-push by roles of services"),
    Scenario::later(
        "network-activity",
        &[
            shapes::single,
            shapes::several_tags,
            shapes::multi_platform,
            beyond::denied_by_endpoint,
        ],
    )
    .about("calls once more as network activity of a VPC endpoint; calls that its policy denies")
    .set(edges::network_activity),
    Scenario::later("signatures", &[beyond::managed_signing, beyond::cosigned])
        .about("signatures by ECR itself in the pusher's name, and by cosign")
        .undecidable(15),
    Scenario::later("later-mixed", LATER)
        .about("all of these, by many at once")
        .acts(45)
        .crowded(),
    Scenario::later("later-jitter", LATER)
        .about("all of these, with clocks up to 2 s apart")
        .acts(45)
        .crowded()
        .set(edges::jitter),
    Scenario::later("later-writes-only", LATER)
        .about("all of these, in a trail without reads")
        .acts(45)
        .crowded()
        .set(edges::writes_only),
    Scenario::later("later-keys-absent", LATER)
        .about("all of these, with half of the access keys missing")
        .acts(45)
        .crowded()
        .set(edges::keys_absent),
];
