//! The table function behind foreign tables. Only statements that we write can call it: users' SQL is translated, and its functions
//! are others.

use arrow_array::RecordBatch;
use duckdb::Connection;
use duckdb::core::{DataChunkHandle, LogicalTypeHandle, LogicalTypeId};
use duckdb::vtab::{
    BindInfo, InitInfo, TableFunctionInfo, VTab, record_batch_to_duckdb_data_chunk, to_duckdb_logical_type,
};
use serde_json::Value as Json;
use std::error::Error as StdError;
use std::sync::{Arc, Mutex, PoisonError};
use tile_base::Error;
use tile_base::foreign::{ForeignTables, Scan};

/// What it is called: `foreign_table(path, schema_id, only)`, all of them text, the last one keys as JSON or nothing; and over tables of
/// other databases.
pub const FOREIGN: &str = "foreign_table";
pub const SHARED: &str = "shared_table";
/// Rows of one chunk of the engine.
const CHUNK_ROWS: usize = 2048;

type Tables = Arc<dyn ForeignTables>;

struct Function;

/// A call of the function in a prepared statement.
struct Bound {
    tables: Tables,
    path: String,
    schema_id: u64,
    width: usize,
    only: Option<Vec<Vec<Json>>>,
}

/// A run of it.
struct Run {
    /// Places in the schema; empty when only the number of rows counts.
    columns: Vec<u64>,
    at: Mutex<At>,
}

#[derive(Default)]
struct At {
    scan: Option<Scan>,
    batch: Option<RecordBatch>,
}

fn told(e: &Error) -> String {
    e.detail()
}

impl VTab for Function {
    type InitData = Run;
    type BindData = Bound;

    #[expect(unsafe_code, reason = "DuckDB gives back what was registered as a bare pointer")]
    fn bind(bind: &BindInfo) -> Result<Bound, Box<dyn StdError>> {
        let registered = bind.get_extra_info::<Tables>();
        // SAFETY: the function is registered below with a value of this type, which lives as long as the function.
        let tables = unsafe { registered.as_ref() }.ok_or("the function has no tables")?.clone();
        let path = bind.get_parameter(0).to_string();
        let schema_id: u64 = bind.get_parameter(1).to_string().parse()?;
        let only = bind.get_parameter(2).to_string();
        let only = if only.is_empty() { None } else { Some(serde_json::from_str(&only)?) };
        let found = tables.describe(&path).map_err(|e| told(&e))?;
        if found.schema_id != schema_id {
            return Err(format!("the columns of `{path}` have changed; deploy or ask again").into());
        }
        for field in found.schema.fields() {
            bind.add_result_column(field.name(), to_duckdb_logical_type(field.data_type())?);
        }
        Ok(Bound { tables, path, schema_id, width: found.schema.fields().len(), only })
    }

    fn init(init: &InitInfo) -> Result<Run, Box<dyn StdError>> {
        Ok(Run { columns: init.get_column_indices(), at: Mutex::default() })
    }

    fn func(info: &TableFunctionInfo<Self>, output: &mut DataChunkHandle) -> Result<(), Box<dyn StdError>> {
        let (bound, run) = (info.get_bind_data(), info.get_init_data());
        let mut at = run.at.lock().unwrap_or_else(PoisonError::into_inner);
        // Beyond the columns are those of the engine, which ask only for the number of rows.
        let columns: Vec<usize> = run
            .columns
            .iter()
            .filter_map(|c| usize::try_from(*c).ok().filter(|c| *c < bound.width))
            .collect();
        let is_counting = columns.is_empty();
        let mut scan = match at.scan.take() {
            Some(scan) => scan,
            None => {
                let read = if is_counting { &[0][..] } else { &columns };
                let only = bound.only.as_deref();
                bound.tables.scan(&bound.path, bound.schema_id, read, only).map_err(|e| told(&e))?
            }
        };
        let batch = match at.batch.take() {
            Some(batch) => Some(batch),
            None => next(&mut scan)?,
        };
        at.scan = Some(scan);
        let Some(batch) = batch else {
            output.set_len(0);
            return Ok(());
        };
        let rows = batch.num_rows().min(CHUNK_ROWS);
        let part = batch.slice(0, rows);
        if batch.num_rows() > rows {
            at.batch = Some(batch.slice(rows, batch.num_rows() - rows));
        }
        if is_counting {
            output.set_len(rows);
            return Ok(());
        }
        record_batch_to_duckdb_data_chunk(&part, output)
    }

    fn supports_pushdown() -> bool {
        true
    }

    fn parameters() -> Option<Vec<LogicalTypeHandle>> {
        let text = || LogicalTypeHandle::from(LogicalTypeId::Varchar);
        Some(vec![text(), text(), text()])
    }
}

/// The next batch that has rows.
fn next(scan: &mut Scan) -> Result<Option<RecordBatch>, String> {
    loop {
        match scan.next() {
            None => return Ok(None),
            Some(Err(e)) => return Err(told(&e)),
            Some(Ok(batch)) if batch.num_rows() > 0 => return Ok(Some(batch)),
            Some(Ok(_)) => {}
        }
    }
}

/// Makes the function known to all connections of a database, by one of its names.
pub fn register(connection: &Connection, name: &str, tables: &Tables) -> duckdb::Result<()> {
    connection.register_table_function_with_extra_info::<Function, Tables>(name, tables)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Engine, Limits};
    use arrow_array::builder::{Int64Builder, ListBuilder};
    use arrow_array::{ArrayRef, Int64Array, StringArray, UInt64Array};
    use arrow_schema::{DataType, Field, Schema};
    use tile_base::engine::{collect, foreign_table};
    use tile_base::foreign::Foreign;
    use tile_base::{Cancel, Kind, SqlEngine};

    /// `rows/N` has the numbers below N, in batches of a length that fits no chunk.
    struct Numbers;

    fn schema() -> Arc<Schema> {
        Arc::new(Schema::new(vec![
            Field::new("n", DataType::Int64, false),
            Field::new("text", DataType::Utf8, true),
            Field::new_list("list", Field::new("item", DataType::Int64, true), false),
        ]))
    }

    impl ForeignTables for Numbers {
        fn describe(&self, path: &str) -> tile_base::Result<Foreign> {
            if !path.starts_with("rows/") {
                return Err(Error::not_found(format!("no `{path}`")));
            }
            Ok(Foreign { schema: schema(), schema_id: 7, version: 0, keys: 1 })
        }
        fn scan(
            &self,
            path: &str,
            _schema_id: u64,
            columns: &[usize],
            only: Option<&[Vec<Json>]>,
        ) -> tile_base::Result<Scan> {
            if let Some(only) = only {
                let keys = only.iter().map(|key| key[0].as_i64().unwrap());
                assert_eq!(columns, [0]);
                let keys: ArrayRef = Arc::new(keys.collect::<Int64Array>());
                let schema = Arc::new(schema().project(columns).unwrap());
                return Ok(Box::new(std::iter::once(Ok(RecordBatch::try_new(schema, vec![keys]).unwrap()))));
            }
            let end: i64 =
                path.trim_start_matches("rows/").parse().map_err(|_| Error::internal("a number"))?;
            let schema = Arc::new(schema().project(columns).unwrap());
            let columns = columns.to_vec();
            Ok(Box::new((0..end).step_by(3000).map(move |low| {
                let range = low..(low + 3000).min(end);
                let column = |c: &usize| -> ArrayRef {
                    match c {
                        0 => Arc::new(Int64Array::from_iter_values(range.clone())),
                        2 => {
                            let mut lists = ListBuilder::new(Int64Builder::new());
                            for n in range.clone() {
                                lists.append_value((0..n % 3).map(|k| (k > 0).then_some(n)));
                            }
                            Arc::new(lists.finish())
                        }
                        _ => {
                            let texts = range.clone().map(|n| (n % 2 == 0).then(|| format!("t{n}")));
                            Arc::new(texts.collect::<StringArray>())
                        }
                    }
                };
                if low > 30_000 {
                    return Err(Error::damaged("the file ends here"));
                }
                Ok(RecordBatch::try_new(schema.clone(), columns.iter().map(column).collect()).unwrap())
            })))
        }
    }

    fn engine() -> Engine {
        Engine::in_memory(Limits::default(), &[]).unwrap().with_elsewhere(Arc::new(Numbers)).unwrap()
    }

    fn numbers(select: &str, path: &str) -> tile_base::Result<Vec<u64>> {
        let sql = format!("SELECT {select} FROM {}", foreign_table(path, 7, None));
        let batches = collect(&engine(), &sql, &Cancel::default(), 1 << 20)?;
        let row = batches.first().unwrap();
        Ok(row.columns().iter().map(|c| c.as_any().downcast_ref::<UInt64Array>().unwrap().value(0)).collect())
    }

    #[test]
    fn rows_come_whole_and_in_the_columns_that_are_named() {
        assert_eq!(numbers("count(*)::UBIGINT", "rows/10000").unwrap(), [10_000]);
        let all = "sum(n)::UBIGINT, count(text)::UBIGINT, count(DISTINCT text)::UBIGINT";
        assert_eq!(numbers(all, "rows/10000").unwrap(), [49_995_000, 5_000, 5_000]);
        // The second column alone, and both the other way round.
        assert_eq!(numbers("max(substr(text, 2)::UBIGINT)", "rows/5000").unwrap(), [4_998]);
        let swapped = "max(length(text))::UBIGINT, max(n)::UBIGINT";
        assert_eq!(numbers(swapped, "rows/5000").unwrap(), [5, 4_999]);
        assert_eq!(numbers("count(*)::UBIGINT", "rows/0").unwrap(), [0]);
    }

    #[test]
    fn lists_come_whole_and_with_their_nulls() {
        // Of three numbers one has no item, one a null, and one a null and itself.
        let all = "sum(len(list))::UBIGINT, sum(list_sum(list))::UBIGINT, count(list_sum(list))::UBIGINT";
        let twos: u64 = (0..9_000).filter(|n| n % 3 == 2).sum();
        assert_eq!(numbers(all, "rows/9000").unwrap(), [9_000, twos, 3_000]);
        let same = "count_if(n % 3 = 2 AND list = [NULL, n])::UBIGINT";
        assert_eq!(numbers(same, "rows/9000").unwrap(), [3_000]);
    }

    #[test]
    fn rows_of_some_keys_are_asked_for() {
        let only = [vec![Json::from(5)], vec![Json::from(-7)]];
        let sql = format!("SELECT sum(n)::BIGINT FROM {}", foreign_table("rows/it's", 7, Some(&only)));
        let batches = collect(&engine(), &sql, &Cancel::default(), 1 << 20).unwrap();
        assert_eq!(batches[0].column(0).as_any().downcast_ref::<Int64Array>().unwrap().value(0), -2);
    }

    #[test]
    fn what_fails_is_told() {
        let missing = numbers("count(*)", "nothing's here").unwrap_err();
        assert!(missing.kind == Kind::Invalid && missing.what.contains("no `nothing's here`"), "{missing}");
        let damaged = numbers("sum(n)", "rows/90000").unwrap_err();
        assert!(damaged.what.contains("the file ends here"), "{damaged}");
        let sql = format!("SELECT * FROM {}", foreign_table("rows/1", 8, None));
        let changed = engine().read(&sql, &Cancel::default(), &mut |_| Ok(())).unwrap_err();
        assert!(changed.what.contains("columns of `rows/1` have changed"), "{changed}");
    }
}
