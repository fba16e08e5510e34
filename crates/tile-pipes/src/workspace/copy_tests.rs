//! Copies of many rows, over a database on the disk: what a restart and a kill find.

use super::copy::{Run, run};
use super::tests::{Fixed, deployed, functions, sql};
use super::{Which, Workspace};
use crate::sharing::Shares;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tile_base::Cancel;
use tile_duck::{Engine, Limits};

const FROM: (&str, &str) = (
    "numbered.pipe",
    "NODE a\nSQL >\n    SELECT number AS n, toString(number) AS t FROM numbers(400000)\nTYPE copy\nTARGET_DATASOURCE many\n",
);
const MANY: (&str, &str) = (
    "many.datasource",
    "SCHEMA >\n    `n` UInt64,\n    `t` String\n\nENGINE MergeTree\nENGINE_SORTING_KEY n\n",
);
const SEEN: (&str, &str) =
    ("seen.datasource", "SCHEMA >\n    `n` UInt64\n\nENGINE MergeTree\nENGINE_SORTING_KEY n\n");
const VIEW: (&str, &str) =
    ("view.pipe", "NODE a\nSQL >\n    SELECT n FROM many\nTYPE materialized\nDATASOURCE seen\n");
const COUNT: &str = "SELECT count() AS c, uniqExact(n) AS u, max(toUInt64(t)) AS m FROM many";

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("tile-copies-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

fn open(path: &Path) -> Workspace {
    let engine = Arc::new(Engine::open(path, Limits::default(), &functions()).unwrap());
    let next = AtomicU64::new(1);
    let ids = Arc::new(move || format!("{:04}", next.fetch_add(1, Ordering::Relaxed)));
    Workspace::open(engine, "w", "main", Arc::new(Fixed), ids, Shares::default()).unwrap()
}

/// The files of a database as a kill leaves them.
fn killed(folder: &Folder, to: &Folder) -> PathBuf {
    for entry in std::fs::read_dir(&folder.0).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_file() {
            std::fs::copy(entry.path(), to.0.join(entry.file_name())).unwrap();
        }
    }
    to.0.join("rows")
}

fn copied(w: &Workspace, id: &str, is_replacing: bool) -> u64 {
    let is_replacing = Some(is_replacing);
    let cancel = Cancel::default();
    let which = Which::Live;
    run(w, &Run { which, pipe: "numbered", params: &[], is_replacing, id, cancel: &cancel }, &|_, _| Ok(()))
        .unwrap()
}

fn held(files: &[(&str, &str)], name: &str) {
    let (folder, other) = (Folder::new(name), Folder::new(&format!("{name}-killed")));
    let path = folder.0.join("rows");
    let w = open(&path);
    deployed(&w, files);
    let mut rows = 0;
    for (id, is_replacing) in [("1", false), ("2", false), ("3", true), ("4", true), ("5", false)] {
        assert_eq!(copied(&w, id, is_replacing), 400_000, "{id}");
        rows = if is_replacing { 400_000 } else { rows + 400_000 };
        let count = format!("{{\"c\":{rows},\"u\":400000,\"m\":399999}}\n");
        assert_eq!(sql(&w, COUNT), count, "{id}");
        let left = open(&killed(&folder, &other));
        assert_eq!(sql(&left, COUNT), count, "{id}, killed");
        if files.len() > 2 {
            let seen = format!("{{\"c\":{}}}\n", id.parse::<u64>().unwrap() * 400_000);
            assert_eq!(sql(&left, "SELECT count() AS c FROM seen"), seen, "{id}");
        }
        drop(left);
        std::fs::remove_dir_all(&other.0).unwrap();
        std::fs::create_dir(&other.0).unwrap();
    }
    drop(w);
    let w = open(&path);
    assert_eq!(sql(&w, COUNT), "{\"c\":800000,\"u\":400000,\"m\":399999}\n");
}

#[test]
fn a_copy_of_many_rows_is_there_after_a_restart() {
    held(&[MANY, FROM], "alone");
}

#[test]
fn a_copy_of_many_rows_that_a_view_sees_is_there_after_a_restart() {
    held(&[MANY, FROM, SEEN, VIEW], "seen");
}
