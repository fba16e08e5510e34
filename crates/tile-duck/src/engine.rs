//! One database, in memory or in a file: one connection that writes, and a pool of those that read.

use crate::beside::{self, Pool};
use crate::functions::{Function, register};
use crate::log::Log;
use crate::scan;
use arrow_array::RecordBatch;
use duckdb::{Config, Connection};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tile_base::engine::Snapshot;
use tile_base::foreign::ForeignTables;
use tile_base::{Beside, Cancel, Error, Kind, Result, SqlEngine, Transaction};

/// What a database may use.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub memory_bytes_max: u64,
    pub threads: usize,
    /// Queries that run at once; more wait.
    pub readers: usize,
    /// How long a query waits for its turn.
    pub wait_max: Duration,
    /// Bytes of the folder for what does not fit into memory; none: as many as the disk has.
    pub spill_bytes_max: Option<u64>,
    /// A log of changes that is longer is worth a [`SqlEngine::checkpoint`].
    pub log_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory_bytes_max: 2 << 30,
            threads: 2,
            readers: 8,
            wait_max: Duration::from_secs(10),
            spill_bytes_max: None,
            log_bytes: 32 << 20,
        }
    }
}

/// A database.
pub struct Engine {
    writer: Mutex<Connection>,
    /// Readers are made from this one, so that they do not wait for a writer.
    origin: Mutex<Connection>,
    readers: Mutex<Readers>,
    returned: Condvar,
    limits: Limits,
    log: Option<Log>,
    /// How many hold a state of the database.
    snapshots: AtomicUsize,
    pub(crate) beside: Pool,
    elsewhere: Option<Arc<dyn ForeignTables>>,
}

/// Connections that no query uses, and how many there are in all.
struct Readers {
    idle: Vec<Connection>,
    count: usize,
}

/// States of the database that are held at once.
const SNAPSHOTS_MAX: usize = 64;
/// Prepared statements that each connection keeps.
const PREPARED_MAX: usize = 64;
/// The same of those that write.
pub const WRITTEN_MAX: usize = 512;
/// DuckDB's numbers of rows that are not committed begin here (its `MAX_ROW_ID`).
const ADDED_MIN: u64 = 36_028_797_018_960_000;
/// A log of this length is moved by who makes it longer, while others wait, when nobody has called for it.
const LOG_MAX: &str = "128MB";

impl Engine {
    /// An empty database that knows these functions and reaches nothing outside of itself.
    ///
    /// # Errors
    /// When DuckDB does not start.
    pub fn in_memory(limits: Limits, functions: &[Function]) -> Result<Self> {
        let connection = Connection::open_in_memory_with_flags(config(&limits)?).map_err(|e| failed(&e))?;
        Self::new(connection, limits, functions)
    }

    /// An empty database that reaches these files and folders, and no others. What does not fit into memory goes to the folder `spill`.
    ///
    /// # Errors
    /// When DuckDB does not start.
    pub fn over_files(limits: Limits, files: &[PathBuf], folders: &[PathBuf], spill: &Path) -> Result<Self> {
        let open = config(&limits)?.enable_external_access(true).map_err(|e| failed(&e))?;
        let connection = Connection::open_in_memory_with_flags(open).map_err(|e| failed(&e))?;
        let quoted = |path: &Path| format!("'{}'", path.display().to_string().replace('\'', "''"));
        let list = |paths: &[PathBuf]| paths.iter().map(|p| quoted(p)).collect::<Vec<_>>().join(", ");
        let mut set = format!("SET temp_directory = {};", quoted(spill));
        if let Some(bytes) = limits.spill_bytes_max {
            set += &format!("SET max_temp_directory_size = '{}MB';", (bytes >> 20).max(1));
        }
        if !files.is_empty() {
            set += &format!("SET allowed_paths = [{}];", list(files));
        }
        if !folders.is_empty() {
            set += &format!("SET allowed_directories = [{}];", list(folders));
        }
        set += "SET enable_external_access = false;";
        connection.execute_batch(&set).map_err(|e| failed(&e))?;
        Self::new(connection, limits, &[])
    }

    /// The database in this file, made when it is not there. It reaches no other file.
    ///
    /// # Errors
    /// `Conflict` when another process has it open, `Damaged` when it is no database of this version.
    pub fn open(path: &Path, limits: Limits, functions: &[Function]) -> Result<Self> {
        let connection = Connection::open_with_flags(path, config(&limits)?).map_err(|e| unopened(&e))?;
        Ok(Self { log: Some(Log::of(path)), ..Self::new(connection, limits, functions)? })
    }

    fn new(connection: Connection, limits: Limits, functions: &[Function]) -> Result<Self> {
        for function in functions {
            register(&connection, function).map_err(|e| failed(&e))?;
        }
        // After this no statement can loosen what was set before.
        connection.execute_batch("SET lock_configuration = true").map_err(|e| failed(&e))?;
        let readers = Mutex::new(Readers { idle: vec![], count: 0 });
        let origin = Mutex::new(connection.try_clone().map_err(|e| failed(&e))?);
        connection.set_prepared_statement_cache_capacity(WRITTEN_MAX);
        Ok(Self {
            writer: Mutex::new(connection),
            origin,
            readers,
            returned: Condvar::new(),
            limits,
            log: None,
            snapshots: AtomicUsize::new(0),
            beside: Pool::default(),
            elsewhere: None,
        })
    }

    /// Lets SQL read tables that lie elsewhere.
    ///
    /// # Errors
    /// When DuckDB does not take the function.
    pub fn with_elsewhere(mut self, tables: Arc<dyn ForeignTables>) -> Result<Self> {
        scan::register(&locked(&self.writer), scan::FOREIGN, &tables).map_err(|e| failed(&e))?;
        self.elsewhere = Some(tables);
        Ok(self)
    }

    /// Lets SQL read tables of other databases.
    ///
    /// # Errors
    /// When DuckDB does not take the function.
    pub fn with_shared(self, tables: &Arc<dyn ForeignTables>) -> Result<Self> {
        scan::register(&locked(&self.writer), scan::SHARED, tables).map_err(|e| failed(&e))?;
        Ok(self)
    }

    /// Runs statements that give no rows, each for itself.
    ///
    /// # Errors
    /// DuckDB's own message.
    pub fn execute(&self, sql: &str) -> Result<()> {
        locked(&self.writer).execute_batch(sql).map_err(|e| failed(&e))
    }

    /// Runs one query on the connection that writes. The whole answer is in memory.
    ///
    /// # Errors
    /// DuckDB's own message.
    pub fn query(&self, sql: &str) -> Result<Vec<RecordBatch>> {
        query(&locked(&self.writer), sql)
    }

    /// Waits for a connection that no query uses.
    fn reader(&self) -> Result<Lease<'_>> {
        let mut readers = locked(&self.readers);
        loop {
            if let Some(connection) = readers.idle.pop() {
                return Ok(Lease { engine: self, connection: Some(connection) });
            }
            if readers.count < self.limits.readers.max(1) {
                readers.count += 1;
                break;
            }
            let (next, wait) = self
                .returned
                .wait_timeout(readers, self.limits.wait_max)
                .unwrap_or_else(PoisonError::into_inner);
            readers = next;
            if wait.timed_out() && readers.idle.is_empty() {
                return Err(Error::new(Kind::Busy, "too many queries run at once").hint("Try again later"));
            }
        }
        drop(readers);
        let mut lease = Lease { engine: self, connection: None };
        lease.connection = Some(self.connection(PREPARED_MAX)?);
        Ok(lease)
    }

    /// A new connection, which keeps so many prepared statements.
    pub(crate) fn connection(&self, prepared_max: usize) -> Result<Connection> {
        let connection = locked(&self.origin).try_clone().map_err(|e| failed(&e))?;
        connection.set_prepared_statement_cache_capacity(prepared_max);
        Ok(connection)
    }
}

/// A connection in use. It goes back when this is dropped.
struct Lease<'a> {
    engine: &'a Engine,
    connection: Option<Connection>,
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        let mut readers = locked(&self.engine.readers);
        match self.connection.take() {
            Some(connection) => readers.idle.push(connection),
            None => readers.count = readers.count.saturating_sub(1),
        }
        self.engine.returned.notify_one();
    }
}

/// A connection in a transaction that only reads.
struct Held {
    engine: Arc<Engine>,
    connection: Option<Connection>,
}

impl Held {
    fn new(engine: Arc<Engine>) -> Result<Self> {
        // Nobody waits for a turn: who waits may be what others wait for.
        let is_full = engine.snapshots.fetch_add(1, Ordering::Relaxed) >= SNAPSHOTS_MAX;
        let mut out = Self { engine, connection: None };
        if is_full {
            return Err(
                Error::new(Kind::Busy, "too many queries read shared tables at once").hint("Try again later")
            );
        }
        let connection = out.engine.connection(0)?;
        connection.execute_batch("BEGIN TRANSACTION READ ONLY").map_err(|e| failed(&e))?;
        out.connection = Some(connection);
        Ok(out)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.engine.snapshots.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Snapshot for Held {
    fn query(&self, sql: &str) -> Result<Vec<RecordBatch>> {
        let connection = self.connection.as_ref();
        query(connection.ok_or_else(|| Error::internal("a snapshot without a connection"))?, sql)
    }
}

impl SqlEngine for Engine {
    fn snapshot(self: Arc<Self>) -> Result<Box<dyn Snapshot>> {
        Ok(Box::new(Held::new(self)?))
    }

    fn elsewhere(&self) -> Option<Arc<dyn ForeignTables>> {
        self.elsewhere.clone()
    }

    fn read(
        &self,
        sql: &str,
        cancel: &Cancel,
        each: &mut dyn FnMut(RecordBatch) -> Result<()>,
    ) -> Result<()> {
        let mut lease = self.reader()?;
        let Some(connection) = &lease.connection else {
            return Err(Error::internal("a reader without a connection"));
        };
        let interrupt = connection.interrupt_handle();
        let mut is_open = false;
        let done = cancel.armed(
            move || interrupt.interrupt(),
            || {
                let mut statement = connection.prepare_cached(sql).map_err(|e| failed(&e))?;
                let batches = statement.stream_arrow([]).map_err(|e| failed(&e))?;
                is_open = true;
                for batch in batches {
                    each(batch.map_err(|e| failed(&e))?)?;
                }
                is_open = false;
                Ok(())
            },
        );
        if is_open {
            // A result that was not read to its end stays with its statement, and the connection would take no other query.
            lease.connection = None;
        }
        done
    }

    fn is_log_long(&self) -> bool {
        self.log.as_ref().is_some_and(|log| log.bytes() > self.limits.log_bytes)
    }

    fn checkpoint(&self) -> Result<()> {
        let Some(log) = &self.log else { return Ok(()) };
        let connection = || locked(&self.origin).try_clone().map_err(|e| failed(&e));
        log.emptied(&connection()?, &connection()?)
    }

    fn write(&self, work: &mut dyn FnMut(&dyn Transaction) -> Result<()>) -> Result<()> {
        let writer = locked(&self.writer);
        writer.execute_batch("BEGIN TRANSACTION").map_err(|e| failed(&e))?;
        within(&writer, work).0
    }

    fn beside(self: Arc<Self>) -> Result<Box<dyn Beside>> {
        beside::begin(self)
    }
}

/// Does work in the transaction that a connection has begun, and ends it. Tells also whether it is over.
pub fn within(
    connection: &Connection,
    work: &mut dyn FnMut(&dyn Transaction) -> Result<()>,
) -> (Result<()>, bool) {
    let mut open = Open { connection, is_over: false };
    let done = work(&Writing(connection));
    let word = if done.is_ok() { "COMMIT" } else { "ROLLBACK" };
    let ended = connection.execute_batch(word).map_err(|e| failed(&e));
    open.is_over = ended.is_ok();
    // A rollback that fails tells more than what led to it.
    (ended.and(done), open.is_over)
}

/// A transaction that is not over when this is dropped is given up: its work panicked, or its end failed. When that was the end of it all
/// the same there is nothing to give up.
struct Open<'a> {
    connection: &'a Connection,
    is_over: bool,
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            let _ = self.connection.execute_batch("ROLLBACK");
        }
    }
}

struct Writing<'a>(&'a Connection);

impl Transaction for Writing<'_> {
    fn execute(&self, sql: &str) -> Result<u64> {
        // The same few statements store every block of rows: planned once. A plan that makes a table gives its columns away when it
        // runs: a second run, after the first was rolled back, would make a table without any.
        let is_of_rows = ["INSERT", "DELETE"].iter().any(|word| sql.starts_with(word));
        let count = if is_of_rows {
            self.0.prepare_cached(sql).and_then(|mut statement| statement.execute([]))
        } else {
            self.0.execute(sql, [])
        };
        let count = count.map_err(|e| failed(&e))?;
        Ok(u64::try_from(count).unwrap_or(u64::MAX))
    }
    fn query(&self, sql: &str) -> Result<Vec<RecordBatch>> {
        query(self.0, sql)
    }
    fn append(&self, table: &str, batch: RecordBatch) -> Result<()> {
        let mut appender = self.0.appender(table).map_err(|e| failed(&e))?;
        appender.append_record_batch(batch).map_err(|e| failed(&e))?;
        appender.flush().map_err(|e| failed(&e))
    }
    fn added(&self, table: &str) -> String {
        let table = table.replace('"', "\"\"");
        format!("(SELECT *, rowid FROM \"{table}\" WHERE rowid >= {ADDED_MIN})")
    }
}

fn query(connection: &Connection, sql: &str) -> Result<Vec<RecordBatch>> {
    let mut statement = connection.prepare(sql).map_err(|e| failed(&e))?;
    let batches = statement.query_arrow([]).map_err(|e| failed(&e))?;
    Ok(batches.collect())
}

fn config(limits: &Limits) -> Result<Config> {
    Config::default()
        .enable_external_access(false)
        .and_then(|c| c.max_memory(&format!("{}MB", (limits.memory_bytes_max >> 20).max(64))))
        .and_then(|c| c.threads(i64::try_from(limits.threads.max(1)).unwrap_or(1)))
        .and_then(|c| c.with("checkpoint_threshold", LOG_MAX))
        .and_then(|c| c.with("autoinstall_known_extensions", "false"))
        .and_then(|c| c.with("autoload_known_extensions", "false"))
        .map_err(|e| failed(&e))
}

pub fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn first_line(error: &duckdb::Error) -> String {
    let message = error.to_string();
    message.lines().find(|line| !line.trim().is_empty()).unwrap_or("the engine failed").to_owned()
}

/// What a disk that fails looks like: of a commit only the words within tell it.
const DISK: &[&str] =
    &["IO Error", "Could not write file", "Could not read from file", "Could not truncate file", "fsync"];

/// What DuckDB says when two transactions change the same rows or tables.
const CONFLICT: &[&str] = &["Conflict on tuple", "Conflict on update", "write-write conflict"];

/// DuckDB tells the class of an error by the first words of its message.
pub fn failed(error: &duckdb::Error) -> Error {
    let message = first_line(error);
    let kind = if message.contains("Out of Memory Error") {
        Kind::TooLarge
    } else if message.contains("INTERNAL Error") || message.contains("FATAL Error") {
        Kind::Internal
    } else if CONFLICT.iter().any(|words| message.contains(words)) {
        return Error::new(Kind::Conflict, "the same rows were changed at the same time")
            .hint("Try again")
            .source(std::io::Error::other(message));
    } else if DISK.iter().any(|words| message.contains(words)) {
        // Its own words name files of the server.
        return Error::new(Kind::Busy, "the database's disk cannot be used: it may be full")
            .hint("Try again later")
            .source(std::io::Error::other(message));
    } else {
        Kind::Invalid
    };
    Error::new(kind, message)
}

fn unopened(error: &duckdb::Error) -> Error {
    let message = first_line(error);
    if message.contains("lock") {
        return Error::new(Kind::Conflict, "another process has the database open")
            .hint("Stop it first, or use another data folder");
    }
    Error::damaged("the database cannot be opened").source(std::io::Error::other(message))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tile_base::engine::collect;

    #[test]
    fn a_failed_transaction_leaves_no_trace_and_a_good_one_survives() {
        let folder = std::env::temp_dir().join(format!("tile-duck-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("a.duckdb");
        let count = |engine: &Engine| {
            let rows = collect(engine, "SELECT count(*)::VARCHAR AS n FROM t", &Cancel::default(), 1 << 20);
            format!("{:?}", rows.unwrap()[0].column(0))
        };
        {
            let engine = Engine::open(&path, Limits::default(), &[]).unwrap();
            engine.write(&mut |t| t.execute("CREATE TABLE t (a INT)").map(drop)).unwrap();
            engine.write(&mut |t| t.execute("INSERT INTO t VALUES (1), (2)").map(drop)).unwrap();
            let failed = engine.write(&mut |t| {
                t.execute("INSERT INTO t VALUES (3)")?;
                t.execute("INSERT INTO nothing VALUES (3)").map(drop)
            });
            assert_eq!(failed.unwrap_err().kind, Kind::Invalid);
            assert!(count(&engine).contains("\"2\""));
            // No file can be read or written, and no setting loosened.
            for sql in [
                "SELECT * FROM read_csv('/etc/passwd')",
                "COPY t TO '/tmp/x.csv'",
                "SET threads = 1",
                "ATTACH '/tmp/b.duckdb'",
            ] {
                assert!(engine.execute(sql).is_err(), "{sql}");
            }
        }
        let engine = Engine::open(&path, Limits::default(), &[]).unwrap();
        assert!(count(&engine).contains("\"2\""));
        drop(engine);
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn work_that_panics_leaves_no_trace() {
        let engine = Engine::in_memory(Limits::default(), &[]).unwrap();
        engine.execute("CREATE TABLE t (a INT)").unwrap();
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            engine.write(&mut |t| {
                t.execute("INSERT INTO t VALUES (1)")?;
                panic!("in the middle")
            })
        }));
        assert!(panicked.is_err());
        engine.write(&mut |t| t.execute("INSERT INTO t VALUES (2)").map(drop)).unwrap();
        let rows = engine.query("SELECT string_agg(a::VARCHAR, ',') AS a FROM t").unwrap();
        assert_eq!(format!("{:?}", rows[0].column(0)), "StringArray\n[\n  \"2\",\n]");
    }

    #[test]
    fn a_transaction_tells_its_own_rows_apart() {
        let engine = Engine::in_memory(Limits::default(), &[]).unwrap();
        engine.execute("CREATE TABLE \"t \"\"x\" AS SELECT range AS a FROM range(300000)").unwrap();
        engine.execute("CREATE TABLE sums (n BIGINT, low BIGINT, high BIGINT)").unwrap();
        // A statement that is planned once sees the rows of each transaction; many rows are written before their commit.
        for (low, high) in [(1_000_000, 1_000_010), (2_000_000, 2_400_000), (3_000_000, 3_000_001)] {
            engine
                .write(&mut |t| {
                    let sum = format!("SELECT count(*), min(a), max(a) FROM {}", t.added("t \"x"));
                    t.execute("DELETE FROM \"t \"\"x\" WHERE a = 5")?;
                    t.execute(&format!("INSERT INTO \"t \"\"x\" SELECT range FROM range({low}, {high})"))?;
                    t.execute(&format!("INSERT INTO sums {sum}")).map(drop)
                })
                .unwrap();
        }
        let rows =
            engine.query("SELECT string_agg(concat_ws(' ', n, low, high), ', ') AS a FROM sums").unwrap();
        let expected = "10 1000000 1000009, 400000 2000000 2399999, 1 3000000 3000000";
        assert!(format!("{:?}", rows[0].column(0)).contains(expected), "{rows:?}");
    }

    #[test]
    fn a_result_that_is_left_early_harms_no_other_query() {
        let engine = Engine::in_memory(Limits { readers: 1, ..Limits::default() }, &[]).unwrap();
        for _ in 0..3 {
            let sql = "SELECT range AS n, repeat('x', 100) AS x FROM range(10000000)";
            let left = engine.read(sql, &Cancel::default(), &mut |_| Err(Error::invalid("enough")));
            assert_eq!(left.unwrap_err().what, "enough");
            collect(&engine, "SELECT 1 AS one", &Cancel::default(), 1 << 20).unwrap();
        }
    }

    #[test]
    fn a_query_ends_when_it_is_cancelled() {
        let engine = Engine::in_memory(Limits::default(), &[]).unwrap();
        let cancel = Cancel::default();
        let started = std::time::Instant::now();
        std::thread::scope(|scope| {
            let other = cancel.clone();
            scope.spawn(move || {
                while started.elapsed() < Duration::from_millis(300) {
                    std::thread::sleep(Duration::from_millis(50));
                    other.cancel(Kind::Timeout, "too long");
                }
            });
            let sql = "SELECT sum(a.range * b.range) FROM range(10000000) a, range(1000000) b";
            let ended = engine.read(sql, &cancel, &mut |_| Ok(()));
            assert_eq!(ended.unwrap_err().kind, Kind::Timeout);
        });
        assert!(started.elapsed() < Duration::from_secs(5));
    }
}
