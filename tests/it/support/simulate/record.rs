//! From a call to the CloudTrail record of it.
//!
//! In: a call, the stage it was made on and the ways of the trail. Out: one record, or two where caller and
//! owner are different accounts and both keep a trail. Field shapes are those of AWS's published examples.

use serde_json::{Value, json};

use super::call::{Call, Request};
use super::clock::{Millis, SECOND, rfc3339, whole_second};
use super::noise;
use super::random::Random;
use super::registry::{Place, Service};
use super::stage::{Login, Stage};
use super::ways::Ways;

/// What CloudTrail allows `requestParameters` and `responseElements` each.
const FIELD_LIMIT: usize = 100_000;

/// A record as delivered, and what it shows.
pub(crate) struct Record {
    pub(crate) event_id: String,
    /// `eventTime`.
    pub(crate) time: Millis,
    /// The account and region in whose log files it goes.
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) is_write: bool,
    /// Index of the call, where a simulated client made it.
    pub(crate) call: Option<usize>,
    pub(crate) shows_upload: bool,
    pub(crate) shows_manifest: bool,
    pub(crate) shows_key: bool,
    pub(crate) json: String,
}

/// Writes the records of one call.
pub(crate) fn records(
    stage: &Stage,
    ways: &Ways,
    random: &mut Random,
    number: usize,
) -> Vec<Record> {
    let call = &stage.calls[number];
    let login = &stage.logins[call.login];
    let place = &stage.registry.places[call.place];
    let time = whole_second(call.at + random.within(0, ways.jitter / SECOND) * SECOND);
    let is_foreigner = login.principal.account != place.account;
    if is_foreigner && !ways.records_twins && matches!(call.request, Request::Token) {
        // The login is in the caller's trail alone.
        return Vec::new();
    }
    let is_foreign = is_foreigner && !matches!(call.request, Request::Token);
    let shown = Shown {
        manifest: !matches!(&call.request, Request::Put { manifest, .. } if is_oversized(&manifest.text)),
        upload: call.upload.is_some()
            && !(matches!(call.request, Request::Initiate) && random.percent(ways.lost_responses)),
    };
    let writer = Writer {
        ways,
        call,
        login,
        place,
        time,
        shown,
    };
    let shared = (is_foreign && ways.records_twins).then(|| random.uuid());
    let mut written = vec![writer.write(random, number, is_foreign, shared.as_deref())];
    if matches!(call.request, Request::Token) && place.service == Service::EcrPublic {
        written.push(noise::bearer_token(random, login, place, call.at));
    }
    if shared.is_some() {
        written.push(writer.write(random, number, false, shared.as_deref()));
    }
    if call.error_code == Some(ENDPOINT_DENIAL) {
        // The call got no further than the endpoint: what that recorded is all there is.
        for record in &mut written {
            record.json = by_endpoint(random, record, login).to_string();
        }
    } else if ways.network_activity > 0 && random.percent(ways.network_activity) {
        written.push(network_activity(random, &written[0], login));
    }
    written
}

/// What the policy of a VPC endpoint refuses with.
pub(crate) const ENDPOINT_DENIAL: &str = "VpceAccessDenied";

/// The record as the VPC endpoint would have written it.
fn by_endpoint(random: &mut Random, seen: &Record, login: &Login) -> Value {
    let mut record: Value = serde_json::from_str(&seen.json).expect("written by this module");
    record["eventCategory"] = json!("NetworkActivity");
    record["eventType"] = json!(*random.pick(&["AwsVpceEvent", "AwsVpceEvents"]));
    record["managementEvent"] = json!(false);
    record["sourceIPAddress"] = json!(login.address);
    record["responseElements"] = Value::Null;
    record["vpcEndpointId"] = json!("vpce-0f1e2d3c4b5a69788");
    record["vpcEndpointAccountId"] = json!(seen.account);
    if !random.percent(70) || record["errorCode"] == ENDPOINT_DENIAL {
        record["requestParameters"] = Value::Null;
    }
    if let Some(record) = record.as_object_mut() {
        record.remove("resources");
    }
    record
}

/// The call once more, as the VPC endpoint saw it: the same `requestID` under another `eventID`.
fn network_activity(random: &mut Random, seen: &Record, login: &Login) -> Record {
    let mut record = by_endpoint(random, seen, login);
    let event_id = random.uuid();
    record["eventID"] = json!(event_id);
    let is_late = random.percent(30);
    let time = if is_late {
        seen.time + SECOND
    } else {
        seen.time
    };
    record["eventTime"] = json!(rfc3339(time));
    let of = (seen.account.as_str(), seen.region.as_str());
    noise::foreign_to_pushes(event_id, record.to_string(), time, of, false)
}

fn is_oversized(text: &str) -> bool {
    text.len() > FIELD_LIMIT
}

#[derive(Clone, Copy)]
struct Shown {
    manifest: bool,
    upload: bool,
}

struct Writer<'a> {
    ways: &'a Ways,
    call: &'a Call,
    login: &'a Login,
    place: &'a Place,
    time: Millis,
    shown: Shown,
}

impl Writer<'_> {
    fn write(
        &self,
        random: &mut Random,
        number: usize,
        is_owners_view: bool,
        shared: Option<&str>,
    ) -> Record {
        let Writer {
            ways,
            call,
            login,
            place,
            time,
            shown,
        } = *self;
        let is_direct = call.is_direct;
        let event_id = random.uuid();
        let mut key = if is_direct {
            login.own.clone()
        } else {
            login.proxied.clone()
        };
        if !is_direct && random.percent(ways.hidden_keys) {
            key.access_key_id = None;
        }
        let mut identity = if is_owners_view {
            login.principal.foreign_identity()
        } else {
            login.principal.user_identity(&key)
        };
        let marker = match place.service {
            Service::Ecr => ways.marker,
            Service::EcrPublic => ways.public_marker,
        };
        let (address, agent) = match login.shown_agent {
            _ if is_direct => (login.address.as_str(), login.user_agent),
            Some(agent) => (login.address.as_str(), agent),
            None => (marker, marker),
        };
        let invoked_by = if is_direct {
            login.invoked_by
        } else {
            login.shown_agent.is_none().then_some(marker)
        };
        if let Some(invoked_by) = invoked_by {
            identity["invokedBy"] = json!(invoked_by);
        }
        let is_token = matches!(call.request, Request::Token);
        let is_read = matches!(
            call.request,
            Request::Token | Request::Check { .. } | Request::Read { .. } | Request::Layer { .. }
        );
        // The owner's log holds what foreigners do there; a caller's log holds all that its principals do.
        let recipient = if is_owners_view || login.principal.account == place.account {
            &place.account
        } else {
            &login.principal.account
        };
        let mut record = json!({
            "eventVersion": ways.event_version,
            "userIdentity": identity,
            "eventTime": rfc3339(time),
            "eventSource": place.service.event_source(),
            "eventName": call.request.action(),
            "awsRegion": place.region,
            "sourceIPAddress": address,
            "userAgent": agent,
        });
        if let Some(code) = call.error_code {
            record["errorCode"] = json!(code);
            record["errorMessage"] = json!(self.error_message(code));
        }
        record["requestParameters"] = self.request();
        record["responseElements"] = if call.error_code.is_some() {
            Value::Null
        } else {
            self.response()
        };
        record["requestID"] = json!(random.uuid());
        record["eventID"] = json!(event_id);
        let is_recent = ways.is_recent();
        if is_recent {
            record["readOnly"] = json!(is_read);
        }
        if !is_token {
            record["resources"] = json!([{"accountId": place.account, "ARN": place.arn()}]);
        }
        record["eventType"] = json!("AwsApiCall");
        if is_recent {
            record["managementEvent"] = json!(true);
        }
        record["recipientAccountId"] = json!(recipient);
        if let Some(shared) = shared {
            record["sharedEventID"] = json!(shared);
        }
        if is_recent {
            record["eventCategory"] = json!("Management");
        }
        Record {
            event_id,
            time,
            account: recipient.clone(),
            region: place.region.clone(),
            is_write: !is_read,
            call: Some(number),
            shows_upload: shown.upload,
            shows_manifest: shown.manifest
                || (call.error_code.is_none() && !ways.omits_large_responses),
            shows_key: !is_owners_view && key.access_key_id.is_some(),
            json: record.to_string(),
        }
    }

    fn error_message(&self, code: &str) -> String {
        let Writer { place, .. } = self;
        match code {
            "AccessDenied" | "AccessDeniedException" => format!(
                "User: {} is not authorized to perform: ecr:{} on resource: {} because no identity-based policy allows it",
                self.login.principal.label(),
                self.call.request.action(),
                place.arn()
            ),
            "RepositoryNotFoundException" => format!(
                "The repository with name '{}' does not exist in the registry with id '{}'",
                place.name, place.account
            ),
            "ImageTagAlreadyExistsException" => format!(
                "The image tag already exists in the '{}' repository and cannot be overwritten because the repository is immutable.",
                place.name
            ),
            ENDPOINT_DENIAL => "The request was denied due to a VPC endpoint policy".to_owned(),
            _ => format!("The request was refused: {code}"),
        }
    }

    /// What the request names: the registry by alias where it is public.
    fn base(&self) -> Value {
        let registry = match self.place.service {
            Service::Ecr => &self.place.account,
            Service::EcrPublic => &self.place.alias,
        };
        json!({"registryId": registry, "repositoryName": self.place.name})
    }

    fn request(&self) -> Value {
        let Writer { call, .. } = self;
        let mut parameters = self.base();
        match &call.request {
            Request::Token => return Value::Null,
            Request::Check { digests } => parameters["layerDigests"] = json!(digests_text(digests)),
            Request::Initiate => {}
            Request::Part { first, last } => {
                parameters["uploadId"] = json!(call.upload);
                parameters["partFirstByte"] = json!(first);
                parameters["partLastByte"] = json!(last);
            }
            Request::Complete { digest } => {
                parameters["uploadId"] = json!(call.upload);
                parameters["layerDigests"] = json!([&**digest]);
            }
            Request::Put { manifest, tag } => {
                parameters["imageManifest"] = json!(manifest.text);
                if self.ways.is_recent() {
                    parameters["imageManifestMediaType"] = json!(manifest.media_type);
                }
                match tag {
                    Some(tag) => parameters["imageTag"] = json!(tag),
                    None => parameters["imageDigest"] = json!(&*manifest.digest),
                }
                if is_oversized(&manifest.text) {
                    return omitted(manifest.text.len() + 400, "requestParameters");
                }
            }
            Request::Read { reference } => {
                let id = if reference.starts_with("sha256:") {
                    "imageDigest"
                } else {
                    "imageTag"
                };
                parameters["imageIds"] = json!([{id: reference}]);
            }
            Request::Layer { digest } => parameters["layerDigest"] = json!(&**digest),
        }
        parameters
    }

    fn response(&self) -> Value {
        let Writer {
            call, place, shown, ..
        } = self;
        let base = json!({"registryId": place.account, "repositoryName": place.name});
        match &call.request {
            Request::Token
            | Request::Check { .. }
            | Request::Read { .. }
            | Request::Layer { .. } => Value::Null,
            Request::Initiate if !shown.upload => omitted(102_400, "responseElements"),
            Request::Initiate => json!({"uploadId": call.upload, "partSize": 20_971_520}),
            Request::Part { last, .. } => with(
                base,
                &[
                    ("uploadId", json!(call.upload)),
                    ("lastByteReceived", json!(last)),
                ],
            ),
            Request::Complete { digest } => with(
                base,
                &[
                    ("uploadId", json!(call.upload)),
                    ("layerDigest", json!(&**digest)),
                ],
            ),
            Request::Put { manifest, tag } => {
                if is_oversized(&manifest.text) && self.ways.omits_large_responses {
                    return omitted(manifest.text.len() + 500, "responseElements");
                }
                let mut id = json!({"imageDigest": &*manifest.digest});
                if let Some(tag) = tag {
                    id["imageTag"] = json!(tag);
                }
                let image = [
                    ("imageId", id),
                    ("imageManifest", json!(manifest.text)),
                    ("imageManifestMediaType", json!(manifest.media_type)),
                ];
                json!({"image": with(base, &image)})
            }
        }
    }
}

fn digests_text(digests: &[super::content::Digest]) -> Vec<&str> {
    digests.iter().map(|digest| &**digest).collect()
}

fn with(mut base: Value, fields: &[(&str, Value)]) -> Value {
    for (name, value) in fields {
        base[*name] = value.clone();
    }
    base
}

/// What stands for a field that is over the limit.
pub(crate) fn omitted(size: usize, field: &str) -> Value {
    json!({"omitted": true, "originalSize": size, "reason": format!("{field} too large")})
}
