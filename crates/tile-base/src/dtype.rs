//! NumPy's data types as values: parsing and printing of type strings and of Tiled's JSON.
//!
//! Source: NumPy array interface protocol (typestr, descr) and the wire specification's array structure.

use crate::error::{Error, Result};
use serde_json::{Value, json};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Endian {
    Little,
    Big,
    /// One-byte items and byte strings have no order.
    None,
}

/// A builtin type: `kind` is NumPy's letter (`b i u f c m M S U V`), `itemsize` is bytes (`U`: 4 × characters).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ScalarType {
    pub endian: Endian,
    pub kind: char,
    pub itemsize: usize,
    /// For `m` and `M`: `[ns]`, `[10ms]`; generic units are `None`.
    pub units: Option<String>,
}

/// A field of a struct type at `offset` bytes; `shape` is its own inner shape, if it has one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Field {
    pub name: String,
    pub dtype: DType,
    pub shape: Vec<usize>,
    pub offset: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum DType {
    Scalar(ScalarType),
    Struct { itemsize: usize, fields: Vec<Field> },
}

impl ScalarType {
    pub fn new(kind: char, itemsize: usize, endian: Endian) -> Self {
        let endian = if itemsize <= 1 || matches!(kind, 'S' | 'V' | 'b') {
            if kind == 'U' { endian } else { Endian::None }
        } else {
            endian
        };
        Self { endian, kind, itemsize, units: None }
    }

    /// Bytes that are reversed together when the byte order changes: a complex number swaps its halves apart.
    pub fn swap_width(&self) -> usize {
        match self.kind {
            'c' => self.itemsize / 2,
            'U' => 4,
            'S' | 'V' | 'b' => 1,
            _ => self.itemsize,
        }
    }

    /// NumPy's type string, such as `<f8` or `>M8[ns]`.
    pub fn typestr(&self) -> String {
        let order = match self.endian {
            Endian::Little => '<',
            Endian::Big => '>',
            Endian::None => '|',
        };
        let size = if self.kind == 'U' { self.itemsize / 4 } else { self.itemsize };
        format!("{order}{}{size}{}", self.kind, self.units.as_deref().unwrap_or(""))
    }
}

impl DType {
    pub fn scalar(kind: char, itemsize: usize, endian: Endian) -> Self {
        Self::Scalar(ScalarType::new(kind, itemsize, endian))
    }
    /// Little-endian builtin type.
    pub fn little(kind: char, itemsize: usize) -> Self {
        Self::scalar(kind, itemsize, Endian::Little)
    }

    pub fn itemsize(&self) -> usize {
        match self {
            Self::Scalar(s) => s.itemsize,
            Self::Struct { itemsize, .. } => *itemsize,
        }
    }

    /// Parses NumPy's type string (`<f8`, `|b1`, `<U12`, `>M8[ns]`).
    ///
    /// # Errors
    /// `Malformed` for object types, unknown kinds and sizes.
    pub fn parse(text: &str) -> Result<Self> {
        let bad = || {
            Error::malformed(format!("unknown data type `{text}`"))
                .hint("Expected a NumPy type string such as `<f8`")
        };
        let mut chars = text.chars();
        let (endian, kind) = match chars.next().ok_or_else(bad)? {
            '<' | '=' => (Endian::Little, chars.next().ok_or_else(bad)?),
            '>' => (Endian::Big, chars.next().ok_or_else(bad)?),
            '|' => (Endian::None, chars.next().ok_or_else(bad)?),
            k => (Endian::Little, k),
        };
        if kind == 'O' {
            return Err(Error::malformed("object arrays hold pickled Python objects and are not served"));
        }
        let rest = chars.as_str();
        let (digits, units) =
            rest.find('[').map_or((rest, None), |i| (rest.get(..i).unwrap_or(""), rest.get(i..)));
        let size: usize =
            if digits.is_empty() && kind == '?' { 1 } else { digits.parse().map_err(|_| bad())? };
        let kind = if kind == '?' { 'b' } else { kind };
        let valid = match kind {
            'b' => size == 1,
            'i' | 'u' => matches!(size, 1 | 2 | 4 | 8),
            'f' => matches!(size, 2 | 4 | 8 | 16),
            'c' => matches!(size, 8 | 16 | 32),
            'm' | 'M' => size == 8,
            'S' | 'U' | 'V' | 'a' => size <= 1 << 28,
            _ => false,
        };
        if !valid {
            return Err(bad());
        }
        let itemsize = if kind == 'U' { size * 4 } else { size };
        let mut scalar = ScalarType::new(if kind == 'a' { 'S' } else { kind }, itemsize, endian);
        if matches!(kind, 'm' | 'M') {
            scalar.units = units.filter(|u| u.ends_with(']') && u.len() <= 32).map(str::to_owned);
        } else if units.is_some() {
            return Err(bad());
        }
        Ok(Self::Scalar(scalar))
    }

    /// Builds a packed struct type (no padding) from named parts.
    pub fn packed(parts: Vec<(String, DType, Vec<usize>)>) -> Self {
        let mut offset = 0;
        let fields = parts
            .into_iter()
            .map(|(name, dtype, shape)| {
                let size = dtype.itemsize() * shape.iter().product::<usize>();
                let field = Field { name, dtype, shape, offset };
                offset += size;
                field
            })
            .collect();
        Self::Struct { itemsize: offset, fields }
    }

    /// The wire form of the array structure's `data_type`.
    pub fn to_json(&self) -> Value {
        match self {
            Self::Scalar(s) => json!({
                "endianness": match s.endian { Endian::Little => "little", Endian::Big => "big", Endian::None => "not_applicable" },
                "kind": s.kind.to_string(), "itemsize": s.itemsize, "dt_units": s.units,
            }),
            Self::Struct { itemsize, fields } => json!({
                "itemsize": itemsize,
                "fields": fields.iter().map(|f| json!({
                    "name": f.name, "dtype": f.dtype.to_json(), "shape": if f.shape.is_empty() { Value::Null } else { json!(f.shape) },
                })).collect::<Vec<_>>(),
            }),
        }
    }

    /// Reads the wire form back; the inverse of [`DType::to_json`] for packed types.
    ///
    /// # Errors
    /// `Malformed` when a key is missing or a kind is unknown.
    pub fn from_json(value: &Value) -> Result<Self> {
        let bad = || Error::malformed("data_type is neither a builtin nor a struct type");
        if let Some(fields) = value.get("fields").and_then(Value::as_array) {
            let parts = fields.iter().map(|f| {
                let shape = f.get("shape").and_then(Value::as_array).map_or_else(Vec::new, |s| {
                    s.iter().filter_map(Value::as_u64).filter_map(|n| usize::try_from(n).ok()).collect()
                });
                let name = f.get("name").and_then(Value::as_str).ok_or_else(bad)?.to_owned();
                Ok((name, Self::from_json(f.get("dtype").ok_or_else(bad)?)?, shape))
            });
            return Ok(Self::packed(parts.collect::<Result<_>>()?));
        }
        let kind =
            value.get("kind").and_then(Value::as_str).and_then(|k| k.chars().next()).ok_or_else(bad)?;
        let size = value
            .get("itemsize")
            .and_then(Value::as_u64)
            .and_then(|n| usize::try_from(n).ok())
            .ok_or_else(bad)?;
        let order = match value.get("endianness").and_then(Value::as_str) {
            Some("big") => '>',
            Some("not_applicable") => '|',
            _ => '<',
        };
        let units = value.get("dt_units").and_then(Value::as_str).unwrap_or("");
        let size = if kind == 'U' { size / 4 } else { size };
        Self::parse(&format!("{order}{kind}{size}{units}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn type_strings_round_trip() {
        for s in ["<f8", ">i4", "|b1", "|S5", "<U7", "<M8[ns]", ">m8[10ms]", "|u1", "<c16", "<f2", "|V3"] {
            let d = DType::parse(s).unwrap();
            let DType::Scalar(scalar) = &d else { panic!("{s}") };
            assert_eq!(scalar.typestr(), s);
            assert_eq!(DType::from_json(&d.to_json()).unwrap(), d, "{s}");
        }
    }

    #[test]
    fn bad_type_strings_are_refused() {
        for s in ["", "<", "<O8", "<f3", "<x4", "<i4[ns]", "<U-1", "|S99999999999"] {
            assert!(DType::parse(s).is_err(), "{s}");
        }
    }

    #[test]
    fn packed_structs_have_running_offsets() {
        let d = DType::packed(vec![
            ("x".into(), DType::little('f', 8), vec![]),
            ("y".into(), DType::little('i', 4), vec![2, 3]),
        ]);
        assert_eq!(d.itemsize(), 8 + 24);
        assert_eq!(DType::from_json(&d.to_json()).unwrap(), d);
    }
}
