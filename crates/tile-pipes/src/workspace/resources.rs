//! What a deployment defines, ready to run: data sources with their tables, pipes with their parsed nodes, and the views that an
//! insert feeds.

use super::elsewhere::Elsewhere;
use super::rendering::Text;
use crate::datafile::{self, EngineKind};
use crate::ingest::{ColumnSpec, Decoder, Default as Missing, JsonPath};
use arrow_schema::DataType;
use std::collections::BTreeMap;
use tile_base::{Error, Result};
use tile_clicksql::ast::{ExprKind, Literal, Query};
use tile_clicksql::schema::{Engine, Table};
use tile_clicksql::types::Type;
use tile_clicksql::{Options, engine_default, engine_name, engine_type, translate};

/// All resources of one deployment.
#[derive(Default)]
pub struct Resources {
    pub sources: BTreeMap<String, Source>,
    pub pipes: BTreeMap<String, Pipe>,
    pub connections: BTreeMap<String, datafile::Connection>,
    /// By the name of the data source whose inserts they see, in the order of their pipes' names.
    pub views: BTreeMap<String, Vec<View>>,
    /// Nodes of all pipes.
    pub nodes: usize,
    /// What SQL can name as `catalog`, and what others share.
    pub elsewhere: Elsewhere,
    /// Some nodes could not be read, as what they name was not there.
    pub is_excused: bool,
    /// Pipes that read service data sources, and whether they read the sizes of data sources.
    pub watching: Vec<(String, bool)>,
    /// Some template may take the parameter `token`, which else is only a credential.
    pub takes_token: bool,
}

/// Where a data source lives, and since when.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Home {
    pub id: String,
    /// The engine's table of rows, and that of rows that did not fit: plain names.
    pub rows: String,
    pub quarantine: String,
    pub created_at_us: i64,
    pub updated_at_us: i64,
}

/// A data source.
pub struct Source {
    pub file: datafile::Datasource,
    pub home: Home,
    /// As SQL sees it.
    pub table: Table,
    pub quarantine: Table,
    /// Reads rows from outside; none when only SQL can make its rows, since it keeps states.
    decoder: Option<Decoder>,
    /// Names and engine types of the columns of the table.
    pub columns: Vec<(String, String)>,
    /// Whether decoded rows are stored as they come.
    pub is_plain: bool,
    /// The columns whose default the engine computes, by their places.
    pub computed: Vec<usize>,
    /// Gives stored rows of those in [`Source::staging`].
    pub from_staging: String,
}

/// A pipe.
pub struct Pipe {
    pub file: datafile::Pipe,
    pub id: String,
    pub created_at_us: i64,
    pub updated_at_us: i64,
    pub nodes: Vec<Node>,
}

/// A node, parsed.
pub struct Node {
    pub id: String,
    /// Its number among the nodes of all pipes.
    pub slot: usize,
    pub body: Body,
    /// The data sources that it reads, also through others, sorted.
    pub reads: Vec<String>,
}

pub enum Body {
    Query(Box<Query>),
    Template(Text),
}

/// What an insert into a data source sets off: rows of the block become rows of another data source.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    pub pipe: String,
    pub target: String,
    /// A query over the block, [`Source::block`], that gives the target's columns in their order.
    pub sql: String,
}

impl Node {
    /// The parameters of its template, as the API shows them.
    pub fn params(&self) -> Vec<serde_json::Value> {
        match &self.body {
            Body::Query(_) => vec![],
            Body::Template(text) => text.params().iter().map(crate::template::Param::to_json).collect(),
        }
    }

    /// The data sources that it reads, sorted.
    pub fn dependencies(&self) -> Vec<String> {
        self.reads.clone()
    }
}

impl Pipe {
    /// The node that the pipe's name stands for: the one with a type, else the last.
    pub fn published(&self) -> Option<usize> {
        let typed = self.file.nodes.iter().position(|n| n.kind != datafile::NodeKind::Standard);
        typed.or(self.file.nodes.len().checked_sub(1))
    }

    pub fn node(&self, name: &str) -> Option<usize> {
        self.file.nodes.iter().position(|n| n.name == name)
    }
}

impl Source {
    /// # Errors
    /// `Invalid` for types and defaults that cannot be kept.
    pub fn new(file: datafile::Datasource, home: Home) -> Result<Self> {
        let at = |e: Error| e.at(format!("data source `{}`", file.name));
        let mut typed = Vec::new();
        for column in &file.columns {
            typed.push((column.name.clone(), type_of(column, &file.name)?));
        }
        let table = Table {
            name: file.name.clone(),
            engine_name: engine_name(&home.rows),
            columns: typed.clone(),
            engine: engine(&file.engine),
            sorting_key: file.engine.sorting_key.as_ref().map_or_else(Vec::new, |key| key.parts.clone()),
        };
        if let Some(column) = table.missing_column() {
            let what = format!("`{}` has no column `{column}`, which its engine names", file.name);
            return Err(Error::invalid(what));
        }
        let mut specs = Vec::new();
        for (column, (name, ty)) in file.columns.iter().zip(&typed) {
            let mut spec = ColumnSpec::new(name.clone(), ty.clone());
            spec.nullable |= column.nullable;
            spec.jsonpath = column.jsonpath.as_deref().map(JsonPath::parse).transpose().map_err(at)?;
            spec.default = missing(column.default.as_deref(), ty);
            specs.push(spec);
        }
        let columns = typed
            .iter()
            .map(|(name, ty)| Ok((name.clone(), engine_type(ty)?)))
            .collect::<Result<Vec<_>, tile_clicksql::error::SqlError>>()
            .map_err(|e| at(Error::invalid(e.message)))?;
        let computed: Vec<bool> = specs.iter().map(|s| s.default == Missing::Computed).collect();
        let has_states = typed.iter().any(|(_, ty)| matches!(ty, Type::AggregateFunction(_)));
        let decoder = if has_states { None } else { Some(Decoder::new(specs).map_err(at)?) };
        let casts: Vec<String> = match &decoder {
            Some(decoder) => (0..typed.len()).filter_map(|i| decoder.column_sql(i)).collect(),
            None => typed.iter().map(|(name, _)| engine_name(name)).collect(),
        };
        let is_plain = !computed.contains(&true)
            && casts.iter().zip(&typed).all(|(sql, (name, _))| *sql == engine_name(name));
        let marked = computed.iter().enumerate().filter(|(_, is)| **is).map(|(i, _)| i).collect();
        let quarantine = quarantine(&file.name, &home, &typed);
        let mut out = Self {
            file,
            home,
            table,
            quarantine,
            decoder,
            columns,
            is_plain,
            computed: marked,
            from_staging: String::new(),
        };
        out.from_staging = out.staged(&typed, &computed, &casts).map_err(|e| {
            Error::invalid(e.message).at(format!("a DEFAULT of data source `{}`", out.file.name))
        })?;
        Ok(out)
    }

    /// What reads its rows from outside.
    ///
    /// # Errors
    /// `Invalid` when it keeps states of aggregate functions.
    pub fn decoder(&self) -> Result<&Decoder> {
        self.decoder.as_ref().ok_or_else(|| {
            Error::invalid(format!(
                "the data source `{}` keeps states, which rows from outside cannot give",
                self.file.name
            ))
            .hint("Write to a data source whose materialized view fills this one")
        })
    }

    /// The temporary table of the rows that are being inserted, in stored form: a plain name.
    pub fn block(&self) -> String {
        format!("block_{}", self.home.rows)
    }

    /// The temporary table of decoded rows: a plain name.
    pub fn staging(&self) -> String {
        format!("staging_{}", self.home.rows)
    }

    /// The name of the column of [`Source::staging`] that tells which rows lack a value.
    pub fn missing_mark(at: usize) -> String {
        format!("missing_{at}_")
    }

    fn staged(
        &self,
        typed: &[(String, Type)],
        computed: &[bool],
        casts: &[String],
    ) -> Result<String, tile_clicksql::error::SqlError> {
        let mut inner: Vec<String> = casts
            .iter()
            .zip(typed)
            .map(|(sql, (name, _))| format!("{sql} AS {}", engine_name(name)))
            .collect();
        let marks = computed.iter().enumerate().filter(|(_, is)| **is).map(|(i, _)| Self::missing_mark(i));
        inner.extend(marks.clone());
        let from = format!("(SELECT {} FROM {})", inner.join(", "), engine_name(&self.staging()));
        if !computed.contains(&true) {
            return Ok(format!("SELECT * FROM {from} AS s_"));
        }
        let mut columns = typed.to_vec();
        columns.extend(marks.map(|mark| (mark, Type::Bool)));
        // Where a value is missing there is NULL, which no type but Nullable has: it is read through a second name.
        let table = Table {
            name: "staging".into(),
            engine_name: from,
            columns,
            engine: Engine::Plain,
            sorting_key: vec![],
        };
        let items: Vec<String> = self
            .file
            .columns
            .iter()
            .zip(typed)
            .enumerate()
            .map(|(i, (column, (name, ty)))| {
                let quoted = backticked(name);
                match column.default.as_deref().filter(|_| computed.get(i) == Some(&true)) {
                    None => quoted,
                    Some(default) => format!(
                        "if({}, CAST({default}, {}), {quoted}) AS {quoted}",
                        Self::missing_mark(i),
                        tile_clicksql::types::quoted(&ty.to_string())
                    ),
                }
            })
            .collect();
        let options = Options { is_stored: true, ..Options::default() };
        translate(&format!("SELECT {} FROM staging", items.join(", ")), &vec![table], &options).map(|t| t.sql)
    }

    /// The statements that make its tables.
    ///
    /// # Errors
    /// None but a defect: the types were checked.
    pub fn creation(&self) -> Vec<String> {
        let quarantine: Vec<(String, String)> = self
            .quarantine
            .columns
            .iter()
            .map(|(n, t)| (n.clone(), engine_type(t).unwrap_or_else(|_| "VARCHAR".into())))
            .collect();
        vec![
            format!("CREATE TABLE {} ({})", engine_name(&self.home.rows), column_list(&self.columns)),
            format!("CREATE TABLE {} ({})", engine_name(&self.home.quarantine), column_list(&quarantine)),
        ]
    }

    /// The columns of [`Source::staging`] for a batch of the decoder and the marks behind it.
    pub fn staging_columns(&self, batch: &arrow_array::RecordBatch) -> String {
        let schema = batch.schema();
        let columns = schema.fields().iter().enumerate().map(|(at, field)| {
            let ty = self.columns.get(at).map_or("BOOLEAN", |(_, ty)| ty);
            format!("{} {}", engine_name(field.name()), staged_type(field.data_type(), ty))
        });
        columns.collect::<Vec<_>>().join(", ")
    }

    /// What stands in a column that a row does not give, in the engine's form.
    ///
    /// # Errors
    /// For a default that cannot be translated.
    pub fn default_of(&self, name: &str) -> Result<String, tile_clicksql::error::SqlError> {
        let column = self.file.columns.iter().find(|c| c.name == name);
        let ty = self.table.columns.iter().find(|(n, _)| n == name).map(|(_, ty)| ty);
        match (column.and_then(|c| c.default.as_deref()), ty) {
            (Some(default), Some(ty)) => tile_clicksql::constant_sql(default, ty),
            (None, Some(ty)) => engine_default(ty),
            (_, None) => Ok("NULL".into()),
        }
    }
}

/// Columns as the statement that makes a table lists them.
pub fn column_list(columns: &[(String, String)]) -> String {
    let columns: Vec<String> =
        columns.iter().map(|(name, ty)| format!("{} {ty}", engine_name(name))).collect();
    columns.join(", ")
}

fn type_of(column: &datafile::Column, source: &str) -> Result<Type> {
    let text = if column.type_text.is_empty() { "String".to_owned() } else { column.sql_type() };
    Type::parse(&text).map_err(|e| {
        Error::invalid(e.message).at(format!("column `{}` of data source `{source}`", column.name))
    })
}

/// The engine's type of a column as the decoder gives it: the stored one, but for what comes as text and is cast later.
fn staged_type(arrow: &DataType, stored: &str) -> String {
    fn is_cast(stored: &str) -> bool {
        ["UUID", "HUGEINT", "UHUGEINT"].iter().any(|ty| stored.contains(ty))
    }
    match arrow {
        _ if !is_cast(stored) => stored.to_owned(),
        DataType::Utf8 => "VARCHAR".to_owned(),
        // All of the text types within are replaced: nothing else comes as text.
        _ => stored.replace("UHUGEINT", "VARCHAR").replace("HUGEINT", "VARCHAR").replace("UUID", "VARCHAR"),
    }
}

/// A literal is put in where the rows are read; the engine computes the rest.
fn missing(default: Option<&str>, ty: &Type) -> Missing {
    let Some(text) = default else { return Missing::None };
    let Ok(expr) = tile_clicksql::parse::expression(text) else { return Missing::Computed };
    let plain = ty.plain();
    match expr.kind {
        ExprKind::Literal(Literal::Number(n)) if plain.is_integer() && n.parse::<u64>().is_ok() => {
            Missing::Constant(n)
        }
        ExprKind::Literal(Literal::Text(t)) if matches!(plain, Type::String) => {
            Missing::Constant(serde_json::Value::String(t).to_string())
        }
        _ => Missing::Computed,
    }
}

fn quarantine(name: &str, home: &Home, typed: &[(String, Type)]) -> Table {
    let text = || Type::String.nullable();
    let mut columns = vec![
        ("c__error_column".to_owned(), Type::Array(Box::new(Type::String))),
        ("c__error".to_owned(), Type::Array(Box::new(Type::String))),
        ("c__import_id".to_owned(), text()),
    ];
    columns.extend(typed.iter().map(|(name, _)| (name.clone(), text())));
    columns.push(("insertion_date".to_owned(), Type::DateTime(None)));
    Table {
        name: format!("{name}_quarantine"),
        engine_name: engine_name(&home.quarantine),
        columns,
        engine: Engine::Plain,
        sorting_key: vec![],
    }
}

/// How rows of one key are merged.
fn engine(engine: &datafile::Engine) -> Engine {
    let sign = engine.sign.clone().unwrap_or_default();
    match engine.kind {
        EngineKind::MergeTree | EngineKind::Null => Engine::Plain,
        EngineKind::Replacing => {
            Engine::Replacing { version: engine.ver.clone(), is_deleted: engine.is_deleted.clone() }
        }
        EngineKind::Summing => Engine::Summing(engine.columns.clone()),
        EngineKind::Aggregating => Engine::Aggregating,
        EngineKind::Collapsing => Engine::Collapsing { sign },
        EngineKind::VersionedCollapsing => {
            Engine::VersionedCollapsing { sign, version: engine.version.clone().unwrap_or_default() }
        }
    }
}

/// A name as ClickHouse quotes it.
pub fn backticked(name: &str) -> String {
    format!("`{}`", name.replace('\\', "\\\\").replace('`', "\\`"))
}
