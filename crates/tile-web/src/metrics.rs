//! Counters of requests in Prometheus' text format.

use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Upper edges of the duration histogram, in seconds.
const EDGES: [f64; 10] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1.0, 5.0, 30.0];

#[derive(Default)]
struct Series {
    buckets: [u64; EDGES.len()],
    count: u64,
    sum_s: f64,
}

/// Counters of this server.
#[derive(Default)]
pub struct Metrics {
    requests: Mutex<BTreeMap<(String, String, u16), Series>>,
    connections: AtomicU64,
}

/// A gauge that another part contributes.
pub struct Gauge {
    pub name: &'static str,
    pub about: &'static str,
    pub value: u64,
}

impl Metrics {
    pub fn observe(&self, route: &str, method: &str, status: u16, took: Duration) {
        let seconds = took.as_secs_f64();
        let mut all = self.requests.lock();
        let series = all.entry((route.to_owned(), method.to_owned(), status)).or_default();
        series.count += 1;
        series.sum_s += seconds;
        for (bucket, edge) in series.buckets.iter_mut().zip(EDGES) {
            *bucket += u64::from(seconds <= edge);
        }
    }
    pub fn connected(&self) {
        self.connections.fetch_add(1, Ordering::Relaxed);
    }
    pub fn disconnected(&self) {
        self.connections.fetch_sub(1, Ordering::Relaxed);
    }
    pub fn connections(&self) -> u64 {
        self.connections.load(Ordering::Relaxed)
    }

    /// The exposition text.
    pub fn render(&self, gauges: &[Gauge]) -> String {
        let mut out = String::from(
            "# HELP tiled_request_duration_seconds Time from the request's head to the answer's head\n# TYPE tiled_request_duration_seconds histogram\n",
        );
        for ((route, method, code), s) in self.requests.lock().iter() {
            let labels = format!("method=\"{method}\",code=\"{code}\",endpoint=\"{route}\"");
            for (n, edge) in s.buckets.iter().zip(EDGES) {
                let _ = writeln!(out, "tiled_request_duration_seconds_bucket{{{labels},le=\"{edge}\"}} {n}");
            }
            let _ =
                writeln!(out, "tiled_request_duration_seconds_bucket{{{labels},le=\"+Inf\"}} {}", s.count);
            let _ = writeln!(out, "tiled_request_duration_seconds_sum{{{labels}}} {}", s.sum_s);
            let _ = writeln!(out, "tiled_request_duration_seconds_count{{{labels}}} {}", s.count);
        }
        let own = Gauge { name: "tile_connections", about: "Open connections", value: self.connections() };
        for g in std::iter::once(&own).chain(gauges) {
            let _ = writeln!(
                out,
                "# HELP {} {}\n# TYPE {} gauge\n{} {}",
                g.name, g.about, g.name, g.name, g.value
            );
        }
        out
    }
}
