//! The engine's SQL, in which all of this is said.

use super::Training;
use crate::arrow;
use crate::expression::{Parsed, identifier, parse};
use crate::types::Type;
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, SchemaRef, TimeUnit};
use tile_base::{Error, Result};

/// Columns of ours in tables that are made: the number of the left row, its time in milliseconds, its day.
pub const ROW: &str = "_tile_row";
pub const TIME: &str = "_tile_ts";
pub const DAY: &str = "_tile_day";

/// A name as SQL has it.
pub fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text as SQL has it.
pub fn text(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}

/// The engine's SQL of an expression over columns. Nothing of the text goes to the engine but names of columns.
pub fn expression(source: &str, columns: &[(String, DataType)]) -> Result<String> {
    // A column is taken as it is, whatever its type.
    if let Some(name) = identifier(source) {
        let other = || columns.iter().find(|(n, _)| n.eq_ignore_ascii_case(name));
        let found = columns.iter().find(|(n, _)| n == name).or_else(other);
        return found.map(|(name, _)| quoted(name)).ok_or_else(|| missing(name, columns));
    }
    parsed(&parse(source)?, columns).map_err(|e| e.at(format!("`{source}`")))
}

/// As [`expression`].
pub fn parsed(of: &Parsed, columns: &[(String, DataType)]) -> Result<String> {
    match of.as_name().filter(|name| columns.iter().any(|(n, _)| n == name)) {
        Some(name) => Ok(quoted(name)),
        None => Ok(of
            .resolve(&arrow::readable(columns.iter().map(|(name, data)| (name, data))))?
            .print_for_engine()
            .to_owned()),
    }
}

/// The relation with times of all units and zones as the times of UTC that expressions know, where one of these expressions names them.
pub fn in_utc(relation: &str, columns: &[(String, DataType)], expressions: &[&Parsed]) -> String {
    let expressions = expressions.iter().filter(|parsed| parsed.as_name().is_none());
    let named: Vec<String> = expressions.flat_map(|parsed| parsed.columns()).collect();
    let is_other = |data: &DataType| {
        matches!(data, DataType::Timestamp(..)) && *data != DataType::Timestamp(TimeUnit::Microsecond, None)
    };
    let replaced: Vec<String> = columns
        .iter()
        .filter(|(name, data)| is_other(data) && named.iter().any(|n| n.eq_ignore_ascii_case(name)))
        .map(|(name, _)| format!("CAST({0} AS TIMESTAMP) AS {0}", quoted(name)))
        .collect();
    match replaced.as_slice() {
        [] => relation.to_owned(),
        some => format!("(SELECT * REPLACE ({}) FROM {relation})", some.join(", ")),
    }
}

/// The engine's name of a type.
pub fn type_name(ty: &Type) -> String {
    match ty {
        Type::Bool => "BOOLEAN".to_owned(),
        Type::Byte => "TINYINT".to_owned(),
        Type::Short => "SMALLINT".to_owned(),
        Type::Int => "INTEGER".to_owned(),
        Type::Long => "BIGINT".to_owned(),
        Type::Float => "FLOAT".to_owned(),
        Type::Double => "DOUBLE".to_owned(),
        Type::Text => "VARCHAR".to_owned(),
        Type::Binary => "BLOB".to_owned(),
        Type::Date => "DATE".to_owned(),
        Type::Timestamp => "TIMESTAMP WITH TIME ZONE".to_owned(),
        Type::List(of) => format!("{}[]", type_name(of)),
        Type::Map(of) => format!("MAP(VARCHAR, {})", type_name(of)),
        Type::Struct(fields) => {
            let fields: Vec<String> =
                fields.iter().map(|(name, ty)| format!("{} {}", quoted(name), type_name(ty))).collect();
            format!("STRUCT({})", fields.join(", "))
        }
    }
}

/// A time in milliseconds, whatever the engine has for it.
pub fn millis(sql: &str, data: &DataType) -> Result<String> {
    match data {
        DataType::Timestamp(..) => Ok(format!("epoch_ms({sql})")),
        DataType::Date32 | DataType::Date64 => Ok(format!("epoch_ms(CAST({sql} AS TIMESTAMP))")),
        _ if arrow::type_of(data).is_ok_and(|ty| ty.is_integer()) => Ok(format!("CAST({sql} AS BIGINT)")),
        _ => Err(Error::invalid(format!("the time is a {data}"))
            .hint("Times are timestamps, dates, or milliseconds since 1970 as integers")),
    }
}

/// That there is no such column, with those that are near.
pub fn missing(name: &str, columns: &[(String, DataType)]) -> Error {
    let known: Vec<&str> = columns.iter().map(|(n, _)| n.as_str()).collect();
    Error::invalid(format!("no column is called `{name}`")).did_you_mean_or(
        name,
        known.iter().copied(),
        || format!("There are {}", known.join(", ")),
    )
}

impl Training<'_> {
    /// The names and Arrow types of what a query gives.
    pub fn columns(&self, relation: &str) -> Result<Vec<(String, DataType)>> {
        // One row of nulls, so that there is a batch even where the relation has no row.
        let sql = format!(
            "SELECT q.* FROM (SELECT 1) AS one LEFT JOIN (SELECT * FROM {relation} LIMIT 0) AS q ON true"
        );
        let mut schema: Option<SchemaRef> = None;
        self.read(&sql, &mut |batch| {
            schema = Some(batch.schema());
            Ok(())
        })?;
        let schema = schema.ok_or_else(|| Error::internal("a row of nulls is missing"))?;
        Ok(schema.fields().iter().map(|f| (f.name().clone(), f.data_type().clone())).collect())
    }

    /// The query with lists, maps and structures as texts of JSON, for formats that have texts alone.
    ///
    /// # Errors
    /// What the engine says.
    pub fn as_texts(&self, query: &str) -> Result<String> {
        let columns = self.columns(&format!("({query})"))?;
        let nested = columns.iter().filter(|(_, data)| data.is_nested()).map(|(name, _)| quoted(name));
        let texts: Vec<String> =
            nested.map(|name| format!("CAST(to_json({name}) AS VARCHAR) AS {name}")).collect();
        Ok(match texts.as_slice() {
            [] => query.to_owned(),
            texts => format!("SELECT * REPLACE ({}) FROM ({query})", texts.join(", ")),
        })
    }

    pub fn read(&self, sql: &str, each: &mut dyn FnMut(RecordBatch) -> Result<()>) -> Result<()> {
        self.tables.engine().read(sql, self.cancel, each)
    }

    /// One row of integers.
    pub fn integers(&self, sql: &str) -> Result<Vec<Option<i64>>> {
        let mut row = Vec::new();
        self.read(sql, &mut |batch| {
            for array in batch.columns().iter().filter(|array| !array.is_empty()) {
                let array =
                    arrow_cast::cast(array, &DataType::Int64).map_err(|e| Error::internal(e.to_string()))?;
                let array = array.as_primitive::<Int64Type>();
                row.push(array.is_valid(0).then(|| array.value(0)));
            }
            Ok(())
        })?;
        Ok(row)
    }

    /// Makes a table of a query.
    pub fn keep(&self, what: &str, query: &str) -> Result<String> {
        let name = self.fresh(what);
        self.execute(&format!("CREATE TABLE {name} AS {query}"))?;
        Ok(name)
    }

    pub fn execute(&self, sql: &str) -> Result<()> {
        self.tables.engine().write(&mut |transaction| transaction.execute(sql).map(|_| ()))
    }
}
