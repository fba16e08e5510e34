//! The only places where work leaves the present task.

use std::future::Future;
use std::sync::OnceLock;
use std::time::{Duration, Instant};
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

/// How often work that was told to end is told again, and how often is looked whether it was told.
const INSIST: Duration = Duration::from_millis(20);
const LOOK: Duration = Duration::from_millis(100);

/// Waits for work that `cancel` ends. Once `limit` is over the work is told so, in words that begin with `what`. Told to end, by this
/// or by others, it is told again until it hears: an engine can miss a call that comes before it has begun.
pub async fn insisting<T>(work: impl Future<Output = T>, cancel: &Cancel, limit: Duration, what: &str) -> T {
    let mut work = std::pin::pin!(work);
    let started = Instant::now();
    loop {
        let told = cancel.check().err();
        let wait = match told {
            Some(_) => INSIST,
            None => LOOK.min(limit.saturating_sub(started.elapsed())),
        };
        if let Ok(done) = tokio::time::timeout(wait, &mut work).await {
            return done;
        }
        if let Some(reason) = told {
            cancel.cancel(reason.kind, reason.what);
        } else if started.elapsed() >= limit {
            cancel.cancel(Kind::Timeout, format!("{what} took longer than {} seconds", limit.as_secs_f64()));
        }
    }
}

/// Calls a deadline off when it is dropped.
pub struct Deadline {
    _off: oneshot::Sender<()>,
}

/// As [`insisting`], for blocking work that nobody waits for with a clock. There must be a runtime, as there is in handlers and in
/// [`cpu`]; without one there is no deadline.
#[expect(clippy::disallowed_methods, reason = "this is the one place that spawns")]
pub fn deadline(limit: Duration, cancel: Cancel) -> Deadline {
    let (off, on) = oneshot::channel();
    if let Ok(runtime) = tokio::runtime::Handle::try_current() {
        runtime.spawn(async move {
            // It ends when nobody holds the other end.
            let _ = insisting(on, &cancel, limit, "the query").await;
        });
    }
    Deadline { _off: off }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Blocking work that hears only the third call.
    fn deaf(cancel: &Cancel) -> impl FnOnce() -> Result<()> + Send + 'static {
        let cancel = cancel.clone();
        move || {
            let calls = Arc::new(AtomicUsize::new(0));
            let heard = calls.clone();
            cancel.armed(
                move || {
                    heard.fetch_add(1, Ordering::Relaxed);
                },
                || {
                    while calls.load(Ordering::Relaxed) < 3 {
                        std::thread::sleep(Duration::from_millis(1));
                    }
                    Ok(())
                },
            )
        }
    }

    #[tokio::test]
    async fn work_whose_time_is_over_is_told_until_it_hears() {
        let cancel = Cancel::default();
        let done = insisting(cpu(deaf(&cancel)), &cancel, Duration::from_millis(1500), "It").await;
        let e = done.unwrap_err();
        assert_eq!((e.kind, e.what.as_str()), (Kind::Timeout, "It took longer than 1.5 seconds"));
    }

    #[tokio::test]
    async fn work_that_others_end_is_told_until_it_hears() {
        let cancel = Cancel::default();
        let work = cpu(deaf(&cancel));
        cancel.cancel(Kind::Conflict, "enough");
        // It was told before it was armed, so it does not begin.
        assert_eq!(insisting(work, &cancel, Duration::from_secs(60), "It").await.unwrap_err().what, "enough");
        let cancel = Cancel::default();
        let (work, other) = (cpu(deaf(&cancel)), cancel.clone());
        let told = async move {
            tokio::time::sleep(Duration::from_millis(50)).await;
            other.cancel(Kind::Conflict, "enough");
        };
        let (done, ()) = tokio::join!(insisting(work, &cancel, Duration::from_secs(60), "It"), told);
        assert_eq!(done.unwrap_err().what, "enough");
    }
}
