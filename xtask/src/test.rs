//! `cargo xtask test`: every check, as named steps. A step that fails does not stop those that do not need it.
//!
//! Each file of `tests/e2e` is one step of its own name.

use std::fs;
use std::io::{Read, Write};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use crate::steps::{Counts, FailedTests, Steps};
use crate::{generate, place, setup, tidy};

#[derive(clap::Args)]
pub struct Options {
    /// Run only these steps, with what they need: setup, tidy, fmt, clippy, unit, build, gen, or a group of tests/e2e
    #[arg(long, value_delimiter = ',', value_name = "STEP")]
    only: Vec<String>,
}

const CHECKS: &[&str] = &["setup", "tidy", "fmt", "clippy", "unit", "build", "gen"];

pub fn run(options: &Options) -> Result<()> {
    let groups = e2e_groups()?;
    let wanted = wanted_steps(&options.only, &groups)?;
    let mut steps = Steps::new();
    for name in CHECKS.iter().copied().filter(|name| wanted.iter().any(|step| step == name)) {
        steps.run(name, needs(name), || check(name));
    }
    for group in groups.iter().filter(|group| wanted.contains(group)) {
        steps.run(group, needs(group), || e2e(group));
    }
    steps.finish()
}

/// What a step needs to have succeeded before.
fn needs(step: &str) -> &'static [&'static str] {
    match step {
        "setup" | "tidy" | "fmt" | "clippy" | "unit" | "build" => &[],
        "gen" | "cli" => &["build"],
        _ => &["setup", "build"],
    }
}

fn check(name: &str) -> Result<Counts> {
    match name {
        "setup" => setup::run()?,
        "tidy" => tidy::run()?,
        "fmt" => format_check()?,
        "clippy" => clippy()?,
        "unit" => return cargo_test(&["--workspace", "--exclude", "tile-tests"]),
        "build" => place::build()?,
        "gen" => generate::check()?,
        _ => bail!("`{name}` is not a step"),
    }
    Ok(Counts::default())
}

/// Names the files that differ; `cargo fmt` shows how.
fn format_check() -> Result<()> {
    place::check(place::cargo("fmt").args(["--all", "--check", "--message-format", "short"]))
        .context("the files above want `cargo fmt`")
}

fn clippy() -> Result<()> {
    place::check(place::cargo_release("clippy").args([
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ]))
}

/// One group of the end-to-end tests, with its output shown: it holds the foreign clients' own reports.
fn e2e(group: &str) -> Result<Counts> {
    // With `--workspace` the dependencies have the features that the program is built with, and are shared with it.
    cargo_test(&["--workspace", "--test", "e2e", "--", "--nocapture", &format!("{group}::")])
}

/// The files of `tests/e2e` beside `main.rs`, sorted.
fn e2e_groups() -> Result<Vec<String>> {
    let dir = place::root().join("tests/e2e");
    let mut groups = Vec::new();
    for entry in fs::read_dir(&dir).with_context(|| format!("failed to list `{}`", dir.display()))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        groups.extend(name.strip_suffix(".rs").filter(|stem| *stem != "main").map(str::to_owned));
    }
    groups.sort();
    Ok(groups)
}

/// The named steps and those they need; all when none is named.
fn wanted_steps(only: &[String], groups: &[String]) -> Result<Vec<String>> {
    let known: Vec<String> =
        CHECKS.iter().copied().map(str::to_owned).chain(groups.iter().cloned()).collect();
    if only.is_empty() {
        return Ok(known);
    }
    for name in only {
        ensure!(known.contains(name), "expected a step, found `{name}`; the steps are {}", known.join(", "));
    }
    let is_wanted =
        |step: &String| only.contains(step) || only.iter().any(|name| needs(name).contains(&step.as_str()));
    Ok(known.into_iter().filter(is_wanted).collect())
}

/// `cargo test` with its output passed through and its closing lines added up.
fn cargo_test(arguments: &[&str]) -> Result<Counts> {
    let mut command = place::cargo_release("test");
    command.args(arguments).env("TILE_BIN", place::tile_binary()).env("TILE_CACHE_DIR", place::cache());
    let (succeeded, text) = tee(&mut command)?;
    let counts = text.lines().filter_map(closing_line).fold(Counts::default(), |sum, counts| Counts {
        passed: sum.passed + counts.passed,
        failed: sum.failed + counts.failed,
        ignored: sum.ignored + counts.ignored,
    });
    if succeeded {
        return Ok(counts);
    }
    if counts.failed > 0 {
        return Err(FailedTests(counts).into());
    }
    bail!("`{}` failed", place::shown(&command))
}

/// Runs a command, shows its standard output as it comes, and returns it with whether the command succeeded.
fn tee(command: &mut Command) -> Result<(bool, String)> {
    let mut child = command.stdout(Stdio::piped()).spawn().with_context(|| place::shown(command))?;
    let mut pipe = child.stdout.take().context("the command has no standard output")?;
    let mut kept = Vec::new();
    let mut block = vec![0; 16 * 1024];
    loop {
        let count = pipe.read(&mut block)?;
        let Some(bytes) = block.get(..count).filter(|bytes| !bytes.is_empty()) else { break };
        std::io::stdout().write_all(bytes)?;
        std::io::stdout().flush()?;
        kept.extend_from_slice(bytes);
    }
    Ok((child.wait()?.success(), String::from_utf8_lossy(&kept).into_owned()))
}

/// The counts of a closing line: `test result: ok. 3 passed; 0 failed; 1 ignored; …` of a Rust test binary, or
/// `3 passed, 1 skipped in 0.5s` of pytest, which says minutes behind it, as ` (0:01:00)`.
fn closing_line(line: &str) -> Option<Counts> {
    let is_rust = line.starts_with("test result: ");
    let seconds = line.split(" (").next().unwrap_or(line).trim_end_matches(['=', ' ']);
    let is_pytest = seconds.ends_with('s') && line.contains(" in ") && line.contains(" passed");
    if !is_rust && !is_pytest {
        return None;
    }
    let of = |words: &[&str]| words.iter().map(|word| number_before(line, word)).sum();
    Some(Counts {
        passed: of(&["passed", "xfailed"]),
        failed: of(&["failed", "error", "errors"]),
        ignored: of(&["ignored", "skipped"]),
    })
}

/// The number in front of a word, 0 when the word is not there.
fn number_before(line: &str, wanted: &str) -> u64 {
    let words: Vec<_> =
        line.split_whitespace().map(|word| word.trim_matches(|c: char| !c.is_alphanumeric())).collect();
    let pairs = words.iter().zip(words.iter().skip(1));
    pairs.filter(|(_, word)| **word == wanted).find_map(|(number, _)| number.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_lines_are_counted() {
        let rust = "test result: FAILED. 3 passed; 1 failed; 2 ignored; 0 measured; 9 filtered out; finished in 0.00s";
        assert_eq!(closing_line(rust), Some(Counts { passed: 3, failed: 1, ignored: 2 }));
        assert_eq!(
            closing_line("284 passed in 143.06s (0:02:23)"),
            Some(Counts { passed: 284, failed: 0, ignored: 0 })
        );
        let pytest = "1 failed, 12 passed, 2 skipped, 1 error in 3.40s";
        assert_eq!(closing_line(pytest), Some(Counts { passed: 12, failed: 2, ignored: 2 }));
        assert_eq!(closing_line("running 3 tests"), None);
        assert_eq!(closing_line("the check of 3 files passed in the end"), None);
    }

    #[test]
    fn only_brings_what_it_needs() {
        let groups = ["cli".to_owned(), "clients".to_owned()];
        assert_eq!(wanted_steps(&["clients".to_owned()], &groups).unwrap(), ["setup", "build", "clients"]);
        assert_eq!(wanted_steps(&["cli".to_owned()], &groups).unwrap(), ["build", "cli"]);
        assert_eq!(wanted_steps(&["tidy".to_owned()], &groups).unwrap(), ["tidy"]);
        assert_eq!(wanted_steps(&[], &groups).unwrap().len(), 9);
        assert!(wanted_steps(&["nothing".to_owned()], &groups).is_err());
    }
}
