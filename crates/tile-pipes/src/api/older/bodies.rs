//! What requests say about pipes, as parts of files.

use super::super::call::param;
use crate::datafile::{Copy, CopyMode, Materialized, Node, NodeKind, Place, Query, Schedule};
use crate::template::Dialect;
use serde_json::Value;
use tile_base::{Error, Result};

/// The members of an object, or the parameters of a form.
pub type Members = Vec<(String, String)>;

/// The members of an object that have a value.
pub fn members(object: &Value) -> Members {
    let members = object.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null());
    members.map(|(k, v)| (k.clone(), v.as_str().map_or_else(|| v.to_string(), str::to_owned))).collect()
}

/// A member that is not empty.
pub fn given<'a>(members: &'a Members, name: &str) -> Option<&'a str> {
    param(members, name).filter(|value| !value.trim().is_empty())
}

/// A node of its members; `name` is for one that has none.
///
/// # Errors
/// `Invalid` without SQL, and for a type that cannot be made.
pub fn node(members: &Members, name: String) -> Result<Node> {
    let sql = given(members, "sql").ok_or_else(|| Error::invalid("a node has no 'sql'"))?;
    Ok(Node {
        name: given(members, "name").map_or(name, str::to_owned),
        description: given(members, "description").map(str::to_owned),
        query: query(sql),
        dialect: Dialect::default(),
        kind: kind(members)?,
        place: Place::default(),
    })
}

/// SQL as a file keeps it: the blanks that all lines begin with, and empty lines, are not part of it.
pub fn query(sql: &str) -> Query {
    let sql = sql.replace("\r\n", "\n").replace('\r', "\n");
    let text: Vec<&str> = sql.lines().filter(|line| !line.trim().is_empty()).collect();
    let is_template = text.first().is_some_and(|line| line.trim_start().starts_with('%'));
    let indent = |line: &&str| line.len() - line.trim_start_matches(' ').len();
    let shared = if is_template { 0 } else { text.iter().map(indent).min().unwrap_or(0) };
    let lines: Vec<&str> = text.iter().map(|line| line.get(shared..).unwrap_or(line)).collect();
    let text = lines.join("\n");
    let text = if is_template { text.trim() } else { text.trim_end() };
    Query { text: text.to_owned(), places: vec![] }
}

fn kind(members: &Members) -> Result<NodeKind> {
    match given(members, "type").unwrap_or("standard").to_lowercase().as_str() {
        "standard" | "default" => Ok(NodeKind::Standard),
        "endpoint" => Ok(NodeKind::Endpoint),
        "materialized" => materialized(members),
        "copy" => copy(members, None),
        other => Err(unmade(other)),
    }
}

/// Nodes that only files can describe.
pub fn unmade(kind: &str) -> Error {
    Error::invalid(format!("nodes of the type `{kind}` are not made one by one"))
        .hint("Deploy the pipe's file, as `tb deploy` of the package `tinybird` does")
}

/// # Errors
/// `Invalid` without a data source.
pub fn materialized(members: &Members) -> Result<NodeKind> {
    let target = given(members, "datasource").or_else(|| given(members, "target_datasource"));
    let target = target.ok_or_else(|| Error::invalid("a materialized node has no 'datasource'"))?;
    Ok(NodeKind::Materialized(Materialized {
        datasource: target.to_owned(),
        is_altered: false,
        engine: None,
    }))
}

/// A copy; what is not told stays as in `old`.
///
/// # Errors
/// `Invalid` without a target, and for a schedule or mode that there is not.
pub fn copy(members: &Members, old: Option<&Copy>) -> Result<NodeKind> {
    let target = given(members, "target_datasource").or_else(|| given(members, "datasource"));
    let target = target.map(str::to_owned).or_else(|| old.map(|copy| copy.target.clone()));
    let target = target.ok_or_else(|| Error::invalid("a copy node has no 'target_datasource'"))?;
    let schedule = match given(members, "schedule_cron").or_else(|| given(members, "copy_schedule")) {
        None => old.map(|copy| copy.schedule.clone()).unwrap_or_default(),
        Some("None" | "none") => Schedule::OnDemand,
        Some(text) => Schedule::parse(text)
            .ok_or_else(|| Error::invalid(format!("`{text}` is no schedule of five fields")))?,
    };
    let mode = match given(members, "mode").or_else(|| given(members, "copy_mode")) {
        None => old.map(|copy| copy.mode).unwrap_or_default(),
        Some("append") => CopyMode::Append,
        Some("replace") => CopyMode::Replace,
        Some(other) => {
            return Err(Error::invalid(format!("unknown mode `{other}`")).hint("Use `append` or `replace`"));
        }
    };
    let on_demand_compute = old.is_some_and(|copy| copy.on_demand_compute);
    Ok(NodeKind::Copy(Copy { target, schedule, mode, on_demand_compute }))
}
