//! Named steps with their seconds: progress while they run, one line for each at the end, and a small JSON file
//! that `cargo xtask timings` reads.

use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::place;

/// How many test cases passed, failed and were skipped in a step.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub struct Counts {
    pub passed: u64,
    pub failed: u64,
    pub ignored: u64,
}

struct Step {
    name: String,
    seconds: f64,
    outcome: Outcome,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Ok,
    Failed,
    Skipped,
}

/// The steps of one run, in order.
pub struct Steps {
    started: Instant,
    done: Vec<Step>,
    counts: Counts,
}

impl Steps {
    pub fn new() -> Self {
        Self { started: Instant::now(), done: Vec::new(), counts: Counts::default() }
    }

    /// Runs a step; a failure is printed and kept, and the next steps still run unless they need this one.
    pub fn run(&mut self, name: &str, needs: &[&str], step: impl FnOnce() -> Result<Counts>) {
        if let Some(missing) = needs.iter().find(|need| self.has_failed(need)) {
            println!("== {name}: skipped, `{missing}` failed");
            self.done.push(Step { name: name.to_owned(), seconds: 0.0, outcome: Outcome::Skipped });
            return;
        }
        println!("== {name}");
        let started = Instant::now();
        let result = step();
        let seconds = started.elapsed().as_secs_f64();
        let outcome = match result {
            Ok(counts) => {
                self.add(counts);
                println!("== {name}: ok, {seconds:.1} s");
                Outcome::Ok
            }
            Err(error) => {
                self.add(error.downcast_ref::<FailedTests>().map(|failed| failed.0).unwrap_or_default());
                println!("== {name}: FAILED, {seconds:.1} s: {error:#}");
                Outcome::Failed
            }
        };
        self.done.push(Step { name: name.to_owned(), seconds, outcome });
    }

    /// Prints the table and the closing line, writes the JSON file, and fails when a step did.
    pub fn finish(self) -> Result<()> {
        let total = self.started.elapsed().as_secs_f64();
        println!("\n{:<10} {:>8}  result", "step", "seconds");
        for step in &self.done {
            println!("{:<10} {:>8.1}  {}", step.name, step.seconds, step.outcome.text());
        }
        println!("{:<10} {total:>8.1}", "total");
        self.write_json(total)?;
        let failed: Vec<_> = self
            .done
            .iter()
            .filter(|step| step.outcome != Outcome::Ok)
            .map(|step| step.name.as_str())
            .collect();
        let Counts { passed, failed: failed_tests, ignored } = self.counts;
        let verdict = if failed.is_empty() { "ok" } else { "FAILED" };
        println!(
            "\ntest result: {verdict}. {passed} passed; {failed_tests} failed; {ignored} ignored; 0 measured; \
             0 filtered out; finished in {total:.2}s"
        );
        if !failed.is_empty() {
            bail!("failed steps: {}", failed.join(", "));
        }
        Ok(())
    }

    fn has_failed(&self, name: &str) -> bool {
        self.done.iter().any(|step| step.name == name && step.outcome != Outcome::Ok)
    }

    fn add(&mut self, counts: Counts) {
        self.counts.passed += counts.passed;
        self.counts.failed += counts.failed;
        self.counts.ignored += counts.ignored;
    }

    fn write_json(&self, total: f64) -> Result<()> {
        let steps: Vec<Value> = self.done.iter().map(Step::json).collect();
        let text = serde_json::to_string_pretty(&json!({ "total_seconds": total, "steps": steps }))?;
        let path = report_path();
        fs::create_dir_all(place::target()).context("failed to create the target folder")?;
        fs::write(&path, text + "\n").with_context(|| format!("failed to write `{}`", path.display()))
    }
}

impl Step {
    fn json(&self) -> Value {
        json!({ "name": self.name, "seconds": self.seconds, "result": self.outcome.text() })
    }
}

impl Outcome {
    fn text(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Failed => "FAILED",
            Self::Skipped => "skipped",
        }
    }
}

/// Where the last run's steps are written.
pub fn report_path() -> PathBuf {
    place::target().join("last-test.json")
}

/// The error of a step whose tests ran and failed, so that the total still counts them.
#[derive(Debug)]
pub struct FailedTests(pub Counts);

impl std::fmt::Display for FailedTests {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} tests passed, {} failed", self.0.passed, self.0.failed)
    }
}

impl std::error::Error for FailedTests {}
