//! Headers: byte ranges, `Accept`, entity tags, and encoded paths.

use tile_web::{compress::Coding, etag, media, range, request};

pub const SEEDS: &[&[u8]] = &[
    b"bytes=0-9",
    b"bytes=-18446744073709551615",
    b"text/html;q=0.5, text/csv;header=absent, */*;q=0.1",
    b"gzip;q=0, zstd;q=1.000, *",
    b"W/\"abc\", \"def\", *",
    b"/a//b%20c/%2F/%F0%9F%A6%80",
];

/// # Panics
/// When a range lies outside, weights are out of order, or a tag does not match itself.
pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    for size in [0, 1, 10, data.len() as u64, u64::MAX] {
        if let Ok(Some((first, last))) = range::parse(text, size) {
            assert!(first <= last && last < size, "{first}-{last} of {size}");
        }
    }
    let accepted = media::parse(text);
    assert!(accepted.iter().all(|a| (0.0..=1.0).contains(&a.quality) && !a.name.is_empty()), "{accepted:?}");
    assert!(accepted.windows(2).all(|w| w[0].quality >= w[1].quality), "{accepted:?}");
    assert!(accepted.iter().all(|a| media::covers("*/*", &a.name) && media::covers(&a.name, &a.name)));
    if let Some(coding) = Coding::negotiate(text, "text/csv") {
        let named = |a: &media::Accepted| (a.name == coding.name() || a.name == "*") && a.quality > 0.0;
        assert!(accepted.iter().any(named), "{coding:?} was not asked for");
    }
    let tag = etag::of(data);
    assert!(
        etag::matches(&tag, &tag)
            && etag::matches("*", &tag)
            && etag::matches(&format!("\"x\", W/{tag}"), &tag)
    );
    assert!(!etag::matches(&etag::of(&[data, b"!"].concat()), &tag));
    let _ = etag::matches(text, &tag);
    if let Ok(path) = request::keys(text) {
        assert!(
            path.0.len() <= 256
                && path.0.iter().all(|k| !k.is_empty() && k.len() <= tile_base::path::KEY_BYTES_MAX)
        );
    }
}
