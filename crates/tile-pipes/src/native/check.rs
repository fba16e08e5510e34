//! Goes through a syntax tree: everything in it has to be known, names of tables become placeholders.
//!
//! Placeholders are the only names of tables in what comes out, so that a text reaches no table of the database, whatever is wrong
//! here: a name that is not put in later is one that nothing has. Queries of WITH get new names for the same reason.

use super::functions;
use super::tree::Tree;
use tile_base::{Error, Result};

/// What stands for the n-th table that a text names.
pub fn table_name(at: usize) -> String {
    format!("tile_table_{at}")
}

fn with_name(at: usize) -> String {
    format!("tile_with_{at}")
}

/// Tables that one text may name.
const TABLES_MAX: usize = 256;

const EXPRESSIONS: &[&str] = &[
    "BETWEEN",
    "CASE",
    "CAST",
    "COLLATE",
    "COLUMN_REF",
    "COMPARISON",
    "CONJUNCTION",
    "CONSTANT",
    "FUNCTION",
    "LAMBDA",
    "OPERATOR",
    "POSITIONAL_REFERENCE",
    "STAR",
    "SUBQUERY",
    "TYPE",
    "WINDOW",
];
const QUERIES: &[&str] = &["SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE"];
/// Tables, and what changes the rows of a query or their order.
const OTHERS: &[&str] = &[
    "ASCENDING",
    "DESCENDING",
    "DISTINCT_MODIFIER",
    "EMPTY",
    "EXPRESSION_LIST",
    "JOIN",
    "LIMIT_MODIFIER",
    "LIMIT_PERCENT_MODIFIER",
    "ORDER_DEFAULT",
    "ORDER_MODIFIER",
    "PIVOT",
    "SUBQUERY",
    "TABLE_FUNCTION",
];
/// Words that the engine answers where no column has their name: they tell of the server.
const WORDS: &[&str] =
    &["current_catalog", "current_role", "current_schema", "current_user", "session_user", "user"];
/// The present, which comes with a time zone: to compute with one takes a part of the engine that is not here.
const PRESENT: &[&str] =
    &["current_timestamp", "get_current_timestamp", "localtimestamp", "now", "transaction_timestamp"];

/// Values of names behind `$`.
pub type Values<'a> = &'a dyn Fn(&str) -> Option<String>;

pub struct Check<'a> {
    /// Values of `$name`.
    values: Values<'a>,
    /// The tables that were named, each place for itself.
    pub tables: Vec<Vec<String>>,
    /// Queries of WITH that can be seen, with their new names; the innermost last.
    seen: Vec<(String, String)>,
    withs: usize,
}

impl<'a> Check<'a> {
    pub fn new(values: Values<'a>) -> Self {
        Self { values, tables: vec![], seen: vec![], withs: 0 }
    }

    /// # Errors
    /// `Invalid` for what is not allowed.
    pub fn query(&mut self, node: &mut Tree) -> Result<()> {
        if !QUERIES.contains(&node.text("type")) {
            return Err(refused("only SELECT is served"));
        }
        let count = self.seen.len();
        if let Some(Tree::List(entries)) = node.get_mut("cte_map").and_then(|map| map.get_mut("map")) {
            for entry in entries {
                self.with(entry)?;
            }
        }
        if let Tree::Object(entries) = node {
            for (_, value) in entries.iter_mut().filter(|(key, _)| key != "cte_map") {
                self.walk(value)?;
            }
        }
        self.seen.truncate(count);
        Ok(())
    }

    fn with(&mut self, entry: &mut Tree) -> Result<()> {
        let (old, new) = (entry.text("key").to_ascii_lowercase(), with_name(self.withs));
        self.withs += 1;
        entry.set_text("key", &new);
        let Some(Tree::Object(fields)) = entry.get_mut("value") else { return Err(unknown("WITH")) };
        for (key, value) in fields {
            if key != "query_node" {
                self.walk(value)?;
            } else if value.text("type") == "RECURSIVE_CTE_NODE" {
                // Only such a query sees itself.
                self.seen.push((old.clone(), new.clone()));
                value.set_text("cte_name", &new);
                self.query(value)?;
                self.seen.pop();
            } else {
                self.query(value)?;
            }
        }
        self.seen.push((old, new));
        Ok(())
    }

    fn walk(&mut self, tree: &mut Tree) -> Result<()> {
        match tree {
            Tree::List(items) => items.iter_mut().try_for_each(|item| self.walk(item)),
            Tree::Object(_) => self.object(tree),
            Tree::Text(_) | Tree::Word(_) => Ok(()),
        }
    }

    fn object(&mut self, tree: &mut Tree) -> Result<()> {
        let (class, kind) = (tree.text("class").to_owned(), tree.text("type").to_owned());
        match (class.as_str(), kind.as_str()) {
            ("CONSTANT", _) => return Ok(()),
            ("PARAMETER", _) => return self.value(tree),
            ("FUNCTION" | "WINDOW", _) => function(tree, functions::is_allowed)?,
            ("COLUMN_REF", _) => return column(tree),
            ("TYPE", _) if path(tree).len() != 1 => return Err(refused("a type is one name")),
            ("", "BASE_TABLE") => return self.table(tree),
            ("", "TABLE_FUNCTION") => return self.table_function(tree),
            ("", "") => {}
            ("", kind) if QUERIES.contains(&kind) => return self.query(tree),
            ("", kind) if OTHERS.contains(&kind) => {}
            ("", kind) => return Err(unknown(kind)),
            (class, _) if EXPRESSIONS.contains(&class) => {}
            (class, _) => return Err(unknown(class)),
        }
        if tree.is_set("pivot_enum") || tree.is_set("at_clause") {
            return Err(unknown(&kind));
        }
        self.parts(tree)?;
        let is_present = class == "FUNCTION" && PRESENT.contains(&tree.text("function_name"));
        if is_present {
            *tree = cast(std::mem::replace(tree, Tree::List(vec![])), "TIMESTAMP");
        }
        Ok(())
    }

    fn parts(&mut self, tree: &mut Tree) -> Result<()> {
        match tree {
            Tree::Object(entries) => entries.iter_mut().try_for_each(|(_, value)| self.walk(value)),
            _ => Ok(()),
        }
    }

    fn table(&mut self, tree: &mut Tree) -> Result<()> {
        if tree.is_set("at_clause") {
            return Err(refused("tables are read as they are now"));
        }
        let path = path(tree);
        let Some(last) = path.last().cloned() else { return Err(unknown("table")) };
        let with = match path.as_slice() {
            [name] => self.seen.iter().rev().find(|(seen, _)| *seen == name.to_ascii_lowercase()),
            _ => None,
        };
        let name = match with {
            Some((_, new)) => new.clone(),
            None if self.tables.len() == TABLES_MAX => {
                return Err(refused(&format!("more than {TABLES_MAX} tables are named")));
            }
            None => {
                self.tables.push(path);
                table_name(self.tables.len() - 1)
            }
        };
        // Its columns are still called by the name that was written.
        if !tree.is_set("alias") {
            tree.set_text("alias", &last);
        }
        for part in ["schema_name", "catalog_name"] {
            tree.set_text(part, "");
        }
        tree.set_text("table_name", &name);
        tree.set("qualified_name", Tree::Object(vec![("path".into(), Tree::List(vec![Tree::Text(name)]))]));
        self.parts(tree)
    }

    fn table_function(&mut self, tree: &mut Tree) -> Result<()> {
        let Some(call) = tree.get_mut("function") else { return Err(unknown("function")) };
        let is_function = call.text("class") == "FUNCTION";
        let allowed = |name: &str| functions::TABLES.contains(&name.to_ascii_lowercase().as_str());
        if !is_function {
            return Err(unknown("function"));
        }
        function(call, allowed)?;
        self.parts(call)
    }

    fn value(&self, tree: &mut Tree) -> Result<()> {
        let name = tree.text("identifier").to_owned();
        let Some(value) = (self.values)(&name) else {
            return Err(refused(&format!("there is no value for `${name}`")));
        };
        let mut out =
            Tree::of(&[("class", "CONSTANT"), ("type", "VALUE_CONSTANT"), ("alias", tree.text("alias"))]);
        out.set("literal", Tree::of(&[("kind", "STRING"), ("text", &value)]));
        *tree = out;
        Ok(())
    }
}

/// Which of the placeholders a query reads first, through queries of its WITH.
pub fn first(whole: &Tree) -> Option<usize> {
    const STEPS_MAX: usize = 64;
    let mut at = whole;
    let mut withs: Vec<&Tree> = Vec::new();
    for _ in 0..STEPS_MAX {
        withs.extend(at.get("cte_map").and_then(|map| map.get("map")).map(Tree::items).unwrap_or_default());
        at = match at.text("type") {
            "SELECT_NODE" => at.get("from_table")?,
            "SET_OPERATION_NODE" => at.get("children")?.items().first()?,
            "RECURSIVE_CTE_NODE" | "JOIN" => at.get("left")?,
            "SUBQUERY" => at.get("subquery")?.get("node")?,
            "PIVOT" => at.get("source")?,
            "BASE_TABLE" => match at.text("table_name").strip_prefix("tile_table_") {
                Some(number) => return number.parse().ok(),
                None => {
                    let with = withs.iter().find(|with| with.text("key") == at.text("table_name"))?;
                    with.get("value")?.get("query_node")?
                }
            },
            _ => return None,
        };
    }
    None
}

/// Whether a printed text, read again, names placeholders alone.
///
/// # Errors
/// `Internal` when it does not: the text must not run.
pub fn is_closed(tree: &Tree) -> Result<()> {
    match tree {
        Tree::List(items) => items.iter().try_for_each(is_closed),
        Tree::Object(entries) => {
            let is_table = tree.text("class").is_empty() && tree.text("type") == "BASE_TABLE";
            let is_ours = |name: &str| name.starts_with("tile_table_") || name.starts_with("tile_with_");
            if is_table && !matches!(path(tree).as_slice(), [name] if is_ours(name)) {
                return Err(Error::internal(
                    "a printed query names another table than the one that was read",
                ));
            }
            entries.iter().try_for_each(|(_, value)| is_closed(value))
        }
        Tree::Text(_) | Tree::Word(_) => Ok(()),
    }
}

fn refused(what: &str) -> Error {
    Error::invalid(what)
}

fn unknown(kind: &str) -> Error {
    let words = kind.trim_end_matches("_NODE").replace('_', " ").to_lowercase();
    Error::invalid(format!("`{words}` is not served in this dialect"))
        .hint("Only SELECT is, over what its names stand for")
}

/// A name in its parts. The engine tells it twice; both have to say the same.
fn path(tree: &Tree) -> Vec<String> {
    let parts = tree
        .get("qualified_name")
        .and_then(|name| name.get("path"))
        .and_then(Tree::texts)
        .unwrap_or_default();
    let told = ["function_name", "table_name", "type_name"].iter().find(|key| tree.is_set(key));
    match (told, parts.last()) {
        (Some(key), Some(last)) if tree.text(key) != last => vec![],
        _ => parts,
    }
}

fn function(tree: &Tree, allowed: impl Fn(&str) -> bool) -> Result<()> {
    let path = path(tree);
    // `column.function()` is a call as well.
    let name = match path.as_slice() {
        [name] | [_, name] => name,
        _ => return Err(refused("a function is one name")),
    };
    if allowed(name) {
        return Ok(());
    }
    let near = functions::nearest(name).join("`, `");
    let e = Error::invalid(format!("the function `{name}` is not served in this dialect"));
    Err(if near.is_empty() { e } else { e.hint(format!("maybe you meant `{near}`")) })
}

fn column(tree: &mut Tree) -> Result<()> {
    let names = tree.get("column_names").and_then(Tree::texts).unwrap_or_default();
    let [name] = names.as_slice() else { return Ok(()) };
    let name = name.to_ascii_lowercase();
    if WORDS.contains(&name.as_str()) && name != "user" {
        return Err(refused(&format!("`{name}` tells of the server, which is not served")));
    }
    let ty = match name.as_str() {
        "current_date" => "DATE",
        "current_timestamp" | "localtimestamp" => "TIMESTAMP",
        _ => return Ok(()),
    };
    let alias = if tree.is_set("alias") { tree.text("alias") } else { name.as_str() };
    let mut now =
        Tree::of(&[("class", "FUNCTION"), ("type", "FUNCTION"), ("alias", alias), ("function_name", "now")]);
    now.set("order_bys", Tree::of(&[("type", "ORDER_MODIFIER")]));
    now.set(
        "qualified_name",
        Tree::Object(vec![("path".into(), Tree::List(vec![Tree::Text("now".into())]))]),
    );
    *tree = cast(now, "TIMESTAMP");
    if ty == "DATE" {
        *tree = cast(std::mem::replace(tree, Tree::List(vec![])), ty);
    }
    Ok(())
}

/// `CAST(… AS …)`, with the name that the inner expression has.
fn cast(mut inner: Tree, ty: &str) -> Tree {
    let alias =
        if inner.is_set("alias") { inner.text("alias") } else { inner.text("function_name") }.to_owned();
    inner.set_text("alias", "");
    let mut out = Tree::of(&[("class", "CAST"), ("type", "OPERATOR_CAST"), ("alias", &alias)]);
    out.set("child", inner);
    let mut named = Tree::of(&[("class", "TYPE"), ("type", "TYPE"), ("type_name", ty)]);
    named.set("qualified_name", Tree::Object(vec![("path".into(), Tree::List(vec![Tree::Text(ty.into())]))]));
    out.set("type_expr", named);
    out
}
