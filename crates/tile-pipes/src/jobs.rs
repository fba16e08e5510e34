//! Work that answers before it is done: imports, copies, deletions. A bounded number is remembered.

use parking_lot::Mutex;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::Arc;
use tile_base::{Cancel, Error, Kind, Result};

/// Jobs that are remembered; the oldest that are done go.
const JOBS_MAX: usize = 1000;

/// The jobs of a workspace, newest last.
#[derive(Default)]
pub struct Jobs(Mutex<VecDeque<Job>>);

#[derive(Clone, Debug)]
pub struct Job {
    pub id: String,
    /// `import`, `copy`, `deployment`, `delete_data`, …
    pub kind: &'static str,
    pub status: Status,
    pub created_at_us: i64,
    pub updated_at_us: i64,
    pub error: Option<String>,
    /// What a kind shows besides.
    pub more: Value,
    /// Of a job that tells how far it is, and that can be cancelled.
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

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Waiting,
    Working,
    Cancelling,
    Done,
    Error,
    Cancelled,
}

impl Status {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Working => "working",
            Self::Cancelling => "cancelling",
            Self::Done => "done",
            Self::Error => "error",
            Self::Cancelled => "cancelled",
        }
    }
    const fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Error | Self::Cancelled)
    }
}

impl Jobs {
    /// Remembers a job that begins.
    ///
    /// # Errors
    /// `Busy` when too many are not done.
    pub fn begin(&self, id: String, kind: &'static str, more: Value, now_us: i64) -> Result<()> {
        self.add(id, kind, more, now_us, Status::Working, None)
    }

    /// The same of a job that waits for its turn, tells how far it is, and can be cancelled.
    ///
    /// # Errors
    /// `Busy` when too many are not done.
    pub fn begin_watched(
        &self,
        id: String,
        kind: &'static str,
        more: Value,
        now_us: i64,
    ) -> Result<Arc<Watch>> {
        let watch = Arc::new(Watch::default());
        self.add(id, kind, more, now_us, Status::Waiting, Some(watch.clone()))?;
        Ok(watch)
    }

    fn add(
        &self,
        id: String,
        kind: &'static str,
        more: Value,
        now_us: i64,
        status: Status,
        watch: Option<Arc<Watch>>,
    ) -> Result<()> {
        let mut jobs = self.0.lock();
        if jobs.len() >= JOBS_MAX {
            let done = jobs.iter().position(|j| j.status.is_over());
            let done = done.ok_or_else(|| Error::new(tile_base::Kind::Busy, "too many jobs are not done"))?;
            jobs.remove(done);
        }
        let (created_at_us, updated_at_us) = (now_us, now_us);
        jobs.push_back(Job { id, kind, status, created_at_us, updated_at_us, error: None, more, watch });
        Ok(())
    }

    /// Says that a job's turn has come.
    pub fn start(&self, id: &str, now_us: i64) {
        let mut jobs = self.0.lock();
        if let Some(job) = jobs.iter_mut().find(|j| j.id == id && j.status == Status::Waiting) {
            (job.status, job.updated_at_us) = (Status::Working, now_us);
        }
    }

    /// Asks a job to end; what it has not yet committed is dropped. Gives the job as it is then.
    ///
    /// # Errors
    /// `NotFound`; `Invalid` for a job that is over, or that cannot be cancelled.
    pub fn cancel(&self, id: &str, now_us: i64) -> Result<Job> {
        let mut jobs = self.0.lock();
        let job = jobs.iter_mut().find(|j| j.id == id);
        let job = job.ok_or_else(|| Error::not_found(format!("Job {id} not found")))?;
        let (status, watch) = (job.status.name(), job.watch.clone().filter(|_| !job.status.is_over()));
        let watch = watch
            .ok_or_else(|| Error::invalid(format!("The job {id} is {status}: there is nothing to cancel")))?;
        (job.status, job.updated_at_us) = (Status::Cancelling, now_us);
        let job = job.clone();
        // The hook of the work is not called under the lock of all jobs.
        drop(jobs);
        watch.cancel.cancel(Kind::Invalid, "the job was cancelled");
        Ok(job)
    }

    /// Remembers what came of a job. `more` is added to what it shows.
    pub fn end(&self, id: &str, result: Result<Value>, now_us: i64) {
        let mut jobs = self.0.lock();
        let Some(job) = jobs.iter_mut().find(|j| j.id == id) else { return };
        job.updated_at_us = now_us;
        match result {
            Ok(more) => {
                job.status = Status::Done;
                if let (Some(into), Value::Object(more)) = (job.more.as_object_mut(), more) {
                    into.extend(more);
                }
            }
            Err(_) if job.status == Status::Cancelling => job.status = Status::Cancelled,
            Err(e) => {
                job.status = Status::Error;
                job.error = Some(e.detail());
            }
        }
    }

    pub fn get(&self, id: &str) -> Option<Job> {
        self.0.lock().iter().find(|j| j.id == id).cloned()
    }

    /// All of them, newest first.
    pub fn list(&self) -> Vec<Job> {
        self.0.lock().iter().rev().cloned().collect()
    }
}

impl Job {
    /// As the API shows it. `origin` is what addresses begin with.
    pub fn to_json(&self, origin: &str, time: impl Fn(i64) -> String) -> Value {
        let told = self.watch.as_ref().filter(|_| !self.status.is_over()).map(|w| w.shown.lock().clone());
        let percent =
            told.as_ref().map_or(if self.status.is_over() { 100 } else { 0 }, |(percent, _)| *percent);
        let mut out = json!({
            "id": self.id,
            "job_id": self.id,
            "kind": self.kind,
            "status": self.status.name(),
            "created_at": time(self.created_at_us),
            "started_at": time(self.created_at_us),
            "updated_at": time(self.updated_at_us),
            "is_cancellable": self.watch.is_some() && !self.status.is_over(),
            "job_url": format!("{origin}/v0/jobs/{}", self.id),
            "progress_percentage": percent,
        });
        if let (Some(into), Some(more)) = (out.as_object_mut(), self.more.as_object()) {
            into.extend(more.clone());
        }
        if let (Some(into), Some((_, Value::Object(more)))) = (out.as_object_mut(), told) {
            into.extend(more);
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
}
