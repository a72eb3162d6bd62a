//! Takes a record out of the object that another service wraps around it.
//!
//! Comes in: an object that is not a record. Goes out: the record in it, if it has one of the known shapes, or why it
//! holds none. Never: a look inside a record, so nothing that a caller wrote into a request is unwrapped; nor inside
//! a string that is not one whole object.
//!
//! | shape | where the record is |
//! |---|---|
//! | an element of `Events`, or such an object by itself (CloudTrail API, `LookupEvents`) | `CloudTrailEvent`, a string |
//! | an event of EventBridge (EventBridge user guide, "AWS service events delivered via CloudTrail") | `detail` |
//! | an element of `logEvents` or `events` (CloudWatch Logs user guide, "Subscription filters") | `message`, a string |
//! | a row of CloudWatch Logs Insights (the same, "Supported logs and discovered fields") | `@message`, a string or an object |
//! | a document of Elasticsearch, by itself or in `_source` (Elastic Common Schema, "Event fields") | `event.original`, a string |
//!
//! A message may itself be an event of EventBridge, which can write into a log group.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::record::event_bridge::tells_of_call;
use crate::record::split::{Alone, Array, alone};

/// How many nested wrappers are opened.
const MAX_DEPTH: u32 = 3;

/// The result for an object that is not a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unwrapped<'a> {
    /// It wraps a record.
    Record {
        /// The record.
        text: Cow<'a, str>,
        /// Where it starts in the object; `None` if it is written there as a string.
        at: Option<usize>,
    },
    /// It should wrap a record, but the content is cut or not a record.
    Broken,
    /// It wraps something else: a service's own event, a control message, a line of text.
    Other,
    /// It has no known shape.
    Unknown,
}

/// The members that identify a shape; all others are skipped.
#[derive(Deserialize)]
struct Shape<'a> {
    #[serde(rename = "CloudTrailEvent", borrow, default)]
    looked_up: Option<&'a RawValue>,
    #[serde(rename = "detail-type", borrow, default)]
    detail_type: Option<&'a RawValue>,
    #[serde(borrow, default)]
    source: Option<&'a RawValue>,
    #[serde(borrow, default)]
    detail: Option<&'a RawValue>,
    #[serde(borrow, default)]
    message: Option<&'a RawValue>,
    #[serde(rename = "@message", borrow, default)]
    row: Option<&'a RawValue>,
    #[serde(rename = "_source", borrow, default)]
    document: Option<&'a RawValue>,
    #[serde(borrow, default)]
    event: Option<&'a RawValue>,
    #[serde(rename = "event.original", borrow, default)]
    event_original: Option<&'a RawValue>,
}

/// The member `event` of an Elastic document.
#[derive(Deserialize)]
struct Nested<'a> {
    #[serde(borrow, default)]
    original: Option<&'a RawValue>,
}

/// Takes the record out of an object that is not one; `within` is the array that contains the object.
#[must_use]
pub fn unwrap<'a>(object: &'a [u8], within: Option<Array>) -> Unwrapped<'a> {
    unwrap_to(object, within, MAX_DEPTH)
}

fn unwrap_to<'a>(object: &'a [u8], within: Option<Array>, depth: u32) -> Unwrapped<'a> {
    let Ok(shape) = serde_json::from_slice::<Shape<'a>>(object) else {
        return match within {
            Some(_) => Unwrapped::Broken,
            None => Unwrapped::Unknown,
        };
    };
    match within {
        Some(Array::LogEvents) => match shape.message {
            Some(message) => text(message, object, depth),
            None => Unwrapped::Unknown,
        },
        Some(Array::Events) => looked_up(&shape, object),
        Some(Array::Records) | None => by_itself(&shape, object, depth),
    }
}

/// An object outside the arrays with known names.
fn by_itself<'a>(shape: &Shape<'a>, object: &'a [u8], depth: u32) -> Unwrapped<'a> {
    if shape.looked_up.is_some() {
        return looked_up(shape, object);
    }
    if let (Some(kind), Some(detail)) = (shape.detail_type, shape.detail) {
        return bridged(kind, shape.source, detail, object);
    }
    if let Some(row) = shape.row {
        return text(row, object, depth);
    }
    let document = match shape.document {
        Some(document) => match serde_json::from_str::<Shape<'a>>(document.get()) {
            Ok(document) => original(&document),
            Err(_) => None,
        },
        None => original(shape),
    };
    match document {
        Some(original) => text(original, object, depth),
        None => Unwrapped::Unknown,
    }
}

/// `event.original`, nested or with a dot in its name.
fn original<'a>(document: &Shape<'a>) -> Option<&'a RawValue> {
    document.event_original.or_else(|| {
        let event: Nested<'a> = serde_json::from_str(document.event?.get()).ok()?;
        event.original
    })
}

fn looked_up<'a>(shape: &Shape<'a>, object: &'a [u8]) -> Unwrapped<'a> {
    match shape.looked_up {
        // Only one level of wrapping: the API returns nothing but records.
        Some(event) => match text(event, object, 0) {
            Unwrapped::Other => Unwrapped::Broken,
            unwrapped @ (Unwrapped::Record { .. } | Unwrapped::Broken | Unwrapped::Unknown) => {
                unwrapped
            }
        },
        None => Unwrapped::Unknown,
    }
}

/// An event of EventBridge.
fn bridged<'a>(
    kind: &RawValue,
    source: Option<&RawValue>,
    detail: &'a RawValue,
    object: &'a [u8],
) -> Unwrapped<'a> {
    if !tells_of_call(kind, source) {
        return Unwrapped::Other;
    }
    match alone(detail.get().as_bytes()) {
        Alone::Record => verbatim(detail, object),
        Alone::Foreign | Alone::Cut | Alone::Text => Unwrapped::Broken,
    }
}

/// A value that holds a record, as a string or directly, or something else that somebody logs there.
fn text<'a>(value: &'a RawValue, object: &'a [u8], depth: u32) -> Unwrapped<'a> {
    if value.get().starts_with('{') {
        return match alone(value.get().as_bytes()) {
            Alone::Record => verbatim(value, object),
            Alone::Foreign | Alone::Cut | Alone::Text => Unwrapped::Other,
        };
    }
    let Ok(text) = serde_json::from_str::<String>(value.get()) else {
        // Not a string, or one that is not Unicode.
        return match value.get().starts_with('"') {
            true => Unwrapped::Broken,
            false => Unwrapped::Other,
        };
    };
    let inner = text.trim_ascii();
    match alone(inner.as_bytes()) {
        Alone::Record => Unwrapped::Record {
            text: Cow::Owned(if inner.len() == text.len() {
                text
            } else {
                inner.to_owned()
            }),
            at: None,
        },
        Alone::Cut => Unwrapped::Broken,
        Alone::Foreign if depth > 0 => match unwrap_to(inner.as_bytes(), None, depth - 1) {
            Unwrapped::Record { text, .. } => Unwrapped::Record {
                text: Cow::Owned(text.into_owned()),
                at: None,
            },
            Unwrapped::Broken => Unwrapped::Broken,
            Unwrapped::Other | Unwrapped::Unknown => Unwrapped::Other,
        },
        Alone::Foreign | Alone::Text => Unwrapped::Other,
    }
}

/// A record that is in an object directly.
fn verbatim<'a>(record: &'a RawValue, object: &'a [u8]) -> Unwrapped<'a> {
    let text = record.get();
    let at = (text.as_ptr() as usize).checked_sub(object.as_ptr() as usize);
    Unwrapped::Record {
        text: Cow::Borrowed(text),
        at: at.filter(|at| at + text.len() <= object.len()),
    }
}

#[cfg(test)]
mod tests;
