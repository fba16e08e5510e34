//! FROM: tables, subqueries, table functions, joins and ARRAY JOIN.

use super::scope::{Cte, Level, Scope, Source, SourceColumn};
use super::{Column, Relation, join, merge, pinned, select, table_function};
use crate::ast::{Expr, ExprKind, Ident, Query, Select, TableKind, TableRef};
use crate::duck;
use crate::error::{Code, Result, SqlError};
use crate::nearest::nearest;
use crate::typed::Typed;
use crate::types::Type;
use crate::walk;

/// Resolves FROM: its sources are given to the scope, its DuckDB form is returned (empty without FROM).
pub fn resolve<'a>(scope: &mut Scope<'a, '_>, from: Option<&'a TableRef>) -> Result<String> {
    let Some(from) = from else {
        scope.sources = vec![table_function::one()];
        return Ok(String::new());
    };
    let (sql, sources) = table(scope, from).map_err(|e| e.at(from.span))?;
    scope.prefer_left =
        matches!(&from.kind, TableKind::Join(join) if !matches!(join.left.kind, TableKind::Join(_)));
    scope.sources = sources;
    Ok(sql)
}

pub fn table<'a>(scope: &mut Scope<'a, '_>, t: &'a TableRef) -> Result<(String, Vec<Source>)> {
    if t.sample.is_some() {
        // No table here has a sampling key.
        return Err(SqlError::new(Code::BadArguments, "SAMPLE wants a table with a sampling key"));
    }
    match &t.kind {
        TableKind::Join(inner) => join::resolve(scope, inner),
        TableKind::ArrayJoin { left, is_left, exprs } => array_join(scope, left.as_deref(), *is_left, exprs),
        _ => {
            let (relation, mut names) = relation(scope, t)?;
            if let Some(alias) = &t.alias {
                // The name of a table still means it behind an alias.
                let own = if matches!(t.kind, TableKind::Table(_)) { names } else { vec![] };
                names = std::iter::once(alias.text.clone()).chain(own).collect();
            }
            let alias = scope.ctx.fresh("t");
            let source = Scope::source_of(names, &alias, &relation.columns);
            Ok((format!("{} AS {alias}", relation.sql), vec![source]))
        }
    }
}

fn is_final_inside(t: &TableRef) -> bool {
    t.is_final
        || match &t.kind {
            TableKind::Join(join) => is_final_inside(&join.left) || is_final_inside(&join.right),
            TableKind::ArrayJoin { left, .. } => left.as_deref().is_some_and(is_final_inside),
            _ => false,
        }
}

/// A table as something that can stand after FROM, and the names that it answers to.
fn relation<'a>(scope: &Scope<'a, '_>, t: &'a TableRef) -> Result<(Relation, Vec<String>)> {
    match &t.kind {
        TableKind::Table(path) => {
            let full = path.iter().map(|p| p.text.as_str()).collect::<Vec<_>>().join(".");
            let mut names: Vec<String> = path.last().map(|p| p.text.clone()).into_iter().collect();
            if path.len() > 1 {
                names.push(full);
            }
            let relation = scope.named(path, t.is_final)?;
            let narrowed = if t.is_final { None } else { scope.narrowed(t, path, &names) };
            Ok((Relation { sql: narrowed.unwrap_or(relation.sql), ..relation }, names))
        }
        TableKind::Subquery(_) if t.is_final => Err(final_of_query()),
        TableKind::Subquery(query) => {
            let relation = select::query(scope.ctx, query, Some(scope))?;
            Ok((Relation { sql: format!("({})", relation.sql), ..relation }, vec![]))
        }
        TableKind::Statement(statement) => {
            let query = scope.ctx.schema.statement(statement)?;
            scope.view("the statement", query).map(|r| (r, vec![]))
        }
        TableKind::Function { name, args } => {
            table_function::call(scope, name, args).map(|r| (r, vec![name.text.clone()]))
        }
        TableKind::Join(_) | TableKind::ArrayJoin { .. } => {
            Err(SqlError::new(Code::Unsupported, "a join cannot stand here"))
        }
    }
}

fn final_of_query() -> SqlError {
    SqlError::new(Code::BadArguments, "FINAL wants a table, not a query")
}

impl<'a> Scope<'a, '_> {
    /// Resolves PREWHERE over a table that is read with FINAL: it comes before the merge.
    pub fn prewhere_of_final(&mut self, select: &'a Select) -> Result<()> {
        let Some(condition) = &select.prewhere else { return Ok(()) };
        let (path, alias) = match &select.from {
            Some(TableRef { kind: TableKind::Table(path), is_final: true, alias, .. }) => (path, alias),
            Some(t) if is_final_inside(t) => {
                return Err(SqlError::new(
                    Code::Unsupported,
                    "PREWHERE with FINAL in a join is not supported",
                ));
            }
            _ => return Ok(()),
        };
        let parts: Vec<&str> = path.iter().map(|p| p.text.as_str()).collect();
        let Some(table) = self.ctx.schema.table(&parts, self.ctx.inside()) else { return Ok(()) };
        let names = alias.iter().chain(path.last()).map(|n| n.text.clone()).collect();
        self.sources = vec![Scope::source_of(names, merge::ALIAS, &merge::columns(table))];
        self.before_final = Some(self.expr(condition, Level::Row)?.condition());
        if !self.unnests.borrow().is_empty() {
            return Err(SqlError::new(Code::Unsupported, "`arrayJoin` in PREWHERE is not supported"));
        }
        Ok(())
    }

    /// The relation that a name after FROM means.
    pub fn named(&self, path: &'a [Ident], is_final: bool) -> Result<Relation> {
        let parts: Vec<&str> = path.iter().map(|p| p.text.as_str()).collect();
        if let [name] = parts.as_slice()
            && let Some((cte, home)) = self.cte(name)
        {
            if is_final {
                return Err(final_of_query());
            }
            let key = std::ptr::from_ref(cte.query);
            if let Some(open) = self.ctx.open.borrow_mut().iter_mut().rev().find(|o| o.query == key) {
                open.is_used = true;
                let (sql, columns) = (open.name.clone(), open.columns.clone());
                return Ok(Relation { sql, columns, ordered: false });
            }
            if !self.ctx.busy.borrow().contains(&key) {
                return self.shared(cte, home);
            }
        }
        let schema = self.ctx.schema;
        if let ["system", name] = parts.as_slice()
            && schema.table(&parts, self.ctx.inside()).is_none()
        {
            return table_function::system(self, name);
        }
        if let Some(query) = schema.view(&parts, self.ctx.inside()) {
            return if is_final { Err(final_of_query()) } else { self.view(&parts.join("."), query) };
        }
        let Some(table) = schema.table(&parts, self.ctx.inside()) else {
            let names = schema.names();
            let shown = parts.join(".");
            let near = nearest(&shown, names.iter().map(String::as_str)).join(", ");
            let error = SqlError::new(Code::UnknownTable, format!("unknown table `{shown}`"));
            return Err(if near.is_empty() { error } else { error.hint(format!("maybe you meant: {near}")) });
        };
        let sql = if is_final {
            merge::where_met(table, self.before_final.as_deref())?
        } else {
            table.engine_name.clone()
        };
        Ok(Relation { sql, columns: merge::columns(table), ordered: false })
    }

    /// The rows of a table that WHERE wants, where the table finds them by their keys.
    fn narrowed(&self, table: &'a TableRef, path: &[Ident], names: &[String]) -> Option<String> {
        let select = self.select.filter(|select| pinned::is_alone(select, table))?;
        let mut names = names.to_vec();
        names.extend(table.alias.iter().map(|alias| alias.text.clone()));
        let parts: Vec<&str> = path.iter().map(|p| p.text.as_str()).collect();
        let pinned = |column: &str| pinned::values(self, select, &names, column);
        self.ctx.schema.narrowed(&parts, &pinned)
    }

    /// A query that the schema has under a name: resolved once, shared by all who name it.
    fn view(&self, name: &str, query: &'a Query) -> Result<Relation> {
        let ctx = self.ctx;
        let key = std::ptr::from_ref(query);
        if let Some((sql, columns)) = ctx.known.borrow().get(&key) {
            return Ok(Relation { sql: sql.clone(), columns: columns.clone(), ordered: false });
        }
        if ctx.views.borrow().iter().any(|view| std::ptr::eq(*view, query)) {
            let message = format!("`{name}` reads itself");
            return Err(SqlError::new(Code::UnknownTable, message));
        }
        ctx.views.borrow_mut().push(query);
        let relation = select::query(ctx, query, None);
        ctx.views.borrow_mut().pop();
        // The place is one of another text.
        let relation = relation.map_err(|e| e.inside(name))?;
        let sql = ctx.fresh("w");
        ctx.shared.borrow_mut().push((sql.clone(), relation.sql));
        ctx.known.borrow_mut().insert(key, (sql.clone(), relation.columns.clone()));
        Ok(Relation { sql, columns: relation.columns, ordered: false })
    }

    /// A set that IN names: a table or a query of WITH.
    pub fn named_set(&self, path: &'a [Ident]) -> Result<Relation> {
        let relation = self.named(path, false)?;
        let names: Vec<String> = relation.columns.iter().map(|c| duck::name(&c.physical)).collect();
        Ok(Relation { sql: format!("SELECT {} FROM {}", names.join(", "), relation.sql), ..relation })
    }

    /// A query of WITH: resolved once, where it is written, and shared by all who name it.
    fn shared(&self, cte: Cte<'a>, home: &Scope<'a, '_>) -> Result<Relation> {
        let ctx = self.ctx;
        let key = std::ptr::from_ref(cte.query);
        if let Some((name, columns)) = ctx.known.borrow().get(&key) {
            return Ok(Relation { sql: name.clone(), columns: columns.clone(), ordered: false });
        }
        let name = ctx.fresh("w");
        ctx.busy.borrow_mut().push(key);
        let recursive = if cte.is_recursive { home.recursive(cte, &name) } else { Ok(None) };
        let relation = match recursive {
            Ok(None) => select::query(ctx, cte.query, Some(home)),
            Ok(Some(relation)) => Ok(relation),
            Err(error) => Err(error),
        };
        ctx.busy.borrow_mut().pop();
        let mut relation = relation?;
        renamed(&mut relation.columns, cte)?;
        ctx.shared.borrow_mut().push((name.clone(), relation.sql));
        ctx.known.borrow_mut().insert(key, (name.clone(), relation.columns.clone()));
        Ok(Relation { sql: name, columns: relation.columns, ordered: false })
    }
}

/// The names that stand behind the name of a query of WITH.
pub fn renamed(columns: &mut [Column], cte: Cte<'_>) -> Result<()> {
    if cte.columns.is_empty() {
        return Ok(());
    }
    if cte.columns.len() != columns.len() {
        let message = format!("{} names for {} columns", cte.columns.len(), columns.len());
        return Err(SqlError::new(Code::BadArguments, message));
    }
    for (column, name) in columns.iter_mut().zip(cte.columns) {
        column.name.clone_from(&name.text);
    }
    Ok(())
}

/// Each array's items become rows; several arrays go side by side.
fn array_join<'a>(
    scope: &mut Scope<'a, '_>,
    left: Option<&'a TableRef>,
    is_left: bool,
    exprs: &'a [Expr],
) -> Result<(String, Vec<Source>)> {
    let (sql, sources) = match left {
        Some(left) => table(scope, left)?,
        None => ("(SELECT 1) AS one_".into(), vec![]),
    };
    scope.sources = sources;
    let alias = scope.ctx.fresh("j");
    let mut arrays: Vec<(String, Typed, Option<String>)> = Vec::new();
    for e in exprs {
        let (inner, name) = match &e.kind {
            ExprKind::Alias { expr, name } => (expr.as_ref(), Some(name.text.clone())),
            _ => (e, None),
        };
        for (column, typed) in arrays_of(scope, inner)? {
            arrays.push((name.clone().unwrap_or(column), typed, name.clone()));
        }
    }
    let mut lists = Vec::new();
    let mut added = Source { names: vec![], columns: vec![] };
    for (i, (name, typed, own_name)) in arrays.iter().enumerate() {
        let (array, item) = unnestable(typed)?;
        let array = if is_left {
            format!("CASE WHEN len({array}) = 0 THEN [{}] ELSE {array} END", duck::default_of(&item)?)
        } else {
            array
        };
        lists.push(format!("unnest({array}) AS v{i}_"));
        let sql = format!("{alias}.v{i}_");
        let column =
            SourceColumn { name: name.clone(), ty: item, sql, hidden: false, bare: false, is_left: false };
        // Without an alias the column itself shows its items.
        let replaced = own_name.is_none() && scope.sources.iter_mut().any(|s| replace(s, &column));
        if !replaced {
            added.columns.push(column);
        }
    }
    let mut sources = std::mem::take(&mut scope.sources);
    if !added.columns.is_empty() {
        sources.push(added);
    }
    // Arrays of different length are an error there; here the shorter one would be filled up.
    let check = match arrays.as_slice() {
        [_] => String::new(),
        many => {
            let lengths = many
                .iter()
                .map(|(_, t, _)| unnestable(t).map(|(array, _)| format!("len({array})")))
                .collect::<Result<Vec<_>>>()?;
            let same: Vec<String> = lengths.windows(2).map(|w| format!("{} = {}", w[0], w[1])).collect();
            format!(
                " WHERE CASE WHEN {} THEN true ELSE error('sizes of ARRAY JOIN arrays differ') END",
                same.join(" AND ")
            )
        }
    };
    Ok((format!("{sql} CROSS JOIN LATERAL (SELECT {}{check}) AS {alias}", lists.join(", ")), sources))
}

fn replace(source: &mut Source, with: &SourceColumn) -> bool {
    let found = source.columns.iter_mut().find(|c| c.name == with.name);
    found.is_some_and(|c| {
        c.ty = with.ty.clone();
        c.sql.clone_from(&with.sql);
        true
    })
}

/// An array of ARRAY JOIN; a nested column's name stands for all of its parts.
fn arrays_of<'a>(scope: &Scope<'a, '_>, e: &'a Expr) -> Result<Vec<(String, Typed)>> {
    if let ExprKind::Name(path) = &walk::bare(e).kind {
        let name = path.iter().map(|p| p.text.as_str()).collect::<Vec<_>>().join(".");
        let prefix = format!("{name}.");
        let columns = scope.sources.iter().flat_map(|s| &s.columns);
        let exact = columns.clone().any(|c| c.name == name);
        let parts: Vec<_> = columns.filter(|c| !exact && c.name.starts_with(&prefix)).collect();
        if !parts.is_empty() {
            return Ok(parts
                .iter()
                .map(|c| (c.name.clone(), Typed::new(c.sql.clone(), c.ty.clone())))
                .collect());
        }
        return Ok(vec![(
            path.last().map_or(name.clone(), |p| p.text.clone()),
            scope.name(path, Level::Row)?,
        )]);
    }
    let typed = scope.expr(e, Level::Row)?;
    Ok(vec![(typed.name.clone(), typed)])
}

/// The list to unnest and the type of its items; maps are lists of pairs.
pub fn unnestable(typed: &Typed) -> Result<(String, Type)> {
    match typed.ty.plain() {
        Type::Array(item) => Ok((typed.sql.clone(), (**item).clone())),
        Type::Map(k, v) => {
            let names = [Some("keys".to_owned()), Some("values".to_owned())];
            let pair = Type::Tuple(names.into_iter().zip([(**k).clone(), (**v).clone()]).collect());
            let sql = format!(
                "list_transform(map_entries({}), lambda e_: struct_pack(\"1\" := e_.key, \"2\" := e_.value))",
                typed.sql
            );
            Ok((sql, pair))
        }
        other => {
            Err(SqlError::new(Code::TypeMismatch, format!("ARRAY JOIN wants an array, found `{other}`")))
        }
    }
}
