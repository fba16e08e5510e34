//! Training data as a table of SQL: `features_training('JOIN', 'LEFT')`. The columns are known from those of the tables; the rows are
//! computed when they are read.

use super::desk::{Desk, RESULT, Workshop};
use crate::definition::Declared;
use crate::hub::{Hub, unknown};
use crate::training::quoted;
use arrow_array::RecordBatch;
use arrow_schema::{DataType, Field, Schema, TimeUnit};
use serde_json::Value as Json;
use std::sync::Arc;
use std::time::Duration;
use tile_base::engine::Cancel;
use tile_base::foreign::{Foreign, ForeignTables, Guarded, Scan, called, changed};
use tile_base::{Error, Resource, ResourceKind, Result, Snapshot};
use tile_web::rt;
use tokio::runtime::Handle;
use xxhash_rust::xxh3::xxh3_64;

/// What it is called.
pub const NAME: &str = "features_training";
/// How long it may compute: queries that wait for longer are ended.
const TIME_MAX: Duration = Duration::from_secs(10);
/// Rows that are read at once.
const ROWS: u64 = 1 << 14;

/// The features of a workspace, for SQL of its own.
pub struct Function {
    pub hub: Arc<Hub>,
    /// The id of the workspace.
    pub workspace: String,
    pub workshop: Arc<dyn Workshop>,
    /// Where its deadline is watched: engines read on threads of their own.
    pub runtime: Handle,
}

/// A call of it.
struct Call {
    declared: Arc<Declared>,
    left: String,
}

/// Columns as SQL takes them: the name, the type, and what makes it.
type Columns = Vec<(String, DataType, String)>;

impl Function {
    fn call(&self, path: &str) -> Result<Call> {
        let (function, args) = called(path).ok_or_else(|| Error::internal("a path that is no call"))?;
        let [name, left] = args.as_slice() else {
            return Err(Error::invalid(format!(
                "`{function}` wants the name of a Join or a GroupBy, and of a table"
            ))
            .hint(format!("Write {NAME}('JOIN', 'LEFT')")));
        };
        if function != NAME {
            return Err(Error::internal("a function that is none of ours"));
        }
        let defined = self.hub.defined();
        let declared = defined.computed(name).cloned().ok_or_else(|| {
            unknown("Join or GroupBy", name, defined.usable.iter().map(|declared| declared.name()))
        })?;
        Ok(Call { declared, left: left.clone() })
    }

    fn columns(&self, call: &Call) -> Result<Columns> {
        let desk = Desk::new(self.workshop.clone(), Cancel::default(), true)?;
        Ok(given(&desk, call)?.1)
    }
}

/// The engine's SQL of the rows of a call, and their columns.
fn given(desk: &Desk, call: &Call) -> Result<(String, Columns)> {
    let query = desk.query(&call.declared, Some(&call.left), &|_| {})?;
    let columns = desk.columns(&query)?.into_iter().map(|(name, data)| shown(name, &data)).collect();
    Ok((query, columns))
}

impl ForeignTables for Function {
    fn guarded(&self, path: &str) -> Option<Guarded> {
        let (_, args) = called(path)?;
        let resource = Resource::named(ResourceKind::Feature, args.first()?);
        Some(Guarded { workspace_id: self.workspace.clone(), resource })
    }

    fn describe(&self, path: &str) -> Result<Foreign> {
        let call = self.call(path)?;
        let columns = self.columns(&call)?;
        Ok(Foreign { schema_id: id_of(&columns), schema: Arc::new(schema(&columns)), version: 0, keys: 0 })
    }

    fn scan(
        &self,
        path: &str,
        schema_id: u64,
        places: &[usize],
        _only: Option<&[Vec<Json>]>,
    ) -> Result<Scan> {
        let call = self.call(path)?;
        let cancel = Cancel::default();
        let _runtime = self.runtime.enter();
        let _deadline = rt::deadline(TIME_MAX, cancel.clone());
        let desk = Desk::new(self.workshop.clone(), cancel, false)?;
        let (query, columns) = given(&desk, &call)?;
        if id_of(&columns) != schema_id {
            return Err(changed(NAME));
        }
        let chosen: Columns = places.iter().filter_map(|place| columns.get(*place).cloned()).collect();
        let list: Vec<String> =
            chosen.iter().map(|(name, _, sql)| format!("{sql} AS {}", quoted(name))).collect();
        desk.settle(&format!("SELECT {} FROM ({query})", list.join(", ")))?;
        let rows = desk.count(RESULT)?;
        let snapshot = desk.into_engine().snapshot()?;
        Ok(Box::new(Parts {
            snapshot,
            next: 0,
            rows,
            batches: vec![].into_iter(),
            schema: Arc::new(schema(&chosen)),
        }))
    }
}

/// The rows of the result that are not read yet.
struct Parts {
    snapshot: Box<dyn Snapshot>,
    next: u64,
    rows: u64,
    batches: std::vec::IntoIter<RecordBatch>,
    schema: Arc<Schema>,
}

impl Iterator for Parts {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(batch) = self.batches.next() {
                let batch = RecordBatch::try_new(self.schema.clone(), batch.columns().to_vec());
                return Some(batch.map_err(|e| Error::internal("a column of another type").source(e)));
            }
            if self.next >= self.rows {
                return None;
            }
            let (low, high) = (self.next, self.next.saturating_add(ROWS));
            self.next = high;
            let sql = format!("SELECT * FROM {RESULT} WHERE rowid >= {low} AND rowid < {high}");
            match self.snapshot.query(&sql) {
                Ok(batches) => self.batches = batches.into_iter(),
                Err(e) => {
                    self.next = self.rows;
                    return Some(Err(e));
                }
            }
        }
    }
}

/// A column as SQL takes it: what has no plain type is the text of its JSON.
fn shown(name: String, data: &DataType) -> (String, DataType, String) {
    let sql = quoted(&name);
    match data {
        DataType::Boolean | DataType::Float32 | DataType::Float64 | DataType::Date32 => {
            (name, data.clone(), sql)
        }
        DataType::Utf8 => (name, DataType::Utf8, sql),
        DataType::Decimal128(..) => (name, data.clone(), sql),
        _ if data.is_integer() => (name, data.clone(), sql),
        DataType::Timestamp(..) => (
            name,
            DataType::Timestamp(TimeUnit::Microsecond, None),
            format!("make_timestamp(epoch_us({sql}))"),
        ),
        DataType::Binary => (name, DataType::Utf8, format!("to_base64({sql})")),
        _ => (name, DataType::Utf8, format!("CAST(to_json({sql}) AS VARCHAR)")),
    }
}

fn schema(columns: &Columns) -> Schema {
    let fields = columns.iter().map(|(name, data, _)| Field::new(name, data.clone(), true));
    Schema::new(fields.collect::<Vec<_>>())
}

fn id_of(columns: &Columns) -> u64 {
    xxh3_64(format!("{columns:?}").as_bytes())
}
