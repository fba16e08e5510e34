//! SQL functions on connections that read: what SQLite cannot say exactly as `tile_base::filter` means it.

use crate::index;
use crate::sql_error;
use rusqlite::Connection;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::Value as Sql;
use serde_json::Value;
use std::sync::Arc;
use tile_base::filter::{Candidate, Filter, like, same, value_at};
use tile_base::{Family, Result};

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Adds the functions to `db`. All depend on their arguments only.
pub(crate) fn register(db: &Connection) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    // (pattern, text): whether the regular expression is found in the text.
    db.create_scalar_function("tile_regex", 2, flags, |ctx| {
        let pattern: Arc<regex::Regex> =
            ctx.get_or_create_aux(0, |v| Ok::<_, Failure>(regex::Regex::new(v.as_str()?)?))?;
        Ok(ctx.get_raw(1).as_str().is_ok_and(|s| pattern.is_match(s)))
    })
    .map_err(sql_error)?;
    // (pattern, text)
    db.create_scalar_function("tile_like", 2, flags, |ctx| {
        let (pattern, text) = (ctx.get_raw(0), ctx.get_raw(1));
        Ok(matches!((pattern.as_str(), text.as_str()), (Ok(p), Ok(t)) if like(p, t)))
    })
    .map_err(sql_error)?;
    // (JSON text of a value): its index entry.
    db.create_scalar_function("tile_entry", 1, flags, |ctx| {
        let value: Option<Value> = ctx.get_raw(0).as_str().ok().and_then(|t| serde_json::from_str(t).ok());
        Ok(value.as_ref().and_then(index::entry).unwrap_or(Sql::Null))
    })
    .map_err(sql_error)?;
    // (metadata, path): the text there.
    db.create_scalar_function("tile_text", 2, flags, |ctx| at(ctx, |v| v.as_str().map(str::to_owned)))
        .map_err(sql_error)?;
    // (metadata, path): the JSON text there, one text for all that is equal.
    db.create_scalar_function("tile_json", 2, flags, |ctx| {
        at(ctx, |v| Some(canonical(v.clone()).to_string()))
    })
    .map_err(sql_error)?;
    // (metadata, path, JSON list): whether the value there is in the list.
    db.create_scalar_function("tile_in", 3, flags, |ctx| {
        let list = json_argument(ctx, 2)?;
        at(ctx, |v| Some(list.as_array().is_some_and(|l| l.iter().any(|w| same(v, w)))))
    })
    .map_err(sql_error)?;
    // (metadata, path, JSON text): whether the value there contains the other.
    db.create_scalar_function("tile_contains", 3, flags, |ctx| {
        let wanted = json_argument(ctx, 2)?;
        let metadata = parse(ctx)?;
        let filter = Filter::Contains { key: ctx.get(1)?, value: (*wanted).clone() };
        let node = Candidate { key: "", family: Family::Container, metadata: &metadata, specs: &[] };
        Ok(filter.matches(&node, &|_, _, _| false))
    })
    .map_err(sql_error)
}

fn parse(ctx: &Context<'_>) -> rusqlite::Result<Value> {
    let text = ctx.get_raw(0);
    let text = text.as_str().map_err(|e| rusqlite::Error::UserFunctionError(Box::new(e)))?;
    // Nested deeper than it can be read: no path leads there either.
    Ok(serde_json::from_str(text).unwrap_or_default())
}

fn at<T>(ctx: &Context<'_>, f: impl FnOnce(&Value) -> Option<T>) -> rusqlite::Result<Option<T>> {
    let metadata = parse(ctx)?;
    let path: String = ctx.get(1)?;
    Ok(value_at(&metadata, &path).and_then(f))
}

/// A constant argument, parsed once per statement.
fn json_argument(ctx: &Context<'_>, i: std::ffi::c_int) -> rusqlite::Result<Arc<Value>> {
    ctx.get_or_create_aux(i, |v| Ok::<_, Failure>(serde_json::from_str::<Value>(v.as_str()?)?))
}

/// Keys in order and zero without a sign: what `same` calls equal has one text.
fn canonical(mut value: Value) -> Value {
    fn zeros(value: &mut Value) {
        match value {
            Value::Number(n) if n.as_f64() == Some(0.0) && !n.is_i64() => *value = Value::from(0.0),
            Value::Array(items) => items.iter_mut().for_each(zeros),
            Value::Object(map) => map.values_mut().for_each(zeros),
            _ => {}
        }
    }
    zeros(&mut value);
    value.sort_all_objects();
    value
}
