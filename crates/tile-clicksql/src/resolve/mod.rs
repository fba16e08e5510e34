//! From the tree as it was written to DuckDB SQL with ClickHouse's types and names.
//!
//! A select becomes layers, each a subquery of the next: rows (FROM, WHERE), groups (keys and aggregates), and the result
//! (projection, windows, ORDER BY, LIMIT). Every expression is resolved in one of these layers.

mod around;
mod call;
mod expr;
mod fill;
mod from;
mod join;
mod member;
mod merge;
mod naming;
mod nested_order;
mod operators;
mod pinned;
mod recursive;
mod scope;
mod select;
mod star;
mod table_function;
mod tail;
mod window;

pub use call::scalar;
pub use expr::{comparable, members, null, unified, united};
pub use merge::merged;
pub use nested_order::{is_decorated, key as nested_key};
pub use operators::interval;
pub use scope::{Level, Scope};
pub use select::HARMLESS;
pub use tail::ordinal;

use crate::ast::{Query, Statement};
use crate::error::{Code, Result, SqlError};
use crate::schema::Schema;
use crate::types::Type;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;

/// What a translation may depend on beside the text.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Values of `{name:Type}`, as text.
    pub parameters: HashMap<String, String>,
    /// The same for the queries that names stand for, and not for the text that names them.
    pub inner_parameters: HashMap<String, String>,
    /// The same as ClickHouse's HTTP interface takes them: texts have the escapes of `TabSeparated`.
    pub escaped_parameters: HashMap<String, String>,
    pub session: Session,
    /// The rows go into a table and not to a reader: states of aggregate functions may be among them, and every value
    /// keeps the form in which tables hold it.
    pub is_stored: bool,
}

/// What functions tell of the server and of who asks.
#[derive(Clone, Debug)]
pub struct Session {
    pub database: String,
    pub user: String,
    pub query_id: String,
    pub server_name: String,
    /// A UUID.
    pub server_id: String,
}

impl Default for Session {
    fn default() -> Self {
        Self {
            database: "default".into(),
            user: "default".into(),
            query_id: String::new(),
            server_name: "tile".into(),
            server_id: "00000000-0000-0000-0000-000000000000".into(),
        }
    }
}

/// A translated query.
#[derive(Clone, Debug, PartialEq)]
pub struct Translated {
    pub sql: String,
    /// ClickHouse's names and types of the columns, in order.
    pub columns: Vec<(String, Type)>,
    /// The query of the row that WITH TOTALS adds, with the same columns.
    pub totals: Option<String>,
    /// The name after FORMAT.
    pub format: Option<String>,
    /// The settings of the outermost query, as written.
    pub settings: Vec<(String, String)>,
}

/// Translates a SELECT.
///
/// # Errors
/// For what ClickHouse refuses, and for what cannot be answered as it would.
pub fn translate(text: &str, schema: &dyn Schema, options: &Options) -> Result<Translated> {
    match crate::parse::statement(text)? {
        Statement::Query(query) => query_of(&query, schema, options),
        _ => Err(SqlError::new(Code::Unsupported, "only a query can be translated")),
    }
}

/// Translates a parsed query.
///
/// # Errors
/// As [`translate`].
pub fn translate_query(query: &Query, schema: &dyn Schema, options: &Options) -> Result<Translated> {
    query_of(query, schema, options)
}

/// Longest generated text: names that stand for long expressions can be used many times.
const SQL_BYTES_MAX: usize = 4 << 20;

fn query_of(query: &Query, schema: &dyn Schema, options: &Options) -> Result<Translated> {
    let ctx = Ctx::new(schema, options);
    if let crate::ast::QueryBody::Select(select) = &query.body {
        ctx.top.set(Some(std::ptr::from_ref(select.as_ref())));
    }
    let relation = select::query(&ctx, query, None)?;
    let shared = ctx.shared.borrow();
    let mut sql = String::new();
    if !shared.is_empty() {
        let parts: Vec<String> = shared.iter().map(|(name, sql)| format!("{name} AS ({sql})")).collect();
        let word = if ctx.is_recursive.get() { "WITH RECURSIVE" } else { "WITH" };
        sql = format!("{word} {} ", parts.join(", "));
    }
    let outputs = relation.columns.iter().map(|c| match options.is_stored {
        true => Ok(crate::duck::name(&c.physical)),
        false => output(&c.physical, &c.ty),
    });
    let columns = outputs.collect::<Result<Vec<_>>>()?;
    let passes = relation.columns.iter().zip(&columns).all(|(c, o)| crate::duck::name(&c.physical) == *o);
    let totals = ctx.totals.take().map(|t| format!("{sql}SELECT {} FROM ({t}) AS r_", columns.join(", ")));
    if passes && (sql.is_empty() || !relation.sql.starts_with("WITH ")) {
        sql.push_str(&relation.sql);
    } else {
        sql.push_str(&format!("SELECT {} FROM ({}) AS r_", columns.join(", "), relation.sql));
    }
    Ok(Translated {
        sql,
        columns: relation.columns.into_iter().map(|c| (c.name, c.ty)).collect(),
        totals,
        format: query.format.as_ref().map(|f| f.text.clone()),
        settings: settings_of(query),
    })
}

fn settings_of(query: &Query) -> Vec<(String, String)> {
    let own = match &query.body {
        crate::ast::QueryBody::Select(select) => select.settings.as_slice(),
        _ => &[],
    };
    let all = own.iter().chain(&query.settings);
    all.map(|s| (s.name.text.clone(), setting_text(&s.value))).collect()
}

fn setting_text(value: &crate::ast::Expr) -> String {
    match &value.kind {
        crate::ast::ExprKind::Literal(crate::ast::Literal::Text(text)) => text.clone(),
        _ => crate::print::expr(value),
    }
}

/// Columns leave the engine in the forms that the output formats read: what Arrow has no type for leaves as text.
fn output(physical: &str, ty: &Type) -> Result<String> {
    let column = crate::duck::name(physical);
    let form = form_of(&column, ty)?;
    Ok(if form == column { column } else { format!("{form} AS {column}") })
}

fn form_of(sql: &str, ty: &Type) -> Result<String> {
    Ok(match ty.plain() {
        Type::AggregateFunction(_) => {
            return Err(SqlError::new(
                Code::Unsupported,
                format!("the state `{ty}` cannot be written out: finish it with -Merge"),
            ));
        }
        Type::Uuid | Type::Int(128 | 256) | Type::UInt(128 | 256) => format!("CAST({sql} AS VARCHAR)"),
        Type::Array(item) => {
            let inner = form_of("x_", item)?;
            if inner == "x_" { sql.to_owned() } else { format!("list_transform({sql}, lambda x_: {inner})") }
        }
        Type::Variant(all) => {
            let fields = all.iter().enumerate().map(|(i, t)| {
                let form = form_of(&format!("struct_extract({sql}, '{}')", i + 1), t)?;
                Ok(format!("\"{}\" := {form}", i + 1))
            });
            format!("struct_pack({})", fields.collect::<Result<Vec<_>>>()?.join(", "))
        }
        _ => sql.to_owned(),
    })
}

/// The DuckDB form of a constant expression as a value of a type.
///
/// # Errors
/// As [`translate`], and when the expression cannot become the type.
pub fn constant_sql(text: &str, ty: &Type) -> Result<String> {
    constant_of(text, ty).map(|t| t.value())
}

/// A constant expression as a value of a type.
fn constant_of(text: &str, ty: &Type) -> Result<crate::typed::Typed> {
    let query = format!("SELECT CAST({text}, {})", crate::types::quoted(&ty.to_string()));
    let statement = crate::parse::statement(&query)?;
    let Statement::Query(query) = &statement else { return Err(SqlError::new(Code::Syntax, "no constant")) };
    let crate::ast::QueryBody::Select(select) = &query.body else {
        return Err(SqlError::new(Code::Syntax, "no constant"));
    };
    let (options, tables) = (Options::default(), Vec::new());
    let ctx = Ctx::new(&tables, &options);
    let scope = Scope::new(&ctx, None);
    let first = select.projection.first().ok_or_else(|| SqlError::new(Code::Syntax, "no constant"))?;
    scope.expr(first, Level::Row)
}

/// The value of a parameter whose type is an array, a tuple or a map, from its text. Nothing but literals may stand in it.
fn composed(text: &str, ty: &Type) -> Result<crate::typed::Typed> {
    let wrong = || SqlError::new(Code::BadArguments, format!("`{text}` is no value of the type `{ty}`"));
    let expr = crate::parse::expression(text).map_err(|_| wrong())?;
    if !is_literal(&expr) {
        return Err(wrong());
    }
    constant_of(&crate::print::expr(&expr), ty)
}

fn is_literal(expr: &crate::ast::Expr) -> bool {
    use crate::ast::ExprKind;
    match &expr.kind {
        ExprKind::Literal(_) => true,
        ExprKind::Array(items) | ExprKind::Tuple(items) => items.iter().all(is_literal),
        ExprKind::Map(pairs) => pairs.iter().all(|(k, v)| is_literal(k) && is_literal(v)),
        ExprKind::Parens(inner) => is_literal(inner),
        ExprKind::Unary { op: crate::ast::UnaryOp::Minus | crate::ast::UnaryOp::Plus, expr } => {
            is_literal(expr)
        }
        _ => false,
    }
}

/// A constant written as text, as in the parameters of a state's type.
pub fn constant(text: &str) -> Option<crate::typed::Typed> {
    let literal = match text.strip_prefix('\'').and_then(|t| t.strip_suffix('\'')) {
        Some(inner) => crate::ast::Literal::Text(inner.replace("\\'", "'").replace("\\\\", "\\")),
        None => crate::ast::Literal::Number(text.to_owned()),
    };
    expr::literal_of(&literal).ok()
}

/// A query's result: its DuckDB form, and its columns.
#[derive(Clone, Debug)]
pub struct Relation {
    pub sql: String,
    pub columns: Vec<Column>,
    /// Whether the rows come in an order that was asked for.
    pub ordered: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    pub name: String,
    /// Its name in the DuckDB form, without quotes.
    pub physical: String,
    pub ty: Type,
}

/// A recursive query of WITH while it is being resolved.
struct Open {
    query: *const Query,
    name: String,
    columns: Vec<Column>,
    is_used: bool,
}

/// One translation.
pub struct Ctx<'a> {
    schema: &'a dyn Schema,
    options: &'a Options,
    next: Cell<usize>,
    depth: Cell<usize>,
    bytes: Cell<usize>,
    /// Common table expressions that are used, with their DuckDB form, in the order of their use.
    shared: RefCell<Vec<(String, String)>>,
    is_recursive: Cell<bool>,
    /// The outermost select, and the totals that it has.
    top: Cell<Option<*const crate::ast::Select>>,
    totals: RefCell<Option<String>>,
    /// Those that are being resolved: inside of itself a name means the table.
    busy: RefCell<Vec<*const Query>>,
    /// The recursive ones of them, with what they are called and their columns, and whether they were named.
    open: RefCell<Vec<Open>>,
    /// Queries of the schema that are being resolved, outer ones first.
    views: RefCell<Vec<&'a Query>>,
    known: RefCell<HashMap<*const Query, (String, Vec<Column>)>>,
    /// Subqueries that stand for values or sets, in the order in which they are met. Each is resolved once, so that an
    /// expression with one in it has the same form wherever it is resolved.
    subqueries: RefCell<Vec<(*const Query, Relation)>>,
}

impl<'a> Ctx<'a> {
    /// Who asks, and whom.
    pub fn session(&self) -> &Session {
        &self.options.session
    }

    /// The query of the schema whose text is being resolved.
    fn inside(&self) -> Option<&'a Query> {
        self.views.borrow().last().copied()
    }

    fn new(schema: &'a dyn Schema, options: &'a Options) -> Self {
        Self {
            schema,
            options,
            next: Cell::new(0),
            depth: Cell::new(0),
            bytes: Cell::new(0),
            shared: RefCell::new(Vec::new()),
            is_recursive: Cell::new(false),
            top: Cell::new(None),
            totals: RefCell::new(None),
            busy: RefCell::new(Vec::new()),
            open: RefCell::new(Vec::new()),
            views: RefCell::new(Vec::new()),
            known: RefCell::new(HashMap::new()),
            subqueries: RefCell::new(Vec::new()),
        }
    }

    /// A name that nobody else has.
    fn fresh(&self, prefix: &str) -> String {
        let n = self.next.get();
        self.next.set(n + 1);
        format!("{prefix}{n}_")
    }

    /// A subquery of an expression, and what it is called in the names of columns.
    fn subquery(&'a self, query: &'a Query, scope: &Scope<'a, '_>) -> Result<(Relation, String)> {
        let key = std::ptr::from_ref(query);
        let known = self.subqueries.borrow().iter().position(|(other, _)| *other == key);
        let at = match known {
            Some(at) => at,
            None => {
                let relation = select::query(self, query, Some(scope))?;
                let mut known = self.subqueries.borrow_mut();
                known.push((key, relation));
                known.len() - 1
            }
        };
        let known = self.subqueries.borrow();
        let (_, relation) = known.get(at).ok_or_else(|| SqlError::new(Code::Unsupported, "no subquery"))?;
        Ok((relation.clone(), format!("_subquery_{}", at + 1)))
    }

    /// Counts generated text against its bound.
    fn spend(&self, sql: &str) -> Result<()> {
        self.bytes.set(self.bytes.get() + sql.len());
        if self.bytes.get() > SQL_BYTES_MAX * 4 || sql.len() > SQL_BYTES_MAX {
            return Err(SqlError::new(
                Code::TooDeep,
                "the query grows too large when its aliases are put in",
            ));
        }
        Ok(())
    }

    /// Runs a nested resolution, but not too deep.
    fn nested<T>(&self, run: impl FnOnce() -> Result<T>) -> Result<T> {
        if self.depth.get() > 300 {
            return Err(SqlError::new(Code::TooDeep, "the query is nested too deeply"));
        }
        self.depth.set(self.depth.get() + 1);
        let result = run();
        self.depth.set(self.depth.get() - 1);
        result
    }
}
