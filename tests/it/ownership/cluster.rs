//! What no manifest lists: unfinished runs, and the begins of others (`cluster.rs`, `broken.rs`).

use super::{shows, shows_findings};

/// The rest of a push, from a second on.
fn push(at: u32) -> String {
    let end = at + 1;
    format!("{at} ci - Upload aa\n{end} ci - Upload cc\n{end} ci - PutImage v1 config=cc layers=aa")
}

#[test]
fn question_for_permission_is_of_the_push_within_the_hour() {
    for before in [20, 900, 3_540, 3_600] {
        let script = format!("-{before} ci - Initiate u0\n{}", push(0));
        shows(&script, &["app complete v1: 8 calls"]);
    }
    let script = format!("-3660 ci - Initiate u0\n{}", push(0));
    let asked = "app incomplete nothing-sent: 1 call";
    shows(&script, &[asked, "app complete v1: 7 calls"]);
}

#[test]
fn two_questions_are_both_of_the_push() {
    let script = format!("-1800 ci - Initiate u8\n-600 ci - Initiate u9\n{}", push(0));
    shows(&script, &["app complete v1: 9 calls"]);
}

#[test]
fn question_of_another_login_is_its_own() {
    let script = format!("-600 ci.2 - Initiate u0\n{}", push(0));
    let asked = "app incomplete nothing-sent: 1 call";
    shows(&script, &[asked, "app complete v1: 7 calls"]);
}

#[test]
fn question_of_a_login_that_cannot_be_told_is_its_own() {
    // Two logins are in view, and the question shows neither key nor creation date.
    let hidden = "/userIdentity/accessKeyId=null /userIdentity/sessionContext=null";
    let script = format!(
        "-600 ci - Initiate u0 {hidden}\n-1500 ci.2 - Check zz\n{}",
        push(0)
    );
    let asked = "app incomplete nothing-sent: 1 call";
    let other = "app unchanged: 1 call";
    shows(&script, &[other, asked, "app complete v1: 7 calls"]);
}

#[test]
fn question_that_no_push_follows_is_no_fault() {
    let asked = "app incomplete nothing-sent: 1 call";
    shows_findings("0 ci - Initiate u0", &[asked, "exit 0"]);
}

#[test]
fn lost_upload_is_begun_again_within_a_retry_wait() {
    for wait in [1, 5, 20, 27] {
        let script = format!("0 ci - Initiate u0\n0 ci - Part u0 0-99\n{}", push(wait));
        shows(&script, &["app complete v1: 9 calls"]);
    }
    let script = format!("0 ci - Initiate u0\n0 ci - Part u0 0-99\n{}", push(28));
    let lost = "app incomplete upload-abandoned: 2 calls";
    shows(&script, &[lost, "app complete v1: 7 calls"]);
}

/// So many uploads left open, and after 5 s so many begun at once by a run of two layers.
fn left_and_begun(n_left: usize) -> String {
    let left: Vec<String> = (0..n_left)
        .map(|at| format!("0 ci - Initiate l{at}\n0 ci - Part l{at} 0-99\n"))
        .collect();
    let rest = "
        5 ci - Initiate u1\n5 ci - Initiate u2\n6 ci - Part u1 0-999\n6 ci - Part u2 0-999
        7 ci - Complete u1 aa\n7 ci - Complete u2 bb\n8 ci - Upload cc
        9 ci - PutImage v1 config=cc layers=aa,bb";
    left.concat() + rest
}

#[test]
fn client_that_tries_again_begins_no_more_than_it_left() {
    for (n_left, calls) in [(2, 14), (3, 16)] {
        let push = format!("app complete v1: {calls} calls");
        shows(&left_and_begun(n_left), &[&push]);
    }
}

#[test]
fn client_that_begins_with_more_than_was_left_begins_anew() {
    let left = "app incomplete upload-abandoned: 2 calls";
    shows(&left_and_begun(1), &[left, "app complete v1: 10 calls"]);
}

#[test]
fn open_upload_beside_a_finished_one_is_of_the_run_that_goes_on() {
    for wait in [5, 20] {
        let script = format!(
            "0 ci - Upload bb\n0 ci - Initiate u0\n0 ci - Part u0 0-99
            {wait} ci - Upload aa\n{wait} ci - Upload cc
            {wait} ci - PutImage v1 config=cc layers=aa,bb"
        );
        shows(&script, &["app complete v1: 12 calls"]);
    }
}

#[test]
fn slow_upload_lost_and_begun_again_is_one_push_without_reads() {
    let script = "
        writes-only
        0 ci - Upload bb\n0 ci - Initiate u0\n26 ci - Part u0 0-99
        33 ci - Upload aa\n34 ci - Upload cc\n35 ci - PutImage v1 config=cc layers=aa,bb";
    shows(script, &["app complete v1: 12 calls"]);
}

#[test]
fn lost_upload_is_checked_again_before_each_try_within_seconds() {
    let script = |wait: u32| {
        format!(
            "0 ci - Check aa\n0 ci - Initiate u0\n0 ci - Part u0 0-99
            {wait} ci - Check aa\n{}",
            push(wait)
        )
    };
    for wait in [1, 3, 6] {
        shows(&script(wait), &["app complete v1: 11 calls"]);
    }
    for wait in [7, 20] {
        let lost = "app incomplete upload-abandoned: 3 calls";
        shows(&script(wait), &[lost, "app complete v1: 8 calls"]);
    }
}

/// Five layers that a client asks for at some seconds, refused each time; with the checks before.
fn refused(code: &str, at: &[u32], checks: bool) -> String {
    let mut script = String::new();
    for second in at {
        for layer in ["l1", "l2", "l3", "l4", "l5"] {
            if checks {
                script += &format!("{second} ci - Check {layer}\n");
            }
            script += &format!("{second} ci - Initiate - !{code}\n");
        }
    }
    script
}

const CODES: [&str; 4] = [
    "AccessDenied",
    "RepositoryNotFoundException",
    "KmsException",
    "ServerException",
];

#[test]
fn layers_refused_and_tried_again_are_one_failed_push() {
    for code in CODES {
        for at in [[0, 5, 15, 30, 50], [0, 6, 19, 39, 66], [0, 4, 11, 22, 36]] {
            let push = "app failed initiate-failed: 25 calls";
            shows(&refused(code, &at, false), &[push]);
        }
    }
}

#[test]
fn layers_refused_and_checked_before_each_try_are_one_failed_push() {
    for code in CODES {
        for at in [[0, 1, 3, 7], [0, 1, 4, 9]] {
            let push = "app failed initiate-failed: 40 calls";
            shows(&refused(code, &at, true), &[push]);
        }
    }
}

#[test]
fn runs_that_fail_alike_minutes_apart_stay_two() {
    let push = "app failed initiate-failed: 25 calls";
    for later in [78, 200, 600] {
        let at = [0, 5, 15, 30, 50];
        let script =
            refused(CODES[0], &at, false) + &refused(CODES[0], &at.map(|at| at + later), false);
        shows(&script, &[push, push]);
    }
}

#[test]
fn repository_made_while_the_client_waits_gives_one_complete_push() {
    for (at, calls) in [(15, 17), (13, 17)] {
        let script = format!(
            "who admin user\n{}7 admin - CreateRepository\n{}",
            refused("RepositoryNotFoundException", &[0, 5], false),
            push(at)
        );
        shows(&script, &[&format!("app complete v1: {calls} calls")]);
    }
}

#[test]
fn run_that_puts_nothing_stays_one_while_it_is_at_work() {
    let script = "0 ci - Upload aa\n2 ci - Upload bb\n4 ci - Upload cc";
    shows(script, &["app incomplete no-put-image: 9 calls"]);
}

#[test]
fn finished_uploads_an_idle_pause_apart_are_two_unfinished_runs() {
    let script = "0 ci - Upload aa\n3 ci - Upload bb";
    let push = "app incomplete no-put-image: 3 calls";
    shows(script, &[push, push]);
}

#[test]
fn work_at_once_after_an_image_by_digest_is_the_rest_of_its_run() {
    let script = |at: u32| {
        format!("0 ci - Upload aa\n1 ci - PutImage - config=ca layers=aa\n{at} ci - Upload bb")
    };
    for at in [1, 3] {
        shows(&script(at), &["app incomplete index-missing: 7 calls"]);
    }
    let alone = "app incomplete no-put-image: 3 calls";
    shows(&script(4), &["app complete: 4 calls", alone]);
}

#[test]
fn layer_lost_again_and_again_is_one_push() {
    // Docker waits longer each time; where no reads are logged nothing else shows that it is the same run.
    let script = "
        writes-only\n0 ci - Upload bb\n0 ci - Initiate u1\n0 ci - Part u1 0-99
        5 ci - Initiate u2\n5 ci - Part u2 0-99\n15 ci - Initiate u3\n15 ci - Part u3 0-99
        30 ci - Initiate u4\n30 ci - Part u4 0-99
        50 ci - Upload aa\n51 ci - Upload cc\n52 ci - PutImage v1 config=cc layers=aa,bb";
    shows(script, &["app complete v1: 18 calls"]);
}

#[test]
fn layer_refused_again_and_again_is_one_push() {
    let script = "
        0 ci - Upload bb\n0 ci - Check bb\n0 ci - Initiate - !ServerException
        5 ci - Initiate - !ServerException\n15 ci - Initiate - !ServerException
        30 ci - Initiate - !ServerException\n50 ci - Upload aa\n50 ci - Check aa
        51 ci - Upload cc\n52 ci - PutImage v1 config=cc layers=aa,bb";
    shows(script, &["app complete v1: 16 calls"]);
}

#[test]
fn refused_begin_after_a_push_is_of_the_next() {
    let script = "
        0 ci - Upload aa\n1 ci - Upload c1\n2 ci - PutImage v1 config=c1 layers=aa
        3 ci - Initiate - !ServerException\n8 ci - Upload bb\n9 ci - Upload c2
        10 ci - PutImage v2 config=c2 layers=bb";
    shows(
        script,
        &["app complete v1: 7 calls", "app complete v2: 8 calls"],
    );
}

#[test]
fn question_before_a_push_that_is_refused_is_of_it() {
    let script = "
        -600 ci - Initiate u0\n0 ci - Upload aa
        1 ci - PutImage v1 config=cc layers=aa !AccessDenied";
    shows(script, &["app failed put-image-failed: 5 calls"]);
}

#[test]
fn unfinished_run_goes_on_with_no_more_uploads_than_it_left() {
    let left = "0 ci - Initiate u1\n0 ci - Part u1 0-99\n";
    let again = format!("{left}5 ci - Initiate u2\n5 ci - Part u2 0-99");
    shows(&again, &["app incomplete upload-abandoned: 4 calls"]);
    let anew = format!("{again}\n5 ci - Initiate u3\n5 ci - Part u3 0-99");
    let first = "app incomplete upload-abandoned: 2 calls";
    shows(&anew, &[first, "app incomplete upload-abandoned: 4 calls"]);
}

#[test]
fn three_uploads_asked_for_at_once_are_no_question() {
    let script = format!(
        "-600 ci - Initiate u1\n-600 ci - Initiate u2\n-600 ci - Initiate u3\n{}",
        push(0)
    );
    let left = "app incomplete upload-abandoned: 3 calls";
    shows(&script, &[left, "app complete v1: 7 calls"]);
}
