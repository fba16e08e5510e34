//! Chunks.

use super::super::chunk::{Block, BlockKind, Branch, BranchKind, Chunk, Output};
use super::super::dialect::Dialect;
use super::super::functions;
use super::super::joints::Joint;
use super::super::python::ast::{Expr, Header, Kind};
use super::super::value::{Exception, Id, Object, Value};
use super::{Machine, Run, Stop, type_error};
use std::sync::Arc;

/// What a loop does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    Next,
    Break,
    Continue,
}

impl Machine<'_> {
    pub fn run(&mut self, frame: Id, chunks: &[Chunk]) -> Run<Flow> {
        for chunk in chunks {
            self.spend(0)?;
            match chunk {
                Chunk::Text(text) => self.run_text(text)?,
                Chunk::Output(output) => {
                    self.line = output.line;
                    self.run_output(frame, output)?;
                }
                Chunk::Set(set) => {
                    self.line = set.line;
                    self.run_set(frame, &set.statement)?;
                }
                Chunk::Break => return Ok(Flow::Break),
                Chunk::Continue => return Ok(Flow::Continue),
                Chunk::Block(block) => {
                    self.line = block.line;
                    let flow = match block.kind {
                        BlockKind::If => self.run_if(frame, block)?,
                        BlockKind::For => self.run_for(frame, block)?,
                        BlockKind::While => self.run_while(frame, block)?,
                        BlockKind::Try => self.run_try(frame, block)?,
                    };
                    if flow != Flow::Next {
                        return Ok(flow);
                    }
                }
            }
        }
        Ok(Flow::Next)
    }

    fn run_output(&mut self, frame: Id, output: &Output) -> Run<()> {
        let value = self.eval(frame, &output.expr)?;
        if output.several {
            return Err(type_error("expression_wrapper() got multiple values for argument 'escape_arrays'"));
        }
        let text = functions::to_sql(self, &value, &output.source)?;
        if self.setup.dialect == Dialect::DuckDb {
            let text = self.place.value(&text, &output.source)?;
            return self.emit(&text);
        }
        self.emit_value(output, &value, &text)
    }

    /// A value in ClickHouse's SQL, where `--` would be a comment.
    fn emit_value(&mut self, output: &Output, value: &Value, text: &str) -> Run<()> {
        if text.starts_with('-') && self.output.ends_with('-') {
            self.emit(" ")?;
        }
        let start = self.output.len();
        self.emit(text)?;
        self.allocate(std::mem::size_of::<Joint>())?;
        let is_column = match &output.expr.kind {
            Kind::Call(function, ..) => function.name().is_some_and(|name| &**name == "column"),
            _ => false,
        };
        let may_be_bare = matches!(value, Value::Symbol(_) | Value::Sql(_)) && !is_column;
        let (end, source) = (self.output.len(), Arc::clone(&output.source));
        self.joints.push(Joint { start, end, line: output.line, source, may_be_bare });
        Ok(())
    }

    /// The template's own text.
    fn run_text(&mut self, text: &str) -> Run<()> {
        if self.setup.dialect == Dialect::DuckDb {
            let before = self.place.text(text)?;
            self.emit(before)?;
        }
        self.emit(text)
    }

    fn holds(&mut self, frame: Id, header: Option<&Header>) -> Run<bool> {
        let (Some(Header::If(test)) | Some(Header::While(test))) = header else { return Ok(false) };
        let value = self.eval(frame, test)?;
        self.truth(&value)
    }

    fn run_if(&mut self, frame: Id, block: &Block) -> Run<Flow> {
        if self.holds(frame, block.header.as_ref())? {
            return self.run(frame, &block.body);
        }
        for branch in &block.branches {
            self.line = branch.line;
            if branch.kind == BranchKind::Else || self.holds(frame, branch.header.as_ref())? {
                return self.run(frame, &branch.body);
            }
        }
        Ok(Flow::Next)
    }

    fn run_for(&mut self, frame: Id, block: &Block) -> Run<Flow> {
        let Some(Header::For { target, iter }) = &block.header else { return Ok(Flow::Next) };
        let source = self.eval(frame, iter)?;
        let iterator = self.iterate(&source)?;
        while let Some(value) = self.next(iterator)? {
            self.line = block.line;
            self.assign(frame, target, value)?;
            if self.run(frame, &block.body)? == Flow::Break {
                return Ok(Flow::Next);
            }
            self.line = block.line;
        }
        self.run_else(frame, block)
    }

    fn run_while(&mut self, frame: Id, block: &Block) -> Run<Flow> {
        while self.holds(frame, block.header.as_ref())? {
            self.iteration()?;
            if self.run(frame, &block.body)? == Flow::Break {
                return Ok(Flow::Next);
            }
            self.line = block.line;
        }
        self.run_else(frame, block)
    }

    fn run_else(&mut self, frame: Id, block: &Block) -> Run<Flow> {
        match block.branches.iter().find(|branch| branch.kind == BranchKind::Else) {
            Some(branch) => self.run(frame, &branch.body),
            None => Ok(Flow::Next),
        }
    }

    fn run_try(&mut self, frame: Id, block: &Block) -> Run<Flow> {
        let out = match self.run(frame, &block.body) {
            Ok(Flow::Next) => self.run_else(frame, block),
            Err(Stop::Raised(error)) => self.handle(frame, block, *error),
            other => other,
        };
        let last = block.branches.iter().find(|branch| branch.kind == BranchKind::Finally);
        let (Some(last), true) = (last, !matches!(out, Err(Stop::Limit(_)))) else { return out };
        match self.run(frame, &last.body)? {
            Flow::Next => out,
            flow => Ok(flow),
        }
    }

    fn handle(&mut self, frame: Id, block: &Block, error: Exception) -> Run<Flow> {
        for branch in block.branches.iter().filter(|branch| branch.kind == BranchKind::Except) {
            let Some(Header::Except { class, name }) = &branch.header else { continue };
            if let Some(class) = class
                && !self.catches(frame, class, &error)?
            {
                continue;
            }
            return self.run_handler(frame, branch, name.as_ref(), error);
        }
        Err(Stop::Raised(Box::new(error)))
    }

    fn run_handler(
        &mut self,
        frame: Id,
        branch: &Branch,
        name: Option<&Arc<str>>,
        error: Exception,
    ) -> Run<Flow> {
        self.line = branch.line;
        let Some(name) = name else { return self.run(frame, &branch.body) };
        let id = self.add(Object::Error(Arc::new(error)))?;
        self.bind(frame, name, Value::Error(id))?;
        let out = self.run(frame, &branch.body);
        self.unbind(frame, name);
        out
    }

    fn catches(&mut self, frame: Id, class: &Expr, error: &Exception) -> Run<bool> {
        let wanted = self.eval(frame, class)?;
        let classes = match &wanted {
            Value::Tuple(id) => self.copied(*id)?,
            other => vec![other.clone()],
        };
        for class in classes {
            let Value::Class(class) = class else {
                return Err(type_error(
                    "catching classes that do not inherit from BaseException is not allowed",
                ));
            };
            if error.class.is(class) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
