//! Work that answers before it is done: imports, copies, deletions. A bounded number is remembered, also when the process ends.

use crate::workspace::store;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::borrow::Cow;
use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use tile_base::{Cancel, Error, Kind, Result, SqlEngine};

/// Jobs that are remembered; the oldest that are done go.
const JOBS_MAX: usize = 1000;
/// The kind of a job's document.
const DOCUMENT: &str = "job";
/// What is told of a job whose process ended before it.
const INTERRUPTED: &str =
    "The server stopped while the job was running; nothing of it was stored. Run it again";

/// The jobs of a workspace, newest last, and the ids of those that changed.
#[derive(Default)]
pub struct Jobs {
    held: Mutex<VecDeque<Job>>,
    changed: Mutex<BTreeSet<String>>,
    /// Where they are remembered; without, in memory only.
    engine: Option<Arc<dyn SqlEngine>>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Job {
    pub id: String,
    /// `import`, `copy`, `deployment`, `delete_data`, …
    pub kind: Cow<'static, str>,
    pub status: Status,
    pub created_at_us: i64,
    /// None while it waits for its turn.
    pub started_at_us: Option<i64>,
    pub updated_at_us: i64,
    pub error: Option<String>,
    /// What a kind shows besides.
    pub more: Value,
    /// How it is run again, for kinds that can be. Not shown.
    pub again: Option<Value>,
    /// Of a job that can be cancelled, while the process that runs it lives.
    #[serde(skip)]
    watch: Option<Arc<Watch>>,
}

/// Between a job's work and who looks at it.
#[derive(Default)]
pub struct Watch {
    /// Ends the work.
    pub cancel: Cancel,
    shown: Mutex<(u8, Value)>,
}

impl Watch {
    /// For a part of a job, which ends with it and tells nothing.
    pub fn of(cancel: Cancel) -> Self {
        Self { cancel, ..Self::default() }
    }

    /// Tells how far the work is: percent, and members of what the job shows.
    pub fn tell(&self, percent: u8, more: Value) {
        *self.shown.lock() = (percent.min(99), more);
    }
}

impl std::fmt::Debug for Watch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watch").field("shown", &*self.shown.lock()).finish_non_exhaustive()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    Waiting,
    Working,
    Done,
    Error,
    /// It was told to end and has not yet.
    Cancelling,
    Cancelled,
}

impl Status {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Working => "working",
            Self::Done => "done",
            Self::Error => "error",
            Self::Cancelling => "cancelling",
            Self::Cancelled => "cancelled",
        }
    }
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Error | Self::Cancelled)
    }
}

impl Jobs {
    /// The jobs that an engine remembers. Those that were not over are now: with an error that says why.
    ///
    /// # Errors
    /// Those of the engine.
    pub fn open(engine: Arc<dyn SqlEngine>, now_us: i64) -> Result<Self> {
        let mut jobs: Vec<Job> =
            store::all(engine.as_ref(), DOCUMENT)?.into_iter().map(|(_, job)| job).collect();
        jobs.sort_by(|a, b| (a.created_at_us, &a.id).cmp(&(b.created_at_us, &b.id)));
        let mut changed = Vec::new();
        for job in jobs.iter_mut().filter(|j| !j.status.is_over()) {
            job.status = Status::Error;
            job.error = Some(INTERRUPTED.to_owned());
            job.updated_at_us = now_us;
            changed.push(job.clone());
        }
        let ids = changed.iter().map(|job| job.id.clone()).collect();
        let out = Self { held: Mutex::new(jobs.into()), changed: Mutex::new(ids), engine: Some(engine) };
        out.save(&changed, None)?;
        Ok(out)
    }

    /// Remembers a job that begins.
    ///
    /// # Errors
    /// `Busy` when too many are not done; those of the engine.
    pub fn begin(&self, id: String, kind: &'static str, more: Value, now_us: i64) -> Result<()> {
        self.add(Job {
            id,
            kind: kind.into(),
            status: Status::Working,
            created_at_us: now_us,
            started_at_us: Some(now_us),
            updated_at_us: now_us,
            error: None,
            more,
            again: None,
            watch: None,
        })
    }

    /// Remembers a job that waits for its turn. What is given ends it, once [`Jobs::cancel`] is asked to.
    ///
    /// # Errors
    /// As [`Jobs::begin`].
    pub fn wait(
        &self,
        id: String,
        kind: &'static str,
        more: Value,
        again: Value,
        now_us: i64,
    ) -> Result<Cancel> {
        self.waiting(id, kind, more, Some(again), now_us).map(|watch| watch.cancel.clone())
    }

    /// The same of a job that tells how far it is, and is not run again.
    ///
    /// # Errors
    /// As [`Jobs::begin`].
    pub fn begin_watched(
        &self,
        id: String,
        kind: &'static str,
        more: Value,
        now_us: i64,
    ) -> Result<Arc<Watch>> {
        self.waiting(id, kind, more, None, now_us)
    }

    fn waiting(
        &self,
        id: String,
        kind: &'static str,
        more: Value,
        again: Option<Value>,
        now_us: i64,
    ) -> Result<Arc<Watch>> {
        let watch = Arc::new(Watch::default());
        self.add(Job {
            id,
            kind: kind.into(),
            status: Status::Waiting,
            created_at_us: now_us,
            started_at_us: None,
            updated_at_us: now_us,
            error: None,
            more,
            again,
            watch: Some(watch.clone()),
        })?;
        Ok(watch)
    }

    fn add(&self, job: Job) -> Result<()> {
        let gone = {
            let mut jobs = self.held.lock();
            let is_full = jobs.len() >= JOBS_MAX;
            let over = jobs.iter().position(|j| j.status.is_over()).filter(|_| is_full);
            if is_full && over.is_none() {
                return Err(Error::new(Kind::Busy, "too many jobs are not done"));
            }
            jobs.push_back(job.clone());
            over.and_then(|at| jobs.remove(at))
        };
        let saved = self.save(std::slice::from_ref(&job), gone.as_ref());
        match &saved {
            Ok(()) => self.note(&job.id),
            Err(_) => self.held.lock().retain(|j| j.id != job.id),
        }
        saved
    }

    /// The turn of a job has come.
    pub fn start(&self, id: &str, now_us: i64) {
        if let Some(job) = self.held.lock().iter_mut().find(|j| j.id == id) {
            job.started_at_us = Some(now_us);
            job.updated_at_us = now_us;
            if job.status == Status::Waiting {
                job.status = Status::Working;
            }
        }
        self.note(id);
    }

    /// The job as it will be when it has ended so. `more` is added to what it shows.
    pub fn ended(&self, id: &str, result: &Result<Value>, now_us: i64) -> Option<Job> {
        let mut job = self.get(id)?;
        job.updated_at_us = now_us;
        match result {
            Ok(more) => {
                job.status = Status::Done;
                if let (Some(into), Value::Object(more)) = (job.more.as_object_mut(), more) {
                    into.extend(more.clone());
                }
            }
            Err(_) if job.status == Status::Cancelling => job.status = Status::Cancelled,
            Err(e) => {
                job.status = Status::Error;
                job.error = Some(shown(e));
            }
        }
        Some(job)
    }

    /// Remembers what came of a job. `more` is added to what it shows.
    pub fn end(&self, id: &str, result: Result<Value>, now_us: i64) {
        let Some(job) = self.ended(id, &result, now_us) else { return };
        if let Err(e) = self.save(std::slice::from_ref(&job), None) {
            tracing::error!(error = %e, job = id, "what came of a job is not remembered");
        }
        self.over(job);
    }

    /// Takes a job that has ended and was remembered with [`Jobs::put`].
    pub fn over(&self, job: Job) {
        let id = job.id.clone();
        if let Some(held) = self.held.lock().iter_mut().find(|j| j.id == id) {
            *held = Job { watch: None, ..job };
        }
        self.note(&id);
    }

    /// Remembers a job within a transaction.
    ///
    /// # Errors
    /// Those of the engine.
    pub fn put(transaction: &dyn tile_base::Transaction, job: &Job) -> Result<()> {
        store::put(transaction, DOCUMENT, &job.id, job)
    }

    fn save(&self, jobs: &[Job], gone: Option<&Job>) -> Result<()> {
        let Some(engine) = self.engine.as_ref().filter(|_| !jobs.is_empty() || gone.is_some()) else {
            return Ok(());
        };
        engine.write(&mut |t| {
            for job in jobs {
                Self::put(t, job)?;
            }
            gone.map_or(Ok(()), |job| store::delete(t, DOCUMENT, &job.id))
        })
    }

    /// Tells a job to end. It goes on until it hears.
    ///
    /// # Errors
    /// `NotFound`; `Invalid` for one that is over or cannot be ended.
    pub fn cancel(&self, id: &str, now_us: i64) -> Result<Job> {
        let mut jobs = self.held.lock();
        let job = jobs.iter_mut().find(|j| j.id == id);
        let job = job.ok_or_else(|| Error::not_found(format!("Job {id} not found")))?;
        let status = job.status.name();
        if job.status.is_over() {
            return Err(Error::invalid(format!("The job {id} is {status}: there is nothing to cancel")));
        }
        let watch = job.watch.clone().ok_or_else(|| {
            Error::invalid(format!("The job {id} is of the kind `{}`, which cannot be cancelled", job.kind))
        })?;
        job.status = Status::Cancelling;
        job.updated_at_us = now_us;
        let job = job.clone();
        // The hook of the work is not called under the lock of all jobs.
        drop(jobs);
        watch.cancel.cancel(Kind::Conflict, "the job was cancelled");
        self.note(id);
        Ok(job)
    }

    pub fn get(&self, id: &str) -> Option<Job> {
        self.held.lock().iter().find(|j| j.id == id).cloned()
    }

    /// After a job has changed: who asks before sees it as it was, and again as it is.
    fn note(&self, id: &str) {
        self.changed.lock().insert(id.to_owned());
    }

    /// Those that changed since this was asked last, oldest first.
    pub fn changed(&self) -> Vec<Job> {
        let ids = std::mem::take(&mut *self.changed.lock());
        if ids.is_empty() {
            return vec![];
        }
        self.held.lock().iter().filter(|j| ids.contains(&j.id)).cloned().collect()
    }

    /// Whether one changed since.
    pub fn has_changed(&self) -> bool {
        !self.changed.lock().is_empty()
    }

    /// All of them, newest first.
    pub fn list(&self) -> Vec<Job> {
        self.held.lock().iter().rev().cloned().collect()
    }
}

/// What of an error those may see who ask for the job.
fn shown(e: &Error) -> String {
    if e.kind == Kind::Internal {
        tracing::error!(error = %e, "a job failed");
        return "The server failed; its log has more".to_owned();
    }
    e.detail()
}

impl Job {
    /// As the API shows it. `origin` is what addresses begin with.
    pub fn to_json(&self, origin: &str, time: impl Fn(i64) -> String) -> Value {
        let (percent, told) = match (&self.watch, self.status.is_over()) {
            (_, true) => (100, Value::Null),
            (Some(watch), false) => watch.shown.lock().clone(),
            (None, false) => (0, Value::Null),
        };
        let mut out = json!({
            "id": self.id,
            "job_id": self.id,
            "kind": self.kind,
            "status": self.status.name(),
            "created_at": time(self.created_at_us),
            "started_at": self.started_at_us.map(&time),
            "updated_at": time(self.updated_at_us),
            "is_cancellable": self.watch.is_some() && !self.status.is_over(),
            "job_url": format!("{origin}/v0/jobs/{}", self.id),
            "progress_percentage": percent,
        });
        if let (Some(into), Some(more)) = (out.as_object_mut(), self.more.as_object()) {
            into.extend(more.clone());
        }
        if let (Some(into), Value::Object(told)) = (out.as_object_mut(), told) {
            into.extend(told);
        }
        if let (Some(into), Some(error)) = (out.as_object_mut(), &self.error) {
            into.insert("error".into(), json!(error));
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tile_duck::{Engine, Limits};

    fn engine() -> Arc<dyn SqlEngine> {
        let engine = Arc::new(Engine::in_memory(Limits::default(), &[]).unwrap());
        store::prepare(engine.as_ref()).unwrap();
        engine
    }

    #[test]
    fn a_watched_job_tells_how_far_it_is_and_ends_when_it_is_cancelled() {
        let jobs = Jobs::default();
        let watch = jobs.begin_watched("a".into(), "import", json!({"x": 1}), 1).unwrap();
        jobs.start("a", 2);
        watch.tell(40, json!({"blocks": [1]}));
        let shown = jobs.get("a").unwrap().to_json("", |t| t.to_string());
        assert_eq!(
            (&shown["status"], &shown["progress_percentage"], &shown["blocks"], &shown["is_cancellable"]),
            (&json!("working"), &json!(40), &json!([1]), &json!(true))
        );
        assert_eq!(jobs.cancel("a", 3).unwrap().status, Status::Cancelling);
        let ended = watch.cancel.check();
        assert!(ended.is_err());
        jobs.end("a", ended.map(|()| json!({})), 4);
        assert_eq!(jobs.get("a").unwrap().status, Status::Cancelled);
        assert!(jobs.cancel("a", 5).is_err() && jobs.cancel("b", 5).is_err());
    }

    #[test]
    fn jobs_are_remembered_up_to_a_bound() {
        let jobs = Jobs::default();
        for i in 0..JOBS_MAX {
            jobs.begin(i.to_string(), "import", json!({}), 1).unwrap();
        }
        assert_eq!(jobs.begin("x".into(), "import", json!({}), 1).unwrap_err().kind, tile_base::Kind::Busy);
        jobs.end("0", Ok(json!({"a": 1})), 2);
        jobs.end("1", Err(Error::invalid("no")), 2);
        assert_eq!(jobs.get("0").unwrap().to_json("", |t| t.to_string())["a"], 1);
        assert_eq!(jobs.get("1").unwrap().to_json("", |t| t.to_string())["error"], "no");
        jobs.begin("x".into(), "copy", json!({}), 3).unwrap();
        assert!(jobs.get("0").is_none() && jobs.list()[0].id == "x");
    }

    #[test]
    fn jobs_survive_and_what_was_running_is_an_error() {
        let engine = engine();
        let jobs = Jobs::open(engine.clone(), 1).unwrap();
        jobs.begin("a".into(), "import", json!({"rows": 1}), 1).unwrap();
        jobs.end("a", Ok(json!({"b": 2})), 2);
        jobs.wait("b".into(), "copy", json!({}), json!({"pipe": "p"}), 3).unwrap();
        let jobs = Jobs::open(engine, 9).unwrap();
        let shown: Vec<Value> = jobs.list().iter().map(|j| j.to_json("", |t| t.to_string())).collect();
        assert_eq!((&shown[1]["status"], &shown[1]["b"]), (&json!("done"), &json!(2)));
        assert_eq!((&shown[0]["status"], &shown[0]["updated_at"]), (&json!("error"), &json!("9")));
        assert!(shown[0]["error"].as_str().unwrap().contains("stopped"));
    }

    #[test]
    fn a_job_that_is_told_to_end_is_cancelled_when_it_has() {
        let jobs = Jobs::default();
        let cancel = jobs.wait("a".into(), "copy", json!({}), json!({}), 1).unwrap();
        jobs.start("a", 2);
        assert_eq!(jobs.cancel("a", 3).unwrap().status, Status::Cancelling);
        let heard = cancel.check().unwrap_err();
        jobs.end("a", Err(heard), 4);
        assert_eq!(jobs.get("a").unwrap().status, Status::Cancelled);
        assert!(jobs.cancel("a", 5).is_err() && jobs.get("a").unwrap().error.is_none());
        // One that was done before it heard is done.
        jobs.wait("b".into(), "copy", json!({}), json!({}), 1).unwrap();
        jobs.cancel("b", 3).unwrap();
        jobs.end("b", Ok(json!({})), 4);
        assert_eq!(jobs.get("b").unwrap().status, Status::Done);
        jobs.begin("c".into(), "import", json!({}), 1).unwrap();
        assert!(jobs.cancel("c", 2).unwrap_err().what.contains("cannot be cancelled"));
    }
}
