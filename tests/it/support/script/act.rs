//! The events of a script.
//!
//! In: the words of one line and the settings before it. Out: the records of that call, once all lines are read.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::{Value, json};

use super::super::simulate::call::{Call, LoginId, PlaceId, Request};
use super::super::simulate::clock::{Millis, SECOND, rfc3339, whole_second};
use super::super::simulate::content::{
    Blob, Dialect, Kind, Manifest, digest_of, finish, image_manifest, index,
};
use super::super::simulate::habits;
use super::super::simulate::noise::foreign_to_pushes;
use super::super::simulate::random::Random;
use super::super::simulate::record::{self, Record, omitted};
use super::super::simulate::registry::Service;
use super::super::simulate::stage::Stage;
use super::super::simulate::ways::Ways;
use super::beside;
use super::setting::Setting;
use super::{Fallible, bytes, clock, seed};

/// What was played so far.
pub(super) struct Acts {
    pub(super) stage: Stage,
    logins: BTreeMap<String, LoginId>,
    manifests: BTreeMap<String, Rc<Manifest>>,
    /// Sizes of blobs, by what their uploads received.
    sizes: BTreeMap<String, u64>,
    /// What is changed in the records of a call, by its number.
    edits: BTreeMap<usize, Vec<Edit>>,
    /// Records of calls that belong to no push.
    context: Vec<Record>,
}

/// A change to a record that the writer has written.
#[derive(Clone)]
pub(super) enum Edit {
    Set { pointer: String, value: Value },
    OmitManifest,
    Twice,
    Network,
}

impl Edit {
    /// A field set by pointer: `/eventTime`, and its value as JSON, or as it stands.
    pub(super) fn of(pointer: &str, value: &str) -> Option<Self> {
        pointer.starts_with('/').then(|| Edit::Set {
            pointer: pointer.to_owned(),
            value: serde_json::from_str(value).unwrap_or_else(|_| json!(value)),
        })
    }
}

/// The words after the verb, sorted by form.
#[derive(Default)]
struct Words<'a> {
    plain: Vec<&'a str>,
    flags: Vec<&'a str>,
    named: BTreeMap<&'a str, &'a str>,
    error: Option<&'static str>,
}

impl Acts {
    /// An empty stage, on which sizes of blobs are known from the whole of the script.
    pub(super) fn new(text: &str) -> Self {
        Acts {
            stage: Stage::new(1),
            logins: BTreeMap::new(),
            manifests: BTreeMap::new(),
            sizes: sizes(text),
            edits: BTreeMap::new(),
            context: Vec::new(),
        }
    }

    /// Plays one line: time, who, repository, action and its words.
    pub(super) fn act(&mut self, setting: &Setting, words: &[&str]) -> Fallible<()> {
        let [time, who, repository, action, rest @ ..] = words else {
            return Err("expected TIME WHO REPOSITORY ACTION".to_owned());
        };
        let second = clock(setting.day, time)?;
        let n_before = self
            .stage
            .calls
            .iter()
            .filter(|call| whole_second(call.at) == second);
        let at = second + i64::try_from(n_before.count()).map_err(|_| "too many calls")?;
        let words = Words::of(rest)?;
        let place = setting.place(repository)?;
        let is_token = *action == "GetAuthorizationToken";
        let login = self.login(setting, who, at, is_token)?;
        let mut upload = None;
        let request = match *action {
            "GetAuthorizationToken" => Request::Token,
            "Check" => {
                let names = words.plain.first().ok_or("expected digests")?;
                let digests = names.split(',').map(digest).collect();
                Request::Check { digests }
            }
            "Initiate" => {
                upload = words.plain.first().filter(|name| **name != "-");
                Request::Initiate
            }
            "Part" => {
                let [name, bounds] = words.plain.as_slice() else {
                    return Err("expected UPLOAD FIRST-LAST".to_owned());
                };
                upload = Some(name);
                let (first, last) = bounds_of(bounds)?;
                Request::Part { first, last }
            }
            "Complete" => {
                let [name, blob] = words.plain.as_slice() else {
                    return Err("expected UPLOAD DIGEST".to_owned());
                };
                upload = Some(name);
                Request::Complete {
                    digest: digest(blob),
                }
            }
            "BatchGetImage" => Request::Read {
                reference: self.reference(&words)?,
            },
            "GetDownloadUrlForLayer" => {
                let name = words.plain.first().ok_or("expected a layer")?;
                Request::Layer {
                    digest: digest(name),
                }
            }
            "PutImage" => self.put(setting, &words)?,
            other if other.starts_with("AssumeRole") => {
                return self.assume(setting, (at, login, place), other, &words);
            }
            other => {
                let mut edits = setting.given(who);
                edits.extend(words.edits());
                return self.context((at, login, place), other, &words, &edits);
            }
        };
        let number = self.stage.calls.len();
        self.stage.calls.push(Call {
            at,
            run: None,
            login,
            place,
            is_direct: is_token || words.has("direct"),
            request,
            upload: upload.map(|name| uuid(&format!("upload {name}"))),
            about: None,
            error_code: words.error,
        });
        let mut edits = setting.given(who);
        edits.extend(words.edits());
        self.edits.insert(number, edits);
        Ok(())
    }

    fn put(&mut self, setting: &Setting, words: &Words<'_>) -> Fallible<Request> {
        let tag = words.plain.first().ok_or("expected a tag or `-`")?;
        let named = |name: &str| {
            let known = self.manifests.get(name).map(Rc::clone);
            known.ok_or_else(|| format!("no manifest is called `{name}` yet"))
        };
        let dialect = match words.has("oci") {
            true => Dialect::Oci,
            false => Dialect::Docker,
        };
        let manifest = if let Some(name) = words.named.get("manifest") {
            named(name)?
        } else if let Some(children) = words.named.get("children") {
            let children = children
                .split(',')
                .map(named)
                .collect::<Fallible<Vec<_>>>()?;
            index(dialect, &children)
        } else {
            let blob = |name: &str, is_config| Blob {
                digest: digest(name),
                uncompressed: digest(&format!("{name} before compression")),
                size: self.size(setting, name),
                is_config,
            };
            let config = words
                .named
                .get("config")
                .ok_or("expected config=, manifest= or children=")?;
            let layers = words.named.get("layers").map_or("", |layers| layers);
            let layers = layers.split(',').filter(|name| !name.is_empty());
            let layers: Vec<Blob> = layers.map(|name| blob(name, false)).collect();
            let subject = words
                .named
                .get("subject")
                .map(|name| named(name))
                .transpose()?;
            let kind = match words.has("artifact") {
                true => Kind::Artifact,
                false => Kind::Image,
            };
            image_manifest(
                dialect,
                kind,
                blob(config, true),
                &layers,
                subject.as_deref(),
            )
        };
        let manifest = self.typed(&manifest, words)?;
        if let Some(name) = words.named.get("as") {
            self.manifests
                .insert((*name).to_owned(), Rc::clone(&manifest));
        }
        let tag = (*tag != "-").then(|| self.tag(tag)).transpose()?;
        Ok(Request::Put { manifest, tag })
    }

    /// What is asked for: a tag, or `@NAME` for the digest of a manifest.
    fn reference(&self, words: &Words<'_>) -> Fallible<String> {
        let word = words.plain.first().ok_or("expected a tag or `@NAME`")?;
        match word.strip_prefix('@') {
            None => Ok((*word).to_owned()),
            Some(name) => match self.manifests.get(name) {
                Some(manifest) => Ok(manifest.digest.to_string()),
                None => Err(format!("no manifest is called `{name}` yet")),
            },
        }
    }

    /// A tag; `{NAME}` in it stands for the digits of that manifest's digest.
    fn tag(&self, tag: &str) -> Fallible<String> {
        let Some((begin, rest)) = tag.split_once('{') else {
            return Ok(tag.to_owned());
        };
        let (name, end) = rest.split_once('}').ok_or("expected `}` in a tag")?;
        let manifest = self.manifests.get(name);
        let manifest = manifest.ok_or_else(|| format!("no manifest is called `{name}` yet"))?;
        Ok(format!(
            "{begin}{}{end}",
            manifest.digest.trim_start_matches("sha256:")
        ))
    }

    /// A manifest with the types that the words give it, and with what an attestation in it is of.
    fn typed(&self, manifest: &Rc<Manifest>, words: &Words<'_>) -> Fallible<Rc<Manifest>> {
        let mut manifest = Rc::clone(manifest);
        let mut set = |pointer: &str, value: Value| {
            manifest = with(&manifest, pointer, value);
        };
        for (name, pointer) in [
            ("type", "/artifactType"),
            ("config-type", "/config/mediaType"),
            ("layer-type", "/layers/0/mediaType"),
        ] {
            if let Some(value) = words.named.get(name) {
                set(pointer, json!(value));
            }
        }
        if let Some(pair) = words.named.get("attests") {
            let (place, name) = pair.split_once(':').ok_or("expected PLACE:NAME")?;
            let of = self.manifests.get(name);
            let of = of.ok_or_else(|| format!("no manifest is called `{name}` yet"))?;
            let annotations = json!({
                "vnd.docker.reference.digest": &*of.digest,
                "vnd.docker.reference.type": "attestation-manifest",
            });
            set(&format!("/manifests/{place}/annotations"), annotations);
        }
        Ok(manifest)
    }

    fn size(&self, setting: &Setting, name: &str) -> u64 {
        let given = setting.sizes.get(name).or_else(|| self.sizes.get(name));
        given
            .copied()
            .unwrap_or_else(|| 1_000 + seed(name) % 5_000_000)
    }

    /// The login of `who`: the first call makes it, and a token gives a user's calls a new key.
    fn login(
        &mut self,
        setting: &Setting,
        who: &str,
        at: Millis,
        is_token: bool,
    ) -> Fallible<LoginId> {
        let known = self.logins.get(who).copied();
        let principal = setting.principal(who)?;
        if let Some(login) = known.filter(|_| !is_token || !principal.kind.has_long_lived_key()) {
            return Ok(login);
        }
        let mut random = Random::new(seed(&format!("{who} {}", known.is_some())));
        let taken = if principal.kind.has_long_lived_key() {
            at
        } else {
            at - 40 * SECOND
        };
        let login = self.stage.credential(&principal, taken, &habits::DOCKER);
        let entry = &mut self.stage.logins[login];
        entry.own = principal.credential(&mut random, taken);
        entry.proxied = principal.proxied(&mut random, &entry.own, taken);
        entry.address = format!("203.0.113.{}", 1 + seed(who) % 254);
        self.logins.insert(who.to_owned(), login);
        Ok(login)
    }

    /// A role taken on: the login of whom the words name begins here, if it has not yet.
    fn assume(
        &mut self,
        setting: &Setting,
        (at, caller, place): (Millis, LoginId, PlaceId),
        action: &str,
        words: &Words<'_>,
    ) -> Fallible<()> {
        let who = words
            .plain
            .first()
            .ok_or("expected whose role is taken on")?;
        let is_new = !self.logins.contains_key(*who);
        let login = self.login(setting, who, at, false)?;
        if is_new {
            let entry = &mut self.stage.logins[login];
            entry.own.created = Some(at);
            entry.proxied = entry.own.clone();
        }
        let place = &self.stage.registry.places[place];
        let of = (place.account.as_str(), place.region.as_str());
        let logins = &self.stage.logins;
        let mut json = beside::assumption(&logins[caller], &logins[login], action, at, of);
        for edit in words.edits() {
            if let Edit::Set { pointer, value } = edit {
                set(&mut json, &pointer, &value);
            }
        }
        if let Some(code) = words.error {
            json["errorCode"] = json!(code);
            json["responseElements"] = Value::Null;
        }
        let event_id = json["eventID"].as_str().unwrap_or_default().to_owned();
        let record = foreign_to_pushes(event_id, json.to_string(), whole_second(at), of, false);
        self.context.push(record);
        Ok(())
    }

    /// A call that belongs to no push, made straight to the API.
    fn context(
        &mut self,
        (at, login, place): (Millis, LoginId, PlaceId),
        action: &str,
        words: &Words<'_>,
        edits: &[Edit],
    ) -> Fallible<()> {
        let named = words.plain.iter().map(|word| match word.split_once('@') {
            Some((mark, name)) => match self.manifests.get(name) {
                Some(manifest) => Ok(format!("{mark}@{}", manifest.digest)),
                None => Err(format!("no manifest is called `{name}` yet")),
            },
            None => Ok((*word).to_owned()),
        });
        let named = named.collect::<Fallible<Vec<String>>>()?;
        let (login, place) = (
            &self.stage.logins[login],
            &self.stage.registry.places[place],
        );
        let mut random = Random::new(seed(&format!("{action} {at}")));
        let is_read = action.starts_with("Get")
            || action.starts_with("Describe")
            || action.starts_with("Batch");
        let mut response = Value::Null;
        if action == "CreateRepository" {
            let host = match place.service {
                Service::Ecr => format!("{}.dkr.ecr.{}.amazonaws.com", place.account, place.region),
                Service::EcrPublic => format!("public.ecr.aws/{}", place.alias),
            };
            response = json!({"repository": {
                "repositoryArn": place.arn(),
                "registryId": place.account,
                "repositoryName": place.name,
                "repositoryUri": format!("{host}/{}", place.name),
                "createdAt": super::super::simulate::clock::format(at, "%b %-d, %Y %-I:%M:%S %p"),
            }});
            if place.service == Service::EcrPublic {
                response["catalogData"] = json!({});
            }
        }
        let event_id = random.uuid();
        let mut record = json!({
            "eventVersion": "1.11",
            "userIdentity": login.principal.user_identity(&login.own),
            "eventTime": rfc3339(at),
            "eventSource": place.service.event_source(),
            "eventName": action,
            "awsRegion": place.region,
            "sourceIPAddress": login.address,
            "userAgent": "aws-cli/2.15.30",
        });
        if let Some(code) = words.error {
            record["errorCode"] = json!(code);
            record["errorMessage"] = json!(format!("The request was refused: {code}"));
            response = Value::Null;
        }
        record["requestParameters"] = json!({"repositoryName": place.name});
        record["responseElements"] = response;
        record["requestID"] = json!(random.uuid());
        record["eventID"] = json!(event_id);
        record["readOnly"] = json!(is_read);
        record["resources"] = json!([{"accountId": place.account, "ARN": place.arn()}]);
        record["eventType"] = json!("AwsApiCall");
        record["managementEvent"] = json!(true);
        record["recipientAccountId"] = json!(place.account);
        record["eventCategory"] = json!("Management");
        beside::ask(&mut record, action, &named);
        let of = (place.account.as_str(), place.region.as_str());
        let record =
            foreign_to_pushes(event_id, record.to_string(), whole_second(at), of, !is_read);
        edit(record, edits, &mut self.context);
        Ok(())
    }

    /// The records of every call, edits made.
    pub(super) fn records(self) -> Vec<Record> {
        let ways = Ways::default();
        let mut records = self.context;
        for (number, call) in self.stage.calls.iter().enumerate() {
            let mut random = Random::new(seed(&format!(
                "{number} {} {}",
                call.at,
                call.request.action()
            )));
            for record in record::records(&self.stage, &ways, &mut random, number) {
                edit(
                    record,
                    self.edits.get(&number).map_or(&[], Vec::as_slice),
                    &mut records,
                );
            }
        }
        records
    }
}

fn edit(mut record: Record, edits: &[Edit], records: &mut Vec<Record>) {
    let mut json: Value = serde_json::from_str(&record.json).expect("written by `record`");
    for edit in edits {
        match edit {
            Edit::Set { pointer, value } => {
                set(&mut json, pointer, value);
            }
            Edit::OmitManifest => {
                json["requestParameters"] = omitted(149_893, "requestParameters");
                json["responseElements"] = omitted(151_204, "responseElements");
            }
            Edit::Network => {
                let mut json = json.clone();
                let id = uuid(&format!("network {}", record.event_id));
                json["eventID"] = json!(id);
                json["eventType"] = json!("AwsVpceEvent");
                json["eventCategory"] = json!("NetworkActivity");
                json["managementEvent"] = json!(false);
                for parameters in ["requestParameters", "responseElements", "resources"] {
                    json.as_object_mut().map(|record| record.remove(parameters));
                }
                let of = (record.account.as_str(), record.region.as_str());
                let text = json.to_string();
                records.push(foreign_to_pushes(
                    id,
                    text,
                    record.time,
                    of,
                    record.is_write,
                ));
            }
            Edit::Twice => {
                let json = record.json.clone();
                let of = (record.account.as_str(), record.region.as_str());
                let id = record.event_id.clone();
                records.push(foreign_to_pushes(
                    id,
                    json,
                    record.time + 400 * SECOND,
                    of,
                    record.is_write,
                ));
            }
        }
    }
    record.json = json.to_string();
    records.push(record);
}

/// Sets a field, which is made where it is not there.
fn set(record: &mut Value, pointer: &str, value: &Value) {
    if let Some(place) = record.pointer_mut(pointer) {
        *place = value.clone();
    } else if let Some((parent, name)) = pointer.rsplit_once('/') {
        if record.pointer(parent).is_none_or(Value::is_null) {
            set(record, parent, &json!({}));
        }
        if let Some(Value::Object(parent)) = record.pointer_mut(parent) {
            parent.insert(name.to_owned(), value.clone());
        }
    }
}

/// A manifest with a member set, and so with another digest.
fn with(manifest: &Manifest, pointer: &str, value: Value) -> Rc<Manifest> {
    let mut text: Value = serde_json::from_str(&manifest.text).expect("written by `finish`");
    let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
    if let Some(Value::Object(parent)) = text.pointer_mut(parent) {
        parent.insert(name.to_owned(), value);
    }
    let Manifest {
        kind,
        media_type,
        blobs,
        children,
        subject,
        ..
    } = manifest;
    let (blobs, children) = (blobs.clone(), children.clone());
    finish(*kind, media_type, &text, blobs, children, subject.clone())
}

impl<'a> Words<'a> {
    fn of(words: &[&'a str]) -> Fallible<Self> {
        let mut sorted = Words::default();
        for word in words {
            if let Some(code) = word.strip_prefix('!') {
                // Scripts are few and short; the simulator's calls name codes as literals.
                sorted.error = Some(String::leak(code.to_owned()));
            } else if let Some((name, value)) = word.split_once('=') {
                if !NAMES.contains(&name) && !name.starts_with('/') {
                    return Err(format!("`{name}=` is not known"));
                }
                sorted.named.insert(name, value);
            } else if FLAGS.contains(word) {
                sorted.flags.push(word);
            } else {
                sorted.plain.push(word);
            }
        }
        Ok(sorted)
    }

    fn has(&self, flag: &str) -> bool {
        self.flags.contains(&flag)
    }

    fn edits(&self) -> Vec<Edit> {
        let mut edits = Vec::new();
        if let Some(name) = self.named.get("id") {
            let value = json!(uuid(&format!("event {name}")));
            edits.push(Edit::Set {
                pointer: "/eventID".to_owned(),
                value,
            });
        }
        edits.extend(
            self.named
                .iter()
                .filter_map(|(name, value)| Edit::of(name, value)),
        );
        if self.has("omitted") {
            edits.push(Edit::OmitManifest);
        }
        if self.has("twice") {
            edits.push(Edit::Twice);
        }
        if self.has("network") {
            edits.push(Edit::Network);
        }
        edits
    }
}

const FLAGS: [&str; 6] = ["artifact", "direct", "network", "oci", "omitted", "twice"];

const NAMES: [&str; 11] = [
    "config",
    "layers",
    "children",
    "manifest",
    "subject",
    "as",
    "id",
    "type",
    "config-type",
    "layer-type",
    "attests",
];

/// The size of each blob whose upload shows it.
fn sizes(text: &str) -> BTreeMap<String, u64> {
    let (mut received, mut sizes) = (BTreeMap::new(), BTreeMap::new());
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            [_, _, _, "Part", upload, bounds, ..] => {
                if let Ok((_, last)) = bounds_of(bounds) {
                    let bytes = received.entry((*upload).to_owned()).or_insert(0);
                    *bytes = (last + 1).max(*bytes);
                }
            }
            [_, _, _, "Complete", upload, blob, ..] => {
                if let Some(&bytes) = received.get(*upload) {
                    sizes.insert((*blob).to_owned(), bytes);
                }
            }
            _ => {}
        }
    }
    sizes
}

/// `0-99`, `20MiB-27MiB`: the first byte, and the last, which is one less where a unit says a size.
fn bounds_of(text: &str) -> Fallible<(u64, u64)> {
    let (first, last) = text
        .split_once('-')
        .ok_or_else(|| format!("`{text}` is no range"))?;
    let less = u64::from(last.ends_with('B'));
    Ok((bytes(first)?, bytes(last)? - less))
}

/// The digest that a short name stands for.
fn digest(name: &str) -> Rc<str> {
    digest_of(&format!("blob {name}"))
}

/// The UUID that a short name stands for.
fn uuid(name: &str) -> String {
    Random::new(seed(name)).uuid()
}
