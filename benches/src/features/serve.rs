//! Over HTTP: events in, until features have them, and features out. The server and the load share the machine.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail, ensure};
use serde_json::Value;

use super::data::Numbers;
use super::{Figure, Scene, median};
use crate::dev::Dev;
use crate::http::Connection;
use crate::load::{Load, quantile};
use crate::pace::{all, paced, post, sent};
use crate::process;
use crate::servers::Launcher;

const KEYS: usize = 10_000;
/// Events of one post.
const ROWS: usize = 10_000;
/// The key that each post has one event of.
const MARK: &str = "mark";
/// Keys whose values are compared.
const COMPARED: usize = 1_000;
const PATIENCE: Duration = Duration::from_secs(60);

const SOURCE: &str = "SCHEMA >\n    `customer` String `json:$.customer`,\n    `amount` Int64 `json:$.amount`,\n    \
                      `ts` Int64 `json:$.ts`\n\nENGINE MergeTree\nENGINE_SORTING_KEY ts\n";
const FEATURES: &str = "group_bys:\n  spend:\n    source: events\n    keys: [customer]\n    time: ts\n    aggregations:\n      \
                        - {op: count, input: amount, windows: [6h]}\n      - {op: sum, input: amount, windows: [6h]}\n      \
                        - {op: last, input: amount, windows: [6h]}\n";

/// Count, sum, and the last value with its time.
type Truth = BTreeMap<String, (i64, i64, i64, i64)>;

/// A server of features over events, and what they must be.
struct Shop {
    dev: Dev,
    /// The time of the server when it began: events lie before it.
    now: i64,
    truth: Truth,
    numbers: Numbers,
    /// Events so far: each has a millisecond of its own.
    rows: i64,
    _home: tempfile::TempDir,
}

impl Shop {
    fn open(scene: &Scene) -> Result<Self> {
        let home = tempfile::tempdir()?;
        let launcher =
            Launcher { tile: scene.tile.clone(), venv: Path::new("").into(), run: home.path().to_owned() };
        let dev = Dev::start(&launcher, "shop", |folder| {
            fs::create_dir_all(folder.join("features"))?;
            fs::write(folder.join("events.datasource"), SOURCE)?;
            Ok(fs::write(folder.join("features/shop.yaml"), FEATURES)?)
        })?;
        let now = dev.ask("SELECT toInt64(toUnixTimestamp(now())) * 1000")?;
        let now: i64 = now.pointer("/0/0").map(text).context("no time")?.parse()?;
        Ok(Self { dev, now, truth: Truth::new(), numbers: Numbers::new(3), rows: 0, _home: home })
    }

    fn address(&self) -> SocketAddr {
        self.dev.server.address
    }

    /// A post of events of those keys.
    fn post(&mut self, keys: &[String]) -> Result<Vec<u8>> {
        let mut body = String::with_capacity(keys.len() * 60);
        for key in keys {
            let amount = i64::try_from(self.numbers.below(1_000))?;
            self.rows += 1;
            let at = self.now - 3 * 3_600_000 + self.rows;
            writeln!(body, r#"{{"customer": "{key}", "amount": {amount}, "ts": {at}}}"#)?;
            let (count, sum, last, last_at) = self.truth.entry(key.clone()).or_insert((0, 0, 0, i64::MIN));
            (*count, *sum) = (*count + 1, *sum + amount);
            if at > *last_at {
                (*last, *last_at) = (amount, at);
            }
        }
        Ok(post(self.address(), &self.dev.events("events"), body.as_bytes()))
    }

    /// Posts of random keys, each with one of the mark.
    fn posts(&mut self, count: usize, rows: usize) -> Result<Vec<Vec<u8>>> {
        let make = |_| {
            let mut keys: Vec<String> = (1..rows).map(|_| format!("c{}", self.numbers.below(KEYS))).collect();
            keys.push(MARK.to_owned());
            self.post(&keys)
        };
        (0..count).map(make).collect()
    }

    fn target(&self) -> String {
        format!("/v1/features/groupby/spend?token={}", self.dev.token)
    }

    fn asks(&self, key: &str) -> Vec<u8> {
        post(self.address(), &self.target(), format!(r#"[{{"customer":"{key}"}}]"#).as_bytes())
    }

    /// Waits until a key has so many events.
    fn wait(&self, key: &str, count: i64) -> Result<()> {
        let (request, started) = (self.asks(key), Instant::now());
        let mut connection = Connection::open(self.address())?;
        while started.elapsed() < PATIENCE {
            let answer: Value = serde_json::from_slice(&sent(&mut connection, &request)?)?;
            let found = answer.pointer("/results/0/features/amount_count_6h").and_then(Value::as_i64);
            if found == Some(count) {
                return Ok(());
            }
            thread::sleep(Duration::from_micros(500));
        }
        bail!("`{key}` does not have {count} events")
    }

    /// The features of many keys are those of the events that were sent.
    fn check(&self) -> Result<()> {
        let keys: Vec<&String> = self.truth.keys().step_by(self.truth.len() / COMPARED + 1).collect();
        let body: Vec<Value> = keys.iter().map(|key| serde_json::json!({ "customer": key })).collect();
        let answer = self.dev.posted(&self.target(), &serde_json::to_string(&body)?)?;
        let results = answer.get("results").and_then(Value::as_array).context("no results")?;
        ensure!(results.len() == keys.len(), "{} results of {} keys", results.len(), keys.len());
        for (key, result) in keys.into_iter().zip(results) {
            let (count, sum, last, _) = self.truth[key];
            let wanted =
                serde_json::json!({"amount_count_6h": count, "amount_sum_6h": sum, "amount_last_6h": last});
            let found = result.get("features").cloned().unwrap_or_default();
            ensure!(found == wanted, "of `{key}` we say {found}, the events {wanted}");
        }
        Ok(())
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn figure(what: &str, ours: String, beside: String, required: &str, is_met: bool) -> Figure {
    let (what, required) = (what.to_owned(), required.to_owned());
    Figure { what, ours, beside, required, is_met: Some(is_met), failure: None }
}

/// Events, until all of them are durable and in features.
pub fn events(scene: &Scene) -> Result<Vec<Figure>> {
    let (mut rates, mut costs) = (Vec::new(), Vec::new());
    for _ in 0..scene.repetitions.min(3) {
        let mut shop = Shop::open(scene)?;
        let posts = shop.posts(scene.events / ROWS / 5, ROWS)?;
        let pid = shop.dev.server.pid();
        let (started, cpu) = (Instant::now(), process::cpu_seconds(pid)?);
        all(shop.address(), &posts, 2)?;
        shop.wait(MARK, i64::try_from(posts.len())?)?;
        let rows = (posts.len() * ROWS) as f64;
        rates.push(rows / started.elapsed().as_secs_f64() / 1e3);
        costs.push((process::cpu_seconds(pid)? - cpu) * 1e6 / rows);
        shop.check()?;
    }
    let (rate, cost) = (median(rates), median(costs));
    let what = "events over HTTP in posts of 10 000, until durable and in features";
    let beside = format!("{cost:.2} µs of a core for each");
    Ok(vec![figure(what, format!("{rate:.0} k/s"), beside, "≥ 200 k/s", rate >= 200.0)])
}

/// How soon features have an event whose post was answered, while others come.
pub fn fresh(scene: &Scene) -> Result<Vec<Figure>> {
    let mut shop = Shop::open(scene)?;
    let posts = shop.posts(100, 1_000)?;
    let count = 100 * scene.repetitions.min(3);
    let alone: Vec<(String, Vec<u8>)> = (0..count)
        .map(|n| {
            let key = format!("fresh{n}");
            let request = shop.post(std::slice::from_ref(&key))?;
            Ok((key, request))
        })
        .collect::<Result<_>>()?;
    let (shop, is_done) = (&shop, &AtomicBool::new(false));
    let (mut times, mut posts) = thread::scope(|scope| {
        // A hundred thousand in a second.
        let load = scope.spawn(move || -> Result<()> {
            let mut connection = Connection::open(shop.address())?;
            let started = Instant::now();
            for at in 0.. {
                if is_done.load(Ordering::Relaxed) {
                    break;
                }
                let due = started + Duration::from_millis(10) * at;
                thread::sleep(due.saturating_duration_since(Instant::now()));
                sent(&mut connection, &posts[at as usize % posts.len()])?;
            }
            Ok(())
        });
        let times = alone.iter().map(|(key, request)| {
            thread::sleep(Duration::from_millis(20));
            let posted = Instant::now();
            sent(&mut Connection::open(shop.address())?, request)?;
            let answered = Instant::now();
            shop.wait(key, 1)?;
            Ok((answered.elapsed().as_secs_f64() * 1e3, (answered - posted).as_secs_f64() * 1e3))
        });
        let times = times.collect::<Result<(Vec<f64>, Vec<f64>)>>();
        is_done.store(true, Ordering::Relaxed);
        load.join().map_err(|_| anyhow!("a load thread panicked"))??;
        times
    })?;
    times.sort_by(f64::total_cmp);
    posts.sort_by(f64::total_cmp);
    let beside = format!("the post itself {:.1} ms", quantile(&posts, 99)?);
    let (p50, p99) = (quantile(&times, 50)?, quantile(&times, 99)?);
    let what = "an event among 100 k in a second: from its answer to its fetch, p99";
    Ok(vec![figure(what, format!("{p99:.1} ms (p50 {p50:.1} ms)"), beside, "≤ 20 ms", p99 <= 20.0)])
}

/// One key in each request.
pub fn fetch(scene: &Scene) -> Result<Vec<Figure>> {
    let mut shop = Shop::open(scene)?;
    let posts = shop.posts(20, ROWS)?;
    all(shop.address(), &posts, 2)?;
    shop.wait(MARK, i64::try_from(posts.len())?)?;
    shop.check()?;
    let requests: Vec<Vec<u8>> = (0..KEYS).map(|key| shop.asks(&format!("c{key}"))).collect();
    let (mut rates, mut costs, mut p50, mut p99) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..scene.repetitions {
        let load = Load {
            address: shop.address(),
            pid: shop.dev.server.pid(),
            requests: &requests,
            next: &AtomicUsize::new(0),
            connections: 8,
            duration: Duration::from_secs(3),
            answers_min: 2,
        };
        let sample = load.run()?;
        rates.push(sample.per_second());
        costs.push(sample.cpu_ms_per_answer() * 1e3);
        let (half, most) = paced(shop.address(), &requests, 10_000, 30_000, 16)?;
        p50.push(half);
        p99.push(most);
    }
    let (rate, cost, p50, p99) = (median(rates), median(costs), median(p50), median(p99));
    let beside = format!("{cost:.0} µs of a core for each");
    Ok(vec![
        figure(
            "fetch of one key over HTTP, 8 connections",
            format!("{rate:.0} requests/s"),
            beside,
            "≥ 20 000",
            rate >= 20_000.0,
        ),
        figure(
            "the same, 10 000 in a second: p99",
            format!("{p99:.2} ms (p50 {p50:.2} ms)"),
            "–".into(),
            "< 2 ms",
            p99 < 2.0,
        ),
    ])
}
