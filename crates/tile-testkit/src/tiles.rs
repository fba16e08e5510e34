//! What every [`TileStore`] must do. A store's own tests call [`check`], and [`check_durable`] where it outlives the process.

use std::ops::Deref;
use std::sync::Arc;
use tile_base::tiles::{TileChange, TileEntry, TileStore};

/// Names that a careless store would mix up, split, or take for a path.
const HOSTILE: &[&str] = &[
    "",
    "a",
    "a\0",
    "a\0\0",
    "a\0b",
    "ab",
    "A",
    "../../etc/passwd",
    "/",
    ".",
    "a/b",
    "a.b",
    "*",
    "é",
    "\u{FFFD}",
    "😀",
    "'; drop table tiles; --",
    "\r\nFLUSHALL\r\n",
];

#[expect(clippy::panic, reason = "a suite fails by a panic, as assertions do")]
fn good<T>(result: tile_base::Result<T>) -> T {
    result.unwrap_or_else(|error| panic!("{error}"))
}

fn put(key: &[u8], size: i64, start: i64, version: u64, text: &str) -> TileChange {
    let entry = TileEntry { size, start, version, bytes: text.as_bytes().to_vec() };
    TileChange::Put { key: key.to_vec(), entry }
}

fn texts(store: &dyn TileStore, group: &str, key: &[u8]) -> Vec<(i64, i64, String)> {
    let tiles = good(store.read(group, &[key])).remove(0);
    let text = |tile: TileEntry| (tile.size, tile.start, String::from_utf8_lossy(&tile.bytes).into_owned());
    tiles.into_iter().map(text).collect()
}

fn commit(store: &dyn TileStore, group: &str, changes: &[TileChange], offset: &str) {
    good(store.commit(group, changes, offset.as_bytes()));
}

/// All but that it outlives its process. The store is empty, and is so again afterwards.
///
/// # Panics
/// Where the store does something else.
pub fn check<S: TileStore + 'static>(store: &Arc<S>) {
    nothing_is_there(&**store);
    tiles_are_put_read_and_removed(&**store);
    of_two_versions_the_higher_stays(&**store);
    keys_are_scanned_in_order(&**store);
    groups_do_not_mix(&**store);
    many_keys_are_read_at_once(&**store);
    two_writers_do_not_disturb_each_other(store);
    nothing_is_there(&**store);
}

/// All, for a store that `open` opens anew each time.
///
/// # Panics
/// Where the store does something else.
pub fn check_durable<S: TileStore + 'static>(open: &mut dyn FnMut() -> tile_base::Result<S>) {
    let mut open = || good(open());
    check(&Arc::new(open()));
    let store = open();
    commit(&store, "stays", &[put(b"k", 300, 600, 3, "three"), put(b"k", 0, 0, 1, "base")], "one");
    commit(&store, "stays", &[put(b"k", 300, 600, 4, "four"), put(b"l", 300, 0, 4, "l")], "two");
    commit(&store, "goes", &[put(b"k", 300, 600, 3, "gone")], "one");
    good(store.forget("goes"));
    drop(store);
    let store = open();
    assert_eq!(texts(&store, "stays", b"k"), [(0, 0, "base".into()), (300, 600, "four".into())]);
    assert_eq!(store.offset("stays").ok().flatten().as_deref(), Some(&b"two"[..]));
    assert_eq!(store.groups().ok(), Some(vec!["stays".to_owned()]));
    assert!(texts(&store, "goes", b"k").is_empty());
    commit(&store, "stays", &[put(b"k", 300, 600, 2, "stale")], "three");
    drop(store);
    let store = open();
    assert_eq!(texts(&store, "stays", b"k")[1].2, "four", "a stale version won after a restart");
    assert_eq!(store.offset("stays").ok().flatten().as_deref(), Some(&b"three"[..]));
    good(store.forget("stays"));
    nothing_is_there(&store);
}

fn nothing_is_there(store: &dyn TileStore) {
    assert_eq!(store.groups().ok(), Some(Vec::new()));
    assert_eq!(store.offset("g").ok(), Some(None));
    assert!(texts(store, "g", b"k").is_empty());
    assert!(store.scan("g", None, 10).is_ok_and(|keys| keys.is_empty()));
    assert!(store.forget("g").is_ok(), "to forget what is not there is no error");
}

fn tiles_are_put_read_and_removed(store: &dyn TileStore) {
    let changes = [
        put(b"k", 300, 600, 1, "b"),
        put(b"k", 300, -300, 1, "a"),
        put(b"k", 86_400, 0, 1, "c"),
        put(b"k", 0, 0, 1, "base"),
        put(b"other", 300, 0, 1, ""),
    ];
    commit(store, "g", &changes, "1");
    let all: Vec<(i64, i64, String)> = [(0, 0, "base"), (300, -300, "a"), (300, 600, "b"), (86_400, 0, "c")]
        .map(|t| (t.0, t.1, t.2.into()))
        .into();
    assert_eq!(texts(store, "g", b"k"), all);
    assert_eq!(texts(store, "g", b"other"), [(300, 0, String::new())]);
    let remove = |size, start| TileChange::Remove { key: b"k".to_vec(), size, start };
    commit(store, "g", &[remove(300, -300), remove(7, 7), put(b"k", 300, 600, 2, "new")], "2");
    assert_eq!(texts(store, "g", b"k"), [all[0].clone(), (300, 600, "new".into()), all[3].clone()]);
    assert_eq!(store.offset("g").ok().flatten().as_deref(), Some(&b"2"[..]));
    commit(store, "g", &[], "3");
    assert_eq!(store.offset("g").ok().flatten().as_deref(), Some(&b"3"[..]), "an offset alone is a commit");
    // Within one commit the last change of a tile counts, as if each were one of its own.
    commit(store, "g", &[put(b"k", 300, 0, 5, "x"), remove(300, 0)], "4");
    assert!(!texts(store, "g", b"k").iter().any(|t| t.2 == "x"));
    commit(store, "g", &[remove(300, 600), put(b"k", 300, 600, 1, "again")], "5");
    assert!(texts(store, "g", b"k").iter().any(|t| t.2 == "again"));
    assert!(store.forget("g").is_ok());
}

fn of_two_versions_the_higher_stays(store: &dyn TileStore) {
    commit(store, "g", &[put(b"k", 300, 0, 5, "five")], "1");
    commit(store, "g", &[put(b"k", 300, 0, 4, "four")], "2");
    assert_eq!(texts(store, "g", b"k")[0].2, "five");
    commit(store, "g", &[put(b"k", 300, 0, 6, "six"), put(b"k", 300, 0, 3, "three")], "3");
    assert_eq!(texts(store, "g", b"k")[0].2, "six");
    commit(store, "g", &[put(b"k", 300, 0, u64::MAX, "last")], "4");
    assert_eq!(texts(store, "g", b"k")[0].2, "last");
    assert!(store.forget("g").is_ok());
    commit(store, "g", &[put(b"k", 300, 0, 1, "anew")], "1");
    assert_eq!(texts(store, "g", b"k")[0].2, "anew", "what was forgotten has no version");
    assert!(store.forget("g").is_ok());
}

fn keys_are_scanned_in_order(store: &dyn TileStore) {
    let mut keys: Vec<Vec<u8>> = (0..100_u8).map(|n| vec![n / 10, n % 10]).collect();
    keys.extend([vec![], vec![0], vec![0, 0], vec![0, 0, 255], vec![255], vec![255; 40]]);
    let changes: Vec<TileChange> =
        keys.iter().flat_map(|key| [put(key, 300, 0, 1, "a"), put(key, 300, 300, 1, "b")]).collect();
    commit(store, "g", &changes, "1");
    commit(store, "h", &[put(b"not of g", 300, 0, 1, "a")], "1");
    keys.sort();
    keys.dedup();
    let (mut found, mut after): (Vec<Vec<u8>>, Option<Vec<u8>>) = (Vec::new(), None);
    loop {
        let part = good(store.scan("g", after.as_deref(), 7));
        assert!(part.len() <= 7 && part.iter().all(|(_, tiles)| tiles.len() == 2));
        let Some(last) = part.last() else { break };
        after = Some(last.0.clone());
        found.extend(part.into_iter().map(|(key, _)| key));
    }
    assert_eq!(found, keys);
    assert!(store.scan("g", None, 0).is_ok_and(|keys| keys.is_empty()));
    assert!(store.forget("g").is_ok() && store.forget("h").is_ok());
}

fn groups_do_not_mix(store: &dyn TileStore) {
    for name in HOSTILE {
        commit(store, name, &[put(b"k", 300, 0, 1, name), put(name.as_bytes(), 600, 0, 1, name)], name);
    }
    let mut names: Vec<String> = HOSTILE.iter().map(ToString::to_string).collect();
    names.sort();
    assert_eq!(store.groups().ok(), Some(names));
    for (at, name) in HOSTILE.iter().enumerate() {
        assert_eq!(texts(store, name, b"k"), [(300, 0, (*name).to_owned())], "{name:?}");
        assert_eq!(store.offset(name).ok().flatten().as_deref(), Some(name.as_bytes()), "{name:?}");
        assert_eq!(store.scan(name, None, 9).map(|keys| keys.len()).ok(), Some(2), "{name:?}");
        assert!(store.forget(name).is_ok());
        assert!(texts(store, name, b"k").is_empty(), "{name:?}");
        assert_eq!(store.groups().map(|g| g.len()).ok(), Some(HOSTILE.len() - at - 1), "{name:?}");
    }
}

fn many_keys_are_read_at_once(store: &dyn TileStore) {
    let keys: Vec<Vec<u8>> = (0..1000_u32).map(|n| n.to_be_bytes().to_vec()).collect();
    let changes: Vec<TileChange> = keys.iter().map(|key| put(key, 300, 0, 1, "x")).collect();
    commit(store, "g", &changes, "1");
    let mut asked: Vec<&[u8]> = keys.iter().rev().map(Deref::deref).collect();
    asked.insert(500, b"unknown");
    let found = good(store.read("g", &asked));
    let lengths: Vec<usize> = found.iter().map(Vec::len).collect();
    assert_eq!(found.len(), 1001);
    assert!(lengths.iter().enumerate().all(|(at, length)| *length == usize::from(at != 500)));
    assert!(store.forget("g").is_ok());
}

/// Each writes its own keys and, with versions that interleave, those of both.
fn two_writers_do_not_disturb_each_other<S: TileStore + 'static>(store: &Arc<S>) {
    std::thread::scope(|scope| {
        for writer in 0..2_u64 {
            scope.spawn(move || {
                for round in 0..25 {
                    let version = round * 2 + writer;
                    let text = version.to_string();
                    let own = writer.to_be_bytes();
                    let changes = [put(b"shared", 300, 0, version, &text), put(&own, 300, 0, version, &text)];
                    commit(&**store, "g", &changes, &text);
                }
            });
        }
    });
    assert_eq!(texts(&**store, "g", b"shared"), [(300, 0, "49".to_owned())]);
    for writer in 0..2_u64 {
        let tiles = texts(&**store, "g", &writer.to_be_bytes());
        assert_eq!(tiles, [(300, 0, (48 + writer).to_string())]);
    }
    assert!(store.forget("g").is_ok());
}
