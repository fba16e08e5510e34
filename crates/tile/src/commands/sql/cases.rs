//! Files of cases: each line's tables are made, its query runs, its answer is one line.

use super::load::TableText;
use super::session::Session;
use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::{Value, json};
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use tile_clicksql::error::{Code, SqlError};
use tile_clicksql::{Options, format, translate};

#[derive(Deserialize)]
struct Case {
    id: Value,
    #[serde(default)]
    tables: Vec<TableText>,
    query: String,
}

pub fn run(path: &Path) -> Result<()> {
    let file = File::open(path).with_context(|| format!("failed to open `{}`", path.display()))?;
    let session = Session::new()?;
    let mut out = std::io::stdout().lock();
    for line in BufReader::new(file).lines() {
        let line = line.context("failed to read a line")?;
        if line.trim().is_empty() {
            continue;
        }
        let answer = match serde_json::from_str::<Case>(&line) {
            Ok(case) => answer(&session, &case),
            Err(e) => json!({"id": Value::Null, "status": "error", "message": format!("not a case: {e}")})
                .to_string(),
        };
        writeln!(out, "{answer}")?;
    }
    Ok(())
}

fn answer(session: &Session, case: &Case) -> String {
    let failed = |status: &str, message: String| {
        json!({"id": case.id, "status": status, "message": message}).to_string()
    };
    let tables = match session.load(&case.tables) {
        Ok(tables) => tables,
        Err(e) => {
            let described: Vec<_> =
                case.tables.iter().filter_map(|t| super::load::described(t).ok()).collect();
            session.drop(&described).ok();
            return failed("refused", format!("{e:#}"));
        }
    };
    let answer = match translate(&case.query, &tables, &Options::default()) {
        Err(e) if refused(&e) => refusal(session, case, &tables, &e),
        Err(e) => failed("error", e.render(&case.query)),
        Ok(translated) => match session.run(&translated) {
            Err(e) => failed("error", format!("{e:#}")),
            Ok(batches) => {
                let mut out = format!("{{\"id\":{},\"status\":\"ok\",\"columns\":", case.id).into_bytes();
                let columns: Vec<Value> =
                    translated.columns.iter().map(|(n, t)| json!([n, t.to_string()])).collect();
                out.extend_from_slice(Value::Array(columns).to_string().as_bytes());
                out.extend_from_slice(b",\"rows\":[");
                if let Err(e) = rows(&translated, &batches, &mut out) {
                    return finished(session, &tables, failed("error", format!("{e:#}")));
                }
                out.extend_from_slice(b"]}");
                String::from_utf8_lossy(&out).into_owned()
            }
        },
    };
    finished(session, &tables, answer)
}

/// The answer, once the tables are gone.
fn finished(session: &Session, tables: &[tile_clicksql::schema::Table], answer: String) -> String {
    match session.drop(tables) {
        Ok(()) => answer,
        Err(e) => json!({"id": Value::Null, "status": "error", "message": format!("{e:#}")}).to_string(),
    }
}

/// A refusal; where only the output is refused, with the columns that a table would get.
fn refusal(session: &Session, case: &Case, tables: &[tile_clicksql::schema::Table], e: &SqlError) -> String {
    let options = Options { is_stored: true, ..Options::default() };
    let stored = translate(&case.query, &tables.to_vec(), &options).ok();
    let mut answer = json!({"id": case.id, "status": "refused", "message": e.render(&case.query)});
    if let Some(stored) = stored {
        match session.run(&stored) {
            Ok(_) => {
                let columns: Vec<Value> =
                    stored.columns.iter().map(|(n, t)| json!([n, t.to_string()])).collect();
                answer["columns"] = Value::Array(columns);
            }
            Err(e) => {
                return json!({"id": case.id, "status": "error", "message": format!("{e:#}")}).to_string();
            }
        }
    }
    answer.to_string()
}

/// What ClickHouse would answer and is not done here.
fn refused(e: &SqlError) -> bool {
    matches!(e.code, Code::Unsupported | Code::UnknownFunction)
}

fn rows(
    translated: &tile_clicksql::Translated,
    batches: &[arrow_array::RecordBatch],
    out: &mut Vec<u8>,
) -> Result<()> {
    let mut first = true;
    for batch in batches {
        for row in 0..batch.num_rows() {
            if !first {
                out.push(b',');
            }
            first = false;
            out.push(b'[');
            for (i, (array, (_, ty))) in batch.columns().iter().zip(&translated.columns).enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                format::compact_json_value(ty, array, row, out)?;
            }
            out.push(b']');
        }
    }
    Ok(())
}
