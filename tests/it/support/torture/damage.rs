//! The forms and the packings that records are kept in, sound and damaged ones beside each other.
//!
//! In: records, each known to be sound or not. Out: a file, with the push events in it that have to be
//! found however the others are damaged: all of them where each record has a line or a string of its own,
//! those before the first that is no JSON where they share an array.

use std::collections::BTreeSet;
use std::io::{Cursor, Write as _};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde::de::IgnoredAny;
use serde_json::json;

use super::super::simulate::random::Random;

/// A record on its way into a file.
pub(crate) struct Piece {
    pub(crate) bytes: Vec<u8>,
    /// Its `eventID`, if it is sound and of a push.
    pub(crate) expected: Option<String>,
    /// Whether it is as it was.
    pub(crate) is_sound: bool,
}

/// A form that records are kept in.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Form {
    /// `{"Records":[…]}` on one line.
    Records,
    /// The same with a line for each record.
    RecordsByLine,
    /// A bare array.
    Array,
    /// One record a line.
    Lines,
    /// One record after the other.
    Concatenated,
    /// The answer of `LookupEvents`.
    LookedUp,
    /// A batch of CloudWatch Logs.
    Batch,
    /// Documents of Elasticsearch, one a line.
    Documents,
}

/// All of them.
pub(crate) const FORMS: [Form; 8] = [
    Form::Records,
    Form::RecordsByLine,
    Form::Array,
    Form::Lines,
    Form::Concatenated,
    Form::LookedUp,
    Form::Batch,
    Form::Documents,
];

impl Form {
    /// Whether what is wrong with one record cannot reach another.
    pub(crate) fn keeps_apart(self) -> bool {
        match self {
            Self::Lines | Self::LookedUp | Self::Batch | Self::Documents => true,
            Self::Records | Self::RecordsByLine | Self::Array | Self::Concatenated => false,
        }
    }

    /// Writes records, and tells the push events that have to be found.
    pub(crate) fn write(self, pieces: &[Piece], expected: &mut BTreeSet<String>) -> Vec<u8> {
        let mut whole = true;
        for piece in pieces {
            whole &= piece.is_sound || is_object(&piece.bytes);
            if whole || self.keeps_apart() {
                expected.extend(piece.expected.clone());
            }
        }
        let joined = |between: &[u8]| {
            let bytes: Vec<&[u8]> = pieces.iter().map(|piece| &*piece.bytes).collect();
            bytes.join(between)
        };
        let texts = || {
            pieces
                .iter()
                .map(|piece| String::from_utf8_lossy(&piece.bytes))
        };
        match self {
            Self::Records => [b"{\"Records\":[", &*joined(b","), b"]}"].concat(),
            Self::RecordsByLine => [b"{\"Records\": [\n", &*joined(b",\n"), b"\n]}\n"].concat(),
            Self::Array => [b"[", &*joined(b", "), b"]"].concat(),
            Self::Lines => joined(b"\n"),
            Self::Concatenated => joined(b""),
            Self::LookedUp => {
                let events: Vec<_> = texts()
                    .map(|text| json!({"EventName": "x", "CloudTrailEvent": text}))
                    .collect();
                json!({ "Events": events }).to_string().into_bytes()
            }
            Self::Batch => {
                let events: Vec<_> = texts()
                    .map(|text| json!({"id": "1", "timestamp": 0, "message": text}))
                    .collect();
                let batch = json!({"messageType": "DATA_MESSAGE", "logEvents": events});
                batch.to_string().into_bytes()
            }
            Self::Documents => {
                let lines: Vec<_> = texts()
                    .map(|text| json!({"event": {"original": text}}).to_string())
                    .collect();
                lines.join("\n").into_bytes()
            }
        }
    }
}

/// Whether bytes are one JSON object, of which a file around it cannot tell that it was damaged.
fn is_object(bytes: &[u8]) -> bool {
    bytes.first() == Some(&b'{')
        && bytes.last() == Some(&b'}')
        && serde_json::from_slice::<IgnoredAny>(bytes).is_ok()
}

/// How a file is compressed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Packing {
    Plain,
    Gzip,
    /// Two members.
    GzipTwice,
    Zstd,
    /// The only member of an archive.
    Zip,
}

/// All of them.
pub(crate) const PACKINGS: [Packing; 5] = [
    Packing::Plain,
    Packing::Gzip,
    Packing::GzipTwice,
    Packing::Zstd,
    Packing::Zip,
];

impl Packing {
    /// One that is as usual as it is in practice.
    pub(crate) fn any(random: &mut Random) -> Self {
        *random.pick(&PACKINGS)
    }

    /// Packs a file's bytes.
    pub(crate) fn pack(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Plain => bytes.to_vec(),
            Self::Gzip => gzip(bytes),
            Self::GzipTwice => {
                let (first, second) = bytes.split_at(bytes.len() / 2);
                [gzip(first), gzip(second)].concat()
            }
            Self::Zstd => zstd::encode_all(bytes, 1).expect("memory"),
            Self::Zip => zip(&[("log.json", bytes)]),
        }
    }
}

/// One gzip member.
pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

/// An archive.
pub(crate) fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        let options = zip::write::SimpleFileOptions::default();
        archive.start_file(*name, options).expect("memory");
        archive.write_all(bytes).expect("memory");
    }
    archive.finish().expect("memory").into_inner()
}
