//! The log of changes beside a database's file, and when it is emptied into it.
//!
//! DuckDB would do it in the commit that makes the log too long, and everybody who writes would wait for it: some hundred milliseconds,
//! again and again while events stream in. Here another connection does it, and rows are added meanwhile.

use crate::engine::failed;
use duckdb::Connection;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, TryLockError};
use tile_base::Result;

/// One in so many is thorough: it also closes the gaps that deleted rows leave and joins small parts of tables. Who adds rows waits.
const THOROUGH_EACH: u32 = 8;
/// What DuckDB says when some transaction changes more than rows.
const NOT_NOW: &str = "Cannot CHECKPOINT";

/// The log of a database.
pub struct Log {
    file: PathBuf,
    /// How often it was emptied. Held while that goes on.
    count: Mutex<u32>,
}

impl Log {
    /// That of the database in a file.
    pub fn of(path: &Path) -> Self {
        let mut file = path.as_os_str().to_owned();
        file.push(".wal");
        Self { file: file.into(), count: Mutex::default() }
    }

    pub fn bytes(&self) -> u64 {
        // It is not there until something was written.
        std::fs::metadata(&self.file).map_or(0, |file| file.len())
    }

    /// Empties it, by two connections that nobody else uses.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn emptied(&self, old: &Connection, new: &Connection) -> Result<()> {
        let mut count = match self.count.try_lock() {
            Ok(count) => count,
            Err(TryLockError::WouldBlock) => return Ok(()),
            Err(TryLockError::Poisoned(e)) => e.into_inner(),
        };
        *count = count.wrapping_add(1);
        if !count.is_multiple_of(THOROUGH_EACH) {
            aged(old, new).map_err(|e| failed(&e))?;
        }
        match new.execute_batch("CHECKPOINT") {
            Err(e) if e.to_string().contains(NOT_NOW) => Ok(()),
            done => done.map_err(|e| failed(&e)),
        }
    }
}

/// Makes one connection see a state of the database that is not its newest: then DuckDB leaves rows where they are, and lets others add
/// some.
fn aged(old: &Connection, new: &Connection) -> duckdb::Result<()> {
    // Both read the catalog, so that their transactions are of this database.
    const READ: &str = "SELECT count(*) FROM duckdb_schemas()";
    old.execute_batch(&format!("BEGIN TRANSACTION READ ONLY; {READ}"))?;
    new.execute_batch(READ)
}

#[cfg(test)]
mod tests {
    use crate::{Engine, Limits};
    use arrow_array::StringArray;
    use arrow_array::cast::AsArray;
    use arrow_array::types::Int32Type;
    use std::io::{BufRead, BufReader, Write};
    use std::path::{Path, PathBuf};
    use std::process::{Command, Stdio};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    use tile_base::engine::collect;
    use tile_base::{Cancel, SqlEngine, Transaction};

    const LIMITS: fn() -> Limits = || Limits { log_bytes: 64 << 10, ..Limits::default() };
    const TABLES: &str = "CREATE TABLE IF NOT EXISTS rows (block BIGINT, text VARCHAR);
        CREATE TABLE IF NOT EXISTS sums (block BIGINT, rows BIGINT, texts VARCHAR[])";

    /// Rows, and what a view would make of them.
    fn stored(engine: &Arc<Engine>, block: u32) -> tile_base::Result<()> {
        engine.clone().beside()?.run(&mut |t: &dyn Transaction| {
            t.execute(&format!("INSERT INTO rows SELECT {block}, 'text ' || range FROM range(1000)"))?;
            let sum = format!("SELECT {block}, count(*), list(text) FROM {}", t.added("rows"));
            t.execute(&format!("INSERT INTO sums {sum}")).map(drop)
        })
    }

    /// How many blocks are there, all of them whole.
    fn blocks(engine: &Engine) -> u32 {
        let whole = "SELECT (SELECT count(*) FROM (SELECT block FROM rows GROUP BY block HAVING count(*) = 1000 AND count(DISTINCT text) = 1000))::VARCHAR,
            (SELECT count(DISTINCT block) FROM rows)::VARCHAR,
            (SELECT count(*) FROM sums WHERE rows = 1000 AND len(list_distinct(texts)) = 1000)::VARCHAR, (SELECT count(*) FROM sums)::VARCHAR";
        let rows = collect(engine, whole, &Cancel::default(), 1 << 20).unwrap();
        let all: Vec<u32> = (0..4)
            .map(|at| {
                let texts = rows[0].column(at).as_any().downcast_ref::<StringArray>().unwrap();
                texts.value(0).parse().unwrap()
            })
            .collect();
        assert!(all.iter().all(|n| *n == all[0]), "{all:?}");
        all[0]
    }

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("tile-duck-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        folder
    }

    /// Stores blocks, two at once, and empties the log at the same time, until `is_over`, which hears of those that are new.
    fn busy(engine: &Arc<Engine>, mut is_over: impl FnMut(u32) -> bool) -> u32 {
        let last = "SELECT coalesce(max(block) + 1, 0)::INTEGER FROM rows";
        let from =
            engine.query(last).unwrap()[0].column(0).as_primitive::<Int32Type>().value(0).cast_unsigned();
        let ends = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let emptied = scope.spawn(|| {
                let mut count = 0;
                while !ends.load(Ordering::Relaxed) {
                    if engine.is_log_long() {
                        engine.checkpoint().unwrap();
                        count += 1;
                    }
                    std::thread::yield_now();
                }
                count
            });
            for block in (from..).step_by(2) {
                std::thread::scope(|pair| {
                    pair.spawn(|| stored(engine, block + 1).unwrap());
                    stored(engine, block).unwrap();
                });
                if is_over(block + 2 - from) {
                    break;
                }
            }
            ends.store(true, Ordering::Relaxed);
            emptied.join().unwrap()
        })
    }

    #[test]
    fn rows_are_added_while_the_log_is_emptied() {
        let folder = folder("log");
        let path = folder.join("a.duckdb");
        let engine = Arc::new(Engine::open(&path, LIMITS(), &[]).unwrap());
        engine.execute(TABLES).unwrap();
        let emptied = busy(&engine, |new| new == 100);
        assert!(emptied > 3, "emptied {emptied} times");
        assert_eq!(blocks(&engine), 100);
        // Nobody holds it back now.
        engine.checkpoint().unwrap();
        assert!(!engine.is_log_long());
        drop(engine);
        assert_eq!(blocks(&Engine::open(&path, LIMITS(), &[]).unwrap()), 100);
        std::fs::remove_dir_all(&folder).unwrap();
    }

    const CHILD: &str = "TILE_DUCK_TEST_CHILD";

    /// Runs in a process of its own, which the next test kills: tells each block once it is stored.
    #[test]
    fn child() {
        let Some(path) = std::env::var_os(CHILD) else { return };
        let engine = Arc::new(Engine::open(Path::new(&path), LIMITS(), &[]).unwrap());
        engine.execute(TABLES).unwrap();
        let old = blocks(&engine);
        busy(&engine, |new| {
            let mut out = std::io::stdout().lock();
            writeln!(out, "stored {}", old + new).unwrap();
            out.flush().unwrap();
            false
        });
    }

    #[test]
    fn a_kill_while_the_log_is_emptied_loses_nothing() {
        let folder = folder("kills");
        let path = folder.join("a.duckdb");
        let mut told = 0;
        for round in 0..12 {
            let mut child = Command::new(std::env::current_exe().unwrap())
                .args(["log::tests::child", "--exact", "--nocapture"])
                .env(CHILD, &path)
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            let lines = BufReader::new(child.stdout.take().unwrap()).lines();
            let until = told + 3 + round * 2;
            for line in lines {
                let line = line.unwrap();
                if let Some((_, block)) = line.split_once("stored ") {
                    told = block.parse().unwrap();
                }
                if told >= until {
                    break;
                }
            }
            child.kill().unwrap();
            child.wait().unwrap();
            let found = blocks(&Engine::open(&path, LIMITS(), &[]).unwrap());
            assert!(found >= told, "{told} blocks were stored, {found} are there");
            told = found;
        }
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
