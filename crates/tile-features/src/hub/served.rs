//! A GroupBy that is served: what fetches see of it while its follower works.

use super::Ask;
use super::bound::Bound;
use super::joined::Parts;
use super::kept::Kept;
use super::outputs::Outputs;
use super::past;
use crate::definition::{Accuracy, Declared, GroupBy};
use crate::derive::Derive;
use crate::online::Fetched;
use crate::value::Value;
use crate::window::{DAY_MS, interval};
use parking_lot::{Mutex, RwLock};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use tile_base::feed::{Feeds, Position};
use tile_base::{Error, Kind, Result};
use tokio::sync::Notify;

/// A group of keys that follows its sources.
pub struct Running {
    pub bound: Arc<Bound>,
    pub group: Kept,
    /// What is given: over the columns of the plan, then those of the key, then the time.
    pub derive: Derive,
}

impl Running {
    /// What a request asks for and gets.
    pub fn outputs(&self) -> Outputs {
        Outputs { keys: self.bound.keys.clone(), columns: self.derive.typed() }
    }
}

/// A definition in one of its versions.
pub struct Served {
    pub definition: Arc<GroupBy>,
    /// What says so.
    pub declared: Arc<Declared>,
    /// Names it and its version, in the store as well.
    pub id: String,
    /// What the Joins among its sources get features of, by their ids.
    pub(super) parts: BTreeMap<String, Arc<Self>>,
    pub(super) wake: Arc<Notify>,
    /// Who waits for what it takes in.
    waiting: Mutex<Vec<Weak<Notify>>>,
    /// How far the rows of its sources were taken in.
    taken: Mutex<Vec<Option<Position>>>,
    is_stopping: AtomicBool,
    is_removed: AtomicBool,
    /// All rows are to be read anew.
    is_to_rebuild: AtomicBool,
    running: RwLock<Option<Arc<Running>>>,
    /// What is served until this is ready.
    before: RwLock<Option<Arc<Self>>>,
    status: Mutex<Status>,
    /// Bytes that its tiles take.
    pub(super) bytes: AtomicUsize,
}

/// Where it stands.
#[derive(Clone, Debug, Default)]
pub struct Status {
    /// Why it does not go on.
    pub error: Option<(Kind, String)>,
    /// All rows are read anew, or for the first time.
    pub is_reading: bool,
    pub counts: Counts,
    /// When rows were last taken in, in milliseconds since 1970.
    pub taken_at: Option<i64>,
}

/// Rows since all were read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub rows: u64,
    /// Rows left out, since a part of the key is null.
    pub keyless: u64,
    /// The same of the time.
    pub timeless: u64,
    /// Rows so old that no window reaches them.
    pub unreached: u64,
    /// Rows that came before their time.
    pub future: u64,
}

/// The values of one key at a time, in the order of the plan's columns.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    pub q: i64,
    /// Of the key, by its columns.
    pub key: Vec<Value>,
    pub values: Vec<Value>,
    /// The rows were asked, not the tiles.
    pub is_from_rows: bool,
}

impl Served {
    pub(super) fn new(
        definition: Arc<GroupBy>,
        declared: Arc<Declared>,
        id: String,
        parts: BTreeMap<String, Arc<Self>>,
        before: Option<Arc<Self>>,
    ) -> Self {
        let wake = Arc::default();
        for part in parts.values() {
            part.waiting.lock().push(Arc::downgrade(&wake));
        }
        Self {
            definition,
            declared,
            id,
            parts,
            wake,
            waiting: Mutex::default(),
            taken: Mutex::default(),
            is_stopping: AtomicBool::new(false),
            is_removed: AtomicBool::new(false),
            is_to_rebuild: AtomicBool::new(false),
            running: RwLock::new(None),
            before: RwLock::new(before),
            status: Mutex::new(Status { is_reading: true, ..Status::default() }),
            bytes: AtomicUsize::new(0),
        }
    }

    pub fn name(&self) -> &str {
        &self.definition.meta.name
    }

    pub fn status(&self) -> Status {
        self.status.lock().clone()
    }

    /// Where it stands, in a word.
    pub fn state(&self) -> &'static str {
        let (is_running, status) = (self.running().is_ok(), self.status.lock());
        match (is_running, &status.error) {
            (false, Some(_)) => "failed",
            (false, None) => "reading",
            (true, Some(_)) => "behind",
            (true, None) if status.is_reading => "reading",
            (true, None) => "live",
        }
    }

    /// The newest time of an event that is in its features; none for entities, and where nothing came.
    pub fn watermark(&self) -> Option<i64> {
        self.running().ok()?.group.watermark()
    }

    pub(super) fn note(&self, change: impl FnOnce(&mut Status)) {
        change(&mut self.status.lock());
    }

    /// Keys, and bytes of their tiles.
    pub fn size(&self) -> (usize, usize) {
        let keys = self.running.read().as_ref().map_or(0, |running| running.group.keys_len());
        (keys, self.bytes.load(Ordering::Relaxed))
    }

    /// Begins to serve what is up to date. Gives what was served before by another version.
    pub(super) fn serve(&self, running: Arc<Running>) -> Option<Arc<Self>> {
        *self.running.write() = Some(running);
        self.before.write().take()
    }

    /// Notes how far it is, and wakes those who wait for that.
    pub(super) fn took(&self, positions: &[Option<Position>]) {
        *self.taken.lock() = positions.to_vec();
        self.waiting.lock().retain(|wake| {
            wake.upgrade().is_some_and(|wake| {
                wake.notify_one();
                true
            })
        });
    }

    /// How far it is.
    pub(super) fn taken(&self) -> Vec<Option<Position>> {
        self.taken.lock().clone()
    }

    /// What its own version has up to date.
    ///
    /// # Errors
    /// As [`Served::running`].
    pub(super) fn own(&self) -> Result<Arc<Running>> {
        match self.running.read().clone() {
            Some(running) => Ok(running),
            // What is too large is that part, not who asks.
            None => Err(match self.refusal() {
                e if e.kind == Kind::TooLarge => Error { kind: Kind::Conflict, ..e },
                e => e,
            }),
        }
    }

    /// Serves nothing any more: what it has would become older and older.
    pub(super) fn withhold(&self) {
        *self.running.write() = None;
    }

    /// What is served until this is ready.
    pub(super) fn before(&self) -> Option<Arc<Self>> {
        self.before.read().clone()
    }

    /// Adds its id, and those of all that it gets features of.
    pub(super) fn with_parts(&self, ids: &mut BTreeSet<String>) {
        ids.insert(self.id.clone());
        self.parts.values().for_each(|part| part.with_parts(ids));
    }

    /// Whether it has failed so that only another definition can help, or less of others.
    pub(super) fn is_given_up(&self) -> bool {
        self.status.lock().error.as_ref().is_some_and(|(kind, _)| *kind == Kind::TooLarge)
    }

    /// Tries again what has failed.
    pub(super) fn retry(&self) {
        self.status.lock().error = None;
        self.wake.notify_one();
    }

    /// Lets all rows be read anew; what it has is served until then.
    pub fn rebuild(&self) {
        self.is_to_rebuild.store(true, Ordering::Relaxed);
        self.retry();
    }

    /// Whether that was said, and is not done.
    pub(super) fn is_to_rebuild(&self) -> bool {
        self.is_to_rebuild.load(Ordering::Relaxed)
    }

    /// It is done.
    pub(super) fn is_rebuilt(&self) {
        self.is_to_rebuild.store(false, Ordering::Relaxed);
    }

    /// What is up to date.
    ///
    /// # Errors
    /// `Busy` while rows are read; why it cannot be served.
    pub fn running(&self) -> Result<Arc<Running>> {
        if let Some(running) = self.running.read().clone() {
            return Ok(running);
        }
        if let Some(before) = self.before().and_then(|before| before.running().ok()) {
            return Ok(before);
        }
        Err(self.refusal())
    }

    /// Why there is nothing up to date.
    fn refusal(&self) -> Error {
        let status = self.status.lock();
        match &status.error {
            Some((kind, what)) => Error::new(*kind, format!("`{}` is not served: {what}", self.name())),
            None => {
                let what =
                    format!("the rows of `{}` are being read: {} so far", self.name(), status.counts.rows);
                Error::new(Kind::Busy, what).hint("Ask again in a second")
            }
        }
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.is_stopping.load(Ordering::Relaxed)
    }

    /// Ends its follower.
    pub(super) fn stop(&self) {
        self.is_stopping.store(true, Ordering::Relaxed);
        self.wake.notify_one();
    }

    /// Ends its follower, which forgets its tiles.
    pub(super) fn remove(&self) {
        self.is_removed.store(true, Ordering::Relaxed);
        self.stop();
    }

    pub(super) fn is_removed(&self) -> bool {
        self.is_removed.load(Ordering::Relaxed)
    }

    /// The time at which rows give what was answered: that of the request, or a millisecond later where an event of it is in the answer.
    pub fn seen_at(&self, time: i64, answer: &Answer) -> i64 {
        match self.definition.accuracy {
            Accuracy::Temporal => time.max(answer.q),
            Accuracy::Snapshot => time,
        }
    }

    /// When a value holds that is asked for at a time.
    pub fn holds_at(&self, time: i64) -> i64 {
        match self.definition.accuracy {
            Accuracy::Temporal => time,
            Accuracy::Snapshot => interval(time, DAY_MS),
        }
    }
}

/// What a definition with Joins as sources gets features of.
pub(super) struct PartsOf<'a> {
    pub served: &'a Served,
    pub feeds: &'a dyn Feeds,
}

impl Parts for PartsOf<'_> {
    fn rows(&self, group: &Arc<GroupBy>, asked: &[(Vec<u8>, i64)]) -> Result<Vec<Vec<Value>>> {
        let part = self.served.parts.get(&super::declared::id(group));
        let part = part.ok_or_else(|| Error::internal("a part of a Join that nobody follows"))?;
        let running = part.own()?;
        let keys = asked.iter().map(|(key, time)| (key.clone(), Some(*time))).collect();
        let ask = Ask { served: part.clone(), running: running.clone(), keys: Arc::new(keys), rows: None };
        let answers = in_parts(ask, self.feeds)?;
        Ok(answers.into_iter().map(|answer| running.row(answer)).collect())
    }
}

/// The values of keys at times. Where their rows are too many at once, of some after the others.
fn in_parts(ask: Ask, feeds: &dyn Feeds) -> Result<Vec<Answer>> {
    match from_tiles(&ask, i64::MAX).completed(&ask, feeds) {
        Err(e) if e.kind == Kind::TooLarge && ask.keys.len() > 1 => {
            let (first, second) = ask.keys.split_at(ask.keys.len() / 2);
            let (first, second) = (Arc::new(first.to_vec()), Arc::new(second.to_vec()));
            let mut all = in_parts(Ask { keys: first, ..ask.clone() }, feeds)?;
            all.extend(in_parts(Ask { keys: second, ..ask }, feeds)?);
            Ok(all)
        }
        done => done,
    }
}

/// Answers so far.
pub(super) struct FromTiles {
    pub answers: Vec<Answer>,
    /// The places of those that the rows must be asked for.
    pub late: Vec<usize>,
}

/// The values of keys, each with the time at which it is asked; none is the present.
pub(super) fn from_tiles(ask: &Ask, now: i64) -> FromTiles {
    let Ask { served, running, keys, rows } = ask;
    let mut out = FromTiles { answers: Vec::with_capacity(keys.len()), late: Vec::new() };
    for (at, (key, time)) in keys.iter().enumerate() {
        let (q, fetched) = match (time, served.definition.accuracy) {
            // All that is given up to the present counts.
            (time, _) if rows.is_some() => (served.holds_at(time.unwrap_or(now.saturating_add(1))), None),
            (None, Accuracy::Temporal) => {
                let (q, fetched) = running.group.fetch_now(key, now);
                (q, Some(fetched))
            }
            (time, _) => {
                let q = served.holds_at(time.unwrap_or(now));
                (q, Some(running.group.fetch(key, q)))
            }
        };
        let values = match fetched {
            Some(Fetched::Values(values)) => values,
            Some(Fetched::Missing) => vec![Value::Null; running.bound.plan.columns.len()],
            Some(Fetched::Past(_)) | None => {
                out.late.push(at);
                Vec::new()
            }
        };
        let key = if running.derive.is_plain() { vec![] } else { running.bound.key_values(key) };
        out.answers.push(Answer { q, key, values, is_from_rows: false });
    }
    out
}

impl FromTiles {
    /// With those that rows answer. Blocks.
    ///
    /// # Errors
    /// Those of the rows' source.
    pub fn completed(mut self, ask: &Ask, feeds: &dyn Feeds) -> Result<Vec<Answer>> {
        if self.late.is_empty() {
            return Ok(self.answers);
        }
        let of = |at: &usize| Some((ask.keys.get(*at)?.0.clone(), self.answers.get(*at)?.q));
        let late: Vec<(Vec<u8>, i64)> = self.late.iter().filter_map(of).collect();
        let found = match &ask.rows {
            Some(rows) => past::of_given(&ask.running, ask.served.definition.accuracy, rows, &late)?,
            None => past::values(&ask.running, &ask.served, feeds, &late)?,
        };
        for (at, values) in self.late.into_iter().zip(found) {
            if let Some(answer) = self.answers.get_mut(at) {
                (answer.values, answer.is_from_rows) = (values, true);
            }
        }
        Ok(self.answers)
    }
}
