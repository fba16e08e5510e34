//! The commands of the guide, word for word: what stands behind `$ ` in the `console` blocks of a page is run in order in an empty
//! folder, and what stands below each is compared with what it prints. `…` stands for anything within a line, and alone for any lines.
//!
//! Two things differ from what a reader types: port 7181 is a free one, and a server (`tile dev`) goes on beside the rest.

use std::fmt::Write;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};

use anyhow::{Context, Result, bail, ensure};
use tile_testkit::server::without_colour;
use tile_testkit::{TempDir, place};

const SECONDS_MAX: &str = "120";
/// What stands before the number and the exit code of a command that is over.
const MARK: char = '\u{2}';

struct Step {
    line: usize,
    command: String,
    expected: Vec<String>,
}

/// The commands of a page with what they print. A command goes on in the next line behind `\`.
fn steps(page: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let (mut is_console, mut goes_on) = (false, false);
    for (number, line) in (1..).zip(page.lines()) {
        if line.starts_with("```") {
            is_console = line == "```console";
            goes_on = false;
        } else if is_console && goes_on {
            if let Some(step) = steps.last_mut() {
                step.command.push_str(&format!("\n{line}"));
            }
            goes_on = line.ends_with('\\');
        } else if let Some(command) = line.strip_prefix("$ ").filter(|_| is_console) {
            goes_on = command.ends_with('\\');
            steps.push(Step { line: number, command: command.to_owned(), expected: vec![] });
        } else if let Some(step) = steps.last_mut().filter(|_| is_console) {
            step.expected.push(line.to_owned());
        }
    }
    steps
}

/// All steps as one script, so that variables and folders last.
fn script(steps: &[Step]) -> Result<String> {
    let mut out =
        String::from("exec 2>&1\nTOP=$PWD\nSERVERS=\ntrap 'kill $SERVERS 2>/dev/null; wait' EXIT\n");
    for (i, step) in steps.iter().enumerate() {
        let command = &step.command;
        if command.starts_with("tile dev") {
            let lines = step.expected.len();
            writeln!(
                out,
                ": > \"$TOP/server.{i}\"\n{command} > \"$TOP/server.{i}\" 2>&1 &\nSERVERS=\"$SERVERS $!\""
            )?;
            writeln!(
                out,
                "for n in $(seq 200); do [ $(wc -l < \"$TOP/server.{i}\") -ge {lines} ] && break; sleep 0.1; done"
            )?;
            writeln!(out, "cat \"$TOP/server.{i}\"")?;
        } else {
            writeln!(out, "{command}")?;
        }
        writeln!(out, "printf '\\n{MARK}{i} %s\\n' $?")?;
    }
    Ok(out)
}

/// A port that is free together with the next one, which `tile dev` takes as well. Below those that the system gives to others, and never
/// one twice: these tests run side by side.
fn free_ports() -> Result<u16> {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = 20_000 + u16::try_from(std::process::id() % 1000)? * 10;
    for _ in 0..1000 {
        let port = first.wrapping_add(NEXT.fetch_add(2, Ordering::Relaxed));
        let is_free = |port| TcpListener::bind(("127.0.0.1", port)).is_ok();
        if is_free(port) && is_free(port + 1) {
            return Ok(port);
        }
    }
    bail!("no port is free")
}

/// Runs a page of the repository, with the programs beside a Python interpreter.
fn run(page: &str, python: &Path) -> Result<()> {
    let text = std::fs::read_to_string(place::repo().join(page))
        .with_context(|| format!("failed to read {page}"))?;
    let port = free_ports()?.to_string();
    let steps = steps(&text.replace("7181", &port));
    ensure!(!steps.is_empty(), "{page} has no commands");
    let dir = TempDir::new().context("failed to create a folder")?;
    let tile = place::tile_binary()?;
    let folders =
        [tile.parent(), python.parent()].map(|p| p.map(|p| p.display().to_string()).unwrap_or_default());
    let path = std::env::var("PATH").unwrap_or_default();
    let mut bash = Command::new("timeout");
    bash.args([SECONDS_MAX, "bash", "--noprofile", "--norc", "-c", &script(&steps)?]);
    for (name, _) in std::env::vars_os() {
        if ["TILE_", "TB_", "RUST_"].iter().any(|start| name.to_string_lossy().starts_with(start)) {
            bash.env_remove(name);
        }
    }
    bash.current_dir(dir.path())
        .env("PATH", format!("{}:{}:{path}", folders.join(":"), "/usr/bin"))
        .env("HOME", dir.path())
        .env("LC_ALL", "C.UTF-8")
        .env("REPOSITORY", place::repo())
        .env("TILE_PORT", &port)
        .envs([
            ("TB_LOCAL_PORT", port.as_str()),
            ("TB_CLI_TELEMETRY_OPTOUT", "1"),
            ("TB_VERSION_WARNING", "0"),
        ])
        .envs([("CI", "1"), ("COLUMNS", "200"), ("PYTHONDONTWRITEBYTECODE", "1")])
        .stdin(Stdio::null());
    let output = bash.output().context("failed to run bash")?;
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    check(page, &steps, &printed)
}

/// Compares what was printed, step by step.
fn check(page: &str, steps: &[Step], printed: &str) -> Result<()> {
    let mut rest = printed;
    for (i, step) in steps.iter().enumerate() {
        let Step { line, command, expected } = step;
        let ended = rest.split_once(&format!("\n{MARK}{i} "));
        let (got, behind) =
            ended.with_context(|| format!("{page}:{line}: `{command}` did not end:\n{rest}"))?;
        let (code, next) = behind.split_once('\n').unwrap_or((behind, ""));
        rest = next;
        let got: Vec<String> = got.lines().map(|l| without_colour(l).trim_end().to_owned()).collect();
        let told = got.join("\n");
        ensure!(
            fits(expected, &got),
            "{page}:{line}: `{command}` is to print\n{}\nand printed (code {code})\n{told}",
            expected.join("\n")
        );
        // A page shows what a command says that is to fail.
        ensure!(code == "0" || !expected.is_empty(), "{page}:{line}: `{command}` ended with {code}:\n{told}");
    }
    Ok(())
}

/// Whether lines are as expected. What stands before and behind as empty lines does not count.
fn fits(expected: &[String], got: &[String]) -> bool {
    match (expected.split_first(), got.split_first()) {
        (None, _) => got.iter().all(String::is_empty),
        (Some((wanted, rest)), _) if wanted == "…" => {
            (0..=got.len()).any(|n| fits(rest, got.get(n..).unwrap_or_default()))
        }
        (Some((wanted, rest)), Some((line, others))) => is_like(wanted, line) && fits(rest, others),
        (Some(_), None) => false,
    }
}

/// Whether a line is as expected, where `…` stands for anything.
fn is_like(wanted: &str, line: &str) -> bool {
    match wanted.split_once('…') {
        None => wanted == line,
        Some((start, rest)) => line.strip_prefix(start).is_some_and(|after| {
            after
                .char_indices()
                .map(|(at, _)| at)
                .chain([after.len()])
                .any(|at| is_like(rest, after.get(at..).unwrap_or_default()))
        }),
    }
}

#[test]
fn from_nothing() -> Result<()> {
    run("docs/guide/from-nothing.md", &place::pipes_python()?)
}

#[test]
fn one_catalog_of_files_data_sources_and_results() -> Result<()> {
    run("docs/guide/one-catalog.md", &place::python()?)
}

#[test]
fn bring_your_tinybird_project() -> Result<()> {
    run("docs/guide/bring-your-tinybird-project.md", &place::pipes_python()?)
}

#[test]
fn tinybird_differences() -> Result<()> {
    run("docs/reference/tinybird-differences.md", &place::python()?)
}

#[test]
fn example_of_web_analytics() -> Result<()> {
    run("examples/web-analytics/README.md", &place::python()?)
}

#[test]
fn example_of_flights() -> Result<()> {
    run("examples/flights/README.md", &place::python()?)
}

#[test]
fn features() -> Result<()> {
    run("docs/guide/features.md", &place::python()?)
}

#[test]
fn example_of_ice_cream() -> Result<()> {
    run("examples/ice-cream/README.md", &place::python()?)
}

#[test]
fn example_of_late_flights() -> Result<()> {
    run("examples/late-flights/README.md", &place::python()?)
}

#[test]
fn pages_are_read_and_compared() {
    let page = "text\n```console\n$ a \\\n  b\n1\n$ c\n```\n```text\n$ d\n```\n";
    let steps = steps(page);
    let shown: Vec<_> = steps.iter().map(|s| (s.line, s.command.as_str(), s.expected.len())).collect();
    assert_eq!(shown, [(3, "a \\\n  b", 1), (6, "c", 0)]);
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    let same = |a: &str, b: &str| fits(&lines(a), &lines(b));
    assert!(
        same("a\n…\nz", "a\nb\nc\nz")
            && same("…\nz", "z")
            && same("a … b", "a 12 b")
            && same("a…", "abc\n\n")
    );
    assert!(!same("a", "b") && !same("a", "a\nb") && !same("a\n…\nz", "a\nb") && !same("a … b", "a 12 c"));
    assert!(!same("a", "") && same("", ""));
}
