//! Values of one key, in process.

use std::time::Instant;

use anyhow::{Result, ensure};
use tile_features::key;
use tile_features::online::{Fetched, Group};
use tile_features::operation::Operation;
use tile_features::types::Type;
use tile_features::value::Value;
use tile_features::window::{DAY_MS, HOUR_MS, Window};

use super::data::{self, Numbers, Rows, Zipf};
use super::floor::Floor;
use super::{Figure, Scene, median};

/// Fetches of one repetition.
const FETCHES: usize = 200_000;

/// Two columns over six hours.
pub fn narrow(scene: &Scene) -> Result<Vec<Figure>> {
    let zipf = Zipf::new(scene.keys);
    let blocks = data::blocks(scene.events, 7 * HOUR_MS, |numbers| zipf.draw(numbers))?;
    let group = data::group(&[Operation::Count, Operation::Last], &["6h"])?;
    let what = format!("fetch of 2 columns over 6 h, {} keys: p99", scene.keys);
    measure(scene, &what, &group, &blocks, Some(Window::parse("6h")?), 5.0)
}

/// Fifteen columns: three operations over five windows.
pub fn wide(scene: &Scene) -> Result<Vec<Figure>> {
    let zipf = Zipf::new(scene.keys);
    let blocks = data::blocks(scene.events, 31 * DAY_MS, |numbers| zipf.draw(numbers))?;
    let operations = [Operation::Count, Operation::Last, Operation::Sum];
    let group = data::group(&operations, &["1h", "6h", "1d", "7d", "30d"])?;
    let what = format!("fetch of 15 columns up to 30 d, {} keys: p99", scene.keys);
    measure(scene, &what, &group, &blocks, None, 30.0)
}

fn fill(group: &Group, blocks: &[Rows]) -> (Floor, i64) {
    let mut floor = Floor::default();
    for rows in blocks {
        group.apply(&rows.keys, &rows.block, rows.now);
        floor.apply(rows);
    }
    (floor, blocks.last().map_or(0, |rows| rows.now) + 1)
}

fn measure(
    scene: &Scene,
    what: &str,
    group: &Group,
    blocks: &[Rows],
    window: Option<Window>,
    required_us: f64,
) -> Result<Vec<Figure>> {
    let (floor, q) = fill(group, blocks);
    let mut known: Vec<i64> = floor.keys().collect();
    known.sort_unstable();
    same(group, &floor, q, window.unwrap_or(Window::parse("30d")?), &known)?;
    let (mut ours, mut medians, mut theirs) = (Vec::new(), Vec::new(), Vec::new());
    let mut numbers = Numbers::new(7);
    for _ in 0..scene.repetitions {
        let asked: Vec<i64> = (0..FETCHES).map(|_| known[numbers.below(known.len())]).collect();
        let times = times(&asked, |key| {
            let key = key::of_values(&[Value::Int(*key)], &[Type::Long]).unwrap_or_default();
            usize::from(matches!(group.fetch(&key, q), Fetched::Values(_)))
        })?;
        ours.push(percentile(&times, 0.99));
        medians.push(percentile(&times, 0.5));
        if let Some(window) = window {
            let of_floor = self::times(&asked, |key| {
                usize::from(floor.fetch(*key, q, window).is_some_and(|v| !v.is_empty()))
            })?;
            theirs.push(percentile(&of_floor, 0.99));
        }
    }
    let p99 = median(ours);
    let beside = if theirs.is_empty() { "–".to_owned() } else { format!("{:.2} µs", median(theirs)) };
    Ok(vec![Figure {
        what: what.to_owned(),
        ours: format!("{p99:.2} µs (p50 {:.2} µs)", median(medians)),
        beside,
        required: format!("≤ {required_us} µs"),
        is_met: Some(p99 <= required_us),
        failure: None,
    }])
}

/// Microseconds of each call.
fn times(asked: &[i64], call: impl Fn(&i64) -> usize) -> Result<Vec<f64>> {
    let mut found = 0;
    let mut times = Vec::with_capacity(asked.len());
    for key in asked {
        let started = Instant::now();
        found += std::hint::black_box(call(key));
        times.push(started.elapsed().as_secs_f64() * 1e6);
    }
    ensure!(found > 0, "no key was found");
    times.sort_by(f64::total_cmp);
    Ok(times)
}

fn percentile(sorted: &[f64], part: f64) -> f64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in a list")]
    let at = (sorted.len() as f64 * part) as usize;
    sorted.get(at).copied().unwrap_or(f64::NAN)
}

/// The floor's three values stand among ours.
fn same(group: &Group, floor: &Floor, q: i64, window: Window, known: &[i64]) -> Result<()> {
    for key in known.iter().step_by(known.len() / 5_000 + 1) {
        let Fetched::Values(ours) = group.fetch(&key::of_values(&[Value::Int(*key)], &[Type::Long])?, q)
        else {
            anyhow::bail!("the key {key} has no values");
        };
        let theirs = floor.fetch(*key, q, window).map_or_else(|| vec![Value::Null; 3], Vec::from);
        let columns = ours.len() / if ours.len() > 3 { 3 } else { ours.len() };
        let ours: Vec<&Value> = ours.iter().skip(columns - 1).step_by(columns).collect();
        ensure!(
            ours.iter().zip(&theirs).all(|(a, b)| *a == b),
            "of the key {key} we say {ours:?}, the floor {theirs:?}"
        );
    }
    Ok(())
}

/// A key with ten events in each second of its window, and one with one in ten seconds.
pub fn hot(scene: &Scene) -> Result<Vec<Figure>> {
    let mut p99 = Vec::new();
    for events in [432_000_usize, 4_320] {
        let blocks = data::blocks(events, 12 * HOUR_MS, |_| 1)?;
        let group = data::group(&[Operation::Count, Operation::Last], &["12h"])?;
        let (floor, q) = fill(&group, &blocks);
        let known: Vec<i64> = floor.keys().collect();
        ensure!(floor.len() == 1, "the hot key is one");
        same(&group, &floor, q, Window::parse("12h")?, &known)?;
        let key = key::of_values(&[Value::Int(known[0])], &[Type::Long])?;
        let asked = vec![0; FETCHES];
        let mut repeated = Vec::new();
        for _ in 0..scene.repetitions {
            let times = times(&asked, |_| usize::from(matches!(group.fetch(&key, q), Fetched::Values(_))))?;
            repeated.push(percentile(&times, 0.5));
        }
        p99.push(median(repeated));
    }
    let ratio = p99[0] / p99[1];
    Ok(vec![Figure {
        what: "fetch of a hot key, 432 000 events in its window: median".to_owned(),
        ours: format!("{:.2} µs", p99[0]),
        beside: format!("4 320 events: {:.2} µs", p99[1]),
        required: "≤ 1.5×".to_owned(),
        is_met: Some(ratio <= 1.5),
        failure: None,
    }])
}
