//! Byte ranges (RFC 9110 section 14): one range; several are answered with the whole.

use tile_base::{Error, Kind, Result};

/// The first and last byte asked for, both inside `size`; `None` for no or several ranges.
///
/// # Errors
/// `Range` when the range lies outside.
pub fn parse(header: &str, size: u64) -> Result<Option<(u64, u64)>> {
    let Some(spec) = header.trim().strip_prefix("bytes=") else { return Ok(None) };
    if spec.contains(',') {
        return Ok(None);
    }
    let Some((from, to)) = spec.split_once('-') else { return Ok(None) };
    let number = |t: &str| t.trim().parse::<u64>().ok();
    let outside = || Error::new(Kind::Range, format!("the range lies outside of the {size} bytes"));
    let (first, last) = match (number(from), number(to)) {
        (Some(a), Some(b)) if a > b => return Ok(None),
        (Some(a), b) => (a, b.unwrap_or(u64::MAX).min(size.saturating_sub(1))),
        (None, Some(0)) => return Err(outside()),
        (None, Some(n)) if from.trim().is_empty() => (size.saturating_sub(n), size.saturating_sub(1)),
        _ => return Ok(None),
    };
    if first >= size { Err(outside()) } else { Ok(Some((first, last))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        assert_eq!(parse("bytes=0-9", 100).unwrap(), Some((0, 9)));
        assert_eq!(parse("bytes=90-", 100).unwrap(), Some((90, 99)));
        assert_eq!(parse("bytes=-10", 100).unwrap(), Some((90, 99)));
        assert_eq!(parse("bytes=5-1000", 100).unwrap(), Some((5, 99)));
        assert_eq!(parse("bytes=9-5", 100).unwrap(), None);
        assert_eq!(parse("bytes=0-1,5-6", 100).unwrap(), None);
        assert!(parse("bytes=100-", 100).is_err());
        assert!(parse("bytes=-0", 100).is_err());
    }
}
