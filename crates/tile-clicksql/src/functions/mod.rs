//! The table of functions: one file per family, one entry per function.
//!
//! To add one: an entry in its family's list, and its cases in `tests/clicksql/cases`. An entry gives the DuckDB form and the
//! type; NULLs and dictionaries are taken care of around it, as ClickHouse's defaults do.

pub mod arrays;
pub mod conditions;
pub mod conversions;
pub mod dates;
mod decimals;
pub mod distances;
pub mod encodings;
pub mod geo;
pub mod hashes;
pub mod higher;
pub mod ips;
pub mod json;
mod json_text;
mod json_typed;
pub mod maps;
pub mod moves;
pub mod numbers;
pub mod others;
pub mod search;
mod session;
pub mod special;
pub mod texts;
pub mod time_windows;
pub mod urls;

pub use decimals::as_float as decimal_as_float;
pub use session::VERSION;

use crate::dynamic::Uses;
use crate::error::{Code, Result, SqlError};
use crate::resolve::Scope;
use crate::typed::Typed;
use crate::types::Type;
use std::collections::HashMap;
use std::sync::OnceLock;

/// What happens with NULL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nulls {
    /// NULL in any argument is NULL out, and the DuckDB form does so by itself.
    Passed,
    /// The same, but the DuckDB form has to be guarded.
    Guarded,
    /// The function sees the nullable types and decides.
    Own,
}

/// One function.
pub struct Function {
    pub name: &'static str,
    pub aliases: &'static [&'static str],
    /// Whether its names are found in any case.
    pub any_case: bool,
    pub arity: (usize, usize),
    pub nulls: Nulls,
    /// Whether it may run on a dictionary, so that its result has one too.
    pub keeps_dictionary: bool,
    pub is_deterministic: bool,
    /// Whether its arguments keep `LowCardinality` in their types.
    pub sees_dictionary: bool,
    /// Whether it takes texts by their bytes, where these may be no text; a text is never cut in a character for all others.
    pub sees_bytes: bool,
    /// What it makes of arguments of the type `Dynamic`.
    pub dynamic: Uses,
    pub run: fn(&Args<'_, '_, '_>) -> Result<Typed>,
}

/// The arguments of a call, without dictionaries, and without `Nullable` unless the function asks for it.
pub struct Args<'x, 'a, 'p> {
    pub scope: &'x Scope<'a, 'p>,
    pub function: &'x Function,
    pub items: &'x [Typed],
    /// The types of the arguments as they were written.
    pub types: &'x [Type],
}

impl Args<'_, '_, '_> {
    pub fn len(&self) -> usize {
        self.items.len()
    }
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
    /// An argument; arity is checked before.
    pub fn at(&self, i: usize) -> Result<&Typed> {
        self.items.get(i).ok_or_else(|| self.wrong(i, "an argument"))
    }
    pub fn ty(&self, i: usize) -> Result<&Type> {
        self.at(i).map(|t| &t.ty)
    }
    /// The DuckDB form of an argument.
    pub fn sql(&self, i: usize) -> Result<String> {
        self.at(i).map(Typed::value)
    }
    /// The refusal of an argument's type.
    pub fn wrong(&self, i: usize, wanted: &str) -> SqlError {
        let found = self.items.get(i).map_or("nothing".to_owned(), |t| format!("`{}`", t.ty));
        SqlError::new(
            Code::IllegalType,
            format!("`{}` wants {wanted} as argument {}, found {found}", self.function.name, i + 1),
        )
    }
    pub fn unsupported(&self, what: &str) -> SqlError {
        SqlError::new(Code::Unsupported, format!("`{}` {what} is not supported", self.function.name))
    }
    /// A text argument in DuckDB's form.
    pub fn text(&self, i: usize) -> Result<String> {
        let item = self.at(i)?;
        if item.ty.plain().is_text() || matches!(item.ty.plain(), Type::Enum(..)) {
            Ok(item.value())
        } else {
            Err(self.wrong(i, "a text"))
        }
    }
    /// A whole number in DuckDB's form.
    pub fn integer(&self, i: usize) -> Result<String> {
        let item = self.at(i)?;
        if item.ty.plain().is_integer() {
            Ok(format!("CAST({} AS BIGINT)", item.value()))
        } else {
            Err(self.wrong(i, "a whole number"))
        }
    }
    pub fn number(&self, i: usize) -> Result<String> {
        let item = self.at(i)?;
        if item.ty.plain().is_number() { Ok(item.value()) } else { Err(self.wrong(i, "a number")) }
    }
    pub fn double(&self, i: usize) -> Result<String> {
        Ok(format!("CAST({} AS DOUBLE)", self.number(i)?))
    }
    pub fn constant_text(&self, i: usize) -> Result<&str> {
        self.at(i)?.text().ok_or_else(|| self.wrong(i, "a constant text"))
    }
    pub fn constant_int(&self, i: usize) -> Result<i128> {
        self.at(i)?.int().ok_or_else(|| self.wrong(i, "a constant whole number"))
    }
    pub fn array(&self, i: usize) -> Result<(String, Type)> {
        let item = self.at(i)?;
        match item.ty.plain() {
            Type::Array(inner) => Ok((item.value(), (**inner).clone())),
            _ => Err(self.wrong(i, "an array")),
        }
    }
}

/// An entry with the defaults: NULL passes, dictionaries are kept.
const fn entry(
    name: &'static str,
    arity: (usize, usize),
    run: fn(&Args<'_, '_, '_>) -> Result<Typed>,
) -> Function {
    Function {
        name,
        aliases: &[],
        any_case: false,
        arity,
        nulls: Nulls::Passed,
        keeps_dictionary: true,
        is_deterministic: true,
        sees_dictionary: false,
        sees_bytes: false,
        dynamic: Uses::No,
        run,
    }
}

/// Functions whose result has the very type of the first argument, also if that is a `SimpleAggregateFunction`.
const KEEPS_NAME: &[&str] = &[
    "upper",
    "lower",
    "upperUTF8",
    "lowerUTF8",
    "reverse",
    "toValidUTF8",
    "domain",
    "round",
    "roundBankers",
    "floor",
    "ceil",
    "trunc",
    "identity",
    "materialize",
    "toNullable",
    "arrayConcat",
    "arrayReverse",
    "arraySlice",
];

impl Function {
    pub fn keeps_name(&self) -> bool {
        KEEPS_NAME.contains(&self.name)
    }
    const fn alias(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }
    const fn any_case(mut self) -> Self {
        self.any_case = true;
        self
    }
    const fn guarded(mut self) -> Self {
        self.nulls = Nulls::Guarded;
        self
    }
    const fn own_nulls(mut self) -> Self {
        self.nulls = Nulls::Own;
        self
    }
    const fn full(mut self) -> Self {
        self.keeps_dictionary = false;
        self
    }
    const fn dynamic(mut self, uses: Uses) -> Self {
        self.dynamic = uses;
        self
    }
    const fn with_dictionary(mut self) -> Self {
        self.sees_dictionary = true;
        self
    }
    const fn with_bytes(mut self) -> Self {
        self.sees_bytes = true;
        self
    }
    const fn varying(mut self) -> Self {
        self.is_deterministic = false;
        self
    }
}

/// Every family, by its title.
pub const FAMILIES: &[(&str, &[Function])] = &[
    ("Arrays", arrays::ALL),
    ("Conditions and comparisons", conditions::ALL),
    ("Conversions", conversions::ALL),
    ("Dates and times", dates::ALL),
    ("Distances", distances::ALL),
    ("Encodings", encodings::ALL),
    ("Geography", geo::ALL),
    ("Hashes", hashes::ALL),
    ("IP addresses", ips::ALL),
    ("JSON", json::ALL),
    ("Maps", maps::ALL),
    ("Numbers", numbers::ALL),
    ("Others", others::ALL),
    ("Search in texts", search::ALL),
    ("Server and session", session::ALL),
    ("Special", special::ALL),
    ("Texts", texts::ALL),
    ("Time windows", time_windows::ALL),
    ("URLs", urls::ALL),
];

/// Every function of the table.
pub fn all() -> impl Iterator<Item = &'static Function> {
    FAMILIES.iter().flat_map(|(_, functions)| *functions)
}

/// Functions by their exact names, and those that are found in any case by their names in lower case.
#[derive(Default)]
struct Table {
    exact: HashMap<&'static str, &'static Function>,
    folded: HashMap<String, &'static Function>,
}

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        let Table { mut exact, mut folded } = Table::default();
        for function in all() {
            for name in std::iter::once(&function.name).chain(function.aliases) {
                exact.insert(*name, function);
                if function.any_case {
                    folded.insert(name.to_lowercase(), function);
                }
            }
        }
        Table { exact, folded }
    })
}

/// The function of a name.
pub fn lookup(name: &str) -> Option<&'static Function> {
    let Table { exact, folded } = table();
    exact.get(name).copied().or_else(|| folded.get(&name.to_lowercase()).copied())
}

pub fn names() -> Vec<&'static str> {
    let mut names: Vec<_> =
        all().flat_map(|f| std::iter::once(f.name).chain(f.aliases.iter().copied())).collect();
    names.sort_unstable();
    names
}
