//! Search conditions from the URL: `filter[<query>][condition][<field>]=<value>`; the n-th values of a query's fields belong
//! together. Unknown queries are ignored, as the original does.

use serde_json::Value;
use std::collections::BTreeMap;
use tile_base::filter::{Comparison, Filter};
use tile_base::{Error, Family, Result};
use tile_web::request::Query;

/// Conditions per request, and bytes of one value.
const CONDITIONS_MAX: usize = 100;
const VALUE_BYTES_MAX: usize = 64 << 10;

/// All conditions of a request; more than one lookup of different keys find nothing.
///
/// # Errors
/// `Malformed` for values that are not JSON where JSON is due, missing companion fields, unknown operators and families.
pub fn parse(query: &Query) -> Result<Vec<Filter>> {
    let mut groups: BTreeMap<&str, BTreeMap<&str, Vec<&str>>> = BTreeMap::new();
    let mut order: Vec<&str> = Vec::new();
    for (name, value) in &query.0 {
        let Some((kind, field)) = name
            .strip_prefix("filter[")
            .and_then(|n| n.strip_suffix(']'))
            .and_then(|n| n.split_once("][condition]["))
        else {
            continue;
        };
        if value.len() > VALUE_BYTES_MAX {
            return Err(Error::malformed(format!(
                "a value of the `{kind}` query is longer than {VALUE_BYTES_MAX} bytes"
            )));
        }
        if !order.contains(&kind) {
            order.push(kind);
        }
        groups.entry(kind).or_default().entry(field).or_default().push(value);
    }
    let mut out = Vec::new();
    for kind in order {
        let Some(fields) = groups.get(kind) else { continue };
        let count = fields.values().map(Vec::len).max().unwrap_or(0);
        for i in 0..count {
            out.extend(one(kind, &Group { kind, fields, i })?);
        }
    }
    if out.len() > CONDITIONS_MAX {
        return Err(Error::malformed(format!(
            "{} conditions, at most {CONDITIONS_MAX} are possible",
            out.len()
        )));
    }
    Ok(out)
}

struct Group<'a> {
    kind: &'a str,
    fields: &'a BTreeMap<&'a str, Vec<&'a str>>,
    i: usize,
}

impl Group<'_> {
    fn text(&self, field: &str) -> Result<String> {
        let found = self.fields.get(field).and_then(|v| v.get(self.i));
        found
            .map(|v| (*v).to_owned())
            .ok_or_else(|| Error::malformed(format!("the `{}` query lacks its field `{field}`", self.kind)))
    }
    fn json(&self, field: &str) -> Result<Value> {
        let text = self.text(field)?;
        serde_json::from_str(&text).map_err(|e| {
            Error::malformed(format!("field `{field}` of the `{}` query is not JSON: {e}", self.kind))
                .hint("Texts need quotes, as in `\"red\"`")
        })
    }
    fn list(&self, field: &str) -> Result<Vec<Value>> {
        match self.json(field)? {
            Value::Array(items) => Ok(items),
            _ => Err(Error::malformed(format!(
                "field `{field}` of the `{}` query is not a JSON list",
                self.kind
            ))),
        }
    }
    fn texts(&self, field: &str) -> Result<Vec<String>> {
        let texts: Option<Vec<String>> =
            self.list(field)?.into_iter().map(|v| v.as_str().map(str::to_owned)).collect();
        texts.ok_or_else(|| {
            Error::malformed(format!("field `{field}` of the `{}` query is not a list of texts", self.kind))
        })
    }
    fn flag(&self, field: &str, default: bool) -> Result<bool> {
        match self.fields.get(field).and_then(|v| v.get(self.i)).map(|v| v.to_ascii_lowercase()) {
            None => Ok(default),
            Some(t) if matches!(t.as_str(), "true" | "1") => Ok(true),
            Some(t) if matches!(t.as_str(), "false" | "0") => Ok(false),
            Some(_) => Err(Error::malformed(format!(
                "field `{field}` of the `{}` query is not a boolean",
                self.kind
            ))),
        }
    }
}

fn one(kind: &str, g: &Group<'_>) -> Result<Option<Filter>> {
    Ok(Some(match kind {
        "fulltext" => Filter::FullText(g.text("text")?),
        "lookup" => Filter::Lookup(g.text("key")?),
        "keys_filter" => Filter::Keys(g.texts("keys")?),
        "regex" => {
            let pattern = g.text("pattern")?;
            regex::RegexBuilder::new(&pattern).size_limit(1 << 20).build().map_err(|e| {
                Error::invalid("the pattern is not a regular expression")
                    .source(e)
                    .hint("See the syntax of Rust's `regex`")
            })?;
            Filter::Regex { key: g.text("key")?, pattern, case_sensitive: g.flag("case_sensitive", true)? }
        }
        "eq" => Filter::Eq { key: g.text("key")?, value: g.json("value")? },
        "noteq" => Filter::NotEq { key: g.text("key")?, value: g.json("value")? },
        "comparison" => {
            let op = match g.text("operator")?.as_str() {
                "gt" => Comparison::Gt,
                "lt" => Comparison::Lt,
                "ge" => Comparison::Ge,
                "le" => Comparison::Le,
                other => {
                    return Err(Error::malformed(format!("unknown comparison operator `{other}`"))
                        .hint("Known operators: gt, lt, ge, le"));
                }
            };
            Filter::Compare { key: g.text("key")?, op, value: g.json("value")? }
        }
        "contains" => Filter::Contains { key: g.text("key")?, value: g.json("value")? },
        "in" => Filter::In { key: g.text("key")?, values: g.list("value")? },
        "notin" => Filter::NotIn { key: g.text("key")?, values: g.list("value")? },
        "keypresent" => Filter::KeyPresent { key: g.text("key")?, exists: g.flag("exists", true)? },
        "like" => match g.json("pattern")? {
            Value::String(pattern) => Filter::Like { key: g.text("key")?, pattern },
            _ => return Err(Error::malformed("field `pattern` of the `like` query is not a JSON text")),
        },
        "specs" => Filter::Specs { include: g.texts("include")?, exclude: g.texts("exclude")? },
        "access_tags_filter" => Filter::AccessTags(g.texts("tags")?),
        "structure_family" => Filter::Family(Family::parse(&g.text("value")?)?),
        _ => return Ok(None),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_queries_are_zipped() {
        let q = Query::parse(
            "filter[eq][condition][key]=a&filter[eq][condition][value]=1&filter[eq][condition][key]=b&filter[eq][condition][value]=%22x%22&filter[nope][condition][k]=1",
        );
        let got = parse(&q).unwrap();
        assert_eq!(
            got,
            [
                Filter::Eq { key: "a".into(), value: 1.into() },
                Filter::Eq { key: "b".into(), value: "x".into() }
            ]
        );
        for bad in [
            "filter[eq][condition][key]=a",
            "filter[eq][condition][key]=a&filter[eq][condition][value]=red",
            "filter[structure_family][condition][value]=zebra",
            "filter[in][condition][key]=a&filter[in][condition][value]=3",
        ] {
            assert!(parse(&Query::parse(bad)).is_err(), "{bad}");
        }
    }
}
