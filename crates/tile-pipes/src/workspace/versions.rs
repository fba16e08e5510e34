//! Whether data sources changed: numbers that only grow, for results that are kept a while, and calls to who waits for rows.

use super::resources::Resources;
use parking_lot::Mutex;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};

/// Changes since the process began.
#[derive(Default)]
pub struct Versions {
    /// Of all data sources at once.
    all: AtomicU64,
    each: Mutex<BTreeMap<String, u64>>,
    watchers: Arc<Mutex<Watchers>>,
}

/// Who waits for a change, by the name of a data source.
#[derive(Default)]
struct Watchers {
    next: u64,
    each: BTreeMap<(String, u64), Wake>,
}

/// Returns at once.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// Somebody waits as long as this is held.
struct Watching {
    watchers: Weak<Mutex<Watchers>>,
    key: (String, u64),
}

impl Drop for Watching {
    fn drop(&mut self) {
        if let Some(watchers) = self.watchers.upgrade() {
            watchers.lock().each.remove(&self.key);
        }
    }
}

impl Versions {
    /// Notes that something may have changed anywhere: definitions, secrets, rows of any data source.
    pub fn all_changed(&self) {
        // Numbers of data sources that are gone are not needed any more; the sum must not shrink.
        let mut each = self.each.lock();
        let sum: u64 = each.values().sum();
        each.clear();
        self.all.fetch_add(sum + 1, Ordering::Relaxed);
        drop(each);
        self.wake(|_| true);
    }

    /// Calls `wake` after each change of a data source's rows or definition, until what this gives is dropped.
    pub fn watch(&self, name: &str, wake: Wake) -> Box<dyn Send + Sync> {
        let mut watchers = self.watchers.lock();
        watchers.next += 1;
        let key = (name.to_owned(), watchers.next);
        watchers.each.insert(key.clone(), wake);
        Box::new(Watching { watchers: Arc::downgrade(&self.watchers), key })
    }

    fn wake(&self, is_meant: impl Fn(&str) -> bool) {
        let watchers = self.watchers.lock();
        let meant: Vec<Wake> =
            watchers.each.iter().filter(|((name, _), _)| is_meant(name)).map(|(_, w)| w.clone()).collect();
        drop(watchers);
        meant.iter().for_each(|wake| wake());
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
        for name in &seen {
            match each.get_mut(*name) {
                Some(number) => *number += 1,
                None => drop(each.insert((*name).to_owned(), 1)),
            }
        }
        drop(each);
        self.wake(|name| seen.contains(name));
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

    #[test]
    fn who_waits_is_called_until_it_leaves() {
        let (versions, calls) = (Versions::default(), Arc::new(AtomicU64::new(0)));
        let counted = calls.clone();
        let count = move || {
            counted.fetch_add(1, Ordering::Relaxed);
        };
        let watching = versions.watch("a", Arc::new(count));
        let resources = Resources::default();
        versions.changed(&resources, ["b"].into_iter());
        assert_eq!(calls.load(Ordering::Relaxed), 0);
        versions.changed(&resources, ["a"].into_iter());
        versions.all_changed();
        assert_eq!(calls.load(Ordering::Relaxed), 2);
        drop(watching);
        versions.all_changed();
        assert_eq!(calls.load(Ordering::Relaxed), 2);
        assert!(versions.watchers.lock().each.is_empty());
    }
}
