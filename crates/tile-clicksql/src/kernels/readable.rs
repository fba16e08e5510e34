//! Numbers for people: `formatReadable*`.

use super::frame::{Answered, F64, Kernel, KernelError, Text, kernel};

const BINARY: [&str; 9] = [" B", " KiB", " MiB", " GiB", " TiB", " PiB", " EiB", " ZiB", " YiB"];
const DECIMAL: [&str; 9] = [" B", " KB", " MB", " GB", " TB", " PB", " EB", " ZB", " YB"];
/// What stands behind a number, by its thousands.
pub const QUANTITY: [&str; 22] = [
    "",
    " thousand",
    " million",
    " billion",
    " trillion",
    " quadrillion",
    " quintillion",
    " sextillion",
    " septillion",
    " octillion",
    " nonillion",
    " decillion",
    " undecillion",
    " duodecillion",
    " tredecillion",
    " quattuordecillion",
    " quindecillion",
    " sexdecillion",
    " septendecillion",
    " octodecillion",
    " novemdecillion",
    " vigintillion",
];

fn scaled(value: f64, units: &[&str], step: f64) -> String {
    let mut value = value;
    let mut units = units.iter().peekable();
    let mut unit = units.next().copied().unwrap_or("");
    while value.abs() >= step
        && let Some(next) = units.next()
    {
        value /= step;
        unit = next;
    }
    match value {
        _ if value.is_nan() => format!("nan{unit}"),
        _ if value.is_infinite() => format!("{}inf{unit}", if value < 0.0 { "-" } else { "" }),
        _ => format!("{value:.2}{unit}"),
    }
}

/// Names and seconds. A year has 365 days here, and a month 30.5.
const SPANS: [(&str, f64); 9] = [
    ("year", 31_536_000.0),
    ("month", 2_635_200.0),
    ("day", 86_400.0),
    ("hour", 3_600.0),
    ("minute", 60.0),
    ("second", 1.0),
    ("millisecond", 1e-3),
    ("microsecond", 1e-6),
    ("nanosecond", 1e-9),
];

fn span_at(name: &str) -> Answered<usize> {
    let singular = name.strip_suffix('s').unwrap_or(name);
    SPANS.iter().position(|(span, _)| *span == singular).ok_or_else(|| {
        KernelError::bad_argument(format!("unexpected unit `{name}` of formatReadableTimeDelta"))
    })
}

fn delta(seconds: f64, max: &str, min: &str) -> Answered<String> {
    let (first, last) = (span_at(max)?, span_at(min)?);
    if first > last {
        return Err(KernelError::bad_argument("the smallest unit is larger than the largest one"));
    }
    if !seconds.is_finite() {
        return Ok(super::numbers::float_text(seconds));
    }
    let sign = if seconds < 0.0 { "-" } else { "" };
    // The fraction in whole nanoseconds, so that its units add up.
    let mut rest = seconds.abs().trunc();
    let mut nanoseconds = (seconds.abs().fract() * 1e9).round();
    let mut parts = Vec::new();
    for (name, span) in SPANS.iter().take(last + 1).skip(first) {
        let count = if *span < 1.0 {
            let span = (span * 1e9).round();
            let count = (nanoseconds / span).floor();
            nanoseconds -= count * span;
            count
        } else {
            let count = (rest / span).floor();
            rest -= count * span;
            count
        };
        // Whole seconds are said even when there are none, if nothing larger was.
        if count > 0.0 || (*name == "second" && parts.is_empty()) {
            let plural = if (count - 1.0).abs() < f64::EPSILON { "" } else { "s" };
            parts.push(format!("{} {name}{plural}", super::numbers::float_text(count)));
        }
    }
    let end = parts.pop().unwrap_or_default();
    if parts.is_empty() {
        return Ok(format!("{sign}{end}"));
    }
    Ok(format!("{sign}{} and {end}", parts.join(", ")))
}

/// Blocks of eighths, `width` of them for `high`.
fn bar(value: f64, low: f64, high: f64, width: f64) -> Answered<String> {
    if value.is_nan() || !(1.0..=1_000.0).contains(&width) {
        return Err(KernelError::bad_argument("a bar needs a number and a width from 1 to 1000"));
    }
    let share = if value <= low {
        0.0
    } else if value >= high {
        1.0
    } else {
        (value - low) / (high - low)
    };
    let eighths = (share * width * 8.0).floor();
    let mut out = String::new();
    let mut rest = eighths;
    while rest >= 8.0 {
        out.push('█');
        rest -= 8.0;
    }
    let parts = [(1.0, '▏'), (2.0, '▎'), (3.0, '▍'), (4.0, '▌'), (5.0, '▋'), (6.0, '▊'), (7.0, '▉')];
    out.extend(parts.iter().filter(|(part, _)| (*part - rest).abs() < 0.5).map(|(_, letter)| letter));
    Ok(out)
}

pub const READABLE: &[Kernel] = &[
    kernel!("ch_format_readable_size", (value: F64) -> Text, scaled(value, &BINARY, 1024.0)),
    kernel!("ch_format_readable_decimal_size", (value: F64) -> Text, scaled(value, &DECIMAL, 1000.0)),
    kernel!("ch_format_readable_quantity", (value: F64) -> Text, scaled(value, &QUANTITY, 1000.0)),
    kernel!("ch_bar", (value: F64, low: F64, high: F64, width: F64) -> Text, bar(value, low, high, width)?),
    kernel!("ch_format_readable_time_delta", (seconds: F64, max: Text, min: Text) -> Text, delta(seconds, max, min)?),
];
