//! Numbers: ClickHouse's casts, text of floats, rounding, and integer division.
#![expect(clippy::cast_possible_truncation, reason = "wrapping casts are what this file is for")]
#![expect(clippy::cast_sign_loss, reason = "wrapping casts are what this file is for")]
#![expect(clippy::cast_possible_wrap, reason = "wrapping casts are what this file is for")]

use super::frame::{
    Answered, F32, F64, I8, I16, I32, I64, Kernel, KernelError, Text, U8, U16, U32, U64, kernel,
};

/// Shortest digits, plain from 1e-6 to below 1e21, as `toString` of a float prints them. `shortest` is Ryu's
/// spelling: `-1.5e-7` or `12.0`. Of two shortest texts that are equally near Ryu and ClickHouse take the even.
fn plain(shortest: &str) -> String {
    let (mantissa, exponent) = shortest.split_once('e').unwrap_or((shortest, "0"));
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |rest| ("-", rest));
    let (before, after) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{before}{after}");
    let digits = all.trim_start_matches('0');
    // The power of ten of the first digit.
    let exponent =
        exponent.parse().unwrap_or(0) + before.len() as i32 - 1 - (all.len() - digits.len()) as i32;
    let digits = digits.trim_end_matches('0');
    let zeros = |count: i32| "0".repeat(usize::try_from(count).unwrap_or(0));
    if digits.is_empty() {
        return format!("{sign}0");
    }
    if !(-6..21).contains(&exponent) {
        let (first, rest) = digits.split_at_checked(1).unwrap_or((digits, ""));
        let point = if rest.is_empty() { "" } else { "." };
        return format!("{sign}{first}{point}{rest}e{exponent}");
    }
    if exponent < 0 {
        return format!("{sign}0.{}{digits}", zeros(-exponent - 1));
    }
    match digits.split_at_checked(usize::try_from(exponent + 1).unwrap_or(1)) {
        Some((before, "")) => format!("{sign}{before}"),
        Some((before, after)) => format!("{sign}{before}.{after}"),
        None => format!("{sign}{digits}{}", zeros(exponent + 1 - digits.len() as i32)),
    }
}

pub fn float_text(value: f64) -> String {
    match value {
        _ if value.is_nan() => "nan".to_owned(),
        _ if value.is_infinite() => if value > 0.0 { "inf" } else { "-inf" }.to_owned(),
        _ => plain(ryu::Buffer::new().format_finite(value)),
    }
}

fn float32_text(value: f32) -> String {
    if value.is_finite() {
        plain(ryu::Buffer::new().format_finite(value))
    } else {
        float_text(f64::from(value))
    }
}

/// x86's conversion: what does not fit is the smallest number, and narrow types wrap from 32 bits.
fn to_i64(value: f64) -> i64 {
    if (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&value) {
        value as i64
    } else {
        i64::MIN
    }
}

fn to_i32(value: f64) -> i32 {
    if value > -2_147_483_649.0 && value < 2_147_483_648.0 { value as i32 } else { i32::MIN }
}

fn to_u64(value: f64) -> u64 {
    if value < 9_223_372_036_854_775_808.0 {
        return to_i64(value) as u64;
    }
    (to_i64(value - 9_223_372_036_854_775_808.0) as u64) | (1 << 63)
}

fn finite(value: f64) -> Answered<f64> {
    if value.is_finite() {
        Ok(value)
    } else {
        Err(KernelError::new(70, "unexpected inf or nan to integer conversion"))
    }
}

fn not_number(text: &str, what: &str) -> KernelError {
    KernelError::text(format!("cannot parse string '{text}' as {what}"))
}

/// An integer's text: a sign, digits. The digits wrap in 64 bits.
fn integer(text: &str) -> Option<(bool, u64, bool)> {
    let bytes = text.as_bytes();
    let (negative, digits) = match bytes {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, bytes),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let mut overflow = false;
    let value = digits.iter().fold(0_u64, |sum, digit| {
        let digit = u64::from(digit - b'0');
        overflow |= sum.checked_mul(10).and_then(|sum| sum.checked_add(digit)).is_none();
        sum.wrapping_mul(10).wrapping_add(digit)
    });
    Some((negative, value, overflow))
}

/// Strict, wrapping in 64 bits; the caller's cast wraps on.
fn wrapped(text: &str, what: &str) -> Answered<i64> {
    let (negative, value, _) = integer(text).ok_or_else(|| not_number(text, what))?;
    let value = value as i64;
    Ok(if negative { value.wrapping_neg() } else { value })
}

/// The same for types without a sign, which refuse one.
fn unsigned(text: &str, what: &str) -> Answered<u64> {
    let found = integer(text).filter(|_| !text.starts_with('-'));
    found.map(|(_, value, _)| value).ok_or_else(|| not_number(text, what))
}

/// In range of the type, or nothing.
fn within(text: &str, low: i128, high: i128) -> Option<i128> {
    let (negative, value, overflow) = integer(text)?;
    let value = if negative { -i128::from(value) } else { i128::from(value) };
    // Types without a sign refuse one, even before a zero.
    let refused = overflow || (negative && low == 0);
    (!refused && (low..=high).contains(&value)).then_some(value)
}

/// A float's text: digits with at most one point and an exponent, or a name.
fn float(text: &str) -> Option<f64> {
    let (sign, rest) = match text.as_bytes().first()? {
        b'-' => (-1.0, text.get(1..)?),
        b'+' => (1.0, text.get(1..)?),
        _ => (1.0, text),
    };
    if ["inf", "infinity"].iter().any(|name| name.eq_ignore_ascii_case(rest)) {
        return Some(sign * f64::INFINITY);
    }
    if rest.eq_ignore_ascii_case("nan") {
        return Some(f64::NAN.copysign(sign));
    }
    let valid =
        rest.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-'));
    let starts = rest.bytes().next().is_some_and(|byte| byte.is_ascii_digit() || byte == b'.');
    if !valid || !starts {
        return None;
    }
    rest.parse::<f64>().ok().map(|value| sign * value)
}

#[derive(Clone, Copy)]
enum Rounding {
    HalfEven,
    Down,
    Up,
    Zero,
}

impl Rounding {
    fn whole(self, value: f64) -> f64 {
        match self {
            Self::HalfEven => value.round_ties_even(),
            Self::Down => value.floor(),
            Self::Up => value.ceil(),
            Self::Zero => value.trunc(),
        }
    }

    fn float(self, value: f64, digits: i64) -> f64 {
        let scale = 10_f64.powi(digits.unsigned_abs().min(400) as i32);
        match digits {
            0 => self.whole(value),
            1.. => self.whole(value * scale) / scale,
            _ => self.whole(value / scale) * scale,
        }
    }

    fn float32(self, value: f32, digits: i64) -> f32 {
        let scale = 10_f64.powi(digits.unsigned_abs().min(400) as i32) as f32;
        match digits {
            0 => self.whole(f64::from(value)) as f32,
            1.. => self.whole(f64::from(value * scale)) as f32 / scale,
            _ => self.whole(f64::from(value / scale)) as f32 * scale,
        }
    }

    fn integer(self, value: i64, digits: i64) -> i64 {
        if digits >= 0 {
            return value;
        }
        let Some(scale) =
            u32::try_from(digits.unsigned_abs()).ok().and_then(|digits| 10_i64.checked_pow(digits))
        else {
            return 0;
        };
        let (down, rest) = (value.wrapping_sub(value.rem_euclid(scale)), value.rem_euclid(scale));
        let up = down.wrapping_add(scale);
        match self {
            _ if rest == 0 => value,
            Self::Down => down,
            Self::Up => up,
            Self::Zero => {
                if value < 0 {
                    up
                } else {
                    down
                }
            }
            // Of integers the half goes away from zero.
            Self::HalfEven if rest * 2 > scale || (rest * 2 == scale && value > 0) => up,
            Self::HalfEven => down,
        }
    }
}

fn division() -> KernelError {
    KernelError::new(153, "division by zero")
}

fn gcd(a: u64, b: u64) -> u64 {
    let (mut a, mut b) = (a, b);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// Bits behind the point in the sum of two weighted numbers.
const POINT: u32 = 63;

/// The 64 leading bits, as the wide floats of the processor keep them: the nearest such number, of two the even one.
const fn rounded(n: i128) -> i128 {
    let magnitude = n.unsigned_abs();
    let extra = (128 - magnitude.leading_zeros()).saturating_sub(64);
    if extra == 0 {
        return n;
    }
    let (kept, rest) = (magnitude >> extra, magnitude & ((1 << extra) - 1));
    let half = 1 << (extra - 1);
    let up = rest > half || (rest == half && kept & 1 == 1);
    let found = (kept + up as u128) << extra;
    if n < 0 { -(found as i128) } else { found as i128 }
}

/// `left * (1 - weight) + right * weight` without what is behind the point.
fn between(left: i64, right: i64, weight: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "a weight is between 0 and 1")]
    let weight = (weight * f64::powi(2.0, POINT as i32)) as i128;
    let product = |n: i64, weight: i128| rounded(i128::from(n) * weight);
    let sum = rounded(product(left, (1 << POINT) - weight) + product(right, weight));
    i64::try_from(sum / (1 << POINT)).unwrap_or_default()
}

pub const TEXT: &[Kernel] = &[
    kernel!("ch_f64_text", (value: F64) -> Text, float_text(value)),
    kernel!("ch_f32_text", (value: F32) -> Text, float32_text(value)),
    kernel!("ch_text_i8", (text: Text) -> I8, wrapped(text, "Int8")? as i8),
    kernel!("ch_text_i16", (text: Text) -> I16, wrapped(text, "Int16")? as i16),
    kernel!("ch_text_i32", (text: Text) -> I32, wrapped(text, "Int32")? as i32),
    kernel!("ch_text_i64", (text: Text) -> I64, wrapped(text, "Int64")?),
    kernel!("ch_text_u8", (text: Text) -> U8, unsigned(text, "UInt8")? as u8),
    kernel!("ch_text_u16", (text: Text) -> U16, unsigned(text, "UInt16")? as u16),
    kernel!("ch_text_u32", (text: Text) -> U32, unsigned(text, "UInt32")? as u32),
    kernel!("ch_text_u64", (text: Text) -> U64, unsigned(text, "UInt64")?),
    kernel!("ch_text_f64", (text: Text) -> F64, float(text).ok_or_else(|| not_number(text, "Float64"))?),
    kernel!("ch_text_i8_or_null", (text: Text) -> I8, within(text, -128, 127).map(|v| v as i8)),
    kernel!("ch_text_i16_or_null", (text: Text) -> I16, within(text, i16::MIN.into(), i16::MAX.into()).map(|v| v as i16)),
    kernel!("ch_text_i32_or_null", (text: Text) -> I32, within(text, i32::MIN.into(), i32::MAX.into()).map(|v| v as i32)),
    kernel!("ch_text_i64_or_null", (text: Text) -> I64, within(text, i64::MIN.into(), i64::MAX.into()).map(|v| v as i64)),
    kernel!("ch_text_u8_or_null", (text: Text) -> U8, within(text, 0, 255).map(|v| v as u8)),
    kernel!("ch_text_u16_or_null", (text: Text) -> U16, within(text, 0, 65_535).map(|v| v as u16)),
    kernel!("ch_text_u32_or_null", (text: Text) -> U32, within(text, 0, u32::MAX.into()).map(|v| v as u32)),
    kernel!("ch_text_u64_or_null", (text: Text) -> U64, within(text, 0, u64::MAX.into()).map(|v| v as u64)),
    kernel!("ch_text_f64_or_null", (text: Text) -> F64, float(text)),
];

pub const CAST: &[Kernel] = &[
    kernel!("ch_wrap_i64_i8", (value: I64) -> I8, value as i8),
    kernel!("ch_wrap_i64_i16", (value: I64) -> I16, value as i16),
    kernel!("ch_wrap_i64_i32", (value: I64) -> I32, value as i32),
    kernel!("ch_wrap_i64_u8", (value: I64) -> U8, value as u8),
    kernel!("ch_wrap_i64_u16", (value: I64) -> U16, value as u16),
    kernel!("ch_wrap_i64_u32", (value: I64) -> U32, value as u32),
    kernel!("ch_wrap_i64_u64", (value: I64) -> U64, value as u64),
    kernel!("ch_wrap_u64_i64", (value: U64) -> I64, value as i64),
    kernel!("ch_wrap_f64_i8", (value: F64) -> I8, to_i32(finite(value)?) as i8),
    kernel!("ch_wrap_f64_i16", (value: F64) -> I16, to_i32(finite(value)?) as i16),
    kernel!("ch_wrap_f64_i32", (value: F64) -> I32, to_i32(finite(value)?)),
    kernel!("ch_wrap_f64_i64", (value: F64) -> I64, to_i64(finite(value)?)),
    kernel!("ch_wrap_f64_u8", (value: F64) -> U8, to_i32(finite(value)?) as u8),
    kernel!("ch_wrap_f64_u16", (value: F64) -> U16, to_i32(finite(value)?) as u16),
    kernel!("ch_wrap_f64_u32", (value: F64) -> U32, to_i64(finite(value)?) as u32),
    kernel!("ch_between", (left: I64, right: I64, weight: F64) -> I64, between(left, right, weight)),
    kernel!("ch_bits_f64", (value: F64) -> U64, value.to_bits()),
    kernel!("ch_bits_f32", (value: F32) -> U32, value.to_bits()),
    kernel!("ch_wrap_f64_u64", (value: F64) -> U64, to_u64(finite(value)?)),
];

pub const ROUND: &[Kernel] = &[
    kernel!("ch_round_f64", (value: F64, digits: I64) -> F64, Rounding::HalfEven.float(value, digits)),
    kernel!("ch_floor_f64", (value: F64, digits: I64) -> F64, Rounding::Down.float(value, digits)),
    kernel!("ch_ceil_f64", (value: F64, digits: I64) -> F64, Rounding::Up.float(value, digits)),
    kernel!("ch_trunc_f64", (value: F64, digits: I64) -> F64, Rounding::Zero.float(value, digits)),
    kernel!("ch_round_f32", (value: F32, digits: I64) -> F32, Rounding::HalfEven.float32(value, digits)),
    kernel!("ch_floor_f32", (value: F32, digits: I64) -> F32, Rounding::Down.float32(value, digits)),
    kernel!("ch_ceil_f32", (value: F32, digits: I64) -> F32, Rounding::Up.float32(value, digits)),
    kernel!("ch_round_i64", (value: I64, digits: I64) -> I64, Rounding::HalfEven.integer(value, digits)),
    kernel!("ch_floor_i64", (value: I64, digits: I64) -> I64, Rounding::Down.integer(value, digits)),
    kernel!("ch_ceil_i64", (value: I64, digits: I64) -> I64, Rounding::Up.integer(value, digits)),
    kernel!("ch_trunc_i64", (value: I64, digits: I64) -> I64, Rounding::Zero.integer(value, digits)),
];

pub const DIVIDE: &[Kernel] = &[
    kernel!("ch_int_div", (a: I64, b: I64) -> I64, a.checked_div(b).ok_or_else(division)?),
    kernel!("ch_int_div_u64", (a: U64, b: U64) -> U64, a.checked_div(b).ok_or_else(division)?),
    kernel!("ch_int_div_f64", (a: F64, b: F64) -> I64, {
        let quotient = a / b;
        if b == 0.0 || !quotient.is_finite() { return Err(division()) }
        to_i64(quotient)
    }),
    kernel!("ch_int_div_or_zero", (a: I64, b: I64) -> I64, a.checked_div(b).unwrap_or(0)),
    kernel!("ch_int_div_or_zero_u64", (a: U64, b: U64) -> U64, a.checked_div(b).unwrap_or(0)),
    kernel!("ch_modulo", (a: I64, b: I64) -> I64, if b == 0 { return Err(division()) } else { a.wrapping_rem(b) }),
    kernel!("ch_modulo_u64", (a: U64, b: U64) -> U64, a.checked_rem(b).ok_or_else(division)?),
    kernel!("ch_modulo_or_zero", (a: I64, b: I64) -> I64, if b == 0 { 0 } else { a.wrapping_rem(b) }),
    kernel!("ch_positive_modulo", (a: I64, b: I64) -> I64, {
        if b == 0 { return Err(division()) }
        a.wrapping_rem_euclid(b)
    }),
    kernel!("ch_gcd", (a: I64, b: I64) -> I64, {
        if a == 0 || b == 0 {
            return Err(division());
        }
        gcd(a.unsigned_abs(), b.unsigned_abs()) as i64
    }),
    kernel!("ch_lcm", (a: I64, b: I64) -> I64, {
        let (a, b) = (a.unsigned_abs(), b.unsigned_abs());
        if a == 0 || b == 0 {
            return Err(division());
        }
        (a / gcd(a, b)).wrapping_mul(b) as i64
    }),
];
