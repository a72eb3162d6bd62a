//! Reads one file after the other into a shard.
//!
//! Comes in: files, with the buffers to decode them in. Goes out: a [`Shard`] with their contents,
//! each file's share independent of the others. Never: a failure; a file that cannot be read is
//! counted, with a problem that says why.

mod call;
mod digests;
mod document;
mod first;
mod form;
mod piece;
mod problems;
mod reading;
mod seek;
mod shard;

use std::io;

use crate::ingest::coverage::SetAside;
use crate::ingest::prefetch::Fetched;
use crate::ingest::reader::reading::Reading;
use crate::ingest::verify::{Bearer, ContentSeen};
use crate::location::FileId;
use crate::source::{ContentHash, Decoded, Decoder, FileKind, Found, LogName, SourceFile};

pub(super) use seek::{MOST_SOUGHT, first};
pub use shard::Shard;
pub(super) use shard::{CountsAs, KeepAs, Kept, Shared};

/// Reads a file into a shard, from the fetched content if there is any.
pub(super) fn read(
    shard: &mut Shard,
    decoder: &mut Decoder,
    shared: &Shared<'_>,
    id: FileId,
    file: &SourceFile,
    fetched: Option<io::Result<Fetched>>,
) {
    shard.file_ids.push(id);
    shard.ledger.has_archives |= shared.has_archives;
    let kind = match &file.found {
        Found::Empty => {
            let nothing = ContentSeen::Whole(ContentHash::of(b""));
            shard.testimony.unused(Bearer::file(id), nothing);
            return shard.ledger.empty(id);
        }
        Found::Hidden => return shard.ledger.set_aside(id, SetAside::Hidden),
        Found::Pruned(_) => return shard.ledger.files.pruned += 1,
        Found::Readable(FileKind::Insight) => return shard.ledger.set_aside(id, SetAside::Insight),
        Found::Readable(kind) => *kind,
        Found::Unreadable { reason } => {
            shard
                .testimony
                .unused(Bearer::file(id), ContentSeen::Absent);
            return shard.ledger.unreadable(id, reason.clone());
        }
    };
    let name = LogName::parse(&file.name);
    let mut signature = None;
    let decoded = match fetched {
        Some(fetched) => fetched.and_then(|object| {
            signature = object.signature;
            decoder.decode_fetched(object.bytes, shared.limit)
        }),
        None => decoder.decode(file, shared.limit),
    };
    let decoded = match decoded {
        Ok(decoded) => decoded,
        Err(error) => {
            shard
                .testimony
                .unused(Bearer::file(id), ContentSeen::Absent);
            return shard.ledger.unreadable(id, error.to_string());
        }
    };
    let mut reading = Reading::new(shard, shared, id);
    match decoded {
        Decoded::Whole { bytes, defect } => {
            reading.document.own_signature = signature;
            reading.whole(bytes, defect, kind, name);
            reading.count();
        }
        Decoded::Pieces(pieces) => {
            reading.pieces(pieces);
            reading.count();
        }
        Decoded::Archive(archive) => reading.archive(archive),
    }
    reading.list_more();
}

#[cfg(test)]
mod tests;
