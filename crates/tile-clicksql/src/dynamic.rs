//! `JSON` columns read by their paths: parts of the type `Dynamic`, and what may be done with those.
//!
//! ClickHouse runs a function over a `Dynamic` once for each type among a block's values, and what comes out depends on
//! these types. Here a use is served when its answer follows from each value alone; the others ask for a cast.

use crate::duck;
use crate::error::{Code, Result, SqlError};
use crate::resolve::Scope;
use crate::typed::Typed;
use crate::types::Type;

/// The types that a JSON text's values have, beside arrays.
const KINDS: [(&str, Type); 8] = [
    ("Bool", Type::Bool),
    ("Int64", Type::Int(64)),
    ("UInt64", Type::UInt(64)),
    ("Float64", Type::Float64),
    ("Date", Type::Date),
    ("DateTime", Type::DateTime(None)),
    ("DateTime64(9)", Type::DateTime64(6, None)),
    ("String", Type::String),
];

/// What a JSON has at a path.
pub fn part(json: &Typed, path: &str) -> Typed {
    let mut sql = format!("ch_json_at({}, {})", json.sql, duck::text(path));
    if json.ty.is_nullable() {
        sql = format!("coalesce({sql}, 'null')");
    }
    let mut out = Typed::new(sql, Type::Dynamic).named(format!("{}.{path}", json.name));
    out.is_constant = json.is_constant;
    out
}

/// The value as one of its possible types, where it is of this one.
fn of_kind(value: &str, ty: &Type) -> Result<String> {
    let text = format!("ch_dynamic_text({value})");
    Ok(match ty {
        Type::String => text,
        Type::Bool => format!("({text} = 'true')"),
        Type::DateTime(_) | Type::DateTime64(..) => format!("ch_dynamic_micros({text})"),
        // Other branches of the same constant are computed as well.
        other => format!("TRY_CAST({text} AS {})", duck::type_of(other)?),
    })
}

fn is_kind(value: &str, name: &str) -> String {
    format!("ch_dynamic_type({value}) = {}", duck::text(name))
}

/// `x.:T`: the values of this type, NULL in the place of others.
pub fn element(x: &Typed, to: &Type) -> Result<Typed> {
    if x.ty != Type::Dynamic {
        return Err(SqlError::new(Code::UnknownIdentifier, format!("`{}` has no subcolumn `:{to}`", x.ty)));
    }
    let nullable = to.clone().nullable();
    if !nullable.is_nullable() || matches!(to, Type::DateTime64(9, _)) {
        return Err(SqlError::new(Code::Unsupported, format!("the subcolumn `.:{to}` is not supported")));
    }
    let found = KINDS.iter().find(|(_, kind)| kind == to);
    let sql = match found {
        Some((name, kind)) => {
            format!("CASE WHEN {} THEN {} END", is_kind(&x.sql, name), of_kind(&x.sql, kind)?)
        }
        // A text is never read as a type beside these.
        None => format!("CAST(NULL AS {})", duck::type_of(to)?),
    };
    Ok(Typed::new(sql, nullable).named(format!("{}.:`{to}`", x.name)))
}

/// `CAST(x AS to)` for each type that the value may have; none is the type's default.
pub fn cast(scope: &Scope<'_, '_>, x: &Typed, to: &Type) -> Result<Typed> {
    let value = &x.sql;
    let mut out = match to.plain() {
        Type::Dynamic => return Ok(x.clone()),
        Type::String if to.is_nullable() => Typed::new(format!("ch_dynamic_text({value})"), to.clone()),
        Type::String => Typed::new(format!("coalesce(ch_dynamic_text({value}), '')"), to.clone()),
        Type::Array(item) if **item == Type::String => {
            Typed::new(format!("ch_dynamic_texts({value})"), to.clone())
        }
        plain => {
            let mut sql = format!(
                "CASE WHEN {value} = 'null' THEN {}",
                duck::default_of(if to.is_nullable() { to } else { plain })?
            );
            for (name, kind) in &KINDS {
                let from = Typed::new(of_kind(value, kind)?, kind.clone());
                if let Ok(converted) = crate::cast::cast(scope, &from, plain) {
                    sql.push_str(&format!(" WHEN {} THEN {}", is_kind(value, name), converted.value()));
                }
            }
            let refusal = duck::text(&format!("this value of a Dynamic cannot become {plain} here"));
            Typed::new(format!("{sql} ELSE error({refusal}) END"), to.clone())
        }
    };
    out.is_constant = x.is_constant;
    Ok(out)
}

/// A `Dynamic` beside a text or a number, as a value of that kind: NULL where there is none.
pub fn beside(x: &Typed, other: &Type) -> Option<Typed> {
    let (kernel, ty) = match other.plain() {
        Type::String => ("ch_dynamic_string", Type::String),
        t if t.integer().is_none_or(|(bits, _)| bits <= 32) && t.is_number() && !t.is_decimal() => {
            ("ch_dynamic_number", Type::Float64)
        }
        _ => return None,
    };
    Some(Typed::new(format!("{kernel}({})", x.sql), ty.nullable()).named(x.name.clone()))
}

/// What a function makes of its `Dynamic` arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Uses {
    /// It is refused.
    No,
    /// It reads texts only, and NULL where there is none.
    Texts,
    /// Any value by its text.
    Shown,
    /// It takes the value as it is.
    Own,
}

impl Uses {
    /// An argument as the function reads it.
    pub fn argument(self, function: &str, x: Typed) -> Result<Typed> {
        let kernel = match self {
            Self::Own => return Ok(x),
            Self::Texts => "ch_dynamic_string",
            Self::Shown => "ch_dynamic_text",
            Self::No => {
                let message = format!("`{function}` of a value of the type `Dynamic` is not supported");
                return Err(SqlError::new(Code::Unsupported, message)
                    .hint(format!("cast it first, as in `{}::String`", x.name)));
            }
        };
        Ok(Typed { sql: format!("{kernel}({})", x.sql), ty: Type::String.nullable(), bytes: None, ..x })
    }
}
