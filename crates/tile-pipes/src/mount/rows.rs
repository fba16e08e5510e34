//! Rows of data sources, service data sources and endpoints, a bounded part at a time.

use super::Limits;
use super::columns::{form, selected, width_bytes};
use crate::hub::Tenant;
use crate::workspace::Live;
use crate::workspace::compile::{sql_error, translated};
use crate::workspace::rendering::Asked;
use crate::workspace::resources::Source;
use crate::workspace::scope::{All, Names, Sight};
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{RecordBatch, RecordBatchOptions};
use arrow_schema::{Field, Schema, SchemaRef};
use std::collections::BTreeMap;
use std::sync::Arc;
use tile_base::engine::collect;
use tile_base::mount::MountedTable;
use tile_base::{Cancel, Error, Kind, Result};
use tile_clicksql::schema::{Engine, Table};
use tile_clicksql::types::Type;
use tile_clicksql::{Options, Translated, engine_name, translate_query};
use tile_web::rt;

/// What the rows of a partition are called in SQL.
const PART: &str = "rows_of_the_partition_";

/// A table of the catalog, as it was found.
pub struct Rows {
    maker: Maker,
    schema: SchemaRef,
    /// The engine's types of the columns.
    forms: Vec<String>,
    of: Of,
}

enum Of {
    Stored {
        table: Stored,
        filter: Option<String>,
        cut: Cut,
    },
    /// The whole result of a query, as it is asked for.
    Result {
        sql: String,
    },
}

/// What has stored rows.
pub enum Stored {
    /// A data source of the deployment, by its name.
    Source(String),
    Service(&'static Source),
}

/// How a data source is cut into partitions.
#[derive(Clone, Copy)]
enum Cut {
    /// By the engine's numbers of rows, below `end`: these stay when rows are added.
    Numbers { end: u64 },
    /// By counting the rows that are left, of which there are at most so many.
    Counted { rows_max: u64, is_exact: bool },
}

/// What tables are made from.
pub struct Maker {
    pub tenant: Arc<Tenant>,
    pub live: Arc<Live>,
    pub limits: Limits,
    pub version: u64,
}

impl Maker {
    fn found<'a>(&'a self, table: &'a Stored) -> Result<&'a Source> {
        match table {
            Stored::Source(name) => self.live.source(name),
            Stored::Service(source) => Ok(source),
        }
    }

    /// A data source, and how many rows it stores.
    pub fn stored(self, table: Stored, filter: Option<String>) -> Result<(Rows, u64)> {
        let source = self.found(&table)?;
        let from = engine_name(&source.home.rows);
        let counted = self.numbers(&format!(
            "SELECT count(*)::BIGINT AS n, coalesce(max(rowid) + 1, 0)::BIGINT AS m FROM {from}"
        ))?;
        let (stored, end) = (counted.first().copied().unwrap_or(0), counted.get(1).copied().unwrap_or(0));
        let whole = self.translate_source(source, &[], filter.as_deref(), &from, "")?;
        let cut = match (&source.table.engine, &filter) {
            (Engine::Plain, None) => Cut::Numbers { end },
            // What a filter hides is not told by the number of partitions either.
            (_, Some(_)) => {
                let sql = format!("SELECT count(*)::BIGINT FROM ({}) AS v_", whole.sql);
                let rows_max = self.numbers(&sql)?.first().copied().unwrap_or(0);
                Cut::Counted { rows_max, is_exact: true }
            }
            (_, None) => Cut::Counted { rows_max: stored, is_exact: false },
        };
        Ok((self.rows(&whole.columns, Of::Stored { table, filter, cut }), stored))
    }

    /// The result of a pipe's node.
    pub fn endpoint(self, pipe: &str, at: usize, asked: &Asked, sight: &dyn Sight) -> Result<Rows> {
        let others = self.tenant.workspace.others();
        let names = Names::new(&self.live.resources, others, asked, sight, Some(pipe), true);
        let parameters = asked.secrets.clone();
        let options = Options { parameters, is_stored: true, ..Options::default() };
        let Translated { sql, columns, .. } = translated(&names, pipe, at, &options)?;
        Ok(self.rows(&columns, Of::Result { sql }))
    }

    /// What SQL has under a name, for who sees so much, and its columns.
    pub fn named(self, name: &str, sight: &dyn Sight) -> Result<(Rows, Vec<(String, Type)>)> {
        let translate = |items: &str| {
            let text = format!("SELECT {items} FROM {name}");
            let query = tile_clicksql::parse::query(&text).map_err(|e| sql_error(&e, &text))?;
            let (asked, others) = (Asked::default(), self.tenant.workspace.others());
            let names = Names::new(&self.live.resources, others, &asked, sight, None, false);
            let options = Options { is_stored: true, ..Options::default() };
            translate_query(&query, &names, &options)
                .map_err(|e| names.failed().unwrap_or_else(|| sql_error(&e, &text)))
        };
        let columns = translate("*")?.columns;
        let items: Vec<String> = columns.iter().map(|(name, ty)| selected(name, ty)).collect();
        let whole = translate(&items.join(", "))?;
        Ok((self.rows(&whole.columns, Of::Result { sql: whole.sql }), columns))
    }

    fn rows(self, columns: &[(String, Type)], of: Of) -> Rows {
        let (mut fields, mut forms) = (Vec::new(), Vec::new());
        for (name, ty) in columns {
            let form = form(ty);
            fields.push(Field::new(name, form.arrow, true));
            forms.push(form.engine);
        }
        Rows { maker: self, schema: Arc::new(Schema::new(fields)), forms, of }
    }

    /// A data source's columns, all when none are named, of the rows in `from`, which is the engine's SQL; `tail` is ClickHouse's.
    fn translate_source(
        &self,
        source: &Source,
        columns: &[usize],
        filter: Option<&str>,
        from: &str,
        tail: &str,
    ) -> Result<Translated> {
        let all = source.table.columns.iter();
        let items: Vec<String> = if columns.is_empty() {
            all.map(|(name, ty)| selected(name, ty)).collect()
        } else {
            let chosen = columns.iter().filter_map(|&at| source.table.columns.get(at));
            chosen.map(|(name, ty)| selected(name, ty)).collect()
        };
        let merged = if source.table.engine == Engine::Plain { "" } else { " FINAL" };
        let condition = filter.map_or_else(String::new, |f| format!(" WHERE ({f})"));
        let text = format!("SELECT {} FROM {PART}{merged}{condition}{tail}", items.join(", "));
        let query = tile_clicksql::parse::query(&text).map_err(|e| sql_error(&e, &text))?;
        let part = Table { name: PART.into(), engine_name: from.to_owned(), ..source.table.clone() };
        let mut others: BTreeMap<String, Table> = self.tenant.workspace.others().clone();
        others.insert(PART.into(), part);
        let asked = Asked::default();
        let names = Names::new(&self.live.resources, &others, &asked, &All, None, true);
        let options = Options { is_stored: true, ..Options::default() };
        translate_query(&query, &names, &options)
            .map_err(|e| names.failed().unwrap_or_else(|| sql_error(&e, &text)))
    }

    fn query(&self, sql: &str) -> Result<Vec<RecordBatch>> {
        let cancel = Cancel::default();
        let _deadline = rt::deadline(self.limits.query_time_max, cancel.clone());
        collect(self.tenant.workspace.engine().as_ref(), sql, &cancel, self.limits.bytes_max)
    }

    /// The first row, of numbers.
    fn numbers(&self, sql: &str) -> Result<Vec<u64>> {
        let batches = self.query(sql)?;
        let Some(row) = batches.iter().find(|batch| batch.num_rows() > 0) else { return Ok(vec![]) };
        let first = row.columns().iter().filter_map(|c| c.as_primitive_opt::<Int64Type>());
        Ok(first.map(|c| u64::try_from(c.value(0)).unwrap_or(0)).collect())
    }
}

impl Rows {
    fn rows_max(&self) -> u64 {
        u64::try_from(self.maker.limits.rows_max).unwrap_or(u64::MAX).max(1)
    }

    /// The query of a partition's columns, without their last casts.
    fn sql(&self, partition: usize, columns: &[usize]) -> Result<String> {
        let (table, filter, cut) = match &self.of {
            Of::Result { sql } => return Ok(sql.clone()),
            Of::Stored { table, filter, cut } => (table, filter.as_deref(), *cut),
        };
        let source = self.maker.found(table)?;
        let rows = engine_name(&source.home.rows);
        let low = u64::try_from(partition).unwrap_or(u64::MAX).saturating_mul(self.rows_max());
        let (from, tail) = match cut {
            Cut::Numbers { end } => {
                let high = low.saturating_add(self.rows_max()).min(end);
                let part = format!("(SELECT * FROM {rows} WHERE rowid >= {low} AND rowid < {high})");
                (part, String::new())
            }
            Cut::Counted { .. } => {
                let key = source.table.sorting_key.join(", ");
                let order = if source.table.engine == Engine::Plain || key.is_empty() {
                    String::new()
                } else {
                    format!(" ORDER BY {key}")
                };
                (rows, format!("{order} LIMIT {} OFFSET {low}", self.rows_max()))
            }
        };
        self.maker.translate_source(source, columns, filter, &from, &tail).map(|t| t.sql)
    }

    /// A batch of the engine with the schema's types.
    fn fitted(&self, batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch> {
        let misfit = |e| Error::internal("the engine's rows do not fit their schema").source(e);
        let arrays = batch.columns().iter().zip(schema.fields()).map(|(array, field)| {
            if array.data_type() == field.data_type() {
                Ok(array.clone())
            } else {
                arrow_cast::cast(array, field.data_type()).map_err(misfit)
            }
        });
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        RecordBatch::try_new_with_options(schema.clone(), arrays.collect::<Result<_>>()?, &options)
            .map_err(misfit)
    }
}

impl MountedTable for Rows {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn partitions(&self) -> usize {
        let rows = match &self.of {
            Of::Result { .. } => 1,
            Of::Stored { cut: Cut::Numbers { end: rows }, .. }
            | Of::Stored { cut: Cut::Counted { rows_max: rows, .. }, .. } => *rows,
        };
        usize::try_from(rows.div_ceil(self.rows_max())).unwrap_or(usize::MAX).max(1)
    }

    fn version(&self) -> u64 {
        self.maker.version
    }

    fn rows(&self, partition: usize) -> Option<usize> {
        let Of::Stored { cut: Cut::Counted { rows_max, is_exact: true }, .. } = self.of else { return None };
        let low = u64::try_from(partition).ok()?.checked_mul(self.rows_max())?;
        usize::try_from(rows_max.checked_sub(low)?.min(self.rows_max())).ok()
    }

    fn partition_bytes(&self, partition: usize) -> usize {
        let rows = match &self.of {
            // Its own bound holds.
            Of::Result { .. } => return 0,
            Of::Stored { cut: Cut::Numbers { end: rows }, .. }
            | Of::Stored { cut: Cut::Counted { rows_max: rows, .. }, .. } => *rows,
        };
        let low = u64::try_from(partition).unwrap_or(u64::MAX).saturating_mul(self.rows_max());
        let rows = usize::try_from(rows.saturating_sub(low).min(self.rows_max())).unwrap_or(usize::MAX);
        let width: usize = self.schema.fields().iter().map(|f| width_bytes(f.data_type())).sum();
        rows.saturating_mul(width)
    }

    fn read(&self, partition: usize, columns: &[usize]) -> Result<Vec<RecordBatch>> {
        let fields: Vec<_> = columns.iter().filter_map(|&at| self.schema.fields().get(at).cloned()).collect();
        if fields.is_empty() {
            return Ok(vec![]);
        }
        let schema = Arc::new(Schema::new(fields));
        // A result has all of its columns, the part of what is stored those that are asked for.
        let (given, taken): (usize, Vec<usize>) = match self.of {
            Of::Result { .. } => (self.forms.len(), columns.to_vec()),
            Of::Stored { .. } => (columns.len(), (0..columns.len()).collect()),
        };
        let names: Vec<String> = (0..given).map(|at| format!("c{at}")).collect();
        let items: Vec<String> = taken
            .iter()
            .zip(columns)
            .filter_map(|(from, at)| Some(format!("CAST(c{from} AS {}) AS c{from}", self.forms.get(*at)?)))
            .collect();
        let sql = self.sql(partition, columns)?;
        let sql = format!("SELECT {} FROM ({sql}) AS v_({})", items.join(", "), names.join(", "));
        let batches = self.maker.query(&sql).map_err(|e| match e.kind {
            Kind::TooLarge => e.hint("Read fewer columns, or ask for less with SQL at /v0/sql"),
            _ => e,
        })?;
        batches.iter().map(|batch| self.fitted(batch, &schema)).collect()
    }
}
