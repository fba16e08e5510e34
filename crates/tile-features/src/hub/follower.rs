//! Follows the sources of one GroupBy: reads what is new, takes it into tiles, writes these down. All of it blocks.

use super::bound::{Bound, Taken};
use super::kept::Kept;
use super::offset::Offset;
use super::served::{Counts, PartsOf, Running, Served};
use super::waits::{self, Waits};
use super::{With, past, snapshots};
use crate::definition::Accuracy;
use crate::entities::Entities;
use crate::online::{Applied, Group, Options};
use crate::window::{DAY_MS, interval};
use std::collections::BTreeSet;
use std::sync::Arc;
use tile_base::feed::{Feed, Position, Reading};
use tile_base::tiles::TileChange;
use tile_base::{Error, Kind, Result};

/// Rows after which the tiles are weighed, which costs time for each key.
const ROWS_UNWEIGHED_MAX: usize = 1 << 16;
/// Keys that are restored at once.
const KEYS_AT_ONCE: usize = 1_000;

pub(super) struct Follower {
    pub(super) served: Arc<Served>,
    pub(super) with: Arc<With>,
    held: Option<Held>,
    /// What is held is read anew, as was said.
    is_rebuilding: bool,
    /// Why the last changes were not written.
    unwritten: Option<(Kind, String)>,
    /// What was served before by another version, to be let go.
    pub(super) replaced: Option<Arc<Served>>,
}

/// A state of the group that goes on with each row.
pub(super) struct Held {
    pub(super) running: Arc<Running>,
    pub(super) feeds: Vec<Arc<dyn Feed>>,
    pub(super) positions: Vec<Option<Position>>,
    /// Of entities, the days of the snapshots in each source.
    pub(super) days: Vec<BTreeSet<i64>>,
    /// What was read and cannot be taken in yet, for each source.
    waits: Vec<Option<Waits>>,
    /// See [`waits::generations`].
    generations: Vec<String>,
    counts: Counts,
    is_served: bool,
    /// Rows were taken in since the last commit.
    pub(super) is_dirty: bool,
    /// The store has other tiles, or none.
    is_new: bool,
    /// Rows since the tiles were weighed.
    unweighed: usize,
    _watching: Vec<Box<dyn Send + Sync>>,
}

/// Changes on their way to the store.
pub(super) struct Writing {
    with: Arc<With>,
    id: String,
    running: Arc<Running>,
    changes: Vec<TileChange>,
    offset: Vec<u8>,
    is_new: bool,
}

impl Writing {
    /// Blocks.
    ///
    /// # Errors
    /// Those of the store: then none of it is written.
    pub fn write(&self) -> Result<()> {
        if self.is_new {
            self.with.store.forget(&self.id)?;
        }
        self.with.store.commit(&self.id, &self.changes, &self.offset)
    }
}

/// How far a round came.
pub(super) enum Came {
    Up,
    /// Rows were removed: what was made of them must go.
    Lost,
}

/// Whether there is nothing right to serve until something else changes: without the table, over other columns, with rows that cannot be
/// read. What was taken in becomes older and older.
const fn is_lasting(e: &Error) -> bool {
    matches!(e.kind, Kind::Invalid | Kind::NotFound | Kind::Damaged)
}

impl Follower {
    pub fn new(served: Arc<Served>, with: Arc<With>) -> Self {
        Self { served, with, held: None, is_rebuilding: false, unwritten: None, replaced: None }
    }

    /// Whether there is something to write down.
    pub fn is_dirty(&self) -> bool {
        self.held.as_ref().is_some_and(|held| held.is_dirty && held.is_served)
    }

    /// Nothing has come: what is served is that of now.
    pub fn rests(&self) {
        let Some(held) = &self.held else { return };
        // Rows of Joins may wait for others; files do not say that they changed.
        if held.waits.iter().any(Option::is_some) || !held.feeds.iter().all(|feed| feed.wakes()) {
            return;
        }
        let now = self.with.now_ms();
        self.served.note(|status| {
            if status.error.is_none() && !status.is_reading {
                status.taken_at = Some(now);
            }
        });
    }

    /// Whether its state can go on.
    pub fn is_held(&self) -> bool {
        self.held.is_some()
    }

    /// Takes in all rows that there are.
    ///
    /// # Errors
    /// Why it cannot; what was up to date before is served still where that is right.
    pub fn catch_up(&mut self) -> Result<()> {
        // All is read anew until that is served, whatever happens in between.
        let is_rebuilt = self.served.is_to_rebuild();
        if is_rebuilt && !self.is_rebuilding {
            (self.held, self.is_rebuilding) = (None, true);
        }
        let mut is_lost = is_rebuilt;
        loop {
            let mut held = match self.held.take() {
                Some(held) => held,
                None => match self.opened(is_lost) {
                    Ok(held) => held,
                    // A part that is being read wakes it.
                    Err(e) if e.kind == Kind::Busy && !self.served.parts.is_empty() => return Ok(()),
                    Err(e) => {
                        if is_lasting(&e) {
                            self.withhold();
                        }
                        return Err(e);
                    }
                },
            };
            match self.taken_in(&mut held) {
                Ok(Came::Up) => {
                    if held.is_served || held.waits.iter().all(Option::is_none) {
                        self.show(&mut held);
                    }
                    self.held = Some(held);
                    return Ok(());
                }
                Ok(Came::Lost) => is_lost = true,
                Err((e, is_torn)) => {
                    if e.kind == Kind::TooLarge {
                        self.withhold();
                        return Err(e);
                    }
                    if is_lasting(&e) {
                        self.withhold();
                        held.is_served = false;
                    }
                    if !is_torn {
                        self.held = Some(held);
                    }
                    return Err(e);
                }
            }
        }
    }

    /// Serves nothing any more.
    fn withhold(&self) {
        self.served.withhold();
        self.with.weigh(&self.served, 0);
    }

    /// The definition over its tables as they are now, with the tiles that the store has of it, or `is_anew` without.
    fn opened(&self, is_anew: bool) -> Result<Held> {
        let (feeds, definition) = (&self.with.feeds, &self.served.definition);
        let mut bound = Bound::new(definition, &|table| feeds.open(table)?.schema())?;
        // One table, whichever is there later under a nearer name.
        bound.sources.iter_mut().for_each(|source| source.table = feeds.name_of(&source.table));
        let followed: Vec<Arc<dyn Feed>> =
            bound.sources.iter().map(|source| feeds.open(&source.table)).collect::<Result<_>>()?;
        let watching = followed.iter().map(|feed| {
            let wake = self.served.wake.clone();
            feed.watch(Arc::new(move || wake.notify_one()))
        });
        let watching = watching.collect();
        let derive = bound.derive(definition)?;
        let group = self.kept(&bound)?;
        let mut positions = vec![None; bound.sources.len()];
        let mut days = vec![BTreeSet::new(); bound.sources.len()];
        let offset = if is_anew { None } else { self.with.store.offset(&self.served.id)? };
        let offset = offset.and_then(|bytes| Offset::of_bytes(&bytes, &bound));
        let generations = waits::generations(&self.served)?;
        let offset = offset.filter(|offset| match &group {
            Kept::Tiles(_) => offset.generations == generations,
            Kept::Rows(entities) => snapshots::based(entities, &bound, offset, self.now()),
        });
        let is_new = offset.is_none();
        if let Some(offset) = offset {
            self.restore(&group)?;
            group.sweep(offset.present);
            (positions, days) = (offset.positions, offset.days);
        }
        self.served.note(|status| (status.is_reading, status.counts) = (true, Counts::default()));
        Ok(Held {
            running: Arc::new(Running { bound: Arc::new(bound), group, derive }),
            feeds: followed,
            waits: positions.iter().map(|_| None).collect(),
            generations,
            positions,
            days,
            counts: Counts::default(),
            is_served: false,
            is_dirty: is_new,
            is_new,
            unweighed: 0,
            _watching: watching,
        })
    }

    /// What keeps the rows.
    fn kept(&self, bound: &Bound) -> Result<Kept> {
        let (plan, seed) = (bound.plan.clone(), self.with.seed);
        if bound.is_entities() {
            let rule = past::rule(self.served.definition.accuracy);
            return Ok(Kept::Rows(Entities::new(plan, bound.schema.clone(), rule, seed)));
        }
        Ok(Kept::Tiles(Group::new(plan, Options { seed, ..Options::default() })?))
    }

    fn restore(&self, group: &Kept) -> Result<()> {
        let mut after: Option<Vec<u8>> = None;
        loop {
            let keys = self.with.store.scan(&self.served.id, after.as_deref(), KEYS_AT_ONCE)?;
            let Some((last, _)) = keys.last() else { return Ok(()) };
            after = Some(last.clone());
            group.restore(keys)?;
            self.weighed(group)?;
        }
    }

    /// The present, as tiles have it.
    pub(super) fn now(&self) -> i64 {
        let now = self.with.now_ms();
        match self.served.definition.accuracy {
            Accuracy::Temporal => now,
            // Events of this day wait until it is over.
            Accuracy::Snapshot => interval(now, DAY_MS),
        }
    }

    /// With an error is said whether some of the rows were taken in and others of the same reading were not.
    fn taken_in(&self, held: &mut Held) -> Result<Came, (Error, bool)> {
        let running = held.running.clone();
        let came = match &running.group {
            Kept::Tiles(group) => self.events_in(held, group),
            Kept::Rows(entities) => self.entities_in(held, entities),
        };
        if matches!(came, Ok(Came::Up)) && !held.is_served {
            self.weighed(&held.running.group).map_err(|e| (e, true))?;
        }
        came
    }

    fn events_in(&self, held: &mut Held, group: &Group) -> Result<Came, (Error, bool)> {
        for source in 0..held.feeds.len() {
            let after = held.positions[source].clone();
            let running = held.running.clone();
            let Some(reader) = running.bound.sources.get(source) else { continue };
            let whole = |e| (e, false);
            let waits = match held.waits[source].take() {
                Some(waits) => waits,
                None => {
                    let reading = held.feeds[source].read(&reader.query, after.as_ref()).map_err(whole)?;
                    Waits::new(&self.served, reader, self.with.feeds.as_ref(), reading).map_err(whole)?
                }
            };
            if waits.reading.is_anew && after.is_some() {
                return Ok(Came::Lost);
            }
            if !waits.is_over().map_err(whole)? {
                held.waits[source] = Some(waits);
                continue;
            }
            if waits::generations(&self.served).map_err(whole)? != held.generations {
                return Ok(Came::Lost);
            }
            let reading = waits.reading;
            let now = self.now();
            self.taken_of(held, source, reading, &|taken| group.apply(&taken.keys, &taken.block, now))?;
        }
        Ok(Came::Up)
    }

    /// Takes the rows of one reading in.
    pub(super) fn taken_of(
        &self,
        held: &mut Held,
        source: usize,
        reading: Reading,
        apply: &dyn Fn(&Taken) -> Applied,
    ) -> Result<(), (Error, bool)> {
        let running = held.running.clone();
        let parts = PartsOf { served: &self.served, feeds: self.with.feeds.as_ref() };
        let mut is_torn = false;
        for batch in reading.batches {
            let torn = |e| (e, is_torn);
            let taken = running.bound.taken(source, &batch.map_err(torn)?, &parts).map_err(torn)?;
            is_torn = true;
            let applied = apply(&taken);
            let counts = &mut held.counts;
            counts.rows += wide(applied.rows + taken.timeless);
            counts.keyless += wide(applied.keyless);
            counts.timeless += wide(taken.timeless);
            counts.unreached += wide(applied.unreached);
            counts.future += wide(applied.future);
            held.unweighed += applied.rows;
            if held.unweighed >= ROWS_UNWEIGHED_MAX {
                held.unweighed = 0;
                self.weighed(&running.group).map_err(|e| (e, true))?;
            }
            if !held.is_served {
                self.served.note(|status| status.counts = held.counts);
            }
            if self.served.is_stopping() {
                return Err((Error::new(Kind::Busy, "the server is stopping"), true));
            }
        }
        held.is_dirty |= reading.rows > 0;
        held.positions[source] = Some(reading.position);
        Ok(())
    }

    /// # Errors
    /// `TooLarge` when the tiles of all groups take more memory than they may.
    fn weighed(&self, group: &Kept) -> Result<()> {
        let max = self.with.limits.tiles_bytes_max;
        if self.with.weigh(&self.served, group.bytes_len()) > max {
            self.with.weigh(&self.served, 0);
            let what = format!("the tiles of all features would take more than {} MiB of memory", max >> 20);
            return Err(Error::new(Kind::TooLarge, what)
                .hint("Keep fewer keys or shorter windows, or let it have more memory"));
        }
        Ok(())
    }

    fn show(&mut self, held: &mut Held) {
        self.served.took(&held.positions);
        if !held.is_served {
            // Tiles that were restored do not know the present, and so not what they lack of the past.
            held.running.group.sweep(self.now());
            held.is_served = true;
            self.replaced = self.served.serve(held.running.clone());
            if std::mem::take(&mut self.is_rebuilding) {
                self.served.is_rebuilt();
            }
        }
        let now = self.with.now_ms();
        self.served.note(|status| {
            (status.error, status.is_reading, status.counts) = (self.unwritten.clone(), false, held.counts);
            status.taken_at = Some(now);
        });
    }

    /// Drops what no window reaches any more.
    pub fn sweep(&mut self) {
        let now = self.now();
        if let Some(held) = self.held.as_mut().filter(|held| held.is_served) {
            held.running.group.sweep(now);
            held.is_dirty = true;
        }
    }

    /// What changed, with how far rows were read, to be written down; none where nothing did. Meanwhile rows may be taken in, but nothing
    /// else may be written, nor tiles be read of the store.
    ///
    /// # Errors
    /// `TooLarge` when the tiles take too much memory.
    pub fn prepared(&mut self) -> Result<Option<Writing>> {
        let running = self.held.as_ref().filter(|held| held.unweighed > 0).map(|held| held.running.clone());
        if let Some(running) = running {
            self.weighed(&running.group).inspect_err(|_| {
                self.withhold();
                self.held = None;
            })?;
        }
        let Some(held) = self.held.as_mut().filter(|held| held.is_dirty && held.is_served) else {
            return Ok(None);
        };
        let running = held.running.clone();
        let mut offset = Offset::new(&running.bound, held.positions.clone(), running.group.present());
        offset.generations.clone_from(&held.generations);
        if let Kept::Rows(entities) = &running.group {
            (offset.days, offset.day) = (held.days.clone(), entities.base().day);
        }
        let offset = offset.to_bytes()?;
        let changes = running.group.changes();
        let writing = Writing {
            with: self.with.clone(),
            id: self.served.id.clone(),
            running,
            changes,
            offset,
            is_new: held.is_new,
        };
        (held.is_dirty, held.is_new, held.unweighed) = (false, false, 0);
        Ok(Some(writing))
    }

    /// What was to be written is.
    pub fn written(&mut self) {
        if self.unwritten.take().is_some() {
            self.served.note(|status| status.error = None);
        }
    }

    /// What was to be written was not: the next one has all of it.
    pub fn unwritten(&mut self, writing: &Writing, e: &Error) {
        self.unwritten = Some((e.kind, super::shown(e)));
        writing.running.group.changes_failed();
        if let Some(held) = &mut self.held
            && Arc::ptr_eq(&held.running, &writing.running)
        {
            held.is_dirty = true;
            held.is_new |= writing.is_new;
        }
    }

    /// Writes down what changed.
    ///
    /// # Errors
    /// Those of [`Follower::prepared`] and [`Writing::write`].
    pub fn commit(&mut self) -> Result<()> {
        match self.prepared()? {
            Some(writing) => writing.write().inspect_err(|e| self.unwritten(&writing, e)),
            None => Ok(()),
        }
    }

    /// Lets go of all that the definition had.
    ///
    /// # Errors
    /// Those of the store.
    pub fn forget(&mut self) -> Result<()> {
        self.held = None;
        self.served.withhold();
        self.with.store.forget(&self.served.id)
    }
}

fn wide(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
