//! What time sets off: one loop for a process, which looks at the live deployment of every workspace and starts what is due.
//!
//! A new kind of work with a schedule is an arm of [`Task`], found in [`planned`] and begun in [`begin`].

use crate::api::App;
use crate::api::operated_if;
use crate::copies;
use crate::datafile::{NodeKind, Schedule};
use crate::hub::Tenant;
use crate::observe::Operation;
use crate::schedules::{Due, due};
use crate::transfer::{bucket, start};
use crate::workspace::{Live, Which, retention};
use std::sync::Arc;
use std::time::Duration;
use tile_base::Result;
use tile_web::rt;
use tokio::task::JoinHandle;

/// How often is looked when no minute begins: soon enough for what a deployment or a clock that jumps brings.
const LOOK: Duration = Duration::from_secs(10);
const MINUTE_US: i64 = 60_000_000;

/// Work with a schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Task {
    /// The copy of a pipe.
    Copy { pipe: String },
    /// The files of a pipe's sink.
    Sink { pipe: String },
}

/// Work with the times it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// What its schedule is remembered by.
    pub id: String,
    pub cron: String,
    /// Since when it may be of this schedule.
    pub since_us: i64,
    pub task: Task,
}

/// Everything of a deployment that has a schedule.
pub fn planned(live: &Live) -> Vec<Planned> {
    let mut out = Vec::new();
    for pipe in live.resources.pipes.values() {
        for node in &pipe.file.nodes {
            let (schedule, task) = match &node.kind {
                NodeKind::Copy(copy) => (&copy.schedule, Task::Copy { pipe: pipe.file.name.clone() }),
                NodeKind::Sink(sink) => (&sink.schedule, Task::Sink { pipe: pipe.file.name.clone() }),
                NodeKind::Standard | NodeKind::Endpoint | NodeKind::Materialized(_) => continue,
            };
            let Schedule::Cron(cron) = schedule else { continue };
            let (id, since_us) = (pipe.id.clone(), pipe.updated_at_us);
            out.push(Planned { id, cron: cron.clone(), since_us, task });
        }
    }
    out
}

fn settled(tenant: &Tenant, planned: &Planned, due_us: i64) -> Result<()> {
    let engine = tenant.workspace.engine().as_ref();
    tenant.schedules.settle_alone(engine, &planned.id, &planned.cron, due_us)
}

/// Begins work for a time of its schedule. What is given ends with it.
async fn begin(app: &App, tenant: &Arc<Tenant>, planned: &Planned, due_us: i64) -> Result<JoinHandle<()>> {
    let due = Some((planned.cron.clone(), due_us));
    match &planned.task {
        Task::Copy { pipe } => {
            let asked = copies::Asked { pipe: pipe.clone(), due, ..copies::Asked::default() };
            Ok(copies::begin(app, tenant, asked).await?.running)
        }
        Task::Sink { pipe } => {
            // Files that were sent cannot be taken back: a run that is interrupted is not repeated.
            let (held, of) = (tenant.clone(), planned.clone());
            rt::cpu(move || settled(&held, &of, due_us)).await?;
            Ok(start::sink(app, tenant, pipe.clone(), start::Asked::default()).await?.running)
        }
    }
}

/// Looks, for as long as the process lives.
pub async fn run(app: Arc<App>) {
    rt::spawn("upkeep", upkeep(app.clone()));
    rt::spawn("arrivals", arrivals(app.clone()));
    loop {
        look(&app).await;
        tokio::time::sleep(pause(app.hub.now_us())).await;
    }
}

/// How often buckets are looked at for new files.
const ARRIVALS: Duration = Duration::from_secs(60);

/// Imports what is new in the buckets of data sources that take it by themselves. In a branch nothing is.
async fn arrivals(app: Arc<App>) {
    loop {
        for tenant in app.hub.all().into_iter().filter(|t| t.main.is_none()) {
            let held = tenant.clone();
            match rt::cpu(move || bucket::due(&held.workspace)).await {
                Ok(sources) => {
                    for source in sources {
                        arrived(&app, &tenant, source).await;
                    }
                }
                Err(e) => tracing::warn!(error = %e, "buckets are not looked at"),
            }
        }
        tokio::time::sleep(ARRIVALS).await;
    }
}

async fn arrived(app: &App, tenant: &Arc<Tenant>, source: String) {
    // One run of a data source at a time.
    let Some(claim) = tenant.schedules.claim(&format!("files of {source}")) else { return };
    match start::files(app, tenant, source.clone(), None).await {
        Ok(begun) => drop(rt::spawn("files", async move {
            // A run that panicked has said so in the log; what a run says is its job's.
            let _ = begun.running.await;
            drop(claim);
        })),
        Err(e) => tracing::warn!(error = %e, source, "an import of new files did not begin"),
    }
}

/// How often rows that have ended are looked for.
const SWEEP: Duration = Duration::from_secs(60);

/// What is done to rows that nobody asks for: those that have ended are removed.
async fn upkeep(app: Arc<App>) {
    loop {
        for tenant in app.hub.all() {
            sweep(&tenant).await;
        }
        tokio::time::sleep(SWEEP).await;
    }
}

async fn sweep(tenant: &Arc<Tenant>) {
    for (which, name) in retention::kept(&tenant.workspace.deployed()) {
        loop {
            let (held, source) = (tenant.clone(), name.clone());
            match rt::cpu(move || swept(&held, which, &source)).await {
                Ok(0) => break,
                // Others take their turn in between.
                Ok(rows) => tracing::info!(rows, source = name, "rows have ended"),
                // The data source may be gone; what else it is comes again at the next look.
                Err(e) => {
                    tracing::warn!(error = %e, source = name, "rows that have ended are not removed");
                    break;
                }
            }
        }
    }
}

/// Removes rows that have ended, and notes it when there were any.
fn swept(tenant: &Tenant, which: Which, name: &str) -> Result<u64> {
    let deployed = tenant.workspace.deployed();
    let source = deployed.get(which)?.source(name)?;
    let operation = Operation::new("delete", (&source.home.id, name)).option("reason", "ENGINE_TTL");
    operated_if(
        tenant,
        operation,
        || retention::sweep(&tenant.workspace, which, name),
        |done, rows| (*rows > 0).then(|| done.rows(*rows, 0)),
    )
}

/// Until the next minute, and not too long.
fn pause(now_us: i64) -> Duration {
    let left_us = MINUTE_US - now_us.rem_euclid(MINUTE_US);
    Duration::from_micros(u64::try_from(left_us).unwrap_or_default()).min(LOOK)
}

/// Starts what is due now. In a branch nothing is.
pub async fn look(app: &App) {
    for tenant in app.hub.all().into_iter().filter(|t| t.main.is_none()) {
        for planned in planned(&tenant.workspace.live()) {
            if let Err(e) = started(app, &tenant, &planned).await {
                // It is still due at the next look.
                tracing::warn!(error = %e, task = ?planned.task, "a run of a schedule did not begin");
            }
        }
    }
}

async fn started(app: &App, tenant: &Arc<Tenant>, planned: &Planned) -> Result<()> {
    let schedules = &tenant.schedules;
    // While one time is being run the next ones wait, and are made up for together.
    let Some(claim) = schedules.claim(&planned.id) else { return Ok(()) };
    match due(&schedules.get(&planned.id), &planned.cron, planned.since_us, app.hub.now_us()) {
        Due::Nothing => Ok(()),
        Due::Anew(now_us) => {
            let (tenant, planned) = (tenant.clone(), planned.clone());
            rt::cpu(move || settled(&tenant, &planned, now_us)).await
        }
        Due::Run(due_us) => {
            let running = begin(app, tenant, planned, due_us).await?;
            rt::spawn("schedule", async move {
                // A run that panicked has said so in the log.
                let _ = running.await;
                drop(claim);
            });
            Ok(())
        }
    }
}
