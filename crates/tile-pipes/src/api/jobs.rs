//! Jobs.

use super::call::Call;
use super::show::{moment, time};
use super::{App, json};
use crate::copies;
use crate::hub::Tenant;
use crate::jobs::{Job, Status, Watch};
use serde_json::{Value, json};
use std::future::Future;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tile_base::{Error, Kind, Result};
use tile_web::{Reply, Req, rt};
use tokio::sync::{Semaphore, oneshot};
use tokio::task::JoinHandle;

/// How long an answer waits for its job, if need be. Clients look after a job every two seconds: a small one is over when they first ask.
pub const PATIENCE: Duration = Duration::from_millis(1500);

/// A job that has begun, and what ends with it.
pub struct Begun {
    pub id: String,
    pub running: JoinHandle<()>,
}

impl Begun {
    /// The job as it is when it is over, or when `patience` is. One that takes longer goes on by itself.
    ///
    /// # Errors
    /// `Internal` when it was forgotten meanwhile.
    pub async fn soon(self, tenant: &Tenant, patience: Duration) -> Result<Job> {
        let _ = tokio::time::timeout(patience, self.running).await;
        tenant.jobs.get(&self.id).ok_or_else(|| Error::internal("a job that is gone"))
    }
}

/// Begins a job: what `begin` gives, `rest` goes on with. Also when who asked for it leaves in between: a job that is remembered is
/// run. `begin` blocks.
///
/// # Errors
/// Those of `begin`.
pub async fn begun<T: Send + 'static, F: Future<Output = ()> + Send>(
    kind: &'static str,
    begin: impl FnOnce() -> Result<T> + Send + 'static,
    rest: impl FnOnce(T) -> F + Send + 'static,
) -> Result<JoinHandle<()>> {
    let (tell, told) = oneshot::channel();
    let running = rt::spawn(kind, async move {
        let (told, held) = match rt::cpu(begin).await {
            Ok(held) => (Ok(()), Some(held)),
            Err(e) => (Err(e), None),
        };
        // Nobody may be there any more to hear it.
        let _ = tell.send(told);
        if let Some(held) = held {
            rest(held).await;
        }
    });
    told.await.map_err(|e| Error::internal("a job that did not begin").source(e))??;
    Ok(running)
}

/// Remembers what came of a job, off the network threads.
pub async fn ended(tenant: Arc<Tenant>, id: String, done: Result<Value>) {
    let kept = rt::cpu(move || {
        tenant.jobs.end(&id, done, tenant.workspace.now_us());
        Ok(())
    });
    if let Err(e) = kept.await {
        tracing::error!(error = %e, "what came of a job is not remembered");
    }
}

/// Begins blocking work as a job. The work gets the id.
///
/// # Errors
/// `Busy` when too many jobs are not done. Those of the work are the job's.
pub async fn begin(
    app: &App,
    tenant: &Arc<Tenant>,
    kind: &'static str,
    more: Value,
    work: impl FnOnce(&str) -> Result<Value> + Send + 'static,
) -> Result<Begun> {
    let (id, now_us) = (app.hub.new_id(), app.hub.now_us());
    let (held, name) = (tenant.clone(), id.clone());
    let (tenant, job) = (tenant.clone(), id.clone());
    let running = begun(
        kind,
        move || held.jobs.begin(name, kind, more, now_us),
        async move |()| {
            let (held, name) = (tenant.clone(), job.clone());
            let worked = rt::cpu(move || {
                let done = work(&name);
                held.jobs.end(&name, done, held.workspace.now_us());
                Ok(())
            });
            // A worker that panicked could not say so itself.
            if let Err(e) = worked.await {
                ended(tenant, job, Err(e)).await;
            }
        },
    );
    Ok(Begun { id, running: running.await? })
}

/// Transfers that run at once in a process; more wait.
const TRANSFERS_MAX: usize = 8;

fn transfers() -> &'static Semaphore {
    static TRANSFERS: OnceLock<Semaphore> = OnceLock::new();
    TRANSFERS.get_or_init(|| Semaphore::new(TRANSFERS_MAX))
}

/// Begins work that waits for others: it takes one of a few turns, tells how far it is, and can be cancelled.
///
/// # Errors
/// `Busy` when too many jobs are not done. Those of the work are the job's.
pub async fn begin_watched(
    app: &App,
    tenant: &Arc<Tenant>,
    kind: &'static str,
    more: Value,
    work: impl FnOnce(&str, &Watch) -> Result<Value> + Send + 'static,
) -> Result<Begun> {
    let (id, now_us) = (app.hub.new_id(), app.hub.now_us());
    let (held, name) = (tenant.clone(), id.clone());
    let (tenant, job, time_max) = (tenant.clone(), id.clone(), app.limits.job_time_max);
    let running = begun(
        kind,
        move || held.jobs.begin_watched(name, kind, more, now_us),
        async move |watch| {
            let done = in_turn(&tenant, (&job, kind), watch, time_max, work).await;
            ended(tenant, job, done).await;
        },
    );
    Ok(Begun { id, running: running.await? })
}

async fn in_turn(
    tenant: &Tenant,
    (id, kind): (&str, &str),
    watch: Arc<Watch>,
    time_max: Duration,
    work: impl FnOnce(&str, &Watch) -> Result<Value> + Send + 'static,
) -> Result<Value> {
    let stopping = |_| Error::new(Kind::Busy, "the server is stopping");
    let _turn = transfers().acquire().await.map_err(stopping)?;
    watch.cancel.check()?;
    tenant.jobs.start(id, tenant.workspace.now_us());
    let (name, own) = (id.to_owned(), watch.clone());
    let running = rt::blocking(move || work(&name, &own));
    rt::insisting(running, &watch.cancel, time_max, &format!("The {kind}")).await
}

pub async fn read(app: Arc<App>, req: Req) -> Result<Reply> {
    let call = Call::of_workspace(&app, &req)?;
    match req.tail.0.as_slice() {
        [] => {
            call.administers()?;
            let wanted = Wanted::new(&req)?;
            let jobs = call.tenant.jobs.list();
            let shown = jobs.iter().filter(|j| wanted.is(j)).take(LISTED_MAX);
            let shown: Vec<Value> = shown.map(|j| j.to_json(&req.origin, time)).collect();
            Ok(json(&json!({"jobs": shown})))
        }
        // Its name is a secret of who began it.
        [id] => match call.tenant.jobs.get(id) {
            Some(job) => Ok(json(&job.to_json(&req.origin, time))),
            None => Err(Error::not_found(format!("Job {id} not found"))),
        },
        _ => Err(Error::not_found("Not Found")),
    }
}

/// `cancel` ends a job that is not over, `retry` runs one again that failed.
pub async fn change(app: Arc<App>, req: Req) -> Result<Reply> {
    let call = Call::of_workspace(&app, &req)?;
    call.administers()?;
    let [id, what] = req.tail.0.as_slice() else { return Err(Error::not_found("Not Found")) };
    match what.as_str() {
        "cancel" => {
            let job = call.tenant.jobs.cancel(id, app.hub.now_us())?;
            Ok(json(&job.to_json(&req.origin, time)))
        }
        "retry" => {
            let job = call.tenant.jobs.get(id);
            let job = job.ok_or_else(|| Error::not_found(format!("Job {id} not found")))?;
            if !matches!(job.status, Status::Error | Status::Cancelled) {
                let status = job.status.name();
                return Err(Error::invalid(format!("The job {id} is {status}: there is nothing to retry")));
            }
            let again = job.again.clone().filter(|_| job.kind == copies::KIND);
            let asked =
                again.and_then(|a| serde_json::from_value::<copies::Asked>(a).ok()).ok_or_else(|| {
                    Error::invalid(format!("A job of the kind `{}` cannot be retried", job.kind))
                        .hint("Send its request again")
                })?;
            let begun = copies::begin(&app, &call.tenant, asked).await?;
            let job = begun.soon(&call.tenant, Duration::ZERO).await?;
            Ok(json(&job.to_json(&req.origin, time)))
        }
        _ => Err(Error::not_found("Not Found")),
    }
}

/// Jobs of a list.
const LISTED_MAX: usize = 100;

/// Which jobs a request wants to see.
struct Wanted<'a> {
    req: &'a Req,
    after_us: Option<i64>,
    before_us: Option<i64>,
}

impl<'a> Wanted<'a> {
    fn new(req: &'a Req) -> Result<Self> {
        let stamp = |name: &str| {
            let Some(text) = req.query.get(name) else { return Ok(None) };
            moment(text).map(Some).ok_or_else(|| {
                Error::invalid(format!("`{text}` is no time for `{name}`"))
                    .hint("Write it like 2024-01-01 00:00:00")
            })
        };
        Ok(Self { req, after_us: stamp("created_after")?, before_us: stamp("created_before")? })
    }

    fn is(&self, job: &Job) -> bool {
        let same = |name: &str, has: Option<&str>| {
            self.req.query.get(name).filter(|w| !w.is_empty()).is_none_or(|w| has == Some(w))
        };
        let more = |name: &str| job.more.get(name).and_then(Value::as_str);
        let source = job.more.get("datasource").and_then(|d| d.get("id")).and_then(Value::as_str);
        same("kind", Some(&job.kind))
            && same("status", Some(job.status.name()))
            && same("pipe_id", more("pipe_id"))
            && same("pipe_name", more("pipe_name"))
            && same("datasource_id", source)
            && self.after_us.is_none_or(|at| job.created_at_us > at)
            && self.before_us.is_none_or(|at| job.created_at_us < at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    #[tokio::test]
    async fn a_job_that_has_begun_is_run_also_when_who_asked_has_left() {
        let (open, gate) = mpsc::channel::<()>();
        let (tell, heard) = oneshot::channel();
        let asked = begun(
            "test",
            move || Ok(gate.recv().is_ok()),
            async move |is_open| {
                assert!(is_open && tell.send("run").is_ok());
            },
        );
        // The caller leaves while the job is being remembered.
        assert!(tokio::time::timeout(Duration::from_millis(20), asked).await.is_err());
        open.send(()).unwrap();
        assert_eq!(heard.await.unwrap(), "run");
    }

    #[tokio::test]
    async fn a_job_that_cannot_begin_is_not_run() {
        let refused = || Err::<(), _>(Error::new(Kind::Busy, "too many"));
        let done = begun("test", refused, async |()| panic!("it was run")).await;
        assert_eq!(done.unwrap_err().kind, Kind::Busy);
    }
}
