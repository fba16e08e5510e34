//! Slices, grids, copies, types and conditions against naive models, over random small cases.

use crate::dtype::{DType, Endian, Field};
use crate::error::{Kind, Result};
use crate::filter::{Candidate, Comparison, Filter, compare, like, same, tokens, value_at};
use crate::grid::{Grid, auto_chunks};
use crate::slice::{Item, NdSlice, Selection, Take};
use crate::strided::{gather, strides, swap_bytes};
use crate::structure::{ArrayStructure, Family, Structure};
use crate::{NodePath, Spec};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};
use std::cmp::Ordering;

// ---- What is generated ----

fn number() -> impl Strategy<Value = i64> {
    prop_oneof![
        12 => -9i64..10,
        1 => select(vec![i64::MAX, i64::MIN, i64::MAX - 1, i64::MIN + 1, 1 << 40]),
    ]
}

fn item() -> impl Strategy<Value = Item> {
    let part = || proptest::option::of(number());
    prop_oneof![
        1 => number().prop_map(Item::Index),
        2 => (part(), part(), part()).prop_map(|(start, stop, step)| Item::Range { start, stop, step }),
    ]
}

/// An item that resolves: indices inside, steps that are not zero.
fn good_item(len: usize) -> BoxedStrategy<Item> {
    let n = i64::try_from(len).unwrap();
    let part = || proptest::option::of(-n - 2..n + 3);
    let step = || proptest::option::of(prop_oneof![1i64..4, -3i64..0]);
    let range = (part(), part(), step()).prop_map(|(start, stop, step)| Item::Range { start, stop, step });
    let all = Just(Item::Range { start: None, stop: None, step: None });
    if len == 0 {
        return prop_oneof![range, all].boxed();
    }
    prop_oneof![1 => (-n..n).prop_map(Item::Index), 3 => range, 2 => all].boxed()
}

fn shape() -> impl Strategy<Value = Vec<usize>> {
    vec(prop_oneof![1 => Just(0usize), 2 => Just(1), 8 => 2usize..6], 0..5)
}

/// A shape and a slice of it, given for all dimensions or only for the first ones.
fn shape_and_slice() -> impl Strategy<Value = (Vec<usize>, NdSlice)> {
    shape().prop_flat_map(|shape| {
        let items: Vec<_> = shape.iter().map(|&n| good_item(n)).collect();
        (Just(shape), items, 0usize..9).prop_map(|(shape, mut items, keep)| {
            items.truncate(keep);
            (shape, NdSlice(items))
        })
    })
}

/// Chunk lengths that sum to `n`, empty ones among them.
fn cuts(n: usize) -> impl Strategy<Value = Vec<usize>> {
    vec(0..=n, 0..4).prop_map(move |mut edges| {
        edges.extend([0, n]);
        edges.sort_unstable();
        edges.windows(2).map(|w| w[1] - w[0]).collect()
    })
}

fn chunked_slice() -> impl Strategy<Value = (Vec<usize>, Vec<Vec<usize>>, NdSlice)> {
    shape_and_slice().prop_flat_map(|(shape, slice)| {
        let chunks: Vec<_> = shape.iter().map(|&n| cuts(n)).collect();
        (Just(shape), chunks, Just(slice))
    })
}

fn dtype() -> impl Strategy<Value = DType> {
    let orders = || select(vec!["<", ">"]);
    let numbers =
        select(vec!["i2", "i4", "i8", "u2", "u4", "u8", "f2", "f4", "f8", "f16", "c8", "c16", "c32"]);
    let plain =
        select(vec!["|b1", "|i1", "|u1", "|S0", "|S7", "|V3", "<U0", "<U5", ">U1"]).prop_map(str::to_owned);
    let times = (orders(), select(vec!["m8", "M8"]), select(vec!["", "[ns]", "[10ms]", "[D]", "[generic]"]));
    let scalar = prop_oneof![
        (orders(), numbers).prop_map(|(o, n)| format!("{o}{n}")),
        times.prop_map(|(o, kind, units)| format!("{o}{kind}{units}")),
        plain,
    ];
    let scalar = scalar.prop_map(|text| DType::parse(&text).unwrap());
    scalar.prop_recursive(2, 8, 3, |inner| {
        let name = select(vec!["x", "y", "größe", "say \"x\"", ""]);
        let part = (name, inner, vec(0usize..4, 0..3))
            .prop_map(|(name, dtype, shape)| (name.to_owned(), dtype, shape));
        vec(part, 0..4).prop_map(DType::packed)
    })
}

// ---- Naive models ----

/// The positions that Python's `range(*slice(start, stop, step).indices(n))` gives; `None` where NumPy refuses.
fn python(item: Item, n: usize) -> Option<Vec<usize>> {
    let n = i128::try_from(n).unwrap();
    let wrapped = |v: i64| if v < 0 { i128::from(v) + n } else { i128::from(v) };
    match item {
        Item::Index(i) => (0..n).contains(&wrapped(i)).then(|| vec![usize::try_from(wrapped(i)).unwrap()]),
        Item::Range { step: Some(0), .. } => None,
        Item::Range { start, stop, step } => {
            let up = step.unwrap_or(1) > 0;
            let stride = usize::try_from(step.unwrap_or(1).unsigned_abs()).unwrap();
            // All positions between the ends, in the direction of the step; then every stride-th.
            let (from, to) = (start.map(wrapped), stop.map(wrapped));
            let inside = |i: &i128| {
                if up {
                    from.is_none_or(|f| *i >= f) && to.is_none_or(|t| *i < t)
                } else {
                    from.is_none_or(|f| *i <= f) && to.is_none_or(|t| *i > t)
                }
            };
            let mut all: Vec<usize> = (0..n).filter(inside).map(|i| usize::try_from(i).unwrap()).collect();
            if !up {
                all.reverse();
            }
            Some(all.into_iter().step_by(stride).collect())
        }
    }
}

fn text_of(slice: &NdSlice) -> String {
    let part = |v: Option<i64>| v.map_or_else(String::new, |v| v.to_string());
    let item = |item: &Item| match *item {
        Item::Index(i) => i.to_string(),
        Item::Range { start, stop, step: None } => format!("{}:{}", part(start), part(stop)),
        Item::Range { start, stop, step } => format!("{}:{}:{}", part(start), part(stop), part(step)),
    };
    slice.0.iter().map(item).collect::<Vec<_>>().join(",")
}

fn taken(take: &Take) -> Vec<usize> {
    (0..take.count).map(|i| take.at(i)).collect()
}

/// All index tuples below `counts`, last dimension fastest.
fn indices(counts: &[usize]) -> Vec<Vec<usize>> {
    counts.iter().fold(vec![vec![]], |done, &n| {
        done.iter().flat_map(|head| (0..n).map(move |i| [head.as_slice(), &[i]].concat())).collect()
    })
}

fn linear(index: &[usize], shape: &[usize]) -> usize {
    index.iter().zip(shape).fold(0, |at, (i, n)| at * n + i)
}

/// `PROPTEST_CASES` scales the number of cases; these are cheap.
fn config() -> ProptestConfig {
    let default = ProptestConfig::default();
    ProptestConfig { cases: default.cases * 8, failure_persistence: None, ..default }
}

proptest! {
    #![proptest_config(config())]

    // ---- Slices ----

    #[test]
    fn slices_resolve_as_in_python(shape in shape(), items in vec(item(), 0..6)) {
        let want: Option<Vec<Vec<usize>>> = if items.len() > shape.len() {
            None
        } else {
            let full = Item::Range { start: None, stop: None, step: None };
            shape.iter().enumerate().map(|(i, &n)| python(items.get(i).copied().unwrap_or(full), n)).collect()
        };
        match (NdSlice(items.clone()).resolve(&shape), want) {
            (Ok(got), Some(want)) => {
                prop_assert_eq!(got.0.iter().map(taken).collect::<Vec<_>>(), want.clone());
                let dropped: Vec<bool> = (0..shape.len()).map(|i| matches!(items.get(i), Some(Item::Index(_)))).collect();
                prop_assert_eq!(got.0.iter().map(|t| t.dropped).collect::<Vec<_>>(), dropped.clone());
                let left: Vec<usize> = want.iter().zip(&dropped).filter(|(_, d)| !**d).map(|(w, _)| w.len()).collect();
                prop_assert_eq!(got.shape(), left);
                prop_assert_eq!(got.counts(), want.iter().map(Vec::len).collect::<Vec<_>>());
                prop_assert_eq!(got.items(), want.iter().map(Vec::len).product::<usize>());
                let whole = want.iter().zip(&shape).all(|(w, &n)| *w == (0..n).collect::<Vec<_>>());
                prop_assert_eq!(got.is_full(&shape), whole || shape.is_empty(), "{:?} of {:?}", got, shape);
            }
            (Err(e), None) => prop_assert_eq!(e.kind, Kind::Invalid),
            (got, want) => prop_assert!(false, "{:?} instead of {:?}", got, want),
        }
    }

    #[test]
    fn slices_survive_as_text(items in vec(item(), 0..6)) {
        let slice = NdSlice(items);
        prop_assert_eq!(&NdSlice::parse(&text_of(&slice)).unwrap(), &slice);
    }

    #[test]
    fn other_texts_are_malformed(text in prop_oneof!["[-:,0-9 ]{0,14}", "[-+:.,\\[\\]0-9٣a]{0,10}"]) {
        let part = |t: &str| {
            let digits = t.strip_prefix('-').unwrap_or(t);
            t.is_empty() || (!digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit()) && t.parse::<i64>().is_ok())
        };
        let item = |t: &str| {
            let parts: Vec<&str> = t.split(':').collect();
            parts.len() <= 3 && parts.iter().all(|p| part(p)) && (parts.len() > 1 || !t.is_empty())
        };
        let good = text.is_empty() || text.split(',').all(item);
        match NdSlice::parse(&text) {
            Ok(slice) => prop_assert!(good, "`{}` was read as {:?}", text, slice),
            Err(e) => {
                prop_assert!(!good, "`{}` was refused: {}", text, e);
                prop_assert_eq!(e.kind, Kind::Malformed);
            }
        }
    }

    #[test]
    fn bands_are_rows_of_the_result((shape, slice) in shape_and_slice(), axis in 0usize..4, ends in (0usize..7, 0usize..7)) {
        let selection = slice.resolve(&shape).unwrap();
        let count = selection.0.get(axis).map_or(0, |t| t.count);
        let (from, to) = (ends.0.min(ends.1).min(count), ends.0.max(ends.1).min(count));
        let band = selection.band(axis, from, to);
        for (i, (got, whole)) in band.0.iter().zip(&selection.0).enumerate() {
            let want = if i == axis { taken(whole)[from..to].to_vec() } else { taken(whole) };
            prop_assert_eq!(taken(got), want);
            prop_assert_eq!(got.dropped, whole.dropped);
        }
    }

    // ---- Grids ----

    #[test]
    fn plans_cover_each_item_once((shape, chunks, slice) in chunked_slice()) {
        let selection = slice.resolve(&shape).unwrap();
        let grid = Grid::new(chunks.clone());
        prop_assert_eq!(&grid.shape(), &shape);
        let counts = selection.counts();
        let mut found: Vec<Option<Vec<usize>>> = vec![None; selection.items()];
        let pieces = grid.plan(&selection);
        for piece in &pieces {
            let inside = grid.chunk_shape(&piece.chunk).unwrap();
            prop_assert!(piece.takes.iter().all(|t| t.count > 0), "an empty piece: {:?}", piece);
            for index in indices(&piece.takes.iter().map(|t| t.count).collect::<Vec<_>>()) {
                let local: Vec<usize> = index.iter().zip(&piece.takes).map(|(&i, t)| t.at(i)).collect();
                prop_assert!(local.iter().zip(&inside).all(|(i, n)| i < n), "outside of its chunk: {:?}", piece);
                let starts = piece.chunk.iter().zip(&chunks).map(|(&c, lengths)| lengths[..c].iter().sum::<usize>());
                let global = local.iter().zip(starts).map(|(i, s)| i + s).collect();
                let at: Vec<usize> = index.iter().zip(&piece.at).map(|(i, a)| i + a).collect();
                let slot = &mut found[linear(&at, &counts)];
                prop_assert!(slot.is_none(), "twice: {:?}", at);
                *slot = Some(global);
            }
        }
        let want: Vec<_> = indices(&counts).iter().map(|index| Some(index.iter().zip(&selection.0).map(|(&i, t)| t.at(i)).collect())).collect();
        prop_assert_eq!(found, want);
        prop_assert!(pieces.windows(2).all(|w| w[0].at < w[1].at), "in order of the result");
        let dropped = |takes: &[Take]| takes.iter().map(|t| t.dropped).collect::<Vec<_>>();
        prop_assert!(pieces.iter().all(|p| dropped(&p.takes) == dropped(&selection.0)));
    }

    #[test]
    fn a_plan_touches_only_chunks_that_are_asked_for((shape, chunks, slice) in chunked_slice()) {
        let selection = slice.resolve(&shape).unwrap();
        let grid = Grid::new(chunks);
        let mut got: Vec<Vec<usize>> = grid.plan(&selection).into_iter().map(|p| p.chunk).collect();
        let total = got.len();
        got.sort();
        got.dedup();
        prop_assert_eq!(got.len(), total, "a chunk is visited once");
        for index in indices(&grid.counts()) {
            let of_chunk = grid.chunk_selection(&index).unwrap();
            let wanted = selection.0.iter().zip(&of_chunk.0).all(|(t, c)| taken(t).iter().any(|p| taken(c).contains(p)));
            prop_assert_eq!(got.contains(&index), wanted, "{:?}", index);
        }
    }

    #[test]
    fn regular_grids_tile_their_shape(dims in vec((0usize..9, 0usize..5), 0..4)) {
        let (shape, chunk): (Vec<usize>, Vec<usize>) = dims.into_iter().unzip();
        let grid = Grid::regular(&shape, &chunk);
        prop_assert_eq!(&grid.shape(), &shape);
        for (lengths, (&n, &c)) in grid.chunks.iter().zip(shape.iter().zip(&chunk)) {
            let c = c.max(1);
            let (last, whole) = lengths.split_last().unwrap();
            prop_assert!(whole.iter().all(|&l| l == c) && (n == 0 || (1..=c).contains(last)), "{:?}", lengths);
            prop_assert_eq!(lengths.len(), n.div_ceil(c).max(1));
        }
        let all = indices(&grid.counts());
        for (number, index) in all.iter().enumerate() {
            prop_assert_eq!(grid.linear(index), number as u64);
        }
        prop_assert_eq!(grid.chunk_shape(&grid.counts()), if shape.is_empty() { Some(vec![]) } else { None });
        prop_assert_eq!(Grid::single(&shape).plan(&Selection::full(&shape)).len(), usize::from(!shape.contains(&0)));
    }

    #[test]
    fn automatic_chunks_stay_below_their_bound(shape in vec(prop_oneof![0usize..4, 1usize..3000], 0..4), itemsize in 0usize..20, bytes_max in 1usize..20_000) {
        let chunks = auto_chunks(&shape, itemsize, bytes_max);
        prop_assert_eq!(&Grid::new(chunks.clone()).shape(), &shape);
        let largest: Vec<usize> = chunks.iter().map(|c| c.iter().copied().max().unwrap_or(0)).collect();
        let bytes = largest.iter().fold(itemsize.max(1), |n, &d| n * d.max(1));
        prop_assert!(bytes <= bytes_max || largest.iter().all(|&d| d <= 1), "{:?} of {:?}", largest, shape);
        // Cut along leading dimensions only: behind the first that is cut to more than one item, all are whole.
        if let Some(axis) = largest.iter().zip(&shape).position(|(&c, &n)| c > 1 && c < n) {
            prop_assert_eq!(&largest[axis + 1..], &shape[axis + 1..]);
        }
    }

    // ---- Copies ----

    #[test]
    fn gathering_is_indexing((shape, slice) in shape_and_slice(), itemsize in select(vec![1usize, 2, 3, 4, 5, 8, 16]), margin in vec((0usize..3, 0usize..3), 4), seed in any::<u8>()) {
        let selection = slice.resolve(&shape).unwrap();
        let counts = selection.counts();
        let at: Vec<usize> = (0..shape.len()).map(|i| margin[i].0).collect();
        let target_shape: Vec<usize> = counts.iter().enumerate().map(|(i, n)| margin[i].0 + n + margin[i].1).collect();
        let size: usize = shape.iter().product::<usize>() * itemsize;
        let source: Vec<u8> = (0..size).map(|i| u8::try_from((i * 31 + usize::from(seed)) % 251).unwrap()).collect();
        let mut want = vec![255u8; target_shape.iter().product::<usize>() * itemsize];
        let mut got = want.clone();
        for index in indices(&counts) {
            let from = linear(&index.iter().zip(&selection.0).map(|(&i, t)| t.at(i)).collect::<Vec<_>>(), &shape) * itemsize;
            let to = linear(&index.iter().zip(&at).map(|(i, a)| i + a).collect::<Vec<_>>(), &target_shape) * itemsize;
            want[to..to + itemsize].copy_from_slice(&source[from..from + itemsize]);
        }
        gather(&source, &shape, &selection.0, &mut got, &target_shape, &at, itemsize);
        prop_assert_eq!(got, want);
    }

    #[test]
    fn strides_are_distances(shape in vec(1usize..5, 0..5), itemsize in 1usize..9) {
        let steps = strides(&shape, itemsize);
        for index in indices(&shape) {
            let at: usize = index.iter().zip(&steps).map(|(i, s)| i * s).sum();
            prop_assert_eq!(at, linear(&index, &shape) * itemsize);
        }
    }

    #[test]
    fn swapping_reverses_each_group(data in vec(any::<u8>(), 0..64), width in 0usize..20) {
        let mut got = data.clone();
        swap_bytes(&mut got, width);
        let want: Vec<u8> = if width == 0 {
            data.clone()
        } else {
            data.chunks(width).flat_map(|c| if c.len() == width { c.iter().rev().copied().collect() } else { c.to_vec() }).collect()
        };
        prop_assert_eq!(&got, &want);
        swap_bytes(&mut got, width);
        prop_assert_eq!(got, data);
    }

    // ---- Types and structures ----

    #[test]
    fn types_survive_as_json(dtype in dtype()) {
        let text = dtype.to_json().to_string();
        prop_assert_eq!(&DType::from_json(&serde_json::from_str(&text).unwrap()).unwrap(), &dtype);
        match &dtype {
            DType::Scalar(s) => {
                prop_assert_eq!(&DType::parse(&s.typestr()).unwrap(), &dtype);
                prop_assert_eq!(s.endian == Endian::None, s.typestr().starts_with('|'));
                prop_assert!(s.swap_width() == 0 || s.itemsize.is_multiple_of(s.swap_width()));
            }
            DType::Struct { itemsize, fields } => {
                let size = |f: &Field| f.dtype.itemsize() * f.shape.iter().product::<usize>();
                let ends = fields.iter().scan(0, |at, f| { let here = *at; *at += size(f); Some(here) }).collect::<Vec<_>>();
                prop_assert_eq!(fields.iter().map(|f| f.offset).collect::<Vec<_>>(), ends);
                prop_assert_eq!(*itemsize, fields.iter().map(size).sum::<usize>());
            }
        }
    }

    #[test]
    fn any_text_is_a_type_or_malformed(text in prop_oneof!["[<>=|]?[biufcmMSUVaO?x][0-9]{0,3}(\\[[a-z0-9]{0,3}\\]?)?", "\\PC{0,6}"]) {
        match DType::parse(&text) {
            Ok(DType::Scalar(s)) => {
                let again = DType::parse(&s.typestr()).unwrap();
                prop_assert_eq!(again, DType::Scalar(s));
            }
            Ok(other) => prop_assert!(false, "{:?}", other),
            Err(e) => prop_assert_eq!(e.kind, Kind::Malformed),
        }
    }

    #[test]
    fn array_structures_survive_as_json(dtype in dtype(), (shape, chunks, _) in chunked_slice(), dims in any::<bool>(), sparse in any::<bool>()) {
        let names = dims.then(|| (0..shape.len()).map(|i| format!("d{i}")).collect());
        let array = ArrayStructure { dtype, shape, chunks, dims: names };
        let structure = if sparse { Structure::Sparse(array) } else { Structure::Array(array) };
        let text = structure.to_json().to_string();
        prop_assert_eq!(&Structure::from_json(structure.family(), &serde_json::from_str(&text).unwrap()).unwrap(), &structure);
        let mut cut: Value = serde_json::from_str(&text).unwrap();
        cut.as_object_mut().unwrap().remove("shape");
        prop_assert!(Structure::from_json(structure.family(), &cut).is_err());
    }

    // ---- Conditions and paths ----

    #[test]
    fn like_is_the_naive_matcher(pattern in "[%_aAbé]{0,7}", text in "[aAbBéÉ%_]{0,8}") {
        let (p, t): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
        prop_assert_eq!(like(&pattern, &text), naive_like(&p, &t), "`{}` on `{}`", pattern, text);
    }

    #[test]
    fn comparing_is_an_order_of_one_kind(a in scalar(), b in scalar(), c in scalar()) {
        prop_assert_eq!(compare(&a, &b), compare(&b, &a).map(Ordering::reverse));
        if let (Some(x), Some(y)) = (compare(&a, &b), compare(&b, &c))
            && x == y {
                prop_assert_eq!(compare(&a, &c), Some(x), "{} {} {}", a, b, c);
            }
        prop_assert_eq!(compare(&a, &b) == Some(Ordering::Equal), same(&a, &b) && !a.is_null());
        prop_assert!(same(&a, &a));
        let kind = |v: &Value| (v.is_number(), v.is_string(), v.is_boolean());
        prop_assert_eq!(compare(&a, &b).is_some(), kind(&a) == kind(&b) && !a.is_null());
    }

    #[test]
    fn the_four_comparisons_part_all_values(have in scalar(), wanted in scalar()) {
        let metadata = json!({"a": {"b": have}});
        let on = |op| meets(&Filter::Compare { key: "a.b".into(), op, value: wanted.clone() }, &metadata);
        let (gt, lt, ge, le) = (on(Comparison::Gt), on(Comparison::Lt), on(Comparison::Ge), on(Comparison::Le));
        let eq = meets(&Filter::Eq { key: "a.b".into(), value: wanted.clone() }, &metadata);
        let ordered = compare(&have, &wanted).is_some();
        prop_assert_eq!(usize::from(gt) + usize::from(lt) + usize::from(eq), usize::from(ordered));
        prop_assert_eq!((ge, le), (gt || eq, lt || eq));
        let ne = meets(&Filter::NotEq { key: "a.b".into(), value: wanted.clone() }, &metadata);
        prop_assert_eq!(ne, !eq && !have.is_null());
        let list = vec![Value::Null, wanted.clone()];
        prop_assert_eq!(meets(&Filter::In { key: "a.b".into(), values: list.clone() }, &metadata), eq);
        prop_assert_eq!(meets(&Filter::NotIn { key: "a.b".into(), values: list }, &metadata), ne);
    }

    #[test]
    fn words_of_a_text_find_it(words in vec("[a-zA-Z0-9äßé日]{1,5}", 1..5), gaps in vec("[ .,_\"*-]{1,2}", 5), drop in 0usize..5) {
        let text: String = words.iter().zip(&gaps).map(|(w, g)| format!("{w}{g}")).collect();
        let metadata = json!({"a": [1, {"b": text}]});
        prop_assert_eq!(tokens(&text).collect::<Vec<_>>(), words.iter().map(|w| w.to_lowercase()).collect::<Vec<_>>());
        let some: Vec<String> = words.iter().enumerate().filter(|(i, _)| *i != drop).map(|(_, w)| w.to_lowercase()).collect();
        prop_assert_eq!(meets(&Filter::FullText(some.join("-")), &metadata), !some.is_empty());
        let one_more = format!("{} zzzzzz", some.join(" "));
        prop_assert!(!meets(&Filter::FullText(one_more), &metadata));
    }

    #[test]
    fn paths_are_their_keys(keys in vec("[^/]{1,6}", 0..5), more in "[^/]{1,4}") {
        let path = NodePath(keys.clone());
        let child = path.child(&more);
        prop_assert_eq!(child.key(), more.as_str());
        prop_assert_eq!(child.ancestors(), keys.as_slice());
        let shown = child.to_string();
        prop_assert_eq!(shown.split('/').collect::<Vec<_>>(), child.0.iter().map(String::as_str).collect::<Vec<_>>());
        prop_assert!(!child.is_root());
        prop_assert_eq!(path.is_root(), keys.is_empty());
        prop_assert_eq!(path.key(), keys.last().map_or("", String::as_str));
    }
}

fn naive_like(p: &[char], t: &[char]) -> bool {
    match (p.first(), t.first()) {
        (None, None) => true,
        (Some('%'), _) => naive_like(&p[1..], t) || (!t.is_empty() && naive_like(p, &t[1..])),
        (Some('_'), Some(_)) => naive_like(&p[1..], &t[1..]),
        (Some(a), Some(b)) => a.eq_ignore_ascii_case(b) && naive_like(&p[1..], &t[1..]),
        _ => false,
    }
}

/// Numbers that floats hold exactly: what larger integers mean beside floats is not settled.
fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        1 => Just(Value::Null),
        2 => any::<bool>().prop_map(Value::from),
        4 => (-3i64..4).prop_map(Value::from),
        3 => (-6i32..7).prop_map(|n| Value::from(f64::from(n) / 2.0)),
        1 => select(vec![json!(-0.0), json!(1e300), json!(u64::MAX), json!(1u64 << 63), json!(-(1i64 << 53))]),
        3 => select(vec!["", "a", "B", "é", "a b", "\u{10FFFF}"]).prop_map(Value::from),
    ]
}

fn meets(filter: &Filter, metadata: &Value) -> bool {
    let specs = ["x".to_owned(), "y".to_owned()];
    filter.matches(
        &Candidate { key: "k", family: Family::Table, metadata, specs: &specs },
        &|pattern, _, text| pattern == text,
    )
}

#[test]
fn paths_into_metadata_go_through_objects_only() {
    let m = json!({"a": {"b": [1, {"c": 2}], "": {"": 3}, "n": null}, "a.b": 4, "l": [1]});
    assert_eq!(value_at(&m, "a.b"), Some(&json!([1, {"c": 2}])));
    assert_eq!(value_at(&m, "a.."), Some(&json!(3)));
    for missing in ["", ".", "a.b.1", "a.b.c", "l.0", "a.n", "a.n.x", "A", "a.b.", "l[]"] {
        assert_eq!(value_at(&m, missing), None, "{missing}");
    }
    assert_eq!(value_at(&json!([1]), "0"), None);
}

#[test]
fn conditions_on_the_node_itself() {
    let m = json!({});
    let owned = |names: &[&str]| names.iter().map(|s| (*s).to_owned()).collect::<Vec<String>>();
    assert!(meets(&Filter::Lookup("k".into()), &m) && !meets(&Filter::Lookup("K".into()), &m));
    assert!(meets(&Filter::Keys(owned(&["j", "k"])), &m) && !meets(&Filter::Keys(vec![]), &m));
    assert!(meets(&Filter::Family(Family::Table), &m) && !meets(&Filter::Family(Family::Array), &m));
    let specs = |include: &[&str], exclude: &[&str]| Filter::Specs {
        include: owned(include),
        exclude: owned(exclude),
    };
    assert!(meets(&specs(&[], &[]), &m) && meets(&specs(&["x", "y"], &["z"]), &m));
    assert!(!meets(&specs(&["x", "z"], &[]), &m) && !meets(&specs(&["x"], &["y"]), &m));
    assert!(!meets(&Filter::AccessTags(vec![]), &m));
}

#[test]
fn patterns_look_at_texts_only() {
    let m = json!({"t": "5", "n": 5, "l": ["5"]});
    for (key, want) in [("t", true), ("n", false), ("l", false), ("zz", false)] {
        assert_eq!(meets(&Filter::Like { key: key.into(), pattern: "5".into() }, &m), want, "{key}");
        let regex = Filter::Regex { key: key.into(), pattern: "5".into(), case_sensitive: true };
        assert_eq!(meets(&regex, &m), want, "{key}");
    }
}

#[test]
fn other_structures_survive_as_json() -> Result<()> {
    for family in Family::ALL {
        assert_eq!(Family::parse(family.name())?, family);
    }
    assert_eq!(Family::parse("Array").unwrap_err().kind, Kind::Malformed);
    let spec = Spec { name: "x".into(), version: None };
    assert_eq!(serde_json::from_str::<Spec>(&serde_json::to_string(&spec).unwrap()).unwrap(), spec);
    for (family, wrong) in [
        (Family::Table, json!({})),
        (Family::Array, json!({"shape": [1]})),
        (Family::Awkward, json!({"length": -1, "form": {}})),
        (Family::Ragged, json!(null)),
    ] {
        assert_eq!(Structure::from_json(family, &wrong).unwrap_err().kind, Kind::Malformed, "{wrong}");
    }
    Ok(())
}
