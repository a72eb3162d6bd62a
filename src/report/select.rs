//! Selection: the pushes, and the events outside pushes, that a filter lets into the report.
//!
//! Comes in: a report of everything and a filter. Goes out: the same report restricted to what was
//! selected, and how many pushes each criterion selects by itself. Never: a change to what is said
//! about a push; that was all put together before.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use crate::event::log::ContextEvent;
use crate::event::{EventId, Repository, Service};
use crate::report::asked::{self, Lack};
use crate::report::criterion::{Criterion, criteria};
use crate::report::filter::{Filter, Histories, Property, selects};
use crate::report::hint::{self, Hint};
use crate::report::parts::{HistoryChoice, Report};
use crate::report::row::{HintRow, SelectionRow};

/// What a filter selects, by positions, which do not depend on names.
#[derive(Debug)]
pub struct Choice {
    /// The pushes, as indexes into the sessions, in order.
    selected: Vec<usize>,
    /// The events that belong to no push.
    unplaced: Vec<EventId>,
    /// How many pushes each criterion selects by itself.
    alone: Vec<u64>,
    /// What was asked for and the log does not contain.
    lacks: Vec<Lack>,
    /// What may have been meant by what selects nothing.
    hints: Vec<Hint>,
    /// The codes of findings about the log as a whole that count.
    counting: Vec<&'static str>,
    /// The calls outside pushes whose findings count, as indexes into the log's.
    calls: BTreeSet<usize>,
    /// What histories tell beside pushes.
    told: HistoryChoice,
    /// The pulls, as indexes in order; `None` for all.
    pulled: Option<Vec<usize>>,
}

impl Choice {
    /// Keeps only some of the pushes.
    pub(super) fn keep(&mut self, is_kept: impl Fn(usize) -> bool) {
        self.selected.retain(|&position| is_kept(position));
    }

    /// Whether it has the push at a position.
    pub(super) fn has(&self, position: usize) -> bool {
        self.selected.binary_search(&position).is_ok()
    }
}

impl Report<'_> {
    /// The positions of the pushes that meet every criterion, in order.
    pub(super) fn positions(&self, filter: &Filter) -> Vec<usize> {
        let criteria = criteria(self.parts.log, filter);
        let meets = |&position: &usize| {
            let mut criteria = criteria.iter();
            criteria.all(|criterion| criterion.holds_for_push(self, position))
        };
        (0..self.parts.sessions.sessions.len())
            .filter(meets)
            .collect()
    }

    /// Keeps only what `filter` selects; what is said about each push does not change.
    #[must_use]
    pub fn select(self, filter: &Filter) -> Self {
        let choice = self.choose(filter);
        self.show(filter, choice)
    }

    /// Finds what `filter` selects.
    ///
    /// An event outside every push is selected if every criterion applies to it and matches. A
    /// login names no repository, so selecting repositories excludes it.
    #[doc(hidden)]
    #[must_use]
    pub fn choose(&self, filter: &Filter) -> Choice {
        let parts = self.parts;
        let criteria = criteria(parts.log, filter);
        let sessions = &parts.sessions.sessions;
        let mut alone = vec![0u64; criteria.len()];
        let mut selected = Vec::new();
        for position in 0..sessions.len() {
            let mut is_selected = true;
            for (criterion, alone) in criteria.iter().zip(&mut alone) {
                let holds = criterion.holds_for_push(self, position);
                *alone += u64::from(holds);
                is_selected &= holds;
            }
            if is_selected {
                selected.push(position);
            }
        }
        let unplaced = parts.sessions.unplaced.iter().copied().filter(|&id| {
            let mut criteria = criteria.iter();
            criteria.all(|criterion| criterion.holds_for_event(self, id))
        });
        let lacks = asked::lacks(self, filter, &alone);
        Choice {
            unplaced: unplaced.collect(),
            hints: hint::hints(self, filter, &criteria, &lacks),
            lacks,
            counting: asked::counting(self, filter),
            calls: calls(self, &criteria),
            told: told(self, filter, &criteria),
            pulled: self.choose_pulls(filter, &selected),
            selected,
            alone,
        }
    }

    /// Keeps only what was chosen, and reports `filter` as the filter that chose it.
    #[doc(hidden)]
    #[must_use]
    pub fn show(mut self, filter: &Filter, choice: Choice) -> Self {
        let parts = self.parts;
        let hints = choice.hints.iter();
        let hints = hints.filter_map(|hint| Some((hint.of, hint.row(&self, filter)?)));
        let hints: Vec<(_, HintRow)> = hints.collect();
        let rows = criteria(parts.log, filter).into_iter().zip(choice.alone);
        let rows = rows.map(|(criterion, pushes)| {
            let own = hints.iter();
            let own = own.filter(|((option, _), _)| *option == criterion.option());
            let own = own.map(|(_, hint)| hint.clone()).collect();
            criterion.row(&self, pushes, own)
        });
        let rows: Vec<SelectionRow> = rows.collect();
        self.selection = rows;
        self.unplaced = choice.unplaced;
        self.selected = choice.selected;
        self.order = OnceLock::new();
        self.asked = asked::findings(&choice.lacks, filter, &hints);
        self.counting = choice.counting;
        self.calls = choice.calls;
        self.told = choice.told;
        self.pulled = choice.pulled;
        self.filter = filter.clone();
        self
    }
}

/// The calls outside pushes that findings are about and that meet every criterion.
fn calls(report: &Report<'_>, criteria: &[Criterion<'_>]) -> BTreeSet<usize> {
    let log = report.parts.log;
    let told = report.parts.findings.iter();
    let told = told.filter_map(|finding| Some((finding.beside?, finding.code)));
    let meets = |&(call, code): &(usize, &'static str)| {
        let mut criteria = criteria.iter();
        let event = log.context.get(call);
        event.is_some_and(|event| criteria.all(|one| one.holds_for_call(log, event, code)))
    };
    told.filter(meets).map(|(call, _)| call).collect()
}

/// The repositories and the calls outside pushes that histories tell of.
fn told(report: &Report<'_>, filter: &Filter, criteria: &[Criterion<'_>]) -> HistoryChoice {
    let log = report.parts.log;
    let mut told = HistoryChoice::default();
    if filter.histories == Histories::OfRepositories {
        let names = filter.patterns.get(&Property::Repository);
        let names = names.map_or(&[][..], Vec::as_slice);
        let repositories = log.tables.repositories.iter();
        let named = repositories.filter(|(_, one)| {
            let name = [&*one.name];
            !names.is_empty()
                && selects(Property::Repository, names, &name)
                && filter.asks_for_log(&one.registry, region(one))
        });
        told.repositories.extend(named.map(|(id, _)| id));
    }
    if !told.repositories.is_empty() || !filter.images.is_empty() {
        let calls = log.context.iter().enumerate();
        let holds = |event: &ContextEvent| {
            let mut criteria = criteria.iter();
            criteria.all(|criterion| criterion.holds_for_beside(log, event))
        };
        let calls = calls.filter(|(_, event)| holds(event));
        told.beside.extend(calls.map(|(place, _)| place));
    }
    told
}

/// The region that records the calls on a repository.
fn region(repository: &Repository) -> &str {
    match repository.service {
        Service::Ecr => &repository.region,
        Service::EcrPublic => "us-east-1",
    }
}
