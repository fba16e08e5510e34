//! How far the values of a column moved from one time to another, by the sketches of both.
//!
//! The population stability index is Σ (b − a) ln(b / a) over the shares a and b of bins that hold equal parts of the first values. By
//! custom, less than 0.1 is no change, more than 0.25 a large one.

use crate::aggregates::parts::sketch::Kll;

/// Bins: more show finer changes, and more of the noise of samples.
const BINS: u8 = 10;

/// What a share is at least: of an empty bin the logarithm is infinite.
const SHARE_MIN: f64 = 1e-4;

/// How two distributions differ.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drift {
    /// The population stability index: 0 for equal ones, without bound.
    pub psi: f64,
    /// The greatest difference between the shares of values below a border (L∞), from 0 to 1.
    pub gap: f64,
}

/// The drift from one set of values to another. None when one of them is empty.
pub fn drift(from: &Kll, to: &Kll) -> Option<Drift> {
    let parts: Vec<f64> = (1..BINS).map(|bin| f64::from(bin) / f64::from(BINS)).collect();
    let mut borders = from.quantiles(&parts)?;
    // A value that fills several bins is one border; infinities are none.
    borders.retain(|x| x.is_finite());
    borders.dedup();
    let (a, b) = (from.shares(&borders)?, to.shares(&borders)?);
    let (mut drift, mut below) = (Drift { psi: 0.0, gap: 0.0 }, 0.0);
    for (a, b) in a.into_iter().zip(b) {
        below += b - a;
        drift.gap = drift.gap.max(f64::abs(below));
        let (a, b) = (a.max(SHARE_MIN), b.max(SHARE_MIN));
        drift.psi += (b - a) * (b / a).ln();
    }
    Some(drift)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of about a normal distribution: sums of twelve uniform ones.
    fn normal(seed: u64, mean: f32, deviation: f32) -> Kll {
        let (mut sketch, mut state) = (Kll::new(200).unwrap(), seed);
        let mut uniform = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            f32::from(u16::try_from(state >> 48).unwrap()) / 65_536.0
        };
        for _ in 0..10_000 {
            let sum: f32 = (0..12).map(|_| uniform()).sum();
            sketch.update(mean + deviation * (sum - 6.0));
        }
        sketch
    }

    #[test]
    fn little_moderate_and_large_shifts_are_told_apart() {
        let base = normal(1, 10.0, 2.0);
        let psi = |other: &Kll| drift(&base, other).unwrap().psi;
        let little = psi(&normal(2, 10.1, 2.0));
        let moderate = psi(&normal(3, 10.8, 2.0));
        let large = psi(&normal(4, 13.0, 2.0));
        assert!(little < 0.1, "{little}");
        assert!((0.1..0.25).contains(&moderate), "{moderate}");
        assert!(large > 0.25, "{large}");
        assert_eq!(drift(&base, &base), Some(Drift { psi: 0.0, gap: 0.0 }));
    }

    #[test]
    fn what_has_nothing_in_common_is_far_apart_and_finite() {
        let apart = drift(&normal(1, 0.0, 1.0), &normal(2, 1000.0, 1.0)).unwrap();
        assert!(apart.psi > 5.0 && apart.psi.is_finite(), "{apart:?}");
        assert!(apart.gap > 0.85, "{apart:?}");
    }

    #[test]
    fn of_nothing_or_one_value_there_is_no_surprise() {
        let empty = Kll::new(200).unwrap();
        let mut one = empty.clone();
        (0..50).for_each(|_| one.update(7.0));
        assert_eq!(drift(&empty, &one), None);
        assert_eq!(drift(&one, &empty), None);
        assert_eq!(drift(&one, &one).unwrap().psi, 0.0);
        let mut other = empty;
        other.update(8.0);
        assert!(drift(&one, &other).unwrap().psi >= 0.0);
    }
}
