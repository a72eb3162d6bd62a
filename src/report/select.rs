//! Selection: the pushes, and the events outside pushes, that a filter lets into the report.
//!
//! Comes in: a report of everything and a filter. Goes out: the same report restricted to what was
//! selected, and how many pushes each criterion selects by itself. Never: a change to what is said
//! about a push; that was all put together before.

use crate::event::EventId;
use crate::report::asked::{self, Lack};
use crate::report::criterion::criteria;
use crate::report::filter::Filter;
use crate::report::parts::Report;
use crate::report::row::SelectionRow;

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
    /// The codes of findings about the log as a whole that count.
    counting: Vec<&'static str>,
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
        Choice {
            unplaced: unplaced.collect(),
            lacks: asked::lacks(self, filter, &alone),
            counting: asked::counting(self, filter),
            selected,
            alone,
        }
    }

    /// Keeps only what was chosen, and reports `filter` as the filter that chose it.
    #[doc(hidden)]
    #[must_use]
    pub fn show(mut self, filter: &Filter, choice: Choice) -> Self {
        let parts = self.parts;
        let rows = criteria(parts.log, filter).into_iter().zip(choice.alone);
        let rows: Vec<SelectionRow> = rows
            .map(|(criterion, pushes)| criterion.row(&self, pushes))
            .collect();
        self.selection = rows;
        self.unplaced = choice.unplaced;
        self.selected = choice.selected;
        self.asked = asked::findings(&choice.lacks, filter);
        self.counting = choice.counting;
        self.filter = filter.clone();
        self
    }
}
