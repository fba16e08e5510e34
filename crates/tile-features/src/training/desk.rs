//! Training data beside a server: an engine of its own for each run, into which the tables are copied that the run names. So a run sees
//! one state of each table, and the databases of workspaces are only read.

use super::sql::quoted;
use super::{Progress, Tables, Training};
use crate::definition::{Declared, Join, Query, Rows, Source, What};
use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tile_base::engine::Cancel;
use tile_base::feed::Batches;
use tile_base::{Error, Result, SqlEngine};

/// Rows of one part of a GroupBy that are held at once, in bytes as they are estimated.
const BYTES_MAX: usize = 128 << 20;

/// Where runs find tables and engines.
pub trait Workshop: Send + Sync {
    /// An empty engine with bounded memory and disk. What is made in it is gone with it.
    ///
    /// # Errors
    /// When it does not start.
    fn engine(&self) -> Result<Arc<dyn SqlEngine>>;

    /// A data source of the workspace, or a table of the catalog's files, by the name that definitions have for it.
    ///
    /// # Errors
    /// `NotFound` with the nearest names.
    fn table(&self, name: &str) -> Result<Given>;
}

/// Rows of a table. Nothing is read before it is asked for.
pub struct Given {
    pub schema: SchemaRef,
    pub batches: Batches,
}

/// An engine with copies of what is named.
pub struct Desk {
    workshop: Arc<dyn Workshop>,
    engine: Arc<dyn SqlEngine>,
    pub cancel: Cancel,
    /// Only columns matter: no row is copied.
    is_bare: bool,
    /// Copies by the names of their tables.
    copies: Mutex<BTreeMap<String, String>>,
    made: AtomicUsize,
}

impl Desk {
    /// # Errors
    /// Those of the workshop.
    pub fn new(workshop: Arc<dyn Workshop>, cancel: Cancel, is_bare: bool) -> Result<Self> {
        let engine = workshop.engine()?;
        Ok(Self { workshop, engine, cancel, is_bare, copies: Mutex::default(), made: AtomicUsize::new(0) })
    }

    /// Copies rows. Gives the name under which definitions find them.
    ///
    /// # Errors
    /// `Invalid` for columns that the engine does not have; those of the rows and of the engine.
    pub fn add(&self, name: &str, given: Given) -> Result<()> {
        let table = format!("_tile_in_{}", self.made.fetch_add(1, Ordering::Relaxed));
        let mut columns: Vec<(usize, String, DataType)> = Vec::new();
        let mut list = Vec::new();
        for (at, field) in given.schema.fields().iter().enumerate() {
            // Columns of types that no expression reads are left out, as they are of other sources.
            if let Some((data, sql)) = held(field.data_type()) {
                list.push(format!("{} {sql}", quoted(field.name())));
                columns.push((at, field.name().clone(), data));
            }
        }
        if list.is_empty() {
            return Err(Error::invalid(format!("`{name}` has no column that can be read")));
        }
        self.engine.write(&mut |transaction| {
            transaction.execute(&format!("CREATE TABLE {table} ({})", list.join(", "))).map(drop)
        })?;
        let batches = if self.is_bare { Box::new(std::iter::empty()) } else { given.batches };
        for batch in batches {
            self.cancel.check()?;
            let batch = fitted(&batch?, &columns)?;
            self.engine.write(&mut |transaction| transaction.append(&table, batch.clone()))?;
        }
        self.copies.lock().insert(name.to_owned(), table);
        Ok(())
    }

    /// A table of ours made of a query; the tables that it was made of are gone.
    ///
    /// # Errors
    /// Those of the engine.
    pub fn settle(&self, query: &str) -> Result<()> {
        self.engine.write(&mut |transaction| {
            transaction.execute(&format!("CREATE TABLE {RESULT} AS {query}")).map(drop)
        })?;
        let mut others = Vec::new();
        let sql = format!("SELECT table_name FROM duckdb_tables() WHERE table_name <> '{RESULT}'");
        self.engine.read(&sql, &self.cancel, &mut |batch| {
            let names = arrow_cast::cast(batch.column(0), &DataType::Utf8)
                .map_err(|e| Error::internal("names of tables that are no texts").source(e))?;
            let names = arrow_array::cast::AsArray::as_string::<i32>(&names);
            others.extend(names.iter().flatten().map(str::to_owned));
            Ok(())
        })?;
        self.engine.write(&mut |transaction| {
            others
                .iter()
                .try_for_each(|t| transaction.execute(&format!("DROP TABLE {}", quoted(t))).map(drop))
        })
    }

    /// The query that computes a definition for the rows of a table, or for those of its own left side.
    ///
    /// # Errors
    /// As [`Training::run`].
    pub fn query(&self, declared: &Declared, left: Option<&str>, tell: Tell<'_>) -> Result<String> {
        let training = Training::new(self, BYTES_MAX, &self.cancel, tell);
        match (&declared.what, left) {
            (What::Join(join), left) => training.run(join, left),
            (What::GroupBy(group), Some(left)) => training.run_group(group, left),
            (What::GroupBy(_), None) => Err(Error::invalid("a GroupBy has no rows of its own")
                .hint("Send rows with its keys and `ts`, or name their table with `left`")),
            _ => Err(Error::invalid(format!("`{}` is neither a Join nor a GroupBy", declared.name()))),
        }
    }

    /// The same of what is served of a Join: of rows that are keys and times as requests have them, and without what only training knows.
    ///
    /// # Errors
    /// As [`Training::run`].
    pub fn query_served(&self, join: &Join, left: &str) -> Result<String> {
        let rows = Rows::Events { table: left.to_owned(), topic: None, is_cumulative: false };
        let mut served = Join {
            left: Source { rows, query: Query::default() },
            labels: None,
            bootstrap: Vec::new(),
            skew_keys: Vec::new(),
            ..join.clone()
        };
        served.external.retain(crate::definition::ExternalPart::is_contextual);
        Training::new(self, BYTES_MAX, &self.cancel, &|_| {}).run(&served, None)
    }

    /// The engine alone: it has what was made in it.
    pub fn into_engine(self) -> Arc<dyn SqlEngine> {
        self.engine
    }

    /// The rows of a table of ours.
    ///
    /// # Errors
    /// Those of the engine.
    pub fn count(&self, table: &str) -> Result<u64> {
        let training = Training::new(self, BYTES_MAX, &self.cancel, &|_| {});
        let count = training.integers(&format!("SELECT count(*) FROM {table}"))?.first().copied().flatten();
        Ok(count.and_then(|n| u64::try_from(n).ok()).unwrap_or(0))
    }

    /// Names and types of a query's columns.
    ///
    /// # Errors
    /// Those of the engine.
    pub fn columns(&self, query: &str) -> Result<Vec<(String, DataType)>> {
        Training::new(self, BYTES_MAX, &self.cancel, &|_| {}).columns(&format!("({query})"))
    }
}

/// Called with how far a run is.
pub type Tell<'a> = &'a (dyn Fn(&Progress) + Sync);

/// The table of [`Desk::settle`].
pub const RESULT: &str = "training_result";

impl Tables for Desk {
    fn engine(&self) -> &dyn SqlEngine {
        self.engine.as_ref()
    }

    fn relation(&self, table: &str) -> Result<String> {
        let known = self.copies.lock().get(table).cloned();
        if let Some(copy) = known {
            return Ok(copy);
        }
        self.add(table, self.workshop.table(table)?)?;
        let copy = self.copies.lock().get(table).cloned();
        copy.ok_or_else(|| Error::internal("a table that was copied is not there"))
    }
}

/// The type in which the engine takes values of an Arrow type, and its name there. None for types that it does not have.
fn held(data: &DataType) -> Option<(DataType, String)> {
    use DataType as D;
    let plain = |data: DataType, sql: &str| Some((data, sql.to_owned()));
    match data {
        D::Boolean => plain(D::Boolean, "BOOLEAN"),
        D::Int8 => plain(D::Int8, "TINYINT"),
        D::Int16 => plain(D::Int16, "SMALLINT"),
        D::Int32 => plain(D::Int32, "INTEGER"),
        D::Int64 => plain(D::Int64, "BIGINT"),
        D::UInt8 => plain(D::UInt8, "UTINYINT"),
        D::UInt16 => plain(D::UInt16, "USMALLINT"),
        D::UInt32 => plain(D::UInt32, "UINTEGER"),
        D::UInt64 => plain(D::UInt64, "UBIGINT"),
        D::Float16 | D::Float32 => plain(D::Float32, "FLOAT"),
        D::Float64 => plain(D::Float64, "DOUBLE"),
        D::Utf8 | D::LargeUtf8 | D::Utf8View => plain(D::Utf8, "VARCHAR"),
        D::Binary | D::LargeBinary | D::BinaryView | D::FixedSizeBinary(_) => plain(D::Binary, "BLOB"),
        D::Date32 | D::Date64 => plain(D::Date32, "DATE"),
        D::Timestamp(_, None) => plain(D::Timestamp(TimeUnit::Microsecond, None), "TIMESTAMP"),
        D::Timestamp(_, Some(zone)) => {
            plain(D::Timestamp(TimeUnit::Microsecond, Some(zone.clone())), "TIMESTAMP WITH TIME ZONE")
        }
        D::Decimal128(digits, scale) => Some((data.clone(), format!("DECIMAL({digits}, {scale})"))),
        D::Dictionary(_, of) => held(of),
        D::List(item) | D::LargeList(item) | D::FixedSizeList(item, _) => {
            let (of, sql) = held(item.data_type())?;
            Some((D::List(Arc::new(Field::new("item", of, true))), format!("{sql}[]")))
        }
        D::Struct(fields) => {
            let mut list = Vec::new();
            let mut held_fields = Vec::new();
            for field in fields {
                let (of, sql) = held(field.data_type())?;
                list.push(format!("{} {sql}", quoted(field.name())));
                held_fields.push(Field::new(field.name(), of, true));
            }
            Some((D::Struct(held_fields.into()), format!("STRUCT({})", list.join(", "))))
        }
        D::Map(entries, is_sorted) => {
            let D::Struct(fields) = entries.data_type() else { return None };
            let [key, value] = &**fields else { return None };
            let ((key_data, key_sql), (value_data, value_sql)) =
                (held(key.data_type())?, held(value.data_type())?);
            let pair =
                vec![Field::new(key.name(), key_data, false), Field::new(value.name(), value_data, true)];
            let entries = Field::new(entries.name(), D::Struct(pair.into()), false);
            Some((D::Map(Arc::new(entries), *is_sorted), format!("MAP({key_sql}, {value_sql})")))
        }
        _ => None,
    }
}

/// The columns of a batch in the types of the engine.
fn fitted(batch: &RecordBatch, columns: &[(usize, String, DataType)]) -> Result<RecordBatch> {
    let mut fields = Vec::new();
    let mut arrays: Vec<ArrayRef> = Vec::new();
    for (at, name, data) in columns {
        let array = batch.columns().get(*at).ok_or_else(|| Error::internal("a batch with fewer columns"))?;
        let array = arrow_cast::cast(array, data)
            .map_err(|e| Error::invalid(format!("the column `{name}` does not fit its type: {e}")))?;
        fields.push(Field::new(name, data.clone(), true));
        arrays.push(array);
    }
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), arrays, &options)
        .map_err(|e| Error::internal("columns do not fit their types").source(e))
}
