//! Tables and joins.

use super::{Printer, name::Position};
use crate::ast::{Join, JoinKind, JoinOn, Strictness, TableKind, TableRef};

impl Printer {
    pub(super) fn table(&mut self, table: &TableRef) {
        match &table.kind {
            TableKind::Table(path) => self.path(path, Position::Alone),
            TableKind::Function { name, args } => {
                self.ident(name, Position::Function);
                self.put("(");
                if !self.view(name, args) {
                    self.elements(args);
                }
                self.put(")");
            }
            TableKind::Subquery(query) => self.subquery(query),
            TableKind::Statement(statement) => {
                self.put("(");
                self.statement(statement);
                self.put(")");
            }
            TableKind::Join(join) => self.join(join),
            TableKind::ArrayJoin { left, is_left, exprs } => {
                if let Some(left) = left {
                    self.table(left);
                    self.put(" ");
                }
                self.put(if *is_left { "LEFT ARRAY JOIN " } else { "ARRAY JOIN " });
                self.elements(exprs);
            }
        }
        if let Some(alias) = &table.alias {
            self.put(" AS ");
            self.name(alias);
        }
        self.put(if table.is_final { " FINAL" } else { "" });
        if let Some(sample) = &table.sample {
            self.put(" SAMPLE ");
            self.open(&sample.size);
            if let Some(offset) = &sample.offset {
                self.put(" OFFSET ");
                self.open(offset);
            }
        }
    }

    fn join(&mut self, join: &Join) {
        self.table(&join.left);
        if join.kind == JoinKind::Comma {
            self.put(", ");
            return self.table(&join.right);
        }
        self.put(if join.global { " GLOBAL" } else { "" });
        self.put(match join.kind {
            JoinKind::Inner => " INNER",
            JoinKind::Left => " LEFT",
            JoinKind::Right => " RIGHT",
            JoinKind::Full => " FULL",
            JoinKind::Cross => " CROSS",
            JoinKind::Paste => " PASTE",
            JoinKind::Comma => "",
        });
        self.put(match join.strictness {
            Strictness::Default => " JOIN ",
            Strictness::All => " ALL JOIN ",
            Strictness::Any => " ANY JOIN ",
            Strictness::Semi => " SEMI JOIN ",
            Strictness::Anti => " ANTI JOIN ",
            Strictness::Asof => " ASOF JOIN ",
        });
        self.table(&join.right);
        match &join.on {
            JoinOn::None => {}
            JoinOn::On(condition) => {
                self.put(" ON ");
                self.open(condition);
            }
            JoinOn::Using(names) => {
                self.put(" USING (");
                self.list(names, Self::name);
                self.put(")");
            }
        }
    }
}
