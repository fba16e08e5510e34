//! The tree of an expression before its types are known.

use crate::types::Type;
use crate::value::Value;

#[derive(Clone, Debug)]
pub struct Node {
    pub what: What,
    /// Characters before it.
    pub at: usize,
    /// Of the tree below it.
    pub depth: usize,
    /// Nodes of the tree below it, with it.
    pub size: usize,
}

#[derive(Clone, Debug)]
pub enum What {
    /// A column, or fields of one: `a.b.c`.
    Name(Vec<String>),
    /// None: a null of no type.
    Literal(Value, Option<Type>),
    /// A function by its name in capitals, or an operator by its sign.
    Call(String, Vec<Node>),
    /// Conditions with values, and the value where none holds.
    Case(Vec<(Node, Node)>, Option<Box<Node>>),
    Cast(Box<Node>, Type),
    /// A field of what is not a column.
    Field(Box<Node>, String),
}

impl Node {
    pub fn new(what: What, at: usize) -> Self {
        let (mut depth, mut size) = (0, 0_usize);
        what.each(&mut |node| {
            depth = depth.max(node.depth);
            size = size.saturating_add(node.size);
        });
        Self { what, at, depth: depth + 1, size: size.saturating_add(1) }
    }

    /// Adds the columns that it reads: the first names of paths.
    pub fn columns(&self, out: &mut Vec<String>) {
        if let What::Name(path) = &self.what {
            out.extend(path.first().cloned());
        }
        self.what.each(&mut |node| node.columns(out));
    }
}

impl What {
    /// Calls `see` for each node right below.
    fn each(&self, see: &mut dyn FnMut(&Node)) {
        match self {
            Self::Name(_) | Self::Literal(..) => {}
            Self::Call(_, args) => args.iter().for_each(see),
            Self::Case(branches, other) => {
                for (condition, value) in branches {
                    see(condition);
                    see(value);
                }
                if let Some(other) = other {
                    see(other);
                }
            }
            Self::Cast(of, _) | Self::Field(of, _) => see(of),
        }
    }
}
