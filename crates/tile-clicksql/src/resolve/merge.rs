//! Reading with FINAL: rows of one sorting key merged as their table's engine merges them.
//!
//! Every form reads the table as `f_`, the rows in the order in which they came.

use super::scope::{Level, Scope};
use super::{Column, Ctx, Options};
use crate::aggregates;
use crate::ast::{QueryBody, Statement};
use crate::duck;
use crate::error::{Code, Result, SqlError};
use crate::schema::{Engine, Table};
use crate::typed::Typed;
use crate::types::Type;

/// How a table is named inside of the merged rows.
pub const ALIAS: &str = "f_";

/// In what order rows came.
const ARRIVAL: &str = "f_.rowid";

/// The merged rows of a table, in parentheses.
///
/// # Errors
/// `BadArguments` for engines that merge nothing, `Unsupported` for what cannot be merged here.
pub fn merged(table: &Table) -> Result<String> {
    where_met(table, None)
}

/// The same of the rows that meet a condition: PREWHERE is before the merge, WHERE after it.
pub fn where_met(table: &Table, condition: Option<&str>) -> Result<String> {
    let keys = table.sorting_key.iter().map(|k| key(table, k)).collect::<Result<Vec<_>>>()?;
    let filter = condition.map_or(String::new(), |c| format!(" WHERE {c}"));
    let rows = Rows { table, keys, from: format!("{} AS {ALIAS}{filter}", table.engine_name) };
    let merged = match &table.engine {
        Engine::Plain => {
            let message = format!("the engine of `{}` merges nothing: FINAL has no meaning", table.name);
            return Err(SqlError::new(Code::BadArguments, message));
        }
        Engine::Replacing { version, is_deleted } => {
            Ok(rows.latest(version.as_deref(), is_deleted.as_deref()))
        }
        Engine::Summing(columns) => rows.summed(columns),
        Engine::Aggregating => rows.grouped(&[], None),
        Engine::Collapsing { sign } => Ok(rows.collapsed(sign)),
        Engine::VersionedCollapsing { sign, version } => Ok(rows.cancelled(sign, version)),
    }?;
    Ok(sorted(table, &merged))
}

/// Merged rows come in the order of the sorting key, as far as it consists of columns.
fn sorted(table: &Table, merged: &str) -> String {
    let is_column = |key: &&String| table.columns.iter().any(|(name, _)| name == *key);
    let keys: Vec<String> = table
        .sorting_key
        .iter()
        .take_while(is_column)
        .map(|key| format!("{} NULLS LAST", column(key)))
        .collect();
    if keys.is_empty() {
        return merged.to_owned();
    }
    format!("(SELECT * FROM {merged} AS {ALIAS} ORDER BY {})", keys.join(", "))
}

/// A column or an expression of the sorting key.
fn key(table: &Table, text: &str) -> Result<String> {
    if table.columns.iter().any(|(name, _)| name == text) {
        return Ok(column(text));
    }
    let bad =
        || SqlError::new(Code::Unsupported, format!("FINAL with the sorting key `{text}` is not supported"));
    let statement = crate::parse::statement(&format!("SELECT {text}"))?;
    let Statement::Query(query) = &statement else { return Err(bad()) };
    let QueryBody::Select(select) = &query.body else { return Err(bad()) };
    let (options, tables) = (Options::default(), Vec::new());
    let ctx = Ctx::new(&tables, &options);
    let mut scope = Scope::new(&ctx, None);
    scope.sources = vec![Scope::source_of(vec![], ALIAS, &columns(table))];
    let first = select.projection.first().ok_or_else(bad)?;
    scope.expr(first, Level::Row).map(|t| t.value())
}

/// The columns of a table as a relation has them.
pub fn columns(table: &Table) -> Vec<Column> {
    let column =
        |(name, ty): &(String, Type)| Column { name: name.clone(), physical: name.clone(), ty: ty.clone() };
    table.columns.iter().map(column).collect()
}

fn column(name: &str) -> String {
    format!("{ALIAS}.{}", duck::name(name))
}

struct Rows<'x> {
    table: &'x Table,
    keys: Vec<String>,
    from: String,
}

impl Rows<'_> {
    /// `PARTITION BY` the keys and more.
    fn partition(&self, more: &[String]) -> String {
        let all: Vec<String> = self.keys.iter().chain(more).cloned().collect();
        if all.is_empty() { String::new() } else { format!("PARTITION BY {} ", all.join(", ")) }
    }

    fn columns(&self) -> String {
        self.table.columns.iter().map(|(name, _)| column(name)).collect::<Vec<_>>().join(", ")
    }

    /// The row with the greatest version, of equal ones the last that came.
    fn latest(&self, version: Option<&str>, is_deleted: Option<&str>) -> String {
        let order = version.map_or(String::new(), |v| format!("{} DESC, ", column(v)));
        let latest = format!(
            "SELECT {} FROM {} QUALIFY row_number() OVER ({}ORDER BY {order}{ARRIVAL} DESC) = 1",
            self.columns(),
            self.from,
            self.partition(&[])
        );
        match is_deleted {
            Some(deleted) => format!("(SELECT * FROM ({latest}) AS f_ WHERE {} = 0)", column(deleted)),
            None => format!("({latest})"),
        }
    }

    /// The last row that counts up, unless what came cancels out.
    fn collapsed(&self, sign: &str) -> String {
        let (sign, partition) = (column(sign), self.partition(&[]));
        let sum = format!("sum({sign}) OVER ({partition})");
        let last = format!(
            "last_value({sign}) OVER ({partition}ORDER BY {ARRIVAL} ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)"
        );
        format!(
            "(SELECT {} FROM {} QUALIFY ({sum} > 0 OR {sum} = 0 AND {last} = 1) AND {sign} = 1 AND row_number() OVER ({partition}ORDER BY {sign} DESC, {ARRIVAL} DESC) = 1)",
            self.columns(),
            self.from
        )
    }

    /// Rows that no later row of the same version and the other sign takes back.
    fn cancelled(&self, sign: &str, version: &str) -> String {
        let (sign, partition) = (column(sign), self.partition(&[column(version)]));
        let height =
            format!("sum({sign}) OVER ({partition}ORDER BY {ARRIVAL} ROWS UNBOUNDED PRECEDING) AS h_");
        let counted = format!("SELECT {}, {ARRIVAL} AS rowid, {height} FROM {}", self.columns(), self.from);
        let after = |f: &str| {
            format!(
                "{f}(h_) OVER ({partition}ORDER BY {ARRIVAL} ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING)"
            )
        };
        format!(
            "(SELECT {} FROM ({counted}) AS {ALIAS} QUALIFY {sign} = 1 AND h_ > 0 AND {} >= h_ OR {sign} = -1 AND h_ < 0 AND {} <= h_)",
            self.columns(),
            after("min"),
            after("max")
        )
    }

    /// One row for each key: states are joined, other columns have their first value, unless a form is given.
    fn grouped(&self, given: &[(String, String)], having: Option<&str>) -> Result<String> {
        let mut shown = Vec::new();
        for (name, ty) in &self.table.columns {
            let (own, as_) = (column(name), duck::name(name));
            if self.keys.contains(&own) {
                shown.push(own);
                continue;
            }
            let form = match given.iter().find(|(n, _)| n == name) {
                Some((_, form)) => form.clone(),
                None => joined(&own, ty)?,
            };
            shown.push(format!("{form} AS {as_}"));
        }
        let by =
            if self.keys.is_empty() { String::new() } else { format!(" GROUP BY {}", self.keys.join(", ")) };
        // Without keys there is one group, even of no rows.
        let some = if self.keys.is_empty() { Some("count(*) > 0") } else { None };
        let conditions: Vec<&str> = some.into_iter().chain(having).collect();
        let having = if conditions.is_empty() {
            String::new()
        } else {
            format!(" HAVING {}", conditions.join(" AND "))
        };
        Ok(format!("(SELECT {} FROM {}{by}{having})", shown.join(", "), self.from))
    }

    fn summed(&self, columns: &[String]) -> Result<String> {
        let mut given = self.maps(columns)?;
        let has_maps = !given.is_empty();
        let mut sums = Vec::new();
        for (name, ty) in &self.table.columns {
            let wanted =
                if columns.is_empty() { !self.keys.contains(&column(name)) } else { columns.contains(name) };
            let is_state = matches!(ty, Type::SimpleAggregateFunction(_));
            if !wanted || is_state || !ty.plain().is_number() {
                continue;
            }
            let sum =
                aggregates::ordered("sumWithOverflow", &[Typed::new(column(name), ty.clone())], ARRIVAL)?.sql;
            // A truth value is a number there.
            let sum = if *ty.plain() == Type::Bool { format!("CAST({sum} AS BOOLEAN)") } else { sum };
            sums.push(if ty.is_nullable() {
                format!("{sum} IS NOT NULL")
            } else {
                format!("{sum} <> {}", duck::default_of(ty)?)
            });
            given.push((name.clone(), sum));
        }
        let states = |ty: &Type| matches!(ty, Type::AggregateFunction(_) | Type::SimpleAggregateFunction(_));
        // A row whose sums are all zero is left out, unless the table keeps more than sums.
        let keeps_all = has_maps || sums.is_empty() || self.table.columns.iter().any(|(_, ty)| states(ty));
        let having = format!("({})", sums.join(" OR "));
        self.grouped(&given, (!keeps_all).then_some(having.as_str()))
    }

    /// Nested columns `…Map.key`, `…Map.value`: values are added up by key.
    fn maps(&self, columns: &[String]) -> Result<Vec<(String, String)>> {
        let mut found: Vec<(&str, Vec<(&String, &Type)>)> = Vec::new();
        for (name, ty) in &self.table.columns {
            let Some((group, _)) = name.split_once('.') else { continue };
            let wanted = columns.is_empty() || columns.iter().any(|c| c == group);
            if wanted && group.ends_with("Map") && matches!(ty, Type::Array(_)) {
                match found.iter_mut().find(|(g, _)| *g == group) {
                    Some((_, members)) => members.push((name, ty)),
                    None => found.push((group, vec![(name, ty)])),
                }
            }
        }
        let mut given = Vec::new();
        for (group, members) in found.into_iter().filter(|(_, m)| m.len() > 1) {
            let is_key = |name: &str| ["ID", "Key", "Type"].iter().any(|e| name.ends_with(e));
            if members.iter().skip(1).any(|(name, _)| is_key(name)) {
                let message = format!("FINAL with several keys in `{group}` is not supported");
                return Err(SqlError::new(Code::Unsupported, message));
            }
            let args: Vec<Typed> = members.iter().map(|(n, t)| Typed::new(column(n), (*t).clone())).collect();
            let sum = aggregates::ordered("sumMapWithOverflow", &args, ARRIVAL)?.sql;
            for (i, (name, _)) in members.iter().enumerate() {
                given.push(((*name).clone(), format!("struct_extract({sum}, '{}')", i + 1)));
            }
        }
        Ok(given)
    }
}

/// A column's value in the merged row.
fn joined(column: &str, ty: &Type) -> Result<String> {
    match ty {
        Type::AggregateFunction(state) => aggregates::merge_state(state, column, ARRIVAL),
        Type::SimpleAggregateFunction(state) => {
            let value = Typed::new(column, state.args.first().cloned().unwrap_or(Type::Nothing));
            aggregates::ordered(&state.function, &[value], ARRIVAL).map(|t| t.sql)
        }
        _ => Ok(format!("first({column} ORDER BY {ARRIVAL})")),
    }
}
