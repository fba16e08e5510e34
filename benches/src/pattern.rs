//! The regular expressions of `--only`: literals, `.`, `*`, `^`, `$` and `|`. Enough to name rows, and no dependency.

/// Whether any alternative of `pattern` is found anywhere in `text`.
pub fn found(pattern: &str, text: &str) -> bool {
    pattern.split('|').any(|alternative| match alternative.strip_prefix('^') {
        Some(rest) => here(rest, text),
        None => starts(text).any(|start| here(alternative, start)),
    })
}

/// Every tail of `text`, the empty one included.
fn starts(text: &str) -> impl Iterator<Item = &str> {
    let tails = text.char_indices().filter_map(|(at, _)| text.get(at..));
    tails.chain(std::iter::once(""))
}

fn here(pattern: &str, text: &str) -> bool {
    if pattern == "$" {
        return text.is_empty();
    }
    let mut rest = pattern.chars();
    let Some(one) = rest.next() else { return true };
    match rest.as_str().strip_prefix('*') {
        Some(after) => repeated(one, after, text),
        None => step(one, text).is_some_and(|text| here(rest.as_str(), text)),
    }
}

fn repeated(one: char, after: &str, mut text: &str) -> bool {
    loop {
        if here(after, text) {
            return true;
        }
        match step(one, text) {
            Some(rest) => text = rest,
            None => return false,
        }
    }
}

fn step(one: char, text: &str) -> Option<&str> {
    let mut rest = text.chars();
    let first = rest.next()?;
    (one == '.' || one == first).then_some(rest.as_str())
}

#[cfg(test)]
mod tests {
    use super::found;

    #[test]
    fn names_rows() {
        for (pattern, text, expected) in [
            ("array", "array.1mb.npy", true),
            ("^array.*npy$", "array.1mb.npy", true),
            ("^rray", "array.1mb.npy", false),
            ("png|table", "table.csv", true),
            ("npy$", "array.1mb.npy.c8", false),
            ("a.*zz*y", "table.lazy", true),
            ("", "anything", true),
        ] {
            assert_eq!(found(pattern, text), expected, "{pattern} in {text}");
        }
    }
}
