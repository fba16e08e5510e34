//! Sums, least and greatest values by key, of keys and values in arrays.

use super::feed::bind;
use super::{Aggregate, Args, whole};
use crate::duck;
use crate::error::{Code, Result, SqlError};
use crate::typed::Typed;
use crate::types::{Type, integer};

const MANY: usize = usize::MAX;

pub const ALL: &[Aggregate] = &[
    whole("sumMap", (1, MANY), by_key).never_null().alias(&["sumMappedArrays"]),
    whole("minMap", (1, MANY), by_key).never_null().alias(&["minMappedArrays"]),
    whole("maxMap", (1, MANY), by_key).never_null().alias(&["maxMappedArrays"]),
    whole("sumMapWithOverflow", (1, MANY), by_key).never_null(),
    whole("sumMapFiltered", (1, MANY), by_key).never_null(),
];

/// The arrays: arguments of their own, or one tuple of them.
fn arrays(a: &Args<'_>) -> Result<Vec<Typed>> {
    if let [one] = a.feed.args.as_slice()
        && let Type::Tuple(elements) = one.ty.plain()
    {
        let element = |(i, (_, ty)): (usize, &(Option<String>, Type))| {
            Typed::new(format!("struct_extract({}, '{}')", one.value(), i + 1), ty.clone())
        };
        return Ok(elements.iter().enumerate().map(element).collect());
    }
    Ok(a.feed.args.clone())
}

/// The type of a summed or chosen value.
fn value_type(a: &Args<'_>, item: &Type) -> Result<Type> {
    let item = item.plain();
    if !a.name.starts_with("sum") {
        return Ok(item.clone());
    }
    if a.name == "sumMapWithOverflow" && item.is_number() {
        return Ok(item.clone());
    }
    match item {
        Type::Decimal(p, s) => Ok(Type::Decimal(*p, *s)),
        t if t.is_float() => Ok(Type::Float64),
        t => match t.integer() {
            Some((bits, signed)) => Ok(integer(bits.max(64), signed)),
            None => Err(SqlError::new(Code::IllegalType, format!("`{}` does not add up `{item}`", a.name))),
        },
    }
}

fn by_key(a: &Args<'_>) -> Result<Typed> {
    let arrays = arrays(a)?;
    let items = arrays.iter().map(|t| match t.ty.plain() {
        Type::Array(item) => Ok((**item).clone()),
        other => Err(SqlError::new(Code::IllegalType, format!("`{}` wants arrays, found `{other}`", a.name))),
    });
    let items = items.collect::<Result<Vec<Type>>>()?;
    let [key, values @ ..] = items.as_slice() else { return Err(a.illegal(0)) };
    if values.is_empty() {
        return Err(SqlError::new(Code::NumberOfArguments, format!("`{}` wants keys and values", a.name)));
    }
    let feed = a.feed.with(arrays).exploded(a.name)?;
    let (depth, list) = (feed.depth(), format!("m{}_", feed.depth()));
    let k = format!("k{depth}_");
    let how = match a.name {
        "minMap" => "min",
        "maxMap" => "max",
        _ => "sum",
    };
    let mut fields = Vec::new();
    let mut types = Vec::new();
    for (i, item) in values.iter().enumerate() {
        let ty = value_type(a, item)?;
        let of_key = format!("list_filter({list}, lambda p_: p_.a0 = {k})");
        let sql = format!("list_aggregate(list_transform({of_key}, lambda p_: p_.a{}), '{how}')", i + 1);
        fields.push(format!(
            "v{i} := coalesce(CAST({sql} AS {}), {})",
            duck::type_of(&ty)?,
            duck::default_of(&ty)?
        ));
        types.push(ty);
    }
    let keys = format!("list_sort(list_distinct(list_transform({list}, lambda p_: p_.a0)))");
    let keys = match (a.name, a.params.first()) {
        ("sumMapFiltered", Some(wanted)) => {
            let wanted = wanted.widened(&Type::Array(Box::new(key.clone())))?;
            format!("list_filter({keys}, lambda k_: list_contains({wanted}, k_))")
        }
        _ => keys,
    };
    let mut rows =
        format!("list_transform({keys}, lambda {k}: struct_pack(k := {k}, {}))", fields.join(", "));
    if how == "sum" {
        // A key whose sums are all zero is left out.
        let any: Vec<String> = (0..types.len()).map(|i| format!("r_.v{i} <> 0")).collect();
        rows = format!("list_filter({rows}, lambda r_: {})", any.join(" OR "));
    }
    let out = format!("o{depth}_");
    let mut columns = vec![format!("\"1\" := list_transform({out}, lambda r_: r_.k)")];
    columns.extend(
        (0..types.len()).map(|i| format!("\"{}\" := list_transform({out}, lambda r_: r_.v{i})", i + 2)),
    );
    let body = bind(&rows, &out, &format!("struct_pack({})", columns.join(", ")));
    let array = |ty: Type| (None, Type::Array(Box::new(ty)));
    let elements = std::iter::once(array(key.clone())).chain(types.into_iter().map(array));
    Ok(Typed::new(bind(&feed.gathered(false), &list, &body), Type::Tuple(elements.collect())))
}
