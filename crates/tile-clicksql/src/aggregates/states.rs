//! States: what `-State` keeps, how `-Merge` joins and finishes it. They are plain DuckDB values, so that they can be stored,
//! joined in any order, and read back by any later version. NULL is an empty state.
//!
//! The state of a function that computes from parts is a struct of them, or the only one. That of any other function is the
//! list of its arguments.

use super::combine::{call, conditional, strip};
use super::feed::Feed;
use super::name::{Combinator, Stack, parse};
use super::{Args, Body, Part, Parts, order, quantiles};
use crate::duck;
use crate::error::{Code, Result, SqlError};
use crate::typed::Typed;
use crate::types::{AggregateState, Type};

/// What a state keeps: the part of a call that is done once the arguments are known, and what is left to do.
struct Shape {
    rest: Stack,
    feed: Feed,
    /// Whether the result of nothing is NULL.
    null: bool,
}

impl Shape {
    fn of(stack: &Stack, mut feed: Feed) -> Result<Self> {
        let (mut rest, mut null) = (stack.clone(), false);
        loop {
            null |= strip(&rest, &mut feed);
            feed = match rest.outermost() {
                Some(Combinator::If) => conditional(feed, &rest)?,
                Some(Combinator::Array) => feed.exploded(rest.base.name)?,
                Some(Combinator::State | Combinator::Merge | Combinator::SimpleState) => {
                    let message = format!("states of `{}` are not supported", stack.name());
                    return Err(SqlError::new(Code::Unsupported, message));
                }
                _ => return Ok(Self { rest, feed, null }),
            };
            rest = rest.inner();
        }
    }

    fn of_state(state: &AggregateState) -> Result<Self> {
        Self::of(&stack_of(state)?, Feed::of_types(&state.args))
    }

    fn parts(&self) -> Option<&'static Parts> {
        match &self.rest.base.body {
            Body::Parts(parts) if self.rest.combinators.is_empty() => Some(parts),
            _ => None,
        }
    }

    /// The parts, or `None` where the state is a list of arguments.
    fn split(&self, params: &[Typed]) -> Result<Option<Vec<Part>>> {
        let Some(parts) = self.parts() else { return Ok(None) };
        self.rest.base.check_arity(self.feed.args.len())?;
        crate::nanos::check_aggregate(self.rest.base.name, &self.feed.args)?;
        crate::variant::check_aggregate(self.rest.base.name, &self.feed.args)?;
        (parts.split)(&self.args(params)).map(Some)
    }

    const fn args<'x>(&'x self, params: &'x [Typed]) -> Args<'x> {
        Args { name: self.rest.base.name, params, feed: &self.feed, null: self.null }
    }

    fn is_distinct(&self) -> bool {
        self.rest.outermost() == Some(Combinator::Distinct)
    }

    fn types(&self) -> Vec<Type> {
        self.feed.args.iter().map(|a| a.ty.clone()).collect()
    }

    /// The DuckDB type.
    fn form(&self, params: &[Typed]) -> Result<String> {
        if let Some(parts) = self.split(params)? {
            return Ok(struct_of(&parts));
        }
        let types = self.types().iter().map(duck::type_of).collect::<Result<Vec<_>>>()?;
        Ok(match types.as_slice() {
            [] => "INTEGER[]".into(),
            [one] => format!("{one}[]"),
            many => {
                let fields = many.iter().enumerate().map(|(i, t)| format!("a{i} {t}"));
                format!("STRUCT({})[]", fields.collect::<Vec<_>>().join(", "))
            }
        })
    }

    /// The value of a state, from the forms of its parts or from its list.
    fn finish(&self, params: &[Typed], state: &[String]) -> Result<Typed> {
        if let Some(parts) = self.parts() {
            self.rest.base.check_arity(self.feed.args.len())?;
            return (parts.finish)(&self.args(params), state);
        }
        let list = format!("coalesce({}, [])", state.join(""));
        call(&self.rest, params, Feed::list(list, &self.types(), self.feed.depth()), self.null)
    }
}

fn struct_of(parts: &[Part]) -> String {
    match parts {
        [one] => one.ty.clone(),
        many => {
            let fields: Vec<String> = many.iter().map(|p| format!("{} {}", p.name, p.ty)).collect();
            format!("STRUCT({})", fields.join(", "))
        }
    }
}

/// The form of a part in a state.
fn field(state: &str, parts: &[Part], name: &str) -> String {
    if parts.len() == 1 { state.to_owned() } else { format!("({state}).{name}") }
}

/// One value of all parts.
fn packed(parts: &[Part], forms: &[String]) -> String {
    let form = struct_of(parts);
    match forms {
        [one] => format!("CAST({one} AS {form})"),
        many => {
            let fields: Vec<String> =
                parts.iter().zip(many).map(|(p, f)| format!("{} := {f}", p.name)).collect();
            format!("CAST(struct_pack({}) AS {form})", fields.join(", "))
        }
    }
}

fn stack_of(state: &AggregateState) -> Result<Stack> {
    let mut stack = parse(&state.function).ok_or_else(|| {
        SqlError::new(Code::Unsupported, format!("states of `{}` are not supported", state.function))
    })?;
    // `fState` keeps what `f` keeps.
    while stack.outermost() == Some(Combinator::State) {
        stack = stack.inner();
    }
    Ok(stack)
}

fn params_of(state: &AggregateState) -> Vec<Typed> {
    state.params.iter().filter_map(|p| crate::resolve::constant(p)).collect()
}

/// The DuckDB type of a state.
///
/// # Errors
/// `Unsupported` for functions that are not known.
pub fn state_type(state: &AggregateState) -> Result<String> {
    Shape::of_state(state)?.form(&params_of(state))
}

/// `fState(args)`.
pub(super) fn make(stack: &Stack, params: &[Typed], feed: Feed) -> Result<Typed> {
    if stack.outermost() == Some(Combinator::Merge) {
        let (state, column) = state_of(&stack.inner(), &feed)?;
        let (shape, own) = (Shape::of_state(&state)?, params_of(&state));
        let forms = joined(&shape, &own, &feed, &column)?;
        let sql = match shape.split(&own)? {
            Some(parts) => packed(&parts, &forms),
            None => forms.join(""),
        };
        return Ok(Typed::new(sql, Type::AggregateFunction(state)));
    }
    let state = AggregateState {
        function: stack.name(),
        params: params.iter().map(|p| p.name.clone()).collect(),
        args: feed.args.iter().map(|a| a.ty.clone()).collect(),
    };
    // What cannot be finished is no state.
    finalized(&Typed::new("NULL", Type::AggregateFunction(state.clone())))?;
    let shape = Shape::of(stack, feed)?;
    let sql = match shape.split(params)? {
        Some(parts) => packed(&parts, &parts.iter().map(|p| p.make.clone()).collect::<Vec<_>>()),
        None => format!("CAST({} AS {})", shape.feed.gathered(shape.is_distinct()), shape.form(params)?),
    };
    Ok(Typed::new(sql, Type::AggregateFunction(state)))
}

/// The state that `fMerge` is given, and its form.
fn state_of(stack: &Stack, feed: &Feed) -> Result<(AggregateState, String)> {
    let name = format!("{}Merge", stack.name());
    let [column] = feed.args.as_slice() else {
        return Err(SqlError::new(Code::NumberOfArguments, format!("`{name}` takes one state")));
    };
    let Type::AggregateFunction(state) = &column.ty else {
        let message = format!("`{name}` wants a state, found `{}`", column.ty);
        let error = SqlError::new(Code::IllegalType, message);
        return Err(match &column.ty {
            Type::SimpleAggregateFunction(_) => error.hint(format!("use `{}`", stack.name())),
            _ => error,
        });
    };
    let own = stack_of(state)?;
    let bare = |stack: &Stack| {
        let mut stack = stack.clone();
        while stack.outermost() == Some(Combinator::If) {
            stack = stack.inner();
        }
        stack.name()
    };
    let (wanted, found) = (bare(stack), bare(&own));
    // Of functions that take any number of arguments, the condition would be one more.
    let is_conditional = stack.name() != own.name() && wanted == found && stack.base.arity.1 == usize::MAX;
    if is_conditional || wanted != found && !quantiles::same_states(&wanted, &found) {
        let message = format!("`{name}` cannot join the states of `{}`", state.function);
        return Err(SqlError::new(Code::IllegalType, message));
    }
    Ok((state.clone(), column.sql.clone()))
}

/// The forms of many states' parts joined, or of their lists.
fn joined(shape: &Shape, params: &[Typed], feed: &Feed, column: &str) -> Result<Vec<String>> {
    if let Some(parts) = shape.split(params)? {
        let of = |name: &str| field(column, &parts, name);
        return Ok(parts.iter().map(|p| (p.join)(feed, &of)).collect());
    }
    let mut filled = feed.clone();
    filled.keep(format!("{column} IS NOT NULL"));
    let (lists, depth) = (filled.gather(column), feed.depth());
    Ok(vec![match (shape.is_distinct(), shape.feed.args.as_slice()) {
        (true, [one]) => {
            let state = format!("s{depth}_");
            let items = order::of_state(&state, &one.ty, depth);
            let list = format!("flatten(list_transform({lists}, lambda {state}: {items}))");
            order::of_arrival(&list, &one.ty, depth, 0).unwrap_or_else(|| format!("list_distinct({list})"))
        }
        (true, _) => format!("list_distinct(flatten({lists}))"),
        (false, _) => format!("flatten({lists})"),
    }])
}

/// The joined state of a column of states, over rows in an order.
///
/// # Errors
/// `Unsupported` for functions that are not known.
pub fn merge_state(state: &AggregateState, column: &str, order: &str) -> Result<String> {
    let ty = Type::AggregateFunction(state.clone());
    let feed = Feed::ordered(vec![Typed::new(column, ty)], order);
    let mut stack = stack_of(state)?;
    stack.combinators.push(Combinator::Merge);
    make(&stack, &[], feed).map(|t| t.sql)
}

/// `fMerge(column)`.
pub(super) fn merge(stack: &Stack, params: &[Typed], feed: &Feed) -> Result<Typed> {
    let (state, column) = state_of(stack, feed)?;
    let own = params_of(&state);
    let levels = stack.base.name.starts_with("quantile");
    if !levels && params.iter().map(|p| &p.name).ne(&state.params) {
        let message = format!(
            "`{}Merge` has other parameters than its state: expected `{}`",
            stack.name(),
            state.params.join(", ")
        );
        return Err(SqlError::new(Code::IllegalType, message));
    }
    let forms = joined(&Shape::of_state(&state)?, &own, feed, &column)?;
    Shape::of(stack, Feed::of_types(&state.args))?.finish(params, &forms)
}

/// Whether two states are equal where ClickHouse's are: those of parts, but for sets, whose order is not kept.
pub fn is_comparable(state: &AggregateState) -> bool {
    let parts = Shape::of_state(state).and_then(|s| s.split(&params_of(state)));
    matches!(parts, Ok(Some(parts)) if parts.iter().all(|p| !p.ty.ends_with("[]")))
}

/// The value of one state.
///
/// # Errors
/// For what is no state.
pub fn finalized(state: &Typed) -> Result<Typed> {
    let Type::AggregateFunction(inner) = &state.ty else {
        return Err(SqlError::new(Code::IllegalType, format!("expected a state, found `{}`", state.ty)));
    };
    let (shape, params) = (Shape::of_state(inner)?, params_of(inner));
    let forms = match shape.split(&params)? {
        Some(parts) => parts.iter().map(|p| field(&state.sql, &parts, p.name)).collect(),
        // What was different stands in the order of a set once it is a state.
        None => match (shape.is_distinct(), shape.feed.args.as_slice()) {
            (true, [one]) => vec![order::of_state(&state.sql, &one.ty, shape.feed.depth())],
            _ => vec![state.sql.clone()],
        },
    };
    shape.finish(&params, &forms)
}
