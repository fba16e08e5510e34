//! What is timed, in the order in which one thing prepares the next.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicUsize;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use super::Asked;
use super::peer::Peer;
use super::project::{self, COLUMNS};
use super::{events, events::ROWS_PER_FILE};
use crate::dev::Dev;
use crate::http;
use crate::load::{Load, quantile};
use crate::pace::{all, paced, post};
use crate::process;
use crate::report::{mebibytes, milliseconds};
use crate::servers::Launcher;

/// Connections that send events.
const SENDERS: usize = 2;
/// Files of events that one repetition sends.
const FILES_PER_RUN: usize = 50;

/// A line of the report.
pub struct Figure {
    pub what: String,
    pub ours: String,
    pub beside: String,
    pub required: String,
    pub is_met: bool,
    pub failure: Option<String>,
}

pub struct Bench<'a> {
    asked: &'a Asked,
    run: &'a Path,
    launcher: Launcher,
    files: Vec<PathBuf>,
    figures: Vec<Figure>,
}

impl Dev {
    fn endpoint(&self, name: &str) -> String {
        format!("/v0/pipes/{name}.json?token={}", self.token)
    }

    /// The rows of an endpoint, each as a list.
    fn rows(&self, name: &str) -> Result<Value> {
        let (answer, body) = http::fetch(self.server.address, &self.endpoint(name), "*/*")?;
        ensure!(answer.status == 200, "`{name}`: {}", String::from_utf8_lossy(&body));
        let value: Value = serde_json::from_slice(&body)?;
        let rows = value.get("data").and_then(Value::as_array).context("an answer without rows")?;
        let list = |row: &Value| row.as_object().map(|row| row.values().cloned().collect::<Vec<_>>());
        Ok(rows.iter().filter_map(list).collect::<Vec<_>>().into())
    }

    /// Sends whole files of events. Gives rows in a second.
    fn send(&self, files: &[PathBuf]) -> Result<f64> {
        let request = |file: &PathBuf| -> Result<Vec<u8>> {
            Ok(post(self.server.address, &self.events("events"), &fs::read(file)?))
        };
        let requests = files.iter().map(request).collect::<Result<Vec<_>>>()?;
        let seconds = all(self.server.address, &requests, SENDERS)?;
        Ok((files.len() * ROWS_PER_FILE) as f64 / seconds)
    }
}

impl<'a> Bench<'a> {
    pub fn new(asked: &'a Asked, run: &'a Path) -> Result<Self> {
        let launcher =
            Launcher { tile: asked.tile.clone(), venv: asked.cache.join("venv-bench"), run: run.to_owned() };
        let count = asked.files;
        let files = events::files(&asked.cache.join(format!("bench-data/events-{count}")), count)?;
        Ok(Self { asked, run, launcher, files, figures: vec![] })
    }

    pub fn all(mut self) -> Result<Vec<Figure>> {
        self.sixty()?;
        self.one()?;
        self.inserts()?;
        self.small_posts()?;
        self.queries()?;
        Ok(self.figures)
    }

    fn tell(
        &mut self,
        what: &str,
        ours: String,
        beside: String,
        required: &str,
        is_met: bool,
        failure: Option<String>,
    ) {
        let word = if failure.is_some() {
            "FAILED"
        } else if is_met {
            "pass"
        } else {
            "miss"
        };
        println!("{what:70} {ours:>14} {beside:>24} {required:>12} {word}");
        let (what, required) = (what.to_owned(), required.to_owned());
        self.figures.push(Figure { what, ours, beside, required, is_met, failure });
    }

    fn start(&self, name: &str, write: impl Fn(&Path) -> Result<()>) -> Result<Dev> {
        Dev::start(&self.launcher, name, write)
    }

    /// A project of sixty files: its start, a change, and memory when nothing happens.
    fn sixty(&mut self) -> Result<()> {
        let mut starts = Vec::new();
        for n in 0..self.asked.repetitions {
            starts.push(
                self.start(&format!("sixty-{n}"), project::sixty)?.server.ready_after.as_secs_f64() * 1000.0,
            );
        }
        let project = self.start("sixty", project::sixty)?;
        let start = median(starts)?;
        let what = "`tile dev` of 60 files: from the start of the process to its first answer";
        self.tell(what, milliseconds(start), "–".into(), "< 1 s", start < 1000.0, None);
        let mut times = Vec::new();
        for n in 0..self.asked.repetitions * 4 {
            times.push(changed(&project, n)?);
        }
        let time = median(times)?;
        let what = "the same, one file changes: until the endpoint answers anew";
        self.tell(what, milliseconds(time), "–".into(), "< 100 ms", time < 100.0, None);
        std::thread::sleep(Duration::from_secs(2));
        let memory = process::resident_mib(project.server.pid())?;
        self.tell(
            "the same, memory when idle",
            mebibytes(memory),
            "–".into(),
            "< 150 MB",
            memory * 1.048_576 < 150.0,
            None,
        );
        Ok(())
    }

    /// `SELECT 1` as an endpoint.
    fn one(&mut self) -> Result<()> {
        let project = self.start("one", |folder| project::events(folder, false))?;
        ensure!(project.rows("one")? == serde_json::json!([[1]]), "SELECT 1 is not 1");
        let requests = vec![http::request(project.server.address, &project.endpoint("one"), "*/*")];
        let mut rates = Vec::new();
        for _ in 0..self.asked.repetitions {
            let load = Load {
                address: project.server.address,
                pid: project.server.pid(),
                requests: &requests,
                next: &AtomicUsize::new(0),
                connections: 8,
                duration: Duration::from_secs(3),
                answers_min: 2,
            };
            rates.push(load.run()?.per_second());
        }
        let rate = median(rates)?;
        let what = "endpoint `SELECT 1`, 8 connections";
        self.tell(what, format!("{rate:.0} requests/s"), "–".into(), "≥ 5 000", rate >= 5000.0, None);
        Ok(())
    }

    /// Events without and with views, and the same rows into the peers.
    fn inserts(&mut self) -> Result<()> {
        let (mut bare, mut viewed, mut shares, mut chdb, mut duckdb) =
            (vec![], vec![], vec![], vec![], vec![]);
        let files = self.files.iter().take(FILES_PER_RUN).cloned().collect::<Vec<_>>();
        let mut failure = None;
        for n in 0..self.asked.repetitions {
            let without = self.start(&format!("bare-{n}"), |folder| project::events(folder, false))?;
            bare.push(without.send(&files)?);
            let with = self.start(&format!("views-{n}"), |folder| project::events(folder, true))?;
            viewed.push(with.send(&files)?);
            shares.push(viewed.last().context("no rate")? / bare.last().context("no rate")?);
            let totals = without.ask(project::TOTALS)?;
            for (kind, rates) in [("chdb", &mut chdb), ("duckdb", &mut duckdb)] {
                let (rate, found) = peer_inserts(self.asked, self.run, kind, n, &files)?;
                rates.push(rate);
                if !is_same(&found, &totals) {
                    failure = Some(format!("{kind} has {found}, tile {totals}"));
                }
            }
            for (view, recomputed) in project::CHECKS {
                if with.ask(view)? != with.ask(recomputed)? {
                    failure = Some(format!("a view differs from its recomputation: `{view}`"));
                }
            }
        }
        let (bare, chdb, duckdb, share) = (median(bare)?, median(chdb)?, median(duckdb)?, median(shares)?);
        let beside = format!("chdb {}, DuckDB {}", thousands(chdb), thousands(duckdb));
        let what = "events of 10 columns over HTTP, durable";
        self.tell(what, thousands(bare), beside, "≥ 200 k rows/s", bare >= 200_000.0, failure.clone());
        let what = "the same with three materialized views";
        let ours = format!("{} ({:.0} %)", thousands(median(viewed)?), share * 100.0);
        self.tell(what, ours, "without: 100 %".into(), "≥ 60 %", share >= 0.6, failure);
        Ok(())
    }

    /// Posts of one row at a rate.
    fn small_posts(&mut self) -> Result<()> {
        let project = self.start("small", |folder| project::events(folder, false))?;
        let body = events::body(0, 1);
        let target = project.events("events");
        let requests: Vec<_> = body
            .lines()
            .take(1000)
            .map(|row| post(project.server.address, &target, row.as_bytes()))
            .collect();
        let (mut p50, mut p99) = (vec![], vec![]);
        let count = 5000;
        for _ in 0..self.asked.repetitions {
            let (half, most) = paced(project.server.address, &requests, 500, count, 32)?;
            p50.push(half);
            p99.push(most);
        }
        let found = project.ask("SELECT count() FROM events")?;
        let failure = (!is_same(&found, &serde_json::json!([[count * self.asked.repetitions]])))
            .then(|| format!("{found} rows of {}", count * self.asked.repetitions));
        let (p50, p99) = (median(p50)?, median(p99)?);
        let what = "posts of one row, `wait=true`, 500 in a second: p99";
        self.tell(
            what,
            milliseconds(p99),
            format!("p50 {}", milliseconds(p50)),
            "< 25 ms",
            p99 < 25.0,
            failure,
        );
        Ok(())
    }

    /// Endpoints over all events, beside DuckDB with the same tables.
    fn queries(&mut self) -> Result<()> {
        let project = self.start("queries", |folder| project::events(folder, true))?;
        for files in self.files.chunks(FILES_PER_RUN) {
            project.send(files)?;
        }
        let mut duckdb = Peer::start(&self.asked.python, "duckdb", &self.run.join("queries.duckdb"))?;
        duckdb.run(&tables(COLUMNS.iter().map(|(name, _, ty)| format!("{name} {ty}"))))?;
        for file in &self.files {
            let file = file.display().to_string();
            let insert = format!("INSERT INTO events SELECT * FROM {}", project::json(&file));
            duckdb.run(&[insert, project::view_by_hand(&file)])?;
        }
        let (scan, hand, failure) = self.beside(&project, &mut duckdb, "scan", project::SCAN.1)?;
        let ratio = scan / hand;
        let what = "full scan aggregate endpoint";
        let ours = format!("{} ({ratio:.2}×)", milliseconds(scan));
        self.tell(what, ours, format!("DuckDB {}", milliseconds(hand)), "≤ 1.1×", ratio <= 1.1, failure);
        let (ours, hand, failure) = self.beside(&project, &mut duckdb, "over_view", project::OVER_VIEW.1)?;
        let more = ours - hand;
        let what = "endpoint through a materialized view: more than DuckDB's own query";
        let told = format!("{} (+{})", milliseconds(ours), milliseconds(more.max(0.0)));
        self.tell(what, told, format!("DuckDB {}", milliseconds(hand)), "≤ 1.5 ms", more <= 1.5, failure);
        let requests = vec![http::request(project.server.address, &project.endpoint("over_view"), "*/*")];
        let mut p99 = Vec::new();
        for _ in 0..self.asked.repetitions {
            p99.push(paced(project.server.address, &requests, 200, 1000, 16)?.1);
        }
        let p99 = median(p99)?;
        let what = "the same, 200 in a second: p99";
        self.tell(what, milliseconds(p99), "–".into(), "< 20 ms", p99 < 20.0, None);
        Ok(())
    }

    /// The median times of an endpoint and of the peer's query, in turn, after comparing their answers.
    fn beside(
        &self,
        project: &Dev,
        peer: &mut Peer,
        name: &str,
        sql: &str,
    ) -> Result<(f64, f64, Option<String>)> {
        let (ours, theirs) = (project.rows(name)?, peer.run(&[sql.to_owned()])?.1);
        let failure = (!is_same(&ours, &theirs)).then(|| format!("tile says {ours}, {} {theirs}", peer.name));
        let mut connection = http::Connection::open(project.server.address)?;
        let request = http::request(project.server.address, &project.endpoint(name), "*/*");
        let (mut our_times, mut their_times) = (vec![], vec![]);
        for _ in 0..self.asked.repetitions * 4 {
            for _ in 0..3 {
                let start = Instant::now();
                let answer = connection.exchange(&request, &mut |_| ())?;
                our_times.push(start.elapsed().as_secs_f64() * 1000.0);
                ensure!(answer.status == 200, "`{name}` answers {}", answer.status);
            }
            their_times.extend(peer.time(sql, 3)?.0);
        }
        Ok((median(our_times)?, median(their_times)?, failure))
    }
}

/// Milliseconds from writing a file to the first answer that shows it.
fn changed(project: &Dev, n: usize) -> Result<f64> {
    // The changes come at any time between two looks of the server.
    std::thread::sleep(Duration::from_millis(200 + (n as u64 * 37) % 150));
    project::endpoint(&project.folder, "changing", &format!("SELECT {n} AS n"))?;
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(10) {
        if project.rows("changing").is_ok_and(|rows| rows == serde_json::json!([[n]])) {
            return Ok(start.elapsed().as_secs_f64() * 1000.0);
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    bail!("a change is not seen")
}

fn tables(columns: impl Iterator<Item = String>) -> [String; 2] {
    let columns = columns.collect::<Vec<_>>().join(", ");
    [
        format!("CREATE TABLE events ({columns})"),
        "CREATE TABLE by_hour (hour TIMESTAMP, country VARCHAR, hits BIGINT, time UBIGINT)".to_owned(),
    ]
}

/// The same files into an engine of its own. Gives rows in a second, and the totals.
fn peer_inserts(
    asked: &Asked,
    run: &Path,
    kind: &'static str,
    n: usize,
    files: &[PathBuf],
) -> Result<(f64, Value)> {
    let mut peer = Peer::start(&asked.python, kind, &run.join(format!("{kind}-{n}")))?;
    let folder = files.first().and_then(|file| file.parent()).context("no files")?.display().to_string();
    let is_clickhouse = kind == "chdb";
    let columns =
        COLUMNS.iter().map(|(name, ch, duck)| format!("{name} {}", if is_clickhouse { ch } else { duck }));
    let columns = columns.collect::<Vec<_>>().join(", ");
    let engine = if is_clickhouse { " ENGINE = MergeTree ORDER BY timestamp" } else { "" };
    let mut setup = vec![format!("CREATE TABLE events ({columns}){engine}")];
    if is_clickhouse {
        setup.splice(0..0, ["CREATE DATABASE bench".to_owned(), "USE bench".to_owned()]);
    }
    peer.run(&setup)?;
    // Both take all files in one statement; which files is told by their names.
    let insert = if is_clickhouse {
        let last = files.len() - 1;
        format!(
            "INSERT INTO events SELECT * FROM file('{folder}/{{00000..{last:05}}}.ndjson', 'JSONEachRow', '{columns}')"
        )
    } else {
        let names: Vec<String> = files.iter().map(|file| format!("'{}'", file.display())).collect();
        let read = project::json("").replacen("''", &format!("[{}]", names.join(", ")), 1);
        format!("INSERT INTO events SELECT * FROM {read}")
    };
    let (ms, _) = peer.run(&[insert])?;
    let (_, totals) = peer.run(&[project::TOTALS.to_owned()])?;
    Ok(((files.len() * ROWS_PER_FILE) as f64 / (ms / 1000.0), totals))
}

/// Whether rows are equal, whether or not numbers are written as texts.
fn is_same(a: &Value, b: &Value) -> bool {
    fn text(value: &Value) -> String {
        match value {
            Value::String(text) => text.clone(),
            Value::Array(items) => items.iter().map(text).collect::<Vec<_>>().join(","),
            other => other.to_string(),
        }
    }
    text(a) == text(b)
}

fn thousands(rate: f64) -> String {
    format!("{:.0} k rows/s", rate / 1000.0)
}

fn median(mut values: Vec<f64>) -> Result<f64> {
    values.sort_by(f64::total_cmp);
    quantile(&values, 50)
}
