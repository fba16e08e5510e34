//! The example of a format, registered in tests only: Netpbm's binary graymap (`P5`) of eight bits.
//!
//! Source: the Netpbm manual, `pgm`.

use super::Format;
use crate::assets::Assets;
use crate::data::{ArrayData, Opened};
use crate::formats::HEAD_BYTES;
use serde_json::{Value, json};
use std::io::Read;
use tile_base::{DType, Error, Result};

pub struct Graymap;

impl Format for Graymap {
    fn name(&self) -> &'static str {
        "graymap"
    }
    fn about(&self) -> &'static str {
        "array (rows, columns) of bytes"
    }
    fn mimetype(&self) -> &'static str {
        "image/x-portable-graymap"
    }
    fn suffixes(&self) -> &'static [&'static str] {
        &[".pgm"]
    }
    fn sniff(&self, head: &[u8]) -> bool {
        head.starts_with(b"P5") && head.get(2).is_some_and(u8::is_ascii_whitespace)
    }
    fn has_mark(&self) -> bool {
        true
    }
    fn open(&self, assets: &Assets, _options: &Value) -> Result<Opened> {
        let file = assets.open()?;
        let mut head = Vec::new();
        (&*file).take(HEAD_BYTES as u64).read_to_end(&mut head)?;
        let (width, height, start) = header(&head).ok_or_else(|| Error::damaged("not a binary graymap"))?;
        let enough = height.checked_mul(width).and_then(|n| n.checked_add(start)).map(|n| n as u64);
        if enough.is_none_or(|n| file.metadata().is_ok_and(|m| m.len() < n)) {
            return Err(Error::damaged("the file ends before its last row"));
        }
        let data =
            ArrayData::flat(DType::parse("|u1")?, vec![height, width], file, start as u64, assets.uid("")?);
        Ok(Opened::array(data, json!({})))
    }
}

/// Width, height and where the pixels begin.
fn header(head: &[u8]) -> Option<(usize, usize, usize)> {
    let mut at = 0;
    let mut words = Vec::new();
    while words.len() < 4 {
        let rest = head.get(at..)?;
        let from = at + rest.iter().position(|b| !b.is_ascii_whitespace())?;
        let len = head.get(from..)?.iter().position(u8::is_ascii_whitespace)?;
        words.push(std::str::from_utf8(head.get(from..from + len)?).ok()?);
        at = from + len;
    }
    let [magic, width, height, max] = words.as_slice() else { return None };
    (*magic == "P5" && max.parse::<u32>().ok()? < 256).then_some((
        width.parse().ok()?,
        height.parse().ok()?,
        at + 1,
    ))
}
