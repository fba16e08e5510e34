//! Template text into chunks. The tags and the texts of errors are Tornado's, with what the original forbids.

mod blocks;
mod space;

use super::check;
use super::chunk::{Branch, BranchKind, Chunk, Output, Set};
use super::error::{Kind, TemplateError};
use super::python::{SyntaxError, parse};
use space::Whitespace;

/// Python allows twenty loops and a hundred levels of indentation.
const NESTING_MAX: usize = 60;

/// The name of a template that has none.
pub const NAMELESS: &str = "<string>";

pub struct Reader<'a> {
    name: &'a str,
    text: &'a str,
    at: usize,
    line: usize,
    whitespace: Whitespace,
    /// The first error that Python would only find when all is read.
    late: Option<TemplateError>,
}

type Result<T> = std::result::Result<T, TemplateError>;

/// The block that is being read.
#[derive(Clone, Copy)]
struct Inside {
    block: Option<super::chunk::BlockKind>,
    in_loop: bool,
    depth: usize,
}

/// What ends a list of chunks.
enum End {
    File,
    Tag,
    Branch(Branch),
}

pub fn read(name: &str, text: &str) -> Result<Vec<Chunk>> {
    let mut reader = Reader { name, text, at: 0, line: 1, whitespace: Whitespace::All, late: None };
    let inside = Inside { block: None, in_loop: false, depth: 0 };
    let (chunks, _) = reader.chunks(inside)?;
    match reader.late {
        Some(error) => Err(error),
        None => Ok(chunks),
    }
}

/// An error of Python's, with the line behind it.
pub fn syntax_error(error: &SyntaxError, line: usize) -> TemplateError {
    TemplateError::new(Kind::Syntax, format!("{}, line {line}", error.message), Some(line))
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn consume(&mut self, bytes: usize) -> &'a str {
        let (head, _) = self.rest().split_at_checked(bytes).unwrap_or((self.rest(), ""));
        self.at += head.len();
        self.line += head.matches('\n').count();
        head
    }

    fn error(&self, message: impl std::fmt::Display) -> TemplateError {
        let message = format!("{message} at {}:{}", self.name, self.line);
        TemplateError::new(Kind::Template, message, Some(self.line))
    }

    /// Python compiles when all is read: errors of the tags come first.
    fn later(&mut self, error: TemplateError) {
        self.late.get_or_insert(error);
    }

    fn text(&self, text: &str, chunks: &mut Vec<Chunk>) {
        let text = self.whitespace.apply(text);
        if !text.is_empty() {
            chunks.push(Chunk::Text(text));
        }
    }

    /// The distance of the next tag: of `{`s in a row the last two count.
    fn next_tag(&self) -> Option<usize> {
        let bytes = self.rest().as_bytes();
        let mut at = 0;
        loop {
            at += bytes.get(at..)?.iter().position(|b| *b == b'{')?;
            match (bytes.get(at + 1), bytes.get(at + 2)) {
                (Some(b'{'), Some(b'{')) => at += 1,
                (Some(b'{' | b'%' | b'#'), _) => return Some(at),
                (None, _) => return None,
                _ => at += 1,
            }
        }
    }

    fn unclosed(&self) -> TemplateError {
        let message = if self.name == NAMELESS {
            format!("Missing {{% end %}} block for if at line {}", self.line)
        } else {
            format!(
                "Missing {{% end %}} block for if in the node {} at line {} of the SQL: {}",
                self.name, self.line, self.text
            )
        };
        TemplateError::new(Kind::Template, message, Some(self.line))
    }

    fn chunks(&mut self, inside: Inside) -> Result<(Vec<Chunk>, End)> {
        let mut chunks = Vec::new();
        loop {
            let Some(distance) = self.next_tag() else {
                if inside.block.is_some() {
                    return Err(self.unclosed());
                }
                let rest = self.consume(self.rest().len());
                self.text(rest, &mut chunks);
                return Ok((chunks, End::File));
            };
            let before = self.consume(distance);
            self.text(before, &mut chunks);
            let brace = self.consume(2);
            let line = self.line;
            if self.rest().starts_with('!') {
                self.consume(1);
                self.text(brace, &mut chunks);
                continue;
            }
            match brace {
                "{#" => drop(self.inside("#}", "Missing end comment #}")?),
                "{{" => {
                    let source = self.inside("}}", "Missing end expression }}")?;
                    if source.is_empty() {
                        return Err(self.error("Empty expression"));
                    }
                    chunks.push(Chunk::Output(self.output(source, line)?));
                }
                _ => {
                    let source = self.inside("%}", "Missing end block %}")?;
                    if source.is_empty() {
                        return Err(self.error("Empty block tag ({% %})"));
                    }
                    if let Some(end) = self.tag(source, line, inside, &mut chunks)? {
                        return Ok((chunks, end));
                    }
                }
            }
        }
    }

    /// What is between here and the end of a tag, without white space around it.
    fn inside(&mut self, end: &str, missing: &str) -> Result<&'a str> {
        let Some(length) = self.rest().find(end) else { return Err(self.error(missing)) };
        let source = self.consume(length);
        self.consume(end.len());
        Ok(source.trim_matches(super::value::is_space))
    }

    fn output(&mut self, source: &str, line: usize) -> Result<Output> {
        let (statement, several) = parse::expression(source).map_err(|error| {
            let operator = source.split(' ').next().unwrap_or("");
            if operator.contains("from") {
                return self.error("\"from\" is a forbidden word");
            }
            syntax_error(&error, line)
        })?;
        let expr = check::output(statement).map_err(|message| forbidden(&message, line))?;
        Ok(Output { source: source.into(), line, expr, several })
    }

    fn set(&mut self, source: &str, line: usize) -> Result<Option<Set>> {
        if source.is_empty() {
            return Err(self.error("set missing statement"));
        }
        match parse::set(source) {
            Ok(statement) => {
                check::set(&statement).map_err(|message| forbidden(&message, line))?;
                Ok(Some(Set { source: source.to_owned(), line, statement }))
            }
            Err(_) if check::is_other_statement(source) => {
                Err(forbidden(&format!("Invalid set statement: {source}"), line))
            }
            Err(error) => {
                self.later(syntax_error(&error, line));
                Ok(None)
            }
        }
    }
}

/// An expression that templates may not have.
fn forbidden(message: &str, line: usize) -> TemplateError {
    TemplateError::refusal(Kind::Forbidden, message, Some(line))
}

/// The word of a branch.
fn branch_kind(word: &str) -> Option<BranchKind> {
    Some(match word {
        "else" => BranchKind::Else,
        "elif" => BranchKind::Elif,
        "except" => BranchKind::Except,
        "finally" => BranchKind::Finally,
        _ => return None,
    })
}
