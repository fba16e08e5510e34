//! A database that answers SQL with Arrow: what slices hold of it. The engine's own SQL only; who wrote it and what it may see was
//! decided before.

use crate::error::{Error, Kind, Result};
use crate::foreign::ForeignTables;
use arrow_array::RecordBatch;
use serde_json::Value as Json;
use std::sync::{Arc, Mutex, PoisonError};

/// Ends work from outside: the caller left, or its time is over.
#[derive(Clone, Default)]
pub struct Cancel(Arc<Mutex<State>>);

type Hook = Box<dyn Fn() + Send>;

#[derive(Default)]
struct State {
    reason: Option<(Kind, String)>,
    hook: Option<Hook>,
}

impl Cancel {
    /// Ends the work that is armed, or that will be. The first reason stays. May be called again, until the work has ended: an
    /// engine can miss a call that comes before it has begun.
    pub fn cancel(&self, kind: Kind, why: impl Into<String>) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.reason.is_none() {
            state.reason = Some((kind, why.into()));
        }
        if let Some(hook) = &state.hook {
            hook();
        }
    }

    /// # Errors
    /// The reason, once it was cancelled.
    pub fn check(&self) -> Result<()> {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &state.reason {
            Some((kind, why)) => Err(Error::new(*kind, why.clone())),
            None => Ok(()),
        }
    }

    /// Runs `work`, which `hook` ends. When it was cancelled the answer is the reason, whatever `work` says.
    ///
    /// # Errors
    /// Those of `work`, and the reason.
    pub fn armed<T>(&self, hook: impl Fn() + Send + 'static, work: impl FnOnce() -> Result<T>) -> Result<T> {
        self.check()?;
        self.0.lock().unwrap_or_else(PoisonError::into_inner).hook = Some(Box::new(hook));
        let result = work();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).hook = None;
        self.check()?;
        result
    }
}

/// A database. Many may read at once, each a snapshot; one writes at a time.
pub trait SqlEngine: Send + Sync {
    /// Runs one query and gives its batches in order. Blocks; memory is bounded by the engine's limit when `each` keeps nothing.
    ///
    /// # Errors
    /// `Invalid` for SQL that cannot run, `TooLarge` when memory does not suffice, `Busy` when too many wait, the reason of
    /// `cancel`, and those of `each`.
    fn read(&self, sql: &str, cancel: &Cancel, each: &mut dyn FnMut(RecordBatch) -> Result<()>)
    -> Result<()>;

    /// One state of the database, for reading it in parts. Takes no turn from queries: what it reads for may be a query of another
    /// database, whose queries may read this one.
    ///
    /// # Errors
    /// `Busy` when too many are held.
    fn snapshot(self: Arc<Self>) -> Result<Box<dyn Snapshot>>;

    /// Whether what was written waits in a log that has grown long: time for [`SqlEngine::checkpoint`].
    fn is_log_long(&self) -> bool {
        false
    }

    /// Moves what waits in the log to its place. Blocks; who reads or adds rows meanwhile goes on. Does nothing when it goes on already,
    /// or cannot be done now.
    ///
    /// # Errors
    /// `Busy` when the disk cannot be used.
    fn checkpoint(&self) -> Result<()> {
        Ok(())
    }

    /// Tables that lie elsewhere. Its SQL reads one as [`foreign_table`].
    fn elsewhere(&self) -> Option<Arc<dyn ForeignTables>> {
        None
    }

    /// One transaction: durable when this returns, or without a trace when `work` fails. Blocks until other writers are done.
    ///
    /// # Errors
    /// Those of `work`, and of the commit.
    fn write(&self, work: &mut dyn FnMut(&dyn Transaction) -> Result<()>) -> Result<()>;

    /// A transaction beside those of [`SqlEngine::write`] and others of its kind: for adding rows, which two can do at once, or for work
    /// that is long. It sees the state of this moment, and what it does is there with its end.
    ///
    /// # Errors
    /// `Busy` when there are too many.
    fn beside(self: Arc<Self>) -> Result<Box<dyn Beside>>;
}

/// A transaction that has begun. Without a trace when this is dropped.
pub trait Beside: Send {
    /// As [`SqlEngine::write`], without waiting for others.
    ///
    /// # Errors
    /// Those of `work` and of the commit; `Conflict` when another removed the same rows meanwhile.
    fn run(self: Box<Self>, work: &mut dyn FnMut(&dyn Transaction) -> Result<()>) -> Result<()>;
}

/// One state of a database, as long as this is held.
pub trait Snapshot: Send {
    /// The whole answer of a query: it is for parts that are small.
    ///
    /// # Errors
    /// As [`SqlEngine::read`].
    fn query(&self, sql: &str) -> Result<Vec<RecordBatch>>;
}

/// What can be done within a transaction. Sees its own changes.
pub trait Transaction {
    /// Runs a statement. Answers with the number of rows it changed.
    ///
    /// # Errors
    /// `Invalid` for SQL that cannot run.
    fn execute(&self, sql: &str) -> Result<u64>;
    /// # Errors
    /// As [`SqlEngine::read`].
    fn query(&self, sql: &str) -> Result<Vec<RecordBatch>>;
    /// Appends rows to a table, whose columns are those of the batch, in order. `table` is a plain name, not quoted.
    ///
    /// # Errors
    /// `Invalid` when the columns do not fit.
    fn append(&self, table: &str, batch: RecordBatch) -> Result<()>;
    /// The rows that this transaction has added to a table until it asks, as SQL that stands for a table: its columns, and `rowid`. `table`
    /// is a plain name, and has no column `rowid`.
    fn added(&self, table: &str) -> String;
}

/// The engine's SQL for a foreign table, with the columns of that schema; with `only`, for at least its rows of these keys.
pub fn foreign_table(path: &str, schema_id: u64, only: Option<&[Vec<Json>]>) -> String {
    let only =
        only.map(|keys| Json::from_iter(keys.iter().map(|key| Json::from(key.as_slice()))).to_string());
    called("foreign_table", path, schema_id, &only.unwrap_or_default())
}

/// The same for a table of another database, which has a path that no user writes.
pub fn shared_table(path: &str, schema_id: u64) -> String {
    called("shared_table", path, schema_id, "")
}

fn called(function: &str, path: &str, schema_id: u64, only: &str) -> String {
    let quoted = |text: &str| text.replace('\'', "''");
    format!("{function}('{}', '{schema_id}', '{}')", quoted(path), quoted(only))
}

/// The whole answer of a query.
///
/// # Errors
/// As [`SqlEngine::read`]; `TooLarge` above `bytes_max` bytes of Arrow.
pub fn collect(
    engine: &dyn SqlEngine,
    sql: &str,
    cancel: &Cancel,
    bytes_max: usize,
) -> Result<Vec<RecordBatch>> {
    let (mut out, mut bytes) = (Vec::new(), 0_usize);
    engine.read(sql, cancel, &mut |batch| {
        bytes = bytes.saturating_add(batch.get_array_memory_size());
        if bytes > bytes_max {
            return Err(Error::new(Kind::TooLarge, format!("the result is larger than {bytes_max} bytes"))
                .hint("Add a LIMIT or aggregate"));
        }
        out.push(batch);
        Ok(())
    })?;
    Ok(out)
}
