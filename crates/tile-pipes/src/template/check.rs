//! What a template may not write. The evaluator has nothing to protect, since it has no interpreter to reach; the rules are
//! the original's, so that what is refused there is refused here, in the same words.

mod dump;

use super::functions::{CALLABLE, TYPES, UNTYPED};
use super::python::ast::Binary;
use super::python::ast::{Const, Expr, Formatted, Header, Kind, Piece, Statement, Unary};
use super::python::{Node, breadth_first};
use dump::dump;

/// Methods that may be called between `{{` and `}}`.
const METHODS: &[&str] = &["split", "get", "join", "replace"];

/// Names that evaluate code or look into values.
const UNSAFE_NAMES: &[&str] = &[
    "eval",
    "exec",
    "compile",
    "getattr",
    "setattr",
    "delattr",
    "globals",
    "locals",
    "vars",
    "dir",
    "breakpoint",
    "help",
    "memoryview",
    "type",
    "object",
    "super",
    "classmethod",
    "staticmethod",
    "property",
    "exit",
    "quit",
];

/// Attributes that lead out of a template without a leading underscore.
const UNSAFE_ATTRIBUTES: &[&str] = &[
    "format",
    "format_map",
    "mro",
    "gi_frame",
    "gi_code",
    "gi_yieldfrom",
    "cr_frame",
    "cr_code",
    "cr_await",
    "cr_origin",
    "ag_frame",
    "ag_code",
    "ag_await",
    "f_globals",
    "f_locals",
    "f_builtins",
    "f_back",
    "f_code",
    "tb_frame",
    "tb_next",
];

/// Python's statements that are neither an assignment nor an expression.
const STATEMENTS: &[&str] = &[
    "assert", "async", "await", "break", "class", "continue", "def", "del", "for", "from", "global", "if",
    "import", "nonlocal", "pass", "raise", "return", "try", "while", "with", "yield",
];

type Verdict = Result<(), String>;

/// Between `{{` and `}}` only what is listed is allowed.
pub fn output(statement: Statement) -> Result<Expr, String> {
    match statement {
        Statement::Expr(expr) => {
            listed(&expr)?;
            Ok(expr)
        }
        other => Err(format!("Invalid expression type: {}", dump::statement(&other))),
    }
}

/// In the words that open a block everything is allowed but what is unsafe.
pub fn header(header: &Header) -> Verdict {
    let roots: Vec<&Expr> = match header {
        Header::If(expr) | Header::While(expr) => vec![expr],
        Header::For { target, iter } => vec![target, iter],
        Header::Except { class, name } => {
            if let Some(name) = name.as_ref().filter(|name| is_dunder(name)) {
                return Err(format!("Invalid name: {name}"));
            }
            class.iter().collect()
        }
    };
    safe(roots)
}

pub fn set(statement: &Statement) -> Verdict {
    safe(match statement {
        Statement::Expr(expr) => vec![expr],
        Statement::Assign(targets, value) => targets.iter().chain(std::iter::once(value)).collect(),
        Statement::Augmented(target, _, value) => vec![target, value],
    })
}

/// Whether the text is another statement of Python's, or several.
pub fn is_other_statement(text: &str) -> bool {
    let word = text.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or("");
    let annotated = text
        .get(word.len()..)
        .map(str::trim_start)
        .is_some_and(|rest| rest.starts_with(':') && !rest.starts_with(":="));
    STATEMENTS.contains(&word) || annotated || has_several(text)
}

/// A semicolon or a line's end outside quotes and brackets.
fn has_several(text: &str) -> bool {
    let (mut depth, mut quote, mut escaped) = (0usize, None, false);
    for c in text.chars() {
        match (quote, c) {
            (Some(_), _) if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => depth = depth.saturating_sub(1),
            (None, ';' | '\n') if depth == 0 => return true,
            _ => {}
        }
    }
    false
}

fn is_dunder(name: &str) -> bool {
    name.len() > 4 && name.starts_with("__") && name.ends_with("__")
}

fn safe(roots: Vec<&Expr>) -> Verdict {
    let roots = roots.into_iter().map(|root| (Node::Expr(root), Node::Statement)).collect();
    breadth_first(roots).try_for_each(|(node, _)| match node {
        Node::Expr(expr) => is_safe(expr),
        _ => Ok(()),
    })
}

fn is_safe(expr: &Expr) -> Verdict {
    match &expr.kind {
        Kind::Call(function, ..) => match function.name().filter(|name| UNSAFE_NAMES.contains(&&***name)) {
            Some(name) => Err(format!("Invalid function name: {name}")),
            None => Ok(()),
        },
        Kind::Attribute(_, name) if name.starts_with('_') || UNSAFE_ATTRIBUTES.contains(&&**name) => {
            Err(format!("Invalid attribute: {name}"))
        }
        Kind::Name(name) if is_dunder(name) => Err(format!("Invalid name: {name}")),
        _ => Ok(()),
    }
}

fn listed(expr: &Expr) -> Verdict {
    match &expr.kind {
        Kind::Call(..) => call(expr),
        Kind::Const(Const::Ellipsis) => Err(format!("Invalid Constant: {}", dump(expr))),
        Kind::Const(_) => Ok(()),
        Kind::Name(name) if is_dunder(name) => Err(format!("Invalid name: {name}")),
        Kind::Name(_) => Ok(()),
        Kind::Unary(operator @ (Unary::Plus | Unary::Invert), _) => {
            Err(format!("Invalid UnaryOp: {}", dump::unary(*operator)))
        }
        Kind::Unary(_, value) => listed(value),
        Kind::Binary(left, operator, right) => {
            if !matches!(operator, Binary::Add | Binary::Mult | Binary::Sub) {
                return Err(format!("Invalid BinOp: {}", dump::binary(*operator)));
            }
            listed(left)?;
            listed(right)
        }
        Kind::Index(value, index) => {
            listed(value)?;
            match &index.kind {
                Kind::Slice(from, to, step) => {
                    [from, to, step].into_iter().flatten().try_for_each(|part| listed(part))
                }
                Kind::Const(_) | Kind::Index(..) => listed(index),
                _ => Err(format!("Invalid Slice expression: {}", dump(index))),
            }
        }
        Kind::Dict(pairs) => {
            for (key, _) in pairs {
                match key {
                    Some(key) => listed(key)?,
                    None => return Err("Invalid expression type: None".to_owned()),
                }
            }
            pairs.iter().try_for_each(|(_, value)| listed(value))
        }
        Kind::Tuple(items) | Kind::List(items) | Kind::Set(items) => items.iter().try_for_each(listed),
        Kind::Joined(pieces) => joined(pieces),
        Kind::If(test, then, otherwise) => {
            [test, then, otherwise].into_iter().try_for_each(|part| listed(part))
        }
        _ => Err(format!("Invalid expression type: {}", dump(expr))),
    }
}

fn call(expr: &Expr) -> Verdict {
    let Kind::Call(function, arguments, keywords) = &expr.kind else { return Ok(()) };
    match &function.kind {
        Kind::Name(name) => {
            let name = &**name;
            if !CALLABLE.contains(&name) && !TYPES.contains(&name) && !UNTYPED.contains(&name) {
                return Err(format!("Invalid function name: {name}"));
            }
        }
        Kind::Call(..) => listed(function)?,
        Kind::Attribute(value, name) => {
            if !METHODS.contains(&&**name) {
                return Err(format!("Invalid method name: {name}"));
            }
            listed(value)?;
        }
        _ => return Err(format!("Invalid function: {}", dump(expr))),
    }
    arguments.iter().try_for_each(listed)?;
    // Values of named arguments are only looked through for what is unsafe.
    keywords.iter().try_for_each(|keyword| safe(vec![&keyword.value]))
}

fn joined(pieces: &[Piece]) -> Verdict {
    pieces.iter().try_for_each(|piece| match piece {
        Piece::Text(_) => Ok(()),
        Piece::Value(Formatted { expr, spec, .. }) => {
            listed(expr)?;
            spec.as_deref().map_or(Ok(()), joined)
        }
    })
}
