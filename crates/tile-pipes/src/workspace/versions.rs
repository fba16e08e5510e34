//! Whether data sources changed: numbers that only grow. For results that are kept a while.

use super::resources::Resources;
use parking_lot::Mutex;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};

/// Changes since the process began.
#[derive(Default)]
pub struct Versions {
    /// Of all data sources at once.
    all: AtomicU64,
    each: Mutex<BTreeMap<String, u64>>,
}

impl Versions {
    /// Notes that something may have changed anywhere: definitions, secrets, rows of any data source.
    pub fn all_changed(&self) {
        // Numbers of data sources that are gone are not needed any more; the sum must not shrink.
        let mut each = self.each.lock();
        let sum: u64 = each.values().sum();
        each.clear();
        self.all.fetch_add(sum + 1, Ordering::Relaxed);
    }

    /// Notes that rows came into data sources, and by views into others.
    pub fn changed<'a>(&self, resources: &'a Resources, sources: impl Iterator<Item = &'a str>) {
        let mut wanted: Vec<&str> = sources.collect();
        let mut seen = BTreeSet::new();
        while let Some(name) = wanted.pop() {
            if seen.insert(name) {
                let views = resources.views.get(name).into_iter().flatten();
                wanted.extend(views.map(|view| view.target.as_str()));
            }
        }
        let mut each = self.each.lock();
        for name in seen {
            match each.get_mut(name) {
                Some(number) => *number += 1,
                None => drop(each.insert(name.to_owned(), 1)),
            }
        }
    }

    /// A number that is another one after any of these changed.
    pub fn of(&self, sources: &[String]) -> u64 {
        let each = self.each.lock();
        let sum: u64 = sources.iter().filter_map(|name| each.get(name)).sum();
        self.all.load(Ordering::Relaxed) + sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_reaches_what_views_fill() {
        let mut resources = Resources::default();
        let view = super::super::resources::View { pipe: "p".into(), target: "b".into(), sql: String::new() };
        resources.views.insert("a".into(), vec![view]);
        let versions = Versions::default();
        let of = |name: &str| versions.of(&[name.to_owned()]);
        versions.changed(&resources, ["a"].into_iter());
        assert_eq!((of("a"), of("b"), of("c")), (1, 1, 0));
        versions.all_changed();
        assert!(of("a") > 1 && of("b") > 1 && of("c") > 0);
    }
}
