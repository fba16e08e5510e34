//! Tables of the catalog that can be followed: a file is read as a whole, and again when it has changed.

use super::Workspace;
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use std::sync::Arc;
use tile_base::engine::{Cancel, collect, foreign_table};
use tile_base::feed::{FeedQuery, Position, Reading};
use tile_base::foreign::{Foreign, ForeignTables};
use tile_base::{Error, Kind, Result};
use tile_clicksql::engine_name;

/// What is read of a file at once.
const BYTES_MAX: usize = 512 << 20;

/// The columns of a file.
///
/// # Errors
/// Those of the catalog; `NotFound` where there is none, and for what is no file.
pub fn schema(workspace: &Workspace, path: &str) -> Result<SchemaRef> {
    Ok(found(workspace, path)?.1.schema)
}

fn found(workspace: &Workspace, path: &str) -> Result<(Arc<dyn ForeignTables>, Foreign)> {
    let Some(tables) = workspace.engine().elsewhere() else {
        return Err(Error::not_found(format!("there is no catalog with `{path}`")));
    };
    // What is computed here would follow itself, and other workspaces have tokens of their own.
    if tables.guarded(path).is_some() {
        return Err(Error::not_found(format!("`{path}` is no file of the catalog")));
    }
    let found = tables.describe(path)?;
    Ok((tables, found))
}

/// The rows of a file, all of them where it is another one than at a position.
///
/// # Errors
/// As [`schema`]; `TooLarge`; those of the engine.
pub fn read(
    workspace: &Workspace,
    path: &str,
    query: &FeedQuery,
    after: Option<&Position>,
) -> Result<Reading> {
    let (_, file) = found(workspace, path)?;
    let generation = format!("{:x}-{:x}", file.version, file.schema_id);
    if let Some(position) = after.filter(|position| position.generation == generation) {
        let batches = Box::new(std::iter::empty());
        return Ok(Reading { position: position.clone(), is_anew: false, rows: 0, batches });
    }
    let given: Vec<String> =
        query.columns.iter().map(|(name, sql)| format!("{sql} AS {}", engine_name(name))).collect();
    let filter = query.filter.as_ref().map_or_else(String::new, |filter| format!(" WHERE {filter}"));
    let rows = foreign_table(path, file.schema_id, None);
    let sql = format!("SELECT {} FROM (SELECT * FROM {rows}) AS r_{filter}", given.join(", "));
    let engine = workspace.engine().clone();
    let path = path.to_owned();
    let all = move || -> Box<dyn Iterator<Item = Result<RecordBatch>> + Send> {
        match collect(engine.as_ref(), &sql, &Cancel::default(), BYTES_MAX) {
            Ok(batches) => Box::new(batches.into_iter().map(Ok)),
            Err(e) if e.kind == Kind::TooLarge => {
                let what = format!("what is read of `{path}` is larger than {} MiB", BYTES_MAX >> 20);
                let error = Error::new(Kind::TooLarge, what);
                Box::new(std::iter::once(Err(error.hint("Append it to a data source, and follow that"))))
            }
            Err(e) => Box::new(std::iter::once(Err(e))),
        }
    };
    Ok(Reading {
        // As a whole it is one row that came.
        position: Position { generation, rows: 1, next: 1 },
        is_anew: true,
        rows: 1,
        batches: Box::new(std::iter::once_with(all).flatten()),
    })
}
