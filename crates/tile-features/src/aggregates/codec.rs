//! Partial results as bytes.

use super::Ir;
use crate::value::Value;
use tile_base::{Error, Result};

/// Adds the bytes of partial results.
pub fn encode(irs: &[Ir], out: &mut Vec<u8>) {
    for ir in irs {
        match ir {
            Ir::Int(x) => {
                out.push(1);
                out.extend_from_slice(&x.to_le_bytes());
            }
            Ir::Real(x) => {
                out.push(2);
                out.extend_from_slice(&x.to_le_bytes());
            }
            Ir::At(at, Value::Int(x)) => {
                out.push(3);
                out.extend_from_slice(&at.to_le_bytes());
                out.extend_from_slice(&x.to_le_bytes());
            }
            _ => out.push(0),
        }
    }
}

/// Reads them back.
///
/// # Errors
/// `Damaged` for other bytes.
pub fn decode(bytes: &[u8]) -> Result<Box<[Ir]>> {
    let damaged = || Error::damaged("a partial result has bytes that cannot be read");
    let mut rest = bytes;
    let mut irs = Vec::new();
    while let Some((tag, after)) = rest.split_first() {
        let mut eight = after.chunks_exact(8);
        let mut next =
            || -> Result<[u8; 8]> { eight.next().and_then(|e| e.try_into().ok()).ok_or_else(damaged) };
        let (ir, length) = match tag {
            0 => (Ir::Empty, 0),
            1 => (Ir::Int(i64::from_le_bytes(next()?)), 8),
            2 => (Ir::Real(f64::from_le_bytes(next()?)), 8),
            3 => (Ir::At(i64::from_le_bytes(next()?), Value::Int(i64::from_le_bytes(next()?))), 16),
            _ => return Err(damaged()),
        };
        irs.push(ir);
        rest = after.get(length..).ok_or_else(damaged)?;
    }
    Ok(irs.into())
}
