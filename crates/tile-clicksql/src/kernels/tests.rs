//! Every kernel against ClickHouse's own answers: `tests-data/kernels/<name>.tsv`, written by `bless.py`.
//! A line is the arguments and the answer, each as JSON; `!` is an error and `null` is NULL.

use super::frame::{
    Answer, Arg, Blob, Bool, Date, F32, F64, Family, I8, I16, I32, I64, Kernel, ListF64, ListI64, ListMicros,
    ListText, ListU64, Micros, Text, U8, U16, U32, U64,
};
use arrow_array::{Array, ArrayRef};
use serde_json::Value;
use std::fmt::Write;
use std::path::PathBuf;

fn float(value: &Value) -> f64 {
    match value {
        Value::String(text) => text.parse().unwrap(),
        other => other.as_f64().unwrap(),
    }
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|item| item.as_str().unwrap()).collect()
}

fn column<F: Family, T: Answer<F>>(cells: &[&Value], read: impl Fn(&Value) -> T) -> ArrayRef {
    let mut out = F::builder(cells.len());
    for cell in cells {
        if cell.is_null() { F::null(&mut out) } else { read(cell).put(&mut out) }
    }
    F::finish(out)
}

fn int<T: TryFrom<i128>>(value: &Value) -> T {
    let wide = value.as_i64().map(i128::from).or(value.as_u64().map(i128::from));
    T::try_from(wide.unwrap()).ok().unwrap()
}

fn ints<T: TryFrom<i128>>(value: &Value) -> Vec<T> {
    value.as_array().unwrap().iter().map(int).collect()
}

fn made(arg: Arg, cells: &[&Value]) -> ArrayRef {
    match arg {
        Arg::Bool => column::<Bool, _>(cells, |v| v.as_bool().unwrap()),
        Arg::I8 => column::<I8, i8>(cells, int),
        Arg::I16 => column::<I16, i16>(cells, int),
        Arg::I32 => column::<I32, i32>(cells, int),
        Arg::I64 => column::<I64, i64>(cells, int),
        Arg::U8 => column::<U8, u8>(cells, int),
        Arg::U16 => column::<U16, u16>(cells, int),
        Arg::U32 => column::<U32, u32>(cells, int),
        Arg::U64 => column::<U64, u64>(cells, int),
        #[expect(clippy::cast_possible_truncation, reason = "the data was made from the narrow type")]
        Arg::F32 => column::<F32, _>(cells, |v| float(v) as f32),
        Arg::F64 => column::<F64, _>(cells, float),
        Arg::Text => column::<Text, _>(cells, |v| v.as_str().unwrap().to_owned()),
        // Bytes are written as Latin-1.
        Arg::Blob => {
            column::<Blob, _>(cells, |v| v.as_str().unwrap().chars().map(|c| c as u8).collect::<Vec<u8>>())
        }
        Arg::Date => column::<Date, i32>(cells, int),
        Arg::Micros => column::<Micros, i64>(cells, int),
        Arg::ListText => {
            column::<ListText, _>(cells, |v| texts(v).into_iter().map(str::to_owned).collect::<Vec<_>>())
        }
        Arg::ListI64 => column::<ListI64, Vec<i64>>(cells, ints),
        Arg::ListU64 => column::<ListU64, Vec<u64>>(cells, ints),
        Arg::ListF64 => {
            column::<ListF64, _>(cells, |v| v.as_array().unwrap().iter().map(float).collect::<Vec<_>>())
        }
        Arg::ListMicros => column::<ListMicros, Vec<i64>>(cells, ints),
    }
}

fn shown_float(value: f64) -> Value {
    serde_json::Number::from_f64(value).map_or_else(
        || Value::String(if value.is_nan() { "nan".to_owned() } else { value.to_string() }),
        Value::Number,
    )
}

fn read<F: Family>(array: &ArrayRef, show: impl FnOnce(F::Value<'_>) -> Value) -> Value {
    show(F::value(F::column(array).unwrap(), 0))
}

fn shown(arg: Arg, array: &ArrayRef) -> Value {
    if array.is_null(0) {
        return Value::Null;
    }
    match arg {
        Arg::Bool => read::<Bool>(array, Value::from),
        Arg::I8 => read::<I8>(array, Value::from),
        Arg::I16 => read::<I16>(array, Value::from),
        Arg::I32 => read::<I32>(array, Value::from),
        Arg::I64 => read::<I64>(array, Value::from),
        Arg::U8 => read::<U8>(array, Value::from),
        Arg::U16 => read::<U16>(array, Value::from),
        Arg::U32 => read::<U32>(array, Value::from),
        Arg::U64 => read::<U64>(array, Value::from),
        // The shortest text of a 32-bit float is what ClickHouse writes.
        Arg::F32 => read::<F32>(array, |v| shown_float(v.to_string().parse().unwrap())),
        Arg::F64 => read::<F64>(array, shown_float),
        Arg::Text => read::<Text>(array, |v| Value::from(v)),
        Arg::Blob => read::<Blob>(array, |v| {
            Value::from(v.iter().fold(String::new(), |mut s, b| {
                write!(s, "{b:02X}").unwrap();
                s
            }))
        }),
        Arg::Date => read::<Date>(array, Value::from),
        Arg::Micros => read::<Micros>(array, Value::from),
        Arg::ListText => read::<ListText>(array, |v| Value::from(v)),
        Arg::ListI64 => read::<ListI64>(array, Value::from),
        Arg::ListU64 => read::<ListU64>(array, Value::from),
        Arg::ListF64 => read::<ListF64>(array, |v| v.into_iter().map(shown_float).collect()),
        Arg::ListMicros => read::<ListMicros>(array, Value::from),
    }
}

/// ClickHouse adds and multiplies in one step where the processor can, and H3 has its own libm: the last bits of
/// these differ from machine to machine.
const NEARLY: [&str; 5] = [
    "ch_great_circle_distance",
    "ch_great_circle_angle",
    "ch_geo_distance",
    "ch_h3_to_geo",
    "ch_h3_to_geo_boundary",
];

fn near(expected: &Value, found: &Value) -> bool {
    match (expected, found) {
        (Value::Number(a), Value::Number(b)) => {
            let (a, b) = (a.as_f64().unwrap(), b.as_f64().unwrap());
            (a - b).abs() <= 1e-12 * a.abs().max(b.abs())
        }
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| near(a, b)),
        _ => expected == found,
    }
}

fn same(expected: &Value, found: &Value) -> bool {
    match (expected, found) {
        (Value::Number(a), Value::Number(b)) => {
            a == b || (a.as_f64() == b.as_f64() && (a.is_f64() || b.is_f64()))
        }
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        _ => expected == found,
    }
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests-data/kernels")
}

/// Failures of one kernel: first row by row for the answers, then all rows in one batch for the caches.
fn failures(kernel: &Kernel) -> Vec<String> {
    let path = folder().join(format!("{}.tsv", kernel.name));
    let Ok(text) = std::fs::read_to_string(path) else { return vec!["no data".to_owned()] };
    let mut failures = Vec::new();
    let mut kept: Vec<Vec<Value>> = Vec::new();
    let mut kept_answers = Vec::new();
    for line in text.lines() {
        let (arguments, answer) = line.rsplit_once('\t').unwrap();
        let cells: Vec<Value> =
            arguments.split('\t').map(|cell| serde_json::from_str(cell).unwrap()).collect();
        assert_eq!(cells.len(), kernel.args.len(), "{}: {line}", kernel.name);
        let columns: Vec<ArrayRef> =
            kernel.args.iter().zip(&cells).map(|(arg, cell)| made(*arg, &[cell])).collect();
        let found = (kernel.run)(&columns).map(|array| shown(kernel.result, &array));
        let right = match &found {
            Err(_) => answer == "!",
            Ok(found) => {
                let same = if NEARLY.contains(&kernel.name) { near } else { same };
                answer != "!" && same(&serde_json::from_str(answer).unwrap(), found)
            }
        };
        if !right {
            let found = found.map_or_else(|error| format!("! {error}"), |found| found.to_string());
            failures.push(format!("{arguments} => expected {answer}, found {found}"));
        } else if let Ok(found) = found {
            kept.push(cells);
            kept_answers.push(found);
        }
    }
    let columns: Vec<ArrayRef> = (0..kernel.args.len())
        .map(|at| made(kernel.args[at], &kept.iter().map(|row| &row[at]).collect::<Vec<_>>()))
        .collect();
    match (kernel.run)(&columns) {
        Ok(all) => {
            for (row, expected) in kept_answers.iter().enumerate() {
                let found = shown(kernel.result, &all.slice(row, 1));
                if !same(expected, &found) {
                    failures
                        .push(format!("in a batch: {:?} => expected {expected}, found {found}", kept[row]));
                }
            }
        }
        Err(error) => failures.push(format!("in a batch: {error}")),
    }
    failures
}

#[test]
fn every_kernel_answers_as_clickhouse_does() {
    let mut report = String::new();
    let only = std::env::var("KERNEL").unwrap_or_default();
    for kernel in super::ALL.iter().flat_map(|family| family.iter()) {
        if !kernel.name.contains(&only) {
            continue;
        }
        let failures = failures(kernel);
        if !failures.is_empty() {
            writeln!(report, "{}: {} failures", kernel.name, failures.len()).unwrap();
            for failure in failures.iter().take(30) {
                writeln!(report, "    {failure}").unwrap();
            }
        }
    }
    assert!(report.is_empty(), "\n{report}");
}

#[test]
fn names_are_unique() {
    let mut names: Vec<_> =
        super::ALL.iter().flat_map(|family| family.iter().map(|kernel| kernel.name)).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
}

/// The ends of every type through every kernel: an answer or an error, never a panic.
#[test]
fn extremes_do_not_panic() {
    fn ends(arg: Arg) -> Vec<Value> {
        let ints = |low: i64, high: i64| vec![low.into(), (-1_i64).max(low).into(), 0.into(), high.into()];
        let list = |items: Vec<Value>| vec![Value::Array(vec![]), Value::Array(items)];
        match arg {
            Arg::Bool => vec![false.into(), true.into()],
            Arg::I8 => ints(i8::MIN.into(), i8::MAX.into()),
            Arg::I16 => ints(i16::MIN.into(), i16::MAX.into()),
            Arg::I32 | Arg::Date => ints(i32::MIN.into(), i32::MAX.into()),
            Arg::I64 | Arg::Micros => ints(i64::MIN, i64::MAX),
            Arg::U8 => ints(0, u8::MAX.into()),
            Arg::U16 => ints(0, u16::MAX.into()),
            Arg::U32 => ints(0, u32::MAX.into()),
            Arg::U64 => vec![0.into(), 1.into(), u64::MAX.into()],
            Arg::F32 | Arg::F64 => ["nan", "inf", "-inf", "0", "-1e300", "1e300"].map(Value::from).to_vec(),
            Arg::Text => ["", "ñ", "UTC", "day", "week", "[", "%", "\u{1}-9223372036854775808"]
                .map(Value::from)
                .to_vec(),
            Arg::Blob => vec!["".into(), "ab".into()],
            Arg::ListText => list(vec!["".into(), "ñ".into()]),
            Arg::ListI64 | Arg::ListMicros => list(ints(i64::MIN, i64::MAX)),
            Arg::ListU64 => list(vec![u64::MAX.into()]),
            Arg::ListF64 => list(vec!["nan".into(), "inf".into(), "1".into()]),
        }
    }
    let mut panics = Vec::new();
    for kernel in super::ALL.iter().flat_map(|family| family.iter()) {
        let choices: Vec<Vec<Value>> = kernel.args.iter().map(|arg| ends(*arg)).collect();
        let count: usize = choices.iter().map(Vec::len).product();
        for number in 0..count {
            let mut rest = number;
            let columns: Vec<ArrayRef> = kernel
                .args
                .iter()
                .zip(&choices)
                .map(|(arg, choices)| {
                    let choice = &choices[rest % choices.len()];
                    rest /= choices.len();
                    made(*arg, &[choice])
                })
                .collect();
            let names = format!("{} {number}", kernel.name);
            let found =
                std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| (kernel.run)(&columns).is_ok()));
            if found.is_err() {
                panics.push(format!("{names}: {columns:?}"));
                break;
            }
        }
    }
    assert!(panics.is_empty(), "{}", panics.join("\n"));
}
