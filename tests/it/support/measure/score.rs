//! The figures themselves.
//!
//! In: truth and findings of one world. Out: counts, which add up over worlds, and the ratios made of them.

use std::collections::{BTreeMap, BTreeSet};

use super::super::simulate::truth::Truth;
use super::super::simulate::verdict::{Status, Verdict};
use super::cause;
use super::matching::Matching;
use super::reading::nearest;
use super::{Found, FoundFinding, FoundSession};

/// So many right of so many.
#[derive(Clone, Copy, Default)]
pub(crate) struct Share {
    pub(crate) n_right: u64,
    pub(crate) n_all: u64,
}

impl Share {
    fn count(&mut self, is_right: bool) {
        self.n_right += u64::from(is_right);
        self.n_all += 1;
    }

    pub(crate) fn add(&mut self, other: Share) {
        self.n_right += other.n_right;
        self.n_all += other.n_all;
    }

    /// From 0 to 1; nothing where there was nothing to get right.
    pub(crate) fn ratio(self) -> Option<f64> {
        // Counts of a simulation are far below the 2^53 that a float holds exactly.
        #[expect(clippy::cast_precision_loss, reason = "counts stay small")]
        (self.n_all > 0).then(|| self.n_right as f64 / self.n_all as f64)
    }
}

/// The counts of one or more worlds.
#[derive(Clone, Default)]
pub(crate) struct Score {
    pub(crate) n_pushes: u64,
    pub(crate) n_events: u64,
    /// Events that nobody could place.
    pub(crate) undecidable: Share,
    /// Pairs of events that stand together both in truth and in what was found; of those found together.
    pub(crate) pair_precision: Share,
    /// The same, of those that belong together.
    pub(crate) pair_recall: Share,
    /// Pushes found with exactly their events.
    pub(crate) exact: Share,
    /// The same among pushes all of whose events can be told; events that cannot are overlooked.
    pub(crate) exact_decidable: Share,
    /// Causes that are told after their effects.
    pub(crate) n_causal_violations: u64,
    pub(crate) status: Share,
    /// Of the sessions flagged as failed or incomplete, those that are.
    pub(crate) flag_precision: Share,
    /// Of the pushes that failed or are incomplete, those flagged.
    pub(crate) flag_recall: Share,
    pub(crate) reason: Share,
    pub(crate) token: Share,
    pub(crate) superseded: Share,
    /// Of the decidable pushes that failed or were left, those whose cause a finding names; of those
    /// among them that were found with exactly their events.
    pub(crate) cause: Share,
    pub(crate) cause_exact: Share,
    /// Of the healthy pushes in logs that lost nothing, those with a warning, and those with an error.
    pub(crate) warned: Share,
    pub(crate) alarmed: Share,
    /// The same in logs that did.
    pub(crate) warned_damaged: Share,
    pub(crate) alarmed_damaged: Share,
    /// Found sessions that stand for no push.
    pub(crate) n_spurious: u64,
    /// Of the flagged pushes, those rightly told as made good later, or as not.
    pub(crate) made_good: Share,
    /// Of the complete pushes, those whose image has the tags that were accepted and no others.
    pub(crate) tags: Share,
    /// Of the complete pushes of which a tag was refused, those with an error.
    pub(crate) refused_tags: Share,
    /// Of the sessions that are said to be this sure, in the order of [`super::Confidence::ALL`], those that are
    /// exactly one push.
    pub(crate) sure: [Share; 3],
}

impl Score {
    /// Adds the counts of another world.
    pub(crate) fn add(&mut self, other: &Score) {
        self.n_pushes += other.n_pushes;
        self.n_events += other.n_events;
        self.n_causal_violations += other.n_causal_violations;
        self.undecidable.add(other.undecidable);
        self.pair_precision.add(other.pair_precision);
        self.pair_recall.add(other.pair_recall);
        self.exact.add(other.exact);
        self.exact_decidable.add(other.exact_decidable);
        self.status.add(other.status);
        self.flag_precision.add(other.flag_precision);
        self.flag_recall.add(other.flag_recall);
        self.reason.add(other.reason);
        self.token.add(other.token);
        self.superseded.add(other.superseded);
        self.cause.add(other.cause);
        self.cause_exact.add(other.cause_exact);
        self.warned.add(other.warned);
        self.alarmed.add(other.alarmed);
        self.warned_damaged.add(other.warned_damaged);
        self.alarmed_damaged.add(other.alarmed_damaged);
        self.n_spurious += other.n_spurious;
        self.made_good.add(other.made_good);
        self.tags.add(other.tags);
        self.refused_tags.add(other.refused_tags);
        for (level, share) in self.sure.iter_mut().zip(other.sure) {
            level.add(share);
        }
    }

    /// The harmonic mean of pairwise precision and recall.
    pub(crate) fn f1(&self) -> Option<f64> {
        let precision = self.pair_precision.ratio()?;
        let recall = self.pair_recall.ratio()?;
        Some(if precision + recall > 0.0 {
            2.0 * precision * recall / (precision + recall)
        } else {
            0.0
        })
    }
}

/// Whether a push was found whole, in one session that holds nothing else.
pub(crate) fn is_exact(truth: &Truth, matching: &Matching, push: usize) -> bool {
    is_exact_among(truth, matching, push, |_| true)
}

/// The same, overlooking events that nobody could place.
pub(crate) fn is_exact_but_for_undecidable(
    truth: &Truth,
    matching: &Matching,
    push: usize,
) -> bool {
    is_exact_among(truth, matching, push, |event_id| {
        truth.events[event_id].is_decidable
    })
}

fn is_exact_among(
    truth: &Truth,
    matching: &Matching,
    push: usize,
    counts: impl Fn(&str) -> bool,
) -> bool {
    let counted = |ids: &[String]| -> BTreeSet<String> {
        ids.iter()
            .filter(|event_id| counts(event_id))
            .cloned()
            .collect()
    };
    let own = counted(&truth.pushes[push].events);
    own.iter()
        .all(|event_id| matching.n_holders.get(event_id) == Some(&1))
        && matching.session_of_push[push].is_some_and(|session| {
            matching.n_foreign[session] == 0 && counted(&matching.sessions[session]) == own
        })
}

/// Compares what was found with the truth, read in its favour where the truth leaves a choice.
pub(crate) fn score(truth: &Truth, found: &Found) -> Score {
    let truth = &nearest(truth, found);
    let matching = Matching::new(truth, found);
    let mut score = Score {
        n_pushes: count(truth.pushes.len()),
        n_events: count(truth.events.len()),
        ..Score::default()
    };
    for event in truth.events.values() {
        score.undecidable.count(!event.is_decidable);
    }
    pairs(truth, &matching, &mut score);
    score.n_causal_violations = count(violations(truth, &matching).len());
    for number in 0..truth.pushes.len() {
        judge_push(truth, found, &matching, number, &mut score);
    }
    for (number, session) in found.sessions.iter().enumerate() {
        judge_session(truth, &matching, number, session, &mut score);
    }
    score
}

/// The push that a session stands for; nothing where another session holds more of it.
pub(crate) fn stands_for(matching: &Matching, session: usize) -> Option<usize> {
    matching.push_of_session[session]
        .filter(|&push| matching.session_of_push[push] == Some(session))
}

fn judge_session(
    truth: &Truth,
    matching: &Matching,
    number: usize,
    session: &FoundSession,
    score: &mut Score,
) {
    let push = stands_for(matching, number);
    score.n_spurious += u64::from(push.is_none());
    if let Some(confidence) = session.confidence {
        let is_right = push.is_some_and(|push| is_exact(truth, matching, push));
        score.sure[confidence as usize].count(is_right);
    }
    // An alarm about what is no push is false, whatever it is.
    let verdict = matching.push_of_session[number].map(|push| &truth.pushes[push].verdict);
    if session.is_flagged()
        && !verdict.is_some_and(|verdict| verdict.is_open || verdict.is_flag_open)
    {
        let is_right = push.is_some() && verdict.is_some_and(Verdict::is_flagged);
        score.flag_precision.count(is_right);
    }
}

fn count(n: usize) -> u64 {
    u64::try_from(n).expect("a length fits")
}

fn n_pairs(n: u64) -> u64 {
    n * n.saturating_sub(1) / 2
}

/// Counts pairs through the table of push against session, never one by one.
fn pairs(truth: &Truth, matching: &Matching, score: &mut Score) {
    let mut together: BTreeMap<(usize, usize), u64> = BTreeMap::new();
    for (event_id, session) in &matching.session_of {
        *together
            .entry((truth.events[event_id].push, *session))
            .or_default() += 1;
    }
    let n_right = together.values().copied().map(n_pairs).sum();
    let n_found = matching
        .sessions
        .iter()
        .map(|session| n_pairs(count(session.len())))
        .sum();
    let n_true = truth
        .pushes
        .iter()
        .map(|push| n_pairs(count(push.events.len())))
        .sum();
    score.pair_precision = Share {
        n_right,
        n_all: n_found,
    };
    score.pair_recall = Share {
        n_right,
        n_all: n_true,
    };
}

/// The pairs of cause and effect that stand in one session in the wrong order.
pub(crate) fn violations<'a>(truth: &'a Truth, matching: &Matching) -> Vec<&'a (String, String)> {
    let mut position: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (session, events) in matching.sessions.iter().enumerate() {
        for (place, event_id) in events.iter().enumerate() {
            position.insert(event_id, (session, place));
        }
    }
    let is_violated = |pair: &&(String, String)| match (
        position.get(pair.0.as_str()),
        position.get(pair.1.as_str()),
    ) {
        (Some(cause), Some(effect)) => cause.0 == effect.0 && cause.1 > effect.1,
        (Some(_) | None, _) => false,
    };
    truth.causes.iter().filter(is_violated).collect()
}

fn judge_push(truth: &Truth, found: &Found, matching: &Matching, number: usize, score: &mut Score) {
    let push = &truth.pushes[number];
    let matched = matching.session_of_push[number];
    let session = matched.map(|session| &found.sessions[session]);
    score.exact.count(is_exact(truth, matching, number));
    if push.is_decidable {
        score
            .exact_decidable
            .count(is_exact_but_for_undecidable(truth, matching, number));
    }
    if !push.is_token_open {
        score
            .token
            .count(session.is_some_and(|session| session.token == push.token));
    }
    let successor = session.and_then(|session| session.superseded_by);
    if successor.is_some() || !push.superseded_by.is_empty() && !push.is_repeat_open {
        let later = successor.and_then(|session| matching.push_of_session[session]);
        let is_right = later.is_some_and(|later| push.superseded_by.contains(&later));
        score.superseded.count(is_right);
    }
    let has = |wanted: &dyn Fn(&FoundFinding) -> bool| {
        session.is_some_and(|session| session.findings.iter().any(wanted))
    };
    // Decidable or not: where nobody can tell whose a refused call is, no push may be blamed for it.
    if push.is_healthy {
        let (warned, alarmed) = if truth.is_damaged {
            (&mut score.warned_damaged, &mut score.alarmed_damaged)
        } else {
            (&mut score.warned, &mut score.alarmed)
        };
        warned.count(has(&|finding| finding.severity == "warning"));
        alarmed.count(has(&|finding| finding.severity == "error"));
    }
    if push.verdict.is_open {
        return;
    }
    if let Some(cause) = cause::expected(&push.verdict).filter(|_| push.is_decidable) {
        let is_named = has(&|finding| finding.code == cause);
        score.cause.count(is_named);
        if is_exact_but_for_undecidable(truth, matching, number) {
            score.cause_exact.count(is_named);
        }
    }
    let status = session.map(|session| session.status);
    score.status.count(status == Some(push.verdict.status));
    if push.verdict.is_flagged() && !push.verdict.is_flag_open {
        score
            .flag_recall
            .count(session.is_some_and(FoundSession::is_flagged));
    }
    if push.verdict.reason.is_some() {
        score
            .reason
            .count(session.is_some_and(|session| push.verdict.gives(session.reason.as_ref())));
    }
    if push.verdict.status == Status::Complete {
        score
            .tags
            .count(session.is_some_and(|session| session.tags == push.accepted_tags));
        if !push.refused_tags.is_empty() {
            score
                .refused_tags
                .count(session.is_some_and(|session| session.has("error")));
        }
    }
    if let Some(is_made_good) = push.is_made_good {
        score
            .made_good
            .count(session.is_some_and(|session| session.has("error") != is_made_good));
    }
}
