//! One array item as JSON, as text, or as a number. `bytes` is a C-order buffer of `dtype` items.

use std::io::Write;
use tile_base::dtype::ScalarType;
use tile_base::{DType, Endian};

fn fixed<const N: usize>(scalar: &ScalarType, item: &[u8]) -> [u8; N] {
    let mut out = [0u8; N];
    let n = item.len().min(N);
    out[..n].copy_from_slice(&item[..n]);
    if scalar.endian == Endian::Big {
        out.reverse();
    }
    out
}

/// The integer in `item`, sign extended; unsigned 64-bit values above `i64::MAX` come through [`uint`].
fn int(scalar: &ScalarType, item: &[u8]) -> i64 {
    match scalar.itemsize {
        1 => i64::from(i8::from_le_bytes(fixed(scalar, item))),
        2 => i64::from(i16::from_le_bytes(fixed(scalar, item))),
        4 => i64::from(i32::from_le_bytes(fixed(scalar, item))),
        _ => i64::from_le_bytes(fixed(scalar, item)),
    }
}

fn uint(scalar: &ScalarType, item: &[u8]) -> u64 {
    match scalar.itemsize {
        1 => u64::from(item.first().copied().unwrap_or(0)),
        2 => u64::from(u16::from_le_bytes(fixed(scalar, item))),
        4 => u64::from(u32::from_le_bytes(fixed(scalar, item))),
        _ => u64::from_le_bytes(fixed(scalar, item)),
    }
}

fn float(scalar: &ScalarType, item: &[u8]) -> f64 {
    match scalar.itemsize {
        2 => f64::from(half::f16::from_le_bytes(fixed(scalar, item))),
        4 => f64::from(f32::from_le_bytes(fixed(scalar, item))),
        8 => f64::from_le_bytes(fixed(scalar, item)),
        _ => extended(scalar, item),
    }
}

/// An x87 80-bit float in 16 bytes, rounded to 64 bits.
fn extended(scalar: &ScalarType, item: &[u8]) -> f64 {
    let raw: [u8; 16] = fixed(scalar, item);
    let mantissa = u64::from_le_bytes([raw[0], raw[1], raw[2], raw[3], raw[4], raw[5], raw[6], raw[7]]);
    let head = u16::from_le_bytes([raw[8], raw[9]]);
    let exponent = i32::from(head & 0x7fff);
    let sign = if head & 0x8000 == 0 { 1.0 } else { -1.0 };
    if exponent == 0x7fff {
        return if mantissa << 1 == 0 { sign * f64::INFINITY } else { f64::NAN };
    }
    #[expect(clippy::cast_precision_loss, reason = "rounding to 64 bits is the documented behaviour")]
    let m = mantissa as f64;
    sign * m * 2f64.powi(exponent - 16383 - 63)
}

/// The `i`-th item as a number; `None` for text, raw bytes and structs. Times count in their units.
pub fn as_f64(dtype: &DType, bytes: &[u8], i: usize) -> Option<f64> {
    let DType::Scalar(s) = dtype else { return None };
    let item = bytes.get(i * s.itemsize..(i + 1) * s.itemsize)?;
    #[expect(
        clippy::cast_precision_loss,
        reason = "a picture or a mean does not need the last bit of a 64-bit integer"
    )]
    Some(match s.kind {
        'b' => f64::from(u8::from(item.first() != Some(&0))),
        'i' | 'm' | 'M' => int(s, item) as f64,
        'u' => uint(s, item) as f64,
        'f' => float(s, item),
        'c' => float(&half_of(s), &item[..s.itemsize / 2]),
        _ => return None,
    })
}

fn half_of(s: &ScalarType) -> ScalarType {
    ScalarType { kind: 'f', itemsize: s.itemsize / 2, ..s.clone() }
}

/// Writes a float as JSON: shortest digits that read back, `null` for NaN and infinities.
pub fn json_float(v: f64, out: &mut Vec<u8>) {
    if v.is_finite() {
        out.extend_from_slice(ryu::Buffer::new().format_finite(v).as_bytes());
    } else {
        out.extend_from_slice(b"null");
    }
}

fn json_single(v: f32, out: &mut Vec<u8>) {
    if v.is_finite() {
        out.extend_from_slice(ryu::Buffer::new().format_finite(v).as_bytes());
    } else {
        out.extend_from_slice(b"null");
    }
}

/// Writes text as a JSON string.
pub fn json_text(text: &str, out: &mut Vec<u8>) {
    if serde_json::to_writer(&mut *out, text).is_err() {
        out.extend_from_slice(b"null");
    }
}

/// Writes one item as JSON: numbers, booleans, text, ISO times, `[re, im]` for complex, an object for a struct.
pub fn write_json(dtype: &DType, item: &[u8], out: &mut Vec<u8>) {
    match dtype {
        DType::Struct { fields, .. } => {
            out.push(b'{');
            for (i, f) in fields.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                json_text(&f.name, out);
                out.push(b':');
                let size = f.dtype.itemsize() * f.shape.iter().product::<usize>();
                nested_json(&f.dtype, &f.shape, item.get(f.offset..f.offset + size).unwrap_or(&[]), out);
            }
            out.push(b'}');
        }
        DType::Scalar(s) => scalar_json(s, item, out),
    }
}

fn scalar_json(s: &ScalarType, item: &[u8], out: &mut Vec<u8>) {
    match s.kind {
        'b' => out.extend_from_slice(if item.first() == Some(&0) { b"false" } else { b"true" }),
        'i' => out.extend_from_slice(itoa::Buffer::new().format(int(s, item)).as_bytes()),
        'u' => out.extend_from_slice(itoa::Buffer::new().format(uint(s, item)).as_bytes()),
        'f' if s.itemsize == 4 => json_single(f32::from_le_bytes(fixed(s, item)), out),
        'f' => json_float(float(s, item), out),
        'c' => {
            let (half, n) = (half_of(s), s.itemsize / 2);
            out.push(b'[');
            json_float(float(&half, &item[..n]), out);
            out.push(b',');
            json_float(float(&half, &item[n..]), out);
            out.push(b']');
        }
        'M' | 'm' if int(s, item) == i64::MIN => out.extend_from_slice(b"null"),
        'm' => out.extend_from_slice(itoa::Buffer::new().format(int(s, item)).as_bytes()),
        'M' => json_text(&time_text(s, int(s, item)), out),
        'U' => json_text(&unicode(s, item), out),
        _ => json_text(&byte_text(item), out),
    }
}

/// Nested JSON lists of a C-order buffer; a 0-d array is its bare item.
pub fn nested_json(dtype: &DType, shape: &[usize], bytes: &[u8], out: &mut Vec<u8>) {
    let Some((&n, inner)) = shape.split_first() else { return write_json(dtype, bytes, out) };
    let step = dtype.itemsize() * inner.iter().product::<usize>();
    out.push(b'[');
    for i in 0..n {
        if i > 0 {
            out.push(b',');
        }
        nested_json(dtype, inner, bytes.get(i * step..(i + 1) * step).unwrap_or(&[]), out);
    }
    out.push(b']');
}

/// Writes one item as text for CSV and HTML: as NumPy prints it (`nan`, `True`, ISO times).
pub fn write_text(dtype: &DType, item: &[u8], out: &mut Vec<u8>) {
    let DType::Scalar(s) = dtype else { return write_json(dtype, item, out) };
    match s.kind {
        'b' => out.extend_from_slice(if item.first() == Some(&0) { b"False" } else { b"True" }),
        'f' => text_float(s, item, out),
        'c' => {
            let (half, n) = (half_of(s), s.itemsize / 2);
            let (re, im) = (float(&half, &item[..n]), float(&half, &item[n..]));
            let _ = write!(out, "({re}{}{}j)", if im.is_sign_negative() { "-" } else { "+" }, im.abs());
        }
        'M' | 'm' if int(s, item) == i64::MIN => out.extend_from_slice(b"NaT"),
        'M' => out.extend_from_slice(time_text(s, int(s, item)).as_bytes()),
        'U' => out.extend_from_slice(unicode(s, item).as_bytes()),
        'S' | 'V' => out.extend_from_slice(byte_text(item).as_bytes()),
        _ => scalar_json(s, item, out),
    }
}

fn text_float(s: &ScalarType, item: &[u8], out: &mut Vec<u8>) {
    let v = float(s, item);
    if v.is_nan() {
        out.extend_from_slice(b"nan");
    } else if v.is_infinite() {
        out.extend_from_slice(if v > 0.0 { b"inf" } else { b"-inf" });
    } else {
        scalar_json(s, item, out);
    }
}

/// NumPy text: UTF-32 units up to the first trailing run of zeros.
pub fn unicode(s: &ScalarType, item: &[u8]) -> String {
    let units = item.chunks_exact(4).map(|c| {
        if s.endian == Endian::Big {
            u32::from_be_bytes([c[0], c[1], c[2], c[3]])
        } else {
            u32::from_le_bytes([c[0], c[1], c[2], c[3]])
        }
    });
    let text: String = units.map(|u| char::from_u32(u).unwrap_or('\u{fffd}')).collect();
    text.trim_end_matches('\0').to_owned()
}

/// Byte strings as text: UTF-8 when it is, else a data URI.
pub fn byte_text(item: &[u8]) -> String {
    use base64::Engine;
    let end = item.iter().rposition(|&b| b != 0).map_or(0, |i| i + 1);
    match std::str::from_utf8(&item[..end]) {
        Ok(text) => text.to_owned(),
        Err(_) => format!(
            "data:application/octet-stream;base64,{}",
            base64::engine::general_purpose::STANDARD.encode(item)
        ),
    }
}

/// A `datetime64` count as ISO 8601 text in its own precision.
pub fn time_text(s: &ScalarType, count: i64) -> String {
    let units = s.units.as_deref().unwrap_or("[ns]").trim_matches(|c| c == '[' || c == ']');
    let digits = units.len() - units.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (multiple, unit) = (
        units.get(..digits).and_then(|d| d.parse::<i64>().ok()).unwrap_or(1),
        units.get(digits..).unwrap_or("ns"),
    );
    let count = i128::from(count) * i128::from(multiple);
    let (per_second, decimals) = match unit {
        "ms" => (1_000, 3),
        "us" => (1_000_000, 6),
        "ns" => (1_000_000_000, 9),
        "ps" => (1_000_000_000_000, 12),
        _ => (1, 0),
    };
    let seconds = match unit {
        "Y" => return format!("{:04}", 1970 + count),
        "M" => return format!("{:04}-{:02}", 1970 + count.div_euclid(12), count.rem_euclid(12) + 1),
        "W" => count * 604_800,
        "D" => count * 86_400,
        "h" => count * 3_600,
        "m" => count * 60,
        _ => count.div_euclid(per_second),
    };
    let (days, in_day) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = civil(days);
    let date = format!("{year:04}-{month:02}-{day:02}");
    if matches!(unit, "W" | "D") {
        return date;
    }
    let mut text = format!("{date}T{:02}:{:02}:{:02}", in_day / 3600, in_day / 60 % 60, in_day % 60);
    if decimals > 0 {
        text.push_str(&format!(".{:0width$}", count.rem_euclid(per_second), width = decimals));
    }
    text
}

/// ISO text without a fraction that is all zeros; microseconds or nanoseconds else, as pandas prints.
pub fn short_time(text: &str) -> String {
    let Some((whole, fraction)) = text.split_once('.') else { return text.to_owned() };
    if fraction.bytes().all(|b| b == b'0') {
        whole.to_owned()
    } else if fraction.len() == 9 && fraction.ends_with("000") {
        format!("{whole}.{}", fraction.get(..6).unwrap_or(fraction))
    } else {
        text.to_owned()
    }
}

/// Days since 1970-01-01 to year, month, day in the proleptic Gregorian calendar (Howard Hinnant, "chrono-compatible
/// low-level date algorithms").
fn civil(days: i128) -> (i128, i128, i128) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    (yoe + era * 400 + i128::from(month <= 2), month, doy - (153 * mp + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(typestr: &str, bytes: &[u8]) -> String {
        let mut out = Vec::new();
        write_json(&DType::parse(typestr).unwrap(), bytes, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn items_print_as_numpy_means_them() {
        assert_eq!(json(">i2", &[255, 254]), "-2");
        assert_eq!(json("<f8", &1.0f64.to_le_bytes()), "1.0");
        assert_eq!(json("<f4", &0.1f32.to_le_bytes()), "0.1");
        assert_eq!(json("<f8", &f64::NAN.to_le_bytes()), "null");
        assert_eq!(
            json("<M8[ns]", &1_600_000_000_123_456_789i64.to_le_bytes()),
            "\"2020-09-13T12:26:40.123456789\""
        );
        assert_eq!(json("<M8[D]", &(-1i64).to_le_bytes()), "\"1969-12-31\"");
        assert_eq!(json("|S4", b"ab\0\0"), "\"ab\"");
        assert_eq!(json("<c8", &[0, 0, 128, 63, 0, 0, 0, 64]), "[1.0,2.0]");
    }
}
