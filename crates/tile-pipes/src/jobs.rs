//! Work that answers before it is done: imports, copies, deletions. A bounded number is remembered.

use parking_lot::Mutex;
use serde_json::{Value, json};
use std::collections::{BTreeSet, VecDeque};
use tile_base::{Error, Result};

/// Jobs that are remembered; the oldest that are done go.
const JOBS_MAX: usize = 1000;

/// The jobs of a workspace, newest last, and the ids of those that changed.
#[derive(Default)]
pub struct Jobs(Mutex<VecDeque<Job>>, Mutex<BTreeSet<String>>);

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
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Waiting,
    Working,
    Done,
    Error,
    Cancelled,
}

impl Status {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Working => "working",
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
        let mut jobs = self.0.lock();
        if jobs.len() >= JOBS_MAX {
            let done = jobs.iter().position(|j| j.status.is_over());
            let done = done.ok_or_else(|| Error::new(tile_base::Kind::Busy, "too many jobs are not done"))?;
            jobs.remove(done);
        }
        let (created_at_us, updated_at_us) = (now_us, now_us);
        self.1.lock().insert(id.clone());
        jobs.push_back(Job {
            id,
            kind,
            status: Status::Working,
            created_at_us,
            updated_at_us,
            error: None,
            more,
        });
        Ok(())
    }

    /// Remembers what came of a job. `more` is added to what it shows.
    pub fn end(&self, id: &str, result: Result<Value>, now_us: i64) {
        let mut jobs = self.0.lock();
        let Some(job) = jobs.iter_mut().find(|j| j.id == id) else { return };
        job.updated_at_us = now_us;
        self.1.lock().insert(id.to_owned());
        match result {
            Ok(more) => {
                job.status = Status::Done;
                if let (Some(into), Value::Object(more)) = (job.more.as_object_mut(), more) {
                    into.extend(more);
                }
            }
            Err(e) => {
                job.status = Status::Error;
                job.error = Some(e.detail());
            }
        }
    }

    pub fn get(&self, id: &str) -> Option<Job> {
        self.0.lock().iter().find(|j| j.id == id).cloned()
    }

    /// Those that began or ended since this was asked last, oldest first.
    pub fn changed(&self) -> Vec<Job> {
        let ids = std::mem::take(&mut *self.1.lock());
        if ids.is_empty() {
            return vec![];
        }
        self.0.lock().iter().filter(|j| ids.contains(&j.id)).cloned().collect()
    }

    /// Whether one began or ended since.
    pub fn has_changed(&self) -> bool {
        !self.1.lock().is_empty()
    }

    /// All of them, newest first.
    pub fn list(&self) -> Vec<Job> {
        self.0.lock().iter().rev().cloned().collect()
    }
}

impl Job {
    /// As the API shows it. `origin` is what addresses begin with.
    pub fn to_json(&self, origin: &str, time: impl Fn(i64) -> String) -> Value {
        let mut out = json!({
            "id": self.id,
            "job_id": self.id,
            "kind": self.kind,
            "status": self.status.name(),
            "created_at": time(self.created_at_us),
            "started_at": time(self.created_at_us),
            "updated_at": time(self.updated_at_us),
            "is_cancellable": false,
            "job_url": format!("{origin}/v0/jobs/{}", self.id),
            "progress_percentage": if self.status.is_over() { 100 } else { 0 },
        });
        if let (Some(into), Some(more)) = (out.as_object_mut(), self.more.as_object()) {
            into.extend(more.clone());
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
