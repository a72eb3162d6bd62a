//! Halves of surrogate pairs, which JSON can express and no text can contain (RFC 8259, section 8.2).
//!
//! Comes in: a record that could not be read. Goes out: its text with `\ufffd`, the replacement
//! character, in place of each half; every other byte stays where it was. Never: a change to a whole
//! pair.

/// The escape that replaces a half; it has the same length.
const REPLACEMENT: &[u8] = b"\\ufffd";

/// Replaces the halves; `None` if there is none.
pub(in crate::event) fn mend(text: &str) -> Option<String> {
    let mut bytes = text.as_bytes().to_vec();
    let (mut at, mut is_mended) = (0, false);
    while let Some(found) = bytes.get(at..).and_then(next_escape) {
        at += found;
        at += match (unit(&bytes, at), unit(&bytes, at + 6)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 12,
            (Some(0xd800..=0xdfff), _) => {
                bytes.get_mut(at..at + 6)?.copy_from_slice(REPLACEMENT);
                is_mended = true;
                6
            }
            (Some(_) | None, _) => 2,
        };
    }
    is_mended.then(|| String::from_utf8(bytes).ok())?
}

/// How many bytes precede the next backslash.
fn next_escape(bytes: &[u8]) -> Option<usize> {
    bytes.iter().position(|&byte| byte == b'\\')
}

/// The code unit of the escape at a position, if there is one.
fn unit(bytes: &[u8], at: usize) -> Option<u32> {
    let digits = bytes.get(at..at + 6)?.strip_prefix(b"\\u")?;
    let digits = std::str::from_utf8(digits).ok()?;
    u32::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::mend;

    #[test]
    fn halves_are_replaced_and_pairs_are_not() {
        for (text, expected) in [
            (r#""a""#, None),
            (r#""\ud83d\ude00""#, None),
            (r#""\\ud800""#, None),
            (r#""\ud800""#, Some(r#""\ufffd""#)),
            (r#""\uDFFFé\n""#, Some(r#""\ufffdé\n""#)),
            (r#""\ud83d\ud83d\ude00""#, Some(r#""\ufffd\ud83d\ude00""#)),
            (r#""\ude00\ud83d""#, Some(r#""\ufffd\ufffd""#)),
            (r#""\ud8"#, None),
            (r#""\ud800\"#, Some(r#""\ufffd\"#)),
        ] {
            assert_eq!(mend(text).as_deref(), expected, "{text}");
        }
    }
}
