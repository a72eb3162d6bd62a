//! Logins, and calls that show too little of theirs (`lane.rs`, `nameless.rs`).

use super::{shows, shows_login};

#[test]
fn jobs_of_one_role_are_told_apart_by_their_keys() {
    let script = "
        0 ci - Upload aa\n0 ci.2 - Upload bb\n1 ci - Initiate u8\n1 ci.2 - Initiate u9
        2 ci - PutImage v1 config=cc layers=aa\n2 ci.2 - PutImage v2 config=cd layers=bb";
    shows(
        script,
        &["app complete v1: 5 calls", "app complete v2: 5 calls"],
    );
}

#[test]
fn call_that_shows_a_part_of_its_login_is_of_the_only_one_that_fits() {
    for hidden in [
        "/userIdentity/accessKeyId=null",
        "/userIdentity/sessionContext=null",
        "/userIdentity/accessKeyId=null /userIdentity/sessionContext=null",
    ] {
        let script = format!(
            "0 ci - Upload aa\n1 ci - Initiate u0 {hidden}\n2 ci - Upload cc
            3 ci - PutImage v1 config=cc layers=aa"
        );
        shows(&script, &["app complete v1: 8 calls"]);
    }
}

#[test]
fn call_that_shows_nothing_of_its_login_is_of_none_of_two() {
    let hidden = "/userIdentity/accessKeyId=null /userIdentity/sessionContext=null";
    let script = format!(
        "0 ci - Upload aa\n0 ci.2 - Upload bb\n1 ci - Initiate u0 {hidden}
        2 ci - PutImage v1 config=cc layers=aa\n2 ci.2 - PutImage v2 config=cd layers=bb"
    );
    let alone = "app incomplete nothing-sent: 1 call";
    let first = "app complete v1: 4 calls";
    shows(&script, &[first, "app complete v2: 4 calls", alone]);
}

#[test]
fn digest_outweighs_a_hidden_login() {
    let hidden = "/userIdentity/accessKeyId=null /userIdentity/sessionContext=null";
    let script = format!(
        "0 ci - Upload aa {hidden}\n0 ci.2 - Upload bb
        2 ci - PutImage v1 config=cc layers=aa\n2 ci.2 - PutImage v2 config=cd layers=bb"
    );
    shows(
        &script,
        &["app complete v1: 4 calls", "app complete v2: 4 calls"],
    );
}

#[test]
fn upload_over_a_change_of_keys_ties_both_logins() {
    let script = "
        0 ci - Upload aa\n1 ci - Initiate u1\n5 ci.2 - Part u1 0-999\n5 ci.2 - Complete u1 bb
        6 ci.2 - Initiate u2\n7 ci.2 - Upload cc
        8 ci.2 - PutImage v1 config=cc layers=aa,bb";
    shows(script, &["app complete v1: 11 calls"]);
}

#[test]
fn sign_in_over_a_change_of_keys_is_one_login() {
    let sign_in = "/userIdentity/sessionContext/signInSessionArn=\"arn:aws:signin:eu-central-1:123456789012:session/s1\"";
    let script = format!(
        "with ci {sign_in}\nwith ci.2 {sign_in}
        0 ci - Upload aa\n1 ci - Initiate u0\n2 ci.2 - Upload cc
        3 ci.2 - PutImage v1 config=cc layers=aa"
    );
    shows(&script, &["app complete v1: 8 calls"]);
}

#[test]
fn direct_calls_under_the_key_of_a_registry_client_are_another_run() {
    let script = "
        -5 ci - GetAuthorizationToken
        0 ci - Upload aa\n0 ci - Upload bb direct\n1 ci - Upload cc\n1 ci - Upload cd direct
        2 ci - PutImage v1 config=cc layers=aa\n2 ci - PutImage v2 config=cd layers=bb direct";
    let docker = "app complete v1: 7 calls, login -5";
    shows_login(script, &[docker, "app complete v2: 7 calls, no login"]);
}

#[test]
fn direct_check_inside_a_push_of_a_registry_client_is_none_of_it() {
    let script = "
        0 ci - Upload aa\n1 ci - Check aa direct\n2 ci - Upload cc
        3 ci - PutImage v1 config=cc layers=aa";
    shows(
        script,
        &["app complete v1: 7 calls", "app unchanged: 1 call"],
    );
}

/// A refused call that lost its parameters, and so does not name its repository.
const NAMELESS: &str = "!VpceAccessDenied /requestParameters=null";

#[test]
fn call_without_a_repository_is_of_the_only_one_that_its_login_used() {
    for at in [1, 60, 900] {
        let script = format!("repo other\n0 ci app Initiate u1\n{at} ci app Initiate - {NAMELESS}");
        let told = super::told(&script, super::Telling::Pushes);
        assert!(told.iter().all(|line| line.starts_with("app ")), "{told:?}");
    }
}

#[test]
fn call_without_a_repository_inside_a_push_is_the_pushs() {
    let script = format!(
        "0 ci - Upload aa\n1 ci - Initiate - {NAMELESS}\n2 ci - Upload cc
        3 ci - PutImage v1 config=cc layers=aa"
    );
    shows(&script, &["app complete v1: 8 calls"]);
}

#[test]
fn call_without_a_repository_is_of_none_of_two() {
    let script = format!(
        "repo other\n0 ci app Upload aa\n0 ci other Upload bb\n1 ci app Initiate - {NAMELESS}
        2 ci app PutImage v1 config=cc layers=aa\n2 ci other PutImage v1 config=cc layers=bb"
    );
    let alone = "- failed initiate-failed: 1 call";
    shows(
        &script,
        &[
            "app complete v1: 4 calls",
            "other complete v1: 4 calls",
            alone,
        ],
    );
}

#[test]
fn call_without_a_repository_is_of_none_beyond_the_window() {
    let script = format!("0 ci app Check aa\n901 ci app Initiate - {NAMELESS}");
    shows(
        &script,
        &["app unchanged: 1 call", "- failed initiate-failed: 1 call"],
    );
}

#[test]
fn run_of_another_program_than_the_registry_clients_asked_nothing_of_its() {
    // A question by the CLI is no question of the docker client that pushes under the same key.
    let script = "
        -60 ci - Initiate u0 direct\n0 ci - Upload cc\n1 ci - PutImage v1 config=cc layers=aa";
    let asked = "app incomplete nothing-sent: 1 call";
    shows(script, &[asked, "app complete v1: 4 calls"]);
}

#[test]
fn long_lived_key_of_a_user_is_a_whole_login() {
    let script = "
        who dev user\n0 dev - Upload aa direct\n1 dev - Initiate u0 direct\n2 dev - Upload cc direct
        3 dev - PutImage v1 config=cc layers=aa direct";
    shows(script, &["app complete v1: 8 calls"]);
}

#[test]
fn calls_without_a_repository_that_a_push_follows_are_its_tries() {
    let script = format!(
        "0 ci - Initiate - {NAMELESS}\n5 ci - Initiate - {NAMELESS}
        15 ci - Upload aa\n16 ci - PutImage v1 config=cc layers=aa"
    );
    shows(&script, &["app complete v1: 6 calls"]);
}

#[test]
fn key_renewed_between_two_uploads_is_still_one_run() {
    // With the new key the client sends what is left and asks for nothing that it has sent.
    let script = |at: u32| {
        format!(
            "0 ci - Check aa\n1 ci - Upload aa\n2 ci - Check bb\n2 ci - Upload bb
            {at} ci.2 - Check dd\n{at} ci.2 - Upload dd\n{at} ci.2 - Upload cc
            {at} ci.2 - PutImage v1 config=cc layers=aa,bb,dd"
        )
    };
    for at in [2, 10, 29] {
        shows(&script(at), &["app complete v1: 16 calls"]);
    }
    let left = "app incomplete no-put-image: 8 calls";
    shows(&script(30), &[left, "app complete v1: 8 calls"]);
}

#[test]
fn another_job_that_asks_for_what_was_sent_is_no_renewed_key() {
    let script = "
        0 ci - Check aa\n1 ci - Upload aa\n2 ci - Check bb\n2 ci - Upload bb
        10 ci.2 - Check aa,bb,dd\n10 ci.2 - Upload dd\n10 ci.2 - Upload cc
        11 ci.2 - PutImage v1 config=cc layers=aa,bb,dd";
    let left = "app incomplete no-put-image: 8 calls";
    shows(script, &[left, "app complete v1: 8 calls"]);
}

#[test]
fn another_principal_that_lists_what_was_sent_is_no_renewed_key() {
    let script = "
        who eve user\n0 ci - Check aa\n1 ci - Upload aa\n2 ci - Check bb\n2 ci - Upload bb
        3 eve - Upload cc\n4 eve - PutImage v1 config=cc layers=aa,bb";
    let left = "app incomplete no-put-image: 8 calls";
    shows(script, &[left, "app complete v1: 4 calls"]);
}

#[test]
fn key_renewed_where_no_reads_are_logged_shows_by_its_pause() {
    let script = |at: u32| {
        format!(
            "writes-only\n0 ci - Upload aa\n1 ci - Upload bb
            {at} ci.2 - Upload cc\n{at} ci.2 - PutImage v1 config=cc layers=aa,bb"
        )
    };
    shows(&script(7), &["app complete v1: 10 calls"]);
    let left = "app incomplete no-put-image: 6 calls";
    shows(&script(8), &[left, "app complete v1: 4 calls"]);
}

#[test]
fn refused_call_about_the_upload_of_another_login_joins_no_logins() {
    let script = |who: &str, outcome: &str| {
        format!(
            "who eve user\n0 ci - Initiate u1\n0 ci - Part u1 0-99\n1 {who} - Part u1 100-199{outcome}
            2 ci - Complete u1 aa\n2 ci - Upload cc\n3 ci - PutImage v1 config=cc layers=aa"
        )
    };
    let victim = "app complete v1: 7 calls";
    for who in ["ci.2", "eve"] {
        let refused = "app failed part-failed: 1 call";
        shows(&script(who, " !AccessDenied"), &[victim, refused]);
        // Accepted in the middle it is no key that was renewed either.
        let left = "app incomplete upload-abandoned: 1 call";
        shows(&script(who, ""), &[victim, left]);
    }
}

#[test]
fn call_without_a_repository_is_of_none_in_another_region() {
    let script =
        format!("region eu-west-1\nrepo far\n0 ci app Check aa\n1 ci far Initiate - {NAMELESS}");
    shows(
        &script,
        &["app unchanged: 1 call", "- failed initiate-failed: 1 call"],
    );
}

#[test]
fn call_about_an_upload_that_is_long_over_stands_for_itself() {
    let script = "
        0 ci - Initiate u1\n0 ci - Part u1 0-999\n0 ci - Complete u1 aa\n0 ci - Upload cc
        1 ci - PutImage v1 config=cc layers=aa
        901 ci - Part u1 0-99 !UploadNotFoundException";
    shows(
        script,
        &["app complete v1: 7 calls", "app failed part-failed: 1 call"],
    );
}
