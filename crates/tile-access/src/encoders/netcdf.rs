//! NetCDF-3 (64-bit offset) of a dataset: what every NetCDF reader opens.
//!
//! Types that the classic format lacks are mapped as xarray does: 64-bit integers to 32 bits when they fit, else to float64;
//! booleans to bytes; text to characters with one more dimension.

use super::rows::{self, Variable};
use super::{Context, Encoder, Subject, Target, item, not_served};
use serde_json::{Map, Value};
use tile_base::{DType, Endian, Error, Kind, Result};
use tile_web::Sink;
use tile_web::body::write_error;

pub struct NetCdf;

impl Encoder for NetCdf {
    fn name(&self) -> &'static str {
        "netcdf"
    }
    fn media_types(&self) -> &'static [&'static str] {
        &["application/netcdf", "application/x-netcdf"]
    }
    fn endings(&self) -> &'static [&'static str] {
        &["nc"]
    }
    fn targets(&self) -> &'static [Target] {
        &[Target::Dataset]
    }
    fn encode(&self, subject: Subject, context: &Context<'_>, out: &mut dyn Sink) -> Result<()> {
        let Subject::Dataset { node, keys } = subject else { return Err(not_served(self.name())) };
        let variables = rows::variables(&node, &keys, context)?;
        let attrs = node.metadata_json()?.get("attrs").cloned().unwrap_or_default();
        write_file(variables, &attrs, out)
    }
}

/// A whole file of these variables and global attributes.
///
/// # Errors
/// `NotAcceptable` for what NetCDF-3 cannot hold.
pub fn write_file(variables: Vec<Variable>, attrs: &Value, out: &mut dyn Sink) -> Result<()> {
    let encoded: Vec<Var> = variables.into_iter().map(Var::of).collect::<Result<_>>()?;
    write(&encoded, attrs, out)
}

struct Var {
    name: String,
    dims: Vec<(String, usize)>,
    attrs: Value,
    code: u32,
    /// Big-endian items.
    data: Vec<u8>,
}

impl Var {
    fn of(v: Variable) -> Result<Self> {
        let mut dims: Vec<(String, usize)> = v.dims.into_iter().zip(v.shape.iter().copied()).collect();
        let DType::Scalar(s) = &v.dtype else {
            return Err(Error::new(
                Kind::NotAcceptable,
                "structured variables have no NetCDF form; choose another format",
            ));
        };
        let count: usize = v.shape.iter().product();
        let values = || (0..count).map(|i| item::as_f64(&v.dtype, &v.bytes, i).unwrap_or(f64::NAN));
        let (code, data): (u32, Vec<u8>) = match (s.kind, s.itemsize) {
            ('i', 1) | ('b', _) => (1, v.bytes.to_vec()),
            ('i', 2) => (3, swapped(&v.bytes, 2, s.endian)),
            ('i', 4) => (4, swapped(&v.bytes, 4, s.endian)),
            ('f', 4) => (5, swapped(&v.bytes, 4, s.endian)),
            ('f', 8) => (6, swapped(&v.bytes, 8, s.endian)),
            ('i' | 'u' | 'm' | 'M', _) => integers(values()),
            ('f', _) => (6, values().flat_map(f64::to_be_bytes).collect()),
            ('S' | 'U', _) => {
                let texts: Vec<Vec<u8>> = v
                    .bytes
                    .chunks_exact(s.itemsize.max(1))
                    .map(|i| if s.kind == 'U' { item::unicode(s, i).into_bytes() } else { i.to_vec() })
                    .collect();
                let widest = texts.iter().map(Vec::len).max().unwrap_or(0).max(1);
                dims.push((format!("string{widest}"), widest));
                (
                    2,
                    texts
                        .into_iter()
                        .flat_map(|mut t| {
                            t.resize(widest, 0);
                            t
                        })
                        .collect(),
                )
            }
            _ => {
                return Err(Error::new(
                    Kind::NotAcceptable,
                    format!("items of type `{}` have no NetCDF form; choose another format", s.typestr()),
                ));
            }
        };
        Ok(Self { name: v.name, dims, attrs: v.attrs, code, data })
    }
}

fn swapped(bytes: &[u8], width: usize, endian: Endian) -> Vec<u8> {
    let mut out = bytes.to_vec();
    if endian != Endian::Big {
        tile_base::strided::swap_bytes(&mut out, width);
    }
    out
}

/// 32-bit integers when every value fits, else float64.
fn integers(values: impl Iterator<Item = f64> + Clone) -> (u32, Vec<u8>) {
    let fits = values.clone().all(|v| v.abs() <= f64::from(i32::MAX));
    #[expect(clippy::cast_possible_truncation, reason = "checked to fit")]
    if fits {
        (4, values.flat_map(|v| (v as i32).to_be_bytes()).collect())
    } else {
        (6, values.flat_map(f64::to_be_bytes).collect())
    }
}

fn u32_of(n: usize) -> Result<[u8; 4]> {
    u32::try_from(n).map(u32::to_be_bytes).map_err(|_| {
        Error::new(Kind::NotAcceptable, "a dimension is too long for NetCDF-3; choose another format")
    })
}

fn name(text: &str, out: &mut Vec<u8>) -> Result<()> {
    padded(text.as_bytes(), out)
}

fn padded(bytes: &[u8], out: &mut Vec<u8>) -> Result<()> {
    out.extend_from_slice(&u32_of(bytes.len())?);
    out.extend_from_slice(bytes);
    out.resize(out.len().next_multiple_of(4), 0);
    Ok(())
}

fn tag(kind: u32, count: usize, out: &mut Vec<u8>) -> Result<()> {
    out.extend_from_slice(&(if count == 0 { 0 } else { kind }).to_be_bytes());
    out.extend_from_slice(&u32_of(count)?);
    Ok(())
}

fn attributes(attrs: &Value, out: &mut Vec<u8>) -> Result<()> {
    let empty = Map::new();
    let map = attrs.as_object().unwrap_or(&empty);
    let usable: Vec<(&String, Vec<f64>, Option<&str>)> = map
        .iter()
        .filter_map(|(k, v)| match v {
            Value::String(s) => Some((k, vec![], Some(s.as_str()))),
            Value::Number(n) => Some((k, vec![n.as_f64()?], None)),
            Value::Bool(b) => Some((k, vec![f64::from(u8::from(*b))], None)),
            Value::Array(items) if !items.is_empty() => {
                Some((k, items.iter().map(Value::as_f64).collect::<Option<_>>()?, None))
            }
            _ => None,
        })
        .collect();
    tag(12, usable.len(), out)?;
    for (key, numbers, text) in usable {
        name(key, out)?;
        let whole = map
            .get(key)
            .is_some_and(|v| v.is_i64() || v.as_array().is_some_and(|a| a.iter().all(Value::is_i64)));
        if let Some(text) = text {
            out.extend_from_slice(&2u32.to_be_bytes());
            padded(text.as_bytes(), out)?;
        } else {
            let (code, data) = if whole {
                integers(numbers.iter().copied())
            } else {
                (6, numbers.iter().flat_map(|v| v.to_be_bytes()).collect())
            };
            out.extend_from_slice(&code.to_be_bytes());
            out.extend_from_slice(&u32_of(numbers.len())?);
            out.extend_from_slice(&data);
            out.resize(out.len().next_multiple_of(4), 0);
        }
    }
    Ok(())
}

fn write(variables: &[Var], attrs: &Value, out: &mut dyn Sink) -> Result<()> {
    let mut dims: Vec<(String, usize)> = Vec::new();
    for d in variables.iter().flat_map(|v| &v.dims) {
        match dims.iter().find(|e| e.0 == d.0) {
            Some(e) if e.1 != d.1 => {
                return Err(Error::new(
                    Kind::NotAcceptable,
                    format!("variables disagree about the length of dimension `{}`", d.0),
                ));
            }
            Some(_) => {}
            None => dims.push(d.clone()),
        }
    }
    // NetCDF-3 takes a dimension of length zero for the unlimited one: leave such variables out.
    let usable: Vec<&Var> = variables.iter().filter(|v| v.dims.iter().all(|d| d.1 > 0)).collect();
    dims.retain(|d| d.1 > 0);
    let header = |start: u64| -> Result<Vec<u8>> {
        let mut h = b"CDF\x02\0\0\0\0".to_vec();
        tag(10, dims.len(), &mut h)?;
        for (n, len) in &dims {
            name(n, &mut h)?;
            h.extend_from_slice(&u32_of(*len)?);
        }
        attributes(attrs, &mut h)?;
        tag(11, usable.len(), &mut h)?;
        let mut begin = start;
        for v in &usable {
            name(&v.name, &mut h)?;
            h.extend_from_slice(&u32_of(v.dims.len())?);
            for d in &v.dims {
                h.extend_from_slice(&u32_of(dims.iter().position(|e| e.0 == d.0).unwrap_or(0))?);
            }
            attributes(&v.attrs, &mut h)?;
            h.extend_from_slice(&v.code.to_be_bytes());
            let size = v.data.len().next_multiple_of(4);
            h.extend_from_slice(&u32::try_from(size).unwrap_or(u32::MAX).to_be_bytes());
            h.extend_from_slice(&begin.to_be_bytes());
            begin += size as u64;
        }
        Ok(h)
    };
    let start = header(0)?.len() as u64;
    out.put(header(start)?.into()).map_err(write_error)?;
    for v in usable {
        let mut data = v.data.clone();
        data.resize(data.len().next_multiple_of(4), 0);
        out.put(data.into()).map_err(write_error)?;
    }
    Ok(())
}
