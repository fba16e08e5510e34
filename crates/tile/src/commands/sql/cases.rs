//! Files of cases: each line's tables are made, its query runs, its answer is one line.

use super::load::TableText;
use super::session::Session;
use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use tile_clicksql::error::{Code, SqlError};
use tile_clicksql::schema::Table;
use tile_clicksql::{Options, format, translate};

#[derive(Deserialize)]
struct Case {
    id: Value,
    tables: Option<Box<RawValue>>,
    query: String,
}

/// The tables of the last line, as they were written and as they were made: the next line often has the same.
#[derive(Default)]
struct Loaded {
    text: String,
    tables: Vec<Table>,
}

pub fn run(path: &Path) -> Result<()> {
    let file = File::open(path).with_context(|| format!("failed to open `{}`", path.display()))?;
    let session = Session::new()?;
    let mut loaded = Loaded::default();
    let mut out = std::io::stdout().lock();
    for line in BufReader::new(file).lines() {
        let line = line.context("failed to read a line")?;
        if line.trim().is_empty() {
            continue;
        }
        let answer = match serde_json::from_str::<Case>(&line) {
            Ok(case) => answer(&session, &case, &mut loaded),
            Err(e) => json!({"id": Value::Null, "status": "error", "message": format!("not a case: {e}")})
                .to_string(),
        };
        writeln!(out, "{answer}")?;
    }
    Ok(())
}

fn answer(session: &Session, case: &Case, loaded: &mut Loaded) -> String {
    let failed = |status: &str, message: String| {
        json!({"id": case.id, "status": status, "message": message}).to_string()
    };
    if let Err(e) = exchange(session, case.tables.as_deref(), loaded) {
        return failed("refused", format!("{e:#}"));
    }
    let translated = match translate(&case.query, &loaded.tables, &Options::default()) {
        Ok(translated) => translated,
        Err(e) if refused(&e) => return refusal(session, case, &loaded.tables, &e),
        Err(e) => return failed("error", e.render(&case.query)),
    };
    let written = session.run(&translated).and_then(|batches| {
        let columns: Vec<Value> = translated.columns.iter().map(|(n, t)| json!([n, t.to_string()])).collect();
        let head = json!({"id": case.id, "status": "ok", "columns": columns}).to_string();
        let mut out = head.trim_end_matches('}').as_bytes().to_vec();
        out.extend_from_slice(b",\"rows\":[");
        rows(&translated, &batches, &mut out)?;
        out.extend_from_slice(b"]}");
        Ok(String::from_utf8_lossy(&out).into_owned())
    });
    written.unwrap_or_else(|e| failed("error", format!("{e:#}")))
}

/// Puts a line's tables in the place of those that are there, unless they are the same.
fn exchange(session: &Session, tables: Option<&RawValue>, loaded: &mut Loaded) -> Result<()> {
    let text = tables.map_or("[]", RawValue::get);
    if loaded.text == text {
        return Ok(());
    }
    let old = std::mem::take(loaded);
    session.drop(&old.tables)?;
    let texts: Vec<TableText> = serde_json::from_str(text).context("failed to read the tables")?;
    match session.load(&texts) {
        Ok(tables) => {
            *loaded = Loaded { text: text.to_owned(), tables };
            Ok(())
        }
        Err(e) => {
            let made: Vec<Table> = texts.iter().filter_map(|t| super::load::described(t).ok()).collect();
            session.drop(&made)?;
            Err(e)
        }
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
