//! Fields found, and texts made safe to show.

use super::*;

const RECORD: &str = r#"{"a":{"b":[1,2]}, "time" : "noon","long":"0123456789"}"#;

fn labelled(excerpt: &Excerpt) -> &str {
    &excerpt.text[excerpt.label.start..excerpt.label.start + excerpt.label.len]
}

#[test]
fn a_field_is_found_by_its_members() {
    let text = |pointer: &[&str]| {
        locate(RECORD, pointer).map(|span| &RECORD[span.start..span.start + span.len])
    };
    assert_eq!(text(&["time"]), Some("\"noon\""));
    assert_eq!(text(&["a", "b"]), Some("[1,2]"));
    assert_eq!(text(&[]), Some(RECORD));
    assert_eq!(text(&["a", "c"]), None);
    assert_eq!(text(&["time", "c"]), None);
}

#[test]
fn an_excerpt_is_indented_and_labelled() {
    let excerpt = excerpt(r#"{"a":{"b":[1,2]},"time":"noon"}"#, &["time"]);
    let expected =
        "{\n  \"a\": {\n    \"b\": [\n      1,\n      2\n    ]\n  },\n  \"time\": \"noon\"\n}";
    assert_eq!(excerpt.text, expected);
    assert_eq!(labelled(&excerpt), "\"noon\"");
}

#[test]
fn the_last_member_that_is_there_is_labelled() {
    let excerpt = excerpt(r#"{"a":{"b":"c"}}"#, &["a", "b", "d"]);
    assert_eq!(labelled(&excerpt), "\"c\"");
    assert_eq!(labelled(&super::excerpt(r#"{"a":1}"#, &["z"])), "{");
}

#[test]
fn a_manifest_is_its_own_excerpt() {
    let record = r#"{"requestParameters":{"imageManifest":"{\"layers\":[],\"config\":{\"digest\":\"x\"}}"}}"#;
    let path = ["requestParameters", "imageManifest", "config", "digest"];
    let excerpt = excerpt(record, &path);
    assert!(
        excerpt.text.starts_with("{\n  \"layers\": []"),
        "{}",
        excerpt.text
    );
    assert_eq!(labelled(&excerpt), "\"x\"");
}

#[test]
fn long_things_are_cut_and_the_label_stays() {
    let many: Vec<String> = (0..5000)
        .map(|n| format!("\"k{n}\":\"{}\"", "ü".repeat(300)))
        .collect();
    let record = format!("{{{},\"z\":\"here\"}}", many.join(","));
    let excerpt = excerpt(&record, &["z"]);
    assert!(excerpt.text.len() <= MAX_BYTES, "{}", excerpt.text.len());
    assert_eq!(labelled(&excerpt), "\"here\"");
    let wide = "[".repeat(5).to_string() + &vec!["\"y\""; 9000].join(",") + &"]".repeat(5);
    let excerpt = super::excerpt(&format!("{{\"a\":{wide},\"b\":7}}"), &["b"]);
    assert_eq!(labelled(&excerpt), "7");
}

#[test]
fn nothing_in_an_excerpt_moves_the_cursor() {
    let excerpt = excerpt(
        "{\"a\":\"\\u001b[2J\\u202e\\u0000\\n\\u009b\",\"b\":1}",
        &["b"],
    );
    let is_safe = |c: char| c == '\n' || !c.is_control() && c != '\u{202e}';
    assert!(excerpt.text.chars().all(is_safe), "{}", excerpt.text);
    let raw = super::excerpt("{\"a\":\u{1b}[2J", &["b"]);
    assert!(raw.text.chars().all(is_safe), "{}", raw.text);
}
