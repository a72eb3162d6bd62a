//! Logs of generated shapes: a few calls that somebody drew, repeated as often as is asked for.
//!
//! Comes in: a seed and a number of calls. Goes out: one log file. Whatever the calls are, four times as many of
//! them must not take much more than four times as long.

use std::fmt::Write as _;
use std::io;
use std::io::Write as _;
use std::path::Path;

use chrono::DateTime;
use ring::digest::SHA256;

use super::random::Random;

/// 2024-03-01T00:00:00Z.
const BEGIN: i64 = 1_709_251_200;
const ACCOUNT: &str = "123456789012";
// What ids and digests begin with.
const EVENT: u32 = 1;
const UPLOAD: u32 = 2;
const LAYER: u32 = 3;
const CONFIG: u32 = 4;

/// A few calls, and what changes from one repetition to the next.
#[derive(Debug)]
pub(crate) struct Shape {
    calls: Vec<Call>,
}

/// A call of a shape.
#[derive(Debug)]
struct Call {
    kind: Kind,
    /// Which layer or image it names.
    what: Name,
    /// Which upload, or which tag.
    of: Name,
    login: Name,
    repository: Name,
    is_refused: bool,
    /// Seconds from it to the next.
    pause: u32,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Token,
    Check,
    Initiate,
    Part,
    Complete,
    /// Begun, sent and completed.
    Upload,
    Image,
    /// An index of the last images.
    Index,
}

/// What is named, in each repetition.
#[derive(Clone, Copy, Debug)]
enum Name {
    /// The same in all.
    One(u32),
    /// Another in each.
    New,
    /// One of so many.
    Of(u32),
}

impl Name {
    fn number(self, repetition: u32) -> u32 {
        match self {
            Self::One(number) => number,
            Self::New => 1_000 + repetition,
            Self::Of(n) => 100 + repetition % n,
        }
    }
}

/// A name; mostly the usual one.
fn name(random: &mut Random, usual: Name) -> Name {
    match random.index(6) {
        0 => Name::New,
        1 => Name::Of(*random.pick(&[2, 10, 1_000])),
        2 => Name::One(*random.pick(&[0, 1, 2])),
        _ => usual,
    }
}

impl Shape {
    /// The shape of a seed.
    pub(crate) fn drawn(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let n_calls = random.within(1, 5);
        let kinds = [
            Kind::Token,
            Kind::Check,
            Kind::Initiate,
            Kind::Part,
            Kind::Complete,
            Kind::Upload,
            Kind::Upload,
            Kind::Image,
            Kind::Image,
            Kind::Index,
        ];
        // One habit of naming for the whole shape, and exceptions from it.
        let habits = [Name::One(0), Name::New, Name::Of(50)];
        let (what, of) = (*random.pick(&habits), *random.pick(&habits));
        let calls = (0..n_calls).map(|_| Call {
            kind: *random.pick(&kinds),
            what: name(&mut random, what),
            of: name(&mut random, of),
            login: name(&mut random, Name::One(0)),
            repository: name(&mut random, Name::One(0)),
            is_refused: random.percent(25),
            pause: *random.pick(&[0, 0, 0, 1, 3, 20, 100, 2_000]),
        });
        Self {
            calls: calls.collect(),
        }
    }

    /// One push that never ends: upload after upload, and no manifest.
    pub(crate) fn endless() -> Self {
        let upload = Call {
            kind: Kind::Upload,
            what: Name::New,
            of: Name::New,
            login: Name::One(0),
            repository: Name::One(0),
            is_refused: false,
            pause: 1,
        };
        Self {
            calls: vec![upload],
        }
    }

    /// Writes a log of so many calls.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub(crate) fn write(&self, n_calls: u32, path: &Path) -> io::Result<()> {
        let mut out = io::BufWriter::new(std::fs::File::create(path)?);
        let mut log = Log {
            second: 0,
            n: 0,
            record: String::new(),
        };
        out.write_all(b"{\"Records\":[")?;
        let mut repetition = 0;
        while log.n < n_calls {
            for call in &self.calls {
                log.add(call, repetition, &mut out)?;
            }
            repetition += 1;
        }
        out.write_all(b"]}")?;
        out.flush()
    }
}

struct Log {
    second: i64,
    n: u32,
    record: String,
}

impl Log {
    fn add(&mut self, call: &Call, repetition: u32, out: &mut impl io::Write) -> io::Result<()> {
        let what = call.what.number(repetition);
        let layer = digest(LAYER, what);
        let upload = uuid(UPLOAD, call.of.number(repetition));
        let begin = (
            "InitiateLayerUpload",
            String::new(),
            format!(r#"{{"uploadId":"{upload}","partSize":20971520}}"#),
        );
        let part = (
            "UploadLayerPart",
            format!(
                r#","uploadId":"{upload}","partFirstByte":{},"partLastByte":{}"#,
                u64::from(repetition) * 100,
                u64::from(repetition) * 100 + 99
            ),
            format!(r#"{{"uploadId":"{upload}"}}"#),
        );
        let end = (
            "CompleteLayerUpload",
            format!(r#","uploadId":"{upload}","layerDigests":["{layer}"]"#),
            format!(r#"{{"uploadId":"{upload}","layerDigest":"{layer}"}}"#),
        );
        let steps = match call.kind {
            Kind::Token => vec![("GetAuthorizationToken", String::new(), "null".to_owned())],
            Kind::Check => vec![(
                "BatchCheckLayerAvailability",
                format!(r#","layerDigests":["{layer}"]"#),
                "null".to_owned(),
            )],
            Kind::Initiate => vec![begin],
            Kind::Part => vec![part],
            Kind::Complete => vec![end],
            Kind::Upload => vec![begin, part, end],
            Kind::Image => vec![put(call, repetition, &image(what))],
            Kind::Index => vec![put(call, repetition, &index(call.what, repetition))],
        };
        let n_steps = steps.len();
        for (at, (name, parameters, answer)) in steps.into_iter().enumerate() {
            let is_refused = call.is_refused && at + 1 == n_steps;
            self.write(call, repetition, (name, &parameters), (is_refused, &answer))?;
            out.write_all(self.record.as_bytes())?;
        }
        self.second += i64::from(call.pause);
        Ok(())
    }

    fn write(
        &mut self,
        call: &Call,
        repetition: u32,
        (name, parameters): (&str, &str),
        (is_refused, answer): (bool, &str),
    ) -> io::Result<()> {
        let time = DateTime::from_timestamp(BEGIN + self.second, 0).expect("a year of four digits");
        let comma = if self.n == 0 { "" } else { "," };
        let id = uuid(EVENT, self.n);
        let login = call.login.number(repetition);
        let (answer, error) = match is_refused {
            true => ("null", r#","errorCode":"AccessDenied""#),
            false => (answer, ""),
        };
        self.n += 1;
        self.record.clear();
        write!(
            self.record,
            concat!(
                r#"{comma}{{"eventVersion":"1.08","userIdentity":{{"type":"AssumedRole","principalId":"AROAX:ci","#,
                r#""arn":"arn:aws:sts::{account}:assumed-role/ci/ci","accountId":"{account}","#,
                r#""accessKeyId":"ASIA{login:016}","invokedBy":"AWS Internal"}},"#,
                r#""eventTime":"{time}","eventSource":"ecr.amazonaws.com","eventName":"{name}","awsRegion":"eu-west-1","#,
                r#""sourceIPAddress":"AWS Internal","userAgent":"AWS Internal"{error},"#,
                r#""requestParameters":{{"registryId":"{account}","repositoryName":"app-{repository}"{parameters}}},"#,
                r#""responseElements":{answer},"eventID":"{id}","recipientAccountId":"{account}"}}"#
            ),
            comma = comma,
            account = ACCOUNT,
            login = login,
            time = time.format("%Y-%m-%dT%H:%M:%SZ"),
            name = name,
            error = error,
            repository = call.repository.number(repetition),
            parameters = parameters,
            answer = answer,
            id = id,
        )
        .map_err(io::Error::other)
    }
}

/// A `PutImage` of a manifest.
fn put(call: &Call, repetition: u32, manifest: &str) -> (&'static str, String, String) {
    let tag = call.of.number(repetition);
    let quoted = serde_json::Value::from(manifest).to_string();
    let digest = digest_of(manifest);
    (
        "PutImage",
        format!(r#","imageTag":"v{tag}","imageManifest":{quoted}"#),
        format!(r#"{{"image":{{"imageId":{{"imageDigest":"{digest}","imageTag":"v{tag}"}}}}}}"#),
    )
}

fn image(what: u32) -> String {
    let (config, layer) = (digest(CONFIG, what), digest(LAYER, what));
    format!(
        concat!(
            r#"{{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","#,
            r#""config":{{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{}","size":10}},"#,
            r#""layers":[{{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"{}","size":100}}]}}"#
        ),
        config, layer
    )
}

fn index(what: Name, repetition: u32) -> String {
    let children = (repetition.saturating_sub(2)..=repetition).map(|repetition| {
        let child = image(what.number(repetition));
        format!(
            r#"{{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{}","size":400}}"#,
            digest_of(&child)
        )
    });
    format!(
        r#"{{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{}]}}"#,
        children.collect::<Vec<_>>().join(",")
    )
}

/// The digest of a blob of which only the number is known.
fn digest(of: u32, number: u32) -> String {
    format!("sha256:{of:032x}{number:032x}")
}

fn digest_of(manifest: &str) -> String {
    let hash = ring::digest::digest(&SHA256, manifest.as_bytes());
    let hex: String = hash
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("sha256:{hex}")
}

fn uuid(of: u32, number: u32) -> String {
    format!("{of:08x}-0000-4000-8000-{number:012x}")
}
