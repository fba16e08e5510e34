//! One SELECT, clause by clause in the order in which they are written.

use super::cursor::{Aliases, Parser};
use crate::ast::{Distinct, Expr, ExprKind, GroupBy, GroupKind, Limit, Select, TableKind, TableRef};
use crate::error::{Code, Result, SqlError};
use crate::lex::{Kind, Word};

impl Parser<'_> {
    /// In a box from the start, since it is large and selects nest.
    pub(super) fn select(&mut self) -> Result<Box<Select>> {
        let start = self.start();
        let mut select = empty();
        self.sources(&mut select)?;
        self.filters(&mut select)?;
        self.ordered(&mut select)?;
        self.limits(&mut select)?;
        select.settings = self.settings()?;
        select.span = self.since(start);
        Ok(select)
    }

    /// WITH, SELECT and FROM.
    fn sources(&mut self, select: &mut Select) -> Result<()> {
        if self.eat_word(Word::With) {
            select.recursive = self.at_word(Word::Recursive) && self.peek_at(1).word != Word::As;
            self.skip(usize::from(select.recursive));
            select.with = self.with()?;
        }
        if self.eat_word(Word::From) {
            select.from = Some(self.tables()?);
        }
        let from_first = select.from.is_some();
        if self.eat_word(Word::Select) {
            self.projection(select)?;
        } else if from_first {
            let kind = ExprKind::Star { qualifier: Vec::new(), modifiers: Vec::new() };
            select.projection.push(Expr { kind, span: self.since(self.start()) });
        } else {
            return Err(self.expected("`SELECT`"));
        }
        if !from_first {
            select.from = self.from()?;
        }
        if select.from.is_some() && self.at_kind(Kind::LParen) {
            return Err(self.unsupported("names for the columns of a table are not served", self.peek().span));
        }
        Ok(())
    }

    /// `[DISTINCT [ON (…)]] [TOP n] exprs`, behind `SELECT`.
    fn projection(&mut self, select: &mut Select) -> Result<()> {
        let next = self.peek_at(1);
        let follows = super::cursor::follows_operand(next);
        if self.at_words(&[Word::Distinct, Word::On]) && self.peek_at(2).kind == Kind::LParen {
            self.skip(3);
            let on = self.elements(Aliases::As)?;
            self.expect(Kind::RParen, "`,` or `)`")?;
            select.distinct = Distinct::On(on);
        } else if self.at_word(Word::Distinct) && !follows {
            self.skip(1);
            select.distinct = Distinct::Yes;
        } else if self.at_word(Word::All) && !follows && next.kind != Kind::LParen {
            self.skip(1);
        }
        self.top(select)?;
        loop {
            select.projection.push(self.element(Aliases::Any)?);
            if !self.eat(Kind::Comma) || self.clause_starts() {
                return Ok(());
            }
        }
    }

    /// `TOP n [WITH TIES]`, which is a LIMIT.
    fn top(&mut self, select: &mut Select) -> Result<()> {
        if !self.at_word(Word::Top) {
            return Ok(());
        }
        let open = usize::from(self.peek_at(1).kind == Kind::LParen);
        let closed = open == 0 || self.peek_at(3).kind == Kind::RParen;
        if self.peek_at(1 + open).kind != Kind::Number || !closed {
            return Ok(());
        }
        self.skip(1 + open);
        let count = Some(self.operand()?);
        self.skip(open);
        let with_ties = self.eat_words(&[Word::With, Word::Ties]);
        select.limit = Some(Limit { count, offset: None, with_ties });
        Ok(())
    }

    /// Behind a comma in the projection: the comma was the last token of the list.
    fn clause_starts(&self) -> bool {
        let token = self.peek();
        let next = self.peek_at(1);
        match token.kind {
            Kind::End | Kind::Semicolon | Kind::RParen => true,
            Kind::Word => match token.word {
                Word::From | Word::Where | Word::Prewhere | Word::Having | Word::Union | Word::Settings => {
                    !super::cursor::follows_operand(next) && next.kind != Kind::End
                }
                Word::Group | Word::Order => next.word == Word::By,
                Word::Limit => next.kind == Kind::Number,
                _ => false,
            },
            _ => false,
        }
    }

    /// `FROM …`, or an ARRAY JOIN without one.
    fn from(&mut self) -> Result<Option<TableRef>> {
        if self.eat_word(Word::From) {
            return self.tables().map(Some);
        }
        let Some(is_left) = self.array_join() else { return Ok(None) };
        let start = self.start();
        let exprs = self.elements(Aliases::As)?;
        let kind = TableKind::ArrayJoin { left: None, is_left, exprs };
        let first = TableRef { kind, alias: None, is_final: false, sample: None, span: self.since(start) };
        self.joins(first).map(Some)
    }

    fn filters(&mut self, select: &mut Select) -> Result<()> {
        select.prewhere = self.clause(Word::Prewhere)?;
        select.filter = self.clause(Word::Where)?;
        select.group_by = self.group_by()?;
        select.having = self.clause(Word::Having)?;
        if self.eat_word(Word::Window) {
            select.windows = self.windows()?;
        }
        Ok(())
    }

    fn ordered(&mut self, select: &mut Select) -> Result<()> {
        select.qualify = self.clause(Word::Qualify)?;
        if self.eat_words(&[Word::Order, Word::By]) {
            select.order_by = self.order_items()?;
            select.interpolate = self.interpolate(&select.order_by)?;
        }
        Ok(())
    }

    fn clause(&mut self, word: Word) -> Result<Option<Expr>> {
        if self.eat_word(word) { self.element(Aliases::As).map(Some) } else { Ok(None) }
    }

    fn group_by(&mut self) -> Result<Option<GroupBy>> {
        let mut group = GroupBy { kind: GroupKind::Plain(Vec::new()), totals: false };
        let mut written = false;
        if self.eat_words(&[Word::Group, Word::By]) {
            group.kind = self.group_kind()?;
            written = true;
        }
        while self.at_word(Word::With) {
            let word = self.peek_at(1).word;
            let span = self.peek_at(1).span;
            self.skip(1);
            group.kind = match (word, group.kind) {
                (Word::Totals, kind) if !group.totals => {
                    group.totals = true;
                    kind
                }
                (Word::Rollup, GroupKind::Plain(list)) if written => GroupKind::Rollup(list),
                (Word::Cube, GroupKind::Plain(list)) if written => GroupKind::Cube(list),
                (Word::Rollup | Word::Cube, _) if written => {
                    return Err(
                        self.unsupported("expected one of `ROLLUP`, `CUBE` and `GROUPING SETS`", span)
                    );
                }
                (_, kind) => {
                    let wanted = if written { "`ROLLUP`, `CUBE` or `TOTALS`" } else { "`TOTALS`" };
                    drop(kind);
                    return Err(self.expected(wanted));
                }
            };
            self.skip(1);
            written = true;
        }
        Ok(if written { Some(group) } else { None })
    }

    fn group_kind(&mut self) -> Result<GroupKind> {
        let next = self.peek_at(1).kind;
        if self.at_words(&[Word::Grouping, Word::Sets]) && self.peek_at(2).kind == Kind::LParen {
            self.skip(3);
            return self.grouping_sets().map(GroupKind::Sets);
        }
        let word = self.peek().word;
        if matches!(word, Word::Rollup | Word::Cube) && next == Kind::LParen {
            self.skip(2);
            let list = self.elements_until(Kind::RParen, "`,` or `)`")?;
            return Ok(if word == Word::Rollup { GroupKind::Rollup(list) } else { GroupKind::Cube(list) });
        }
        if word == Word::All && next != Kind::LParen && !super::cursor::follows_operand(self.peek_at(1)) {
            self.skip(1);
            return Ok(GroupKind::All);
        }
        if word == Word::All && next == Kind::RParen {
            self.skip(1);
            return Ok(GroupKind::All);
        }
        self.elements(Aliases::As).map(GroupKind::Plain)
    }

    fn grouping_sets(&mut self) -> Result<Vec<Vec<Expr>>> {
        let mut sets = Vec::new();
        loop {
            let set = self.element(Aliases::None)?;
            sets.push(match set.kind {
                ExprKind::Tuple(list) => list,
                ExprKind::Parens(only) => vec![*only],
                kind => vec![Expr { kind, span: set.span }],
            });
            if !self.eat(Kind::Comma) {
                self.expect(Kind::RParen, "`,` or `)`")?;
                return Ok(sets);
            }
        }
    }

    pub(super) fn refused(&self, message: &str) -> SqlError {
        SqlError::new(Code::Syntax, message).at(self.peek().span)
    }
}

fn empty() -> Box<Select> {
    Box::new(Select {
        recursive: false,
        with: Vec::new(),
        distinct: Distinct::No,
        projection: Vec::new(),
        from: None,
        prewhere: None,
        filter: None,
        group_by: None,
        having: None,
        windows: Vec::new(),
        qualify: None,
        order_by: Vec::new(),
        interpolate: None,
        limit_by: None,
        limit: None,
        settings: Vec::new(),
        span: crate::ast::Span::default(),
    })
}
