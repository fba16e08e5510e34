//! Reads texts, and asks the engine for the columns of their results.

use super::check::{self, Check, Values};
use super::tree::Tree;
use super::types::Given;
use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;
use tile_base::engine::collect;
use tile_base::{Cancel, Error, Result, SqlEngine};

/// Texts that are remembered, and the longest of them.
const KEPT_MAX: usize = 512;
const KEPT_BYTES_MAX: usize = 64 << 10;
/// Of the engine's answers about a text.
const ANSWER_BYTES_MAX: usize = 64 << 20;

/// A text that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Read {
    /// The query, with placeholders for tables.
    sql: String,
    /// What stands at each of them, in the parts that were written.
    pub tables: Vec<Vec<String>>,
    /// The one that is read first.
    pub first: Option<usize>,
}

impl Read {
    /// The query over tables that are given as SQL.
    pub fn over(&self, tables: &[String]) -> String {
        let queries = tables.iter().enumerate().map(|(at, sql)| {
            // Each is a query of WITH for its name alone: its plan is part of the whole.
            format!("{} AS NOT MATERIALIZED ({sql})", check::table_name(at))
        });
        let queries = queries.collect::<Vec<_>>().join(", ");
        for word in ["WITH RECURSIVE ", "WITH "] {
            if let (false, Some(rest)) = (queries.is_empty(), self.sql.strip_prefix(word)) {
                return format!("{word}{queries}, {rest}");
            }
        }
        if queries.is_empty() { self.sql.clone() } else { format!("WITH {queries} {}", self.sql) }
    }
}

/// The engine's dialect.
pub struct Dialect {
    engine: Arc<dyn SqlEngine>,
    read: Mutex<HashMap<String, Arc<Read>>>,
    columns: Mutex<HashMap<String, Arc<Vec<Given>>>>,
}

impl Dialect {
    pub fn new(engine: Arc<dyn SqlEngine>) -> Self {
        Self { engine, read: Mutex::default(), columns: Mutex::default() }
    }

    /// Reads one query. `values` are those of `$name`.
    ///
    /// # Errors
    /// `Invalid` for what the engine cannot parse and for what is not allowed.
    pub fn read(&self, text: &str, values: Values<'_>) -> Result<Arc<Read>> {
        // Values are no part of the name under which a text is remembered.
        let is_kept = !text.contains('$') && text.len() <= KEPT_BYTES_MAX;
        if is_kept && let Some(found) = self.read.lock().get(text) {
            return Ok(Arc::clone(found));
        }
        let read = Arc::new(self.fresh(text, values)?);
        if is_kept {
            keep(&self.read, text, &read);
        }
        Ok(read)
    }

    fn fresh(&self, text: &str, values: Values<'_>) -> Result<Read> {
        let mut tree = self.tree(text)?;
        let mut check = Check::new(values);
        let statement = match tree.get_mut("statements") {
            Some(Tree::List(all)) if all.len() == 1 => all.first_mut(),
            _ => return Err(Error::invalid("a text is one query")),
        };
        let statement = statement.ok_or_else(|| Error::invalid("a text is one query"))?;
        statement.set("named_param_map", Tree::List(vec![]));
        let node = statement.get_mut("node").ok_or_else(|| Error::invalid("a text is one query"))?;
        check.query(node)?;
        let (first, tables) = (check::first(node), check.tables);
        let mut json = String::new();
        tree.print(&mut json);
        let sql = self.told(&format!("SELECT json_deserialize_sql({})", quoted(&json)?))?;
        check::is_closed(&self.tree(&sql)?)?;
        Ok(Read { sql, tables, first })
    }

    /// The tree of a text.
    fn tree(&self, text: &str) -> Result<Tree> {
        let options = "skip_default := true, skip_null := true, skip_empty := true";
        let json = self.told(&format!("SELECT json_serialize_sql({}, {options})", quoted(text)?))?;
        let tree = Tree::parse(&json)?;
        if !tree.is_set("error") {
            return Ok(tree);
        }
        match tree.text("error_type") {
            "not implemented" => Err(Error::invalid("only SELECT is served in this dialect")),
            _ => Err(Error::invalid(format!(
                "{}{}",
                tree.text("error_message"),
                place(text, tree.text("position"))
            ))),
        }
    }

    /// The columns of a query that this made.
    ///
    /// # Errors
    /// `Invalid` for names and types that do not fit.
    pub fn columns(&self, sql: &str) -> Result<Arc<Vec<Given>>> {
        if let Some(found) = self.columns.lock().get(sql) {
            return Ok(Arc::clone(found));
        }
        let batches = self.asked(&format!("DESCRIBE {sql}"))?;
        let mut out: Vec<Given> = Vec::new();
        for batch in &batches {
            for row in 0..batch.num_rows() {
                let (name, ty) = (cell(batch, "column_name", row)?, cell(batch, "column_type", row)?);
                let taken = |name: &str| out.iter().any(|given| given.name == name);
                let numbered = (1..).map(|n| format!("{name}_{n}")).find(|name| !taken(name));
                let name = if taken(name) { numbered.unwrap_or_default() } else { name.to_owned() };
                out.push(Given::new(name, ty)?);
            }
        }
        let out = Arc::new(out);
        if sql.len() <= KEPT_BYTES_MAX {
            keep(&self.columns, sql, &out);
        }
        Ok(out)
    }

    fn asked(&self, sql: &str) -> Result<Vec<RecordBatch>> {
        collect(self.engine.as_ref(), sql, &Cancel::default(), ANSWER_BYTES_MAX)
    }

    /// The one text that a query answers.
    fn told(&self, sql: &str) -> Result<String> {
        let batches = self.asked(sql)?;
        let text = batches
            .iter()
            .find_map(|batch| batch.columns().first()?.as_string_opt::<i32>()?.iter().next()?);
        text.map(str::to_owned).ok_or_else(|| Error::internal("the engine tells nothing of a text"))
    }
}

/// Remembers; when there is no more room, what was there is forgotten.
fn keep<T>(kept: &Mutex<HashMap<String, Arc<T>>>, text: &str, value: &Arc<T>) {
    let mut kept = kept.lock();
    if kept.len() >= KEPT_MAX {
        kept.clear();
    }
    kept.insert(text.to_owned(), Arc::clone(value));
}

fn cell<'a>(batch: &'a RecordBatch, name: &str, row: usize) -> Result<&'a str> {
    let column = batch.column_by_name(name).and_then(|column| column.as_string_opt::<i32>());
    column.map(|column| column.value(row)).ok_or_else(|| Error::internal("the engine describes no columns"))
}

fn quoted(text: &str) -> Result<String> {
    if text.contains('\0') {
        return Err(Error::invalid("SQL has no character NUL"));
    }
    Ok(format!("'{}'", text.replace('\'', "''")))
}

/// Where in the text, as users count.
fn place(text: &str, position: &str) -> String {
    let before = position.parse().ok().and_then(|at| text.get(..at));
    before.map_or_else(String::new, |before| {
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        format!(", in line {line}, column {column}")
    })
}
