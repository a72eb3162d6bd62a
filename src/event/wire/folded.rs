//! Members that exports write as a text that contains their JSON.
//!
//! Comes in: the text of a record. Goes out: the record with these members as objects and lists.
//! Never: a look into any other text; what a caller wrote stays unchanged.
//!
//! Tables and log pipelines without nested columns do this: Athena's `requestparameters STRING`
//! (Athena user guide, "Create a table for CloudTrail logs"), and whatever others make of its rows.

use serde_json::Value;

/// The members of a record that are objects or lists.
const NESTED: [&str; 7] = [
    "addendum",
    "requestParameters",
    "resources",
    "responseElements",
    "serviceEventDetails",
    "tlsDetails",
    "userIdentity",
];

/// The record with its folded members unfolded; `None` if there are none.
pub(in crate::event) fn unfold(text: &str) -> Option<String> {
    let mut record: Value = serde_json::from_str(text).ok()?;
    let mut is_folded = false;
    for name in NESTED {
        if let Some(member) = record.get_mut(name)
            && let Some(value) = member.as_str().and_then(unfolded)
        {
            *member = value;
            is_folded = true;
        }
    }
    is_folded.then(|| record.to_string())
}

/// The content of a text, if that is an object, a list or `null`.
fn unfolded(text: &str) -> Option<Value> {
    match text.trim_ascii() {
        "" | "null" | "-" => Some(Value::Null),
        json if json.starts_with(['{', '[']) => serde_json::from_str(json).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_texts_that_hold_an_object_or_a_list_are_unfolded() {
        for (member, wanted) in [
            (
                r#"requestParameters":"{\"a\":1}"#,
                Some(r#""requestParameters":{"a":1}"#),
            ),
            (r#"resources":" [] "#, Some(r#""resources":[]"#)),
            (r#"userIdentity":"null"#, Some(r#""userIdentity":null"#)),
            (r#"responseElements":""#, Some(r#""responseElements":null"#)),
            (r#"requestParameters":"{a=1}"#, None),
            (r#"requestParameters":"12"#, None),
            (r#"userAgent":"{\"a\":1}"#, None),
        ] {
            let record = format!("{{\"{member}\"}}");
            let wanted = wanted.map(|wanted| format!("{{{wanted}}}"));
            assert_eq!(unfold(&record), wanted, "{record}");
        }
        assert_eq!(unfold("["), None);
    }
}
