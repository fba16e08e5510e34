//! Joins of a project's own files.

use super::super::declared::DefinitionKind;
use super::super::yaml::{Member, Members, Node, text, with_nearest, wrong};
use super::super::{Bootstrap, ExternalPart, GroupBy, Join, JoinPart, Labels, Naming};
use super::{From, META, Place, Reader, SOURCE};
use crate::types::Type;
use std::sync::Arc;
use tile_base::Result;

/// What Chronon calls values that come with a request.
const CONTEXT: &str = "contextual";

impl Reader<'_> {
    pub(super) fn join(&mut self, name: &str, node: &Node) -> Result<Join> {
        let own = [
            "left",
            "parts",
            "context",
            "derivations",
            "only_derivations",
            "labels",
            "bootstrap",
            "row_ids",
            "skew_keys",
        ];
        let names: Vec<&str> = META.iter().chain(&own).copied().collect();
        let what = format!("the Join `{name}`");
        let members = Members::of(self.file, &what, node, &names)?;
        members.need("parts")?;
        self.note_member(&members, "parts", "joinParts");
        let parts = self.parts(members.items("parts"), "joinParts")?;
        let labels = self.labels(&members);
        let labels = self.or_noted(labels);
        self.note_member(&members, "row_ids", "rowIds");
        let row_ids = members.texts("row_ids")?;
        let mut left = {
            let node = members.need("left")?;
            self.note_member(&members, "left", "left");
            let left = Members::of(self.file, "the left side", node, &SOURCE)?;
            self.source(&left, "left")?
        };
        // Who selects nothing selects all.
        if !left.source.query.selects.is_empty() {
            let wanted = self.wanted_of_left(&parts, labels.as_ref(), &row_ids);
            let From { source, path } = &mut left;
            self.select(&mut source.query, path, &wanted);
            if let (Some(time), false) = (
                left.source.query.time.clone(),
                left.source.query.selects.iter().any(|(name, _)| name == "ts"),
            ) {
                left.source.query.selects.push(("ts".to_owned(), time));
            }
        }
        let derivations = self.derivations(&members);
        let derivations = self.or_noted(derivations);
        Ok(Join {
            meta: self.meta(name, &members)?,
            left: left.source,
            parts,
            external: self.context(&members)?,
            bootstrap: self.bootstrap(&members)?,
            labels,
            row_ids,
            skew_keys: self.skew_keys(&members)?,
            derivations,
        })
    }

    /// The columns that parts and identities of rows name, each with its line.
    fn wanted_of_left(
        &self,
        parts: &[JoinPart],
        labels: Option<&Labels>,
        row_ids: &[String],
    ) -> Vec<(String, usize)> {
        let line_of = self.noted();
        let parts = parts.iter().enumerate().map(|(at, part)| (part, format!("joinParts[{at}]")));
        let labels = labels.into_iter().flat_map(|labels| labels.parts.iter().enumerate());
        let labels = labels.map(|(at, part)| (part, format!("labelPart.labels[{at}]")));
        let keys = parts.chain(labels).flat_map(|(part, path)| {
            let line = line_of(&path);
            part.group_by.keys.iter().map(move |key| (part.left_key(key).to_owned(), line))
        });
        let row_ids = row_ids.iter().map(|name| (name.clone(), line_of("rowIds")));
        keys.chain(row_ids).collect()
    }

    fn parts(&mut self, items: &[Node], path: &str) -> Result<Vec<JoinPart>> {
        let mut out = Vec::new();
        for (at, item) in items.iter().enumerate() {
            let path = format!("{path}[{at}]");
            self.note(&*path, item.line);
            let part = self.part(item, &path).map(Some);
            out.extend(self.or_noted(part));
        }
        Ok(out)
    }

    /// The name of a GroupBy, or names with values.
    fn part(&mut self, node: &Node, path: &str) -> Result<JoinPart> {
        if node.is_scalar() {
            let group_by = self.group(node)?;
            return Ok(JoinPart { group_by, key_mapping: Vec::new(), prefix: None, naming: Naming::Name });
        }
        let members = Members::of(self.file, "a part", node, &["group_by", "keys", "prefix"])?;
        self.note_member(&members, "keys", &format!("{path}.keyMapping"));
        let group_by = self.group(members.need("group_by")?)?;
        let mut key_mapping = Vec::new();
        for (Member { name, line, .. }, key) in members.pairs("keys")? {
            if !group_by.keys.contains(&key) {
                let what = format!("`{}` has no key `{key}`", group_by.meta.name);
                let known: Vec<&str> = group_by.keys.iter().map(String::as_str).collect();
                return Err(with_nearest(wrong(self.file, *line, what), &key, &known));
            }
            key_mapping.push((name.clone(), key));
        }
        Ok(JoinPart { group_by, key_mapping, prefix: members.text("prefix")?, naming: Naming::Name })
    }

    fn group(&self, node: &Node) -> Result<Arc<GroupBy>> {
        let name = text(self.file, "group_by", node)?;
        let place = Place { file: self.file, line: node.line };
        let missing = || self.known.missing(DefinitionKind::GroupBy, name, &place);
        self.known.groups.get(name).cloned().ok_or_else(missing)
    }

    /// Values that come with a request: names with types.
    fn context(&mut self, members: &Members<'_>) -> Result<Vec<ExternalPart>> {
        let mut fields = Vec::new();
        for (Member { name, line, .. }, ty) in members.pairs("context")? {
            fields.push((name.clone(), Type::parse(&ty).map_err(|e| self.at(e, *line))?));
        }
        self.note_member(members, "context", "onlineExternalParts");
        let context = ExternalPart {
            name: CONTEXT.to_owned(),
            prefix: None,
            key_mapping: Vec::new(),
            keys: fields.clone(),
            values: fields,
            offline: None,
        };
        Ok(if context.values.is_empty() { Vec::new() } else { vec![context] })
    }

    fn bootstrap(&mut self, members: &Members<'_>) -> Result<Vec<Bootstrap>> {
        let known = ["source", "keys", "selects", "where", "start", "end"];
        let mut out = Vec::new();
        for (at, item) in members.items("bootstrap").iter().enumerate() {
            let path = format!("bootstrapParts[{at}]");
            self.note(&*path, item.line);
            let of = Members::of(self.file, "a table of known values", item, &known)?;
            let mut query = self.query(&of, &format!("{path}.query"))?;
            of.need("keys")?;
            let keys = of.texts("keys")?;
            if !query.selects.is_empty() {
                let line = of.member("keys").map_or(item.line, |member| member.line);
                let wanted: Vec<(String, usize)> = keys.iter().map(|key| (key.clone(), line)).collect();
                self.select(&mut query, &format!("{path}.query"), &wanted);
            }
            out.push(Bootstrap {
                table: text(self.file, "source", of.need("source")?)?.to_owned(),
                query,
                keys,
            });
        }
        Ok(out)
    }

    fn labels(&mut self, members: &Members<'_>) -> Result<Option<Labels>> {
        let Some(node) = members.get("labels") else { return Ok(None) };
        self.note_member(members, "labels", "labelPart");
        let of = Members::of(self.file, "`labels`", node, &["days", "parts"])?;
        of.need("parts")?;
        let parts = self.parts(of.items("parts"), "labelPart.labels")?;
        of.need("days")?;
        let days = of.number_within("days", &(1..=i64::from(u16::MAX)))?.unwrap_or(1);
        Ok(Some(Labels { parts, start_days: days, end_days: days }))
    }

    fn skew_keys(&mut self, members: &Members<'_>) -> Result<Vec<(String, Vec<String>)>> {
        let Some(node) = members.get("skew_keys") else { return Ok(Vec::new()) };
        self.note_member(members, "skew_keys", "skewKeys");
        let of = Members::of(self.file, "`skew_keys`", node, &[])?;
        of.all.iter().map(|member| Ok((member.name.clone(), of.texts(&member.name)?))).collect()
    }
}
