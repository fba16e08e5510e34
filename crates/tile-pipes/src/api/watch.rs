//! What of requests is written down: who asked what, how long it took, and what came of it. Never a token.

use super::App;
use super::call::Call;
use super::face;
use crate::hub::{Hub, Tenant};
use crate::observe::tables::{SIZES, SPACE};
use crate::observe::{Append, Asked, Operation, Sunk, bounded, told};
use crate::workspace::Outcome;
use crate::workspace::plan::Movement;
use crate::workspace::sizes::Size;
use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tile_base::{Error, Kind, Result};
use tile_web::{Reply, Req, rt};

/// What queries of no endpoint are known as.
const QUERY_API: &str = "query_api";
/// Parameters of one request that are kept.
const PARAMS_MAX: usize = 100;
/// The status of a request whose sender left before the answer.
const LEFT: u16 = 499;
/// How often rows are stored.
const INTERVAL: Duration = Duration::from_millis(500);
/// How long a query waits for rows to be stored that it may read: a writer can take long.
const PATIENCE: Duration = Duration::from_secs(2);

/// What a query did.
#[derive(Clone, Copy, Debug, Default)]
pub struct Told {
    pub rows_read: u64,
    pub bytes_read: u64,
    pub rows: u64,
}

/// A request that is being answered. It is written down when this goes.
pub struct Watch {
    tenant: Arc<Tenant>,
    row: Asked,
    started: Instant,
}

impl Watch {
    /// `pipe` is the id and name of an endpoint; without, it is the query API.
    pub fn new(call: &Call, req: &Req, pipe: Option<(&str, &str)>, params: &[(String, String)]) -> Self {
        let now_us = call.tenant.workspace.now_us();
        let (id, name) = pipe.unwrap_or((QUERY_API, QUERY_API));
        let agent = Some(req.header("user-agent")).filter(|a| !a.is_empty());
        let row = Asked {
            start_datetime: now_us.div_euclid(1_000_000),
            pipe_id: id.to_owned(),
            pipe_name: name.to_owned(),
            token: call.token.token_id.clone().unwrap_or_default(),
            token_name: call.token.token_name.clone(),
            url: Some(url(req)),
            error: 1,
            error_message: Some("The caller has left".to_owned()),
            status_code: LEFT,
            request_id: req.id.clone(),
            parameters: kept(params),
            method: req.method.to_string(),
            user_agent: agent.map(bounded),
            ..Asked::default()
        };
        Self { tenant: call.tenant.clone(), row, started: Instant::now() }
    }

    /// Waits for the answer, and notes it.
    ///
    /// # Errors
    /// Those of `work`.
    pub async fn over(mut self, work: impl Future<Output = Result<(Reply, Told)>>) -> Result<Reply> {
        let outcome = work.await;
        match &outcome {
            Ok((reply, told)) => {
                self.row.status_code = reply.status.as_u16();
                (self.row.error, self.row.error_message) = (0, None);
                (self.row.read_rows, self.row.read_bytes) = (told.rows_read, told.bytes_read);
                self.row.result_rows = told.rows;
            }
            Err(e) => {
                self.row.status_code = face::status(e);
                self.row.error_message = Some(told(e));
            }
        }
        outcome.map(|(reply, _)| reply)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.row.duration = self.started.elapsed().as_secs_f64();
        self.tenant.recorder.asked(&self.row);
    }
}

/// Parameters as they are written down.
pub fn kept(params: &[(String, String)]) -> BTreeMap<String, String> {
    let kept = params.iter().filter(|(name, _)| !is_secret(name)).take(PARAMS_MAX);
    kept.map(|(name, value)| (bounded(name), bounded(value))).collect()
}

fn is_secret(name: &str) -> bool {
    matches!(name, "token" | "api_key" | "password")
}

/// The address without what is secret in it.
fn url(req: &Req) -> String {
    let mut out = req.raw_path.clone();
    let encode = |text: &str| {
        percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
    };
    let mut mark = '?';
    for (name, value) in req.query.0.iter().filter(|(name, _)| !is_secret(name)).take(PARAMS_MAX) {
        out.push(mark);
        out.push_str(&format!("{}={}", encode(name), encode(&bounded(value))));
        mark = '&';
    }
    bounded(&out)
}

/// Notes a request of the Events API.
pub fn appended(call: &Call, id: &str, name: &str, req: &Req, started: Instant, came: &Came) {
    let mut append = Append {
        datasource_name: name.to_owned(),
        requests: 1,
        bytes: came.bytes,
        elapsed_s: started.elapsed().as_secs_f64(),
        request_id: req.id.clone(),
        token_name: call.token.token_name.clone(),
        ..Append::default()
    };
    match &came.outcome {
        Ok((rows, quarantined)) => (append.rows, append.quarantined) = (*rows, *quarantined),
        Err((kind, what)) => {
            (append.failed, append.limited, append.error) = (1, *kind == Kind::Limited, Some(what.clone()));
        }
    }
    call.tenant.recorder.append(call.tenant.workspace.now_us(), id, append);
}

/// What came of events: their bytes, and the rows that were stored and those in the quarantine.
pub struct Came {
    pub bytes: u64,
    pub outcome: Result<(u64, u64), (Kind, String)>,
}

impl Came {
    pub fn failed(e: &Error) -> Result<(u64, u64), (Kind, String)> {
        Err((e.kind, told(e)))
    }
}

/// Does something with a data source, and notes it. `describe` adds what came of it.
///
/// # Errors
/// Those of `work`.
pub fn operated<T>(
    tenant: &Tenant,
    operation: Operation,
    work: impl FnOnce() -> Result<T>,
    describe: impl FnOnce(Operation, &T) -> Operation,
) -> Result<T> {
    operated_if(tenant, operation, work, |operation, value| Some(describe(operation, value)))
}

/// The same, of work after which there may be nothing to note.
///
/// # Errors
/// Those of `work`.
pub fn operated_if<T>(
    tenant: &Tenant,
    mut operation: Operation,
    work: impl FnOnce() -> Result<T>,
    describe: impl FnOnce(Operation, &T) -> Option<Operation>,
) -> Result<T> {
    let started = Instant::now();
    operation.timestamp = tenant.workspace.now_us().div_euclid(1_000_000);
    let outcome = work();
    let noted = match &outcome {
        Ok(value) => describe(operation, value),
        Err(e) => Some(operation.failed(e)),
    };
    let Some(mut operation) = noted else { return outcome };
    operation.elapsed_time = started.elapsed().as_secs_f64();
    if operation.operation_id.is_empty() {
        operation.operation_id = tenant.workspace.new_id();
    }
    tenant.recorder.operation(&operation);
    outcome
}

/// Runs a sink, and notes it. `work` gives also what is in the data sources that it reads.
///
/// # Errors
/// Those of `work`.
pub fn sunk(
    tenant: &Tenant,
    mut row: Sunk,
    work: impl FnOnce() -> Result<(Size, serde_json::Value)>,
) -> Result<serde_json::Value> {
    let started = Instant::now();
    row.timestamp = tenant.workspace.now_us().div_euclid(1_000_000);
    let outcome = work();
    row.elapsed_time = started.elapsed().as_secs_f64();
    match &outcome {
        Ok((read, done)) => {
            let count = |of: &str| done.get(of).and_then(serde_json::Value::as_u64).unwrap_or(0);
            let files = done.get("files").and_then(serde_json::Value::as_array).map_or(0, Vec::len);
            row.result = "ok";
            (row.read_rows, row.read_bytes) = (read.rows, read.bytes);
            (row.written_rows, row.written_bytes, row.output) = (count("rows"), count("bytes"), files as u64);
        }
        Err(e) => (row.result, row.error) = ("error", Some(told(e))),
    }
    tenant.recorder.sunk(&row);
    outcome.map(|(_, done)| done)
}

/// Notes what a deployment did to data sources.
pub fn deployed(tenant: &Tenant, outcome: &Outcome) {
    let Some(id) = &outcome.id else { return };
    let live = tenant.workspace.live();
    for (name, movement) in &outcome.plan.movements {
        let Some(source) = live.resources.sources.get(name) else { continue };
        let rows = tenant.workspace.size_of(&source.home.rows, &source.columns).map_or(0, |s| s.rows);
        let events: &[&'static str] = match movement {
            Movement::Kept => &[],
            Movement::New if rows == 0 => &["create"],
            Movement::New => &["create", "deployment_backfill"],
            Movement::Migrated => &["alter", "deployment_backfill"],
        };
        for event in events {
            let mut operation = Operation::new(event, (&source.home.id, name)).option("deployment", id);
            if *event == "deployment_backfill" {
                operation = operation.rows(rows, 0);
            }
            operation.timestamp = tenant.workspace.now_us().div_euclid(1_000_000);
            operation.operation_id = tenant.workspace.new_id();
            tenant.recorder.operation(&operation);
        }
    }
}

/// Stores what waits when a question may read it, so that who asks after a request finds it.
pub async fn settle(call: &Call, pipe: Option<&str>, text: Option<&str>) {
    let live = &call.live;
    let text = text.unwrap_or_default();
    let readers = &live.resources.watching;
    let read = readers.iter().filter(|(name, _)| Some(name.as_str()) == pipe || text.contains(name.as_str()));
    let mut sizes = text.contains(SIZES);
    let mut is_read = text.contains(SPACE.trim_end_matches('.'));
    for (_, with_sizes) in read {
        (is_read, sizes) = (true, sizes || *with_sizes);
    }
    if is_read {
        let tenant = call.tenant.clone();
        let stored = rt::cpu(move || tenant.store_records(sizes));
        if let Ok(Err(e)) = tokio::time::timeout(PATIENCE, stored).await {
            tracing::error!(error = %e, "service data sources are not up to date");
        }
    }
}

/// Stores what waits, at intervals, until this is dropped.
pub async fn keep(hub: Arc<Hub>) {
    loop {
        tokio::time::sleep(INTERVAL).await;
        store(&hub).await;
    }
}

/// Stores what waits in all workspaces.
pub async fn store(hub: &Arc<Hub>) {
    for tenant in hub.all() {
        if tenant.recorder.is_idle() && !tenant.jobs.has_changed() {
            continue;
        }
        // What failed was told where it did.
        let _ = rt::cpu(move || tenant.store_records(false)).await;
    }
}

/// Who asks too often hears when to come again.
///
/// # Errors
/// `Limited`.
pub fn limit(app: &App, call: &Call) -> Result<Vec<(&'static str, String)>> {
    let Some(rps) = call.token.rps_max else { return Ok(vec![]) };
    let id = call.token.workspace_id.as_deref().unwrap_or_default();
    let decision = app.hub.limiter.lock().check(id, &call.token.token_name, rps, app.hub.now_us());
    if decision.retry_after_s.is_some() {
        let what = format!("The token may ask {rps} times in a second");
        return Err(Error::new(Kind::Limited, what).source(face::Headers(decision.headers())));
    }
    Ok(decision.headers())
}
