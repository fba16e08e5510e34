//! Tables of a test or a trial: their description in JSON, made and filled.

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::{Map, Value};
use tile_clicksql::schema::{Engine, Table};
use tile_clicksql::types::{AggregateState, Type, quoted};
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
    /// A query in the engine's own SQL that gives further rows, in the order of the columns.
    pub fill: Option<String>,
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
        sorting_key: parts(key),
    })
}

/// A list's parts at its commas, but for those in parentheses.
fn parts(text: &str) -> Vec<String> {
    let (mut depth, mut out) = (0_i32, vec![String::new()]);
    for c in text.chars() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            _ => {}
        }
        match out.last_mut() {
            Some(part) if c != ',' || depth > 0 => part.push(c),
            _ => out.push(String::new()),
        }
    }
    let plain = |part: &String| part.trim().trim_matches('`').to_owned();
    out.iter().map(plain).filter(|part| !part.is_empty()).collect()
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
pub fn statements(table: &Table, text: &TableText) -> Result<Vec<String>> {
    let columns =
        table.columns.iter().map(|(name, ty)| Ok(format!("{} {}", engine_name(name), engine_type(ty)?)));
    let columns = columns.collect::<Result<Vec<_>>>()?;
    let mut out = vec![format!("CREATE TABLE {} ({})", table.engine_name, columns.join(", "))];
    for block in text.rows.chunks(500) {
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
    if let Some(query) = &text.fill {
        out.push(format!("INSERT INTO {} {query}", table.engine_name));
    }
    out.extend(sorted(table));
    Ok(out)
}

/// Statements that bring a table's rows into the order of its key, in which its engine keeps them.
fn sorted(table: &Table) -> Vec<String> {
    let has = |key: &&String| table.columns.iter().any(|(name, _)| name == *key);
    let keys: Vec<String> = table.sorting_key.iter().take_while(has).map(|key| engine_name(key)).collect();
    if keys.is_empty() {
        return vec![];
    }
    let (name, spare) = (&table.engine_name, engine_name("sorted_"));
    vec![
        format!("CREATE TABLE {spare} AS SELECT * FROM {name} ORDER BY {}, rowid", keys.join(", ")),
        format!("DROP TABLE {name}"),
        format!("ALTER TABLE {spare} RENAME TO {name}"),
    ]
}

/// A JSON value as a ClickHouse literal of a type: the dialect itself brings it into the engine's form.
pub fn literal(ty: &Type, value: Option<&Value>) -> Result<String> {
    let value = value.unwrap_or(&Value::Null);
    if value.is_null() {
        return Ok(tile_clicksql::engine_default(ty)?);
    }
    let text = match (ty, value) {
        (Type::AggregateFunction(state), Value::String(values)) => state_of(state, values)?,
        _ => clickhouse_literal(ty, value)?,
    };
    let translated = tile_clicksql::constant_sql(&text, ty)?;
    Ok(translated)
}

/// A state of the values in a text, as ClickHouse takes it with `aggregate_function_input_format='array'`: an array of values,
/// or of tuples where the function has several arguments.
fn state_of(state: &AggregateState, values: &str) -> Result<String> {
    let params =
        if state.params.is_empty() { String::new() } else { format!("({})", state.params.join(", ")) };
    let function = quoted(&format!("{}State{params}", state.function));
    let as_array = |values: &str, ty: &Type| format!("CAST({values}, {})", quoted(&format!("Array({ty})")));
    let arrays = match (state.args.as_slice(), serde_json::from_str::<Vec<Value>>(values)) {
        ([], _) => {
            bail!("the values of a state of `{}` without arguments cannot be written down", state.function)
        }
        ([one], Ok(items)) => {
            let items = items.iter().map(|v| clickhouse_literal(one, v)).collect::<Result<Vec<_>>>()?;
            vec![as_array(&format!("[{}]", items.join(", ")), one)]
        }
        ([one], Err(_)) => vec![as_array(values, one)],
        (many, _) => {
            let part =
                |(i, ty)| as_array(&format!("arrayMap(t -> tupleElement(t, {}), {values})", i + 1), ty);
            many.iter().enumerate().map(part).collect()
        }
    };
    Ok(format!("arrayReduce({function}, {})", arrays.join(", ")))
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
        // Only with a point it is a fraction, which keeps the sign of zero.
        (t, Value::String(s)) if t.is_float() && s == "-0" => "-0.".into(),
        (t, Value::String(s)) if t.is_number() => s.clone(),
        (_, Value::Number(n)) => n.to_string(),
        (_, Value::String(s)) => quoted(s),
        (t, other) => bail!("`{other}` is no value of `{t}`"),
    })
}

fn typed(ty: &Type, value: &Value) -> Result<String> {
    Ok(format!("CAST({}, {})", clickhouse_literal(ty, value)?, quoted(&ty.to_string())))
}
