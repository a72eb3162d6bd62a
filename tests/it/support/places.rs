//! A report without the places at which records were read: they are other ones in an extract.
//!
//! In: a report in any format. Out: the same, without places if it is JSON. Never: any other difference hidden.

use serde_json::{Value, json};

/// What cannot be the same: where the record of an event, or of a conflict, was read.
pub(crate) fn without_places(report: &str) -> String {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(fields) => {
                fields.shift_remove("at");
                if fields.get("code") == Some(&json!("conflicting-duplicate")) {
                    fields.insert("file".to_owned(), Value::Null);
                    fields.insert("record".to_owned(), Value::Null);
                }
                fields.values_mut().for_each(strip);
            }
            Value::Array(items) => items.iter_mut().for_each(strip),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let stripped = |text: &str| {
        let mut value: Value = serde_json::from_str(text).expect("a report is JSON");
        strip(&mut value);
        value.to_string()
    };
    match report.starts_with("{\"type\"") {
        true => report.lines().map(stripped).collect::<Vec<_>>().join("\n"),
        false if report.starts_with("{\n") => stripped(report),
        false => report.to_owned(),
    }
}
