//! `tile sql`: runs, translates and tries ClickHouse SQL on the embedded engine.

mod bench;
mod cases;
pub mod functions;
mod load;
mod session;

use anyhow::{Context, Result};
use clap::{Args, Subcommand, ValueEnum};
use std::io::Read;
use std::path::PathBuf;

#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Sql {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    run: Run,
}

#[derive(Args, Debug)]
struct Run {
    /// The query; `-` or nothing reads standard input.
    query: Option<String>,
    /// The language of the query.
    #[arg(long, value_enum, default_value_t = Dialect::Clickhouse)]
    dialect: Dialect,
    /// Tables to query: a JSON list of objects with `name`, `columns`, `engine`, `sorting_key` and `rows`.
    #[arg(long, value_name = "FILE")]
    tables: Option<PathBuf>,
    /// Output format, by ClickHouse's name; FORMAT in the query wins.
    #[arg(long, default_value = "PrettyCompact")]
    format: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Dialect {
    Clickhouse,
    Duckdb,
}

#[derive(Subcommand, Debug)]
enum Action {
    /// Show the generated SQL and the types of the result's columns.
    Translate(Run),
    /// Print what of ClickHouse's SQL is supported, as a Markdown page.
    Reference,
    /// Run a file of cases, one JSON line each, and print one line for each answer.
    Cases {
        /// Lines with `id`, `tables` and `query`.
        file: PathBuf,
    },
    /// Time queries beside the same questions in the engine's own SQL, and print one JSON line for each.
    Bench {
        /// An object with `tables`, and `pairs` of `name`, `clickhouse` and `duckdb`.
        file: PathBuf,
        /// How often each is run; medians are told.
        #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u16).range(1..=1000))]
        runs: u16,
    },
}

pub fn run(args: Sql) -> Result<()> {
    match args.action {
        Some(Action::Cases { file }) => cases::run(&file),
        Some(Action::Bench { file, runs }) => bench::run(&file, usize::from(runs)),
        Some(Action::Translate(run)) => translate(&run),
        Some(Action::Reference) => super::print(&tile_clicksql::reference::markdown()),
        None => query(&args.run),
    }
}

fn text(run: &Run) -> Result<String> {
    match run.query.as_deref() {
        Some(query) if query != "-" => Ok(query.to_owned()),
        _ => {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text).context("failed to read the query")?;
            Ok(text)
        }
    }
}

fn tables(run: &Run) -> Result<Vec<load::TableText>> {
    let Some(path) = &run.tables else { return Ok(vec![]) };
    let text =
        std::fs::read_to_string(path).with_context(|| format!("failed to read `{}`", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("`{}` does not describe tables", path.display()))
}

fn translate(run: &Run) -> Result<()> {
    let session = session::Session::new()?;
    let tables = session.load(&tables(run)?)?;
    let translated = session.translate(&text(run)?, &tables)?;
    let mut out = translated.sql;
    out.push('\n');
    for lint in tables.iter().flat_map(tile_clicksql::schema::Table::lints) {
        out.push_str(&format!("-- warning: {lint}\n"));
    }
    for (name, ty) in translated.columns {
        out.push_str(&format!("-- {name}: {ty}\n"));
    }
    super::print(&out)
}

fn query(run: &Run) -> Result<()> {
    let session = session::Session::new()?;
    let tables = session.load(&tables(run)?)?;
    let text = text(run)?;
    if run.dialect == Dialect::Duckdb {
        return super::print(&session.native(&text)?);
    }
    let out = session.formatted(&text, &tables, &run.format)?;
    use std::io::Write;
    match std::io::stdout().write_all(&out) {
        Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => Ok(other?),
    }
}
