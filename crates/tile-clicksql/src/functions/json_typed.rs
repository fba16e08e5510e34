//! `JSONExtract` with a type, and `JSONExtractKeysAndValues`: a type becomes a reader of JSON texts.
//!
//! A reader is a DuckDB form that is NULL where the value is of another kind. Inside of arrays, tuples and maps such a
//! value is the type's default; an array of which no item can be read is empty.

use super::Args;
use crate::duck;
use crate::error::Result;
use crate::typed::Typed;
use crate::types::Type;

/// A JSON text in DuckDB's form, and the path into it.
struct Place {
    text: String,
    path: String,
    /// How many lambdas are around.
    depth: usize,
}

/// The value at a path as a type.
pub fn value(a: &Args<'_, '_, '_>, text: String, path: String, ty: &Type) -> Result<Typed> {
    let read = reader(a, &Place { text, path, depth: 0 }, ty)?;
    Ok(Typed::new(duck::or_default(read, ty)?, ty.clone()))
}

/// Members that can be read as a type, with their names.
pub fn members(a: &Args<'_, '_, '_>, text: &str, path: &str, ty: &Type) -> Result<Typed> {
    let item = Place { text: "v_[i_]".into(), path: NONE.into(), depth: 1 };
    let read = reader(a, &item, ty)?;
    let kept = if ty.is_nullable() {
        format!("({read} IS NOT NULL OR v_[i_] = 'null')")
    } else {
        format!("{read} IS NOT NULL")
    };
    let rows = format!(
        "list_transform([struct_pack(k := ch_json_extract_keys({text}, {path}), v := ch_json_extract_values_raw({text}, {path}))], \
         lambda m_: list_transform([m_.v], lambda v_: list_transform(list_filter(range(1, len(v_) + 1), lambda i_: {kept}), \
         lambda i_: struct_pack(\"1\" := m_.k[i_], \"2\" := {read})))[1])[1]"
    );
    let pair = Type::Tuple(vec![(None, Type::String), (None, ty.clone())]);
    let form = duck::type_of(&Type::Array(Box::new(pair.clone())))?;
    Ok(Typed::new(format!("CAST({rows} AS {form})"), Type::Array(Box::new(pair))))
}

const NONE: &str = "CAST([] AS VARCHAR[])";

fn reader(a: &Args<'_, '_, '_>, at: &Place, ty: &Type) -> Result<String> {
    let by = |kernel: &str| format!("ch_json_extract_{kernel}_or_null({}, {})", at.text, at.path);
    Ok(match ty {
        Type::Nullable(inner) | Type::LowCardinality(inner) => reader(a, at, inner)?,
        Type::String => by("string"),
        Type::Int(64) => by("int"),
        Type::UInt(64) => by("uint"),
        Type::Int(8 | 16 | 32) => format!("TRY_CAST({} AS {})", by("int"), duck::type_of(ty)?),
        Type::UInt(8 | 16 | 32) => format!("TRY_CAST({} AS {})", by("uint"), duck::type_of(ty)?),
        Type::Bool => format!("(TRY_CAST({} AS UTINYINT) <> 0)", by("uint")),
        Type::Float64 => by("float"),
        Type::Float32 => format!("CAST({} AS FLOAT)", by("float")),
        Type::Uuid => format!("CAST(ch_to_uuid_or_null({}) AS UUID)", by("string")),
        Type::Array(item) => array(a, at, item)?,
        Type::Tuple(elements) => tuple(a, at, elements)?,
        Type::Map(key, item) if **key == Type::String => map(a, at, item)?,
        _ => return Err(a.unsupported(&format!("of `{ty}`"))),
    })
}

fn is_kind(at: &Place, kind: &str) -> String {
    format!("ch_json_type({}, {}) = '{kind}'", at.text, at.path)
}

fn array(a: &Args<'_, '_, '_>, at: &Place, item: &Type) -> Result<String> {
    let (raw, value) = (format!("r{}_", at.depth), format!("x{}_", at.depth));
    let inner = Place { text: value.clone(), path: NONE.into(), depth: at.depth + 1 };
    let read = reader(a, &inner, item)?;
    let form = duck::type_of(&Type::Array(Box::new(item.clone())))?;
    let any = format!("len(list_filter({raw}, lambda {value}: {read} IS NOT NULL)) > 0");
    let any = if item.is_nullable() { format!("({any} OR list_contains({raw}, 'null'))") } else { any };
    Ok(format!(
        "list_transform([ch_json_extract_array_raw({}, {})], lambda {raw}: CASE WHEN {any} \
         THEN CAST(list_transform({raw}, lambda {value}: {}) AS {form}) END)[1]",
        at.text,
        at.path,
        duck::or_default(read, item)?
    ))
}

fn tuple(a: &Args<'_, '_, '_>, at: &Place, elements: &[(Option<String>, Type)]) -> Result<String> {
    let raw = format!("t{}_", at.depth);
    let depth = at.depth + 1;
    let forms = |by_name: bool| -> Result<(String, String)> {
        let (mut fields, mut found) = (Vec::new(), Vec::new());
        for (i, (name, ty)) in elements.iter().enumerate() {
            let step = match name.as_ref().filter(|_| by_name) {
                Some(name) => duck::text(name),
                None => format!("(chr(1) || '{}')", i + 1),
            };
            let place = Place { text: raw.clone(), path: format!("[{step}]"), depth };
            let read = reader(a, &place, ty)?;
            found.push(format!("{read} IS NOT NULL"));
            fields.push(format!("\"{}\" := {}", i + 1, duck::or_default(read, ty)?));
        }
        Ok((format!("struct_pack({})", fields.join(", ")), found.join(" OR ")))
    };
    let ((object, any_member), (list, any_item)) = (forms(true)?, forms(false)?);
    let whole = Place { text: raw.clone(), path: NONE.into(), depth };
    Ok(format!(
        "list_transform([ch_json_extract_raw({}, {})], lambda {raw}: CASE WHEN {} AND ({any_member}) THEN {object} \
         WHEN {} AND ({any_item}) THEN {list} END)[1]",
        at.text,
        at.path,
        is_kind(&whole, "Object"),
        is_kind(&whole, "Array")
    ))
}

fn map(a: &Args<'_, '_, '_>, at: &Place, item: &Type) -> Result<String> {
    let value = format!("x{}_", at.depth);
    let inner = Place { text: value.clone(), path: NONE.into(), depth: at.depth + 1 };
    let read = duck::or_default(reader(a, &inner, item)?, item)?;
    let form = duck::type_of(&Type::Map(Box::new(Type::String), Box::new(item.clone())))?;
    let (text, path) = (&at.text, &at.path);
    Ok(format!(
        "CASE WHEN {} THEN CAST(MAP(ch_json_extract_keys({text}, {path}), \
         list_transform(ch_json_extract_values_raw({text}, {path}), lambda {value}: {read})) AS {form}) END",
        is_kind(at, "Object")
    ))
}
