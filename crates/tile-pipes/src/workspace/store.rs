//! What a workspace remembers beside its rows: documents, in the same database, so that they change in the same transaction.

use arrow_array::cast::AsArray;
use arrow_array::{Array, RecordBatch};
use tile_base::{Cancel, Error, Result, SqlEngine, Transaction, engine::collect};

/// The table of documents. No data source can have its name: theirs begin otherwise.
const TABLE: &str = "tile_documents";

/// Bytes of all documents of a kind.
const BYTES_MAX: usize = 1 << 30;

/// Makes the table where it is not.
///
/// # Errors
/// Those of the engine.
pub fn prepare(engine: &dyn SqlEngine) -> Result<()> {
    engine.write(&mut |t| {
        t.execute(&format!(
            "CREATE TABLE IF NOT EXISTS {TABLE} (kind VARCHAR NOT NULL, name VARCHAR NOT NULL, body VARCHAR NOT NULL)"
        ))
        .map(drop)
    })
}

/// All documents of a kind, by name.
///
/// # Errors
/// Those of the engine, and of documents that cannot be read.
pub fn all<T: serde::de::DeserializeOwned>(engine: &dyn SqlEngine, kind: &str) -> Result<Vec<(String, T)>> {
    let sql = format!("SELECT name, body FROM {TABLE} WHERE kind = {} ORDER BY name", quoted(kind));
    let mut out = Vec::new();
    for batch in collect(engine, &sql, &Cancel::default(), BYTES_MAX)? {
        let (names, bodies) = (batch.column(0).as_string::<i32>(), batch.column(1).as_string::<i32>());
        for row in 0..names.len() {
            let body = serde_json::from_str(bodies.value(row)).map_err(|e| {
                Error::damaged(format!("the {kind} `{}` cannot be read", names.value(row))).source(e)
            })?;
            out.push((names.value(row).to_owned(), body));
        }
    }
    Ok(out)
}

/// A document, if there is one of this name.
///
/// # Errors
/// As [`all`].
pub fn get<T: serde::de::DeserializeOwned>(
    engine: &dyn SqlEngine,
    kind: &str,
    name: &str,
) -> Result<Option<T>> {
    find(&|sql| collect(engine, sql, &Cancel::default(), BYTES_MAX), kind, name)
}

/// The same by what runs queries: within a transaction, or in one state of the database.
///
/// # Errors
/// As [`all`].
pub fn find<T: serde::de::DeserializeOwned>(
    query: &dyn Fn(&str) -> Result<Vec<RecordBatch>>,
    kind: &str,
    name: &str,
) -> Result<Option<T>> {
    let (kind_text, name_text) = (quoted(kind), quoted(name));
    let found = query(&format!("SELECT body FROM {TABLE} WHERE kind = {kind_text} AND name = {name_text}"))?;
    let Some(batch) = found.iter().find(|b| b.num_rows() > 0) else { return Ok(None) };
    serde_json::from_str(batch.column(0).as_string::<i32>().value(0))
        .map(Some)
        .map_err(|e| Error::damaged(format!("the {kind} `{name}` cannot be read")).source(e))
}

/// Puts a document in the place of the one of this name.
///
/// # Errors
/// Those of the engine.
pub fn put(t: &dyn Transaction, kind: &str, name: &str, body: &impl serde::Serialize) -> Result<()> {
    let text = serde_json::to_string(body).map_err(|e| Error::internal("a document is no JSON").source(e))?;
    delete(t, kind, name)?;
    t.execute(&format!("INSERT INTO {TABLE} VALUES ({}, {}, {})", quoted(kind), quoted(name), quoted(&text)))
        .map(drop)
}

/// Whether there is a document of this name.
///
/// # Errors
/// Those of the engine.
pub fn has(t: &dyn Transaction, kind: &str, name: &str) -> Result<bool> {
    let sql =
        format!("SELECT 1 FROM {TABLE} WHERE kind = {} AND name = {} LIMIT 1", quoted(kind), quoted(name));
    Ok(t.query(&sql)?.iter().any(|batch| batch.num_rows() > 0))
}

/// Forgets all documents of a kind.
///
/// # Errors
/// Those of the engine.
pub fn delete_all(t: &dyn Transaction, kind: &str) -> Result<()> {
    t.execute(&format!("DELETE FROM {TABLE} WHERE kind = {}", quoted(kind))).map(drop)
}

/// # Errors
/// Those of the engine.
pub fn delete(t: &dyn Transaction, kind: &str, name: &str) -> Result<()> {
    let sql = format!("DELETE FROM {TABLE} WHERE kind = {} AND name = {}", quoted(kind), quoted(name));
    t.execute(&sql).map(drop)
}

/// Keeps of a kind only the documents with these names.
///
/// # Errors
/// Those of the engine.
pub fn delete_all_but<'a>(
    t: &dyn Transaction,
    kind: &str,
    names: impl Iterator<Item = &'a str>,
) -> Result<()> {
    let kept: Vec<String> = names.map(quoted).collect();
    let others =
        if kept.is_empty() { String::new() } else { format!(" AND name NOT IN ({})", kept.join(", ")) };
    t.execute(&format!("DELETE FROM {TABLE} WHERE kind = {}{others}", quoted(kind))).map(drop)
}

/// A text of the engine's SQL.
pub fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
