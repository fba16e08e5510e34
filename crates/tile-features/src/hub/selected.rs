//! What a source selects of a table: printed for the engine, or made here of rows that a request gives.

use super::sql;
use crate::arrow;
use crate::definition::Query;
use crate::expression::{Expression, Projection};
use crate::types::{Schema, Type};
use crate::value::Value;
use arrow_schema::SchemaRef;
use tile_base::feed::FeedQuery;
use tile_base::{Error, Result};

/// A column of ours, and its expression.
pub type Own = (&'static str, String);

/// The columns of tables, and what the first source selects of them.
pub struct Known<'a> {
    pub columns: &'a dyn Fn(&str) -> Result<SchemaRef>,
    pub schema: &'a mut Option<Schema>,
}

/// What is selected of a table.
pub struct Selected {
    table: Schema,
    /// In the order of the first source, which says of which types they are.
    selects: Vec<(String, Expression)>,
    beside: Vec<Expression>,
    /// Conditions that must all hold.
    wheres: Vec<Expression>,
}

impl Selected {
    /// `beside` are expressions that are read as well, each with its place for errors. The first source says what is selected, and of which
    /// types.
    ///
    /// # Errors
    /// `Invalid` for expressions that do not fit, and where something else is selected than of the first source; those of `columns`.
    pub fn new(query: &Query, table: &str, known: Known<'_>, beside: &[(&str, &str)]) -> Result<Self> {
        let Known { columns, schema } = known;
        let table = arrow::readable_of(columns(table)?.as_ref());
        // Who selects nothing selects all.
        let all: Vec<(String, String)> = table.0.iter().map(|(n, _)| (n.clone(), format!("`{n}`"))).collect();
        let selects = if query.selects.is_empty() { &all } else { &query.selects };
        let is_column = |name: &str| table.find(name).is_some();
        let projection = Projection::new(selects, &is_column)?;
        let mut selected = Vec::new();
        for (name, _) in selects {
            let place = |e: Error| Error { at: Some(format!("selects.{name}")), ..e };
            selected.push((name.clone(), projection.get(name)?.resolve(&table).map_err(place)?));
        }
        let typed: Vec<(String, Type)> =
            selected.iter().map(|(name, made)| (name.clone(), made.ty().clone())).collect();
        let order = alike(schema.get_or_insert_with(|| Schema(typed.clone())), &typed)?;
        let mut selected: Vec<_> = order.into_iter().zip(selected).collect();
        selected.sort_by_key(|(place, _)| *place);
        let selects = selected.into_iter().map(|(_, select)| select).collect();
        let resolved = |(path, text): &(&str, &str)| {
            let at = |e: Error| Error { at: Some((*path).to_owned()), ..e };
            projection.beside(text).and_then(|parsed| parsed.resolve(&table)).map_err(at)
        };
        let beside = beside.iter().map(resolved).collect::<Result<_>>()?;
        let wheres = sql::conditions(&query.wheres, &table).map_err(|e| projection.unselected(e))?;
        Ok(Self { selects, beside, wheres, table })
    }

    /// The columns of the table that can be read.
    pub const fn table(&self) -> &Schema {
        &self.table
    }

    /// The columns of the table that are read.
    pub fn reads(&self) -> impl Iterator<Item = &str> {
        let selects = self.selects.iter().map(|(_, made)| made);
        let all = selects.chain(&self.beside).chain(&self.wheres);
        all.flat_map(|made| made.columns().iter().map(String::as_str))
    }

    /// Names and types of what is selected.
    pub fn schema(&self) -> Schema {
        Schema(self.selects.iter().map(|(name, made)| (name.clone(), made.ty().clone())).collect())
    }

    /// An expression that is read beside the selects.
    ///
    /// # Errors
    /// None but a defect.
    pub fn beside(&self, at: usize) -> Result<&Expression> {
        self.beside.get(at).ok_or_else(|| Error::internal("an expression that was not asked for"))
    }

    /// What the engine reads: the selects, then our own columns, of the rows for which all conditions hold.
    pub fn query(&self, own: Vec<Own>, wheres: Vec<String>) -> FeedQuery {
        let selects =
            self.selects.iter().map(|(name, made)| (name.clone(), made.print_for_engine().to_owned()));
        let own = own.into_iter().map(|(name, sql)| (name.to_owned(), sql));
        let conditions = self.wheres.iter().map(|made| format!("({})", made.print_for_engine()));
        FeedQuery { columns: selects.chain(own).collect(), filter: sql::all(conditions.chain(wheres)) }
    }

    /// What is selected of a row of the table; none where a condition does not hold.
    pub fn row(&self, row: &[Value]) -> Option<Vec<Value>> {
        let is_kept = self.wheres.iter().all(|condition| condition.evaluate(row) == Value::Bool(true));
        is_kept.then(|| self.selects.iter().map(|(_, made)| made.evaluate(row)).collect())
    }
}

/// Of each of the columns that a source selects, its place among those of the first one.
///
/// # Errors
/// `Invalid` where these are others.
pub fn alike(schema: &Schema, selected: &[(String, Type)]) -> Result<Vec<usize>> {
    if selected.len() != schema.0.len() {
        return Err(Error::invalid("the sources of a GroupBy select the same columns"));
    }
    for (name, wanted) in &schema.0 {
        let (_, ty) = selected.iter().find(|(n, _)| n == name).ok_or_else(|| {
            Error::invalid(format!("`{name}` is not selected, as it is of the first source"))
        })?;
        if ty != wanted {
            let what = format!("`{name}` is a {ty}, and a {wanted} in the first source");
            return Err(Error::invalid(what).hint(format!("Cast it: `CAST({name} AS {wanted})`")));
        }
    }
    Ok(selected.iter().map(|(name, _)| schema.find(name).unwrap_or_default()).collect())
}
