//! How sure it is that calls are one push, and which call is in doubt (`doubt.rs`).

use super::shows_confidence;

const PUSH: &str =
    "0 ci - Check aa\n0 ci - Upload aa\n0 ci - Upload cc\n1 ci - PutImage v1 config=cc layers=aa\n";

#[test]
fn push_of_ids_and_digests_is_proven() {
    shows_confidence(PUSH, &["app complete v1: 8 calls, proof"]);
}

#[test]
fn open_upload_in_a_push_may_be_all_that_another_run_left() {
    let script = format!("{PUSH}0 ci - Initiate u0");
    let push = "app complete v1: 9 calls, inference at Initiate 0";
    shows_confidence(&script, &[push]);
    let alone = "app incomplete nothing-sent: 1 call, proof";
    shows_confidence("0 ci - Initiate u0", &[alone]);
}

#[test]
fn push_after_one_that_its_login_left_may_have_taken_that_up() {
    let left = |what: &str, at: u32| {
        format!("{what}\n{at} ci - Check aa,ee\n{at} ci - PutImage v2 config=ee layers=aa")
    };
    let upload = "0 ci - Check aa\n0 ci - Upload aa";
    let alone = "app incomplete no-put-image: 4 calls, inference at Check 0";
    // What is in doubt is a call of the other.
    let near = "app complete v2: 2 calls, inference";
    let far = "app complete v2: 2 calls, proof";
    shows_confidence(&left(upload, 900), &[alone, near]);
    shows_confidence(&left(upload, 901), &[alone, far]);
}

#[test]
fn omitted_manifest_is_an_inference() {
    let script = "0 ci - Upload cc\n1 ci - PutImage v1 config=cc layers=aa omitted";
    shows_confidence(
        script,
        &["app undetermined field-omitted: 4 calls, inference at PutImage 1"],
    );
}

#[test]
fn pause_before_the_first_granted_put_is_an_inference() {
    let script = |at: u32| {
        format!("0 ci - Check cc\n1 ci - Upload cc\n{at} ci - PutImage v1 config=cc layers=aa")
    };
    shows_confidence(&script(3), &["app complete v1: 5 calls, proof"]);
    let paused = "app complete v1: 5 calls, inference at Check 0";
    shows_confidence(&script(4), &[paused]);
}

#[test]
fn pause_before_a_later_put_is_an_inference_too() {
    let script = format!("{PUSH}30 ci - PutImage v1 config=cc layers=aa");
    let push = "app complete v1: 9 calls, inference at Check 0";
    shows_confidence(&script, &[push]);
}

#[test]
fn image_by_digest_that_was_there_may_be_a_child() {
    let put = |tag: &str| {
        format!("0 ci - PutImage {tag} config=cc layers=aa !ImageAlreadyExistsException")
    };
    let child = "app complete: 1 call, inference at PutImage 0";
    shows_confidence(&put("-"), &[child]);
    shows_confidence(&put("v1"), &["app complete v1: 1 call, proof"]);
}

#[test]
fn uploads_that_nothing_was_put_of_may_be_of_two_runs() {
    let one = "0 ci - Upload aa";
    shows_confidence(one, &["app incomplete no-put-image: 3 calls, proof"]);
    let two = "0 ci - Upload aa\n1 ci - Upload bb";
    let push = "app incomplete no-put-image: 6 calls, inference at Complete 0";
    shows_confidence(two, &[push]);
}

#[test]
fn call_that_shows_no_login_is_a_hint() {
    let hidden = "/userIdentity/accessKeyId=null /userIdentity/sessionContext=null";
    let script = format!(
        "who dev role\n0 dev - Initiate u0 {hidden}\n0 dev - Upload cc {hidden}
        1 dev - PutImage v1 config=cc layers=aa {hidden}"
    );
    shows_confidence(&script, &["app complete v1: 5 calls, hint at Initiate 0"]);
}

#[test]
fn second_tag_is_proven_where_its_login_did_nothing_else() {
    let both = "0 ci - Upload aa\n1 ci - PutImage v1 config=cc layers=aa as=img\n2 ci - PutImage v2 manifest=img";
    shows_confidence(both, &["app complete v1,v2: 5 calls, proof"]);
    let beside = format!("{both}\n100 ci - PutImage x config=cx layers=ax");
    let push = "app complete v1,v2: 5 calls, inference at PutImage 2";
    shows_confidence(&beside, &[push, "app complete x: 1 call, proof"]);
}

#[test]
fn question_long_before_is_an_inference() {
    let script = "-600 ci - Initiate u0\n0 ci - Upload aa\n1 ci - PutImage v1 config=cc layers=aa";
    let push = "app complete v1: 5 calls, inference at Initiate 0";
    shows_confidence(script, &[push]);
}
