//! Work that takes longer than a fetch: comparisons, and training data as jobs. Few run at once, few wait, and few results are kept.

use crate::training::Progress;
use crate::training::desk::Workshop;
use arrow_schema::SchemaRef;
use parking_lot::Mutex;
use serde_json::{Value as Json, json};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use tile_base::engine::Cancel;
use tile_base::{Error, Kind, Result, SqlEngine};
use tile_web::rt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot, watch};

/// Jobs that compute at once, and comparisons beside them: each has an engine of its own.
const RUNS_MAX: usize = 2;
/// How long a request waits for its turn.
const TURN_TIME_MAX: Duration = Duration::from_secs(10);
/// Jobs that are known, done ones among them. The oldest that is done goes.
const JOBS_MAX: usize = 8;
/// How long a result is kept.
const KEPT_MS: i64 = 3_600_000;
/// How long a job may take.
const JOB_TIME_MAX: Duration = Duration::from_secs(3_600);

/// The runs of a server.
pub struct Runs {
    workshop: Arc<dyn Workshop>,
    job_turns: Arc<Semaphore>,
    comparison_turns: Arc<Semaphore>,
    jobs: Mutex<VecDeque<Arc<Job>>>,
    /// Makes identities that nobody can guess.
    id: fn() -> String,
}

/// Training data that is computed, or was.
pub struct Job {
    pub id: String,
    /// The Join or GroupBy.
    pub name: String,
    /// Whose it is: a token, which alone sees it.
    token: Option<String>,
    created_at_ms: i64,
    cancel: Cancel,
    state: Mutex<State>,
    /// Becomes true when it is over.
    over: watch::Sender<bool>,
}

enum State {
    Waiting,
    Working(Progress),
    Done(Arc<Table>),
    Failed(Kind, String),
}

/// A result.
pub struct Table {
    pub engine: Arc<dyn SqlEngine>,
    pub schema: SchemaRef,
    pub rows: u64,
}

/// Ends work when it is dropped, unless it was kept.
pub struct Leave(Option<Cancel>);

impl Leave {
    pub fn keep(mut self) {
        self.0 = None;
    }
}

impl Drop for Leave {
    fn drop(&mut self) {
        if let Some(cancel) = &self.0 {
            cancel.cancel(Kind::Busy, "the caller left");
        }
    }
}

impl Runs {
    pub fn new(workshop: Arc<dyn Workshop>, id: fn() -> String) -> Self {
        let turns = || Arc::new(Semaphore::new(RUNS_MAX));
        Self { workshop, job_turns: turns(), comparison_turns: turns(), jobs: Mutex::default(), id }
    }

    pub fn workshop(&self) -> Arc<dyn Workshop> {
        self.workshop.clone()
    }

    /// Runs blocking work in its turn, for a time. It ends when the caller leaves.
    ///
    /// # Errors
    /// Those of `work`; `Busy` when others run for too long, `Timeout`.
    pub async fn bounded<T: Send + 'static>(
        &self,
        cancel: &Cancel,
        limit: Duration,
        what: &'static str,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let busy = || Error::new(Kind::Busy, "others compute for now").hint("Ask again in a while");
        let turn = tokio::time::timeout(TURN_TIME_MAX, self.comparison_turns.clone().acquire_owned()).await;
        let turn = turn.map_err(|_| busy())?.map_err(|_| busy())?;
        let _leave = Leave(Some(cancel.clone()));
        let (done, answer) = oneshot::channel();
        let cancel = cancel.clone();
        drop(rt::spawn("comparison", async move {
            // Who has left does not want to know.
            let _ = done.send(held(turn, work, &cancel, limit, what).await);
        }));
        answer.await.unwrap_or_else(|_| Err(Error::internal("a comparison failed")))
    }

    /// Begins a job, which computes in its turn.
    ///
    /// # Errors
    /// `Limited` when too many are not over.
    pub fn begin(
        &self,
        name: &str,
        token: Option<String>,
        now_ms: i64,
        work: impl FnOnce(&Cancel, &(dyn Fn(&Progress) + Sync)) -> Result<Table> + Send + 'static,
    ) -> Result<(Arc<Job>, Leave)> {
        let job = Arc::new(Job {
            id: (self.id)(),
            name: name.to_owned(),
            token,
            created_at_ms: now_ms,
            cancel: Cancel::default(),
            state: Mutex::new(State::Waiting),
            over: watch::channel(false).0,
        });
        {
            let mut jobs = self.jobs.lock();
            jobs.retain(|job| !job.is_over() || now_ms - job.created_at_ms < KEPT_MS);
            if jobs.len() >= JOBS_MAX {
                let done = jobs.iter().position(|job| job.is_over());
                let done = done.ok_or_else(|| {
                    Error::new(Kind::Limited, format!("{JOBS_MAX} jobs wait or run")).hint("Try again later")
                })?;
                jobs.remove(done);
            }
            jobs.push_back(job.clone());
        }
        let (of, turns) = (job.clone(), self.job_turns.clone());
        drop(rt::spawn("training data", async move {
            let done = match turns.acquire_owned().await {
                Ok(turn) => {
                    let (mine, cancel) = (of.clone(), of.cancel.clone());
                    let work = move || {
                        let tell = |progress: &Progress| mine.tell(State::Working(progress.clone()));
                        work(&cancel, &tell)
                    };
                    held(turn, work, &of.cancel, JOB_TIME_MAX, "the job").await
                }
                Err(_) => Err(Error::new(Kind::Busy, "the server is stopping")),
            };
            of.end(done);
        }));
        let leave = Leave(Some(job.cancel.clone()));
        Ok((job, leave))
    }

    /// A job of a token.
    ///
    /// # Errors
    /// `NotFound` for what is not there any more, or is another's.
    pub fn job(&self, id: &str, token: Option<&str>) -> Result<Arc<Job>> {
        let jobs = self.jobs.lock();
        let found = jobs.iter().find(|job| job.id == id && job.token.as_deref() == token);
        found.cloned().ok_or_else(|| {
            Error::not_found(format!("no job is called `{id}`")).hint("Results are kept for an hour")
        })
    }

    /// Ends a job, and forgets it with its result.
    pub fn forget(&self, job: &Job) {
        job.cancel.cancel(Kind::Conflict, "the job was cancelled");
        self.jobs.lock().retain(|other| other.id != job.id);
    }
}

/// Blocking work that has its turn until it has ended.
async fn held<T: Send + 'static>(
    turn: OwnedSemaphorePermit,
    work: impl FnOnce() -> Result<T> + Send + 'static,
    cancel: &Cancel,
    limit: Duration,
    what: &str,
) -> Result<T> {
    let work = rt::blocking(move || {
        let done = work();
        drop(turn);
        done
    });
    rt::insisting(work, cancel, limit, what).await
}

impl Job {
    fn tell(&self, state: State) {
        *self.state.lock() = state;
    }

    fn end(&self, done: Result<Table>) {
        self.tell(match done {
            Ok(table) => State::Done(Arc::new(table)),
            Err(e) if e.kind == Kind::Internal => {
                tracing::error!(error = %e, job = %self.id, "training data cannot be computed");
                State::Failed(e.kind, "an internal error, which the server's log has".to_owned())
            }
            Err(e) => State::Failed(e.kind, e.detail()),
        });
        self.over.send_replace(true);
    }

    fn is_over(&self) -> bool {
        *self.over.borrow()
    }

    /// Waits until it is over, for a time.
    pub async fn wait(&self, limit: Duration) {
        let mut over = self.over.subscribe();
        // It is asked how the job stands afterwards, whatever happened here.
        let _ = tokio::time::timeout(limit, over.wait_for(|is_over| *is_over)).await;
    }

    /// What it computed. None while it does.
    ///
    /// # Errors
    /// Why it failed.
    pub fn result(&self) -> Result<Option<Arc<Table>>> {
        match &*self.state.lock() {
            State::Done(table) => Ok(Some(table.clone())),
            State::Failed(kind, what) => Err(Error::new(*kind, what.clone())),
            State::Waiting | State::Working(_) => Ok(None),
        }
    }

    pub fn to_json(&self) -> Json {
        let (status, progress, rows, error) = match &*self.state.lock() {
            State::Waiting => ("waiting", None, None, None),
            State::Working(progress) => ("working", Some(progress.clone()), None, None),
            State::Done(table) => ("done", None, Some(table.rows), None),
            State::Failed(_, what) => ("failed", None, None, Some(what.clone())),
        };
        let progress = progress.map(|p| json!({"what": p.what, "done": p.done, "all": p.all}));
        json!({
            "id": self.id,
            "name": self.name,
            "status": status,
            "created_at_ms": self.created_at_ms,
            "progress": progress,
            "rows": rows,
            "error": error,
            "result": format!("/v1/features/jobs/{}/result", self.id),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::desk::Given;
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

    /// Jobs here compute nothing.
    struct Nowhere;

    impl Workshop for Nowhere {
        fn engine(&self) -> Result<Arc<dyn SqlEngine>> {
            Err(Error::internal("there is no engine"))
        }
        fn table(&self, name: &str) -> Result<Given> {
            Err(Error::not_found(name.to_owned()))
        }
    }

    fn id() -> String {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        NEXT.fetch_add(1, Ordering::Relaxed).to_string()
    }

    /// A job that fails when `gate` opens.
    fn begin(runs: &Runs, gate: &Arc<AtomicBool>) -> Result<Arc<Job>> {
        let gate = gate.clone();
        let (job, leave) = runs.begin("x", None, 0, move |_, _| {
            while !gate.load(Ordering::Relaxed) {
                std::thread::sleep(Duration::from_millis(1));
            }
            Err(Error::invalid("it is over"))
        })?;
        leave.keep();
        Ok(job)
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn jobs_beyond_the_bound_are_refused_until_one_is_over() {
        let (runs, gate) = (Runs::new(Arc::new(Nowhere), id), Arc::new(AtomicBool::new(false)));
        let jobs: Vec<_> = (0..JOBS_MAX).map(|_| begin(&runs, &gate).unwrap()).collect();
        assert_eq!(begin(&runs, &gate).err().unwrap().kind, Kind::Limited);
        gate.store(true, Ordering::Relaxed);
        for job in &jobs {
            job.wait(Duration::from_secs(20)).await;
            assert_eq!(job.to_json()["status"], "failed");
        }
        // The oldest that is over goes.
        let next = begin(&runs, &gate).unwrap();
        assert!(runs.job(&jobs[0].id, None).is_err() && runs.job(&jobs[1].id, None).is_ok());
        assert!(runs.job(&next.id, Some("another's token")).is_err());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn comparisons_run_in_turn_and_end_in_time() {
        let runs = Arc::new(Runs::new(Arc::new(Nowhere), id));
        let cancel = Cancel::default();
        let of = cancel.clone();
        let endless = move || loop {
            of.check()?;
            std::thread::sleep(Duration::from_millis(1));
        };
        let ended = runs.bounded::<()>(&cancel, Duration::from_millis(50), "this", endless).await;
        assert_eq!(ended.unwrap_err().kind, Kind::Timeout);
        assert_eq!(
            runs.bounded(&Cancel::default(), Duration::from_secs(20), "this", || Ok(5)).await.unwrap(),
            5
        );
    }
}
