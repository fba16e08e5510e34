//! Sums of doubles whose result does not depend on their order, up to the last digit: what rounding loses is added up beside the sum
//! (Neumaier, 1974). So a value that is taken out leaves nothing behind, and tiles add up to what their events do.

/// A sum, and of how many.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Exact {
    pub sum: f64,
    pub lost: f64,
    pub count: i64,
    /// What cannot be taken out of a sum again is counted. Rare, so elsewhere.
    pub wild: Option<Box<Wild>>,
}

/// How many are no numbers, or infinite.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wild {
    pub nans: i64,
    pub ups: i64,
    pub downs: i64,
}

impl Exact {
    /// One value.
    pub fn of(x: f64) -> Self {
        let mut sum = Self::default();
        sum.add(x, 1);
        sum
    }

    /// Takes a value in (`times` 1) or out (-1).
    #[inline]
    pub fn add(&mut self, x: f64, times: i64) {
        self.count += times;
        if x.is_finite() {
            self.shift(if times < 0 { -x } else { x });
        } else {
            let wild = self.wild.get_or_insert_default();
            match (x.is_nan(), x > 0.0) {
                (true, _) => wild.nans += times,
                (false, true) => wild.ups += times,
                (false, false) => wild.downs += times,
            }
            if **wild == Wild::default() {
                self.wild = None;
            }
        }
    }

    #[inline]
    fn shift(&mut self, x: f64) {
        let sum = self.sum + x;
        let part = sum - self.sum;
        self.lost += (self.sum - (sum - part)) + (x - part);
        self.sum = sum;
    }

    #[inline]
    pub fn merge(&mut self, other: &Self) {
        self.shift(other.sum);
        self.lost += other.lost;
        self.count += other.count;
        if let Some(theirs) = &other.wild {
            let wild = self.wild.get_or_insert_default();
            wild.nans += theirs.nans;
            wild.ups += theirs.ups;
            wild.downs += theirs.downs;
            if **wild == Wild::default() {
                self.wild = None;
            }
        }
    }

    /// The sum, as the addition of doubles has it: of both infinities there is none.
    pub fn total(&self) -> f64 {
        match self.wild.as_deref() {
            Some(w) if w.nans > 0 || (w.ups > 0 && w.downs > 0) => f64::NAN,
            Some(w) if w.ups > 0 => f64::INFINITY,
            Some(w) if w.downs > 0 => f64::NEG_INFINITY,
            // Finite doubles whose sum is not have lost all.
            _ if self.sum.is_finite() => self.sum + self.lost,
            _ => self.sum,
        }
    }

    /// Whether all that came in went out.
    pub fn is_nothing(&self) -> bool {
        self.count == 0 && self.wild.is_none() && self.sum + self.lost == 0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(of: &[f64]) -> Exact {
        let mut sum = Exact::default();
        of.iter().for_each(|x| sum.add(*x, 1));
        sum
    }

    #[test]
    fn what_cancels_leaves_what_is_between() {
        assert_eq!(sum(&[1e16, 1.0, -1e16]).total(), 1.0);
        let mut left = sum(&[1e16, 1.0]);
        left.merge(&sum(&[-1e16, 0.5]));
        assert_eq!(left.total(), 1.5);
    }

    #[test]
    fn no_numbers_go_out_again() {
        let mut all = sum(&[1.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY]);
        assert!(all.total().is_nan());
        all.add(f64::NAN, -1);
        assert!(all.total().is_nan());
        all.add(f64::NEG_INFINITY, -1);
        assert_eq!(all.total(), f64::INFINITY);
        all.add(f64::INFINITY, -1);
        assert_eq!((all.total(), all.count), (1.0, 1));
        all.add(1.0, -1);
        assert!(all.is_nothing());
    }

    #[test]
    fn a_sum_beyond_the_largest_double_is_infinite() {
        assert_eq!(sum(&[f64::MAX, f64::MAX]).total(), f64::INFINITY);
    }
}
