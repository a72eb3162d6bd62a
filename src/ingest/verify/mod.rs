//! LOG FILES, DIGEST FILES -> WHICH OF THEM ARE AS CLOUDTRAIL DELIVERED THEM.
//!
//! Comes in: the hash of every file, taken while it was read, and what the digest files list. Goes
//! out: a verdict on each log file and a standing of each digest file, with a problem for each that
//! fails. Never: a second read of a file, or a verdict that digest files do not support.

mod chain;
mod defects;
mod logs;
mod seen;
pub(super) mod verdict;

use std::collections::BTreeMap;

use crate::ingest::coverage::Source;
use crate::ingest::timeline::Timeline;
use crate::ingest::verify::defects::Defects;
use crate::problem::Problem;
use crate::source::{PublicKeys, Reach, SourceFile};

pub(super) use seen::{Bearer, ContentSeen, DigestSeen, Testimony};
pub use verdict::{
    AbsentLog, Basis, DigestChain, Flaw, Part, Signatures, Standing, Suspect, Trust, Verdict,
    Verification,
};

/// Checks the log files within reach against the digest files, and the digest files against each
/// other and the keys.
pub(super) fn verify(
    files: &[SourceFile],
    mut testimony: Testimony,
    keys: &PublicKeys,
    reach: &Reach,
) -> (Checked, Vec<Problem>) {
    testimony.digests.sort_by_key(|seen| seen.bearer.part);
    testimony.logs.sort_by_key(|seen| seen.bearer.part);
    let mut defects = Defects::default();
    let signatures = testimony
        .signatures
        .iter()
        .filter_map(|(bearer, signature)| Some((bearer.name(files)?, signature.as_str())));
    let signatures: BTreeMap<&str, &str> = signatures.collect();
    let judged = chain::judge(&testimony.digests, &signatures, keys, &mut defects);
    let mut suspects = Vec::new();
    let (chains, n_breaks) = chain::chains(&judged, &mut suspects, &mut defects);
    let question = logs::Question { files, keys, reach };
    let mut timelines = BTreeMap::new();
    let logs = logs::check(
        &question,
        &mut testimony.logs,
        &judged,
        &mut suspects,
        &mut defects,
    );
    logs::known(&judged, &mut testimony.logs, &logs, keys, &mut timelines);
    suspects.sort_unstable();
    suspects.dedup();
    let verification = Verification {
        signatures: match keys.is_empty() {
            true => Signatures::NotAsked,
            false => Signatures::Checked,
        },
        logs: logs.verdicts,
        digests: judged
            .iter()
            .map(|judged| (judged.seen.bearer.part, judged.standing))
            .collect(),
        n_absent: logs.absent.len() as u64,
        absent: logs.absent,
        n_breaks,
        chains,
        suspects,
        present: logs.present,
    };
    let checked = Checked {
        verification,
        timelines,
    };
    (checked, defects.into_problems())
}

/// The result of checking all files.
pub(super) struct Checked {
    pub(super) verification: Verification,
    /// When each account and region had records, without those that cannot have been delivered, and
    /// the time that good digest files vouch for.
    pub(super) timelines: BTreeMap<Source, Timeline>,
}
