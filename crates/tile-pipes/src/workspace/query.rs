//! A query of a request: SQL with the names that its sender may see, or the endpoint of a pipe.

use super::compile::sql_error;
use super::rendering::Asked;
use super::scope::{Names, Sight};
use super::sizes::Size;
use super::{Live, Workspace};
use arrow_array::cast::AsArray;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Instant;
use tile_base::engine::collect;
use tile_base::{Cancel, Error, Kind, Result};
use tile_clicksql::ast::Statement;
use tile_clicksql::error::SqlError;
use tile_clicksql::format::{self, Column, Output, Settings, Statistics};
use tile_clicksql::schema::Schema as _;
use tile_clicksql::{Options, Session, Translated, parse, translate_query};

/// Bytes of a plan that a statement asks for.
const PLAN_BYTES_MAX: usize = 1 << 20;

/// What is asked.
pub enum Question<'a> {
    /// The result of a pipe.
    Endpoint { pipe: &'a str },
    /// A query; with a pipe, over its nodes and its result, `_`.
    Sql { text: &'a str, pipe: Option<&'a str> },
    /// A query in the engine's own dialect.
    Native { text: &'a str, pipe: Option<&'a str> },
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
    /// What is in their tables.
    pub read: Size,
    pub cache_ttl: Option<&'static str>,
    pub version: u64,
}

/// A translated question.
pub struct Prepared {
    pub translated: Translated,
    pub sources: Vec<String>,
    pub read: Size,
    pub has_limit: bool,
    /// How long the result may be kept, if its templates say so.
    pub cache_ttl: Option<&'static str>,
    /// The version of the data sources, from before they are read.
    pub version: u64,
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
    let plan = |sql: &str| plan_lines(workspace, sql);
    let (translated, mut sources, has_limit, ttls) = match question {
        Question::Endpoint { pipe } => {
            let published = live.pipe(pipe)?.published();
            let at = published.ok_or_else(|| Error::not_found(format!("The pipe '{pipe}' has no nodes")))?;
            let names = Names::new(resources, others, asked, sight, Some(pipe), true);
            let translated = super::compile::translated(&names, pipe, at, &options)?;
            let has_limit = has_limit(names.node_by_name(pipe, at)?);
            (translated, names.read.take(), has_limit, names.cache_ttls.take())
        }
        Question::Native { text, pipe } => {
            if let Some(pipe) = pipe {
                live.pipe(pipe)?;
            }
            let translate = |asked: &Asked| {
                let names = Names::new(resources, others, asked, sight, *pipe, false);
                let translated = names.native(text).and_then(|query| {
                    translate_query(query, &names, &options)
                        .map_err(|e| names.failed().unwrap_or_else(|| Error::invalid(e.message)))
                });
                (translated.map(|t| (t, names.read.take())), names.fixing.take())
            };
            let (translated, read) = by_fixed(asked, sight, *pipe, translate)?;
            (translated, read, false, vec![])
        }
        Question::Sql { text, pipe } => {
            let (statement, format) = parse::request(text).map_err(|e| sql_error(&e, text))?;
            if let Some(pipe) = pipe {
                live.pipe(pipe)?;
            }
            let translate = |asked: &Asked| {
                let names =
                    Names::new(resources, others, asked, sight, *pipe, false).telling(&session, &plan);
                let translated = stated(&names, &statement, &options)
                    .map_err(|e| names.failed().unwrap_or_else(|| sql_error(&e, text)));
                (translated.map(|t| (t, names.read.take())), names.fixing.take())
            };
            let (mut translated, read) = by_fixed(asked, sight, *pipe, translate)?;
            translated.format = format.map(|f| f.text);
            let has_limit = matches!(&statement, Statement::Query(query) if has_limit(query));
            (translated, read, has_limit, vec![])
        }
    };
    sources.sort();
    sources.dedup();
    let version = workspace.versions().of(&sources);
    let read = read(workspace, live, &sources)?;
    let cache_ttl = ttls.into_iter().min_by_key(|ttl| crate::cache::micros(ttl));
    Ok(Prepared { translated, sources, read, has_limit, cache_ttl, version })
}

/// The engine's plan of a statement, line by line.
fn plan_lines(workspace: &Workspace, sql: &str) -> Result<Vec<String>> {
    let texts = plan(workspace, sql, &Cancel::default(), PLAN_BYTES_MAX)?;
    Ok(texts.iter().flat_map(|text| text.lines().map(str::to_owned)).collect())
}

fn stated(names: &Names<'_>, statement: &Statement, options: &Options) -> Result<Translated, SqlError> {
    let query = match statement {
        Statement::Query(query) => query,
        other => names.statement(other)?,
    };
    translate_query(query, names, options)
}

/// Translates with the parameters that are fixed for the caller of the pipes that the text names. Which those are, translating
/// tells: then once more.
fn by_fixed<T>(
    asked: &Asked,
    sight: &dyn Sight,
    pipe: Option<&str>,
    translate: impl Fn(&Asked) -> (Result<T>, BTreeSet<String>),
) -> Result<T> {
    let mut named: BTreeSet<String> = pipe.into_iter().map(str::to_owned).collect();
    loop {
        let fixed = fixed(sight, &named)?;
        let (out, found) = if fixed.is_empty() {
            translate(asked)
        } else {
            let mut with = asked.clone();
            with.params.extend(fixed);
            translate(&with)
        };
        let count = named.len();
        named.extend(found);
        if named.len() == count {
            return out;
        }
    }
}

/// The parameters of these pipes that are fixed for the caller.
fn fixed(sight: &dyn Sight, pipes: &BTreeSet<String>) -> Result<BTreeMap<String, Value>> {
    let mut out = BTreeMap::new();
    for (name, value) in pipes.iter().filter_map(|pipe| sight.fixed(pipe)).flatten() {
        if out.insert(name.clone(), value.clone()).is_some_and(|other| other != *value) {
            let what = format!("the token fixes the parameter `{name}` differently for pipes of this query");
            return Err(Error::new(Kind::Denied, what).hint("Query them one by one"));
        }
    }
    Ok(out)
}

/// The columns of an endpoint's result, as far as they do not depend on parameters; none when that cannot be told.
pub fn columns(workspace: &Workspace, live: &Live, pipe: &str) -> Vec<(String, tile_clicksql::types::Type)> {
    let asked = Asked { is_test: true, ..Asked::default() };
    let names = Names::new(&live.resources, workspace.others(), &asked, &super::scope::All, Some(pipe), true);
    let at = live.resources.pipes.get(pipe).and_then(super::resources::Pipe::published);
    let options = Options::default();
    at.and_then(|at| super::compile::translated(&names, pipe, at, &options).ok())
        .map_or_else(Vec::new, |translated| translated.columns)
}

fn has_limit(query: &tile_clicksql::ast::Query) -> bool {
    matches!(&query.body, tile_clicksql::ast::QueryBody::Select(select) if select.limit.is_some())
}

/// What is in these data sources. The engine does not tell what of it a query looks at.
///
/// # Errors
/// Those of the engine.
pub fn read(workspace: &Workspace, live: &Live, sources: &[String]) -> Result<Size> {
    let mut out = Size::default();
    for source in sources.iter().filter_map(|name| live.resources.sources.get(name)) {
        let size = workspace.recent_size_of(&source.home.rows, &source.columns)?;
        out.rows = out.rows.saturating_add(size.rows);
        out.bytes = out.bytes.saturating_add(size.bytes);
    }
    Ok(out)
}

/// The engine's plan of a query, as its texts.
///
/// # Errors
/// Those of the engine.
pub fn plan(workspace: &Workspace, sql: &str, cancel: &Cancel, bytes_max: usize) -> Result<Vec<String>> {
    let batches = collect(workspace.engine().as_ref(), &format!("EXPLAIN {sql}"), cancel, bytes_max)?;
    let mut out = Vec::new();
    for batch in &batches {
        let texts = batch.columns().last().and_then(|c| c.as_string_opt::<i32>());
        let texts = texts.ok_or_else(|| Error::internal("a plan that is no text"))?;
        out.extend(texts.iter().flatten().map(str::to_owned));
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
    let Prepared { translated, sources, read, has_limit, cache_ttl, version } = prepared;
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
        // At least so many: to know how many more there were, the query would have to go on.
        rows_before_limit: has_limit.then_some(rows),
        statistics: Some(Statistics { elapsed_seconds, rows_read: read.rows, bytes_read: read.bytes }),
    };
    let mut bytes = Vec::new();
    format.write(&output, &settings, &mut bytes).map_err(|e| Error::invalid(e.to_string()))?;
    let (content_type, format) = (format.content_type(), format.name());
    Ok(Answer { bytes, content_type, format, rows, elapsed_seconds, sources, read, cache_ttl, version })
}
