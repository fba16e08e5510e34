//! Names of columns, as Chronon makes them.

use super::{Aggregation, Derivation, ExternalPart, GroupBy, clean};
use crate::expression::identifier;
use crate::window::Window;
use std::collections::HashSet;

impl Aggregation {
    /// The name of its columns but for the window and the bucket: `amount_sum`.
    pub fn stem(&self) -> String {
        format!("{}_{}", self.input, self.operation.suffix(self.args.k))
    }

    /// The names of its columns, in their order.
    pub fn columns(&self) -> Vec<String> {
        let stem = self.stem();
        let buckets: Vec<Option<&str>> = match self.buckets.as_slice() {
            [] => vec![None],
            some => some.iter().map(|bucket| Some(bucket.as_str())).collect(),
        };
        let mut names = Vec::new();
        for bucket in buckets {
            if self.windows.is_empty() {
                names.push(column(&stem, None, bucket));
            }
            names.extend(self.windows.iter().map(|window| column(&stem, Some(*window), bucket)));
        }
        names
    }

    /// As an author says it: `sum of amount`.
    pub fn shown(&self) -> String {
        format!("{} of {}", self.operation.to_string().to_ascii_lowercase(), self.input)
    }
}

/// The first aggregation that gives a column of another one, and that column.
pub fn twice(aggregations: &[Aggregation]) -> Option<(usize, String)> {
    let mut seen = HashSet::new();
    let named = |(at, aggregation): (usize, &Aggregation)| {
        aggregation.columns().into_iter().map(move |name| (at, name))
    };
    aggregations.iter().enumerate().flat_map(named).find(|(_, name)| !seen.insert(name.clone()))
}

/// The name of a column: `amount_sum_7d_by_card`.
pub fn column(stem: &str, window: Option<Window>, bucket: Option<&str>) -> String {
    let window = window.map(|window| format!("_{window}")).unwrap_or_default();
    let bucket = bucket.map(|bucket| format!("_by_{bucket}")).unwrap_or_default();
    format!("{stem}{window}{bucket}")
}

/// The columns of a GroupBy before its derivations, in their order. None where rows are features already and all columns are selected.
pub fn outputs(group: &GroupBy) -> Option<Vec<String>> {
    let Some(aggregations) = &group.aggregations else {
        let selects = &group.sources.first()?.query.selects;
        let names = selects.iter().map(|(name, _)| name.clone()).filter(|name| !group.keys.contains(name));
        return (!selects.is_empty()).then(|| names.collect());
    };
    Some(aggregations.iter().flat_map(Aggregation::columns).collect())
}

impl ExternalPart {
    /// What stands before its columns, but for the last `_`.
    pub fn full_prefix(&self) -> String {
        let prefix = self.prefix.as_ref().map(|prefix| format!("{prefix}_")).unwrap_or_default();
        format!("ext_{prefix}{}", clean(&self.name))
    }
}

/// The columns that are left when derivations were made: all but those that were renamed or made anew under `*`, then those that were made.
/// A derivation renames when it is an [`identifier`]; one in backquotes is an expression like others, as in Chronon.
pub fn derived_names(all: Vec<String>, derivations: &[Derivation]) -> Vec<String> {
    if derivations.is_empty() {
        return all;
    }
    let made: Vec<&Derivation> = derivations.iter().filter(|d| !d.keeps_all()).collect();
    let mut names = Vec::new();
    if derivations.iter().any(Derivation::keeps_all) {
        let is_gone = |name: &String| {
            made.iter().any(|d| d.name == *name || identifier(&d.expression) == Some(name.as_str()))
        };
        names.extend(all.into_iter().filter(|name| !is_gone(name)));
    }
    names.extend(made.iter().map(|d| d.name.clone()));
    names
}
