//! Large logs, made from nothing but a plan: the same plan gives the same bytes.
//!
//! Comes in: how many files, pushes and records of other services. Goes out: a tree as CloudTrail
//! delivers it, `.json.gz` files of one line each. Never: a log in memory; a file is made when it is
//! written, from the pushes that are at work in its five minutes.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use chrono::{DateTime, Utc};
use libdeflater::{CompressionLvl, Compressor};
use ring::digest::{SHA256, digest as hash_of};

/// 2024-03-01T00:00:00Z.
const BEGIN: i64 = 1_709_251_200;
/// What one file covers, in seconds.
const WINDOW: u32 = 300;
const ACCOUNT: &str = "123456789012";
const REGION: &str = "eu-west-1";
/// The level that files in the wild look like.
const LEVEL: i32 = 6;
/// The letters of access keys and principal ids.
const BASE32: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/// The letters of tokens and of S3's request ids.
const BASE64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/// The decoded bytes of a record of another service, about.
const OTHER_BYTES: u64 = 1250;
/// The decoded bytes of a push event, about.
const PUSH_BYTES: u64 = 1110;
/// The events of an ordinary push.
const EVENTS_PER_PUSH: u64 = 20;
/// The pushes of five minutes at a registry that takes 52 000 a day.
const PUSHES_PER_FILE: u64 = 180;

/// What a corpus is made of.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    files: u32,
    pushes: u64,
    others: u64,
    repositories: u64,
    roles: u64,
    one_login: bool,
    one_layer: bool,
    /// Whether the other records are ECR's too: of images that are pulled.
    pulls: bool,
    /// Records and file names in another order.
    pub(crate) shuffled: bool,
}

impl Plan {
    /// The plan of a kind; none for a kind that is not known.
    pub(crate) fn of(kind: &str, size: u64) -> Option<Self> {
        let by_size = |share: u64| {
            let record = (share * PUSH_BYTES + (100 - share) * OTHER_BYTES) / 100;
            let records = size * 1_000_000 / record;
            let pushes = records * share / 100 / EVENTS_PER_PUSH;
            let files = u32::try_from(size / 5).unwrap_or(u32::MAX).max(1);
            let others = records - records * share / 100;
            Self {
                files,
                pushes,
                others,
                ..Self::ordinary()
            }
        };
        let day = Self {
            files: 288,
            pushes: size,
            ..Self::ordinary()
        };
        Some(match kind {
            "none" => by_size(0),
            "two-percent" => by_size(2),
            "registry" => Self {
                pulls: true,
                ..by_size(10)
            },
            "all" => by_size(100),
            "pushes" => Self {
                others: size * EVENTS_PER_PUSH * 9,
                ..day
            },
            "mix" => Self {
                files: u32::try_from(size / PUSHES_PER_FILE)
                    .unwrap_or(u32::MAX)
                    .max(1),
                ..day
            },
            "hot" => Self {
                repositories: 1,
                roles: 20,
                ..day
            },
            "token" => Self {
                files: 140,
                repositories: 50,
                roles: 1,
                one_login: true,
                ..day
            },
            "digest" => Self {
                repositories: 1,
                one_layer: true,
                ..day
            },
            "worst" => Self {
                repositories: 1,
                roles: 1,
                one_login: true,
                one_layer: true,
                ..day
            },
            _ => return None,
        })
    }

    fn ordinary() -> Self {
        Self {
            files: 1,
            pushes: 0,
            others: 0,
            repositories: 200,
            roles: 60,
            one_login: false,
            one_layer: false,
            pulls: false,
            shuffled: false,
        }
    }

    /// Writes the corpus below a folder; the number of decoded bytes.
    ///
    /// # Errors
    /// Where a file cannot be written.
    pub(crate) fn write(&self, root: &Path) -> io::Result<u64> {
        let next = AtomicUsize::new(0);
        let n_bytes = AtomicU64::new(0);
        let work = || -> io::Result<()> {
            let mut compressor = Compressor::new(CompressionLvl::new(LEVEL).expect("a level"));
            let mut text = Vec::new();
            let mut packed = Vec::new();
            loop {
                let Ok(file) = u32::try_from(next.fetch_add(1, Ordering::Relaxed)) else {
                    return Ok(());
                };
                if file >= self.files {
                    return Ok(());
                }
                text.clear();
                self.file(file, &mut text);
                packed.resize(compressor.gzip_compress_bound(text.len()), 0);
                let n_packed = compressor
                    .gzip_compress(&text, &mut packed)
                    .expect("room for the worst case");
                let path = self.path(root, file);
                if let Some(folder) = path.parent() {
                    fs::create_dir_all(folder)?;
                }
                fs::write(path, &packed[..n_packed])?;
                n_bytes.fetch_add(text.len() as u64, Ordering::Relaxed);
            }
        };
        std::thread::scope(|scope| {
            let other = scope.spawn(work);
            let here = work();
            other.join().expect("no panic").and(here)
        })?;
        Ok(n_bytes.into_inner())
    }

    fn path(&self, root: &Path, file: u32) -> PathBuf {
        let end = DateTime::<Utc>::from_timestamp(BEGIN + i64::from((file + 1) * WINDOW), 0)
            .expect("a time");
        let seed = if self.shuffled { 77 } else { 7 };
        let mut name = Vec::new();
        Random::new(seed, u64::from(file)).hex(16, &mut name);
        let name = String::from_utf8_lossy(&name);
        root.join(format!(
            "AWSLogs/{ACCOUNT}/CloudTrail/{REGION}/{}/{ACCOUNT}_CloudTrail_{REGION}_{}_{name}.json.gz",
            end.format("%Y/%m/%d"),
            end.format("%Y%m%dT%H%MZ")
        ))
    }

    /// Writes the records of one file.
    fn file(&self, file: u32, out: &mut Vec<u8>) {
        let (from, to) = (file * WINDOW, (file + 1) * WINDOW);
        let windows = [file.checked_sub(1), Some(file)];
        let pushes: Vec<Push> = windows
            .into_iter()
            .flatten()
            .flat_map(|window| share(self.pushes, window, self.files).map(move |n| (window, n)))
            .map(|(window, number)| Push::new(self, number, window * WINDOW))
            .collect();
        let mut rows: Vec<(u32, usize, usize)> = Vec::new();
        for (at, push) in pushes.iter().enumerate() {
            let steps = push.steps.iter().enumerate();
            // What is at work when the last file ends is cut off, as in any log.
            let here = steps.filter(|(_, step)| (from..to).contains(&step.time));
            rows.extend(here.map(|(step, row)| (row.time, at, step)));
        }
        let others = share(self.others, file, self.files);
        let n_others = (others.end - others.start).max(1);
        rows.extend(others.map(|number| {
            let inside = number - share(self.others, file, self.files).start;
            let time = from + (inside * u64::from(WINDOW) / n_others) as u32;
            (time, usize::MAX, number as usize)
        }));
        rows.sort_unstable();
        if self.shuffled {
            rows.sort_by_key(|&(time, at, step)| {
                mix(u64::from(time) ^ mix(at as u64 ^ mix(step as u64)))
            });
        }
        out.extend_from_slice(b"{\"Records\":[");
        for (position, (time, at, step)) in rows.into_iter().enumerate() {
            if position > 0 {
                out.push(b',');
            }
            match pushes.get(at) {
                Some(push) => push.write(&push.steps[step], step, out),
                None => other(step as u64, time, self, out),
            }
        }
        out.extend_from_slice(b"]}");
    }
}

/// The numbers that one of several files holds of `all`.
fn share(all: u64, file: u32, files: u32) -> std::ops::Range<u64> {
    let bound = |file: u32| all * u64::from(file) / u64::from(files);
    bound(file)..bound(file + 1)
}

fn mix(mut value: u64) -> u64 {
    value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// Chance, the same for the same seeds.
struct Random(u64);

impl Random {
    fn new(seed: u64, number: u64) -> Self {
        Self(mix(seed.wrapping_mul(0x1_0000_01b3) ^ mix(number)))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn hex(&mut self, len: usize, out: &mut Vec<u8>) {
        self.letters(len, b"0123456789abcdef", out);
    }

    /// Letters of an alphabet of 16, 32 or 64.
    fn letters(&mut self, len: usize, alphabet: &[u8], out: &mut Vec<u8>) {
        let width = alphabet.len().trailing_zeros();
        let per_number = 64 / width as usize;
        let mut bits = 0;
        for at in 0..len {
            if at % per_number == 0 {
                bits = self.next();
            }
            out.push(alphabet[bits as usize % alphabet.len()]);
            bits >>= width;
        }
    }

    fn uuid(&mut self, out: &mut Vec<u8>) {
        for (at, len) in [8, 4, 4, 4, 12].into_iter().enumerate() {
            if at > 0 {
                out.push(b'-');
            }
            self.hex(len, out);
        }
    }
}

/// Writes texts and numbers one after the other.
macro_rules! put {
    ($out:expr, $($part:expr),+ $(,)?) => {
        { $( Written::put(&$part, $out); )+ }
    };
}

trait Written {
    fn put(&self, out: &mut Vec<u8>);
}

impl Written for &str {
    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.as_bytes());
    }
}

impl Written for String {
    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.as_bytes());
    }
}

impl Written for u64 {
    fn put(&self, out: &mut Vec<u8>) {
        let mut digits = [0; 20];
        let (mut at, mut rest) = (20, *self);
        loop {
            at -= 1;
            digits[at] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        out.extend_from_slice(&digits[at..]);
    }
}

/// A time of the corpus, as CloudTrail writes it.
struct Time(u32);

impl Written for Time {
    fn put(&self, out: &mut Vec<u8>) {
        let (day, second) = (self.0 / 86_400, self.0 % 86_400);
        let pair = |value: u32| [b'0' + (value / 10 % 10) as u8, b'0' + (value % 10) as u8];
        // March and April are long enough for every plan.
        let (month, day) = if day < 31 { (3, day) } else { (4, day - 31) };
        put!(out, "2024-");
        out.extend_from_slice(&pair(month));
        out.push(b'-');
        out.extend_from_slice(&pair(day + 1));
        for (mark, value) in [
            (b'T', second / 3600),
            (b':', second / 60 % 60),
            (b':', second % 60),
        ] {
            out.push(mark);
            out.extend_from_slice(&pair(value));
        }
        out.push(b'Z');
    }
}

struct Layer {
    digest: String,
    size: u64,
    upload: String,
}

#[derive(Clone, Copy)]
enum Call {
    Token,
    Check(usize),
    Initiate(usize),
    Part(usize, u64, u64),
    Complete(usize),
    Put,
}

struct Step {
    time: u32,
    call: Call,
    error: Option<&'static str>,
}

/// One push with everything that it does.
struct Push {
    number: u64,
    repository: u64,
    role: u64,
    login: u64,
    created: u32,
    layers: Vec<Layer>,
    steps: Vec<Step>,
}

impl Push {
    fn new(plan: &Plan, number: u64, window: u32) -> Self {
        let mut random = Random::new(1, number);
        let repository = random.below(plan.repositories);
        let role = random.below(plan.roles);
        let start = window + random.below(u64::from(WINDOW)) as u32;
        let login = if plan.one_login { 0 } else { number };
        let mut push = Self {
            number,
            repository,
            role,
            login,
            created: if plan.one_login {
                0
            } else {
                start.saturating_sub(20)
            },
            layers: Vec::new(),
            steps: Vec::new(),
        };
        let (parts, n_reused): (&[u64], usize) = if plan.one_layer {
            (&[1, 1], 0)
        } else {
            (&[0, 2, 1, 1, 1], 1)
        };
        let mut time = start;
        if !plan.one_login || number == 0 {
            push.step(time, Call::Token);
        }
        let ending = random.below(100);
        for (at, &n_parts) in parts.iter().enumerate() {
            let is_shared = at == 0;
            let mut of_layer = match (is_shared, plan.one_layer) {
                (true, true) => Random::new(2, 0),
                (true, false) => Random::new(3, repository * 8 + random.below(8)),
                (false, _) => Random::new(4, number * 16 + at as u64),
            };
            let mut digest = b"sha256:".to_vec();
            of_layer.hex(64, &mut digest);
            let mut upload = Vec::new();
            random.uuid(&mut upload);
            let text = |bytes| String::from_utf8(bytes).expect("ASCII");
            let size = match at + 1 == parts.len() {
                true => 1500 + of_layer.below(9000),
                false => 1_000_000 + of_layer.below(18_000_000),
            };
            push.layers.push(Layer {
                digest: text(digest),
                size: size + n_parts.saturating_sub(1) * 20_971_520,
                upload: text(upload),
            });
            time += random.below(2) as u32;
            push.step(time, Call::Check(at));
            if at < n_reused {
                continue;
            }
            push.step(time, Call::Initiate(at));
            for part in 0..n_parts {
                time += random.below(3) as u32;
                let first = part * 20_971_520;
                let last = push.layers[at].size.min(first + 20_971_520) - 1;
                push.step(time, Call::Part(at, first, last));
            }
            // One push in twenty-five dies here.
            if ending < 4 && at == 1 {
                return push;
            }
            time += random.below(2) as u32;
            push.step(time, Call::Complete(at));
        }
        time += random.below(2) as u32;
        if ending >= 8 {
            push.step(time, Call::Put);
        }
        if ending >= 98 {
            let last = push.steps.len() - 1;
            push.steps[last].error = Some("ImageTagAlreadyExistsException");
        }
        push
    }

    fn step(&mut self, time: u32, call: Call) {
        let error = None;
        self.steps.push(Step { time, call, error });
    }

    fn key(&self, out: &mut Vec<u8>) {
        put!(out, "ASIA");
        Random::new(5, self.login * 64 + self.role).letters(16, BASE32, out);
    }

    /// The name that CodeBuild gives a build's role session.
    fn session_name(&self) -> String {
        let mut name = b"AWSCodeBuild-".to_vec();
        Random::new(14, self.login).uuid(&mut name);
        String::from_utf8(name).expect("ASCII")
    }

    fn write(&self, step: &Step, number: usize, out: &mut Vec<u8>) {
        let mut random = Random::new(6, self.number * 64 + number as u64);
        let name = match step.call {
            Call::Token => "GetAuthorizationToken",
            Call::Check(_) => "BatchCheckLayerAvailability",
            Call::Initiate(_) => "InitiateLayerUpload",
            Call::Part(..) => "UploadLayerPart",
            Call::Complete(_) => "CompleteLayerUpload",
            Call::Put => "PutImage",
        };
        let is_token = matches!(step.call, Call::Token);
        let is_read = is_token || matches!(step.call, Call::Check(_));
        put!(
            out,
            r#"{"eventVersion":"1.11","userIdentity":{"type":"AssumedRole","principalId":"AROA"#
        );
        Random::new(8, self.role).letters(17, BASE32, out);
        let (role, login) = (self.role, self.login);
        let session = self.session_name();
        put!(
            out,
            ":",
            session,
            r#"","arn":"arn:aws:sts::123456789012:assumed-role/ci-"#,
            role,
            "/",
            session
        );
        put!(out, r#"","accountId":"123456789012","accessKeyId":""#);
        self.key(out);
        put!(
            out,
            r#"","sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROA"#
        );
        Random::new(8, self.role).letters(17, BASE32, out);
        put!(
            out,
            r#"","arn":"arn:aws:iam::123456789012:role/ci-"#,
            role,
            r#"","accountId":"123456789012","userName":"ci-"#,
            role
        );
        put!(
            out,
            r#""},"attributes":{"creationDate":""#,
            Time(self.created),
            r#"","mfaAuthenticated":"false"}}"#
        );
        if !is_token {
            put!(out, r#","invokedBy":"AWS Internal""#);
        }
        put!(
            out,
            r#"},"eventTime":""#,
            Time(step.time),
            r#"","eventSource":"ecr.amazonaws.com","eventName":""#,
            name
        );
        put!(out, r#"","awsRegion":"eu-west-1","sourceIPAddress":""#);
        if is_token {
            put!(
                out,
                "203.0.113.",
                login % 250,
                r#"","userAgent":"aws-cli/2.15.10 md/awscrt#0.19.19 ua/2.0 os/linux#6.1.0 md/arch#x86_64 lang/python#3.11.6 md/pyimpl#CPython cfg/retry-mode#standard md/installer#exe md/command#ecr.get-login-password""#
            );
        } else {
            put!(out, r#"AWS Internal","userAgent":"AWS Internal""#);
        }
        if let Some(code) = step.error {
            put!(
                out,
                r#","errorCode":""#,
                code,
                r#"","errorMessage":"The image tag already exists in the repository and cannot be overwritten because the repository is immutable.""#
            );
        }
        put!(out, r#","requestParameters":"#);
        self.parameters(step, out);
        put!(out, r#","requestID":""#);
        random.uuid(out);
        put!(out, r#"","eventID":""#);
        random.uuid(out);
        put!(
            out,
            r#"","readOnly":"#,
            if is_read { "true" } else { "false" }
        );
        if !is_token {
            put!(
                out,
                r#","resources":[{"accountId":"123456789012","ARN":"arn:aws:ecr:eu-west-1:123456789012:repository/team/app-"#,
                self.repository,
                r#""}]"#
            );
        }
        put!(
            out,
            r#","eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"123456789012","eventCategory":"Management""#
        );
        if is_token {
            put!(
                out,
                r#","tlsDetails":{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":"api.ecr.eu-west-1.amazonaws.com"}"#
            );
        }
        out.push(b'}');
    }

    /// Writes request and response.
    fn parameters(&self, step: &Step, out: &mut Vec<u8>) {
        let repository = self.repository;
        let base = |out: &mut Vec<u8>| {
            put!(
                out,
                r#"{"registryId":"123456789012","repositoryName":"team/app-"#,
                repository,
                "\""
            );
        };
        let layer = |at: usize| &self.layers[at];
        if let Call::Token = step.call {
            put!(out, r#"null,"responseElements":null"#);
            return;
        }
        base(out);
        match step.call {
            Call::Token => {}
            Call::Check(at) => {
                put!(
                    out,
                    r#","layerDigests":[""#,
                    layer(at).digest,
                    r#""]},"responseElements":null"#
                );
            }
            Call::Initiate(at) => {
                put!(
                    out,
                    r#"},"responseElements":{"uploadId":""#,
                    layer(at).upload,
                    r#"","partSize":20971520}"#
                );
            }
            Call::Part(at, first, last) => {
                put!(
                    out,
                    r#","uploadId":""#,
                    layer(at).upload,
                    r#"","partFirstByte":"#,
                    first,
                    r#","partLastByte":"#,
                    last,
                    r#"},"responseElements":"#
                );
                base(out);
                put!(
                    out,
                    r#","uploadId":""#,
                    layer(at).upload,
                    r#"","lastByteReceived":"#,
                    last,
                    "}"
                );
            }
            Call::Complete(at) => {
                put!(
                    out,
                    r#","uploadId":""#,
                    layer(at).upload,
                    r#"","layerDigests":[""#,
                    layer(at).digest,
                    r#""]},"responseElements":"#
                );
                base(out);
                put!(
                    out,
                    r#","uploadId":""#,
                    layer(at).upload,
                    r#"","layerDigest":""#,
                    layer(at).digest,
                    r#""}"#
                );
            }
            Call::Put => self.put_image(step.error.is_some(), base, out),
        }
    }

    fn put_image(&self, is_refused: bool, base: impl Fn(&mut Vec<u8>), out: &mut Vec<u8>) {
        let mut manifest = Vec::new();
        let descriptor = |kind: &str, layer: &Layer, out: &mut Vec<u8>| {
            put!(
                out,
                r#"{"mediaType":"application/vnd.docker."#,
                kind,
                r#"","size":"#,
                layer.size,
                r#","digest":""#,
                layer.digest,
                r#""}"#
            );
        };
        let (config, layers) = self.layers.split_last().expect("a push has a config");
        put!(
            &mut manifest,
            r#"{"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v2+json","config":"#
        );
        descriptor("container.image.v1+json", config, &mut manifest);
        put!(&mut manifest, r#","layers":["#);
        for (at, layer) in layers.iter().enumerate() {
            if at > 0 {
                manifest.push(b',');
            }
            descriptor("image.rootfs.diff.tar.gzip", layer, &mut manifest);
        }
        put!(&mut manifest, "]}");
        let mut digest = b"sha256:".to_vec();
        for byte in hash_of(&SHA256, &manifest).as_ref() {
            let digit = |value: u8| b"0123456789abcdef"[usize::from(value)];
            digest.extend([digit(byte >> 4), digit(byte & 15)]);
        }
        let quoted = |out: &mut Vec<u8>| {
            put!(out, r#","imageManifest":""#);
            for &byte in &manifest {
                if byte == b'"' {
                    out.push(b'\\');
                }
                out.push(byte);
            }
            put!(
                out,
                r#"","imageManifestMediaType":"application/vnd.docker.distribution.manifest.v2+json""#
            );
        };
        let number = self.number;
        quoted(out);
        put!(
            out,
            r#","imageTag":"build-"#,
            number,
            r#""},"responseElements":"#
        );
        if is_refused {
            put!(out, "null");
            return;
        }
        put!(out, r#"{"image":"#);
        base(out);
        put!(out, r#","imageId":{"imageDigest":""#);
        out.extend_from_slice(&digest);
        put!(out, r#"","imageTag":"build-"#, number, "\"}");
        quoted(out);
        put!(out, "}}");
    }
}

/// Writes a record of another service, one of those that make up most of a log.
fn other(number: u64, time: u32, plan: &Plan, out: &mut Vec<u8>) {
    let mut random = Random::new(9, number);
    let (role, session) = (random.below(40), random.below(400));
    let kind = match random.below(100) {
        any if plan.pulls => 6 + any % 3,
        0 if plan.pushes > 0 => 8,
        any => any % 6,
    };
    let calls = [
        (
            "s3.amazonaws.com",
            "GetBucketAcl",
            "[S3Console/0.4, aws-internal/3 aws-sdk-java/1.12.750 Linux/5.10.217 OpenJDK_64-Bit_Server_VM/25.372-b08 java/1.8.0_372]",
        ),
        (
            "ec2.amazonaws.com",
            "DescribeInstances",
            "aws-sdk-go-v2/1.24.1 os/linux lang/go#1.21.5 md/GOOS#linux md/GOARCH#amd64 api/ec2#1.141.0",
        ),
        (
            "kms.amazonaws.com",
            "Decrypt",
            "secretsmanager.amazonaws.com",
        ),
        (
            "sts.amazonaws.com",
            "AssumeRole",
            "Boto3/1.34.34 md/Botocore#1.34.34 ua/2.0 os/linux#5.10 md/arch#x86_64 lang/python#3.11.6 Botocore/1.34.34",
        ),
        (
            "logs.amazonaws.com",
            "CreateLogStream",
            "awslambda-worker/1.0 rusoto/0.48.0 rust/1.72.0 linux",
        ),
        (
            "dynamodb.amazonaws.com",
            "DescribeTable",
            "aws-sdk-nodejs/2.1550.0 linux/v18.19.0 promise",
        ),
        ("ecr.amazonaws.com", "BatchGetImage", "AWS Internal"),
        (
            "ecr.amazonaws.com",
            "GetDownloadUrlForLayer",
            "AWS Internal",
        ),
        (
            "ecr.amazonaws.com",
            "DescribeImages",
            "aws-sdk-go/1.50.5 (go1.21.6; linux; amd64)",
        ),
    ];
    let (source, name, agent) = calls[kind as usize];
    put!(
        out,
        r#"{"eventVersion":"1.11","userIdentity":{"type":"AssumedRole","principalId":"AROA"#
    );
    Random::new(10, role).letters(17, BASE32, out);
    put!(out, ":i-");
    Random::new(11, session).hex(17, out);
    put!(
        out,
        r#"","arn":"arn:aws:sts::123456789012:assumed-role/worker-"#,
        role,
        "/i-"
    );
    Random::new(11, session).hex(17, out);
    put!(out, r#"","accountId":"123456789012","accessKeyId":"ASIA"#);
    Random::new(12, session).letters(16, BASE32, out);
    put!(
        out,
        r#"","sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROA"#
    );
    Random::new(10, role).letters(17, BASE32, out);
    put!(
        out,
        r#"","arn":"arn:aws:iam::123456789012:role/worker-"#,
        role,
        r#"","accountId":"123456789012","userName":"worker-"#,
        role
    );
    put!(
        out,
        r#""},"attributes":{"creationDate":""#,
        Time(time / 3600 * 3600),
        r#"","mfaAuthenticated":"false"},"ec2RoleDelivery":"2.0"}},"eventTime":""#,
        Time(time)
    );
    put!(
        out,
        r#"","eventSource":""#,
        source,
        r#"","eventName":""#,
        name,
        r#"","awsRegion":"eu-west-1","sourceIPAddress":"10.0."#
    );
    put!(
        out,
        random.below(256),
        ".",
        random.below(256),
        r#"","userAgent":""#,
        agent,
        r#"","requestParameters":"#
    );
    match kind {
        0 => {
            put!(
                out,
                r#"{"bucketName":"logs-"#,
                random.below(30),
                r#"","Host":"s3.eu-west-1.amazonaws.com","acl":""},"responseElements":null,"additionalEventData":{"SignatureVersion":"SigV4","CipherSuite":"TLS_AES_128_GCM_SHA256","bytesTransferredIn":0,"AuthenticationMethod":"AuthHeader","x-amz-id-2":""#
            );
            random.letters(76, BASE64, out);
            put!(out, r#"","bytesTransferredOut":"#, random.below(1000), "}");
        }
        1 => {
            put!(
                out,
                r#"{"maxResults":100,"instancesSet":{"items":[{"instanceId":"i-"#
            );
            random.hex(17, out);
            put!(out, r#""},{"instanceId":"i-"#);
            random.hex(17, out);
            put!(
                out,
                r#""}]},"filterSet":{"items":[{"name":"tag:Name","valueSet":{"items":[{"value":"web"}]}}]}},"responseElements":null"#
            );
        }
        2 => {
            put!(
                out,
                r#"{"encryptionAlgorithm":"SYMMETRIC_DEFAULT","encryptionContext":{"SecretARN":"arn:aws:secretsmanager:eu-west-1:123456789012:secret:app/"#,
                random.below(90),
                r#"","SecretVersionId":""#
            );
            random.uuid(out);
            put!(
                out,
                r#""}},"responseElements":null,"resources":[{"accountId":"123456789012","type":"AWS::KMS::Key","ARN":"arn:aws:kms:eu-west-1:123456789012:key/"#
            );
            Random::new(13, session % 9).uuid(out);
            put!(out, r#""}]"#);
        }
        3 => {
            put!(
                out,
                r#"{"roleArn":"arn:aws:iam::123456789012:role/worker-"#,
                role,
                r#"","roleSessionName":"s-"#,
                random.below(1_000_000),
                r#"","policy":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}","durationSeconds":3600},"responseElements":{"credentials":{"accessKeyId":"ASIA"#
            );
            random.letters(16, BASE32, out);
            put!(out, r#"","sessionToken":"FwoGZXIvYXdzE"#);
            random.letters(380, BASE64, out);
            put!(
                out,
                r#"","expiration":""#,
                Time(time + 3600),
                r#""},"assumedRoleUser":{"assumedRoleId":"AROAZZZZ:s","arn":"arn:aws:sts::123456789012:assumed-role/worker/s"}}"#
            );
        }
        4 => {
            put!(
                out,
                r#"{"logGroupName":"/aws/lambda/handler-"#,
                random.below(80),
                r#"","logStreamName":"2024/03/01/[$LATEST]"#
            );
            random.hex(32, out);
            put!(out, r#""},"responseElements":null,"apiVersion":"20140328""#);
        }
        5 => put!(
            out,
            r#"{"tableName":"orders-"#,
            random.below(20),
            r#""},"responseElements":null"#
        ),
        6 | 7 => {
            put!(
                out,
                r#"{"registryId":"123456789012","repositoryName":"team/app-"#,
                random.below(50)
            );
            let named = match kind {
                6 => r#"","imageIds":[{"imageDigest":"sha256:"#,
                _ => r#"","layerDigest":"sha256:"#,
            };
            put!(out, named);
            random.hex(64, out);
            let end = match kind {
                6 => {
                    r#""}],"acceptedMediaTypes":["application/vnd.oci.image.manifest.v1+json","application/vnd.docker.distribution.manifest.v2+json"]},"responseElements":null"#
                }
                _ => r#""},"responseElements":null"#,
            };
            put!(out, end);
        }
        _ => put!(
            out,
            r#"{"registryId":"123456789012","repositoryName":"team/app-"#,
            random.below(50),
            r#"","maxResults":1000},"responseElements":null"#
        ),
    }
    put!(out, r#","requestID":""#);
    random.uuid(out);
    put!(out, r#"","eventID":""#);
    random.uuid(out);
    put!(
        out,
        r#"","readOnly":true,"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"123456789012","eventCategory":"Management","tlsDetails":{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":""#,
        name,
        ".eu-west-1.amazonaws.com\"}}"
    );
}
