//! How well pushes were recovered.
//!
//! In: the truth of a simulated world, and what a correlator found in its log. Out: figures. What was found
//! comes as [`Found`], whoever found it: `report` reads it from the program's JSON report, and `baseline`
//! makes it the simple way.

pub(crate) mod baseline;
mod cause;
pub(crate) mod explain;
mod matching;
pub(crate) mod reading;
pub(crate) mod report;
pub(crate) mod score;
pub(crate) mod table;

use std::collections::BTreeSet;

use super::simulate::truth::{Push, Truth};
use super::simulate::verdict::{Reason, Status};

/// What a correlator found.
#[derive(Default)]
pub(crate) struct Found {
    pub(crate) sessions: Vec<FoundSession>,
    /// Push events that it put into no session.
    pub(crate) unplaced: Vec<String>,
}

/// One push, as found.
pub(crate) struct FoundSession {
    pub(crate) id: String,
    /// `eventID`s in the order told, the login left out.
    pub(crate) events: Vec<String>,
    pub(crate) status: Status,
    pub(crate) reason: Option<Reason>,
    /// The login's `eventID`.
    pub(crate) token: Option<String>,
    /// Index of the session that made this one good.
    pub(crate) superseded_by: Option<usize>,
    pub(crate) findings: Vec<FoundFinding>,
    /// The tags of its image.
    pub(crate) tags: BTreeSet<String>,
    pub(crate) confidence: Option<Confidence>,
}

impl FoundSession {
    /// Whether it is flagged as one that did not come to its end.
    pub(crate) fn is_flagged(&self) -> bool {
        self.status.is_flagged(self.reason.as_ref())
    }

    /// Whether a finding of that severity is about it.
    pub(crate) fn has(&self, severity: &str) -> bool {
        let mut findings = self.findings.iter();
        findings.any(|finding| finding.severity == severity)
    }
}

/// How sure the correlator says to be.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Confidence {
    Proof,
    Inference,
    Hint,
}

impl Confidence {
    pub(crate) const ALL: [Confidence; 3] =
        [Confidence::Proof, Confidence::Inference, Confidence::Hint];

    /// The word of the report.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Confidence::Proof => "proof",
            Confidence::Inference => "inference",
            Confidence::Hint => "hint",
        }
    }
}

/// A conclusion about a push.
pub(crate) struct FoundFinding {
    pub(crate) code: String,
    pub(crate) severity: String,
}

impl Found {
    /// What a correlator without fault would have found: the measure of the measure.
    pub(crate) fn oracle(truth: &Truth) -> Self {
        let sessions = truth
            .pushes
            .iter()
            .enumerate()
            .map(|(number, push)| FoundSession {
                id: format!("push {number}"),
                events: push.events.clone(),
                status: push.verdict.status,
                reason: push.verdict.reason.clone(),
                token: push.token.clone(),
                superseded_by: push.superseded_by.first().copied(),
                findings: findings(push),
                tags: push.accepted_tags.clone(),
                confidence: Some(Confidence::Proof),
            });
        Found {
            sessions: sessions.collect(),
            unplaced: Vec::new(),
        }
    }
}

/// What is to be said of a push, at the least.
fn findings(push: &Push) -> Vec<FoundFinding> {
    let severity = if push.is_made_good == Some(true) {
        "warning"
    } else {
        "error"
    };
    let cause = cause::expected(&push.verdict);
    let refused_tag = (!push.refused_tags.is_empty()).then_some("failed-push");
    cause
        .or(refused_tag)
        .map(|code| FoundFinding {
            code: code.to_owned(),
            severity: severity.to_owned(),
        })
        .into_iter()
        .collect()
}
