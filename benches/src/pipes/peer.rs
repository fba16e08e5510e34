//! An engine in a Python process of its own, asked over pipes: a line with a question, a line with the answer.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::options::sources;

pub struct Peer {
    pub name: &'static str,
    child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Peer {
    /// `kind` is `duckdb` or `chdb`; `place` its database.
    pub fn start(python: &Path, kind: &'static str, place: &Path) -> Result<Self> {
        let mut child = Command::new(python)
            .arg(sources().join("pipes_peer.py"))
            .arg(kind)
            .arg(place)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("failed to start `{}`", python.display()))?;
        let questions = child.stdin.take().context("no way to ask")?;
        let answers = BufReader::new(child.stdout.take().context("no way to hear")?);
        Ok(Self { name: kind, child, questions, answers })
    }

    fn ask(&mut self, question: &Value) -> Result<Value> {
        writeln!(self.questions, "{question}")?;
        self.questions.flush()?;
        let mut line = String::new();
        if self.answers.read_line(&mut line)? == 0 {
            bail!("{} ended at {question}", self.name);
        }
        Ok(serde_json::from_str(&line)?)
    }

    /// Runs statements one after the other. Gives the milliseconds of all, and the rows of the last.
    pub fn run(&mut self, statements: &[String]) -> Result<(f64, Value)> {
        let (mut ms, mut rows) = (0.0, Value::Null);
        for sql in statements {
            let mut answer = self.ask(&json!({"op": "run", "sql": sql}))?;
            ms += answer.get("ms").and_then(Value::as_f64).context("an answer without its time")?;
            rows = answer.get_mut("rows").map(Value::take).unwrap_or_default();
        }
        Ok((ms, rows))
    }

    /// The milliseconds of each of `runs` runs of one query, and its rows.
    pub fn time(&mut self, sql: &str, runs: usize) -> Result<(Vec<f64>, Value)> {
        let mut answer = self.ask(&json!({"op": "time", "sql": sql, "runs": runs}))?;
        let ms = answer.get("ms").and_then(Value::as_array).context("an answer without its times")?;
        let ms = ms.iter().filter_map(Value::as_f64).collect();
        Ok((ms, answer.get_mut("rows").map(Value::take).unwrap_or_default()))
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // It ends with its input; a failure means that it is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
