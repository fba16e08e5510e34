//! Functions that say how the query runs, and secrets.

use super::super::dialect::Dialect;
use super::super::escape;
use super::super::eval::{Args, Builtin, Machine, Run, Stop, refuse, type_error};
use super::super::value::Value;

const TTLS: [&str; 5] = ["5s", "1m", "5m", "30m", "1h"];
const FEATURES: [&str; 3] = ["analyzer", "parallel_replicas", "optimize_aggregation_in_order"];

fn note(machine: &mut Machine<'_>, name: &str, value: &str) -> Run<Value> {
    let text = format!("-- {name} {}\n", escape::comment(value));
    machine.allocate(text.len())?;
    Ok(Value::Sql(text.into()))
}

pub fn max_threads(machine: &mut Machine<'_>, builtin: &'static Builtin, args: Args) -> Run<Value> {
    let [x] = args.bind(builtin.shown, &["x"], 1)?;
    let x = x.unwrap_or(Value::None);
    let shown = machine.str(&x)?;
    match machine.int_of(&x) {
        Ok(threads) => {
            machine.settings.max_threads = Some(threads.to_i64().unwrap_or(i64::MAX));
            note(machine, "max_threads", &shown)
        }
        Err(Stop::Raised(_)) => note(machine, "max_threads: wrong argument", &shown),
        Err(stop) => Err(stop),
    }
}

pub fn backend_hint(machine: &mut Machine<'_>, builtin: &'static Builtin, args: Args) -> Run<Value> {
    let [hint] = args.bind(builtin.shown, &["hint"], 1)?;
    let hint = hint.unwrap_or(Value::None);
    let shown = machine.str(&hint)?;
    let off = matches!(hint, Value::None | Value::Bool(false));
    machine.settings.backend_hint = Some(if off { None } else { Some(shown.clone()) });
    note(machine, "backend_hint", &shown)
}

pub fn cache_ttl(machine: &mut Machine<'_>, builtin: &'static Builtin, args: Args) -> Run<Value> {
    let [ttl] = args.bind(builtin.shown, &["ttl_expression"], 1)?;
    let ttl = ttl.unwrap_or(Value::None);
    let Some(ttl) = TTLS.iter().find(|known| ttl.as_text().is_some_and(|text| **text == ***known)) else {
        let known: Vec<String> = TTLS.iter().map(|ttl| format!("'{ttl}'")).collect();
        let text = format!("Invalid TTL cache expression, valid expressions are ({})", known.join(", "));
        return Err(refuse(text, ""));
    };
    machine.settings.cache_ttl = Some(ttl);
    note(machine, "cache_ttl", ttl)
}

pub fn activate(machine: &mut Machine<'_>, builtin: &'static Builtin, args: Args) -> Run<Value> {
    let [feature] = args.bind(builtin.shown, &["feature"], 1)?;
    let feature = feature.unwrap_or(Value::None);
    machine.key(&feature)?;
    let Some(known) = FEATURES.iter().find(|known| feature.as_text().is_some_and(|text| **text == ***known))
    else {
        let shown = machine.str(&feature)?;
        return Err(refuse(format!("'{shown}' is not a valid 'activate' argument"), ""));
    };
    machine.settings.activate.insert(known);
    note(machine, "activate", known)
}

pub fn disable(machine: &mut Machine<'_>, builtin: &'static Builtin, args: Args) -> Run<Value> {
    let [feature] = args.bind(builtin.shown, &["feature"], 1)?;
    let feature = feature.unwrap_or(Value::None);
    let Some(text) = feature.as_text() else {
        let shown = machine.type_name(&feature);
        return Err(type_error(format!("'in <string>' requires string as left operand, not {shown}")));
    };
    // Any part of the one name will do.
    if !"analyzer".contains(&**text) {
        return Err(refuse(format!("'{text}' is not a valid 'disable' argument"), ""));
    }
    machine.settings.disable = Some(text.to_string());
    note(machine, "disable", text)
}

/// `tb_secret(name, default)`: a parameter that the server binds, so that the SQL never holds the secret.
pub fn secret(machine: &mut Machine<'_>, builtin: &'static Builtin, args: Args) -> Run<Value> {
    let [name, default] = args.bind(builtin.shown, &["x", "default"], 1)?;
    let (name, default) = (name.unwrap_or(Value::None), default.unwrap_or(Value::None));
    let shown = machine.str(&name)?;
    if let Some(text) = name.as_text() {
        let known = machine.setup.secrets.contains(&**text);
        let lenient = default.is_none() && machine.setup.lenient_secrets;
        // The name of a bound parameter has no quotes of its own.
        let is_plain = escape::is_word(text);
        if is_plain && (known || lenient) {
            if known {
                machine.bound_secrets.insert(text.to_string());
            }
            let text = match machine.setup.dialect {
                Dialect::ClickHouse => format!("{{{text}: String}}"),
                Dialect::DuckDb => format!("${text}"),
            };
            machine.allocate(text.len())?;
            return Ok(Value::Symbol(text.into()));
        }
    }
    if !default.is_none() {
        return Ok(default);
    }
    Err(refuse(
        format!(
            "Cannot access secret '{shown}'. Check the secret exists in the Workspace and the token has the required \
             scope."
        ),
        "",
    ))
}
