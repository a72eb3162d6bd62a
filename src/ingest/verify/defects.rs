//! Objections of the file check, as problems of the files.
//!
//! Comes in: what is wrong with a file or a member of an archive. Goes out: problems, up to a limit for each
//! file. Never: a name longer than a reader wants.

use std::collections::BTreeMap;

use crate::ingest::verify::seen::Bearer;
use crate::location::{FileId, Location};
use crate::problem::{Integrity, MAX_PROBLEMS, Problem, ProblemKind};
use crate::source::digest_file::file_name;
use crate::words;

/// The objections of the check, up to a limit for each file.
#[derive(Default)]
pub(super) struct Defects(BTreeMap<FileId, (Vec<ProblemKind>, u64)>);

impl Defects {
    pub(super) fn add(&mut self, bearer: &Bearer, defect: Integrity) {
        let (listed, n_more) = self.0.entry(bearer.part.file).or_default();
        let member = bearer.member.as_deref().map(shown);
        match listed.len() < MAX_PROBLEMS {
            true => listed.push(ProblemKind::Integrity { defect, member }),
            false => *n_more += 1,
        }
    }

    pub(super) fn into_problems(self) -> Vec<Problem> {
        let mut problems = Vec::new();
        for (file, (listed, n_more)) in self.0 {
            let more = (n_more > 0).then_some(ProblemKind::More { count: n_more });
            let kinds = listed.into_iter().chain(more);
            problems.extend(kinds.map(|kind| Problem::new(kind, Location::file(file))));
        }
        problems
    }
}

/// A name as problems show it; in a hostile digest file it can have any length.
pub(super) fn shown(name: &str) -> String {
    const MOST: usize = 160;
    words::shorten(file_name(name), MOST)
}
