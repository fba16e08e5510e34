//! `Variant`: the type of values of several types that have no common one. A value rests in a struct with a field for each
//! alternative, of which one at most is not NULL.
//!
//! A function of such a value runs on each alternative. Where all results are of one type it is that one with NULL, else a
//! variant of the results.

use crate::duck;
use crate::error::{Code, Result, SqlError};
use crate::resolve::Scope;
use crate::typed::Typed;
use crate::types::Type;

/// Functions that take a variant as the value that it is.
const WHOLE: &[&str] = &[
    "CAST",
    "array",
    "coalesce",
    "identity",
    "if",
    "ifNull",
    "ignore",
    "isConstant",
    "isNotNull",
    "isNull",
    "map",
    "materialize",
    "multiIf",
    "toFloat32",
    "toFloat64",
    "toInt16",
    "toInt32",
    "toInt64",
    "toInt8",
    "toString",
    "toTypeName",
    "toUInt16",
    "toUInt32",
    "toUInt64",
    "toUInt8",
    "tuple",
];

/// Functions that take arrays, tuples and maps with variants inside.
const AROUND: &[&str] =
    &["arrayElement", "empty", "length", "mapKeys", "mapValues", "notEmpty", "tupleElement"];

/// Functions that take no variant there either.
const NEVER: &[&str] = &["and", "greatest", "least", "not", "nullIf", "or", "transform", "xor"];

/// Aggregate functions that pass variants on, or count them.
const AGGREGATES: &[&str] = &["any", "anyLast", "count", "groupArray"];

impl Type {
    pub const fn is_variant(&self) -> bool {
        matches!(self, Self::Variant(_))
    }

    /// Whether there are variants in its values.
    pub fn has_variant(&self) -> bool {
        match self {
            Self::Array(item) => item.has_variant(),
            Self::Map(key, value) => key.has_variant() || value.has_variant(),
            Self::Tuple(elements) => elements.iter().any(|(_, t)| t.has_variant()),
            other => other.is_variant(),
        }
    }
}

/// What can be one of several alternatives here.
fn is_alternative(ty: &Type) -> bool {
    match ty {
        Type::UInt(bits) | Type::Int(bits) => *bits <= 64,
        Type::Decimal(precision, _) => *precision <= 38,
        Type::Array(item) => is_alternative(item.plain_nullable()),
        Type::Tuple(elements) => elements.iter().all(|(_, t)| is_alternative(t.plain_nullable())),
        Type::Bool | Type::Float32 | Type::Float64 | Type::String | Type::FixedString(_) => true,
        Type::Uuid | Type::Ipv4 => true,
        other => other.is_date() || other.is_time(),
    }
}

/// The variant of values of these types, its alternatives in the order of their names; `None` where a type cannot be one.
pub fn of(types: &[Type]) -> Option<Type> {
    let mut all: Vec<Type> = Vec::new();
    for ty in types {
        let own = match ty.without_dictionaries() {
            Type::Variant(own) => own,
            Type::Nullable(inner) => vec![*inner],
            other => vec![other],
        };
        for one in own.into_iter().filter(|t| *t != Type::Nothing) {
            if !is_alternative(&one) {
                return None;
            }
            if !all.contains(&one) {
                all.push(one);
            }
        }
    }
    all.sort_by_key(ToString::to_string);
    (all.len() > 1).then_some(Type::Variant(all))
}

fn field(sql: &str, at: usize) -> String {
    format!("struct_extract({sql}, '{}')", at + 1)
}

/// Each alternative of a value, NULL but for one.
fn parts(x: &Typed) -> Vec<Typed> {
    let Type::Variant(own) = &x.ty else { return vec![] };
    own.iter().enumerate().map(|(i, t)| Typed::new(field(&x.sql, i), t.clone()).named(&x.name)).collect()
}

/// A value in the form of a variant that has its type.
pub fn widened(x: &Typed, to: &Type) -> Result<String> {
    let Type::Variant(alternatives) = to else { return Err(refused(&format!("the conversion to `{to}`"))) };
    let own = parts(x);
    let fields = alternatives.iter().enumerate().map(|(i, ty)| {
        let value = match own.iter().find(|p| p.ty == *ty) {
            Some(part) => part.sql.clone(),
            None if !x.ty.is_variant() && x.ty.without_dictionaries().plain_nullable() == ty => x.value(),
            None => "NULL".into(),
        };
        Ok(format!("\"{}\" := CAST({value} AS {})", i + 1, duck::type_of(ty)?))
    });
    Ok(format!("struct_pack({})", fields.collect::<Result<Vec<_>>>()?.join(", ")))
}

fn refused(what: &str) -> SqlError {
    SqlError::new(Code::Unsupported, format!("{what} of a `Variant` is not supported"))
}

/// Whether there is a value.
pub fn is_null(x: &Typed) -> String {
    let tests: Vec<String> = parts(x).iter().map(|p| format!("{} IS NULL", p.sql)).collect();
    format!("({})", tests.join(" AND "))
}

/// The first alternative that is there, each in a form of its own.
fn chosen(x: &Typed, forms: &[String], otherwise: &str) -> String {
    let whens =
        parts(x).into_iter().zip(forms).map(|(p, form)| format!("WHEN {} IS NOT NULL THEN {form}", p.sql));
    format!("CASE {} ELSE {otherwise} END", whens.collect::<Vec<_>>().join(" "))
}

/// Runs a function on each alternative of its only argument of this kind; `None` where it takes variants itself.
pub fn applied(scope: &Scope<'_, '_>, function: &'static str, args: &[Typed]) -> Result<Option<Typed>> {
    if !args.iter().any(|a| a.ty.has_variant()) || WHOLE.contains(&function) {
        return Ok(None);
    }
    if NEVER.contains(&function) {
        return Err(SqlError::new(Code::IllegalType, format!("`{function}` takes no `Variant`")));
    }
    let mut places = args.iter().enumerate().filter(|(_, a)| a.ty.has_variant());
    let (Some((at, x)), None) = (places.next(), places.next()) else {
        return Err(refused(&format!("`{function}` of more than one argument")));
    };
    if !x.ty.is_variant() {
        return if AROUND.contains(&function) { Ok(None) } else { Err(refused(&format!("`{function}`"))) };
    }
    let results = parts(x).into_iter().map(|part| {
        let args = args.iter().enumerate().map(|(i, a)| if i == at { part.clone() } else { a.clone() });
        crate::resolve::scalar(scope, function, args.collect())
    });
    let results = results.collect::<Result<Vec<_>>>()?;
    let types: Vec<Type> = results.iter().map(|r| r.ty.plain_nullable().clone()).collect();
    let first = types.first().cloned().unwrap_or(Type::Nothing);
    if types.iter().all(|t| *t == first) {
        if !first.can_be_nullable() {
            return Err(refused(&format!("`{function}`")));
        }
        let forms: Vec<String> = results.iter().map(Typed::value).collect();
        return Ok(Some(Typed::new(chosen(x, &forms, "NULL"), first.nullable())));
    }
    let ty = of(&types).ok_or_else(|| refused(&format!("`{function}`")))?;
    let forms = results.iter().map(|r| widened(r, &ty)).collect::<Result<Vec<_>>>()?;
    Ok(Some(Typed::new(chosen(x, &forms, "NULL"), ty)))
}

/// `CAST(x AS to)` of each alternative; the type's default in the place of NULL.
pub fn cast(scope: &Scope<'_, '_>, x: &Typed, to: &Type) -> Result<Typed> {
    if x.ty == *to {
        return Ok(x.clone());
    }
    let is_scalar = to.plain().is_number() || *to.plain() == Type::String;
    if !is_scalar || to.is_low_cardinality() {
        return Err(refused(&format!("the conversion to `{to}`")));
    }
    let forms = parts(x).into_iter().map(|p| crate::cast::cast(scope, &p, to.plain()).map(|t| t.value()));
    let forms = forms.collect::<Result<Vec<_>>>()?;
    Ok(Typed::new(chosen(x, &forms, &duck::default_of(to)?), to.clone()))
}

/// Whether an aggregate function takes arguments of these types.
pub fn check_aggregate(function: &str, args: &[Typed]) -> Result<()> {
    if args.iter().any(|a| a.ty.has_variant()) && !AGGREGATES.contains(&function) {
        return Err(refused(&format!("`{function}`")).hint("cast it first, as in `toFloat64(x)`"));
    }
    Ok(())
}
