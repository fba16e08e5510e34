//! The part of Python's expression language that templates may use: text to a tree. Nothing is evaluated here.
//!
//! Start at [`parse`]. What a template may write of this is the business of [`check`](super::check).

pub mod ast;
mod fstring;
mod lex;
mod literal;
pub mod parse;
mod target;
mod walk;

pub use lex::SyntaxError;
pub use literal::unescape;
pub use walk::{Node, breadth_first, children};
