//! Numbers as ClickHouse prints them.
//!
//! Floats are printed in the shortest form that reads back as the same value, with the layout of the
//! `double-conversion` library: no fraction where there is none, an exponent from 1e21 and below 1e-6.

use crate::kernels::readable::QUANTITY;

/// Appends an integer.
pub(crate) fn integer<T: itoa::Integer>(value: T, out: &mut Vec<u8>) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

/// Up to here every whole number is exact in a float, so that it can be printed as an integer.
const WHOLE_MAX: f64 = 9_007_199_254_740_992.0;

/// Appends a float; `nan`, `inf` and `-inf` as such.
pub(crate) fn float64(value: f64, out: &mut Vec<u8>) {
    if !value.is_finite() {
        return out.extend_from_slice(denormal(value).as_bytes());
    }
    if value.abs() < WHOLE_MAX && value.fract() == 0.0 {
        return whole(value, out);
    }
    layout(ryu::Buffer::new().format_finite(value).as_bytes(), out);
}

/// Appends a float of 32 bits, in the digits that identify it among those.
pub(crate) fn float32(value: f32, out: &mut Vec<u8>) {
    if !value.is_finite() {
        return out.extend_from_slice(denormal(f64::from(value)).as_bytes());
    }
    if value.abs() < 16_777_216.0 && value.fract() == 0.0 {
        return whole(f64::from(value), out);
    }
    layout(ryu::Buffer::new().format_finite(value).as_bytes(), out);
}

fn denormal(value: f64) -> &'static str {
    if value.is_nan() {
        "nan"
    } else if value > 0.0 {
        "inf"
    } else {
        "-inf"
    }
}

fn whole(value: f64, out: &mut Vec<u8>) {
    if value == 0.0 && value.is_sign_negative() {
        return out.extend_from_slice(b"-0");
    }
    #[expect(clippy::cast_possible_truncation, reason = "the callers admit only whole numbers below 2^53")]
    integer(value as i64, out);
}

/// Turns ryu's text (`1.0`, `0.5`, `1.5e-7`, `1e300`) into ClickHouse's.
fn layout(text: &[u8], out: &mut Vec<u8>) {
    let Some(e) = text.iter().position(|&b| b == b'e') else {
        return out.extend_from_slice(text.strip_suffix(b".0").unwrap_or(text));
    };
    let (mantissa, exponent) = (text.get(..e).unwrap_or(text), text.get(e + 1..).unwrap_or(b"0"));
    let exponent = std::str::from_utf8(exponent).ok().and_then(|s| s.parse::<i32>().ok()).unwrap_or(0);
    if !(-6..21).contains(&exponent) {
        return out.extend_from_slice(text);
    }
    let mantissa = match mantissa.strip_prefix(b"-") {
        Some(rest) => {
            out.push(b'-');
            rest
        }
        None => mantissa,
    };
    let digits = mantissa.iter().filter(|&&b| b != b'.');
    let count = digits.clone().count();
    if exponent < 0 {
        out.extend_from_slice(b"0.");
        out.resize(out.len() + exponent.unsigned_abs() as usize - 1, b'0');
        return out.extend(digits);
    }
    let before = exponent.unsigned_abs() as usize + 1;
    out.extend(digits.clone().take(before));
    if count < before {
        out.resize(out.len() + before - count, b'0');
    } else if count > before {
        out.push(b'.');
        out.extend(digits.skip(before));
    }
}

/// Appends a decimal of the given scale, without the zeros at the end of its fraction unless they are asked for.
pub(crate) fn decimal(value: i128, scale: usize, trailing_zeros: bool, out: &mut Vec<u8>) {
    if value < 0 {
        out.push(b'-');
    }
    let mut buffer = itoa::Buffer::new();
    decimal_digits(buffer.format(value.unsigned_abs()).as_bytes(), scale, trailing_zeros, out);
}

/// The same for digits without sign and point.
fn decimal_digits(digits: &[u8], scale: usize, trailing_zeros: bool, out: &mut Vec<u8>) {
    let split = digits.len().saturating_sub(scale);
    let (before, after) = digits.split_at(split);
    out.extend_from_slice(if before.is_empty() { b"0" } else { before });
    let start = out.len();
    out.push(b'.');
    out.resize(out.len() + scale - after.len(), b'0');
    out.extend_from_slice(after);
    if !trailing_zeros {
        trim_zeros(start, out);
    } else if scale == 0 {
        out.truncate(start);
    }
}

/// Removes the zeros at the end of the fraction that starts with the point at `start`, and the point if it is alone.
fn trim_zeros(start: usize, out: &mut Vec<u8>) {
    while out.len() > start && matches!(out.last(), Some(b'0')) {
        out.pop();
    }
    if out.len() == start + 1 {
        out.pop();
    }
}

/// Appends a decimal that comes as text with or without a point (more than 38 digits).
pub(crate) fn decimal_text(text: &[u8], trailing_zeros: bool, out: &mut Vec<u8>) {
    let start = out.len();
    out.extend_from_slice(text);
    if !trailing_zeros && let Some(point) = text.iter().position(|&b| b == b'.') {
        trim_zeros(start + point, out);
    }
}

/// The two's complement of a decimal number of up to 256 bits, lowest byte first; what is no digit is passed over.
pub(crate) fn wide(text: &[u8]) -> [u8; 32] {
    let mut limbs = [0_u64; 4];
    for digit in text.iter().filter(|b| b.is_ascii_digit()) {
        let mut carry = u128::from(digit - b'0');
        for limb in &mut limbs {
            let sum = u128::from(*limb) * 10 + carry;
            *limb = low(sum);
            carry = sum >> 64;
        }
    }
    if text.first() == Some(&b'-') {
        let mut carry = true;
        for limb in &mut limbs {
            (*limb, carry) = (!*limb).overflowing_add(u64::from(carry));
        }
    }
    let mut bytes = [0; 32];
    for (chunk, limb) in bytes.chunks_exact_mut(8).zip(limbs) {
        chunk.copy_from_slice(&limb.to_le_bytes());
    }
    bytes
}

#[expect(clippy::cast_possible_truncation, reason = "the low half is what is asked for")]
const fn low(value: u128) -> u64 {
    value as u64
}

/// A quantity for people, as `1.23 million`.
pub(crate) fn readable(value: f64, out: &mut Vec<u8>) {
    /// From here on there is no fixed number of digits.
    const FIXED_MAX: f64 = 1e60;
    let (mut value, mut unit) = (value, 0);
    while value.abs() >= 1000.0 && unit + 1 < QUANTITY.len() {
        value /= 1000.0;
        unit += 1;
    }
    if value.abs() >= FIXED_MAX {
        float64(value, out);
    } else {
        // Rust rounds a half to the even digit, ClickHouse away from zero; only eighths can be such halves.
        let nudge = if (value * 8.0).fract() == 0.0 { 0.001_f64.copysign(value) } else { 0.0 };
        out.extend_from_slice(format!("{:.2}", value + nudge).as_bytes());
    }
    out.extend_from_slice(QUANTITY.get(unit).copied().unwrap_or_default().as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(write: impl Fn(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn floats() {
        for (value, expected) in [
            (1.0, "1"),
            (-0.0, "-0"),
            (1.5, "1.5"),
            (1e20, "100000000000000000000"),
            (1.5e20, "150000000000000000000"),
            (1e21, "1e21"),
            (1.5e-7, "1.5e-7"),
            (1e-6, "0.000001"),
            (-1.25e-6, "-0.00000125"),
            (1e-5, "0.00001"),
            (9_007_199_254_740_993.0, "9007199254740992"),
            (f64::MAX, "1.7976931348623157e308"),
            (f64::NAN, "nan"),
            (f64::NEG_INFINITY, "-inf"),
        ] {
            assert_eq!(text(|out| float64(value, out)), expected);
        }
        assert_eq!(text(|out| float32(0.1, out)), "0.1");
        assert_eq!(text(|out| float32(1e20, out)), "100000000000000000000");
    }

    #[test]
    fn decimals() {
        for (value, scale, zeros, expected) in [
            (150, 2, false, "1.5"),
            (150, 2, true, "1.50"),
            (100, 2, false, "1"),
            (-5, 3, false, "-0.005"),
            (0, 3, false, "0"),
            (120, 0, false, "120"),
            (120, 0, true, "120"),
        ] {
            assert_eq!(text(|out| decimal(value, scale, zeros, out)), expected);
        }
        assert_eq!(text(|out| decimal_text(b"-1.50", false, out)), "-1.5");
    }

    #[test]
    fn wide_numbers() {
        assert_eq!(wide(b"-1"), [255; 32]);
        assert_eq!(wide(b"258")[..3], [2, 1, 0]);
        assert_eq!(
            wide(b"115792089237316195423570985008687907853269984665640564039457584007913129639935"),
            [255; 32]
        );
    }
}
