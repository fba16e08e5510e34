//! What a query reads from: a table, a function or a query, with its alias, FINAL and SAMPLE.

use super::cursor::{Aliases, Parser, TABLES_COST};
use crate::ast::{Ident, Sample, TableKind, TableRef};
use crate::error::Result;
use crate::lex::{Kind, Word};

impl Parser<'_> {
    /// Behind `FROM`: tables with joins between them.
    pub(super) fn tables(&mut self) -> Result<TableRef> {
        let level = self.down(TABLES_COST)?;
        let first = self.table()?;
        let tables = self.joins(first)?;
        self.up(&level);
        Ok(tables)
    }

    pub(super) fn table(&mut self) -> Result<TableRef> {
        let start = self.start();
        let kind = self.table_kind()?;
        let mut table =
            TableRef { kind, alias: None, is_final: false, sample: None, span: self.since(start) };
        loop {
            if !table.is_final && self.eat_word(Word::Final) {
                table.is_final = true;
            } else if table.sample.is_none() && self.at_word(Word::Sample) {
                self.skip(1);
                table.sample = Some(self.sample()?);
            } else if table.alias.is_none()
                && !self.natural_join()
                && let Some(alias) = self.alias(Aliases::Any)?
            {
                table.alias = Some(alias);
            } else {
                break;
            }
        }
        table.span = self.since(start);
        Ok(table)
    }

    fn table_kind(&mut self) -> Result<TableKind> {
        let token = self.peek();
        match token.kind {
            Kind::LParen => {
                if self.query_behind(0) {
                    return self.query_in_brackets().map(TableKind::Subquery);
                }
                self.skip(1);
                if self.other_starts(0) {
                    let statement = self.statement()?;
                    self.expect(Kind::RParen, "`)` at the end of the statement")?;
                    return Ok(TableKind::Statement(Box::new(statement)));
                }
                Err(self.expected("a query in the parentheses"))
            }
            Kind::LBrace => Err(self.unsupported("a parameter cannot stand for a table", token.span)),
            Kind::Text if self.text(token.span) != "''" => {
                let text = self.string("a table")?;
                Ok(TableKind::Table(vec![Ident { text, span: token.span }]))
            }
            Kind::Word | Kind::Quoted => {
                let reserved = token.word.ends_operand() && !self.reads_as_table();
                if reserved {
                    return Err(self.expected("a table"));
                }
                self.named_table()
            }
            _ => Err(self.expected("a table")),
        }
    }

    /// A keyword where a table should stand: `FROM from` and `FROM settings` name one, `FROM WHERE` does not.
    fn reads_as_table(&self) -> bool {
        let next = self.peek_at(1);
        matches!(next.kind, Kind::End | Kind::Semicolon | Kind::RParen | Kind::Comma | Kind::Dot)
            || next.word.ends_alias()
    }

    fn named_table(&mut self) -> Result<TableKind> {
        if self.peek_at(1).kind != Kind::LParen {
            return self.dotted("a table").map(TableKind::Table);
        }
        let start = self.start();
        let expr = self.call()?;
        let crate::ast::ExprKind::Call(call) = expr.kind else {
            return Err(self.unsupported("expected a table function", self.since(start)));
        };
        let plain = call.params.is_none() && !call.distinct && call.filter.is_none();
        if !plain || call.respect_nulls.is_some() || call.over.is_some() {
            return Err(self.unsupported("expected a table function with plain arguments", self.since(start)));
        }
        Ok(TableKind::Function { name: call.name, args: call.args })
    }

    /// `SAMPLE size [OFFSET offset]`, both numbers or ratios.
    fn sample(&mut self) -> Result<Sample> {
        let size = self.element(Aliases::None)?;
        let offset = if self.eat_word(Word::Offset) { Some(self.element(Aliases::None)?) } else { None };
        Ok(Sample { size, offset })
    }
}
