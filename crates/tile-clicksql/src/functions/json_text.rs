//! `toJSONString`: a value as JSON, as the JSON formats write it.

use super::Args;
use crate::error::Result;
use crate::typed::Typed;
use crate::types::Type;

/// The DuckDB form of the value's JSON text; NULL inside of other values is `null`.
pub fn of(a: &Args<'_, '_, '_>, x: &Typed, depth: usize) -> Result<String> {
    let sql = x.value();
    let text = match x.ty.plain() {
        Type::UInt(_) | Type::Int(_) => format!("CAST({sql} AS VARCHAR)"),
        Type::Bool | Type::Decimal(..) => crate::cast::text_of(&plain(x))?,
        Type::Float64 | Type::Float32 => {
            format!("CASE WHEN isfinite({sql}) THEN {} ELSE 'null' END", crate::cast::text_of(&plain(x))?)
        }
        Type::Json | Type::Dynamic => format!("ch_json_shown({sql})"),
        Type::String | Type::Enum(..) => format!("ch_json_quote({sql})"),
        Type::Date | Type::Date32 | Type::DateTime(_) | Type::DateTime64(..) | Type::Uuid => {
            format!("('\"' || {} || '\"')", crate::cast::text_of(&plain(x))?)
        }
        Type::Array(item) => {
            let name = format!("e{depth}_");
            let item = Typed::new(name.clone(), item.as_ref().clone());
            let items = format!("list_transform({sql}, lambda {name}: {})", of(a, &item, depth + 1)?);
            format!("('[' || array_to_string({items}, ',') || ']')")
        }
        Type::Tuple(elements) => tuple(a, &sql, elements, depth)?,
        Type::Map(key, value) => {
            let name = format!("e{depth}_");
            let key = Typed::new(format!("{name}.key"), key.as_ref().clone());
            let value = Typed::new(format!("{name}.value"), value.as_ref().clone());
            let key = format!("ch_json_quote({})", crate::cast::text_of(&plain(&key))?);
            let pairs = format!(
                "list_transform(map_entries({sql}), lambda {name}: {key} || ':' || {})",
                of(a, &value, depth + 1)?
            );
            format!("('{{' || array_to_string({pairs}, ',') || '}}')")
        }
        _ => return Err(a.unsupported(&format!("of `{}`", x.ty))),
    };
    Ok(if depth > 0 && x.ty.is_nullable() { format!("coalesce({text}, 'null')") } else { text })
}

/// All arguments behind the first as a row of the format that it names, with the names that they have.
pub fn row(a: &Args<'_, '_, '_>, has_end: bool) -> Result<Typed> {
    let format = a.constant_text(0)?;
    if format != "JSONEachRow" {
        return Err(a.unsupported(&format!("with the format `{format}`")).hint("Use `JSONEachRow`"));
    }
    let mut parts = Vec::new();
    for item in a.items.iter().skip(1) {
        let name = crate::duck::text(&item.name);
        parts.push(format!("ch_json_quote({name}) || ':' || {}", of(a, item, 1)?));
    }
    let end = if has_end { " || chr(10)" } else { "" };
    Ok(Typed::new(format!("('{{' || {} || '}}'{end})", parts.join(" || ',' || ")), Type::String))
}

fn plain(x: &Typed) -> Typed {
    Typed { ty: x.ty.plain().clone(), ..x.clone() }
}

fn tuple(
    a: &Args<'_, '_, '_>,
    sql: &str,
    elements: &[(Option<String>, Type)],
    depth: usize,
) -> Result<String> {
    let named = elements.iter().all(|(name, _)| name.is_some()) && !elements.is_empty();
    let mut parts = Vec::new();
    for (i, (name, ty)) in elements.iter().enumerate() {
        let element = Typed::new(format!("struct_extract({sql}, '{}')", i + 1), ty.clone());
        let text = of(a, &element, depth + 1)?;
        parts.push(match name.as_ref().filter(|_| named) {
            Some(name) => format!("ch_json_quote({}) || ':' || {text}", crate::duck::text(name)),
            None => text,
        });
    }
    let (open, close) = if named { ("{", "}") } else { ("[", "]") };
    Ok(format!(
        "('{open}' || {} || '{close}')",
        if parts.is_empty() { "''".into() } else { parts.join(" || ',' || ") }
    ))
}
