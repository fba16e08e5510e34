//! Followers of a table that changes: whatever comes in which order, and across restarts, values are those of the table as it is.

use super::tests::{DAY, HOUR, House, Rows, becomes_at, files, quick, served};
use super::*;
use crate::value::Value;

const NIGHT: i64 = DAY / (24 * HOUR);

/// Ratings of customers: a snapshot each day, and the changes since.
fn definition(more: &str) -> String {
    format!(
        r#"{{"metaData":{{"name":"shop.ratings.v1","online":1}},"keyColumns":["customer"],
        "sources":[{{"entities":{{"snapshotTable":"ratings",{more}"query":{{"selects":
        {{"customer":"customer","stars":"stars"}},"timeColumn":"at","setups":[]}}}}}}],
        "aggregations":[{{"inputColumn":"stars","operation":7,"argMap":{{}}}},
        {{"inputColumn":"stars","operation":1,"argMap":{{}},"windows":[{{"length":2,"timeUnit":1}}]}}]}}"#
    )
}

const CHANGES: &str = r#""mutationTable":"changes","mutationTopic":"t","#;

/// A row of a snapshot: customer, stars, its time, its day.
fn row(customer: &str, stars: i64, at: i64, day: i64) -> Vec<Value> {
    vec![Value::Text(customer.into()), Value::Int(stars), Value::Int(at), Value::Int(day)]
}

/// An image: customer, stars, its time, when it changed, whether it is that before.
fn image(customer: &str, stars: i64, at: i64, changed: i64, is_before: bool) -> Vec<Value> {
    let mut row = row(customer, stars, at, changed);
    row.push(Value::Bool(is_before));
    row
}

fn tables(house: &House) -> (Rows, Rows) {
    let snapshots = house.rows("ratings", &["customer:text", "stars", "at", "ds"]);
    let changes = house.rows("changes", &["customer:text", "stars", "at", "mutation_ts", "is_before:bool"]);
    (snapshots, changes)
}

fn pair(sum: i64, max: i64) -> [Value; 2] {
    [Value::Int(sum), Value::Int(max)]
}

const NOTHING: [Value; 2] = [Value::Null, Value::Null];
const NAME: &str = "shop.ratings.v1";

#[tokio::test(flavor = "multi_thread")]
async fn changes_of_a_table_are_followed() {
    let house = House::new();
    let (snapshots, changes) = tables(&house);
    let (old, new) = (DAY - 30 * HOUR, DAY + HOUR);
    // Older snapshots do not count, nor that of a day which is not over.
    snapshots.add(&[
        row("Alice", 100, old, NIGHT - 3),
        row("Alice", 3, old, NIGHT - 1),
        row("Bob", 5, old, NIGHT - 1),
    ]);
    snapshots.add(&[row("Alice", 1_000, old, NIGHT)]);
    // What changed before the end of the snapshot's day is in it already.
    changes.add(&[image("Alice", 50, old, DAY - 1, false), image("Alice", 2, new, DAY + HOUR, false)]);
    let hub = house.hub(quick());
    let all = files(&[("features/a", definition(CHANGES))]);
    assert!(hub.define(&all).unwrap().is_empty());
    becomes_at(&hub, NAME, "Alice", None, &pair(5, 3)).await;
    becomes_at(&hub, NAME, "Bob", None, &pair(5, 5)).await;
    // An update, in the wrong order; a row goes, and the largest is another one.
    changes
        .add(&[image("Alice", 4, new, DAY + 2 * HOUR, false), image("Alice", 3, old, DAY + 2 * HOUR, true)]);
    becomes_at(&hub, NAME, "Alice", None, &pair(6, 4)).await;
    changes.add(&[image("Bob", 5, old, DAY + 3 * HOUR, true), image("Carl", 1, new, DAY + 20 * HOUR, false)]);
    becomes_at(&hub, NAME, "Bob", None, &NOTHING).await;
    // What has not happened yet is not seen, and what was is still known.
    becomes_at(&hub, NAME, "Carl", None, &NOTHING).await;
    becomes_at(&hub, NAME, "Carl", Some(DAY + 21 * HOUR), &pair(1, 1)).await;
    becomes_at(&hub, NAME, "Alice", Some(DAY + HOUR + 1), &pair(5, 3)).await;
    becomes_at(&hub, NAME, "Alice", Some(DAY), &pair(3, 3)).await;
    becomes_at(&hub, NAME, "Alice", Some(DAY - 24 * HOUR), &pair(100, 100)).await;
    becomes_at(&hub, NAME, "Bob", Some(DAY + HOUR), &pair(5, 5)).await;
    hub.stop().await;
    // After a restart only what is new is read; an image that came too early waits for its row.
    let before = changes.read();
    changes
        .add(&[image("Dora", 7, new, DAY + 4 * HOUR, true), image("Alice", 1, new, DAY + 5 * HOUR, false)]);
    let hub = house.hub(quick());
    hub.define(&all).unwrap();
    becomes_at(&hub, NAME, "Alice", None, &pair(7, 4)).await;
    assert_eq!(changes.read() - before, 2);
    changes
        .add(&[image("Dora", 7, new, DAY + 3 * HOUR, false), image("Dora", 2, new, DAY + 4 * HOUR, false)]);
    becomes_at(&hub, NAME, "Dora", None, &pair(2, 2)).await;
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_snapshot_is_served() {
    let house = House::new();
    let (snapshots, changes) = tables(&house);
    snapshots.add(&[row("Alice", 3, DAY - HOUR, NIGHT - 1)]);
    changes.add(&[image("Alice", 2, DAY, DAY + HOUR, false)]);
    let hub = house.hub(quick());
    let all = files(&[("features/a", definition(CHANGES))]);
    hub.define(&all).unwrap();
    becomes_at(&hub, NAME, "Alice", None, &pair(5, 3)).await;
    // More of the snapshot, late; then that of this day, which counts when the day is over.
    snapshots.add(&[row("Bob", 4, DAY - HOUR, NIGHT - 1)]);
    becomes_at(&hub, NAME, "Bob", None, &pair(4, 4)).await;
    snapshots.add(&[row("Alice", 30, DAY, NIGHT)]);
    becomes_at(&hub, NAME, "Alice", None, &pair(5, 3)).await;
    house.wait(24 * HOUR);
    changes.add(&[image("Alice", 1, DAY, DAY + 25 * HOUR, false)]);
    becomes_at(&hub, NAME, "Alice", None, &pair(31, 30)).await;
    becomes_at(&hub, NAME, "Bob", None, &NOTHING).await;
    becomes_at(&hub, NAME, "Bob", Some(DAY + HOUR), &pair(4, 4)).await;
    hub.stop().await;
    // Rows that were replaced while nobody looked.
    snapshots.replace(&[row("Carl", 9, DAY, NIGHT)]);
    let hub = house.hub(quick());
    hub.define(&all).unwrap();
    becomes_at(&hub, NAME, "Carl", None, &pair(9, 9)).await;
    becomes_at(&hub, NAME, "Alice", None, &pair(1, 1)).await;
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_without_changes_is_as_of_its_snapshot() {
    let house = House::new();
    let (snapshots, _) = tables(&house);
    snapshots.add(&[row("Alice", 3, DAY - HOUR, NIGHT - 1), row("Alice", 9, DAY - 60 * HOUR, NIGHT - 1)]);
    snapshots.add(&[row("Alice", 1, DAY - 100 * HOUR, NIGHT - 5)]);
    let hub = house.hub(quick());
    hub.define(&files(&[("features/a", definition(""))])).unwrap();
    becomes_at(&hub, NAME, "Alice", None, &pair(12, 3)).await;
    becomes_at(&hub, NAME, "Alice", Some(DAY - HOUR), &[Value::Int(1), Value::Int(1)]).await;
    hub.stop().await;
    // Changes need to know what the snapshot holds already.
    let house = House::new();
    house.rows("ratings", &["customer:text", "stars", "at"]);
    house.rows("changes", &["customer:text", "stars", "at", "mutation_ts", "is_before:bool"]);
    let hub = house.hub(quick());
    hub.define(&files(&[("features/a", definition(CHANGES))])).unwrap();
    super::tests::until("it is not told", async || !house.told().is_empty()).await;
    assert!(house.told()[0].what.contains("`ds`"), "{:?}", house.told());
    assert_eq!(served(&hub, NAME).running().err().unwrap().kind, Kind::Invalid);
    hub.stop().await;
}

/// Rows come, change and go at random, with restarts between: in the end everything is as in the table.
#[tokio::test(flavor = "multi_thread")]
async fn any_history_gives_the_table() {
    let mut seed: u64 = 88_172_645_463_325_252;
    let mut chance = move |below: u64| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed % below
    };
    let number = |x: u64| i64::try_from(x).unwrap();
    let house = House::new();
    let (snapshots, changes) = tables(&house);
    let mut table: Vec<(usize, i64, i64)> = Vec::new();
    let names = ["Alice", "Bob", "Carl"];
    for _ in 0..20 {
        let one = (usize::try_from(chance(3)).unwrap(), number(chance(9)), DAY - number(chance(80)) * HOUR);
        table.push(one);
        snapshots.add(&[row(names[one.0], one.1, one.2, NIGHT - 1)]);
    }
    let all = files(&[("features/a", definition(CHANGES))]);
    let mut hub = house.hub(quick());
    hub.define(&all).unwrap();
    let mut at = DAY;
    for step in 0..120 {
        at += number(chance(300_000));
        let mut images = Vec::new();
        if chance(3) > 0 && !table.is_empty() {
            let gone = table.swap_remove(usize::try_from(chance(table.len() as u64)).unwrap());
            images.push(image(names[gone.0], gone.1, gone.2, at, true));
        }
        if chance(3) > 0 {
            let one =
                (usize::try_from(chance(3)).unwrap(), number(chance(9)), at - number(chance(60)) * HOUR);
            table.push(one);
            images.push(image(names[one.0], one.1, one.2, at, false));
        }
        changes.add(&images);
        if step % 20 == 7 {
            for (of, name) in names.iter().enumerate() {
                let own = || table.iter().filter(|r| r.0 == of);
                let (now, hop) = (DAY + 12 * HOUR, HOUR);
                let tail = (now - 48 * HOUR).div_euclid(hop) * hop;
                let value = |x: Option<i64>| x.map_or(Value::Null, Value::Int);
                let sum = own().next().map(|_| own().map(|r| r.1).sum());
                let wanted =
                    [value(sum), value(own().filter(|r| r.2 >= tail && r.2 < now).map(|r| r.1).max())];
                becomes_at(&hub, NAME, name, None, &wanted).await;
            }
            hub.stop().await;
            hub = house.hub(quick());
            hub.define(&all).unwrap();
        }
    }
    hub.stop().await;
}
