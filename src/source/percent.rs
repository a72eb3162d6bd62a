//! Percent-escapes of addresses (RFC 3986, section 2.1).
//!
//! Comes in: a text with escapes. Goes out: its bytes. Never: a failure; a broken escape stays as it is.

/// The bytes of a text with its escapes resolved.
#[must_use]
pub fn unescaped(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [byte, after @ ..] = rest {
        let value = match (byte, after.get(..2)) {
            (b'%', Some(digits)) => hexadecimal(digits),
            _ => None,
        };
        bytes.push(value.unwrap_or(*byte));
        rest = match value {
            Some(_) => after.get(2..).unwrap_or_default(),
            None => after,
        };
    }
    bytes
}

fn hexadecimal(digits: &[u8]) -> Option<u8> {
    let text = std::str::from_utf8(digits).ok()?;
    let is_digits = text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_digits.then(|| u8::from_str_radix(text, 16).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_resolved_and_broken_ones_stay() {
        assert_eq!(unescaped("a%2Bc%C3%BC"), "a+cü".as_bytes());
        assert_eq!(unescaped("%zz%4"), b"%zz%4");
    }
}
