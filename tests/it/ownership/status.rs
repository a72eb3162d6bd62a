//! The verdict (`status.rs`): the first rule that holds.

use super::{shows, shows_findings};

const SENT: &str = "0 ci - Upload aa\n0 ci - Upload cc\n";

#[test]
fn accepted_root_is_complete() {
    let script = format!("{SENT}1 ci - PutImage v1 config=cc layers=aa");
    shows(&script, &["app complete v1: 7 calls"]);
}

#[test]
fn image_or_layer_that_was_there_already_is_a_success() {
    let script = "
        0 ci - Initiate u1\n0 ci - Part u1 0-999\n0 ci - Complete u1 aa !LayerAlreadyExistsException
        1 ci - PutImage v1 config=cc layers=aa !ImageAlreadyExistsException";
    shows(script, &["app complete v1: 4 calls"]);
}

#[test]
fn accepted_root_is_complete_at_the_edge_of_the_log() {
    let script = format!("ends 2\n{SENT}1 ci - PutImage v1 config=cc layers=aa");
    let told = super::told(&script, super::Telling::Pushes);
    assert!(
        told.iter().all(|line| line.starts_with("app complete v1")),
        "{told:?}"
    );
}

#[test]
fn last_refusal_decides() {
    for (call, reason) in [
        ("1 ci - Check dd !AccessDenied", "check-failed: 7"),
        ("1 ci - Initiate - !AccessDenied", "initiate-failed: 7"),
        (
            "1 ci - PutImage v1 config=cc layers=aa !AccessDenied",
            "put-image-failed: 7",
        ),
    ] {
        let push = format!("app failed {reason} calls");
        shows(&format!("{SENT}{call}"), &[&push]);
    }
}

#[test]
fn refused_layer_that_was_sent_after_all_is_no_failure() {
    let script = "
        0 ci - Initiate u1\n0 ci - Part u1 0-9\n0 ci - Complete u1 aa !ServerException
        5 ci - Upload aa";
    shows(script, &["app incomplete no-put-image: 6 calls"]);
}

#[test]
fn checks_alone_are_unchanged() {
    shows(
        "0 ci - Check aa\n1 ci - Check bb",
        &["app unchanged: 2 calls"],
    );
}

#[test]
fn what_is_missing_first_names_the_reason() {
    shows(SENT, &["app incomplete no-put-image: 6 calls"]);
    let open = format!("{SENT}1 ci - Initiate u1\n1 ci - Part u1 0-9");
    shows(&open, &["app incomplete upload-abandoned: 8 calls"]);
    shows(
        "0 ci - Initiate u1",
        &["app incomplete nothing-sent: 1 call"],
    );
}

/// A refused put by another account: both accounts record it.
fn from_abroad(others: &str) -> String {
    format!(
        "account 210987654321\nwho partner role\n{others}
        0 partner app Upload aa\n1 partner app PutImage v1 config=cc layers=aa !AccessDenied"
    )
}

#[test]
fn log_of_the_registry_decides_where_the_callers_ends() {
    // The caller's log holds its own calls only, and so ends with the last of them.
    shows(&from_abroad(""), &["app failed put-image-failed: 4 calls"]);
}

#[test]
fn log_of_the_registry_decides_where_both_go_on() {
    shows(
        &from_abroad("repo theirs"),
        &["app failed put-image-failed: 4 calls"],
    );
}

#[test]
fn refusal_near_the_end_of_the_log_is_undetermined() {
    let refused = format!("{SENT}1 ci - PutImage v1 config=cc layers=aa !AccessDenied");
    let near = "app undetermined log-ends: 7 calls";
    shows(&format!("ends 700\n{refused}"), &[near]);
    let far = "app failed put-image-failed: 7 calls";
    shows(&format!("ends 3500\n{refused}"), &[far]);
}

#[test]
fn push_near_the_begin_of_the_log_is_undetermined() {
    let near = "app undetermined log-begins: 6 calls";
    shows(&format!("begins -300\n{SENT}"), &[near]);
    let far = "app incomplete no-put-image: 6 calls";
    shows(&format!("begins -3500\n{SENT}"), &[far]);
}

#[test]
fn what_was_refused_was_refused_whatever_is_missing_later() {
    // The caller makes the log busy, is refused, and falls silent: that looks like missing files.
    let busy: String = (0..100)
        .map(|n| format!("{} ci - Check aa\n", n * 55 - 6_000))
        .collect();
    let script = format!("{busy}0 ci - Initiate - !AccessDenied");
    let told = super::told(&script, super::Telling::Pushes);
    assert_eq!(
        told.last().map(String::as_str),
        Some("app failed initiate-failed: 1 call"),
        "{told:?}"
    );
}

#[test]
fn put_of_what_stands_makes_no_refused_overwrite_good() {
    let script = "
        who eve user\n-900 eve - PutImage v1 config=cc layers=aa as=old
        0 ci - Upload bb\n1 ci - PutImage v1 config=dd layers=bb !ImageTagAlreadyExistsException
        2 ci - PutImage v1 manifest=old !ImageAlreadyExistsException";
    let refused = "app failed put-image-failed: 5 calls";
    shows(script, &["app complete v1: 1 call", refused]);
}

#[test]
fn call_that_was_not_allowed_inside_a_complete_push_is_a_warning() {
    let script = |error: &str| {
        format!(
            "0 ci - Initiate - !{error}\n1 ci - Upload aa\n1 ci - Upload cc
            2 ci - PutImage v1 config=cc layers=aa"
        )
    };
    let denied = "app complete v1: 8 calls, warning overcome-refusal";
    shows_findings(&script("AccessDenied"), &[denied, "exit 0"]);
    shows_findings(
        &script("ServerException"),
        &["app complete v1: 8 calls", "exit 0"],
    );
}
