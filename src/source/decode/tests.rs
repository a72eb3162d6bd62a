//! What is kept of files that are sound, cut, corrupt or too large.

use std::io::Write as _;
use std::path::PathBuf;

use super::*;
use crate::problem::StoreError;
use crate::source::store::{Body, ListingPage, Query};
use crate::source::{Bucket, ContentStamp, FileKind, Found, ObjectStore};

/// A file for one test, removed at its end.
struct OnDisk(SourceFile);

impl OnDisk {
    fn new(name: &str, bytes: &[u8]) -> Self {
        let path = std::env::temp_dir().join(format!("reconstruct-{}-{name}", std::process::id()));
        std::fs::write(&path, bytes).expect("a temporary file");
        Self(SourceFile {
            origin: Origin::File(path),
            name: name.to_owned(),
            size_bytes: bytes.len() as u64,
            stamp: ContentStamp::Unknown,
            found: Found::Readable(FileKind::Log),
        })
    }
}

impl Drop for OnDisk {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(PathBuf::from(self.0.path()));
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 3).expect("memory")
}

fn undecodable(format: &'static str, kept_bytes: usize) -> ProblemKind {
    ProblemKind::Undecodable {
        format: format.into(),
        kept_bytes: kept_bytes as u64,
    }
}

/// Text that compresses, but not to almost nothing.
fn text(n_lines: u32) -> Vec<u8> {
    let line = |n: u32| format!("{{\"eventID\":\"{:08x}\"}}\n", n.wrapping_mul(0x9e37_79b9));
    (0..n_lines).map(line).collect::<String>().into_bytes()
}

/// The whole output for a file, in one buffer and in pieces.
fn decoded(name: &str, bytes: &[u8], limit: u64) -> (Vec<u8>, Option<ProblemKind>) {
    let file = OnDisk::new(name, bytes);
    let mut decoder = Decoder::default();
    let whole = collect(decoder.decode(&file.0, limit).expect("a readable file"));
    decoder.max_buffered = 4;
    let in_pieces = collect(decoder.decode(&file.0, limit).expect("a readable file"));
    assert_eq!(whole.1, in_pieces.1);
    assert!(
        whole.0 == in_pieces.0,
        "{} and {}",
        whole.0.len(),
        in_pieces.0.len()
    );
    whole
}

fn collect(decoded: Decoded<'_>) -> (Vec<u8>, Option<ProblemKind>) {
    match decoded {
        Decoded::Whole { bytes, defect } => (bytes.to_vec(), defect),
        Decoded::Archive(_) => panic!("no archive"),
        Decoded::Pieces(mut pieces) => {
            let (mut all, mut buffer) = (Vec::new(), [0; 700]);
            loop {
                match pieces.read(&mut buffer) {
                    Ok(0) => return (all, None),
                    Ok(n_read) => all.extend(&buffer[..n_read]),
                    Err(kind) => return (all, Some(kind)),
                }
            }
        }
    }
}

const LIMIT: u64 = 1 << 30;

#[test]
fn plain_and_gzip_give_the_same_bytes() {
    let text = text(3000);
    assert!(decoded("plain", &text, LIMIT) == (text.clone(), None));
    assert!(decoded("gz", &gzip(&text), LIMIT) == (text.clone(), None));
    assert!(decoded("zst", &zstd(&text), LIMIT) == (text, None));
}

#[test]
fn every_member_is_decoded() {
    let parts = [text(1), text(2000), Vec::new(), text(2000), text(3)];
    let all: Vec<u8> = parts.iter().flat_map(|part| gzip(part)).collect();
    assert!(decoded("members", &all, LIMIT) == (parts.concat(), None));
}

#[test]
fn a_cut_file_keeps_what_precedes_the_cut() {
    let text = text(3000);
    let whole = gzip(&text);
    for cut in [3, 11, 40, whole.len() / 2, whole.len() - 9, whole.len() - 1] {
        let (kept, defect) = decoded("cut", &whole[..cut], LIMIT);
        assert!(text.starts_with(&kept));
        assert_eq!(
            defect,
            Some(undecodable("gzip", kept.len())),
            "cut at {cut}"
        );
        if cut > whole.len() / 3 {
            assert!(kept.len() > text.len() / 3, "{} at {cut}", kept.len());
        }
    }
}

#[test]
fn every_zstd_frame_is_decoded_and_others_are_skipped() {
    let parts = [text(3), Vec::new(), text(20_000)];
    let mut all = b"\x5a\x2a\x4d\x18\x03\0\0\0abc".to_vec();
    for part in &parts {
        all.extend(zstd(part));
    }
    assert!(decoded("frames", &all, LIMIT) == (parts.concat(), None));
    all.extend(b"garbage");
    let expected = Some(undecodable("zstd", parts.concat().len()));
    assert!(decoded("frames-tail", &all, LIMIT) == (parts.concat(), expected));
}

#[test]
fn cut_or_corrupt_zstd_keeps_what_precedes_the_defect() {
    let text = text(60_000);
    let whole = zstd(&text);
    for cut in [5, 40, whole.len() / 2, whole.len() - 1] {
        let (kept, defect) = decoded("zstd-cut", &whole[..cut], LIMIT);
        assert!(text.starts_with(&kept));
        assert_eq!(
            defect,
            Some(undecodable("zstd", kept.len())),
            "cut at {cut}"
        );
        if cut > whole.len() / 3 {
            assert!(kept.len() > text.len() / 4, "{} at {cut}", kept.len());
        }
    }
    let mut corrupt = whole;
    let end = corrupt.len() - 1;
    corrupt[end / 2..end].fill(0xff);
    let (kept, defect) = decoded("zstd-corrupt", &corrupt, LIMIT);
    assert_eq!(defect, Some(undecodable("zstd", kept.len())));
    assert!(kept.len() > text.len() / 4, "{}", kept.len());
}

#[test]
fn a_bomb_costs_no_more_than_the_limit() {
    let zeros = vec![0; 40 << 20];
    for bytes in [gzip(&zeros), zstd(&zeros)] {
        assert!(bytes.len() < 1 << 19, "{}", bytes.len());
        let file = OnDisk::new("bomb", &bytes);
        let mut decoder = Decoder::default();
        let limit = 1 << 20;
        let (kept, defect) = collect(decoder.decode(&file.0, limit).expect("a readable file"));
        assert_eq!(kept.len() as u64, limit);
        assert_eq!(defect, Some(ProblemKind::TooLarge { limit }));
        assert!(
            decoder.decoded.len() <= 2 << 20,
            "{}",
            decoder.decoded.len()
        );
    }
}

#[test]
fn a_corrupt_second_member_costs_nothing_of_the_first() {
    let (first, second) = (text(500), text(700));
    let mut all = gzip(&first);
    let begin = all.len();
    all.extend(gzip(&second));
    let last = all.len() - 6;
    all[last] ^= 1;
    let (kept, defect) = decoded("corrupt", &all, LIMIT);
    assert!(kept == [first.clone(), second].concat());
    assert_eq!(defect, Some(undecodable("gzip", kept.len())));
    all.truncate(begin + 5);
    assert!(decoded("corrupt-2", &all, LIMIT).0 == first);
}

#[test]
fn what_follows_the_last_member_is_noted() {
    let text = text(50);
    for tail in [&b"garbage"[..], &[0; 512], b"\x1f"] {
        let all = [gzip(&text), tail.to_vec()].concat();
        let expected = Some(undecodable("gzip", text.len()));
        assert!(decoded("tail", &all, LIMIT) == (text.clone(), expected));
    }
}

#[test]
fn the_limit_is_on_decoded_bytes() {
    let text = text(5000);
    for bytes in [text.clone(), gzip(&text), zstd(&text)] {
        for limit in [0, 1, 1000, 70_001, text.len() as u64 - 1] {
            let (kept, defect) = decoded("limit", &bytes, limit);
            assert_eq!(kept.len() as u64, limit);
            assert_eq!(defect, Some(ProblemKind::TooLarge { limit }));
        }
        assert!(decoded("limit", &bytes, text.len() as u64) == (text.clone(), None));
    }
}

#[test]
fn a_lying_trailer_is_found_out_and_costs_no_memory() {
    let text = text(50);
    for size in [0, 1, 49, u32::MAX] {
        let mut all = gzip(&text);
        let at = all.len() - 4;
        all[at..].copy_from_slice(&size.to_le_bytes());
        let file = OnDisk::new("liar", &all);
        let mut decoder = Decoder::default();
        let (kept, defect) = collect(decoder.decode(&file.0, LIMIT).expect("a readable file"));
        assert!(kept == text);
        assert_eq!(defect, Some(undecodable("gzip", text.len())));
        assert!(decoder.decoded.len() < 1 << 17, "{}", decoder.decoded.len());
    }
}

#[test]
fn the_size_inside_the_data_does_not_end_the_member() {
    // Incompressible text is stored, so the four bytes of the size also occur in the data.
    let size = 700_u32.to_le_bytes();
    let mut bytes = size.repeat(5);
    let mut state = 1_u32;
    bytes.resize_with(700, || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_le_bytes()[3]
    });
    let two = [gzip(&bytes), gzip(&bytes)].concat();
    assert!(decoded("sizes", &two, LIMIT) == (bytes.repeat(2), None));
}

/// A bucket with one object.
#[derive(Debug)]
struct OneObject(Vec<u8>);

impl ObjectStore for OneObject {
    fn list(&self, _query: &Query<'_>) -> Result<ListingPage, StoreError> {
        Ok(ListingPage::default())
    }

    fn get(&self, _key: &str) -> io::Result<Body> {
        Ok(Body {
            reader: Box::new(Cursor::new(self.0.clone())),
            signature: None,
        })
    }

    fn connections(&self) -> usize {
        1
    }
}

#[test]
fn an_object_is_decoded_as_a_file_is() {
    let text = text(9_000);
    for bytes in [text.clone(), gzip(&text), zstd(&text)] {
        let size_bytes = bytes.len() as u64;
        let object = SourceFile {
            origin: Origin::Object(StoredObject {
                bucket: Bucket {
                    name: "logs".into(),
                    store: std::sync::Arc::new(OneObject(bytes.clone())),
                },
                key: "a".to_owned(),
            }),
            name: "a".to_owned(),
            size_bytes,
            stamp: ContentStamp::Unknown,
            found: Found::Readable(FileKind::Log),
        };
        // In one buffer; too large after decoding; too large before.
        for max_buffered in [MAX_BUFFERED, size_bytes, 4] {
            let mut decoder = Decoder::with_buffer(max_buffered);
            let asked = collect(decoder.decode(&object, LIMIT).expect("an object"));
            assert!(asked == (text.clone(), None), "{max_buffered}");
            let raw = bytes.clone();
            let fetched = collect(decoder.decode_fetched(raw, LIMIT).expect("bytes"));
            assert!(fetched == (text.clone(), None), "{max_buffered}");
        }
    }
}
