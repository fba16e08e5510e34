//! Events into tiles: COUNT, LAST and SUM of a long over six hours.

use anyhow::{Result, ensure};
use tile_features::key;
use tile_features::online::{Fetched, Group};
use tile_features::operation::Operation;
use tile_features::types::Type;
use tile_features::value::Value;
use tile_features::window::{HOUR_MS, Window};

use super::data::{self, Numbers, Rows, Zipf};
use super::floor::Floor;
use super::{Figure, Scene, median};

/// Ten thousand keys, all as often: they stay in the cache.
pub fn few_keys(scene: &Scene) -> Result<Vec<Figure>> {
    let blocks = data::blocks(scene.events, 8 * HOUR_MS, |numbers: &mut Numbers| numbers.below(10_000))?;
    measure(scene, "update, 10 k keys", &blocks, 10.0)
}

/// A million keys.
pub fn many_keys(scene: &Scene) -> Result<Vec<Figure>> {
    let zipf = Zipf::new(scene.keys);
    let blocks = data::blocks(scene.events, 8 * HOUR_MS, |numbers| zipf.draw(numbers))?;
    measure(scene, &format!("update, {} keys (Zipf)", scene.keys), &blocks, 2.0)
}

fn measure(scene: &Scene, what: &str, blocks: &[Rows], required: f64) -> Result<Vec<Figure>> {
    let (mut ours, mut theirs, mut bytes) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..scene.repetitions {
        let before = data::memory()?;
        let group = data::group(&[Operation::Count, Operation::Last, Operation::Sum], &["6h"])?;
        let started = data::seconds()?;
        for rows in blocks {
            group.apply(&rows.keys, &rows.block, rows.now);
        }
        ours.push(rate(scene, started)?);
        bytes.push(data::memory()?.saturating_sub(before) as f64 / group.keys_len() as f64);
        let mut floor = Floor::default();
        let started = data::seconds()?;
        for rows in blocks {
            floor.apply(rows);
        }
        theirs.push(rate(scene, started)?);
        same(&group, &floor, blocks)?;
    }
    let (ours, theirs) = (median(ours), median(theirs));
    // Later repetitions find memory that the first one gave back.
    let bytes = bytes.into_iter().fold(0.0, f64::max);
    let figure = |what: String, ours: String, beside: String, required: String, is_met| Figure {
        what,
        ours,
        beside,
        required,
        is_met,
        failure: None,
    };
    Ok(vec![
        figure(
            format!("{what}: events of one core"),
            format!("{ours:.1} M/s"),
            format!("{theirs:.1} M/s"),
            format!("≥ {required} M/s"),
            Some(ours >= required),
        ),
        figure(
            "the same: memory of a key".to_owned(),
            format!("{bytes:.0} bytes"),
            "–".into(),
            "–".into(),
            None,
        ),
    ])
}

/// Millions of events in a second of one core.
fn rate(scene: &Scene, started: f64) -> Result<f64> {
    Ok(scene.events as f64 / (data::seconds()? - started) / 1e6)
}

/// Both answer alike, for some keys at the end.
fn same(group: &Group, floor: &Floor, blocks: &[Rows]) -> Result<()> {
    let q = blocks.last().map_or(0, |rows| rows.now) + 1;
    let window = Window::parse("6h")?;
    for key in floor.keys().take(10_000) {
        let ours = match group.fetch(&key::of_values(&[Value::Int(key)], &[Type::Long])?, q) {
            Fetched::Values(values) if !values.iter().all(Value::is_null) => Some(values),
            _ => None,
        };
        let theirs = floor.fetch(key, q, window).map(Vec::from);
        ensure!(ours == theirs, "of the key {key} we say {ours:?}, the floor {theirs:?}");
    }
    Ok(())
}
