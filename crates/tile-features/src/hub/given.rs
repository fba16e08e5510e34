//! Rows that a request gives, in the place of those that a source has: what is selected of them is made here, without the engine.

use super::bound::{Bound, Role, Taken};
use super::selected::Selected;
use crate::column::Column;
use crate::expression::typed_of_text;
use crate::json;
use crate::types::Type;
use crate::value::Value;
use serde_json::{Map, Value as Json};
use tile_base::{Error, Result};

/// Rows by the columns of the source's table.
pub type Rows = Vec<Map<String, Json>>;

/// Rows as groups take them. A column that a row lacks is null.
///
/// # Errors
/// `Invalid` for a definition with other sources than one of events, for columns that its table lacks, for values of other types, and for
/// a row without a time, with the row as the place.
pub fn taken(bound: &Bound, rows: &Rows) -> Result<Taken> {
    let [reader] = bound.sources.as_slice() else { return Err(unfit()) };
    let Role::Events(selected) = &reader.role else { return Err(unfit()) };
    let (mut times, mut selects) = (Vec::new(), Vec::new());
    for (at, row) in rows.iter().enumerate() {
        let place = |e: Error| {
            let path = e.at.as_deref().map_or_else(String::new, |path| format!(".{path}"));
            Error { at: Some(format!("rows[{at}]{path}")), ..e }
        };
        let row = read(row, selected).map_err(place)?;
        let Some(values) = selected.row(&row) else { continue };
        let Some(time) = selected.beside(0)?.evaluate_as_millis(&row) else {
            return Err(place(Error::invalid("the row has no time")));
        };
        if reader.days.contains(&time) {
            times.push(time);
            selects.push(values);
        }
    }
    let column = |(at, (_, ty)): (usize, &(String, Type))| {
        let values: Vec<Value> = selects.iter_mut().map(|row| std::mem::take(&mut row[at])).collect();
        Column::of_values(ty, &values)
    };
    let columns = bound.schema.0.iter().enumerate().map(column).collect();
    Ok(bound.block(columns, times))
}

/// A row in the order of the table's columns.
fn read(row: &Map<String, Json>, selected: &Selected) -> Result<Vec<Value>> {
    let table = selected.table();
    if let Some(other) = row.keys().find(|name| table.find(name).is_none()) {
        let error = Error::invalid(format!("the source has no column `{other}`"));
        return Err(error.did_you_mean(other, selected.reads()));
    }
    let value = |(name, ty): &(String, Type)| match row.get(name) {
        None => Ok(Value::Null),
        Some(json) => value(json, ty).map_err(|e| {
            let path = e.at.as_deref().unwrap_or_default();
            Error { at: Some(format!("{name}{path}")), ..e }
        }),
    };
    table.0.iter().map(value).collect()
}

/// Times and dates may be texts, as events have them.
fn value(json: &Json, ty: &Type) -> Result<Value> {
    if let (Json::String(text), Type::Timestamp | Type::Date) = (json, ty) {
        let what = || Error::invalid(format!("expected a {ty}, found {}", json::describe(json)));
        return typed_of_text(text, ty).ok_or_else(what);
    }
    json::of_json(json, ty)
}

fn unfit() -> Error {
    Error::invalid("rows can be given where a GroupBy has one source of events")
        .hint("Ask without `rows`: several sources, entities and Joins have rows of their own")
}
