//! The only places where work leaves the present task.

use std::future::Future;
use std::sync::OnceLock;
use std::time::Duration;
use tile_base::{Cancel, Error, Kind, Result};
use tokio::sync::{Semaphore, oneshot};
use tracing::Instrument;

/// Runs a future beside the present one. `name` shows in the log when it fails.
#[expect(clippy::disallowed_methods, reason = "this is the one place that spawns")]
pub fn spawn(
    name: &'static str,
    future: impl Future<Output = ()> + Send + 'static,
) -> tokio::task::JoinHandle<()> {
    tokio::spawn(future.instrument(tracing::info_span!("task", name)))
}

/// Blocking jobs that may run at once; more wait, which bounds memory.
const JOBS_MAX: usize = 64;

fn jobs() -> &'static Semaphore {
    static JOBS: OnceLock<Semaphore> = OnceLock::new();
    JOBS.get_or_init(|| Semaphore::new(JOBS_MAX))
}

/// Runs blocking or heavy work off the network threads.
///
/// # Errors
/// Those of `work`; internal when it panicked.
pub async fn cpu<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let _permit = jobs().acquire().await.map_err(|_| Error::new(Kind::Busy, "the server is stopping"))?;
    blocking(work).await
}

/// As [`cpu`], for work that streams at its reader's pace: it takes no slot, since a slow reader must not keep others out.
/// The number of open connections bounds it.
///
/// # Errors
/// As [`cpu`].
#[expect(clippy::disallowed_methods, reason = "this is the one place that blocks")]
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let span = tracing::Span::current();
    tokio::task::spawn_blocking(move || span.in_scope(work))
        .await
        .map_err(|e| Error::internal("a worker failed").source(e))?
}

/// How often work whose time is over is told so, until it hears.
const INSIST: Duration = Duration::from_millis(20);

/// Calls a deadline off when it is dropped.
pub struct Deadline {
    _off: oneshot::Sender<()>,
}

/// Ends what is armed with `cancel` once `limit` is over, for blocking work that nobody waits for with a clock. There must be a
/// runtime, as there is in handlers and in [`cpu`]; without one there is no deadline.
#[expect(clippy::disallowed_methods, reason = "this is the one place that spawns")]
pub fn deadline(limit: Duration, cancel: Cancel) -> Deadline {
    let (off, mut on) = oneshot::channel();
    if let Ok(runtime) = tokio::runtime::Handle::try_current() {
        runtime.spawn(async move {
            let mut wait = limit;
            while tokio::time::timeout(wait, &mut on).await.is_err() {
                cancel
                    .cancel(Kind::Timeout, format!("the query took longer than {} seconds", limit.as_secs()));
                wait = INSIST;
            }
        });
    }
    Deadline { _off: off }
}
