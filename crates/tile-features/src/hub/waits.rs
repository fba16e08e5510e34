//! Rows of the left side of a Join wait until the parts have taken in what was there when they were read: then features at their times are
//! those that the rows of all tables say.

use super::bound::{Reader, Role};
use super::served::Served;
use std::sync::Arc;
use tile_base::feed::{Feeds, Position, Reading};
use tile_base::{Kind, Result};

/// A reading, and how far the parts must be before it is taken in.
pub(super) struct Waits {
    pub reading: Reading,
    parts: Vec<(Arc<Served>, Vec<Position>)>,
}

impl Waits {
    /// # Errors
    /// Those of the tables, and why a part is not served.
    pub fn new(served: &Served, reader: &Reader, feeds: &dyn Feeds, reading: Reading) -> Result<Self> {
        let mut parts = Vec::new();
        if matches!(reader.role, Role::Joined(_)) && reading.rows > 0 {
            for part in served.parts.values() {
                parts.push((part.clone(), targets(part, feeds)?));
            }
        }
        Ok(Self { reading, parts })
    }

    /// # Errors
    /// Why a part does not go on.
    pub fn is_over(&self) -> Result<bool> {
        for (part, targets) in &self.parts {
            match part.own() {
                Err(e) if e.kind == Kind::Busy => return Ok(false),
                Err(e) => return Err(e),
                Ok(_) => {}
            }
            let taken = part.taken();
            let is_reached = |(target, taken): (&Position, &Option<Position>)| {
                let is_it = |at: &Position| at.generation == target.generation && at.rows >= target.rows;
                taken.as_ref().is_some_and(is_it)
            };
            if taken.len() != targets.len() || !targets.iter().zip(&taken).all(is_reached) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Where the tables of a part end now.
fn targets(part: &Served, feeds: &dyn Feeds) -> Result<Vec<Position>> {
    let (running, taken) = (part.own()?, part.taken());
    let end = |(at, reader): (usize, &Reader)| {
        let after = taken.get(at).and_then(Option::as_ref);
        Ok(feeds.open(&reader.table)?.read(&reader.query, after)?.position)
    };
    running.bound.sources.iter().enumerate().map(end).collect()
}

/// What the rows of all parts are named by, as they were taken in: when it is another one, rows were removed, and what was made with them must go.
///
/// # Errors
/// Why a part is not served.
pub(super) fn generations(served: &Served) -> Result<Vec<String>> {
    let mut out = Vec::new();
    for (id, part) in &served.parts {
        part.own()?;
        for position in part.taken().iter().flatten() {
            out.push(format!("{id} {}", position.generation));
        }
        out.extend(generations(part)?);
    }
    Ok(out)
}
