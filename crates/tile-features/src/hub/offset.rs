//! What is kept beside the tiles of a group: how far the rows were read that they are made of.

use super::bound::Bound;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use tile_base::feed::Position;
use tile_base::{Error, Result};

/// Changes when tiles of the same definition would be others.
const FORM: u32 = 2;

/// How far the rows of a group's sources were read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offset {
    /// Of what the tiles were made by.
    made_by: u64,
    /// One for each source.
    pub positions: Vec<Option<Position>>,
    /// Of entities, the days of the snapshots in each source, and the one whose rows are kept.
    #[serde(default)]
    pub days: Vec<BTreeSet<i64>>,
    #[serde(default)]
    pub day: Option<i64>,
    /// What the rows of joined parts were named by.
    #[serde(default)]
    pub generations: Vec<String>,
    /// The present that tiles were dropped by: a clock that went back does not bring them again.
    pub present: i64,
}

impl Offset {
    pub fn new(bound: &Bound, positions: Vec<Option<Position>>, present: i64) -> Self {
        Self {
            made_by: made_by(bound),
            positions,
            days: Vec::new(),
            day: None,
            generations: Vec::new(),
            present,
        }
    }

    /// # Errors
    /// None but a defect.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        serde_json::to_vec(self).map_err(|e| Error::internal("an offset is no JSON").source(e))
    }

    /// The offset of tiles that were made by the same reading; none where tiles must be made anew.
    pub fn of_bytes(bytes: &[u8], bound: &Bound) -> Option<Self> {
        let offset: Self = serde_json::from_slice(bytes).ok()?;
        let is_same = offset.made_by == made_by(bound) && offset.positions.len() == bound.sources.len();
        is_same.then_some(offset)
    }
}

/// The same number for all that makes the same tiles of the same rows.
fn made_by(bound: &Bound) -> u64 {
    let sources: Vec<_> =
        bound.sources.iter().map(|s| (&s.table, &s.query.columns, &s.query.filter)).collect();
    let columns: Vec<_> = bound.plan.columns.iter().map(|c| (&c.name, &c.ty)).collect();
    let text = format!("{FORM} {:?} {:?} {sources:?} {columns:?}", bound.schema, bound.keys);
    xxhash_rust::xxh3::xxh3_64(text.as_bytes())
}
