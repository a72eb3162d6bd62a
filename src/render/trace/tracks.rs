//! Processes and threads of a trace: the caller and the destination.
//!
//! Comes in: pushes by their start. Goes out: the track of each, named at its first use. Never: two
//! pushes on one track at one time.

use std::collections::HashMap;
use std::io;

use serde::Serialize;

use crate::render::trace::{Record, Trace, name};
use crate::report::SessionRow;

/// Where an event is drawn.
#[derive(Clone, Copy, Debug)]
pub(super) struct Track {
    pub(super) pid: u64,
    pub(super) tid: u64,
}

/// A thread, free from `end` on.
#[derive(Debug)]
struct Overlap {
    track: Track,
    end: i64,
}

/// The tracks in use. Processes and threads share one numbering, so that no number has two
/// meanings.
#[derive(Debug, Default)]
pub(super) struct Tracks {
    numbers: u64,
    /// By arn and name.
    processes: HashMap<(Option<String>, String), u64>,
    /// By process, registry, region and repository.
    lanes: HashMap<(u64, [Option<String>; 3]), Vec<Overlap>>,
    of_no_push: Option<Track>,
}

#[derive(Serialize)]
struct Named<'r> {
    name: &'r str,
}

impl Tracks {
    /// The track of a push that lasts from `begin` to `end`; pushes come in order of their start.
    pub(super) fn of(
        &mut self,
        push: &SessionRow<'_>,
        (begin, end): (i64, i64),
        trace: &mut Trace<'_>,
    ) -> io::Result<Track> {
        let pid = self.process(push, trace)?;
        let place = [&push.registry, &push.region, &push.repository]
            .map(|text| text.as_deref().map(str::to_owned));
        let lanes = self.lanes.entry((pid, place)).or_default();
        if let Some(lane) = lanes.iter_mut().find(|lane| lane.end <= begin) {
            lane.end = end;
            return Ok(lane.track);
        }
        self.numbers += 1;
        let track = Track {
            pid,
            tid: self.numbers,
        };
        lanes.push(Overlap { track, end });
        let repository = push.repository.as_deref().unwrap_or("(no repository)");
        let title = match lanes.len() {
            1 => name(repository),
            n => format!("{} ({n})", name(repository)),
        };
        metadata("thread_name", &title, track, trace)?;
        Ok(track)
    }

    /// The track of events that belong to no push.
    pub(super) fn of_no_push(&mut self, trace: &mut Trace<'_>) -> io::Result<Track> {
        if let Some(track) = self.of_no_push {
            return Ok(track);
        }
        let track = Track {
            pid: self.numbers + 1,
            tid: self.numbers + 2,
        };
        self.numbers += 2;
        self.of_no_push = Some(track);
        metadata("process_name", "calls of no push", track, trace)?;
        metadata("thread_name", "calls", track, trace)?;
        Ok(track)
    }

    fn process(&mut self, push: &SessionRow<'_>, trace: &mut Trace<'_>) -> io::Result<u64> {
        let identity = &push.identity;
        let arn = identity.arn.as_deref().map(str::to_owned);
        let key = (arn, identity.name.clone());
        if let Some(&pid) = self.processes.get(&key) {
            return Ok(pid);
        }
        self.numbers += 1;
        let pid = self.numbers;
        self.processes.insert(key, pid);
        let track = Track { pid, tid: pid };
        metadata("process_name", &name(&identity.name), track, trace)?;
        Ok(pid)
    }
}

/// Writes the name of a process or thread.
fn metadata(
    kind: &'static str,
    title: &str,
    track: Track,
    trace: &mut Trace<'_>,
) -> io::Result<()> {
    let named = Named { name: title };
    trace.write(&Record {
        cat: "__metadata",
        args: Some(named),
        ..Record::at("M", kind, track, 0)
    })
}
