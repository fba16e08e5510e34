//! JSON in texts. Malformed documents give defaults, never errors.

use super::{Args, Function, entry};
use crate::duck;
use crate::dynamic::Uses;
use crate::error::Result;
use crate::typed::{Constant, Typed};
use crate::types::Type;

pub const ALL: &[Function] = &[
    entry("JSONExtractString", (1, 20), |a| kernel(a, "ch_json_extract_string", Type::String)).full(),
    entry("JSONExtractInt", (1, 20), |a| kernel(a, "ch_json_extract_int", Type::Int(64))).full(),
    entry("JSONExtractUInt", (1, 20), |a| kernel(a, "ch_json_extract_uint", Type::UInt(64))).full(),
    entry("JSONExtractFloat", (1, 20), |a| kernel(a, "ch_json_extract_float", Type::Float64)).full(),
    entry("JSONExtractBool", (1, 20), |a| {
        kernel(a, "ch_json_extract_bool", Type::UInt(8)).map(|t| Typed::truth(t.sql))
    })
    .full(),
    entry("JSONExtractRaw", (1, 20), |a| kernel(a, "ch_json_extract_raw", Type::String)).full(),
    entry("JSONExtractArrayRaw", (1, 20), |a| {
        kernel(a, "ch_json_extract_array_raw", Type::Array(Box::new(Type::String)))
    })
    .full(),
    entry("JSONExtractKeys", (1, 20), |a| {
        kernel(a, "ch_json_extract_keys", Type::Array(Box::new(Type::String)))
    })
    .full(),
    entry("JSONHas", (1, 20), |a| kernel(a, "ch_json_has", Type::UInt(8))).full(),
    entry("JSONLength", (1, 20), |a| kernel(a, "ch_json_length", Type::UInt(64))).full(),
    entry("isValidJSON", (1, 1), |a| {
        Ok(Typed::new(format!("ch_is_valid_json({})", a.text(0)?), Type::UInt(8)))
    }),
    entry("JSON_VALUE", (2, 2), |a| {
        Ok(Typed::new(format!("ch_json_value({}, {})", a.text(0)?, a.text(1)?), Type::String))
    }),
    entry("JSON_QUERY", (2, 2), |a| {
        Ok(Typed::new(format!("ch_json_query({}, {})", a.text(0)?, a.text(1)?), Type::String))
    }),
    entry("JSON_EXISTS", (2, 2), |a| {
        Ok(Typed::new(format!("ch_json_exists({}, {})", a.text(0)?, a.text(1)?), Type::UInt(8)))
    }),
    entry("simpleJSONExtractRaw", (2, 2), |a| simple(a, "ch_simple_json_extract_raw", Type::String))
        .alias(&["visitParamExtractRaw"]),
    entry("simpleJSONExtractString", (2, 2), |a| simple(a, "ch_simple_json_extract_string", Type::String))
        .alias(&["visitParamExtractString"]),
    entry("simpleJSONExtractInt", (2, 2), |a| simple(a, "ch_simple_json_extract_int", Type::Int(64)))
        .alias(&["visitParamExtractInt"]),
    entry("simpleJSONExtractUInt", (2, 2), |a| simple(a, "ch_simple_json_extract_uint", Type::UInt(64)))
        .alias(&["visitParamExtractUInt"]),
    entry("simpleJSONExtractFloat", (2, 2), |a| simple(a, "ch_simple_json_extract_float", Type::Float64))
        .alias(&["visitParamExtractFloat"]),
    entry("simpleJSONHas", (2, 2), |a| simple(a, "ch_simple_json_has", Type::UInt(8)))
        .alias(&["visitParamHas"]),
    entry("JSONExtract", (2, 20), |a| {
        let last = a.len() - 1;
        let ty = Type::parse(a.constant_text(last)?)?;
        super::json_typed::value(a, document(a)?, path(a, last)?, &ty)
    })
    .guarded()
    .full(),
    entry("JSONExtractKeysAndValues", (2, 20), |a| {
        let last = a.len() - 1;
        let ty = Type::parse(a.constant_text(last)?)?;
        super::json_typed::members(a, &document(a)?, &path(a, last)?, &ty)
    })
    .full(),
    entry("JSONExtractKeysAndValuesRaw", (1, 20), |a| {
        let (text, path) = (document(a)?, path(a, a.len())?);
        let pair = Type::Tuple(vec![(None, Type::String), (None, Type::String)]);
        let sql = format!(
            "list_transform(list_zip(ch_json_extract_keys({text}, {path}), ch_json_extract_values_raw({text}, {path})), \
             lambda p_: struct_pack(\"1\" := p_[1], \"2\" := p_[2]))"
        );
        Ok(Typed::new(sql, Type::Array(Box::new(pair))))
    })
    .full(),
    entry("JSONType", (1, 20), |a| kernel(a, "ch_json_type", kinds())).full(),
    entry("JSONKey", (2, 20), |a| kernel(a, "ch_json_key", Type::String)).full(),
    entry("simpleJSONExtractBool", (2, 2), |a| simple(a, "ch_simple_json_extract_bool", Type::UInt(8)))
        .alias(&["visitParamExtractBool"]),
    entry("toJSONString", (1, 1), |a| Ok(Typed::new(super::json_text::of(a, a.at(0)?, 0)?, Type::String))).full(),
    entry("formatRow", (2, 10_000), |a| super::json_text::row(a, true)).own_nulls().full(),
    entry("formatRowNoNewline", (2, 10_000), |a| super::json_text::row(a, false)).own_nulls().full(),
    entry("JSONAllPaths", (1, 1), |a| {
        Ok(Typed::new(format!("ch_json_all_paths({})", json(a)?), Type::Array(Box::new(Type::String))))
    }),
    entry("JSONAllPathsWithTypes", (1, 1), |a| {
        let json = json(a)?;
        let sql = format!("MAP(ch_json_all_paths({json}), ch_json_all_types({json}))");
        Ok(Typed::new(sql, Type::Map(Box::new(Type::String), Box::new(Type::String))))
    }),
    entry("dynamicType", (1, 1), |a| match a.ty(0)? {
        Type::Dynamic => {
            let ty = Type::LowCardinality(Box::new(Type::String));
            Ok(Typed::new(format!("ch_dynamic_type({})", a.sql(0)?), ty))
        }
        _ => Err(a.wrong(0, "a Dynamic")),
    })
    .dynamic(Uses::Own),
    entry("dynamicElement", (2, 2), |a| {
        crate::dynamic::element(a.at(0)?, &Type::parse(a.constant_text(1)?)?)
    })
    .dynamic(Uses::Own),
];

fn json(a: &Args<'_, '_, '_>) -> Result<String> {
    if *a.ty(0)? == Type::Json { a.sql(0) } else { Err(a.wrong(0, "a JSON")) }
}

/// The path goes as a list of texts: names as they are, positions behind the character 1.
fn kernel(a: &Args<'_, '_, '_>, name: &str, ty: Type) -> Result<Typed> {
    Ok(Typed::new(format!("{name}({}, {})", document(a)?, path(a, a.len())?), ty))
}

/// The document, which may be of the type JSON.
fn document(a: &Args<'_, '_, '_>) -> Result<String> {
    if *a.ty(0)?.plain() == Type::Json { a.sql(0) } else { a.text(0) }
}

fn path(a: &Args<'_, '_, '_>, end: usize) -> Result<String> {
    let mut path = Vec::new();
    for item in a.items.iter().take(end).skip(1) {
        path.push(match &item.constant {
            Some(Constant::Text(text)) => duck::text(text),
            Some(Constant::Int(n)) => format!("(chr(1) || '{n}')"),
            _ if item.ty.is_text() => item.value(),
            _ if item.ty.is_integer() => format!("(chr(1) || CAST({} AS VARCHAR))", item.value()),
            _ => return Err(a.unsupported("with such a path")),
        });
    }
    Ok(format!("CAST([{}] AS VARCHAR[])", path.join(", ")))
}

/// What `JSONType` tells: letters of ClickHouse's own as numbers.
fn kinds() -> Type {
    let names = [
        ("Null", 0),
        ("String", 34),
        ("Array", 91),
        ("Bool", 98),
        ("Double", 100),
        ("Int64", 105),
        ("UInt64", 117),
        ("Object", 123),
    ];
    Type::Enum(8, names.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

fn simple(a: &Args<'_, '_, '_>, kernel: &str, ty: Type) -> Result<Typed> {
    Ok(Typed::new(format!("{kernel}({}, {})", a.text(0)?, a.text(1)?), ty))
}
