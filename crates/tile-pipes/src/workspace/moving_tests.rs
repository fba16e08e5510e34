//! Rows that arrive while others are moved, over the real engine.

use super::populate::{self, Population};
use super::staging_tests::{House, changed};
use super::tests::{DAILY, EVENTS, MV, ROWS, deployed, files, insert, sql};
use super::{Outcome, Ways, Which, Workspace, copy, store};
use std::sync::atomic::{AtomicBool, Ordering};
use tile_base::{Kind, Result, Transaction};
use tile_clicksql::engine_name;

/// So many that moving them lasts.
const OLD: usize = 500_000;
/// What the view makes, and the same from the rows.
const SEEN: &str =
    "SELECT kind, sum(n) AS n, uniqMerge(users) AS users FROM daily GROUP BY kind ORDER BY kind";
const RECOMPUTED: &str = "SELECT kind, count() AS n, uniq(user) AS users FROM events WHERE kind != 'bot' GROUP BY kind ORDER BY kind";

/// A workspace with many events that no view has seen.
fn grown(house: &House) -> Workspace {
    let w = house.open();
    deployed(&w, &[EVENTS]);
    let rows = engine_name(&w.live().source("events").unwrap().home.rows);
    let old = format!(
        "INSERT INTO {rows} SELECT TIMESTAMP '2024-02-01 00:00:00', (range % 50000)::VARCHAR, 1.5, \
         '61f0c404-5cb3-11e7-907b-a6006ad3dba0', 'old', DATE '2024-02-01' FROM range({OLD})"
    );
    w.engine().write(&mut |t: &dyn Transaction| t.execute(&old).map(drop)).unwrap();
    w
}

/// Does something while rows are moved. Gives what came of it, and how many rows arrived just then.
fn meanwhile<T: Send>(
    w: &Workspace,
    work: impl FnOnce() -> T + Send,
    mut other: impl FnMut() + Send,
) -> (T, usize) {
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let work = scope.spawn(|| {
            let done = work();
            is_over.store(true, Ordering::Relaxed);
            done
        });
        let is_moving = || !w.deployed().still.is_empty() || w.deployed().making.is_some();
        let mut arrived = 0;
        while !is_over.load(Ordering::Relaxed) {
            if is_moving() {
                other();
                insert(w, "events", ROWS);
                arrived += if is_moving() { 3 } else { 0 };
            }
        }
        (work.join().unwrap(), arrived)
    })
}

fn deploy(w: &Workspace, list: &[(&str, &str)]) -> Result<Outcome> {
    w.deploy(files(list), Ways { may_destroy: true, ..Ways::default() })
}

#[test]
fn a_new_view_is_filled_while_rows_arrive() {
    let house = House::new();
    let w = grown(&house);
    let (done, arrived) = meanwhile(&w, || deploy(&w, &[EVENTS, DAILY, MV]), || {});
    assert!(done.unwrap().faults.is_empty());
    assert!(arrived > 0, "rows waited for the view");
    assert_eq!(sql(&w, SEEN), sql(&w, RECOMPUTED));
    insert(&w, "events", ROWS);
    assert_eq!(sql(&w, SEEN), sql(&w, RECOMPUTED));
}

#[test]
fn rows_are_migrated_while_others_arrive_and_none_is_removed() {
    let house = House::new();
    let w = grown(&house);
    deployed(&w, &[EVENTS, DAILY, MV]);
    let text = changed();
    let new = [("events.datasource", text.as_str()), DAILY, MV];
    let mut refused = 0;
    let remove = || {
        let done = copy::delete(&w, Which::Live, "events", "kind = 'nobody'", false);
        match done {
            Err(e) => assert_eq!(e.kind, Kind::Conflict, "{e}"),
            // The rows were moved just now.
            Ok(_) => assert!(w.deployed().making.is_none()),
        }
        refused += 1;
    };
    let (done, arrived) = meanwhile(&w, || deploy(&w, &new), remove);
    assert!(done.unwrap().faults.is_empty());
    assert!(arrived > 0 && refused > 0, "rows waited for the migration");
    let wrong = "SELECT countIf(cents != ifNull(price, 0) * 100) AS n FROM events";
    assert_eq!(sql(&w, wrong), "{\"n\":0}\n");
    let arrived = sql(&w, "SELECT count() % 3 AS n FROM events WHERE kind != 'old'");
    assert_eq!(arrived, "{\"n\":0}\n");
    assert_eq!(sql(&w, SEEN), sql(&w, RECOMPUTED));
}

#[test]
fn a_view_is_filled_anew_while_rows_arrive() {
    let house = House::new();
    let w = grown(&house);
    deployed(&w, &[EVENTS, DAILY, MV]);
    let population = Population { is_truncating: true, condition: None };
    for _ in 0..2 {
        let (done, arrived) = meanwhile(&w, || populate::run(&w, "to_daily", &population), || {});
        done.unwrap();
        assert!(arrived > 0, "rows waited for the view");
        assert_eq!(sql(&w, SEEN), sql(&w, RECOMPUTED));
    }
    assert!(w.deployed().still.is_empty());
}

#[test]
fn a_row_that_the_new_deployment_cannot_take_ends_it() {
    let house = House::new();
    let w = grown(&house);
    let tables = house.tables();
    // Old users are numbers; those that arrive are none.
    let text = changed().replace("toUInt32(ifNull(price, 0) * 100)", "toUInt32(user)");
    let (done, _) = meanwhile(&w, || deploy(&w, &[("events.datasource", text.as_str())]), || {});
    let e = done.err().unwrap();
    assert_eq!(e.kind, Kind::Conflict, "{e}");
    assert!(e.what.contains("rows arrived that the new deployment cannot take"), "{e}");
    // Nothing is left of it, and it can be made anew.
    assert_eq!(house.tables(), tables);
    assert!(w.deployed().making.is_none() && w.deployed().still.is_empty());
    assert!(sql(&w, "SELECT cents FROM events").contains("cents"), "the live one knows nothing of it");
    deployed(&w, &[("events.datasource", changed().as_str())]);
}

#[test]
fn what_a_process_left_of_a_deployment_goes() {
    let house = House::new();
    let w = house.open();
    deployed(&w, &[EVENTS, DAILY, MV]);
    insert(&w, "events", ROWS);
    let tables = house.tables();
    let mut document = w.live().document.clone();
    document.id = "7".into();
    let home = document.homes.sources.get_mut("events").unwrap();
    (home.rows, home.quarantine) = ("ds_left".into(), "dq_left".into());
    w.engine()
        .write(&mut |t: &dyn Transaction| {
            t.execute("CREATE TABLE ds_left (a INT)")?;
            t.execute("CREATE TABLE dq_left (a INT)")?;
            store::put(t, "making", "7", &document)
        })
        .unwrap();
    assert_eq!(house.tables(), tables + 2);
    let w = house.open();
    assert_eq!(house.tables(), tables);
    assert_eq!(sql(&w, "SELECT count() AS n FROM events"), "{\"n\":3}\n");
    assert_eq!(w.live().document.id, "1");
}
