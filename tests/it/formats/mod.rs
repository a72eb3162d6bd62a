//! What each format for other tools promises: its own rules, and the same facts as the JSON report.

mod brief;
pub(crate) mod csv;
pub(crate) mod dot;
pub(crate) mod markdown;
pub(crate) mod ocel;
pub(crate) mod timesketch;
pub(crate) mod trace;

use reconstruct::Reconstruction;
use reconstruct::render::{Detail, Format, Style};
use serde_json::Value;

/// A reconstruction in a format.
pub(crate) fn draw(reconstruction: &Reconstruction, format: &str) -> String {
    let style = Style {
        color: false,
        unicode: true,
        width: 80,
        detail: Detail::Normal,
        ..Style::default()
    };
    let format = Format::find(format).expect("a format");
    let mut out = Vec::new();
    let drawn = format
        .renderer
        .render(&reconstruction.report(), &style, &mut out);
    drawn.expect("a vector takes all");
    String::from_utf8(out).expect("reports are UTF-8")
}

/// The JSON report, which the other formats are held against.
pub(crate) fn json(reconstruction: &Reconstruction) -> Value {
    parse(&draw(reconstruction, "json"))
}

/// A JSON value.
pub(crate) fn parse(text: &str) -> Value {
    serde_json::from_str(text).expect("valid JSON")
}

/// An array of a value.
pub(crate) fn array<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    let array = value[key].as_array();
    array.unwrap_or_else(|| panic!("`{key}` is an array"))
}
