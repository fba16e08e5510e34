//! Names of columns and tables.

use super::super::dialect::Dialect;
use super::super::escape;
use super::super::eval::{Args, Builtin, Machine, Run, raise, refuse};
use super::super::value::{Class, Value};
use std::sync::Arc;

/// The text of a name. Python reports what has none by the method that it lacks.
fn text_of(machine: &Machine<'_>, value: &Value) -> Run<Arc<str>> {
    value.as_text().cloned().ok_or_else(|| {
        let shown = machine.type_name(value);
        raise(Class::ATTRIBUTE, format!("'{shown}' object has no attribute 'translate'"))
    })
}

fn column_sql(dialect: Dialect, name: &str) -> String {
    name.split('.').map(|part| dialect.name(part)).collect::<Vec<_>>().join(".")
}

fn symbol_value(machine: &mut Machine<'_>, text: String) -> Run<Value> {
    machine.allocate(text.len())?;
    Ok(Value::Symbol(text.into()))
}

pub fn column(machine: &mut Machine<'_>, builtin: &'static Builtin, args: Args) -> Run<Value> {
    let [x, default] = args.bind(builtin.shown, &["x", "default"], 1)?;
    let mut x = x.unwrap_or(Value::None);
    if x.is_none() || x.is_placeholder() {
        x = default.unwrap_or(Value::None);
        if x.is_none() {
            return Err(refuse(
                "Missing column() default value, use `column(column_name, 'default_column_name')`",
                "/cli/advanced-templates.html#column",
            ));
        }
    }
    let name = text_of(machine, &x)?;
    let sql = column_sql(machine.setup.dialect, &name);
    symbol_value(machine, sql)
}

pub fn columns(machine: &mut Machine<'_>, builtin: &'static Builtin, args: Args) -> Run<Value> {
    const PAGE: &str = "/cli/advanced-templates.html#columns";
    let [x, default, function] = args.bind(builtin.shown, &["x", "default", "fn"], 1)?;
    let mut x = x.unwrap_or(Value::None);
    if x.is_none() || x.is_placeholder() {
        x = default.unwrap_or(Value::None);
        if x.is_none() {
            return Err(refuse(
                "Missing columns() default value, use `columns(column_names, 'default_column_name')`",
                PAGE,
            ));
        }
    }
    let Some(names) = x.as_text() else {
        return Err(refuse("The 'columns' function expects a String not an Array", PAGE));
    };
    let function = match function {
        Some(function) if machine.truth(&function)? => Some(machine.str(&function)?),
        _ => None,
    };
    if let Some(function) = function.as_deref().filter(|function| !is_function(function)) {
        return Err(refuse(format!("'{function}' is not a valid function of columns()"), PAGE));
    }
    machine.allocate(names.len() * 4)?;
    let dialect = machine.setup.dialect;
    let names = names.split(',').map(|name| name.trim_matches(super::super::value::is_space));
    let parts: Vec<String> = names
        .map(|name| match &function {
            Some(function) if dialect == Dialect::ClickHouse && escape::is_bare(name) => {
                format!("{function}({}) as {name}", column_sql(dialect, name))
            }
            Some(function) => format!("{function}({}) as {}", column_sql(dialect, name), dialect.name(name)),
            None => column_sql(dialect, name),
        })
        .collect();
    let out = parts.join(",");
    machine.allocate(out.len())?;
    Ok(Value::Sql(out.into()))
}

/// The name of a function, perhaps with numbers as its parameters: `sum`, `quantile(0.5)`.
fn is_function(text: &str) -> bool {
    let (name, parameters) = match text.split_once('(') {
        Some((name, rest)) => (name, rest.strip_suffix(')')),
        None => (text, Some("0")),
    };
    let number = |part: &str| {
        let part = part.trim();
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit() || b == b'.')
    };
    escape::is_bare(name) && parameters.is_some_and(|list| list.split(',').all(number))
}

pub fn symbol(machine: &mut Machine<'_>, builtin: &'static Builtin, args: Args) -> Run<Value> {
    let [x, quote] = args.bind(builtin.shown, &["x", "quote"], 1)?;
    let x = x.unwrap_or(Value::None);
    let dialect = machine.setup.dialect;
    if x.is_placeholder() {
        return Ok(Value::Symbol(dialect.name("placeholder").into()));
    }
    let name = text_of(machine, &x)?;
    let quote = quote.map_or_else(|| Ok("`".to_owned()), |quote| machine.str(&quote))?;
    let out = match quote.as_str() {
        "'" if dialect == Dialect::DuckDb => dialect.quoted(&name)?,
        _ if dialect == Dialect::DuckDb => dialect.path(&name),
        "`" | "\"" | "'" => format!("{quote}{}{quote}", escape::identifier(&name)),
        // Without quotes only a plain name stays what it is.
        _ => escape::path(&name),
    };
    symbol_value(machine, out)
}

/// `table(x)`: a literal is the author's own and goes as it is; any other value has to be a name.
pub fn table(machine: &mut Machine<'_>, builtin: &'static Builtin, args: Args) -> Run<Value> {
    let literal = args.literal;
    let [x, _] = args.bind(builtin.shown, &["x", "quote"], 1)?;
    let x = x.unwrap_or(Value::None);
    if x.is_placeholder() {
        return Ok(Value::Symbol("placeholder".into()));
    }
    let name = text_of(machine, &x)?;
    let dialect = machine.setup.dialect;
    let out = if dialect == Dialect::DuckDb {
        dialect.path(&name)
    } else if literal {
        escape::identifier(&name)
    } else {
        escape::path(&name.replace('"', ""))
    };
    symbol_value(machine, out)
}
