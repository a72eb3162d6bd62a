//! The table: RFC 4180, equal to the JSON report once the guard is undone, and never a formula.

use reconstruct::Reconstruction;
use serde_json::Value;

use crate::fixture;
use crate::formats::{array, draw, json};

/// The records of a table by RFC 4180, section 2, strictly.
pub(crate) fn records(text: &str) -> Vec<Vec<String>> {
    let mut records = vec![Vec::new()];
    let mut rest = text;
    while !rest.is_empty() {
        let (cell, after) = match rest.strip_prefix('"') {
            Some(quoted) => quoted_cell(quoted),
            None => {
                let end = rest.find([',', '\r']).expect("a cell ends");
                let (cell, after) = rest.split_at(end);
                assert!(!cell.contains(['"', '\n']), "needs quotes: {cell}");
                (cell.to_owned(), after)
            }
        };
        let record = records.last_mut().expect("there is one");
        record.push(cell);
        rest = match after.strip_prefix(',') {
            Some(next) => next,
            None => {
                records.push(Vec::new());
                after.strip_prefix("\r\n").expect("a record ends with CRLF")
            }
        };
    }
    assert_eq!(records.pop(), Some(Vec::new()), "the last record is ended");
    records
}

fn quoted_cell(quoted: &str) -> (String, &str) {
    let mut cell = String::new();
    let mut rest = quoted;
    loop {
        let (text, after) = rest.split_once('"').expect("quotes are closed");
        cell.push_str(text);
        match after.strip_prefix('"') {
            Some(more) => rest = more,
            None => return (cell, after),
        }
        cell.push('"');
    }
}

/// Undoes the guard, by the rule of `docs/report.md`.
pub(crate) fn unguarded(cell: &str) -> String {
    let cell = cell.strip_prefix('\'').unwrap_or(cell);
    let mut text = String::new();
    let mut letters = cell.chars();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            text.push(letter);
            continue;
        }
        match letters.next().expect("an escape has a letter") {
            '\\' => text.push('\\'),
            'n' => text.push('\n'),
            'r' => text.push('\r'),
            't' => text.push('\t'),
            'u' => {
                assert_eq!(letters.next(), Some('{'));
                let code: String = letters.by_ref().take_while(|c| *c != '}').collect();
                let code = u32::from_str_radix(&code, 16).expect("hexadecimal");
                text.push(char::from_u32(code).expect("a character"));
            }
            other => panic!("`\\{other}` is no escape"),
        }
    }
    text
}

/// Holds a table against the JSON report: every event, every column.
pub(crate) fn assert_same(reconstruction: &Reconstruction) {
    let report = json(reconstruction);
    let table = records(&draw(reconstruction, "csv"));
    let (header, rows) = table.split_first().expect("a header");
    let mut rows = rows.iter();
    for push in array(&report, "sessions") {
        for (place, event) in array(push, "events").iter().enumerate() {
            let row = rows.next().expect("a row");
            assert_row(header, row, push, event);
            let position = header.iter().position(|name| name == "position");
            assert_eq!(row[position.expect("the column")], place.to_string());
        }
    }
    for event in array(&report, "unplaced") {
        assert_row(header, rows.next().expect("a row"), &Value::Null, event);
    }
    assert_eq!(rows.next(), None, "no row is left");
}

fn assert_row(header: &[String], row: &[String], push: &Value, event: &Value) {
    assert_eq!(header.len(), row.len());
    // What no push names, the event does.
    let named = [push, event].into_iter().find(|of| !of.is_null());
    let identity = &named.expect("an event")["identity"];
    for (name, cell) in header.iter().zip(row) {
        let because = &event["because"][0];
        let value = match &**name {
            "push" => &marked("p", &push["id"]),
            "registry" => &marked("aws-", &push["registry"]),
            "status" | "confidence" | "service" | "region" | "repository" => &push[&**name],
            "identity" => &identity["name"],
            "identity_type" => &identity["type"],
            "identity_arn" => &identity["arn"],
            "account" => &marked("aws-", &identity["account"]),
            "client_ip" => &push["client"]["source_ip"],
            "client_user_agent" => &push["client"]["user_agent"],
            "client_vpc_endpoint" => &push["client"]["vpc_endpoint_id"],
            "source_identity" => &identity["source_identity"],
            "on_behalf_of" => &identity["on_behalf_of"]["user_id"],
            "image" => &push["image"]["what"],
            "evidence" => &because["evidence"],
            "evidence_with" => &because["with"],
            "evidence_digest" => &because["digest"],
            "strength" => &because["strength"],
            "file" | "record" => &event["at"][&**name],
            "tag" => &marked(&format!("{}:", text(&push["repository"])), &event["tag"]),
            "alternatives" => {
                let others = array(event, "alternatives").iter();
                &others.map(|other| marked("p", &other["session"])).collect()
            }
            "position" => continue,
            of_event => event
                .get(of_event)
                .unwrap_or_else(|| panic!("no field for column `{of_event}`")),
        };
        assert_eq!(unguarded(cell), text(value), "column {name}");
    }
}

/// A value with what keeps it text before it.
pub(crate) fn marked(mark: &str, value: &Value) -> Value {
    match value.is_null() {
        true => Value::Null,
        false => Value::String(format!("{mark}{}", text(value))),
    }
}

/// A value as a cell has it.
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(list) => list.iter().map(text).collect::<Vec<_>>().join(" "),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => value.to_string(),
    }
}

/// Nothing in a table begins a formula: no cell of it, nor what a spreadsheet would take for a cell
/// that separates at semicolons or tabs and knows no quotes.
pub(crate) fn assert_runs_nothing(table: &str) {
    let torn = table
        .lines()
        .flat_map(|line| line.split([';', '\t']).skip(1));
    let torn = torn.map(|piece| piece.split(',').next().unwrap_or_default().to_owned());
    for cell in records(table).into_iter().flatten().chain(torn) {
        let is_number = cell.parse::<i64>().is_ok();
        let begin = cell.trim_start_matches(['"', ' ', '\'']);
        let is_guarded = cell.starts_with('\'');
        let is_formula = begin.starts_with(['=', '+', '-', '@']);
        assert!(is_number || is_guarded || !is_formula, "{cell}");
    }
}

#[test]
fn the_table_holds_what_the_json_report_holds() {
    let reconstruction = fixture::reconstruction();
    assert_same(&reconstruction);
    assert_runs_nothing(&draw(&reconstruction, "csv"));
}

#[test]
fn the_header_stays_as_it_is() {
    let table = draw(&fixture::empty(), "csv");
    assert_eq!(
        table,
        "push,status,confidence,service,registry,region,repository,identity,identity_type,\
         identity_arn,account,client_ip,client_user_agent,position,time,offset_s,action,shared,\
         outcome,error_code,error_message,upload_id,digest,digests,first_byte,last_byte,tag,\
         event_id,request_id,source_ip,user_agent,access_key_id,evidence,evidence_with,\
         evidence_digest,strength,alternatives,file,record,client_vpc_endpoint,source_identity,\
         on_behalf_of,image\r\n"
    );
}
