//! `tile-benches access`: Tile beside the server that it replaces, on the same files, in the same run. `tile-benches sql`:
//! translated SQL beside SQL by hand (`sql.rs`). `tile-benches pipes`: events and endpoints beside two engines (`pipes/`). `tile-benches features`: tiles (`features/`).
//!
//! Start at `rows.rs`, the list of what is timed; `special.rs` has the two rows that are no load. `data.rs` and
//! `servers.rs` set the scene, `compare.rs` refuses to time wrong answers, `load.rs` and `measure.rs` time, `report.rs` tells.
//! Nothing here links the product: it is a program on a port, like its peer. But `features/` measures a library in process as well.

mod compare;
mod data;
mod dev;
mod features;
mod http;
mod load;
mod measure;
mod options;
mod pace;
mod pattern;
mod pipes;
mod process;
mod report;
mod rows;
mod servers;
mod special;
mod sql;
mod urls;

use std::fs;
use std::process::ExitCode;
use std::thread::available_parallelism;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use compare::Comparison;
use data::Data;
use measure::Pace;
use options::Options;
use report::{Line, Report};
use rows::Row;
use servers::{Launcher, Server};
use special::Special;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1).peekable();
    let result = match arguments.peek().map(String::as_str) {
        Some("sql") => sql::run(arguments.skip(1)),
        Some("pipes") => pipes::run(arguments.skip(1)),
        Some("features") => features::run(arguments.skip(1)),
        _ => Options::parse(arguments).and_then(|options| run(&options)),
    };
    match result {
        Ok(0) => ExitCode::SUCCESS,
        Ok(failures) => {
            eprintln!("{failures} rows FAILED");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("failed to measure: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The number of rows that failed.
fn run(options: &Options) -> Result<usize> {
    if !options.peer_only && !options.tile.exists() {
        bail!(
            "no binary at `{}`: build it with `cargo build --release`, or use `--tile`",
            options.tile.display()
        );
    }
    let data = Data::prepare(options)?;
    let home = tempfile::Builder::new().prefix("run-").tempdir_in(options.cache.join("bench-data"))?;
    let launcher = Launcher {
        tile: fs::canonicalize(&options.tile).unwrap_or_else(|_| options.tile.clone()),
        venv: options.venv.clone(),
        run: home.path().to_owned(),
    };
    let (specials, rows) = chosen(options, rows::all(&data)?)?;
    let mut lines = Vec::new();
    let special =
        Special { data: &data, launcher: &launcher, quick: options.quick, peer_only: options.peer_only };
    for id in specials {
        tell(&mut lines, special.lines(id));
    }
    let original = loaded(options, &data, &launcher, &rows, &mut lines)?;
    let cores = available_parallelism()?.get();
    let (command, peer_only) = (options.command(), options.peer_only);
    let folders = [launcher.tile.as_path(), &launcher.venv, &options.cache, options::sources()];
    let private = folders.map(|folder| folder.display().to_string()).to_vec();
    let report = Report { command, cores, original, peer_only, private, lines: &lines };
    let text = report.markdown();
    println!("{text}");
    if let Some(out) = &options.out {
        fs::create_dir_all(out.parent().context("the report's file has no folder")?)?;
        fs::write(out, text).with_context(|| format!("failed to write `{}`", out.display()))?;
    }
    Ok(report.failures())
}

/// The rows that `--only` matches.
fn chosen(options: &Options, mut rows: Vec<Row>) -> Result<(Vec<&'static str>, Vec<Row>)> {
    let mut specials = vec![special::START, special::REGISTER];
    let Some(only) = &options.only else { return Ok((specials, rows)) };
    let ids: Vec<String> =
        specials.iter().map(ToString::to_string).chain(rows.iter().map(|row| row.id.clone())).collect();
    specials.retain(|id| pattern::found(only, id));
    rows.retain(|row| pattern::found(only, &row.id));
    if specials.is_empty() && rows.is_empty() {
        bail!("no row matches `{only}`; the rows are {}", ids.join(", "));
    }
    Ok((specials, rows))
}

/// Measures the rows that load servers. Answers with the version of the original.
fn loaded(
    options: &Options,
    data: &Data,
    launcher: &Launcher,
    rows: &[Row],
    lines: &mut Vec<Line>,
) -> Result<String> {
    let folder = data.served();
    let theirs = data.tiled(launcher, &folder, true)?;
    let (_, about) = http::fetch(theirs.address, "/api/v1/", rows::JSON)?;
    let about: Value = serde_json::from_slice(&about)?;
    let version = about.get("library_version").and_then(Value::as_str).unwrap_or_default().to_owned();
    if rows.is_empty() {
        return Ok(version);
    }
    let ours = if options.peer_only {
        data.tiled(launcher, &folder, true)?
    } else {
        data.tile(launcher, &folder, &launcher.run.join("served"))?
    };
    wait_for_files(&ours, data)?;
    let nginx = rows.iter().any(|row| row.floor.is_some()).then(|| launcher.nginx(&folder)).transpose()?;
    let comparison = Comparison { data, ours: &ours, theirs: &theirs, run: &launcher.run };
    let pace = Pace::new(options.quick);
    for row in rows {
        tell(lines, measure::measure(row, &comparison, nginx.as_ref(), &pace));
    }
    Ok(version)
}

fn wait_for_files(server: &Server, data: &Data) -> Result<()> {
    for entry in fs::read_dir(data.served())? {
        let path = entry?.path();
        let key = path.file_stem().and_then(|stem| stem.to_str()).context("a file without a name")?;
        server.wait_for(&format!("/api/v1/metadata/{key}"))?;
    }
    Ok(())
}

fn tell(lines: &mut Vec<Line>, more: Vec<Line>) {
    for line in more {
        eprintln!("{}", line.progress());
        lines.push(line);
    }
}
