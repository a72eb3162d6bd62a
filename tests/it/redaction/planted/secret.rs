//! A secret: names, an account and an address that occur nowhere else, by their number.
//!
//! In: a number and a spelling. Out: a text that holds the secret. Found again in any text, whatever
//! its spelling.

use std::collections::BTreeSet;

/// How many ways there are to spell a secret.
pub(super) const SPELLINGS: usize = 14;

/// Letters that no word is made of alone, one for each four bits of a number.
const LETTERS: &[u8; 16] = b"bcdfghjklmnprstw";

/// What the two names of a secret begin with.
const BEGINS: [&str; 2] = ["zq", "zv"];

/// What the account of a secret begins with.
const ACCOUNTS: u64 = 770_000_000_000;

/// What the address of a secret begins with.
const NETWORK: &str = "10.177.";

/// One secret, by its number; below 65,536, which addresses have room for.
pub(super) struct Secret(pub(super) usize);

impl Secret {
    fn name(&self, begin: &str) -> String {
        let letter = |shift: usize| char::from(LETTERS[self.0 >> shift & 15]);
        let letters = [16, 12, 8, 4, 0].map(letter);
        begin.chars().chain(letters).collect()
    }

    /// A name of it.
    #[cfg(feature = "aws")]
    pub(super) fn word(&self) -> String {
        self.name(BEGINS[0])
    }

    fn account(&self) -> String {
        (ACCOUNTS + self.0 as u64).to_string()
    }

    fn address(&self) -> String {
        format!("{NETWORK}{}.{}", self.0 >> 8 & 255, self.0 & 255)
    }

    /// A text that holds the secret in one of the spellings; the last two go by the text that stood
    /// there, to look like what belongs there.
    pub(super) fn spelt(&self, spelling: usize, old: &str) -> String {
        let [one, two] = BEGINS.map(|begin| self.name(begin));
        let (account, address) = (self.account(), self.address());
        let dashed = address.replace('.', "-");
        let grouped = [&account[..4], &account[4..8], &account[8..]].join("-");
        let escaped = |text: &str| {
            let bytes = text.bytes().map(|byte| format!("%{byte:02X}"));
            bytes.collect::<String>()
        };
        let units = |text: &str| {
            let units = text.encode_utf16().map(|unit| format!("\\u{unit:04x}"));
            units.collect::<String>()
        };
        match spelling {
            0 => format!("{one}/{two}"),
            1 => format!("{}/{}", one.to_uppercase(), two.to_uppercase()),
            2 => format!("{}{}-{two}", one[..1].to_uppercase(), &one[1..]),
            3 => format!("team%2F{one}%2f{two}%3A{account}"),
            4 => escaped(&format!("{one}/{two}@{address}")),
            5 => format!("x{account}y{one}42 acct{account}"),
            6 => format!("ip-{dashed}.{one}.internal {dashed} {grouped}"),
            7 => format!("name '{one} {two}' and \"{two} {one}\" of `{one} {address}`"),
            8 => format!("arn:aws:iam::{account}:role/{one}/{two}"),
            9 => format!(
                "https://{one}.example.com:8443/{two}?user={one}@{two}.example&ip={address}#{account}"
            ),
            10 => format!(
                "/home/{one}/AWSLogs/{account}/CloudTrail/eu-{two}-2/2024/{one}-miller-2.json.gz"
            ),
            11 => format!(
                "{{\"user\":\"{one}\",\"of\":\"{}\",\"n\":\"{}\"}}",
                units(&two),
                units(&account)
            ),
            12 => format!("{old}-{one}"),
            _ => format!("{one}.{old} {old}/{two} {old}{one}"),
        }
    }
}

/// The numbers of the secrets that stand in a text, escaped or not.
pub(super) fn found(text: &str) -> BTreeSet<usize> {
    let mut numbers = BTreeSet::new();
    let plain = text.to_lowercase();
    for text in [undone(&plain, "%", 2), undone(&plain, "\\u", 4), plain] {
        for begin in BEGINS {
            for (at, _) in text.match_indices(begin) {
                numbers.extend(number(text.get(at + 2..at + 7)));
            }
        }
        let joined = text.replace('-', "");
        for text in [&text, &joined] {
            for (at, _) in text.match_indices("7700") {
                let digits = text.get(at..at + 12).unwrap_or_default();
                let account = digits.parse::<u64>().ok();
                let number = account.and_then(|account| account.checked_sub(ACCOUNTS));
                numbers.extend(number.and_then(|number| usize::try_from(number).ok()));
            }
        }
        let dotted = text.replace('-', ".");
        for (at, _) in dotted.match_indices(NETWORK) {
            let rest = &dotted[at + NETWORK.len()..];
            let mut parts = rest.split(|c: char| !c.is_ascii_digit());
            let mut part = || parts.next()?.parse::<usize>().ok();
            if let (Some(high), Some(low)) = (part(), part()) {
                numbers.insert(high << 8 | low);
            }
        }
    }
    numbers
}

fn number(letters: Option<&str>) -> Option<usize> {
    letters?.bytes().try_fold(0, |number, letter| {
        let digit = LETTERS.iter().position(|&known| known == letter)?;
        Some(number << 4 | digit)
    })
}

/// A text with its escapes of so many hexadecimal digits undone.
fn undone(text: &str, begin: &str, n_digits: usize) -> String {
    let mut pieces = text.split(begin);
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let digits = piece.get(..n_digits);
        let unit = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        match unit.and_then(char::from_u32) {
            Some(unit) => {
                out.push(unit);
                out.push_str(&piece[n_digits..]);
            }
            None => {
                out.push_str(begin);
                out.push_str(piece);
            }
        }
    }
    out
}

#[test]
fn a_secret_is_found_in_every_spelling() {
    for number in [0, 1, 255, 4_095, 54_321] {
        for spelling in 0..SPELLINGS {
            let text = Secret(number).spelt(spelling, "eu-west-1");
            assert!(found(&text).contains(&number), "{text}");
        }
    }
    assert!(found("2024-03-04 sha256:7700 zq zv zqueue 10.17.7.0").is_empty());
}
