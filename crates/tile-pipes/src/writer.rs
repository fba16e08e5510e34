//! Group commit: blocks that wait at the same time are stored in one transaction, and each sender hears when it is durable. Groups of
//! many rows are stored two at once, so that one is made while the other is written.

use crate::hub::Tenant;
use crate::workspace::insert::Rows;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use tile_base::{Error, Kind, Result, SqlEngine};
use tile_web::rt;
use tokio::sync::{Semaphore, mpsc, oneshot};

/// Blocks that wait for one workspace.
const WAITING_MAX: usize = 4096;
/// Bytes of Arrow that wait for all workspaces.
const WAITING_BYTES_MAX: usize = 512 << 20;
/// Rows of one transaction: more would keep senders waiting.
const ROWS_MAX: usize = 1 << 20;
/// Rows of a group that is worth a transaction beside another one. Fewer wait for it, and are more then.
const ROWS_BESIDE: usize = 4096;
/// Groups that are stored at once.
const GROUPS_MAX: u32 = 2;

struct Item {
    rows: Rows,
    bytes: usize,
    done: oneshot::Sender<Result<()>>,
}

/// The queues of all workspaces.
#[derive(Clone, Default)]
pub struct Writer {
    queues: Arc<Mutex<HashMap<String, mpsc::Sender<Item>>>>,
    bytes: Arc<AtomicUsize>,
}

impl Writer {
    /// Stores rows; they are durable when this returns.
    ///
    /// # Errors
    /// `Limited` when too much waits, else those of the insert.
    pub async fn store(&self, tenant: &Arc<Tenant>, rows: Rows) -> Result<()> {
        let bytes = rows.block.batch.get_array_memory_size();
        let full = || {
            Error::new(Kind::Limited, "more rows arrive than can be stored").hint("Send again in a second")
        };
        if self.bytes.fetch_add(bytes, Ordering::Relaxed) + bytes > WAITING_BYTES_MAX + bytes {
            self.bytes.fetch_sub(bytes, Ordering::Relaxed);
            return Err(full());
        }
        let (done, answer) = oneshot::channel();
        let sent = self.queue(tenant).try_send(Item { rows, bytes, done });
        if sent.is_err() {
            self.bytes.fetch_sub(bytes, Ordering::Relaxed);
            return Err(full());
        }
        answer.await.unwrap_or_else(|_| Err(Error::new(Kind::Busy, "the server is stopping")))
    }

    /// The queue of a workspace, with the task that empties it. It ends with the last sender.
    fn queue(&self, tenant: &Arc<Tenant>) -> mpsc::Sender<Item> {
        let mut queues = self.queues.lock();
        let id = &tenant.workspace.id;
        if let Some(queue) = queues.get(id).filter(|q| !q.is_closed()) {
            return queue.clone();
        }
        let (queue, items) = mpsc::channel(WAITING_MAX);
        queues.insert(id.clone(), queue.clone());
        rt::spawn("group commit", empty(tenant.clone(), items, self.bytes.clone()));
        queue
    }

    /// Lets go of a workspace that was removed.
    pub fn forget(&self, id: &str) {
        self.queues.lock().remove(id);
    }
}

async fn empty(tenant: Arc<Tenant>, mut items: mpsc::Receiver<Item>, waiting: Arc<AtomicUsize>) {
    let is_emptying = Arc::<AtomicBool>::default();
    let turns = Arc::new(Semaphore::new(GROUPS_MAX as usize));
    while let Some(first) = items.recv().await {
        let mut group = Group::default();
        group.add(first);
        group.fill(&mut items);
        let all = if group.rows >= ROWS_BESIDE { 1 } else { GROUPS_MAX };
        let Ok(turn) = turns.clone().acquire_many_owned(all).await else { return };
        group.fill(&mut items);
        let (tenant, waiting, is_emptying) = (tenant.clone(), waiting.clone(), is_emptying.clone());
        rt::spawn("group of rows", async move {
            let (engine, bytes) = (tenant.workspace.engine().clone(), group.bytes);
            let stored = rt::cpu(move || {
                store(&tenant, group.items);
                Ok(())
            });
            // The senders were told; what is left is that a worker panicked, and then they see their channel close.
            if let Err(e) = stored.await {
                tracing::error!(error = %e, "a group of rows was not stored");
            }
            drop(turn);
            waiting.fetch_sub(bytes, Ordering::Relaxed);
            if engine.is_log_long() && !is_emptying.swap(true, Ordering::Relaxed) {
                checkpoint(engine, is_emptying).await;
            }
        });
    }
}

/// Blocks for one transaction.
#[derive(Default)]
struct Group {
    items: Vec<Item>,
    rows: usize,
    bytes: usize,
}

impl Group {
    fn add(&mut self, item: Item) {
        self.rows += item.rows.block.rows;
        self.bytes += item.bytes;
        self.items.push(item);
    }

    /// Takes what waits, up to the bound.
    fn fill(&mut self, items: &mut mpsc::Receiver<Item>) {
        while self.rows < ROWS_MAX
            && let Ok(next) = items.try_recv()
        {
            self.add(next);
        }
    }
}

/// Moves rows out of the log, beside the next ones.
async fn checkpoint(engine: Arc<dyn SqlEngine>, is_emptying: Arc<AtomicBool>) {
    if let Err(e) = rt::cpu(move || engine.checkpoint()).await {
        tracing::error!(error = %e.detail(), "the log of changes was not emptied");
    }
    is_emptying.store(false, Ordering::Relaxed);
}

/// One transaction for all; when it fails, one for each, so that nobody fails for another's rows.
fn store(tenant: &Tenant, group: Vec<Item>) {
    let (mut rows, mut senders) = (Vec::new(), Vec::new());
    for item in group {
        rows.push(item.rows);
        senders.push(item.done);
    }
    let together = tenant.workspace.insert(&rows);
    let alone = rows.len() == 1;
    let mut together = Some(together);
    for (row, sender) in rows.into_iter().zip(senders) {
        let result = match &together {
            Some(Ok(())) => Ok(()),
            Some(Err(_)) if alone => together.take().unwrap_or(Ok(())),
            _ => tenant.workspace.insert(std::slice::from_ref(&row)),
        };
        // Who has left does not want to know.
        let _ = sender.send(result);
    }
}
