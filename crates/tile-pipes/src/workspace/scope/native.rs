//! Nodes and texts in the engine's own dialect. To the rest such a text is a table that one query reads; the tables that it names are
//! looked up as everywhere else.

use super::super::leftmost::BLOCK;
use super::super::resources::{Native, backticked};
use super::Names;
use std::rc::Rc;
use tile_base::{Error, Result};
use tile_clicksql::ast::{Query, Statement};
use tile_clicksql::error::SqlError;
use tile_clicksql::schema::{Engine, Schema, Table};
use tile_clicksql::types::Type;
use tile_clicksql::{Constant, Options, engine_name, engine_type, translate_query};

/// What the table of a request's text is called in the query that reads it. Behind it stands the number of a node.
const NAME: &str = "native result";

/// Texts that name one another.
const DEPTH_MAX: usize = 32;

/// A text as a table, and the query that reads it.
pub struct Made {
    pub query: Query,
    pub table: Table,
}

impl<'a> Names<'a> {
    /// The query of a node.
    pub(super) fn native_node(&self, pipe: &'a str, slot: usize, native: &Native) -> Option<&Query> {
        if self.working.borrow().contains(&slot) || self.working.borrow().len() >= DEPTH_MAX {
            self.fail(Error::invalid(format!("the nodes of pipe `{pipe}` name one another in a circle")));
            return None;
        }
        let made = self.natives.get(slot)?.get_or_init(|| {
            self.working.borrow_mut().push(slot);
            let made = self.native_text(native).and_then(|text| {
                self.made(&text, Some(pipe), (format!("{NAME} {slot}"), self.fed.get(&slot).copied()))
            });
            self.working.borrow_mut().pop();
            made.map(Box::new).map_err(|e| self.fail(e)).ok()
        });
        made.as_ref().map(|made| &made.query)
    }

    fn native_text(&self, native: &Native) -> Result<String> {
        match native {
            Native::Sql(text) => Ok(text.clone()),
            Native::Template(template) => {
                let rendered = template.rendered(self.asked)?;
                self.cache_ttls.borrow_mut().extend(rendered.settings.cache_ttl);
                Ok(rendered.sql)
            }
        }
    }

    /// The query of a request's own text, which is the only text of a translation.
    ///
    /// # Errors
    /// `Invalid` for what is not allowed and for names that mean nothing to the caller.
    pub fn native(&self, text: &str) -> Result<&Query> {
        if self.outer.get().is_none() {
            let made = Box::new(self.made(text, None, (NAME.to_owned(), None))?);
            drop(self.outer.set(made));
        }
        self.outer.get().map(|made| &made.query).ok_or_else(|| Error::internal("a text that is not there"))
    }

    /// The data source, node or pipe that a node reads first, and its place among those that are named.
    pub fn native_first(&self, native: &Native) -> Result<Option<(usize, Vec<String>)>> {
        let read = self
            .resources
            .elsewhere
            .dialect()?
            .read(&self.native_text(native)?, &|name| self.value(name, true))?;
        Ok(read.first.and_then(|at| Some((at, read.tables.get(at)?.clone()))))
    }

    /// Lets the n-th table that a node names be the inserted block.
    pub fn feed(&mut self, slot: usize, at: usize) {
        self.fed.insert(slot, at);
    }

    /// The table that a query of here reads. Only texts of the project name those of nodes.
    pub(super) fn native_table(&self, path: &[&str], inside: Option<&Query>) -> Option<&Table> {
        let [name] = path else { return None };
        let number = name.strip_prefix(NAME)?;
        if number.is_empty() {
            return self.outer.get().filter(|_| inside.is_none()).map(|made| &made.table);
        }
        let slot: usize = number.trim_start().parse().ok()?;
        let is_own = inside.is_some() || self.is_trusted;
        self.natives.get(slot).filter(|_| is_own)?.get()?.as_ref().map(|made| &made.table)
    }

    /// The value of a secret.
    fn value(&self, name: &str, is_own: bool) -> Option<String> {
        let known = self.asked.secrets.get(name).filter(|_| is_own || self.asked.sees_secrets);
        known.cloned().or_else(|| self.asked.is_test.then(String::new))
    }

    /// `name`: of the table; `fed`: which of the tables that it names is the inserted block.
    fn made(&self, text: &str, pipe: Option<&'a str>, (name, fed): (String, Option<usize>)) -> Result<Made> {
        let dialect = self.resources.elsewhere.dialect()?;
        let read = dialect.read(text, &|name| self.value(name, pipe.is_some()))?;
        let (mut empty, mut tables) = (Vec::new(), Vec::new());
        let block = [BLOCK.to_owned()];
        for (at, path) in read.tables.iter().enumerate() {
            let path = if fed == Some(at) { &block } else { path.as_slice() };
            let (sql, columns) = self.named(path, pipe)?;
            // Nothing that a text computes may look at rows that are kept from the caller, not even to fail.
            let barrier = if pipe.is_none() && self.is_filtered() { " OFFSET 0" } else { "" };
            tables.push(format!("SELECT * FROM ({sql}) AS t_{barrier}"));
            empty.push(without_rows(&columns)?);
        }
        // What the columns are does not depend on the tables, which may not be there yet.
        let columns = dialect.columns(&read.over(&empty))?;
        let inner: Vec<String> = (0..columns.len()).map(|at| format!("c{at}")).collect();
        let outputs = columns
            .iter()
            .zip(&inner)
            .map(|(c, inner)| format!("{} AS {}", c.sql(inner), engine_name(&c.name)));
        let outputs = outputs.collect::<Vec<_>>().join(", ");
        let query = tile_clicksql::parse::query(&format!("SELECT * FROM {}", backticked(&name)));
        let table = Table {
            name,
            engine_name: format!(
                "(SELECT {outputs} FROM ({}) AS n_({}))",
                read.over(&tables),
                inner.join(", ")
            ),
            columns: columns.iter().map(|c| (c.name.clone(), c.ty.clone())).collect(),
            engine: Engine::Plain,
            sorting_key: vec![],
        };
        Ok(Made { query: query.map_err(|e| Error::invalid(e.message))?, table })
    }

    /// What a name stands for, as the engine's SQL, with the columns.
    fn named(&self, path: &[String], pipe: Option<&'a str>) -> Result<(String, Vec<(String, Type)>)> {
        let parts: Vec<String> = path.iter().map(|part| backticked(part)).collect();
        let query = tile_clicksql::parse::query(&format!("SELECT * FROM {}", parts.join(".")));
        let query = Rc::new(query.map_err(|e| Error::invalid(e.message))?);
        let options =
            Options { inner_parameters: self.asked.secrets.clone(), is_stored: true, ..Options::default() };
        let translated = match pipe {
            None => translate_query(&query, self, &options),
            Some(_) => {
                // Kept as long as its address is known.
                self.naming.borrow_mut().push(Rc::clone(&query));
                self.given.borrow_mut().push((Rc::as_ptr(&query), pipe));
                translate_query(&query, &Within { names: self, inside: &query }, &options)
            }
        };
        let translated =
            translated.map_err(|e| self.failed().unwrap_or_else(|| Error::invalid(e.message)))?;
        Ok((translated.sql, translated.columns))
    }
}

/// A query of these columns that the engine knows without any table.
fn without_rows(columns: &[(String, Type)]) -> Result<String> {
    let column = |(name, ty): &(String, Type)| {
        Ok(format!("CAST(NULL AS {}) AS {}", engine_type(ty)?, engine_name(name)))
    };
    let columns: Result<Vec<String>, SqlError> = columns.iter().map(column).collect();
    Ok(format!("SELECT {} LIMIT 0", columns.map_err(|e| Error::invalid(e.message))?.join(", ")))
}

/// Names as a text inside of a pipe sees them.
struct Within<'n, 'a> {
    names: &'n Names<'a>,
    inside: &'n Query,
}

impl Schema for Within<'_, '_> {
    fn table(&self, path: &[&str], inside: Option<&Query>) -> Option<&Table> {
        self.names.table(path, inside.or(Some(self.inside)))
    }

    fn view(&self, path: &[&str], inside: Option<&Query>) -> Option<&Query> {
        self.names.view(path, inside.or(Some(self.inside)))
    }

    fn narrowed(&self, path: &[&str], pinned: &dyn Fn(&str) -> Option<Vec<Constant>>) -> Option<String> {
        self.names.narrowed(path, pinned)
    }

    fn statement(&self, statement: &Statement) -> Result<&Query, SqlError> {
        self.names.statement(statement)
    }

    fn names(&self) -> Vec<String> {
        self.names.names()
    }
}
