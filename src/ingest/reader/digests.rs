//! Digest files: what they say about log files, and what the check against them needs.
//!
//! Comes in: digest files, and the hashes of files that were read. Goes out: stretches that are vouched
//! for, claims of missing files, and evidence for the check. Never: a verdict.

use crate::ingest::carried::{DigestClaim, MissingLog};
use crate::ingest::coverage::Source;
use crate::ingest::interval::Interval;
use crate::ingest::reader::reading::Reading;
use crate::ingest::verify::DigestSeen;
use crate::record::fingerprint;
use crate::source::DigestFile;
use crate::source::digest_file::bare_name;

impl Reading<'_> {
    /// Takes in what a digest file says about the log files it lists.
    pub(super) fn digest(&mut self, digest: &DigestFile) {
        if digest.region.is_empty() || digest.start > digest.end {
            return;
        }
        let whole = Interval {
            from: digest.start,
            to: digest.end,
        };
        let log_files = digest.log_files.iter();
        let missing =
            log_files.filter(|file| !self.shared.present.contains(bare_name(&file.object)));
        let missing = missing.map(|file| MissingLog {
            name: fingerprint(bare_name(&file.object)),
            time: match file.times() {
                Some((from, to)) => Interval { from, to }.seconds(),
                None => whole.seconds(),
            },
        });
        let claim = DigestClaim {
            source: Source::new(&digest.account, &digest.region),
            whole: whole.seconds(),
            missing: missing.collect(),
        };
        match claim.missing.is_empty() {
            true => {
                let timeline = self.shard.ledger.timelines.entry(claim.source).or_default();
                timeline.vouch(claim.whole);
            }
            false => self.shard.ledger.claims.push(claim),
        }
    }

    /// Keeps what the check against digest files needs.
    pub(super) fn testify(&mut self, mut digests: Vec<DigestFile>, has_records: bool) {
        let (signature, own_signature) = (
            self.document.signature.take(),
            self.document.own_signature.take(),
        );
        let own = std::mem::take(&mut self.document.own);
        let Some(content) = self.document.content.take() else {
            return;
        };
        let bearer = self.document.bearer.clone();
        let testimony = &mut self.shard.testimony;
        if let Some(signature) = signature {
            return testimony.signatures.push((bearer, signature));
        }
        let is_digest = digests.len() == 1 && !has_records;
        match (digests.pop().filter(|_| is_digest), content.hash()) {
            (Some(digest), Some(hash)) => testimony.digests.push(DigestSeen {
                bearer,
                hash,
                digest,
                own_signature,
            }),
            (Some(_) | None, _) if has_records => testimony.used(bearer, content, own),
            (Some(_) | None, _) => testimony.unused(bearer, content),
        }
    }
}
