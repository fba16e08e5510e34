//! Features of a workspace while events come: for each GroupBy a follower reads what is new in its sources, takes it into tiles, and
//! writes these down at intervals together with how far it has read. Nothing here knows HTTP, an engine or a disk: rows come from
//! [`Feeds`], tiles rest in a [`TileStore`].
//!
//! [`bound`] makes of a definition and the columns of tables what is read; `follower` reads, all of it blocking; [`served`] is what
//! fetches see; [`past`] answers from the rows what tiles cannot. Each definition stands for itself: one that fails stops no other.

pub mod bound;
pub mod declared;
#[cfg(test)]
mod entity_tests;
mod follower;
#[cfg(test)]
mod join_tests;
mod joined;
mod kept;
mod offset;
pub mod outputs;
mod past;
pub mod served;
mod snapshots;
pub mod sql;
pub mod target;
#[cfg(test)]
mod test_tables;
#[cfg(test)]
pub(crate) mod tests;
mod waits;

pub use declared::{Defined, Deriving, Files, Grouped, Joined, Problem};
pub use kept::Kept;
pub use served::{Answer, Counts, Running, Served, Status};
pub use target::{Target, Typed};

use declared::Wanted;
use follower::Follower;
use parking_lot::{Mutex, RwLock};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tile_base::feed::Feeds;
use tile_base::tiles::TileStore;
use tile_base::{Clock, Error, Kind, Result};
use tile_web::rt;
use tokio::task::JoinHandle;

/// How often what no window reaches is dropped.
const SWEEP: Duration = Duration::from_secs(60);

/// Bounds of a hub.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// What the tiles of all groups may take, roughly.
    pub tiles_bytes_max: usize,
    /// GroupBys that are followed.
    pub groups_max: usize,
    /// How often tiles are written down. After a crash the rows since are read again.
    pub commit_every: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { tiles_bytes_max: 2 << 30, groups_max: 1_000, commit_every: Duration::from_secs(1) }
    }
}

/// What followers hold in common.
pub(crate) struct With {
    pub feeds: Arc<dyn Feeds>,
    store: Arc<dyn TileStore>,
    clock: Arc<dyn Clock>,
    limits: Limits,
    seed: u64,
    /// Bytes of the tiles of all groups.
    bytes: AtomicUsize,
    tell: Tell,
    defined: RwLock<Arc<Defined>>,
    /// By the ids of what they follow; also of what is being replaced.
    followers: Mutex<BTreeMap<String, Following>>,
}

/// A follower at work.
struct Following {
    served: Arc<Served>,
    task: JoinHandle<()>,
}

/// Called with what went wrong with a definition, once for each time that it is something else.
pub type Tell = Box<dyn Fn(&Problem) + Send + Sync>;

impl With {
    fn now_ms(&self) -> i64 {
        self.clock.now_us().div_euclid(1_000)
    }

    /// Notes what the tiles of a group take. Gives the sum of all, which is right when the others rest.
    fn weigh(&self, served: &Served, bytes: usize) -> usize {
        let before = served.bytes.swap(bytes, Ordering::Relaxed);
        let more = bytes.wrapping_sub(before);
        self.bytes.fetch_add(more, Ordering::Relaxed).wrapping_add(more)
    }

    /// Ends the followers of what is neither defined nor served in the place of what is.
    fn tidy(&self) {
        let defined = self.defined.read().clone();
        let mut kept: BTreeSet<String> = defined.all.keys().cloned().collect();
        for served in defined.all.values() {
            let mut before = served.before();
            while let Some(old) = before {
                old.with_parts(&mut kept);
                before = old.before();
            }
        }
        let followers = self.followers.lock();
        followers.iter().filter(|(id, _)| !kept.contains(*id)).for_each(|(_, f)| f.served.remove());
    }
}

/// All features of a workspace.
pub struct Hub {
    with: Arc<With>,
    /// Held while definitions change.
    defining: Mutex<Wanted>,
}

/// What a hub is made of.
pub struct Made {
    pub feeds: Arc<dyn Feeds>,
    pub store: Arc<dyn TileStore>,
    pub clock: Arc<dyn Clock>,
    pub limits: Limits,
    /// Random, so that nobody can choose keys that collide.
    pub seed: u64,
    pub tell: Tell,
}

impl Hub {
    /// One that serves nothing yet.
    pub fn new(made: Made) -> Self {
        let Made { feeds, store, clock, limits, seed, tell } = made;
        let with = With {
            feeds,
            store,
            clock,
            limits,
            seed,
            bytes: AtomicUsize::new(0),
            tell,
            defined: RwLock::default(),
            followers: Mutex::default(),
        };
        Self { with: Arc::new(with), defining: Mutex::default() }
    }

    pub fn now_ms(&self) -> i64 {
        self.with.now_ms()
    }

    /// The tables that are followed.
    pub fn feeds(&self) -> &dyn Feeds {
        self.with.feeds.as_ref()
    }

    /// What is defined now.
    pub fn defined(&self) -> Arc<Defined> {
        self.with.defined.read().clone()
    }

    /// Makes what is served equal to the definitions in these files, and gives what is wrong with them. A file that cannot be read leaves
    /// what it declared before. There must be a runtime. Blocks.
    ///
    /// # Errors
    /// Those of the store.
    pub fn define(&self, files: &Files) -> Result<Vec<Problem>> {
        let mut wanted = self.defining.lock();
        let mut problems = wanted.read(files);
        let before = self.defined();
        let now = Defined::new(&wanted, &before, self.with.limits.groups_max, &mut problems);
        *self.with.defined.write() = Arc::new(now);
        let now = self.defined();
        let mut followers = self.with.followers.lock();
        for served in now.all.values() {
            let old = followers.remove(&served.id);
            let following = match old {
                Some(old) if Arc::ptr_eq(&old.served, served) && !old.task.is_finished() => {
                    served.retry();
                    old
                }
                // What was removed and is back waits until it is gone.
                old => {
                    let follow = follow(served.clone(), self.with.clone(), old.map(|old| old.task));
                    Following { served: served.clone(), task: rt::spawn("features", follow) }
                }
            };
            followers.insert(served.id.clone(), following);
        }
        followers.retain(|_, following| !following.task.is_finished());
        let others = self.with.store.groups()?.into_iter().filter(|id| !followers.contains_key(id));
        let others: Vec<String> = others.collect();
        drop(followers);
        self.with.tidy();
        others.iter().try_for_each(|id| self.with.store.forget(id))?;
        Ok(problems)
    }

    /// The values of keys, each at a time or at present, which is `now`.
    ///
    /// # Errors
    /// As [`Served::running`] and [`served::fetch`].
    pub async fn fetch(
        &self,
        served: Arc<Served>,
        running: Arc<Running>,
        asked: Vec<(Vec<u8>, Option<i64>)>,
        now: i64,
    ) -> Result<Vec<Answer>> {
        let tiles = served::from_tiles(&served, &running, &asked, now);
        if tiles.late.is_empty() {
            return Ok(tiles.answers);
        }
        let with = self.with.clone();
        rt::cpu(move || tiles.completed(&served, &running, with.feeds.as_ref(), &asked)).await
    }

    /// As [`Hub::fetch`]. Blocks.
    ///
    /// # Errors
    /// As [`Hub::fetch`].
    pub fn values(
        &self,
        served: &Served,
        running: &Running,
        asked: &[(Vec<u8>, Option<i64>)],
    ) -> Result<Vec<Answer>> {
        let tiles = served::from_tiles(served, running, asked, self.now_ms());
        if tiles.late.is_empty() {
            return Ok(tiles.answers);
        }
        tiles.completed(served, running, self.with.feeds.as_ref(), asked)
    }

    /// Writes down what is new, and ends.
    pub async fn stop(&self) {
        let followers = std::mem::take(&mut *self.with.followers.lock());
        followers.values().for_each(|following| following.served.stop());
        for following in followers.into_values() {
            if let Err(e) = following.task.await {
                tracing::error!(error = %e, name = following.served.name(), "a follower failed");
            }
        }
    }
}

/// Follows one definition until it is stopped or removed, once `before` has ended.
async fn follow(served: Arc<Served>, with: Arc<With>, before: Option<JoinHandle<()>>) {
    if let Some(before) = before {
        // How it ended was told.
        let _ = before.await;
    }
    let mut follower = Follower::new(served.clone(), with.clone());
    let mut tick = tokio::time::interval(with.limits.commit_every);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut swept = tokio::time::Instant::now();
    let mut told: Option<String> = None;
    loop {
        let is_woken = tokio::select! {
            () = served.wake.notified() => true,
            _ = tick.tick() => false,
        };
        let is_stopping = served.is_stopping();
        let is_idle = follower.is_held() && !follower.is_dirty() && swept.elapsed() < SWEEP;
        if !is_stopping && (served.is_given_up() || !is_woken && is_idle) {
            continue;
        }
        let sweeps = swept.elapsed() >= SWEEP;
        if sweeps {
            swept = tokio::time::Instant::now();
        }
        let done = rt::cpu(move || {
            let done = round(&mut follower, is_stopping, !is_woken, sweeps);
            Ok((follower, done))
        });
        let (back, done) = match done.await {
            Ok(done) => done,
            Err(e) => (Follower::new(served.clone(), with.clone()), Err(e)),
        };
        follower = back;
        if follower.replaced.take().is_some() {
            with.tidy();
        }
        tell(&served, &with, done, &mut told);
        if is_stopping {
            break;
        }
    }
    if served.is_removed() {
        let gone = rt::cpu(move || follower.forget()).await;
        if let Err(e) = gone {
            tracing::error!(error = %e, name = served.name(), "tiles of a definition that is gone stay");
        }
        with.weigh(&served, 0);
    }
}

/// One step of a follower.
fn round(follower: &mut Follower, is_stopping: bool, commits: bool, sweeps: bool) -> Result<()> {
    if is_stopping {
        return follower.commit();
    }
    follower.catch_up()?;
    if sweeps {
        follower.sweep();
    }
    if commits { follower.commit() } else { Ok(()) }
}

/// Notes and tells an error, once.
fn tell(served: &Served, with: &With, done: Result<()>, told: &mut Option<String>) {
    let Err(e) = done else {
        *told = None;
        return;
    };
    // It is tried again soon.
    if e.kind == Kind::Busy {
        return;
    }
    let what = if e.kind == Kind::Internal {
        "an internal error, which the server's log has".to_owned()
    } else {
        e.detail()
    };
    if e.kind == Kind::Internal {
        tracing::error!(error = %e, name = served.name(), "features cannot be kept");
    }
    served.note(|status| status.error = Some((e.kind, what.clone())));
    if told.as_ref() != Some(&what) {
        (with.tell)(&served.problem(&e, &what));
        *told = Some(what);
    }
}

/// A name that is not there.
pub(crate) fn unknown<'a>(what: &str, name: &str, known: impl Iterator<Item = &'a str>) -> Error {
    Error::not_found(format!("no {what} is called `{name}`")).did_you_mean(name, known)
}
