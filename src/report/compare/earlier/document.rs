//! An earlier report as it is read: one document, or lines.
//!
//! Comes in: values of JSON, in any order. Goes out: facts, one push after another. Never: a push kept as JSON.

use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::report::SCHEMA;
use crate::report::compare::earlier::wire::{
    Odd, ReadCoverage, ReadCriterion, ReadPush, ReadSpan, ReadWindow, instant,
};
use crate::report::compare::earlier::{EarlierReport, NoBase};
use crate::report::filter::Selector;
use crate::report::row::AskedRow;

/// A report as far as it was read.
#[derive(Debug, Default)]
pub(super) struct ReadReport {
    report: EarlierReport,
    schema: Option<String>,
    has_coverage: bool,
    n_accounts: u64,
    n_pseudonyms: u64,
}

impl ReadReport {
    /// The report, if it is one that can be compared.
    pub(super) fn report(self) -> Result<EarlierReport, NoBase> {
        match self.schema {
            // Lines that were cut name the schema at the end.
            None if !self.report.pushes.is_empty() => Err(NoBase::Cut),
            Some(schema) if schema != SCHEMA => Err(NoBase::Foreign(Some(schema))),
            None => Err(NoBase::Foreign(None)),
            Some(_) if !self.has_coverage => Err(NoBase::Cut),
            Some(_) if self.n_accounts > 0 && self.n_accounts == self.n_pseudonyms => {
                Err(NoBase::Redacted)
            }
            Some(_) => Ok(self.report),
        }
    }

    fn note_account(&mut self, account: &str) {
        let number = account.strip_prefix("account-").unwrap_or_default();
        let is_pseudonym = number.parse::<u64>().is_ok();
        self.n_accounts += u64::from(!account.is_empty());
        self.n_pseudonyms += u64::from(is_pseudonym);
    }

    fn add_push<E: Error>(&mut self, push: &ReadPush) -> Result<(), E> {
        let number = self.report.pushes.len() + 1;
        let facts = push.facts();
        let facts = facts.map_err(|odd| E::custom(format_args!("push {number}: {odd}")))?;
        for account in [&facts.registry, &facts.account].into_iter().flatten() {
            self.note_account(account);
        }
        let compared = self.report.tables.add(&facts);
        self.report.pushes.push(compared);
        Ok(())
    }

    fn add_spans<E: Error>(&mut self, spans: Vec<ReadSpan>) -> Result<(), E> {
        self.has_coverage = true;
        for span in spans {
            self.note_account(&span.account);
            self.report.spans.push(span.read().map_err(E::custom)?);
        }
        Ok(())
    }

    fn add_holes<E: Error>(&mut self, holes: Vec<ReadSpan>) -> Result<(), E> {
        for hole in holes {
            self.report.holes.push(hole.read().map_err(E::custom)?);
        }
        Ok(())
    }

    fn add_selection<E: Error>(&mut self, rows: Vec<ReadCriterion>) -> Result<(), E> {
        for ReadCriterion { option, values } in rows {
            match option == Selector::Period.option() {
                true => self.set_period(&values).map_err(E::custom)?,
                false => self.report.selection.push(AskedRow::new(&option, values)),
            }
        }
        self.report.selection.sort_unstable();
        Ok(())
    }

    fn set_period(&mut self, values: &[String]) -> Result<(), Odd> {
        for value in values {
            match value.split_once(' ') {
                Some(("since", time)) => self.report.period.since = Some(instant(time)?),
                Some(("until", time)) => self.report.period.until = Some(instant(time)?),
                _ => return Err(Odd::value(value, "`since TIME` or `until TIME`")),
            }
        }
        Ok(())
    }
}

/// One value: the document, or a line.
impl<'de> DeserializeSeed<'de> for &mut ReadReport {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, values: D) -> Result<(), D::Error> {
        values.deserialize_map(self)
    }
}

/// The members of a document and of a line. A line of JSON Lines has those of its one object beside its `type`.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Member {
    Schema,
    Coverage,
    Options,
    Selection,
    Sessions,
    Spans,
    Holes,
    Type,
    Id,
    Status,
    Reason,
    Service,
    Registry,
    Region,
    Repository,
    Identity,
    Client,
    Image,
    First,
    DurationS,
    Findings,
    #[serde(other)]
    Other,
}

impl<'de> Visitor<'de> for &mut ReadReport {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a report, or the object of a line")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let (mut kind, mut push) = (None::<String>, ReadPush::default());
        while let Some(member) = map.next_key()? {
            match member {
                Member::Schema => self.schema = Some(map.next_value()?),
                Member::Coverage => {
                    let ReadCoverage { spans, holes } = map.next_value()?;
                    self.add_spans(spans)?;
                    self.add_holes(holes)?;
                }
                Member::Spans => self.add_spans(map.next_value()?)?,
                Member::Holes => self.add_holes(map.next_value()?)?,
                Member::Options => {
                    let options: Option<ReadWindow> = map.next_value()?;
                    self.report.window_s = options.map(|options| options.window_s);
                }
                Member::Selection => self.add_selection(map.next_value()?)?,
                Member::Sessions => map.next_value_seed(Pushes(&mut *self))?,
                Member::Type => kind = Some(map.next_value()?),
                Member::Id => push.id = map.next_value()?,
                Member::Status => push.status = map.next_value()?,
                Member::Reason => push.reason = map.next_value()?,
                Member::Service => push.service = map.next_value()?,
                Member::Registry => push.registry = map.next_value()?,
                Member::Region => push.region = map.next_value()?,
                Member::Repository => push.repository = map.next_value()?,
                Member::Identity => push.identity = map.next_value()?,
                Member::Client => push.client = map.next_value()?,
                Member::Image => push.image = map.next_value()?,
                Member::First => push.first = map.next_value()?,
                Member::DurationS => push.duration_s = map.next_value()?,
                Member::Findings => push.findings = map.next_value()?,
                Member::Other => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        match kind.as_deref() {
            Some("session") => self.add_push(&push),
            Some(_) | None => Ok(()),
        }
    }
}

/// The pushes of a document, one after another.
struct Pushes<'d>(&'d mut ReadReport);

impl<'de> DeserializeSeed<'de> for Pushes<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, values: D) -> Result<(), D::Error> {
        values.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Pushes<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the pushes of a report")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut pushes: A) -> Result<(), A::Error> {
        while let Some(push) = pushes.next_element::<ReadPush>()? {
            self.0.add_push(&push)?;
        }
        Ok(())
    }
}
