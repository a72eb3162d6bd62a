//! Pullers that know the truth: what clients of many kinds take from repositories whose tags move.
//!
//! In: a seed. Out: the log files, and of every pull its calls, its image, its caller and its address. Clients are modelled
//! from the sources of docker, containerd and crane; nothing here knows how reads are put together.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::simulate::call::{Call, LoginId, PlaceId, Request};
use super::simulate::clock::{BEGIN, HOUR, MINUTE, Millis, SECOND};
use super::simulate::content::{Dialect, Manifest, image, index, layers};
use super::simulate::habits;
use super::simulate::identity::Kind;
use super::simulate::random::Random;
use super::simulate::record::{self, Record};
use super::simulate::stage::Stage;
use super::simulate::trail::{self, Delivery};
use super::simulate::{noise, ways::Ways};

/// A pull as it was.
pub(crate) struct TruePull {
    pub(crate) client: &'static str,
    pub(crate) events: BTreeSet<String>,
    pub(crate) digest: String,
    /// The caller's ARN; none for a service.
    pub(crate) arn: Option<String>,
    /// The address that the log can show.
    pub(crate) address: Option<String>,
    /// The tag moved in the second of its reading, and nothing else names the image.
    pub(crate) is_open: bool,
}

/// A world of pulls.
pub(crate) struct Pullers {
    /// The paths of the bucket, with their contents.
    pub(crate) files: Vec<(String, Vec<u8>)>,
    pub(crate) pulls: Vec<TruePull>,
}

/// The kinds of clients.
const CLIENTS: [&str; 7] = [
    "docker",
    "containerd",
    "kubelet",
    "ecs",
    "lambda",
    "crane",
    "scanner",
];

/// One that pulls.
struct Puller {
    client: &'static str,
    login: LoginId,
    is_direct: bool,
    /// What it has already.
    holds: BTreeSet<Rc<str>>,
}

/// Where a tag stands from an instant on.
type Tags = BTreeMap<(PlaceId, &'static str), Vec<(Millis, Rc<Manifest>)>>;

/// Plays pulls of a day.
pub(crate) fn pullers(seed: u64, n_pulls: usize) -> Pullers {
    let mut stage = Stage::new(seed);
    let account = "123456789012";
    let places: Vec<PlaceId> = ["shop/web", "shop/api", "base/os"]
        .map(|name| stage.repository(account, "eu-central-1", name))
        .into();
    let tags = pushes(&mut stage, account, &places);
    let mut random = Random::new(seed ^ 0x7075_6c6c);
    let mut pullers = cast(&mut stage, account, places[0]);
    let mut of_call: BTreeMap<usize, usize> = BTreeMap::new();
    let mut pulls = Vec::new();
    let mut at = BEGIN + 2 * HOUR;
    for number in 0..n_pulls {
        at += random.within(0, 40) * SECOND + random.within(0, 999);
        let who = random.index(pullers.len());
        let place = *random.pick(&places);
        let tag = *random.pick(&["prod", "main"]);
        let stood = &tags[&(place, tag)];
        let before = |at: Millis| stood.iter().rev().find(|(since, _)| *since <= at);
        let Some((_, manifest)) = before(at) else {
            continue;
        };
        let puller = &mut pullers[who];
        let first = stage.calls.len();
        let (names_digest, end) = pull(&mut stage, &mut random, puller, (place, tag), manifest, at);
        for call in first..stage.calls.len() {
            of_call.insert(call, number);
        }
        let second = |at: Millis| at / SECOND;
        let moved = stood.iter().any(|(since, _)| second(*since) == second(at));
        let login = &stage.logins[puller.login];
        pulls.push(TruePull {
            client: puller.client,
            events: BTreeSet::new(),
            digest: manifest.digest.to_string(),
            arn: login.principal.arn().filter(|_| puller.client != "lambda"),
            address: match puller.client {
                "lambda" | "scanner" => None,
                _ => Some(login.address.clone()),
            },
            is_open: moved && !names_digest,
        });
        // One machine pulls one image after the other.
        at = at.max(if random.percent(70) { end } else { at });
    }
    deliver(&mut stage, random, &of_call, pulls)
}

/// Images under tags that move.
fn pushes(stage: &mut Stage, account: &str, places: &[PlaceId]) -> Tags {
    let mut random = stage.random.split();
    let ci = stage.principal(Kind::Role, account, "ci");
    let mut tags = Tags::new();
    for &place in places {
        let shared = layers(&mut random, 2);
        for tag in ["prod", "main"] {
            let mut at = BEGIN + random.within(1, 60) * MINUTE;
            for _ in 0..6 {
                let login = stage.login(&ci, place, at - 20 * SECOND, &habits::DOCKER);
                let image_of = |random: &mut Random| {
                    let mut own = shared.clone();
                    own.extend(layers(random, 2));
                    image(random, Dialect::Oci, &own)
                };
                let manifest = match random.percent(40) {
                    true => {
                        let children = [image_of(&mut random), image_of(&mut random)];
                        index(Dialect::Oci, &children)
                    }
                    false => image_of(&mut random),
                };
                for one in manifest.bottom_up() {
                    let is_root = one.digest == manifest.digest;
                    let manifest = Rc::clone(&one);
                    let tag = is_root.then(|| tag.to_owned());
                    call(
                        stage,
                        (login, false),
                        place,
                        at,
                        Request::Put { manifest, tag },
                    );
                }
                tags.entry((place, tag)).or_default().push((at, manifest));
                at += random.within(40, 200) * MINUTE;
            }
        }
    }
    tags
}

/// Machines and services, with their logins.
fn cast(stage: &mut Stage, account: &str, place: PlaceId) -> Vec<Puller> {
    let mut pullers = Vec::new();
    for (number, client) in CLIENTS.iter().cycle().take(28).enumerate() {
        let kind = match *client {
            "docker" => Kind::User,
            "containerd" | "kubelet" => Kind::Instance,
            "scanner" => Kind::ServiceLinked,
            _ => Kind::Role,
        };
        let principal = stage.principal(kind, account, &format!("{client}{number}"));
        let at = BEGIN + HOUR + number as i64 * SECOND;
        let login = match *client {
            "lambda" | "scanner" => {
                let own = stage.credential(&principal, at, &habits::DOCKER);
                let name = match *client {
                    "lambda" => "lambda.amazonaws.com",
                    _ => "inspector2.amazonaws.com",
                };
                stage.service(own, name)
            }
            _ => stage.login(&principal, place, at, &habits::DOCKER),
        };
        pullers.push(Puller {
            client,
            login,
            is_direct: matches!(*client, "lambda" | "scanner"),
            holds: BTreeSet::new(),
        });
    }
    pullers
}

fn call(
    stage: &mut Stage,
    (login, is_direct): (LoginId, bool),
    place: PlaceId,
    at: Millis,
    request: Request,
) {
    stage.calls.push(Call {
        at,
        run: None,
        login,
        place,
        is_direct,
        request,
        upload: None,
        about: None,
        error_code: None,
    });
}

/// One pull; whether a manifest was asked for by digest, and when it ended.
fn pull(
    stage: &mut Stage,
    random: &mut Random,
    puller: &mut Puller,
    (place, tag): (PlaceId, &str),
    manifest: &Rc<Manifest>,
    mut at: Millis,
) -> (bool, Millis) {
    let who = (puller.login, puller.is_direct);
    let digest = manifest.digest.to_string();
    let by_digest = puller.client == "scanner" || random.percent(10);
    let begin = match by_digest {
        true => digest.clone(),
        false => tag.to_owned(),
    };
    let mut names_digest = by_digest;
    let read = |stage: &mut Stage, at: Millis, reference: &str| {
        let reference = reference.to_owned();
        call(stage, who, place, at, Request::Read { reference });
    };
    read(stage, at, &begin);
    at += random.within(20, 300);
    match puller.client {
        "containerd" | "kubelet" => {
            if puller.holds.contains(&manifest.digest) {
                // Only a look at where the tag stands.
                return (names_digest, at);
            }
            names_digest = true;
            read(stage, at, &digest);
        }
        "crane" => read(stage, at, &begin),
        _ => {}
    }
    at += random.within(20, 300);
    let wanted: Vec<Rc<Manifest>> = match (puller.client, manifest.children.as_slice()) {
        (_, []) => vec![Rc::clone(manifest)],
        ("crane", children) => children.to_vec(),
        (_, [first, ..]) => vec![Rc::clone(first)],
    };
    for one in &wanted {
        if one.digest != manifest.digest {
            names_digest = true;
            read(stage, at, &one.digest);
            at += random.within(20, 200);
        }
        for blob in &one.blobs {
            let is_new = puller.holds.insert(Rc::clone(&blob.digest));
            if is_new || puller.client == "crane" || puller.client == "lambda" {
                let digest = Rc::clone(&blob.digest);
                call(stage, who, place, at, Request::Layer { digest });
                at += random.within(10, 2_500);
            }
        }
    }
    puller.holds.insert(Rc::clone(&manifest.digest));
    (names_digest, at + 3 * SECOND)
}

fn deliver(
    stage: &mut Stage,
    mut random: Random,
    of_call: &BTreeMap<usize, usize>,
    mut pulls: Vec<TruePull>,
) -> Pullers {
    let ways = Ways::default();
    let mut number_of: BTreeMap<usize, usize> = BTreeMap::new();
    for number in of_call.values() {
        let next = number_of.len();
        number_of.entry(*number).or_insert(next);
    }
    let mut records: Vec<Record> = Vec::new();
    for number in 0..stage.calls.len() {
        for record in record::records(stage, &ways, &mut random, number) {
            if let Some(pull) = of_call.get(&number) {
                let pull = &mut pulls[number_of[pull]];
                pull.events.insert(record.event_id.clone());
            }
            records.push(record);
        }
    }
    let last = records.iter().map(|record| record.time).max();
    let mut at = BEGIN;
    while at < last.unwrap_or(BEGIN) + HOUR {
        let record = noise::of_other_services(&mut random, "123456789012", "eu-central-1", at);
        // Its reads of images are nobody's pulls here.
        if !record.json.contains("BatchGetImage") {
            records.push(record);
        }
        at += 90 * SECOND;
    }
    let delivered = trail::deliver(&mut random, &Delivery::default(), records);
    Pullers {
        files: delivered.files,
        pulls,
    }
}
