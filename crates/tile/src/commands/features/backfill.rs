//! `tile features backfill`: training data from files.

use super::files::Files;
use anyhow::{Context, Result};
use indicatif::{ProgressBar, ProgressStyle};
use std::collections::{BTreeMap, BTreeSet};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tile_base::engine::Cancel;
use tile_base::{Error, SqlEngine};
use tile_duck::Limits;
use tile_features::definition::{Declared, Fault, Read, What, read_all};
use tile_features::training::{Progress, Training};

#[derive(clap::Args, Debug)]
pub struct Args {
    /// The Join or GroupBy, by its name.
    pub name: String,
    /// The rows to compute features for: a Parquet, CSV or NDJSON file with the keys and times. For a Join it stands for the left side's own table.
    #[arg(long)]
    pub left: Option<PathBuf>,
    /// The file to write: Parquet, CSV or NDJSON by its name.
    #[arg(long)]
    pub out: PathBuf,
    /// A file with definitions; may be given again. Without it, those in the project's folder `features`.
    #[arg(long)]
    pub conf: Vec<PathBuf>,
    /// A file, or a folder of Parquet files, for a table that the definitions name; may be given again. Tables that are not given are
    /// looked for in the project's folder `data`.
    #[arg(long, value_name = "TABLE=FILE")]
    pub source: Vec<String>,
    /// The folder of the project.
    #[arg(long, default_value = ".")]
    pub project: PathBuf,
    /// The memory to use. What does not fit goes to a folder beside the output, which is removed at the end.
    #[arg(long, default_value_t = 4096, value_name = "MB", value_parser = clap::value_parser!(u64).range(256..))]
    pub memory: u64,
}

/// The table that `--left` stands for.
const LEFT: &str = "the left rows";

pub fn run(args: &Args) -> Result<()> {
    let format = written_as(&args.out)?;
    let read = definitions(args)?;
    let named = named(&read);
    let chosen = find(read, &args.name)?;
    let mut files = Files::default();
    for source in &args.source {
        let (name, path) = source.split_once('=').ok_or_else(|| {
            Error::invalid(format!("`{source}` is no source")).hint("Write --source table=file.parquet")
        })?;
        if let Some(named) = &named {
            check_named(named, name)?;
        }
        files.add(name, Path::new(path))?;
    }
    files.add_folder(&args.project.join("data"))?;
    if let Some(left) = &args.left {
        files.add(LEFT, left)?;
    }
    let out = std::path::absolute(&args.out)?;
    let folder = out.parent().context("the output has no folder")?;
    if !folder.is_dir() {
        return Err(Error::not_found(format!("there is no folder for `{}`", args.out.display()))
            .hint("Make it first")
            .into());
    }
    let spill = Scratch::new(folder)?;
    let part = spill.0.join("out");
    // The engine and the rows of a part have as much; a quarter is left for the program, and for what neither counts.
    let share = args.memory.saturating_mul(1 << 20) / 8 * 3;
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let limits = Limits { memory_bytes_max: share, threads, ..Limits::default() };
    let tables = files.open(limits, &part, &spill.0)?;
    let cancel = Cancel::default();
    let bar = bar();
    let tell = |progress: &Progress| show(&bar, progress);
    let bytes_max = usize::try_from(share).unwrap_or(usize::MAX);
    let training = Training::new(&tables, bytes_max, &cancel, &tell);
    let left = args.left.as_ref().map(|_| LEFT);
    let query = match &chosen.what {
        What::Join(join) => training.run(join, left),
        What::GroupBy(group) => {
            let left = left.ok_or_else(|| {
                Error::invalid("a GroupBy has no rows of its own").hint("Give them with --left FILE")
            })?;
            training.run_group(group, left)
        }
        _ => Err(Error::invalid(format!("`{}` is neither a Join nor a GroupBy", args.name))),
    }?;
    let query = if format == "CSV" { training.as_texts(&query)? } else { query };
    bar.set_message("writing");
    let target = part.display().to_string().replace('\'', "''");
    let mut rows = 0;
    tables.engine.write(&mut |transaction| {
        rows = transaction.execute(&format!("COPY ({query}) TO '{target}' (FORMAT {format})"))?;
        Ok(())
    })?;
    std::fs::rename(&part, &out).with_context(|| format!("cannot write `{}`", args.out.display()))?;
    bar.finish_and_clear();
    super::super::print(&format!("{rows} rows in {}\n", args.out.display()))
}

/// What the engine calls the format of the output, by the end of its name.
fn written_as(out: &Path) -> tile_base::Result<&'static str> {
    const FORMATS: [(&str, &str); 3] = [("parquet", "PARQUET"), ("csv", "CSV"), ("ndjson", "JSON")];
    let end = out.extension().and_then(|end| end.to_str()).unwrap_or_default().to_ascii_lowercase();
    FORMATS.iter().find(|(name, _)| *name == end).map(|(_, format)| *format).ok_or_else(|| {
        Error::invalid(format!("`{}` is of no format that is written here", out.display()))
            .hint("It ends in .parquet, .csv or .ndjson")
    })
}

/// The tables that definitions name; none where some cannot be read, which may name others.
fn named(read: &Read) -> Option<BTreeSet<String>> {
    let names = read.declared.iter().flat_map(Declared::tables).map(str::to_owned);
    read.faults.is_empty().then(|| names.collect())
}

/// That a table is one of those that definitions name.
fn check_named(named: &BTreeSet<String>, table: &str) -> tile_base::Result<()> {
    if named.contains(table) {
        return Ok(());
    }
    let known: Vec<&str> = named.iter().map(String::as_str).collect();
    let all = || match known.is_empty() {
        true => String::new(),
        false => format!("There are `{}`", known.join("`, `")),
    };
    let error = Error::invalid(format!("no definition names the table `{table}`")).at("--source");
    Err(error.did_you_mean_or(table, known.iter().copied(), all))
}

/// What the files declare, and what of them cannot be read.
fn definitions(args: &Args) -> Result<Read> {
    let mut paths = args.conf.clone();
    if paths.is_empty() {
        let folder = args.project.join("features");
        collect(&folder, &mut paths).map_err(|e| {
            Error::not_found(format!("cannot read the folder `{}`: {e}", folder.display()))
                .hint("Give a file of definitions with --conf FILE")
        })?;
    }
    let mut all = Read::default();
    for read in read_all(&texts(&paths)?).into_values() {
        all.declared.extend(read.declared);
        all.faults.extend(read.faults);
    }
    Ok(all)
}

/// The texts of files, by their names as they are shown.
pub(super) fn texts(paths: &[PathBuf]) -> Result<BTreeMap<String, String>> {
    let mut texts = BTreeMap::new();
    for path in paths {
        let shown = path.display().to_string();
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read `{shown}`"))?;
        texts.insert(shown, text);
    }
    Ok(texts)
}

/// All files below a folder, sorted.
pub(super) fn collect(folder: &Path, paths: &mut Vec<PathBuf>) -> std::io::Result<()> {
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(folder)?.map(|entry| entry.map(|e| e.path())).collect::<Result<_, _>>()?;
    entries.sort();
    for path in entries {
        let is_hidden = path.file_name().and_then(|n| n.to_str()).is_none_or(|n| n.starts_with('.'));
        if is_hidden {
            continue;
        }
        if path.is_dir() {
            collect(&path, paths)?;
        } else {
            paths.push(path);
        }
    }
    Ok(())
}

/// The Join or GroupBy of a name. What is wrong elsewhere does not matter.
fn find(read: Read, name: &str) -> Result<Declared> {
    let Read { mut declared, faults } = read;
    let named = |d: &Declared| matches!(d.what, What::Join(_) | What::GroupBy(_)) && d.name() == name;
    if let Some(at) = declared.iter().position(named) {
        let found = declared.swap_remove(at);
        return match found.refusal() {
            Some(e) => Err(e.into()),
            None => Ok(found),
        };
    }
    // Its own fault, or that of a file in which it may stand.
    let is_own = |fault: &Fault| fault.of.as_ref().is_some_and(|(_, of)| of == name);
    let (own, others): (Vec<Fault>, Vec<Fault>) = faults.into_iter().partition(is_own);
    let unread = others.into_iter().filter(|fault| fault.is_whole && fault.of.is_none());
    if let Some(fault) = own.into_iter().chain(unread).next() {
        return Err(fault.error.into());
    }
    let known: Vec<&str> = declared.iter().map(Declared::name).filter(|n| !n.is_empty()).collect();
    let error = Error::not_found(format!("no Join or GroupBy is called `{name}`"));
    let all = || match known.as_slice() {
        [] => String::new(),
        known => format!("There are {}", known.join(", ")),
    };
    Err(error.did_you_mean_or(name, known.iter().copied(), all).into())
}

fn bar() -> ProgressBar {
    let bar = if std::io::stderr().is_terminal() { ProgressBar::no_length() } else { ProgressBar::hidden() };
    let style = ProgressStyle::with_template("{spinner} {msg} [{bar:30}] {pos}/{len} {elapsed}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> "));
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

fn show(bar: &ProgressBar, progress: &Progress) {
    bar.set_message(progress.what.clone());
    bar.set_length(u64::try_from(progress.all).unwrap_or(u64::MAX));
    bar.set_position(u64::try_from(progress.done).unwrap_or(u64::MAX));
}

/// A folder for what does not fit into memory. It goes with this.
struct Scratch(PathBuf);

impl Scratch {
    fn new(beside: &Path) -> Result<Self> {
        let path = beside.join(format!(".tile-backfill-{}", std::process::id()));
        std::fs::create_dir_all(&path)
            .with_context(|| format!("cannot write to the folder `{}`", beside.display()))?;
        Ok(Self(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(e) = std::fs::remove_dir_all(&self.0) {
            tracing::warn!("the folder {} stays: {e}", self.0.display());
        }
    }
}
