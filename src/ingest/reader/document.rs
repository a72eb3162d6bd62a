//! What is known about one document while it is read: a plain file, or one member of an archive.
//!
//! Comes in: what the readers count and find. Goes out: whether the document holds records, and in
//! which form. Never: anything that outlives the document; the next one starts with a new value.

use std::collections::BTreeMap;

use crate::ingest::coverage::{RecordTally, Source};
use crate::ingest::timeline::Timeline;
use crate::ingest::verify::{Bearer, ContentSeen};
use crate::location::Span;
use crate::problem::KnownForm;
use crate::source::DigestFile;

/// How many ways to records in wrappers are told of one document.
const MAX_PATHS: usize = 16;

/// A plain file or a member of an archive that is being read.
pub(super) struct Document {
    /// Which file or member it is.
    pub(super) bearer: Bearer,
    /// How many problems earlier members of the file had.
    pub(super) n_problems_before: u64,
    /// Whether records are stamped one by one, because the times were not found as text.
    pub(super) stamps: bool,
    /// Whether it may hold push events, so that its records count as seen.
    pub(super) counts: bool,
    pub(super) tally: RecordTally,
    /// `Records` arrays.
    pub(super) n_arrays: u64,
    /// Other arrays that wrap records.
    pub(super) n_wrapping: u64,
    /// Records that were wrapped in objects of their own.
    pub(super) n_wrapped: u64,
    /// Lines that say what an extract was made from.
    pub(super) n_carried: u64,
    /// Objects that are wrapped like a record but are none.
    pub(super) n_skipped: u64,
    /// How many of them say that CloudWatch Logs can deliver, and nothing else.
    pub(super) n_control: u64,
    /// Whether its first object with the place of a record is none: then it holds messages, and each may wrap records.
    pub(super) is_of_messages: bool,
    /// By which members records were found in wrappers of any shape, and how many.
    pub(super) opened: BTreeMap<String, u64>,
    /// What it is, if it holds no record.
    pub(super) form: Option<KnownForm>,
    /// The first object that is no record and wraps none, or text that is no JSON object.
    pub(super) first_foreign: Option<Span>,
    /// Whether it decodes to nothing.
    pub(super) is_empty: bool,
    /// Where the JSON broke off, and the record that was cut there.
    pub(super) breaks: Vec<(usize, Option<(u32, Span)>)>,
    pub(super) digests: Vec<DigestFile>,
    /// The hash of the content, if it is asked for.
    pub(super) content: Option<ContentSeen>,
    /// The signature of a digest file, if the document holds nothing else.
    pub(super) signature: Option<String>,
    /// Its own signature, from the metadata of an object in a bucket.
    pub(super) own_signature: Option<String>,
    /// The times of its own records, kept if the content is hashed, since the check judges it by
    /// them.
    pub(super) own: BTreeMap<Source, Timeline>,
}

impl Document {
    pub(super) fn new(bearer: Bearer, n_problems_before: u64) -> Self {
        Self {
            bearer,
            n_problems_before,
            stamps: true,
            counts: true,
            tally: RecordTally::default(),
            n_arrays: 0,
            n_wrapping: 0,
            n_wrapped: 0,
            n_carried: 0,
            n_skipped: 0,
            n_control: 0,
            is_of_messages: false,
            opened: BTreeMap::new(),
            form: None,
            first_foreign: None,
            is_empty: false,
            breaks: Vec::new(),
            digests: Vec::new(),
            content: None,
            signature: None,
            own_signature: None,
            own: BTreeMap::new(),
        }
    }

    /// Whether it holds anything from CloudTrail.
    pub(super) fn is_cloudtrail(&self) -> bool {
        self.has_records() || !self.digests.is_empty()
    }

    /// Whether it holds records, or has a form that may hold them.
    pub(super) fn has_records(&self) -> bool {
        let is_wrapper = self.n_wrapping > 0 && self.n_skipped == self.n_control;
        let is_of_records = self.n_arrays > 0 && !self.is_of_messages;
        is_of_records || self.tally.seen > 0 || (is_wrapper && self.first_foreign.is_none())
    }

    /// Counts a record that was found by these members; beyond [`MAX_PATHS`] ways they are told as one.
    pub(super) fn count_opened(&mut self, path: &str) {
        let path = match self.opened.len() < MAX_PATHS || self.opened.contains_key(path) {
            true => path,
            false => "…",
        };
        match self.opened.get_mut(path) {
            Some(n_records) => *n_records += 1,
            None => _ = self.opened.insert(path.to_owned(), 1),
        }
    }

    /// Whether its records are one by one, as in an extract.
    pub(super) fn is_loose(&self) -> bool {
        self.n_arrays + self.n_wrapping + self.n_wrapped + self.n_skipped == 0
    }
}
