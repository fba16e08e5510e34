//! Python's own functions, those that templates may reach.

mod numbers;
mod sequences;

use super::super::value::{Class, Value};
use super::args::Args;
use super::{Builtin, Machine, Run, raise, type_error, unsupported, value_error};

macro_rules! builtins {
    ($($kind:ident $name:literal $run:path),* $(,)?) => {
        static TABLE: &[Builtin] = &[$(Builtin {
            name: $name,
            shown: $name,
            is_type: builtins!(@ $kind),
            run: $run,
        }),*];
    };
    (@ ty) => { true };
    (@ func) => { false };
}

builtins! {
    func "abs" numbers::abs, func "all" sequences::all, func "any" sequences::any, func "ascii" ascii,
    func "bin" numbers::radix, ty "bool" bool_, func "callable" callable, func "chr" numbers::chr,
    ty "dict" sequences::dict, func "divmod" numbers::divmod, ty "enumerate" sequences::enumerate,
    ty "filter" sequences::filter, ty "float" numbers::float, ty "frozenset" sequences::set,
    func "hasattr" hasattr, func "hex" numbers::radix, ty "int" numbers::int, func "isinstance" isinstance,
    func "issubclass" foreign, func "iter" sequences::iter, func "len" len, ty "list" sequences::list,
    ty "map" sequences::map, func "max" sequences::extreme, func "min" sequences::extreme,
    func "next" sequences::next, func "oct" numbers::radix, func "ord" numbers::ord, func "pow" numbers::pow,
    ty "range" sequences::range, func "repr" repr, ty "reversed" sequences::reversed,
    func "round" numbers::round, ty "set" sequences::set, func "sorted" sequences::sorted, ty "str" str_,
    func "sum" sequences::sum, ty "tuple" sequences::list, ty "zip" sequences::zip,
    // They exist, and calling them is refused rather than done differently.
    func "aiter" foreign, func "anext" foreign, ty "bytearray" foreign, ty "bytes" foreign, ty "complex" foreign,
    func "format" foreign, func "hash" foreign, ty "slice" foreign,
}

pub(super) fn named(name: &str) -> Option<&'static Builtin> {
    TABLE.iter().find(|builtin| builtin.name == name)
}

/// Names that a template does not see as parameters, since Python has them.
pub(in super::super) fn names() -> impl Iterator<Item = &'static str> {
    const OTHERS: &[&str] = &[
        "ArithmeticError",
        "BaseExceptionGroup",
        "BlockingIOError",
        "BrokenPipeError",
        "BytesWarning",
        "ChildProcessError",
        "ConnectionAbortedError",
        "ConnectionError",
        "ConnectionRefusedError",
        "ConnectionResetError",
        "DeprecationWarning",
        "Ellipsis",
        "EncodingWarning",
        "EnvironmentError",
        "ExceptionGroup",
        "FileExistsError",
        "FileNotFoundError",
        "FutureWarning",
        "IOError",
        "ImportWarning",
        "IndentationError",
        "InterruptedError",
        "IsADirectoryError",
        "NotADirectoryError",
        "NotImplemented",
        "PendingDeprecationWarning",
        "PermissionError",
        "ProcessLookupError",
        "ResourceWarning",
        "RuntimeWarning",
        "StopAsyncIteration",
        "SyntaxWarning",
        "TabError",
        "UnicodeDecodeError",
        "UnicodeEncodeError",
        "UnicodeTranslateError",
        "UnicodeWarning",
        "None",
        "True",
        "False",
    ];
    TABLE.iter().map(|builtin| builtin.name).chain(Class::names()).chain(OTHERS.iter().copied())
}

pub(super) fn constant(name: &str) -> Option<Value> {
    (name == "Ellipsis").then_some(Value::Ellipsis)
}

fn foreign(_: &mut Machine<'_>, builtin: &'static Builtin, _: Args) -> Run<Value> {
    Err(unsupported(format!("`{}`", builtin.name)))
}

fn len(machine: &mut Machine<'_>, _: &'static Builtin, args: Args) -> Run<Value> {
    let [value] = args.exactly("len")?;
    machine.length(&value).map(Value::Int)
}

fn bool_(machine: &mut Machine<'_>, _: &'static Builtin, args: Args) -> Run<Value> {
    let [value] = args.between("bool", 0)?;
    match value {
        Some(value) => machine.truth(&value).map(Value::Bool),
        None => Ok(Value::Bool(false)),
    }
}

fn str_(machine: &mut Machine<'_>, _: &'static Builtin, mut args: Args) -> Run<Value> {
    let named = args.take("object");
    let [value] = args.between("str", 0)?;
    match value.or(named) {
        // A text stays itself; one that is SQL becomes plain text.
        Some(Value::Str(text)) => Ok(Value::Str(text)),
        Some(value) => {
            let text = machine.str(&value)?;
            machine.new_str(text)
        }
        None => Ok(Value::str("")),
    }
}

fn repr(machine: &mut Machine<'_>, _: &'static Builtin, args: Args) -> Run<Value> {
    let [value] = args.exactly("repr")?;
    let text = machine.repr(&value)?;
    machine.new_str(text)
}

fn ascii(machine: &mut Machine<'_>, _: &'static Builtin, args: Args) -> Run<Value> {
    let [value] = args.exactly("ascii")?;
    let text = machine.ascii(&value)?;
    machine.new_str(text)
}

fn callable(_: &mut Machine<'_>, _: &'static Builtin, args: Args) -> Run<Value> {
    let [value] = args.exactly("callable")?;
    Ok(Value::Bool(matches!(
        value,
        Value::Function(_) | Value::Class(_) | Value::Lambda(_) | Value::Method(_) | Value::Placeholder(_)
    )))
}

fn hasattr(machine: &mut Machine<'_>, _: &'static Builtin, args: Args) -> Run<Value> {
    let [value, name] = args.exactly("hasattr")?;
    let Some(name) = name.as_text() else {
        let shown = machine.type_name(&name);
        return Err(type_error(format!("hasattr(): attribute name must be string, not '{shown}'")));
    };
    match machine.attribute(&value, name) {
        Ok(_) => Ok(Value::Bool(true)),
        Err(super::Stop::Raised(error)) if error.class == Class::ATTRIBUTE => Ok(Value::Bool(false)),
        Err(stop) => Err(stop),
    }
}

fn isinstance(machine: &mut Machine<'_>, _: &'static Builtin, args: Args) -> Run<Value> {
    let [value, class] = args.exactly("isinstance")?;
    let found = machine.deeper(|machine| is_instance(machine, &value, &class))?;
    Ok(Value::Bool(found))
}

fn is_instance(machine: &mut Machine<'_>, value: &Value, class: &Value) -> Run<bool> {
    machine.spend(0)?;
    match class {
        Value::Tuple(id) => {
            for class in machine.copied(*id)? {
                if machine.deeper(|machine| is_instance(machine, value, &class))? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        Value::Class(class) => Ok(match value {
            Value::Error(id) => machine.heap.error(*id).is_some_and(|error| error.class.is(*class)),
            _ => false,
        }),
        Value::Function(f) if f.is_type => {
            let name = machine.type_name(value);
            let parent = match name {
                "bool" | "Integer" => "int",
                "Float" => "float",
                "Expression" => "str",
                _ => name,
            };
            Ok(f.name == name || f.name == parent)
        }
        _ => Err(type_error("isinstance() arg 2 must be a type, a tuple of types, or a union")),
    }
}
