//! Parts whose rows memory cannot hold, as those of one key may be: the engine sorts events and left rows by key and time, on its disk where
//! it must, and they are evaluated as they come. What is held is the state of one key, and the rows of a batch.

use super::part::{Part, Prepared, chosen};
use super::sql::{ROW, TIME, quoted, type_name};
use crate::arrow;
use crate::backfill::Tails;
use crate::column::Column;
use crate::key;
use crate::running::Running;
use crate::types::Type;
use crate::value::Value;
use arrow_array::RecordBatch;
use tile_base::{Error, Result};

/// Rows that are written at once.
const ROWS: usize = 8_192;
/// Whether a row asks for values.
const ASKS: &str = "_tile_asks";

/// The key whose rows come now, and the values that were not written yet.
struct Stream<'a> {
    prepared: &'a Prepared,
    types: Vec<(String, Type)>,
    key: Vec<u8>,
    running: Running,
    rows: Vec<i64>,
    /// By column of the plan.
    values: Vec<Vec<Value>>,
}

impl Part<'_, '_> {
    /// As [`Part::fill`], in the order of time.
    pub(super) fn stream(
        &self,
        prepared: &Prepared,
        table: &str,
        times: (i64, i64),
        part: (usize, usize),
    ) -> Result<()> {
        let mut types = prepared.key_types();
        types.extend([(ASKS.to_owned(), Type::Bool), (ROW.to_owned(), Type::Long)]);
        types.push((TIME.to_owned(), Type::Long));
        types.extend(prepared.inputs_read().iter().cloned());
        let mut stream = Stream {
            prepared,
            types,
            key: Vec::new(),
            running: prepared.running(),
            rows: Vec::new(),
            values: vec![Vec::new(); prepared.plan.columns.len()],
        };
        let sql = prepared.sorted_sql(&self.left.table, times, part);
        self.training.read(&sql, &mut |batch| {
            stream.take(&batch)?;
            if stream.rows.len() < ROWS { Ok(()) } else { self.write(&mut stream, table) }
        })?;
        self.write(&mut stream, table)
    }

    fn write(&self, stream: &mut Stream<'_>, table: &str) -> Result<()> {
        let columns = stream.prepared.plan.columns.iter().zip(&mut stream.values);
        let columns =
            columns.map(|(column, values)| Column::of_values(&column.ty, &std::mem::take(values))).collect();
        let batch = stream.prepared.batch(std::mem::take(&mut stream.rows), columns)?;
        self.training.tables.engine().write(&mut |transaction| transaction.append(table, batch.clone()))
    }
}

impl Prepared {
    fn running(&self) -> Running {
        Running::new(self.plan.clone(), if self.is_exact { Tails::Exact } else { Tails::Daily })
    }

    /// Events and left rows of one part of the keys: by key and time, and at one time those that ask before events, and events in the order
    /// in which they are read.
    fn sorted_sql(&self, left: &str, (first, last): (i64, i64), part: (usize, usize)) -> String {
        let cast = |name: &str, ty: &Type| format!("CAST({} AS {})", quoted(name), type_name(ty));
        let keys: Vec<String> = self.keys.iter().map(|(name, _)| quoted(name)).collect();
        let of_events: Vec<String> = self
            .keys
            .iter()
            .zip(&keys)
            .map(|((name, ty), key)| format!("{} AS {key}", cast(name, ty)))
            .collect();
        let of_left: Vec<String> =
            self.left_keys.iter().zip(&self.keys).map(|(left, (_, ty))| cast(left, ty)).collect();
        let nulls = ", NULL".repeat(self.inputs_read().len());
        let (keys, inputs) = (keys.join(", "), self.input_list());
        format!(
            "SELECT {keys}, {ASKS}, {ROW}, {TIME}{inputs} FROM (\
             SELECT {}, false AS {ASKS}, NULL::BIGINT AS {ROW}, {TIME}{inputs}, row_number() OVER () AS _tile_order FROM ({}) WHERE {} \
             UNION ALL SELECT {}, true, {ROW}, {}{nulls}, 0 FROM {left} WHERE {} AND {}) \
             ORDER BY {keys}, {TIME}, {ASKS} DESC, _tile_order",
            of_events.join(", "),
            self.events_sql(first, last),
            chosen(&self.keys, part),
            of_left.join(", "),
            self.time,
            self.wanted,
            chosen(&self.left_key_types(), part)
        )
    }
}

impl Stream<'_> {
    fn take(&mut self, batch: &RecordBatch) -> Result<()> {
        let columns = batch.columns().iter().zip(&self.types);
        let mut columns = columns
            .map(|(array, (name, ty))| {
                arrow::read_as(array, ty).map_err(|e| Error::invalid(format!("column `{name}`: {}", e.what)))
            })
            .collect::<Result<Vec<Column>>>()?;
        let width = self.prepared.keys.len();
        let inputs = columns.split_off(width + 3);
        let own = columns.split_off(width);
        let [Column::Bool(asks), Column::Int(rows), Column::Int(times)] = own.as_slice() else {
            return Err(Error::internal("sorted rows without a time"));
        };
        let block = self.prepared.block(times.values().to_vec(), inputs);
        let mut key = Vec::new();
        for row in 0..batch.num_rows() {
            key.clear();
            if !key::encode(&columns, row, &mut key) {
                continue;
            }
            if key != self.key {
                self.running = self.prepared.running();
                self.key.clone_from(&key);
            }
            if asks.value(row) {
                let values = self.running.values(block.times[row])?;
                self.rows.push(rows.value(row));
                self.values.iter_mut().zip(values).for_each(|(column, value)| column.push(value));
            } else {
                self.running.update(&block, row)?;
            }
        }
        Ok(())
    }
}
