//! Searches: matches of conditions (`conditions`) in order, in pages, counted, and their distinct values.

use crate::catalog::{Catalog, NODE_COLUMNS, Node, node_of};
use crate::conditions::{self, Sq};
use crate::index;
use rusqlite::types::Value as Sql;
use rusqlite::{Connection, OptionalExtension, params_from_iter};
use serde_json::Value;
use tile_base::filter::{Filter, value_at};
use tile_base::{Error, Kind, Result};

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

/// A dotted path for SQLite's JSON functions, whose labels are quoted as JSON texts are.
fn json_path(key: &str) -> String {
    let parts: Vec<String> = key.split('.').map(|p| Value::from(p).to_string()).collect();
    format!("$.{}", parts.join("."))
}

impl Catalog {
    /// One page of nodes in the query's order. Cost without filters: the page; with filters: the matches.
    ///
    /// # Errors
    /// `Invalid` for a bad pattern; else only when the database fails.
    pub fn search(&self, query: &Query, page: Page, limit: u64) -> Result<Vec<Node>> {
        let Sq { mut sql, mut params, open } = conditions::ids(query)?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let direction = if query.newest_first { "DESC" } else { "ASC" };
        let offset = match page {
            Page::After(id) if query.order.is_empty() && !query.newest_first => {
                sql = match open {
                    Some(column) => format!("{sql} AND {column} > ? ORDER BY {column} LIMIT ?"),
                    None => format!("SELECT node FROM ({sql}) WHERE node > ? ORDER BY node LIMIT ?"),
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
                let by =
                    if o.key == "id" { "n.key".to_owned() } else { "json_extract(n.metadata, ?)".to_owned() };
                if o.key != "id" {
                    order_params
                        .push(Sql::Text(json_path(o.key.strip_prefix("metadata.").unwrap_or(&o.key))));
                }
                terms.push(format!(
                    "{by} {}",
                    if o.descending { "DESC NULLS FIRST" } else { "ASC NULLS LAST" }
                ));
            }
            sql = format!(
                "SELECT n.id FROM nodes n WHERE n.id IN ({sql}) ORDER BY {}, n.id {direction} LIMIT ? OFFSET ?",
                terms.join(", ")
            );
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
            return Ok(self.node(id)?.map_or(0, |n| n.children).min(limit.unwrap_or(u64::MAX)));
        }
        let Sq { sql, mut params, .. } = conditions::ids(query)?;
        let sql = match limit {
            Some(n) => {
                params.push(Sql::Integer(i64::try_from(n).unwrap_or(i64::MAX)));
                format!("SELECT count(*) FROM (SELECT 1 FROM ({sql}) LIMIT ?)")
            }
            None => format!("SELECT count(*) FROM ({sql})"),
        };
        self.read(|db| db.prepare_cached(&sql)?.query_row(params_from_iter(params), |r| r.get::<_, i64>(0)))
            .map(|n| u64::try_from(n).unwrap_or(0))
    }

    /// Distinct values of a metadata key among the matches: numbers, texts, booleans, objects, lists; missing ones as null
    /// and last.
    ///
    /// # Errors
    /// `TooLarge` above `limit` values; as [`Catalog::search`].
    pub fn distinct_metadata(&self, query: &Query, key: &str, limit: usize) -> Result<Vec<DistinctValue>> {
        let too_many = || {
            Error::new(Kind::TooLarge, format!("`{key}` has more than {limit} distinct values"))
                .hint("Narrow the search with filters")
        };
        let mut out = Vec::new();
        let mut present = 0;
        for row in self.distinct_entries(query, key, limit)? {
            present += row.count;
            match index::scalar(&row.value) {
                Some(Value::String(s)) if s.len() > index::TEXT_BYTES_MAX => {
                    out.push(DistinctValue { value: self.value_of(row.first, key)?, count: row.count });
                }
                Some(value) => out.push(DistinctValue { value, count: row.count }),
                None => out.extend(self.distinct_nested(query, key, row.value, limit)?),
            }
            if out.len() > limit {
                return Err(too_many());
            }
        }
        let total = self.count(query, None)?;
        if total > present {
            out.push(DistinctValue { value: Value::Null, count: total - present });
        }
        Ok(out)
    }

    /// The distinct index entries of a key, each with its count and the first node that has it; at most `limit` and one.
    fn distinct_entries(&self, query: &Query, key: &str, limit: usize) -> Result<Vec<DistinctEntry>> {
        let Sq { sql, params, .. } = entries_of(query, key, None)?;
        let sql = sql.replacen("SELECT node FROM", "SELECT value, count(*), min(node) FROM", 1);
        let sql = format!("{sql} GROUP BY value LIMIT {}", limit.saturating_add(1));
        self.read(|db| {
            let mut statement = db.prepare_cached(&sql)?;
            let rows = statement.query_map(params_from_iter(params), |r| {
                let count: i64 = r.get(1)?;
                Ok(DistinctEntry { value: r.get(0)?, count: count.try_into().unwrap_or(0), first: r.get(2)? })
            })?;
            rows.collect()
        })
    }

    /// Objects and lists have only a marker in the index: their texts come from the rows.
    fn distinct_nested(
        &self,
        query: &Query,
        key: &str,
        marker: Sql,
        limit: usize,
    ) -> Result<Vec<DistinctValue>> {
        let Sq { sql: ids, params, .. } = entries_of(query, key, Some(marker))?;
        let limit = limit.saturating_add(1);
        let sql = format!(
            "SELECT tile_json(metadata, ?) AS v, count(*) FROM nodes WHERE id IN ({ids}) GROUP BY v LIMIT {limit}"
        );
        let params = std::iter::once(Sql::Text(key.to_owned())).chain(params);
        self.read(|db| {
            let mut statement = db.prepare_cached(&sql)?;
            let rows = statement.query_map(params_from_iter(params), |r| {
                let (text, count): (Option<String>, i64) = (r.get(0)?, r.get(1)?);
                let value = text.and_then(|t| serde_json::from_str(&t).ok()).unwrap_or(Value::Null);
                Ok(DistinctValue { value, count: count.try_into().unwrap_or(0) })
            })?;
            rows.collect()
        })
    }

    fn value_of(&self, id: i64, key: &str) -> Result<Value> {
        let metadata = self.node(id)?.map(|n| n.metadata_json()).transpose()?;
        Ok(metadata.as_ref().and_then(|m| value_at(m, key)).cloned().unwrap_or_default())
    }

    /// Distinct families (`family` column) or spec lists (`specs` column) among the matches.
    ///
    /// # Errors
    /// As [`Catalog::search`].
    pub fn distinct_column(&self, query: &Query, specs: bool) -> Result<Vec<DistinctValue>> {
        let Sq { sql: ids, params, .. } = conditions::ids(query)?;
        let column = if specs { "specs" } else { "family" };
        self.read(|db| {
            let mut statement = db.prepare_cached(&format!(
                "SELECT {column}, count(*) FROM nodes WHERE id IN ({ids}) GROUP BY 1 ORDER BY 1"
            ))?;
            statement
                .query_map(params_from_iter(params), |r| {
                    let (text, count): (String, i64) = (r.get(0)?, r.get(1)?);
                    let value = if specs {
                        serde_json::from_str(&text).unwrap_or(Value::Null)
                    } else {
                        Value::from(text)
                    };
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
        self.read(|db| {
            db.prepare_cached(&format!(
                "SELECT {NODE_COLUMNS} FROM nodes WHERE parent = ? ORDER BY id DESC LIMIT 1"
            ))?
            .query_row([parent], node_of)
            .optional()
        })
    }
}

/// One distinct entry of the index.
struct DistinctEntry {
    value: Sql,
    count: u64,
    first: i64,
}

/// The index entries of `key` among the matches, or those of them with one value.
fn entries_of(query: &Query, key: &str, value: Option<Sql>) -> Result<Sq> {
    let condition = if value.is_some() { "value = ?" } else { "1" };
    let mut all =
        conditions::attrs(query.scope, index::value_name(key), condition, value.into_iter().collect());
    if !query.filters.is_empty() {
        let matches = conditions::ids(query)?;
        all.sql = format!("{} AND node IN ({})", all.sql, matches.sql);
        all.params.extend(matches.params);
    }
    Ok(all)
}

fn fetch(db: &Connection, ids: &str, params: Vec<Sql>) -> rusqlite::Result<Vec<Node>> {
    let ids: Vec<i64> = db
        .prepare_cached(ids)?
        .query_map(params_from_iter(params), |r| r.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let mut one = db.prepare_cached(&format!("SELECT {NODE_COLUMNS} FROM nodes WHERE id = ?"))?;
    ids.into_iter().filter_map(|id| one.query_row([id], node_of).optional().transpose()).collect()
}
