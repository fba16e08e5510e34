//! Text into the tree of `ast`, by recursive descent with precedence climbing. Names are not looked up here,
//! no function is known except those with a grammar of their own, and nothing is typed.
//!
//! Start at `statement`. Each file below is one part of the grammar; a new operator is a line in `infix`, a
//! function with words between its arguments is an arm in `special`.
//!
//! Source: ClickHouse's SQL reference, and `src/Parsers` where the reference is silent.

mod call;
mod cursor;
mod expr;
mod infix;
mod interval;
mod join;
mod level;
mod operand;
mod order;
mod query;
mod select;
mod special;
mod star;
mod statement;
mod table;
mod window;

use crate::ast::{Expr, Ident, Query, Statement};
use crate::error::Result;
use cursor::{Aliases, Parser};
pub(crate) use interval::{interval_unit, unit_name};
pub(crate) use level::{
    AND, BETWEEN, COMPARE, IS, LAMBDA, NEGATE, NOT, OR, POSTFIX, PRIMARY, TERNARY, binary_level,
};
pub(crate) use special::takes_unit;

/// One statement, perhaps with a `;` behind it.
pub fn statement(text: &str) -> Result<Statement> {
    let mut parser = Parser::new(text)?;
    let statement = parser.statement()?;
    parser.finish("statement")?;
    Ok(statement)
}

/// One statement with the format that it asks for.
pub fn request(text: &str) -> Result<(Statement, Option<Ident>)> {
    let mut parser = Parser::new(text)?;
    let mut statement = parser.statement()?;
    let format = match &mut statement {
        Statement::Query(query) => query.format.clone(),
        Statement::Explain { query, .. } => query.format.take(),
        _ => parser.format()?,
    };
    parser.finish("statement")?;
    Ok((statement, format))
}

/// One `SELECT` with all that may belong to it.
pub fn query(text: &str) -> Result<Query> {
    let mut parser = Parser::new(text)?;
    let query = parser.query(true)?;
    parser.finish("query")?;
    Ok(query)
}

/// One expression, perhaps with an alias.
pub fn expression(text: &str) -> Result<Expr> {
    let mut parser = Parser::new(text)?;
    let expr = parser.element(Aliases::Any)?;
    parser.finish("expression")?;
    Ok(expr)
}

#[cfg(test)]
mod tests;
