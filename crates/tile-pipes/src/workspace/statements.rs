//! Statements that are no queries, `DESCRIBE`, `SHOW`, `EXISTS` and `EXPLAIN`, each as the query that answers it.

use super::scope::Names;
use super::system::{ALL, DATABASE, System, creation};
use std::cell::{Cell, OnceCell};
use tile_clicksql::ast::{Existing, Ident, Query, Statement, TableKind, TableRef};
use tile_clicksql::error::{Code, Result, SqlError};
use tile_clicksql::schema::Schema;
use tile_clicksql::types::quoted;
use tile_clicksql::{Options, translate_query};

/// Gives the engine's plan of a query, in lines.
pub type Explain<'a> = &'a dyn Fn(&str) -> tile_base::Result<Vec<String>>;

/// Statements in one text.
const STATEMENTS_MAX: usize = 16;

/// What statements tell of.
pub struct Told<'a> {
    pub system: System<'a>,
    explain: Explain<'a>,
    made: Vec<OnceCell<Query>>,
    count: Cell<usize>,
}

impl<'a> Told<'a> {
    pub fn new(system: System<'a>, explain: Explain<'a>) -> Self {
        let made = (0..STATEMENTS_MAX).map(|_| OnceCell::new()).collect();
        Self { system, explain, made, count: Cell::new(0) }
    }
}

fn unsupported(what: impl Into<String>) -> SqlError {
    SqlError::new(Code::Unsupported, what)
}

/// The query that answers a statement.
///
/// # Errors
/// Those of the query that is described or explained; `Unsupported`.
pub fn query<'n>(names: &'n Names<'_>, statement: &Statement) -> Result<&'n Query> {
    let told = names.told.as_ref().ok_or_else(|| unsupported("only queries stand in pipes"))?;
    let text = match statement {
        Statement::Query(query) => tile_clicksql::print::query(query),
        Statement::Describe(table) => describe(names, table)?,
        Statement::Show(words) => show(names, told, words)?,
        Statement::Exists { what, name } => {
            format!("SELECT toUInt8({}) AS result", u8::from(exists(names, told, *what, name)))
        }
        Statement::Explain { what, query } => explain(names, told, what.as_ref(), query)?,
    };
    let query = tile_clicksql::parse::query(&text)?;
    let at = told.count.get();
    told.count.set(at + 1);
    let place = told.made.get(at).ok_or_else(|| unsupported("too many statements in one text"))?;
    Ok(place.get_or_init(|| query))
}

/// Rows of texts as a query.
fn constants(columns: &[&str], rows: &[Vec<String>]) -> String {
    let structure: Vec<String> = columns.iter().map(|name| format!("{name} String")).collect();
    let row = |row: &Vec<String>| {
        let cells: Vec<String> = row.iter().map(|text| quoted(text)).collect();
        format!("({})", cells.join(", "))
    };
    let rows: Vec<String> = rows.iter().map(row).collect();
    format!("SELECT * FROM values({}, {})", quoted(&structure.join(", ")), rows.join(", "))
}

const DESCRIBED: &[&str] =
    &["name", "type", "default_type", "default_expression", "comment", "codec_expression", "ttl_expression"];

fn describe(names: &Names<'_>, table: &TableRef) -> Result<String> {
    if let TableKind::Table(path) = &table.kind
        && let Some(name) = own_name(names, path)
        && let Some(source) = names.seen(name)
    {
        let columns = source.table.columns.iter().zip(&source.file.columns);
        let rows: Vec<Vec<String>> = columns
            .map(|((name, ty), column)| {
                let default = column.default.clone().unwrap_or_default();
                let kind = if default.is_empty() { "" } else { "DEFAULT" };
                let codec = column.codec.as_ref().map(|c| format!("CODEC{c}")).unwrap_or_default();
                let empty = String::new;
                vec![name.clone(), ty.to_string(), kind.to_owned(), default, empty(), codec, empty()]
            })
            .collect();
        return Ok(constants(DESCRIBED, &rows));
    }
    let mut described = table.clone();
    described.alias = None;
    // `DESCRIBE` is a statement of its own text only to the parser: its table stands after FROM.
    let text = tile_clicksql::print::statement(&Statement::Describe(Box::new(described)));
    let from = text.strip_prefix("DESCRIBE TABLE ").unwrap_or(&text);
    let query = tile_clicksql::parse::query(&format!("SELECT * FROM {from}"))?;
    let options = Options { is_stored: true, ..names.masked() };
    let columns = translate_query(&query, names, &options)?.columns;
    let rows: Vec<Vec<String>> = columns
        .into_iter()
        .map(|(name, ty)| {
            let mut row = vec![name, ty.to_string()];
            row.resize(DESCRIBED.len(), String::new());
            row
        })
        .collect();
    Ok(constants(DESCRIBED, &rows))
}

/// The last part of a name in the workspace's database.
fn own_name<'p>(names: &Names<'_>, path: &'p [Ident]) -> Option<&'p str> {
    match path {
        [name] => Some(&name.text),
        [database, name] if names.is_database(&database.text) => Some(&name.text),
        _ => None,
    }
}

fn exists(names: &Names<'_>, told: &Told<'_>, what: Existing, path: &[Ident]) -> bool {
    let own = own_name(names, path);
    let is_view = own.is_some_and(|name| names.sees_pipe(name));
    match what {
        Existing::Dictionary => false,
        Existing::Database => match path {
            [name] => name.text == DATABASE || names.is_database(&name.text),
            _ => false,
        },
        Existing::View => is_view,
        Existing::Table => {
            let parts: Vec<&str> = path.iter().map(|p| p.text.as_str()).collect();
            let of_system = matches!(parts.as_slice(), [DATABASE, name] if told.system.table(name).is_some());
            is_view
                || of_system
                || names.table(&parts, None).is_some()
                || own.is_some_and(|n| names.seen(n).is_some())
        }
    }
}

/// Words behind `SHOW`, taken one after the other.
struct Words<'a>(&'a [Ident]);

impl<'a> Words<'a> {
    fn next(&mut self) -> Option<&'a str> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(&first.text)
    }

    fn eat(&mut self, words: &[&str]) -> bool {
        let is =
            self.0.first().is_some_and(|w| words.iter().any(|known| known.eq_ignore_ascii_case(&w.text)));
        if is {
            self.next();
        }
        is
    }

    /// `FROM database`, by its name in `system`.
    fn database(&mut self, own: &str) -> String {
        if !self.eat(&["FROM", "IN"]) {
            return own.to_owned();
        }
        let name = self.next().unwrap_or_default();
        if name == "default" { own.to_owned() } else { name.to_owned() }
    }

    /// `[NOT] LIKE pattern` as a condition on a column.
    fn like(&mut self, column: &str) -> String {
        let not = if self.eat(&["NOT"]) { "NOT " } else { "" };
        let word = if self.eat(&["LIKE"]) {
            "LIKE"
        } else if self.eat(&["ILIKE"]) {
            "ILIKE"
        } else {
            return "1".to_owned();
        };
        format!("{column} {not}{word} {}", quoted(self.next().unwrap_or_default()))
    }

    fn limit(&mut self) -> Result<String> {
        if !self.eat(&["LIMIT"]) {
            return Ok(String::new());
        }
        let count = self.next().and_then(|n| n.parse::<u64>().ok());
        let count = count.ok_or_else(|| SqlError::new(Code::Syntax, "expected a number after `LIMIT`"))?;
        Ok(format!(" LIMIT {count}"))
    }

    fn end(&self) -> Result<()> {
        match self.0.first() {
            None => Ok(()),
            Some(word) => {
                Err(unsupported(format!("`SHOW` does not know `{}` here", word.text)).at(word.span))
            }
        }
    }
}

fn show(names: &Names<'_>, told: &Told<'_>, words: &[Ident]) -> Result<String> {
    let own = told.system.session.database.as_str();
    let mut rest = Words(words);
    rest.eat(&["FULL", "EXTENDED"]);
    let text = if rest.eat(&["DATABASES", "SCHEMAS"]) {
        let like = rest.like("name");
        format!("SELECT name FROM system.databases WHERE {like} ORDER BY name{}", rest.limit()?)
    } else if rest.eat(&["TABLES"]) {
        let database = quoted(&rest.database(own));
        let like = rest.like("name");
        let limit = rest.limit()?;
        format!("SELECT name FROM system.tables WHERE database = {database} AND {like} ORDER BY name{limit}")
    } else if rest.eat(&["CREATE"]) {
        return show_creation(names, own, rest.0);
    } else if rest.eat(&["COLUMNS", "FIELDS"]) {
        columns(own, &mut rest)?
    } else if rest.eat(&["FUNCTIONS"]) {
        let like = rest.like("name");
        format!("SELECT * FROM system.functions WHERE {like} ORDER BY name")
    } else if rest.eat(&["SETTINGS"]) {
        let like = rest.like("name");
        format!("SELECT name, type, value FROM system.settings WHERE {like} ORDER BY name")
    } else if rest.eat(&["PROCESSLIST"]) {
        "SELECT * FROM system.processes".to_owned()
    } else {
        let known = "TABLES, DATABASES, CREATE TABLE, COLUMNS, FUNCTIONS, SETTINGS and PROCESSLIST";
        return Err(unsupported(format!("`SHOW` serves {known}")));
    };
    rest.end()?;
    Ok(text)
}

/// `COLUMNS FROM table [FROM database]`, also as `database.table`.
fn columns(own: &str, rest: &mut Words<'_>) -> Result<String> {
    if !rest.eat(&["FROM", "IN"]) {
        return Err(SqlError::new(Code::Syntax, "expected `FROM` and a table"));
    }
    let first = rest.next().unwrap_or_default();
    let is_more = |w: &&Ident| {
        !["FROM", "IN", "NOT", "LIKE", "ILIKE", "LIMIT"].contains(&w.text.to_uppercase().as_str())
    };
    let (database, table) = match rest.0.first().filter(is_more) {
        Some(_) => (first.to_owned(), rest.next().unwrap_or_default()),
        None => (rest.database(own), first),
    };
    let database = if database == "default" { own.to_owned() } else { database };
    let like = rest.like("name");
    let limit = rest.limit()?;
    Ok(format!(
        "SELECT name AS field, type, if(startsWith(type, 'Nullable'), 'YES', 'NO') AS `null`, \
         if(is_in_primary_key, 'PRI', '') AS key, \
         if(default_expression = '', NULL, default_expression) AS `default`, '' AS extra \
         FROM system.columns WHERE database = {} AND table = {} AND {like} ORDER BY position{limit}",
        quoted(&database),
        quoted(table)
    ))
}

fn show_creation(names: &Names<'_>, own: &str, words: &[Ident]) -> Result<String> {
    let path = match words {
        [first, rest @ ..]
            if !rest.is_empty() && ["TABLE", "VIEW"].contains(&first.text.to_uppercase().as_str()) =>
        {
            rest
        }
        _ => words,
    };
    let shown = path.iter().map(|p| p.text.as_str()).collect::<Vec<_>>().join(".");
    if let Some(source) = own_name(names, path).and_then(|name| names.seen(name)) {
        return Ok(constants(&["statement"], &[vec![creation(own, source)]]));
    }
    if own_name(names, path).is_some_and(|name| names.sees_pipe(name)) {
        return Err(unsupported(format!("`{shown}` is a pipe: its file says what it does")));
    }
    if matches!(path, [database, name] if database.text == DATABASE && ALL.iter().any(|t| t.name == name.text))
    {
        return Err(unsupported(format!("`{shown}` is made by the server")));
    }
    Err(SqlError::new(Code::UnknownTable, format!("unknown table `{shown}`")))
}

fn explain(names: &Names<'_>, told: &Told<'_>, what: Option<&Ident>, query: &Query) -> Result<String> {
    let kind = what.map_or_else(|| "PLAN".to_owned(), |w| w.text.to_uppercase());
    let lines = match kind.as_str() {
        "SYNTAX" => vec![tile_clicksql::print::query(query)],
        "PLAN" | "PIPELINE" => {
            if names.is_filtered() {
                return Err(
                    unsupported("a plan would show this token's filters").hint("`EXPLAIN SYNTAX` works")
                );
            }
            // Values that a plan must not show are not in it.
            let sql = translate_query(query, names, &names.masked())?.sql;
            if names.hides_plan() {
                return Err(unsupported("a plan would show the SQL of pipes, which is for admin tokens")
                    .hint("`EXPLAIN SYNTAX` works"));
            }
            (told.explain)(&sql).map_err(|e| SqlError::new(Code::BadArguments, e.detail()))?
        }
        other => return Err(unsupported(format!("`EXPLAIN {other}` is not served"))),
    };
    let rows: Vec<Vec<String>> = lines.into_iter().map(|line| vec![line]).collect();
    if rows.is_empty() {
        Err(unsupported("the engine has no plan"))
    } else {
        Ok(constants(&["explain"], &rows))
    }
}
