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
        // Each step rests in a table: the engine cannot put what one statement reads, sorts and gives on its disk all at once.
        let gathered =
            self.training.keep("gathered", &prepared.gathered_sql(&self.left.table, times, part))?;
        let keys: Vec<String> = (0..prepared.keys.len()).map(key_name).collect();
        let sorted = self.training.keep(
            "sorted",
            &format!("SELECT * FROM {gathered} ORDER BY {}, {TIME}, {ASKS} DESC, rowid", keys.join(", ")),
        )?;
        self.training.execute(&format!("DROP TABLE {gathered}"))?;
        self.training.read(&format!("SELECT * FROM {sorted}"), &mut |batch| {
            stream.take(&batch)?;
            if stream.rows.len() < ROWS { Ok(()) } else { self.write(&mut stream, table) }
        })?;
        self.write(&mut stream, table)?;
        self.training.execute(&format!("DROP TABLE {sorted}"))
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

    /// Events in the order in which they are read, and left rows, of one part of the keys. At one time those that ask come before events.
    fn gathered_sql(&self, left: &str, (first, last): (i64, i64), part: (usize, usize)) -> String {
        let cast = |name: &str, ty: &Type, at: usize| {
            format!("CAST({} AS {}) AS {}", quoted(name), type_name(ty), key_name(at))
        };
        let keys = self.keys.iter().enumerate();
        let of_events: Vec<String> = keys.clone().map(|(at, (name, ty))| cast(name, ty, at)).collect();
        let of_left: Vec<String> =
            keys.zip(&self.left_keys).map(|((at, (_, ty)), left)| cast(left, ty, at)).collect();
        let inputs = self.inputs_read().iter().enumerate();
        let inputs: String =
            inputs.map(|(at, (name, _))| format!(", {} AS _tile_input_{at}", quoted(name))).collect();
        format!(
            "SELECT {}, false AS {ASKS}, NULL::BIGINT AS {ROW}, {TIME}{inputs} FROM ({}) WHERE {} \
             UNION ALL SELECT {}, true, {ROW}, {}{} FROM {left} WHERE {} AND {}",
            of_events.join(", "),
            self.events_sql(first, last),
            chosen(&self.keys, part),
            of_left.join(", "),
            self.time,
            ", NULL".repeat(self.inputs_read().len()),
            self.wanted,
            chosen(&self.left_key_types(), part)
        )
    }
}

/// What a column of the key is called in tables of ours.
fn key_name(at: usize) -> String {
    format!("_tile_key_{at}")
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
