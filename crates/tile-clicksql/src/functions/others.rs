//! What fits no family: reductions of arrays, hashes, identifiers, chance.

use super::{Args, Function, entry};
use crate::aggregates;
use crate::duck;
use crate::dynamic::Uses;
use crate::error::{Code, Result, SqlError};
use crate::typed::Typed;
use crate::types::Type;

pub const ALL: &[Function] = &[
    entry("arraySum", (1, 1), |a| reduce(a, "arraySum")).full(),
    entry("arrayMin", (1, 1), |a| reduce(a, "arrayMin")).full(),
    entry("arrayMax", (1, 1), |a| reduce(a, "arrayMax")).full(),
    entry("arrayAvg", (1, 1), |a| reduce(a, "arrayAvg")).full(),
    entry("generateUUIDv4", (0, 1), |_| Ok(Typed::new("gen_random_uuid()", Type::Uuid))).varying(),
    entry("rand", (0, 1), |_| {
        Ok(Typed::new("CAST(floor(random() * 4294967296) AS UINTEGER)", Type::UInt(32)))
    })
    .alias(&["rand32"])
    .any_case()
    .varying(),
    entry("rand64", (0, 1), |_| Ok(Typed::new("CAST(hash(gen_random_uuid()) AS UBIGINT)", Type::UInt(64))))
        .varying(),
    entry("formatReadableSize", (1, 1), |a| {
        Ok(Typed::new(format!("ch_format_readable_size({})", a.double(0)?), Type::String))
    }),
    entry("formatReadableDecimalSize", (1, 1), |a| {
        Ok(Typed::new(format!("ch_format_readable_decimal_size({})", a.double(0)?), Type::String))
    }),
    entry("bar", (3, 4), |a| {
        let width = if a.len() > 3 { a.double(3)? } else { "CAST(80 AS DOUBLE)".into() };
        let sql = format!("ch_bar({}, {}, {}, {width})", a.double(0)?, a.double(1)?, a.double(2)?);
        Ok(Typed::new(sql, Type::String))
    }),
    entry("formatReadableQuantity", (1, 1), |a| {
        Ok(Typed::new(format!("ch_format_readable_quantity({})", a.double(0)?), Type::String))
    }),
    entry("formatReadableTimeDelta", (1, 3), |a| {
        let most = if a.len() > 1 { a.text(1)? } else { "'years'".into() };
        let least = if a.len() > 2 { a.text(2)? } else { "'seconds'".into() };
        Ok(Typed::new(
            format!("ch_format_readable_time_delta({}, {most}, {least})", a.double(0)?),
            Type::String,
        ))
    }),
    entry("materialize", (1, 1), |a| Ok(Typed { constant: None, ..a.at(0)?.clone() }))
        .own_nulls()
        .with_dictionary()
        .dynamic(Uses::Own)
        .full()
        .varying()
        .with_bytes(),
    entry("identity", (1, 1), |a| Ok(a.at(0)?.clone())).own_nulls().with_dictionary().full().with_bytes(),
    entry("ignore", (0, 1000), |_| Ok(Typed::new("CAST(0 AS UTINYINT)", Type::UInt(8))))
        .own_nulls()
        .full()
        .with_bytes(),
    entry("isConstant", (1, 1), |a| {
        Ok(Typed::new(format!("CAST({} AS UTINYINT)", u8::from(a.at(0)?.is_constant)), Type::UInt(8)))
    })
    .own_nulls()
    .full(),
    entry("throwIf", (1, 2), |a| {
        let message =
            if a.len() > 1 { a.text(1)? } else { "'Value passed to throwIf function is non-zero'".into() };
        Ok(Typed::new(
            format!("CASE WHEN {} THEN error({message}) ELSE CAST(0 AS UTINYINT) END", a.at(0)?.condition()),
            Type::UInt(8),
        ))
    }),
    entry("transform", (3, 4), transform).own_nulls(),
    entry("finalizeAggregation", (1, 1), |a| aggregates::finalized(a.at(0)?)).own_nulls().full(),
    entry("arrayReduce", (2, usize::MAX), |a| {
        let (name, params) = function_name(a)?;
        aggregates::reduced(&name, &params, a.items.get(1..).unwrap_or_default())
    })
    .own_nulls()
    .full(),
    entry("initializeAggregation", (2, usize::MAX), |a| {
        let (name, params) = function_name(a)?;
        let single = |t: &Typed| Typed::new(format!("[{}]", t.value()), Type::Array(Box::new(t.ty.clone())));
        let arrays: Vec<Typed> = a.items.iter().skip(1).map(single).collect();
        aggregates::reduced(&name, &params, &arrays)
    })
    .own_nulls()
    .full(),
];

/// The first argument as the name of an aggregate function with its parameters, as in `quantile(0.9)`.
fn function_name(a: &Args<'_, '_, '_>) -> Result<(String, Vec<Typed>)> {
    let text = a.constant_text(0)?;
    let Some((name, rest)) = text.split_once('(') else { return Ok((text.to_owned(), vec![])) };
    let inside = rest.trim_end().strip_suffix(')').ok_or_else(|| a.wrong(0, "an aggregate function"))?;
    let params = inside.split(',').map(|p| crate::resolve::constant(p.trim()));
    let params = params.collect::<Option<Vec<_>>>().ok_or_else(|| a.wrong(0, "an aggregate function"))?;
    Ok((name.trim().to_owned(), params))
}

fn reduce(a: &Args<'_, '_, '_>, name: &str) -> Result<Typed> {
    let (list, item) = a.array(0)?;
    reduced(name, &list, &item)
}

/// A list's sum, least, greatest or mean; of no items 0, or NaN.
pub fn reduced(name: &str, list: &str, item: &Type) -> Result<Typed> {
    let (nullable, whole) = (item.is_nullable(), item);
    let item = item.plain();
    if nullable && !matches!(name, "arrayMin" | "arrayMax") {
        let message = format!("`{name}` of items of `{whole}` is not supported");
        return Err(SqlError::new(Code::Unsupported, message));
    }
    if !item.is_number() {
        return Err(SqlError::new(
            Code::IllegalType,
            format!("`{name}` wants an array of numbers, found items of `{item}`"),
        ));
    }
    let sum_type = match item.integer() {
        Some((_, false)) => Type::UInt(64),
        Some((_, true)) => Type::Int(64),
        None if item.is_float() => Type::Float64,
        None => {
            return Err(SqlError::new(Code::Unsupported, format!("`{name}` of decimals is not supported")));
        }
    };
    let zero = duck::default_of(item)?;
    Ok(match name {
        "arraySum" => {
            let form = duck::type_of(&sum_type)?;
            Typed::new(format!("coalesce(CAST(list_sum({list}) AS {form}), 0)"), sum_type)
        }
        "arrayMin" | "arrayMax" if nullable => {
            let how = if name == "arrayMin" { "list_min" } else { "list_max" };
            Typed::new(format!("{how}({list})"), whole.clone())
        }
        "arrayMin" => Typed::new(format!("coalesce(list_min({list}), {zero})"), item.clone()),
        "arrayMax" => Typed::new(format!("coalesce(list_max({list}), {zero})"), item.clone()),
        // Of no items it is 0, unlike `avg`.
        _ => Typed::new(format!("coalesce(list_avg({list}), CAST(0 AS DOUBLE))"), Type::Float64),
    })
}

/// `transform(x, from, to, default)`.
fn transform(a: &Args<'_, '_, '_>) -> Result<Typed> {
    let x = a.at(0)?;
    let ((from, from_item), (to, to_item)) = (a.array(1)?, a.array(2)?);
    let (common, _) = crate::resolve::unified(&[x.clone(), Typed::new("x_", from_item.clone())])?;
    let key = x.widened(&common)?;
    let item = Typed::new("x_", from_item).widened(&common)?;
    let from = if item == "x_" { from } else { format!("list_transform({from}, lambda x_: {item})") };
    let default = if a.len() > 3 { a.at(3)?.clone() } else { x.clone() };
    let (ty, forms) = crate::resolve::unified(&[
        Typed::new(format!("{to}[list_position({from}, {key})]"), to_item),
        default,
    ])?;
    Ok(Typed::new(
        format!("CASE WHEN list_position({from}, {key}) > 0 THEN {} ELSE {} END", forms[0], forms[1]),
        ty,
    ))
}
