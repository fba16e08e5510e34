//! The smallest type that takes all values that were seen at one place.

use serde_json::Value;
use tile_clicksql::types::Type;

use super::time::{self, Form};

/// What the values that are neither NULL nor nested have in common.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Class {
    Bool,
    /// The smallest and the largest.
    Integer(i128, i128),
    Float {
        single: bool,
    },
    /// Whether days before 1970 are among them.
    Day {
        wide: bool,
    },
    /// Digits of the fraction, and whether times outside 1970 to 2106 are among them.
    Time {
        digits: usize,
        wide: bool,
    },
    Text,
}

impl Class {
    /// That of a JSON value; `None` for NULL and what is nested.
    pub fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Bool(_) => Some(Self::Bool),
            Value::Number(number) => {
                let integer = number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from));
                Some(integer.map_or_else(|| Self::float(&number.to_string()), |n| Self::Integer(n, n)))
            }
            Value::String(text) => Some(Self::text(text)),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        }
    }

    /// That of a CSV cell; `None` for an empty one.
    pub fn of_cell(text: &str) -> Option<Self> {
        if text.is_empty() || text == "\\N" {
            return None;
        }
        if text == "true" || text == "false" {
            return Some(Self::Bool);
        }
        let digits = text.strip_prefix('-').unwrap_or(text);
        // `007` is a name, and so is `1e5`.
        let is_name = digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0.");
        let is_number =
            !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        if is_name || !is_number {
            return Some(Self::text(text));
        }
        if let Ok(number) = text.parse::<i128>() {
            return Some(Self::Integer(number, number));
        }
        Some(if text.parse::<f64>().is_ok() { Self::float(text) } else { Self::Text })
    }

    fn float(text: &str) -> Self {
        let spelled = text.parse::<f32>().map(|value| value.to_string());
        Self::Float { single: spelled == text.parse::<f64>().map(|value| value.to_string()) }
    }

    fn text(text: &str) -> Self {
        let bytes = text.as_bytes();
        match time::form(bytes) {
            Some(Form::Day) => Self::Day { wide: time::day_from_text(bytes, false).is_none() },
            Some(Form::Time(digits)) => {
                let wide = time::from_text(bytes, None, &mut tile_clicksql::kernels::zone::Zone::universal())
                    .is_none();
                Self::Time { digits, wide }
            }
            None => Self::Text,
        }
    }

    pub fn join(self, other: Self) -> Self {
        match (self, other) {
            (Self::Bool, Self::Bool) => Self::Bool,
            (Self::Integer(a, b), Self::Integer(c, d)) => Self::Integer(a.min(c), b.max(d)),
            (Self::Float { single: a }, Self::Float { single: b }) => Self::Float { single: a && b },
            (Self::Integer(a, b), Self::Float { single }) | (Self::Float { single }, Self::Integer(a, b)) => {
                // All integers below 2^24 are singles.
                Self::Float { single: single && a > -(1 << 24) && b < 1 << 24 }
            }
            (Self::Day { wide: a }, Self::Day { wide: b }) => Self::Day { wide: a || b },
            (Self::Time { digits: m, wide: a }, Self::Time { digits: n, wide: b }) => {
                Self::Time { digits: m.max(n), wide: a || b }
            }
            (Self::Day { wide: a }, Self::Time { digits, wide: b })
            | (Self::Time { digits, wide: b }, Self::Day { wide: a }) => Self::Time { digits, wide: a || b },
            _ => Self::Text,
        }
    }

    /// Integers begin at 16 bits: what is seen of them is a sample.
    pub fn ty(self) -> Type {
        match self {
            Self::Bool => Type::UInt(8),
            Self::Integer(low, high) => {
                let fits = |bits: u32| low >= -(1 << (bits - 1)) && high < 1 << (bits - 1);
                match [16, 32, 64].into_iter().find(|bits| fits(u32::from(*bits))) {
                    Some(bits) => Type::Int(bits),
                    None if low >= 0 && u64::try_from(high).is_ok() => Type::UInt(64),
                    None => Type::Int(128),
                }
            }
            Self::Float { single: true } => Type::Float32,
            Self::Float { single: false } => Type::Float64,
            Self::Day { wide: false } => Type::Date,
            Self::Day { wide: true } => Type::Date32,
            Self::Time { digits: 0, wide: false } => Type::DateTime(None),
            Self::Time { digits: 0..=3, .. } => Type::DateTime64(3, None),
            Self::Time { .. } => Type::DateTime64(6, None),
            Self::Text => Type::String,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ty(values: &[&str], of: impl Fn(&str) -> Option<Class>) -> String {
        let classes = values.iter().filter_map(|text| of(text));
        classes.reduce(Class::join).map_or_else(|| "none".into(), |class| class.ty().to_string())
    }

    #[test]
    fn json_values_have_types() {
        let of = |text: &str| Class::of(&serde_json::from_str(text).unwrap());
        let cases: &[(&[&str], &str)] = &[
            (&["1"], "Int16"),
            (&["1", "-32769"], "Int32"),
            (&["2147483648"], "Int64"),
            (&["18446744073709551615"], "UInt64"),
            (&["18446744073709551615", "-1"], "Int128"),
            (&["1.5", "2"], "Float32"),
            (&["1.5", "16777217"], "Float64"),
            (&["3.141592653589793"], "Float64"),
            (&["true", "false"], "UInt8"),
            (&["true", "1"], "String"),
            (&["\"a\"", "1"], "String"),
            (&["\"12\""], "String"),
            (&["\"2022-01-05 12:13:14\""], "DateTime"),
            (&["\"2022-01-05T12:13:14Z\"", "\"2022-01-05\""], "DateTime"),
            (&["\"2022-01-05T12:13:14.123Z\""], "DateTime64(3)"),
            (&["\"2022-01-05 12:13:14.123456\""], "DateTime64(6)"),
            (&["\"1950-01-05 12:13:14\""], "DateTime64(3)"),
            (&["\"2022-01-05\""], "Date"),
            (&["\"1950-01-05\""], "Date32"),
            (&["\"2022-02-30\""], "String"),
            (&["null"], "none"),
        ];
        for (values, want) in cases {
            assert_eq!(ty(values, of), *want, "{values:?}");
        }
    }

    #[test]
    fn cells_have_types() {
        let cases: &[(&[&str], &str)] = &[
            (&["1", "", "-2"], "Int16"),
            (&["1.5", "2"], "Float32"),
            (&["007"], "String"),
            (&["0.5", "0"], "Float32"),
            (&["1e5"], "String"),
            (&["1.2.3"], "String"),
            (&["2014-07-30"], "Date"),
            (&["true"], "UInt8"),
            (&["", "\\N"], "none"),
        ];
        for (values, want) in cases {
            assert_eq!(ty(values, Class::of_cell), *want, "{values:?}");
        }
    }
}
