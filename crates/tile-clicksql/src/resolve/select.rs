//! A select, layer by layer.

use super::scope::{Cte, Level, Scope};
use super::star::Starred;
use super::{Column, Ctx, Relation, from, tail};
use crate::ast::{
    Distinct, Expr, ExprKind, GroupKind, Quantifier, Query, QueryBody, Select, SetOp, Setting, With,
};
use crate::duck;
use crate::error::{Code, Result, SqlError};
use crate::typed::Typed;
use crate::types::Type;
use crate::walk;
use std::collections::HashSet;

/// Resolves a query; `parent` is the scope around it.
pub fn query<'a>(ctx: &'a Ctx<'a>, query: &'a Query, parent: Option<&Scope<'a, '_>>) -> Result<Relation> {
    check_settings(&query.settings)?;
    ctx.nested(|| body(ctx, &query.body, parent))
}

pub fn body<'a>(ctx: &'a Ctx<'a>, body_: &'a QueryBody, parent: Option<&Scope<'a, '_>>) -> Result<Relation> {
    match body_ {
        QueryBody::Select(one) => select(ctx, one, parent),
        QueryBody::Parens(inner) => query(ctx, inner, parent),
        QueryBody::Set { op, quantifier, left, right } => {
            // The names of WITH before the first select are seen by all of them.
            let outer = first_select(left).map(|first| with_scope(ctx, first, parent));
            let around = outer.as_ref().filter(|s| !s.ctes.is_empty() || !s.aliases.is_empty());
            let left = body(ctx, left, parent)?;
            let right = match around {
                Some(scope) => body(ctx, right, Some(scope))?,
                None => body(ctx, right, parent)?,
            };
            set(*op, *quantifier, left, right)
        }
    }
}

fn first_select(body: &QueryBody) -> Option<&Select> {
    match body {
        QueryBody::Select(one) => Some(one),
        QueryBody::Set { left, .. } => first_select(left),
        QueryBody::Parens(_) => None,
    }
}

fn with_scope<'a, 'p>(
    ctx: &'a Ctx<'a>,
    select: &'a Select,
    parent: Option<&'p Scope<'a, 'p>>,
) -> Scope<'a, 'p> {
    let mut scope = Scope::new(ctx, parent);
    add_with(&mut scope, select);
    scope
}

fn add_with<'a>(scope: &mut Scope<'a, '_>, select: &'a Select) {
    for with in &select.with {
        match with {
            With::Cte { name, columns, query } => {
                let cte = Cte { query, columns, is_recursive: select.recursive };
                scope.ctes.insert(&name.text, cte);
            }
            With::Expr { expr, name: Some(name) } => {
                scope.aliases.insert(&name.text, expr);
            }
            With::Expr { name: None, .. } => {}
        }
    }
}

fn set(op: SetOp, quantifier: Quantifier, left: Relation, right: Relation) -> Result<Relation> {
    if left.columns.len() != right.columns.len() {
        let message = format!("the sides have {} and {} columns", left.columns.len(), right.columns.len());
        return Err(SqlError::new(Code::TypeMismatch, message));
    }
    let word = match (op, quantifier) {
        (SetOp::Union, Quantifier::All) => "UNION ALL",
        (SetOp::Union, Quantifier::Distinct) => "UNION",
        (SetOp::Union, Quantifier::Default) => {
            return Err(SqlError::new(Code::BadArguments, "UNION wants ALL or DISTINCT"));
        }
        (SetOp::Intersect, Quantifier::Distinct) => "INTERSECT",
        (SetOp::Intersect, _) => "INTERSECT ALL",
        (SetOp::Except, Quantifier::Distinct) => "EXCEPT",
        (SetOp::Except, _) => "EXCEPT ALL",
    };
    let (mut columns, mut names, mut signs) = (Vec::new(), Vec::new(), Vec::new());
    let (mut ones, mut others) = (Vec::new(), Vec::new());
    for (a, b) in left.columns.iter().zip(&right.columns) {
        let x = Typed::new(format!("l_.{}", duck::name(&a.physical)), a.ty.clone());
        let y = Typed::new(format!("r_.{}", duck::name(&b.physical)), b.ty.clone());
        let (ty, forms) = super::expr::united(&[x, y])?;
        ones.push(format!("{} AS {}", forms[0], duck::name(&a.physical)));
        others.push(format!("{} AS {}", forms[1], duck::name(&a.physical)));
        names.push(duck::name(&a.physical));
        if ty.plain().is_float() && word != "UNION ALL" {
            signs.push((
                format!("signbit({}) AS z{}_", forms[0], signs.len()),
                format!("signbit({}) AS z{}_", forms[1], signs.len()),
            ));
        }
        columns.push(Column { name: a.name.clone(), physical: a.physical.clone(), ty });
    }
    // The two zeros are different values.
    let list = if signs.is_empty() { "*".to_owned() } else { names.join(", ") };
    for (one, other) in signs {
        ones.push(one);
        others.push(other);
    }
    // Limits and orders of the sides bind inside of them.
    let sql = format!(
        "SELECT {} FROM ({}) AS l_ {word} SELECT {} FROM ({}) AS r_",
        ones.join(", "),
        left.sql,
        others.join(", "),
        right.sql
    );
    Ok(Relation { sql: format!("SELECT {list} FROM ({sql}) AS u_"), columns, ordered: false })
}

/// A query in the place of a value: its only row, NULL when there is none.
pub fn scalar<'a>(scope: &Scope<'a, '_>, query_: &'a Query) -> Result<Typed> {
    let (relation, shown) = scope.ctx.subquery(query_, scope)?;
    let mut out = match relation.columns.as_slice() {
        [one] => {
            // Here alone a tuple can be NULL as a whole.
            let ty = match &one.ty {
                tuple @ Type::Tuple(_) => Type::Nullable(Box::new(tuple.clone())),
                other => other.clone().nullable(),
            };
            let sql = format!("(SELECT {} FROM ({}) AS v_)", duck::name(&one.physical), relation.sql);
            Typed::new(
                duck::or_default(sql, &ty)?,
                if matches!(ty, Type::LowCardinality(_)) { ty.without_dictionary().clone() } else { ty },
            )
        }
        many => {
            let fields =
                many.iter().enumerate().map(|(i, c)| format!("\"{}\" := {}", i + 1, duck::name(&c.physical)));
            let sql = format!(
                "(SELECT struct_pack({}) FROM ({}) AS v_)",
                fields.collect::<Vec<_>>().join(", "),
                relation.sql
            );
            let elements = many.iter().map(|c| (Some(c.name.clone()), c.ty.clone()));
            Typed::new(sql, Type::Tuple(elements.collect()))
        }
    };
    out.is_constant = true;
    Ok(out.named(shown))
}

fn select<'a>(ctx: &'a Ctx<'a>, select: &'a Select, parent: Option<&Scope<'a, '_>>) -> Result<Relation> {
    check_settings(&select.settings)?;
    refuse(select)?;
    let mut scope = Scope::new(ctx, parent);
    add_with(&mut scope, select);
    collect_aliases(&mut scope, select);
    for (name, spec) in &select.windows {
        scope.windows.insert(&name.text, spec);
    }
    scope.prewhere_of_final(select)?;
    scope.select = Some(select);
    let from_sql = from::resolve(&mut scope, select.from.as_ref())?;
    Builder { scope: &scope, select, from: from_sql }.build()
}

/// What is part of the language and not done.
fn refuse(select: &Select) -> Result<()> {
    let refused = |what: &str| {
        Err(SqlError::new(Code::Unsupported, format!("{what} is not supported")).at(select.span))
    };
    if select.order_by.iter().any(|o| o.collate.is_some()) {
        return refused("COLLATE");
    }
    Ok(())
}

/// Settings that change no answer.
pub const HARMLESS: &[&str] = &[
    "max_threads",
    "max_memory_usage",
    "max_execution_time",
    "max_block_size",
    "max_rows_to_read",
    "max_bytes_to_read",
    "use_uncompressed_cache",
    "log_queries",
    "priority",
    "load_balancing",
    "optimize_read_in_order",
    "allow_experimental_analyzer",
    "enable_analyzer",
    "max_result_rows",
    "max_insert_block_size",
    "optimize_move_to_prewhere",
    "allow_experimental_object_type",
    "max_bytes_before_external_group_by",
    "max_bytes_before_external_sort",
    "join_algorithm",
    "optimize_aggregation_in_order",
    "enable_optimize_predicate_expression",
    "distributed_product_mode",
];

/// Settings that change no answer are taken; the others are refused.
fn check_settings(settings: &[Setting]) -> Result<()> {
    for setting in settings {
        let name = setting.name.text.as_str();
        if !HARMLESS.contains(&name) && !crate::format::is_setting(name) {
            return Err(SqlError::new(
                Code::Unsupported,
                format!("the setting `{}` is not supported", setting.name.text),
            )
            .at(setting.name.span));
        }
    }
    Ok(())
}

fn collect_aliases<'a>(scope: &mut Scope<'a, '_>, select: &'a Select) {
    let group: Vec<&Expr> = match select.group_by.as_ref().map(|g| &g.kind) {
        Some(GroupKind::Plain(items) | GroupKind::Rollup(items) | GroupKind::Cube(items)) => {
            items.iter().collect()
        }
        Some(GroupKind::Sets(sets)) => sets.iter().flatten().collect(),
        _ => vec![],
    };
    let with =
        select.with.iter().filter_map(|w| if let With::Expr { expr, .. } = w { Some(expr) } else { None });
    let all = with
        .chain(&select.projection)
        .chain(&select.prewhere)
        .chain(&select.filter)
        .chain(group)
        .chain(&select.having)
        .chain(walk::of_order(&select.order_by));
    for e in all {
        walk::walk(e, &mut |part| {
            if let ExprKind::Alias { expr, name } = &part.kind {
                // The first one wins; a lambda's inner names are nobody else's.
                scope.aliases.entry(&name.text).or_insert(expr);
            }
            !matches!(part.kind, ExprKind::Lambda { .. })
        });
    }
}

struct Builder<'s, 'a> {
    scope: &'s Scope<'a, 's>,
    select: &'a Select,
    from: String,
}

/// An entry of the list of columns.
pub enum Item<'a> {
    Expr(&'a Expr),
    Starred(Box<Starred<'a>>),
}

impl<'a> Builder<'_, 'a> {
    fn build(&self) -> Result<Relation> {
        let scope = self.scope;
        let items = self.items()?;
        let grouped = self.select.group_by.is_some() || self.any_aggregate(&items);
        let filter = self.filter()?;
        if grouped {
            self.keys(&items)?;
        }
        let level = if grouped { Level::Group } else { Level::Row };
        let outputs = items
            .iter()
            .map(|item| match item {
                Item::Expr(e) => scope.expr(e, level),
                Item::Starred(starred) => scope.starred_value(starred, level),
            })
            .collect::<Result<Vec<_>>>()?;
        let having = self.select.having.as_ref().map(|h| scope.expr(h, level)).transpose()?;
        let tail = tail::Tail::of(scope, self.select, level, &items, &outputs)?;
        let columns = self.columns(&outputs);
        let rows = self.rows(&filter, Level::Row);
        if self.select.group_by.as_ref().is_some_and(|g| g.totals) {
            let totals =
                self.totals(&rows, &outputs, &columns).map_err(|error| error.at(self.select.span))?;
            scope.ctx.totals.replace(Some(totals));
        }
        let base = if grouped { self.groups(&rows)? } else { rows };
        let base = if grouped { self.unnested(format!("{base} AS g_"), Level::Group) } else { base };
        let where_ = match (&having, grouped) {
            (Some(having), true) => format!(" WHERE {}", having.condition()),
            (Some(having), false) if filter.is_empty() => format!(" WHERE {}", having.condition()),
            (Some(having), false) => format!(" AND {}", having.condition()),
            _ => String::new(),
        };
        tail.finish(&format!("{base}{where_}"), &outputs, columns, &self.select.distinct)
    }

    fn any_aggregate(&self, items: &[Item<'a>]) -> bool {
        let of_items = items.iter().any(|i| self.item_aggregates(i));
        let having = self.select.having.as_ref().is_some_and(|h| self.scope.has_aggregate(h));
        of_items || having || walk::of_order(&self.select.order_by).any(|e| self.scope.has_aggregate(e))
    }

    fn item_aggregates(&self, item: &Item<'a>) -> bool {
        match item {
            Item::Expr(e) => self.scope.has_aggregate(e),
            Item::Starred(starred) => self.scope.starred_aggregates(starred),
        }
    }

    fn filter(&self) -> Result<String> {
        let prewhere = self.select.prewhere.iter().filter(|_| self.scope.before_final.is_none());
        let parts = prewhere.chain(&self.select.filter);
        let parts = parts.map(|e| {
            if self.scope.has_aggregate(e) {
                return Err(SqlError::new(
                    Code::IllegalAggregation,
                    "an aggregate function cannot stand in WHERE: use HAVING",
                )
                .at(e.span));
            }
            self.scope.expr(e, Level::Row).map(|t| t.condition())
        });
        Ok(parts.collect::<Result<Vec<_>>>()?.join(" AND "))
    }

    /// FROM with its unnested arrays and WHERE.
    fn rows(&self, filter: &str, level: Level) -> String {
        let from = if self.from.is_empty() { "(SELECT 1) AS one_".to_owned() } else { self.from.clone() };
        let from = self.unnested(from, level);
        if filter.is_empty() { from } else { format!("{from} WHERE {filter}") }
    }

    fn unnested(&self, from: String, level: Level) -> String {
        let unnests = self.scope.unnests.borrow();
        unnests.iter().filter(|(_, _, l)| *l == level).fold(from, |from, (array, alias, _)| {
            format!("{from} CROSS JOIN LATERAL (SELECT unnest({array}) AS v_) AS {alias}")
        })
    }

    fn keys(&self, items: &[Item<'a>]) -> Result<()> {
        let Some(group_by) = &self.select.group_by else { return Ok(()) };
        let exprs: Vec<&'a Expr> = match &group_by.kind {
            GroupKind::Plain(items) | GroupKind::Rollup(items) | GroupKind::Cube(items) => {
                items.iter().collect()
            }
            GroupKind::Sets(sets) => sets.iter().flatten().collect(),
            GroupKind::All => return self.all_keys(items),
        };
        for e in exprs {
            let target = positional(e, items).unwrap_or(e);
            if matches!(target.kind, ExprKind::Star { .. } | ExprKind::Columns { .. }) {
                for starred in self.scope.starred(target)? {
                    self.push_key(self.scope.starred_value(&starred, Level::Row)?);
                }
                continue;
            }
            if self.scope.has_aggregate(target) {
                return Err(SqlError::new(
                    Code::IllegalAggregation,
                    "an aggregate function cannot be a key of GROUP BY",
                )
                .at(e.span));
            }
            // `GROUP BY (a, b)` means both.
            match &walk::bare(target).kind {
                ExprKind::Tuple(parts) => parts.iter().try_for_each(|p| self.key(p))?,
                _ => self.key(target)?,
            }
        }
        Ok(())
    }

    fn all_keys(&self, items: &[Item<'a>]) -> Result<()> {
        for item in items {
            match item {
                _ if self.item_aggregates(item) => {}
                Item::Expr(e) => self.key(e)?,
                Item::Starred(starred) => self.push_key(self.scope.starred_value(starred, Level::Row)?),
            }
        }
        Ok(())
    }

    fn key(&self, e: &'a Expr) -> Result<()> {
        let key = self.scope.expr(e, Level::Row)?;
        if key.ty.has_variant() {
            let message = format!("`{}` cannot be a key of GROUP BY", key.ty);
            return Err(SqlError::new(Code::IllegalType, message).at(e.span));
        }
        if let Type::AggregateFunction(state) = &key.ty
            && !crate::aggregates::is_comparable(state)
        {
            let message = format!("grouping by the state `{}` is not supported", key.ty);
            return Err(SqlError::new(Code::Unsupported, message).at(e.span));
        }
        self.push_key(key);
        Ok(())
    }

    fn push_key(&self, key: Typed) {
        let mut group = self.scope.group.borrow_mut();
        if group.keys.iter().any(|(known, _)| known.sql == key.sql && known.ty == key.ty) {
            return;
        }
        let column = format!("k{}_", group.keys.len());
        group.keys.push((key, column));
    }

    /// The layer of groups, in parentheses.
    fn groups(&self, rows: &str) -> Result<String> {
        let group = self.scope.group.borrow();
        let kind = self.select.group_by.as_ref().map(|g| &g.kind);
        let sets = matches!(kind, Some(GroupKind::Rollup(_) | GroupKind::Cube(_) | GroupKind::Sets(_)));
        if sets && group.keys.iter().any(|(key, _)| key.is_constant) {
            return Err(SqlError::new(
                Code::Unsupported,
                "a constant as a key of subtotals is not supported",
            ));
        }
        let mut columns = Vec::new();
        for (key, column) in &group.keys {
            let value = key.value();
            // A key that a row does not group by shows its type's default.
            let shown = if sets {
                format!(
                    "CASE WHEN grouping({value}) = 1 THEN {} ELSE {value} END",
                    duck::default_of(&key.ty)?
                )
            } else {
                value
            };
            columns.push(format!("{shown} AS {column}"));
            columns.extend(key.bytes.iter().map(|bytes| format!("{bytes} AS b{column}")));
        }
        columns.extend(group.aggregates.iter().map(|(sql, column)| format!("{sql} AS {column}")));
        if columns.is_empty() {
            columns.push("1 AS k_".into());
        }
        let keys: Vec<String> = group.keys.iter().map(|(key, _)| group_key(key)).collect();
        let levels = || group.keys.iter().map(|(key, _)| key.value()).collect::<Vec<_>>().join(", ");
        let by = match kind {
            None => String::new(),
            // Of no rows there is no total either.
            Some(GroupKind::Rollup(_)) => format!(" GROUP BY ROLLUP ({}) HAVING count(*) > 0", levels()),
            Some(GroupKind::Cube(_)) => format!(" GROUP BY CUBE ({}) HAVING count(*) > 0", levels()),
            Some(GroupKind::Sets(sets)) => self.sets(sets)?,
            // `GROUP BY ()` has no group where there are no rows.
            Some(_) if keys.is_empty() => " HAVING count(*) > 0".to_owned(),
            Some(_) => format!(" GROUP BY {}", keys.join(", ")),
        };
        Ok(format!("(SELECT {} FROM {rows}{by})", columns.join(", ")))
    }

    /// WITH TOTALS: the aggregates of all rows beside the defaults of the keys.
    fn totals(&self, rows: &str, outputs: &[Typed], columns: &[Column]) -> Result<String> {
        let refused = |what: &str| {
            Err(SqlError::new(Code::Unsupported, format!("WITH TOTALS {what} is not supported")))
        };
        let windows = self.select.projection.iter().any(super::expr::has_window);
        match () {
            () if self.scope.ctx.top.get() != Some(std::ptr::from_ref(self.select)) => {
                return refused("in a part of a query");
            }
            () if self.select.having.is_some() => return refused("beside HAVING"),
            () if windows => return refused("beside window functions"),
            () if self.scope.unnests.borrow().iter().any(|(_, _, level)| *level == Level::Group) => {
                return refused("beside arrayJoin of groups");
            }
            () => {}
        }
        let group = self.scope.group.borrow();
        let keys =
            group.keys.iter().map(|(key, column)| Ok(format!("{} AS {column}", duck::default_of(&key.ty)?)));
        let mut parts = keys.collect::<Result<Vec<_>>>()?;
        parts.extend(group.aggregates.iter().map(|(sql, column)| format!("{sql} AS {column}")));
        let from = if group.aggregates.is_empty() { "(SELECT 1) AS one_" } else { rows };
        let list: Vec<String> = outputs
            .iter()
            .zip(columns)
            .map(|(o, c)| format!("{} AS {}", o.value(), duck::name(&c.physical)))
            .collect();
        Ok(format!("SELECT {} FROM (SELECT {} FROM {from}) AS g_", list.join(", "), parts.join(", ")))
    }

    fn sets(&self, sets: &'a [Vec<Expr>]) -> Result<String> {
        let mut parts = Vec::new();
        for set in sets {
            let keys = set
                .iter()
                .map(|e| self.scope.expr(e, Level::Row).map(|k| group_key(&k)))
                .collect::<Result<Vec<_>>>()?;
            parts.push(format!("({})", keys.join(", ")));
        }
        Ok(format!(" GROUP BY GROUPING SETS ({})", parts.join(", ")))
    }

    /// The list of columns with `*` and `COLUMNS` spelled out.
    fn items(&self) -> Result<Vec<Item<'a>>> {
        let mut out = Vec::new();
        for e in &self.select.projection {
            match &e.kind {
                ExprKind::Star { .. } | ExprKind::Columns { .. } => {
                    out.extend(self.scope.starred(e)?.into_iter().map(|s| Item::Starred(Box::new(s))));
                }
                _ => out.push(Item::Expr(e)),
            }
        }
        if out.is_empty() {
            return Err(
                SqlError::new(Code::BadArguments, "the list of columns is empty").at(self.select.span)
            );
        }
        Ok(out)
    }

    /// ClickHouse's names, and names that DuckDB can tell apart.
    fn columns(&self, outputs: &[Typed]) -> Vec<Column> {
        let mut used: HashSet<String> = HashSet::new();
        outputs
            .iter()
            .map(|o| {
                let mut physical =
                    if o.name.is_empty() || o.name.len() > 200 { "c".to_owned() } else { o.name.clone() };
                let base = physical.clone();
                let mut n = 1;
                while !used.insert(physical.to_lowercase()) {
                    n += 1;
                    physical = format!("{base}_{n}");
                }
                Column { name: o.name.clone(), physical, ty: o.ty.clone() }
            })
            .collect()
    }
}

/// Constants group nothing, and DuckDB would take a number for a position.
fn group_key(key: &Typed) -> String {
    if key.is_constant { format!("({} IS NULL)", key.value()) } else { key.keys() }
}

/// `GROUP BY 1` means the first column.
pub fn positional<'a>(e: &'a Expr, items: &[Item<'a>]) -> Option<&'a Expr> {
    let ExprKind::Literal(crate::ast::Literal::Number(text)) = &e.kind else { return None };
    let n: usize = text.parse().ok()?;
    match items.get(n.checked_sub(1)?)? {
        Item::Expr(e) => Some(e),
        Item::Starred(_) => None,
    }
}

/// Whether a select keeps only different rows.
pub fn is_distinct(distinct: &Distinct) -> bool {
    *distinct == Distinct::Yes
}
