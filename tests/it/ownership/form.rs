//! Runs formed from their manifests (`form.rs`): repetitions, tags, formats, children.

use super::{shows, shows_findings};

/// One image, sent in seven calls with its put.
const IMAGE: &str =
    "0 ci - Upload aa\n0 ci - Upload cc\n1 ci - PutImage v1 config=cc layers=aa as=img\n";

#[test]
fn second_tag_at_once_is_of_the_same_push() {
    for at in [1, 2, 3] {
        let script = format!("{IMAGE}{at} ci - PutImage latest manifest=img");
        shows(&script, &["app complete latest,v1: 8 calls"]);
    }
}

#[test]
fn second_tag_after_an_idle_pause_is_a_push_of_its_own() {
    for at in [4, 30, 900] {
        let script = format!("{IMAGE}{at} ci - PutImage latest manifest=img");
        let retag = "app complete latest: 1 call";
        shows(&script, &["app complete v1: 7 calls", retag]);
    }
}

#[test]
fn second_tag_after_checks_is_of_the_same_push_without_an_idle_pause() {
    for at in [1, 2, 3] {
        let again = format!("{at} ci - Check aa,cc\n{at} ci - PutImage latest manifest=img");
        shows(
            &format!("{IMAGE}{again}"),
            &["app complete latest,v1: 9 calls"],
        );
    }
}

#[test]
fn loop_over_tags_leaves_the_layers_with_the_first() {
    for at in [4, 5, 6, 60, 2_000] {
        let again = format!("{at} ci - Check aa,cc\n{at} ci - PutImage latest manifest=img");
        let second = "app complete latest: 2 calls";
        shows(
            &format!("{IMAGE}{again}"),
            &["app complete v1: 7 calls", second],
        );
    }
}

#[test]
fn manifest_put_by_digest_is_named_within_seconds() {
    let put = "0 ci - Upload aa\n0 ci - Upload cc\n1 ci - PutImage - config=cc layers=aa as=img\n";
    for at in [2, 5, 7] {
        let script = format!("{put}{at} ci - PutImage v1 manifest=img");
        shows(&script, &["app complete v1: 8 calls"]);
    }
    for at in [8, 20] {
        let script = format!("{put}{at} ci - PutImage v1 manifest=img");
        shows(
            &script,
            &["app complete: 7 calls", "app complete v1: 1 call"],
        );
    }
}

#[test]
fn look_before_naming_leaves_no_patience() {
    let put = "0 ci - Upload aa\n0 ci - Upload cc\n1 ci - PutImage - config=cc layers=aa as=img\n";
    let script = format!("{put}5 ci - Check aa,cc\n5 ci - PutImage v1 manifest=img");
    shows(
        &script,
        &["app complete: 7 calls", "app complete v1: 2 calls"],
    );
}

#[test]
fn refused_tag_is_an_error_of_the_push_that_got_its_others() {
    let refused = "!ImageTagAlreadyExistsException";
    for (one, two, three, tags) in [
        (refused, "", "", "b,c"),
        ("", refused, "", "a,c"),
        ("", "", refused, "a,b"),
    ] {
        let script = format!(
            "0 ci - Upload aa\n0 ci - Upload cc
            1 ci - PutImage a config=cc layers=aa as=img {one}
            2 ci - PutImage b manifest=img {two}
            3 ci - PutImage c manifest=img {three}"
        );
        let push = format!("app complete {tags}: 9 calls, error immutable-tag");
        shows_findings(&script, &[&push, "exit 1"]);
    }
}

#[test]
fn refused_put_is_tried_again_inside_the_window() {
    let put = "0 ci - Check aa\n0 ci - Upload aa\n0 ci - Upload cc
        1 ci - PutImage v1 config=cc layers=aa as=img !ServerException\n";
    for at in [2, 6, 28, 901] {
        let script = format!("{put}{at} ci - PutImage v1 manifest=img");
        let push = "app complete v1: 9 calls, warning overcome-refusal";
        shows_findings(&script, &[push, "exit 0"]);
    }
    let script = format!("{put}902 ci - PutImage v1 manifest=img");
    let failed = "app failed put-image-failed: 8 calls";
    shows(&script, &[failed, "app complete v1: 1 call"]);
}

#[test]
fn checks_before_a_refused_put_is_tried_again_are_a_new_push() {
    let put = "0 ci - Upload aa\n1 ci - Upload cc
        1 ci - PutImage v1 config=cc layers=aa as=img !ServerException\n";
    let script =
        |at: u32| format!("{put}{at} ci - Check aa,cc\n{at} ci - PutImage v1 manifest=img");
    // At once they may be those for the client's next tag.
    shows(&script(3), &["app complete v1: 9 calls"]);
    let failed = "app failed put-image-failed: 7 calls";
    for at in [4, 6, 60] {
        shows(&script(at), &[failed, "app complete v1: 2 calls"]);
    }
}

#[test]
fn accepted_put_is_repeated_within_a_minute() {
    let put = format!("-1 ci - Check aa\n{IMAGE}");
    for at in [2, 30, 61] {
        let script = format!("{put}{at} ci - PutImage v1 manifest=img");
        shows(&script, &["app complete v1: 9 calls"]);
    }
    let script = format!("{put}62 ci - PutImage v1 manifest=img");
    shows(
        &script,
        &["app complete v1: 8 calls", "app complete v1: 1 call"],
    );
}

#[test]
fn without_checks_in_the_log_silence_parts_two_puts_sooner() {
    for refused in ["", "!ServerException"] {
        let put = format!("{} {refused}\n", IMAGE.trim_end());
        let script = format!("{put}7 ci - PutImage v1 manifest=img");
        shows(&script, &["app complete v1: 8 calls"]);
    }
    let script = format!("{IMAGE}8 ci - PutImage v1 manifest=img");
    shows(
        &script,
        &["app complete v1: 7 calls", "app complete v1: 1 call"],
    );
}

#[test]
fn upload_between_two_puts_of_a_manifest_begins_a_new_push() {
    let script = format!("{IMAGE}2 ci - Upload aa\n3 ci - PutImage latest manifest=img");
    shows(
        &script,
        &["app complete v1: 7 calls", "app complete latest: 4 calls"],
    );
}

#[test]
fn two_uploads_of_a_layer_in_flight_at_once_are_two_jobs() {
    let script = "
        0 ci - Upload aa\n0 ci - Upload aa\n0 ci - Upload cc\n0 ci - Upload cc
        1 ci - PutImage v1 config=cc layers=aa as=img\n1 ci - PutImage v2 manifest=img";
    let jobs = ["app complete v1: 7 calls", "app complete v2: 7 calls"];
    shows(script, &jobs);
}

#[test]
fn older_format_put_at_once_after_a_refusal_is_of_the_same_push() {
    let put = "0 ci - Upload aa\n0 ci - Upload cc
        1 ci - PutImage v1 oci config=cc layers=aa !InvalidParameterException\n";
    for at in [1, 2, 3] {
        let script = format!("{put}{at} ci - PutImage v1 config=cc layers=aa");
        shows(&script, &["app complete v1: 8 calls"]);
    }
    let script = format!("{put}4 ci - PutImage v1 config=cc layers=aa");
    let failed = "app failed put-image-failed: 7 calls";
    shows(&script, &[failed, "app complete v1: 1 call"]);
}

#[test]
fn other_image_under_the_tag_is_a_push_of_its_own() {
    let script = format!("{IMAGE}2 ci - PutImage v1 config=dd layers=aa");
    shows(
        &script,
        &["app complete v1: 7 calls", "app complete v1: 1 call"],
    );
}

/// Two platforms put by digest.
const CHILDREN: &str = "
    0 ci - Upload aa\n0 ci - Upload bb
    1 ci - PutImage - config=ca layers=aa as=amd
    1 ci - PutImage - config=cb layers=bb as=arm\n";

#[test]
fn index_takes_the_children_put_just_before_it() {
    for at in [1, 2, 3] {
        let script = format!("{CHILDREN}{at} ci - PutImage v1 children=amd,arm");
        shows(&script, &["app complete v1: 9 calls"]);
    }
}

#[test]
fn index_after_an_idle_pause_leaves_its_children_as_they_were() {
    let script = format!("0 ci - Check aa,bb\n{CHILDREN}4 ci - PutImage v1 children=amd,arm");
    let children = "app incomplete index-missing: 9 calls";
    shows(&script, &[children, "app complete v1: 1 call"]);
}

#[test]
fn work_between_child_and_index_bridges_the_time() {
    let script = "
        0 ci - Upload aa\n1 ci - PutImage - config=ca layers=aa as=amd
        3 ci - Upload bb\n5 ci - PutImage - config=cb layers=bb as=arm
        7 ci - PutImage v1 children=amd,arm";
    shows(script, &["app complete v1: 9 calls"]);
}

#[test]
fn index_of_indexes_is_one_push() {
    let script = format!(
        "{CHILDREN}2 ci - PutImage - children=amd,arm as=both\n3 ci - PutImage v1 children=both"
    );
    shows(&script, &["app complete v1: 10 calls"]);
}

#[test]
fn child_with_a_tag_of_its_own_stands_for_itself() {
    let script = "
        0 ci - Upload aa\n1 ci - PutImage v1-amd config=ca layers=aa as=amd
        2 ci - PutImage v1 children=amd";
    shows(
        script,
        &["app complete v1-amd: 4 calls", "app complete v1: 1 call"],
    );
}

#[test]
fn child_of_another_login_stands_for_itself() {
    let script = "
        0 ci.2 - Upload aa\n1 ci.2 - PutImage - config=ca layers=aa as=amd
        2 ci - PutImage v1 children=amd";
    shows(
        script,
        &["app complete: 4 calls", "app complete v1: 1 call"],
    );
}

#[test]
fn children_without_their_index_are_one_unfinished_push() {
    for at in [1, 3] {
        let script = format!(
            "0 ci - PutImage - config=ca layers=aa\n1 ci - PutImage - config=cb layers=bb
            {at} ci - PutImage - config=cd layers=dd"
        );
        shows(&script, &["app incomplete index-missing: 3 calls"]);
    }
}

#[test]
fn images_put_by_digest_an_idle_pause_apart_are_whole() {
    let script = "0 ci - PutImage - config=ca layers=aa\n3 ci - PutImage - config=cb layers=bb";
    shows(script, &["app complete: 1 call", "app complete: 1 call"]);
}

#[test]
fn what_is_about_a_child_goes_with_it() {
    let script = format!("{CHILDREN}2 ci - PutImage - oci config=pp layers=ss subject=amd");
    shows(&script, &["app incomplete index-missing: 9 calls"]);
}

#[test]
fn one_image_by_digest_and_what_is_about_it_lack_no_index() {
    for at in [1, 2, 3] {
        let script = format!(
            "0 ci - Upload aa\n0 ci - Upload cc\n1 ci - PutImage - config=cc layers=aa as=img
            {at} ci - PutImage - oci config=pp layers=ss subject=img"
        );
        let image = "app complete: 7 calls";
        shows_findings(&script, &[image, "app complete: 1 call", "exit 0"]);
    }
}

#[test]
fn index_a_pause_after_its_children_is_theirs_where_no_checks_are_logged() {
    let script = |at: u32| format!("{CHILDREN}{at} ci - PutImage v1 children=amd,arm");
    for at in [4, 7] {
        shows(&script(at), &["app complete v1: 9 calls"]);
    }
    let left = "app incomplete index-missing: 8 calls";
    shows(&script(8), &[left, "app complete v1: 1 call"]);
}

#[test]
fn index_of_a_later_run_makes_its_children_good() {
    let index = format!("{CHILDREN}600 ci - PutImage v1 children=amd,arm");
    let left = "app incomplete index-missing: 8 calls, warning incomplete-push";
    shows_findings(&index, &[left, "app complete v1: 1 call", "exit 0"]);
    let other = format!("{CHILDREN}600 ci - PutImage v1 config=cc layers=ee");
    let left = "app incomplete index-missing: 8 calls, error incomplete-push";
    shows_findings(&other, &[left, "app complete v1: 1 call", "exit 1"]);
}

#[test]
fn image_by_digest_whose_client_asked_for_more_lacks_its_index() {
    let script = "0 ci - Check aa,cc,dd\n1 ci - PutImage - config=cc layers=aa";
    shows(script, &["app incomplete index-missing: 2 calls"]);
    let tagged = "0 ci - Check aa,cc,dd\n1 ci - PutImage v1 config=cc layers=aa";
    shows(tagged, &["app complete v1: 2 calls"]);
    let all = "0 ci - Check aa,cc\n1 ci - PutImage - config=cc layers=aa";
    shows(all, &["app complete: 2 calls"]);
}

#[test]
fn checks_of_digests_that_no_manifest_lists_say_nothing_of_an_index() {
    // Podman and buildah ask by the digests before compression.
    let script = "0 ci - Check xx\n0 ci - Check yy
        0 ci - Upload aa\n0 ci - Upload cc\n1 ci - PutImage - config=cc layers=aa";
    shows(script, &["app complete: 9 calls"]);
}

#[test]
fn clocks_that_differ_stretch_the_idle_pause() {
    // Two uploads that end two seconds before they begin bear witness, one does not.
    let put = |second: &str| {
        format!(
            "2 ci - Initiate u1\n0 ci - Complete u1 aa\n2 ci - Initiate u2\n{second} ci - Complete u2 cc
            3 ci - PutImage v1 config=cc layers=aa as=img"
        )
    };
    let skewed = |at: u32| format!("{}\n{at} ci - PutImage latest manifest=img", put("0"));
    shows(&skewed(7), &["app complete latest,v1: 6 calls"]);
    let apart = ["app complete v1: 5 calls", "app complete latest: 1 call"];
    shows(&skewed(8), &apart);
    let one = |at: u32| format!("{}\n{at} ci - PutImage latest manifest=img", put("2"));
    shows(&one(5), &["app complete latest,v1: 6 calls"]);
    shows(&one(6), &apart);
}

#[test]
fn index_under_two_tags_is_one_push() {
    let script = "
        0 ci - Upload aa\n1 ci - PutImage - config=ca layers=aa as=amd
        2 ci - PutImage v1 children=amd as=both\n3 ci - PutImage v2 manifest=both";
    shows(script, &["app complete v1,v2: 6 calls"]);
}

#[test]
fn refused_child_that_is_put_again_stays_in_its_index() {
    let script = "
        0 ci - Check aa\n0 ci - Upload aa
        1 ci - PutImage - config=ca layers=aa as=amd !ServerException
        6 ci - PutImage - manifest=amd\n7 ci - PutImage v1 children=amd";
    shows(script, &["app complete v1: 7 calls"]);
}

#[test]
fn refused_index_and_its_children_are_one_failed_push() {
    let script = format!("{CHILDREN}2 ci - PutImage v1 children=amd,arm !AccessDenied");
    shows(&script, &["app failed put-image-failed: 9 calls"]);
}

#[test]
fn same_manifest_of_another_login_is_a_push_of_its_own() {
    let script = format!("{IMAGE}2 ci.2 - PutImage latest manifest=img");
    shows(
        &script,
        &["app complete v1: 7 calls", "app complete latest: 1 call"],
    );
}

#[test]
fn put_of_what_stands_there_answers_a_refusal_within_a_retry_wait() {
    let script = |at: u32| {
        format!(
            "0 ci - Upload aa\n0 ci - Upload cc
            1 ci - PutImage v1 config=cc layers=aa !ServerException
            {at} ci - PutImage v1 config=dd layers=ee !ImageAlreadyExistsException"
        )
    };
    shows(&script(28), &["app failed put-image-failed: 8 calls"]);
    let failed = "app failed put-image-failed: 7 calls";
    shows(&script(29), &[failed, "app complete v1: 1 call"]);
}

#[test]
fn image_put_twice_by_digest_is_no_child() {
    let script = "0 ci - PutImage - config=ca layers=aa as=img\n1 ci - PutImage - manifest=img";
    shows(script, &["app complete: 2 calls"]);
}
