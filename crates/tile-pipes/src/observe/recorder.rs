//! Rows on their way to the tables.

use super::record::{Append, Asked, Operation, Sunk, bounded};
use super::tables;
use crate::ingest::{Import, Limits};
use crate::jobs::{Job, Jobs};
use crate::workspace::Workspace;
use crate::workspace::flow::Flow;
use crate::workspace::insert::{Rows, insert};
use crate::workspace::store::quoted;
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tile_base::Result;

/// Bytes of rows that wait to be stored. What comes above is counted, and not kept.
const WAITING_BYTES_MAX: usize = 8 << 20;
/// Sums of events that wait.
const SUMS_MAX: usize = 10_000;
/// How often old rows are removed, and sizes of data sources noted that rows came into.
const SWEEP_US: i64 = 3600 * 1_000_000;

/// The recorder of a workspace.
#[derive(Default)]
pub struct Recorder {
    waiting: Mutex<Waiting>,
    /// Held while rows are stored: who asks for it then waits, and finds them stored.
    storing: Mutex<Storing>,
}

#[derive(Default)]
struct Waiting {
    /// Lines of JSON, by their tables.
    lines: BTreeMap<&'static str, Vec<u8>>,
    bytes: usize,
    /// By second and data source.
    appends: BTreeMap<(i64, String), Append>,
    dropped: u64,
}

#[derive(Default)]
struct Storing {
    swept_us: Option<i64>,
    /// What the last row said of each data source.
    sizes: BTreeMap<String, Value>,
}

impl Waiting {
    fn push(&mut self, table: &'static str, row: &impl serde::Serialize) {
        if self.bytes >= WAITING_BYTES_MAX {
            self.dropped += 1;
            return;
        }
        let lines = self.lines.entry(table).or_default();
        let before = lines.len();
        if serde_json::to_writer(&mut *lines, row).is_err() {
            lines.truncate(before);
            self.dropped += 1;
            return;
        }
        lines.push(b'\n');
        self.bytes += lines.len() - before;
    }
}

impl Recorder {
    /// Keeps a row of a table: an object with members for its columns. Those that are missing are empty.
    pub fn row(&self, table: &'static str, row: &impl serde::Serialize) {
        self.waiting.lock().push(table, row);
    }

    /// Keeps a request.
    pub fn asked(&self, asked: &Asked) {
        self.row("pipe_stats_rt", asked);
    }

    /// Keeps a run of a sink.
    pub fn sunk(&self, sunk: &Sunk) {
        self.row("sinks_ops_log", sunk);
    }

    /// Keeps what was done with a data source.
    pub fn operation(&self, operation: &Operation) {
        self.row("datasources_ops_log", operation);
        let has_block = matches!(operation.event_type, "append" | "replace" | "append-hfi");
        if let (true, Some(rows)) = (has_block, operation.rows) {
            self.row("block_log", &block(operation, rows));
        }
    }

    /// Adds a request of the Events API to those of its second.
    pub fn append(&self, now_us: i64, datasource_id: &str, append: Append) {
        let mut waiting = self.waiting.lock();
        let key = (now_us.div_euclid(1_000_000), datasource_id.to_owned());
        if waiting.appends.len() >= SUMS_MAX && !waiting.appends.contains_key(&key) {
            waiting.dropped += 1;
            return;
        }
        waiting.appends.entry(key).or_default().add(append);
    }

    /// Whether nothing waits.
    pub fn is_idle(&self) -> bool {
        let waiting = self.waiting.lock();
        waiting.lines.is_empty() && waiting.appends.is_empty() && waiting.dropped == 0
    }

    /// Stores what waits, and the jobs that changed: durable when this returns. Does nothing when there is nothing. With `sizes`,
    /// also how much is in each data source. Blocks.
    ///
    /// # Errors
    /// Those of the engine; what waited is lost then.
    pub fn store(&self, workspace: &Workspace, jobs: &Jobs, sizes: bool) -> Result<()> {
        let mut storing = self.storing.lock();
        let changed = jobs.changed();
        if self.is_idle() && changed.is_empty() && !sizes {
            return Ok(());
        }
        let Waiting { lines, bytes, appends, dropped } = std::mem::take(&mut *self.waiting.lock());
        if dropped > 0 {
            tracing::warn!(workspace = %workspace.id, rows = dropped, "rows of service data sources were dropped: more came than are stored");
        }
        let mut waiting = Waiting { lines, bytes: 0, ..Waiting::default() };
        for ((second, id), append) in &appends {
            summed(&mut waiting, workspace, *second, id, append);
        }
        let mut before: Vec<String> = Vec::new();
        let now = workspace.now_us();
        let is_first = storing.swept_us.is_none();
        let is_due = storing.swept_us.is_none_or(|at| now - at >= SWEEP_US);
        if is_first {
            before.push(interrupted());
        }
        if sizes || is_due {
            self::sizes(&mut waiting, workspace, &mut storing.sizes)?;
        }
        if !changed.is_empty() {
            before.push(forgotten(&changed));
            for job in &changed {
                waiting.push("jobs_log", &job_row(job, &workspace.id));
            }
        }
        write(workspace, &before, &waiting.lines).inspect_err(|e| {
            tracing::error!(workspace = %workspace.id, error = %e, bytes, "rows of service data sources are lost");
        })?;
        if is_due {
            let old: Vec<String> = tables::retention(now).collect();
            write(workspace, &old, &BTreeMap::new())?;
            storing.swept_us = Some(now);
        }
        Ok(())
    }
}

/// Decodes the lines and stores them, all or none.
fn write(workspace: &Workspace, before: &[String], lines: &BTreeMap<&'static str, Vec<u8>>) -> Result<()> {
    let resources = tables::resources();
    let mut rows = Vec::new();
    for (table, lines) in lines {
        let Some(source) = resources.sources.get(*table) else {
            tracing::error!(table, "a service data source that is none");
            continue;
        };
        let import = Import { id: None, at_micros: workspace.now_us(), limits: Limits::default() };
        let mut block = source.decoder()?.ndjson(lines, &import)?;
        if block.quarantined > 0 {
            tracing::error!(table, rows = block.quarantined, "rows of a service data source do not fit it");
            block.quarantine = None;
        }
        rows.push(Rows { source: (*table).to_owned(), home: source.home.rows.clone(), block });
    }
    workspace.engine().write(&mut |t| {
        for statement in before {
            t.execute(statement)?;
        }
        insert(&Flow::alone(resources), t, &rows)
    })
}

/// The rows of a second of events.
fn summed(waiting: &mut Waiting, workspace: &Workspace, second: i64, id: &str, append: &Append) {
    let mut operation = Operation::new("append-hfi", (id, &append.datasource_name))
        .rows(append.rows, append.quarantined)
        .request(&append.request_id)
        .option("requests", &append.requests.to_string());
    operation.timestamp = second;
    operation.elapsed_time = append.elapsed_s;
    operation.written_bytes = append.bytes;
    operation.operation_id = workspace.new_id();
    if let Some(error) = &append.error {
        (operation.result, operation.error) = ("error", Some(bounded(error)));
    }
    waiting.push("datasources_ops_log", &operation);
    waiting.push("block_log", &block(&operation, append.rows));
    waiting.push(
        "hfi_requests",
        &json!({
            "event_time": second, "workspace_id": workspace.id, "datasource_id": id,
            "successful_requests": append.requests - append.failed.min(append.requests),
            "error_requests": append.failed,
            "rows_total": append.rows + append.quarantined, "rows_successful": append.rows,
            "rows_quarantined": append.quarantined,
            "bytes_received": append.bytes, "bytes_decompressed": append.bytes,
            "ch_written_rows": append.rows, "ch_written_bytes": 0, "ch_cpu_time": 0,
            "rate_limited": u8::from(append.limited), "ips": [], "tokens": [append.token_name],
        }),
    );
}

/// What a request or job gave as one block.
fn block(operation: &Operation, rows: u64) -> Value {
    let id = operation.import_id.as_ref().unwrap_or(&operation.operation_id);
    json!({
        "timestamp": operation.timestamp, "request_id": operation.request_id,
        "import_id": id, "job_id": operation.job_id,
        "source": if operation.event_type == "append-hfi" { "hfi" } else { "body" },
        "block_id": id,
        "status": if operation.result == "ok" { "done" } else { "error" },
        "datasource_id": operation.datasource_id, "datasource_name": operation.datasource_name,
        "start_offset": null, "end_offset": null, "rows": i32::try_from(rows).unwrap_or(i32::MAX),
        "parser": null, "quarantine_lines": operation.rows_quarantine, "empty_lines": 0,
        "bytes": u32::try_from(operation.written_bytes).unwrap_or(u32::MAX),
        "processing_time": operation.elapsed_time, "processing_error": operation.error,
    })
}

/// Rows of the data sources whose sizes are not those of their last row.
fn sizes(waiting: &mut Waiting, workspace: &Workspace, known: &mut BTreeMap<String, Value>) -> Result<()> {
    let live = workspace.live();
    let now_s = workspace.now_us().div_euclid(1_000_000);
    known.retain(|id, _| live.resources.sources.values().any(|s| s.home.id == *id));
    for source in live.resources.sources.values() {
        let rows = workspace.size_of(&source.home.rows, &source.columns)?;
        let bad = workspace.size_of(&source.home.quarantine, &[])?;
        let mut row = json!({
            "datasource_id": source.home.id, "datasource_name": source.file.name,
            "bytes": rows.bytes, "rows": rows.rows, "bytes_quarantine": bad.bytes, "rows_quarantine": bad.rows,
        });
        if known.get(&source.home.id) == Some(&row) {
            continue;
        }
        known.insert(source.home.id.clone(), row.clone());
        if let Some(row) = row.as_object_mut() {
            row.insert("timestamp".into(), json!(now_s));
        }
        waiting.push("datasources_storage", &row);
    }
    Ok(())
}

fn job_row(job: &Job, workspace_id: &str) -> Value {
    let time = crate::api::millis;
    let of = |what: &str| job.more.get(what).and_then(|v| v.as_str());
    let datasource = job.more.get("datasource").and_then(|d| d.get("id"));
    json!({
        "job_id": job.id, "job_type": job.kind, "status": job.status.name(), "error": job.error,
        "workspace_id": workspace_id, "request_id": of("request_id"), "pipe_id": of("pipe_id"),
        "datasource_id": datasource, "created_at": time(job.created_at_us),
        "started_at": job.started_at_us.map(time), "updated_at": time(job.updated_at_us),
        "job_metadata": bounded(&job.more.to_string()),
    })
}

/// Removes what was known of jobs before.
fn forgotten(jobs: &[Job]) -> String {
    let ids: Vec<String> = jobs.iter().map(|j| quoted(&j.id)).collect();
    format!("DELETE FROM tile_service_jobs_log WHERE job_id IN ({})", ids.join(", "))
}

/// Jobs that an earlier process did not end.
fn interrupted() -> String {
    "UPDATE tile_service_jobs_log SET status = 'error', error = 'The server was stopped' WHERE status IN ('waiting', 'working', 'cancelling')"
        .to_owned()
}
