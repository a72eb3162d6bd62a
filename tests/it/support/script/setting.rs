//! The directives of a script: where it plays, who is in it, and how the trail delivers.
//!
//! In: the words of one line. Out: the settings that the events are played with.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::super::simulate::call::PlaceId;
use super::super::simulate::clock::{Millis, SECOND};
use super::super::simulate::identity::{Kind, Principal};
use super::super::simulate::random::Random;
use super::super::simulate::stage::Stage;
use super::super::simulate::trail::Delivery;
use super::act::Edit;
use super::{Fallible, bytes, clock, seed};

/// 2026-03-17T00:00:00Z.
const DAY: Millis = 1_773_705_600_000;

/// What the directives said.
pub(super) struct Setting {
    /// Midnight of the day of every time.
    pub(super) day: Millis,
    account: String,
    region: String,
    people: BTreeMap<String, Rc<Principal>>,
    pub(super) places: Vec<(String, PlaceId)>,
    /// Sizes that were given.
    pub(super) sizes: BTreeMap<String, u64>,
    /// From, to and mean pause of records of other services.
    pub(super) noise: Vec<(Millis, Millis, Millis)>,
    pub(super) delivery: Delivery,
    /// By name, what is set in the records of all that somebody calls from here on.
    given: BTreeMap<String, Vec<Edit>>,
}

impl Default for Setting {
    fn default() -> Self {
        Setting {
            day: DAY,
            account: "123456789012".to_owned(),
            region: "eu-central-1".to_owned(),
            people: BTreeMap::new(),
            places: Vec::new(),
            sizes: BTreeMap::new(),
            noise: Vec::new(),
            delivery: Delivery::default(),
            given: BTreeMap::new(),
        }
    }
}

impl Setting {
    /// Reads one directive.
    pub(super) fn set(&mut self, stage: &mut Stage, words: &[&str]) -> Fallible<()> {
        match words {
            ["account", account] => (*account).clone_into(&mut self.account),
            ["region", region] => (*region).clone_into(&mut self.region),
            ["who", name, kind] => {
                let kind = kind_of(kind)?;
                let mut random = Random::new(seed(name));
                let principal = Principal::new(&mut random, kind, &self.account, name);
                self.people.insert((*name).to_owned(), Rc::new(principal));
            }
            ["repo", name] => {
                let place = stage.repository(&self.account, &self.region, name);
                self.places.push(((*name).to_owned(), place));
            }
            ["repo", name, "public", alias] => {
                let place = stage.public_repository(&self.account, alias, name);
                self.places.push(((*name).to_owned(), place));
            }
            ["with", name, fields @ ..] => {
                let edits = fields.iter().map(|field| {
                    let set = field.split_once('=').and_then(|(at, to)| Edit::of(at, to));
                    set.ok_or_else(|| format!("expected /POINTER=VALUE, not `{field}`"))
                });
                let edits = edits.collect::<Fallible<Vec<Edit>>>()?;
                self.given.insert((*name).to_owned(), edits);
            }
            ["blob", name, size] => {
                self.sizes.insert((*name).to_owned(), bytes(size)?);
            }
            ["noise", from, to, every] => {
                let every = every.parse::<i64>().map_err(|_| "expected whole seconds")?;
                let (from, to) = (clock(self.day, from)?, clock(self.day, to)?);
                self.noise.push((from, to, every * SECOND));
            }
            ["begins", at] => self.delivery.cut_head = Some(clock(self.day, at)?),
            ["ends", at] => self.delivery.cut_tail = Some(clock(self.day, at)?),
            ["hole", at] => self.delivery.missing_hour = Some(clock(self.day, at)?),
            ["digests"] => self.delivery.has_digests = true,
            ["doubled"] => self.delivery.has_second_trail = true,
            ["writes-only"] => self.delivery.writes_only = true,
            _ => return Err(format!("no directive reads `{}`", words.join(" "))),
        }
        Ok(())
    }

    /// The principal called `name`; `ci.2` is another job of `ci`.
    pub(super) fn principal(&self, name: &str) -> Fallible<Rc<Principal>> {
        let person = name.split('.').next().unwrap_or(name);
        let known = self.people.get(person).map(Rc::clone);
        known.ok_or_else(|| format!("nobody is called `{person}`: add `who {person} role`"))
    }

    /// What is set in the records of a call of `name`.
    pub(super) fn given(&self, name: &str) -> Vec<Edit> {
        self.given.get(name).cloned().unwrap_or_default()
    }

    /// The repository called `name`; the first one for `-`.
    pub(super) fn place(&self, name: &str) -> Fallible<PlaceId> {
        let mut places = self.places.iter();
        let found = places.find(|(known, _)| name == "-" || known == name);
        let found = found.map(|(_, place)| *place);
        found.ok_or_else(|| format!("no repository is called `{name}`: add `repo {name}`"))
    }

    /// Every account and region that something is recorded for.
    pub(super) fn trails(&self, stage: &Stage) -> BTreeSet<(String, String)> {
        let places = self
            .places
            .iter()
            .map(|(_, place)| &stage.registry.places[*place]);
        let trails = places.map(|place| (place.account.clone(), place.region.clone()));
        trails.collect()
    }
}

fn kind_of(text: &str) -> Fallible<Kind> {
    Ok(match text {
        "root" => Kind::Root,
        "user" => Kind::User,
        "role" => Kind::Role,
        "instance" => Kind::Instance,
        "codebuild" => Kind::CodeBuild,
        "github" => Kind::GitHubActions,
        "sso" => Kind::SingleSignOn,
        "saml" => Kind::Saml,
        "federated" => Kind::Federated,
        "webidentity" => Kind::WebIdentity,
        "identitycenter" => Kind::IdentityCenter,
        _ => return Err(format!("`{text}` is no kind of principal")),
    })
}
