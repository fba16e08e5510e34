//! Joins. Where a side has no row its columns show their types' defaults, as ClickHouse does without `join_use_nulls`.

use super::from;
use super::scope::{Level, Scope, Source, SourceColumn};
use crate::ast::{BinaryOp, Expr, ExprKind, Ident, Join, JoinKind, JoinOn, Strictness};
use crate::duck;
use crate::error::{Code, Result, SqlError};
use crate::typed::Typed;
use crate::walk;

pub fn resolve<'a>(scope: &mut Scope<'a, '_>, join: &'a Join) -> Result<(String, Vec<Source>)> {
    let (left_sql, left) = from::table(scope, &join.left)?;
    let (right_sql, right) = from::table(scope, &join.right)?;
    match (join.kind, join.strictness) {
        (JoinKind::Cross | JoinKind::Comma, _) => {
            Ok((format!("{left_sql} CROSS JOIN {right_sql}"), [left, right].concat()))
        }
        (JoinKind::Paste, _) => Err(SqlError::new(Code::Unsupported, "PASTE JOIN is not supported")),
        (JoinKind::Right | JoinKind::Full, Strictness::Asof) => {
            Err(SqlError::new(Code::Unsupported, "ASOF is supported for INNER and LEFT joins only"))
        }
        (JoinKind::Full, Strictness::Any | Strictness::Semi | Strictness::Anti) => {
            Err(SqlError::new(Code::BadArguments, "a FULL JOIN cannot be ANY, SEMI or ANTI"))
        }
        _ => Pair { left_sql, left, right_sql, right }.joined(scope, join),
    }
}

struct Pair {
    left_sql: String,
    left: Vec<Source>,
    right_sql: String,
    right: Vec<Source>,
}

/// An equality between the sides.
struct Equal {
    condition: String,
    left: String,
    right: String,
}

impl Pair {
    fn joined<'a>(mut self, scope: &mut Scope<'a, '_>, join: &'a Join) -> Result<(String, Vec<Source>)> {
        let (condition, equals) = match &join.on {
            JoinOn::On(e) => self.on(scope, e)?,
            JoinOn::Using(names) => self.using(scope, names, join.strictness)?,
            JoinOn::None => return Err(SqlError::new(Code::BadArguments, "the join wants ON or USING")),
        };
        let merged = match &join.on {
            JoinOn::Using(names) => vec![self.merge_using(names, join.kind)?],
            _ => vec![],
        };
        let word = match (join.kind, join.strictness) {
            // A row with one of its matches.
            (_, Strictness::Semi) => "INNER JOIN",
            (kind, Strictness::Anti) => {
                // Nothing was found on the other side: all of its columns show defaults.
                let (kept, other, lost) = match kind {
                    JoinKind::Right => (&self.right_sql, &self.left_sql, &mut self.left),
                    _ => (&self.left_sql, &self.right_sql, &mut self.right),
                };
                let sql = format!("{kept} ANTI JOIN {other} ON {condition}");
                for column in lost.iter_mut().flat_map(|s| &mut s.columns) {
                    column.sql = duck::default_of(&column.ty)?;
                }
                return Ok((sql, [merged, self.left, self.right].concat()));
            }
            (JoinKind::Left, Strictness::Asof) => "ASOF LEFT JOIN",
            (_, Strictness::Asof) => "ASOF JOIN",
            (JoinKind::Left, _) => "LEFT JOIN",
            (JoinKind::Right, _) => "RIGHT JOIN",
            (JoinKind::Full, _) => "FULL JOIN",
            _ => "INNER JOIN",
        };
        if matches!((join.strictness, &join.on), (Strictness::Asof, JoinOn::On(_)))
            && is_all(&equals, &condition)
        {
            let message = "an ASOF JOIN wants one inequality beside its equalities, as in `a.time >= b.time`";
            return Err(SqlError::new(Code::BadArguments, message));
        }
        if matches!(join.strictness, Strictness::Any | Strictness::Semi) {
            self.one_match(join, &equals, &condition)?;
        }
        let sql = format!("{} {word} {} ON {condition}", self.left_sql, self.right_sql);
        if matches!(join.kind, JoinKind::Left | JoinKind::Full) && join.strictness != Strictness::Semi {
            defaulted(&mut self.right)?;
        }
        if matches!(join.kind, JoinKind::Right | JoinKind::Full) && join.strictness != Strictness::Semi {
            defaulted(&mut self.left)?;
        }
        Ok((sql, [merged, self.left, self.right].concat()))
    }

    /// The side that is looked up with one row for each key, and of INNER ANY both sides: only for equalities.
    fn one_match(&mut self, join: &Join, equals: &[Equal], condition: &str) -> Result<()> {
        if equals.is_empty() || !is_all(equals, condition) {
            let message = "ANY and SEMI JOIN are supported for equalities only";
            return Err(SqlError::new(Code::Unsupported, message));
        }
        let is_inner = join.kind == JoinKind::Inner && join.strictness == Strictness::Any;
        if join.kind != JoinKind::Right {
            let right: Vec<&str> = equals.iter().map(|e| e.right.as_str()).collect();
            self.right_sql = distinct(&self.right_sql, &self.right, &right)?;
        }
        if join.kind == JoinKind::Right || is_inner {
            let left: Vec<&str> = equals.iter().map(|e| e.left.as_str()).collect();
            self.left_sql = distinct(&self.left_sql, &self.left, &left)?;
        }
        Ok(())
    }

    /// The condition, and the equalities of which it consists.
    fn on<'a>(&self, scope: &mut Scope<'a, '_>, e: &'a Expr) -> Result<(String, Vec<Equal>)> {
        scope.sources = [self.left.clone(), self.right.clone()].concat();
        let mut parts = Vec::new();
        conjuncts(e, &mut parts);
        let (mut conditions, mut equals) = (Vec::new(), Vec::new());
        for part in parts {
            let typed = scope.expr(part, Level::Row)?;
            let condition = typed.condition();
            if let ExprKind::Binary { op: BinaryOp::Eq, left, right } = &walk::bare(part).kind {
                let (a, b) = (scope.expr(left, Level::Row)?, scope.expr(right, Level::Row)?);
                let (left, right) = if self.of_right(&b.sql) { (a, b) } else { (b, a) };
                equals.push(Equal { condition: condition.clone(), left: left.value(), right: right.value() });
            }
            conditions.push(condition);
        }
        scope.sources = Vec::new();
        Ok((conditions.join(" AND "), equals))
    }

    fn of_right(&self, sql: &str) -> bool {
        self.right.iter().flat_map(|s| &s.columns).any(|c| sql.contains(&c.sql))
    }

    /// All are equal; of an ASOF JOIN the last is the nearest one below.
    fn using<'a>(
        &self,
        scope: &Scope<'a, '_>,
        names: &'a [Ident],
        strictness: Strictness,
    ) -> Result<(String, Vec<Equal>)> {
        let mut equals = Vec::new();
        for (at, name) in names.iter().enumerate() {
            let (a, b) = (find(&self.left, name)?, find(&self.right, name)?);
            let is_nearest = strictness == Strictness::Asof && at + 1 == names.len();
            let comparison = if is_nearest { "greaterOrEquals" } else { "equals" };
            let condition = super::call::scalar(scope, comparison, vec![a.clone(), b.clone()])?.condition();
            equals.push(Equal { condition, left: a.value(), right: b.value() });
        }
        let all: Vec<&str> = equals.iter().map(|e| e.condition.as_str()).collect();
        Ok((all.join(" AND "), equals))
    }

    /// The columns of USING stand before all others and have the common type of the sides: they show the left side's
    /// value, of a RIGHT JOIN the right side's, and of a FULL JOIN that of the side that has a row.
    fn merge_using(&mut self, names: &[Ident], kind: JoinKind) -> Result<Source> {
        let mut merged = Source { names: vec![], columns: vec![] };
        for name in names {
            let both = [find(&self.left, name)?, find(&self.right, name)?];
            let (ty, [left, right]) = match super::expr::unified(&both)? {
                (ty, forms) if forms.len() == 2 => (ty, [forms[0].clone(), forms[1].clone()]),
                _ => continue,
            };
            let [a, b] = &both;
            if kind == JoinKind::Right
                && a.ty.plain() != b.ty.plain()
                && a.ty.zone_of_time() != b.ty.zone_of_time()
            {
                let message = format!("a RIGHT JOIN by `{}` in two zones is not supported", name.text);
                return Err(SqlError::new(Code::Unsupported, message).at(name.span));
            }
            let sql = match kind {
                JoinKind::Right => right.clone(),
                JoinKind::Full => duck::or_default(format!("coalesce({left}, {right})"), &ty)?,
                _ => left.clone(),
            };
            for (sources, sql, is_left) in [(&mut self.left, left, true), (&mut self.right, right, false)] {
                let column = sources.iter_mut().flat_map(|s| &mut s.columns);
                if let Some(column) = column.into_iter().find(|c| c.name == name.text && !c.hidden) {
                    *column = SourceColumn {
                        sql,
                        ty: ty.clone(),
                        hidden: true,
                        bare: is_left && kind != JoinKind::Right,
                        is_left,
                        name: std::mem::take(&mut column.name),
                    };
                }
            }
            let (hidden, bare, is_left) = (false, false, false);
            merged.columns.push(SourceColumn { name: name.text.clone(), ty, sql, hidden, bare, is_left });
        }
        Ok(merged)
    }
}

/// Whether a condition consists of equalities alone.
fn is_all(equals: &[Equal], condition: &str) -> bool {
    let all: Vec<&str> = equals.iter().map(|e| e.condition.as_str()).collect();
    all.join(" AND ") == condition
}

/// One row of a table for each key.
fn distinct(sql: &str, sources: &[Source], keys: &[&str]) -> Result<String> {
    let Some((body, alias)) = sql.rsplit_once(" AS ").filter(|_| sources.len() == 1) else {
        let message = "ANY and SEMI JOIN with several tables on a side are not supported";
        return Err(SqlError::new(Code::Unsupported, message));
    };
    Ok(format!("(SELECT DISTINCT ON ({}) * FROM {body} AS {alias}) AS {alias}", keys.join(", ")))
}

fn find(sources: &[Source], name: &Ident) -> Result<Typed> {
    let found = sources.iter().flat_map(|s| &s.columns).find(|c| c.name == name.text && !c.hidden);
    let found = found.map(|c| Typed::new(c.sql.clone(), c.ty.clone()).named(&name.text));
    found.ok_or_else(|| {
        SqlError::new(Code::UnknownIdentifier, format!("no column `{}` for USING", name.text)).at(name.span)
    })
}

fn conjuncts<'a>(e: &'a Expr, out: &mut Vec<&'a Expr>) {
    match &walk::bare(e).kind {
        ExprKind::Binary { op: BinaryOp::And, left, right } => {
            conjuncts(left, out);
            conjuncts(right, out);
        }
        _ => out.push(e),
    }
}

/// A side without a row shows defaults; types that have NULL show it.
fn defaulted(sources: &mut [Source]) -> Result<()> {
    for column in sources.iter_mut().flat_map(|s| &mut s.columns) {
        column.sql = duck::or_default(std::mem::take(&mut column.sql), &column.ty)?;
    }
    Ok(())
}
