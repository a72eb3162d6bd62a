//! The trace: what the Trace Event Format asks of each event, field by field, and every call of the
//! JSON report.
//!
//! The rules are those of "Trace Event Format" (Google, the document that Perfetto's "Chrome JSON
//! format" page refers to), by section.

use std::collections::{BTreeMap, BTreeSet};

use reconstruct::Reconstruction;
use serde_json::Value;

use crate::fixture;
use crate::formats::{array, draw, json, parse};

type Thread = (u64, u64);

/// A point of a flow: phase, thread, time.
type Point = (String, Thread, i64);

/// What has been seen of a trace.
#[derive(Default)]
struct Seen {
    processes: BTreeSet<u64>,
    threads: BTreeSet<Thread>,
    /// Begin and end of the slices of each thread.
    slices: BTreeMap<Thread, Vec<(i64, i64)>>,
    /// Open and closed async spans, by category and id: begin, end, events inside.
    spans: BTreeMap<(String, String), (Option<i64>, Option<i64>)>,
    /// The points of each flow, by category, name and id.
    flows: BTreeMap<[String; 3], Vec<Point>>,
}

fn text<'v>(event: &'v Value, field: &str) -> &'v str {
    let text = event[field].as_str();
    text.unwrap_or_else(|| panic!("`{field}` is a text in {event}"))
}

fn number(event: &Value, field: &str) -> u64 {
    let number = event[field].as_u64();
    number.unwrap_or_else(|| panic!("`{field}` is a whole number in {event}"))
}

/// Holds a trace against the format; gives how often each phase occurs.
pub(crate) fn assert_valid(trace: &str) -> BTreeMap<String, usize> {
    let trace = parse(trace);
    // "JSON Object Format": traceEvents is required, displayTimeUnit is ms or ns.
    assert!(matches!(text(&trace, "displayTimeUnit"), "ms" | "ns"));
    let mut seen = Seen::default();
    let mut phases = BTreeMap::new();
    for event in array(&trace, "traceEvents") {
        one(event, &mut seen);
        *phases.entry(text(event, "ph").to_owned()).or_default() += 1;
    }
    whole(&seen);
    phases
}

/// "Event Descriptions": the fields that every event has, then those of its phase.
fn one(event: &Value, seen: &mut Seen) {
    let ph = text(event, "ph");
    assert!(!text(event, "name").is_empty(), "{event}");
    assert!(!text(event, "cat").is_empty(), "{event}");
    let thread = (number(event, "pid"), number(event, "tid"));
    let ts = i64::try_from(number(event, "ts")).expect("a time");
    let id = || (text(event, "cat").to_owned(), text(event, "id").to_owned());
    let has = |field: &str| event.get(field).is_some();
    assert_eq!(has("dur"), ph == "X", "{event}");
    assert_eq!(has("s"), ph == "i", "{event}");
    assert_eq!(
        has("id"),
        matches!(ph, "b" | "n" | "e" | "s" | "t" | "f"),
        "{event}"
    );
    if ph == "M" {
        // "Metadata Events": the name is one of a list, the value an argument.
        assert!(!text(&event["args"], "name").is_empty(), "{event}");
        match text(event, "name") {
            "process_name" => assert!(seen.processes.insert(thread.0), "named once: {event}"),
            "thread_name" => assert!(seen.threads.insert(thread), "named once: {event}"),
            other => panic!("metadata `{other}`"),
        }
        return;
    }
    assert!(seen.processes.contains(&thread.0), "not named: {event}");
    assert!(seen.threads.contains(&thread), "not named: {event}");
    match ph {
        // "Complete Events": a duration in microseconds.
        "X" => {
            let end = ts + i64::try_from(number(event, "dur")).expect("a duration");
            seen.slices.entry(thread).or_default().push((ts, end));
        }
        // "Instant Events": the scope is global, process or thread.
        "i" => assert!(matches!(text(event, "s"), "g" | "p" | "t"), "{event}"),
        // "Async Events": nestable ones are joined by category and id.
        "b" => {
            let span = seen.spans.entry(id()).or_default();
            assert_eq!(*span, (None, None), "an id is used once: {event}");
            span.0 = Some(ts);
        }
        "n" | "e" => {
            let span = seen.spans.get_mut(&id()).expect("a span that was begun");
            assert!(span.0 <= Some(ts) && span.1.is_none(), "{event}");
            if ph == "e" {
                span.1 = Some(ts);
            }
        }
        // "Flow Events": joined by category, name and id; `bp` of the end is `e` or absent.
        "s" | "t" | "f" => {
            assert!(ph == "f" || !has("bp"), "{event}");
            assert!(!has("bp") || text(event, "bp") == "e", "{event}");
            let (cat, id) = id();
            let key = [cat, text(event, "name").to_owned(), id];
            let point = (ph.to_owned(), thread, ts);
            seen.flows.entry(key).or_default().push(point);
        }
        other => panic!("phase `{other}`"),
    }
}

fn whole(seen: &Seen) {
    for (id, span) in &seen.spans {
        assert!(
            span.0 <= span.1 && span.1.is_some(),
            "{id:?} is ended: {span:?}"
        );
    }
    for (thread, slices) in &seen.slices {
        let mut slices = slices.clone();
        slices.sort_unstable_by_key(|&(begin, end)| (begin, -end));
        let mut open: Vec<i64> = Vec::new();
        for (begin, end) in slices {
            open.retain(|&other| other > begin);
            let inside = open.last().is_none_or(|&other| end <= other);
            assert!(inside, "slices of {thread:?} nest at {begin}");
            open.push(end);
        }
    }
    for (id, points) in &seen.flows {
        let phases: String = points.iter().map(|(ph, _, _)| ph.as_str()).collect();
        assert!(matches!(&*phases, "sf" | "stf"), "{id:?} is {phases}");
        assert!(points.windows(2).all(|pair| pair[0].2 < pair[1].2));
        for (_, thread, ts) in points {
            let slices = seen.slices.get(thread).map_or(&[][..], Vec::as_slice);
            // A push's slice and its call's enclose every point of a flow.
            let around = slices.iter().filter(|(b, e)| b <= ts && ts < e).count();
            assert_eq!(around, 2, "{id:?} binds to a call at {ts}");
        }
    }
}

/// Holds a trace against the JSON report: every call is in it, and every push.
pub(crate) fn assert_same(reconstruction: &Reconstruction) {
    let report = json(reconstruction);
    let trace = draw(reconstruction, "trace");
    assert_valid(&trace);
    let trace = parse(&trace);
    let events = array(&trace, "traceEvents");
    let with = |cat: &str, ph: &str| {
        let found = events
            .iter()
            .filter(move |event| event["cat"] == cat && event["ph"] == ph);
        found.count()
    };
    let pushes = array(&report, "sessions");
    assert_eq!(with("push", "X"), pushes.len());
    let shown: BTreeSet<String> = events
        .iter()
        .filter_map(|event| Some(event["args"].get("at")?.to_string()))
        .collect();
    let calls = pushes.iter().flat_map(|push| array(push, "events"));
    let calls = calls.chain(array(&report, "unplaced"));
    let expected: BTreeSet<String> = calls.map(|event| event["at"].to_string()).collect();
    assert_eq!(shown, expected);
}

#[test]
fn the_trace_keeps_the_rules_of_its_format() {
    let phases = assert_valid(&draw(&fixture::reconstruction(), "trace"));
    let used: Vec<&str> = phases.keys().map(String::as_str).collect();
    assert_eq!(used, ["M", "X", "b", "e", "f", "i", "n", "s", "t"]);
    assert_eq!(phases["b"], phases["e"]);
}

#[test]
fn the_trace_holds_every_call_of_the_json_report() {
    assert_same(&fixture::reconstruction());
    assert_same(&fixture::empty());
}

#[test]
fn the_rules_refuse_what_breaks_them() {
    let good = draw(&fixture::reconstruction(), "trace");
    for (from, to) in [
        ("\"ph\":\"e\"", "\"ph\":\"n\""),
        ("\"s\":\"t\"", "\"s\":\"x\""),
        ("\"name\":\"thread_name\"", "\"name\":\"thread\""),
        ("\"bp\":\"e\"", "\"bp\":\"b\""),
        ("\"ph\":\"s\"", "\"ph\":\"f\""),
    ] {
        assert!(good.contains(from), "{from}");
        let bad = good.replacen(from, to, 1);
        let refused = std::panic::catch_unwind(|| assert_valid(&bad));
        assert!(refused.is_err(), "{from} made {to}");
    }
}
