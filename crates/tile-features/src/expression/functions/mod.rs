//! The functions that expressions may call: one list, in which each has how its arguments are typed, what is printed for the engine, and
//! what it gives here. Operators are functions whose names are signs.

mod lists;
mod math;
mod operators;
mod table;
mod texts;
mod times;

use super::pattern::Pattern;
use super::resolve::Typed;
use crate::types::Type;
use crate::value::Value;
use tile_base::{Error, Result};

pub use table::reference;

/// A function.
pub struct Function {
    /// In capitals, or a sign. Those in small letters cannot be called by name.
    pub name: &'static str,
    /// Its arguments, as the reference shows them.
    pub takes: &'static str,
    pub(super) rule: Rule,
    /// `{0}` is an argument, `{*}` all, `{p}` the pattern, `{g}` its guard. Empty where the rule makes something else of it.
    pub(super) print: &'static str,
    /// Whether it is called for nulls. Others are null where an argument is.
    pub(super) sees_nulls: bool,
    pub(super) run: fn(&Call<'_>) -> Option<Value>,
}

impl std::fmt::Debug for Function {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// How arguments are typed.
pub enum Rule {
    /// One want for each argument, of which the last ones may be left out; what it gives.
    Fixed(&'static [Want], usize, Want),
    /// At least so many, of one kind.
    Many(Want, usize, Want),
    Own(fn(&'static Function, Vec<Typed>) -> Result<Typed>),
}

/// What an argument becomes, or what is given.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Want {
    Bool,
    Int,
    Long,
    Double,
    Text,
    Binary,
    Date,
    Time,
    /// As it is.
    Any,
    /// Given only: the type of the first argument.
    First,
}

impl Want {
    fn ty(self) -> Option<Type> {
        Some(match self {
            Self::Bool => Type::Bool,
            Self::Int => Type::Int,
            Self::Long => Type::Long,
            Self::Double => Type::Double,
            Self::Text => Type::Text,
            Self::Binary => Type::Binary,
            Self::Date => Type::Date,
            Self::Time => Type::Timestamp,
            Self::Any | Self::First => return None,
        })
    }

    /// An argument as what is wanted, where Spark casts it by itself.
    fn take(self, arg: Typed) -> Result<Typed> {
        let Some(wanted) = self.ty() else { return Ok(arg) };
        let is_implicit = match (&arg.ty, &wanted) {
            (None, _) => true,
            (Some(from), to) if from == to => true,
            (Some(from), Type::Int | Type::Long | Type::Double) => from.is_number() || *from == Type::Text,
            (Some(from), Type::Text) => !matches!(from, Type::Binary),
            (Some(from), Type::Date) => matches!(from, Type::Timestamp | Type::Text),
            (Some(from), Type::Timestamp) => matches!(from, Type::Date | Type::Text),
            (Some(from), Type::Binary) => *from == Type::Text,
            _ => false,
        };
        if !is_implicit {
            return Err(Error::invalid(format!("expected a {wanted}, found a {}", arg.shown())));
        }
        arg.cast(&wanted)
    }
}

/// A call with values.
pub struct Call<'a> {
    pub args: &'a [Value],
    pub pattern: Option<&'a Pattern>,
    pub ty: Option<&'a Type>,
}

impl Call<'_> {
    fn text(&self, at: usize) -> Option<&str> {
        match self.args.get(at) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    fn int(&self, at: usize) -> Option<i64> {
        match self.args.get(at) {
            Some(Value::Int(i)) => Some(*i),
            _ => None,
        }
    }

    fn real(&self, at: usize) -> Option<f64> {
        match self.args.get(at) {
            Some(Value::Real(x)) => Some(*x),
            _ => None,
        }
    }

    fn bool(&self, at: usize) -> Option<bool> {
        match self.args.get(at) {
            Some(Value::Bool(b)) => Some(*b),
            _ => None,
        }
    }

    fn list(&self, at: usize) -> Option<&[Value]> {
        match self.args.get(at) {
            Some(Value::List(items)) => Some(items),
            _ => None,
        }
    }
}

/// Bytes of a text that a function makes. Longer ones are null.
const TEXT_BYTES_MAX: usize = 1 << 20;

fn made(text: impl Into<Box<str>>) -> Option<Value> {
    let text: Box<str> = text.into();
    (text.len() <= TEXT_BYTES_MAX).then_some(Value::Text(text))
}

/// What gives another value at each call, or tells of the machine.
const UNSTABLE: &[&str] = &[
    "NOW",
    "CURRENT_TIMESTAMP",
    "CURRENT_DATE",
    "CURDATE",
    "LOCALTIMESTAMP",
    "RAND",
    "RANDN",
    "RANDOM",
    "UUID",
    "SHUFFLE",
    "MONOTONICALLY_INCREASING_ID",
    "SPARK_PARTITION_ID",
    "INPUT_FILE_NAME",
    "CURRENT_USER",
    "CURRENT_DATABASE",
];

/// What aggregates rows.
const AGGREGATES: &[&str] = &[
    "SUM",
    "COUNT",
    "AVG",
    "MEAN",
    "MIN",
    "MAX",
    "FIRST",
    "LAST",
    "COLLECT_LIST",
    "COLLECT_SET",
    "EXPLODE",
    "ROW_NUMBER",
];

fn lists() -> impl Iterator<Item = &'static Function> {
    [operators::ALL, math::ALL, texts::ALL, times::ALL, lists::ALL].into_iter().flatten()
}

/// All functions that can be called by name, sorted.
pub fn all() -> Vec<&'static Function> {
    let mut all: Vec<_> = lists().filter(|f| f.name.starts_with(|c: char| c.is_ascii_uppercase())).collect();
    all.sort_by_key(|f| f.name);
    all
}

/// Other names of functions.
pub const ALIASES: &[(&str, &str)] = &[
    ("CARDINALITY", "SIZE"),
    ("CEILING", "CEIL"),
    ("CHARACTER_LENGTH", "LENGTH"),
    ("CHAR_LENGTH", "LENGTH"),
    ("CHAR", "CHR"),
    ("DATEPART", "DATE_PART"),
    ("DATE_DIFF", "DATEDIFF"),
    ("DAYOFMONTH", "DAY"),
    ("DATEADD", "DATE_ADD"),
    ("IFNULL", "COALESCE"),
    ("LCASE", "LOWER"),
    ("LEN", "LENGTH"),
    ("MOD", "%"),
    ("NVL", "COALESCE"),
    ("POWER", "POW"),
    ("REGEXP", "RLIKE"),
    ("REGEXP_LIKE", "RLIKE"),
    ("SIGNUM", "SIGN"),
    ("SUBSTR", "SUBSTRING"),
    ("TO_UNIX_TIMESTAMP", "UNIX_TIMESTAMP"),
    ("UCASE", "UPPER"),
];

fn find(name: &str) -> Option<&'static Function> {
    let name = ALIASES.iter().find(|(alias, _)| *alias == name).map_or(name, |(_, name)| name);
    lists().find(|f| f.name == name)
}

/// A call of a function by its name in capitals, or its sign.
///
/// # Errors
/// `Invalid`, with the nearest name, for one that there is not, and for arguments that it does not take.
pub fn call(name: &str, args: Vec<Typed>) -> Result<Typed> {
    let Some(function) = find(name) else {
        if let (Some(ty), 1) = (super::parse::scalar(name), args.len()) {
            return args
                .into_iter()
                .try_fold(None, |_, arg| arg.cast(&ty).map(Some))?
                .ok_or_else(|| unknown(name));
        }
        return Err(unknown(name));
    };
    apply(function, args)
}

fn unknown(name: &str) -> Error {
    if UNSTABLE.contains(&name) {
        return Error::invalid(format!(
            "{name} gives another value at each call, so a feature could not be computed again"
        ))
        .hint("Use a column of the row");
    }
    if AGGREGATES.contains(&name) {
        return Error::invalid(format!("{name} works on many rows, an expression has one"))
            .hint("Use `aggregations`");
    }
    let known = all().into_iter().map(|f| f.name).chain(ALIASES.iter().map(|(alias, _)| *alias));
    let known = known.filter(|n| n.starts_with(|c: char| c.is_ascii_uppercase()));
    Error::invalid(format!("no function is called `{name}`"))
        .did_you_mean_or(name, known, || "The list is in docs/reference/features-expressions.md".into())
}

fn apply(function: &'static Function, args: Vec<Typed>) -> Result<Typed> {
    let (wants, min, gives) = match &function.rule {
        Rule::Own(resolve) => return resolve(function, args),
        Rule::Fixed(wants, min, gives) => (wants.to_vec(), *min, *gives),
        Rule::Many(want, min, gives) => (vec![*want; args.len()], *min, *gives),
    };
    arity(function, &args, min, wants.len())?;
    let take = |(at, (want, arg)): (usize, (Want, Typed))| {
        want.take(arg)
            .map_err(|e| Error { what: format!("argument {} of {}: {}", at + 1, function.name, e.what), ..e })
    };
    let args = wants.into_iter().zip(args).enumerate().map(take).collect::<Result<Vec<_>>>()?;
    let ty = match gives.ty() {
        Some(ty) => Some(ty),
        None => args.first().and_then(|arg| arg.ty.clone()),
    };
    Ok(Typed { op: super::resolve::Op::Call(function, args, None), ty })
}

/// # Errors
/// `Invalid` for too few or too many arguments.
fn arity(function: &Function, args: &[Typed], min: usize, max: usize) -> Result<()> {
    if args.len() >= min && args.len() <= max.max(min) {
        return Ok(());
    }
    Err(Error::invalid(format!("{} takes {}, not {} arguments", function.name, function.takes, args.len())))
}

/// The text of an argument that must stand in the expression.
fn literal_text(function: &Function, args: &[Typed], at: usize) -> Result<String> {
    match args.get(at).map(|arg| &arg.op) {
        Some(super::resolve::Op::Literal(Value::Text(text))) => Ok(text.to_string()),
        _ => Err(Error::invalid(format!(
            "argument {} of {} is a text that stands in the expression",
            at + 1,
            function.name
        ))),
    }
}

/// The number of an argument that must stand in the expression.
fn literal_int(function: &Function, args: &[Typed], at: usize) -> Result<i64> {
    match args.get(at).map(|arg| &arg.op) {
        Some(super::resolve::Op::Literal(Value::Int(i))) => Ok(*i),
        _ => Err(Error::invalid(format!(
            "argument {} of {} is a whole number that stands in the expression",
            at + 1,
            function.name
        ))),
    }
}

/// The list of a file: name, arguments, rule, SQL, whether it sees nulls, what it gives.
macro_rules! functions {
    ($($name:literal $takes:literal $rule:expr, $print:expr, $nulls:literal, $run:expr;)*) => {
        pub const ALL: &[Function] = &[$(Function {
            name: $name,
            takes: $takes,
            rule: $rule,
            print: $print,
            sees_nulls: $nulls,
            run: $run,
        },)*];
    };
}
use functions;

/// What is rewritten, and never called.
const fn never(_: &Call<'_>) -> Option<Value> {
    None
}
