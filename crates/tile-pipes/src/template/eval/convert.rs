//! The type of a value, its length, and `int` and `float` of it.

use super::super::value::heap::Range;
use super::super::value::{DIGITS_MAX, Dict, Int, Value, ViewKind, is_space, parse_float};
use super::{Machine, Run, Stop, type_error, value_error};

impl Machine<'_> {
    /// Python's name of the value's type.
    pub fn type_name(&self, value: &Value) -> &'static str {
        match value {
            Value::None => "NoneType",
            Value::Ellipsis => "ellipsis",
            Value::Bool(_) => "bool",
            Value::Int(_) => "int",
            Value::Float(_) => "float",
            Value::Str(_) => "str",
            Value::Sql(_) => "Expression",
            Value::TypedInt(..) => "Integer",
            Value::TypedFloat(..) => "Float",
            Value::Symbol(_) => "Symbol",
            Value::Comment(_) => "Comment",
            Value::Placeholder(_) => "Placeholder",
            Value::Function(f) if f.is_type => "type",
            Value::Function(f) if super::builtins::named(f.name).is_none() => "function",
            Value::Function(_) | Value::Method(_) => "builtin_function_or_method",
            Value::Class(_) => "type",
            Value::List(_) => "list",
            Value::Tuple(_) => "tuple",
            Value::Dict(_) => "dict",
            Value::Set(_) => "set",
            Value::FrozenSet(_) => "frozenset",
            Value::View(_, ViewKind::Keys) => "dict_keys",
            Value::View(_, ViewKind::Values) => "dict_values",
            Value::View(_, ViewKind::Items) => "dict_items",
            Value::Range(_) => "range",
            Value::Iterator(id) => self.heap.iterator(*id).map_or("iterator", |i| i.type_name()),
            Value::Lambda(_) => "function",
            Value::Error(id) => self.heap.error(*id).map_or("Exception", |error| error.class.name()),
        }
    }

    pub fn length(&mut self, value: &Value) -> Run<Int> {
        Ok(match value {
            Value::Str(text) | Value::Sql(text) => {
                self.spend(text.len())?;
                Int::from(text.chars().count())
            }
            Value::List(id) | Value::Tuple(id) => Int::from(self.heap.items(*id).len()),
            Value::Dict(id) | Value::Set(id) | Value::FrozenSet(id) | Value::View(id, _) => {
                Int::from(self.heap.dict(*id).map_or(0, Dict::len))
            }
            Value::Range(id) => self.heap.range(*id).map(Range::len).unwrap_or_default(),
            other => {
                return Err(type_error(format!("object of type '{}' has no len()", self.type_name(other))));
            }
        })
    }

    pub fn int_of(&mut self, value: &Value) -> Run<Int> {
        if let Some(n) = value.as_int() {
            return Ok(n);
        }
        if let Some(x) = value.as_float() {
            return Int::from_f64(x).ok_or_else(|| {
                if x.is_nan() {
                    value_error("cannot convert float NaN to integer")
                } else {
                    super::raise(super::Class::OVERFLOW, "cannot convert float infinity to integer")
                }
            });
        }
        match value.as_text() {
            Some(text) => {
                let text = text.clone();
                self.spend(text.len())?;
                self.parse_int(&text, 10)
            }
            None => Err(type_error(format!(
                "int() argument must be a string, a bytes-like object or a real number, not '{}'",
                self.type_name(value)
            ))),
        }
    }

    /// `int(text, base)`
    pub(super) fn parse_int(&mut self, text: &str, base: u32) -> Run<Int> {
        let trimmed = text.trim_matches(is_space);
        let (negative, digits) = match trimmed.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, trimmed.strip_prefix('+').unwrap_or(trimmed)),
        };
        let prefix = digits.get(..2).unwrap_or("").to_ascii_lowercase();
        let of_prefix = match prefix.as_str() {
            "0x" => Some(16),
            "0o" => Some(8),
            "0b" => Some(2),
            _ => None,
        };
        let (radix, digits) = match (base, of_prefix) {
            (0, Some(radix)) => (radix, digits.get(2..).unwrap_or("")),
            (0, None) => (10, digits),
            (base, Some(radix)) if base == radix => (base, digits.get(2..).unwrap_or("")),
            (base, _) => (base, digits),
        };
        let wrong =
            |m: &Self| value_error(format!("invalid literal for int() with base {base}: {}", m.quote(text)));
        let underscores = digits.starts_with('_') || digits.ends_with('_') || digits.contains("__");
        let kept = digits.replace('_', "");
        let zeros = base == 0 && radix == 10 && kept.starts_with('0') && kept.bytes().any(|b| b != b'0');
        if underscores || zeros || kept.is_empty() || !kept.chars().all(|c| c.is_digit(radix)) {
            return Err(wrong(self));
        }
        if kept.len() > DIGITS_MAX {
            return Err(too_many_digits(kept.len()));
        }
        let n = Int::parse_radix(&kept, radix).ok_or_else(|| wrong(self))?;
        Ok(if negative { n.negate() } else { n })
    }

    pub fn float_of(&mut self, value: &Value) -> Run<f64> {
        if let Some(x) = value.as_float() {
            return Ok(x);
        }
        if let Some(n) = value.as_int() {
            return super::arithmetic::int_to_float(&n);
        }
        match value.as_text() {
            Some(text) => {
                let text = text.clone();
                self.spend(text.len())?;
                parse_float(&text).ok_or_else(|| {
                    value_error(format!("could not convert string to float: {}", self.quote(&text)))
                })
            }
            None => Err(type_error(format!(
                "float() argument must be a string or a real number, not '{}'",
                self.type_name(value)
            ))),
        }
    }

    /// A number for a place in a sequence.
    pub(super) fn index_number(&self, value: &Value) -> Run<Int> {
        value.as_int().ok_or_else(|| {
            type_error(format!("'{}' object cannot be interpreted as an integer", self.type_name(value)))
        })
    }
}

pub(super) fn too_many_digits(digits: usize) -> Stop {
    value_error(format!(
        "Exceeds the limit ({DIGITS_MAX} digits) for integer string conversion: value has {digits} digits; use \
         sys.set_int_max_str_digits() to increase the limit"
    ))
}
