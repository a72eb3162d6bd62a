//! What counts as a record, and what remains of a file with a defect.

use super::*;

/// Splits a text and lists what was found, one word or record on each line.
fn found(text: &[u8]) -> Vec<String> {
    let mut lines = Vec::new();
    split(text, &mut |piece| lines.push(line(text, piece)));
    lines
}

fn line(text: &[u8], piece: Piece<'_>) -> String {
    let show = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let at = |span: Span| show(&text[span.start..span.start + span.len]);
    match piece {
        Piece::Record {
            bytes,
            span,
            index,
            is_ascii,
        } => {
            assert!(!is_ascii || bytes.is_ascii());
            assert_eq!(bytes, &text[span.start..span.start + span.len]);
            format!("{index} {}", show(bytes))
        }
        Piece::Array(array) => format!("{array:?}"),
        Piece::NotAnObject { span, index } => format!("{index} not an object: {}", at(span)),
        Piece::TooLong { span, index } => format!("{index} too long: {}", span.start),
        Piece::Foreign { span, within, .. } => match within {
            Some(array) => format!("foreign in {array:?}: {}", at(span)),
            None => format!("foreign: {}", at(span)),
        },
        Piece::Text { span, .. } => format!("garbage: {}", at(span)),
        Piece::Break { at, record } => match record {
            Some((index, span)) => format!("{index} breaks at {at}, from {}", span.start),
            None => format!("breaks at {at}"),
        },
    }
}

/// Only the records.
fn records(text: &str) -> Vec<String> {
    let mut records = Vec::new();
    split(text.as_bytes(), &mut |piece| {
        if let Piece::Record { bytes, .. } = piece {
            records.push(String::from_utf8_lossy(bytes).into_owned());
        }
    });
    records
}

const A: &str = r#"{"x":1,"eventName":"A"}"#;
const B: &str = r#"{"eventID":"b","y":[{}]}"#;

#[test]
fn every_wrapper_gives_the_same_records() {
    let wrapped = format!(r#"{{"Records":[{A},{B}]}}"#);
    for text in [
        wrapped.clone(),
        format!("{{\r\n  \"Records\" : [\r\n    {A} ,\r\n    {B}\r\n  ]\r\n}}\r\n"),
        format!(r#"{{"a":"}}","b":{{"Records":[{{}}]}},"Records":[{A},{B}],"c":[1]}}"#),
        format!("[{A},{B}]"),
        format!("{A}\n{B}\n"),
        format!("{A},\n{B},\r\n"),
        format!("{A}{B}"),
        format!("\u{feff}{A}\r\n\u{feff}{B}\0\0\0"),
        format!(r#"{{"Records":[{A}]}}{{"Records":[{B}]}}"#),
        format!("{{\"Records\":[{A}]}}\n{B}\n"),
        format!(r#"[{{"Records":[{A}]}},[{B}]]"#),
        format!(r#"{{"Records":[{A}],"Records":[{B}]}}"#),
        format!(r#"{{"\u0052ecords":[{A},{B}]}}"#),
    ] {
        assert_eq!(records(&text), [A, B], "{text}");
    }
}

#[test]
fn what_a_caller_wrote_is_never_a_record() {
    let nested = r#"{"eventID":"a","requestParameters":{"Records":[{"eventName":"Fake"}],"eventName":"Fake",
        "text":"{\"Records\":[{\"eventName\":\"Fake\"}]}\\"}}"#;
    let text = format!(r#"{{"Records":[{nested}]}}"#);
    assert_eq!(records(&text), [nested]);
    let other =
        r#"{"detail":{"Records":[{"eventName":"Fake"}]},"s":"\"Records\":[{","n":{"eventID":1}}"#;
    assert_eq!(found(other.as_bytes()), [format!("foreign: {other}")]);
}

#[test]
fn records_of_any_kind_are_elements_of_records() {
    assert_eq!(
        found(br#"{"Records":[1,"a]",null,{},[{"eventID":1}]]}"#),
        [
            "Records",
            "0 not an object: 1",
            "1 not an object: \"a]\"",
            "2 not an object: null",
            "3 {}",
            "4 not an object: [{\"eventID\":1}]"
        ]
    );
    assert_eq!(found(br#"{"Records":[]}"#), ["Records"]);
    assert_eq!(
        found(br#"{"Records":null,"a":1}"#),
        [r#"foreign: {"Records":null,"a":1}"#]
    );
}

#[test]
fn other_arrays_hold_no_records_but_what_may_wrap_them() {
    for (name, array) in [
        ("Events", "Events"),
        ("logEvents", "LogEvents"),
        ("events", "LogEvents"),
    ] {
        let text = format!(r#"{{"a":1,"{name}":[{A}, 7,{B}],"b":[{{}}]}}"#);
        assert_eq!(
            found(text.as_bytes()),
            [
                array.to_owned(),
                format!("foreign in {array}: {A}"),
                "garbage: 7".to_owned(),
                format!("foreign in {array}: {B}")
            ]
        );
    }
}

#[test]
fn a_cut_keeps_what_precedes_it() {
    let whole = format!(r#"{{"Records":[{A},{B}]}}"#);
    let (first, second) = (12 + A.len(), 13 + A.len());
    for cut in 1..whole.len() {
        let text = &whole.as_bytes()[..cut];
        let mut expected = Vec::new();
        if cut >= 12 {
            expected.push("Records".to_owned());
        }
        if cut >= first {
            expected.push(format!("0 {A}"));
        }
        if cut >= second + B.len() {
            expected.push(format!("1 {B}"));
        }
        expected.push(match cut {
            _ if (13..first).contains(&cut) => format!("0 breaks at {cut}, from 12"),
            _ if cut > second && cut < second + B.len() => {
                format!("1 breaks at {cut}, from {second}")
            }
            _ => format!("breaks at {cut}"),
        });
        assert_eq!(found(text), expected, "cut at {cut}");
    }
}

#[test]
fn a_cut_line_costs_no_other_line() {
    for cut in 1..A.len() {
        let text = format!("{B}\n{}\n{A}\n{B}\n", &A[..cut]);
        let records = records(&text);
        assert_eq!(records, [B, A, B], "{text}");
        assert!(
            found(text.as_bytes())
                .iter()
                .any(|line| line.contains("breaks"))
        );
    }
}

#[test]
fn two_cut_lines_do_not_make_one_record() {
    let text =
        "{\"eventID\":\"a\n{\"eventID\":\"b\",\"c\":{}}\n{\"eventID\":\"d\n{\"eventID\":\"e\"}\n";
    assert_eq!(
        records(text),
        [r#"{"eventID":"b","c":{}}"#, r#"{"eventID":"e"}"#]
    );
}

#[test]
fn a_wrong_bracket_breaks_off() {
    let text = format!(r#"{{"Records":[{A}}},{B}]}}"#);
    let at = 12 + A.len();
    assert_eq!(
        found(text.as_bytes()),
        [
            "Records".to_owned(),
            format!("0 {A}"),
            format!("breaks at {at}")
        ]
    );
}

#[test]
fn what_follows_a_broken_object_on_its_line_is_not_used() {
    for text in [
        r#"{"eventID":"a","p":[{}}},{"eventID":"fake"}]}"#.to_owned(),
        format!(r#"{{"Records":[{A}{B}]}}"#),
        format!(r#"{{"Records":[{A},?{B}]}}"#),
    ] {
        let records = records(&text);
        assert_eq!(records.len(), 1, "{records:?}");
    }
}

#[test]
fn text_is_garbage_by_the_line() {
    assert_eq!(
        found(format!("# a {{\n{A}\nversion account\n").as_bytes()),
        [
            "garbage: # a {".to_owned(),
            format!("0 {A}"),
            "garbage: version account".to_owned()
        ]
    );
    assert_eq!(found(b"[1,2"), ["garbage: 1", "garbage: 2", "breaks at 4"]);
    assert_eq!(found(b""), [""; 0]);
}

#[test]
fn pieces_give_what_the_whole_gives() {
    let long = format!(r#"{{"eventID":"{}"}}"#, "x".repeat(300));
    for text in [
        format!(r#"{{"a":[1,{{}}],"Records":[{A},{long},3,{B}],"b":"c"}}"#),
        format!("{A}\n{long}\n{}\n{B}\n{A}\n", &long[..200]),
        format!("[{A},{B}]\u{feff}x\n{long}"),
        format!(r#"{{"Records":[{A},{long},{{"#),
        format!(r#"{{"Events":[{A},{{"x":{long}}},3,{{"#),
    ] {
        let text = text.as_bytes();
        let whole = found(text);
        for step in 1..80 {
            assert_eq!(
                found_in_pieces(text, step, usize::MAX),
                whole,
                "step {step}"
            );
        }
    }
}

#[test]
fn a_record_over_the_limit_costs_only_itself() {
    let long = format!(r#"{{"eventID":"{}","a":{{}}}}"#, "x\\\"".repeat(300));
    let text = format!(r#"{{"Records":[{A},{long},{B}]}}"#);
    let expected = [
        "Records".to_owned(),
        format!("0 {A}"),
        format!("1 too long: {}", 13 + A.len()),
        format!("2 {B}"),
    ];
    for step in 1..40 {
        assert_eq!(
            found_in_pieces(text.as_bytes(), step, 100),
            expected,
            "step {step}"
        );
    }
    let lines = format!("{A}\n{long}\n{B}\n");
    let found = found_in_pieces(lines.as_bytes(), 7, 100);
    assert_eq!(found.len(), 3, "{found:?}");
    assert_eq!(found[2], format!("2 {B}"));
}

#[test]
fn a_line_that_was_cut_costs_only_itself_over_the_limit_too() {
    let after = format!("{B}\n").repeat(20);
    for cut in [
        r#"{"eventID":"x"#,
        r#"{"eventID":"x","a":{"b":1,"#,
        r#"{"a":["#,
    ] {
        let text = format!("{A}\n{cut}\n{after}");
        let whole = found(text.as_bytes());
        let n_whole = whole.iter().filter(|line| line.ends_with(B)).count();
        assert_eq!(n_whole, 20, "{whole:?}");
        for step in 1..80 {
            let pieces = found_in_pieces(text.as_bytes(), step, 100);
            let n_found = pieces.iter().filter(|line| line.ends_with(B)).count();
            let n_breaks = pieces.iter().filter(|line| line.contains("break")).count();
            assert_eq!(
                (n_found, n_breaks),
                (20, 1),
                "{cut}, step {step}: {pieces:?}"
            );
        }
    }
}

/// Feeds a text in steps of `step` bytes, and gives up what is longer than `limit`.
fn found_in_pieces(text: &[u8], step: usize, limit: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut splitter = Splitter::default();
    let (mut done, mut end) = (0, 0);
    while end < text.len() {
        end = (end + step).min(text.len());
        let buffer = &text[done..end];
        let mut n_done = splitter.feed(buffer, &mut |piece| lines.push(line(text, piece)));
        if n_done == 0 && buffer.len() >= limit {
            n_done = splitter.give_up(buffer, &mut |piece| lines.push(line(text, piece)));
        }
        done += n_done;
    }
    splitter.finish(&text[done..], &mut |piece| lines.push(line(text, piece)));
    lines
}

#[test]
fn the_inside_of_a_damaged_record_in_an_array_is_no_record() {
    // Two quotes are missing, so what a caller wrote follows as a top-level object.
    for text in [
        format!("[x{{\"a\":1,\"request\":{B}}}]"),
        format!("[{A}:{B}]"),
        format!("[\"request\":{B}}}]"),
    ] {
        let records = records(&text);
        assert!(!records.contains(&B.to_owned()), "{text}: {records:?}");
    }
}

#[test]
fn a_line_after_one_that_was_cut_in_an_array_is_used() {
    let wrapped = |record: &str| format!("{{\"Records\":[{record}]}}");
    let text = format!("{}\n{{\"Records\":[{A}\n{}\n{A}", wrapped(A), wrapped(B));
    assert_eq!(records(&text), [A, A, B, A]);
}

#[test]
fn lines_that_were_cut_do_not_swallow_those_between_them() {
    // The first is cut inside a text; the last closes what it seems to have opened.
    let (cut, closing) = (r#"{"x":{"y":"z"#, r#""}}"#);
    let text = format!("{cut}\n{A}\n{B}\n{closing}\n{A}");
    assert_eq!(records(&text), [A, B, A]);
    let trap = format!(r#""}},"Records":[{B}]}}"#);
    let text = format!("{cut}\n{A}\n{trap}\n{A}");
    assert_eq!(records(&text), [A, A]);
}
