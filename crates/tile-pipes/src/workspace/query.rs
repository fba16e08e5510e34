//! A query of a request: SQL with the names that its sender may see, or the endpoint of a pipe.

use super::compile::sql_error;
use super::rendering::Asked;
use super::scope::{Names, Sight};
use super::{Live, Workspace};
use arrow_array::cast::AsArray;
use std::collections::HashMap;
use std::time::Instant;
use tile_base::engine::collect;
use tile_base::{Cancel, Error, Result};
use tile_clicksql::ast::Statement;
use tile_clicksql::error::SqlError;
use tile_clicksql::format::{self, Column, Output, Settings, Statistics};
use tile_clicksql::schema::Schema;
use tile_clicksql::{Options, Session, Translated, parse, translate_query};

/// What is asked.
pub enum Question<'a> {
    /// The result of a pipe.
    Endpoint { pipe: &'a str },
    /// A query; with a pipe, over its nodes and its result, `_`.
    Sql { text: &'a str, pipe: Option<&'a str> },
}

/// How it is to be answered.
pub struct Manner<'a> {
    /// The output format, unless the query has its own.
    pub format: &'a str,
    pub settings: &'a Settings,
    /// Bytes that the result may have.
    pub bytes_max: usize,
}

/// An answer, formatted.
pub struct Answer {
    pub bytes: Vec<u8>,
    pub content_type: &'static str,
    /// The name of the format that was chosen.
    pub format: &'static str,
    pub rows: u64,
    pub elapsed_seconds: f64,
    /// Data sources that were read.
    pub sources: Vec<String>,
}

/// A translated question.
pub struct Prepared {
    pub translated: Translated,
    pub sources: Vec<String>,
}

/// Translates a question. `sight` holds for what its own text names; its filters also within pipes.
///
/// # Errors
/// Those of templates and of the translation, and `NotFound` for a pipe.
pub fn prepare(
    workspace: &Workspace,
    live: &Live,
    question: &Question<'_>,
    asked: &Asked,
    sight: &dyn Sight,
) -> Result<Prepared> {
    let (resources, others) = (&live.resources, workspace.others());
    let session = Session { database: workspace.name.clone(), ..asked.session.clone() };
    // The text of an endpoint is the project's own.
    let is_own = matches!(question, Question::Endpoint { .. });
    let sees_secrets = is_own || asked.sees_secrets;
    let options = Options {
        parameters: if sees_secrets { asked.secrets.clone() } else { HashMap::new() },
        inner_parameters: asked.secrets.clone(),
        escaped_parameters: asked.bound.clone(),
        session: session.clone(),
        ..Options::default()
    };
    let plan = |sql: &str| plan(workspace, sql);
    let (translated, sources) = match question {
        Question::Endpoint { pipe } => {
            let published = live.pipe(pipe)?.published();
            let at = published.ok_or_else(|| Error::not_found(format!("The pipe '{pipe}' has no nodes")))?;
            let names = Names::new(resources, others, asked, sight, Some(pipe), true);
            let translated = super::compile::translated(&names, pipe, at, &options)?;
            (translated, names.read.take())
        }
        Question::Sql { text, pipe } => {
            let (statement, format) = parse::request(text).map_err(|e| sql_error(&e, text))?;
            if let Some(pipe) = pipe {
                live.pipe(pipe)?;
            }
            let names = Names::new(resources, others, asked, sight, *pipe, false).telling(&session, &plan);
            let failed = |e: SqlError| names.failed().unwrap_or_else(|| sql_error(&e, text));
            let query = match &statement {
                Statement::Query(query) => query,
                other => names.statement(other).map_err(failed)?,
            };
            let mut translated = translate_query(query, &names, &options).map_err(failed)?;
            translated.format = format.map(|f| f.text);
            (translated, names.read.take())
        }
    };
    let mut sources = sources;
    sources.sort();
    sources.dedup();
    Ok(Prepared { translated, sources })
}

/// The engine's plan of a query, in lines.
fn plan(workspace: &Workspace, sql: &str) -> Result<Vec<String>> {
    const BYTES_MAX: usize = 1 << 20;
    let batches =
        collect(workspace.engine().as_ref(), &format!("EXPLAIN {sql}"), &Cancel::default(), BYTES_MAX)?;
    let mut out = Vec::new();
    for batch in &batches {
        let Some(column) = batch.columns().last().and_then(|c| c.as_string_opt::<i32>()) else { continue };
        out.extend(column.iter().flatten().flat_map(str::lines).map(str::to_owned));
    }
    Ok(out)
}

/// Runs what was prepared.
///
/// # Errors
/// Those of the engine, `TooLarge` above the limit, `Invalid` for an unknown format.
pub fn run(
    workspace: &Workspace,
    prepared: Prepared,
    manner: &Manner<'_>,
    cancel: &Cancel,
) -> Result<Answer> {
    let started = Instant::now();
    let Prepared { translated, sources } = prepared;
    let name = translated.format.as_deref().unwrap_or(manner.format);
    let format = format::by_name(name).ok_or_else(|| {
        Error::invalid(format!("Unknown format {name}"))
            .hint(format!("maybe you meant: {}", format::nearest(name).join(", ")))
    })?;
    let engine = workspace.engine().as_ref();
    let batches = collect(engine, &translated.sql, cancel, manner.bytes_max)?;
    let totals = match &translated.totals {
        Some(sql) => collect(engine, sql, cancel, manner.bytes_max)?,
        None => vec![],
    };
    let mut settings = manner.settings.clone();
    for (name, value) in &translated.settings {
        settings.set(name, value).map_err(Error::invalid)?;
    }
    let elapsed_seconds = started.elapsed().as_secs_f64();
    let rows: usize = batches.iter().map(arrow_array::RecordBatch::num_rows).sum();
    let rows = u64::try_from(rows).unwrap_or(u64::MAX);
    let columns: Vec<Column> = translated.columns.into_iter().map(|(name, ty)| Column { name, ty }).collect();
    let output = Output {
        columns: &columns,
        batches: &batches,
        totals: totals.iter().find(|batch| batch.num_rows() > 0),
        extremes: None,
        rows_before_limit: None,
        statistics: Some(Statistics { elapsed_seconds, rows_read: rows, bytes_read: 0 }),
    };
    let mut bytes = Vec::new();
    format.write(&output, &settings, &mut bytes).map_err(|e| Error::invalid(e.to_string()))?;
    let content_type = format.content_type();
    Ok(Answer { bytes, content_type, format: format.name(), rows, elapsed_seconds, sources })
}
