//! One database.

use crate::functions::{Function, register};
use arrow_array::RecordBatch;
use duckdb::{Config, Connection, InterruptHandle};
use std::sync::Arc;
use tile_base::{Error, Kind, Result};

/// What a database may use.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub memory_bytes_max: u64,
    pub threads: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { memory_bytes_max: 2 << 30, threads: 2 }
    }
}

/// A database in memory.
pub struct Engine {
    connection: Connection,
}

impl Engine {
    /// An empty database that knows these functions and reaches nothing outside of itself.
    ///
    /// # Errors
    /// When DuckDB does not start.
    pub fn in_memory(limits: Limits, functions: &[Function]) -> Result<Self> {
        let config = Config::default()
            .enable_external_access(false)
            .and_then(|c| c.max_memory(&format!("{}MB", (limits.memory_bytes_max >> 20).max(64))))
            .and_then(|c| c.threads(i64::try_from(limits.threads.max(1)).unwrap_or(1)))
            .and_then(|c| c.with("autoinstall_known_extensions", "false"))
            .and_then(|c| c.with("autoload_known_extensions", "false"))
            .map_err(|e| failed(&e))?;
        let connection = Connection::open_in_memory_with_flags(config).map_err(|e| failed(&e))?;
        for function in functions {
            register(&connection, function).map_err(|e| failed(&e))?;
        }
        // After this no statement can loosen what was set above.
        connection.execute_batch("SET lock_configuration = true").map_err(|e| failed(&e))?;
        Ok(Self { connection })
    }

    /// Runs statements that give no rows.
    ///
    /// # Errors
    /// DuckDB's own message.
    pub fn execute(&self, sql: &str) -> Result<()> {
        self.connection.execute_batch(sql).map_err(|e| failed(&e))
    }

    /// Runs one query. The whole answer is in memory.
    ///
    /// # Errors
    /// DuckDB's own message.
    pub fn query(&self, sql: &str) -> Result<Vec<RecordBatch>> {
        let mut statement = self.connection.prepare(sql).map_err(|e| failed(&e))?;
        let batches = statement.query_arrow([]).map_err(|e| failed(&e))?;
        Ok(batches.collect())
    }

    /// Ends what runs, from another thread.
    pub fn interrupter(&self) -> Arc<InterruptHandle> {
        self.connection.interrupt_handle()
    }
}

fn failed(error: &duckdb::Error) -> Error {
    let message = error.to_string();
    let first =
        message.lines().find(|line| !line.trim().is_empty()).unwrap_or("the engine failed").to_owned();
    Error::new(Kind::Invalid, first)
}
