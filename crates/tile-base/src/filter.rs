//! Search conditions as values, and what they mean on one node: the reference that every catalog's translation equals.

use crate::structure::Family;
use serde_json::Value;
use std::cmp::Ordering;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    Gt,
    Lt,
    Ge,
    Le,
}

/// One condition; a search is the conjunction of several. Key paths are dotted (`sample.name`).
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// Every word occurs as a whole token (letters and digits, case folded) in the metadata's string values.
    FullText(String),
    Lookup(String),
    Keys(Vec<String>),
    Regex {
        key: String,
        pattern: String,
        case_sensitive: bool,
    },
    Eq {
        key: String,
        value: Value,
    },
    /// Nodes without the key are left out.
    NotEq {
        key: String,
        value: Value,
    },
    Compare {
        key: String,
        op: Comparison,
        value: Value,
    },
    /// The value as text contains the text, or the list has the item.
    Contains {
        key: String,
        value: Value,
    },
    In {
        key: String,
        values: Vec<Value>,
    },
    /// Nodes without the key are left out, but an empty list keeps all.
    NotIn {
        key: String,
        values: Vec<Value>,
    },
    KeyPresent {
        key: String,
        exists: bool,
    },
    /// SQL LIKE: `%` any text, `_` any character; ASCII case is ignored.
    Like {
        key: String,
        pattern: String,
    },
    Specs {
        include: Vec<String>,
        exclude: Vec<String>,
    },
    AccessTags(Vec<String>),
    Family(Family),
}

/// The sides of a node that conditions look at.
pub struct Candidate<'a> {
    pub key: &'a str,
    pub family: Family,
    pub metadata: &'a Value,
    pub specs: &'a [String],
}

/// The value at a dotted path, or `None` when missing or null.
pub fn value_at<'a>(metadata: &'a Value, key: &str) -> Option<&'a Value> {
    let mut at = metadata;
    for part in key.split('.') {
        at = at.get(part)?;
    }
    (!at.is_null()).then_some(at)
}

/// Orders two scalars of one kind; `None` when they do not compare (text with number, lists, …).
pub fn compare(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::Number(x), Value::Number(y)) => match (x.as_i64(), y.as_i64()) {
            (Some(x), Some(y)) => Some(x.cmp(&y)),
            _ => x.as_f64()?.partial_cmp(&y.as_f64()?),
        },
        (Value::String(x), Value::String(y)) => Some(x.as_bytes().cmp(y.as_bytes())),
        (Value::Bool(x), Value::Bool(y)) => Some(x.cmp(y)),
        _ => None,
    }
}

/// Equality as searches mean it: numbers by value, everything else structurally.
pub fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(_), Value::Number(_)) => compare(a, b) == Some(Ordering::Equal),
        _ => a == b,
    }
}

/// Splits text into search tokens: runs of letters and digits, lower case.
pub fn tokens(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|c: char| !c.is_alphanumeric()).filter(|t| !t.is_empty()).map(str::to_lowercase)
}

/// All string values below `metadata`, depth first.
pub fn strings<'a>(metadata: &'a Value, out: &mut Vec<&'a str>) {
    match metadata {
        Value::String(s) => out.push(s),
        Value::Array(items) => items.iter().for_each(|v| strings(v, out)),
        Value::Object(map) => map.values().for_each(|v| strings(v, out)),
        _ => {}
    }
}

impl Filter {
    /// Whether the node meets this condition. `regex` decides patterns, so that this crate needs no engine.
    pub fn matches(&self, node: &Candidate<'_>, regex: &dyn Fn(&str, bool, &str) -> bool) -> bool {
        let at = |key: &str| value_at(node.metadata, key);
        match self {
            Self::FullText(text) => {
                let mut found = Vec::new();
                strings(node.metadata, &mut found);
                let have: std::collections::HashSet<String> = found.into_iter().flat_map(tokens).collect();
                let mut wanted = tokens(text).peekable();
                wanted.peek().is_some() && wanted.all(|t| have.contains(&t))
            }
            Self::Lookup(key) => node.key == key,
            Self::Keys(keys) => keys.iter().any(|k| k == node.key),
            Self::Regex { key, pattern, case_sensitive } => {
                at(key).and_then(Value::as_str).is_some_and(|s| regex(pattern, *case_sensitive, s))
            }
            Self::Eq { key, value } => at(key).is_some_and(|v| same(v, value)),
            Self::NotEq { key, value } => at(key).is_some_and(|v| !same(v, value)),
            Self::Compare { key, op, value } => {
                at(key).and_then(|v| compare(v, value)).is_some_and(|o| match op {
                    Comparison::Gt => o.is_gt(),
                    Comparison::Lt => o.is_lt(),
                    Comparison::Ge => o.is_ge(),
                    Comparison::Le => o.is_le(),
                })
            }
            Self::Contains { key, value } => at(key).is_some_and(|v| contains(v, value)),
            Self::In { key, values } => at(key).is_some_and(|v| values.iter().any(|w| same(v, w))),
            Self::NotIn { key, values } => {
                values.is_empty() || at(key).is_some_and(|v| !values.iter().any(|w| same(v, w)))
            }
            Self::KeyPresent { key, exists } => at(key).is_some() == *exists,
            Self::Like { key, pattern } => at(key).and_then(Value::as_str).is_some_and(|s| like(pattern, s)),
            Self::Specs { include, exclude } => {
                include.iter().all(|s| node.specs.contains(s))
                    && !exclude.iter().any(|s| node.specs.contains(s))
            }
            Self::AccessTags(_) => false,
            Self::Family(family) => node.family == *family,
        }
    }
}

fn contains(have: &Value, wanted: &Value) -> bool {
    match have {
        Value::Array(items) => items.iter().any(|v| same(v, wanted)),
        Value::String(s) => {
            wanted.as_str().map_or_else(|| s.contains(&wanted.to_string()), |w| s.contains(w))
        }
        Value::Object(map) => wanted.as_str().is_some_and(|w| map.contains_key(w)),
        _ => same(have, wanted),
    }
}

/// SQL LIKE over characters, ASCII case ignored. Cost: text × pattern at worst, no recursion.
pub fn like(pattern: &str, text: &str) -> bool {
    let (p, t): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut i, mut j, mut star, mut mark) = (0, 0, None, 0);
    while j < t.len() {
        if i < p.len() && p[i] == '%' {
            star = Some(i);
            mark = j;
            i += 1;
        } else if i < p.len() && (p[i] == '_' || p[i].eq_ignore_ascii_case(&t[j])) {
            i += 1;
            j += 1;
        } else if let Some(s) = star {
            i = s + 1;
            mark += 1;
            j = mark;
        } else {
            return false;
        }
    }
    p[i..].iter().all(|&c| c == '%')
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn hit(filter: &Filter, metadata: &Value) -> bool {
        filter.matches(
            &Candidate { key: "k", family: Family::Array, metadata, specs: &["a".into()] },
            &|_, _, _| false,
        )
    }

    #[test]
    fn missing_keys_are_left_out() {
        let m = json!({"color": "red", "n": null, "tags": ["x", 1], "s": {"id": 3}});
        assert!(hit(&Filter::Eq { key: "s.id".into(), value: json!(3.0) }, &m));
        assert!(!hit(&Filter::NotEq { key: "zz".into(), value: json!(3) }, &m));
        assert!(!hit(&Filter::NotIn { key: "n".into(), values: vec![json!(1)] }, &m));
        assert!(hit(&Filter::NotIn { key: "n".into(), values: vec![] }, &m));
        assert!(hit(&Filter::Contains { key: "tags".into(), value: json!("x") }, &m));
        assert!(hit(&Filter::FullText("RED".into()), &m));
        assert!(!hit(&Filter::FullText("\"--".into()), &m));
        assert!(hit(&Filter::KeyPresent { key: "n".into(), exists: false }, &m));
    }

    #[test]
    fn like_patterns() {
        assert!(like("R_d%", "redder") && like("%", "") && !like("a_", "a") && like("%a%b%", "xxaxxb"));
    }
}
