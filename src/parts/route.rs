//! A RECORD -> THE GROUP IT BELONGS TO, AND WHAT OTHER GROUPS NEED OF IT.
//!
//! Comes in: a line of an extract. Goes out: numbers, equal where records have to meet. Never: a need that is overlooked;
//! one too many costs time alone.

use std::collections::BTreeSet;
use std::io::{self, Write};

use crate::event::assume::{self, Assumption};
use crate::event::log::ContextEvent;
use crate::event::{
    Callers, Credential, Event, Identity, Parsed, RepositoryId, Service, Stage, Tables, parse,
};
use crate::ingest::{ReadOptions, Roles, coverage_of, telling, untold};
use crate::location::{FileId, Span};
use crate::parts::{PartOptions, key, write_line};
use crate::record::line::RECORD;
use crate::record::{RawRecord, fingerprint};
use crate::session::TOKEN_SECONDS;
use crate::session::beyond::number;

/// More seconds than clocks differ by, and a key is younger than its login.
const REACH: i64 = 10;

/// The shortest stretch of time in which a call without a repository is looked for, in seconds: the keys of calls are
/// fewer if it is long.
const STRETCH: i64 = 60 * 60;

/// How many groups the records of STS are spread over.
const ASSUMPTIONS: u64 = 64;

/// How many lines share tables.
const PORTION: usize = 1 << 12;

/// Where a line goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Routed {
    /// The group that it belongs to.
    pub group: u64,
    /// Groups that share one of these are one group, as is one that asks for it.
    pub ties: BTreeSet<u64>,
    /// Its group is given every line that offers one of these.
    pub asks: BTreeSet<u64>,
    /// See `asks`.
    pub offers: BTreeSet<u64>,
}

impl Routed {
    fn write(&self, line: &str, out: &mut dyn Write) -> io::Result<()> {
        let keys = |keys: &BTreeSet<u64>| {
            let keys = keys.iter().map(|&number| key(number));
            keys.collect::<Vec<_>>().join(" ")
        };
        let (ties, asks, offers) = (keys(&self.ties), keys(&self.asks), keys(&self.offers));
        write_line(out, &[&key(self.group), &ties, &asks, &offers, line])
    }
}

/// Routes the lines of an extract, one after the other.
#[derive(Debug)]
pub struct Router {
    window: i64,
    roles: Roles,
    tables: Tables,
    callers: Callers,
    n_lines: usize,
}

/// Writes the lines of an extract with their routes. The coverage line has none: it goes to the step that puts coverage
/// together. What it says of records beside it goes with these.
///
/// # Errors
/// Those of `out`, and a coverage line that is none.
pub fn route(extract: &str, options: &PartOptions, out: &mut dyn Write) -> io::Result<()> {
    let mut router = Router::new(options);
    let (coverage, told) = match extract
        .lines()
        .last()
        .filter(|line| coverage_of(line).is_some())
    {
        Some(line) => untold(line)?,
        None => (String::new(), BTreeSet::new()),
    };
    for line in extract.lines().filter(|line| coverage_of(line).is_none()) {
        let routed = router.of(line);
        routed.write(line, out)?;
        // Most extracts tell of nothing.
        let fingerprint = (!told.is_empty()).then(|| fingerprint(line));
        if let Some(fingerprint) = fingerprint.filter(|one| told.contains(one)) {
            let group = routed.group;
            let with_it = Routed {
                group,
                ..Routed::default()
            };
            with_it.write(&telling([fingerprint])?, out)?;
        }
    }
    match coverage.is_empty() {
        true => Ok(()),
        false => write_line(out, &["", "", "", "", &coverage]),
    }
}

impl Router {
    /// A router for steps with these options.
    #[must_use]
    pub fn new(options: &PartOptions) -> Self {
        let ReadOptions { roles, .. } = options.ingest;
        Self {
            window: i64::try_from(options.window.as_secs()).unwrap_or(i64::MAX / 4),
            roles,
            tables: Tables::default(),
            callers: Callers::default(),
            n_lines: 0,
        }
    }

    /// The route of a record.
    pub fn of(&mut self, line: &str) -> Routed {
        if self.n_lines.is_multiple_of(PORTION) {
            (self.tables, self.callers) = (Tables::default(), Callers::default());
        }
        self.n_lines += 1;
        let wrapped = line.strip_prefix("{\"").and_then(|rest| {
            let rest = rest.strip_prefix(RECORD)?.strip_prefix("\":")?;
            rest.strip_suffix('}')
        });
        let text = wrapped.unwrap_or(line);
        if self.roles == Roles::Traced
            && let Some(assumption) = assume::parse(text, &mut self.tables)
        {
            return self.assumption(&assumption);
        }
        let record = RawRecord {
            text,
            span: Span {
                start: 0,
                len: text.len(),
            },
            index: 0,
        };
        let mut defects = Vec::new();
        let (tables, callers) = (&mut self.tables, &mut self.callers);
        match parse(FileId(0), &record, tables, callers, &mut defects) {
            Parsed::Push(event) => self.push(&event),
            Parsed::Context(event) => self.context(&event),
            Parsed::Other | Parsed::Malformed => Routed {
                group: number(&["odd"]),
                ..Routed::default()
            },
        }
    }

    fn push(&self, event: &Event) -> Routed {
        let texts = &self.tables.texts;
        let (identity, credential) = (
            self.tables.identities.get(event.identity),
            self.tables.credentials.get(event.credential),
        );
        let mut routed = Routed::default();
        let mut tie = |kind: &str, text: &str| {
            if !text.is_empty() {
                routed.ties.insert(number(&["tie", kind, text]));
            }
        };
        let stage = event.action.stage();
        tie("event", &event.event_id.text(texts));
        if let Some(amends) = event.amends {
            tie("event", texts.get(amends));
        }
        if let Some(shared) = event.shared_event_id {
            tie("shared", texts.get(shared));
        }
        if let Some(request) = event.request_id {
            tie(event.action.name(), &request.text(texts));
        }
        if let Some(upload) = event.action.upload() {
            tie("upload", &self.tables.uploads.get(upload).text(texts));
        }
        let seconds = event.time.timestamp();
        if stage == Stage::Authorization {
            self.belongs_to_caller("logins", identity, &mut routed);
            let half_day = seconds.div_euclid(TOKEN_SECONDS);
            routed.offers = login_keys(event.service, identity, half_day..=half_day).collect();
            return routed;
        }
        let reach = (seconds - TOKEN_SECONDS, seconds + REACH);
        routed
            .asks
            .extend(within(reach, TOKEN_SECONDS, |half_days| {
                login_keys(event.service, identity, half_days)
            }));
        if let Some(created) = credential.created.map(|created| created.timestamp()) {
            let reach = (created - REACH, created + REACH);
            routed
                .asks
                .extend(within(reach, TOKEN_SECONDS, |half_days| {
                    login_keys(event.service, identity, half_days)
                }));
        }
        let (account, region) = (texts.get(event.recipient), texts.get(event.region));
        routed.asks.insert(source(account, region));
        if self.roles == Roles::Traced {
            self.asks_for_role(identity, credential, seconds, &mut routed);
        }
        let stretch = STRETCH.max(self.window);
        match event.repository {
            None => {
                self.belongs_to_caller("nameless", identity, &mut routed);
                let at = seconds.div_euclid(stretch);
                let keys = caller_keys(event.service, region, identity, credential, at..=at);
                routed.ties.extend(keys);
            }
            Some(id) => {
                routed.group = self.place(id);
                let repository = self.tables.repositories.get(id);
                let (registry, home) = (&*repository.registry, &*repository.region);
                routed.asks.insert(source(registry, region));
                routed.asks.insert(number(&["registry", registry, home]));
                let reach = (
                    seconds.saturating_sub(self.window),
                    seconds.saturating_add(self.window),
                );
                routed.asks.extend(within(reach, stretch, |stretches| {
                    caller_keys(repository.service, home, identity, credential, stretches)
                }));
            }
        }
        routed
    }

    fn context(&self, event: &ContextEvent) -> Routed {
        let texts = &self.tables.texts;
        let (account, region) = (texts.get(event.recipient), texts.get(event.region));
        let of_registry = number(&["registry", account, region]);
        let (group, offers) = match event.repository {
            Some(id) => (self.place(id), None),
            None => (of_registry, Some(of_registry)),
        };
        let id = event.event_id.text(texts);
        let shared = event.shared_event_id.map(|shared| texts.get(shared));
        let ties = [
            ("event", Some(&*id)),
            ("shared", shared.map(|text| &**text)),
        ];
        let ties = ties
            .into_iter()
            .filter_map(|(kind, text)| Some((kind, text?)));
        let ties = ties.filter(|(_, text)| !text.is_empty());
        Routed {
            group,
            ties: ties
                .map(|(kind, text)| number(&["tie", kind, text]))
                .collect(),
            offers: offers.into_iter().collect(),
            ..Routed::default()
        }
    }

    fn assumption(&self, assumption: &Assumption) -> Routed {
        let texts = &self.tables.texts;
        let bucket = fingerprint(&assumption.event_id.text(texts)) % ASSUMPTIONS;
        let mut routed = Routed {
            group: number(&["assumptions", &bucket.to_string()]),
            ..Routed::default()
        };
        let seconds = assumption.time.timestamp();
        let half_day = seconds.div_euclid(TOKEN_SECONDS);
        let key = assumption.key.map(|key| issued(texts.get(key)));
        let session = assumption
            .session
            .map(|arn| taken(texts.get(arn), half_day));
        routed.offers = key.into_iter().chain(session).collect();
        self.asks_for_role(
            self.tables.identities.get(assumption.caller),
            self.tables.credentials.get(assumption.credential),
            seconds,
            &mut routed,
        );
        routed
    }

    /// Puts a record with its caller's. A caller shows several forms, which are joined by those that show two.
    fn belongs_to_caller(&self, what: &str, identity: &Identity, routed: &mut Routed) {
        let (arn, id) = (&identity.arn, &identity.principal_id);
        let first =
            (id.as_ref().or(arn.as_ref()).or(identity.account.as_ref())).map_or("", |text| &**text);
        routed.group = number(&[what, first]);
        let forms = arn.iter().chain(id);
        routed
            .ties
            .extend(forms.map(|form| number(&[what, "form", form])));
    }

    fn place(&self, id: RepositoryId) -> u64 {
        let repository = self.tables.repositories.get(id);
        number(&[
            repository.service.name(),
            &repository.registry,
            &repository.region,
            &repository.name,
        ])
    }

    /// Asks for the calls that can have made a role session, which lives as long as a token at the most.
    fn asks_for_role(
        &self,
        identity: &Identity,
        credential: &Credential,
        seconds: i64,
        routed: &mut Routed,
    ) {
        let key = credential.access_key_id.as_deref();
        routed.asks.extend(key.map(issued));
        if let Some(arn) = identity.arn.as_deref() {
            let reach = (seconds - TOKEN_SECONDS, seconds + REACH);
            let keys = within(reach, TOKEN_SECONDS, |half_days| {
                half_days
                    .map(|half_day| taken(arn, half_day))
                    .collect::<Vec<_>>()
            });
            routed.asks.extend(keys);
        }
    }
}

/// The keys of the stretches of time from a second to another.
fn within<K>(
    (from, to): (i64, i64),
    stretch: i64,
    keys: impl FnOnce(std::ops::RangeInclusive<i64>) -> K,
) -> K {
    keys(from.div_euclid(stretch)..=to.div_euclid(stretch))
}

/// The forms in which a caller is looked for.
fn forms(identity: &Identity) -> impl Iterator<Item = &str> {
    let (arn, id) = (identity.arn.as_deref(), identity.principal_id.as_deref());
    let neither = identity.account.as_deref().unwrap_or_default();
    let neither = (arn.is_none() && id.is_none()).then_some(neither);
    arn.into_iter().chain(id).chain(neither)
}

fn login_keys(
    service: Service,
    identity: &Identity,
    half_days: std::ops::RangeInclusive<i64>,
) -> impl Iterator<Item = u64> {
    forms(identity).flat_map(move |form| {
        let half_days = half_days.clone();
        half_days.map(move |at| number(&["login", service.name(), form, &at.to_string()]))
    })
}

/// Keys for the calls of a login at a registry: by its key, or else by its caller.
fn caller_keys(
    service: Service,
    region: &str,
    identity: &Identity,
    credential: &Credential,
    stretches: std::ops::RangeInclusive<i64>,
) -> Vec<u64> {
    let by_key = credential.access_key_id.as_deref();
    let by_form = forms(identity).filter(|_| by_key.is_none());
    let callers = by_key.into_iter().chain(by_form);
    let keys = callers.flat_map(|caller| {
        let stretches = stretches.clone();
        stretches
            .map(move |at| number(&["caller", service.name(), region, caller, &at.to_string()]))
    });
    keys.collect()
}

/// The key of what the log of an account and region covers.
pub(super) fn source(account: &str, region: &str) -> u64 {
    number(&["coverage", account, region])
}

fn issued(access_key: &str) -> u64 {
    number(&["issued", access_key])
}

fn taken(session: &str, half_day: i64) -> u64 {
    number(&["taken", session, &half_day.to_string()])
}
