//! The tables that a definition names, its parts' and sources' among them.

use super::{Declared, GroupBy, Join, Rows, Source, What};
use std::collections::BTreeSet;

impl Declared {
    /// Their names, as they are written.
    pub fn tables(&self) -> BTreeSet<&str> {
        let mut out = BTreeSet::new();
        match &self.what {
            What::GroupBy(group) => of_group(group, &mut out),
            What::Join(join) => of_join(join, &mut out),
            What::StagingQuery(_) | What::Team => {}
        }
        out
    }
}

fn of_group<'a>(group: &'a GroupBy, out: &mut BTreeSet<&'a str>) {
    group.sources.iter().for_each(|source| of_source(source, out));
}

fn of_source<'a>(source: &'a Source, out: &mut BTreeSet<&'a str>) {
    match &source.rows {
        Rows::Events { table, .. } => drop(out.insert(table)),
        Rows::Entities { snapshot, mutations, .. } => {
            out.insert(snapshot);
            out.extend(mutations.as_deref());
        }
        Rows::Join(join) => of_join(join, out),
    }
}

fn of_join<'a>(join: &'a Join, out: &mut BTreeSet<&'a str>) {
    of_source(&join.left, out);
    out.extend(join.bootstrap.iter().map(|known| known.table.as_str()));
    let labels = join.labels.iter().flat_map(|labels| &labels.parts);
    join.parts.iter().chain(labels).for_each(|part| of_group(&part.group_by, out));
    join.external
        .iter()
        .filter_map(|external| external.offline.as_ref())
        .for_each(|group| of_group(group, out));
}

#[cfg(test)]
mod tests {
    use super::super::read;

    const TEXT: &str = "\
group_bys:
  a: {source: events, time: t, keys: k, aggregations: {op: count, input: x}}
  b: {entities: people, changes: changed, keys: k, aggregations: {op: sum, input: x}}
  c: {join: j, keys: k, aggregations: {op: count, input: x}}
joins:
  j: {left: {source: visits, time: t}, parts: [a], labels: {days: 1, parts: [b]}, bootstrap: {source: known, keys: k}}
";

    #[test]
    fn all_tables_are_named() {
        let tables = |at: usize| {
            read("f.yaml", TEXT).declared[at].tables().into_iter().map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(
            (tables(0), tables(1)),
            (vec!["events".to_owned()], vec!["changed".to_owned(), "people".to_owned()])
        );
        let all = ["changed", "events", "known", "people", "visits"];
        assert_eq!(
            (tables(2), tables(3)),
            (all.map(str::to_owned).to_vec(), all.map(str::to_owned).to_vec())
        );
    }
}
