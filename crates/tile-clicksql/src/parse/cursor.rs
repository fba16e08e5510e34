//! A place among the tokens, with the limits that keep the tree shallow. No grammar lives here.

use crate::ast::{Ident, Span};
use crate::error::{Code, Result, SqlError};
use crate::lex::{Kind, Token, Word, tokens, unquote};

/// Bounds the parser's own recursion, in kilobytes of the stack that a debug build uses: threads have two
/// megabytes. 200 pairs of parentheses fit.
const DEPTH_MAX: u32 = 1400;
pub(super) const ELEMENT_COST: u32 = 7;
pub(super) const RIGHT_COST: u32 = 5;
pub(super) const PREFIX_COST: u32 = 3;
pub(super) const QUERY_COST: u32 = 10;
pub(super) const TABLES_COST: u32 = 12;
pub(super) const WINDOW_COST: u32 = 8;
pub(super) const POSITION_COST: u32 = 2;
pub(super) const REPLACE_COST: u32 = 2;
/// Bounds the height of the tree, and so the recursion of everyone who walks, clones or drops it: a debug
/// build clones with two kilobytes for each level.
const HEIGHT_MAX: u32 = 500;
/// Error messages show no more characters than this of a token.
const SHOWN_MAX: usize = 40;

/// Which aliases may follow an expression.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Aliases {
    None,
    /// `AS name`
    As,
    /// `AS name` or just `name`
    Any,
}

pub(super) struct Parser<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    at: usize,
    depth: u32,
    /// At least the height of the tree read so far at this level.
    height: u32,
    /// Inside `position(needle IN …)`, where IN is no operator.
    pub(super) without_in: bool,
}

/// What `Parser::down` found and `Parser::up` restores.
pub(super) struct Level {
    cost: u32,
    height: u32,
}

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a str) -> Result<Self> {
        Ok(Self { text, tokens: tokens(text)?, at: 0, depth: 0, height: 0, without_in: false })
    }

    pub(super) fn peek_at(&self, ahead: usize) -> Token {
        let end = Token { kind: Kind::End, word: Word::Other, span: self.end_span() };
        self.tokens.get(self.at + ahead).copied().unwrap_or(end)
    }

    pub(super) fn peek(&self) -> Token {
        self.peek_at(0)
    }

    pub(super) fn next(&mut self) -> Token {
        let token = self.peek();
        self.at += 1;
        token
    }

    /// Passes tokens that `peek_at` has shown.
    pub(super) fn skip(&mut self, count: usize) {
        self.at += count;
    }

    fn end_span(&self) -> Span {
        let end = u32::try_from(self.text.len()).unwrap_or(u32::MAX);
        Span { start: end, end }
    }

    pub(super) fn text(&self, span: Span) -> &'a str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or("")
    }

    pub(super) fn start(&self) -> u32 {
        self.peek().span.start
    }

    /// From a start to the end of the last token passed.
    pub(super) fn since(&self, start: u32) -> Span {
        let last = self.at.checked_sub(1).and_then(|i| self.tokens.get(i));
        Span { start, end: last.map_or(start, |t| t.span.end).max(start) }
    }

    pub(super) fn at_kind(&self, kind: Kind) -> bool {
        self.peek().kind == kind
    }

    pub(super) fn at_word(&self, word: Word) -> bool {
        self.peek().word == word
    }

    pub(super) fn at_words(&self, words: &[Word]) -> bool {
        words.iter().enumerate().all(|(i, word)| self.peek_at(i).word == *word)
    }

    pub(super) fn eat(&mut self, kind: Kind) -> bool {
        let found = self.at_kind(kind);
        self.at += usize::from(found);
        found
    }

    pub(super) fn eat_word(&mut self, word: Word) -> bool {
        let found = self.at_word(word);
        self.at += usize::from(found);
        found
    }

    pub(super) fn eat_words(&mut self, words: &[Word]) -> bool {
        let found = self.at_words(words);
        self.at += if found { words.len() } else { 0 };
        found
    }

    pub(super) fn expect(&mut self, kind: Kind, name: &str) -> Result<()> {
        if self.eat(kind) { Ok(()) } else { Err(self.expected(name)) }
    }

    pub(super) fn expect_word(&mut self, word: Word, name: &str) -> Result<()> {
        if self.eat_word(word) { Ok(()) } else { Err(self.expected(name)) }
    }

    /// "expected …, found …" at the next token.
    pub(super) fn expected(&self, what: &str) -> SqlError {
        let token = self.peek();
        SqlError::new(Code::Syntax, format!("expected {what}, found {}", self.shown(token))).at(token.span)
    }

    pub(super) fn unsupported(&self, message: &str, span: Span) -> SqlError {
        SqlError::new(Code::Unsupported, message).at(span)
    }

    pub(super) fn shown(&self, token: Token) -> String {
        if token.kind == Kind::End {
            return "the end of the text".to_owned();
        }
        let text = self.text(token.span);
        match text.char_indices().nth(SHOWN_MAX) {
            Some((end, _)) => format!("`{}…`", text.get(..end).unwrap_or("")),
            None => format!("`{text}`"),
        }
    }

    /// Nothing may follow but semicolons.
    pub(super) fn finish(&mut self, what: &str) -> Result<()> {
        while self.eat(Kind::Semicolon) {}
        if self.at_kind(Kind::End) { Ok(()) } else { Err(self.expected(&format!("the end of the {what}"))) }
    }

    /// A word or a quoted name; whether the word is a keyword is the caller's concern.
    pub(super) fn ident(&mut self, what: &str) -> Result<Ident> {
        let token = self.peek();
        let text = match token.kind {
            Kind::Word => self.text(token.span).to_owned(),
            Kind::Quoted => self.unquoted(token)?,
            _ => return Err(self.expected(what)),
        };
        if text.is_empty() {
            return Err(self.expected(what));
        }
        self.at += 1;
        Ok(Ident { text, span: token.span })
    }

    pub(super) fn unquoted(&self, token: Token) -> Result<String> {
        unquote(token.kind, self.text(token.span))
            .ok_or_else(|| self.unsupported("expected a text in utf-8", token.span))
    }

    /// The content of a text token.
    pub(super) fn string(&mut self, what: &str) -> Result<String> {
        let token = self.peek();
        if !is_text(token.kind) {
            return Err(self.expected(what));
        }
        let text = self.unquoted(token)?;
        self.at += 1;
        Ok(text)
    }

    pub(super) fn at_text(&self) -> bool {
        is_text(self.peek().kind)
    }

    /// Enters a bracket, a subquery or another construct that nests.
    pub(super) fn down(&mut self, cost: u32) -> Result<Level> {
        self.depth += cost;
        if self.depth > DEPTH_MAX {
            return Err(self.too_deep());
        }
        let level = Level { cost, height: self.height };
        self.height = 0;
        Ok(level)
    }

    /// Leaves it. An error ends the parsing, so only success comes here.
    pub(super) fn up(&mut self, level: &Level) {
        self.depth -= level.cost;
        self.height = level.height.max(self.height + 1);
    }

    /// One more node on top of what was read at this level.
    pub(super) fn taller(&mut self) -> Result<()> {
        self.height += 1;
        if self.height > HEIGHT_MAX { Err(self.too_deep()) } else { Ok(()) }
    }

    fn too_deep(&self) -> SqlError {
        let message =
            format!("expected at most {HEIGHT_MAX} operators in one another and 200 nested parentheses");
        SqlError::new(Code::TooDeep, message).at(self.peek().span)
    }
}

pub(super) const fn is_text(kind: Kind) -> bool {
    matches!(kind, Kind::Text | Kind::Heredoc | Kind::HexText | Kind::BinText)
}

/// A token that can only stand behind an operand, so that a keyword before it must be a name.
pub(super) const fn follows_operand(token: Token) -> bool {
    matches!(
        token.kind,
        Kind::Comma
            | Kind::RParen
            | Kind::RBracket
            | Kind::RBrace
            | Kind::Eq
            | Kind::NotEq
            | Kind::Lt
            | Kind::LtEq
            | Kind::Gt
            | Kind::GtEq
            | Kind::NullSafeEq
            | Kind::Concat
            | Kind::Slash
            | Kind::Percent
            | Kind::Dot
            | Kind::DoubleColon
            | Kind::Colon
            | Kind::Arrow
            | Kind::Question
    ) || matches!(token.word, Word::As | Word::From | Word::Is)
}
