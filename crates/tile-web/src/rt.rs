//! The only places where work leaves the present task.

use std::future::Future;
use std::sync::OnceLock;
use tile_base::{Error, Kind, Result};
use tokio::sync::Semaphore;
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
