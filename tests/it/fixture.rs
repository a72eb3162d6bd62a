//! Eight pushes and what surrounds them, written by hand: what every renderer is tried on.
//!
//! Built from the stages' own types, not from log files, so that a renderer's test does not depend
//! on what an earlier stage concludes. Many values are hostile: they hold what steers a terminal.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use reconstruct::event::Failure;
use reconstruct::event::{
    Action, ByteRange, Bytes, Category, Client, ClientId, Credential, CredentialId, Descriptor,
    Digest, DigestId, Event, EventId, EventLog, Field, Id, Identity, IdentityId, ImageDigest,
    Manifest, Principal, PutImage, Repository, RepositoryId, Service, TextId, Uid, UploadId,
};
use reconstruct::facts::Facts;
use reconstruct::finding::{Finding, Severity};
use reconstruct::graph::{EventGraph, Evidence, Strength};
use reconstruct::ingest::Coverage;
use reconstruct::ingest::Interval;
use reconstruct::ingest::coverage::{self, FileTally, Hole, HoleReason, RecordTally};
use reconstruct::location::{FileId, Location, RecordAt, Span};
use reconstruct::problem::{Excerpt, Problem, ProblemKind};
use reconstruct::session::{
    Alternative, Because, FailedCall, Horizon, IncompleteKind, LayerUpload, Link, ManifestPut,
    MissingPiece, Principals, PutState, RefusedTag, Reused, ReusedManifest, Session, SessionId,
    Sessions, Status, UploadState,
};
use reconstruct::source::{ContentStamp, Found, Origin, Reach, SourceFile};
use reconstruct::threads::Threads;
use reconstruct::{Options, Reconstruction, ingest};

/// Texts that would colour, clear, reverse or forge the output if they reached it as they are.
pub(crate) const HOSTILE: &str = "evil\u{1b}[2J\u{1b}]0;pwned\u{7}\u{202e}txt\u{200b}\u{9b}31m\r\nCOMPLETE  fake/push\u{7f}\t\
     <script>alert('1')</script>\"><img src=x onerror=alert(1)>&lt;=cmd()\0";

const MIB: u64 = 1 << 20;
const ACCOUNT: &str = "123456789012";

/// Who makes the calls that are written next, and where.
#[derive(Clone, Copy)]
struct Caller {
    identity: IdentityId,
    credential: CredentialId,
    client: ClientId,
    repository: Option<RepositoryId>,
}

/// Writes a log, call by call in order of time.
struct Scribe {
    log: EventLog,
    sessions: Vec<Session>,
}

/// Seconds after the fixture's first second, 2024-03-04T09:00:00Z.
fn at(seconds: i64) -> DateTime<Utc> {
    let start = DateTime::from_timestamp(1_709_542_800, 0).expect("a time in range");
    start + TimeDelta::seconds(seconds)
}

impl Scribe {
    fn text(&mut self, text: &str) -> TextId {
        self.log.tables.texts.intern(text, || text.into())
    }

    fn digest(&mut self, name: &str) -> DigestId {
        self.log.tables.digests.insert(Digest::of(name.as_bytes()))
    }

    fn upload(&mut self, name: &str) -> UploadId {
        let uid = Uid::intern(name, &mut self.log.tables.texts);
        self.log.tables.uploads.insert(uid)
    }

    fn repository(&mut self, name: &str) -> Option<RepositoryId> {
        Some(self.log.tables.repositories.insert(Repository {
            service: Service::Ecr,
            registry: ACCOUNT.into(),
            region: "eu-west-1".into(),
            name: name.into(),
        }))
    }

    fn role(&mut self, session_name: &str, key: &str, repository: &str) -> Caller {
        let tables = &mut self.log.tables;
        Caller {
            identity: tables.identities.insert(Identity {
                kind: Some("AssumedRole".into()),
                principal: Principal::AssumedRole {
                    role: "ci-push".into(),
                    session_name: session_name.into(),
                },
                arn: Some(
                    format!("arn:aws:sts::{ACCOUNT}:assumed-role/ci-push/{session_name}").into(),
                ),
                account: Some(ACCOUNT.into()),
                principal_id: Some(format!("AROAEXAMPLE:{session_name}").into()),
                user_name: Some("ci-push".into()),
                backing: None,
            }),
            credential: tables.credentials.insert(Credential {
                access_key_id: Some(key.into()),
                created: Some(at(0)),
                sign_in_session: None,
            }),
            client: tables.clients.insert(Client {
                source_ip: Some("AWS Internal".into()),
                user_agent: Some("AWS Internal".into()),
                invoked_by: Some("AWS Internal".into()),
                ..Client::default()
            }),
            repository: self.repository(repository),
        }
    }

    fn user(&mut self, name: &str, ip: &str, agent: &str, repository: &str) -> Caller {
        let tables = &mut self.log.tables;
        Caller {
            identity: tables.identities.insert(Identity {
                kind: Some("IAMUser".into()),
                principal: Principal::IamUser { name: name.into() },
                arn: Some(format!("arn:aws:iam::{ACCOUNT}:user/{name}").into()),
                account: Some(ACCOUNT.into()),
                principal_id: Some("AIDAEXAMPLE".into()),
                user_name: Some(name.into()),
                backing: None,
            }),
            credential: tables.credentials.insert(Credential {
                access_key_id: Some("AKIAEXAMPLE".into()),
                created: None,
                sign_in_session: None,
            }),
            client: tables.clients.insert(Client {
                source_ip: Some(ip.into()),
                user_agent: Some(agent.into()),
                invoked_by: None,
                ..Client::default()
            }),
            repository: self.repository(repository),
        }
    }

    /// The same caller, seen at its own address and without a repository, as at a login.
    fn at_login(&mut self, caller: Caller, ip: &str, agent: &str) -> Caller {
        Caller {
            client: self.log.tables.clients.insert(Client {
                source_ip: Some(ip.into()),
                user_agent: Some(agent.into()),
                invoked_by: None,
                ..Client::default()
            }),
            repository: None,
            ..caller
        }
    }

    fn call(&mut self, seconds: i64, caller: Caller, action: Action) -> EventId {
        let rank = self.log.events.len();
        let name = format!("00000000-0000-4000-8000-{rank:012}");
        let event_id = Uid::intern(&name, &mut self.log.tables.texts);
        let (recipient, region) = (self.text(ACCOUNT), self.text("eu-west-1"));
        self.log.events.push(Event {
            time: at(seconds),
            event_id,
            request_id: None,
            shared_event_id: None,
            amends: None,
            category: Category::Management,
            action,
            failure: None,
            identity: caller.identity,
            credential: caller.credential,
            client: caller.client,
            service: Service::Ecr,
            repository: caller.repository,
            recipient,
            region,
            at: RecordAt {
                file: FileId(u32::from(rank % 2 == 1)),
                index: u32::try_from(rank).expect("a short log"),
            },
        });
        EventId::from_index(rank)
    }

    /// Marks the last call as refused.
    fn refused(&mut self, code: &str, message: &str) {
        let failure = self.log.tables.failures.insert(Failure {
            code: code.into(),
            message: Some(message.into()),
        });
        let last = self.log.events.last_mut().expect("a call was written");
        last.failure = Some(failure);
    }

    fn login(&mut self, seconds: i64, caller: Caller) -> EventId {
        self.call(seconds, caller, Action::GetAuthorizationToken)
    }

    fn check(&mut self, seconds: i64, caller: Caller, names: &[&str]) {
        let digests = names.iter().map(|name| self.digest(name)).collect();
        let action = Action::BatchCheckLayerAvailability {
            digests,
            available: Field::Absent,
        };
        self.call(seconds, caller, action);
    }

    fn initiate(&mut self, seconds: i64, caller: Caller, upload: &str) {
        let upload = Some(self.upload(upload));
        let part_size = Some(20 * MIB);
        self.call(
            seconds,
            caller,
            Action::InitiateLayerUpload { upload, part_size },
        );
    }

    fn part(&mut self, seconds: i64, caller: Caller, upload: &str, bytes: Range<u64>) {
        let action = Action::UploadLayerPart {
            upload: Some(self.upload(upload)),
            range: Some(ByteRange {
                first: bytes.start,
                last: bytes.end - 1,
            }),
            last_byte_received: Some(bytes.end - 1),
        };
        self.call(seconds, caller, action);
    }

    fn complete(&mut self, seconds: i64, caller: Caller, upload: &str, digest: &str) {
        let digest = self.digest(digest);
        let action = Action::CompleteLayerUpload {
            upload: Some(self.upload(upload)),
            claimed: Box::new([digest]),
            confirmed: Some(digest),
        };
        self.call(seconds, caller, action);
    }

    /// One whole upload from one second to another, in parts of 20 MiB.
    fn whole(&mut self, seconds: i64, caller: Caller, upload: &str, digest: &str, size: u64) {
        self.initiate(seconds, caller, upload);
        let mut first = 0;
        while first < size {
            let end = size.min(first + 20 * MIB);
            self.part(seconds, caller, upload, first..end);
            first = end;
        }
        self.complete(seconds, caller, upload, digest);
    }

    fn descriptor(&mut self, name: &str, size: u64) -> Descriptor {
        Descriptor {
            digest: self.digest(name),
            size: Some(Bytes(size)),
            media_type: None,
            platform: None,
        }
    }

    fn image(&mut self, config: &str, layers: &[(&str, u64)]) -> Manifest {
        let media_type = self.text("application/vnd.oci.image.manifest.v1+json");
        Manifest::Image {
            config: Some(self.descriptor(config, 1_469)),
            layers: layers
                .iter()
                .map(|(name, size)| self.descriptor(name, *size))
                .collect(),
            subject: None,
            artifact_type: None,
            media_type: Some(media_type),
            what: "image",
        }
    }

    fn index(&mut self, children: &[(&str, &str)]) -> Manifest {
        let manifests = children.iter().map(|(name, platform)| Descriptor {
            platform: Some(self.text(platform)),
            ..self.descriptor(name, 528)
        });
        Manifest::Index {
            manifests: manifests.collect(),
            subject: None,
            artifact_type: None,
            media_type: None,
            what: "index",
            attested: [].into(),
        }
    }

    fn put(
        &mut self,
        seconds: i64,
        caller: Caller,
        tag: Option<&str>,
        digest: &str,
        manifest: Manifest,
    ) -> EventId {
        let tag = tag.map(|tag| self.text(tag));
        let digest = self.digest(digest);
        let manifest = self.log.tables.manifests.insert(manifest);
        let action = Action::PutImage(Box::new(PutImage {
            tag,
            digest: ImageDigest {
                computed: Some(digest),
                ..ImageDigest::default()
            },
            manifest: Field::Known(manifest),
            media_type: None,
        }));
        self.call(seconds, caller, action)
    }

    /// Makes a push of the calls from `first` on, and gives its position.
    fn push(&mut self, id: u64, first: usize, caller: Caller, status: Status) -> usize {
        let events: Vec<EventId> = (first..self.log.events.len())
            .map(EventId::from_index)
            .filter(|&id| self.log.event(id).action != Action::GetAuthorizationToken)
            .collect();
        let time = |id: &EventId| self.log.event(*id).time;
        let times = (
            events.iter().map(time).min().expect("a push has a call"),
            events.iter().map(time).max().expect("a push has a call"),
        );
        let joined = |place: usize| Because {
            with: (place > 0).then(|| events[place - 1]),
            evidence: (place > 0).then_some(Evidence::Credential),
        };
        self.sessions.push(Session {
            shows_address: true,
            id: SessionId(id),
            repository: caller.repository,
            identity: caller.identity,
            credentials: vec![caller.credential],
            authorization: None,
            uploads: self.uploads(&events),
            manifests: self.manifests(&events),
            reused: Vec::new(),
            reused_manifests: Vec::new(),
            because: (0..events.len()).map(joined).collect(),
            sequence: events,
            alternatives: Vec::new(),
            contradictions: Vec::new(),
            first: times.0,
            last: times.1,
            status,
            confidence: Strength::Inference,
            doubt: None,
            retry_of: None,
            superseded_by: None,
        });
        self.sessions.len() - 1
    }

    fn uploads(&self, events: &[EventId]) -> Vec<LayerUpload> {
        let mut uploads: Vec<LayerUpload> = Vec::new();
        for &id in events {
            let event = self.log.event(id);
            let Some(upload) = event.action.upload() else {
                continue;
            };
            let known = uploads.iter().position(|u| u.upload == Some(upload));
            let place = known.unwrap_or_else(|| {
                uploads.push(LayerUpload {
                    upload: Some(upload),
                    initiate: None,
                    parts: Vec::new(),
                    complete: None,
                    digest: None,
                    state: UploadState::Unfinished,
                    received_bytes: Bytes(0),
                    listed_bytes: None,
                    holes: Vec::new(),
                    first: event.time,
                    last: event.time,
                });
                uploads.len() - 1
            });
            let row = &mut uploads[place];
            row.last = event.time;
            match &event.action {
                Action::UploadLayerPart { range, .. } => {
                    row.parts.push(id);
                    row.received_bytes += range.map_or(Bytes(0), ByteRange::len);
                }
                Action::CompleteLayerUpload { .. } => {
                    row.complete = Some(id);
                    row.digest = event.action.completed_digest();
                    row.state = UploadState::Complete;
                }
                Action::InitiateLayerUpload { .. } => row.initiate = Some(id),
                Action::GetAuthorizationToken
                | Action::BatchCheckLayerAvailability { .. }
                | Action::PutImage(_) => {}
            }
        }
        uploads
    }

    fn manifests(&self, events: &[EventId]) -> Vec<ManifestPut> {
        let mut manifests = Vec::new();
        for &id in events {
            let event = self.log.event(id);
            if let Action::PutImage(put) = &event.action {
                let refused = put.tag.map(|tag| RefusedTag { tag, event: id });
                manifests.push(ManifestPut {
                    digest: put.digest.best(),
                    manifest: put.manifest.known().copied(),
                    tags: put.tag.filter(|_| event.succeeded()).into_iter().collect(),
                    refused: refused.filter(|_| !event.succeeded()).into_iter().collect(),
                    event: id,
                    state: match event.succeeded() {
                        true => PutState::Put,
                        false => PutState::Refused,
                    },
                    root: false,
                });
            }
        }
        if let Some(last) = manifests.last_mut() {
            last.root = true;
        }
        manifests
    }

    fn here(&self) -> usize {
        self.log.events.len()
    }
}

/// Everything that the renderers are tried on.
pub(crate) fn reconstruction() -> Reconstruction {
    let mut scribe = Scribe {
        log: EventLog::default(),
        sessions: Vec::new(),
    };
    complete_by_user(&mut scribe);
    killed_and_run_again(&mut scribe);
    refused_tag(&mut scribe);
    index(&mut scribe);
    unchanged(&mut scribe);
    many_layers(&mut scribe);
    hostile(&mut scribe);
    let stray = {
        let caller = scribe.user("erin", "198.51.100.99", "aws-cli/2.15.30", "x");
        scribe.login(41_000, caller)
    };
    let findings = findings(&scribe.sessions);
    let mut served = BTreeMap::new();
    let links = scribe
        .sessions
        .iter()
        .filter_map(|session| session.authorization.as_ref());
    for link in links {
        *served.entry(link.event).or_default() += 1;
    }
    Reconstruction {
        files: [
            "AWSLogs/123456789012/CloudTrail/eu-west-1/2024/03/04/a.json.gz",
            HOSTILE,
        ]
        .map(file)
        .into(),
        coverage: coverage(scribe.log.events.len() as u64),
        sessions: Sessions {
            sessions: scribe.sessions,
            unplaced: vec![stray],
            served,
            principals: Principals::new(&scribe.log, &Facts::of(&scribe.log)),
        },
        log: scribe.log,
        graph: EventGraph::default(),
        pulls: None,
        findings,
        judged: None,
        problems: problems(),
        threads: Threads::new(Some(2)),
        options: Options {
            ingest: ingest::ReadOptions {
                jobs: None,
                max_decoded_bytes: 1 << 32,
                verify: None,
                roles: ingest::Roles::Ignored,
                pulls: reconstruct::event::Pulls::Ignored,
            },
            window: Duration::from_secs(900),
            reach: Reach::default(),
            ..Options::default()
        },
    }
}

/// A reconstruction of nothing.
pub(crate) fn empty() -> Reconstruction {
    Reconstruction {
        files: Vec::new(),
        log: EventLog::default(),
        coverage: Coverage::default(),
        sessions: Sessions::default(),
        findings: Vec::new(),
        problems: Vec::new(),
        ..reconstruction()
    }
}

/// A file of the input, of which a report shows the name alone.
fn file(name: &str) -> SourceFile {
    SourceFile {
        origin: Origin::File(PathBuf::from(name)),
        name: name.to_owned(),
        size_bytes: 1,
        stamp: ContentStamp::Unknown,
        found: Found::Empty,
    }
}

/// `shop/api:v1.4.2`, put by a user with the command line tool, which shows its address.
fn complete_by_user(scribe: &mut Scribe) {
    let first = scribe.here();
    let dana = scribe.user(
        "dana",
        "203.0.113.9",
        "aws-cli/2.15.30 exe/x86_64",
        "shop/api",
    );
    scribe.whole(
        0,
        dana,
        "10000000-0000-4000-8000-000000000001",
        "api-1",
        3 * MIB,
    );
    scribe.whole(
        1,
        dana,
        "10000000-0000-4000-8000-000000000002",
        "api-c",
        1_469,
    );
    let image = scribe.image("api-c", &[("api-1", 3 * MIB)]);
    scribe.put(2, dana, Some("v1.4.2"), "api", image);
    scribe.push(0x0a11_ce00_0001, first, dana, Status::Complete);
}

/// `shop/web`, killed while a layer was sent, and run again with the same login.
fn killed_and_run_again(scribe: &mut Scribe) {
    let ci = scribe.role("build-4711", "ASIAEXAMPLE1", "shop/web");
    let outside = scribe.at_login(
        ci,
        "198.51.100.7",
        "aws-cli/2.15.30 Python/3.11.8 Linux/6.1",
    );
    let login = scribe.login(842, outside);
    let first = scribe.here();
    let uploads = [
        "20000000-0000-4000-8000-000000000001",
        "20000000-0000-4000-8000-000000000002",
        "8c1f0000-0000-4000-8000-000000000003",
    ];
    scribe.check(871, ci, &["web-1"]);
    scribe.initiate(871, ci, uploads[0]);
    scribe.initiate(871, ci, uploads[1]);
    scribe.part(872, ci, uploads[1], 0..5 * MIB + MIB / 10);
    scribe.complete(873, ci, uploads[1], "web-2");
    scribe.check(873, ci, &["web-2"]);
    scribe.part(874, ci, uploads[0], 0..19 * MIB);
    scribe.complete(880, ci, uploads[0], "web-1");
    scribe.check(880, ci, &["web-1"]);
    scribe.initiate(880, ci, uploads[2]);
    scribe.part(881, ci, uploads[2], 0..20 * MIB);
    scribe.part(881, ci, uploads[2], 20 * MIB..40 * MIB);
    let lost = scribe.upload(uploads[2]);
    let status = Status::Incomplete {
        kind: IncompleteKind::UploadAbandoned,
        missing: vec![MissingPiece::Complete(lost), MissingPiece::Manifest],
    };
    let killed = scribe.push(0x7f3a_2c1e_9b04, first, ci, status);

    let first = scribe.here();
    scribe.check(1_039, ci, &["web-1", "web-2"]);
    scribe.whole(
        1_040,
        ci,
        "20000000-0000-4000-8000-000000000004",
        "web-3",
        61 * MIB,
    );
    scribe.whole(
        1_043,
        ci,
        "20000000-0000-4000-8000-000000000005",
        "web-c",
        1_469,
    );
    let layers = [
        ("web-1", 19 * MIB),
        ("web-2", 5 * MIB + MIB / 10),
        ("web-3", 61 * MIB),
    ];
    let image = scribe.image("web-c", &layers);
    scribe.put(1_044, ci, Some("v1.4.1"), "web", image);
    let again = scribe.push(0xc41d_02aa_93f7, first, ci, Status::Complete);

    let reused = [("web-1", 19 * MIB), ("web-2", 5 * MIB + MIB / 10)].map(|(name, size)| Reused {
        digest: scribe.digest(name),
        size: Some(Bytes(size)),
        uploaded_by: Some(killed),
    });
    let link = Link {
        event: login,
        strength: Strength::Inference,
        alternatives: Vec::new(),
    };
    for position in [killed, again] {
        scribe.sessions[position].authorization = Some(link.clone());
    }
    let stray = scribe.sessions[killed].sequence[0];
    scribe.sessions[killed].alternatives.push(Alternative {
        event: stray,
        session: again,
        evidence: Evidence::Window,
    });
    scribe.sessions[killed].superseded_by = Some(again);
    scribe.sessions[again].retry_of = Some(killed);
    scribe.sessions[again].reused = reused.into();
}

/// `shop/api:v1.4.2` again, by another, refused because the tag may not move.
fn refused_tag(scribe: &mut Scribe) {
    let first = scribe.here();
    let ci = scribe.role("build-4712", "ASIAEXAMPLE2", "shop/api");
    scribe.whole(
        2_000,
        ci,
        "30000000-0000-4000-8000-000000000001",
        "api-2",
        3 * MIB,
    );
    let image = scribe.image("api-c", &[("api-2", 3 * MIB)]);
    let put = scribe.put(2_003, ci, Some("v1.4.2"), "api-other", image);
    scribe.refused(
        "ImageTagAlreadyExistsException",
        "The image tag 'v1.4.2' already exists in the 'shop/api' repository and cannot be \
         overwritten because the repository is immutable.",
    );
    let status = Status::Failed {
        kind: FailedCall::PutImage,
        event: put,
    };
    let failed = scribe.push(0x0b77_de41_c6a2, first, ci, status);
    let config = scribe.digest("api-c");
    scribe.sessions[failed].reused.push(Reused {
        digest: config,
        size: Some(Bytes(1_469)),
        uploaded_by: Some(0),
    });
}

/// An index over two platforms, one of which another push put.
fn index(scribe: &mut Scribe) {
    let first = scribe.here();
    let ci = scribe.role("build-4713", "ASIAEXAMPLE3", "shop/web");
    scribe.whole(
        3_000,
        ci,
        "40000000-0000-4000-8000-000000000001",
        "arm-1",
        7 * MIB,
    );
    let image = scribe.image("web-c", &[("arm-1", 7 * MIB)]);
    scribe.put(3_001, ci, None, "web-arm", image);
    let index = scribe.index(&[("web", "linux/amd64"), ("web-arm", "linux/arm64/v8")]);
    scribe.put(3_001, ci, Some("v1.4"), "web-index", index);
    let position = scribe.push(0x1de0_0000_0004, first, ci, Status::Complete);
    let digest = scribe.digest("web");
    scribe.sessions[position]
        .reused_manifests
        .push(ReusedManifest {
            digest,
            put_by: Some(2),
        });
    for put in &mut scribe.sessions[position].manifests {
        put.root = put.tags.len() == 1;
    }
}

/// A client that found all in place.
fn unchanged(scribe: &mut Scribe) {
    let first = scribe.here();
    let ci = scribe.role("build-4714", "ASIAEXAMPLE4", "shop/web");
    scribe.check(4_000, ci, &["web-1", "web-2", "web-3", "web-c"]);
    scribe.push(0x5a3e_0000_0005, first, ci, Status::Unchanged);
}

/// Two hundred layers, five at a time, and no manifest.
fn many_layers(scribe: &mut Scribe) {
    let first = scribe.here();
    let ci = scribe.role("build-4715", "ASIAEXAMPLE5", "shop/huge");
    for batch in 0..40_i64 {
        let names: Vec<_> = (0..5)
            .map(|lane| {
                let n = batch * 5 + lane;
                (
                    format!("50000000-0000-4000-8000-{n:012}"),
                    format!("huge-{n}"),
                )
            })
            .collect();
        let start = 5_000 + batch * 3;
        for (upload, _) in &names {
            scribe.initiate(start, ci, upload);
        }
        for (upload, _) in &names {
            scribe.part(start + 1, ci, upload, 0..8 * MIB);
        }
        for (upload, digest) in &names {
            scribe.complete(start + 2, ci, upload, digest);
        }
    }
    let status = Status::Incomplete {
        kind: IncompleteKind::NoPutImage,
        missing: vec![MissingPiece::Manifest],
    };
    scribe.push(0x0200_0000_0006, first, ci, status);
}

/// A push whose every text tries to be something else, at the edge of the log.
fn hostile(scribe: &mut Scribe) {
    let first = scribe.here();
    let evil = scribe.user(HOSTILE, HOSTILE, HOSTILE, HOSTILE);
    scribe.initiate(41_900, evil, HOSTILE);
    scribe.part(41_901, evil, HOSTILE, 0..MIB);
    let image = scribe.image(HOSTILE, &[(HOSTILE, MIB)]);
    scribe.put(41_950, evil, Some(HOSTILE), "evil", image);
    scribe.refused(HOSTILE, HOSTILE);
    let status = Status::Undetermined {
        horizon: Horizon::LogEnds(at(42_000)),
    };
    let position = scribe.push(0xe511_0000_0007, first, evil, status);
    scribe.sessions[position].confidence = Strength::Hint;
}

fn findings(sessions: &[Session]) -> Vec<Finding> {
    let finding =
        |code, severity, session: Option<usize>, message: &str, label: &str, help: Option<&str>| {
            let events = session.and_then(|position| sessions[position].sequence.last());
            Finding {
                code,
                severity,
                session,
                events: events.copied().into_iter().collect(),
                beside: None,
                message: message.to_owned(),
                label: label.to_owned(),
                help: help.map(str::to_owned),
            }
        };
    vec![
        finding(
            "incomplete-push",
            Severity::Warning,
            Some(1),
            "the client went away",
            "the log goes on for 3 h",
            Some("nothing needs doing: a later run pushed `v1.4.1`"),
        ),
        finding(
            "failed-push",
            Severity::Error,
            Some(3),
            "the tag may not move",
            "taken",
            Some("push under a new tag, or make the tags of `shop/api` mutable"),
        ),
        finding(
            "tag-moved",
            Severity::Note,
            Some(7),
            HOSTILE,
            HOSTILE,
            Some(HOSTILE),
        ),
        finding(
            "tag-raced",
            Severity::Warning,
            Some(7),
            HOSTILE,
            HOSTILE,
            Some(HOSTILE),
        ),
        finding(
            "log-hole",
            Severity::Warning,
            None,
            "digest files list log files that are not here",
            "",
            Some("fetch them and run again"),
        ),
    ]
}

fn problems() -> Vec<Problem> {
    let excerpt = |before: &str, label: &str, after: &str| Excerpt {
        text: format!("{before}{label}{after}"),
        label: Span {
            start: before.len(),
            len: label.len(),
        },
    };
    let place = |file, record, start, len| Location {
        file: FileId(file),
        record,
        span: Span { start, len },
    };
    vec![
        Problem {
            kind: ProblemKind::BadField {
                field: "eventTime".into(),
                expected: "a time as in `2024-03-04T09:14:31Z`".into(),
                skipped: true,
            },
            at: place(0, Some(2), 15_306, 900),
            excerpt: Some(excerpt(
                "{\n  \"eventSource\": \"ecr.amazonaws.com\",\n  \"eventTime\": ",
                "\"2019-04-15 16:45\"",
                ",\n  \"eventType\": \"AwsApiCall\"\n}",
            )),
        },
        Problem {
            kind: ProblemKind::BadRecord {
                reason: HOSTILE.to_owned(),
            },
            at: place(1, Some(0), 12, 4),
            excerpt: Some(excerpt(HOSTILE, HOSTILE, HOSTILE)),
        },
        Problem {
            kind: ProblemKind::Truncated { kept_records: 1 },
            at: Location::file(FileId(1)),
            excerpt: None,
        },
        Problem {
            kind: ProblemKind::More { count: 7 },
            at: Location::file(FileId(1)),
            excerpt: None,
        },
    ]
}

fn coverage(push: u64) -> Coverage {
    let source = |region: &str| coverage::Source {
        account: ACCOUNT.into(),
        region: region.into(),
    };
    let interval = |from, to| Interval {
        from: at(from),
        to: at(to),
    };
    Coverage {
        opened: BTreeMap::new(),
        files: FileTally {
            read: 30,
            without_push_events: 382,
            digest: 24,
            not_cloudtrail: 1,
            ..FileTally::default()
        },
        set_aside: Vec::new(),
        records: RecordTally {
            seen: push + 9_166 + 3 + 1,
            push,
            other: 9_166,
            duplicate: 3,
            malformed: 1,
        },
        n_skipped: 0,
        n_network_activity: 0,
        spans: [
            (
                source("eu-west-1"),
                coverage::Covered {
                    interval: interval(-13_800, 42_000),
                    holes: Vec::new(),
                    heard: Vec::new(),
                    by: Vec::new(),
                },
            ),
            (
                source("us-east-1"),
                coverage::Covered {
                    interval: interval(-13_800, 42_000),
                    holes: vec![Hole {
                        interval: interval(7_200, 10_800),
                        reason: HoleReason::DigestListsAbsentFile,
                    }],
                    heard: Vec::new(),
                    by: Vec::new(),
                },
            ),
        ]
        .into(),
        verification: None,
        missing: vec![coverage::MissingHour {
            source: source("us-east-1"),
            hour: interval(7_200, 10_800),
            n_files: 12,
        }],
        pruned: None,
        elsewhere: Vec::new(),
        set_aside_elsewhere: 0,
    }
}
