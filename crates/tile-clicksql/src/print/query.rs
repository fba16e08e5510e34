//! Queries and the clauses of a SELECT.

use super::Printer;
use super::name::is_plain;
use crate::ast::{
    Distinct, Expr, GroupBy, GroupKind, Ident, Limit, Quantifier, Query, QueryBody, Select, SetOp, Setting,
    TableKind, TableRef, With,
};
use crate::lex::Word;

impl Printer {
    pub(super) fn query(&mut self, query: &Query) {
        self.body(&query.body);
        // A select has settings of its own before FORMAT, so those of the query come behind it.
        let behind = query.format.is_some() && matches!(query.body, QueryBody::Select(_));
        if !behind {
            self.settings(&query.settings);
        }
        if let Some(format) = &query.format {
            self.put(" FORMAT ");
            self.name(format);
        }
        if behind {
            self.settings(&query.settings);
        }
    }

    pub(super) fn subquery(&mut self, query: &Query) {
        self.put("(");
        self.query(query);
        self.put(")");
    }

    fn body(&mut self, body: &QueryBody) {
        match body {
            QueryBody::Select(select) => self.select(select),
            QueryBody::Parens(query) => self.subquery(query),
            QueryBody::Set { op, quantifier, left, right } => {
                let tight = *op == SetOp::Intersect;
                self.set_operand(left, tight && is_loose(left));
                self.put(match op {
                    SetOp::Union => " UNION",
                    SetOp::Intersect => " INTERSECT",
                    SetOp::Except => " EXCEPT",
                });
                self.put(match quantifier {
                    Quantifier::Default => " ",
                    Quantifier::All => " ALL ",
                    Quantifier::Distinct => " DISTINCT ",
                });
                let is_set = matches!(**right, QueryBody::Set { .. });
                self.set_operand(right, is_set && (tight || is_loose(right)));
            }
        }
    }

    fn set_operand(&mut self, body: &QueryBody, parens: bool) {
        self.put(if parens { "(" } else { "" });
        self.body(body);
        self.put(if parens { ")" } else { "" });
    }

    fn select(&mut self, select: &Select) {
        if !select.with.is_empty() {
            self.put(if select.recursive { "WITH RECURSIVE " } else { "WITH " });
            self.list(&select.with, Self::with);
            self.put(" ");
        }
        let offset_only = select.limit.as_ref().is_some_and(|limit| limit.count.is_none());
        let from = select.from.as_ref();
        // `FROM t SAMPLE 0.1 OFFSET 5` would give the offset to the sample.
        let from_first = offset_only && from.is_some_and(is_sampled);
        if let Some(from) = from.filter(|_| from_first) {
            self.put("FROM ");
            self.table(from);
            self.put(" ");
        }
        self.put("SELECT ");
        match &select.distinct {
            Distinct::No => {}
            Distinct::Yes => self.put("DISTINCT "),
            Distinct::On(exprs) => {
                self.put("DISTINCT ON (");
                self.elements(exprs);
                self.put(") ");
            }
        }
        self.elements(&select.projection);
        if let Some(from) = from.filter(|_| !from_first) {
            let bare = starts_with_array_join(from);
            self.put(if bare { " " } else { " FROM " });
            self.table(from);
        }
        self.clause(" PREWHERE ", select.prewhere.as_ref());
        self.clause(" WHERE ", select.filter.as_ref());
        if let Some(group_by) = &select.group_by {
            self.group_by(group_by);
        }
        self.clause(" HAVING ", select.having.as_ref());
        self.behind_groups(select);
    }

    fn behind_groups(&mut self, select: &Select) {
        if !select.windows.is_empty() {
            self.put(" WINDOW ");
            self.list(&select.windows, |printer, (name, spec)| {
                printer.name(name);
                printer.put(" AS ");
                printer.window(spec);
            });
        }
        self.clause(" QUALIFY ", select.qualify.as_ref());
        if !select.order_by.is_empty() {
            self.put(" ORDER BY ");
            self.order_items(&select.order_by);
        }
        if let Some(interpolate) = &select.interpolate {
            self.interpolate(interpolate);
        }
        if let Some(by) = &select.limit_by {
            self.clause(" LIMIT ", Some(&by.count));
            self.clause(" OFFSET ", by.offset.as_ref());
            self.put(" BY ");
            self.elements(&by.by);
        }
        if let Some(Limit { count, offset, with_ties }) = &select.limit {
            self.clause(" LIMIT ", count.as_ref());
            self.clause(" OFFSET ", offset.as_ref());
            self.put(if *with_ties { " WITH TIES" } else { "" });
        }
        self.settings(&select.settings);
    }

    fn with(&mut self, with: &With) {
        match with {
            With::Cte { name, columns, query } => {
                self.name(name);
                if !columns.is_empty() {
                    self.put("(");
                    self.list(columns, Self::name);
                    self.put(")");
                }
                self.put(" AS ");
                self.subquery(query);
            }
            With::Expr { expr, name } => {
                self.open(expr);
                if let Some(name) = name {
                    self.put(" AS ");
                    self.name(name);
                }
            }
        }
    }

    fn group_by(&mut self, group_by: &GroupBy) {
        match &group_by.kind {
            GroupKind::Plain(exprs) if exprs.is_empty() => {}
            GroupKind::Plain(exprs) => {
                self.put(" GROUP BY ");
                self.elements(exprs);
            }
            GroupKind::All => self.put(" GROUP BY ALL"),
            GroupKind::Rollup(exprs) => self.grouped(" GROUP BY ROLLUP(", exprs),
            GroupKind::Cube(exprs) => self.grouped(" GROUP BY CUBE(", exprs),
            GroupKind::Sets(sets) => {
                self.put(" GROUP BY GROUPING SETS (");
                self.list(sets, |printer, set| printer.grouped("(", set));
                self.put(")");
            }
        }
        self.put(if group_by.totals { " WITH TOTALS" } else { "" });
    }

    fn grouped(&mut self, word: &str, exprs: &[Expr]) {
        self.put(word);
        self.elements(exprs);
        self.put(")");
    }

    fn interpolate(&mut self, list: &[(Ident, Option<Expr>)]) {
        self.put(" INTERPOLATE");
        if list.is_empty() {
            return;
        }
        self.put(" (");
        self.list(list, |printer, (name, expr)| {
            printer.name(name);
            if let Some(expr) = expr {
                printer.put(" AS ");
                printer.open(expr);
            }
        });
        self.put(")");
    }

    fn settings(&mut self, settings: &[Setting]) {
        if settings.is_empty() {
            return;
        }
        self.put(" SETTINGS ");
        self.list(settings, |printer, setting| {
            let text = &setting.name.text;
            let bare = text.split('.').all(|part| is_plain(part) && Word::of(part).is_plain_name());
            if bare {
                printer.put(text);
            } else {
                printer.quoted(text);
            }
            printer.put(" = ");
            printer.open(&setting.value);
        });
    }
}

/// Binds less than INTERSECT.
fn is_loose(body: &QueryBody) -> bool {
    matches!(body, QueryBody::Set { op: SetOp::Union | SetOp::Except, .. })
}

/// Ends with a sample without an offset.
fn is_sampled(table: &TableRef) -> bool {
    match &table.kind {
        TableKind::Join(join) => is_sampled(&join.right),
        _ => table.sample.as_ref().is_some_and(|sample| sample.offset.is_none()),
    }
}

fn starts_with_array_join(table: &TableRef) -> bool {
    match &table.kind {
        TableKind::Join(join) => starts_with_array_join(&join.left),
        TableKind::ArrayJoin { left: Some(left), .. } => starts_with_array_join(left),
        TableKind::ArrayJoin { left: None, .. } => true,
        _ => false,
    }
}
