//! Where an aggregate function's values come from: rows of a query, or items of a list.
//!
//! A function is written once, over a [`Feed`]; the combinators change the feed. Over rows a fold is an aggregate of DuckDB,
//! over a list it is the same aggregate inside of `list_aggregate`.

use crate::duck;
use crate::error::{Code, Result, SqlError};
use crate::typed::Typed;
use crate::types::Type;

/// The arguments of an aggregate function, and over what they run.
#[derive(Clone, Debug)]
pub struct Feed {
    /// Their forms are of a row, or of the list's item.
    pub args: Vec<Typed>,
    source: Source,
    /// Conditions on arguments that can be NULL: only values that are none are fed.
    known: Vec<String>,
    /// How many lambdas stand around.
    depth: usize,
}

#[derive(Clone, Debug)]
enum Source {
    /// With the window, or the order that the aggregate asks for.
    Rows {
        filter: Vec<String>,
        over: Option<String>,
        order: Option<String>,
    },
    List {
        items: String,
        item: String,
    },
}

impl Feed {
    pub fn rows(args: Vec<Typed>, filter: Option<String>, over: Option<&str>) -> Self {
        let (filter, over) = (filter.into_iter().collect(), over.map(str::to_owned));
        Self { args, source: Source::Rows { filter, over, order: None }, known: Vec::new(), depth: 0 }
    }

    /// Rows in an order.
    pub fn ordered(args: Vec<Typed>, order: &str) -> Self {
        let source = Source::Rows { filter: vec![], over: None, order: Some(order.to_owned()) };
        Self { args, source, known: Vec::new(), depth: 0 }
    }

    /// A list of values, or of structs with the fields `a0`, `a1` … where there are several arguments.
    pub fn list(items: String, types: &[Type], depth: usize) -> Self {
        let item = format!("e{depth}_");
        let args = match types {
            [one] => vec![Typed::new(item.clone(), one.clone())],
            many => {
                let field = |(i, ty): (usize, &Type)| Typed::new(format!("({item}).a{i}"), ty.clone());
                many.iter().enumerate().map(field).collect()
            }
        };
        Self { args, source: Source::List { items, item }, known: Vec::new(), depth: depth + 1 }
    }

    /// Arguments of these types and nothing behind them: for questions about types.
    pub fn of_types(types: &[Type]) -> Self {
        Self::list("[]".into(), types, 0)
    }

    pub const fn depth(&self) -> usize {
        self.depth
    }

    /// Inside of one more lambda, whose variable has this number.
    #[must_use]
    pub const fn nested(mut self) -> Self {
        self.depth += 1;
        self
    }

    /// Other arguments over the same rows or items.
    #[must_use]
    pub fn with(&self, args: Vec<Typed>) -> Self {
        Self { args, ..self.clone() }
    }

    pub fn arg(&self, i: usize, name: &str) -> Result<&Typed> {
        self.args
            .get(i)
            .ok_or_else(|| SqlError::new(Code::NumberOfArguments, format!("`{name}` wants more arguments")))
    }

    /// Only what meets a condition.
    pub fn keep(&mut self, condition: String) {
        match &mut self.source {
            Source::Rows { filter, .. } => filter.push(condition),
            Source::List { items, item } => {
                *items = format!("list_filter({items}, lambda {item}: {condition})");
            }
        }
    }

    /// Leaves NULL out: the types lose `Nullable`. Whether any of the first `n` had it.
    pub fn strip(&mut self, n: usize) -> bool {
        let mut found = false;
        for (i, arg) in self.args.iter_mut().enumerate() {
            if arg.ty.is_nullable() {
                found |= i < n;
                self.known.push(format!("{} IS NOT NULL", arg.sql));
                arg.ty = arg.ty.without_null();
            }
        }
        found
    }

    /// The conditions on rows, where a function does not leave NULL out by itself.
    fn conditions(&self, filter: &[String], strict: bool) -> String {
        let known = if strict && self.args.len() == 1 { &[][..] } else { &self.known };
        let all: Vec<String> = filter.iter().chain(known).map(|c| bracketed(c)).collect();
        if all.is_empty() { String::new() } else { format!(" FILTER (WHERE {})", all.join(" AND ")) }
    }

    /// The list with its items that are fed.
    fn items(&self, items: &str, item: &str) -> String {
        if self.known.is_empty() {
            items.to_owned()
        } else {
            format!("list_filter({items}, lambda {item}: {})", self.known.join(" AND "))
        }
    }

    fn call(&self, function: &str, value: &str, extra: &str, strict: bool) -> String {
        match &self.source {
            Source::Rows { filter, over, order } => {
                let over = over.as_ref().map_or(String::new(), |o| format!(" OVER {o}"));
                let order = order.as_ref().filter(|_| !value.starts_with("DISTINCT ") && value != "*");
                let order = order.map_or(String::new(), |o| format!(" ORDER BY {o}"));
                format!("{function}({value}{extra}{order}){}{over}", self.conditions(filter, strict))
            }
            Source::List { items, item } => {
                format!("list_aggregate({}, '{function}'{extra})", self.mapped(items, item, value))
            }
        }
    }

    fn mapped(&self, items: &str, item: &str, value: &str) -> String {
        let items = self.items(items, item);
        if value == item { items } else { format!("list_transform({items}, lambda {item}: {value})") }
    }

    /// An aggregate that leaves NULL out; NULL of nothing. The value has to be NULL where a single argument is.
    pub fn fold(&self, function: &str, value: &str) -> String {
        self.call(function, value, "", true)
    }

    /// The same with constants behind the value.
    pub fn fold_with(&self, function: &str, value: &str, constants: &str) -> String {
        self.call(function, value, &format!(", {constants}"), true)
    }

    /// How many are fed.
    pub fn count(&self) -> String {
        match &self.source {
            Source::Rows { .. } => self.call("count", "*", "", false),
            Source::List { items, item } => format!("len({})", self.items(items, item)),
        }
    }

    /// How many different values there are.
    pub fn count_distinct(&self, value: &str) -> String {
        match &self.source {
            Source::Rows { .. } => self.call("count", &format!("DISTINCT {value}"), "", false),
            Source::List { items, item } => {
                format!("len(list_distinct({}))", self.mapped(items, item, value))
            }
        }
    }

    /// All values in the order in which they come; never NULL.
    pub fn gather(&self, value: &str) -> String {
        match &self.source {
            Source::Rows { .. } => format!("coalesce({}, [])", self.call("list", value, "", false)),
            Source::List { items, item } => self.mapped(items, item, value),
        }
    }

    /// The different values in no order; never NULL.
    pub fn gather_distinct(&self, value: &str) -> String {
        match &self.source {
            Source::Rows { .. } => {
                format!("coalesce({}, [])", self.call("list", &format!("DISTINCT {value}"), "", false))
            }
            Source::List { items, item } => format!("list_distinct({})", self.mapped(items, item, value)),
        }
    }

    /// The first or last value, be it NULL.
    pub fn edge(&self, last: bool, value: &str) -> String {
        match &self.source {
            Source::Rows { filter, over: Some(over), .. } if filter.is_empty() => {
                format!("{}({value}) OVER {over}", if last { "last_value" } else { "first_value" })
            }
            _ => self.end(last, value),
        }
    }

    /// The first or last value; NULL of nothing.
    pub fn end(&self, last: bool, value: &str) -> String {
        match &self.source {
            Source::Rows { filter, over: Some(over), .. } => {
                let function = if last { "last_value" } else { "first_value" };
                let conditions: Vec<String> =
                    filter.iter().chain(&self.known).map(|c| bracketed(c)).collect();
                let value = if conditions.is_empty() {
                    value.to_owned()
                } else {
                    format!("CASE WHEN {} THEN {value} END", conditions.join(" AND "))
                };
                format!("{function}({value} IGNORE NULLS) OVER {over}")
            }
            Source::Rows { .. } => self.call(if last { "last" } else { "first" }, value, "", false),
            Source::List { items, item } => {
                format!("({})[{}]", self.mapped(items, item, value), if last { "-1" } else { "1" })
            }
        }
    }

    /// The value beside the least or greatest key, the first of several; NULL of nothing.
    pub fn beside(&self, greatest: bool, value: &str, key: &str) -> String {
        match &self.source {
            Source::Rows { .. } => {
                let function = if greatest { "arg_max_null" } else { "arg_min_null" };
                self.call(function, &format!("{value}, {key}"), "", false)
            }
            Source::List { items, item } => {
                let (function, sign) = if greatest { ("max", "-") } else { ("min", "") };
                let number = format!("n{}_", self.depth);
                format!(
                    "list_aggregate(list_transform({}, lambda {item}, {number}: struct_pack(k := {key}, n := {sign}{number}, v := {value})), '{function}').v",
                    self.items(items, item)
                )
            }
        }
    }

    /// An aggregate of two values; `None` over lists, which DuckDB does not fold in pairs.
    pub fn pair(&self, function: &str, a: &str, b: &str) -> Option<String> {
        match &self.source {
            Source::Rows { .. } => Some(self.call(function, &format!("{a}, {b}"), "", false)),
            Source::List { .. } => None,
        }
    }

    /// All arguments of all rows as a list.
    pub fn gathered(&self, distinct: bool) -> String {
        let value = self.packed();
        if !distinct {
            return self.gather(&value);
        }
        let first = match self.args.as_slice() {
            [one] => super::order::of_arrival(&self.gather(&value), &one.ty, self.depth, 0),
            _ => None,
        };
        first.unwrap_or_else(|| self.gather_distinct(&value))
    }

    /// The arguments as one value.
    pub fn packed(&self) -> String {
        match self.args.as_slice() {
            [one] => one.value(),
            many => {
                let fields = many.iter().enumerate().map(|(i, a)| format!("a{i} := {}", a.value()));
                let fields: Vec<String> = fields.collect();
                if fields.is_empty() { "1".into() } else { format!("struct_pack({})", fields.join(", ")) }
            }
        }
    }

    /// The same values from a list.
    pub fn listed(&self, distinct: bool) -> Self {
        let types: Vec<Type> = self.args.iter().map(|a| a.ty.clone()).collect();
        Self::list(self.gathered(distinct), &types, self.depth)
    }

    /// Items of the arrays that the arguments are, side by side.
    pub fn exploded(&self, name: &str) -> Result<Self> {
        let mut types = Vec::new();
        for arg in &self.args {
            match arg.ty.plain() {
                Type::Array(item) => types.push((**item).clone()),
                other => {
                    return Err(SqlError::new(
                        Code::IllegalType,
                        format!("`{name}` wants arrays, found `{other}`"),
                    ));
                }
            }
        }
        let arrays = match self.args.as_slice() {
            [one] => one.value(),
            many => {
                let number = format!("n{}_", self.depth);
                let fields = many.iter().enumerate();
                let fields = fields.map(|(i, a)| format!("a{i} := ({})[{number}]", a.value()));
                let first = many.first().map_or("[]".into(), Typed::value);
                format!(
                    "list_transform(range(1, len({first}) + 1), lambda {number}: struct_pack({}))",
                    fields.collect::<Vec<_>>().join(", ")
                )
            }
        };
        Ok(Self::list(format!("flatten({})", self.gather(&arrays)), &types, self.depth + 1))
    }
}

fn bracketed(condition: &str) -> String {
    if condition.contains(" OR ") || condition.contains(" AND ") {
        format!("({condition})")
    } else {
        condition.to_owned()
    }
}

/// A value that the body uses many times and that is computed once.
pub fn bind(value: &str, variable: &str, body: &str) -> String {
    format!("list_transform([{value}], lambda {variable}: {body})[1]")
}

impl Type {
    /// Without `Nullable` around it; a `SimpleAggregateFunction` of such a type is none any more.
    fn without_null(&self) -> Self {
        match self {
            Self::Nullable(inner) => (**inner).clone(),
            Self::SimpleAggregateFunction(state) => {
                state.args.first().map_or(Self::Nothing, Self::without_null)
            }
            other => other.clone(),
        }
    }

    /// As aggregate functions see it: without dictionaries, at any depth.
    pub fn as_aggregated(&self) -> Self {
        match self {
            Self::SimpleAggregateFunction(state) => {
                // The name goes with the dictionary.
                let bare = state.args.first().map_or(Self::Nothing, Self::without_dictionaries);
                if state.args.first() == Some(&bare) { self.clone() } else { bare }
            }
            other => other.without_dictionaries(),
        }
    }
}

/// The default of a type in the place of NULL.
pub fn or_default(sql: String, ty: &Type) -> Result<String> {
    Ok(format!("coalesce({sql}, {})", duck::default_of(ty)?))
}
