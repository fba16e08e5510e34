//! What keeps a value inside its quotes.

/// Characters that have an escape of their own inside every kind of quotes.
const fn escaped(c: char) -> Option<&'static str> {
    Some(match c {
        '\0' => "\\0",
        '\r' => "\\r",
        '\x08' => "\\b",
        '\t' => "\\t",
        '\x1a' => "\\z",
        '\n' => "\\n",
        '\'' => "\\'",
        '\\' => "\\\\",
        // Clients rely on it in patterns of LIKE; everywhere else the backslash stays in the value.
        '%' => "\\%",
        '`' => "\\`",
        _ => return None,
    })
}

/// The inside of a text in single quotes.
pub fn text(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for c in value.chars() {
        match (c, escaped(c)) {
            ('"', _) => out.push_str("\\\""),
            (_, Some(escape)) => out.push_str(escape),
            (c, None) => out.push(c),
        }
    }
    out
}

/// The inside of an identifier in backticks; double quotes are dropped.
pub fn identifier(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for c in value.chars().filter(|c| *c != '"') {
        match escaped(c) {
            Some(escape) => out.push_str(escape),
            None => out.push(c),
        }
    }
    out
}

/// A text in single quotes.
pub fn quoted(value: &str) -> String {
    format!("'{}'", text(value))
}

/// Words after which a name cannot stand bare, since the statement would go on with them.
const RESERVED: &[&str] = &[
    "all",
    "and",
    "anti",
    "any",
    "array",
    "as",
    "asof",
    "between",
    "by",
    "case",
    "cast",
    "cross",
    "distinct",
    "div",
    "else",
    "end",
    "except",
    "exists",
    "extract",
    "false",
    "fetch",
    "final",
    "for",
    "format",
    "from",
    "full",
    "global",
    "group",
    "having",
    "ilike",
    "in",
    "inf",
    "inner",
    "intersect",
    "interval",
    "into",
    "is",
    "join",
    "left",
    "like",
    "limit",
    "mod",
    "nan",
    "not",
    "null",
    "offset",
    "on",
    "only",
    "or",
    "order",
    "outer",
    "paste",
    "prewhere",
    "qualify",
    "regexp",
    "right",
    "sample",
    "select",
    "semi",
    "settings",
    "then",
    "true",
    "union",
    "using",
    "values",
    "when",
    "where",
    "window",
    "with",
];

/// Letters, digits and underscores, no digit in front.
pub fn is_word(name: &str) -> bool {
    let mut bytes = name.bytes();
    let start = bytes.next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_');
    start && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// Whether a name means itself without quotes.
pub fn is_bare(name: &str) -> bool {
    is_word(name) && !RESERVED.contains(&name.to_ascii_lowercase().as_str())
}

/// A name with dots in it: bare where it can be, else each part in backticks.
pub fn path(name: &str) -> String {
    if name.split('.').all(is_bare) {
        return name.to_owned();
    }
    let parts: Vec<String> = name.split('.').map(|part| format!("`{}`", identifier(part))).collect();
    parts.join(".")
}

/// Text that goes into a comment up to the end of the line.
pub fn comment(value: &str) -> String {
    value
        .chars()
        .map(|c| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') { ' ' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_cannot_be_left() {
        assert_eq!(text("a'b\\c\"d`e%f\n\0\x1a"), "a\\'b\\\\c\\\"d\\`e\\%f\\n\\0\\z");
        assert_eq!(identifier("a`b\"c'"), "a\\`bc\\'");
        assert_eq!(path("a.b"), "a.b");
        assert_eq!(path("a b, c"), "`a b, c`");
        assert_eq!(path("a.select"), "`a`.`select`");
        assert_eq!(comment("a\nb\r\u{2028}c"), "a b  c");
    }
}
