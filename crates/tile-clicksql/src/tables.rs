//! The tables that a query names.

use crate::ast::{
    Distinct, Expr, ExprKind, GroupKind, Ident, JoinOn, Query, QueryBody, Select, TableKind, TableRef, With,
};
use crate::walk::{of_order, walk};

/// The names of all tables that a query reads, in the order of the text as far as can be, each once. Queries of its own WITH are none
/// of them, nor are table functions.
pub fn names(query: &Query) -> Vec<Vec<String>> {
    let mut out = Vec::new();
    of_query(query, &[], &mut out);
    out
}

fn of_query(query: &Query, own: &[String], out: &mut Vec<Vec<String>>) {
    of_body(&query.body, own, out);
}

fn of_body(body: &QueryBody, own: &[String], out: &mut Vec<Vec<String>>) {
    match body {
        QueryBody::Select(select) => of_select(select, own, out),
        QueryBody::Set { left, right, .. } => {
            of_body(left, own, out);
            of_body(right, own, out);
        }
        QueryBody::Parens(query) => of_query(query, own, out),
    }
}

fn of_select(select: &Select, own: &[String], out: &mut Vec<Vec<String>>) {
    let mut own = own.to_vec();
    for with in &select.with {
        match with {
            With::Cte { name, query, .. } => {
                if select.recursive {
                    own.push(name.text.clone());
                }
                of_query(query, &own, out);
                own.push(name.text.clone());
            }
            With::Expr { expr, .. } => of_expr(expr, &own, out),
        }
    }
    if let Some(from) = &select.from {
        of_table(from, &own, out);
    }
    for expr in expressions(select) {
        of_expr(expr, &own, out);
    }
}

/// What a select has beside WITH and FROM that can hold a query.
fn expressions(select: &Select) -> Vec<&Expr> {
    let distinct = match &select.distinct {
        Distinct::On(items) => items.iter().collect(),
        Distinct::No | Distinct::Yes => vec![],
    };
    let groups: Vec<&Expr> = match select.group_by.as_ref().map(|group| &group.kind) {
        Some(GroupKind::Plain(items) | GroupKind::Rollup(items) | GroupKind::Cube(items)) => {
            items.iter().collect()
        }
        Some(GroupKind::Sets(sets)) => sets.iter().flatten().collect(),
        Some(GroupKind::All) | None => vec![],
    };
    let limits = select.limit.iter().flat_map(|limit| limit.count.iter().chain(&limit.offset));
    let parts = [&select.prewhere, &select.filter, &select.having, &select.qualify];
    distinct
        .into_iter()
        .chain(&select.projection)
        .chain(parts.into_iter().flatten())
        .chain(groups)
        .chain(of_order(&select.order_by))
        .chain(limits)
        .collect()
}

fn of_table(table: &TableRef, own: &[String], out: &mut Vec<Vec<String>>) {
    match &table.kind {
        TableKind::Table(path) => add(path, own, out),
        TableKind::Function { args, .. } => args.iter().for_each(|e| of_expr(e, own, out)),
        TableKind::Subquery(query) => of_query(query, own, out),
        TableKind::Statement(_) => {}
        TableKind::Join(join) => {
            of_table(&join.left, own, out);
            of_table(&join.right, own, out);
            if let JoinOn::On(on) = &join.on {
                of_expr(on, own, out);
            }
        }
        TableKind::ArrayJoin { left, exprs, .. } => {
            if let Some(left) = left {
                of_table(left, own, out);
            }
            exprs.iter().for_each(|e| of_expr(e, own, out));
        }
    }
}

fn of_expr(e: &Expr, own: &[String], out: &mut Vec<Vec<String>>) {
    walk(e, &mut |part| {
        match &part.kind {
            ExprKind::Subquery(query) | ExprKind::Exists(query) => of_query(query, own, out),
            // A set can be a table by its name.
            ExprKind::In { set, .. } => {
                if let ExprKind::Name(path) = &set.kind {
                    add(path, own, out);
                }
            }
            _ => {}
        }
        true
    });
}

fn add(path: &[Ident], own: &[String], out: &mut Vec<Vec<String>>) {
    let name: Vec<String> = path.iter().map(|part| part.text.clone()).collect();
    let is_own = matches!(name.as_slice(), [one] if own.contains(one));
    if !is_own && !out.contains(&name) {
        out.push(name);
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn tables_are_found_wherever_a_query_can_stand() {
        let found = |sql: &str| -> Vec<String> {
            let query = crate::parse::query(sql).unwrap();
            super::names(&query).into_iter().map(|name| name.join(".")).collect()
        };
        assert_eq!(found("SELECT 1"), Vec::<String>::new());
        assert_eq!(found("SELECT * FROM a AS b JOIN db.c ON b.x IN (SELECT x FROM d)"), ["a", "db.c", "d"]);
        assert_eq!(found("WITH w AS (SELECT * FROM a) SELECT (SELECT max(x) FROM b) FROM w"), ["a", "b"]);
        assert_eq!(
            found("SELECT * FROM (SELECT * FROM a UNION ALL SELECT * FROM b) WHERE x IN c"),
            ["a", "b", "c"]
        );
        assert_eq!(found("WITH a AS (SELECT * FROM a) SELECT * FROM a, numbers(3)"), ["a"]);
        assert_eq!(
            found("SELECT 1 FROM a GROUP BY x HAVING exists(SELECT 1 FROM b) ORDER BY (SELECT 1 FROM c)"),
            ["a", "b", "c"]
        );
    }
}
