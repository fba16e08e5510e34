//! Random catalogs against the reference meaning of conditions (`tile_base::filter`), and what writing leaves behind.
//!
//! `PROPTEST_CASES` scales the number of catalogs.

mod cases;
mod generate;
mod model;

use crate::{Catalog, DistinctValue, Order, Query};
use generate::{aim, op, scope, scope_of, wish};
use model::{Place, check_tables, rank, same_tally, tally};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::cmp::Ordering;
use tile_base::Kind;
use tile_base::filter::value_at;

fn config() -> ProptestConfig {
    let default = ProptestConfig::default();
    ProptestConfig { cases: default.cases / 4, failure_persistence: None, ..default }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn every_single_condition_means_what_the_reference_says(ops in vec(op(), 1..14), wishes in vec(wish(), 24), step in 1u64..5) {
        let place = Place::with(&ops);
        for wish in &wishes {
            let filter = wish.filter(&place.model);
            for scope in [crate::Scope::Children(0), crate::Scope::Descendants { of: 0, depth: 64 }] {
                let query = Query { scope, filters: vec![filter.clone()], order: vec![], newest_first: wish.flag };
                place.check(&query, step).map_err(|e| TestCaseError::fail(format!("{query:?}\n{e}")))?;
            }
        }
    }

    #[test]
    fn conditions_together_are_a_conjunction(ops in vec(op(), 1..14), wishes in vec((vec(wish(), 0..4), scope(), any::<bool>()), 12), step in 1u64..5) {
        let place = Place::with(&ops);
        for (wishes, scope, newest_first) in &wishes {
            let filters = wishes.iter().map(|w| w.filter(&place.model)).collect();
            let query = Query { scope: scope_of(scope, &place.model), filters, order: vec![], newest_first: *newest_first };
            place.check(&query, step).map_err(|e| TestCaseError::fail(format!("{query:?}\n{e}")))?;
        }
    }

    #[test]
    fn sorted_searches_are_stable(ops in vec(op(), 1..14), sorts in vec((vec((aim(), any::<bool>()), 1..3), scope(), any::<bool>(), wish()), 8), step in 1u64..5) {
        let place = Place::with(&ops);
        for (keys, scope, newest_first, wish) in &sorts {
            let order = keys.iter().map(|(aim, descending)| {
                // SQLite's paths end at a zero character; the routes allow none in sort keys.
                let key = aim.at(&place.model).0.replace('\0', "");
                let key = match aim.take_value { 0 => "id".to_owned(), 1 => format!("metadata.{key}"), _ => key };
                Order { key, descending: *descending }
            });
            let filters = if wish.flag { vec![] } else { vec![wish.filter(&place.model)] };
            let query = Query { scope: scope_of(scope, &place.model), filters, order: order.collect(), newest_first: *newest_first };
            place.check(&query, step).map_err(|e| TestCaseError::fail(format!("{query:?}\n{e}")))?;
        }
    }

    #[test]
    fn distinct_values_are_counted(ops in vec(op(), 1..14), asked in vec((aim(), scope(), proptest::option::of(wish())), 12)) {
        let place = Place::with(&ops);
        for (aim, scope, wish) in &asked {
            let filters = wish.iter().map(|w| w.filter(&place.model)).collect();
            let query = Query { scope: scope_of(scope, &place.model), filters, order: vec![], newest_first: false };
            let key = aim.at(&place.model).0;
            let found = place.model.search(&query);
            let want = tally(found.iter().map(|n| value_at(&n.metadata, &key).cloned().unwrap_or_default()));
            let got = place.catalog.distinct_metadata(&query, &key, 1000).unwrap();
            same_tally(&got, &want, &format!("`{key}` of {query:?}"))?;
            prop_assert!(got.windows(2).all(|w| rank(&w[0].value) <= rank(&w[1].value)), "kinds in order, missing last: {:?}", got);
            let scalars = |w: &[DistinctValue]| rank(&w[0].value) == rank(&w[1].value) && rank(&w[0].value) < 3;
            prop_assert!(got.windows(2).filter(|w| scalars(w)).all(|w| tile_base::filter::compare(&w[0].value, &w[1].value) != Some(Ordering::Greater)), "values in order: {:?}", got);
            let present = want.iter().filter(|v| !v.value.is_null()).count();
            if present > 0 {
                let refused = place.catalog.distinct_metadata(&query, &key, present - 1).unwrap_err();
                prop_assert_eq!(refused.kind, Kind::TooLarge);
                prop_assert!(place.catalog.distinct_metadata(&query, &key, present).is_ok());
            }
            let families = tally(found.iter().map(|n| Value::from(n.family.name())));
            same_tally(&place.catalog.distinct_column(&query, false).unwrap(), &families, "families")?;
            let specs = tally(found.iter().map(|n| json!(n.specs)));
            same_tally(&place.catalog.distinct_column(&query, true).unwrap(), &specs, "specs")?;
        }
    }

    #[test]
    fn writing_leaves_exactly_the_present_entries(ops in vec(op(), 1..24)) {
        let place = Place::with(&ops);
        check_tables(&place)?;
        let model = &place.model;
        prop_assert_eq!(place.catalog.len().unwrap(), model.nodes.len() as u64);
        for node in &model.nodes {
            let found = place.catalog.child(node.parent, &node.key).unwrap().unwrap();
            prop_assert_eq!((found.id, found.family, found.metadata_json().unwrap(), found.spec_list()), (node.id, node.family, node.metadata.clone(), node.specs.clone()));
            let keys = place.catalog.keys_of(node.id).unwrap();
            let (walked, used) = place.catalog.walk(&keys).unwrap();
            prop_assert_eq!((walked.id, used), (node.id, keys.len()));
        }
        for parent in model.parents() {
            let want = model.nodes.iter().filter(|n| n.parent == parent).count();
            prop_assert_eq!(place.catalog.node(parent).unwrap().unwrap().children, want as u64, "children of {}", parent);
            let newest = model.nodes.iter().filter(|n| n.parent == parent).map(|n| n.id).max();
            prop_assert_eq!(place.catalog.last_child(parent).unwrap().map(|n| n.id), newest);
        }
        // Everything is there again in a new process, and everything can be taken away.
        let again = Catalog::open(&place.dir.path().join("meta.sqlite")).unwrap();
        prop_assert_eq!(again.len().unwrap(), model.nodes.len() as u64);
        let top: Vec<i64> = model.nodes.iter().filter(|n| n.parent == 0).map(|n| n.id).collect();
        again.write(|w| top.iter().try_for_each(|id| w.remove(*id))).unwrap();
        let db = place.db();
        for table in ["attrs", "texts", "sources", "assets"] {
            prop_assert_eq!(db.query_row(&format!("SELECT count(*) FROM {table}"), [], |r| r.get::<_, i64>(0)).unwrap(), 0, "{}", table);
        }
        prop_assert_eq!(again.len().unwrap(), 0);
        prop_assert_eq!(again.node(0).unwrap().unwrap().children, 0);
    }
}
