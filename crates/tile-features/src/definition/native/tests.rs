use super::super::{Declared, What, read_all};
use super::*;
use std::collections::BTreeMap;
use std::path::Path;

/// The example of the reference.
fn example() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/features-files.md");
    let text = std::fs::read_to_string(path).unwrap();
    let (_, rest) = text.split_once("```yaml\n").unwrap();
    rest.split_once("```").unwrap().0.to_owned()
}

fn group<'a>(declared: &'a [Declared], name: &str) -> &'a GroupBy {
    let found = declared.iter().find(|d| d.name() == name);
    match found.map(|d| &d.what) {
        Some(What::GroupBy(group)) => group,
        other => panic!("{other:?}"),
    }
}

/// What a file declares that names nothing of others; the first fault where it has some.
fn read_native(file: &str, text: &str) -> Result<Vec<Declared>> {
    let mut read = read(file, text, &Others::default())?;
    match read.faults.is_empty() {
        true => Ok(read.declared),
        false => Err(read.faults.swap_remove(0).error),
    }
}

fn wrong(text: &str) -> String {
    read_native("features/a.yaml", text).unwrap_err().detail()
}

fn files(list: &[(&str, &str)]) -> BTreeMap<String, String> {
    list.iter().map(|(file, text)| ((*file).to_owned(), (*text).to_owned())).collect()
}

/// What can be used of files by name, and all that is wrong.
fn all(list: &[(&str, &str)]) -> (Vec<String>, Vec<String>) {
    let (mut names, mut faults) = (Vec::new(), Vec::new());
    for read in read_all(&files(list)).into_values() {
        assert!(read.faults.iter().all(|fault| fault.error.kind == Kind::Invalid));
        names.extend(read.declared.iter().filter(|d| d.refusal().is_none()).map(|d| d.name().to_owned()));
        faults.extend(read.faults.iter().map(|fault| fault.error.detail()));
        faults.extend(read.declared.iter().filter_map(Declared::refusal).map(|e| e.detail()));
    }
    (names, faults)
}

#[test]
fn the_example_of_the_reference_is_read() {
    let declared = read_native("features/shop.yaml", &example()).unwrap();
    let names: Vec<&str> = declared.iter().map(Declared::name).collect();
    assert_eq!(names, ["flavours", "ratings", "purchases", "visit"]);
    let flavours = group(&declared, "flavours");
    let query = &flavours.sources[0].query;
    let selects: Vec<(&str, &str)> = query.selects.iter().map(|(n, e)| (n.as_str(), e.as_str())).collect();
    assert_eq!(
        selects,
        [
            ("flavour", "ice_cream_flavour"),
            ("euros", "price_cents / 100"),
            ("large_euros", "CASE WHEN (size = 'large') THEN (price_cents / 100) ELSE NULL END"),
            ("customer_id", "customer_id"),
            ("shop", "shop"),
        ]
    );
    assert_eq!(query.wheres, ["status = 'sold'"]);
    assert_eq!(query.time.as_deref(), Some("created"));
    assert_eq!(flavours.accuracy, Accuracy::Temporal);
    assert!(flavours.meta.is_online);
    let aggregations = flavours.aggregations.as_ref().unwrap();
    assert_eq!(aggregations[4].args.percentiles, [0.5, 0.95]);
    assert_eq!((aggregations[5].operation, aggregations[5].args.k), (Operation::UniqueTopK, Some(3)));
    assert_eq!(flavours.derivations[0].name, "*");
    let ratings = group(&declared, "ratings");
    assert_eq!(ratings.accuracy, Accuracy::Snapshot);
    assert_eq!(ratings.sources[1].query.selects[1], ("stars".into(), "CAST(rating AS BIGINT)".into()));
    let What::Join(visit) = &declared[3].what else { panic!() };
    let left: Vec<&str> = visit.left.query.selects.iter().map(|(n, _)| n.as_str()).collect();
    assert_eq!(left, ["visit_id", "customer", "ts"]);
    assert_eq!(visit.parts[1].full_prefix(), "own_ratings");
    assert!(visit.external[0].is_contextual());
    assert_eq!(visit.labels.as_ref().unwrap().end_days, 7);
    assert_eq!(visit.bootstrap[0].table, "logged_visits");
}

#[test]
fn lines_are_those_of_the_members() {
    let text = example();
    let declared = read_native("features/shop.yaml", &text).unwrap();
    let line = |wanted: &str| text.lines().position(|line| line.contains(wanted)).unwrap() + 1;
    let flavours = &declared[0];
    for (path, wanted) in [
        ("sources[0].events.query.timeColumn", "time: created"),
        ("sources[0].events.query.selects.euros", "euros: price"),
        ("sources[0].events.query.selects.large_euros", "as: large_euros"),
        ("aggregations[1].operation", "op: last"),
        ("derivations[1].expression", "per_day:"),
        ("keyColumns", "keys: [customer_id]"),
    ] {
        assert_eq!(flavours.place(path), format!("features/shop.yaml:{}", line(wanted)), "{path}");
    }
}

#[test]
fn what_is_wrong_is_said_with_its_line() {
    let base = "group_bys:\n  a:\n    source: s\n    keys: [k]\n    time: t\n    aggregations:\n";
    let with = |rest: &str| wrong(&format!("{base}{rest}"));
    assert_eq!(
        with("      - {op: cuont, input: x}\n"),
        "no operation is called `cuont` (at features/a.yaml:7). Did you mean `COUNT`?"
    );
    assert_eq!(
        with("      - op: count\n        inptu: x\n"),
        "an aggregation has no `inptu` (at features/a.yaml:8). Did you mean `input`?"
    );
    assert_eq!(
        with("      - {op: sum, input: x, windows: [6]}\n"),
        "`6` is not a window (at features/a.yaml:7). A window is a number of minutes, hours or days: `30m`, `6h`, `7d`"
    );
    assert_eq!(
        with("      - {op: sum, input: x, filter: y > 1}\n"),
        "an aggregation with a `filter` needs a name for what is left: `as` (at features/a.yaml:7). Add `as: x_of_these`: features are named after it"
    );
    assert_eq!(with("      - {op: sum}\n"), "an aggregation needs `input` (at features/a.yaml:7)");
    assert_eq!(
        with("      - {op: sum, input: x}\n    where_: y\n"),
        "the GroupBy `a` has no `where_` (at features/a.yaml:8). Did you mean `where`?"
    );
    assert_eq!(
        with("      - {op: top_k, input: x, k: three}\n"),
        "`k` is a number from 1 to 100000, not `three` (at features/a.yaml:7)"
    );
    assert_eq!(
        with("      - {op: last_k, input: x, k: -1}\n"),
        "`k` is a number from 1 to 100000, not `-1` (at features/a.yaml:7)"
    );
    assert_eq!(
        with("      - {op: approx_percentile, input: x, k: 7}\n"),
        "`k` is a number from 8 to 65535, not `7` (at features/a.yaml:7)"
    );
    assert_eq!(
        wrong("group_bys:\n  a b: {}\n"),
        "`a b` cannot be a name (at features/a.yaml:2). A name has 1 to 200 of the letters a to z, digits, `_`, `-` and `.`, and stands once"
    );
    assert_eq!(
        wrong("group_bys:\n  a:\n    source: [\n").split(" (").next().unwrap().split(':').next(),
        Some("not YAML")
    );
    assert_eq!(wrong("joins:\n  a: 1\njoins: {}\n"), "`joins` is there twice (at features/a.yaml:3)");
    let join = format!(
        "{base}      - {{op: count, input: x}}\njoins:\n  j:\n    left: {{source: l, time: t}}\n    parts: [b]\n"
    );
    assert_eq!(wrong(&join), "no GroupBy is called `b` (at features/a.yaml:11). Did you mean `a`?");
    let keyed = join.replace("[b]", "[{group_by: a, keys: {x: kk}}]");
    assert_eq!(wrong(&keyed), "`a` has no key `kk` (at features/a.yaml:11). Did you mean `k`?");
}

#[test]
fn what_is_too_much_is_refused() {
    let deep = format!("group_bys: {}1{}", "[".repeat(100), "]".repeat(100));
    assert!(wrong(&deep).contains("within each other"));
    assert!(wrong(&"#".repeat(2 << 20)).contains("more than 1 MiB"));
    assert!(wrong("group_bys: &a {}\njoins: *a\n").contains("anchors"));
    assert!(read_native("a.yaml", "# nothing\n").unwrap().is_empty());
}

#[test]
fn a_join_names_groups_of_other_files() {
    let join = "joins:\n  j:\n    left: {source: l, time: t}\n    parts: [a]\n";
    let group = "group_bys:\n  a: {source: s, keys: k, time: t, aggregations: {op: count, input: x}}\n";
    let list = [("features/1.yaml", join), ("features/2.yml", group), ("features/notes.md", "a: b")];
    let read_all = read_all(&files(&list));
    let What::Join(of) = &read_all["features/1.yaml"].declared[0].what else { panic!() };
    assert_eq!(of.parts[0].group_by.keys, ["k"]);
    let notes = &read_all["features/notes.md"];
    assert!(notes.declared.is_empty() && notes.faults.is_empty());
    assert!(read_native("features/1.yaml", join).is_err(), "alone it lacks the GroupBy");
}

const MIXED: &str = "\
group_bys:
  fine: {source: s, keys: k, time: t, aggregations: {op: count, input: x}}
  bad:
    source: s
    keys: k
    time: t
    aggregations:
      - {op: coun, input: x}
      - {op: sum, input: x, windows: [6]}
  bad name: {}
  unchecked: {source: s, keys: k, time: t, aggregations: {op: top_k, input: x}}
  of_bad: {join: j, keys: k, aggregations: {op: count, input: x}}
joins:
  j: {left: {source: l, time: t}, parts: [fine, bad]}
  k: {left: {source: l, time: t}, parts: [fine, unchecked]}
  good: {left: {source: l, time: t}, parts: [fine]}
";

#[test]
fn one_wrong_definition_leaves_the_others_of_its_file() {
    let (names, faults) = all(&[("a.yaml", MIXED)]);
    assert_eq!(names, ["fine", "good"]);
    let bad = "`bad` cannot be used: no operation is called `coun` (at a.yaml:8)";
    let wanted = [
        "`bad name` cannot be a name (at a.yaml:10). A name has 1 to 200 of the letters a to z, digits, `_`, `-` and `.`, and stands once",
        "no operation is called `coun` (at a.yaml:8). Did you mean `COUNT`?",
        "`6` is not a window (at a.yaml:9). A window is a number of minutes, hours or days: `30m`, `6h`, `7d`",
        &format!("`j` cannot be used: {bad} (at a.yaml:14) (at a.yaml:12)"),
        &format!("{bad} (at a.yaml:14)"),
        "TOP_K needs a `k`, from 1 to 100000 (at a.yaml:11)",
        "`unchecked` cannot be used: TOP_K needs a `k`, from 1 to 100000 (at a.yaml:15)",
    ];
    assert_eq!(faults, wanted);
    // In files of their own as well.
    let (groups, joins) = MIXED.split_once("joins:\n").unwrap();
    let joins = format!("joins:\n{joins}");
    let (names, faults) = all(&[("a.yaml", &joins), ("b.yaml", groups)]);
    assert_eq!(names, ["good", "fine"]);
    assert_eq!(faults.len(), wanted.len(), "{faults:?}");
    assert!(
        faults[0].starts_with("`bad` cannot be used: no operation is called `coun` (at b.yaml:8)"),
        "{faults:?}"
    );
    // What is there twice within one stops that one; of two of a name it is the first.
    let twice = "group_bys:\n  a: {source: s, source: t}\n  b: {source: s, keys: k, time: t, aggregations: {op: count, input: x}}\n  b: {}\n";
    let (names, faults) = all(&[("a.yaml", twice)]);
    assert_eq!((names.len(), faults.len()), (1, 2), "{faults:?}");
    // A file that is none fails as a whole.
    let (names, faults) = all(&[("a.yaml", MIXED), ("b.yaml", "group_bys: ["), ("c.yaml", "group_by: {}")]);
    assert_eq!((names.len(), faults.len()), (2, wanted.len() + 2), "{faults:?}");
}

const CHAIN: &str = "\
group_bys:
  ratings:
    entities: customers
    changes: customer_changes
    changed_at: seen
    is_before: is_old
    day: day
    keys: [customer]
    selects: {stars: rating}
    aggregations:
      - {op: sum, input: stars}
  bought:
    join: visit
    keys: [customer]
    selects: {stars: ratings_stars_sum}
    aggregations:
      - {op: last, input: stars, windows: [6h]}
  still:
    entities: files/customers
    keys: [customer]
    aggregations:
      - {op: sum, input: rating}
joins:
  visit:
    left: {source: visits, time: at, selects: [customer]}
    parts: [ratings]
";

#[test]
fn entities_and_joins_are_sources() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/features-files.md");
    let text = std::fs::read_to_string(path).unwrap();
    let shown = text.split("```yaml\n").nth(2).unwrap().split_once("```").unwrap().0;
    let declared = read_native("a.yaml", shown).unwrap();
    assert!(declared.iter().all(|d| super::super::check::check(d).is_empty()), "{declared:?}");
    let declared = read_native("a.yaml", CHAIN).unwrap();
    let group = |name: &str| {
        let found = declared.iter().find(|d| d.name() == name).unwrap();
        let What::GroupBy(group) = &found.what else { panic!("{name}") };
        group.clone()
    };
    let ratings = group("ratings");
    let source = &ratings.sources[0];
    let Rows::Entities { snapshot, mutations, .. } = &source.rows else { panic!("{source:?}") };
    assert_eq!((snapshot.as_str(), mutations.as_deref()), ("customers", Some("customer_changes")));
    let query = &source.query;
    let said = [&query.mutation_time, &query.reversal, &query.partition].map(|text| text.as_deref().unwrap());
    assert_eq!(said, ["seen", "is_old", "day"]);
    assert_eq!((ratings.accuracy, group("still").accuracy), (Accuracy::Temporal, Accuracy::Snapshot));
    let bought = group("bought");
    let Rows::Join(join) = &bought.sources[0].rows else { panic!("{bought:?}") };
    assert_eq!((join.meta.name.as_str(), join.parts.len()), ("visit", 1));
    assert!(declared.iter().all(|d| super::super::check::check(d).is_empty()), "{declared:?}");
    // The same with each in a file of its own, whatever their order.
    let (groups, joins) = CHAIN.split_once("joins:").unwrap();
    let (first, second) = groups.split_once("  bought:").unwrap();
    let files = [
        ("features/a.yaml", format!("group_bys:\n  bought:{second}")),
        ("features/b.yaml", format!("joins:{joins}")),
        ("features/c.yaml", first.to_owned()),
    ];
    let files = files.into_iter().map(|(file, text)| (file.to_owned(), text)).collect();
    assert!(super::super::read_all(&files).values().all(|read| read.faults.is_empty()));
}

#[test]
fn sources_that_do_not_fit_are_told_with_their_line() {
    let refused = |from: &str, to: &str| {
        assert!(CHAIN.contains(from), "{from}");
        read_native("a.yaml", &CHAIN.replacen(from, to, 1)).unwrap_err().detail()
    };
    let unknown = refused("join: visit", "join: visits");
    assert!(unknown.contains("a.yaml:13") && unknown.contains("no Join is called `visits`"), "{unknown}");
    assert!(unknown.contains("`visit`?"), "{unknown}");
    let cycle = refused("parts: [ratings]", "parts: [bought]");
    assert!(
        cycle.contains("no Join is called `visit`") || cycle.contains("no GroupBy is called `bought`"),
        "{cycle}"
    );
    let both = refused("    entities: customers\n", "    entities: customers\n    source: customers\n");
    assert!(both.contains("`source` or `entities`, not both"), "{both}");
    let astray = refused("join: visit", "join: visit\n    changes: x");
    assert!(astray.contains("a.yaml:14") && astray.contains("`changes` is said of `entities`"), "{astray}");
    assert!(refused("op: last", "op: lats").contains("lats"));
    // Windows need the time of a row, and what is checked has its line.
    let text = CHAIN.replacen("input: stars}", "input: stars, windows: [6h]}", 1);
    let declared = super::super::read("a.yaml", &text).declared;
    let told: Vec<String> = declared[0].notices.iter().map(|n| declared[0].place(&n.at)).collect();
    assert_eq!(told, ["a.yaml:3"]);
}
