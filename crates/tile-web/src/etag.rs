//! Entity tags: made from content, compared as RFC 9110 section 13.1.2 says.

use xxhash_rust::xxh3::xxh3_128;

/// A strong tag of some bytes, quoted.
pub fn of(bytes: &[u8]) -> String {
    format!("\"{:032x}\"", xxh3_128(bytes))
}

/// Whether `If-None-Match` names the tag: a list, `*`, weak or strong, and also bare values as old Tiled servers sent them.
pub fn matches(if_none_match: &str, tag: &str) -> bool {
    let bare = |t: &str| t.trim().trim_start_matches("W/").trim_matches('"').to_owned();
    let wanted = bare(tag);
    if_none_match.trim() == "*" || if_none_match.split(',').any(|t| bare(t) == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_lists_and_stars_match() {
        for header in ["\"a\"", "W/\"a\"", "\"x\", W/\"a\"", "*", "a"] {
            assert!(matches(header, "\"a\""), "{header}");
        }
        assert!(!matches("\"b\"", "\"a\""));
    }
}
