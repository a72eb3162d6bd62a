//! ONE REPORT BY MANY PROCESSES: the steps between, each a program by itself.
//!
//! Comes in: lines of an extract, or lines that another step wrote. Goes out: lines for the next step; the last steps
//! write the rows of the report that one process would make. Never: a rule of its own about a push. What crosses
//! repositories is a value of `facts` or `session::beyond`, which one process uses as well; here it is written and read.
//!
//! Who runs the steps only moves lines: `docs/scale-out/README.md` says which lines go where. Keys are numbers that mean
//! nothing to it, and a group may always be larger than it has to be: two keys that collide cost time, not truth.

mod bounded;
mod conclude;
mod coverage;
mod cross;
mod group;
mod route;
mod said;

use std::io::{self, BufRead, Write};
use std::time::Duration;

use crate::ingest::ReadOptions;

pub use bounded::bounded;
pub use conclude::{Concluded, conclude};
pub use coverage::coverage;
pub use cross::cross;
pub use group::{GroupStep, group};
pub use route::{Routed, Router, route};

/// How to do a step.
#[derive(Clone, Debug)]
pub struct PartOptions {
    /// How to read.
    pub ingest: ReadOptions,
    /// The inactivity window.
    pub window: Duration,
}

/// The lines of a step's input; a line that is no UTF-8 is an error.
fn lines(input: &mut dyn BufRead) -> impl Iterator<Item = io::Result<String>> + '_ {
    std::iter::from_fn(move || {
        let mut line = String::new();
        match input.read_line(&mut line) {
            Ok(0) => None,
            Ok(_) => {
                if line.ends_with('\n') {
                    line.pop();
                }
                Some(Ok(line))
            }
            Err(error) => Some(Err(error)),
        }
    })
}

/// An error about a line, in the words of what is wrong with it.
fn wrong(what: &str, why: impl std::fmt::Display) -> io::Error {
    io::Error::other(format!("{what}: {why}"))
}

/// A key, as lines hold it.
fn key(number: u64) -> String {
    format!("{number:016x}")
}

/// Writes the fields of a line.
fn write_line(out: &mut dyn Write, fields: &[&str]) -> io::Result<()> {
    out.write_all(fields.join("\t").as_bytes())?;
    out.write_all(b"\n")
}
