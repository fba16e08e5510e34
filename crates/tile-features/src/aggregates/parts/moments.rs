//! Sums of powers of the distances from the mean, kept as values come (Welford; Terriberry and Pébay for two sets): sums of the powers
//! themselves would cancel.

use super::super::Ir;

/// Count, mean, and the sums of the second, third and fourth powers of the distances from the mean.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Moments {
    pub n: f64,
    pub mean: f64,
    pub m2: f64,
    pub m3: f64,
    pub m4: f64,
}

impl Moments {
    /// One value.
    pub const fn of(x: f64) -> Self {
        Self { n: 1.0, mean: x, m2: 0.0, m3: 0.0, m4: 0.0 }
    }

    /// Takes those of another set into a partial result.
    pub(in super::super) fn add_to(ir: &mut Ir, other: &Self) {
        if let Ir::Moments(moments) = ir {
            moments.merge(other);
        } else {
            *ir = Ir::Moments(Box::new(*other));
        }
    }

    /// Takes those of another set in.
    pub fn merge(&mut self, other: &Self) {
        let (a, b) = (*self, other);
        let n = a.n + b.n;
        let d = b.mean - a.mean;
        let (share, product) = (d / n, a.n * b.n);
        self.n = n;
        self.mean = a.mean + share * b.n;
        self.m2 = a.m2 + b.m2 + d * share * product;
        self.m3 =
            a.m3 + b.m3 + d * share * share * product * (a.n - b.n) + 3.0 * share * (a.n * b.m2 - b.n * a.m2);
        self.m4 = a.m4
            + b.m4
            + d * share.powi(3) * product * (a.n * a.n - product + b.n * b.n)
            + 6.0 * share * share * (a.n * a.n * b.m2 + b.n * b.n * a.m2)
            + 4.0 * share * (a.n * b.m3 - b.n * a.m3);
    }

    /// Not a number for less than three values, or when all are equal.
    pub fn skew(&self) -> f64 {
        if self.n < 3.0 || self.m2 == 0.0 {
            return f64::NAN;
        }
        number(self.n.sqrt() * self.m3 / self.m2.powf(1.5))
    }

    /// The excess over that of a normal distribution. Not a number for less than four values, or when all are equal.
    pub fn kurtosis(&self) -> f64 {
        if self.n < 4.0 || self.m2 == 0.0 {
            return f64::NAN;
        }
        number(self.n * self.m4 / (self.m2 * self.m2) - 3.0)
    }
}

/// All that are no numbers are one, whatever their sign.
const fn number(x: f64) -> f64 {
    if x.is_nan() { f64::NAN } else { x }
}
