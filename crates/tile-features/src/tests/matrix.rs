//! Which operation takes which type, and what it gives.

use crate::aggregates::{Args, create};
use crate::definition::Aggregation;
use crate::operation::Operation;
use crate::plan::Plan;
use crate::types::{Schema, Type};
use tile_base::Kind;

const TYPES: [&str; 14] = [
    "bool",
    "byte",
    "short",
    "int",
    "long",
    "float",
    "double",
    "string",
    "binary",
    "date",
    "timestamp",
    "list<int>",
    "map<long>",
    "list<list<int>>",
];

/// What an operation gives for each of the types; `-` where it refuses.
fn outputs(operation: Operation) -> [String; 14] {
    let args = Args { k: Some(8), percentiles: vec![0.5] };
    TYPES.map(|name| {
        let schema = Schema(vec![("v".into(), Type::parse(name).unwrap())]);
        let aggregation = Aggregation {
            input: "v".into(),
            operation,
            args: args.clone(),
            windows: Vec::new(),
            buckets: Vec::new(),
            is_element_wise: false,
        };
        match Plan::new(&[aggregation], &schema) {
            Ok(plan) => plan.columns[0].ty.to_string(),
            Err(error) => {
                assert_eq!(error.kind, Kind::Invalid, "{operation} of {name}");
                assert!(error.what.contains(operation.name()), "{operation} of {name}: {}", error.what);
                "-".into()
            }
        }
    })
}

#[test]
fn each_operation_takes_its_types_and_refuses_others() {
    use Operation as O;
    let same = |bool: &str, binary: &str, rest: [&str; 3]| -> Vec<String> {
        let mut all = vec![bool];
        all.extend(["byte", "short", "int", "long", "float", "double", "string"]);
        all.extend([binary, "-", "-"]);
        all.extend(rest);
        all.into_iter().map(str::to_owned).collect()
    };
    let listed = |row: Vec<String>| -> Vec<String> {
        row.into_iter().map(|ty| if ty == "-" { ty } else { format!("list<{ty}>") }).collect()
    };
    let fixed = |bool: &str, integer: &str, real: &str, text: &str, binary: &str| -> Vec<String> {
        let map = if integer == "-" { "-".into() } else { format!("map<{integer}>") };
        let mut all: Vec<String> =
            [bool, integer, integer, integer, integer, real, real, text, binary, "-", "-", integer]
                .map(str::to_owned)
                .to_vec();
        all.extend([map, "-".to_owned()]);
        all
    };
    for operation in Operation::ALL {
        let mut wanted = match operation {
            O::Min | O::Max => same("-", "-", ["int", "map<long>", "-"]),
            O::First | O::Last => same("bool", "binary", ["list<int>", "map<long>", "list<list<int>>"]),
            O::FirstK | O::LastK => {
                listed(same("bool", "binary", ["list<int>", "map<long>", "list<list<int>>"]))
            }
            O::TopK | O::BottomK | O::UniqueTopK => {
                let mut row = listed(same("-", "-", ["int", "-", "-"]));
                row[12] = "map<list<long>>".into();
                row
            }
            O::Count => fixed("long", "long", "long", "long", "long"),
            O::Sum => fixed("long", "long", "double", "-", "-"),
            O::Average | O::Variance | O::Skew | O::Kurtosis => fixed("-", "double", "double", "-", "-"),
            O::ApproxPercentile => fixed("-", "list<float>", "list<float>", "-", "-"),
            O::UniqueCount | O::ApproxUniqueCount | O::BoundedUniqueCount => {
                fixed("-", "long", "long", "long", "long")
            }
            O::Histogram => fixed("-", "map<int>", "-", "map<int>", "-"),
            O::ApproxHistogramK | O::ApproxFrequentK | O::ApproxHeavyHittersK => {
                fixed("-", "map<long>", "map<long>", "map<long>", "-")
            }
        };
        if *operation == O::Count {
            wanted[13] = "long".into();
        }
        assert_eq!(outputs(*operation).to_vec(), wanted, "{operation}");
    }
}

#[test]
fn dates_are_to_be_made_longs() {
    for ty in ["date", "timestamp"] {
        let error = create(Operation::Last, &Type::parse(ty).unwrap(), &Args::default()).err().unwrap();
        assert!(error.hint.unwrap().contains("long"));
    }
}

#[test]
fn arguments_are_asked_for_and_bounded() {
    use Operation as O;
    let refused = |operation, ty: &str, k, percentiles: &[f64]| {
        let args = Args { k, percentiles: percentiles.to_vec() };
        create(operation, &Type::parse(ty).unwrap(), &args).err().map(|e| e.what)
    };
    for operation in [O::FirstK, O::LastK, O::TopK, O::BottomK, O::UniqueTopK] {
        let needs = format!("{operation} needs a `k`, from 1 to 100000");
        assert_eq!(refused(operation, "long", None, &[]), Some(needs));
        assert!(refused(operation, "long", Some(0), &[]).is_some());
        assert!(refused(operation, "long", Some(100_001), &[]).is_some());
        assert_eq!(refused(operation, "long", Some(100_000), &[]), None);
    }
    for (k, is_fit) in [(3, false), (4, true), (21, true), (22, false)] {
        assert_eq!(refused(O::ApproxUniqueCount, "string", Some(k), &[]).is_none(), is_fit, "{k}");
    }
    for (k, is_fit) in [(7, false), (8, true), (65_535, true), (65_536, false)] {
        assert_eq!(refused(O::ApproxPercentile, "double", Some(k), &[0.5]).is_none(), is_fit, "{k}");
    }
    for wrong in [-0.1, 1.1, f64::NAN] {
        assert!(refused(O::ApproxPercentile, "double", None, &[0.5, wrong]).is_some());
    }
    assert!(refused(O::ApproxPercentile, "double", None, &[0.5; 1001]).is_some());
    for operation in [O::BoundedUniqueCount, O::ApproxHistogramK, O::Histogram, O::ApproxFrequentK] {
        assert_eq!(refused(operation, "string", None, &[]), None);
    }
    assert!(Args::read([("k", "many")]).is_err());
    assert!(Args::read([("percentiles", "0.5")]).is_err());
    let args = Args::read([("k", "20"), ("percentiles", "[0.1, 1]"), ("other", "x")]).unwrap();
    assert_eq!(args, Args { k: Some(20), percentiles: vec![0.1, 1.0] });
}
