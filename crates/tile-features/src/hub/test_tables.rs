//! Tables of any columns in memory, to be followed. Of the engine's SQL they know what a follower asks of a column: itself, and the conditions
//! that it is one of some numbers, or not below one.

use crate::value::Value;
use arrow_array::{ArrayRef, BooleanArray, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tile_base::Result;
use tile_base::feed::{Feed, FeedQuery, Position, Reading};

#[derive(Default)]
struct Held {
    columns: Vec<(String, DataType)>,
    rows: Mutex<(u64, Vec<Vec<Value>>)>,
    wakes: Mutex<Vec<Arc<dyn Fn() + Send + Sync>>>,
    read: AtomicUsize,
}

#[derive(Clone)]
pub(crate) struct Rows(Arc<Held>);

impl Rows {
    /// Columns are integers, or `name:text`, `name:bool`.
    pub(crate) fn new(columns: &[&str]) -> Self {
        let column = |text: &&str| match text.split_once(':') {
            Some((name, "text")) => (name.to_owned(), DataType::Utf8),
            Some((name, _)) => (name.to_owned(), DataType::Boolean),
            None => ((*text).to_owned(), DataType::Int64),
        };
        Self(Arc::new(Held { columns: columns.iter().map(column).collect(), ..Held::default() }))
    }

    pub(crate) fn add(&self, rows: &[Vec<Value>]) {
        self.0.rows.lock().1.extend_from_slice(rows);
        self.0.wakes.lock().iter().for_each(|wake| wake());
    }

    pub(crate) fn replace(&self, rows: &[Vec<Value>]) {
        let mut held = self.0.rows.lock();
        *held = (held.0 + 1, rows.to_vec());
        drop(held);
        self.0.wakes.lock().iter().for_each(|wake| wake());
    }

    /// Rows that were looked at so far.
    pub(crate) fn read(&self) -> usize {
        self.0.read.load(Ordering::Relaxed)
    }

    /// The place of the first column that an expression names; none where it names none.
    fn place(&self, sql: &str) -> Option<usize> {
        let name = sql.split('"').nth(1)?;
        Some(self.0.columns.iter().position(|(n, _)| n == name).unwrap())
    }

    fn holds(&self, condition: &str, row: &[Value]) -> bool {
        let number = |sql: &str| match row[self.place(sql).unwrap()] {
            Value::Int(x) => x,
            ref other => panic!("{other:?} is not a number"),
        };
        if let Some((sql, list)) = condition.split_once(" IN (") {
            return list.trim_end_matches(')').split(", ").any(|n| n.parse() == Ok(number(sql)));
        }
        if let Some((sql, least)) = condition.split_once(" >= ") {
            return number(sql) >= least.parse().unwrap();
        }
        if let Some((sql, bound)) = condition.split_once(" < ") {
            return number(sql) < bound.parse().unwrap();
        }
        // Conditions of keys may let others through.
        condition != "false"
    }

    fn column(&self, sql: &str, rows: &[&Vec<Value>]) -> ArrayRef {
        let Some(at) = self.place(sql) else { return Arc::new(Int64Array::from(vec![0; rows.len()])) };
        let of = rows.iter().map(|row| &row[at]);
        match self.0.columns[at].1 {
            DataType::Utf8 => Arc::new(
                of.map(|v| if let Value::Text(t) = v { Some(t.to_string()) } else { None })
                    .collect::<StringArray>(),
            ),
            DataType::Boolean => Arc::new(
                of.map(|v| if let Value::Bool(b) = v { Some(*b) } else { None }).collect::<BooleanArray>(),
            ),
            _ => Arc::new(
                of.map(|v| if let Value::Int(x) = v { Some(*x) } else { None }).collect::<Int64Array>(),
            ),
        }
    }
}

impl Feed for Rows {
    fn schema(&self) -> Result<SchemaRef> {
        let fields = self.0.columns.iter().map(|(name, ty)| Field::new(name, ty.clone(), true));
        Ok(Arc::new(Schema::new(fields.collect::<Vec<_>>())))
    }

    fn read(&self, query: &FeedQuery, after: Option<&Position>) -> Result<Reading> {
        let (generation, rows) = self.0.rows.lock().clone();
        let generation = generation.to_string();
        let after = after.filter(|p| p.generation == generation);
        let new = &rows[after.map_or(0, |p| usize::try_from(p.rows).unwrap())..];
        self.0.read.fetch_add(new.len(), Ordering::Relaxed);
        let conditions: Vec<&str> = query.filter.iter().flat_map(|filter| filter.split(" AND ")).collect();
        let kept: Vec<&Vec<Value>> =
            new.iter().filter(|row| conditions.iter().all(|c| self.holds(c, row))).collect();
        let columns = query.columns.iter().map(|(name, sql)| (name.as_str(), self.column(sql, &kept), true));
        let batch = RecordBatch::try_from_iter_with_nullable(columns).unwrap();
        let count = u64::try_from(rows.len()).unwrap();
        Ok(Reading {
            position: Position { generation, rows: count, next: count },
            is_anew: after.is_none(),
            rows: u64::try_from(new.len()).unwrap(),
            batches: Box::new(std::iter::once(Ok(batch))),
        })
    }

    fn watch(&self, wake: Arc<dyn Fn() + Send + Sync>) -> Box<dyn Send + Sync> {
        self.0.wakes.lock().push(wake);
        Box::new(())
    }
}
