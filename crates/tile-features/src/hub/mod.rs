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
pub(crate) mod given;
#[cfg(test)]
mod join_tests;
mod joined;
mod kept;
pub mod left;
mod offset;
pub mod outputs;
mod past;
pub mod selected;
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

use crate::definition::{Declared, Notice};
use crate::online::ColumnParts;
use declared::Wanted;
use follower::{Follower, Writing};
use parking_lot::{Mutex, RwLock};
use served::FromTiles;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use tile_base::feed::Feeds;
use tile_base::tiles::TileStore;
use tile_base::{Clock, Error, Kind, Result};
use tile_web::rt;
use tokio::sync::oneshot;
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
    is_defined: AtomicBool,
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

    /// With what only rows can tell.
    fn all_completed(&self, asks: &[Ask], tiles: Vec<FromTiles>) -> Vec<Result<Vec<Answer>>> {
        asks.iter().zip(tiles).map(|(ask, tiles)| tiles.completed(ask, self.feeds.as_ref())).collect()
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

/// What is asked of a GroupBy: its keys, each at a time or at present.
#[derive(Clone)]
pub struct Ask {
    pub served: Arc<Served>,
    pub running: Arc<Running>,
    pub keys: Arc<Vec<(Vec<u8>, Option<i64>)>>,
    /// Of its source, in the place of those that are there.
    pub rows: Option<Arc<given::Rows>>,
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
            is_defined: AtomicBool::new(false),
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

    /// Whether definitions were read at all.
    pub fn is_defined(&self) -> bool {
        self.with.is_defined.load(Ordering::Relaxed)
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
        problems.extend(self.left_sides(&now));
        *self.with.defined.write() = Arc::new(now);
        self.with.is_defined.store(true, Ordering::Relaxed);
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

    /// What keeps training data of Joins from being made: they are served all the same.
    fn left_sides(&self, defined: &Defined) -> Vec<Problem> {
        let columns = |table: &str| self.with.feeds.open(table)?.schema();
        let told = |declared: &Arc<Declared>| {
            let notices = left::check(declared, &columns).into_iter();
            notices
                .map(|notice| Problem::noticed(declared, &Notice { is_error: false, ..notice }))
                .collect::<Vec<_>>()
        };
        defined.usable.iter().flat_map(told).collect()
    }

    /// The values of keys, each at a time or at present, which is `now`.
    ///
    /// # Errors
    /// Those of the rows that are asked where tiles cannot answer.
    pub async fn fetch(&self, ask: Ask, now: i64) -> Result<Vec<Answer>> {
        let tiles = served::from_tiles(&ask, now);
        if tiles.late.is_empty() {
            return Ok(tiles.answers);
        }
        let with = self.with.clone();
        rt::cpu(move || tiles.completed(&ask, with.feeds.as_ref())).await
    }

    /// As [`Hub::fetch`]. Blocks.
    ///
    /// # Errors
    /// As [`Hub::fetch`].
    pub fn values(&self, ask: &Ask) -> Result<Vec<Answer>> {
        served::from_tiles(ask, self.now_ms()).completed(ask, self.with.feeds.as_ref())
    }

    /// How many rows made each value of keys at times, where rows made them.
    ///
    /// # Errors
    /// As [`Hub::fetch`].
    pub async fn rows_of(&self, ask: Ask) -> Result<Vec<Vec<ColumnParts>>> {
        let with = self.with.clone();
        rt::cpu(move || past::counts(&ask, with.feeds.as_ref())).await
    }

    /// As [`Hub::fetch`], of many GroupBys for one present.
    ///
    /// # Errors
    /// When the server is stopping; those of a GroupBy stand in its place.
    pub async fn fetch_all(&self, asks: Vec<Ask>, now: i64) -> Result<Vec<Result<Vec<Answer>>>> {
        let tiles = all_from_tiles(&asks, now);
        if tiles.iter().all(|tiles| tiles.late.is_empty()) {
            return Ok(tiles.into_iter().map(|tiles| Ok(tiles.answers)).collect());
        }
        let with = self.with.clone();
        rt::cpu(move || Ok(with.all_completed(&asks, tiles))).await
    }

    /// As [`Hub::fetch_all`]. Blocks.
    pub fn values_of_all(&self, asks: &[Ask], now: i64) -> Vec<Result<Vec<Answer>>> {
        self.with.all_completed(asks, all_from_tiles(asks, now))
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

fn all_from_tiles(asks: &[Ask], now: i64) -> Vec<FromTiles> {
    asks.iter().map(|ask| served::from_tiles(ask, now)).collect()
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
    let mut told_of_writes: Option<String> = None;
    let mut writing: Option<Written> = None;
    loop {
        let is_woken = tokio::select! {
            () = served.wake.notified() => true,
            _ = tick.tick() => false,
            done = written(&mut writing) => {
                settle(&mut follower, &served, &with, done, &mut told_of_writes);
                continue;
            }
        };
        // Who reads the store, or is the last to write, comes after what is being written.
        if writing.is_some() && (served.is_stopping() || !follower.is_held()) {
            let done = written(&mut writing).await;
            settle(&mut follower, &served, &with, done, &mut told_of_writes);
        }
        let is_stopping = served.is_stopping();
        let is_idle = follower.is_held() && !follower.is_dirty() && swept.elapsed() < SWEEP;
        if !is_stopping && (served.is_given_up() || !is_woken && is_idle) {
            follower.rests();
            continue;
        }
        let sweeps = swept.elapsed() >= SWEEP;
        if sweeps {
            swept = tokio::time::Instant::now();
        }
        let commits = !is_woken && writing.is_none();
        let done = rt::cpu(move || {
            let done = round(&mut follower, is_stopping, commits, sweeps);
            Ok((follower, done))
        });
        let (back, done) = match done.await {
            Ok(done) => done,
            Err(e) => (Follower::new(served.clone(), with.clone()), Err(e)),
        };
        follower = back;
        let done = done.map(|prepared| writing = prepared.map(write).or(writing.take()));
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
fn round(follower: &mut Follower, is_stopping: bool, commits: bool, sweeps: bool) -> Result<Option<Writing>> {
    if is_stopping {
        return follower.commit().map(|()| None);
    }
    follower.catch_up()?;
    if sweeps {
        follower.sweep();
    }
    if commits { follower.prepared() } else { Ok(None) }
}

/// What was written, or was not.
type Written = oneshot::Receiver<(Arc<Writing>, Result<()>)>;

/// Writes down beside the follower: features do not wait for the disk.
fn write(writing: Writing) -> Written {
    let (tell, told) = oneshot::channel();
    let writing = Arc::new(writing);
    rt::spawn("features", async move {
        let of = writing.clone();
        let done = rt::cpu(move || of.write()).await;
        // Nobody waits any more when the server has stopped.
        let _ = tell.send((writing, done));
    });
    told
}

/// Waits for what is being written; for ever where nothing is.
async fn written(writing: &mut Option<Written>) -> Option<(Arc<Writing>, Result<()>)> {
    let Some(waited) = writing else { return std::future::pending().await };
    let done = waited.await.ok();
    *writing = None;
    done
}

/// Notes whether what was to be written was.
fn settle(
    follower: &mut Follower,
    served: &Served,
    with: &With,
    done: Option<(Arc<Writing>, Result<()>)>,
    told: &mut Option<String>,
) {
    let Some((writing, done)) = done else { return };
    match &done {
        Ok(()) => follower.written(),
        Err(e) => follower.unwritten(&writing, e),
    }
    tell(served, with, done, told);
}

/// Notes and tells an error, once.
fn tell(served: &Served, with: &With, done: Result<()>, told: &mut Option<String>) {
    let Err(e) = done else {
        *told = None;
        return;
    };
    if e.kind == Kind::Internal {
        tracing::error!(error = %e, name = served.name(), "features cannot be kept");
    }
    let has_path = e.at.is_some();
    let (at, e) = served.declared.located(e);
    let what = shown(&e);
    let place = e.at.clone().or_else(|| has_path.then(|| at.clone()));
    let placed = shown(&Error { at: place, ..e });
    served.note(|status| status.error = Some((e.kind, placed.clone())));
    if told.as_ref() != Some(&placed) {
        (with.tell)(&Problem { at, what, is_warning: false });
    }
    *told = Some(placed);
}

/// What is said of an error outside.
fn shown(e: &Error) -> String {
    match e.kind {
        Kind::Internal => "an internal error, which the server's log has".to_owned(),
        _ => e.detail(),
    }
}

/// A name that is not there.
pub(crate) fn unknown<'a>(what: &str, name: &str, known: impl Iterator<Item = &'a str>) -> Error {
    Error::not_found(format!("no {what} is called `{name}`")).did_you_mean(name, known)
}
