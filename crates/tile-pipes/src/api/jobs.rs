//! Jobs.

use super::call::Call;
use super::show::time;
use super::{App, json};
use crate::hub::Tenant;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tile_base::{Error, Result};
use tile_web::{Reply, Req, rt};

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

pub async fn read(app: Arc<App>, req: Req) -> Result<Reply> {
    let call = Call::of_workspace(&app, &req)?;
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

/// Work that has begun is not interrupted: it holds its transaction for a short time only.
pub async fn cancel(app: Arc<App>, req: Req) -> Result<Reply> {
    let call = Call::of_workspace(&app, &req)?;
    call.administers()?;
    match req.tail.0.as_slice() {
        [id, what] if what == "cancel" || what == "retry" => match call.tenant.jobs.get(id) {
            Some(job) => {
                let status = job.status.name();
                Err(Error::invalid(format!("The job {id} is {status}: there is nothing to {what}")))
            }
            None => Err(Error::not_found(format!("Job {id} not found"))),
        },
        _ => Err(Error::not_found("Not Found")),
    }
}
