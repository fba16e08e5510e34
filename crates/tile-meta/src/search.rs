//! Conditions, order and pages as SQL over the indices.
//!
//! Each condition becomes a query of node ids over one clustered range, so that its cost grows with what matches; several
//! are intersected. `tile_base::filter` says what they mean.

use crate::catalog::{Catalog, NODE_COLUMNS, Node, node_of};
use crate::index;
use rusqlite::types::Value as Sql;
use rusqlite::{Connection, OptionalExtension, params_from_iter};
use serde_json::Value;
use tile_base::filter::{Comparison, Filter, tokens};
use tile_base::{Error, Result};

/// Where to search: the direct children of a node, or all descendants up to `depth` levels below it.
#[derive(Clone, Copy, Debug)]
pub enum Scope {
    Children(i64),
    Descendants { of: i64, depth: u32 },
}

/// One sort key: a dotted metadata path, or `id` for the node's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    pub key: String,
    pub descending: bool,
}

/// Which part of the result: after a node id (keyset, insertion order only), or from an offset.
#[derive(Clone, Copy, Debug)]
pub enum Page {
    After(i64),
    Offset(u64),
}

#[derive(Clone, Debug)]
pub struct Query {
    pub scope: Scope,
    pub filters: Vec<Filter>,
    /// Empty: insertion order. The last tie-breaker is always insertion order, descending when `newest_first`.
    pub order: Vec<Order>,
    pub newest_first: bool,
}

/// One row of a distinct answer.
#[derive(Clone, Debug, PartialEq)]
pub struct DistinctValue {
    pub value: Value,
    pub count: u64,
}

/// A piece of SQL with its parameters.
struct Sq(String, Vec<Sql>);

fn scope_sql(scope: Scope, column: &str) -> Sq {
    match scope {
        Scope::Children(id) => Sq(format!("{column} = ?"), vec![Sql::Integer(id)]),
        Scope::Descendants { of, depth } => Sq(
            format!(
                "{column} IN (WITH RECURSIVE tree(id, level) AS (SELECT ?, 1 UNION ALL SELECT n.id, t.level + 1 FROM nodes n JOIN tree t ON n.parent = t.id
                 WHERE n.children > 0 AND t.level < ?) SELECT id FROM tree)"
            ),
            vec![Sql::Integer(of), Sql::Integer(i64::from(depth))],
        ),
    }
}

/// Ids of the entries of one metadata name that meet `condition`.
fn attrs(scope: Scope, name: &str, condition: &str, values: Vec<Sql>) -> Sq {
    let Sq(scope, mut params) = scope_sql(scope, "parent");
    params.push(Sql::Text(name.to_owned()));
    params.extend(values);
    Sq(format!("SELECT node FROM attrs WHERE {scope} AND name = (SELECT id FROM names WHERE name = ?) AND {condition}"), params)
}

fn nodes(scope: Scope, condition: &str, values: Vec<Sql>) -> Sq {
    let Sq(scope, mut params) = scope_sql(scope, "parent");
    params.extend(values);
    Sq(format!("SELECT id AS node FROM nodes WHERE {scope} AND {condition}"), params)
}

fn nothing() -> Sq {
    Sq("SELECT id AS node FROM nodes WHERE 0".into(), vec![])
}

fn marks(n: usize) -> String {
    vec!["?"; n].join(", ")
}

fn json_path(key: &str) -> String {
    let parts: Vec<String> = key.split('.').map(|p| format!("\"{}\"", p.replace('"', ""))).collect();
    format!("$.{}", parts.join("."))
}

fn filter_sql(scope: Scope, filter: &Filter) -> Result<Sq> {
    let entry = |v: &Value| index::entry(v);
    Ok(match filter {
        Filter::FullText(text) => {
            let quoted: Vec<String> = tokens(text).map(|t| format!("\"{t}\"")).collect();
            if quoted.is_empty() {
                return Ok(nothing());
            }
            nodes(scope, "id IN (SELECT rowid FROM texts WHERE texts MATCH ?)", vec![Sql::Text(quoted.join(" "))])
        }
        Filter::Lookup(key) => nodes(scope, "key = ?", vec![Sql::Text(key.clone())]),
        Filter::Keys(keys) => nodes(scope, &format!("key IN ({})", marks(keys.len())), keys.iter().cloned().map(Sql::Text).collect()),
        Filter::Regex { key, pattern, case_sensitive } => {
            let pattern = if *case_sensitive { pattern.clone() } else { format!("(?i){pattern}") };
            regex::RegexBuilder::new(&pattern).size_limit(1 << 20).build().map_err(|e| Error::invalid("the pattern is not a regular expression").source(e).hint("See the syntax of Rust's `regex`"))?;
            let Sq(sql, mut params) = attrs(scope, key, "typeof(value) = 'text' AND tile_regex(?, value)", vec![]);
            params.push(Sql::Text(pattern));
            Sq(sql, params)
        }
        Filter::Eq { key, value } | Filter::NotEq { key, value } if value.is_object() || value.is_array() => {
            let test = if matches!(filter, Filter::Eq { .. }) { "" } else { "NOT " };
            let Sq(inner, params) = attrs(scope, key, "1", vec![]);
            let sql = format!("SELECT id AS node FROM nodes WHERE id IN ({inner}) AND {test}tile_same(json_extract(metadata, ?), ?)");
            Sq(sql, params.into_iter().chain([Sql::Text(json_path(key)), Sql::Text(value.to_string())]).collect())
        }
        Filter::Eq { key, value } => entry(value).map_or_else(nothing, |v| attrs(scope, key, "value = ?", vec![v])),
        Filter::NotEq { key, value } => match entry(value) {
            Some(v) => attrs(scope, key, "value <> ?", vec![v]),
            None => attrs(scope, key, "1", vec![]),
        },
        Filter::Compare { key, op, value } => compare_sql(scope, key, *op, value),
        Filter::Contains { key, value } => contains_sql(scope, key, value),
        Filter::In { key, values } => {
            let found: Vec<Sql> = values.iter().filter_map(entry).collect();
            attrs(scope, key, &format!("value IN ({})", marks(found.len())), found)
        }
        Filter::NotIn { values, .. } if values.is_empty() => nodes(scope, "1", vec![]),
        Filter::NotIn { key, values } => {
            let found: Vec<Sql> = values.iter().filter_map(entry).collect();
            attrs(scope, key, &format!("value NOT IN ({})", marks(found.len())), found)
        }
        Filter::KeyPresent { key, exists: true } => attrs(scope, key, "1", vec![]),
        Filter::KeyPresent { key, exists: false } => {
            let Sq(inner, params) = attrs(scope, key, "1", vec![]);
            nodes(scope, &format!("id NOT IN ({inner})"), params)
        }
        Filter::Like { key, pattern } => attrs(scope, key, "typeof(value) = 'text' AND value LIKE ?", vec![Sql::Text(pattern.clone())]),
        Filter::Specs { include, exclude } => {
            let has = "EXISTS (SELECT 1 FROM json_each(specs) WHERE json_extract(json_each.value, '$.name') = ?)";
            let tests: Vec<String> = include.iter().map(|_| has.to_owned()).chain(exclude.iter().map(|_| format!("NOT {has}"))).collect();
            let condition = if tests.is_empty() { "1".to_owned() } else { tests.join(" AND ") };
            nodes(scope, &condition, include.iter().chain(exclude).cloned().map(Sql::Text).collect())
        }
        Filter::AccessTags(_) => nothing(),
        Filter::Family(family) => nodes(scope, "family = ?", vec![Sql::Text(family.name().to_owned())]),
    })
}

/// Values of one kind lie together in the index: numbers below texts below booleans.
fn compare_sql(scope: Scope, key: &str, op: Comparison, value: &Value) -> Sq {
    let Some(v) = index::entry(value).filter(|_| !value.is_object() && !value.is_array()) else { return nothing() };
    let sign = match op {
        Comparison::Gt => ">",
        Comparison::Lt => "<",
        Comparison::Ge => ">=",
        Comparison::Le => "<=",
    };
    let kind = match &v {
        Sql::Integer(_) | Sql::Real(_) => "value < ''",
        Sql::Text(_) => "value >= '' AND value < x''",
        _ => "value < x'02' AND value >= x'00'",
    };
    attrs(scope, key, &format!("value {sign} ? AND {kind}"), vec![v])
}

fn contains_sql(scope: Scope, key: &str, value: &Value) -> Sq {
    let Some(item) = index::entry(value) else { return nothing() };
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let Sq(list, mut params) = attrs(scope, &format!("{key}[]"), "value = ?", vec![item.clone()]);
    let Sq(inside, more) = attrs(scope, key, "((typeof(value) = 'text' AND instr(value, ?) > 0) OR value = ?)", vec![Sql::Text(text.clone()), item]);
    params.extend(more);
    let mut sql = format!("{list} UNION {inside}");
    if value.is_string() {
        let Sq(object, more) = attrs(scope, &format!("{key}.{text}"), "1", vec![]);
        sql = format!("{sql} UNION {object}");
        params.extend(more);
    }
    Sq(format!("SELECT node FROM ({sql})"), params)
}

/// All conditions together: ids without duplicates.
fn ids_sql(query: &Query) -> Result<Sq> {
    let mut parts = Vec::new();
    let mut params = Vec::new();
    for filter in &query.filters {
        let Sq(sql, more) = filter_sql(query.scope, filter)?;
        parts.push(sql);
        params.extend(more);
    }
    if parts.is_empty() {
        return Ok(nodes(query.scope, "1", vec![]));
    }
    Ok(Sq(parts.join(" INTERSECT "), params))
}

impl Catalog {
    /// One page of nodes in the query's order. Cost without filters: the page; with filters: the matches.
    ///
    /// # Errors
    /// `Invalid` for a bad pattern; else only when the database fails.
    pub fn search(&self, query: &Query, page: Page, limit: u64) -> Result<Vec<Node>> {
        let Sq(mut sql, mut params) = ids_sql(query)?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let direction = if query.newest_first { "DESC" } else { "ASC" };
        let offset = match page {
            Page::After(id) if query.order.is_empty() && !query.newest_first => {
                let single = query.filters.len() == 1 && !sql.contains("FROM (");
                sql = if single || query.filters.is_empty() {
                    let column = if sql.starts_with("SELECT node FROM attrs") { "node" } else { "id" };
                    format!("{sql} AND {column} > ? ORDER BY {column} LIMIT ?")
                } else {
                    format!("SELECT node FROM ({sql}) WHERE node > ? ORDER BY node LIMIT ?")
                };
                params.extend([Sql::Integer(id), Sql::Integer(limit)]);
                return self.read(|db| fetch(db, &sql, params));
            }
            Page::After(_) => 0,
            Page::Offset(n) => i64::try_from(n).unwrap_or(i64::MAX),
        };
        if query.order.is_empty() {
            sql = format!("SELECT node FROM ({sql}) ORDER BY node {direction} LIMIT ? OFFSET ?");
        } else {
            let mut terms = Vec::new();
            let mut order_params = Vec::new();
            for o in &query.order {
                let by = if o.key == "id" { "n.key".to_owned() } else { "json_extract(n.metadata, ?)".to_owned() };
                if o.key != "id" {
                    order_params.push(Sql::Text(json_path(o.key.strip_prefix("metadata.").unwrap_or(&o.key))));
                }
                terms.push(format!("{by} {}", if o.descending { "DESC NULLS FIRST" } else { "ASC NULLS LAST" }));
            }
            sql = format!("SELECT n.id FROM nodes n WHERE n.id IN ({sql}) ORDER BY {}, n.id {direction} LIMIT ? OFFSET ?", terms.join(", "));
            params.extend(order_params);
        }
        params.extend([Sql::Integer(limit), Sql::Integer(offset)]);
        self.read(|db| fetch(db, &sql, params))
    }

    /// Number of matches, counted up to `limit` when one is given.
    ///
    /// # Errors
    /// As [`Catalog::search`].
    pub fn count(&self, query: &Query, limit: Option<u64>) -> Result<u64> {
        if let (true, Scope::Children(id)) = (query.filters.is_empty(), query.scope) {
            return Ok(self.node(id)?.map_or(0, |n| n.children));
        }
        let Sq(sql, mut params) = ids_sql(query)?;
        let sql = match limit {
            Some(n) => {
                params.push(Sql::Integer(i64::try_from(n).unwrap_or(i64::MAX)));
                format!("SELECT count(*) FROM (SELECT 1 FROM ({sql}) LIMIT ?)")
            }
            None => format!("SELECT count(*) FROM ({sql})"),
        };
        self.read(|db| db.prepare_cached(&sql)?.query_row(params_from_iter(params), |r| r.get::<_, i64>(0))).map(|n| u64::try_from(n).unwrap_or(0))
    }

    /// Distinct values of a metadata key among the matches, in value order, missing ones as null and last.
    ///
    /// # Errors
    /// As [`Catalog::search`].
    pub fn distinct_metadata(&self, query: &Query, key: &str, limit: usize) -> Result<Vec<DistinctValue>> {
        let Sq(ids, params) = ids_sql(query)?;
        let narrow = if query.filters.is_empty() { String::new() } else { format!(" AND node IN ({ids})") };
        let Sq(all, mut all_params) = attrs(query.scope, key, "1", vec![]);
        let base = all.replacen("SELECT node FROM", "FROM", 1);
        if !narrow.is_empty() {
            all_params.extend(params);
        }
        let rows: Vec<(Sql, i64)> = self.read(|db| {
            let sql = format!("SELECT value, count(*) {base}{narrow} GROUP BY value LIMIT {}", limit + 1);
            let mut statement = db.prepare_cached(&sql)?;
            statement.query_map(params_from_iter(all_params.clone()), |r| Ok((r.get(0)?, r.get(1)?)))?.collect()
        })?;
        if rows.len() > limit {
            return Err(Error::new(tile_base::Kind::TooLarge, format!("`{key}` has more than {limit} distinct values")).hint("Narrow the search with filters"));
        }
        let mut out: Vec<DistinctValue> = Vec::with_capacity(rows.len());
        let mut present = 0;
        for (value, count) in rows {
            let count = u64::try_from(count).unwrap_or(0);
            present += count;
            match index::scalar(&value) {
                Some(value) => out.push(DistinctValue { value, count }),
                None => out.extend(self.distinct_nested(&format!("SELECT node {base}{narrow} AND value = ?"), &all_params, value, key)?),
            }
        }
        let total = self.count(query, None)?;
        if total > present {
            out.push(DistinctValue { value: Value::Null, count: total - present });
        }
        Ok(out)
    }

    /// Objects and lists have only a marker in the index: their texts come from the rows.
    fn distinct_nested(&self, ids: &str, params: &[Sql], marker: Sql, key: &str) -> Result<Vec<DistinctValue>> {
        let sql = format!("SELECT json_extract(metadata, ?) AS v, count(*) FROM nodes WHERE id IN ({ids}) GROUP BY v");
        let all: Vec<Sql> = std::iter::once(Sql::Text(json_path(key))).chain(params.iter().cloned()).chain([marker]).collect();
        self.read(|db| {
            let mut statement = db.prepare_cached(&sql)?;
            statement
                .query_map(params_from_iter(all), |r| {
                    let text: Option<String> = r.get(0)?;
                    let count: i64 = r.get(1)?;
                    Ok(DistinctValue { value: text.and_then(|t| serde_json::from_str(&t).ok()).unwrap_or(Value::Null), count: count.try_into().unwrap_or(0) })
                })?
                .collect()
        })
    }

    /// Distinct families (`family` column) or spec lists (`specs` column) among the matches.
    ///
    /// # Errors
    /// As [`Catalog::search`].
    pub fn distinct_column(&self, query: &Query, specs: bool) -> Result<Vec<DistinctValue>> {
        let Sq(ids, params) = ids_sql(query)?;
        let column = if specs { "specs" } else { "family" };
        self.read(|db| {
            let mut statement = db.prepare_cached(&format!("SELECT {column}, count(*) FROM nodes WHERE id IN ({ids}) GROUP BY 1 ORDER BY 1"))?;
            statement
                .query_map(params_from_iter(params), |r| {
                    let (text, count): (String, i64) = (r.get(0)?, r.get(1)?);
                    let value = if specs { serde_json::from_str(&text).unwrap_or(Value::Null) } else { Value::from(text) };
                    Ok(DistinctValue { value, count: count.try_into().unwrap_or(0) })
                })?
                .collect()
        })
    }

    /// The newest child, for "last" lookups without a page.
    ///
    /// # Errors
    /// When the database fails.
    pub fn last_child(&self, parent: i64) -> Result<Option<Node>> {
        self.read(|db| db.prepare_cached(&format!("SELECT {NODE_COLUMNS} FROM nodes WHERE parent = ? ORDER BY id DESC LIMIT 1"))?.query_row([parent], node_of).optional())
    }
}

fn fetch(db: &Connection, ids: &str, params: Vec<Sql>) -> rusqlite::Result<Vec<Node>> {
    let ids: Vec<i64> = db.prepare_cached(ids)?.query_map(params_from_iter(params), |r| r.get(0))?.collect::<rusqlite::Result<_>>()?;
    let mut one = db.prepare_cached(&format!("SELECT {NODE_COLUMNS} FROM nodes WHERE id = ?"))?;
    ids.into_iter().filter_map(|id| one.query_row([id], node_of).optional().transpose()).collect()
}
