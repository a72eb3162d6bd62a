//! Tables of events that come as the answer of a query, in JSON.
//!
//! Comes in: an object. Goes out: the table in it as CSV, for [`Export`](crate::record::Export). Never: a cell that the
//! answer does not have.
//!
//! Athena answers `GetQueryResults` with `ResultSet.Rows`, each with `Data` of `VarCharValue`, the names first (Athena API,
//! `GetQueryResults`); CloudTrail Lake with `QueryResultRows`, each a list of objects of one column (CloudTrail API,
//! `GetQueryResults`).

use std::collections::BTreeMap;

use csv::Writer;
use serde::Deserialize;

/// An object with one member, a cell by the name of its column.
type AnswerCell = BTreeMap<String, Option<String>>;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct QueryAnswer {
    result_set: Option<ResultSet>,
    query_result_rows: Option<Vec<Vec<AnswerCell>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ResultSet {
    rows: Vec<AnswerRow>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AnswerRow {
    data: Vec<Datum>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Datum {
    var_char_value: Option<String>,
}

/// The table in an answer, as CSV; `None` if the object is none.
#[must_use]
pub fn answer(object: &[u8]) -> Option<Vec<u8>> {
    let answer: QueryAnswer = serde_json::from_slice(object).ok()?;
    let rows: Vec<Vec<String>> = match answer {
        QueryAnswer {
            result_set: Some(set),
            ..
        } => {
            let cells = |row: AnswerRow| row.data.into_iter();
            let cells = |row| cells(row).map(|cell| cell.var_char_value.unwrap_or_default());
            set.rows
                .into_iter()
                .map(|row| cells(row).collect())
                .collect()
        }
        QueryAnswer {
            query_result_rows: Some(rows),
            ..
        } => {
            let first = rows.first()?.iter().flat_map(BTreeMap::keys);
            let names: Vec<String> = first.cloned().collect();
            let cells = rows.into_iter().map(|row| {
                let mut cells: BTreeMap<_, _> = row.into_iter().flatten().collect();
                let cell = |name| cells.remove(name).flatten().unwrap_or_default();
                names.iter().map(cell).collect()
            });
            let cells: Vec<Vec<String>> = cells.collect();
            [names].into_iter().chain(cells).collect()
        }
        QueryAnswer { .. } => return None,
    };
    let mut table = Writer::from_writer(Vec::new());
    for row in rows {
        table.write_record(row).ok()?;
    }
    table.into_inner().ok()
}
