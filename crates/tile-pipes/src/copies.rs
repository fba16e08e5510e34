//! Copies as jobs: one at a time for each pipe, a bounded number at once, ended when they are told to or take too long.

use crate::api::App;
use crate::api::jobs::{Begun, begun, ended};
use crate::api::operated;
use crate::hub::Tenant;
use crate::jobs::Jobs;
use crate::observe::Operation;
use crate::workspace::{Which, copy};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tile_base::{Cancel, Error, Result, Transaction};
use tile_web::rt;
use tokio::sync::Semaphore;

/// Copies of all workspaces that run at once; more wait.
const RUNNING_MAX: usize = 4;

/// The kind of such jobs.
pub const KIND: &str = "copy";

/// A copy that is asked for, as it is remembered to be run again.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Asked {
    /// The deployment that the pipe and its target are of.
    #[serde(default)]
    pub which: Which,
    pub pipe: String,
    pub params: Vec<(String, String)>,
    /// As the pipe has it when it is not said.
    pub is_replacing: Option<bool>,
    /// The schedule that this run is for, and its time.
    #[serde(skip)]
    pub due: Option<(String, i64)>,
}

/// Who is next, pipe by pipe.
#[derive(Default)]
pub struct Turns(Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>);

impl Turns {
    /// The turn of a pipe, by its id. Only pipes that someone waits for are held.
    pub fn of(&self, pipe: &str) -> Arc<tokio::sync::Mutex<()>> {
        let mut held = self.0.lock();
        held.retain(|_, turn| Arc::strong_count(turn) > 1);
        held.entry(pipe.to_owned()).or_default().clone()
    }
}

fn running() -> &'static Semaphore {
    static RUNNING: OnceLock<Semaphore> = OnceLock::new();
    RUNNING.get_or_init(|| Semaphore::new(RUNNING_MAX))
}

/// Begins a copy, as a job.
///
/// # Errors
/// `NotFound` and `Invalid` for pipes that cannot be copied, `Busy` when too many jobs are not done.
pub async fn begin(app: &App, tenant: &Arc<Tenant>, asked: Asked) -> Result<Begun> {
    let deployed = tenant.workspace.deployed();
    let live = deployed.get(asked.which)?;
    let (_, copy) = copy::node(live, &asked.pipe)?;
    let target = live.source(&copy.target)?;
    let pipe_id = live.pipe(&asked.pipe)?.id.clone();
    let more = json!({
        "pipe_id": pipe_id, "pipe_name": asked.pipe, "is_scheduled": asked.due.is_some(),
        "mode": mode(asked.is_replacing, copy.mode.name()),
        "datasource": {"id": target.home.id, "name": copy.target},
    });
    let again = serde_json::to_value(&asked).map_err(|e| Error::internal("a job is no JSON").source(e))?;
    let (id, now_us) = (app.hub.new_id(), app.hub.now_us());
    let (held, name) = (tenant.clone(), id.clone());
    let operation =
        Operation::new(KIND, (&target.home.id, &copy.target)).pipe(&pipe_id, &asked.pipe).job(&id);
    let (tenant, job, time_max) = (tenant.clone(), id.clone(), app.limits.job_time_max);
    let running = begun(
        KIND,
        move || held.jobs.wait(name, KIND, more, again, now_us),
        move |cancel| turn(Work { tenant, id: job, pipe_id, asked, cancel, operation }, time_max),
    );
    Ok(Begun { id, running: running.await? })
}

const fn mode(is_replacing: Option<bool>, given: &str) -> &str {
    match is_replacing {
        Some(true) => "replace",
        Some(false) => "append",
        None => given,
    }
}

#[derive(Clone)]
struct Work {
    tenant: Arc<Tenant>,
    id: String,
    pipe_id: String,
    asked: Asked,
    cancel: Cancel,
    operation: Operation,
}

/// Waits for the pipe's turn and for a place, and runs.
async fn turn(work: Work, time_max: Duration) {
    let turn = work.tenant.turns.of(&work.pipe_id);
    let _turn = turn.lock().await;
    // It is never closed.
    let _place = running().acquire().await;
    work.tenant.jobs.start(&work.id, work.tenant.workspace.now_us());
    let running = work.clone();
    let done = rt::cpu(move || {
        running.run();
        Ok(())
    });
    // A worker that panicked could not say so itself.
    if let Err(e) = rt::insisting(done, &work.cancel, time_max, "The copy").await {
        ended(work.tenant, work.id, Err(e)).await;
    }
}

impl Work {
    /// The rows, the job that is done and the time of the schedule are one transaction.
    fn run(&self) {
        let (workspace, jobs) = (&self.tenant.workspace, &self.tenant.jobs);
        let run = copy::Run {
            which: self.asked.which,
            pipe: &self.asked.pipe,
            params: &self.asked.params,
            is_replacing: self.asked.is_replacing,
            id: &self.id,
            cancel: &self.cancel,
        };
        let settle = |transaction: &dyn Transaction, rows| {
            if let Some(job) = jobs.ended(&self.id, &Ok(shown(rows)), workspace.now_us()) {
                Jobs::put(transaction, &job)?;
            }
            self.settle(transaction)
        };
        let work = || copy::run(workspace, &run, &settle);
        let done = operated(&self.tenant, self.operation.clone(), work, |done, rows| done.rows(*rows, 0));
        let now_us = workspace.now_us();
        match done {
            Ok(rows) => {
                if let Some(job) = jobs.ended(&self.id, &Ok(shown(rows)), now_us) {
                    jobs.over(job);
                }
            }
            Err(e) => {
                tracing::info!(pipe = self.asked.pipe, error = %e, "a copy failed");
                jobs.end(&self.id, Err(e), now_us);
                // A run that failed is not tried again before its next time.
                if let Err(e) = self.settle_alone() {
                    tracing::error!(pipe = self.asked.pipe, error = %e, "the time of a schedule is not remembered");
                }
            }
        }
    }

    fn settle(&self, transaction: &dyn Transaction) -> Result<()> {
        let Some((cron, due_us)) = &self.asked.due else { return Ok(()) };
        self.tenant.schedules.settle(transaction, &self.pipe_id, cron, *due_us)
    }

    fn settle_alone(&self) -> Result<()> {
        let Some((cron, due_us)) = &self.asked.due else { return Ok(()) };
        let engine = self.tenant.workspace.engine().as_ref();
        self.tenant.schedules.settle_alone(engine, &self.pipe_id, cron, *due_us)
    }
}

fn shown(rows: u64) -> Value {
    json!({"rows": rows, "statistics": {"row_count": rows}})
}
