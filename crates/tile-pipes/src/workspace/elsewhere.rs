//! Tables of the catalog in SQL: ``FROM catalog.`data/run1/points` ``. They are looked up while a query is translated.

use crate::native::Dialect;
use crate::sharing::Shares;
use arrow_schema::{DataType, TimeUnit};
use std::cell::OnceCell;
use std::sync::Arc;
use tile_base::engine::foreign_table;
use tile_base::foreign::ForeignTables;
use tile_base::{Error, Result, SqlEngine};
use tile_clicksql::schema::{Engine, Table};
use tile_clicksql::types::Type;

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
    pub fn shared(&self, name: &str) -> Result<Table> {
        self.shares.table(&self.own_id, name)
    }

    /// The table at a path, as it is now.
    ///
    /// # Errors
    /// Those of the catalog; `Invalid` where there is none.
    pub fn table(&self, path: &str) -> Result<Table> {
        let Some(tables) = &self.tables else {
            return Err(Error::invalid(format!("there is no catalog to read `{path}` from"))
                .hint("A project is served with its folder `data` by `tile dev FOLDER`"));
        };
        let found = tables.describe(path)?;
        let columns = found.schema.fields().iter().map(|field| {
            let ty = type_of(field.data_type())?;
            Ok((field.name().clone(), if field.is_nullable() { ty.nullable() } else { ty }))
        });
        Ok(Table {
            name: format!("{DATABASE}.{path}"),
            engine_name: format!("(SELECT * FROM {})", foreign_table(path, found.schema_id)),
            columns: columns.collect::<Result<_>>()?,
            engine: Engine::Plain,
            sorting_key: vec![],
        })
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
    table: Table,
    next: Found,
}

impl Found {
    /// # Errors
    /// Those of `look`, which is asked when the path is new.
    pub fn table(&self, path: &str, look: impl FnOnce() -> Result<Table>) -> Result<&Table> {
        let mut at = self;
        while let Some(link) = at.0.get() {
            if link.path == path {
                return Ok(&link.table);
            }
            at = &link.next;
        }
        let link = Link { path: path.to_owned(), table: look()?, next: Self::default() };
        Ok(&at.0.get_or_init(|| Box::new(link)).table)
    }
}
