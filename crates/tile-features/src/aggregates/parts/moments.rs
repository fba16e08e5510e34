//! Sums of powers of the distances from the mean, kept as values come (Welford; Terriberry and Pébay for two sets): sums of the powers
//! themselves would cancel.

use super::super::average::number;
use super::super::{Aggregate, Ir, unfit};
use super::words::Form;
use crate::column::Cell;
use crate::operation::Operation;
use crate::types::Type;
use crate::value::Value;
use tile_base::Result;

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
    fn add_to(ir: &mut Ir, other: &Self) {
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
        one_nan(self.n.sqrt() * self.m3 / self.m2.powf(1.5))
    }

    /// The excess over that of a normal distribution. Not a number for less than four values, or when all are equal.
    pub fn kurtosis(&self) -> f64 {
        if self.n < 4.0 || self.m2 == 0.0 {
            return f64::NAN;
        }
        one_nan(self.n * self.m4 / (self.m2 * self.m2) - 3.0)
    }
}

/// All that are no numbers are one, whatever their sign.
const fn one_nan(x: f64) -> f64 {
    if x.is_nan() { f64::NAN } else { x }
}

/// A number that tells of the form of a distribution: what `SKEW` and `KURTOSIS` share.
pub struct Measure(fn(&Moments) -> f64);

impl Measure {
    /// # Errors
    /// `Invalid` for what is no number.
    pub fn create(operation: Operation, input: &Type, of: fn(&Moments) -> f64) -> Result<Box<dyn Aggregate>> {
        if input.is_number() { Ok(Box::new(Self(of))) } else { Err(unfit(operation, input)) }
    }
}

impl Aggregate for Measure {
    fn output(&self) -> Type {
        Type::Double
    }

    fn form(&self) -> Option<Form> {
        Some(Form::Moments)
    }

    fn update(&self, ir: &mut Ir, cell: Cell<'_>, _at: i64) {
        if let Some(x) = number(cell) {
            Moments::add_to(ir, &Moments::of(x));
        }
    }

    fn merge(&self, ir: &mut Ir, later: &Ir) {
        if let Ir::Moments(later) = later {
            Moments::add_to(ir, later);
        }
    }

    fn finalize(&self, ir: &Ir) -> Value {
        match ir {
            Ir::Moments(moments) => Value::Real((self.0)(moments)),
            _ => Value::Null,
        }
    }
}
