//! Bytes found, eight at a time.

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// The bytes that are 0, as their highest bits; above the first one there may be wrong bits.
const fn zeros(word: u64) -> u64 {
    word.wrapping_sub(ONES) & !word & HIGHS
}

/// Where one of two bytes is, from a place on; the length if nowhere. Eight bytes at a time.
#[inline]
pub(super) fn find_either(bytes: &[u8], from: usize, a: u8, b: u8) -> usize {
    let (wide_a, wide_b) = (ONES * u64::from(a), ONES * u64::from(b));
    let mut at = from;
    while let Some(word) = bytes.get(at..).and_then(<[u8]>::first_chunk::<8>) {
        let word = u64::from_le_bytes(*word);
        let found = zeros(word ^ wide_a) | zeros(word ^ wide_b);
        if found != 0 {
            return at + found.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().position(|byte| *byte == a || *byte == b).unwrap_or(rest.len())
}

/// Where a byte is, from a place on.
#[inline]
pub(super) fn find(bytes: &[u8], from: usize, wanted: u8) -> Option<usize> {
    let wide = ONES * u64::from(wanted);
    let mut at = from;
    while let Some(word) = bytes.get(at..).and_then(<[u8]>::first_chunk::<8>) {
        let found = zeros(u64::from_le_bytes(*word) ^ wide);
        if found != 0 {
            return Some(at + found.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    bytes.get(at..)?.iter().position(|byte| *byte == wanted).map(|found| at + found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_found_at_every_distance() {
        for n in 0..40 {
            let text = format!("{}\"{}", "x".repeat(n), "\\\"".repeat(9));
            assert_eq!(find_either(text.as_bytes(), 0, b'"', b'\\'), n);
            assert_eq!(find(text.as_bytes(), 0, b'"'), Some(n));
            assert_eq!(find(text.as_bytes(), 0, b'!'), None);
            assert_eq!(find_either(text.as_bytes(), 0, b'!', b'?'), text.len());
        }
    }
}
