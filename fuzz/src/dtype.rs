//! Data types: as NumPy's type strings, and as the JSON of array structures.

use tile_base::DType;

pub const SEEDS: &[&[u8]] = &[
    b"<f8",
    b"|S12",
    b">M8[10ms]",
    b"<U3",
    b"|V268435456",
    br#"{"endianness": "little", "kind": "f", "itemsize": 8, "dt_units": null}"#,
    br#"{"itemsize": 9, "fields": [{"name": "x", "dtype": {"endianness": "big", "kind": "i", "itemsize": 4, "dt_units": null}, "shape": [2, 3]}, {"name": "y", "dtype": {"kind": "b", "itemsize": 1}, "shape": null}]}"#,
];

/// # Panics
/// When a type does not survive as text or as JSON.
pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(dtype) = DType::parse(text) {
        let DType::Scalar(scalar) = &dtype else { panic!("a type string is no struct") };
        assert_eq!(DType::parse(&scalar.typestr()).ok().as_ref(), Some(&dtype));
        assert!(scalar.itemsize <= 4 << 28 && scalar.swap_width() <= scalar.itemsize.max(4));
        same_as_json(&dtype);
    }
    if let Ok(json) = serde_json::from_str(text)
        && let Ok(dtype) = DType::from_json(&json)
    {
        same_as_json(&dtype);
    }
}

fn same_as_json(dtype: &DType) {
    assert_eq!(DType::from_json(&dtype.to_json()).ok().as_ref(), Some(dtype));
}
