//! Jobs.

use super::call::Call;
use super::show::time;
use super::{App, json};
use crate::hub::Tenant;
use crate::jobs::Watch;
use serde_json::{Value, json};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tile_base::{Error, Kind, Result};
use tile_web::{Reply, Req, rt};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

/// How long an answer waits for its job, if need be. Clients look after a job every two seconds: a small one is over when they first ask.
pub const PATIENCE: Duration = Duration::from_millis(1500);

/// Runs blocking work as a job and gives its id, when the work is over or `patience` is. The work gets the id.
///
/// # Errors
/// `Busy` when too many jobs are not done. Those of the work are the job's.
pub async fn run(
    app: &App,
    tenant: &Arc<Tenant>,
    kind: &'static str,
    more: Value,
    patience: Duration,
    work: impl FnOnce(&str) -> Result<Value> + Send + 'static,
) -> Result<String> {
    let id = app.hub.new_id();
    tenant.jobs.begin(id.clone(), kind, more, app.hub.now_us())?;
    let (tenant, job) = (tenant.clone(), id.clone());
    let running = rt::spawn(kind, async move {
        let name = job.clone();
        let done = rt::cpu(move || work(&name)).await;
        tenant.jobs.end(&job, done, tenant.workspace.now_us());
    });
    // A job that takes longer goes on by itself.
    let _ = tokio::time::timeout(patience, running).await;
    Ok(id)
}

/// Transfers that run at once in a process; more wait.
const TRANSFERS_MAX: usize = 8;
/// How long one of them may take.
const TRANSFER_TIME_MAX: Duration = Duration::from_secs(3600);

fn transfers() -> &'static Semaphore {
    static TRANSFERS: OnceLock<Semaphore> = OnceLock::new();
    TRANSFERS.get_or_init(|| Semaphore::new(TRANSFERS_MAX))
}

/// Begins work that waits for others: it takes one of a few turns, tells how far it is, and can be cancelled. Gives its id, and what
/// ends with it.
///
/// # Errors
/// `Busy` when too many jobs are not done. Those of the work are the job's.
pub fn begin_watched(
    app: &App,
    tenant: &Arc<Tenant>,
    kind: &'static str,
    more: Value,
    work: impl FnOnce(&str, &Watch) -> Result<Value> + Send + 'static,
) -> Result<(String, JoinHandle<()>)> {
    let id = app.hub.new_id();
    let watch = tenant.jobs.begin_watched(id.clone(), kind, more, app.hub.now_us())?;
    let (tenant, job) = (tenant.clone(), id.clone());
    let running = rt::spawn(kind, async move {
        let done = in_turn(&tenant, &job, watch, work).await;
        tenant.jobs.end(&job, done, tenant.workspace.now_us());
    });
    Ok((id, running))
}

async fn in_turn(
    tenant: &Tenant,
    id: &str,
    watch: Arc<Watch>,
    work: impl FnOnce(&str, &Watch) -> Result<Value> + Send + 'static,
) -> Result<Value> {
    let stopping = |_| Error::new(Kind::Busy, "the server is stopping");
    let _turn = transfers().acquire().await.map_err(stopping)?;
    watch.cancel.check()?;
    tenant.jobs.start(id, tenant.workspace.now_us());
    let (name, own) = (id.to_owned(), watch.clone());
    let mut running = std::pin::pin!(rt::blocking(move || work(&name, &own)));
    let started = tokio::time::Instant::now();
    loop {
        match tokio::time::timeout(Duration::from_secs(1), &mut running).await {
            Ok(done) => return done,
            // An engine can miss the first call.
            Err(_) if watch.cancel.check().is_err() => watch.cancel.cancel(Kind::Invalid, ""),
            Err(_) if started.elapsed() > TRANSFER_TIME_MAX => {
                watch.cancel.cancel(Kind::Timeout, "the job took more than an hour");
            }
            Err(_) => {}
        }
    }
}

pub async fn read(app: Arc<App>, req: Req) -> Result<Reply> {
    let call = Call::new(&app, &req)?;
    match req.tail.0.as_slice() {
        [] => {
            call.administers()?;
            let wanted = |name: &str, value: &str| req.query.get(name).is_none_or(|w| w == value);
            let jobs = call.tenant.jobs.list();
            let shown = jobs
                .iter()
                .filter(|j| wanted("kind", j.kind) && wanted("status", j.status.name()))
                .map(|j| j.to_json(&req.origin, time));
            Ok(json(&json!({"jobs": shown.collect::<Vec<_>>()})))
        }
        // Its name is a secret of who began it.
        [id] => match call.tenant.jobs.get(id) {
            Some(job) => Ok(json(&job.to_json(&req.origin, time))),
            None => Err(Error::not_found(format!("Job {id} not found"))),
        },
        _ => Err(Error::not_found("Not Found")),
    }
}

/// Cancels a job that waits for others. Other work is not interrupted: it holds its transaction for a short time only.
pub async fn cancel(app: Arc<App>, req: Req) -> Result<Reply> {
    let call = Call::new(&app, &req)?;
    call.administers()?;
    match req.tail.0.as_slice() {
        [id, what] if what == "cancel" => {
            let job = call.tenant.jobs.cancel(id, app.hub.now_us())?;
            Ok(json(&job.to_json(&req.origin, time)))
        }
        [id, what] if what == "retry" => match call.tenant.jobs.get(id) {
            Some(job) => {
                let status = job.status.name();
                Err(Error::invalid(format!("The job {id} is {status}: there is nothing to {what}")))
            }
            None => Err(Error::not_found(format!("Job {id} not found"))),
        },
        _ => Err(Error::not_found("Not Found")),
    }
}
