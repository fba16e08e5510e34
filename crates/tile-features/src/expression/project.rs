//! A projection: names with expressions that may name each other, as Spark's lateral aliases do. A column of the table comes before a select
//! of the same name. What `zipline-ai` compiles a filter to is such a select.

use super::parse::{Parsed, bounded, parse};
use super::tree::{Node, What};
use std::collections::BTreeMap;
use tile_base::{Error, Result};

/// Selects over a table: each made of columns alone.
pub struct Projection<'a> {
    selects: BTreeMap<&'a str, Parsed>,
    is_column: &'a dyn Fn(&str) -> bool,
}

/// Finds what selects are made of.
struct Making<'a, 'b> {
    texts: &'a [(String, String)],
    made: &'b mut Projection<'a>,
    /// The selects that are being made, each for the one before it.
    open: Vec<&'a str>,
}

impl<'a> Projection<'a> {
    /// # Errors
    /// `Invalid` for text that is no expression and for selects that are made of each other, with the select as the place; `TooLarge`.
    pub fn new(texts: &'a [(String, String)], is_column: &'a dyn Fn(&str) -> bool) -> Result<Self> {
        let mut made = Self { selects: BTreeMap::new(), is_column };
        for (name, _) in texts {
            Making { texts, made: &mut made, open: Vec::new() }.make(name)?;
        }
        Ok(made)
    }

    /// What a select is made of.
    ///
    /// # Errors
    /// None but a defect.
    pub fn get(&self, name: &str) -> Result<&Parsed> {
        self.selects.get(name).ok_or_else(|| Error::internal("a select that was not made"))
    }

    /// What all selects are made of.
    pub fn all(&self) -> impl Iterator<Item = &Parsed> {
        self.selects.values()
    }

    /// The error of a condition, with the reason why it does not know a select: as in SQL it holds before anything is selected.
    pub fn unselected(&self, e: Error) -> Error {
        let is_it = |name: &&str| e.what == format!("no column is called `{name}`");
        match self.selects.keys().find(|name| is_it(name)) {
            Some(name) => e.hint(format!("Conditions know the table's columns: write what `{name}` is")),
            None => e,
        }
    }

    /// An expression beside the selects, which may name them: that of the time.
    ///
    /// # Errors
    /// `Invalid` for text that is no expression, `TooLarge`.
    pub fn beside(&self, text: &str) -> Result<Parsed> {
        self.put_in(&parse(text)?)
    }

    fn put_in(&self, parsed: &Parsed) -> Result<Parsed> {
        let with =
            |name: &str| if (self.is_column)(name) { None } else { self.selects.get(name).map(|p| &p.root) };
        // It is measured before it is made.
        let more = |name: &String| with(name).map_or(0, |node| node.size);
        let mut names = Vec::new();
        parsed.root.columns(&mut names);
        bounded(names.iter().map(more).fold(parsed.root.size, usize::saturating_add), 0)?;
        let root = replaced(&parsed.root, &with);
        bounded(root.size, root.depth)?;
        Ok(Parsed { root })
    }
}

impl<'a> Making<'a, '_> {
    fn make(&mut self, name: &str) -> Result<()> {
        let Some((name, text)) = self.texts.iter().find(|(n, _)| n == name) else { return Ok(()) };
        if self.made.selects.contains_key(name.as_str()) {
            return Ok(());
        }
        let at = |e: Error| Error { at: Some(format!("selects.{name}")), ..e };
        let parsed = parse(text).map_err(at)?;
        self.open.push(name);
        for other in parsed.columns() {
            // A name that stands for itself is a column, also where the table lacks it.
            let is_itself = other == *name && parsed.as_name() == Some(name.as_str());
            if is_itself || (self.made.is_column)(&other) || !self.texts.iter().any(|(n, _)| *n == other) {
                continue;
            }
            if let Some(first) = self.open.iter().position(|open| *open == other) {
                return Err(at(cycle(&self.open[first..])));
            }
            self.make(&other)?;
        }
        self.open.pop();
        let whole = self.made.put_in(&parsed).map_err(at)?;
        self.made.selects.insert(name, whole);
        Ok(())
    }
}

fn cycle(names: &[&str]) -> Error {
    let what = match names {
        [one] => format!("the select `{one}` is made of itself, and the table has no such column"),
        many => format!("the selects `{}` are made of each other", many.join("`, `")),
    };
    Error::invalid(what).hint("Name a column of the table in one of them")
}

/// The tree with others in the place of names.
fn replaced<'n>(node: &Node, with: &dyn Fn(&str) -> Option<&'n Node>) -> Node {
    let all = |nodes: &[Node]| nodes.iter().map(|node| replaced(node, with)).collect();
    let what = match &node.what {
        What::Name(path) => {
            let Some((first, fields)) = path.split_first() else { return node.clone() };
            let Some(found) = with(first) else { return node.clone() };
            let field = |of: Node, name: &String| Node::new(What::Field(Box::new(of), name.clone()), node.at);
            return fields.iter().fold(found.clone(), field);
        }
        What::Literal(..) => return node.clone(),
        What::Call(name, args) => What::Call(name.clone(), all(args)),
        What::Case(branches, other) => What::Case(
            branches.iter().map(|(c, v)| (replaced(c, with), replaced(v, with))).collect(),
            other.as_ref().map(|other| Box::new(replaced(other, with))),
        ),
        What::Cast(of, ty) => What::Cast(Box::new(replaced(of, with)), ty.clone()),
        What::Field(of, name) => What::Field(Box::new(replaced(of, with)), name.clone()),
    };
    Node::new(what, node.at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{Schema, Type};
    use crate::value::Value;

    const COLUMNS: [&str; 3] = ["cone", "taste", "both"];

    fn evaluated(selects: &[(&str, &str)], name: &str) -> Result<(Value, String)> {
        let texts: Vec<(String, String)> =
            selects.iter().map(|(n, t)| ((*n).to_owned(), (*t).to_owned())).collect();
        let schema = Schema(COLUMNS.iter().map(|c| ((*c).to_owned(), Type::Text)).collect());
        let is_column = |name: &str| COLUMNS.contains(&name);
        let made = Projection::new(&texts, &is_column)?;
        let of = made.get(name)?.resolve(&schema)?;
        let row = ["large", "lemon", "column"].map(|text| Value::Text(text.into()));
        Ok((of.evaluate(&row), of.print_for_engine().to_owned()))
    }

    #[test]
    fn selects_name_each_other_in_any_order() {
        // As zipline compiles a filter: by name, not in the order of what needs what.
        let filter = "CASE WHEN (size = 'large') THEN flavour ELSE NULL END";
        let all = [("flavour", "upper(taste)"), ("large", filter), ("size", "cone")];
        let (value, sql) = evaluated(&all, "large").unwrap();
        assert_eq!(value, Value::Text("LEMON".into()));
        assert!(sql.contains("\"cone\"") && sql.contains("\"taste\"") && !sql.contains("size"), "{sql}");
        // A column of the table comes first, also of the select's own name.
        let all = [("both", "concat(both, '!')"), ("more", "concat(both, '?')")];
        assert_eq!(evaluated(&all, "both").unwrap().0, Value::Text("column!".into()));
        assert_eq!(evaluated(&all, "more").unwrap().0, Value::Text("column?".into()));
        assert_eq!(
            evaluated(&[("cone", "taste"), ("taste", "cone")], "cone").unwrap().0,
            Value::Text("lemon".into())
        );
    }

    #[test]
    fn cycles_and_what_grows_too_large_are_refused() {
        let refused = |selects: &[(&str, &str)]| evaluated(selects, selects[0].0).unwrap_err();
        let e = refused(&[("a", "upper(b)"), ("b", "lower(a)")]);
        assert!(e.what.contains("`a`, `b`") && e.at.as_deref() == Some("selects.b"), "{e}");
        let e = refused(&[("x", "a"), ("a", "b"), ("b", "c"), ("c", "a")]);
        assert!(e.what.contains("`a`, `b`, `c`") && !e.what.contains("`x`"), "{e}");
        let e = refused(&[("a", "upper(a)")]);
        assert!(e.what.contains("`a` is made of itself"), "{e}");
        for lacking in [[("tate", "tate"), ("a", "cone")], [("a", "upper(tate)"), ("tate", "`tate`")]] {
            let e = refused(&lacking);
            assert_eq!(e.what, "no column is called `tate`", "{e}");
            assert_eq!(e.hint.as_deref(), Some("Did you mean `taste`?"));
        }
        let name = |at: usize| format!("s{at}");
        let grown: Vec<(String, String)> = (0..40)
            .map(|at| {
                (name(at), format!("concat({0}, {0})", if at == 0 { "cone".into() } else { name(at - 1) }))
            })
            .collect();
        let grown: Vec<(&str, &str)> = grown.iter().map(|(n, t)| (n.as_str(), t.as_str())).collect();
        assert_eq!(refused(&grown).kind, tile_base::Kind::TooLarge);
    }
}
