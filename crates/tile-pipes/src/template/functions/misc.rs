//! What belongs to no other kind.

use super::super::dialect::Dialect;
use super::super::escape;
use super::super::eval::{Args, Builtin, Machine, Run, Stop, Style, float_repr, int_text, raise, refuse};
use super::super::value::{Class, Exception, Int, Value};
use super::{PAGE, elements_of_text};

/// Longer expressions are cut in errors.
const SHOWN_MAX: usize = 20;

/// What a value is in SQL: texts are quoted, everything else stands as it is. Texts inside lists and dicts, and the texts of
/// caught errors, are quoted too, so that nothing a client sends leaves its quotes.
pub fn to_sql(machine: &mut Machine<'_>, value: &Value, source: &str) -> Run<String> {
    match value {
        Value::Str(text) => {
            machine.allocate(text.len())?;
            machine.setup.dialect.quoted(text)
        }
        Value::Placeholder(_) => Ok("'__no_value__'".to_owned()),
        // The original forgets to put the text in.
        Value::Comment(_) => Ok("-- {x} \n".to_owned()),
        Value::None => {
            let shown: String = source.chars().take(SHOWN_MAX).collect();
            let more = if source.chars().count() > SHOWN_MAX { "..." } else { "" };
            Err(refuse(format!("expression \"{shown}{more}\" evaluated to null"), PAGE))
        }
        Value::Error(_) => {
            let text = machine.str(value)?;
            machine.setup.dialect.quoted(&text)
        }
        Value::TypedInt(..) | Value::TypedFloat(..) | Value::Int(_) | Value::Float(_)
            if machine.setup.dialect == Dialect::DuckDb =>
        {
            number(value)
        }
        Value::Sql(_) | Value::Symbol(_) | Value::TypedInt(..) | Value::TypedFloat(..) => machine.str(value),
        other => {
            let style = match machine.setup.dialect {
                Dialect::ClickHouse => Style::Sql,
                Dialect::DuckDb => Style::DuckDb,
            };
            machine.repr_in(other, style)
        }
    }
}

/// A number for DuckDB. A sign in front of it must not meet another.
fn number(value: &Value) -> Run<String> {
    let float = |x: f64, ty: &str| format!("CAST('{}' AS {ty})", float_repr(x));
    Ok(match value {
        Value::TypedFloat(x, "Float32") => float(*x, "FLOAT"),
        Value::Float(x) | Value::TypedFloat(x, _) => float(*x, "DOUBLE"),
        other => {
            let text = int_text(&other.as_int().unwrap_or_default())?;
            if text.starts_with('-') { format!("({text})") } else { text }
        }
    })
}

pub fn defined(_: &mut Machine<'_>, builtin: &'static Builtin, args: Args) -> Run<Value> {
    let [x] = args.bind(builtin.shown, &["x"], 0)?;
    Ok(Value::Bool(!matches!(x, None | Some(Value::None | Value::Placeholder(_)))))
}

pub fn error(machine: &mut Machine<'_>, builtin: &'static Builtin, args: Args) -> Run<Value> {
    let [text, _] = args.bind(builtin.shown, &["s", "code"], 1)?;
    let value = text.unwrap_or(Value::None);
    let mut error = Exception::new(Class::VALUE, machine.str(&value)?);
    error.args = vec![value];
    Err(Stop::Raised(Box::new(error)))
}

pub fn custom_error(machine: &mut Machine<'_>, builtin: &'static Builtin, args: Args) -> Run<Value> {
    let [body, code] = args.bind(builtin.shown, &["s", "code"], 1)?;
    let body = body.unwrap_or(Value::None);
    let mut error = Exception::new(Class::CUSTOM, machine.str(&body)?);
    error.args = vec![body];
    error.code = Some(code.unwrap_or_else(|| Value::int(400u64)));
    Err(Stop::Raised(Box::new(error)))
}

/// Errors do not end a test.
pub fn ignored(_: &mut Machine<'_>, _: &'static Builtin, _: Args) -> Run<Value> {
    Ok(Value::Comment("error launched".into()))
}

/// `sql_and(a=1, b__in=list)`: those that have a value.
pub fn sql_and(machine: &mut Machine<'_>, _: &'static Builtin, args: Args) -> Run<Value> {
    let mut parts = Vec::new();
    for (name, value) in args.named {
        if value.is_none() {
            continue;
        }
        let (column, operator) = match name.rsplit_once("__") {
            None => (&*name, "="),
            Some((column, operator)) => {
                let sign = match operator {
                    "in" => "in",
                    "not_in" => "not in",
                    "gt" => ">",
                    "lt" => "<",
                    "gte" => ">=",
                    "lte" => "<=",
                    _ => {
                        let text = format!("operand {operator} not supported");
                        return Err(refuse(text, "/cli/advanced-templates.html#sql_and"));
                    }
                };
                (column, sign)
            }
        };
        let value = to_sql(machine, &value, &name)?;
        parts.push(format!("{} {operator} {value}", machine.setup.dialect.path(column)));
    }
    let out = parts.join(" and ");
    machine.allocate(out.len())?;
    Ok(Value::Sql(out.into()))
}

/// A quoted text in which `what` keeps its meaning for LIKE.
pub fn sql_unescape(machine: &mut Machine<'_>, builtin: &'static Builtin, args: Args) -> Run<Value> {
    let [x, what] = args.bind(builtin.shown, &["x", "what"], 1)?;
    let x = x.unwrap_or(Value::None);
    let Some(text) = x.as_text() else {
        let shown = machine.type_name(&x);
        return Err(raise(Class::ATTRIBUTE, format!("'{shown}' object has no attribute 'translate'")));
    };
    machine.allocate(text.len() * 2)?;
    if machine.setup.dialect == Dialect::DuckDb {
        // Nothing but quotes is escaped there.
        return Ok(Value::Sql(machine.setup.dialect.quoted(text)?.into()));
    }
    let mut out = escape::text(text);
    let what = match what {
        Some(what) if machine.truth(&what)? => machine.str(&what)?,
        _ => String::new(),
    };
    // Quotes and backslashes stay escaped: they would end the text.
    if !what.is_empty() && !what.contains(['\'', '"', '\\']) {
        out = unescaped(&out, &what);
    }
    Ok(Value::Sql(format!("'{out}'").into()))
}

/// Takes the backslash from before `what`, where it is an escape and not itself escaped.
fn unescaped(text: &str, what: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let tail = rest.get(c.len_utf8()..).unwrap_or("");
        if c != '\\' {
            out.push(c);
            rest = tail;
        } else if tail.starts_with(what) {
            out.push_str(what);
            rest = tail.get(what.len()..).unwrap_or("");
        } else {
            let escaped = tail.chars().next().map_or(0, char::len_utf8);
            out.push('\\');
            out.push_str(tail.get(..escaped).unwrap_or(""));
            rest = tail.get(escaped..).unwrap_or("");
        }
    }
    out
}

pub fn split_to_array(machine: &mut Machine<'_>, builtin: &'static Builtin, args: Args) -> Run<Value> {
    let [x, default, separator] = args.bind(builtin.shown, &["x", "default", "separator"], 1)?;
    let mut x = x.unwrap_or(Value::None);
    if x.is_none() || x.is_placeholder() {
        x = default.unwrap_or_else(|| Value::str(""));
    }
    let Some(text) = x.as_text().cloned() else {
        return Err(refuse(
            "First argument of split_to_array has to be a value that can be split to a list of elements, but found a \
             PlaceHolder with no value instead",
            "/cli/advanced-templates.html#split_to_array",
        ));
    };
    let parts = elements_of_text(machine, &text, separator)?;
    machine.new_list(parts)
}

pub fn enumerate_with_last(machine: &mut Machine<'_>, builtin: &'static Builtin, args: Args) -> Run<Value> {
    let [items] = args.bind(builtin.shown, &["arr"], 1)?;
    let items = items.unwrap_or(Value::None);
    let length = machine.length(&items)?;
    let mut out = Vec::new();
    for (i, item) in machine.collect(&items)?.into_iter().enumerate() {
        let last = length == Int::from(i + 1);
        out.push(machine.new_tuple(vec![Value::Bool(last), item])?);
    }
    machine.new_list(out)
}
