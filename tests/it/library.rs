//! The library, used as its documentation says, gives what the program prints.

use reconstruct::{Format, Input, Options, Style, reconstruct};
use serde_json::Value;

use crate::support::run::{project, run};

/// The report of the sample in one format, by the library alone.
fn written(format: &str) -> String {
    let sample = Input::Path(project("testdata/sample"));
    let pushes = reconstruct(&[sample], &Options::default()).expect("the sample is there");
    let format = Format::find(format).expect("a format");
    let mut out = Vec::new();
    let done = format
        .renderer
        .render(&pushes.report(), &Style::default(), &mut out);
    done.expect("a vector takes all");
    String::from_utf8(out).expect("reports are UTF-8")
}

fn printed(format: &str) -> String {
    let sample = project("testdata/sample").to_string_lossy().into_owned();
    run([sample.as_str(), "--format", format]).stdout
}

#[test]
fn default_options_are_those_of_the_program() {
    assert_eq!(written("text"), printed("text"));
    let parsed = |text: &str| -> Value { serde_json::from_str(text).expect("JSON") };
    let mut of_program = parsed(&printed("json"));
    // The exit status is the program's alone.
    of_program["options"] = Value::Null;
    assert!(parsed(&written("json")) == of_program, "the JSON differs");
}
