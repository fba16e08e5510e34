//! Sets of values of one type, each as 16 bytes: numbers and texts of up to 15 bytes as they are, longer ones as a digest. Two that
//! differ are the same only when SipHash finds them so, which happens once in 10^38 pairs.

use crate::column::Cell;
use siphasher::sip128::{Hasher128, SipHasher13};
use std::collections::HashSet;
use std::hash::Hasher;

/// Digests have the highest bit; nothing else does.
const DIGEST: u128 = 1 << 127;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Distinct(pub HashSet<u128>);

impl Distinct {
    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes the values of another set in, by way of the larger one.
    pub fn merge(&mut self, other: &Self) {
        if other.len() > self.len() {
            let smaller = std::mem::replace(&mut self.0, other.0.clone());
            self.0.extend(smaller);
        } else {
            self.0.extend(&other.0);
        }
    }
}

/// What stands for a value in a set. As boxed numbers in Java, -0.0 and 0.0 differ and all NaN are one. None for what is no scalar.
pub fn token(cell: Cell<'_>) -> Option<u128> {
    match cell {
        Cell::Int(x) => Some(u128::from(x.cast_unsigned())),
        Cell::Real(x) if x.is_nan() => Some(u128::from(f64::NAN.to_bits())),
        Cell::Real(x) => Some(u128::from(x.to_bits())),
        Cell::Text(text) => Some(bytes_token(text.as_bytes())),
        Cell::Bytes(bytes) => Some(bytes_token(bytes)),
        _ => None,
    }
}

fn bytes_token(bytes: &[u8]) -> u128 {
    let mut short = [0; 16];
    match short.get_mut(..bytes.len()) {
        Some(place) if bytes.len() < 16 => {
            place.copy_from_slice(bytes);
            // The length too: a text may end in zeros.
            short[15] = bytes.len().to_le_bytes()[0];
            u128::from_le_bytes(short)
        }
        _ => {
            let mut hasher = SipHasher13::new();
            hasher.write(bytes);
            hasher.finish128().as_u128() | DIGEST
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_differ_have_tokens_that_differ() {
        let texts = ["", "\0", "\0\0", "a", "a\0", "fifteen letters", "sixteen letters!", "sixteen letters?"];
        let tokens: HashSet<_> = texts.iter().filter_map(|t| token(Cell::Text(t))).collect();
        assert_eq!(tokens.len(), texts.len());
        let reals = [0.0, -0.0, 1.0, f64::NAN, -f64::NAN, f64::INFINITY];
        assert_eq!(reals.iter().filter_map(|x| token(Cell::Real(*x))).collect::<HashSet<_>>().len(), 5);
    }
}
