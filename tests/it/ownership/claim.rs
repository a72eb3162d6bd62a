//! Which run owns an upload or check that manifests list (`claim.rs`, `listing.rs`).

use super::{shows, shows_confidence};

#[test]
fn checks_are_of_the_put_that_lists_them() {
    for pause in [0, 2, 3, 10, 60] {
        let script = format!(
            "0 ci - Check aa\n0 ci - Check bb\n0 ci - Check cc
            {pause} ci - PutImage v1 config=cc layers=aa,bb"
        );
        shows(&script, &["app complete v1: 4 calls"]);
    }
}

#[test]
fn shared_layer_is_of_the_first_put_that_lists_it() {
    let script = "
        0 ci - Upload aa\n0 ci - Upload c1\n0 ci - Upload c2
        1 ci - PutImage v1 config=c1 layers=aa
        2 ci - PutImage v2 config=c2 layers=aa";
    shows(
        script,
        &["app complete v1: 7 calls", "app complete v2: 4 calls"],
    );
}

#[test]
fn shared_layer_is_of_a_later_put_where_it_was_sent_after_the_earlier() {
    let script = "
        0 ci - Upload c1\n1 ci - PutImage v1 config=c1 layers=aa
        2 ci - Upload aa\n2 ci - Upload c2\n3 ci - PutImage v2 config=c2 layers=aa";
    shows(
        script,
        &["app complete v1: 4 calls", "app complete v2: 7 calls"],
    );
}

#[test]
fn two_uploads_of_a_layer_are_of_two_pushes_that_list_it() {
    let script = "
        0 ci - Upload c1\n0 ci - Upload c2\n0 ci - Upload aa\n0 ci - Upload aa
        1 ci - PutImage v1 config=c1 layers=aa
        2 ci - PutImage v2 config=c2 layers=aa";
    shows(
        script,
        &["app complete v1: 7 calls", "app complete v2: 7 calls"],
    );
}

#[test]
fn second_upload_of_a_layer_is_of_the_later_run() {
    // Both jobs saw the layer missing: the earlier run began first, and each sent it.
    let script = "
        0 ci - Upload c1\n1 ci - Upload aa\n2 ci - Upload c2\n3 ci - Upload aa
        4 ci - PutImage v1 config=c1 layers=aa
        5 ci - PutImage v2 config=c2 layers=aa";
    shows(
        script,
        &["app complete v1: 7 calls", "app complete v2: 7 calls"],
    );
}

#[test]
fn upload_is_of_its_login_before_another() {
    let script = "
        0 ci - Upload c1\n0 ci.2 - Upload c2\n0 ci.2 - Upload aa
        1 ci - PutImage v1 config=c1 layers=aa
        2 ci.2 - PutImage v2 config=c2 layers=aa";
    shows(
        script,
        &["app complete v1: 4 calls", "app complete v2: 7 calls"],
    );
}

#[test]
fn layer_sent_twice_by_one_client_is_of_its_push() {
    // Image and cache, exported side by side: the later end finds the layer there.
    let script = "
        0 ci - Check aa\n0 ci - Check aa\n0 ci - Upload aa\n0 ci - Initiate u2\n0 ci - Part u2 0-999
        1 ci - Complete u2 aa !LayerAlreadyExistsException\n1 ci - Upload cc
        2 ci - PutImage v1 config=cc layers=aa";
    shows(script, &["app complete v1: 12 calls"]);
}

#[test]
fn end_logged_after_the_put_is_a_matter_of_clocks() {
    let script = |end: u32| {
        format!(
            "0 ci - Initiate u1\n1 ci - Part u1 0-999\n1 ci - Upload cc
            2 ci - PutImage v1 config=cc layers=aa\n{end} ci - Complete u1 aa"
        )
    };
    for end in [2, 3, 7] {
        shows(&script(end), &["app complete v1: 7 calls"]);
    }
    let alone = "app incomplete no-put-image: 3 calls";
    shows(&script(8), &[alone, "app complete v1: 4 calls"]);
}

#[test]
fn upload_begun_after_the_only_put_that_lists_it_is_none_of_its() {
    let script = "0 ci - Upload cc\n1 ci - PutImage v1 config=cc layers=aa\n2 ci - Upload aa";
    let alone = "app incomplete no-put-image: 3 calls";
    shows(script, &["app complete v1: 4 calls", alone]);
}

#[test]
fn check_after_the_put_is_a_look_of_its_own() {
    let script = "0 ci - Upload cc\n1 ci - PutImage v1 config=cc layers=aa\n2 ci - Check aa";
    shows(
        script,
        &["app complete v1: 4 calls", "app unchanged: 1 call"],
    );
}

#[test]
fn what_a_refused_manifest_lists_is_of_its_push() {
    let script = "
        0 ci - Upload aa\n0 ci - Upload cc
        1 ci - PutImage v1 config=cc layers=aa !AccessDenied";
    shows(script, &["app failed put-image-failed: 7 calls"]);
}

#[test]
fn index_that_lists_blobs_owns_their_uploads() {
    let listed = crate::support::simulate::content::digest_of("blob kk");
    let cache = format!(
        r#"{{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"{listed}","size":1000}}]}}"#
    );
    let cache = serde_json::to_string(&cache).expect("a text");
    let script = format!(
        "0 ci - Upload aa\n0 ci - Upload kk\n0 ci - Upload cc
        1 ci - PutImage latest config=cc layers=aa
        1 ci - PutImage buildcache config=cc layers= /requestParameters/imageManifest={cache} !InvalidParameterException"
    );
    let failed = "app failed put-image-failed: 4 calls";
    shows(&script, &["app complete latest: 7 calls", failed]);
}

#[test]
fn upload_that_two_pushes_could_own_is_proof_for_neither() {
    let script = "
        0 ci - Upload c1\n0 ci - Upload c2\n0 ci - Upload aa
        1 ci - PutImage v1 config=c1 layers=aa
        2 ci - PutImage v2 config=c2 layers=aa";
    let first = "app complete v1: 7 calls, inference at Complete 0";
    let second = "app complete v2: 4 calls, inference";
    shows_confidence(script, &[first, second]);
}

#[test]
fn push_beside_one_that_sent_the_shared_layer_is_told_apart_by_its_config() {
    // Each has a config of its own; the layer was sent between both, for the one that ends first.
    for gap in [1, 2, 5] {
        let (one, two) = (gap, 2 * gap);
        let script = format!(
            "0 ci - Upload c1\n0 ci - Upload c2\n{one} ci - Upload aa
            {two} ci - PutImage v1 config=c1 layers=aa
            30 ci - PutImage v2 config=c2 layers=aa"
        );
        let second = "app complete v2: 4 calls";
        shows(&script, &["app complete v1: 7 calls", second]);
    }
}

#[test]
fn upload_cut_off_goes_to_the_earlier_run_that_lists_it_and_just_ended() {
    // The end of the layer is logged a second after the put that it was for. The next run, at work by then, is cut
    // where it asks for the layer again.
    let script = "
        0 ci - Upload c1\n1 ci - Initiate u1\n1 ci - Part u1 0-999
        2 ci - PutImage v1 config=c1 layers=aa\n2 ci - Check c2\n3 ci - Complete u1 aa
        10 ci - Check aa,c2\n10 ci - Upload c2\n11 ci - PutImage v2 config=c2 layers=aa";
    let first = "app complete v1: 8 calls";
    shows(script, &[first, "app complete v2: 5 calls"]);
}
