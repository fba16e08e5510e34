//! NPY files of both orders, with and without padding, opened and read.

use super::{config, indices, naive, pattern, selection, shape};
use crate::assets::Assets;
use crate::cache::Cache;
use crate::data::{ArrayData, Data};
use crate::formats::Format;
use crate::formats::npy::{Npy, parse_header};
use crate::reading::array::read;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value;
use tempfile::TempDir;
use tile_base::slice::Selection;
use tile_base::{DType, Kind, Result};

/// A field of an item, or padding when it has no name.
#[derive(Clone, Debug)]
struct Part {
    name: Option<String>,
    kind: &'static str,
    size: usize,
    shape: Vec<usize>,
}

#[derive(Clone, Debug)]
struct File {
    version: u8,
    fortran: bool,
    shape: Vec<usize>,
    /// One part without padding: a plain type.
    parts: Vec<Part>,
    plain: bool,
    selection: Selection,
    seed: u8,
}

impl Part {
    fn bytes(&self) -> usize {
        self.size * self.shape.iter().product::<usize>()
    }
    fn descr(&self) -> String {
        let name = self.name.as_deref().unwrap_or("");
        match self.shape.as_slice() {
            [] => format!("('{name}', '{}')", self.kind),
            dims => format!("('{name}', '{}', {})", self.kind, tuple(dims)),
        }
    }
}

fn tuple(dims: &[usize]) -> String {
    let mut out: String = dims.iter().map(|d| format!("{d}, ")).collect();
    if dims.len() > 1 {
        out.truncate(out.len() - 2);
    }
    format!("({})", out.trim_end())
}

impl File {
    fn packed(&self) -> usize {
        self.parts.iter().filter(|p| p.name.is_some()).map(Part::bytes).sum()
    }
    /// The items in C order without padding.
    fn items(&self) -> Vec<u8> {
        pattern(self.shape.iter().product::<usize>() * self.packed(), self.seed)
    }
    fn header(&self) -> Vec<u8> {
        let descr = if self.plain {
            format!("'{}'", self.parts[0].kind)
        } else {
            format!("[{}]", self.parts.iter().map(Part::descr).collect::<Vec<_>>().join(", "))
        };
        let order = if self.fortran { "True" } else { "False" };
        let text =
            format!("{{'descr': {descr}, 'fortran_order': {order}, 'shape': {}, }}", tuple(&self.shape));
        let before = if self.version == 1 { 10 } else { 12 };
        let text =
            format!("{text:<width$}\n", width = (before + text.len() + 1).next_multiple_of(64) - before - 1);
        let mut out = b"\x93NUMPY".to_vec();
        out.extend([self.version, 0]);
        if self.version == 1 {
            out.extend(u16::try_from(text.len()).unwrap().to_le_bytes());
        } else {
            out.extend(u32::try_from(text.len()).unwrap().to_le_bytes());
        }
        out.extend(text.bytes());
        out
    }
    fn content(&self) -> Vec<u8> {
        let (mut out, items, size) = (self.header(), self.items(), self.packed());
        // Fortran order: the first dimension is the fastest.
        let stored: Vec<usize> =
            if self.fortran { self.shape.iter().rev().copied().collect() } else { self.shape.clone() };
        for mut index in indices(&stored) {
            if self.fortran {
                index.reverse();
            }
            let at = index.iter().zip(&self.shape).fold(0, |at, (i, n)| at * n + i);
            let mut item = &items[at * size..(at + 1) * size];
            for part in &self.parts {
                if part.name.is_some() {
                    let (field, rest) = item.split_at(part.bytes());
                    out.extend_from_slice(field);
                    item = rest;
                } else {
                    out.extend(vec![0xEE; part.bytes()]);
                }
            }
        }
        out
    }
    fn dtype(&self) -> DType {
        if self.plain {
            return DType::parse(self.parts[0].kind).unwrap();
        }
        let field = |p: &Part| Some((p.name.clone()?, DType::parse(p.kind).unwrap(), p.shape.clone()));
        DType::packed(self.parts.iter().filter_map(field).collect())
    }
}

fn kind() -> impl Strategy<Value = (&'static str, usize)> {
    select(vec![
        ("|u1", 1),
        ("<i2", 2),
        (">f4", 4),
        ("<f8", 8),
        ("|S3", 3),
        ("<U2", 8),
        ("<c16", 16),
        ("<M8[ns]", 8),
    ])
}

fn file() -> impl Strategy<Value = File> {
    let field = (kind(), vec(1usize..3, 0..3)).prop_map(|((kind, size), shape)| (true, kind, size, shape));
    let padding =
        select(vec![("|V1", 1), ("|V4", 4), ("|V7", 7)]).prop_map(|(kind, size)| (false, kind, size, vec![]));
    let parts = vec(prop_oneof![2 => field, 1 => padding], 1..5);
    (shape(), parts, kind(), (any::<bool>(), any::<bool>(), 1u8..4, any::<u8>())).prop_flat_map(
        |(shape, parts, alone, (plain, fortran, version, seed))| {
            let parts: Vec<Part> = if plain {
                vec![Part { name: Some("-".into()), kind: alone.0, size: alone.1, shape: vec![] }]
            } else {
                let named = |(i, (named, kind, size, shape)): (usize, (bool, _, _, _))| Part {
                    name: named.then(|| format!("f{i}")),
                    kind,
                    size,
                    shape,
                };
                parts.into_iter().enumerate().map(named).collect()
            };
            let selection = selection(&shape);
            selection.prop_map(move |selection| File {
                version,
                fortran,
                shape: shape.clone(),
                parts: parts.clone(),
                plain,
                selection,
                seed,
            })
        },
    )
}

fn open(content: &[u8]) -> Result<ArrayData> {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("x.npy");
    std::fs::write(&path, content).unwrap();
    let opened = Npy.open(&Assets::file(&path), &Value::Null)?;
    let Data::Array(data) = opened.data else { panic!("an array") };
    Ok(data)
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn files_are_indexed_in_c_order_without_padding(file in file()) {
        let data = open(&file.content()).unwrap();
        prop_assert_eq!(&data.structure.dtype, &file.dtype());
        prop_assert_eq!(&data.structure.shape, &file.shape);
        let cache = Cache::new(1 << 20);
        let want = naive(&file.items(), &file.shape, file.packed(), &file.selection);
        prop_assert_eq!(&read(&data, &file.selection, &cache).unwrap()[..], &want[..]);
        let whole = read(&data, &Selection::full(&file.shape), &cache).unwrap();
        prop_assert_eq!(&whole[..], &file.items()[..]);
    }

    #[test]
    fn files_that_were_cut_are_damaged(file in file(), at in any::<proptest::sample::Index>()) {
        let content = file.content();
        let cut = at.index(content.len());
        // A file without items is whole when its header is.
        let refused = open(&content[..cut]).err().map(|e| e.kind);
        prop_assert_eq!(refused, Some(Kind::Damaged), "{} of {} bytes", cut, content.len());
    }

    #[test]
    fn damaged_headers_are_refused_or_read(file in file(), at in any::<proptest::sample::Index>(), with in any::<u8>()) {
        let mut head = file.header();
        let at = at.index(head.len());
        head[at] = with;
        match parse_header(&head) {
            Ok(header) => prop_assert!(header.data_start <= head.len() && header.dtype.itemsize() <= header.stored.map_or(usize::MAX, |s| s.itemsize())),
            Err(e) => prop_assert!(matches!(e.kind, Kind::Damaged | Kind::Malformed), "{:?}", e),
        }
    }
}

#[test]
fn padding_inside_of_nested_structs_is_left_out() {
    let text = "{'descr': [('a', [('x', '|u1'), ('', '|V3'), ('y', '<u2')]), ('z', '|u1')], 'fortran_order': False, 'shape': (2,), }\n";
    let mut content = b"\x93NUMPY\x01\x00".to_vec();
    content.extend(u16::try_from(text.len()).unwrap().to_le_bytes());
    content.extend(text.bytes());
    content.extend([1, 0xEE, 0xEE, 0xEE, 2, 3, 4, 5, 0xEE, 0xEE, 0xEE, 6, 7, 8]);
    let data = open(&content).unwrap();
    let inner = DType::packed(vec![
        ("x".into(), DType::parse("|u1").unwrap(), vec![]),
        ("y".into(), DType::parse("<u2").unwrap(), vec![]),
    ]);
    let whole =
        DType::packed(vec![("a".into(), inner, vec![]), ("z".into(), DType::parse("|u1").unwrap(), vec![])]);
    assert_eq!(data.structure.dtype, whole);
    let got = read(&data, &Selection::full(&[2]), &Cache::new(0)).unwrap();
    assert_eq!(&got[..], [1, 2, 3, 4, 5, 6, 7, 8]);
}
