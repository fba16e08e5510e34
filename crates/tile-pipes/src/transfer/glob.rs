//! Patterns of addresses: `*` stands for anything within a part, `**` for anything, `?` for one character, `{a,b}` for one of
//! several texts, `[a-z]` for one of several characters.

use tile_base::{Error, Result};

/// Alternatives that one pattern may mean.
const ALTERNATIVES_MAX: usize = 256;

/// A pattern, as one or more of them without alternatives.
#[derive(Debug)]
pub struct Pattern {
    all: Vec<Vec<char>>,
    /// What every match begins with.
    pub prefix: String,
}

impl Pattern {
    /// # Errors
    /// `Invalid` for brackets that are not closed, and too many alternatives.
    pub fn parse(text: &str) -> Result<Self> {
        let bad = || Error::invalid(format!("the pattern `{text}` has a bracket that is not closed"));
        let mut all = vec![text.to_owned()];
        while let Some(at) = all.iter().position(|one| one.contains('{')) {
            let one = all.swap_remove(at);
            let (before, rest) = one.split_once('{').ok_or_else(bad)?;
            let (inner, after) = rest.split_once('}').ok_or_else(bad)?;
            all.extend(inner.split(',').map(|choice| format!("{before}{choice}{after}")));
            if all.len() > ALTERNATIVES_MAX {
                return Err(Error::invalid(format!(
                    "the pattern has more than {ALTERNATIVES_MAX} alternatives"
                )));
            }
        }
        if all.iter().any(|one| one.matches('[').count() != one.matches(']').count()) {
            return Err(bad());
        }
        let prefix = text.split(['*', '?', '{', '[']).next().unwrap_or_default().to_owned();
        Ok(Self { all: all.iter().map(|one| one.chars().collect()).collect(), prefix })
    }

    pub fn matches(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().collect();
        self.all.iter().any(|pattern| is_match(pattern, &text))
    }
}

/// With the places that a star could still take on; so the time is at most pattern times text.
fn is_match(pattern: &[char], text: &[char]) -> bool {
    // `reach[p]`: whether the pattern before `p` matches the text so far.
    let mut reach = vec![false; pattern.len() + 1];
    if let Some(first) = reach.first_mut() {
        *first = true;
    }
    spread(pattern, &mut reach);
    for c in text {
        let mut next = vec![false; pattern.len() + 1];
        for at in (0..pattern.len()).filter(|at| reach.get(*at) == Some(&true)) {
            let (stays, moves) = step(pattern, at, *c);
            if stays && let Some(place) = next.get_mut(at) {
                *place = true;
            }
            if let Some(place) = moves.and_then(|to| next.get_mut(to)) {
                *place = true;
            }
        }
        spread(pattern, &mut next);
        reach = next;
    }
    reach.last() == Some(&true)
}

/// Stars match nothing, too.
fn spread(pattern: &[char], reach: &mut [bool]) {
    for at in 0..pattern.len() {
        if pattern.get(at) == Some(&'*')
            && reach.get(at) == Some(&true)
            && let Some(next) = reach.get_mut(at + 1)
        {
            *next = true;
        }
    }
}

/// Whether a place takes a character and stays, and the place behind it when it takes the character and is over.
fn step(pattern: &[char], at: usize, c: char) -> (bool, Option<usize>) {
    match pattern.get(at) {
        Some('*') => {
            let is_beside = |other: Option<usize>| other.and_then(|o| pattern.get(o)) == Some(&'*');
            let is_double = is_beside(at.checked_sub(1)) || is_beside(at.checked_add(1));
            (c != '/' || is_double, None)
        }
        Some('?') => (false, (c != '/').then_some(at + 1)),
        Some('[') => {
            let close = pattern.iter().skip(at).position(|p| *p == ']').map_or(pattern.len(), |n| at + n);
            let set = pattern.get(at + 1..close).unwrap_or_default();
            (false, is_in(set, c).then_some(close + 1))
        }
        Some(same) => (false, (*same == c).then_some(at + 1)),
        None => (false, None),
    }
}

fn is_in(set: &[char], c: char) -> bool {
    let (set, is_wanted) = match set {
        ['!' | '^', rest @ ..] => (rest, false),
        all => (all, true),
    };
    let mut at = 0;
    let mut found = false;
    while let Some(low) = set.get(at) {
        match (set.get(at + 1), set.get(at + 2)) {
            (Some('-'), Some(high)) => {
                found |= (*low..=*high).contains(&c);
                at += 3;
            }
            _ => {
                found |= *low == c;
                at += 1;
            }
        }
    }
    found == is_wanted && c != '/'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_addresses() {
        for (pattern, yes, no) in [
            ("s3://b/a.csv", &["s3://b/a.csv"][..], &["s3://b/a.csv.gz", "s3://b/xa.csv"][..]),
            (
                "s3://b/x/*.csv",
                &["s3://b/x/a.csv", "s3://b/x/.csv"],
                &["s3://b/x/y/a.csv", "s3://b/x/a.csv.gz"],
            ),
            ("s3://b/**/*.csv", &["s3://b/x/a.csv", "s3://b/x/y/a.csv"], &["s3://b/a.csv", "s3://c/x/a.csv"]),
            ("s3://b/**", &["s3://b/", "s3://b/x/y"], &["s3://bb"]),
            (
                "s3://b/?.{csv,ndjson}*",
                &["s3://b/a.csv", "s3://b/b.ndjson.gz"],
                &["s3://b/ab.csv", "s3://b/a.txt"],
            ),
            (
                "s3://b/202[4-6]/[!x]",
                &["s3://b/2025/a"],
                &["s3://b/2023/a", "s3://b/2025/x", "s3://b/2025//"],
            ),
        ] {
            let parsed = Pattern::parse(pattern).unwrap();
            for text in yes {
                assert!(parsed.matches(text) && text.starts_with(&parsed.prefix), "{pattern} {text}");
            }
            for text in no {
                assert!(!parsed.matches(text), "{pattern} {text}");
            }
        }
        assert_eq!(Pattern::parse("s3://b/x/20*/a").unwrap().prefix, "s3://b/x/20");
        assert!(Pattern::parse("a{b").is_err() && Pattern::parse("a[b").is_err());
        assert!(Pattern::parse(&"{a,b}".repeat(20)).is_err());
    }
}
