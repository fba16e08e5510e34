//! Transactions beside the one that writes, each by a connection of its own. Rows that two of them add do not meet; of two that remove
//! the same row one fails.

use crate::engine::{Engine, WRITTEN_MAX, failed, locked, within};
use duckdb::Connection;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tile_base::{Beside, Error, Kind, Result, Transaction};

/// Transactions at once.
const BESIDE_MAX: usize = 8;
/// Transactions of one connection. What it keeps for tables that are gone, it forgets with itself.
const USES_MAX: u32 = 4096;
/// Makes a transaction see the state of this moment: DuckDB lets it begin with the first look at the database.
const LOOK: &str = "SELECT txid_current()";

/// Connections that wait for a transaction, and how many transactions there are.
#[derive(Default)]
pub struct Pool {
    idle: Mutex<Vec<Used>>,
    count: AtomicUsize,
}

/// A connection, and how many transactions it has had.
struct Used {
    connection: Connection,
    uses: u32,
}

/// A transaction that has begun. It is given up with its connection when this is dropped before its end.
struct Begun {
    engine: Arc<Engine>,
    used: Option<Used>,
}

/// Begins a transaction.
pub fn begin(engine: Arc<Engine>) -> Result<Box<dyn Beside>> {
    let is_full = engine.beside.count.fetch_add(1, Ordering::Relaxed) >= BESIDE_MAX;
    let mut out = Begun { engine, used: None };
    if is_full {
        return Err(Error::new(Kind::Busy, "too many rows are stored at once").hint("Try again later"));
    }
    let idle = locked(&out.engine.beside.idle).pop();
    let Used { connection, uses } = match idle {
        Some(used) => used,
        None => Used { connection: out.engine.connection(WRITTEN_MAX)?, uses: 0 },
    };
    connection.execute_batch("BEGIN TRANSACTION").map_err(|e| failed(&e))?;
    let looked = connection.prepare_cached(LOOK).and_then(|mut statement| statement.execute([]));
    looked.map_err(|e| failed(&e))?;
    out.used = Some(Used { connection, uses: uses + 1 });
    Ok(Box::new(out))
}

impl Beside for Begun {
    fn run(mut self: Box<Self>, work: &mut dyn FnMut(&dyn Transaction) -> Result<()>) -> Result<()> {
        let used = self.used.take().ok_or_else(|| Error::internal("a transaction without a connection"))?;
        let (done, is_over) = within(&used.connection, work);
        if is_over && used.uses < USES_MAX {
            locked(&self.engine.beside.idle).push(used);
        }
        done
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        self.engine.beside.count.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Limits;
    use arrow_array::cast::AsArray;
    use arrow_array::types::Int64Type;
    use tile_base::SqlEngine;

    fn engine(name: &str) -> (Arc<Engine>, std::path::PathBuf) {
        let folder = std::env::temp_dir().join(format!("tile-duck-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let engine = Engine::open(&folder.join("a.duckdb"), Limits::default(), &[]).unwrap();
        engine.execute("CREATE TABLE t (a BIGINT); INSERT INTO t VALUES (1), (2)").unwrap();
        (Arc::new(engine), folder)
    }

    fn number(engine: &Engine, sql: &str) -> i64 {
        engine.query(sql).unwrap()[0].column(0).as_primitive::<Int64Type>().value(0)
    }

    #[test]
    fn it_sees_the_moment_when_it_began_and_others_go_on() {
        let (engine, folder) = engine("beside");
        let long = Arc::clone(&engine).beside().unwrap();
        engine.write(&mut |t| t.execute("INSERT INTO t VALUES (10)").map(drop)).unwrap();
        long.run(&mut |t| {
            t.execute("INSERT INTO t SELECT a + 100 FROM t")?;
            engine.write(&mut |t| t.execute("INSERT INTO t VALUES (20)").map(drop))?;
            // Also two beside each other.
            Arc::clone(&engine).beside()?.run(&mut |t| t.execute("INSERT INTO t VALUES (30)").map(drop))?;
            assert_eq!(number(&engine, "SELECT count(*)::BIGINT FROM t WHERE a > 100"), 0);
            Ok(())
        })
        .unwrap();
        // 10, 20 and 30 came after it had begun.
        assert_eq!(number(&engine, "SELECT sum(a)::BIGINT FROM t"), 1 + 2 + 101 + 102 + 10 + 20 + 30);
        // The rows have numbers in the order of the commits.
        assert_eq!(number(&engine, "SELECT a FROM t ORDER BY rowid DESC LIMIT 1"), 102);
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn what_fails_or_is_left_has_changed_nothing() {
        let (engine, folder) = engine("beside-left");
        let failing = Arc::clone(&engine).beside().unwrap();
        let done = failing.run(&mut |t| {
            t.execute("INSERT INTO t VALUES (3)")?;
            Err(Error::invalid("enough"))
        });
        assert_eq!(done.unwrap_err().what, "enough");
        for _ in 0..=BESIDE_MAX {
            drop(Arc::clone(&engine).beside().unwrap());
        }
        let held: Vec<_> = (0..BESIDE_MAX).map(|_| Arc::clone(&engine).beside().unwrap()).collect();
        assert_eq!(Arc::clone(&engine).beside().err().unwrap().kind, Kind::Busy);
        drop(held);
        assert_eq!(number(&engine, "SELECT count(*)::BIGINT FROM t"), 2);
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn of_two_that_remove_a_row_one_is_told() {
        let (engine, folder) = engine("beside-conflict");
        let beside = Arc::clone(&engine).beside().unwrap();
        engine.write(&mut |t| t.execute("DELETE FROM t WHERE a = 1").map(drop)).unwrap();
        let done = beside.run(&mut |t| t.execute("DELETE FROM t WHERE a = 1").map(drop));
        assert_eq!(done.unwrap_err().kind, Kind::Conflict);
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
