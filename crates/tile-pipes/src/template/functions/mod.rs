//! The functions that the template language adds to Python. One file for each kind; each function is a line in a table.

mod array;
mod dates;
mod identifiers;
pub mod json;
mod misc;
mod settings;
mod strptime;
mod types;

use super::eval::{Builtin, Machine, Run};
use super::value::{Value, is_space};
use std::sync::Arc;

pub use array::elements;
pub use strptime::days_from_date;

/// The page of the original's documentation that most errors name.
pub const PAGE: &str = "/cli/advanced-templates.html";

macro_rules! functions {
    ($($name:literal $shown:literal $run:path),* $(,)?) => {
        &[$(Builtin { name: $name, shown: $shown, is_type: false, run: $run }),*]
    };
}

/// Parameters of the request never hide these.
static FIXED: &[Builtin] = functions! {
    "String" "transform_type.<locals>._f" types::scalar,
    "DateTime64" "transform_type.<locals>._f" types::scalar,
    "DateTime" "transform_type.<locals>._f" types::scalar,
    "Date" "transform_type.<locals>._f" types::scalar,
    "Float32" "transform_type.<locals>._f" types::scalar,
    "Float64" "transform_type.<locals>._f" types::scalar,
    "Int" "transform_type.<locals>._f" types::scalar,
    "Integer" "transform_type.<locals>._f" types::scalar,
    "Int8" "transform_type.<locals>._f" types::scalar,
    "Int16" "transform_type.<locals>._f" types::scalar,
    "Int32" "transform_type.<locals>._f" types::scalar,
    "Int64" "transform_type.<locals>._f" types::scalar,
    "Int128" "transform_type.<locals>._f" types::scalar,
    "Int256" "transform_type.<locals>._f" types::scalar,
    "UInt8" "transform_type.<locals>._f" types::scalar,
    "UInt16" "transform_type.<locals>._f" types::scalar,
    "UInt32" "transform_type.<locals>._f" types::scalar,
    "UInt64" "transform_type.<locals>._f" types::scalar,
    "UInt128" "transform_type.<locals>._f" types::scalar,
    "UInt256" "transform_type.<locals>._f" types::scalar,
    "Boolean" "boolean" types::boolean,
    "bool" "boolean" types::boolean,
    "Array" "array_type.<locals>._f" array::array,
    "JSON" "json_type" json::function,
    "Symbol" "symbol" identifiers::symbol,
    "Column" "symbol" identifiers::symbol,
    "column" "column" identifiers::column,
    "columns" "columns" identifiers::columns,
    "table" "table" identifiers::table,
    "TABLE" "table" identifiers::table,
    "defined" "defined" misc::defined,
    "error" "error" misc::error,
    "custom_error" "custom_error" misc::custom_error,
    "sql_and" "_and" misc::sql_and,
    "sql_unescape" "sql_unescape" misc::sql_unescape,
    "split_to_array" "split_to_array" misc::split_to_array,
    "enumerate_with_last" "enumerate_with_last" misc::enumerate_with_last,
    "day_diff" "day_diff" dates::day_diff,
    "date_diff_in_days" "date_diff_in_days" dates::date_diff,
    "date_diff_in_hours" "date_diff_in_hours" dates::date_diff,
    "date_diff_in_minutes" "date_diff_in_minutes" dates::date_diff,
    "date_diff_in_seconds" "date_diff_in_seconds" dates::date_diff,
};

/// These cannot be hidden either, and change how the query runs.
static SETTINGS: &[Builtin] = functions! {
    "max_threads" "generate.<locals>.set_max_threads" settings::max_threads,
    "tb_secret" "generate.<locals>.set_tb_secret" settings::secret,
    "tb_var" "generate.<locals>.set_tb_secret" settings::secret,
    "backend_hint" "generate.<locals>.set_backend_hint" settings::backend_hint,
    "cache_ttl" "generate.<locals>.set_cache_ttl" settings::cache_ttl,
    "activate" "generate.<locals>.set_activate" settings::activate,
    "disable" "generate.<locals>.set_disable_feature" settings::disable,
};

/// A parameter of this name hides the function.
static SHADOWED: &[Builtin] = functions! { "symbol" "symbol" identifiers::symbol };

/// `error` and `custom_error` while a template is only tested.
static IGNORED: &[Builtin] = functions! {
    "error" "render_sql_template.<locals>.dummy" misc::ignored,
    "custom_error" "render_sql_template.<locals>.dummy" misc::ignored,
};

static IGNORED_ERROR: Builtin = Builtin {
    name: "error",
    shown: "render_sql_template.<locals>.dummy",
    is_type: false,
    run: misc::ignored,
};

fn find(table: &'static [Builtin], name: &str) -> Option<&'static Builtin> {
    table.iter().find(|function| function.name == name)
}

pub fn fixed(name: &str) -> Option<&'static Builtin> {
    find(FIXED, name)
}

pub fn setting(name: &str) -> Option<&'static Builtin> {
    find(SETTINGS, name)
}

pub fn shadowed(name: &str) -> Option<&'static Builtin> {
    find(SHADOWED, name)
}

pub fn ignored_error(name: &str) -> &'static Builtin {
    find(IGNORED, name).unwrap_or(&IGNORED_ERROR)
}

/// The names of the type functions, whose first argument is a parameter.
pub const TYPES: &[&str] = &[
    "String",
    "Boolean",
    "DateTime64",
    "DateTime",
    "Date",
    "Float32",
    "Float64",
    "Int8",
    "Int16",
    "Int32",
    "Int64",
    "Int128",
    "Int256",
    "UInt8",
    "UInt16",
    "UInt32",
    "UInt64",
    "UInt128",
    "UInt256",
    "Array",
    "JSON",
];

/// Functions whose first argument is a parameter without a type.
pub const UNTYPED: &[&str] = &[
    "defined",
    "column",
    "columns",
    "day_diff",
    "date_diff_in_seconds",
    "date_diff_in_minutes",
    "date_diff_in_hours",
    "date_diff_in_days",
    "split_to_array",
    "enumerate_with_last",
    "sql_and",
];

/// What may be called between `{{` and `}}`, besides [`TYPES`] and [`UNTYPED`].
pub const CALLABLE: &[&str] = &[
    "symbol",
    "cache_ttl",
    "error",
    "custom_error",
    "backend_hint",
    "activate",
    "disable",
    "sql_unescape",
    "max_threads",
    "tb_secret",
    "tb_var",
    "Int",
    "table",
    "TABLE",
    "len",
    "list",
    "min",
    "max",
    "Integer",
    "int",
    "float",
];

/// Functions whose names are no parameters.
pub fn is_function_name(name: &str) -> bool {
    const LISTED: &[&str] = &[
        "columns",
        "table",
        "TABLE",
        "error",
        "custom_error",
        "sql_and",
        "defined",
        "column",
        "enumerate_with_last",
        "split_to_array",
        "day_diff",
        "date_diff_in_days",
        "date_diff_in_hours",
        "date_diff_in_minutes",
        "date_diff_in_seconds",
        "sql_unescape",
        "JSON",
    ];
    LISTED.contains(&name)
}

/// What a value is in SQL. `source` is the expression it comes from.
pub fn to_sql(machine: &mut Machine<'_>, value: &Value, source: &str) -> Run<String> {
    misc::to_sql(machine, value, source)
}

/// The parts of a text between separators, without the white space around them.
fn elements_of_text(machine: &mut Machine<'_>, text: &Arc<str>, separator: Option<Value>) -> Run<Vec<Value>> {
    let split = machine.attribute(&Value::Str(Arc::clone(text)), "split")?;
    let separator = separator.unwrap_or_else(|| Value::str(","));
    let parts = machine.call_with(&split, vec![separator])?;
    let parts = machine.collect(&parts)?;
    let trimmed = parts.iter().filter_map(Value::as_text).map(|part| part.trim_matches(is_space));
    Ok(trimmed.map(Value::str).collect())
}
