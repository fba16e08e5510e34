//! Tables of the catalog in SQL: ``FROM catalog.`data/run1/points` ``. They are looked up while a query is translated.

use crate::native::Dialect;
use crate::sharing::Shares;
use arrow_schema::{DataType, TimeUnit};
use serde_json::Value as Json;
use std::cell::OnceCell;
use std::sync::Arc;
use tile_base::engine::foreign_table;
use tile_base::foreign::{ForeignTables, Guarded};
use tile_base::{Error, Result, SqlEngine};
use tile_clicksql::Constant;
use tile_clicksql::schema::{Engine, Table};
use tile_clicksql::types::Type;

/// Keys that a query may name one by one; where it names more, all rows are read.
const KEYS_MAX: usize = 10_000;

/// What stands before the point.
pub const DATABASE: &str = "catalog";

/// The table function that gives training data.
pub const TRAINING: &str = "features_training";

/// What a workspace's engine can read beside its own tables.
#[derive(Clone, Default)]
pub struct Elsewhere {
    tables: Option<Arc<dyn ForeignTables>>,
    shares: Shares,
    /// The workspace that others share with.
    own_id: String,
    dialect: Option<Arc<Dialect>>,
    /// A table that cannot be described is no fault: a deployment that was good is read again, and its other nodes still run.
    pub is_reopened: bool,
}

impl Elsewhere {
    pub fn of(engine: &dyn SqlEngine, shares: Shares, own_id: &str, dialect: &Arc<Dialect>) -> Self {
        let (tables, own_id) = (engine.elsewhere(), own_id.to_owned());
        Self { tables, shares, own_id, dialect: Some(Arc::clone(dialect)), is_reopened: false }
    }

    /// What reads SQL in the engine's own dialect.
    ///
    /// # Errors
    /// `Internal` where there is no engine.
    pub fn dialect(&self) -> Result<&Dialect> {
        self.dialect.as_deref().ok_or_else(|| Error::internal("no engine reads the text"))
    }

    /// For a deployment that was made before: its files may be gone since.
    #[must_use]
    pub fn reopened(self) -> Self {
        Self { is_reopened: true, ..self }
    }

    /// The data source that another workspace shares.
    ///
    /// # Errors
    /// `Invalid` for what is not shared.
    pub fn shared(&self, name: &str) -> Result<Named> {
        Ok(Named { table: self.shares.table(&self.own_id, name)?, by_key: None })
    }

    /// Whose the table at a path is, there or not.
    pub fn guarded(&self, path: &str) -> Option<Guarded> {
        self.tables.as_ref()?.guarded(path)
    }

    /// The table at a path, as it is now.
    ///
    /// # Errors
    /// Those of the catalog; `Invalid` where there is none.
    pub fn table(&self, path: &str) -> Result<Named> {
        let Some(tables) = &self.tables else {
            return Err(Error::invalid(format!("there is no catalog to read `{path}` from"))
                .hint("A project is served with its folder `data` by `tile dev FOLDER`"));
        };
        if self.guarded(path).is_some_and(|g| !self.shares.reads_of(&self.own_id, &g.workspace_id)) {
            return Err(Error::not_found("nothing is there").at(format!("{DATABASE}.`{path}`")));
        }
        let found = tables.describe(path)?;
        let columns = found.schema.fields().iter().map(|field| {
            let ty = type_of(field.data_type())?;
            Ok((field.name().clone(), if field.is_nullable() { ty.nullable() } else { ty }))
        });
        let table = Table {
            name: format!("{DATABASE}.{path}"),
            engine_name: all_of(path, found.schema_id, None),
            columns: columns.collect::<Result<_>>()?,
            engine: Engine::Plain,
            sorting_key: vec![],
        };
        let by_key = (found.keys > 0).then_some((found.schema_id, found.keys));
        Ok(Named { table, by_key })
    }
}

fn all_of(path: &str, schema_id: u64, only: Option<&[Vec<Json>]>) -> String {
    format!("(SELECT * FROM {})", foreign_table(path, schema_id, only))
}

/// A table that lies elsewhere.
pub struct Named {
    pub table: Table,
    /// The number of its schema, and how many of its first columns find a row.
    by_key: Option<(u64, usize)>,
}

impl Named {
    /// The engine's SQL for its rows whose key columns have the values that `pinned` gives; none where it says nothing of one of them.
    pub fn narrowed(&self, path: &str, pinned: &dyn Fn(&str) -> Option<Vec<Constant>>) -> Option<String> {
        let (schema_id, count) = self.by_key?;
        let mut keys: Vec<Vec<Json>> = vec![vec![]];
        for (name, ty) in self.table.columns.iter().take(count) {
            let mut values =
                pinned(name)?.into_iter().map(|value| key_part(value, ty)).collect::<Option<Vec<_>>>()?;
            values.sort_by_cached_key(Json::to_string);
            values.dedup();
            if keys.len().saturating_mul(values.len()) > KEYS_MAX {
                return None;
            }
            let with = |key: &Vec<Json>| {
                let key = key.clone();
                values.iter().map(move |value| [key.as_slice(), std::slice::from_ref(value)].concat())
            };
            keys = keys.iter().flat_map(with).collect();
        }
        Some(all_of(path, schema_id, Some(&keys)))
    }
}

/// A value that a column of a type has as it is written. What would be converted first says nothing here.
fn key_part(value: Constant, ty: &Type) -> Option<Json> {
    match (value, ty.plain()) {
        (Constant::Text(text), Type::String) => Some(Json::from(text)),
        (Constant::Int(x), Type::Int(_) | Type::UInt(_)) => i64::try_from(x).ok().map(Json::from),
        (Constant::Bool(b), Type::Bool) => Some(Json::from(b)),
        _ => None,
    }
}

/// ClickHouse's type of a foreign table's column.
fn type_of(arrow: &DataType) -> Result<Type> {
    Ok(match arrow {
        DataType::Boolean => Type::Bool,
        DataType::Int8 => Type::Int(8),
        DataType::Int16 => Type::Int(16),
        DataType::Int32 => Type::Int(32),
        DataType::Int64 => Type::Int(64),
        DataType::UInt8 => Type::UInt(8),
        DataType::UInt16 => Type::UInt(16),
        DataType::UInt32 => Type::UInt(32),
        DataType::UInt64 => Type::UInt(64),
        DataType::Float32 => Type::Float32,
        DataType::Float64 => Type::Float64,
        DataType::Utf8 => Type::String,
        DataType::Date32 => Type::Date32,
        DataType::List(item) => {
            let ty = type_of(item.data_type())?;
            Type::Array(Box::new(if item.is_nullable() { ty.nullable() } else { ty }))
        }
        DataType::Timestamp(TimeUnit::Nanosecond, None) => Type::DateTime64(9, None),
        DataType::Timestamp(_, None) => Type::DateTime64(6, None),
        DataType::Decimal128(digits, scale) => Type::Decimal(*digits, u8::try_from(*scale).unwrap_or(0)),
        other => return Err(Error::internal(format!("a foreign column of type {other}"))),
    })
}

/// Tables that a translation has found, each once: a query sees one state of a file's columns.
#[derive(Default)]
pub struct Found(OnceCell<Box<Link>>);

struct Link {
    path: String,
    named: Named,
    next: Found,
}

impl Found {
    /// # Errors
    /// Those of `look`, which is asked when the path is new.
    pub fn named(&self, path: &str, look: impl FnOnce() -> Result<Named>) -> Result<&Named> {
        let mut at = self;
        while let Some(link) = at.0.get() {
            if link.path == path {
                return Ok(&link.named);
            }
            at = &link.next;
        }
        let link = Link { path: path.to_owned(), named: look()?, next: Self::default() };
        Ok(&at.0.get_or_init(|| Box::new(link)).named)
    }
}
