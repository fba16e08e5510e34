//! Followers of what a Join gives for events: each has features as of its time, whichever table was faster.

use super::tests::{DAY, HOUR, House, Rows, becomes, becomes_at, files, quick};
use super::*;
use crate::value::Value;

const PRICES: &str = r#"{"metaData":{"name":"shop.prices.v1","online":1},"keyColumns":["item"],"accuracy":0,
    "sources":[{"events":{"table":"prices","topic":"t","query":{"selects":{"item":"item","price":"price"},"timeColumn":"at"}}}],
    "aggregations":[{"inputColumn":"price","operation":3,"argMap":{},"windows":[{"length":7,"timeUnit":1}]}]}"#;

/// What customers paid: each order at the price that its item had then.
fn paid(more: &str) -> String {
    format!(
        r#"{{"metaData":{{"name":"shop.paid.v1","online":1}},"keyColumns":["customer"],"accuracy":0,
        "sources":[{{"joinSource":{{"join":{{"metaData":{{"name":"shop.priced.v1"}},
          "left":{{"events":{{"table":"orders","topic":"t","query":{{"selects":{{"customer":"customer","thing":"thing","ts":"at"}},"timeColumn":"at"}}}}}},
          "joinParts":[{{"groupBy":{PRICES},"keyMapping":{{"thing":"item"}}}}],
          "derivations":[{{"name":"*","expression":"*"}},{{"name":"doubled","expression":"shop_prices_v1_price_last_7d * 2"}}]{more}}},
          "query":{{"selects":{{"customer":"customer","paid":"doubled"}},"wheres":["customer <> 'Nobody'"],"timeColumn":"ts"}}}}}}],
        "aggregations":[{{"inputColumn":"paid","operation":7,"argMap":{{}}}},
          {{"inputColumn":"paid","operation":3,"argMap":{{}},"windows":[{{"length":6,"timeUnit":0}}]}}]}}"#
    )
}

const NAME: &str = "shop.paid.v1";

fn tables(house: &House) -> (Rows, Rows) {
    (
        house.rows("orders", &["customer:text", "thing:text", "at"]),
        house.rows("prices", &["item:text", "price", "at"]),
    )
}

fn order(customer: &str, thing: &str, at: i64) -> Vec<Value> {
    vec![Value::Text(customer.into()), Value::Text(thing.into()), Value::Int(at)]
}

fn price(item: &str, price: i64, at: i64) -> Vec<Value> {
    vec![Value::Text(item.into()), Value::Int(price), Value::Int(at)]
}

fn pair(sum: i64, last: i64) -> [Value; 2] {
    [Value::Int(sum), Value::Int(last)]
}

#[tokio::test(flavor = "multi_thread")]
async fn events_have_features_as_of_their_time() {
    let house = House::new();
    let (orders, prices) = tables(&house);
    let eight = DAY + 8 * HOUR;
    prices.add(&[price("tea", 3, DAY), price("tea", 4, eight), price("jam", 10, DAY)]);
    // At its very millisecond a price is not known yet; what nobody sells has none.
    orders.add(&[
        order("Alice", "tea", eight),
        order("Alice", "tea", eight + 1),
        order("Bob", "nothing", eight),
    ]);
    orders.add(&[order("Nobody", "jam", eight)]);
    let hub = house.hub(quick());
    let all = files(&[("features/a", paid("")), ("features/b", PRICES.to_owned())]);
    assert!(hub.define(&all).unwrap().is_empty());
    becomes(&hub, NAME, "Alice", &pair(14, 8)).await;
    becomes(&hub, NAME, "Bob", &[Value::Null, Value::Null]).await;
    becomes(&hub, NAME, "Nobody", &[Value::Null, Value::Null]).await;
    // Both tables grow at once, again and again: an order never overtakes the price that it was made at.
    let mut sum = 14;
    for step in 1..40 {
        let at = eight + step * 60_000;
        prices.add(&[price("jam", step, at)]);
        orders.add(&[order("Alice", "jam", at + 1)]);
        sum += 2 * step;
    }
    becomes(&hub, NAME, "Alice", &pair(sum, 78)).await;
    becomes_at(&hub, NAME, "Alice", Some(eight + 1), &pair(6, 6)).await;
    hub.stop().await;
    // After a restart only new rows are read, and nothing counts twice.
    let before = orders.read();
    orders.add(&[order("Alice", "tea", eight + 100 * 60_000)]);
    let hub = house.hub(quick());
    hub.define(&all).unwrap();
    becomes(&hub, NAME, "Alice", &pair(sum + 8, 8)).await;
    assert_eq!(orders.read() - before, 1);
    // Prices that are replaced make all of it anew.
    prices.replace(&[price("tea", 1, DAY)]);
    becomes(&hub, NAME, "Alice", &pair(6, 2)).await;
    hub.stop().await;
    prices.replace(&[price("tea", 5, DAY)]);
    let hub = house.hub(quick());
    hub.define(&all).unwrap();
    becomes(&hub, NAME, "Alice", &pair(30, 10)).await;
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_live_as_long_as_who_joins_them() {
    let house = House::new();
    let (orders, prices) = tables(&house);
    prices.add(&[price("tea", 3, DAY)]);
    orders.add(&[order("Alice", "tea", DAY + 8 * HOUR)]);
    let hub = house.hub(quick());
    hub.define(&files(&[("features/a", paid(""))])).unwrap();
    becomes(&hub, NAME, "Alice", &pair(6, 6)).await;
    assert!(!hub.defined().groups.contains_key("shop.prices.v1"));
    // Another version of it takes over, with the same part.
    hub.define(&files(&[("features/a", paid("").replace("* 2", "* 3"))])).unwrap();
    becomes(&hub, NAME, "Alice", &pair(9, 9)).await;
    hub.define(&Files::new()).unwrap();
    super::tests::until("tiles of nothing stay", async || house.kept().is_empty()).await;
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_joined_is_told() {
    let refused = async |text: String, words: &str| {
        let house = House::new();
        tables(&house);
        let hub = house.hub(quick());
        let known = hub.define(&files(&[("features/a", text)])).unwrap();
        let told = || known.iter().cloned().chain(house.told()).collect::<Vec<Problem>>();
        let is_told = async || told().iter().any(|problem| problem.what.contains(words));
        super::tests::until(&format!("{words} is not told"), is_told).await;
        assert!(hub.defined().groups.get(NAME).is_none_or(|grouped| grouped.served.running().is_err()));
        hub.stop().await;
    };
    refused(paid("").replace("\"thing\":\"item\"", "\"think\":\"item\""), "`think`").await;
    refused(paid("").replace("\"paid\":\"doubled\"", "\"paid\":\"doubly\""), "`doubled`").await;
    let bootstrap = r#","bootstrapParts":[{"table":"log","query":{"selects":{}},"keyColumns":["customer"]}]"#;
    refused(paid(bootstrap), "bootstrap").await;
    refused(paid("").replace("\"table\":\"prices\"", "\"table\":\"prizes\""), "prizes").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_left_side_that_does_not_fit_is_told() {
    use super::tests::{House, files, quick};
    const TEXT: &str = "\
group_bys:
  a: {source: shop.ice_creams, time: at, keys: customer, aggregations: {op: count, input: flavour}}
joins:
  lacking:
    left: {source: shop.ice_creams, time: at}
    parts:
      - group_by: a
        keys: {custmer: customer}
  typed:
    left: {source: shop.ice_creams, time: at}
    parts:
      - {group_by: a, keys: {at: customer}}
  selecting:
    left: {source: shop.ice_creams, time: at, selects: [flavor]}
    parts: [a]
  timed:
    left:
      source: shop.ice_creams
      time: att
    parts: [a]
  fine: {left: {source: shop.ice_creams, time: at}, parts: [a]}
  elsewhere: {left: {source: not_there, time: at}, parts: [a]}
";
    let hub = House::new().hub(quick());
    let told: Vec<String> =
        hub.define(&files(&[("f.yaml", TEXT.to_owned())])).unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "warning: f.yaml:8: the left side has no column `custmer`, the key of `a`. Did you mean `customer`?",
            "warning: f.yaml:12: the key `customer` of `a` is a string, and `at` of the left side is a long. Cast one of them in the selects of its source",
            "warning: f.yaml:14: no column is called `flavor`. Did you mean `flavour`?",
            "warning: f.yaml:19: no column is called `att`. Did you mean `at`?",
        ]
    );
    assert_eq!(hub.defined().joins.len(), 6, "a fetch needs no left side");
    hub.stop().await;
}
