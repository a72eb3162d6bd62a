//! What an earlier, dead run left (`cut.rs`), and how long pauses may be.

use super::shows;

/// Killed with one layer finished and one open; then, so much later, run again.
fn killed_and_run_again(pause: u32) -> String {
    let (at, end) = (pause, pause + 1);
    format!(
        "0 ci - Check aa,bb,cc\n0 ci - Upload aa\n0 ci - Initiate u1\n0 ci - Part u1 0-99
        {at} ci - Check aa,bb,cc\n{at} ci - Upload bb\n{at} ci - Upload cc
        {end} ci - PutImage v1 config=cc layers=aa,bb"
    )
}

#[test]
fn checks_of_a_finished_layer_after_a_pause_are_a_new_run() {
    for pause in [3, 5, 27, 28, 60, 900, 3_000] {
        let killed = "app incomplete upload-abandoned: 6 calls";
        let again = "app complete v1: 8 calls";
        shows(&killed_and_run_again(pause), &[killed, again]);
    }
}

#[test]
fn checks_of_a_finished_layer_without_a_pause_go_on() {
    for pause in [1, 2] {
        shows(&killed_and_run_again(pause), &["app complete v1: 14 calls"]);
    }
}

#[test]
fn finished_layer_sent_again_after_a_pause_is_a_new_run() {
    for pause in [3, 20, 600] {
        let script = format!(
            "0 ci - Check aa\n0 ci - Upload aa
            {pause} ci - Upload aa\n{pause} ci - Upload cc
            {pause} ci - PutImage v1 config=cc layers=aa"
        );
        let killed = "app incomplete no-put-image: 4 calls";
        shows(&script, &[killed, "app complete v1: 7 calls"]);
    }
}

#[test]
fn layer_is_checked_once_after_its_own_end() {
    let script = "
        0 ci - Upload aa\n2 ci - Check aa\n4 ci - Upload cc\n6 ci - Check cc
        7 ci - PutImage v1 config=cc layers=aa";
    shows(script, &["app complete v1: 9 calls"]);
}

#[test]
fn pause_before_the_put_parts_nothing() {
    for pause in [2, 3, 10, 60, 61, 600] {
        let script = format!(
            "0 ci - Check aa,cc\n0 ci - Upload aa\n0 ci - Upload cc
            {pause} ci - PutImage v1 config=cc layers=aa"
        );
        shows(&script, &["app complete v1: 8 calls"]);
    }
}

#[test]
fn pause_between_uploads_parts_nothing() {
    for pause in [3, 10, 61, 600] {
        let script = format!(
            "0 ci - Check aa,cc\n0 ci - Upload aa\n{pause} ci - Upload cc
            {pause} ci - PutImage v1 config=cc layers=aa"
        );
        shows(&script, &["app complete v1: 8 calls"]);
    }
}

#[test]
fn without_checks_in_the_log_a_minute_of_silence_parts_runs() {
    let script = |pause: u32| {
        format!("0 ci - Upload aa\n0 ci - Upload cc\n{pause} ci - PutImage v1 config=cc layers=aa")
    };
    for pause in [3, 10, 60] {
        shows(&script(pause), &["app complete v1: 7 calls"]);
    }
    let killed = "app incomplete no-put-image: 6 calls";
    shows(&script(61), &[killed, "app complete v1: 1 call"]);
}

#[test]
fn checks_more_than_a_minute_before_all_else_are_a_run_of_their_own() {
    let script = |pause: u32| {
        format!(
            "0 ci - Check aa,cc\n{pause} ci - Upload cc\n{pause} ci - PutImage v1 config=cc layers=aa"
        )
    };
    shows(&script(60), &["app complete v1: 5 calls"]);
    shows(
        &script(61),
        &["app unchanged: 1 call", "app complete v1: 4 calls"],
    );
}

#[test]
fn pause_after_the_first_granted_put_parts_nothing() {
    // The second tag is looked for two seconds after the first was put, three after the last upload.
    let script = "
        0 ci - Upload aa\n1 ci - Upload cc\n2 ci - PutImage v1 config=cc layers=aa as=img
        4 ci - Check aa,cc\n4 ci - PutImage latest manifest=img";
    shows(script, &["app complete latest,v1: 9 calls"]);
}

#[test]
fn refused_layer_is_sent_again_inside_the_run() {
    for pause in [1, 5, 20, 27] {
        let script = format!(
            "0 ci - Upload bb\n0 ci - Check bb
            0 ci - Initiate u1\n0 ci - Part u1 0-99\n0 ci - Complete u1 aa !ServerException
            {pause} ci - Upload aa\n{pause} ci - Upload cc
            {pause} ci - PutImage v1 config=cc layers=aa,bb"
        );
        shows(&script, &["app complete v1: 14 calls"]);
    }
}

#[test]
fn refused_layer_sent_again_too_late_is_a_new_run() {
    for pause in [28, 300] {
        let script = format!(
            "0 ci - Upload bb\n0 ci - Check bb
            0 ci - Initiate u1\n0 ci - Part u1 0-99\n0 ci - Complete u1 aa !ServerException
            {pause} ci - Upload aa\n{pause} ci - Upload cc
            {pause} ci - PutImage v1 config=cc layers=aa,bb"
        );
        let failed = "app failed complete-failed: 7 calls";
        shows(&script, &[failed, "app complete v1: 7 calls"]);
    }
}

#[test]
fn open_upload_excuses_silence() {
    // Nothing is logged for seven minutes but the end of a layer that was under way.
    let script = "
        0 ci - Upload aa\n0 ci - Initiate u1\n0 ci - Part u1 0-999
        420 ci - Complete u1 bb\n420 ci - Upload cc
        421 ci - PutImage v1 config=cc layers=aa,bb";
    shows(script, &["app complete v1: 10 calls"]);
}

#[test]
fn upload_that_never_ends_excuses_silence_as_well() {
    // It sent its last byte after four minutes and was begun again at once; no checks are logged.
    let script = "
        0 ci - Upload aa\n0 ci - Initiate u1\n240 ci - Part u1 0-99
        250 ci - Upload bb\n250 ci - Upload cc
        251 ci - PutImage v1 config=cc layers=aa,bb";
    shows(script, &["app complete v1: 12 calls"]);
}

/// One layer refused and two left open, all begun in one second.
const REFUSED_AND_LEFT: &str = "
    0 ci - Check aa,bb,cc\n0 ci - Initiate - !ServerException
    0 ci - Initiate u1\n0 ci - Part u1 0-9\n0 ci - Initiate u2\n0 ci - Part u2 0-9\n";

#[test]
fn layers_left_beside_a_refused_one_and_begun_with_it_are_a_new_run() {
    // Where a client tries a refused layer again, it goes on with the others.
    let anew = "
        5 ci - Initiate u4\n5 ci - Initiate u5\n5 ci - Initiate u6
        6 ci - Part u4 0-9\n6 ci - Part u5 0-9\n6 ci - Part u6 0-9
        7 ci - Complete u4 aa\n7 ci - Complete u5 bb\n7 ci - Complete u6 cc
        8 ci - PutImage v1 config=cc layers=aa,bb";
    let failed = "app failed initiate-failed: 6 calls";
    shows(
        &format!("{REFUSED_AND_LEFT}{anew}"),
        &[failed, "app complete v1: 10 calls"],
    );
    let goes_on = "
        5 ci - Initiate u4\n6 ci - Part u4 0-9\n7 ci - Complete u4 aa
        7 ci - Complete u1 bb\n7 ci - Complete u2 cc
        8 ci - PutImage v1 config=cc layers=aa,bb";
    let push = "app complete v1: 12 calls";
    shows(&format!("{REFUSED_AND_LEFT}{goes_on}"), &[push]);
}

#[test]
fn all_asked_for_again_is_a_new_run_where_clocks_explain_the_pause() {
    // Two uploads end three seconds before they begin: such clocks make a pause of five seconds none.
    let clocks = "
        -600 ci.2 - Initiate s1\n-603 ci.2 - Complete s1 s1
        -600 ci.2 - Initiate s2\n-603 ci.2 - Complete s2 s2
        -600 ci.2 - PutImage old config=s1 layers=s2\n";
    let old = "app complete old: 5 calls";
    let killed = "0 ci - Check aa,bb\n0 ci - Upload aa\n1 ci - Upload bb\n";
    let all = format!("{clocks}{killed}5 ci - Check aa,bb\n6 ci - PutImage v1 config=bb layers=aa");
    let left = "app incomplete no-put-image: 7 calls";
    shows(&all, &[old, left, "app complete v1: 2 calls"]);
    let one = format!("{clocks}{killed}5 ci - Check aa\n6 ci - PutImage v1 config=bb layers=aa");
    shows(&one, &[old, "app complete v1: 9 calls"]);
}

/// An upload that is never ended and called last at a second, and the rest of the push later; the trail logs no reads.
fn open_until(last: u32, rest: u32) -> String {
    let sent = match last {
        0 => String::new(),
        last => format!("{last} ci - Part u1 0-99\n"),
    };
    format!(
        "writes-only\n0 ci - Upload aa\n0 ci - Initiate u1\n{sent}{rest} ci - Upload bb
        {rest} ci - Upload cc\n{rest} ci - PutImage v1 config=cc layers=aa,bb"
    )
}

#[test]
fn open_upload_excuses_silence_until_a_retry_wait_after_its_last_call() {
    shows(&open_until(240, 267), &["app complete v1: 12 calls"]);
    let left = "app incomplete upload-abandoned: 5 calls";
    shows(&open_until(240, 268), &[left, "app complete v1: 7 calls"]);
}

#[test]
fn open_upload_that_sent_nothing_excuses_silence_for_the_window() {
    shows(&open_until(0, 927), &["app complete v1: 11 calls"]);
    let left = "app incomplete upload-abandoned: 4 calls";
    shows(&open_until(0, 928), &[left, "app complete v1: 7 calls"]);
}

#[test]
fn uploads_begun_in_one_second_are_counted_by_how_the_client_began_before() {
    // One refused, two left open, all of one second: no client waits for one of them before the next.
    let anew = "
        5 ci - Upload aa\n5 ci - Upload bb\n5 ci - Upload cc\n6 ci - PutImage v1 config=cc layers=aa,bb";
    let failed = "app failed initiate-failed: 6 calls";
    shows(
        &format!("{REFUSED_AND_LEFT}{anew}"),
        &[failed, "app complete v1: 10 calls"],
    );
    // One refused alone: uploads of one second may follow one another.
    let one = "0 ci - Check aa,bb,cc\n0 ci - Upload aa\n1 ci - Initiate - !ServerException\n";
    let goes_on = "
        5 ci - Upload bb\n5 ci - Upload cc\n6 ci - PutImage v1 config=cc layers=aa,bb";
    shows(&format!("{one}{goes_on}"), &["app complete v1: 12 calls"]);
}
