//! Numbers as they are written, without a float between the text and an integer or a decimal.

/// A sign and digits, as a cast reads them: `+` and leading zeros are allowed, a point is not.
#[inline]
pub(super) fn integer(text: &[u8]) -> Option<(bool, u128)> {
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    if digits.is_empty() {
        return None;
    }
    if digits.len() <= 18 {
        let mut value = 0_u64;
        for byte in digits {
            let digit = byte.wrapping_sub(b'0');
            if digit > 9 {
                return None;
            }
            value = value * 10 + u64::from(digit);
        }
        return Some((negative, u128::from(value)));
    }
    let mut value = 0_u128;
    for byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value.checked_mul(10)?.checked_add(u128::from(digit))?;
    }
    Some((negative, value))
}

/// A float of either width. Texts may also be `nan` and `inf`, in any case.
pub(super) fn float<T: std::str::FromStr>(text: &[u8]) -> Option<T> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// A decimal with `scale` digits after the point; more digits are cut off, as ClickHouse does. `None` when it does not
/// fit `precision` or is no number.
pub(super) fn decimal(text: &[u8], precision: u8, scale: u8) -> Option<i128> {
    let (negative, text) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    let end = text.iter().position(|byte| matches!(byte, b'e' | b'E')).unwrap_or(text.len());
    let (mantissa, exponent) = text.split_at_checked(end)?;
    let exponent = match exponent.split_first() {
        Some((_, digits)) => exponent_of(digits)?,
        None => 0,
    };
    let point = mantissa.iter().position(|byte| *byte == b'.');
    let digits = mantissa.iter().filter(|byte| **byte != b'.');
    let count = digits.clone().count();
    if mantissa.len() - count > 1 {
        return None;
    }
    if count == 0 || !digits.clone().all(u8::is_ascii_digit) {
        return None;
    }
    let zeros = digits.clone().take_while(|byte| **byte == b'0').count();
    if zeros == count {
        return Some(0);
    }
    // How many digits the result has: those before the point, moved by the exponent, and the scale.
    let whole = i64::try_from(point.unwrap_or(count)).ok()? - i64::try_from(zeros).ok()? + exponent;
    let kept = whole + i64::from(scale);
    if kept > i64::from(precision) {
        return None;
    }
    let kept = usize::try_from(kept.max(0)).ok()?;
    let mut value = 0_i128;
    for digit in digits.skip(zeros).map(|byte| i128::from(byte - b'0')).chain(std::iter::repeat(0)).take(kept)
    {
        value = value * 10 + digit;
    }
    Some(if negative { -value } else { value })
}

/// Exponents beyond any type count as the end of what there is.
fn exponent_of(text: &[u8]) -> Option<i64> {
    let (negative, magnitude) = integer(text.get(..text.len().min(30))?)?;
    let magnitude = i64::try_from(magnitude).unwrap_or(i64::MAX).min(1_000_000_000);
    Some(if negative { -magnitude } else { magnitude })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_exact() {
        assert_eq!(integer(b"-0"), Some((true, 0)));
        assert_eq!(integer(b"+007"), Some((false, 7)));
        assert_eq!(integer(b"18446744073709551616"), Some((false, 1 << 64)));
        assert_eq!(integer(b"340282366920938463463374607431768211456"), None);
        for text in ["", "-", "1.0", "1e2", " 1", "1 ", "0x1"] {
            assert_eq!(integer(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn decimals_are_cut_and_bounded() {
        let cases = [
            ("1", Some(100)),
            ("1.5", Some(150)),
            ("1.999", Some(199)),
            ("-1.999", Some(-199)),
            ("-0.009", Some(0)),
            ("1e2", Some(10_000)),
            ("1e-3", Some(0)),
            ("0.0001e4", Some(100)),
            ("99999999.99", Some(9_999_999_999)),
            ("99999999.999", Some(9_999_999_999)),
            ("100000000", None),
            ("0e999999999999999999999999999999", Some(0)),
            ("0e99999", Some(0)),
            ("1e99999", None),
            ("1e-99999", Some(0)),
            (".5", Some(50)),
            ("5.", Some(500)),
            ("", None),
            (".", None),
            ("1.2.3", None),
            ("1e", None),
            ("abc", None),
        ];
        for (text, want) in cases {
            assert_eq!(decimal(text.as_bytes(), 10, 2), want, "{text}");
        }
        assert_eq!(decimal(b"0.123456789012345678", 18, 18), Some(123_456_789_012_345_678));
        assert_eq!(decimal(b"99999999999999999999999999999999999999", 38, 0), Some(10_i128.pow(38) - 1));
    }
}
