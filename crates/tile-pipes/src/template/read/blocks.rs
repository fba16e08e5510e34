//! `{% … %}`.

use super::super::check;
use super::super::chunk::{Block, BlockKind, Branch, BranchKind, Chunk};
use super::super::error::{Kind, TemplateError};
use super::super::python::ast::Header;
use super::super::python::{SyntaxError, parse};
use super::{End, Inside, NESTING_MAX, Reader, Result, Whitespace, branch_kind, forbidden, syntax_error};

/// Tags of Tornado's that have no place in SQL.
const FORBIDDEN: &[(&str, &str)] = &[
    ("extends", "extends"),
    ("import", "import"),
    ("from", "import"),
    ("include", "include"),
    ("autoescape", "autoescape"),
    ("raw", "raw"),
    ("module", "module"),
    ("apply", "apply"),
];

impl Reader<'_> {
    /// One tag. What it gives when it ends the chunks around it.
    pub(super) fn tag(
        &mut self,
        source: &str,
        line: usize,
        inside: Inside,
        chunks: &mut Vec<Chunk>,
    ) -> Result<Option<End>> {
        let (operator, suffix) = source.split_once(' ').unwrap_or((source, ""));
        let suffix = suffix.trim_matches(super::super::value::is_space);
        if let Some(kind) = branch_kind(operator) {
            return self.branch(kind, operator, source, line, inside).map(|branch| Some(End::Branch(branch)));
        }
        if operator == "end" {
            if inside.block.is_none() {
                return Err(self.error("Extra {% end %} block"));
            }
            return Ok(Some(End::Tag));
        }
        let block = match operator {
            "if" => Some(BlockKind::If),
            "for" => Some(BlockKind::For),
            "while" => Some(BlockKind::While),
            "try" => Some(BlockKind::Try),
            _ => None,
        };
        if let Some(kind) = block {
            let block = self.block(kind, source, line, inside)?;
            chunks.push(Chunk::Block(block));
            return Ok(None);
        }
        match operator {
            "comment" => {}
            "set" => chunks.extend(self.set(suffix, line)?.map(Chunk::Set)),
            "whitespace" => match Whitespace::named(suffix) {
                Some(mode) => self.whitespace = mode,
                None => {
                    let message = format!("invalid whitespace mode {suffix}");
                    return Err(TemplateError::new(Kind::Template, message, Some(line)));
                }
            },
            "break" | "continue" => {
                if !inside.in_loop {
                    return Err(self.error(format_args!("{operator} outside {{'for', 'while'}} block")));
                }
                if !suffix.is_empty() {
                    self.later(syntax_error(&SyntaxError::invalid(), line));
                }
                chunks.push(if operator == "break" { Chunk::Break } else { Chunk::Continue });
            }
            "block" => {
                // Its body is read first.
                let inner =
                    Inside { block: Some(BlockKind::If), in_loop: inside.in_loop, depth: inside.depth + 1 };
                self.nested(inner)?;
                while let (_, End::Branch(_)) = self.chunks(inner)? {}
                return Err(self.error("block is forbidden"));
            }
            other => {
                if let Some((_, word)) = FORBIDDEN.iter().find(|(word, _)| *word == other) {
                    return Err(self.error(format_args!("{word} is forbidden")));
                }
                let shown = crate::template::eval::quote(other);
                return Err(self.error(format_args!("unknown operator: {shown}")));
            }
        }
        Ok(None)
    }

    fn nested(&self, inside: Inside) -> Result<()> {
        if inside.depth > NESTING_MAX {
            return Err(syntax_error(&SyntaxError::new("too many levels of indentation"), self.line));
        }
        Ok(())
    }

    /// `else` and its like, up to what follows it.
    fn branch(
        &mut self,
        kind: BranchKind,
        word: &str,
        source: &str,
        line: usize,
        inside: Inside,
    ) -> Result<Branch> {
        let parents: &[BlockKind] = match kind {
            BranchKind::Else => &[BlockKind::For, BlockKind::If, BlockKind::Try, BlockKind::While],
            BranchKind::Elif => &[BlockKind::If],
            BranchKind::Except | BranchKind::Finally => &[BlockKind::Try],
        };
        let Some(parent) = inside.block else {
            let names: Vec<String> = parents.iter().map(|parent| format!("'{}'", parent.word())).collect();
            return Err(self.error(format_args!("{word} outside {{{}}} block", names.join(", "))));
        };
        if !parents.contains(&parent) {
            return Err(
                self.error(format_args!("{word} block cannot be attached to {} block", parent.word()))
            );
        }
        let header = match kind {
            BranchKind::Else | BranchKind::Finally if source != word => {
                return Err(forbidden(&format!("Invalid control block: {source}"), line));
            }
            BranchKind::Else | BranchKind::Finally => None,
            BranchKind::Elif | BranchKind::Except => self.header(source, line)?,
        };
        Ok(Branch { kind, source: source.to_owned(), line, header, body: Vec::new() })
    }

    fn header(&mut self, source: &str, line: usize) -> Result<Option<Header>> {
        match parse::header(source) {
            Ok(header) => {
                check::header(&header).map_err(|message| forbidden(&message, line))?;
                Ok(Some(header))
            }
            Err(error) => {
                self.later(syntax_error(&error, line));
                Ok(None)
            }
        }
    }

    fn block(&mut self, kind: BlockKind, source: &str, line: usize, inside: Inside) -> Result<Block> {
        let is_loop = matches!(kind, BlockKind::For | BlockKind::While);
        let inner = Inside { block: Some(kind), in_loop: inside.in_loop || is_loop, depth: inside.depth + 1 };
        self.nested(inner)?;
        let (body, mut end) = self.chunks(inner)?;
        let mut branches: Vec<Branch> = Vec::new();
        while let End::Branch(mut branch) = end {
            let (body, next) = self.chunks(inner)?;
            branch.body = body;
            branches.push(branch);
            end = next;
        }
        // The words are checked when the whole block is read.
        let header = match kind {
            BlockKind::Try if source != "try" => {
                return Err(forbidden(&format!("Invalid control block: {source}"), line));
            }
            BlockKind::Try => None,
            _ => self.header(source, line)?,
        };
        if let Some(error) = misplaced(kind, &branches, line) {
            self.later(error);
        }
        Ok(Block { kind, source: source.to_owned(), line, header, body, branches })
    }
}

/// Branches in an order that Python does not have.
fn misplaced(kind: BlockKind, branches: &[Branch], line: usize) -> Option<TemplateError> {
    let rank = |branch: &Branch| match branch.kind {
        BranchKind::Elif | BranchKind::Except => 0,
        BranchKind::Else => 1,
        BranchKind::Finally => 2,
    };
    let handlers = branches.iter().filter(|branch| branch.kind == BranchKind::Except).count();
    let finals = branches.iter().any(|branch| branch.kind == BranchKind::Finally);
    if kind == BlockKind::Try && handlers == 0 && !(finals && branches.len() == 1) {
        return Some(syntax_error(&SyntaxError::new("expected 'except' or 'finally' block"), line));
    }
    for (before, after) in branches.iter().zip(branches.iter().skip(1)) {
        if rank(before) > rank(after) || (rank(before) == rank(after) && rank(after) > 0) {
            return Some(syntax_error(&SyntaxError::invalid(), after.line));
        }
        let catches_all = matches!(before.header, Some(Header::Except { class: None, .. }));
        if before.kind == BranchKind::Except && catches_all && after.kind == BranchKind::Except {
            return Some(syntax_error(&SyntaxError::new("default 'except:' must be last"), before.line));
        }
    }
    None
}
