//! What a sorting key may not have: Nullable columns, states, the column of versions, aggregate functions.

use super::column::Column;
use super::engine::{Engine, EngineKind};
use super::fault::Report;
use super::source::Place;

/// Aggregate functions that people write into keys.
const AGGREGATES: &[&str] =
    &["sum", "count", "avg", "min", "max", "any", "grouparray", "groupuniqarray", "uniq"];

pub(super) fn check(engine: &Engine, columns: &[Column], place: &Place, report: &mut Report) {
    let Some(key) = engine.sorting_key.as_ref().map(|key| key.text.as_str()) else { return };
    if key == "tuple()" {
        return;
    }
    let ver = engine.ver.as_deref().filter(|ver| engine.kind == EngineKind::Replacing && has_word(key, ver));
    if let Some(ver) = ver {
        report.invalid(place, format!("ENGINE_VER column '{ver}' cannot be included in the sorting key for ReplacingMergeTree. Including the version column in the sorting key prevents deduplication because rows with different versions will have different sorting keys and won't be considered duplicates. The sorting key should define the record identity (what makes it unique), while ENGINE_VER tracks which version to keep."));
    }
    if let Some(call) = aggregate(key) {
        report.invalid(place, format!(
            "Sorting key contains aggregate function expression '{call}'. Aggregate function expressions cannot be used in sorting keys."
        ));
    }
    for name in names(key) {
        let Some(column) = columns.iter().find(|column| column.name == name) else { continue };
        if column.nullable || column.type_text.contains("Nullable(") {
            report.invalid(place, format!(
                "Sorting key contains nullable column '{name}'. Nullable columns cannot be used in sorting keys."
            ));
        } else if column.type_text.to_lowercase().contains("aggregatefunction") {
            report.invalid(place, format!(
                "Sorting key contains column '{name}' with AggregateFunction type. AggregateFunction columns cannot be used in sorting keys."
            ));
        }
    }
}

fn in_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn has_word(text: &str, word: &str) -> bool {
    text.split(|c| !in_word(c)).any(|part| part == word)
}

/// The columns that a key names: words, words in backticks, and the words that are whole arguments of a function. Functions inside
/// functions are not looked into.
fn names(key: &str) -> Vec<String> {
    let mut rest = key.strip_prefix("tuple(").and_then(|inner| inner.strip_suffix(')')).unwrap_or(key);
    let mut names = Vec::new();
    while let Some(start) = rest.find(|c| in_word(c) || c == '`') {
        let from = rest.split_at_checked(start).map_or("", |(_, from)| from);
        if let Some(quoted) = from.strip_prefix('`') {
            let Some((name, behind)) = quoted.split_once('`') else { return names };
            names.push(name.to_owned());
            rest = behind;
            continue;
        }
        let end = from.find(|c| !in_word(c)).unwrap_or(from.len());
        let Some((word, behind)) = from.split_at_checked(end) else { return names };
        let call = behind.trim_start().strip_prefix('(').and_then(|inner| inner.split_once(')'));
        match call {
            Some((arguments, behind)) => {
                let arguments = arguments.split(',').map(|name| name.trim().trim_matches('`'));
                let is_name = |name: &&str| {
                    !name.is_empty()
                        && name.chars().all(in_word)
                        && !name.starts_with(|c: char| c.is_numeric())
                };
                names.extend(arguments.filter(is_name).map(str::to_owned));
                rest = behind;
            }
            None => {
                names.push(word.to_owned());
                rest = behind;
            }
        }
    }
    names
}

/// The first call of an aggregate function, with its arguments.
fn aggregate(key: &str) -> Option<&str> {
    for (open, _) in key.match_indices('(') {
        let (before, from) = key.split_at_checked(open)?;
        let word = before.trim_end();
        let start = word
            .rfind(|c| !in_word(c))
            .map_or(0, |at| at + word.get(at..).and_then(|w| w.chars().next()).map_or(1, char::len_utf8));
        let name = word.get(start..)?.to_lowercase();
        let plain = name.strip_suffix("merge").unwrap_or(&name);
        if AGGREGATES.contains(&plain) {
            let mut depth = 0_usize;
            for (at, c) in from.char_indices() {
                match c {
                    '(' => depth += 1,
                    ')' => depth = depth.saturating_sub(1),
                    _ => {}
                }
                if depth == 0 {
                    return key.get(start..=open + at);
                }
            }
            return key.get(start..);
        }
    }
    None
}
