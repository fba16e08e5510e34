//! The log of served values: rows of a data source of the project, so that what was served can be compared with what the rows give, and
//! one time with another. Which keys are logged is decided by their bytes, so that of a key all answers are logged or none.
//!
//! A fetch only puts a row into a queue; [`Log::run`] stores what waits there through a [`Sink`], as events are stored. What does not fit
//! into the queue, or is not taken, is counted and left out: a log never stands in the way of an answer. [`read`] reads it again, [`compare`] says what it tells.

pub mod compare;
pub mod read;

use crate::expression::time_text;
use crate::hub::Target;
use crate::json::Named;
use bytes::Bytes;
use md5::{Digest, Md5};
use parking_lot::Mutex;
use serde_json::{Map, Value as Json, json};
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;
use tile_base::feed::Feeds;
use tile_base::{Kind, Result};
use tokio::sync::{Notify, mpsc};

/// The data source that takes the rows.
pub const TABLE: &str = "feature_log";

/// Rows that wait, and their bytes.
const WAITING_MAX: usize = 1 << 16;
const WAITING_BYTES_MAX: usize = 32 << 20;
/// Rows of one request to the sink, and their bytes.
const ROWS_MAX: usize = 1 << 14;
const BYTES_MAX: usize = 4 << 20;
/// How long rows wait for others.
const GATHER: Duration = Duration::from_millis(200);
/// How often rows are offered that are not taken for now, and how long lies between.
const TRIES: u32 = 5;
const PAUSE: Duration = Duration::from_secs(1);

/// What stores rows of [`TABLE`].
pub trait Sink: Send + Sync {
    /// Stores lines of JSON; they are durable when this is done. Gives how many were not taken.
    fn store(&self, rows: Bytes) -> Pin<Box<dyn Future<Output = Result<u64>> + Send + '_>>;
}

/// A row that waits.
struct Row {
    target: Target,
    time: i64,
    keys: String,
    features: String,
}

impl Row {
    fn bytes(&self) -> usize {
        size_of::<Self>() + self.keys.len() + self.features.len()
    }

    /// None where what was served is gone.
    fn line(&self) -> Option<String> {
        let row = json!({
            "name": self.target.meta().name,
            "ts": time_text(self.time),
            "keys": self.keys,
            "features": self.features,
            "schema_hash": self.target.schema_hash().ok()?,
        });
        Some(row.to_string() + "\n")
    }
}

/// Rows on their way into the log.
pub struct Log {
    queue: mpsc::Sender<Row>,
    rows: Mutex<Option<mpsc::Receiver<Row>>>,
    bytes: AtomicUsize,
    stored: AtomicU64,
    dropped: AtomicU64,
    error: Mutex<Option<String>>,
    stop: Notify,
}

impl Default for Log {
    fn default() -> Self {
        let (queue, rows) = mpsc::channel(WAITING_MAX);
        Self {
            queue,
            rows: Mutex::new(Some(rows)),
            bytes: AtomicUsize::new(0),
            stored: AtomicU64::new(0),
            dropped: AtomicU64::new(0),
            error: Mutex::new(None),
            stop: Notify::new(),
        }
    }
}

/// Whether what is served of some keys is logged. (Chronon: the first eight bytes of the MD5 of the key, in parts of 100 000.)
fn is_sampled(percent: f64, keys: &[&Json]) -> bool {
    let digest = Md5::digest(json!(keys).to_string());
    let first: [u8; 8] = digest.first_chunk().copied().unwrap_or_default();
    let part = i64::from_be_bytes(first).unsigned_abs() % 100_000;
    #[expect(clippy::cast_precision_loss, reason = "a number below 100 000")]
    let is_within = (part as f64) < percent * 1_000.0;
    is_within
}

/// The log of one request.
pub struct Logging<'a> {
    log: &'a Log,
    target: Target,
    keys: Vec<String>,
    percent: f64,
}

impl Logging<'_> {
    /// Takes a row in, when it is one of the sample.
    pub fn add(&self, time: i64, asked: &Map<String, Json>, features: &Named<'_>) {
        let keys: Vec<&Json> = self.keys.iter().map(|name| asked.get(name).unwrap_or(&Json::Null)).collect();
        if !is_sampled(self.percent, &keys) {
            return;
        }
        // What failed has no value.
        let features = match serde_json::to_string(&Named { errors: &[], ..*features }) {
            Ok(features) => features,
            Err(e) => return self.log.drop_rows(1, &e.to_string()),
        };
        let keys = json!(asked).to_string();
        self.log.wait(Row { target: self.target.clone(), time, keys, features });
    }
}

impl Log {
    /// The log of a request, when what it asks for is logged and the project has a log.
    pub fn of(&self, feeds: &dyn Feeds, target: Target) -> Option<Logging<'_>> {
        let percent = target.meta().sample_percent.filter(|percent| *percent > 0.0)?;
        feeds.open(TABLE).ok()?;
        let keys = target.keys().into_iter().map(str::to_owned).collect();
        Some(Logging { log: self, target, keys, percent })
    }

    fn wait(&self, row: Row) {
        let bytes = row.bytes();
        let is_full = self.bytes.fetch_add(bytes, Ordering::Relaxed) + bytes > WAITING_BYTES_MAX;
        if is_full || self.queue.try_send(row).is_err() {
            self.bytes.fetch_sub(bytes, Ordering::Relaxed);
            self.drop_rows(1, "too many rows wait to be logged");
        }
    }

    fn drop_rows(&self, count: u64, why: &str) {
        self.dropped.fetch_add(count, Ordering::Relaxed);
        *self.error.lock() = Some(why.to_owned());
    }

    /// Where it stands.
    pub fn status(&self) -> Json {
        json!({
            "table": TABLE,
            "rows_stored": self.stored.load(Ordering::Relaxed),
            "rows_dropped": self.dropped.load(Ordering::Relaxed),
            "bytes_waiting": self.bytes.load(Ordering::Relaxed),
            "error": *self.error.lock(),
        })
    }

    /// Ends [`Log::run`] once what waits is stored.
    pub fn stop(&self) {
        self.stop.notify_one();
    }

    /// Stores rows as they come, until it is stopped. Only the first call does.
    pub async fn run(&self, sink: &dyn Sink) {
        let Some(mut rows) = self.rows.lock().take() else { return };
        let mut is_stopping = false;
        while !is_stopping {
            let first = tokio::select! {
                biased;
                row = rows.recv() => row,
                () = self.stop.notified() => None,
            };
            let mut some: Vec<Row> = first.into_iter().collect();
            is_stopping = some.is_empty();
            if !is_stopping {
                // Others of the same time go with it.
                is_stopping = tokio::time::timeout(GATHER, self.stop.notified()).await.is_ok();
            }
            loop {
                let mut bytes: usize = some.iter().map(Row::bytes).sum();
                while some.len() < ROWS_MAX
                    && bytes < BYTES_MAX
                    && let Ok(row) = rows.try_recv()
                {
                    bytes += row.bytes();
                    some.push(row);
                }
                if some.is_empty() {
                    break;
                }
                self.store(sink, std::mem::take(&mut some)).await;
            }
        }
    }

    async fn store(&self, sink: &dyn Sink, rows: Vec<Row>) {
        let lines: Vec<String> = rows.iter().filter_map(Row::line).collect();
        let (count, text) = (lines.len() as u64, Bytes::from(lines.concat()));
        if rows.len() > lines.len() {
            self.drop_rows((rows.len() - lines.len()) as u64, "what was served is no longer");
        }
        let mut tries = 1;
        let done = loop {
            match sink.store(text.clone()).await {
                Err(e) if matches!(e.kind, Kind::Busy | Kind::Limited | Kind::Timeout) && tries < TRIES => {
                    tries += 1;
                    tokio::time::sleep(PAUSE).await;
                }
                done => break done,
            }
        };
        self.bytes.fetch_sub(rows.iter().map(Row::bytes).sum(), Ordering::Relaxed);
        match done {
            Ok(refused) => {
                self.stored.fetch_add(count.saturating_sub(refused), Ordering::Relaxed);
                if refused > 0 {
                    self.drop_rows(refused, &format!("the data source `{TABLE}` has other columns"));
                }
            }
            Err(e) => {
                if self.error.lock().is_none() {
                    tracing::warn!(error = %e.detail(), "served values are not logged");
                }
                self.drop_rows(count, &e.detail());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_of_keys_and_as_large_as_is_said() {
        let sampled = |percent| {
            let is = |n: &usize| is_sampled(percent, &[&json!(n), &json!("x")]);
            (0..20_000_usize).filter(is).count()
        };
        assert_eq!((sampled(0.0), sampled(100.0)), (0, 20_000));
        let tenth = sampled(10.0);
        assert!((1_800..2_200).contains(&tenth), "{tenth}");
        assert_eq!(sampled(10.0), tenth);
    }
}
