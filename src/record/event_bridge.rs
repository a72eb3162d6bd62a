//! What an event of EventBridge tells of.
//!
//! Comes in: its `detail-type` and `source`. Goes out: whether its `detail` is a record of CloudTrail's. Never: a look into
//! `detail`.

use std::borrow::Cow;

use serde_json::value::RawValue;

/// Whether an event tells of a call that CloudTrail recorded (EventBridge user guide, "AWS service events delivered via
/// CloudTrail"), and not of something else.
///
/// Anybody may put events on a bus, but not with a `source` that starts with `aws.` (EventBridge API,
/// `PutEventsRequestEntry`).
pub(super) fn tells_of_call(kind: &RawValue, source: Option<&RawValue>) -> bool {
    let text = |value: &RawValue, is_meant: fn(&str) -> bool| {
        serde_json::from_str::<Cow<'_, str>>(value.get()).is_ok_and(|text| is_meant(&text))
    };
    source.is_some_and(|source| text(source, |source| source.starts_with("aws.")))
        && text(kind, |kind| kind.ends_with(" via CloudTrail"))
}
