//! ClickHouse's types: their text form, and the algebra that gives an operation's type from those of its operands.
//!
//! Source: ClickHouse's documentation of data types; the widening rules were read off a running server.

use std::fmt;

/// A ClickHouse type.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// The type of `NULL` and of an empty array's items.
    Nothing,
    Bool,
    /// 8, 16, 32, 64, 128 or 256 bits.
    UInt(u16),
    Int(u16),
    Float32,
    Float64,
    /// Precision 1 to 76 and scale.
    Decimal(u8, u8),
    String,
    /// Length in bytes.
    FixedString(usize),
    Date,
    Date32,
    /// With the time zone, if it is written.
    DateTime(Option<String>),
    /// Digits after the point (0 to 9) and the time zone.
    DateTime64(u8, Option<String>),
    Uuid,
    Ipv4,
    Ipv6,
    /// Bits (8 or 16), and names with their values, in the order of the values.
    Enum(u8, Vec<(String, i16)>),
    Array(Box<Type>),
    /// Elements with their names, if they have any.
    Tuple(Vec<(Option<String>, Type)>),
    Map(Box<Type>, Box<Type>),
    Json,
    /// A value of a JSON with its own type, or none.
    Dynamic,
    /// A value of one of these types, or none.
    Variant(Vec<Type>),
    Interval(crate::ast::IntervalUnit),
    Nullable(Box<Type>),
    LowCardinality(Box<Type>),
    /// A function with its parameters as written, and the types of its arguments.
    AggregateFunction(AggregateState),
    SimpleAggregateFunction(AggregateState),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AggregateState {
    /// As in `quantile`, `sumIf`.
    pub function: String,
    /// As in `(0.5, 0.9)`.
    pub params: Vec<String>,
    pub args: Vec<Type>,
}

impl Type {
    pub fn nullable(self) -> Self {
        match self {
            Self::Nullable(_) => self,
            Self::LowCardinality(inner) => Self::LowCardinality(Box::new(inner.nullable())),
            Self::SimpleAggregateFunction(_) if self.is_nullable() => self,
            other if other.can_be_nullable() => Self::Nullable(Box::new(other)),
            other => other,
        }
    }

    /// Arrays, maps, tuples and states are never NULL as a whole.
    pub fn can_be_nullable(&self) -> bool {
        !matches!(
            self,
            Self::Array(_)
                | Self::Map(..)
                | Self::Tuple(_)
                | Self::AggregateFunction(_)
                | Self::LowCardinality(_)
                | Self::Dynamic
                | Self::Variant(_)
        )
    }

    pub fn is_nullable(&self) -> bool {
        match self {
            Self::Nullable(_) => true,
            Self::LowCardinality(inner) => inner.is_nullable(),
            Self::SimpleAggregateFunction(state) => state.args.first().is_some_and(Self::is_nullable),
            _ => false,
        }
    }

    /// The type of `NULL` itself.
    pub fn null() -> Self {
        Self::Nullable(Box::new(Self::Nothing))
    }

    /// Without `Nullable`, `LowCardinality` and `SimpleAggregateFunction` around it.
    pub fn plain(&self) -> &Self {
        match self {
            Self::Nullable(inner) | Self::LowCardinality(inner) => inner.plain(),
            Self::SimpleAggregateFunction(state) => state.args.first().map_or(self, Self::plain),
            other => other,
        }
    }

    /// Without `LowCardinality` and `SimpleAggregateFunction` around it.
    pub fn without_dictionary(&self) -> &Self {
        match self {
            Self::LowCardinality(inner) => inner,
            Self::SimpleAggregateFunction(state) => state.args.first().map_or(self, Self::without_dictionary),
            other => other,
        }
    }

    /// Without `LowCardinality` around it or around any of its parts.
    pub fn without_dictionaries(&self) -> Self {
        let part = |t: &Self| Box::new(t.without_dictionaries());
        match self.without_dictionary() {
            Self::Array(item) => Self::Array(part(item)),
            Self::Map(key, value) => Self::Map(part(key), part(value)),
            Self::Tuple(elements) => {
                Self::Tuple(elements.iter().map(|(n, t)| (n.clone(), t.without_dictionaries())).collect())
            }
            other => other.clone(),
        }
    }

    /// Whether an AggregatingMergeTree merges it.
    pub fn is_aggregated(&self) -> bool {
        matches!(self, Self::AggregateFunction(_) | Self::SimpleAggregateFunction(_))
    }

    pub fn is_low_cardinality(&self) -> bool {
        match self {
            Self::LowCardinality(_) => true,
            Self::SimpleAggregateFunction(state) => state.args.first().is_some_and(Self::is_low_cardinality),
            _ => false,
        }
    }

    /// What may stand inside `LowCardinality`.
    pub fn can_be_dictionary(&self) -> bool {
        match self {
            Self::Nullable(inner) => inner.can_be_dictionary(),
            Self::UInt(_)
            | Self::Int(_)
            | Self::Float32
            | Self::Float64
            | Self::String
            | Self::FixedString(_) => true,
            Self::Date
            | Self::Date32
            | Self::DateTime(_)
            | Self::Uuid
            | Self::Ipv4
            | Self::Ipv6
            | Self::Bool => true,
            _ => false,
        }
    }

    pub fn is_integer(&self) -> bool {
        matches!(self, Self::UInt(_) | Self::Int(_) | Self::Bool)
    }

    pub fn is_float(&self) -> bool {
        matches!(self, Self::Float32 | Self::Float64)
    }

    pub fn is_decimal(&self) -> bool {
        matches!(self, Self::Decimal(..))
    }

    pub fn is_number(&self) -> bool {
        self.is_integer() || self.is_float() || self.is_decimal()
    }

    pub fn is_text(&self) -> bool {
        matches!(self, Self::String | Self::FixedString(_))
    }

    pub fn is_date(&self) -> bool {
        matches!(self, Self::Date | Self::Date32)
    }

    pub fn is_time(&self) -> bool {
        matches!(self, Self::DateTime(_) | Self::DateTime64(..))
    }

    /// Bits and whether it has a sign; `None` for what is no integer.
    pub fn integer(&self) -> Option<(u16, bool)> {
        match self {
            Self::Bool => Some((8, false)),
            Self::UInt(bits) => Some((*bits, false)),
            Self::Int(bits) => Some((*bits, true)),
            _ => None,
        }
    }

    /// The time zone written in the type.
    pub fn zone(&self) -> Option<&str> {
        match self {
            Self::DateTime(zone) | Self::DateTime64(_, zone) => zone.as_deref(),
            _ => None,
        }
    }
}

/// An integer type of so many bits.
pub const fn integer(bits: u16, signed: bool) -> Type {
    if signed { Type::Int(bits) } else { Type::UInt(bits) }
}

/// The next larger size that arithmetic widens to: 64 bits are the end, larger ones stay.
const fn next(bits: u16) -> u16 {
    if bits >= 64 { bits } else { bits * 2 }
}

/// An arithmetic operation on numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arithmetic {
    Plus,
    Minus,
    Multiply,
    Divide,
    IntDivide,
    Modulo,
}

/// The type of `a op b` of plain numbers; `None` where the operation does not exist.
pub fn arithmetic(op: Arithmetic, a: &Type, b: &Type) -> Option<Type> {
    use Arithmetic::{Divide, IntDivide, Minus, Modulo, Multiply, Plus};
    if let (Some((x, xs)), Some((y, ys))) = (a.integer(), b.integer()) {
        let widest = x.max(y);
        return Some(match op {
            Plus | Multiply => integer(next(widest), xs || ys),
            Minus => integer(next(widest), true),
            Divide => Type::Float64,
            IntDivide => integer(x, xs || ys),
            Modulo => integer(if xs { next(y) } else { y }, xs),
        });
    }
    if a.is_decimal() || b.is_decimal() {
        return decimal(op, a, b);
    }
    if a.is_number() && b.is_number() {
        return match op {
            IntDivide => {
                let (x, xs) = a.integer().unwrap_or((if *a == Type::Float32 { 32 } else { 64 }, true));
                let signed = xs || b.integer().is_none_or(|(_, s)| s);
                Some(integer(x, signed))
            }
            _ => Some(Type::Float64),
        };
    }
    None
}

fn decimal(op: Arithmetic, a: &Type, b: &Type) -> Option<Type> {
    if a.is_float() || b.is_float() {
        return Some(Type::Float64);
    }
    let parts = |t: &Type| match t {
        Type::Decimal(p, s) => Some((*p, *s)),
        other => other.integer().map(|_| (0, 0)),
    };
    let ((p, s), (q, t)) = (parts(a)?, parts(b)?);
    let precision = class(p.max(q));
    let scale = match op {
        Arithmetic::Plus | Arithmetic::Minus | Arithmetic::Modulo => s.max(t),
        Arithmetic::Multiply => s + t,
        Arithmetic::Divide | Arithmetic::IntDivide => s,
    };
    (scale <= precision).then_some(Type::Decimal(precision, scale))
}

/// The largest precision that is stored in the same number of bytes.
const fn class(precision: u8) -> u8 {
    match precision {
        0..=9 => 9,
        10..=18 => 18,
        19..=38 => 38,
        _ => 76,
    }
}

/// The smallest type that holds all values of all these; `None` when there is none.
pub fn supertype(types: &[Type]) -> Option<Type> {
    let mut distinct: Vec<&Type> = Vec::new();
    for t in types {
        if !distinct.contains(&t) {
            distinct.push(t);
        }
    }
    if let [one] = distinct.as_slice() {
        return Some((*one).clone());
    }
    if types.is_empty() {
        return Some(Type::Nothing);
    }
    // Types that differ in the name of a `SimpleAggregateFunction` only are the first of them.
    if let [first, rest @ ..] = types
        && !first.is_low_cardinality()
        && rest
            .iter()
            .all(|t| !t.is_low_cardinality() && t.without_dictionary() == first.without_dictionary())
    {
        return Some(first.clone());
    }
    // A dictionary is kept only where all sides have one.
    if types.iter().all(Type::is_low_cardinality) {
        let inner: Vec<Type> = types.iter().map(|t| t.without_dictionary().clone()).collect();
        return supertype(&inner).map(|t| Type::LowCardinality(Box::new(t)));
    }
    let types: Vec<Type> = types.iter().map(|t| t.without_dictionary().clone()).collect();
    if types.iter().any(Type::is_nullable) {
        let inner: Vec<Type> = types.iter().map(|t| t.plain_nullable().clone()).collect();
        return supertype(&inner).map(Type::nullable);
    }
    let types: Vec<Type> = types.into_iter().filter(|t| *t != Type::Nothing).collect();
    match types.first()? {
        Type::Array(_) => {
            let items = types.iter().map(|t| if let Type::Array(i) = t { Some((**i).clone()) } else { None });
            supertype(&items.collect::<Option<Vec<_>>>()?).map(|t| Type::Array(Box::new(t)))
        }
        Type::Tuple(first) => {
            let names: Vec<_> = first.iter().map(|(n, _)| n.clone()).collect();
            let columns = types.iter().map(|t| if let Type::Tuple(e) = t { Some(e) } else { None });
            let columns = columns.collect::<Option<Vec<_>>>()?;
            if columns.iter().any(|c| c.len() != first.len()) {
                return None;
            }
            let same_names = columns.iter().all(|c| c.iter().zip(&names).all(|((n, _), m)| n == m));
            let elements = (0..first.len()).map(|i| {
                let items: Vec<Type> =
                    columns.iter().filter_map(|c| c.get(i).map(|(_, t)| t.clone())).collect();
                let name = names.get(i).cloned().flatten().filter(|_| same_names);
                supertype(&items).map(|t| (name, t))
            });
            elements.collect::<Option<Vec<_>>>().map(Type::Tuple)
        }
        Type::Map(..) => {
            let pairs = types.iter().map(|t| if let Type::Map(k, v) = t { Some((k, v)) } else { None });
            let pairs = pairs.collect::<Option<Vec<_>>>()?;
            let keys: Vec<Type> = pairs.iter().map(|(k, _)| (***k).clone()).collect();
            let values: Vec<Type> = pairs.iter().map(|(_, v)| (***v).clone()).collect();
            Some(Type::Map(Box::new(supertype(&keys)?), Box::new(supertype(&values)?)))
        }
        _ => scalar_supertype(&types),
    }
}

impl Type {
    /// With no time zone in it or in any of its parts: types that differ in zones alone hold the same values.
    pub fn without_zones(&self) -> Self {
        let part = |t: &Self| Box::new(t.without_zones());
        match self {
            Self::DateTime(_) => Self::DateTime(None),
            Self::DateTime64(digits, _) => Self::DateTime64(*digits, None),
            Self::Nullable(inner) => Self::Nullable(part(inner)),
            Self::LowCardinality(inner) => Self::LowCardinality(part(inner)),
            Self::Array(item) => Self::Array(part(item)),
            Self::Map(key, value) => Self::Map(part(key), part(value)),
            Self::Tuple(elements) => {
                Self::Tuple(elements.iter().map(|(n, t)| (n.clone(), t.without_zones())).collect())
            }
            other => other.clone(),
        }
    }

    /// Without `Nullable`.
    pub fn plain_nullable(&self) -> &Self {
        if let Self::Nullable(inner) = self { inner } else { self }
    }
}

fn scalar_supertype(types: &[Type]) -> Option<Type> {
    if let [first, rest @ ..] = types
        && rest.iter().all(|t| t == first)
    {
        return Some(first.clone());
    }
    if types.iter().all(Type::is_number) {
        return number_supertype(types);
    }
    if types.iter().all(|t| t.is_text() || matches!(t, Type::Enum(..))) {
        return Some(Type::String);
    }
    if types.iter().all(|t| t.is_date() || t.is_time()) {
        let digits =
            types.iter().filter_map(|t| if let Type::DateTime64(d, _) = t { Some(*d) } else { None }).max();
        // The zone is that of the first of the finest times.
        let is_finest = |t: &&Type| match t {
            Type::DateTime64(d, _) => Some(*d) == digits,
            _ => t.is_time() && digits.is_none(),
        };
        let zone = types.iter().find(is_finest).and_then(|t| t.zone().map(str::to_owned));
        let wide = types.contains(&Type::Date32);
        return Some(match (digits, types.iter().any(Type::is_time)) {
            (Some(digits), _) => Type::DateTime64(digits, zone),
            (None, true) if wide => Type::DateTime64(0, None),
            (None, true) => Type::DateTime(zone),
            (None, false) => Type::Date32,
        });
    }
    None
}

fn number_supertype(types: &[Type]) -> Option<Type> {
    if types.contains(&Type::Bool) && types.iter().all(|t| matches!(t, Type::Bool | Type::UInt(8))) {
        // Both are one byte: the first one names it.
        return types.first().cloned();
    }
    let bits = |signed: bool| {
        types
            .iter()
            .filter_map(Type::integer)
            .filter(|(_, s)| *s == signed)
            .map(|(b, _)| b)
            .max()
            .unwrap_or(0)
    };
    let (unsigned, signed) = (bits(false), bits(true));
    if types.iter().any(Type::is_decimal) {
        if types.iter().any(Type::is_float) {
            return None;
        }
        let scale =
            types.iter().filter_map(|t| if let Type::Decimal(_, s) = t { Some(*s) } else { None }).max()?;
        let whole = types.iter().map(|t| match t {
            Type::Decimal(p, s) => p - s,
            other => digits_of(other),
        });
        let precision = whole.max()?.saturating_add(scale);
        return (precision <= 76).then_some(Type::Decimal(class(precision), scale));
    }
    // No signed type holds them all.
    if unsigned == 64 && (1..=64).contains(&signed) {
        return None;
    }
    let integers = if signed == 0 {
        unsigned
    } else if unsigned >= 64 && unsigned.max(signed) == 64 {
        // No integer of 64 bits holds both; a Variant would.
        return None;
    } else if unsigned >= signed {
        unsigned * 2
    } else {
        signed
    };
    if types.iter().any(Type::is_float) {
        let widest = unsigned.max(signed);
        let double = types.contains(&Type::Float64);
        return match widest {
            0..=16 if !double => Some(Type::Float32),
            0..=32 => Some(Type::Float64),
            _ => None,
        };
    }
    (integers <= 256).then_some(integer(integers, signed > 0))
}

/// Decimal digits that an integer type needs.
fn digits_of(t: &Type) -> u8 {
    match t.integer() {
        Some((8, _)) => 3,
        Some((16, _)) => 5,
        Some((32, _)) => 10,
        Some((64, true)) => 19,
        Some((64, false)) => 20,
        Some((128, _)) => 39,
        _ => 78,
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("Nothing"),
            Self::Bool => f.write_str("Bool"),
            Self::UInt(bits) => write!(f, "UInt{bits}"),
            Self::Int(bits) => write!(f, "Int{bits}"),
            Self::Float32 => f.write_str("Float32"),
            Self::Float64 => f.write_str("Float64"),
            Self::Decimal(p, s) => write!(f, "Decimal({p}, {s})"),
            Self::String => f.write_str("String"),
            Self::FixedString(n) => write!(f, "FixedString({n})"),
            Self::Date => f.write_str("Date"),
            Self::Date32 => f.write_str("Date32"),
            Self::DateTime(None) => f.write_str("DateTime"),
            Self::DateTime(Some(zone)) => write!(f, "DateTime({})", quoted(zone)),
            Self::DateTime64(p, None) => write!(f, "DateTime64({p})"),
            Self::DateTime64(p, Some(zone)) => write!(f, "DateTime64({p}, {})", quoted(zone)),
            Self::Uuid => f.write_str("UUID"),
            Self::Ipv4 => f.write_str("IPv4"),
            Self::Ipv6 => f.write_str("IPv6"),
            Self::Enum(bits, names) => {
                let items: Vec<String> = names.iter().map(|(n, v)| format!("{} = {v}", quoted(n))).collect();
                write!(f, "Enum{bits}({})", items.join(", "))
            }
            Self::Array(inner) => write!(f, "Array({inner})"),
            Self::Tuple(elements) => {
                let items = elements.iter().map(|(name, t)| match name {
                    Some(name) => format!("{} {t}", identifier(name)),
                    None => t.to_string(),
                });
                write!(f, "Tuple({})", items.collect::<Vec<_>>().join(", "))
            }
            Self::Map(k, v) => write!(f, "Map({k}, {v})"),
            Self::Json => f.write_str("JSON"),
            Self::Dynamic => f.write_str("Dynamic"),
            Self::Variant(all) => {
                let all: Vec<String> = all.iter().map(ToString::to_string).collect();
                write!(f, "Variant({})", all.join(", "))
            }
            Self::Interval(unit) => write!(f, "Interval{unit:?}"),
            Self::Nullable(inner) => write!(f, "Nullable({inner})"),
            Self::LowCardinality(inner) => write!(f, "LowCardinality({inner})"),
            Self::AggregateFunction(state) => write!(f, "AggregateFunction({state})"),
            Self::SimpleAggregateFunction(state) => write!(f, "SimpleAggregateFunction({state})"),
        }
    }
}

impl fmt::Display for AggregateState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.function)?;
        if !self.params.is_empty() {
            write!(f, "({})", self.params.join(", "))?;
        }
        self.args.iter().try_for_each(|t| write!(f, ", {t}"))
    }
}

/// A text literal.
pub fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

fn identifier(name: &str) -> String {
    let plain = name
        .chars()
        .enumerate()
        .all(|(i, c)| c == '_' || c.is_ascii_alphabetic() || (i > 0 && c.is_ascii_digit()));
    // Words that mean something of their own in this place.
    let words =
        ["values", "true", "false", "all", "distinct", "from", "inf", "nan", "select", "table", "top"];
    let is_word = words.iter().any(|word| name.eq_ignore_ascii_case(word));
    if plain && !name.is_empty() && !is_word {
        name.to_owned()
    } else {
        format!("`{}`", name.replace('\\', "\\\\").replace('`', "\\`"))
    }
}
