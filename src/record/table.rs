//! Rebuilds records from the rows of a table of events, as Athena and CloudTrail Lake export it.
//!
//! Comes in: the bytes of a CSV file. Goes out: for each row the record that it was, or why it cannot
//! be rebuilt. Never: a guess; a cell that can be read in two ways costs its row.
//!
//! A cell that was a text in the record is unchanged. A cell that was an object or an array there is
//! now either
//!
//! - JSON, where the column was (Athena user guide, "Query AWS CloudTrail logs": `requestparameters
//!   STRING`), or was cast to it;
//! - the text of a row, a map or an array of Trino, which both services run on: `{type=IAMUser,
//!   arn=null}`, `[{accountid=123456789012}]`. It quotes nothing, so only values without white
//!   space, or that are JSON themselves, are taken from it.
//!
//! Names are in lower case if SQL made them so; CloudTrail's spelling is restored.

use std::fmt::Write as _;

use csv::{ByteRecord, ReaderBuilder};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::location::Span;

/// The columns, as CloudTrail spells them; no record can do without the first [`N_NEEDED`].
const COLUMNS: [&str; 29] = [
    "eventID",
    "eventName",
    "eventSource",
    "eventTime",
    "awsRegion",
    "userIdentity",
    "requestParameters",
    "addendum",
    "additionalEventData",
    "apiVersion",
    "errorCode",
    "errorMessage",
    "eventCategory",
    "eventType",
    "eventVersion",
    "managementEvent",
    "readOnly",
    "recipientAccountId",
    "requestID",
    "resources",
    "responseElements",
    "serviceEventDetails",
    "sessionCredentialFromConsole",
    "sharedEventID",
    "sourceIPAddress",
    "tlsDetails",
    "userAgent",
    "vpcEndpointAccountId",
    "vpcEndpointId",
];
/// How many of these columns no record can do without.
const N_NEEDED: usize = 7;

/// The columns that distinguish a table of events from any other.
const TELLING: [&str; 2] = ["eventname", "eventsource"];

/// TableColumns that hold whole records, in the order in which they are looked for: of Splunk and Sumo, Kibana, CloudWatch Logs
/// Insights, CloudTrail Lake and its API.
const WHOLE: [&str; 6] = [
    "_raw",
    "event.original",
    "@message",
    "eventjson",
    "cloudtrailevent",
    "message",
];

/// What parts cells: Athena writes commas or tabs, and spreadsheets of some languages semicolons.
const SEPARATORS: [u8; 3] = [b',', b'\t', b';'];

/// The columns that were objects or arrays.
const NESTED: [&str; 8] = [
    "addendum",
    "additionalEventData",
    "requestParameters",
    "resources",
    "responseElements",
    "serviceEventDetails",
    "tlsDetails",
    "userIdentity",
];

/// Names inside these columns (CloudTrail user guide, "userIdentity element" and "CloudTrail record
/// contents").
const INNER: [&str; 36] = [
    "accessKeyId",
    "accountId",
    "attributes",
    "cipherSuite",
    "clientProvidedHostHeader",
    "creationDate",
    "credentialId",
    "credentialsIssuedTo",
    "ec2RoleDelivery",
    "federatedProvider",
    "identityProvider",
    "identityStoreArn",
    "inScopeOf",
    "invokedBy",
    "invokedByDelegate",
    "issuerType",
    "mfaAuthenticated",
    "onBehalfOf",
    "originalEventID",
    "originalRequestID",
    "principalId",
    "reason",
    "sessionCredentialFromConsole",
    "sessionContext",
    "sessionIssuer",
    "signInSessionArn",
    "sourceAccount",
    "sourceArn",
    "sourceIdentity",
    "tlsVersion",
    "type",
    "updatedFields",
    "userId",
    "userName",
    "webIdFederationData",
    "assumedRoot",
];

/// Members of ECR's parameters and responses that are numbers there, but not in a map of texts.
const NUMBERS: [&str; 4] = [
    "partFirstByte",
    "partLastByte",
    "lastByteReceived",
    "partSize",
];
/// The member that is a text that looks like an object.
const TEXT: &str = "imageManifest";

/// How deep rows and arrays may nest.
const MAX_DEPTH: u32 = 8;

/// A table of events.
#[derive(Clone, Debug)]
pub struct Export<'a> {
    bytes: &'a [u8],
    separator: u8,
    columns: TableColumns,
}

/// What the columns of a table hold.
#[derive(Clone, Debug)]
enum TableColumns {
    /// One of this many holds a whole record.
    Whole(usize, usize),
    /// A member each, by its name; `None` for one that CloudTrail does not have.
    Members(Vec<Option<&'static str>>),
}

/// The result for a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExportRow {
    /// The record.
    Record {
        /// Its rebuilt text.
        text: String,
        /// The row.
        span: Span,
    },
    /// It has a cell for a whole record.
    Wrapper {
        /// The cell.
        text: String,
        /// The row.
        span: Span,
    },
    /// It cannot be rebuilt.
    Broken {
        /// Why not.
        reason: String,
        /// The row.
        span: Span,
    },
}

impl<'a> Export<'a> {
    /// Reads the head of a table; `None` if it is not a table of events.
    #[must_use]
    pub fn of(bytes: &'a [u8]) -> Option<Self> {
        let first = without_mark(bytes);
        let is_head = |byte: &u8| matches!(byte, b'"' | b'@' | b'_') || byte.is_ascii_alphabetic();
        first.first().filter(|byte| is_head(byte))?;
        let separators = SEPARATORS.into_iter();
        let mut tables = separators.filter_map(|separator| {
            let columns = columns(first, separator)?;
            Some(Self {
                bytes,
                separator,
                columns,
            })
        });
        tables.next()
    }

    /// The columns that no record can do without and that the table lacks.
    #[must_use]
    pub fn missing(&self) -> Vec<&'static str> {
        let needed = COLUMNS.iter().take(N_NEEDED).copied();
        match &self.columns {
            TableColumns::Whole(..) => Vec::new(),
            TableColumns::Members(known) => {
                needed.filter(|name| !known.contains(&Some(name))).collect()
            }
        }
    }

    /// Passes on the rows in order.
    pub fn rows(&self, row: &mut dyn FnMut(ExportRow)) {
        let mark = self.bytes.len() - without_mark(self.bytes).len();
        let mut reader = reader(without_mark(self.bytes), self.separator);
        let mut cells = ByteRecord::new();
        let place = |reader: &csv::Reader<&[u8]>| {
            usize::try_from(reader.position().byte()).unwrap_or(usize::MAX)
        };
        let mut is_head = true;
        loop {
            let start = place(&reader);
            // Reading from memory, with rows of any length, cannot fail.
            if !matches!(reader.read_byte_record(&mut cells), Ok(true)) {
                return;
            }
            let span = Span {
                start: start + mark,
                len: place(&reader) - start,
            };
            if !std::mem::take(&mut is_head) {
                let read = match &self.columns {
                    TableColumns::Whole(column, n_columns) => whole(&cells, *column, *n_columns)
                        .map(|text| ExportRow::Wrapper { text, span }),
                    TableColumns::Members(known) => {
                        record(&cells, known).map(|text| ExportRow::Record { text, span })
                    }
                };
                row(read.unwrap_or_else(|reason| ExportRow::Broken { reason, span }));
            }
        }
    }
}

/// What the columns of a table hold, if their names are those of a table of events.
fn columns(bytes: &[u8], separator: u8) -> Option<TableColumns> {
    let mut head = ByteRecord::new();
    reader(bytes, separator).read_byte_record(&mut head).ok()?;
    let names: Vec<_> = head.iter().map(<[u8]>::to_ascii_lowercase).collect();
    let place = |name: &str| names.iter().position(|known| known == name.as_bytes());
    if TELLING.iter().all(|name| place(name).is_some())
        && WHOLE[..2].iter().all(|name| place(name).is_none())
    {
        let known = names.iter().map(|name| spelled(&COLUMNS, name));
        return Some(TableColumns::Members(known.collect()));
    }
    let whole = WHOLE.iter().find_map(|name| place(name))?;
    Some(TableColumns::Whole(whole, names.len()))
}

/// The cell of a row that holds a whole record.
fn whole(cells: &ByteRecord, column: usize, n_columns: usize) -> Result<String, String> {
    check_width(cells, n_columns)?;
    let cell = cells.get(column).unwrap_or_default();
    let cell = std::str::from_utf8(cell).map_err(|_| "the record is not UTF-8".to_owned())?;
    // A text of JSON, or a record as it is.
    Ok(cell.trim_ascii().to_owned())
}

/// The record of a row that is an object, as Athena's `UNLOAD` writes rows; `None` if it cannot be rebuilt.
pub(super) fn of_object<'m>(
    members: impl Iterator<Item = (&'m str, &'m RawValue)>,
) -> Option<String> {
    let (mut cells, mut columns) = (ByteRecord::new(), Vec::new());
    for (name, value) in members {
        columns.push(spelled(&COLUMNS, name.as_bytes()));
        let text = serde_json::from_str::<Option<String>>(value.get());
        let text = text.map_or_else(|_| value.get().to_owned(), Option::unwrap_or_default);
        cells.push_field(text.as_bytes());
    }
    record(&cells, &columns).ok()
}

fn check_width(cells: &ByteRecord, n_columns: usize) -> Result<(), String> {
    match cells.len() == n_columns {
        true => Ok(()),
        false => Err(format!(
            "the row has {} cells, and the table {n_columns} columns",
            cells.len()
        )),
    }
}

/// The record in a row.
fn record(cells: &ByteRecord, columns: &[Option<&'static str>]) -> Result<String, String> {
    check_width(cells, columns.len())?;
    let mut text = String::from("{");
    for (name, cell) in columns.iter().zip(cells) {
        let Some(name) = name else { continue };
        let cell = std::str::from_utf8(cell)
            .map_err(|_| format!("`{name}` is not UTF-8"))?
            .trim_ascii();
        if cell.is_empty() {
            continue;
        }
        let value = match NESTED.contains(name) {
            true => nested(name, cell)
                .ok_or_else(|| format!("`{name}` can be read in several ways or in none"))?,
            false => string(&match *name {
                "eventTime" => time(cell),
                _ => cell.to_owned(),
            }),
        };
        let separator = if text.len() > 1 { "," } else { "" };
        // Writing to a string cannot fail.
        let _ = write!(text, "{separator}{}:{value}", string(name));
    }
    text.push('}');
    Ok(text)
}

fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

fn reader(bytes: &[u8], separator: u8) -> csv::Reader<&[u8]> {
    ReaderBuilder::new()
        .delimiter(separator)
        .has_headers(false)
        .flexible(true)
        .from_reader(bytes)
}

/// CloudTrail's spelling of a name.
fn spelled(names: &[&'static str], name: &[u8]) -> Option<&'static str> {
    let mut names = names.iter();
    names
        .find(|known| known.as_bytes().eq_ignore_ascii_case(name))
        .copied()
}

fn string(text: &str) -> String {
    Value::from(text).to_string()
}

/// A time as records have it; SQL writes it as `2026-03-17 10:00:21.000 UTC`.
fn time(cell: &str) -> String {
    match cell.trim_end_matches(" UTC").split_once(' ') {
        Some((date, time)) => {
            let seconds = time.split('.').next().unwrap_or(time);
            format!("{date}T{seconds}Z")
        }
        None => cell.to_owned(),
    }
}

/// The JSON of a cell that was an object or an array.
fn nested(column: &str, cell: &str) -> Option<String> {
    if cell == "null" || serde_json::from_str::<&RawValue>(cell).is_ok() {
        return Some(cell.to_owned());
    }
    let mut rest = cell;
    if !rest.starts_with(['{', '[']) {
        return None;
    }
    let value = value(column, &mut rest, MAX_DEPTH)?;
    rest.is_empty().then(|| value.to_string())
}

/// Takes one value of Trino's text from the start of `rest`; `name` is its member or column.
fn value(name: &str, rest: &mut &str, depth: u32) -> Option<Value> {
    if let Some(json) = json(name, rest) {
        return Some(json);
    }
    let depth = depth.checked_sub(1)?;
    if let Some(inner) = rest.strip_prefix('{') {
        *rest = inner;
        return row(name, rest, depth);
    }
    if let Some(inner) = rest.strip_prefix('[') {
        *rest = inner;
        return array(name, rest, depth);
    }
    // No value that is allowed here contains the characters that end a text.
    let end = rest.find([',', '}', ']', ' ']).unwrap_or(rest.len());
    let end = end_of(rest, end);
    let text = rest.get(..end)?;
    *rest = rest.get(end..)?;
    Some(match text {
        "null" => Value::Null,
        _ if NUMBERS.contains(&name) => text.parse::<u64>().ok()?.into(),
        _ => text.into(),
    })
}

/// The end of a text: session names may contain commas, but none before a blank.
fn end_of(rest: &str, first: usize) -> usize {
    let mut end = first;
    while rest[end..].starts_with(',') && !rest[end..].starts_with(", ") {
        end += 1;
        end += rest[end..]
            .find([',', '}', ']', ' '])
            .unwrap_or(rest.len() - end);
    }
    end
}

/// A value that is JSON, which marks its own end.
fn json(name: &str, rest: &mut &str) -> Option<Value> {
    if !rest.starts_with(['{', '[']) {
        return None;
    }
    let mut values = serde_json::Deserializer::from_str(rest).into_iter::<&RawValue>();
    let raw = values.next()?.ok()?;
    // Empty ones are the same in both forms.
    let value = match name {
        TEXT => Value::from(raw.get()),
        _ => serde_json::from_str(raw.get()).ok()?,
    };
    *rest = rest.get(values.byte_offset()..)?;
    Some(value)
}

fn row(of: &str, rest: &mut &str, depth: u32) -> Option<Value> {
    let mut members = Map::new();
    loop {
        let (key, after) = rest.split_once('=')?;
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
        if key.is_empty() || !key.bytes().all(is_name) {
            return None;
        }
        let key = match spelled(&INNER, key.as_bytes()) {
            _ if of == "resources" && key.eq_ignore_ascii_case("arn") => "ARN",
            Some(known) => known,
            None => key,
        };
        *rest = after;
        let value = value(key, rest, depth)?;
        if members.insert(key.to_owned(), value).is_some() {
            return None;
        }
        if next(rest, '}')? {
            return Some(Value::Object(members));
        }
    }
}

fn array(of: &str, rest: &mut &str, depth: u32) -> Option<Value> {
    let mut elements = Vec::new();
    loop {
        elements.push(value(of, rest, depth)?);
        if next(rest, ']')? {
            return Some(Value::Array(elements));
        }
    }
}

/// Whether the next character closes the enclosing brackets or leads to another value; `None` if
/// neither.
fn next(rest: &mut &str, close: char) -> Option<bool> {
    let (after, is_closed) = match rest.strip_prefix(close) {
        Some(after) => (after, true),
        None => (rest.strip_prefix(", ")?, false),
    };
    *rest = after;
    Some(is_closed)
}

#[cfg(test)]
mod tests;
