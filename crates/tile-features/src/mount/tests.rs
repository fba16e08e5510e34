//! Keys and values of a hub, as nodes of the catalog.

use super::{Features, KEY, Limits, Owner};
use crate::hub::Hub;
use crate::hub::tests::{COUNT, DAY, HOUR, House, LAST, SELECTS, compiled, files, quick, until};
use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use std::sync::Arc;
use tile_base::foreign::ForeignTables;
use tile_base::mount::{Content, Mount, Mounted, MountedTable};
use tile_base::{Action, Grant, Kind, Principal, Resource, ResourceKind, Result, TokenPrincipal};

const NAME: &str = "shop.cream.v1";

fn token(workspace: &str, grants: Vec<Grant>) -> Principal {
    Principal::Token(Arc::new(TokenPrincipal {
        workspace_id: Some(workspace.to_owned()),
        user_id: None,
        token_id: None,
        token_name: "test".into(),
        grants,
        rps_max: None,
        expires_us: None,
    }))
}

fn admin() -> Principal {
    token("w1", vec![Grant::new(Action::Admin, Resource::all(ResourceKind::Workspace))])
}

fn reader(name: &str) -> Principal {
    token("w1", vec![Grant::new(Action::Read, Resource::named(ResourceKind::Feature, name))])
}

fn mount(hub: &Arc<Hub>, keys_max: usize) -> Features {
    let owner = Owner { id: "w1".into(), name: "Shop".into() };
    Features::new(hub.clone(), owner, Limits { keys_max, ..Limits::default() }, 1)
}

fn find(mount: &Features, caller: &Principal, path: &str) -> Result<Option<Mounted>> {
    let path: Vec<String> = path.split('/').filter(|key| !key.is_empty()).map(str::to_owned).collect();
    mount.find(caller, &path)
}

fn keys(mount: &Features, caller: &Principal, path: &str) -> Vec<String> {
    match find(mount, caller, path).unwrap().unwrap().content {
        Content::Container(keys) => keys,
        Content::Table(_) => panic!("{path} is a table"),
    }
}

fn table(mount: &Features, caller: &Principal) -> Arc<dyn MountedTable> {
    match find(mount, caller, &format!("Shop/group_bys/{NAME}")).unwrap().unwrap().content {
        Content::Table(table) => table,
        Content::Container(_) => panic!("no table"),
    }
}

/// Customers with their counts and last flavours.
fn rows(batch: &RecordBatch) -> Vec<(String, Option<i64>, Option<String>)> {
    let (who, last) = (batch.column(0).as_string::<i32>(), batch.column(2).as_string::<i32>());
    let count = batch.column(1).as_primitive::<Int64Type>();
    let each = (0..batch.num_rows()).map(|at| {
        let last = last.iter().nth(at).flatten().map(str::to_owned);
        (who.value(at).to_owned(), count.iter().nth(at).flatten(), last)
    });
    each.collect()
}

async fn served(house: &House) -> Arc<Hub> {
    let hub = Arc::new(house.hub(quick()));
    let text = compiled(NAME, SELECTS, &format!("{COUNT},{LAST}"), "");
    hub.define(&files(&[("features/a", text)])).unwrap();
    until("it is not served", async || hub.defined().groups[NAME].served.running().is_ok()).await;
    hub
}

#[tokio::test(flavor = "multi_thread")]
async fn each_key_has_a_row_in_one_partition() {
    let house = House::new();
    let names: Vec<&'static str> = (0..50).map(|n| &*format!("c{n:02}").leak()).collect();
    let at = |n: usize| Some(DAY + HOUR * i64::try_from(n % 12).unwrap());
    let sold: Vec<_> = names.iter().enumerate().map(|(n, name)| (Some(*name), "mint", at(n))).collect();
    house.table.add(&sold);
    let hub = served(&house).await;
    let mount = mount(&hub, 8);
    assert_eq!(mount.key(), KEY);
    assert_eq!(keys(&mount, &admin(), ""), ["Shop"]);
    assert_eq!(keys(&mount, &admin(), "Shop/group_bys"), [NAME]);
    let table = table(&mount, &admin());
    let fields: Vec<String> = table.schema().fields().iter().map(|f| f.name().clone()).collect();
    assert_eq!(fields, ["customer", "customer_count_6h", "flavour_last_6h"]);
    assert!(table.partitions() >= 7, "{}", table.partitions());
    let mut all = Vec::new();
    for partition in 0..table.partitions() {
        let batches = table.read(partition, &[0, 1, 2]).unwrap();
        assert!(batches[0].num_rows() <= 8);
        all.extend(rows(&batches[0]));
    }
    all.sort();
    // It is noon: who came at six or later has something.
    let recent = (0..50).filter(|n| n % 12 >= 6);
    let wanted: Vec<_> = recent.map(|n| (format!("c{n:02}"), Some(1), Some("mint".to_owned()))).collect();
    assert_eq!(all, wanted);
    // Columns come as they are asked for, and values as they are now.
    house.table.add(&[(Some("c11"), "lemon", Some(DAY + 12 * HOUR - 1))]);
    let is_lemon = || {
        let parts = (0..table.partitions()).map(|p| table.read(p, &[2]).unwrap()[0].clone());
        let mut last = parts.flat_map(|b| rows_of_text(&b));
        last.any(|flavour| flavour.as_deref() == Some("lemon"))
    };
    until("the new event is not seen", async || is_lemon()).await;
    hub.stop().await;
}

fn rows_of_text(batch: &RecordBatch) -> Vec<Option<String>> {
    assert_eq!(batch.num_columns(), 1);
    batch.column(0).as_string::<i32>().iter().map(|text| text.map(str::to_owned)).collect()
}

fn join(name: &str, parts: &[(&str, &str)], left: &str) -> String {
    let part = |(group, mapping): &(&str, &str)| format!(r#"{{"groupBy":{group},"keyMapping":{mapping}}}"#);
    let parts: Vec<String> = parts.iter().map(part).collect();
    format!(
        r#"{{"metaData":{{"name":"{name}","online":1,"team":"sellers"}},"left":{{"events":{{"table":"shop.ice_creams",
        "query":{{"selects":{left},"timeColumn":"at"}}}}}},"joinParts":[{}]}}"#,
        parts.join(",")
    )
}

/// All texts of the first columns of a table.
fn texts(table: &Arc<dyn MountedTable>, columns: &[usize]) -> Vec<Vec<String>> {
    let mut all = Vec::new();
    for partition in 0..table.partitions() {
        for batch in table.read(partition, columns).unwrap() {
            let text = |at: usize, row: usize| batch.column(at).as_string::<i32>().value(row).to_owned();
            all.extend((0..batch.num_rows()).map(|row| (0..columns.len()).map(|at| text(at, row)).collect()));
        }
    }
    all.sort();
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn a_join_has_the_keys_of_its_parts_or_of_its_left_side() {
    let house = House::new();
    let names: Vec<&'static str> = (0..30).map(|n| &*format!("c{n:02}").leak()).collect();
    let flavour = |n: usize| ["mint", "lemon"][n % 2];
    let at = Some(DAY + 11 * HOUR);
    house
        .table
        .add(&names.iter().enumerate().map(|(n, name)| (Some(*name), flavour(n), at)).collect::<Vec<_>>());
    let hub = Arc::new(house.hub(quick()));
    let all = compiled("shop.all.v1", SELECTS, COUNT, "");
    let only = r#","wheres":["flavour = 'mint'"]"#;
    let mint = compiled("shop.mint.v1", SELECTS, LAST, "")
        .replace(r#""setups":[]"#, &format!(r#""setups":[]{only}"#));
    let by_flavour = compiled("shop.flavour.v1", r#"{"customer":"flavour"}"#, COUNT, "");
    let left = r#"{"customer":"customer","sort":"flavour"}"#;
    let alike = join("shop.alike.v1", &[(&mint, "{}"), (&all, "{}")], left);
    let mixed = join("shop.mixed.v1", &[(&all, "{}"), (&by_flavour, r#"{"sort":"customer"}"#)], left);
    hub.define(&files(&[("features/a", alike), ("features/b", mixed)])).unwrap();
    until("it is not served", async || hub.defined().joins.values().all(|join| join.whole().is_ok())).await;
    let mount = mount(&hub, 8);
    let found = |name: &str| find(&mount, &admin(), &format!("Shop/joins/{name}")).unwrap().unwrap();
    let table = |name: &str| match found(name).content {
        Content::Table(table) => table,
        Content::Container(_) => panic!("no table"),
    };
    // The first part has half of the keys; none comes twice, none is left out.
    let keys = texts(&table("shop.alike.v1"), &[0]);
    assert_eq!(keys.concat(), names);
    // Each customer has one flavour, which the rows of the left side say.
    let pairs = texts(&table("shop.mixed.v1"), &[0, 1]);
    let wanted: Vec<Vec<String>> =
        (0..30).map(|n| vec![names[n].to_owned(), flavour(n).to_owned()]).collect();
    assert_eq!(pairs, wanted);
    let said = found("shop.mixed.v1").metadata;
    assert_eq!(said["parts"][1]["keys"], serde_json::json!(["sort"]));
    assert_eq!(
        (&said["owner"], &said["definition"]["metaData"]["name"]),
        (&"sellers".into(), &"shop.mixed.v1".into())
    );
    // SQL asks for some keys.
    let path = "features/Shop/joins/shop.mixed.v1";
    let described = mount.describe(path).unwrap();
    assert_eq!(described.keys, 2);
    let only = [["c03", "lemon"], ["c03", "mint"], ["c04", "mint"]]
        .map(|key| key.map(serde_json::Value::from).to_vec());
    let scan = mount.scan(path, described.schema_id, &[0, 1], Some(&only)).unwrap();
    let rows: usize = scan.map(|batch| batch.unwrap().num_rows()).sum();
    assert_eq!(rows, 2);
    let all: usize =
        mount.scan(path, described.schema_id, &[0], None).unwrap().map(|b| b.unwrap().num_rows()).sum();
    assert_eq!(all, 30);
    assert_eq!(mount.scan(path, 1, &[0], None).err().unwrap().kind, Kind::Conflict);
    assert_eq!(mount.describe("features/Other/joins/shop.mixed.v1").err().unwrap().kind, Kind::NotFound);
    let near = mount.describe("features/Shop/joins/shop.mixt.v1").err().unwrap().to_string();
    assert!(near.contains("shop.mixed.v1"), "{near}");
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_sees_what_it_may_fetch() {
    let house = House::new();
    house.table.add(&[(Some("Alice"), "mint", Some(DAY + 11 * HOUR))]);
    let hub = served(&house).await;
    let mount = mount(&hub, 8);
    assert_eq!(keys(&mount, &reader(NAME), "Shop/group_bys"), [NAME]);
    assert_eq!(table(&mount, &reader(NAME)).read(0, &[0]).unwrap()[0].num_rows(), 1);
    let path = format!("Shop/group_bys/{NAME}");
    let other = reader("shop.other.v1");
    assert_eq!(keys(&mount, &other, "Shop/group_bys"), [""; 0]);
    assert!(find(&mount, &other, &path).unwrap().is_none());
    for stranger in [token("w2", vec![]), Principal::Anonymous] {
        assert_eq!(keys(&mount, &stranger, ""), [""; 0]);
        assert!(find(&mount, &stranger, "Shop").unwrap().is_none());
        assert!(find(&mount, &stranger, &path).unwrap().is_none());
    }
    for nothing in ["Shop/other", "Else", "Shop/group_bys/shop.other.v1"] {
        assert!(find(&mount, &admin(), nothing).unwrap().is_none(), "{nothing}");
    }
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_served_says_why_and_large_parts_are_refused() {
    let house = House::new();
    house.table.add(&[(Some("Alice"), "mint", Some(DAY + 11 * HOUR))]);
    let hub = served(&house).await;
    let owner = Owner { id: "w1".into(), name: "Shop".into() };
    let small = Features::new(hub.clone(), owner, Limits { keys_max: 8, bytes_max: 16 }, 1);
    let refused = table(&small, &admin()).read(0, &[0]).err().unwrap();
    assert_eq!(refused.kind, Kind::TooLarge);
    let wrong = compiled("shop.wrong.v1", r#"{"customer":"custmer"}"#, COUNT, "");
    hub.define(&files(&[("features/b", wrong)])).unwrap();
    until("it is not refused", async || {
        let found = find(&small, &admin(), "Shop/group_bys/shop.wrong.v1");
        found.err().is_some_and(|e| e.kind == Kind::Invalid && e.what.contains("custmer"))
    })
    .await;
    hub.stop().await;
}
