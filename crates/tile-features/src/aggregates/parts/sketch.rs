//! Sketches of Apache DataSketches, whose bytes the JVM reads and writes as well: CPC for how many distinct values there are, KLL for
//! their quantiles.

use datasketches::cpc::{CpcSketch, CpcUnion};
use datasketches::kll::{KllFloat, KllSketch};
use tile_base::{Error, Result};

/// Base-2 logarithm of the rows of a CPC sketch. At the most it has 2 MB.
pub const LG_K: std::ops::RangeInclusive<u8> = 4..=21;

/// How many distinct values there are, to 0.69 / √(2^lgK).
///
/// Its estimate is always that of the set (ICON), never that of the order in which it was filled (HIP): so values that were merged
/// from tiles and values that were counted in one go are the same.
#[derive(Clone, Debug)]
pub struct Cpc(CpcSketch);

impl PartialEq for Cpc {
    fn eq(&self, other: &Self) -> bool {
        self.write() == other.write()
    }
}

impl Cpc {
    /// # Errors
    /// `Invalid` for an `lg_k` out of bounds.
    pub fn new(lg_k: u8) -> Result<Self> {
        if !LG_K.contains(&lg_k) {
            return Err(Error::invalid(format!("a CPC sketch of 2^{lg_k} rows")));
        }
        CpcSketch::new(lg_k).map(Self).map_err(|e| Error::invalid(e.to_string()))
    }

    pub fn update(&mut self, value: impl std::hash::Hash) {
        self.0.update(value);
    }

    /// The union of both. Of sketches that differ in size it has the smaller one.
    pub fn merge(&mut self, other: &Self) {
        if let Some(union) = self.union([&other.0]) {
            self.0 = union;
        }
    }

    fn union<'a>(&'a self, others: impl IntoIterator<Item = &'a CpcSketch>) -> Option<CpcSketch> {
        let mut union = CpcUnion::new(self.0.lg_k()).ok()?;
        union.update(&self.0).ok()?;
        for other in others {
            union.update(other).ok()?;
        }
        Some(union.to_sketch())
    }

    pub fn estimate(&self) -> f64 {
        self.union([]).map_or(0.0, |set| set.estimate())
    }

    /// The bytes that the JVM has for it once it was merged.
    pub fn write(&self) -> Vec<u8> {
        self.union([]).map_or_else(|| self.0.serialize(), |set| set.serialize())
    }

    /// # Errors
    /// `Damaged` for bytes that are none, or of a sketch that is too large.
    pub fn read(bytes: &[u8]) -> Result<Self> {
        let sketch = CpcSketch::deserialize(bytes)
            .map_err(|e| Error::damaged(format!("the bytes of a CPC sketch: {e}")))?;
        if LG_K.contains(&sketch.lg_k()) {
            return Ok(Self(sketch));
        }
        Err(Error::damaged(format!("a CPC sketch of 2^{} rows", sketch.lg_k())))
    }
}

/// Quantiles of 32-bit floats. Exact up to `k` values.
#[derive(Clone, Debug, PartialEq)]
pub struct Kll(KllSketch<KllFloat<f32>>);

impl Kll {
    /// # Errors
    /// `Invalid` for a `k` below 8.
    pub fn new(k: u16) -> Result<Self> {
        KllSketch::new(k).map(Self).map_err(|e| Error::invalid(e.to_string()))
    }

    /// Takes a value in. NaN has no place in an order, and is left out.
    pub fn update(&mut self, x: f32) {
        if let Ok(x) = KllFloat::<f32>::new(x) {
            self.0.update(x);
        }
    }

    pub fn merge(&mut self, other: &Self) {
        // Its one error is more values than 64 bits count.
        let _ = self.0.merge(&other.0);
    }

    /// How many values it has seen.
    pub fn count(&self) -> u64 {
        self.0.n()
    }

    /// The value at each share of the values, from 0 to 1. None when there are no values.
    pub fn quantiles(&self, shares: &[f64]) -> Option<Vec<f32>> {
        let found = self.0.quantiles(shares, datasketches::common::SearchCriteria::Exclusive);
        Some(found.ok()??.into_iter().map(KllFloat::into_inner).collect())
    }

    /// The share of values below each of some borders that rise strictly, and below the end of all.
    pub fn shares(&self, borders: &[f32]) -> Option<Vec<f64>> {
        let borders = borders.iter().map(|x| KllFloat::<f32>::new(*x).ok()).collect::<Option<Vec<_>>>()?;
        self.0.pmf(&borders, datasketches::common::SearchCriteria::Exclusive).ok()?
    }

    /// The bytes that the JVM has for it.
    pub fn write(&self) -> Vec<u8> {
        self.0.serialize()
    }

    /// # Errors
    /// `Damaged` for bytes that are none.
    pub fn read(bytes: &[u8]) -> Result<Self> {
        KllSketch::deserialize(bytes)
            .map(Self)
            .map_err(|e| Error::damaged(format!("the bytes of a KLL sketch: {e}")))
    }
}
