//! Conditions as SQL over the indices: each is a query of node ids over clustered ranges, so that its cost grows with what
//! matches; several are intersected. `tile_base::filter` says what they mean.
//!
//! Two things are looked up in the metadata itself, for the rows of the range that need it: the end of texts that the index
//! does not keep whole, and the content of objects and lists.

use crate::index::{self, TEXT_BYTES_MAX, member_name, value_name};
use crate::search::{Query, Scope};
use rusqlite::types::Value as Sql;
use serde_json::Value;
use std::collections::BTreeSet;
use tile_base::filter::{Comparison, Filter, tokens};
use tile_base::{Error, Result};

/// A query of node ids with its parameters.
pub(crate) struct Sq {
    pub sql: String,
    pub params: Vec<Sql>,
    /// The column of the ids, when the text ends in a condition that more can be added to.
    pub open: Option<&'static str>,
}

fn scope_sql(scope: Scope) -> (String, Vec<Sql>) {
    match scope {
        Scope::Children(id) => ("parent = ?".to_owned(), vec![Sql::Integer(id)]),
        Scope::Descendants { of, depth } => (
            "parent IN (WITH RECURSIVE tree(id, level) AS (SELECT ?, 1 UNION ALL SELECT n.id, t.level + 1 \
             FROM nodes n JOIN tree t ON n.parent = t.id WHERE n.children > 0 AND t.level < ?) \
             SELECT id FROM tree WHERE level <= ?)"
                .to_owned(),
            vec![Sql::Integer(of), Sql::Integer(depth.into()), Sql::Integer(depth.into())],
        ),
    }
}

/// Ids of the entries of one name that meet `condition`.
pub(crate) fn attrs(scope: Scope, name: String, condition: &str, values: Vec<Sql>) -> Sq {
    let (scope, mut params) = scope_sql(scope);
    params.push(Sql::Text(name));
    params.extend(values);
    let sql = format!(
        "SELECT node FROM attrs WHERE {scope} AND name = (SELECT id FROM names WHERE name = ?) AND {condition}"
    );
    Sq { sql, params, open: Some("node") }
}

fn nodes(scope: Scope, condition: &str, values: Vec<Sql>) -> Sq {
    let (scope, mut params) = scope_sql(scope);
    params.extend(values);
    Sq {
        sql: format!("SELECT id AS node FROM nodes WHERE {scope} AND {condition}"),
        params,
        open: Some("id"),
    }
}

fn nothing() -> Sq {
    Sq { sql: "SELECT id AS node FROM nodes WHERE 0".into(), params: vec![], open: Some("id") }
}

/// All conditions together: ids without duplicates.
pub(crate) fn ids(query: &Query) -> Result<Sq> {
    let mut parts = query.filters.iter().map(|f| condition(query.scope, f)).collect::<Result<Vec<_>>>()?;
    match parts.len() {
        0 => Ok(nodes(query.scope, "1", vec![])),
        1 => Ok(parts.swap_remove(0)),
        _ => {
            let sql = parts.iter().map(|p| p.sql.as_str()).collect::<Vec<_>>().join(" INTERSECT ");
            Ok(Sq { sql, params: parts.into_iter().flat_map(|p| p.params).collect(), open: None })
        }
    }
}

fn condition(scope: Scope, filter: &Filter) -> Result<Sq> {
    let values =
        |key: &str, condition: &str, params: Vec<Sql>| attrs(scope, value_name(key), condition, params);
    Ok(match filter {
        Filter::FullText(text) => words(scope, text),
        Filter::Lookup(key) => nodes(scope, "key = ?", vec![Sql::Text(key.clone())]),
        Filter::Keys(keys) => nodes(
            scope,
            "key IN (SELECT value FROM json_each(?))",
            vec![Sql::Text(Value::from(keys.as_slice()).to_string())],
        ),
        Filter::Regex { key, pattern, case_sensitive } => {
            let pattern = checked_pattern(pattern, *case_sensitive)?;
            let condition = format!("{TEXTS} AND tile_regex(?, {WHOLE_TEXT})");
            values(key, &condition, vec![Sql::Text(pattern), Sql::Text(key.clone())])
        }
        Filter::Eq { key, value } => match index::entry(value) {
            None => nothing(),
            Some(_) => {
                let (condition, params) = any_of(key, std::slice::from_ref(value));
                values(key, &condition, params)
            }
        },
        Filter::NotEq { key, value } => {
            let (condition, params) = any_of(key, std::slice::from_ref(value));
            values(key, &format!("NOT ({condition})"), params)
        }
        Filter::Compare { key, op, value } => compare(scope, key, *op, value),
        Filter::Contains { key, value } => contains(scope, key, value),
        Filter::In { key, values: list } => {
            let (condition, params) = any_of(key, list);
            values(key, &condition, params)
        }
        Filter::NotIn { values, .. } if values.is_empty() => nodes(scope, "1", vec![]),
        Filter::NotIn { key, values: list } => {
            let (condition, params) = any_of(key, list);
            values(key, &format!("NOT ({condition})"), params)
        }
        Filter::KeyPresent { key, exists: true } => values(key, "1", vec![]),
        Filter::KeyPresent { key, exists: false } => {
            let Sq { sql, params, .. } = values(key, "1", vec![]);
            nodes(scope, &format!("id NOT IN ({sql})"), params)
        }
        Filter::Like { key, pattern } => {
            let condition = format!("{TEXTS} AND tile_like(?, {WHOLE_TEXT})");
            values(key, &condition, vec![Sql::Text(pattern.clone()), Sql::Text(key.clone())])
        }
        Filter::Specs { include, exclude } => specs(scope, include, exclude),
        Filter::AccessTags(_) => nothing(),
        Filter::Family(family) => nodes(scope, "family = ?", vec![Sql::Text(family.name().to_owned())]),
    })
}

/// Values of one kind lie together in the index: numbers below texts below booleans.
const TEXTS: &str = "value >= '' AND value < x''";
const NUMBERS: &str = "value < ''";
const BOOLEANS: &str = "value >= x'00' AND value < x'02'";
/// An entry's text, from the metadata when the index has only its beginning. Its parameter is the path.
const WHOLE_TEXT: &str = "CASE WHEN octet_length(value) <= 1024 THEN value ELSE (SELECT tile_text(metadata, ?) FROM nodes WHERE id = node) END";
const _: () = assert!(TEXT_BYTES_MAX == 1024, "the number in WHOLE_TEXT");

fn words(scope: Scope, text: &str) -> Sq {
    let quoted: BTreeSet<String> = tokens(text).map(|t| format!("\"{t}\"")).collect();
    if quoted.is_empty() {
        return nothing();
    }
    let all = quoted.into_iter().collect::<Vec<_>>().join(" ");
    nodes(scope, "id IN (SELECT rowid FROM texts WHERE texts MATCH ?)", vec![Sql::Text(all)])
}

fn checked_pattern(pattern: &str, case_sensitive: bool) -> Result<String> {
    let pattern = if case_sensitive { pattern.to_owned() } else { format!("(?i){pattern}") };
    regex::RegexBuilder::new(&pattern).size_limit(1 << 20).build().map_err(|e| {
        Error::invalid("the pattern is not a regular expression")
            .source(e)
            .hint("See the syntax of Rust's `regex`")
    })?;
    Ok(pattern)
}

/// The condition that an entry equals one of `values`. The list travels as one parameter, however long it is.
fn any_of(path: &str, values: &[Value]) -> (String, Vec<Sql>) {
    let (nested, scalars): (Vec<&Value>, Vec<&Value>) =
        values.iter().partition(|v| v.is_object() || v.is_array());
    let mut scalars: Vec<&Value> = scalars.into_iter().filter(|v| !v.is_null()).collect();
    let (mut condition, mut params) = match scalars.as_slice() {
        [] => ("0".to_owned(), vec![]),
        [one] => ("value = ?".to_owned(), index::entry(one).into_iter().collect()),
        _ => {
            let list: Vec<Value> = scalars.drain(..).map(|v| Value::from(v.to_string())).collect();
            let condition = "value IN (SELECT tile_entry(j.value) FROM json_each(?) j)";
            (condition.to_owned(), vec![Sql::Text(Value::from(list).to_string())])
        }
    };
    if !nested.is_empty() {
        let markers: BTreeSet<&str> =
            nested.iter().map(|v| if v.is_object() { "x'02'" } else { "x'03'" }).collect();
        let inside = format!(
            "(value IN ({}) AND (SELECT tile_in(metadata, ?, ?) FROM nodes WHERE id = node))",
            markers.into_iter().collect::<Vec<_>>().join(", ")
        );
        condition = if condition == "0" { inside } else { format!("({condition} OR {inside})") };
        let list = Value::from(nested.into_iter().cloned().collect::<Vec<_>>());
        params.extend([Sql::Text(path.to_owned()), Sql::Text(list.to_string())]);
    }
    (condition, params)
}

fn compare(scope: Scope, key: &str, op: Comparison, value: &Value) -> Sq {
    let sign = match op {
        Comparison::Gt => ">",
        Comparison::Lt => "<",
        Comparison::Ge => ">=",
        Comparison::Le => "<=",
    };
    let kind = match value {
        Value::Number(_) => NUMBERS,
        Value::Bool(_) => BOOLEANS,
        Value::String(s) if s.len() > TEXT_BYTES_MAX - 4 => return compare_long(scope, key, sign, s),
        // An entry that is cut still has all bytes that decide here.
        Value::String(_) => TEXTS,
        Value::Null | Value::Object(_) | Value::Array(_) => return nothing(),
    };
    let params = index::entry(value).into_iter().collect();
    attrs(scope, value_name(key), &format!("value {sign} ? AND {kind}"), params)
}

/// Where cut entries are alike, whole texts decide.
fn compare_long(scope: Scope, key: &str, sign: &str, wanted: &str) -> Sq {
    let mut condition = format!("{TEXTS} AND {WHOLE_TEXT} {sign} ?");
    let mut params = vec![Sql::Text(key.to_owned()), Sql::Text(wanted.to_owned())];
    if sign.starts_with('>') {
        condition.push_str(" AND value >= ?");
        params.push(Sql::Text(index::prefix(wanted, TEXT_BYTES_MAX - 4).to_owned()));
    }
    attrs(scope, value_name(key), &condition, params)
}

/// An item of a list, a key of an object, a piece of a text, or the value itself.
fn contains(scope: Scope, key: &str, value: &Value) -> Sq {
    let piece = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let in_text = format!("{TEXTS} AND instr({WHOLE_TEXT}, ?) > 0");
    let mut parts = vec![attrs(
        scope,
        value_name(key),
        &in_text,
        vec![Sql::Text(key.to_owned()), Sql::Text(piece.clone())],
    )];
    match index::entry(value).filter(|_| !value.is_object() && !value.is_array()) {
        Some(item) => {
            parts.push(attrs(scope, member_name(key), "value = ?", vec![item.clone()]));
            if value.is_string() {
                if !piece.contains('.') {
                    parts.push(attrs(scope, value_name(&format!("{key}.{piece}")), "1", vec![]));
                }
            } else {
                parts.push(attrs(scope, value_name(key), "value = ?", vec![item]));
            }
        }
        // Null, objects and lists as items of a list: only the metadata tells.
        None => {
            let condition =
                "value = x'03' AND (SELECT tile_contains(metadata, ?, ?) FROM nodes WHERE id = node)";
            let params = vec![Sql::Text(key.to_owned()), Sql::Text(value.to_string())];
            parts.push(attrs(scope, value_name(key), condition, params));
        }
    }
    let union = parts.iter().map(|p| p.sql.as_str()).collect::<Vec<_>>().join(" UNION ");
    let params = parts.into_iter().flat_map(|p| p.params).collect();
    Sq { sql: format!("SELECT node FROM ({union})"), params, open: None }
}

fn specs(scope: Scope, include: &[String], exclude: &[String]) -> Sq {
    let has = "EXISTS (SELECT 1 FROM json_each(specs) WHERE json_extract(json_each.value, '$.name') = ?)";
    let tests = include.iter().map(|_| has.to_owned()).chain(exclude.iter().map(|_| format!("NOT {has}")));
    let condition = std::iter::once("1".to_owned()).chain(tests).collect::<Vec<_>>().join(" AND ");
    nodes(scope, &condition, include.iter().chain(exclude).cloned().map(Sql::Text).collect())
}
