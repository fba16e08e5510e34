//! Python's whole numbers: of any size, up to a bound that is far above what any type of a column holds.

use std::cmp::Ordering;
use std::fmt;

/// Sign and magnitude, the least significant limb first, without leading zero limbs. Zero is not negative.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct Int {
    negative: bool,
    limbs: Vec<u32>,
}

/// Python refuses to print more digits than this.
pub const DIGITS_MAX: usize = 4300;
/// Above this a number is refused; a little more than `DIGITS_MAX` digits.
pub const BITS_MAX: usize = 14_400;

const LIMB_BITS: usize = 32;
/// Nine decimal digits fit a limb.
const CHUNK: u32 = 1_000_000_000;
const CHUNK_DIGITS: usize = 9;

/// The low half of a double limb.
const fn low(x: u64) -> u32 {
    let [a, b, c, d, ..] = x.to_le_bytes();
    u32::from_le_bytes([a, b, c, d])
}

impl Int {
    fn new(negative: bool, mut limbs: Vec<u32>) -> Self {
        while limbs.last() == Some(&0) {
            limbs.pop();
        }
        Self { negative: negative && !limbs.is_empty(), limbs }
    }

    pub fn is_zero(&self) -> bool {
        self.limbs.is_empty()
    }

    pub fn is_negative(&self) -> bool {
        self.negative
    }

    pub fn limbs(&self) -> usize {
        self.limbs.len()
    }

    pub fn bits(&self) -> usize {
        self.limbs
            .last()
            .map_or(0, |top| self.limbs.len() * LIMB_BITS - usize::try_from(top.leading_zeros()).unwrap_or(0))
    }

    /// Decimal digits, with an optional sign; nothing else.
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        Self::parse_radix(digits, 10).map(|n| Self::new(negative, n.limbs))
    }

    /// Digits of a base up to 36, without sign.
    pub fn parse_radix(digits: &str, radix: u32) -> Option<Self> {
        if digits.is_empty() {
            return None;
        }
        let mut limbs: Vec<u32> = Vec::new();
        for c in digits.chars() {
            let mut carry = u64::from(c.to_digit(radix)?);
            for limb in &mut limbs {
                let sum = u64::from(*limb) * u64::from(radix) + carry;
                *limb = low(sum);
                carry = sum >> LIMB_BITS;
            }
            if carry > 0 {
                limbs.push(low(carry));
            }
        }
        Some(Self::new(false, limbs))
    }

    pub fn to_i128(&self) -> Option<i128> {
        if self.limbs.len() > 4 {
            return None;
        }
        let magnitude = self.limbs.iter().rev().fold(0u128, |sum, limb| sum << LIMB_BITS | u128::from(*limb));
        if self.negative { 0i128.checked_sub_unsigned(magnitude) } else { i128::try_from(magnitude).ok() }
    }

    pub fn to_i64(&self) -> Option<i64> {
        self.to_i128().and_then(|x| i64::try_from(x).ok())
    }

    pub fn to_usize(&self) -> Option<usize> {
        self.to_i128().and_then(|x| usize::try_from(x).ok())
    }

    /// The nearest float; infinite when there is none.
    pub fn to_f64(&self) -> f64 {
        self.to_string().parse().unwrap_or(f64::NAN)
    }

    /// A float without its fraction. Nothing for infinities and what is no number.
    pub fn from_f64(x: f64) -> Option<Self> {
        if !x.is_finite() {
            return None;
        }
        let bits = x.to_bits();
        let exponent = usize::try_from((bits >> 52) & 0x7FF).ok()?;
        let fraction = bits & ((1 << 52) - 1);
        // Below 1 everything is fraction.
        let shift = exponent.checked_sub(1023);
        let Some(shift) = shift else { return Some(Self::default()) };
        let whole = Self::from(fraction | (1 << 52));
        let out = if shift >= 52 { whole.shift_left(shift - 52) } else { whole.shift_right(52 - shift) };
        Some(Self::new(x < 0.0, out.limbs))
    }

    #[must_use]
    pub fn negate(&self) -> Self {
        Self::new(!self.negative, self.limbs.clone())
    }

    #[must_use]
    pub fn abs(&self) -> Self {
        Self::new(false, self.limbs.clone())
    }

    #[must_use]
    pub fn add(&self, other: &Self) -> Self {
        if self.negative == other.negative {
            return Self::new(self.negative, add(&self.limbs, &other.limbs));
        }
        match compare(&self.limbs, &other.limbs) {
            Ordering::Less => Self::new(other.negative, subtract(&other.limbs, &self.limbs)),
            _ => Self::new(self.negative, subtract(&self.limbs, &other.limbs)),
        }
    }

    #[must_use]
    pub fn sub(&self, other: &Self) -> Self {
        self.add(&other.negate())
    }

    #[must_use]
    pub fn mul(&self, other: &Self) -> Self {
        let mut out = vec![0u32; self.limbs.len() + other.limbs.len()];
        for (i, a) in self.limbs.iter().enumerate() {
            let mut carry = 0u64;
            for (slot, b) in out.iter_mut().skip(i).zip(other.limbs.iter().chain(std::iter::once(&0))) {
                let sum = u64::from(*a) * u64::from(*b) + u64::from(*slot) + carry;
                *slot = low(sum);
                carry = sum >> LIMB_BITS;
            }
        }
        Self::new(self.negative != other.negative, out)
    }

    /// Quotient rounded down, and the remainder with the divisor's sign. Nothing for a divisor of zero.
    pub fn divide(&self, other: &Self) -> Option<(Self, Self)> {
        if other.is_zero() {
            return None;
        }
        let (quotient, remainder) = divide(&self.limbs, &other.limbs);
        let quotient = Self::new(self.negative != other.negative, quotient);
        let remainder = Self::new(self.negative, remainder);
        if remainder.is_zero() || remainder.negative == other.negative {
            return Some((quotient, remainder));
        }
        Some((quotient.sub(&Self::from(1u64)), remainder.add(other)))
    }

    /// Nothing when the result has more than [`BITS_MAX`] bits.
    pub fn pow(&self, exponent: u32) -> Option<Self> {
        let mut out = Self::from(1u64);
        if self.limbs.len() <= 1 && self.limbs.first().is_none_or(|x| *x == 1) {
            let flips = self.negative && exponent.is_multiple_of(2);
            return Some(if exponent == 0 || flips { out } else { self.clone() });
        }
        for bit in (0..u32::BITS - exponent.leading_zeros()).rev() {
            out = out.mul(&out);
            if exponent >> bit & 1 == 1 {
                out = out.mul(self);
            }
            if out.bits() > BITS_MAX {
                return None;
            }
        }
        Some(out)
    }

    /// The magnitude shifted; the caller bounds `by`.
    #[must_use]
    pub fn shift_left(&self, by: usize) -> Self {
        let mut limbs = vec![0; by / LIMB_BITS];
        let bits = by % LIMB_BITS;
        let mut carry = 0u64;
        for limb in &self.limbs {
            let wide = u64::from(*limb) << bits | carry;
            limbs.push(low(wide));
            carry = wide >> LIMB_BITS;
        }
        limbs.push(low(carry));
        Self::new(self.negative, limbs)
    }

    /// The magnitude shifted, what falls out is lost.
    #[must_use]
    pub fn shift_right(&self, by: usize) -> Self {
        let bits = by % LIMB_BITS;
        let kept = self.limbs.get(by / LIMB_BITS..).unwrap_or(&[]);
        let next = kept.iter().skip(1).chain(std::iter::once(&0));
        let limbs =
            kept.iter().zip(next).map(|(a, b)| low((u64::from(*b) << LIMB_BITS | u64::from(*a)) >> bits));
        Self::new(self.negative, limbs.collect())
    }

    /// In base 2, 8 or 16, with the sign and without prefix.
    pub fn to_radix(&self, radix: u32) -> String {
        let mut digits = Vec::new();
        let mut limbs = self.limbs.clone();
        while limbs.last().is_some_and(|x| *x > 0) || limbs.len() > 1 {
            let mut rest = 0u64;
            for limb in limbs.iter_mut().rev() {
                let wide = rest << LIMB_BITS | u64::from(*limb);
                *limb = low(wide / u64::from(radix));
                rest = wide % u64::from(radix);
            }
            digits.push(char::from_digit(low(rest), radix).unwrap_or('0'));
            while limbs.last() == Some(&0) {
                limbs.pop();
            }
        }
        if digits.is_empty() {
            digits.push('0');
        }
        if self.negative {
            digits.push('-');
        }
        digits.iter().rev().collect()
    }

    /// As Python orders a whole number and a float: exactly. Nothing when the float is no number.
    pub fn compare_f64(&self, x: f64) -> Option<Ordering> {
        if x.is_nan() {
            return None;
        }
        let Some(whole) = Self::from_f64(x) else {
            return Some(if x > 0.0 { Ordering::Less } else { Ordering::Greater });
        };
        Some(self.cmp(&whole).then_with(|| 0.0f64.partial_cmp(&x.fract()).unwrap_or(Ordering::Equal)))
    }
}

impl fmt::Display for Int {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut chunks = Vec::new();
        let mut limbs = self.limbs.clone();
        while !limbs.is_empty() {
            let mut rest = 0u64;
            for limb in limbs.iter_mut().rev() {
                let wide = rest << LIMB_BITS | u64::from(*limb);
                *limb = low(wide / u64::from(CHUNK));
                rest = wide % u64::from(CHUNK);
            }
            chunks.push(rest);
            while limbs.last() == Some(&0) {
                limbs.pop();
            }
        }
        if self.negative {
            f.write_str("-")?;
        }
        write!(f, "{}", chunks.pop().unwrap_or(0))?;
        chunks.iter().rev().try_for_each(|chunk| write!(f, "{chunk:0CHUNK_DIGITS$}"))
    }
}

impl Ord for Int {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => compare(&self.limbs, &other.limbs),
            (true, true) => compare(&other.limbs, &self.limbs),
        }
    }
}

impl PartialOrd for Int {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl From<u64> for Int {
    fn from(x: u64) -> Self {
        Self::new(false, vec![low(x), low(x >> LIMB_BITS)])
    }
}

impl From<i64> for Int {
    fn from(x: i64) -> Self {
        Self::new(x < 0, Self::from(x.unsigned_abs()).limbs)
    }
}

impl From<usize> for Int {
    fn from(x: usize) -> Self {
        Self::from(x as u64)
    }
}

impl From<i128> for Int {
    fn from(x: i128) -> Self {
        let mut limbs = Vec::new();
        let mut rest = x.unsigned_abs();
        while rest > 0 {
            limbs.push(u32::try_from(rest & u128::from(u32::MAX)).unwrap_or(0));
            rest >>= LIMB_BITS;
        }
        Self::new(x < 0, limbs)
    }
}

fn compare(a: &[u32], b: &[u32]) -> Ordering {
    a.len().cmp(&b.len()).then_with(|| a.iter().rev().cmp(b.iter().rev()))
}

fn add(a: &[u32], b: &[u32]) -> Vec<u32> {
    let (long, short) = if a.len() >= b.len() { (a, b) } else { (b, a) };
    let mut carry = 0u64;
    let mut out: Vec<u32> = Vec::with_capacity(long.len() + 1);
    for (x, y) in long.iter().zip(short.iter().chain(std::iter::repeat(&0))) {
        let sum = u64::from(*x) + u64::from(*y) + carry;
        out.push(low(sum));
        carry = sum >> LIMB_BITS;
    }
    out.push(low(carry));
    out
}

/// `a - b`, where `a` is not smaller.
fn subtract(a: &[u32], b: &[u32]) -> Vec<u32> {
    let mut borrow = 0u32;
    let mut out = Vec::with_capacity(a.len());
    for (x, y) in a.iter().zip(b.iter().chain(std::iter::repeat(&0))) {
        let (once, under) = x.overflowing_sub(*y);
        let (twice, under_again) = once.overflowing_sub(borrow);
        out.push(twice);
        borrow = u32::from(under || under_again);
    }
    out
}

/// Quotient and remainder, bit by bit: sizes are bounded, and long divisors are rare.
fn divide(a: &[u32], b: &[u32]) -> (Vec<u32>, Vec<u32>) {
    if let [single] = b {
        let mut rest = 0u64;
        let mut out = vec![0; a.len()];
        for (slot, limb) in out.iter_mut().zip(a).rev() {
            let wide = rest << LIMB_BITS | u64::from(*limb);
            *slot = low(wide / u64::from(*single));
            rest = wide % u64::from(*single);
        }
        return (out, vec![low(rest)]);
    }
    let mut quotient = vec![0u32; a.len()];
    let mut rest = Int::default();
    let divisor = Int::new(false, b.to_vec());
    for (i, limb) in a.iter().enumerate().rev() {
        for bit in (0..32u32).rev() {
            rest = rest.shift_left(1);
            if limb >> bit & 1 == 1 {
                rest = rest.add(&Int::from(1u64));
            }
            if rest >= divisor {
                rest = rest.sub(&divisor);
                if let Some(slot) = quotient.get_mut(i) {
                    *slot |= 1 << bit;
                }
            }
        }
    }
    (quotient, rest.limbs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn int(text: &str) -> Int {
        Int::parse(text).unwrap()
    }

    #[test]
    fn arithmetic_is_that_of_machine_words_where_those_reach() {
        let samples: Vec<i64> =
            vec![0, 1, -1, 2, 7, -7, 10, 4_294_967_295, 4_294_967_296, -4_294_967_297, i64::MAX, i64::MIN];
        for a in &samples {
            assert_eq!(Int::from(*a).to_i64(), Some(*a));
            assert_eq!(Int::from(*a).to_string(), a.to_string());
            assert_eq!(int(&a.to_string()), Int::from(*a));
            for b in &samples {
                let (x, y, big) = (i128::from(*a), i128::from(*b), |v: i128| Int::from(v));
                assert_eq!(Int::from(*a).add(&Int::from(*b)), big(x + y));
                assert_eq!(Int::from(*a).sub(&Int::from(*b)), big(x - y));
                assert_eq!(Int::from(*a).mul(&Int::from(*b)), big(x * y));
                assert_eq!(Int::from(*a).cmp(&Int::from(*b)), a.cmp(b));
                if y != 0 {
                    let floor = x.div_euclid(y) - i128::from(y < 0 && x.rem_euclid(y) != 0);
                    let divided = Int::from(*a).divide(&Int::from(*b)).unwrap();
                    assert_eq!(divided, (big(floor), big(x - floor * y)), "{a} / {b}");
                }
            }
        }
    }

    #[test]
    fn large_numbers_keep_every_digit() {
        let text = "-57896044618658097711785492504343953926634992332820282019728792003956564819968";
        assert_eq!(int(text).to_string(), text);
        assert_eq!(int("2").pow(255).unwrap().negate().to_string(), text);
        let (quotient, rest) = int(text).divide(&int("340282366920938463463374607431768211457")).unwrap();
        assert_eq!(
            quotient.mul(&int("340282366920938463463374607431768211457")).add(&rest).to_string(),
            text
        );
        assert!(int("10").pow(100_000).is_none());
        assert_eq!(int("-1").pow(3).unwrap(), int("-1"));
        assert_eq!(int("0").pow(0).unwrap(), int("1"));
        assert_eq!(Int::from_f64(1e23).unwrap().to_string(), "99999999999999991611392");
        assert_eq!(int("255").to_radix(16), "ff");
        assert_eq!(int("0").to_radix(2), "0");
        assert_eq!(int("9007199254740993").compare_f64(9_007_199_254_740_992.0), Some(Ordering::Greater));
        assert_eq!(int("-1").compare_f64(-1.5), Some(Ordering::Greater));
    }
}
