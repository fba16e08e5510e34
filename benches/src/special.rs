//! The rows that are no load: how fast a server starts and how little it holds idle, and how fast files are registered.

use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::compare::Comparison;
use crate::data::{self, Data};
use crate::http;
use crate::process;
use crate::report::{Line, Verdict, mebibytes, milliseconds, times};
use crate::rows::{JSON, Same};
use crate::servers::{Launcher, Server};

pub const START: &str = "start";
pub const REGISTER: &str = "register";
const START_MS_MAX: f64 = 150.0;
const IDLE_MIB_MAX: f64 = 40.0;
const REGISTER_TIMES: f64 = 20.0;
/// Files that must be there as soon as the server says that it is ready.
const PROBES: [&str; 3] = ["/api/v1/search/?fields=count", "/api/v1/metadata/f06x", "/api/v1/metadata/f00x"];

pub struct Special<'a> {
    pub data: &'a Data,
    pub launcher: &'a Launcher,
    pub quick: bool,
    /// Without `tile`: the original alone is measured.
    pub peer_only: bool,
}

struct Start {
    ready_ms: f64,
    idle_mib: f64,
}

impl Special<'_> {
    /// Turns a failure into a line of the report.
    pub fn lines(&self, id: &str) -> Vec<Line> {
        let (what, lines) = match id {
            START => ("start of `serve`", self.start()),
            _ => ("registering small files", self.register()),
        };
        lines.unwrap_or_else(|error| vec![Line::failed(id, what, None, &format!("{error:#}"))])
    }

    fn start(&self) -> Result<Vec<Line>> {
        let folder = self.data.hundred();
        let state = self.launcher.run.join("hundred");
        let theirs = || self.data.tiled(self.launcher, &folder, false);
        let ours = || self.launcher.tile(&folder, &state);
        let other = theirs()?;
        if !self.peer_only {
            let first = ours()?;
            (0..100).try_for_each(|number| first.wait_for(&format!("/api/v1/metadata/f{number:02}x")))?;
            self.same(&first, &other, &PROBES)?;
        }
        drop(other);
        let repetitions = if self.quick { 1 } else { 5 };
        let theirs = starts(repetitions, &theirs)?;
        let ours = if self.peer_only { None } else { Some(starts(repetitions.max(3), &ours)?) };
        let line = |id: &str, what: &str, of: fn(&Start) -> f64, show: fn(f64) -> String, most: f64| Line {
            id: format!("{START}.{id}"),
            what: what.to_owned(),
            ours: ours.as_ref().map_or("–".to_owned(), |start| show(of(start))),
            theirs: show(of(&theirs)),
            ratio: ours.as_ref().map_or("–".to_owned(), |start| times(of(&theirs) / of(start))),
            required: Some(format!("< {}", show(most))),
            verdict: Verdict::judge(ours.as_ref().map(|start| of(start) < most)),
            samples: vec![],
            scaling: None,
        };
        Ok(vec![
            line(
                "ready",
                "start of `serve`, 100 registered files",
                |start| start.ready_ms,
                milliseconds,
                START_MS_MAX,
            ),
            line(
                "idle",
                "memory of the idle server, 100 registered files",
                |start| start.idle_mib,
                mebibytes,
                IDLE_MIB_MAX,
            ),
        ])
    }

    fn register(&self) -> Result<Vec<Line>> {
        let (folder, count) = self.data.many(self.quick);
        let server = self.launcher.tiled(&folder, &self.launcher.run.join("many.db"))?;
        let start = Instant::now();
        self.data.tiled_register(self.launcher, &server, &folder)?;
        let theirs = start.elapsed().as_secs_f64() * 1000.0;
        let ours = if self.peer_only { None } else { Some(self.register_ours(&folder, &server)?) };
        let ratio = ours.map(|ours| theirs / ours);
        Ok(vec![Line {
            id: REGISTER.to_owned(),
            what: format!("registering {count} small NPY files"),
            ours: ours.map_or("–".to_owned(), milliseconds),
            theirs: milliseconds(theirs),
            ratio: ratio.map_or("–".to_owned(), times),
            required: Some(format!("≥ {}", times(REGISTER_TIMES))),
            verdict: Verdict::judge(ratio.map(|ratio| ratio >= REGISTER_TIMES)),
            samples: vec![],
            scaling: None,
        }])
    }

    /// Milliseconds of `tile register` into new state; what it wrote must then be served like the original's.
    fn register_ours(&self, folder: &Path, other: &Server) -> Result<f64> {
        let state = self.launcher.run.join("many");
        let mut command = Command::new(&self.launcher.tile);
        command.arg("register").arg(folder).arg("--data").arg(&state).stdout(Stdio::null());
        let start = Instant::now();
        data::run(&mut command)?;
        let milliseconds = start.elapsed().as_secs_f64() * 1000.0;
        let server = self.launcher.tile(folder, &state)?;
        let probes: &[&str] = if self.quick {
            &["/api/v1/search/?fields=count", "/api/v1/metadata/f00499x"]
        } else {
            &[
                "/api/v1/search/?fields=count",
                "/api/v1/search/d19?fields=count",
                "/api/v1/metadata/d19/f09999x",
            ]
        };
        self.same(&server, other, probes)?;
        Ok(milliseconds)
    }

    fn same(&self, ours: &Server, theirs: &Server, targets: &[&str]) -> Result<()> {
        let comparison = Comparison { data: self.data, ours, theirs, run: &self.launcher.run };
        for target in targets {
            if let Some(difference) = comparison.target(target, JSON, Same::Json)? {
                bail!("answers differ: `{target}`: {difference}");
            }
        }
        Ok(())
    }
}

/// The median of several starts.
fn starts(repetitions: usize, start: &dyn Fn() -> Result<Server>) -> Result<Start> {
    let mut starts = Vec::new();
    for _ in 0..repetitions {
        let server = start()?;
        for target in PROBES {
            let (answer, _) = http::fetch(server.address, target, JSON)?;
            if answer.status != 200 {
                bail!("{} says that it is ready, but answers {} to `{target}`", server.name, answer.status);
            }
        }
        // What a start leaves behind is given back within a moment, or never.
        sleep(Duration::from_secs(2));
        starts.push(Start {
            ready_ms: server.ready_after.as_secs_f64() * 1000.0,
            idle_mib: process::resident_mib(server.pid())?,
        });
    }
    let median = |of: fn(&Start) -> f64| {
        let mut values: Vec<f64> = starts.iter().map(of).collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().context("no start")
    };
    Ok(Start { ready_ms: median(|start| start.ready_ms)?, idle_mib: median(|start| start.idle_mib)? })
}
