//! Finds a field in a record and makes an excerpt around it that can be shown.
//!
//! Comes in: a record and the members that lead to a field. Goes out: the place of the field, or an
//! [`Excerpt`]. Never: work on the happy path; this is for problems only.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;
use serde_json::value::RawValue;

use crate::location::Span;
use crate::problem::Excerpt;

/// The longest excerpt, in bytes.
const MAX_BYTES: usize = 16 * 1024;

/// The longest string in an excerpt, in characters.
const MAX_CHARS: usize = 100;

/// The most elements or members shown for one array or object.
const MAX_ELEMENTS: usize = 40;

/// The deepest value that is shown.
const MAX_DEPTH: usize = 12;

/// Finds the value that a path of members leads to; `None` if the record has none.
///
/// Of two members with one name the last counts, as when values are read.
#[must_use]
pub fn locate(record: &str, pointer: &[&str]) -> Option<Span> {
    let mut value: &RawValue = serde_json::from_str(record).ok()?;
    for name in pointer {
        let members: BTreeMap<String, &RawValue> = serde_json::from_str(value.get()).ok()?;
        value = members.get(*name).copied()?;
    }
    let text = value.get();
    let start = (text.as_ptr() as usize).checked_sub(record.as_ptr() as usize)?;
    let span = Span {
        start,
        len: text.len(),
    };
    (start + span.len <= record.len()).then_some(span)
}

/// Makes an excerpt of a record with a label on the field that a path of members leads to.
///
/// If the path breaks off, the last member on it is labelled. For a path into `imageManifest`, the
/// manifest alone is shown, if its text is JSON. A record that is not JSON is shown unparsed, cut
/// and cleaned.
#[must_use]
pub fn excerpt(record: &str, pointer: &[&str]) -> Excerpt {
    let Ok(value) = serde_json::from_str::<Value>(record) else {
        return raw_excerpt(record);
    };
    if let Some((manifest, rest)) = manifest(&value, pointer) {
        return draw(&manifest, rest);
    }
    draw(&value, pointer)
}

/// The manifest that a path leads into, and the rest of the path.
fn manifest<'a>(record: &Value, pointer: &'a [&'a str]) -> Option<(Value, &'a [&'a str])> {
    let depth = pointer.iter().position(|name| *name == "imageManifest")?;
    let (outer, inner) = pointer.split_at(depth + 1);
    let text = outer
        .iter()
        .try_fold(record, |value, name| value.get(name))?
        .as_str()?;
    let manifest = serde_json::from_str(text).ok()?;
    Some((manifest, inner))
}

/// An excerpt of text that is not JSON: its start.
fn raw_excerpt(record: &str) -> Excerpt {
    let mut text = String::new();
    for character in record.chars().take(20 * MAX_CHARS) {
        push_clean(&mut text, character);
    }
    if text.len() < record.len() {
        text.push('…');
    }
    let label = Span {
        start: 0,
        len: text.len(),
    };
    Excerpt { text, label }
}

fn draw(value: &Value, pointer: &[&str]) -> Excerpt {
    let mut writer = ExcerptWriter {
        text: String::new(),
        label: None,
    };
    writer.value(value, Some(pointer), 0);
    let whole = Span {
        start: 0,
        len: writer.text.lines().next().map_or(0, str::len),
    };
    let label = writer.label.unwrap_or(whole);
    let mut text = writer.text;
    if text.len() > MAX_BYTES {
        return window(&text, label);
    }
    text.shrink_to_fit();
    Excerpt { text, label }
}

/// Cuts an excerpt down to whole lines around its label.
fn window(text: &str, label: Span) -> Excerpt {
    let half = MAX_BYTES / 2 - 16;
    let start = match label.start.checked_sub(half) {
        None | Some(0) => 0,
        Some(least) => text.as_bytes()[least..label.start]
            .iter()
            .position(|&byte| byte == b'\n')
            .map_or(label.start, |line| least + line + 1),
    };
    let mut end = (start + MAX_BYTES - 16).min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let mut shown = String::new();
    if start > 0 {
        shown.push_str("…\n");
    }
    let before = shown.len();
    shown.push_str(&text[start..end]);
    let label_start = label.start - start + before;
    let label_len = label.len.min(shown.len().saturating_sub(label_start));
    if end < text.len() {
        shown.push('…');
    }
    Excerpt {
        text: shown,
        label: Span {
            start: label_start,
            len: label_len,
        },
    }
}

/// JSON written with two spaces for each level.
struct ExcerptWriter {
    text: String,
    label: Option<Span>,
}

impl ExcerptWriter {
    /// Writes a value; `pointer` is the path from it to the field to label, if it leads there.
    fn value(&mut self, value: &Value, pointer: Option<&[&str]>, depth: usize) {
        let start = self.text.len();
        match value {
            Value::String(text) => self.string(text),
            Value::Array(elements) if depth < MAX_DEPTH && !elements.is_empty() => {
                self.array(elements, depth);
            }
            Value::Object(members) if depth < MAX_DEPTH && !members.is_empty() => {
                self.object(members, pointer, depth);
            }
            Value::Array(elements) if elements.is_empty() => self.text.push_str("[]"),
            Value::Array(_) => self.text.push_str("[…]"),
            Value::Object(members) if members.is_empty() => self.text.push_str("{}"),
            Value::Object(_) => self.text.push_str("{…}"),
            Value::Null | Value::Bool(_) | Value::Number(_) => {
                // Writing to a string cannot fail.
                let _ = write!(self.text, "{value}");
            }
        }
        if self.label.is_none() && pointer.is_some() && depth > 0 {
            // The field itself, or the last member on the path to it; if its value has several
            // lines, only the first is labelled.
            let len = self.text[start..].lines().next().map_or(0, str::len);
            self.label = Some(Span { start, len });
        }
    }

    fn array(&mut self, elements: &[Value], depth: usize) {
        self.text.push('[');
        for (index, element) in elements.iter().enumerate() {
            self.line(index, depth + 1);
            if index == MAX_ELEMENTS {
                self.text.push('…');
                break;
            }
            self.value(element, None, depth + 1);
        }
        self.line(0, depth);
        self.text.push(']');
    }

    fn object(
        &mut self,
        members: &serde_json::Map<String, Value>,
        pointer: Option<&[&str]>,
        depth: usize,
    ) {
        let wanted = pointer.and_then(<[_]>::split_first);
        self.text.push('{');
        let mut shown = 0;
        for (name, value) in members {
            let inner = wanted.and_then(|(first, rest)| (name == first).then_some(rest));
            if shown > MAX_ELEMENTS || (shown == MAX_ELEMENTS && inner.is_none()) {
                continue;
            }
            self.line(shown, depth + 1);
            shown += 1;
            self.string(name);
            self.text.push_str(": ");
            self.value(value, inner, depth + 1);
        }
        if shown < members.len() {
            self.line(shown, depth + 1);
            self.text.push('…');
        }
        self.line(0, depth);
        self.text.push('}');
    }

    /// Starts a line, after a comma unless it is the first or last in its brackets.
    fn line(&mut self, index: usize, depth: usize) {
        if index > 0 {
            self.text.push(',');
        }
        self.text.push('\n');
        for _ in 0..depth {
            self.text.push_str("  ");
        }
    }

    fn string(&mut self, text: &str) {
        self.text.push('"');
        for (index, character) in text.chars().enumerate() {
            if index == MAX_CHARS {
                self.text.push('…');
                break;
            }
            match character {
                '"' => self.text.push_str("\\\""),
                '\\' => self.text.push_str("\\\\"),
                '\n' => self.text.push_str("\\n"),
                _ => push_clean(&mut self.text, character),
            }
        }
        self.text.push('"');
    }
}

/// Adds a character, or its escape if it could move the cursor, hide or reorder text.
fn push_clean(text: &mut String, character: char) {
    let is_unsafe = character.is_control()
        || matches!(character,
            '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}');
    if is_unsafe {
        // Writing to a string cannot fail.
        let _ = write!(text, "\\u{{{:x}}}", u32::from(character));
    } else {
        text.push(character);
    }
}

#[cfg(test)]
mod tests;
