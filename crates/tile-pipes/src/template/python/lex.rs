//! Text into Python's tokens.

use super::ast::Const;
use super::literal;

/// What Python's compiler says, without the place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    pub message: String,
}

impl SyntaxError {
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }
    pub fn invalid() -> Self {
        Self::new("invalid syntax")
    }
}

pub type Result<T> = std::result::Result<T, SyntaxError>;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quoted<'a> {
    pub body: &'a str,
    pub raw: bool,
    pub formatted: bool,
}

#[derive(Debug, Clone)]
pub enum Token<'a> {
    Name(&'a str),
    Number(Const),
    Text(Quoted<'a>),
    Op(&'static str),
    /// A line's end outside brackets.
    Newline,
    /// What no token begins with.
    Wrong,
    End,
}

/// Longer ones first.
const OPERATORS: &[&str] = &[
    "**=", "//=", ">>=", "<<=", "...", "!=", "**", "//", "<<", ">>", "<=", ">=", "==", "->", "+=", "-=",
    "*=", "/=", "%=", "&=", "|=", "^=", "@=", ":=", "+", "-", "*", "/", "%", "@", "&", "|", "^", "~", "<",
    ">", "(", ")", "[", "]", "{", "}", ",", ":", ".", ";", "=",
];

pub const KEYWORDS: &[&str] = &[
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def",
    "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is",
    "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];

fn is_name_start(c: char) -> bool {
    c == '_' || c.is_alphabetic()
}

fn is_name_part(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

/// The tokens, the last of which is `End`, and the error with which they end early.
pub struct Tokens<'a> {
    pub tokens: Vec<Token<'a>>,
    pub error: Option<SyntaxError>,
    /// The innermost of the brackets that are open at the end.
    pub open: Option<char>,
    /// A comment reaches to the end, over whatever is put behind the text.
    pub commented: bool,
}

struct Lexer<'a> {
    rest: &'a str,
    brackets: Vec<char>,
    tokens: Vec<Token<'a>>,
    commented: bool,
}

pub fn tokens(text: &str) -> Tokens<'_> {
    let mut lexer = Lexer { rest: text, brackets: Vec::new(), tokens: Vec::new(), commented: false };
    let error = lexer.run().err();
    lexer.tokens.push(Token::End);
    Tokens { tokens: lexer.tokens, error, open: lexer.brackets.last().copied(), commented: lexer.commented }
}

impl<'a> Lexer<'a> {
    fn advance(&mut self, bytes: usize) -> &'a str {
        let (head, tail) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, ""));
        self.rest = tail;
        head
    }

    fn run(&mut self) -> Result<()> {
        while let Some(c) = self.rest.chars().next() {
            match c {
                ' ' | '\t' | '\x0c' | '\r' => drop(self.advance(1)),
                '\n' => {
                    self.advance(1);
                    if self.brackets.is_empty() {
                        self.tokens.push(Token::Newline);
                    }
                }
                '#' => {
                    let length = self.rest.find('\n');
                    self.commented = length.is_none();
                    self.advance(length.unwrap_or(self.rest.len()));
                }
                '\\' => self.continuation()?,
                '0'..='9' => self.number()?,
                '.' if self.rest.chars().nth(1).is_some_and(|c| c.is_ascii_digit()) => self.number()?,
                '"' | '\'' => self.quoted("")?,
                c if is_name_start(c) => self.word()?,
                c => self.operator(c)?,
            }
        }
        Ok(())
    }

    fn continuation(&mut self) -> Result<()> {
        self.advance(1);
        match self.rest.strip_prefix("\r\n").or_else(|| self.rest.strip_prefix('\n')) {
            Some(rest) => self.rest = rest,
            None if self.rest.is_empty() => return Err(SyntaxError::new("unexpected EOF while parsing")),
            None => {
                return Err(SyntaxError::new("unexpected character after line continuation character"));
            }
        }
        Ok(())
    }

    fn word(&mut self) -> Result<()> {
        let length = self.rest.find(|c| !is_name_part(c)).unwrap_or(self.rest.len());
        let next = self.rest.get(length..).and_then(|rest| rest.chars().next());
        if matches!(next, Some('"' | '\'')) {
            let prefix = self.rest.get(..length).unwrap_or("");
            if matches!(
                prefix.to_ascii_lowercase().as_str(),
                "r" | "u" | "f" | "b" | "rf" | "fr" | "br" | "rb"
            ) {
                self.advance(length);
                return self.quoted(prefix);
            }
        }
        let word = self.advance(length);
        self.tokens.push(Token::Name(word));
        Ok(())
    }

    fn quoted(&mut self, prefix: &str) -> Result<()> {
        let flag = |flag: char| prefix.chars().any(|c| c.eq_ignore_ascii_case(&flag));
        if flag('b') {
            return Err(SyntaxError::new("bytes are not supported in templates"));
        }
        let triple = self.rest.starts_with("\"\"\"") || self.rest.starts_with("'''");
        let quote = self.advance(if triple { 3 } else { 1 });
        let mut escaped = false;
        for (at, c) in self.rest.char_indices() {
            let here = self.rest.get(at..).unwrap_or("");
            if escaped {
                escaped = false;
            } else if c == '\\' {
                escaped = true;
            } else if here.starts_with(quote) {
                let body = self.advance(at);
                self.advance(quote.len());
                self.tokens.push(Token::Text(Quoted { body, raw: flag('r'), formatted: flag('f') }));
                return Ok(());
            } else if c == '\n' && !triple {
                break;
            }
        }
        let kind = if triple { "triple-quoted string" } else { "string" };
        Err(SyntaxError::new(format!("unterminated {kind} literal (detected at line 1)")))
    }

    fn number(&mut self) -> Result<()> {
        let (value, length) = literal::number(self.rest)?;
        self.advance(length);
        self.tokens.push(Token::Number(value));
        Ok(())
    }

    fn operator(&mut self, c: char) -> Result<()> {
        let Some(op) = OPERATORS.iter().find(|op| self.rest.starts_with(**op)) else {
            self.advance(c.len_utf8());
            if c.is_ascii() {
                self.tokens.push(Token::Wrong);
                return Ok(());
            }
            let code = u32::from(c);
            return Err(SyntaxError::new(if c.is_control() || c == '\u{a0}' {
                format!("invalid non-printable character U+{code:04X}")
            } else {
                format!("invalid character '{c}' (U+{code:04X})")
            }));
        };
        self.advance(op.len());
        match c {
            '(' | '[' | '{' => self.brackets.push(c),
            ')' | ']' | '}' => self.close(c)?,
            _ => {}
        }
        self.tokens.push(Token::Op(op));
        Ok(())
    }

    fn close(&mut self, c: char) -> Result<()> {
        let Some(open) = self.brackets.pop() else {
            return Err(SyntaxError::new(format!("unmatched '{c}'")));
        };
        if !matches!((open, c), ('(', ')') | ('[', ']') | ('{', '}')) {
            return Err(SyntaxError::new(format!(
                "closing parenthesis '{c}' does not match opening parenthesis '{open}'"
            )));
        }
        Ok(())
    }
}
