//! Chains of events in time.

use super::frame::{Bool, Kernel, ListU64, U8, U64, kernel};

/// A chain as far as it came: when it began, and when its last event was.
#[derive(Clone, Copy)]
struct Chain {
    start: u64,
    end: u64,
}

/// How many of the events follow one another within a window from the first. Each row has a time and the bits of the events
/// that it is; of one time the earlier event of the chain stands first, so that one row can be several steps.
fn longest(times: &[u64], masks: &[u64], events: u8, window: u64, increases: bool) -> u8 {
    let mut steps: Vec<(u64, u8)> = Vec::new();
    for (time, mask) in times.iter().zip(masks) {
        steps.extend((0..events).filter(|event| mask >> event & 1 == 1).map(|event| (*time, event)));
    }
    steps.sort_unstable();
    let mut chains: Vec<Option<Chain>> = vec![None; usize::from(events)];
    for (time, event) in steps {
        let at = usize::from(event);
        let chain = match at.checked_sub(1) {
            None => Some(Chain { start: time, end: time }),
            Some(before) => {
                let before = chains.get(before).copied().flatten();
                let goes_on =
                    |c: &Chain| time <= c.start.saturating_add(window) && !(increases && c.end >= time);
                before.filter(goes_on).map(|c| Chain { start: c.start, end: time })
            }
        };
        if let (Some(chain), Some(place)) = (chain, chains.get_mut(at)) {
            *place = Some(chain);
            if event + 1 == events {
                return events;
            }
        }
    }
    (1..=events).rev().find(|n| chains.get(usize::from(*n) - 1).copied().flatten().is_some()).unwrap_or(0)
}

pub const FUNNEL: &[Kernel] = &[
    kernel!("ch_window_funnel", (times: ListU64, masks: ListU64, events: U8, window: U64, increases: Bool) -> U8,
        longest(&times, &masks, events.min(64), window, increases)),
];
