//! Python's format specifications, those of `format(value, spec)` and of f-strings.

use super::super::value::{Int, Value, exponent_text, float_repr};
use super::repr::int_text;
use super::{Machine, Run, Stop, type_error, value_error};

/// A field is not made wider.
const WIDTH_MAX: usize = 100_000;
const PRECISION_MAX: usize = 1000;

#[derive(Debug, Clone)]
pub(super) struct Spec {
    pub fill: char,
    /// `<`, `>`, `^` or `=`.
    pub align: Option<char>,
    pub sign: char,
    pub alternate: bool,
    pub width: usize,
    pub group: Option<char>,
    pub precision: Option<usize>,
    pub kind: Option<char>,
}

fn parse(text: &str) -> Run<Spec> {
    let chars: Vec<char> = text.chars().collect();
    let mut spec = Spec {
        fill: ' ',
        align: None,
        sign: '-',
        alternate: false,
        width: 0,
        group: None,
        precision: None,
        kind: None,
    };
    let at_align = |at: usize| chars.get(at).copied().filter(|c| matches!(c, '<' | '>' | '^' | '='));
    let mut at = 0;
    if let (Some(fill), Some(align)) = (chars.first(), at_align(1)) {
        (spec.fill, spec.align, at) = (*fill, Some(align), 2);
    } else if let Some(align) = at_align(0) {
        (spec.align, at) = (Some(align), 1);
    }
    let take = |wanted: &[char], at: &mut usize| {
        let found = chars.get(*at).copied().filter(|c| wanted.contains(c));
        *at += usize::from(found.is_some());
        found
    };
    if let Some(sign) = take(&['+', '-', ' '], &mut at) {
        spec.sign = sign;
    }
    spec.alternate = take(&['#'], &mut at).is_some();
    if take(&['0'], &mut at).is_some() && spec.align.is_none() {
        (spec.fill, spec.align) = ('0', Some('='));
    }
    spec.width = digits(&chars, &mut at)?.unwrap_or(0);
    spec.group = take(&[',', '_'], &mut at);
    if take(&['.'], &mut at).is_some() {
        let Some(precision) = digits(&chars, &mut at)? else {
            return Err(value_error("Format specifier missing precision"));
        };
        spec.precision = Some(precision);
    }
    spec.kind = chars.get(at).copied();
    at += usize::from(spec.kind.is_some());
    if at < chars.len() {
        return Err(value_error(format!("Invalid format specifier '{text}'")));
    }
    if spec.width > WIDTH_MAX || spec.precision.is_some_and(|p| p > PRECISION_MAX) {
        return Err(super::limit("a format of the template is too wide"));
    }
    Ok(spec)
}

fn digits(chars: &[char], at: &mut usize) -> Run<Option<usize>> {
    let start = *at;
    let mut out = 0usize;
    while let Some(digit) = chars.get(*at).and_then(|c| c.to_digit(10)) {
        out = out.saturating_mul(10).saturating_add(digit as usize);
        *at += 1;
    }
    if out > usize::MAX / 16 {
        return Err(value_error("Too many decimal digits in format string"));
    }
    Ok((*at > start).then_some(out))
}

impl Machine<'_> {
    pub(super) fn format(&mut self, value: &Value, spec: &str) -> Run<String> {
        if spec.is_empty() {
            return self.str(value);
        }
        self.spend(spec.len())?;
        if let Some(text) = value.as_text() {
            return format_text(text, &parse(spec)?);
        }
        if let Some(n) = value.as_int() {
            let spec = parse(spec)?;
            // A bool without a kind of number is a word only without any format.
            return format_int(&n, &spec);
        }
        if let Some(x) = value.as_float() {
            return format_float(x, &parse(spec)?);
        }
        let shown = self.type_name(value);
        Err(type_error(format!("unsupported format string passed to {shown}.__format__")))
    }
}

fn unknown(kind: char, of: &str) -> Stop {
    value_error(format!("Unknown format code '{kind}' for object of type '{of}'"))
}

fn format_text(text: &str, spec: &Spec) -> Run<String> {
    if let Some(kind) = spec.kind.filter(|kind| *kind != 's') {
        return Err(unknown(kind, "str"));
    }
    if spec.sign != '-' {
        return Err(value_error("Sign not allowed in string format specifier"));
    }
    if spec.alternate {
        return Err(value_error("Alternate form (#) not allowed in string format specifier"));
    }
    if spec.align == Some('=') && spec.fill != '0' {
        return Err(value_error("'=' alignment not allowed in string format specifier"));
    }
    if let Some(group) = spec.group {
        return Err(value_error(format!("Cannot specify '{group}' with 's'.")));
    }
    let shown: String = text.chars().take(spec.precision.unwrap_or(usize::MAX)).collect();
    let align = spec.align.filter(|align| *align != '=').unwrap_or('<');
    Ok(pad(&shown, "", align, spec))
}

pub(super) fn pad(body: &str, sign: &str, align: char, spec: &Spec) -> String {
    let length = body.chars().count() + sign.chars().count();
    let missing = spec.width.saturating_sub(length);
    let fill = |n: usize| spec.fill.to_string().repeat(n);
    match align {
        '<' => format!("{sign}{body}{}", fill(missing)),
        '^' => format!("{}{sign}{body}{}", fill(missing / 2), fill(missing - missing / 2)),
        '=' => format!("{sign}{}{body}", fill(missing)),
        _ => format!("{}{sign}{body}", fill(missing)),
    }
}

fn sign_of(negative: bool, spec: &Spec) -> &'static str {
    match (negative, spec.sign) {
        (true, _) => "-",
        (false, '+') => "+",
        (false, ' ') => " ",
        _ => "",
    }
}

/// Digits in groups, with zeros before them when zeros fill the field.
fn grouped(whole: &str, rest: usize, every: usize, spec: &Spec, sign: &str) -> String {
    let Some(separator) = spec.group else { return whole.to_owned() };
    let mut whole = whole.to_owned();
    let split = |whole: &str| {
        let mut out = String::new();
        let length = whole.len();
        for (i, c) in whole.chars().enumerate() {
            if i > 0 && (length - i).is_multiple_of(every) {
                out.push(separator);
            }
            out.push(c);
        }
        out
    };
    if spec.fill == '0' && spec.align == Some('=') {
        while split(&whole).len() + rest + sign.len() < spec.width {
            whole.insert(0, '0');
        }
    }
    split(&whole)
}

pub(super) fn format_int(n: &Int, spec: &Spec) -> Run<String> {
    let kind = spec.kind.unwrap_or('d');
    if matches!(kind, 'e' | 'E' | 'f' | 'F' | 'g' | 'G' | '%') {
        return format_float(super::arithmetic::int_to_float(n)?, spec);
    }
    if spec.precision.is_some() {
        return Err(value_error("Precision not allowed in integer format specifier"));
    }
    let (radix, prefix, every) = match kind {
        'd' | 'n' => (10, "", 3),
        'b' => (2, "0b", 4),
        'o' => (8, "0o", 4),
        'x' => (16, "0x", 4),
        'X' => (16, "0X", 4),
        'c' => {
            let c = n.to_i64().and_then(|n| u32::try_from(n).ok()).and_then(char::from_u32);
            let c = c.ok_or_else(|| super::raise(super::Class::OVERFLOW, "%c arg not in range(0x110000)"))?;
            return Ok(pad(&c.to_string(), "", spec.align.unwrap_or('<'), spec));
        }
        kind => return Err(unknown(kind, "int")),
    };
    if spec.group == Some(',') && radix != 10 {
        return Err(value_error(format!("Cannot specify ',' with '{kind}'.")));
    }
    let digits = if radix == 10 { int_text(&n.abs())? } else { n.abs().to_radix(radix) };
    let digits = if kind == 'X' { digits.to_uppercase() } else { digits };
    let sign = format!("{}{}", sign_of(n.is_negative(), spec), if spec.alternate { prefix } else { "" });
    let body = grouped(&digits, 0, every, spec, &sign);
    Ok(pad(&body, &sign, spec.align.unwrap_or('>'), spec))
}

pub(super) fn format_float(x: f64, spec: &Spec) -> Run<String> {
    let magnitude = x.abs();
    let kind = spec.kind;
    let body = match kind {
        _ if !x.is_finite() => if x.is_nan() { "nan" } else { "inf" }.to_owned(),
        None if spec.precision.is_none() => float_repr(magnitude),
        None => general(magnitude, spec.precision.unwrap_or(0).max(1), spec.alternate, true),
        Some('e' | 'E') => scientific(magnitude, spec.precision.unwrap_or(6)),
        Some('f' | 'F') => format!("{magnitude:.*}", spec.precision.unwrap_or(6)),
        Some('g' | 'G' | 'n') => {
            general(magnitude, spec.precision.unwrap_or(6).max(1), spec.alternate, false)
        }
        Some('%') => format!("{:.*}", spec.precision.unwrap_or(6), magnitude * 100.0),
        Some(kind) => return Err(unknown(kind, "float")),
    };
    let body = if matches!(kind, Some('E' | 'F' | 'G')) { body.to_uppercase() } else { body };
    let sign = sign_of(x.is_sign_negative() && !x.is_nan(), spec);
    let end = body.find(|c: char| !c.is_ascii_digit()).unwrap_or(body.len());
    let (whole, rest) = body.split_at_checked(end).unwrap_or((&body, ""));
    let percent = if kind == Some('%') { "%" } else { "" };
    let rest = format!("{rest}{percent}");
    let whole = if whole.is_empty() { String::new() } else { grouped(whole, rest.len(), 3, spec, sign) };
    Ok(pad(&format!("{whole}{rest}"), sign, spec.align.unwrap_or('>'), spec))
}

fn scientific(x: f64, precision: usize) -> String {
    let text = format!("{x:.precision$e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    format!("{mantissa}e{}", exponent_text(exponent.parse().unwrap_or(0)))
}

/// The shorter of both forms with so many significant digits. `point`: keep one digit behind the point.
fn general(x: f64, precision: usize, alternate: bool, point: bool) -> String {
    let rounded = format!("{:.*e}", precision - 1, x);
    let exponent: i32 = rounded.split_once('e').and_then(|(_, e)| e.parse().ok()).unwrap_or(0);
    let digits = i32::try_from(precision).unwrap_or(i32::MAX);
    let bound = if point { digits - 1 } else { digits };
    let is_plain = exponent >= -4 && exponent < bound.max(if point { 0 } else { bound });
    let text = if is_plain || (point && exponent >= -4 && exponent < digits && exponent < bound) {
        format!("{x:.*}", usize::try_from(digits - 1 - exponent).unwrap_or(0))
    } else {
        scientific(x, precision - 1)
    };
    if alternate {
        return text;
    }
    let (mantissa, exponent) = text.split_once('e').map_or((text.as_str(), None), |(m, e)| (m, Some(e)));
    let mut mantissa = mantissa.to_owned();
    if mantissa.contains('.') {
        mantissa.truncate(mantissa.trim_end_matches('0').trim_end_matches('.').len());
    }
    match exponent {
        Some(exponent) => format!("{mantissa}e{exponent}"),
        None if point && !mantissa.contains('.') => format!("{mantissa}.0"),
        None => mantissa,
    }
}
