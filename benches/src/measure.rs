//! Runs one row: compares the answers, then loads both servers in turn, and judges the ratio.

use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::compare::Comparison;
use crate::http;
use crate::load::{Load, Sample};
use crate::report::{Line, Verdict, mebibytes, milliseconds, times};
use crate::rows::{Metric, Row};
use crate::servers::Server;

/// How long and how often each row is measured.
pub struct Pace {
    pub repetitions: usize,
    pub duration: Duration,
    pub answers_min: usize,
}

impl Pace {
    pub fn new(quick: bool) -> Self {
        let (repetitions, seconds, answers_min) = if quick { (1, 1, 2) } else { (3, 3, 2) };
        Self { repetitions, duration: Duration::from_secs(seconds), answers_min }
    }
}

/// One server's part of a row.
struct Lane<'a> {
    server: &'a Server,
    requests: Vec<Vec<u8>>,
    next: AtomicUsize,
    samples: Vec<Sample>,
}

impl<'a> Lane<'a> {
    fn new(server: &'a Server, targets: &[String], accept: &str) -> Self {
        let requests = targets.iter().map(|target| http::request(server.address, target, accept)).collect();
        Self { server, requests, next: AtomicUsize::new(0), samples: Vec::new() }
    }

    fn run(&mut self, pace: &Pace, connections: usize) -> Result<()> {
        let load = Load {
            address: self.server.address,
            pid: self.server.pid(),
            requests: &self.requests,
            next: &self.next,
            connections,
            duration: pace.duration,
            answers_min: pace.answers_min,
        };
        let sample = load.run().with_context(|| format!("{} failed under load", self.server.name))?;
        self.samples.push(sample);
        Ok(())
    }

    /// The repetition with the median latency, with the most memory of all repetitions.
    fn median(mut self) -> Result<Sample> {
        let peak_mib = self.samples.iter().map(|sample| sample.peak_mib).fold(0.0, f64::max);
        self.samples.sort_by(|one, other| one.p50_ms.total_cmp(&other.p50_ms));
        let median = self.samples.get(self.samples.len() / 2).context("no repetition")?;
        Ok(Sample { peak_mib, ..median.clone() })
    }
}

/// The lines of the report for one row: the row, and a second one where nginx is the floor.
pub fn measure(row: &Row, comparison: &Comparison, nginx: Option<&Server>, pace: &Pace) -> Vec<Line> {
    let lines = match comparison.row(row) {
        Ok(None) => load(row, comparison, nginx, pace),
        Ok(Some(difference)) => Ok(vec![Line::failed(
            &row.id,
            &row.what,
            required(row),
            &format!("answers differ: {difference}"),
        )]),
        Err(error) => Err(error),
    };
    lines.unwrap_or_else(|error| {
        let reason = format!("{error:#}");
        eprintln!("{}: {reason}\n{}", row.id, comparison.ours.last_words());
        vec![Line::failed(&row.id, &row.what, required(row), &reason)]
    })
}

fn load(row: &Row, comparison: &Comparison, nginx: Option<&Server>, pace: &Pace) -> Result<Vec<Line>> {
    let mut lanes = vec![
        Lane::new(comparison.ours, &row.urls, row.accept),
        Lane::new(comparison.theirs, &row.urls, row.accept),
    ];
    if let (Some(nginx), Some((file, _))) = (nginx, row.floor) {
        lanes.push(Lane::new(nginx, &[file.to_owned()], "*/*"));
    }
    for _ in 0..pace.repetitions {
        for lane in &mut lanes {
            lane.run(pace, row.connections)?;
        }
    }
    let mut medians = lanes.into_iter().map(Lane::median);
    let mut next = || medians.next().context("a lane is missing");
    let (ours, theirs) = (next()??, next()??);
    let mut lines = Vec::new();
    let floor = match row.floor {
        Some((_, slower)) if nginx.is_some() => Some((next()??, slower)),
        _ => None,
    };
    let against = floor.map(|(floor, slower)| against_floor(row, &ours, &floor, slower));
    lines.push(against_original(row, ours, theirs));
    lines.extend(against);
    Ok(lines)
}

fn against_original(row: &Row, ours: Sample, theirs: Sample) -> Line {
    let of: fn(&Sample) -> f64 = match row.metric {
        Metric::Latency => |sample| sample.p50_ms,
        Metric::Memory => |sample| sample.peak_mib,
    };
    let show = match row.metric {
        Metric::Latency => milliseconds,
        Metric::Memory => mebibytes,
    };
    let ratio = of(&theirs) / of(&ours);
    Line {
        id: row.id.clone(),
        what: row.what.clone(),
        ours: show(of(&ours)),
        theirs: show(of(&theirs)),
        ratio: times(ratio),
        required: required(row),
        verdict: Verdict::judge(row.required.map(|least| ratio >= least)),
        samples: vec![("tile", ours), ("tiled", theirs)],
        scaling: row.scaling,
    }
}

fn required(row: &Row) -> Option<String> {
    row.required.map(|least| format!("≥ {}", times(least)))
}

fn against_floor(row: &Row, ours: &Sample, floor: &Sample, slower: f64) -> Line {
    let ratio = ours.p50_ms / floor.p50_ms;
    Line {
        id: format!("floor.{}", row.id),
        what: format!("{}, beside nginx sending the file", row.what),
        ours: milliseconds(ours.p50_ms),
        theirs: format!("nginx {}", milliseconds(floor.p50_ms)),
        ratio: format!("{ratio:.2}× slower"),
        required: Some(format!("≤ {slower}× slower")),
        verdict: Verdict::judge(Some(ratio <= slower)),
        samples: vec![("nginx", floor.clone())],
        scaling: None,
    }
}
