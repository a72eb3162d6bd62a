//! Tables as their services write them, and malformed ones.

use super::*;
use crate::record::split::{Alone, alone};

const HEAD: &str =
    "eventid,eventname,eventsource,eventtime,awsregion,useridentity,requestparameters";

/// The result for one row below the head.
fn row_of(cells: &str) -> ExportRow {
    let bytes = format!("{HEAD}\n{cells}\n");
    let table = Export::of(bytes.as_bytes()).expect("a table");
    let mut rows = Vec::new();
    table.rows(&mut |row| rows.push(row));
    assert_eq!(rows.len(), 1, "{rows:?}");
    rows.remove(0)
}

/// The parameters of a record whose cell has this text.
fn parameters(cell: &str) -> Option<Value> {
    let quoted = cell.replace('"', "\"\"");
    match row_of(&format!("id,PutImage,ecr,t,r,{{}},\"{quoted}\"")) {
        ExportRow::Record { text, .. } => {
            assert_eq!(alone(text.as_bytes()), Alone::Record, "{text}");
            let record: Value = serde_json::from_str(&text).expect("JSON");
            Some(record["requestParameters"].clone())
        }
        ExportRow::Broken { .. } | ExportRow::Wrapper { .. } => None,
    }
}

#[test]
fn head_tells_a_table_of_events_from_any_other() {
    assert!(Export::of(HEAD.as_bytes()).is_some());
    assert!(Export::of(format!("\u{feff}\"{}\"", HEAD.replace(',', "\",\"")).as_bytes()).is_some());
    for other in [
        "",
        "{}",
        "[1]",
        "name,size\na,1",
        "eventName\nx",
        "eventSource eventName",
    ] {
        assert!(Export::of(other.as_bytes()).is_none(), "{other}");
    }
    let few = Export::of(b"eventName,eventSource,userIdentity").expect("a table");
    assert_eq!(
        few.missing(),
        ["eventID", "eventTime", "awsRegion", "requestParameters"]
    );
}

#[test]
fn names_and_times_are_put_back() {
    let ExportRow::Record { text, span } = row_of(
        "id,PutImage,ecr.amazonaws.com,2026-03-17 10:00:21.000 UTC,eu-west-1,\
         \"{type=IAMUser, principalid=AIDA, arn=null, username=a,b=c}\",",
    ) else {
        panic!("a record");
    };
    assert_eq!(span.start, HEAD.len() + 1);
    let record: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(record["eventTime"], "2026-03-17T10:00:21Z");
    let identity = &record["userIdentity"];
    assert_eq!(identity["principalId"], "AIDA");
    assert_eq!(identity["userName"], "a,b=c");
    assert!(identity["arn"].is_null());
    // Its cell was empty.
    assert!(record.get("requestParameters").is_none());
}

#[test]
fn json_stays_and_maps_are_read() {
    let json = r#"{"a":{"b":[1,"x, y=z"]}}"#;
    assert_eq!(parameters(json), serde_json::from_str(json).ok());
    let read = |cell, json: &str| {
        assert_eq!(parameters(cell), serde_json::from_str(json).ok(), "{cell}");
    };
    read(
        r#"{repositoryName=a/b, partFirstByte=0, layerDigests=["sha256:1"], registryId=012}"#,
        r#"{"repositoryName":"a/b","partFirstByte":0,"layerDigests":["sha256:1"],"registryId":"012"}"#,
    );
    // A manifest is a text, whatever it looks like, and its content is not a member.
    read(
        r#"{imageManifest={"x": "1, imageTag=forged"}, imageTag=v1}"#,
        r#"{"imageManifest":"{\"x\": \"1, imageTag=forged\"}","imageTag":"v1"}"#,
    );
    read("null", "null");
}

#[test]
fn what_can_be_read_in_two_ways_is_not_read() {
    for cell in [
        "{imageTag=v1, imageTag=v2}",
        "{imageTag=a b}",
        "{imageTag=a, b}",
        "{imageTag=a}}",
        "{imageTag={\"cut\": }, x=1}",
        "{image Tag=a}",
        "{=a}",
        "{a=1",
        "{partFirstByte=-1}",
        "text",
        "{a={b={c={d={e={f={g={h={i=1}}}}}}}}}",
    ] {
        assert_eq!(parameters(cell), None, "{cell}");
    }
}

#[test]
fn row_of_another_length_costs_itself() {
    assert!(matches!(row_of("id,PutImage"), ExportRow::Broken { .. }));
    let many = format!("{HEAD}\n1,n\n2,n,s,t,r,{{}},{{}}\n\"3,n");
    let table = Export::of(many.as_bytes()).expect("a table");
    let mut n_rows = [0, 0];
    table.rows(&mut |row| n_rows[usize::from(matches!(row, ExportRow::Record { .. }))] += 1);
    assert_eq!(n_rows, [2, 1]);
}
