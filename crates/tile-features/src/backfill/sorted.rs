//! Events and queries by key and time, cut into chunks of keys.

use super::Tails;
use super::keys::NO_KEY;
use crate::window::Window;
use std::ops::Range;

/// Rows of a chunk, at least, where there are more keys than one.
const CHUNK_ROWS: usize = 1 << 15;

/// Rows by key, in the order of their arrival.
pub struct Grouped {
    rows: Vec<u32>,
    /// The rows of key `k` are `starts[k]..starts[k + 1]`.
    starts: Vec<usize>,
}

impl Grouped {
    /// Rows without a key, and those of keys from `key_count` on, are left out.
    pub fn new(keys: &[u32], key_count: usize) -> Self {
        let mut starts = vec![0_usize; key_count + 1];
        let has_key = |key: u32| key != NO_KEY && (key as usize) < key_count;
        for key in keys.iter().filter(|k| has_key(**k)) {
            starts[*key as usize + 1] += 1;
        }
        for key in 0..key_count {
            starts[key + 1] += starts[key];
        }
        let mut next = starts.clone();
        let mut rows = vec![0_u32; starts[key_count]];
        for (row, key) in (0_u32..).zip(keys).filter(|(_, k)| has_key(**k)) {
            let place = &mut next[*key as usize];
            rows[*place] = row;
            *place += 1;
        }
        Self { rows, starts }
    }

    /// The rows of a key.
    pub fn of(&self, key: usize) -> &[u32] {
        &self.rows[self.starts[key]..self.starts[key + 1]]
    }
}

/// Ranges of keys that have about as many rows each.
pub fn split(events: &Grouped, queries: &Grouped) -> Vec<Range<usize>> {
    let key_count = events.starts.len() - 1;
    let (mut parts, mut from, mut rows) = (Vec::new(), 0, 0);
    for key in 0..key_count {
        rows += events.of(key).len() + queries.of(key).len();
        if rows >= CHUNK_ROWS || key + 1 == key_count {
            parts.push(from..key + 1);
            (from, rows) = (key + 1, 0);
        }
    }
    parts
}

/// Some keys, sorted.
pub struct Chunk {
    keys: Vec<(Range<usize>, Range<usize>)>,
    /// Places in the block, and the times there.
    events: Vec<u32>,
    event_times: Vec<i64>,
    /// Places among the queries, and the times there.
    pub queries: Vec<u32>,
    query_times: Vec<i64>,
    /// For each query, how many events of its key are before it.
    heads: Vec<u32>,
    /// For each window and query, how many events of its key are before the window.
    tails: Vec<Vec<u32>>,
}

/// One key of a chunk. All places are among the events of the key.
pub struct Key<'a> {
    /// Places in the block, in the order of time and arrival.
    pub rows: &'a [u32],
    pub times: &'a [i64],
    /// For each query, where its events end.
    pub heads: &'a [u32],
    at: Range<usize>,
    chunk: &'a Chunk,
}

impl Chunk {
    pub fn new(
        keys: Range<usize>,
        by_key: &(Grouped, Grouped),
        times: (&[i64], &[i64]),
        windows: &[Option<Window>],
        tails: Tails,
    ) -> Self {
        let (events, event_times, event_ends) = sort(&keys, &by_key.0, times.0);
        let (queries, query_times, query_ends) = sort(&keys, &by_key.1, times.1);
        let ends = event_ends.windows(2).zip(query_ends.windows(2));
        let keys = ends.map(|(e, q)| (e[0]..e[1], q[0]..q[1])).collect();
        let mut chunk =
            Self { keys, events, event_times, queries, query_times, heads: Vec::new(), tails: Vec::new() };
        chunk.heads = chunk.places(|q| q);
        chunk.tails = windows
            .iter()
            .map(|window| match window {
                None => Vec::new(),
                Some(w) => chunk.places(|q| w.tail_by(q, tails.hop(*w))),
            })
            .collect();
        chunk
    }

    /// For each query, how many events of its key are before a time, which does not go back from one query to the next.
    fn places(&self, time: impl Fn(i64) -> i64) -> Vec<u32> {
        let mut places = Vec::with_capacity(self.queries.len());
        for (events, queries) in &self.keys {
            let times = &self.event_times[events.clone()];
            let mut at = 0;
            for q in &self.query_times[queries.clone()] {
                at = seek(times, at, time(*q));
                places.push(small(at));
            }
        }
        places
    }

    pub fn keys(&self) -> impl Iterator<Item = Key<'_>> {
        self.keys.iter().map(|(events, queries)| Key {
            rows: &self.events[events.clone()],
            times: &self.event_times[events.clone()],
            heads: &self.heads[queries.clone()],
            at: queries.clone(),
            chunk: self,
        })
    }
}

impl Key<'_> {
    /// For each query, the events of a window as places from and to.
    pub fn spans(&self, window: usize) -> impl Iterator<Item = (usize, usize)> {
        let tails = self.chunk.tails[window].get(self.at.clone());
        self.heads.iter().enumerate().map(move |(query, head)| {
            let tail = tails.map_or(0, |tails| tails[query]);
            (tail as usize, *head as usize)
        })
    }
}

type Sorted = (Vec<u32>, Vec<i64>, Vec<usize>);

/// The rows of some keys by time and arrival, their times, and where each key ends.
fn sort(keys: &Range<usize>, grouped: &Grouped, times: &[i64]) -> Sorted {
    let all = grouped.starts[keys.start]..grouped.starts[keys.end];
    let mut sorted: Sorted = (Vec::with_capacity(all.len()), Vec::with_capacity(all.len()), vec![0]);
    let mut pairs: Vec<(i64, u32)> = Vec::new();
    for key in keys.clone() {
        pairs.clear();
        pairs.extend(grouped.of(key).iter().map(|row| (times[*row as usize], *row)));
        // Rows stand in the order of their arrival, so that often nothing is to be done; a row's number breaks ties.
        if !pairs.is_sorted() {
            pairs.sort_unstable();
        }
        sorted.0.extend(pairs.iter().map(|(_, row)| *row));
        sorted.1.extend(pairs.iter().map(|(time, _)| *time));
        sorted.2.push(sorted.0.len());
    }
    sorted
}

/// The first place from `from` on whose time is not before `time`. Cheap when it is near.
fn seek(times: &[i64], from: usize, time: i64) -> usize {
    let (mut low, mut step) = (from, 1);
    while low + step < times.len() && times[low + step - 1] < time {
        low += step;
        step *= 2;
    }
    let high = (low + step).min(times.len());
    low + times[low..high].partition_point(|t| *t < time)
}

/// A place among rows, of which there are fewer than 2³².
pub fn small(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(NO_KEY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeking_finds_what_a_scan_finds() {
        let times = [1, 1, 3, 3, 3, 8, 9, 20, 21, 22];
        for time in 0..25 {
            let wanted = times.iter().filter(|t| **t < time).count();
            for from in 0..=wanted {
                assert_eq!(seek(&times, from, time), wanted, "{time} from {from}");
            }
        }
        assert_eq!(seek(&[], 0, 5), 0);
    }
}
