//! NPY headers.

use tile_access::formats::npy::{normalise, parse_header};

pub const SEEDS: &[&[u8]] = &[
    b"\x93NUMPY\x01\x00\x3c\x00{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }\n",
    b"\x93NUMPY\x02\x00\x72\x00\x00\x00{'descr': [('x', '<i4'), ('', '|V4'), (('t', 'y'), '<f8', (2,))], 'fortran_order': True, 'shape': (5L, 1), }      ",
    b"\x93NUMPY\x03\x00\x60\x00\x00\x00{'descr': [('a', [('x', '|u1'), ('', '|V3')], (2, 2))], 'fortran_order': True, 'shape': ()}     ",
    b"{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }",
    b"{'descr': [('x', '<i4'), ('', '|V4'), ('y', [('z', '|S0', (2,))], 3)], 'fortran_order': True, 'shape': (5L, 1)}",
];

/// Largest array that is put into order here.
const BYTES_MAX: usize = 1 << 16;

/// # Panics
/// When a header that was read does not hold together.
pub fn run(data: &[u8]) {
    check(data);
    // The same as a header's text, so that changes of it do not end at its length.
    let Ok(length) = u32::try_from(data.len()) else { return };
    check(&[b"\x93NUMPY\x03\x00", length.to_le_bytes().as_slice(), data].concat());
}

fn check(data: &[u8]) {
    let Ok(header) = parse_header(data) else { return };
    assert!(header.data_start <= data.len());
    let Ok(bytes) = header.data_bytes() else { return };
    let items = header.shape.iter().try_fold(1usize, |n, &d| n.checked_mul(d));
    if let Some(items) = items.filter(|_| bytes <= BYTES_MAX) {
        let size = header.dtype.itemsize();
        assert_eq!(normalise(&header, vec![0; bytes]).len(), items * size);
    }
}
