//! Partial results as bytes: what a store keeps of a tile.
//!
//! A byte of the version, the number of results, and each of them: a byte that tells its form, then its parts. Integers are of variable
//! length (LEB128, zigzag), doubles little-endian. Sketches stand as DataSketches writes them, behind a checksum, since their
//! reader trusts what it reads. All else is checked as it is read: damaged bytes are an error, and take no more memory than they have.

use super::Ir;
use super::parts::distinct::Distinct;
use super::parts::exact::{Exact, Wild};
use super::parts::frequent::Frequent;
use super::parts::moments::Moments;
use super::parts::sketch::{Cpc, Kll};
use crate::value::Value;
use datasketches::frequencies::FrequentItemsSketch;
use std::borrow::Borrow;
use tile_base::{Error, Result};
use xxhash_rust::xxh3::xxh3_64;

/// Of the form.
const VERSION: u8 = 1;

/// How deep lists, maps and structs may lie in one another.
const DEPTH_MAX: u32 = 32;

/// Appends the bytes of partial results.
pub fn encode<I: Borrow<Ir>>(
    irs: impl IntoIterator<IntoIter: ExactSizeIterator<Item = I>>,
    out: &mut Vec<u8>,
) {
    let irs = irs.into_iter();
    out.push(VERSION);
    length(irs.len(), out);
    irs.for_each(|ir| write(ir.borrow(), out));
}

/// Reads what [`encode`] wrote.
///
/// # Errors
/// `Damaged` for anything else.
pub fn decode(bytes: &[u8]) -> Result<Box<[Ir]>> {
    let mut reader = Reader { bytes };
    match reader.byte()? {
        VERSION => {}
        other => return Err(Error::damaged(format!("partial results of version {other}, not {VERSION}"))),
    }
    let irs = reader.list(|r| r.ir(0))?;
    if !reader.bytes.is_empty() {
        return Err(Error::damaged(format!("{} bytes after partial results", reader.bytes.len())));
    }
    Ok(irs.into())
}

fn unsigned(mut x: u128, out: &mut Vec<u8>) {
    while x >= 0x80 {
        out.push(x.to_le_bytes()[0] | 0x80);
        x >>= 7;
    }
    out.push(x.to_le_bytes()[0]);
}

fn integer(x: i64, out: &mut Vec<u8>) {
    unsigned(u128::from(((x << 1) ^ (x >> 63)).cast_unsigned()), out);
}

fn length(n: usize, out: &mut Vec<u8>) {
    unsigned(n as u128, out);
}

fn reals(xs: &[f64], out: &mut Vec<u8>) {
    xs.iter().for_each(|x| out.extend_from_slice(&x.to_le_bytes()));
}

fn bytes(x: &[u8], out: &mut Vec<u8>) {
    length(x.len(), out);
    out.extend_from_slice(x);
}

fn sketch(x: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(&xxh3_64(x).to_le_bytes());
    bytes(x, out);
}

fn exact(tag: u8, x: &Exact, out: &mut Vec<u8>) {
    out.push(tag + u8::from(x.wild.is_some()));
    reals(&[x.sum, x.lost], out);
    integer(x.count, out);
    if let Some(wild) = &x.wild {
        [wild.nans, wild.ups, wild.downs].iter().for_each(|n| integer(*n, out));
    }
}

fn write(ir: &Ir, out: &mut Vec<u8>) {
    match ir {
        Ir::Empty => out.push(0),
        Ir::Int(x) => {
            out.push(1);
            integer(*x, out);
        }
        Ir::Real(x) => {
            out.push(2);
            reals(&[*x], out);
        }
        Ir::Value(value) => {
            out.push(3);
            write_value(value, out);
        }
        Ir::Whole { sum, count } => {
            out.push(4);
            integer(*sum, out);
            integer(*count, out);
        }
        Ir::Sum(sum) => exact(5, sum, out), // and 6
        Ir::Spread { count, mean, squares } => {
            out.push(7);
            reals(&[*count, *mean, *squares], out);
        }
        Ir::Moments(m) => {
            out.push(8);
            reals(&[m.n, m.mean, m.m2, m.m3, m.m4], out);
        }
        Ir::At(at, value) => {
            out.push(9);
            integer(*at, out);
            write_value(value, out);
        }
        _ => write_large(ir, out),
    }
}

fn write_large(ir: &Ir, out: &mut Vec<u8>) {
    match ir {
        Ir::Timed(values) => {
            out.push(10);
            length(values.len(), out);
            for (at, value) in values.iter() {
                integer(*at, out);
                write_value(value, out);
            }
        }
        Ir::Ranked(values) => {
            out.push(11);
            length(values.len(), out);
            values.iter().for_each(|value| write_value(value, out));
        }
        Ir::Distinct(set) => {
            out.push(12);
            length(set.len(), out);
            let mut tokens: Vec<u128> = set.0.iter().copied().collect();
            tokens.sort_unstable();
            // In order they are small steps, at least where they are small numbers.
            let mut last = 0;
            for token in tokens {
                unsigned(token - last, out);
                last = token;
            }
        }
        Ir::Counts(counts) => {
            out.push(13);
            length(counts.len(), out);
            for (text, n) in counts.iter() {
                bytes(text.as_bytes(), out);
                integer(*n, out);
            }
        }
        Ir::Cpc(cpc) => {
            out.push(14);
            sketch(&cpc.write(), out);
        }
        Ir::Kll(kll) => {
            out.push(15);
            sketch(&kll.write(), out);
        }
        Ir::Frequent(frequent) => {
            out.push(16);
            sketch(&frequent.0.serialize(), out);
        }
        Ir::Entries(entries) => {
            out.push(17);
            length(entries.len(), out);
            for (key, ir) in entries.iter() {
                bytes(key.as_bytes(), out);
                write(ir, out);
            }
        }
        Ir::Elements(places) => {
            out.push(18);
            length(places.len(), out);
            places.iter().for_each(|ir| write(ir, out));
        }
        _ => out.push(19),
    }
}

fn write_value(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Null => out.push(0),
        Value::Bool(x) => out.push(1 + u8::from(*x)), // 1 and 2
        Value::Int(x) => {
            out.push(3);
            integer(*x, out);
        }
        Value::Real(x) => {
            out.push(4);
            reals(&[*x], out);
        }
        Value::Text(x) => {
            out.push(5);
            bytes(x.as_bytes(), out);
        }
        Value::Bytes(x) => {
            out.push(6);
            bytes(x, out);
        }
        Value::List(items) => {
            out.push(7);
            length(items.len(), out);
            items.iter().for_each(|item| write_value(item, out));
        }
        Value::Map(entries) => {
            out.push(8);
            length(entries.len(), out);
            for (key, value) in entries {
                bytes(key.as_bytes(), out);
                write_value(value, out);
            }
        }
        Value::Struct(fields) => {
            out.push(9);
            length(fields.len(), out);
            fields.iter().for_each(|field| write_value(field, out));
        }
    }
}

/// What is left to read.
struct Reader<'a> {
    bytes: &'a [u8],
}

fn short() -> Error {
    Error::damaged("partial results that end too early")
}

impl<'a> Reader<'a> {
    fn take(&mut self, n: usize) -> Result<&'a [u8]> {
        let (head, tail) = self.bytes.split_at_checked(n).ok_or_else(short)?;
        self.bytes = tail;
        Ok(head)
    }

    fn byte(&mut self) -> Result<u8> {
        let (byte, rest) = self.bytes.split_first().ok_or_else(short)?;
        self.bytes = rest;
        Ok(*byte)
    }

    fn unsigned(&mut self) -> Result<u128> {
        let mut x = 0u128;
        for shift in (0..128).step_by(7) {
            let byte = self.byte()?;
            let part = u128::from(byte & 0x7F);
            // Of the last byte only two bits have a place.
            if (part << shift) >> shift != part {
                break;
            }
            x |= part << shift;
            if byte < 0x80 {
                return Ok(x);
            }
        }
        Err(Error::damaged("an integer of more than 128 bits in partial results"))
    }

    fn integer(&mut self) -> Result<i64> {
        let x = u64::try_from(self.unsigned()?)
            .map_err(|_| Error::damaged("an integer of more than 64 bits in partial results"))?;
        Ok((x >> 1).cast_signed() ^ -(x & 1).cast_signed())
    }

    /// A number of things that follow, each of at least a byte.
    fn length(&mut self) -> Result<usize> {
        match usize::try_from(self.unsigned()?) {
            Ok(n) if n <= self.bytes.len() => Ok(n),
            _ => Err(short()),
        }
    }

    fn real(&mut self) -> Result<f64> {
        let bytes = self.take(8)?;
        Ok(f64::from_le_bytes(bytes.try_into().map_err(|_| short())?))
    }

    fn slice(&mut self) -> Result<&'a [u8]> {
        let n = self.length()?;
        self.take(n)
    }

    fn text(&mut self) -> Result<Box<str>> {
        let text = std::str::from_utf8(self.slice()?);
        Ok(text.map_err(|_| Error::damaged("a text in partial results that is not UTF-8"))?.into())
    }

    fn list<T>(&mut self, mut each: impl FnMut(&mut Self) -> Result<T>) -> Result<Vec<T>> {
        let n = self.length()?;
        // Room grows with what was read: an item may be far larger than its bytes.
        let mut items = Vec::with_capacity(n.min(64));
        for _ in 0..n {
            items.push(each(self)?);
        }
        Ok(items)
    }

    fn sketch(&mut self) -> Result<&'a [u8]> {
        let sum = self.take(8)?;
        let bytes = self.slice()?;
        if xxh3_64(bytes).to_le_bytes() != sum {
            return Err(Error::damaged("a sketch whose checksum is wrong"));
        }
        Ok(bytes)
    }

    fn exact(&mut self, is_wild: bool) -> Result<Ir> {
        let (sum, lost, count) = (self.real()?, self.real()?, self.integer()?);
        let wild = if is_wild {
            Some(Box::new(Wild { nans: self.integer()?, ups: self.integer()?, downs: self.integer()? }))
        } else {
            None
        };
        Ok(Ir::Sum(Exact { sum, lost, count, wild }))
    }

    fn ir(&mut self, depth: u32) -> Result<Ir> {
        Ok(match self.byte()? {
            0 => Ir::Empty,
            1 => Ir::Int(self.integer()?),
            2 => Ir::Real(self.real()?),
            3 => Ir::Value(self.value(0)?),
            4 => Ir::Whole { sum: self.integer()?, count: self.integer()? },
            tag @ (5 | 6) => self.exact(tag == 6)?,
            7 => Ir::Spread { count: self.real()?, mean: self.real()?, squares: self.real()? },
            8 => Ir::Moments(Box::new(Moments {
                n: self.real()?,
                mean: self.real()?,
                m2: self.real()?,
                m3: self.real()?,
                m4: self.real()?,
            })),
            9 => Ir::At(self.integer()?, self.value(0)?),
            19 => Ir::Full,
            tag => self.large(tag, depth)?,
        })
    }

    fn large(&mut self, tag: u8, depth: u32) -> Result<Ir> {
        let deeper = below(depth)?;
        Ok(match tag {
            10 => Ir::Timed(Box::new(self.list(|r| Ok((r.integer()?, r.value(0)?)))?)),
            11 => Ir::Ranked(Box::new(self.list(|r| r.value(0))?)),
            12 => {
                let mut last = 0u128;
                let tokens = self.list(|r| {
                    let step = r.unsigned()?;
                    last = last.checked_add(step).ok_or_else(short)?;
                    Ok(last)
                })?;
                Ir::Distinct(Box::new(Distinct(tokens.into_iter().collect())))
            }
            13 => {
                let counts = self.list(|r| Ok((r.text()?, r.integer()?)))?;
                Ir::Counts(Box::new(counts.into_iter().collect()))
            }
            14 => Ir::Cpc(Box::new(Cpc::read(self.sketch()?)?)),
            15 => Ir::Kll(Box::new(Kll::read(self.sketch()?)?)),
            16 => {
                let sketch = FrequentItemsSketch::deserialize(self.sketch()?)
                    .map_err(|e| Error::damaged(format!("the bytes of a sketch of frequent items: {e}")))?;
                Ir::Frequent(Box::new(Frequent(sketch)))
            }
            17 => {
                let entries = self.list(|r| Ok((r.text()?, r.ir(deeper)?)))?;
                Ir::Entries(Box::new(entries.into_iter().collect()))
            }
            18 => Ir::Elements(Box::new(self.list(|r| r.ir(deeper))?)),
            other => return Err(Error::damaged(format!("no partial result has the form {other}"))),
        })
    }

    fn value(&mut self, depth: u32) -> Result<Value> {
        let deeper = below(depth)?;
        Ok(match self.byte()? {
            0 => Value::Null,
            tag @ (1 | 2) => Value::Bool(tag == 2),
            3 => Value::Int(self.integer()?),
            4 => Value::Real(self.real()?),
            5 => Value::Text(self.text()?),
            6 => Value::Bytes(self.slice()?.into()),
            7 => Value::List(self.list(|r| r.value(deeper))?.into()),
            8 => Value::Map(self.list(|r| Ok((r.text()?, r.value(deeper)?)))?.into()),
            9 => Value::Struct(self.list(|r| r.value(deeper))?.into()),
            other => return Err(Error::damaged(format!("no value has the form {other}"))),
        })
    }
}

fn below(depth: u32) -> Result<u32> {
    if depth < DEPTH_MAX { Ok(depth + 1) } else { Err(Error::damaged("partial results that lie too deep")) }
}
