//! The load generator: threads with one keep-alive connection each, that send requests back to back.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};

use crate::http::Connection;
use crate::process;

/// One run of load against one server.
pub struct Load<'a> {
    pub address: SocketAddr,
    pub pid: u32,
    /// Prepared requests, sent round robin.
    pub requests: &'a [Vec<u8>],
    /// Where in `requests` to go on: kept from run to run, so that no run repeats the last one's requests.
    pub next: &'a AtomicUsize,
    pub connections: usize,
    pub duration: Duration,
    /// Goes on beyond `duration` until each connection has had so many answers.
    pub answers_min: usize,
}

/// What one run measured.
#[derive(Clone, Debug)]
pub struct Sample {
    pub answers: usize,
    pub seconds: f64,
    pub body_bytes: u64,
    pub p50_ms: f64,
    pub p99_ms: f64,
    pub cpu_ms: f64,
    pub peak_mib: f64,
}

impl Sample {
    pub fn per_second(&self) -> f64 {
        self.answers as f64 / self.seconds
    }

    pub fn megabytes_per_second(&self) -> f64 {
        self.body_bytes as f64 / 1e6 / self.seconds
    }

    pub fn cpu_ms_per_answer(&self) -> f64 {
        self.cpu_ms / self.answers as f64
    }
}

#[derive(Default)]
struct Tally {
    latencies_ms: Vec<f64>,
    body_bytes: u64,
}

impl Load<'_> {
    /// Warms up with one request per connection, then measures. Any answer but 200 is an error.
    pub fn run(&self) -> Result<Sample> {
        let mut connections = Vec::new();
        for _ in 0..self.connections {
            let mut connection = Connection::open(self.address)?;
            self.once(&mut connection)?;
            connections.push(connection);
        }
        process::forget_peak(self.pid)?;
        let cpu_before = process::cpu_seconds(self.pid)?;
        let start = Instant::now();
        let tallies = self.spread(connections, start + self.duration)?;
        let seconds = start.elapsed().as_secs_f64();
        let cpu_ms = (process::cpu_seconds(self.pid)? - cpu_before) * 1000.0;
        let mut latencies_ms: Vec<f64> =
            tallies.iter().flat_map(|tally| tally.latencies_ms.iter().copied()).collect();
        latencies_ms.sort_by(f64::total_cmp);
        Ok(Sample {
            answers: latencies_ms.len(),
            seconds,
            body_bytes: tallies.iter().map(|tally| tally.body_bytes).sum(),
            p50_ms: quantile(&latencies_ms, 50)?,
            p99_ms: quantile(&latencies_ms, 99)?,
            cpu_ms,
            peak_mib: process::peak_mib(self.pid)?,
        })
    }

    fn spread(&self, connections: Vec<Connection>, deadline: Instant) -> Result<Vec<Tally>> {
        thread::scope(|scope| {
            let workers: Vec<_> = connections
                .into_iter()
                .map(|connection| scope.spawn(move || self.work(connection, deadline)))
                .collect();
            workers
                .into_iter()
                .map(|worker| worker.join().map_err(|_| anyhow!("a load thread panicked"))?)
                .collect()
        })
    }

    fn work(&self, mut connection: Connection, deadline: Instant) -> Result<Tally> {
        let mut tally = Tally::default();
        while Instant::now() < deadline || tally.latencies_ms.len() < self.answers_min {
            let start = Instant::now();
            tally.body_bytes += self.once(&mut connection)?;
            tally.latencies_ms.push(start.elapsed().as_secs_f64() * 1000.0);
        }
        Ok(tally)
    }

    fn once(&self, connection: &mut Connection) -> Result<u64> {
        let turn = self.next.fetch_add(1, Ordering::Relaxed) % self.requests.len().max(1);
        let request = self.requests.get(turn).context("no request to send")?;
        let answer = connection.exchange(request, &mut |_| ())?;
        if answer.status != 200 {
            let line = String::from_utf8_lossy(request);
            bail!("status {} to `{}`", answer.status, line.lines().next().unwrap_or_default());
        }
        Ok(answer.bytes)
    }
}

/// The value that `percent` of `sorted` do not exceed.
pub fn quantile(sorted: &[f64], percent: usize) -> Result<f64> {
    let at = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(at).copied().context("no answers")
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Write};
    use std::net::TcpListener;
    use std::sync::atomic::AtomicUsize;
    use std::time::Duration;

    use super::{Load, Sample, quantile};

    /// Loads a server that gives the same answer to each request of its only client.
    fn load(answer: &str) -> anyhow::Result<Sample> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let mut stream = BufReader::new(listener.accept().unwrap().0);
                let mut line = String::new();
                while stream.read_line(&mut line).is_ok_and(|bytes| bytes > 0) {
                    if line == "\r\n" && stream.get_mut().write_all(answer.as_bytes()).is_err() {
                        break;
                    }
                    line.clear();
                }
            });
            let (pid, next) = (std::process::id(), AtomicUsize::new(0));
            let requests = ["/a", "/b"].map(|target| crate::http::request(address, target, "*/*"));
            let duration = Duration::from_millis(20);
            Load { address, pid, requests: &requests, next: &next, connections: 1, duration, answers_min: 3 }
                .run()
        })
    }

    #[test]
    fn counts_what_it_receives() {
        let sample = load("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello").unwrap();
        eprintln!("{sample:?}");
        assert!(sample.answers >= 3);
        assert_eq!(sample.body_bytes, 5 * sample.answers as u64);
        assert!(sample.p50_ms > 0.0 && sample.p50_ms <= sample.p99_ms);
    }

    #[test]
    fn an_error_is_no_answer() {
        let error = load("HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n").unwrap_err();
        assert!(error.to_string().contains("status 503 to `GET /a"), "{error}");
    }

    #[test]
    fn quantiles() {
        let values: Vec<f64> = (0..100).map(f64::from).collect();
        assert_eq!(quantile(&values, 50).unwrap(), 50.0);
        assert_eq!(quantile(&values, 99).unwrap(), 99.0);
        assert_eq!(quantile(&[7.0], 99).unwrap(), 7.0);
        assert!(quantile(&[], 50).is_err());
    }
}
