//! Decoding: never more than the limit, and of gzip what flate2 decodes.

#![no_main]

use std::io::Read as _;

use flate2::read::MultiGzDecoder;
use libfuzzer_sys::fuzz_target;
use reconstruct::source::{Decoded, Decoder};

const LIMIT: u64 = 1 << 20;

fuzz_target!(|bytes: &[u8]| {
    let mut decoder = Decoder::default();
    match decoder.decode_fetched(bytes.to_vec(), LIMIT) {
        Ok(Decoded::Whole {
            bytes: decoded,
            defect,
        }) => {
            assert!(decoded.len() as u64 <= LIMIT);
            let mut slow = Vec::new();
            let is_gzip = bytes.starts_with(&[0x1f, 0x8b]);
            let read = MultiGzDecoder::new(bytes)
                .take(LIMIT + 1)
                .read_to_end(&mut slow);
            if is_gzip && read.is_ok() && slow.len() as u64 <= LIMIT {
                assert!(decoded == slow, "{defect:?}");
            } else if is_gzip {
                let both = decoded.len().min(slow.len());
                assert!(decoded[..both] == slow[..both]);
            }
        }
        Ok(Decoded::Pieces(mut pieces)) => {
            let (mut buffer, mut n_read) = ([0; 4096], 0);
            while let Ok(n @ 1..) = pieces.read(&mut buffer) {
                n_read += n as u64;
            }
            assert!(n_read <= LIMIT);
        }
        Ok(Decoded::Archive(mut archive)) => {
            let mut members = Decoder::default();
            for index in 0..archive.n_members().min(8) {
                if let Ok(Some(member)) = members.decode_member(&mut archive, index, LIMIT)
                    && let Decoded::Whole { bytes, .. } = member.content
                {
                    assert!(bytes.len() as u64 <= LIMIT);
                }
            }
        }
        Err(_) => {}
    }
});
