//! What names mean at a place of a query.

use super::{Column, Ctx};
use crate::ast::{Expr, ExprKind, Ident, Query, Select};
use crate::duck;
use crate::error::{Code, Result, SqlError};
use crate::typed::Typed;
use crate::types::Type;
use crate::walk;
use std::cell::RefCell;
use std::collections::HashMap;

/// The layer in which an expression is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Row by row, before grouping.
    Row,
    /// Inside of an aggregate's arguments: as `Row`, but aggregates are errors.
    Aggregate,
    /// After grouping: keys and aggregates only.
    Group,
}

/// A table of FROM.
#[derive(Clone, Debug)]
pub struct Source {
    /// The names it answers to: its alias, or its name with and without the database.
    pub names: Vec<String>,
    pub columns: Vec<SourceColumn>,
}

#[derive(Clone, Debug)]
pub struct SourceColumn {
    pub name: String,
    pub ty: Type,
    pub sql: String,
    /// Left out of `*` and of bare names: a side's own column of a USING, which the merged one stands for.
    pub hidden: bool,
    /// Hidden, but shown by its bare name: the left side's column of a USING, except of a RIGHT JOIN.
    pub bare: bool,
    /// The left side's column of a USING.
    pub is_left: bool,
}

/// Keys and aggregates of a grouped select, as they are found.
#[derive(Debug, Default)]
pub struct Group {
    pub keys: Vec<(Typed, String)>,
    /// The DuckDB forms of aggregates and the columns they become.
    pub aggregates: Vec<(String, String)>,
}

/// A key in the layer of groups, beside its bytes where these may be no text.
pub fn of_group(key: &Typed, column: &str) -> Typed {
    let bytes = key.bytes.as_ref().map(|_| format!("g_.b{column}"));
    Typed { bytes, ..Typed::new(format!("g_.{column}"), key.ty.clone()) }
}

/// A query of WITH.
#[derive(Clone, Copy)]
pub struct Cte<'a> {
    pub query: &'a Query,
    /// Names for its columns, or none.
    pub columns: &'a [Ident],
    pub is_recursive: bool,
}

/// One select with the names it sees.
pub struct Scope<'a, 'p> {
    pub ctx: &'a Ctx<'a>,
    pub parent: Option<&'p Scope<'a, 'p>>,
    pub ctes: HashMap<&'a str, Cte<'a>>,
    pub aliases: HashMap<&'a str, &'a Expr>,
    pub sources: Vec<Source>,
    pub windows: HashMap<&'a str, &'a crate::ast::WindowSpec>,
    /// Arrays to unnest (their DuckDB form) and the columns that they become, by level.
    pub unnests: RefCell<Vec<(String, String, Level)>>,
    pub group: RefCell<Group>,
    /// Aliases that are being resolved: inside of itself a name means the column.
    pub busy: RefCell<Vec<&'a str>>,
    /// The parameters of the lambdas around the place.
    pub lambdas: RefCell<Vec<(String, Typed)>>,
    /// Whether the joined tables may be asked for the leftmost of several columns of one name.
    pub prefer_left: bool,
    /// The condition of PREWHERE on the table that is read with FINAL.
    pub before_final: Option<String>,
    /// The select itself, for tables without an end.
    pub select: Option<&'a Select>,
}

impl<'a, 'p> Scope<'a, 'p> {
    pub fn new(ctx: &'a Ctx<'a>, parent: Option<&'p Scope<'a, 'p>>) -> Self {
        Self {
            ctx,
            parent,
            ctes: HashMap::new(),
            aliases: HashMap::new(),
            sources: Vec::new(),
            windows: HashMap::new(),
            unnests: RefCell::default(),
            group: RefCell::default(),
            busy: RefCell::default(),
            lambdas: RefCell::default(),
            prefer_left: false,
            before_final: None,
            select: None,
        }
    }

    /// The query that a name of WITH stands for, here or further out.
    pub fn cte(&self, name: &str) -> Option<(Cte<'a>, &Scope<'a, 'p>)> {
        match self.ctes.get(name) {
            Some(cte) => Some((*cte, self)),
            None => self.parent.and_then(|p| p.cte(name)),
        }
    }

    /// Resolves a name of one or more parts.
    pub fn name(&self, path: &'a [Ident], level: Level) -> Result<Typed> {
        let parts: Vec<&str> = path.iter().map(|p| p.text.as_str()).collect();
        let shown = parts.join(".");
        if let Some(found) = self.lambda(&parts)? {
            // What APPLY binds keeps its own name.
            let own = if parts.len() == 1 && !found.name.is_empty() { found.name.clone() } else { shown };
            return Ok(found.named(own));
        }
        let busy = self.busy.borrow().contains(&parts[0]);
        // Inside of an aggregate a name that stands for another aggregate means the column, where there is one.
        let hidden = level == Level::Aggregate
            && self.aliases.get(parts[0]).is_some_and(|e| self.has_aggregate(e))
            && self.column(&parts).is_ok_and(|c| c.is_some());
        if let Some(expr) = self.aliases.get(parts[0]).copied().filter(|_| !busy && !hidden) {
            let found = self.alias(path, expr, level).and_then(|t| super::expr::members(t, &parts[1..]));
            match found {
                Ok(found) => return Ok(found.named(shown)),
                // A table may be called as an alias, and an alias may lead back to itself: then the column is meant.
                Err(error) => {
                    let leads_back = parts.len() > 1 || !self.busy.borrow().is_empty();
                    return match self.column(&parts) {
                        Ok(Some(column)) if leads_back => Ok(column),
                        _ => Err(error),
                    };
                }
            }
        }
        if let Some(found) = self.column(&parts)? {
            let label = if found.name.is_empty() { shown } else { found.name.clone() };
            return Ok(found.named(label));
        }
        if let Some(parent) = self.parent
            && let Some(expr) = parent.outer_alias(parts[0])
        {
            let found = expr?;
            return super::expr::members(found, &parts[1..]).map(|t| t.named(shown));
        }
        Err(self.unknown(&shown))
    }

    fn lambda(&self, parts: &[&str]) -> Result<Option<Typed>> {
        let found = self.lambdas.borrow().iter().rev().find(|(n, _)| n == parts[0]).map(|(_, t)| t.clone());
        found.map(|t| super::expr::members(t, &parts[1..])).transpose()
    }

    fn alias(&self, path: &'a [Ident], expr: &'a Expr, level: Level) -> Result<Typed> {
        let name = path[0].text.as_str();
        self.busy.borrow_mut().push(name);
        let found = self.ctx.nested(|| self.expr(expr, level));
        self.busy.borrow_mut().pop();
        found
    }

    /// A name of an enclosing query: only what is the same in all of its rows.
    fn outer_alias(&self, name: &str) -> Option<Result<Typed>> {
        let Some(expr) = self.aliases.get(name).copied() else {
            return self.parent.and_then(|p| p.outer_alias(name));
        };
        let found = self.ctx.nested(|| self.expr(expr, Level::Row));
        Some(found.and_then(|t| if t.is_constant { Ok(t) } else { Err(self.unknown(name)) }))
    }

    /// Whether an alias of this or an enclosing query has this name.
    pub fn has_alias(&self, name: &str) -> bool {
        self.aliases.contains_key(name) || self.parent.is_some_and(|p| p.has_alias(name))
    }

    /// A column of FROM, or a part of one.
    pub fn column(&self, parts: &[&str]) -> Result<Option<Typed>> {
        for taken in (1..=parts.len()).rev() {
            let (path, rest) = parts.split_at(taken);
            if let Some(found) = self.exact_column(path)? {
                let label = found.name.clone();
                let name =
                    std::iter::once(label.as_str()).chain(rest.iter().copied()).collect::<Vec<_>>().join(".");
                return super::expr::members(found, rest).map(|t| Some(t.named(name)));
            }
        }
        Ok(None)
    }

    fn exact_column(&self, path: &[&str]) -> Result<Option<Typed>> {
        let whole = path.join(".");
        let mut found: Vec<&SourceColumn> = Vec::new();
        for source in &self.sources {
            // Of several columns of one name in one table the first one is meant: they are the same.
            found.extend(source.columns.iter().find(|c| c.name == whole && !c.hidden));
        }
        if found.is_empty() && path.len() > 1 {
            for source in &self.sources {
                for split in 1..path.len() {
                    let (qualifier, name) = (path[..split].join("."), path[split..].join("."));
                    if source.names.contains(&qualifier) {
                        found.extend(source.columns.iter().find(|c| c.name == name));
                    }
                }
            }
        }
        match found.as_slice() {
            [] => Ok(None),
            [one] => Ok(Some(self.labelled(one, &whole, false))),
            [first, ..] if self.prefer_left => Ok(Some(self.labelled(first, &whole, false))),
            _ => Err(SqlError::new(
                Code::AmbiguousIdentifier,
                format!("the name `{whole}` is ambiguous: qualify it with its table"),
            )),
        }
    }

    /// A column shows its own name, unless that name alone would mean something else.
    pub fn labelled(&self, column: &SourceColumn, written: &str, in_star: bool) -> Typed {
        let named = |c: &&SourceColumn| !c.hidden && c.name == column.name;
        let mut same = self.sources.iter().filter_map(|s| s.columns.iter().find(named));
        let first = same.next();
        let is_only = self.prefer_left || same.next().is_none();
        let own = first.is_some_and(|c| std::ptr::eq(c, column) || (!column.hidden && c.sql == column.sql))
            && is_only;
        let hidden = self.aliases.contains_key(column.name.as_str());
        let own = (own || column.bare || (in_star && column.hidden && column.is_left)) && !hidden;
        Typed::new(column.sql.clone(), column.ty.clone()).named(if own { &column.name } else { written })
    }

    fn unknown(&self, name: &str) -> SqlError {
        let known = self.sources.iter().flat_map(|s| s.columns.iter().map(|c| c.name.as_str()));
        let near = crate::nearest::nearest(name, known.chain(self.aliases.keys().copied()));
        let error = SqlError::new(Code::UnknownIdentifier, format!("unknown name `{name}`"));
        match near.as_slice() {
            [] => error,
            names => error.hint(format!("maybe you meant: {}", names.join(", "))),
        }
    }

    /// Whether an aggregate is computed in the expression, perhaps under an alias.
    pub fn has_aggregate(&self, e: &'a Expr) -> bool {
        let mut found = false;
        let mut seen: Vec<&str> = Vec::new();
        let mut waiting = vec![e];
        while let Some(next) = waiting.pop() {
            walk::walk(next, &mut |part| {
                match &part.kind {
                    ExprKind::Call(call)
                        if call.over.is_none() && crate::aggregates::is_aggregate(&call.name.text) =>
                    {
                        found = true;
                    }
                    ExprKind::Name(path) => {
                        let name = path.first().map_or("", |p| p.text.as_str());
                        if let Some(expr) = self.aliases.get(name)
                            && !seen.contains(&name)
                        {
                            seen.push(name);
                            waiting.push(expr);
                        }
                    }
                    _ => {}
                }
                !found
            });
            if found {
                return true;
            }
        }
        false
    }

    /// Whether no column and no aggregate has a part in the expression: `now()` is free, and so is a subquery.
    pub fn is_free(&self, e: &'a Expr) -> bool {
        let mut free = true;
        let mut seen: Vec<&str> = Vec::new();
        let mut waiting = vec![e];
        while let Some(next) = waiting.pop() {
            walk::walk(next, &mut |part| {
                if let ExprKind::Name(path) = &part.kind {
                    let name = path.first().map_or("", |p| p.text.as_str());
                    match self.aliases.get(name) {
                        Some(_) if seen.contains(&name) => {}
                        Some(expr) => {
                            seen.push(name);
                            waiting.push(expr);
                        }
                        // A name of an enclosing query resolves to constants only.
                        None => free &= matches!(self.column(&[name]), Ok(None)),
                    }
                }
                free
            });
        }
        free && !self.has_aggregate(e)
    }

    /// The columns of a relation under an alias.
    pub fn source_of(names: Vec<String>, alias: &str, columns: &[Column]) -> Source {
        let columns = columns.iter().map(|c| SourceColumn {
            name: c.name.clone(),
            ty: c.ty.clone(),
            sql: format!("{alias}.{}", duck::name(&c.physical)),
            hidden: false,
            bare: false,
            is_left: false,
        });
        Source { names, columns: columns.collect() }
    }
}
