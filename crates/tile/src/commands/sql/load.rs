//! Tables of a test or a trial: their description in JSON, made and filled.

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::{Map, Value};
use tile_clicksql::schema::{Engine, Table};
use tile_clicksql::types::{Type, quoted};
use tile_clicksql::{engine_name, engine_type};

#[derive(Debug, Deserialize)]
pub struct TableText {
    pub name: String,
    pub columns: Vec<(String, String)>,
    #[serde(default)]
    pub engine: String,
    #[serde(default)]
    pub sorting_key: String,
    #[serde(default)]
    pub rows: Vec<Map<String, Value>>,
}

/// The table as the resolver sees it.
pub fn described(text: &TableText) -> Result<Table> {
    let columns = text.columns.iter().map(|(name, ty)| {
        let ty = Type::parse(ty).with_context(|| format!("failed to read the type of column `{name}`"))?;
        Ok((name.clone(), ty))
    });
    let key = text.sorting_key.trim();
    let key = key
        .strip_prefix("tuple(")
        .or_else(|| key.strip_prefix('('))
        .and_then(|k| k.strip_suffix(')'))
        .unwrap_or(key);
    Ok(Table {
        name: text.name.clone(),
        engine_name: engine_name(&text.name),
        columns: columns.collect::<Result<_>>()?,
        engine: engine(&text.engine)?,
        sorting_key: key
            .split(',')
            .map(|k| k.trim().trim_matches('`').to_owned())
            .filter(|k| !k.is_empty())
            .collect(),
    })
}

/// `ReplacingMergeTree(version)` and its kin.
fn engine(text: &str) -> Result<Engine> {
    let (name, rest) = text.split_once('(').unwrap_or((text, ""));
    let args: Vec<String> = rest
        .trim_end()
        .trim_end_matches(')')
        .split(',')
        .map(|a| a.trim().trim_matches(['(', ')', '`', ' ']).to_owned())
        .filter(|a| !a.is_empty())
        .collect();
    let name = name.trim();
    Ok(match name.strip_suffix("MergeTree").unwrap_or(name) {
        "" | "Memory" | "Null" => Engine::Plain,
        "Replacing" => Engine::Replacing { version: args.first().cloned(), is_deleted: args.get(1).cloned() },
        "Summing" => Engine::Summing(args),
        "Aggregating" => Engine::Aggregating,
        "Collapsing" => {
            Engine::Collapsing { sign: args.first().cloned().context("CollapsingMergeTree wants its sign")? }
        }
        "VersionedCollapsing" => {
            let [sign, version] = args.as_slice() else {
                bail!("VersionedCollapsingMergeTree wants its sign and version")
            };
            Engine::VersionedCollapsing { sign: sign.clone(), version: version.clone() }
        }
        _ => bail!("unknown table engine `{text}`"),
    })
}

/// Statements that make and fill a table.
pub fn statements(table: &Table, rows: &[Map<String, Value>]) -> Result<Vec<String>> {
    let columns =
        table.columns.iter().map(|(name, ty)| Ok(format!("{} {}", engine_name(name), engine_type(ty)?)));
    let columns = columns.collect::<Result<Vec<_>>>()?;
    let mut out = vec![format!("CREATE TABLE {} ({})", table.engine_name, columns.join(", "))];
    for block in rows.chunks(500) {
        let tuples = block.iter().map(|row| {
            let values = table.columns.iter().map(|(name, ty)| literal(ty, row.get(name)));
            Ok(format!("({})", values.collect::<Result<Vec<_>>>()?.join(", ")))
        });
        out.push(format!(
            "INSERT INTO {} VALUES {}",
            table.engine_name,
            tuples.collect::<Result<Vec<_>>>()?.join(", ")
        ));
    }
    Ok(out)
}

/// A JSON value as a ClickHouse literal of a type: the dialect itself brings it into the engine's form.
pub fn literal(ty: &Type, value: Option<&Value>) -> Result<String> {
    let value = value.unwrap_or(&Value::Null);
    if value.is_null() {
        return Ok(tile_clicksql::engine_default(ty)?);
    }
    let text = clickhouse_literal(ty, value)?;
    let translated = tile_clicksql::constant_sql(&text, ty)?;
    Ok(translated)
}

fn clickhouse_literal(ty: &Type, value: &Value) -> Result<String> {
    let plain = ty.plain();
    Ok(match (plain, value) {
        (_, Value::Null) => "NULL".into(),
        (Type::Array(item), Value::Array(items)) => {
            let items = items.iter().map(|v| clickhouse_literal(item, v)).collect::<Result<Vec<_>>>()?;
            format!("CAST([{}], {})", items.join(", "), quoted(&plain.to_string()))
        }
        (Type::Tuple(elements), Value::Array(items)) => {
            let items =
                elements.iter().zip(items).map(|((_, t), v)| typed(t, v)).collect::<Result<Vec<_>>>()?;
            format!("tuple({})", items.join(", "))
        }
        (Type::Tuple(elements), Value::Object(items)) => {
            let null = Value::Null;
            let items = elements
                .iter()
                .map(|(n, t)| typed(t, n.as_ref().and_then(|n| items.get(n)).unwrap_or(&null)));
            format!("tuple({})", items.collect::<Result<Vec<_>>>()?.join(", "))
        }
        (Type::Map(k, v), Value::Object(pairs)) => {
            let pairs = pairs.iter().map(|(key, value)| {
                Ok(format!("{}, {}", typed(k, &Value::String(key.clone()))?, typed(v, value)?))
            });
            format!("map({})", pairs.collect::<Result<Vec<_>>>()?.join(", "))
        }
        (Type::Json, other) => quoted(&other.to_string()),
        (_, Value::Bool(b)) => b.to_string(),
        (t, Value::String(s)) if t.is_number() => match s.as_str() {
            // As a whole number it would lose its sign.
            "-0" => "-0.0".to_owned(),
            _ => s.clone(),
        },
        (_, Value::Number(n)) => n.to_string(),
        (_, Value::String(s)) => quoted(s),
        (t, other) => bail!("`{other}` is no value of `{t}`"),
    })
}

fn typed(ty: &Type, value: &Value) -> Result<String> {
    Ok(format!("CAST({}, {})", clickhouse_literal(ty, value)?, quoted(&ty.to_string())))
}
