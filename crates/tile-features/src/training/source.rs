//! A source as a relation: its selects, its time and its day, for the rows that its conditions keep.

use super::sql::{DAY, TIME, expression, in_utc, millis, missing, parsed, quoted};
use super::{Training, within};
use crate::definition::{Query, Rows, Source};
use crate::expression::{Parsed, Projection, parse};
use arrow_schema::DataType;
use tile_base::{Error, Result};

/// When a mutation happened, and whether it is the image before.
pub const HAPPENED: &str = "_tile_mutation_ts";
pub const IS_BEFORE: &str = "_tile_is_before";

/// What a source gives.
pub struct Relation {
    /// A query in brackets.
    pub sql: String,
    /// Its columns but for ours.
    pub columns: Vec<(String, DataType)>,
    pub has_time: bool,
    pub has_day: bool,
}

/// Columns that are given to all rows under names of our own.
#[derive(Default)]
struct Own {
    time: Option<String>,
    day: Option<String>,
    happened: Option<String>,
    is_before: Option<String>,
}

impl Training<'_> {
    /// What stands for the rows of a source after `FROM`.
    pub fn relation(&self, rows: &Rows, depth: usize) -> Result<String> {
        match rows {
            Rows::Events { table, .. } => self.tables.relation(table),
            Rows::Entities { snapshot, .. } => self.tables.relation(snapshot),
            Rows::Join(join) => Ok(format!("({})", self.join(join, super::parts(join), None, depth + 1)?)),
        }
    }

    /// The rows of a source.
    pub fn source(&self, source: &Source, depth: usize) -> Result<Relation> {
        let relation = self.relation(&source.rows, depth)?;
        // When a row changed is a column of the mutations alone.
        let query = Query { mutation_time: None, reversal: None, ..source.query.clone() };
        let made = self.project(&relation, &query, &source.rows);
        made.map_err(|e| within(e, "source", &named(&source.rows)))
    }

    /// Images of rows before and after they changed. None where the source has none.
    pub fn mutations(&self, source: &Source) -> Result<Option<Relation>> {
        let Rows::Entities { mutations: Some(table), .. } = &source.rows else { return Ok(None) };
        let mut query = source.query.clone();
        query.mutation_time.get_or_insert_with(|| "mutation_ts".to_owned());
        query.reversal.get_or_insert_with(|| "is_before".to_owned());
        // Mutations are taken by when they happened, not by partitions.
        (query.start, query.end) = (None, None);
        let made = self.project(&self.tables.relation(table)?, &query, &source.rows);
        made.map(Some).map_err(|e| within(e, "mutations", table))
    }

    /// The rows of a relation as a query selects them.
    pub fn project(&self, relation: &str, query: &Query, rows: &Rows) -> Result<Relation> {
        let there = self.columns(relation)?;
        let has = |name: &str| there.iter().any(|(n, _)| n == name);
        let projection = Projection::new(&query.selects, &has)?;
        let time = query.time.as_deref().map(|text| projection.beside(text)).transpose()?;
        let wheres = query.wheres.iter().map(|text| parse(text)).collect::<Result<Vec<_>>>()?;
        let read: Vec<&Parsed> = projection.all().chain(&wheres).chain(&time).collect();
        let relation = &in_utc(relation, &there, &read);
        let there = self.columns(relation)?;
        let printed = |text: &str| expression(text, &there);
        let mut selects: Vec<(String, String)> = match query.selects.as_slice() {
            [] => there.iter().map(|(name, _)| (name.clone(), quoted(name))).collect(),
            some => {
                let select = |(name, text): &(String, String)| {
                    let at = |e: Error| e.at(format!("`{text}`"));
                    Ok((name.clone(), parsed(projection.get(name)?, &there).map_err(at)?))
                };
                some.iter().map(select).collect::<Result<_>>()?
            }
        };
        let selected_time = selects.iter().find(|(name, _)| name == "ts").map(|(_, sql)| sql.clone());
        let partition = query.partition.as_deref().unwrap_or("ds");
        let own = Own {
            time: match &time {
                Some(text) => Some(parsed(text, &there)?),
                None => selected_time.or_else(|| has("ts").then(|| quoted("ts"))),
            },
            day: match has(partition) {
                true => Some(format!("CAST({} AS DATE)", quoted(partition))),
                false if query.partition.is_some() => return Err(missing(partition, &there)),
                false => None,
            },
            happened: query.mutation_time.as_deref().map(printed).transpose()?,
            is_before: query.reversal.as_deref().map(printed).transpose()?,
        };
        let (has_time, has_day) = (own.time.is_some(), own.day.is_some());
        let mine = [(TIME, own.time), (DAY, own.day), (HAPPENED, own.happened), (IS_BEFORE, own.is_before)];
        selects.extend(mine.into_iter().filter_map(|(name, sql)| Some((name.to_owned(), sql?))));
        let list: Vec<String> =
            selects.iter().map(|(name, sql)| format!("{sql} AS {}", quoted(name))).collect();
        let kept = |text: &String| printed(text).map_err(|e| projection.unselected(e));
        let mut wheres = query.wheres.iter().map(kept).collect::<Result<Vec<_>>>()?;
        wheres.extend(cumulated(rows, relation, partition, has_day));
        let condition = if wheres.is_empty() { "true".to_owned() } else { wheres.join(" AND ") };
        let inner = format!("(SELECT {} FROM {relation} AS t WHERE {condition})", list.join(", "));
        let columns = self.columns(&inner)?;
        let sql = in_time(&inner, &columns, query, (has_time, has_day))?;
        let columns = columns.into_iter().filter(|(name, _)| !name.starts_with("_tile_")).collect();
        Ok(Relation { sql, columns, has_time, has_day })
    }
}

/// Of a table whose days each hold all of history only the last day is read.
fn cumulated(rows: &Rows, relation: &str, partition: &str, has_day: bool) -> Option<String> {
    let is_cumulative = matches!(rows, Rows::Events { is_cumulative: true, .. });
    let day = quoted(partition);
    (is_cumulative && has_day).then(|| format!("{day} = (SELECT max({day}) FROM {relation} AS last)"))
}

/// The same with times in milliseconds, within the partitions that the query names.
fn in_time(
    inner: &str,
    columns: &[(String, DataType)],
    query: &Query,
    (has_time, has_day): (bool, bool),
) -> Result<String> {
    let mut replaced = Vec::new();
    for (name, data) in columns {
        match name.as_str() {
            TIME | HAPPENED => replaced.push(format!("{} AS {name}", millis(name, data)?)),
            IS_BEFORE => replaced.push(format!("CAST({name} AS BOOLEAN) AS {name}")),
            _ => {}
        }
    }
    let list =
        if replaced.is_empty() { "*".to_owned() } else { format!("* REPLACE ({})", replaced.join(", ")) };
    let mut wheres = Vec::new();
    for (bound, is_start) in [(&query.start, true), (&query.end, false)] {
        let Some(day) = bound else { continue };
        let days = crate::window::day(day)?;
        let ms = days.saturating_mul(crate::window::DAY_MS);
        wheres.push(match (has_day, has_time, is_start) {
            (true, _, true) => format!("{DAY} >= DATE '1970-01-01' + {days}"),
            (true, _, false) => format!("{DAY} <= DATE '1970-01-01' + {days}"),
            (false, true, true) => format!("{TIME} >= {ms}"),
            (false, true, false) => format!("{TIME} < {}", ms.saturating_add(crate::window::DAY_MS)),
            (false, false, _) => continue,
        });
    }
    let condition =
        if wheres.is_empty() { String::new() } else { format!(" WHERE {}", wheres.join(" AND ")) };
    Ok(format!("(SELECT * FROM (SELECT {list} FROM {inner}){condition})"))
}

/// What a source is called in errors.
pub fn named(rows: &Rows) -> String {
    match rows {
        Rows::Events { table, .. } => table.clone(),
        Rows::Entities { snapshot, .. } => snapshot.clone(),
        Rows::Join(join) => join.meta.name.clone(),
    }
}
