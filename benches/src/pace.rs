//! Two ways to send requests: all of them once, as fast as they are answered, and so many in a second whether or not they are.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};

use crate::http::Connection;
use crate::load::quantile;

/// A POST of `body`.
pub fn post(address: SocketAddr, target: &str, body: &[u8]) -> Vec<u8> {
    let mut out =
        format!("POST {target} HTTP/1.1\r\nHost: {address}\r\nContent-Length: {}\r\n\r\n", body.len())
            .into_bytes();
    out.extend_from_slice(body);
    out
}

/// Sends a request that must be answered with 200. Gives the body.
pub fn sent(connection: &mut Connection, request: &[u8]) -> Result<Vec<u8>> {
    let mut text = Vec::new();
    let answer = connection.exchange(request, &mut |piece| text.extend_from_slice(piece))?;
    if answer.status != 200 {
        bail!("status {}: {}", answer.status, String::from_utf8_lossy(&text));
    }
    Ok(text)
}

/// Sends each request once, over so many connections. Gives the seconds that it took.
pub fn all(address: SocketAddr, requests: &[Vec<u8>], connections: usize) -> Result<f64> {
    let next = AtomicUsize::new(0);
    let start = Instant::now();
    spread(connections, |_| {
        let mut connection = Connection::open(address)?;
        while let Some(request) = requests.get(next.fetch_add(1, Ordering::Relaxed)) {
            sent(&mut connection, request)?;
        }
        Ok(vec![])
    })?;
    Ok(start.elapsed().as_secs_f64())
}

/// Sends `count` requests, `rate` in each second, round robin. A request that waits for a connection counts from when it was
/// due, so that a server that stops is not spared. Gives the median and the 99th percentile, in milliseconds.
pub fn paced(
    address: SocketAddr,
    requests: &[Vec<u8>],
    rate: u32,
    count: usize,
    connections: usize,
) -> Result<(f64, f64)> {
    let start = Instant::now() + Duration::from_millis(50);
    let mut latencies = spread(connections, |lane| {
        let mut connection = Connection::open(address)?;
        let mut out = Vec::new();
        for at in (lane..count).step_by(connections) {
            let due = start + Duration::from_secs(1) * u32::try_from(at)? / rate;
            thread::sleep(due.saturating_duration_since(Instant::now()));
            sent(&mut connection, requests.get(at % requests.len().max(1)).context("no request")?)?;
            out.push(due.elapsed().as_secs_f64() * 1000.0);
        }
        Ok(out)
    })?;
    latencies.sort_by(f64::total_cmp);
    Ok((quantile(&latencies, 50)?, quantile(&latencies, 99)?))
}

fn spread(lanes: usize, work: impl Fn(usize) -> Result<Vec<f64>> + Sync) -> Result<Vec<f64>> {
    let work = &work;
    thread::scope(|scope| {
        let workers: Vec<_> = (0..lanes).map(|lane| scope.spawn(move || work(lane))).collect();
        let mut out = Vec::new();
        for worker in workers {
            out.extend(worker.join().map_err(|_| anyhow!("a load thread panicked"))??);
        }
        Ok(out)
    })
}
