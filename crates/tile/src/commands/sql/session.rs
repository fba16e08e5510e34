//! An engine in memory with the dialect's functions.

use super::{functions, load};
use anyhow::{Result, anyhow, bail};
use arrow_array::RecordBatch;
use tile_clicksql::format::{self, Column, Output, Settings};
use tile_clicksql::schema::Table;
use tile_clicksql::{Options, Translated, translate};
use tile_duck::{Engine, Limits};

pub struct Session {
    engine: Engine,
}

impl Session {
    pub fn new() -> Result<Self> {
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let limits = Limits { threads, ..Limits::default() };
        Ok(Self { engine: Engine::in_memory(limits, &functions::all())? })
    }

    /// Makes and fills tables.
    pub fn load(&self, texts: &[load::TableText]) -> Result<Vec<Table>> {
        let mut tables = Vec::new();
        for text in texts {
            let table = load::described(text)?;
            if let Some(column) = table.missing_column() {
                bail!("`{}` has no column `{column}`, which its engine names", table.name);
            }
            for statement in load::statements(&table, text)? {
                self.engine.execute(&statement)?;
            }
            tables.push(table);
        }
        Ok(tables)
    }

    pub fn drop(&self, tables: &[Table]) -> Result<()> {
        tables
            .iter()
            .try_for_each(|t| Ok(self.engine.execute(&format!("DROP TABLE IF EXISTS {}", t.engine_name))?))
    }

    pub fn translate(&self, text: &str, tables: &[Table]) -> Result<Translated> {
        let _ = &self.engine;
        translate(text, &tables.to_vec(), &Options::default()).map_err(|e| anyhow!("{}", e.render(text)))
    }

    pub fn run(&self, translated: &Translated) -> Result<Vec<RecordBatch>> {
        Ok(self.engine.query(&translated.sql)?)
    }

    /// The answer in a format.
    pub fn formatted(&self, text: &str, tables: &[Table], name: &str) -> Result<Vec<u8>> {
        let translated = self.translate(text, tables)?;
        let name = translated.format.as_deref().unwrap_or(name);
        let Some(format) = format::by_name(name) else {
            bail!("unknown format `{name}`; maybe you meant: {}", format::nearest(name).join(", "));
        };
        let batches = self.run(&translated)?;
        let totals = match &translated.totals {
            Some(sql) => self.engine.query(sql)?,
            None => vec![],
        };
        let columns: Vec<Column> =
            translated.columns.into_iter().map(|(name, ty)| Column { name, ty }).collect();
        let output = Output {
            columns: &columns,
            batches: &batches,
            totals: totals.iter().find(|batch| batch.num_rows() > 0),
            extremes: None,
            rows_before_limit: None,
            statistics: None,
        };
        let mut out = Vec::new();
        format.write(&output, &Settings::default(), &mut out)?;
        Ok(out)
    }

    /// A query in the engine's own language.
    pub fn rows(&self, text: &str) -> Result<Vec<RecordBatch>> {
        Ok(self.engine.query(text)?)
    }

    /// A query in the engine's own language, as tab-separated text.
    pub fn native(&self, text: &str) -> Result<String> {
        let batches = self.rows(text)?;
        Ok(arrow_cast::pretty::pretty_format_batches(&batches)?.to_string() + "\n")
    }
}
