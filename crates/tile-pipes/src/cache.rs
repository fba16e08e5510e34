//! Results of endpoints that say how long they may be kept.

use bytes::Bytes;
use parking_lot::Mutex;
use std::collections::HashMap;
use tile_base::Result;

/// Bytes of all results, and of one.
const BYTES_MAX: usize = 64 << 20;
const RESULT_BYTES_MAX: usize = 8 << 20;
const RESULTS_MAX: usize = 10_000;
/// How long a result is given though its data sources changed since: without this, rows that keep coming would make of every request a
/// query.
const CHANGED_US: i64 = 1_000_000;

/// The results of all workspaces.
#[derive(Default)]
pub struct Cache(Mutex<Held>);

#[derive(Default)]
struct Held {
    results: HashMap<String, Kept>,
    bytes: usize,
    /// Counts uses, so that the one that was not used for longest is known.
    turn: u64,
}

/// A result.
#[derive(Clone)]
pub struct Kept {
    pub body: Bytes,
    pub content_type: &'static str,
    pub rows: u64,
    /// The data sources that it was made of, and their version then.
    pub sources: Vec<String>,
    pub version: u64,
    pub made_us: i64,
    pub ttl_us: i64,
    used: u64,
}

impl Kept {
    pub fn new(body: Bytes, content_type: &'static str, rows: u64, made_us: i64, ttl_us: i64) -> Self {
        Self { body, content_type, rows, sources: vec![], version: 0, made_us, ttl_us, used: 0 }
    }

    fn is_good(&self, now_us: i64, version: impl Fn(&[String]) -> u64) -> bool {
        let age = now_us - self.made_us;
        (0..self.ttl_us).contains(&age) && (age < CHANGED_US || version(&self.sources) == self.version)
    }
}

impl Cache {
    /// A result that still holds. `version` is that of data sources now.
    pub fn get(&self, key: &str, now_us: i64, version: impl Fn(&[String]) -> u64) -> Option<Kept> {
        let mut held = self.0.lock();
        held.turn += 1;
        let turn = held.turn;
        let kept = held.results.get_mut(key)?;
        if kept.is_good(now_us, version) {
            kept.used = turn;
            return Some(kept.clone());
        }
        held.remove(key);
        None
    }

    /// Keeps a result; others go when there is no room.
    pub fn put(&self, key: String, mut kept: Kept) {
        let size = kept.body.len() + key.len();
        if size > RESULT_BYTES_MAX {
            return;
        }
        let mut held = self.0.lock();
        held.remove(&key);
        if held.bytes + size > BYTES_MAX || held.results.len() >= RESULTS_MAX {
            held.results.retain(|_, k| kept.made_us - k.made_us < k.ttl_us);
            held.bytes = held.results.iter().map(|(key, k)| key.len() + k.body.len()).sum();
        }
        while held.bytes + size > BYTES_MAX || held.results.len() >= RESULTS_MAX {
            let oldest = held.results.iter().min_by_key(|(_, k)| k.used).map(|(key, _)| key.clone());
            let Some(oldest) = oldest else { return };
            held.remove(&oldest);
        }
        held.turn += 1;
        kept.used = held.turn;
        held.bytes += size;
        held.results.insert(key, kept);
    }
}

impl Held {
    fn remove(&mut self, key: &str) {
        if let Some(kept) = self.results.remove(key) {
            self.bytes -= kept.body.len() + key.len();
        }
    }
}

/// The microseconds of `5s`, `1m` or `1h`, as templates write them; none for what is no such time.
pub fn micros(ttl: &str) -> Option<i64> {
    let (number, unit) = ttl.split_at_checked(ttl.len().checked_sub(1)?)?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return None,
    };
    number.parse::<i64>().ok()?.checked_mul(seconds * 1_000_000)
}

/// A text that is the same for the same question of callers who see the same.
///
/// # Errors
/// None: every map of texts is JSON.
pub fn key(parts: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(parts).map_err(|e| tile_base::Error::internal("a question is no JSON").source(e))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(bytes: usize) -> Kept {
        Kept::new(Bytes::from(vec![0; bytes]), "text/csv", 1, 0, 10_000_000)
    }

    #[test]
    fn a_result_goes_with_its_time_and_with_its_data() {
        let cache = Cache::default();
        cache.put("k".into(), kept(10));
        assert!(cache.get("k", 9_999_999, |_| 0).is_some());
        // Another version is given for one second.
        assert!(cache.get("k", 999_999, |_| 1).is_some());
        assert!(cache.get("k", 1_000_000, |_| 1).is_none());
        assert!(cache.get("k", 1, |_| 0).is_none(), "it is gone");
        cache.put("k".into(), kept(10));
        assert!(cache.get("k", 10_000_000, |_| 0).is_none());
        assert_eq!(cache.0.lock().bytes, 0);
    }

    #[test]
    fn the_least_used_goes_when_there_is_no_room() {
        let cache = Cache::default();
        for i in 0..8 {
            cache.put(i.to_string(), kept((8 << 20) - 1));
        }
        assert!(cache.get("0", 1, |_| 0).is_some());
        cache.put("8".into(), kept((8 << 20) - 1));
        assert!(cache.get("0", 1, |_| 0).is_some() && cache.get("1", 1, |_| 0).is_none());
        assert!(cache.0.lock().bytes <= BYTES_MAX);
        cache.put("9".into(), kept(8 << 20));
        assert!(cache.get("9", 1, |_| 0).is_none(), "too large alone");
    }

    #[test]
    fn times_are_read() {
        assert_eq!(
            ["5s", "1m", "30m", "1h", "x"].map(micros),
            [Some(5_000_000), Some(60_000_000), Some(1_800_000_000), Some(3_600_000_000), None]
        );
    }
}
