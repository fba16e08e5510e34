//! The jsonpaths of all columns as one tree, and one walk of a record along it.

use super::jsonpath::{JsonPath, Step};
use super::scan::{Bad, Cursor, Read};

/// Values of one record that repeated keys take back: many keys times many columns would take too long.
const FORGOTTEN_MAX: usize = 1 << 20;

/// Nodes of the tree; 0 is the record itself.
#[derive(Debug)]
pub(super) struct Tree {
    nodes: Vec<Node>,
}

#[derive(Debug, Default)]
struct Node {
    path: JsonPath,
    children: Vec<Child>,
    /// The children by the length of their name and the name.
    by_name: Vec<usize>,
    /// The columns whose value begins here.
    columns: Vec<usize>,
    /// The columns here and below.
    below: Vec<usize>,
}

#[derive(Debug)]
struct Child {
    name: Vec<u8>,
    /// The name between quotes, as it stands in a record if it needs no escapes.
    quoted: Vec<u8>,
    node: usize,
}

impl Tree {
    /// The tree of the columns' paths, each up to its first step that is no key; and the rest of each path.
    pub fn new<'p>(paths: impl IntoIterator<Item = &'p JsonPath>) -> (Self, Vec<Vec<Step>>) {
        let mut tree = Self { nodes: vec![Node::default()] };
        let mut rests = Vec::new();
        for (column, path) in paths.into_iter().enumerate() {
            let keys = path.steps().iter().take_while(|step| matches!(step, Step::Key(_))).count();
            let (keys, rest) = path.steps().split_at_checked(keys).unwrap_or_default();
            rests.push(rest.to_vec());
            tree.insert(column, keys);
        }
        for node in &mut tree.nodes {
            let mut by_name: Vec<usize> = (0..node.children.len()).collect();
            by_name
                .sort_by_key(|at| node.children.get(*at).map(|child| (child.name.len(), child.name.clone())));
            node.by_name = by_name;
        }
        (tree, rests)
    }

    fn insert(&mut self, column: usize, keys: &[Step]) {
        let mut at = 0;
        for key in keys {
            let Step::Key(name) = key else { return };
            let next = self.nodes.len();
            let Some(node) = self.nodes.get_mut(at) else { return };
            node.below.push(column);
            let known =
                node.children.iter().find(|child| child.name == name.as_bytes()).map(|child| child.node);
            if let Some(known) = known {
                at = known;
                continue;
            }
            let quoted = [b"\"", name.as_bytes(), b"\""].concat();
            node.children.push(Child { name: name.as_bytes().to_vec(), quoted, node: next });
            let path = node.path.member(name);
            self.nodes.push(Node { path, ..Node::default() });
            at = next;
        }
        if let Some(node) = self.nodes.get_mut(at) {
            node.columns.push(column);
            node.below.push(column);
        }
    }

    pub fn path(&self, node: usize) -> Option<&JsonPath> {
        self.nodes.get(node).map(|node| &node.path)
    }
}

impl Node {
    fn find(&self, name: &[u8]) -> Option<usize> {
        let found = self.by_name.binary_search_by(|at| {
            let known = self.children.get(*at).map_or(&b""[..], |child| &child.name);
            known.len().cmp(&name.len()).then_with(|| known.cmp(name))
        });
        self.by_name.get(found.ok()?).copied()
    }
}

/// What is done with the values that a walk comes to.
pub(super) trait Visitor<'a> {
    /// The value of a column begins at the cursor; it is passed by or read.
    fn value(&mut self, column: usize, cursor: &mut Cursor<'a>) -> Read<()>;
    /// A key is there twice: what the first one gave does not count.
    fn forget(&mut self, column: usize);
    /// No column wants this member of a node; its value begins with the byte.
    fn unknown(&mut self, node: usize, name: &[u8], begins: u8);
}

/// What one walk remembers, and what helps the next.
pub(super) struct Walker<'t> {
    tree: &'t Tree,
    turn: usize,
    /// The turn in which each node was visited.
    visited: Vec<usize>,
    /// Which child came after which in the record before: at 0 the first, then behind each child.
    follows: Vec<Vec<usize>>,
    scratch: Vec<u8>,
    /// Values of this record that were taken back.
    forgotten: usize,
}

impl<'t> Walker<'t> {
    pub fn new(tree: &'t Tree) -> Self {
        let follows = tree.nodes.iter().map(|node| (0..=node.children.len()).collect());
        let visited = vec![0; tree.nodes.len()];
        Self { tree, turn: 0, visited, follows: follows.collect(), scratch: Vec::new(), forgotten: 0 }
    }

    /// Walks one record, which must be all of the text.
    pub fn walk<'a>(&mut self, text: &'a [u8], visitor: &mut impl Visitor<'a>) -> Read<()> {
        self.turn += 1;
        self.forgotten = 0;
        let mut cursor = Cursor::new(text);
        let wants_object = self.tree.nodes.first().is_some_and(|root| !root.children.is_empty());
        if wants_object && cursor.peek() != Some(b'{') {
            return Err(Bad::Syntax("expected an object"));
        }
        self.visit(0, &mut cursor, visitor)?;
        if cursor.is_done() { Ok(()) } else { Err(Bad::Syntax("expected the end of the record")) }
    }

    fn visit<'a>(&mut self, at: usize, cursor: &mut Cursor<'a>, visitor: &mut impl Visitor<'a>) -> Read<()> {
        let tree = self.tree;
        let (Some(node), Some(visited)) = (tree.nodes.get(at), self.visited.get_mut(at)) else {
            return cursor.skip().map(drop);
        };
        if std::mem::replace(visited, self.turn) == self.turn {
            self.forgotten += node.below.len();
            if self.forgotten > FORGOTTEN_MAX {
                return Err(Bad::Syntax("too many repeated keys"));
            }
            node.below.iter().for_each(|column| visitor.forget(*column));
        }
        if let ([column], []) = (node.columns.as_slice(), node.children.as_slice()) {
            return visitor.value(*column, cursor);
        }
        // More than one reader of the same value: each begins at its beginning.
        let start = cursor.at();
        for column in &node.columns {
            cursor.seek(start);
            visitor.value(*column, cursor)?;
        }
        cursor.seek(start);
        if cursor.peek() == Some(b'{') && !node.children.is_empty() {
            self.object(at, node, cursor, visitor)
        } else {
            cursor.skip().map(drop)
        }
    }

    fn object<'a>(
        &mut self,
        at: usize,
        node: &'t Node,
        cursor: &mut Cursor<'a>,
        visitor: &mut impl Visitor<'a>,
    ) -> Read<()> {
        cursor.expect(b'{', "expected an object")?;
        if cursor.eat(b'}') {
            return Ok(());
        }
        let mut last = 0;
        loop {
            let found = self.key(at, node, &mut last, cursor, visitor)?;
            match found {
                Some(child) => self.visit(child, cursor, visitor)?,
                None => drop(cursor.skip()?),
            }
            match cursor.peek() {
                Some(b',') => cursor.seek(cursor.at() + 1),
                Some(b'}') => {
                    cursor.seek(cursor.at() + 1);
                    return Ok(());
                }
                _ => return Err(Bad::Syntax("expected `,` or `}`")),
            }
        }
    }

    /// Reads a key with its colon. The node it leads to, if any.
    #[inline]
    fn key<'a>(
        &mut self,
        at: usize,
        node: &'t Node,
        last: &mut usize,
        cursor: &mut Cursor<'a>,
        visitor: &mut impl Visitor<'a>,
    ) -> Read<Option<usize>> {
        const COLON: &str = "expected `:`";
        cursor.peek();
        let guess = self.follows.get(at).and_then(|follows| follows.get(*last)).copied().unwrap_or(0);
        if let Some(child) = node.children.get(guess).filter(|child| cursor.take(&child.quoted)) {
            *last = guess + 1;
            cursor.expect(b':', COLON)?;
            return Ok(Some(child.node));
        }
        let name = cursor.string(&mut self.scratch)?;
        let found = node.find(name);
        cursor.expect(b':', COLON)?;
        let Some(found) = found else {
            visitor.unknown(at, name, cursor.peek().unwrap_or(0));
            return Ok(None);
        };
        if let Some(follow) = self.follows.get_mut(at).and_then(|follows| follows.get_mut(*last)) {
            *follow = found;
        }
        *last = found + 1;
        Ok(node.children.get(found).map(|child| child.node))
    }
}
