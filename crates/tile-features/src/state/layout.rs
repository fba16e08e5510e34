//! What the plan's slots and columns come to in tiles.

use super::layers;
use super::tile::Shape;
use crate::plan::{Plan, Reach};
use crate::window::{Window, interval};
use std::sync::Arc;
use tile_base::Result;

/// Times beyond this are far outside of any calendar; sums of times stay within 64 bits.
pub const TIME_MAX: i64 = 1 << 60;

/// One size of tiles.
#[derive(Debug)]
pub struct Level {
    pub size: i64,
    /// The slots that a tile of this size holds: first those with windows, then those without.
    pub slots: Vec<usize>,
    /// How many of them have windows.
    pub windowed: usize,
    /// The next smaller size has all that a tile of this size holds. So a tile is made of smaller ones when there are many of them, or before
    /// they are dropped; until then there is none.
    pub is_lazy: bool,
    /// Each row goes to a tile of this size.
    pub is_direct: bool,
    pub shape: Shape,
    windows: Vec<Window>,
}

/// The columns of one window.
#[derive(Debug)]
pub struct Span {
    pub window: Option<Window>,
    /// The levels whose tiles make its values: `first..=last`.
    pub first: usize,
    pub last: usize,
    pub columns: Vec<Place>,
}

/// A column in tiles.
#[derive(Debug)]
pub struct Place {
    pub column: usize,
    pub slot: usize,
    pub reach: Reach,
    /// Where a tile of each level has its slot, up to the last of the span; no matter what, where it has none.
    pub in_tile: Vec<usize>,
    /// Where the base has it.
    pub in_base: usize,
}

pub struct Layout {
    pub plan: Arc<Plan>,
    pub sizes: Vec<i64>,
    pub levels: Vec<Level>,
    pub spans: Vec<Span>,
    /// Slots without windows.
    pub endless: Vec<usize>,
    pub grace: i64,
    pub future_max: usize,
    pub is_durable: bool,
    seed: u64,
}

/// How far back is kept at a time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bounds {
    pub now: i64,
    /// For each level, the start of the first tile that a query may ask for.
    pub floors: Vec<i64>,
    /// What is before this is merged to the base.
    pub base: i64,
}

impl Layout {
    /// # Errors
    /// Those of [`layers::check`].
    pub fn new(plan: Arc<Plan>, options: &crate::online::Options) -> Result<Self> {
        let mut windows: Vec<Window> = plan.columns.iter().filter_map(|c| c.window).collect();
        windows.sort_unstable_by_key(|w| w.millis());
        windows.dedup_by_key(|w| w.millis());
        let sizes = match options.sizes.as_slice() {
            [] => layers::choose(&windows),
            given => layers::check(given, &windows)?,
        };
        let is_endless = |slot: &usize| plan.columns.iter().any(|c| c.slot == *slot && c.window.is_none());
        let endless: Vec<usize> = (0..plan.slots.len()).filter(is_endless).collect();
        let mut levels: Vec<Level> = Vec::with_capacity(sizes.len());
        for level in 0..sizes.len() {
            levels.push(Level::new(&plan, &sizes, level, &windows, &endless, levels.last()));
        }
        let mut layout = Self {
            plan,
            sizes,
            levels,
            spans: Vec::new(),
            endless,
            grace: options.grace_ms.clamp(0, TIME_MAX / 4),
            future_max: options.future_max,
            is_durable: options.is_durable,
            seed: options.seed,
        };
        let mut spans: Vec<Option<Window>> = windows.into_iter().map(Some).collect();
        if !layout.endless.is_empty() {
            spans.push(None);
        }
        layout.spans = spans.into_iter().map(|window| layout.span(window)).collect();
        Ok(layout)
    }

    fn span(&self, window: Option<Window>) -> Span {
        let top = self.sizes.len() - 1;
        let (first, last) = window.map_or((top, top), |w| chain(&self.sizes, w));
        let is_here = |w: Option<Window>| w.map(Window::millis) == window.map(Window::millis);
        let place = |slot: usize, level: &Level| level.slots.iter().position(|s| *s == slot).unwrap_or(0);
        let columns = self.plan.columns.iter().enumerate().filter(|(_, c)| is_here(c.window));
        let columns = columns
            .map(|(column, output)| Place {
                column,
                slot: output.slot,
                reach: self.plan.slots[output.slot].reach,
                in_tile: self.levels[..=last].iter().map(|level| place(output.slot, level)).collect(),
                in_base: self.endless.iter().position(|s| *s == output.slot).unwrap_or(0),
            })
            .collect();
        Span { window, first, last, columns }
    }

    /// What is kept when the present is `now`.
    pub fn bounds(&self, now: i64) -> Bounds {
        let since = now.saturating_sub(self.grace);
        let top = self.sizes.last().copied().unwrap_or(1);
        let base = interval(since, top);
        let floor = |level: &Level| {
            let tails = level.windows.iter().map(|w| interval(w.tail(since), level.size));
            tails.min().unwrap_or(base)
        };
        Bounds { now, floors: self.levels.iter().map(floor).collect(), base }
    }

    /// From when on rows are within reach of all that they change: the tiles of each level, and not the base.
    pub fn quick_since(&self, bounds: &Bounds) -> i64 {
        let floors = self.levels.iter().zip(&bounds.floors).filter(|(level, _)| level.is_direct);
        let base = if self.endless.is_empty() { -TIME_MAX } else { bounds.base };
        floors.map(|(_, floor)| *floor).fold(base, i64::max).max(-TIME_MAX)
    }

    #[inline]
    pub fn hash(&self, key: &[u8]) -> u64 {
        xxhash_rust::xxh3::xxh3_64_with_seed(key, self.seed)
    }
}

/// The levels that serve a window: from the largest size that divides its hop to the largest that fits well within it.
fn chain(sizes: &[i64], window: Window) -> (usize, usize) {
    let first = sizes.iter().rposition(|size| window.hop() % size == 0).unwrap_or(0);
    let last = sizes.iter().rposition(|size| layers::is_served(window, *size)).unwrap_or(first);
    (first, last.max(first))
}

impl Level {
    fn new(
        plan: &Plan,
        sizes: &[i64],
        level: usize,
        windows: &[Window],
        endless: &[usize],
        smaller: Option<&Self>,
    ) -> Self {
        let is_here = |w: &Window| {
            let (first, last) = chain(sizes, *w);
            (first..=last).contains(&level)
        };
        let columns = plan.columns.iter().filter(|c| c.window.as_ref().is_some_and(is_here));
        let mut slots: Vec<usize> = columns.map(|c| c.slot).collect();
        slots.sort_unstable();
        slots.dedup();
        let windowed = slots.len();
        if level + 1 == sizes.len() {
            slots.extend_from_slice(endless);
        }
        let windows = windows.iter().copied().filter(is_here).collect();
        let is_lazy = !slots.is_empty()
            && smaller.is_some_and(|smaller| slots.iter().all(|slot| smaller.slots.contains(slot)));
        let shape = Shape::new(plan, &slots);
        let is_direct = !is_lazy && !slots.is_empty();
        Self { size: sizes[level], slots, windowed, is_lazy, is_direct, shape, windows }
    }
}
