//! Names of aggregate functions: a base and the combinators behind it.

use super::{ALL, Aggregate};

/// What stands behind a base name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Combinator {
    If,
    Array,
    Distinct,
    OrNull,
    OrDefault,
    State,
    SimpleState,
    Merge,
    ForEach,
    Map,
    Resample,
    ArgMin,
    ArgMax,
}

/// Longer endings stand before those that they end in.
const COMBINATORS: &[(&str, Combinator)] = &[
    ("SimpleState", Combinator::SimpleState),
    ("State", Combinator::State),
    ("Merge", Combinator::Merge),
    ("Distinct", Combinator::Distinct),
    ("OrDefault", Combinator::OrDefault),
    ("OrNull", Combinator::OrNull),
    ("Array", Combinator::Array),
    ("ForEach", Combinator::ForEach),
    ("Resample", Combinator::Resample),
    ("ArgMin", Combinator::ArgMin),
    ("ArgMax", Combinator::ArgMax),
    ("Map", Combinator::Map),
    ("If", Combinator::If),
];

impl Combinator {
    fn ending(self) -> &'static str {
        COMBINATORS.iter().find(|(_, c)| *c == self).map_or("", |(ending, _)| ending)
    }
}

/// A base and its combinators, the outermost last.
#[derive(Clone)]
pub struct Stack {
    pub base: &'static Aggregate,
    pub combinators: Vec<Combinator>,
}

impl Stack {
    /// The name in a state's type: aliases are gone.
    pub fn name(&self) -> String {
        let endings: String = self.combinators.iter().map(|c| c.ending()).collect();
        format!("{}{endings}", self.base.name)
    }

    pub fn outermost(&self) -> Option<Combinator> {
        self.combinators.last().copied()
    }

    /// Without the outermost combinator.
    pub fn inner(&self) -> Self {
        let mut inner = self.clone();
        inner.combinators.pop();
        inner
    }
}

fn find(name: &str) -> Option<&'static Aggregate> {
    let all = || ALL.iter().copied().flatten();
    let exact = all().find(|a| a.name == name || a.aliases.contains(&name));
    exact.or_else(|| {
        all().find(|a| {
            a.any_case
                && (a.name.eq_ignore_ascii_case(name)
                    || a.aliases.iter().any(|n| n.eq_ignore_ascii_case(name)))
        })
    })
}

/// Takes a name apart.
pub fn parse(name: &str) -> Option<Stack> {
    if let Some(base) = find(name) {
        return Some(Stack { base, combinators: vec![] });
    }
    COMBINATORS.iter().find_map(|(ending, combinator)| {
        let mut stack = parse(name.strip_suffix(ending)?)?;
        // These two belong inside of a state.
        match (combinator, stack.outermost()) {
            (Combinator::OrNull | Combinator::OrDefault, Some(Combinator::State | Combinator::Merge)) => {
                let at = stack.combinators.len() - 1;
                stack.combinators.insert(at, *combinator);
            }
            _ => stack.combinators.push(*combinator),
        }
        Some(stack)
    })
}
