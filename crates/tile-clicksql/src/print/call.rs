//! Function calls and windows.

use super::{Printer, name::Position};
use crate::ast::{Bound, Call, Expr, ExprKind, Frame, FrameUnit, Ident, OrderItem, Over, WindowSpec};
use crate::parse::{COMPARE, interval_unit, takes_unit, unit_name};

impl Printer {
    pub(super) fn call(&mut self, call: &Call) {
        self.ident(&call.name, Position::Function);
        if let Some(params) = &call.params {
            self.put("(");
            self.elements(params);
            self.put(")");
        }
        self.put(if call.distinct { "(DISTINCT " } else { "(" });
        self.arguments(call);
        self.put(")");
        match call.respect_nulls {
            Some(true) => self.put(" RESPECT NULLS"),
            Some(false) => self.put(" IGNORE NULLS"),
            None => {}
        }
        if let Some(filter) = &call.filter {
            self.put(" FILTER (WHERE ");
            self.element(filter);
            self.put(")");
        }
        match &call.over {
            Some(Over::Name(name)) => {
                self.put(" OVER ");
                self.name(name);
            }
            Some(Over::Spec(spec)) => {
                self.put(" OVER ");
                self.window(spec);
            }
            None => {}
        }
    }

    /// `view(SELECT …)`, which ClickHouse takes without further parentheses only.
    pub(super) fn view(&mut self, name: &Ident, args: &[Expr]) -> bool {
        let ([Expr { kind: ExprKind::Subquery(query), .. }], true) =
            (args, name.text.eq_ignore_ascii_case("view"))
        else {
            return false;
        };
        self.query(query);
        true
    }

    fn arguments(&mut self, call: &Call) {
        if self.view(&call.name, &call.args) {
            return;
        }
        let Some((first, rest)) = call.args.split_first() else { return };
        match &first.kind {
            // `date_add(DAY, n, x)`, since after INTERVAL not every expression is taken for a value.
            ExprKind::Interval { value, unit } if takes_unit(&call.name.text) && !rest.is_empty() => {
                self.put(unit_name(*unit));
                self.put(", ");
                self.open(value);
            }
            // A column with the name of a unit.
            ExprKind::Name(path) => match path.as_slice() {
                [only] if interval_unit(&only.text).is_some() => self.quoted(&only.text),
                _ => self.element(first),
            },
            _ => self.element(first),
        }
        for arg in rest {
            self.put(", ");
            self.element(arg);
        }
    }

    pub(super) fn window(&mut self, spec: &WindowSpec) {
        self.put("(");
        let start = self.out.len();
        if let Some(base) = &spec.base {
            self.name(base);
        }
        if !spec.partition_by.is_empty() {
            self.space_after(start);
            self.put("PARTITION BY ");
            self.elements(&spec.partition_by);
        }
        if !spec.order_by.is_empty() {
            self.space_after(start);
            self.put("ORDER BY ");
            self.order_items(&spec.order_by);
        }
        if let Some(frame) = &spec.frame {
            self.space_after(start);
            self.frame(frame);
        }
        self.put(")");
    }

    fn space_after(&mut self, start: usize) {
        if self.out.len() > start {
            self.put(" ");
        }
    }

    fn frame(&mut self, frame: &Frame) {
        self.put(match frame.unit {
            FrameUnit::Rows => "ROWS ",
            FrameUnit::Range => "RANGE ",
            FrameUnit::Groups => "GROUPS ",
        });
        let Some(end) = &frame.end else { return self.bound(&frame.start) };
        self.put("BETWEEN ");
        self.bound(&frame.start);
        self.put(" AND ");
        self.bound(end);
    }

    fn bound(&mut self, bound: &Bound) {
        match bound {
            Bound::UnboundedPreceding => self.put("UNBOUNDED PRECEDING"),
            Bound::UnboundedFollowing => self.put("UNBOUNDED FOLLOWING"),
            Bound::CurrentRow => self.put("CURRENT ROW"),
            Bound::Preceding(expr) => {
                self.right(expr, COMPARE);
                self.put(" PRECEDING");
            }
            Bound::Following(expr) => {
                self.right(expr, COMPARE);
                self.put(" FOLLOWING");
            }
        }
    }

    pub(super) fn order_items(&mut self, items: &[OrderItem]) {
        self.list(items, |printer, item| {
            match &item.expr {
                Some(expr) => printer.element(expr),
                None => printer.put("ALL"),
            }
            printer.put(if item.descending { " DESC" } else { "" });
            match item.nulls_first {
                Some(true) => printer.put(" NULLS FIRST"),
                Some(false) => printer.put(" NULLS LAST"),
                None => {}
            }
            if let Some(collate) = &item.collate {
                printer.put(" COLLATE ");
                printer.text(collate);
            }
            if let Some(fill) = &item.fill {
                printer.put(" WITH FILL");
                printer.clause(" FROM ", fill.from.as_ref());
                printer.clause(" TO ", fill.to.as_ref());
                printer.clause(" STEP ", fill.step.as_ref());
                printer.clause(" STALENESS ", fill.staleness.as_ref());
            }
        });
    }

    /// A word and an expression, if there is one.
    pub(super) fn clause(&mut self, word: &str, expr: Option<&Expr>) {
        if let Some(expr) = expr {
            self.put(word);
            self.element(expr);
        }
    }
}
