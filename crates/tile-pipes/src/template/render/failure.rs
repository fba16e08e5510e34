//! What clients are told when rendering fails.

use super::super::error::{Kind, REQUIRED, TemplateError};
use super::super::eval::Machine;
use super::super::functions::{PAGE, fixed, setting};
use super::super::scan::Param;
use super::super::value::{Class, Exception, Value};
use super::{JOB_TIMESTAMP, values};
use std::collections::HashSet;

pub fn told(machine: &mut Machine<'_>, error: Exception, params: &[Param]) -> TemplateError {
    let line = Some(machine.line);
    let mut out =
        if error.class == Class::CUSTOM { custom(machine, &error) } else { other(machine, error, params) };
    out.line = line;
    out
}

fn custom(machine: &mut Machine<'_>, error: &Exception) -> TemplateError {
    let mut out = TemplateError::new(Kind::Custom, error.text.clone(), None);
    let body = error.args.first().cloned().unwrap_or(Value::None);
    // A text alone is told as every other error.
    if body.as_text().is_none() {
        out.body = values::to_json(machine, &body).ok().map(Box::new);
    }
    let code = error.code.as_ref().and_then(Value::as_int).and_then(|code| code.to_i64());
    if let Some(code) =
        code.and_then(|code| u16::try_from(code).ok()).filter(|code| (100..=599).contains(code))
    {
        out.status = code;
    }
    out
}

fn refusal(text: impl std::fmt::Display, page: Option<&'static str>) -> TemplateError {
    let mut out = TemplateError::refusal(Kind::Render, text, None);
    out.documentation = page;
    out
}

fn other(machine: &mut Machine<'_>, error: Exception, params: &[Param]) -> TemplateError {
    const PREFIX: &str = "Template Syntax Error: ";
    if error.class == Class::UNBOUND {
        return refusal(error.text.trim(), None);
    }
    let mut class = error.class;
    let mut text = error.text.clone();
    if class == Class::TYPE {
        class = Class::VALUE;
        if text.contains("not supported between instances of 'Placeholder' and ") {
            text.push_str(
                ". If you are using a dynamic parameter, you need to wrap it around a valid Data Type (e.g. \
                 Int8(placeholder))",
            );
        }
    } else if let Some(line) = line_of_x(machine) {
        class = Class::VALUE;
        text = format!("{text}, line {line}");
    }
    if class.is(Class::NAME) {
        return refusal(text, Some("/cli/advanced-templates.html#defined"));
    }
    if class == Class::TEMPLATE {
        let mut out = TemplateError::new(Kind::Render, text, None);
        out.documentation = error.documentation.filter(|page| !page.is_empty());
        if out.message.contains(REQUIRED)
            && let Some(names) = missing_names(params)
        {
            out.message = format!(
                "{PREFIX}{REQUIRED}. Check the parameters {names}. Please provide a value or set a default value in the \
                 pipe code."
            );
        }
        return out;
    }
    if class.is(Class::ATTRIBUTE) {
        const GET: &str = "'str' object has no attribute 'get'";
        if text.contains(GET) {
            text = format!("{GET}. Make sure you're using an object/dictionary where trying to use .get()");
        }
        return refusal(text, Some(PAGE));
    }
    if class.is(Class::KEY) {
        let key = error.args.first().map_or(Ok("unknown".to_owned()), |key| machine.str(key)).unwrap_or(text);
        let text = format!(
            "Missing key '{key}' while rendering the template. Ensure every object accessed in the template has this key."
        );
        return refusal(text, Some(PAGE));
    }
    if class.is(Class::INDEX) {
        if text.contains("string index out of range") {
            text = "String index out of range. Check that string parameters have values before accessing specific \
                    characters (e.g., param[0]). Provide default values or add length checks in your template."
                .to_owned();
        }
        return refusal(text, Some(PAGE));
    }
    unexpected(machine, text)
}

fn unexpected(machine: &mut Machine<'_>, text: String) -> TemplateError {
    // A template that uses `length` is told that there is no such thing, whatever else is wrong.
    let length = match machine.setup.variables.get("length").cloned() {
        Some(value) => !machine.truth(&value).unwrap_or(true),
        None => machine.setup.names.contains_key("length") && !machine.setup.test,
    };
    if length {
        return refusal(
            "length cannot be used as a variable name or as a function inside of a template",
            None,
        );
    }
    if text.contains("missing 1 required positional argument") {
        return refusal(
            "one of the transform type functions is missing an argument",
            Some("/cli/advanced-templates.html#transform-types-functions"),
        );
    }
    if text.contains("not callable") || text.contains("unhashable type") {
        return refusal(
            "wrong syntax, you might be using a not valid function inside a control block",
            Some(PAGE),
        );
    }
    TemplateError::new(Kind::Render, text, None)
}

/// The original adds the line of a placeholder named `x`, whatever the error is about.
fn line_of_x(machine: &Machine<'_>) -> Option<usize> {
    let setup = &machine.setup;
    let is_parameter =
        setup.test && !setup.variables.contains_key("x") && fixed("x").or(setting("x")).is_none();
    setup.names.get("x").copied().filter(|_| is_parameter)
}

/// The parameters without a default: `a, b and c`.
fn missing_names(params: &[Param]) -> Option<String> {
    let mut names: Vec<&str> = Vec::new();
    let mut known: HashSet<&str> = HashSet::new();
    for param in params {
        let name = param.name.as_str();
        let wanted = param.default().is_null() && param.used_in().is_none() && name != JOB_TIMESTAMP;
        if wanted && known.insert(name) {
            // What is no name cannot be listed, and then nothing is.
            if !param.is_name && !name.is_empty() {
                return None;
            }
            names.push(name);
        }
    }
    match names.as_slice() {
        [] => None,
        [one] => Some((*one).to_owned()),
        [head @ .., last] => Some(format!("{} and {last}", head.join(", "))),
    }
}
