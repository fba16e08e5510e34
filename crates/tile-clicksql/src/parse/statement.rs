//! Statements, told by their first word.

use super::cursor::Parser;
use crate::ast::{Existing, Ident, Statement};
use crate::error::{Code, Result, SqlError};
use crate::lex::{Kind, Word};

/// What ClickHouse would do and this does not.
const OTHERS: &[&str] = &[
    "INSERT", "CREATE", "ALTER", "DROP", "TRUNCATE", "RENAME", "OPTIMIZE", "SET", "USE", "SYSTEM", "KILL",
    "GRANT", "REVOKE", "ATTACH", "DETACH", "DELETE", "UPDATE", "CHECK", "UNDROP", "EXCHANGE", "BACKUP",
    "RESTORE", "WATCH", "BEGIN", "COMMIT", "ROLLBACK", "MOVE", "EXECUTE", "REPLACE", "COPY", "MERGE",
    "START", "VALUES",
];

/// What `EXPLAIN` may explain.
const EXPLAINED: &[&str] = &["AST", "SYNTAX", "PLAN", "PIPELINE", "ESTIMATE"];

/// What `EXISTS` may ask for.
const EXISTING: &[(&str, Existing)] = &[
    ("TABLE", Existing::Table),
    ("VIEW", Existing::View),
    ("DICTIONARY", Existing::Dictionary),
    ("DATABASE", Existing::Database),
];

impl Parser<'_> {
    pub(super) fn statement(&mut self) -> Result<Statement> {
        let token = self.peek();
        if token.kind == Kind::LParen || matches!(token.word, Word::Select | Word::With | Word::From) {
            return self.query(true).map(Statement::Query);
        }
        match token.word {
            Word::Describe | Word::Desc => self.describe(),
            Word::Show => self.show(),
            Word::Explain => self.explain(),
            Word::Exists => self.exists(),
            _ => Err(self.no_statement()),
        }
    }

    fn no_statement(&self) -> SqlError {
        let token = self.peek();
        let text = self.text(token.span);
        let found = self.shown(token);
        let known = OTHERS.iter().any(|word| word.eq_ignore_ascii_case(text));
        let code = if known && token.kind == Kind::Word { Code::ReadOnly } else { Code::Syntax };
        let message = if code == Code::ReadOnly {
            format!("only SELECT, DESCRIBE, SHOW, EXPLAIN and EXISTS are served, found {found}")
        } else {
            format!("expected a statement such as `SELECT`, found {found}")
        };
        SqlError::new(code, message).at(token.span)
    }

    /// Whether a statement that is no query starts at that token.
    pub(super) fn other_starts(&self, ahead: usize) -> bool {
        let next = self.peek_at(ahead + 1);
        let goes_on = matches!(next.kind, Kind::Word | Kind::Quoted | Kind::LParen | Kind::Text);
        let word = self.peek_at(ahead).word;
        goes_on && matches!(word, Word::Describe | Word::Desc | Word::Show | Word::Explain | Word::Exists)
    }

    /// `FORMAT name` at the end of a statement that is no query.
    pub(super) fn format(&mut self) -> Result<Option<Ident>> {
        if self.eat_word(Word::Format) { self.ident("a format").map(Some) } else { Ok(None) }
    }

    fn describe(&mut self) -> Result<Statement> {
        self.skip(1);
        if self.at_word(Word::Table)
            && !matches!(self.peek_at(1).kind, Kind::End | Kind::Semicolon | Kind::Dot)
        {
            self.skip(1);
        }
        let bare = self.query_starts(0);
        let table =
            if bare { return Err(self.expected("a table or a query in parentheses")) } else { self.table()? };
        Ok(Statement::Describe(Box::new(table)))
    }

    /// The words behind `SHOW`; dots between them say nothing, and texts become names.
    fn show(&mut self) -> Result<Statement> {
        self.skip(1);
        let mut words = Vec::new();
        loop {
            let token = self.peek();
            match token.kind {
                _ if token.word == Word::Format && !words.is_empty() => return Ok(Statement::Show(words)),
                Kind::Word | Kind::Quoted => words.push(self.ident("a word")?),
                Kind::Text if !words.is_empty() => {
                    let text = self.string("a text")?;
                    words.push(Ident { text, span: token.span });
                }
                Kind::Number if !words.is_empty() => {
                    self.skip(1);
                    words.push(Ident { text: self.text(token.span).to_owned(), span: token.span });
                }
                Kind::Dot if !words.is_empty() => self.skip(1),
                _ if words.is_empty() => return Err(self.expected("what to show, such as `TABLES`")),
                _ => return Ok(Statement::Show(words)),
            }
        }
    }

    fn explain(&mut self) -> Result<Statement> {
        self.skip(1);
        let token = self.peek();
        let mut what = None;
        if EXPLAINED.iter().any(|word| word.eq_ignore_ascii_case(self.text(token.span))) {
            what = Some(self.ident("a word")?);
        } else if self.words_stand("QUERY", "TREE") || self.words_stand("CURRENT", "TRANSACTION") {
            let first = self.ident("a word")?;
            let second = self.ident("a word")?;
            let text = format!("{} {}", first.text, second.text);
            what = Some(Ident { text, span: first.span.to(second.span) });
        }
        if self.at_kind(Kind::Word) && self.peek_at(1).kind == Kind::Eq {
            return Err(self.unsupported("settings of `EXPLAIN` are not served", self.peek().span));
        }
        let starts =
            self.at_kind(Kind::LParen) || matches!(self.peek().word, Word::Select | Word::With | Word::From);
        if !starts {
            return Err(self.expected("a query to explain"));
        }
        Ok(Statement::Explain { what, query: Box::new(self.query(true)?) })
    }

    fn words_stand(&self, first: &str, second: &str) -> bool {
        let is = |ahead, word: &str| self.text(self.peek_at(ahead).span).eq_ignore_ascii_case(word);
        is(0, first) && is(1, second)
    }

    fn exists(&mut self) -> Result<Statement> {
        self.skip(1);
        let text = self.text(self.peek().span);
        let next = self.peek_at(1);
        let ends = matches!(next.kind, Kind::End | Kind::Semicolon | Kind::Dot | Kind::RParen);
        let is_name = ends || (next.word == Word::Format && self.peek_at(2).kind == Kind::Word);
        if !is_name && text.eq_ignore_ascii_case("TEMPORARY") {
            return Err(self.unsupported("there are no temporary tables", self.peek().span));
        }
        let known = EXISTING.iter().find(|(word, _)| !is_name && word.eq_ignore_ascii_case(text));
        let what = known.map_or(Existing::Table, |(_, what)| *what);
        if known.is_some() {
            self.skip(1);
        }
        Ok(Statement::Exists { what, name: self.dotted("a table")? })
    }
}
