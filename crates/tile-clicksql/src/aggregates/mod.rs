//! Aggregate functions with their combinators and states: one file per family, one entry per function.
//!
//! To add one: an entry in its family's list, and its cases in `tests/clicksql/cases`. An entry is written once, over a
//! [`Feed`] of values that are not NULL; combinators, NULLs, windows and states are taken care of around it. A function whose
//! body is [`Body::Parts`] keeps small states; the states of all others are the values themselves.

mod arrays;
mod choices;
mod combine;
mod events;
mod feed;
mod maps;
mod moments;
mod name;
mod numbers;
mod order;
mod quantiles;
mod sets;
mod states;

pub use combine::{ordered, reduced, resolve};
pub use states::{finalized, is_comparable, merge_state, state_type};

use crate::error::{Code, Result, SqlError};
use crate::typed::{Constant, Typed};
use crate::types::Type;
use feed::Feed;

/// What happens with NULL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Nulls {
    /// Values with NULL are left out; of an argument that can be NULL, the result is NULL when nothing is left.
    Result,
    /// Values with NULL are left out; the result is never NULL.
    Skipped,
    /// The function sees NULL.
    Own,
}

/// One function.
struct Aggregate {
    name: &'static str,
    aliases: &'static [&'static str],
    /// Whether its names are found in any case.
    any_case: bool,
    arity: (usize, usize),
    nulls: Nulls,
    body: Body,
}

/// How a function computes.
enum Body {
    Whole(fn(&Args<'_>) -> Result<Typed>),
    Parts(Parts),
}

/// A function that computes from a few values, which are its state.
struct Parts {
    split: fn(&Args<'_>) -> Result<Vec<Part>>,
    /// The result from the parts' forms.
    finish: fn(&Args<'_>, &[String]) -> Result<Typed>,
    /// A cheaper way without a state.
    direct: Option<fn(&Args<'_>) -> Result<Typed>>,
}

/// The form of a part in the row of a state, by the part's name.
type Field<'x> = dyn Fn(&str) -> String + 'x;

/// The form of a part of many states.
type Join = Box<dyn Fn(&Feed, &Field<'_>) -> String>;

/// A part of a state.
struct Part {
    name: &'static str,
    /// Its DuckDB type.
    ty: String,
    make: String,
    /// The part of many states.
    join: Join,
}

/// The arguments of a call: their types are never `Nullable`.
struct Args<'x> {
    name: &'static str,
    params: &'x [Typed],
    feed: &'x Feed,
    /// Whether the result of nothing is NULL.
    null: bool,
}

impl Args<'_> {
    fn arg(&self, i: usize) -> Result<&Typed> {
        self.feed.arg(i, self.name)
    }

    fn ty(&self, i: usize) -> Result<&Type> {
        self.arg(i).map(|a| &a.ty)
    }

    fn value(&self, i: usize) -> Result<String> {
        self.arg(i).map(Typed::value)
    }

    fn illegal(&self, i: usize) -> SqlError {
        let found = self.feed.args.get(i).map_or("nothing".to_owned(), |a| format!("`{}`", a.ty));
        SqlError::new(
            Code::IllegalType,
            format!("the aggregate function `{}` does not take {found}", self.name),
        )
    }

    fn unsupported(&self, what: &str) -> SqlError {
        SqlError::new(Code::Unsupported, format!("`{}` {what} is not supported", self.name))
    }

    /// A number's form; truth values are numbers.
    fn number(&self, i: usize) -> Result<String> {
        let arg = self.arg(i)?;
        match arg.ty.plain() {
            Type::Bool => Ok(format!("CAST({} AS UTINYINT)", arg.value())),
            ty if ty.is_number() => Ok(arg.value()),
            _ => Err(self.illegal(i)),
        }
    }

    fn double(&self, i: usize) -> Result<String> {
        Ok(format!("CAST({} AS DOUBLE)", self.number(i)?))
    }

    /// The type of a result: with NULL, if the result of nothing is NULL.
    fn wrapped(&self, ty: Type) -> Type {
        if self.null { ty.nullable() } else { ty }
    }

    /// A result whose form is NULL for nothing.
    fn natural(&self, sql: String, ty: Type) -> Result<Typed> {
        if self.null && ty.can_be_nullable() {
            return Ok(Typed::new(sql, ty.nullable()));
        }
        Ok(Typed::new(feed::or_default(sql, &ty)?, ty))
    }

    /// A number of floats whose form is NULL for nothing, where the result is NaN.
    fn float(&self, sql: String, ty: Type) -> Typed {
        let form = if ty == Type::Float32 { "FLOAT" } else { "DOUBLE" };
        if self.null {
            Typed::new(format!("CAST({sql} AS {form})"), ty.nullable())
        } else {
            Typed::new(format!("CAST(coalesce({sql}, CAST('nan' AS DOUBLE)) AS {form})"), ty)
        }
    }

    /// A result whose form does not tell that there was nothing.
    fn guarded(&self, sql: String, ty: Type) -> Typed {
        if self.null && ty.can_be_nullable() {
            let sql = format!("CASE WHEN {} = 0 THEN NULL ELSE {sql} END", self.feed.count());
            Typed::new(sql, ty.nullable())
        } else {
            Typed::new(sql, ty)
        }
    }

    /// A whole number among the parameters.
    fn param_int(&self, i: usize) -> Result<Option<i128>> {
        match self.params.get(i) {
            None => Ok(None),
            Some(p) => match p.int() {
                Some(n) => Ok(Some(n)),
                None => Err(SqlError::new(
                    Code::BadArguments,
                    format!("`{}` wants a constant whole number as parameter {}", self.name, i + 1),
                )),
            },
        }
    }

    fn param_float(&self, i: usize) -> Result<f64> {
        let number = self.params.get(i).and_then(|p| match p.constant {
            Some(Constant::Float(x)) => Some(x),
            #[expect(clippy::cast_precision_loss, reason = "a level or a length, not a count")]
            Some(Constant::Int(n)) => Some(n as f64),
            _ => None,
        });
        number.ok_or_else(|| {
            SqlError::new(
                Code::BadArguments,
                format!("`{}` wants a constant number as parameter {}", self.name, i + 1),
            )
        })
    }

    fn no_params(&self) -> Result<()> {
        if self.params.is_empty() { Ok(()) } else { Err(self.unsupported("with parameters")) }
    }
}

const fn whole(name: &'static str, arity: (usize, usize), run: fn(&Args<'_>) -> Result<Typed>) -> Aggregate {
    Aggregate { name, aliases: &[], any_case: false, arity, nulls: Nulls::Result, body: Body::Whole(run) }
}

const fn parts(
    name: &'static str,
    arity: (usize, usize),
    split: fn(&Args<'_>) -> Result<Vec<Part>>,
    finish: fn(&Args<'_>, &[String]) -> Result<Typed>,
) -> Aggregate {
    let body = Body::Parts(Parts { split, finish, direct: None });
    Aggregate { name, aliases: &[], any_case: false, arity, nulls: Nulls::Result, body }
}

impl Aggregate {
    const fn alias(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }
    const fn any_case(mut self) -> Self {
        self.any_case = true;
        self
    }
    /// The result is never NULL.
    const fn never_null(mut self) -> Self {
        self.nulls = Nulls::Skipped;
        self
    }
    const fn sees_null(mut self) -> Self {
        self.nulls = Nulls::Own;
        self
    }
    const fn directly(mut self, direct: fn(&Args<'_>) -> Result<Typed>) -> Self {
        if let Body::Parts(parts) = &mut self.body {
            parts.direct = Some(direct);
        }
        self
    }

    fn check_arity(&self, found: usize) -> Result<()> {
        let (least, most) = self.arity;
        if (least..=most).contains(&found) {
            return Ok(());
        }
        let wanted = match (least, most) {
            (a, b) if a == b => a.to_string(),
            (a, usize::MAX) => format!("at least {a}"),
            (a, b) => format!("{a} to {b}"),
        };
        let message = format!("`{}` takes {wanted} arguments, found {found}", self.name);
        Err(SqlError::new(Code::NumberOfArguments, message))
    }
}

/// A part that is added up, in this ClickHouse type.
fn added(name: &'static str, feed: &Feed, value: &str, ty: &Type) -> Result<Part> {
    let (form, kind) = (crate::duck::type_of(ty)?, ty.clone());
    Ok(Part {
        name,
        ty: form,
        make: numbers::summed(feed, value, ty),
        join: Box::new(move |states, field| numbers::summed(states, &field(name), &kind)),
    })
}

/// Every family.
const ALL: &[&[Aggregate]] = &[
    numbers::ALL,
    choices::ALL,
    sets::ALL,
    quantiles::ALL,
    arrays::ALL,
    moments::ALL,
    maps::ALL,
    events::ALL,
];

pub fn is_aggregate(name: &str) -> bool {
    name::parse(name).is_some()
}

pub fn names() -> Vec<&'static str> {
    let all = ALL.iter().copied().flatten();
    all.flat_map(|a| std::iter::once(a.name).chain(a.aliases.iter().copied())).collect()
}

/// Names, other names and numbers of arguments, in order.
pub fn described() -> Vec<(&'static str, &'static [&'static str], (usize, usize))> {
    let mut all: Vec<_> = ALL.iter().copied().flatten().map(|a| (a.name, a.aliases, a.arity)).collect();
    all.sort_unstable();
    all
}

/// The name that a result's column shows.
pub fn shown_name(name: &str, distinct: bool, filtered: bool) -> String {
    format!("{name}{}{}", if distinct { "Distinct" } else { "" }, if filtered { "If" } else { "" })
}

/// Whether `*` in the place of arguments means none: every row is counted.
pub fn counts_rows(name: &str, distinct: bool) -> bool {
    let stack = name::parse(name);
    !distinct && stack.is_some_and(|s| s.base.name == "count")
}

/// The function that a name with `RESPECT NULLS` or `IGNORE NULLS` behind it means.
///
/// # Errors
/// For functions that do not know the difference.
pub fn name_of(name: &str, respect_nulls: Option<bool>) -> Result<String> {
    if respect_nulls != Some(true) {
        return Ok(name.to_owned());
    }
    let respecting = format!("{name}_respect_nulls");
    if is_aggregate(&respecting) {
        return Ok(respecting);
    }
    Err(SqlError::new(Code::Unsupported, format!("`{name}` with RESPECT NULLS is not supported")))
}
