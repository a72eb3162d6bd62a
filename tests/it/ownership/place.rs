//! What a finished run contains (`place.rs`), and looks into other repositories (`probe.rs`).

use super::{shows, shows_findings};

#[test]
fn open_upload_inside_a_run_is_the_runs() {
    let script = "
        0 ci - Upload aa\n1 ci - Initiate u0\n2 ci - Upload cc
        3 ci - PutImage v1 config=cc layers=aa";
    shows(script, &["app complete v1: 8 calls"]);
}

#[test]
fn refused_begin_inside_a_run_is_the_runs() {
    let script = "
        0 ci - Upload aa\n1 ci - Initiate - !ServerException\n2 ci - Upload cc
        3 ci - PutImage v1 config=cc layers=aa";
    shows(script, &["app complete v1: 8 calls"]);
}

#[test]
fn finished_upload_that_no_manifest_lists_is_of_another_run() {
    let script = "
        0 ci - Upload aa\n1 ci - Check zz\n1 ci - Upload zz\n2 ci - Upload cc
        3 ci - PutImage v1 config=cc layers=aa";
    let other = "app incomplete no-put-image: 4 calls";
    shows(script, &["app complete v1: 7 calls", other]);
}

#[test]
fn call_of_another_login_inside_a_run_is_none_of_its() {
    let script = "
        0 ci - Upload aa\n1 ci.2 - Initiate u0\n2 ci - Upload cc
        3 ci - PutImage v1 config=cc layers=aa";
    let other = "app incomplete nothing-sent: 1 call";
    shows(script, &["app complete v1: 7 calls", other]);
}

#[test]
fn open_upload_between_two_runs_is_of_the_nearer() {
    let script = "
        0 ci - Upload c1\n0 ci - Upload c2\n9 ci - Upload aa\n10 ci - Initiate u0
        20 ci - PutImage v1 config=c1 layers=aa
        21 ci - PutImage v2 config=c2 layers=bb";
    shows(
        script,
        &["app complete v1: 8 calls", "app complete v2: 4 calls"],
    );
}

#[test]
fn omitted_manifest_takes_what_its_login_did_just_before() {
    let script = "
        0 ci - Upload aa\n2 ci - Upload cc\n4 ci - PutImage v1 config=cc layers=aa omitted";
    shows(script, &["app undetermined field-omitted: 7 calls"]);
    let parted = "
        0 ci - Upload aa\n3 ci - Upload cc\n4 ci - PutImage v1 config=cc layers=aa omitted";
    let before = "app incomplete no-put-image: 3 calls";
    let push = "app undetermined field-omitted: 4 calls";
    shows(parted, &[before, push]);
}

/// A push to `app` from 10 to 20 s, and checks of its layers elsewhere.
fn beside(checks: &str) -> String {
    format!(
        "repo base\nregion eu-west-1\nrepo far
        {checks}
        10 ci app Upload aa\n15 ci app Upload cc\n20 ci app PutImage v1 config=cc layers=aa"
    )
}

#[test]
fn look_before_a_mount_is_no_push() {
    for (at, answer) in [
        (7, ""),
        (15, ""),
        (23, ""),
        (15, "!AccessDenied"),
        (15, "!RepositoryNotFoundException"),
    ] {
        let script = beside(&format!(
            "{at} ci base Check aa {answer}\n{at} ci base Check cc {answer}"
        ));
        shows(&script, &["app complete v1: 7 calls", "unplaced: 2 Check"]);
    }
}

#[test]
fn refused_look_before_a_mount_is_no_alarm() {
    let script = beside("15 ci base Check aa !AccessDenied");
    shows_findings(
        &script,
        &["app complete v1: 7 calls", "unplaced: 1 Check", "exit 0"],
    );
}

#[test]
fn look_at_another_time_is_a_push_of_its_own() {
    let push = "app complete v1: 7 calls";
    let look = "base unchanged: 1 call";
    shows(&beside("6 ci base Check aa"), &[look, push]);
    shows(&beside("24 ci base Check aa"), &[push, look]);
}

#[test]
fn look_for_more_than_was_pushed_elsewhere_is_a_push_of_its_own() {
    let look = "base unchanged: 2 calls";
    let script = beside("15 ci base Check aa\n15 ci base Check zz");
    shows(&script, &["app complete v1: 7 calls", look]);
}

#[test]
fn look_in_another_region_is_a_push_of_its_own() {
    let look = "far unchanged: 1 call";
    shows(
        &beside("15 ci far Check aa"),
        &["app complete v1: 7 calls", look],
    );
}

#[test]
fn look_of_another_principal_is_a_push_of_its_own() {
    let look = "base unchanged: 1 call";
    let script = beside("who other role\n15 other base Check aa");
    shows(&script, &["app complete v1: 7 calls", look]);
}

#[test]
fn look_into_two_repositories_before_a_mount_is_no_push() {
    let script = format!(
        "repo other\n{}",
        beside("9 ci base Check aa\n9 ci other Check aa")
    );
    shows(&script, &["app complete v1: 7 calls", "unplaced: 2 Check"]);
}

#[test]
fn layer_that_was_mounted_is_looked_for_elsewhere_and_not_sent() {
    let script = "
        repo base\n0 ci base Check aa\n1 ci app Upload cc
        2 ci app PutImage v1 config=cc layers=aa";
    shows(script, &["app complete v1: 4 calls", "unplaced: 1 Check"]);
}

#[test]
fn open_upload_after_the_last_put_is_none_of_the_runs() {
    let script = "
        0 ci - Upload aa\n0 ci - Upload cc\n1 ci - PutImage v1 config=cc layers=aa
        2 ci - Initiate u0";
    let other = "app incomplete nothing-sent: 1 call";
    shows(script, &["app complete v1: 7 calls", other]);
}

#[test]
fn check_of_what_no_manifest_lists_is_of_the_run_around_it() {
    let script = "
        0 ci - Upload aa\n1 ci - Check xx\n2 ci - Upload cc
        3 ci - PutImage v1 config=cc layers=aa";
    shows(script, &["app complete v1: 8 calls"]);
}
