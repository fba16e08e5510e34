//! HDF5 filters: what plain encoders write is decoded, and damage is refused.

use super::config;
use crate::formats::hdf5::filters::{Filter, decode, lzf, parse};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use std::io::Write;
use tile_base::Kind;

fn encode(data: Vec<u8>, filter: &Filter) -> Vec<u8> {
    match filter {
        Filter::Deflate => {
            let mut writer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
            writer.write_all(&data).unwrap();
            writer.finish().unwrap()
        }
        Filter::Shuffle { width } => shuffle(&data, *width),
        Filter::Fletcher32 => with_checksum(data),
        Filter::Lzf => lzf_encode(&data),
        Filter::Lz4 => lz4_encode(&data, 100),
        Filter::Zstd => zstd::bulk::compress(&data, 1).unwrap(),
        Filter::Bitshuffle { width, block, compression } => bitshuffle(&data, *width, *block, *compression),
        Filter::Blosc => panic!("no encoder is at hand"),
    }
}

/// All first bytes of the items, then all second ones, …; what fills no item stays behind.
fn shuffle(data: &[u8], width: usize) -> Vec<u8> {
    let items = data.len() / width.max(1);
    let mut out: Vec<u8> = (0..width).flat_map(|b| (0..items).map(move |i| data[i * width + b])).collect();
    out.extend_from_slice(&data[items * width..]);
    out
}

/// Fletcher's checksum over big-endian words, by definition: sums modulo 65535, where only zeros give zero.
fn with_checksum(mut data: Vec<u8>) -> Vec<u8> {
    let (mut a, mut b) = (0u128, 0u128);
    for pair in data.chunks(2) {
        a += u128::from(pair[0]) * 256 + pair.get(1).map_or(0, |&x| u128::from(x));
        b += a;
    }
    let folded = |n: u128| if n == 0 { 0 } else { u32::try_from((n - 1) % 65535 + 1).unwrap() };
    data.extend(((folded(b) << 16) | folded(a)).to_le_bytes());
    data
}

/// Greedy LZF: the longest earlier match of at least three bytes, else literals.
fn lzf_encode(data: &[u8]) -> Vec<u8> {
    let (mut out, mut literals, mut at) = (Vec::new(), Vec::new(), 0);
    let flush = |literals: &mut Vec<u8>, out: &mut Vec<u8>| {
        for run in literals.chunks(32) {
            out.push(u8::try_from(run.len() - 1).unwrap());
            out.extend_from_slice(run);
        }
        literals.clear();
    };
    while at < data.len() {
        let length =
            |from: usize| data[from..].iter().zip(&data[at..]).take(264).take_while(|(x, y)| x == y).count();
        let best =
            (at.saturating_sub(8192)..at).map(|from| (length(from), from)).max().filter(|(n, _)| *n >= 3);
        let Some((n, from)) = best else {
            literals.push(data[at]);
            at += 1;
            continue;
        };
        flush(&mut literals, &mut out);
        let back = at - from - 1;
        let high = u8::try_from(back >> 8).unwrap();
        if n - 2 < 7 {
            out.push(u8::try_from(n - 2).unwrap() << 5 | high);
        } else {
            out.extend([7 << 5 | high, u8::try_from(n - 9).unwrap()]);
        }
        out.push(u8::try_from(back & 0xff).unwrap());
        at += n;
    }
    flush(&mut literals, &mut out);
    out
}

fn be32(n: usize) -> [u8; 4] {
    u32::try_from(n).unwrap().to_be_bytes()
}

fn lz4_encode(data: &[u8], block: usize) -> Vec<u8> {
    let mut out = (data.len() as u64).to_be_bytes().to_vec();
    out.extend(be32(block));
    for piece in data.chunks(block) {
        let packed = lz4_flex::block::compress(piece);
        // A block that does not shrink is stored as it is.
        let packed = if packed.len() < piece.len() { packed } else { piece.to_vec() };
        out.extend(be32(packed.len()));
        out.extend(packed);
    }
    out
}

/// Blocks of items, bit by bit: all lowest bits of the first bytes, then all second ones, …
fn bitshuffle(data: &[u8], width: usize, block: usize, compression: u32) -> Vec<u8> {
    let default = (8192 / width / 8 * 8).max(128);
    let block = if block == 0 { default } else { block };
    let mut out = Vec::new();
    if compression != 0 {
        out.extend((data.len() as u64).to_be_bytes());
        out.extend(be32(block * width));
    }
    let (items, mut done) = (data.len() / width, 0);
    while items - done >= 8 {
        let n = block.min((items - done) / 8 * 8);
        let piece = &data[done * width..(done + n) * width];
        let mut planes = vec![0u8; piece.len()];
        for item in 0..n {
            for bit in 0..width * 8 {
                let set = piece[item * width + bit / 8] >> (bit % 8) & 1;
                planes[bit * n / 8 + item / 8] |= set << (item % 8);
            }
        }
        let packed = match compression {
            0 => planes,
            2 => lz4_flex::block::compress(&planes),
            _ => zstd::bulk::compress(&planes, 1).unwrap(),
        };
        if compression != 0 {
            out.extend(be32(packed.len()));
        }
        out.extend(packed);
        done += n;
    }
    out.extend_from_slice(&data[done * width..]);
    out
}

/// Random bytes, runs and repeats: incompressible and compressible.
fn data() -> impl Strategy<Value = Vec<u8>> {
    let run = prop_oneof![
        (any::<u8>(), 1usize..300).prop_map(|(b, n)| vec![b; n]),
        vec(any::<u8>(), 1..60),
        (vec(any::<u8>(), 1..9), 1usize..40).prop_map(|(piece, n)| piece.repeat(n)),
    ];
    vec(run, 0..6).prop_map(|runs| runs.concat())
}

fn width() -> impl Strategy<Value = usize> {
    select(vec![1usize, 2, 3, 4, 5, 8, 16])
}

fn bits() -> impl Strategy<Value = Filter> {
    let block = select(vec![0usize, 8, 16, 64]);
    (width(), block, select(vec![0u32, 2, 3])).prop_map(|(width, block, compression)| Filter::Bitshuffle {
        width,
        block,
        compression,
    })
}

fn compressor() -> impl Strategy<Value = Filter> {
    prop_oneof![Just(Filter::Deflate), Just(Filter::Lzf), Just(Filter::Lz4), Just(Filter::Zstd), bits()]
}

/// As writers put them together: a shuffle, one compressor, a checksum before or behind it.
fn pipeline() -> impl Strategy<Value = Vec<Filter>> {
    let shuffle = proptest::option::of(width().prop_map(|width| Filter::Shuffle { width }));
    (any::<bool>(), shuffle, proptest::option::of(compressor()), any::<bool>()).prop_map(
        |(before, shuffle, packed, behind)| {
            let check = |on: bool| on.then_some(Filter::Fletcher32);
            [check(before), shuffle, packed, check(behind)].into_iter().flatten().collect()
        },
    )
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn pipelines_are_undone(data in data(), filters in pipeline(), mask in any::<u32>()) {
        // A skipped stage is marked with its bit.
        for mask in [0, mask] {
            let stages = filters.iter().enumerate().filter(|(i, _)| mask & (1 << i) == 0);
            let stored = stages.fold(data.clone(), |d, (_, f)| encode(d, f));
            let got = decode(stored, &filters, mask, data.len());
            prop_assert_eq!(got.map_err(|e| e.to_string()), Ok(data.clone()));
        }
    }

    #[test]
    fn each_compressor_is_undone(data in data(), filter in compressor()) {
        let got = decode(encode(data.clone(), &filter), &[filter], 0, data.len());
        prop_assert_eq!(got.map_err(|e| e.to_string()), Ok(data));
    }

    #[test]
    fn checksums_find_damage(data in vec(any::<u8>(), 1..900), at in any::<proptest::sample::Index>(), bit in 0u8..8) {
        let mut stored = with_checksum(data.clone());
        prop_assert_eq!(decode(stored.clone(), &[Filter::Fletcher32], 0, data.len()).unwrap(), data.clone());
        let at = at.index(stored.len());
        stored[at] ^= 1 << bit;
        let refused = decode(stored, &[Filter::Fletcher32], 0, data.len());
        prop_assert_eq!(refused.err().map(|e| e.kind), Some(Kind::Damaged));
    }

    #[test]
    fn damage_is_refused_or_bounded(data in data(), filters in pipeline(), flips in vec((any::<proptest::sample::Index>(), any::<u8>()), 1..4), keep in any::<proptest::sample::Index>(), cut in any::<bool>()) {
        let mut stored = filters.iter().fold(data.clone(), encode);
        prop_assume!(!stored.is_empty());
        for (at, with) in &flips {
            let at = at.index(stored.len());
            stored[at] = *with;
        }
        if cut {
            stored.truncate(keep.index(stored.len()));
        }
        let given = stored.len();
        match decode(stored, &filters, 0, data.len()) {
            Ok(got) => prop_assert!(got.len() <= (data.len() + 64).max(given), "{} bytes for {}", got.len(), data.len()),
            Err(e) => prop_assert_eq!(e.kind, Kind::Damaged),
        }
    }

    #[test]
    fn any_bytes_are_refused_or_bounded(bytes in vec(any::<u8>(), 0..200), filter in prop_oneof![compressor(), Just(Filter::Fletcher32), Just(Filter::Blosc)], whole in 0usize..2000) {
        let given = bytes.len();
        match decode(bytes, &[filter], 0, whole) {
            Ok(got) => prop_assert!(got.len() <= (whole + 64).max(given), "{} bytes for {}", got.len(), whole),
            Err(e) => prop_assert_eq!(e.kind, Kind::Damaged),
        }
    }

    #[test]
    fn lzf_is_undone_alone(data in data()) {
        prop_assert_eq!(lzf(&lzf_encode(&data), data.len()).unwrap(), data);
    }
}

#[test]
fn checksums_of_long_zeros_and_ones() {
    for data in
        [vec![0u8; 5000], vec![0xff; 5001], [vec![0xff; 720], vec![0; 3]].concat(), vec![0xff, 0xff], vec![]]
    {
        assert_eq!(decode(with_checksum(data.clone()), &[Filter::Fletcher32], 0, data.len()).unwrap(), data);
    }
}

#[test]
fn known_stages_are_parsed_and_others_left_to_the_library() {
    let known = [(2, vec![4]), (1, vec![6]), (3, vec![])];
    assert_eq!(
        parse(&known, 8),
        Some(vec![Filter::Shuffle { width: 4 }, Filter::Deflate, Filter::Fletcher32])
    );
    assert_eq!(parse(&[(2, vec![])], 8), Some(vec![Filter::Shuffle { width: 8 }]));
    let bits = Filter::Bitshuffle { width: 2, block: 16, compression: 3 };
    assert_eq!(parse(&[(32008, vec![0, 4, 2, 16, 3])], 8), Some(vec![bits]));
    assert_eq!(parse(&[(1, vec![]), (4, vec![])], 8), None);
}
