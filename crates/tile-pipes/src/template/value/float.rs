//! Python's floats as text.

/// `repr`: the shortest digits that read back as the same number.
pub fn repr(x: f64) -> String {
    if x.is_nan() {
        return "nan".to_owned();
    }
    if x.is_infinite() {
        return if x > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let (negative, digits, exponent) = shortest(x);
    let mut out = String::new();
    if negative {
        out.push('-');
    }
    if (-4..16).contains(&exponent) {
        out.push_str(&plain(&digits, exponent));
    } else {
        out.push_str(&scientific(&digits, exponent));
    }
    out
}

/// Whether negative, the significant digits, and the exponent of the first of them.
fn shortest(x: f64) -> (bool, String, i32) {
    let text = format!("{:e}", x.abs());
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    (x.is_sign_negative(), mantissa.replace('.', ""), exponent.parse().unwrap_or(0))
}

fn plain(digits: &str, exponent: i32) -> String {
    let Ok(point) = usize::try_from(exponent + 1) else {
        let zeros = usize::try_from(-exponent - 1).unwrap_or(0);
        return format!("0.{}{digits}", "0".repeat(zeros));
    };
    if point == 0 {
        return format!("0.{digits}");
    }
    match (digits.get(..point), digits.get(point..)) {
        (Some(whole), Some("")) => format!("{whole}.0"),
        (Some(whole), Some(fraction)) => format!("{whole}.{fraction}"),
        _ => format!("{digits}{}.0", "0".repeat(point - digits.len())),
    }
}

fn scientific(digits: &str, exponent: i32) -> String {
    let (first, rest) = digits.split_at_checked(1).unwrap_or((digits, ""));
    let point = if rest.is_empty() { "" } else { "." };
    format!("{first}{point}{rest}e{}", exponent_text(exponent))
}

/// With a sign and at least two digits.
pub fn exponent_text(exponent: i32) -> String {
    format!("{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.unsigned_abs())
}

/// What `float(text)` takes.
pub fn parse(text: &str) -> Option<f64> {
    let text = text.trim_matches(super::is_space);
    let bytes = text.as_bytes();
    let mut kept = String::with_capacity(text.len());
    for (i, c) in text.char_indices() {
        if c == '_' {
            let digit = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
            if !digit(i.checked_sub(1)) || !digit(Some(i + 1)) {
                return None;
            }
        } else {
            kept.push(c);
        }
    }
    kept.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_print_as_in_python() {
        let cases = [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (-1.5, "-1.5"),
            (0.1, "0.1"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (123_456.789, "123456.789"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (1.5e300, "1.5e+300"),
            (5e-324, "5e-324"),
            (f64::NAN, "nan"),
            (f64::NEG_INFINITY, "-inf"),
        ];
        for (x, text) in cases {
            assert_eq!(repr(x), text);
        }
    }

    #[test]
    fn floats_are_read_as_in_python() {
        for (text, x) in
            [("1", 1.0), (" 1.5\n", 1.5), ("1_0.5", 10.5), (".5", 0.5), ("5.", 5.0), ("+1e2", 100.0)]
        {
            assert_eq!(parse(text), Some(x), "{text}");
        }
        for text in ["", ".", "_1", "1_", "1__0", "1e", "0x1", "1 2", "infinit"] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(parse("-Infinity"), Some(f64::NEG_INFINITY));
    }
}
