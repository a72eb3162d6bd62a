//! The login that a push used (`authorize.rs`).

use super::{shows, shows_login};

/// A push by `ci`, whose calls are edited.
fn push(edits: &str) -> String {
    format!(
        "0 ci - Upload aa {edits}\n0 ci - Upload cc {edits}
        1 ci - PutImage v1 config=cc layers=aa {edits}"
    )
}

/// What a docker client's calls show that come from its own address.
const DOCKER: &str = "/userAgent=docker/24.0.7 /sourceIPAddress=203.0.113.9";

#[test]
fn login_serves_for_twelve_hours() {
    let script = |before: u32| format!("-{before} ci - GetAuthorizationToken\n{}", push(""));
    shows_login(&script(43_200), &["app complete v1: 7 calls, login -43200"]);
    let none = "app complete v1: 7 calls, no login";
    shows_login(&script(43_201), &[none, "unplaced: 1 Login"]);
}

#[test]
fn login_after_the_push_began_is_none_of_its() {
    let script = format!("{}\n1 ci - GetAuthorizationToken", push(""));
    shows_login(
        &script,
        &["app complete v1: 7 calls, no login", "unplaced: 1 Login"],
    );
}

#[test]
fn latest_login_before_the_push_is_its() {
    let script = format!(
        "-600 ci - GetAuthorizationToken\n-30 ci - GetAuthorizationToken\n{}",
        push("")
    );
    shows_login(
        &script,
        &["app complete v1: 7 calls, login -30", "unplaced: 1 Login"],
    );
}

#[test]
fn login_with_another_key_is_none_of_its() {
    let script = format!("-30 ci.2 - GetAuthorizationToken\n{}", push(""));
    shows_login(
        &script,
        &["app complete v1: 7 calls, no login", "unplaced: 1 Login"],
    );
}

#[test]
fn registry_client_that_shows_its_address_keeps_its_login() {
    let script = format!("-30 ci - GetAuthorizationToken\n{}", push(DOCKER));
    shows_login(&script, &["app complete v1: 7 calls, login -30"]);
}

#[test]
fn unknown_program_used_the_login_of_its_own_address_only() {
    let unknown = |address: &str| format!("/userAgent=acme-sync/1.0 /sourceIPAddress={address}");
    let login = "-30 ci - GetAuthorizationToken /sourceIPAddress=203.0.113.9";
    let same = format!("{login}\n{}", push(&unknown("203.0.113.9")));
    shows_login(&same, &["app complete v1: 7 calls, login -30"]);
    let other = format!("{login}\n{}", push(&unknown("198.51.100.1")));
    shows_login(
        &other,
        &["app complete v1: 7 calls, no login", "unplaced: 1 Login"],
    );
}

#[test]
fn direct_calls_used_no_login() {
    let script = format!("-30 ci - GetAuthorizationToken\n{}", push("direct"));
    shows_login(
        &script,
        &["app complete v1: 7 calls, no login", "unplaced: 1 Login"],
    );
}

#[test]
fn login_in_the_region_of_the_push_comes_first() {
    let script = format!(
        "region us-east-1\nrepo far
        -5 ci app GetAuthorizationToken\n-2 ci far GetAuthorizationToken\n{}",
        push("")
    );
    shows_login(
        &script,
        &["app complete v1: 7 calls, login -5", "unplaced: 1 Login"],
    );
}

#[test]
fn login_in_another_region_serves_where_there_is_no_other() {
    let script = format!(
        "region us-east-1\nrepo far\n-2 ci far GetAuthorizationToken\n{}",
        push("")
    );
    shows_login(&script, &["app complete v1: 7 calls, login -2"]);
}

#[test]
fn refused_login_serves_nobody() {
    let script = format!("-2 ci - GetAuthorizationToken !AccessDenied\n{}", push(""));
    shows_login(
        &script,
        &["app complete v1: 7 calls, no login", "unplaced: 1 Login"],
    );
}

#[test]
fn login_of_a_user_is_that_of_the_second_of_its_key() {
    let script = "
        who dev user\n-600 dev - GetAuthorizationToken\n0 dev - Upload cc
        1 dev - PutImage v1 config=cc layers=aa";
    shows_login(script, &["app complete v1: 4 calls, login -600"]);
}

#[test]
fn one_login_serves_two_pushes() {
    let script = format!(
        "-30 ci - GetAuthorizationToken\n{}\n60 ci - PutImage v2 config=cd layers=aa",
        push("")
    );
    let second = "app complete v2: 1 call, login -90";
    shows_login(&script, &["app complete v1: 7 calls, login -30", second]);
}

#[test]
fn login_that_no_push_used_is_no_push() {
    shows("0 ci - GetAuthorizationToken", &["unplaced: 1 Login"]);
}
