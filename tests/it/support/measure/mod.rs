//! How well pushes were recovered.
//!
//! In: the truth of a simulated world, and what a correlator found in its log. Out: figures. What was found
//! comes as [`Found`], whoever found it: `report` reads it from the program's JSON report, and `baseline`
//! makes it the simple way.

pub(crate) mod baseline;
mod cause;
pub(crate) mod explain;
mod matching;
pub(crate) mod report;
pub(crate) mod score;
pub(crate) mod table;

use super::simulate::truth::Truth;
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
                findings: cause::expected(&push.verdict)
                    .map(|code| FoundFinding {
                        code: code.to_owned(),
                        severity: "error".to_owned(),
                    })
                    .into_iter()
                    .collect(),
            });
        Found {
            sessions: sessions.collect(),
            unplaced: Vec::new(),
        }
    }
}
