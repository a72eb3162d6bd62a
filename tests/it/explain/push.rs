//! The page of a push: a line for each call, with its evidence; no doubt and no alternative left out.

use std::collections::BTreeMap;

use reconstruct::render::{self, Style};
use serde_json::Value;

use super::{is_kept, logs, on_sample, report};
use crate::fixture;

/// A push with a call that was refused and tried again.
const PUSHES: &str = "\
who ci role
repo team/app
noise 14:00 19:00 1800

16:42:14  ci  -  GetAuthorizationToken
16:42:15  ci  -  Check     aa,cc
16:42:15  ci  -  Initiate  u1
16:42:16  ci  -  Part      u1 0-5MiB
16:42:17  ci  -  Complete  u1 aa
16:42:17  ci  -  Initiate  u2
16:42:17  ci  -  Part      u2 0-2KiB
16:42:18  ci  -  Complete  u2 cc
16:42:18  ci  -  PutImage  v1 config=cc layers=aa !ThrottlingException
16:42:19  ci  -  PutImage  v1 config=cc layers=aa
";

#[test]
fn page_of_a_push_is_kept() {
    let page = on_sample(&["--explain", "0da9badcb941"]);
    assert_eq!((page.status, &*page.stderr), (0, ""));
    is_kept("push.txt", &page.stdout);
    let wide = on_sample(&["--explain", "6ee8455a", "--width", "120"]);
    is_kept("push-at-120-columns.txt", &wide.stdout);
    // A table for spreadsheets puts a `p` before it.
    for typed in ["0DA9BA", " 0da9badcb941 ", "p0da9badcb941"] {
        let begins = on_sample(&["--explain", typed]);
        assert_eq!(begins.stdout, page.stdout, "{typed}");
    }
}

#[test]
fn page_of_a_push_has_a_line_for_each_call_with_its_evidence() {
    let logs = logs(PUSHES);
    let report = report(&logs);
    let push = &report["sessions"][0];
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let page = logs.output(&["--explain", &text(&push["id"])]);
    let events = push["events"].as_array().expect("events");
    let numbers: BTreeMap<String, String> = events
        .iter()
        .zip(1..)
        .map(|(event, number)| (text(&event["event_id"]), format!("{number}")))
        .collect();
    let mut n_joined = 0;
    for event in events {
        let id = text(&event["event_id"]);
        let line = page.lines().find(|line| line.contains(&id[..8]));
        let line = line.unwrap_or_else(|| panic!("no line for {id}: {page}"));
        let because = &event["because"][0];
        let words: Vec<&str> = line.split_whitespace().collect();
        let is_marked = line.get(..2).is_some_and(|marks| marks.contains('?'));
        assert!(words.contains(&&*text(&event["action"])), "{line}");
        let is_failed = event["outcome"] == "failed";
        assert_eq!(line.starts_with('✗'), is_failed, "{line}");
        if let Some(evidence) = because["evidence"].as_str() {
            let strength = text(&because["strength"]);
            assert!(
                words.contains(&evidence) && words.contains(&&*strength),
                "{line}"
            );
            assert_eq!(is_marked, strength != "proof", "{line}");
        }
        if let Some(with) = because["with"].as_str() {
            n_joined += 1;
            assert_eq!(words.last(), Some(&&*numbers[with]), "{line}");
        }
    }
    assert!(n_joined > 5, "{n_joined}");
    assert!(page.contains("The push hangs on PutImage"), "{page}");
}

#[test]
fn page_of_a_push_names_every_other_push_and_login_considered() {
    let reconstruction = fixture::reconstruction();
    let report = reconstruction.report();
    for width in [40, 80, 120, 300] {
        let style = Style {
            width,
            ..Style::default()
        };
        let mut all = String::new();
        for position in 0..reconstruction.sessions.sessions.len() {
            let mut page = Vec::new();
            let drawn = render::grounds(&report.grounds(position), &style, &mut page);
            drawn.expect("a vector takes all");
            all.push_str(&String::from_utf8(page).expect("UTF-8"));
        }
        let one_line = all.split_whitespace().collect::<Vec<_>>().join(" ");
        let doubt = "could be of push c41d02aa93f7 too, by window (hint)";
        assert!(one_line.contains(doubt), "{all}");
        let is_safe = |c: char| c == '\n' || !c.is_control() && c != '\u{202e}';
        assert!(all.chars().all(is_safe), "{all:?}");
    }
    let logs = logs(
        "who ci role\nrepo team/app\nnoise 14:00 19:00 1800\n\
         16:30:00 ci - GetAuthorizationToken\n16:40:00 ci - GetAuthorizationToken\n\
         16:42:15 ci - Initiate u1\n16:42:16 ci - Part u1 0-5MiB\n16:42:17 ci - Complete u1 aa\n\
         16:42:18 ci - PutImage v1 config=aa layers=aa\n",
    );
    let report = self::report(&logs);
    let push = &report["sessions"][0];
    let page = logs.output(&["--explain", push["id"].as_str().expect("an id")]);
    let others = push["authorization"]["alternatives"]
        .as_array()
        .expect("others");
    assert_eq!(others.len(), 1, "{push}");
    let id = others[0].as_str().expect("an id");
    assert!(page.contains(&format!("  or     event {id}")), "{page}");
    assert!(page.contains("(hint, serves 1 push)"), "{page}");
}

#[test]
fn page_of_a_long_push_folds_calls_that_are_alike_and_verbose_shows_them() {
    let mut script = String::from("who ci role\nrepo team/app\nnoise 14:00 19:00 1800\n");
    script.push_str("16:42:14 ci - GetAuthorizationToken\n16:42:15 ci - Initiate u1\n");
    for part in 0..90 {
        let (first, last) = (part * 5, part * 5 + 5);
        script.push_str(&format!(
            "16:43:{:02} ci - Part u1 {first}MiB-{last}MiB\n",
            part % 60
        ));
    }
    script
        .push_str("16:44:59 ci - Complete u1 aa\n16:45:00 ci - PutImage v1 config=aa layers=aa\n");
    let logs = logs(&script);
    let report = report(&logs);
    let push = &report["sessions"][0];
    let n_events = push["events"].as_array().expect("events").len();
    assert!(n_events > 90, "{n_events}");
    let id = push["id"].as_str().expect("an id");
    let page = logs.output(&["--explain", id]);
    assert!(page.lines().count() < 48, "{page}");
    assert!(
        page.contains("more calls like this; --verbose shows each"),
        "{page}"
    );
    let all = logs.output(&["--explain", id, "--verbose"]);
    let n_lines = all
        .lines()
        .filter(|line| line.contains(" UploadLayerPart "))
        .count();
    assert_eq!(n_lines, 90, "{all}");
}

#[test]
fn page_of_a_push_is_redacted_too() {
    let page = on_sample(&["--explain", "0da9badcb941", "--redact"]).stdout;
    assert!(
        page.contains("0da9badcb941") && page.contains("repository-"),
        "{page}"
    );
    for name in ["shop/api", "github-shop", "3.2.0", "123456789012", "198.51"] {
        assert!(!page.contains(name), "{name}: {page}");
    }
}

#[test]
fn a_beginning_that_a_push_and_an_event_share_lists_both() {
    let with_login = |event: &str| {
        let login = format!("16:20:00 dana - GetAuthorizationToken /eventID=\"{event}\"\n");
        logs(&PUSHES.replace("\n\n", &format!("\nwho dana user\n\n{login}")))
    };
    let before = with_login("00000000-0000-4000-8000-000000000000");
    let push = report(&before)["sessions"][0]["id"].clone();
    let push = push.as_str().expect("an id");
    let begin = &push[..8];
    let event = format!("{begin}-0000-4000-8000-000000000000");
    let logs = with_login(&event);
    let both = logs.run(&["--explain", begin]);
    assert_eq!((both.status, &*both.stdout), (2, ""), "{}", both.stderr);
    let said = format!(
        "2 ids begin with `{begin}`\n\n  help: type more of it: event {event}, push {push}\n"
    );
    assert_eq!(both.stderr, format!("error: {said}"));
    let page = logs.output(&["--explain", push]);
    assert!(page.contains(&format!("push {push}\n")), "{page}");
    let page = logs.output(&["--explain", &event[..9]]);
    assert!(page.starts_with("GetAuthorizationToken  "), "{page}");
}
