//! Which data source feeds a materialized view: the one that is read first, through nodes and queries of WITH. Its name there is
//! replaced by that of the inserted block.

use super::resources::{Body, Resources};
use super::scope::Names;
use std::collections::BTreeMap;
use tile_base::{Error, Result};
use tile_clicksql::ast::{Query, QueryBody, Select, TableKind, TableRef, With};

/// The name of the block in a rewritten query: none that a file can have.
pub const BLOCK: &str = "inserted block";

/// Nodes and queries of WITH that may be gone through.
const STEPS_MAX: usize = 64;

pub struct Found {
    pub source: String,
    /// The node and those that it reads first, rewritten, by their numbers.
    pub replaced: BTreeMap<usize, Query>,
    /// A node in the engine's dialect, by its number, and which of its tables is the block.
    pub fed: Option<(usize, usize)>,
}

/// # Errors
/// `Invalid` when nothing is read, or a table function is.
pub fn find(resources: &Resources, names: &Names<'_>, pipe: &str, at: usize) -> Result<Found> {
    let mut replaced = BTreeMap::new();
    let (mut pipe, mut at) = (pipe.to_owned(), at);
    for _ in 0..STEPS_MAX {
        let here = resources.pipes.get(&pipe).and_then(|p| Some((p, p.nodes.get(at)?)));
        let Some((this, node)) = here else { break };
        let next_of = |found: &str| {
            let own = this.node(found).map(|at| (pipe.clone(), at));
            own.or_else(|| resources.pipes.get(found).and_then(|p| Some((found.to_owned(), p.published()?))))
        };
        if let Body::Native(native) = &node.body {
            let Some((place, path)) = names.native_first(native)? else { break };
            let found = path.join(".");
            let Some(next) = next_of(&found) else {
                return Ok(Found { source: found, replaced, fed: Some((node.slot, place)) });
            };
            (pipe, at) = next;
            continue;
        }
        let mut query = names.node_by_name(&pipe, at)?.clone();
        let Some(path) = leftmost(&mut query, STEPS_MAX) else { break };
        let found = path.iter().map(|part| part.text.as_str()).collect::<Vec<_>>().join(".");
        if let Some((to, next)) = next_of(&found) {
            replaced.insert(node.slot, query);
            (pipe, at) = (to, next);
            continue;
        }
        path.truncate(1);
        if let Some(part) = path.first_mut() {
            part.text = BLOCK.into();
        }
        replaced.insert(node.slot, query);
        return Ok(Found { source: found, replaced, fed: None });
    }
    Err(Error::invalid("a materialized view reads a data source first"))
}

fn leftmost(query: &mut Query, steps: usize) -> Option<&mut Vec<tile_clicksql::ast::Ident>> {
    let steps = steps.checked_sub(1)?;
    let mut body = &mut query.body;
    let select = loop {
        match body {
            QueryBody::Select(select) => break select,
            QueryBody::Set { left, .. } => body = left,
            QueryBody::Parens(inner) => return leftmost(inner, steps),
        }
    };
    of_select(select, steps)
}

fn of_select(select: &mut Select, steps: usize) -> Option<&mut Vec<tile_clicksql::ast::Ident>> {
    // A query of WITH is looked at where it is written.
    match cte(select, steps) {
        Some(at) => match select.with.get_mut(at)? {
            With::Cte { query, .. } => leftmost(query, steps),
            With::Expr { .. } => None,
        },
        None => of_table(select.from.as_mut()?, steps),
    }
}

/// Which query of its WITH a select reads first, through others of them.
fn cte(select: &Select, steps: usize) -> Option<usize> {
    let mut name = of_from(select.from.as_ref()?, steps)?;
    let mut found = None;
    for _ in 0..select.with.len() {
        let at =
            select.with.iter().position(|w| matches!(w, With::Cte { name: cte, .. } if cte.text == name));
        let Some(With::Cte { query, .. }) = at.and_then(|at| select.with.get(at)) else { break };
        found = at;
        let Some(next) = first_name(query, steps) else { break };
        name = next;
    }
    found
}

/// The plain name that a query reads first, if that is none of its own WITH.
fn first_name(query: &Query, steps: usize) -> Option<String> {
    let steps = steps.checked_sub(1)?;
    let mut body = &query.body;
    let select = loop {
        match body {
            QueryBody::Select(select) => break select,
            QueryBody::Set { left, .. } => body = left,
            QueryBody::Parens(inner) => return first_name(inner, steps),
        }
    };
    match cte(select, steps).and_then(|at| select.with.get(at)) {
        Some(With::Cte { query, .. }) => first_name(query, steps),
        _ => of_from(select.from.as_ref()?, steps),
    }
}

fn of_from(table: &TableRef, steps: usize) -> Option<String> {
    match &table.kind {
        TableKind::Table(path) => match path.as_slice() {
            [name] => Some(name.text.clone()),
            _ => None,
        },
        TableKind::Join(join) => of_from(&join.left, steps.checked_sub(1)?),
        TableKind::ArrayJoin { left, .. } => of_from(left.as_deref()?, steps.checked_sub(1)?),
        TableKind::Subquery(query) => first_name(query, steps),
        TableKind::Function { .. } | TableKind::Statement(_) => None,
    }
}

fn of_table(table: &mut TableRef, steps: usize) -> Option<&mut Vec<tile_clicksql::ast::Ident>> {
    let steps = steps.checked_sub(1)?;
    match &mut table.kind {
        TableKind::Table(path) => {
            // The name still means the columns.
            if table.alias.is_none() {
                table.alias = path.last().cloned();
            }
            Some(path)
        }
        TableKind::Subquery(query) => leftmost(query, steps),
        TableKind::Join(join) => of_table(&mut join.left, steps),
        TableKind::ArrayJoin { left, .. } => of_table(left.as_deref_mut()?, steps),
        TableKind::Function { .. } | TableKind::Statement(_) => None,
    }
}
