//! How a follower takes entities in: the newest snapshot that is over, and the changes since the end of its day. When another snapshot is
//! the newest one, all begins anew with that.

use super::bound::{Bound, Role, days_of};
use super::follower::{Came, Follower, Held};
use super::offset::Offset;
use crate::entities::{Base, Changes, Entities};
use std::collections::BTreeSet;
use tile_base::feed::Reading;
use tile_base::{Error, Result};

/// Which snapshots there are in all sources that have days. None: no source has.
fn common(bound: &Bound, days: &[BTreeSet<i64>]) -> Option<BTreeSet<i64>> {
    let has_days = |role: &Role| matches!(role, Role::Snapshot { has_days: true });
    let of = bound.sources.iter().zip(days).filter(|(reader, _)| has_days(&reader.role));
    of.map(|(_, days)| days.clone()).reduce(|all, days| &all & &days)
}

/// Goes on with the rows of a snapshot that were kept. False where they are of another one than is the newest now.
pub(super) fn based(entities: &Entities, bound: &Bound, offset: &Offset, now: i64) -> bool {
    if offset.days.len() != bound.sources.len() {
        return false;
    }
    let base = Base { days: common(bound, &offset.days), day: offset.day };
    let is_same = !base.is_over(now);
    entities.set_base(base);
    is_same
}

impl Follower {
    pub(super) fn entities_in(&self, held: &mut Held, entities: &Entities) -> Result<Came, (Error, bool)> {
        if held.positions.iter().all(Option::is_none) {
            return self.first_in(held, entities);
        }
        // The hub's clock, not that of values as of a midnight: both are on one day.
        if entities.base().is_over(self.now()) || self.is_newer(held, entities).map_err(|e| (e, false))? {
            return Ok(Came::Lost);
        }
        let running = held.running.clone();
        for (source, reader) in running.bound.sources.iter().enumerate() {
            let query = match &reader.role {
                Role::Snapshot { has_days: true } => continue,
                Role::Changes => reader.narrowed(Some(reader.since(entities.base().from()))),
                Role::Snapshot { has_days: false } | Role::Events(_) | Role::Joined(_) => {
                    reader.query.clone()
                }
            };
            let after = held.positions[source].clone();
            let reading = held.feeds[source].read(&query, after.as_ref()).map_err(|e| (e, false))?;
            if reading.is_anew {
                return Ok(Came::Lost);
            }
            self.entities_of(held, entities, source, reading)?;
        }
        Ok(Came::Up)
    }

    /// Looks at the days of rows that came to snapshots. Whether the kept rows are not those of the newest one any more.
    fn is_newer(&self, held: &mut Held, entities: &Entities) -> Result<bool> {
        let running = held.running.clone();
        let mut base = entities.base();
        let mut is_newer = false;
        for (source, reader) in running.bound.sources.iter().enumerate() {
            if !matches!(reader.role, Role::Snapshot { has_days: true }) {
                continue;
            }
            let after = held.positions[source].clone();
            let reading = held.feeds[source].read(&reader.days_query(), after.as_ref())?;
            if reading.is_anew {
                return Ok(true);
            }
            for batch in reading.batches {
                let days = days_of(&batch?)?;
                is_newer |= base.day.is_some_and(|day| days.contains(&day));
                held.days[source].extend(days);
            }
            held.is_dirty |= reading.rows > 0;
            held.positions[source] = Some(reading.position);
        }
        base.days = common(&running.bound, &held.days);
        is_newer |= base.is_over(self.now());
        entities.set_base(base);
        Ok(is_newer)
    }

    /// Takes the newest snapshot in, and all changes since.
    fn first_in(&self, held: &mut Held, entities: &Entities) -> Result<Came, (Error, bool)> {
        let running = held.running.clone();
        let sources = &running.bound.sources;
        let whole = |e| (e, false);
        let mut seen = vec![None; sources.len()];
        for (source, reader) in sources.iter().enumerate() {
            if !matches!(reader.role, Role::Snapshot { has_days: true }) {
                continue;
            }
            let reading = held.feeds[source].read(&reader.days_query(), None).map_err(whole)?;
            for batch in reading.batches {
                held.days[source].extend(batch.and_then(|batch| days_of(&batch)).map_err(whole)?);
            }
            seen[source] = Some(reading.position);
        }
        let days = common(&running.bound, &held.days);
        let day = days.as_ref().and_then(|days| Base::of(days, self.now()));
        entities.set_base(Base { days, day });
        for (source, reader) in sources.iter().enumerate() {
            let query = match &reader.role {
                Role::Snapshot { has_days: true } => {
                    reader.narrowed(Some(reader.of_days(&day.into_iter().collect::<Vec<_>>())))
                }
                Role::Changes => reader.narrowed(Some(reader.since(entities.base().from()))),
                Role::Snapshot { has_days: false } | Role::Events(_) | Role::Joined(_) => {
                    reader.query.clone()
                }
            };
            let reading = held.feeds[source].read(&query, None).map_err(|e| (e, source > 0))?;
            self.entities_of(held, entities, source, reading)?;
            // What came between the two readings is looked at again: if it was of this day, all begins anew.
            if let Some(seen) = seen[source].take() {
                held.positions[source] = Some(seen);
            }
        }
        held.is_dirty = true;
        Ok(Came::Up)
    }

    fn entities_of(
        &self,
        held: &mut Held,
        entities: &Entities,
        source: usize,
        reading: Reading,
    ) -> Result<(), (Error, bool)> {
        let now = self.now();
        self.taken_of(held, source, reading, &|taken| {
            let changes = Changes { times: &taken.at, is_before: &taken.is_before };
            let changes = (!taken.is_before.is_empty()).then_some(&changes);
            entities.apply(&taken.keys, &taken.block, changes, now)
        })
    }
}
