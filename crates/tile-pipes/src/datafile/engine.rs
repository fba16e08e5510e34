//! The engine of a data source: how its rows are sorted, merged and removed.

use super::column::Column;
use super::fault::Report;
use super::lex::split_commas;
use super::sorting;
use super::source::Place;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum EngineKind {
    #[default]
    MergeTree,
    Replacing,
    Summing,
    Aggregating,
    Collapsing,
    VersionedCollapsing,
    /// Keeps no rows; its materialized views see them.
    Null,
}

const ENGINES: &[(&str, EngineKind)] = &[
    ("MergeTree", EngineKind::MergeTree),
    ("ReplacingMergeTree", EngineKind::Replacing),
    ("SummingMergeTree", EngineKind::Summing),
    ("AggregatingMergeTree", EngineKind::Aggregating),
    ("CollapsingMergeTree", EngineKind::Collapsing),
    ("VersionedCollapsingMergeTree", EngineKind::VersionedCollapsing),
    ("Null", EngineKind::Null),
];

impl EngineKind {
    pub fn name(self) -> &'static str {
        ENGINES.iter().find(|(_, kind)| *kind == self).map_or("MergeTree", |(name, _)| name)
    }

    fn parse(text: &str) -> Option<Self> {
        ENGINES.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)).map(|(_, kind)| *kind)
    }

    const fn needs_sorting_key(self) -> bool {
        matches!(self, Self::Replacing | Self::Collapsing)
    }
}

/// An expression over columns, and its parts outside brackets.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Key {
    /// As it is written.
    pub text: String,
    /// Without the brackets or `tuple(…)` around all of them; none for `tuple()`.
    pub parts: Vec<String>,
}

impl Key {
    fn new(text: String) -> Self {
        let whole = text.strip_prefix("tuple").unwrap_or(&text).trim();
        let inner = whole.strip_prefix('(').and_then(|inner| inner.strip_suffix(')'));
        // `(a), (b)` has no brackets around all of it.
        let inner = inner.filter(|inner| is_balanced(inner)).unwrap_or(&text);
        let parts = split_commas(inner);
        Self { parts, text }
    }
}

fn is_balanced(text: &str) -> bool {
    let mut depth = 0_i64;
    text.chars().all(|c| {
        depth += i64::from(c == '(') - i64::from(c == ')');
        depth >= 0
    })
}

#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Engine {
    pub kind: EngineKind,
    pub partition_key: Option<Key>,
    /// `None` and `tuple()` are the same: rows in no order.
    pub sorting_key: Option<Key>,
    pub primary_key: Option<Key>,
    pub sampling_key: Option<String>,
    pub ttl: Option<String>,
    pub ttl_place: Place,
    /// As in `index_granularity = 32, a = 1`.
    pub settings: Option<String>,
    /// The column whose largest value stays (`ReplacingMergeTree`).
    pub ver: Option<String>,
    /// The column that says that a row is removed (`ReplacingMergeTree`).
    pub is_deleted: Option<String>,
    /// The columns that are summed, if not all numbers (`SummingMergeTree`).
    pub columns: Vec<String>,
    /// The column of 1 and -1 (`CollapsingMergeTree`).
    pub sign: Option<String>,
    /// The column of versions (`VersionedCollapsingMergeTree`).
    pub version: Option<String>,
    pub place: Place,
}

/// The directives of an engine as they stand in a file.
#[derive(Default)]
pub(super) struct Written {
    pub kind: Option<(String, Place)>,
    /// Names without `ENGINE_`. The last one of a name counts.
    pub parts: Vec<(&'static str, String, Place)>,
}

impl Written {
    pub fn is_empty(&self) -> bool {
        self.kind.is_none() && self.parts.is_empty()
    }

    pub fn place(&self) -> Place {
        let first = self.parts.first().map(|(.., place)| place);
        self.kind.as_ref().map(|(_, place)| place).or(first).cloned().unwrap_or_default()
    }

    /// `columns`: those of the data source, if they are known. They are then looked up.
    pub fn engine(&self, columns: Option<&[Column]>, report: &mut Report) -> Engine {
        let kind = self.kind.as_ref().map_or(Some(EngineKind::MergeTree), |(text, place)| {
            let kind = EngineKind::parse(text);
            if kind.is_none() {
                let names: Vec<&str> = ENGINES.iter().map(|(name, _)| *name).collect();
                let names = names.join(", ");
                report.invalid(
                    place,
                    format!("Engine {text} is not supported, supported engines include: {names}"),
                );
            }
            kind
        });
        let text = |name: &str| {
            let found = self.parts.iter().rfind(|(known, ..)| *known == name);
            found.map(|(_, text, _)| text.clone()).filter(|text| !text.is_empty())
        };
        let key = |name: &str| text(name).map(Key::new);
        let engine = Engine {
            kind: kind.unwrap_or_default(),
            partition_key: key("partition_key"),
            sorting_key: key("sorting_key"),
            primary_key: key("primary_key"),
            sampling_key: text("sampling_key"),
            ttl: text("ttl"),
            ttl_place: self.place_of("ttl"),
            settings: text("settings"),
            ver: text("ver"),
            is_deleted: text("is_deleted"),
            columns: text("columns").map(|text| split_commas(&text)).unwrap_or_default(),
            sign: text("sign"),
            version: text("version"),
            place: self.place(),
        };
        if kind.is_some() {
            engine.check(columns, &|name| self.place_of(name), report);
        }
        engine
    }

    fn place_of(&self, name: &str) -> Place {
        let found = self.parts.iter().rfind(|(known, ..)| *known == name);
        found.map_or_else(|| self.place(), |(.., place)| place.clone())
    }
}

impl Engine {
    fn check(&self, columns: Option<&[Column]>, place: &dyn Fn(&str) -> Place, report: &mut Report) {
        if let Some(columns) = columns {
            sorting::check(self, columns, &place("sorting_key"), report);
        }
        for (name, value, is_required) in self.params() {
            if is_required && value.is_none() {
                report.invalid(&self.place, format!("Missing required parameter '{name}'"));
            }
            let (Some(value), Some(columns)) = (value, columns) else { continue };
            let unknown = split_commas(&value)
                .into_iter()
                .find(|name| !columns.iter().any(|column| column.name == name.trim_matches('`')));
            if let Some(unknown) = unknown {
                let message = format!(
                    "Invalid value '{value}' for parameter 'engine_{name}', reason: '{unknown}' column is not present in schema"
                );
                report.invalid(&place(name), message);
            }
        }
        if self.kind.needs_sorting_key() {
            match self.sorting_key.as_ref().map(|key| key.text.as_str()) {
                None => report.invalid(&self.place, "Missing required option 'sorting_key'"),
                Some("tuple()") => report.invalid(
                    &place("sorting_key"),
                    "Invalid value 'tuple()' for option 'engine_sorting_key', reason: 'tuple()' is not a valid sorting key",
                ),
                Some(_) => {}
            }
        }
    }

    /// What stands in the brackets behind the engine's name: name, value, whether it must be there.
    fn params(&self) -> Vec<(&'static str, Option<String>, bool)> {
        match self.kind {
            EngineKind::Replacing => {
                vec![("ver", self.ver.clone(), false), ("is_deleted", self.is_deleted.clone(), false)]
            }
            EngineKind::Summing => {
                let columns = Some(self.columns.join(", ")).filter(|columns| !columns.is_empty());
                vec![("columns", columns, false)]
            }
            EngineKind::Collapsing => vec![("sign", self.sign.clone(), true)],
            EngineKind::VersionedCollapsing => {
                vec![("sign", self.sign.clone(), true), ("version", self.version.clone(), true)]
            }
            EngineKind::MergeTree | EngineKind::Aggregating | EngineKind::Null => Vec::new(),
        }
    }

    /// As SQL and the API have it: `ReplacingMergeTree(ver) PARTITION BY (…) ORDER BY (…) TTL … SETTINGS …`.
    pub fn full(&self) -> String {
        let params: Vec<String> = self.params().into_iter().filter_map(|(_, value, _)| value).collect();
        let mut out = format!("{}({})", self.kind.name(), params.join(", "));
        if self.kind == EngineKind::Null {
            return out;
        }
        let text = |key: &Option<Key>| key.as_ref().map(|key| key.text.clone());
        let unsorted = (!self.kind.needs_sorting_key()).then(|| "tuple()".to_owned());
        let keys = [
            ("PARTITION BY", text(&self.partition_key)),
            ("ORDER BY", text(&self.sorting_key).or(unsorted)),
            ("PRIMARY KEY", text(&self.primary_key)),
            ("SAMPLE BY", self.sampling_key.clone()),
        ];
        for (words, key) in keys {
            if let Some(key) = key {
                out.push_str(&format!(" {words} ({key})"));
            }
        }
        for (words, value) in [("TTL", &self.ttl), ("SETTINGS", &self.settings)] {
            if let Some(value) = value {
                out.push_str(&format!(" {words} {value}"));
            }
        }
        out
    }

    /// The directives behind `ENGINE`, without `ENGINE_`, in the order in which they are printed.
    pub fn options(&self) -> Vec<(&'static str, String)> {
        let text = |key: &Option<Key>| key.as_ref().map(|key| key.text.clone());
        let columns = Some(self.columns.join(", ")).filter(|columns| !columns.is_empty());
        let all = [
            ("partition_key", text(&self.partition_key)),
            ("sorting_key", text(&self.sorting_key)),
            ("primary_key", text(&self.primary_key)),
            ("sampling_key", self.sampling_key.clone()),
            ("settings", self.settings.clone()),
            ("ttl", self.ttl.clone()),
            ("ver", self.ver.clone()),
            ("is_deleted", self.is_deleted.clone()),
            ("columns", columns),
            ("sign", self.sign.clone()),
            ("version", self.version.clone()),
        ];
        all.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }
}
