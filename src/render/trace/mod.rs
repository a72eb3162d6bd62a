//! The pushes as a trace, for Perfetto and Chrome's viewer.
//!
//! Comes in: a report. Goes out: JSON of the Trace Event Format, event by event. Never: a time that
//! the log does not have, apart from the place of a call within its second.
//!
//! | in the log | in the trace |
//! |---|---|
//! | identity | process |
//! | repository, and a lane where pushes of one identity overlap | thread |
//! | push | slice, with its calls as slices inside |
//! | upload | async span (`b`, `e`), its parts instants in it (`n`): uploads overlap |
//! | check, login, accepted manifest, refusal | instant |
//! | layer or config into its manifest, child into its index, subject into its referrer | flow |
//!
//! `ts` is microseconds since 1970, so that traces of one log fit together. `eventTime` has whole
//! seconds; calls of a push in one second are placed side by side within it, in causal order.
//!
//! Remembered: an entry for each identity, and for each of its repositories and lanes.

mod push;
mod tracks;

use std::io::{self, Write};

use serde::Serialize;

use crate::render::instant;
use crate::render::json;
use crate::render::plain::plain;
use crate::render::{Renderer, Style};
use crate::report::{Report, SCHEMA};
use crate::words;

use tracks::{Track, Tracks};

/// `--format trace`.
pub(super) struct TraceEvents;

/// Microseconds of a second.
const SECOND: i64 = 1_000_000;

/// The most characters of a name.
const MOST: usize = 80;

impl Renderer for TraceEvents {
    fn render(&self, report: &Report<'_>, _: &Style, out: &mut dyn Write) -> io::Result<()> {
        write!(
            out,
            "{{\"displayTimeUnit\":\"ms\",\"otherData\":{{\"schema\":\"{SCHEMA}\"}},\"traceEvents\":["
        )?;
        let mut trace = Trace {
            out,
            separator: "\n",
        };
        let mut tracks = Tracks::default();
        for row in report.sessions() {
            push::push(&row, &mut tracks, &mut trace)?;
        }
        for event in report.unplaced() {
            let track = tracks.of_no_push(&mut trace)?;
            let instant = Record::at("i", event.action.call(), track, ts(&event.time));
            trace.write(&Record {
                cat: "call",
                scope: Some("t"),
                args: Some(&event),
                ..instant
            })?;
        }
        trace.out.write_all(b"\n]}\n")
    }
}

/// The start of the second that a time of the report is in; times before 1970 have no place.
fn ts(time: &str) -> i64 {
    let micros = instant::micros(time).unwrap_or(0).max(0);
    micros - micros % SECOND
}

/// A name that is safe to show.
fn name(text: &str) -> String {
    words::shorten(&plain(text), MOST)
}

/// The output of a trace.
struct Trace<'o> {
    out: &'o mut dyn Write,
    separator: &'static str,
}

impl Trace<'_> {
    fn write<A: Serialize>(&mut self, record: &Record<'_, A>) -> io::Result<()> {
        self.out.write_all(self.separator.as_bytes())?;
        self.separator = ",\n";
        json::value(record, self.out)
    }
}

/// One event of a trace, by the names of the Trace Event Format.
#[derive(Clone, Copy, Serialize)]
struct Record<'r, A> {
    ph: &'static str,
    name: &'r str,
    cat: &'static str,
    pid: u64,
    tid: u64,
    ts: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    dur: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'r str>,
    /// For an instant: `t`, the scope of its thread.
    #[serde(rename = "s", skip_serializing_if = "Option::is_none")]
    scope: Option<&'static str>,
    /// For the end of a flow: `e`, the enclosing slice.
    #[serde(rename = "bp", skip_serializing_if = "Option::is_none")]
    bind: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    args: Option<A>,
}

impl<'r, A> Record<'r, A> {
    fn at(ph: &'static str, name: &'r str, track: Track, ts: i64) -> Self {
        Self {
            ph,
            name,
            cat: "push",
            pid: track.pid,
            tid: track.tid,
            ts,
            dur: None,
            id: None,
            scope: None,
            bind: None,
            args: None,
        }
    }
}
