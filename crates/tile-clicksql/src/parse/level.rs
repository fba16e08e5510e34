//! How tightly operators bind; the parser and the printer share these numbers.
//!
//! Source: ClickHouse, `ParserExpressionImpl::operators_table`.

use crate::ast::BinaryOp;

pub(crate) const LAMBDA: u8 = 1;
pub(crate) const TERNARY: u8 = 2;
pub(crate) const OR: u8 = 3;
pub(crate) const AND: u8 = 4;
pub(crate) const NOT: u8 = 5;
pub(crate) const IS: u8 = 6;
pub(crate) const BETWEEN: u8 = 7;
pub(crate) const COMPARE: u8 = 9;
pub(crate) const CONCAT: u8 = 10;
pub(crate) const ADD: u8 = 11;
pub(crate) const MULTIPLY: u8 = 12;
pub(crate) const NEGATE: u8 = 13;
/// `a[1]`, `a.b` and `a::T`.
pub(crate) const POSTFIX: u8 = 14;
pub(crate) const PRIMARY: u8 = 15;

pub(crate) const fn binary_level(op: BinaryOp) -> u8 {
    match op {
        BinaryOp::Or => OR,
        BinaryOp::And => AND,
        BinaryOp::Distinct => IS,
        BinaryOp::Eq
        | BinaryOp::NotEq
        | BinaryOp::NullSafeEq
        | BinaryOp::Lt
        | BinaryOp::LtEq
        | BinaryOp::Gt
        | BinaryOp::GtEq
        | BinaryOp::Like
        | BinaryOp::NotLike
        | BinaryOp::ILike
        | BinaryOp::NotILike
        | BinaryOp::Regexp
        | BinaryOp::NotRegexp => COMPARE,
        BinaryOp::Concat => CONCAT,
        BinaryOp::Add | BinaryOp::Subtract => ADD,
        BinaryOp::Multiply | BinaryOp::Divide | BinaryOp::Modulo | BinaryOp::IntDivide => MULTIPLY,
    }
}
