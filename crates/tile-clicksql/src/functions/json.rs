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
    entry("JSONExtractBool", (1, 20), |a| kernel(a, "ch_json_extract_bool", Type::Bool)).full(),
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
    entry("JSONExtract", (2, 20), extract).full(),
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
    path_kernel(a, name, ty, a.len())
}

fn path_kernel(a: &Args<'_, '_, '_>, name: &str, ty: Type, end: usize) -> Result<Typed> {
    let mut path = Vec::new();
    for item in a.items.iter().take(end).skip(1) {
        path.push(match &item.constant {
            Some(Constant::Text(text)) => duck::text(text),
            Some(Constant::Int(n)) => format!("(chr(1) || '{n}')"),
            _ if item.ty.is_text() => item.value(),
            _ => return Err(a.unsupported("with such a path")),
        });
    }
    let text = if *a.ty(0)?.plain() == Type::Json { a.sql(0)? } else { a.text(0)? };
    Ok(Typed::new(format!("{name}({text}, CAST([{}] AS VARCHAR[]))", path.join(", ")), ty))
}

fn simple(a: &Args<'_, '_, '_>, kernel: &str, ty: Type) -> Result<Typed> {
    Ok(Typed::new(format!("{kernel}({}, {})", a.text(0)?, a.text(1)?), ty))
}

fn extract(a: &Args<'_, '_, '_>) -> Result<Typed> {
    let last = a.len() - 1;
    let ty = Type::parse(a.constant_text(last)?)?;
    let by = |name: &str, ty: Type| path_kernel(a, name, ty, last);
    match &ty {
        Type::String => by("ch_json_extract_string", ty),
        Type::Int(64) => by("ch_json_extract_int", ty),
        Type::UInt(64) => by("ch_json_extract_uint", ty),
        Type::Float64 => by("ch_json_extract_float", ty),
        Type::Bool => by("ch_json_extract_bool", ty),
        _ => Err(a.unsupported(&format!("of `{ty}`"))),
    }
}
