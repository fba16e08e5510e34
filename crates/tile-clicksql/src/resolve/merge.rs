//! Reading with FINAL: rows of one sorting key merged as their table's engine merges them.

use crate::duck;
use crate::error::{Code, Result, SqlError};
use crate::schema::{Engine, Table};
use crate::types::Type;

/// The merged rows of a table, in parentheses.
///
/// # Errors
/// `Unsupported` for sorting keys that are expressions.
pub fn merged(table: &Table) -> Result<String> {
    if table.engine == Engine::Plain {
        return Ok(table.engine_name.clone());
    }
    let keys = table.sorting_key.iter().map(|k| key_column(table, k)).collect::<Result<Vec<_>>>()?;
    let from = &table.engine_name;
    let partition =
        if keys.is_empty() { String::new() } else { format!("PARTITION BY {} ", keys.join(", ")) };
    Ok(match &table.engine {
        Engine::Plain => from.clone(),
        Engine::Replacing { version, is_deleted } => {
            // The row with the greatest version, of equal ones the last that came.
            let order = version
                .as_ref()
                .map_or("rowid DESC".to_owned(), |v| format!("{} DESC, rowid DESC", duck::name(v)));
            let latest =
                format!("SELECT * FROM {from} QUALIFY row_number() OVER ({partition}ORDER BY {order}) = 1");
            match is_deleted {
                Some(deleted) => {
                    format!("(SELECT * FROM ({latest}) AS f_ WHERE {} = 0)", duck::name(deleted))
                }
                None => format!("({latest})"),
            }
        }
        Engine::Summing(columns) => grouped(table, &keys, |name, ty| {
            let summed =
                if columns.is_empty() { ty.plain().is_number() } else { columns.contains(&name.to_owned()) };
            let column = duck::name(name);
            if summed {
                format!("CAST(sum({column}) AS {})", duck::type_of(ty).unwrap_or_default())
            } else {
                format!("first({column} ORDER BY rowid)")
            }
        }),
        Engine::Aggregating => aggregating(table, &keys)?,
        Engine::Collapsing { sign } | Engine::VersionedCollapsing { sign, .. } => {
            let sign = duck::name(sign);
            format!(
                "(SELECT * FROM {from} QUALIFY sum({sign}) OVER ({partition}) > 0 AND {sign} = 1 AND row_number() OVER ({partition}ORDER BY {sign} DESC, rowid DESC) = 1)",
                partition = partition.trim_end_matches(' ').to_owned() + " "
            )
        }
    })
}

fn key_column(table: &Table, key: &str) -> Result<String> {
    let known = table.columns.iter().any(|(name, _)| name == key);
    if known {
        Ok(duck::name(key))
    } else {
        Err(SqlError::new(Code::Unsupported, format!("FINAL with the sorting key `{key}` is not supported")))
    }
}

fn grouped(table: &Table, keys: &[String], value: impl Fn(&str, &Type) -> String) -> String {
    let columns = table.columns.iter().map(|(name, ty)| {
        let column = duck::name(name);
        if keys.contains(&column) { column } else { format!("{} AS {column}", value(name, ty)) }
    });
    let by = if keys.is_empty() { String::new() } else { format!(" GROUP BY {}", keys.join(", ")) };
    format!("(SELECT {} FROM {}{by})", columns.collect::<Vec<_>>().join(", "), table.engine_name)
}

fn aggregating(table: &Table, keys: &[String]) -> Result<String> {
    for (name, ty) in &table.columns {
        if let Type::AggregateFunction(state) = ty {
            crate::aggregates::merge_state(state, &duck::name(name))?;
        }
    }
    Ok(grouped(table, keys, |name, ty| {
        let column = duck::name(name);
        match ty {
            Type::AggregateFunction(state) => {
                crate::aggregates::merge_state(state, &column).unwrap_or_default()
            }
            Type::SimpleAggregateFunction(state) => match state.function.as_str() {
                "sum" | "sumWithOverflow" => {
                    format!("CAST(sum({column}) AS {})", duck::type_of(ty).unwrap_or_default())
                }
                "max" => format!("max({column})"),
                "min" => format!("min({column})"),
                "anyLast" => format!("last({column} ORDER BY rowid)"),
                _ => format!("first({column} ORDER BY rowid)"),
            },
            _ => format!("first({column} ORDER BY rowid)"),
        }
    }))
}
