//! ALL COVERAGE LINES -> ONE, AND ONE FOR EACH ACCOUNT AND REGION.
//!
//! Comes in: the coverage lines of extracts. Goes out: their sum, for the conclusion, and what of it the groups need that
//! ask for an account and region. Never: a record.

use std::io::{self, BufRead, Write};

use crate::ingest::{by_source, merged};
use crate::parts::route::source;
use crate::parts::{PartOptions, key, lines, write_line};

/// Puts coverage lines together. A line that goes out has the key that it offers before it; the sum has none.
///
/// # Errors
/// Those of the streams, and a line that is no coverage line.
pub fn coverage(
    input: &mut dyn BufRead,
    options: &PartOptions,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut text = String::new();
    for line in lines(input) {
        text.push_str(&line?);
        text.push('\n');
    }
    let whole = merged(text, &options.ingest)?;
    for (of, line) in by_source(&whole)? {
        write_line(out, &[&key(source(&of.account, &of.region)), &line])?;
    }
    write_line(out, &["", &whole])
}
