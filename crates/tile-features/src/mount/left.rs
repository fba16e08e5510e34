//! The keys of a Join that the rows of its left side have.

use super::keys::Distinct;
use crate::api::Joining;
use crate::arrow;
use crate::definition::Rows;
use crate::hub::Hub;
use crate::hub::sql;
use crate::key;
use crate::types::Type;
use crate::value::Value;
use std::collections::BTreeSet;
use tile_base::feed::FeedQuery;
use tile_base::{Error, Kind, Result};

/// Keys that a Join without a key of its own may have.
const KEYS_MAX: usize = 1 << 18;
/// Keys that are told to the engine; where there are more, all rows are read.
const KEYS_TOLD_MAX: usize = 256;

/// The table of a left side.
///
/// # Errors
/// Why it has none, in words.
pub fn table(joining: &Joining) -> Result<&str, String> {
    match &joining.definition().left.rows {
        Rows::Events { table, .. } => Ok(table),
        Rows::Entities { snapshot, .. } => Ok(snapshot),
        Rows::Join(_) => {
            Err("its parts have different keys, and its left side is a Join: which keys belong \
            together is not known"
                .to_owned())
        }
    }
}

/// The keys of all rows, or those of them that are wanted.
///
/// # Errors
/// `TooLarge` for too many keys; `Invalid` for a left side that does not fit its table; those of the table.
pub fn keys(hub: &Hub, joining: &Joining, wanted: Option<&[Vec<Value>]>) -> Result<Distinct> {
    let table = table(joining).map_err(Error::invalid)?;
    let (feed, columns) = (hub.feeds().open(table)?, joining.keys());
    let there = feed.schema()?;
    let known = arrow::readable(there.fields().iter().map(|f| (f.name(), f.data_type())));
    let query = &joining.definition().left.query;
    let mut read = Vec::new();
    for (name, _) in &columns {
        let select = query.selects.iter().find(|(selected, _)| selected == name);
        let text = select.map_or_else(|| format!("`{name}`"), |(_, text)| text.clone());
        let (sql, _) = sql::printed(&text, &known).map_err(|e| e.at(format!("left.selects.{name}")))?;
        read.push((name.clone(), sql));
    }
    let own = sql::condition(&query.wheres, &known)?;
    let told = wanted.filter(|wanted| wanted.len() <= KEYS_TOLD_MAX).map(|keys| told(keys, &read, &columns));
    let filter = sql::all(own.into_iter().chain(told));
    let wanted: Option<BTreeSet<Vec<u8>>> =
        wanted.map(|keys| keys.iter().map(|key| bytes(key, &columns)).collect());
    let mut out = Distinct::new();
    for batch in feed.read(&FeedQuery { columns: read, filter }, None)?.batches {
        let batch = batch?;
        let arrays = batch.columns().iter().zip(&columns);
        let cells = arrays.map(|(array, (_, ty))| arrow::read_as(array.as_ref(), ty));
        let cells = cells.collect::<Result<Vec<_>>>()?;
        for row in 0..batch.num_rows() {
            let values: Vec<Value> = cells.iter().map(|column| column.cell(row).to_value()).collect();
            let key = bytes(&values, &columns);
            if wanted.as_ref().is_none_or(|wanted| wanted.contains(&key)) {
                out.insert(key, values);
            }
        }
        if out.len() > KEYS_MAX {
            let what = format!("the left side of `{}` has more than {KEYS_MAX} keys", joining.name());
            return Err(Error::new(Kind::TooLarge, what).hint("Fetch the keys that you need"));
        }
    }
    Ok(out)
}

/// The condition that a row has one of these keys. It may let others through.
fn told(keys: &[Vec<Value>], read: &[(String, String)], columns: &[(String, Type)]) -> String {
    let is = |key: &Vec<Value>| {
        let parts = read.iter().zip(columns).zip(key);
        let parts = parts.map(|(((_, sql), (_, ty)), value)| sql::may_be(sql, value, ty));
        format!("({})", parts.collect::<Vec<_>>().join(" AND "))
    };
    let each: Vec<String> = keys.iter().map(is).collect();
    if each.is_empty() { "false".to_owned() } else { format!("({})", each.join(" OR ")) }
}

/// Equal keys have equal bytes. A part of it may be null.
fn bytes(values: &[Value], columns: &[(String, Type)]) -> Vec<u8> {
    let mut out = Vec::new();
    for (value, (_, ty)) in values.iter().zip(columns) {
        let part = key::of_values(std::slice::from_ref(value), std::slice::from_ref(ty));
        out.push(u8::from(part.is_ok()));
        out.extend(part.unwrap_or_default());
    }
    out
}
