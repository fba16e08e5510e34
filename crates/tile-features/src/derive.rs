//! Columns that are made of features by expressions, at a fetch.
//!
//! The name `*` keeps all features but those that another derivation renames or makes anew. Without it only what is derived is given.

use crate::definition::Derivation;
use crate::definition::names::derived_names;
use crate::expression::{Expression, parse};
use crate::types::{Schema, Type};
use crate::value::Value;
use tile_base::{Error, Result};

/// The derivations of a GroupBy or a Join, over its columns.
pub struct Derive {
    columns: Vec<(String, Type, From)>,
    is_plain: bool,
}

enum From {
    /// A column by its place.
    Place(usize),
    Made(Box<Expression>),
}

impl Derive {
    /// `features` are the columns that are there, `beside` those that expressions may name too: keys, the time.
    ///
    /// # Errors
    /// `Invalid` for an expression that does not fit, with the derivation's name as the place.
    pub fn new(
        derivations: &[Derivation],
        features: &[(String, Type)],
        beside: &[(String, Type)],
    ) -> Result<Self> {
        let schema = Schema(features.iter().chain(beside).cloned().collect());
        let names = features.iter().map(|(name, _)| name.clone()).collect();
        let mut columns = Vec::new();
        for name in derived_names(names, derivations) {
            let derivation = derivations.iter().find(|d| d.name == name);
            let Some(derivation) = derivation else {
                let found = features.iter().enumerate().find(|(_, (feature, _))| *feature == name);
                columns.extend(found.map(|(at, (_, ty))| (name, ty.clone(), From::Place(at))));
                continue;
            };
            let at = |e: Error| Error { at: Some(format!("derivations.{name}")), ..e };
            let expression = parse(&derivation.expression).and_then(|p| p.resolve(&schema)).map_err(at)?;
            columns.push((name, expression.ty().clone(), From::Made(Box::new(expression))));
        }
        Ok(Self { columns, is_plain: derivations.is_empty() })
    }

    /// Whether all features are given as they are.
    pub const fn is_plain(&self) -> bool {
        self.is_plain
    }

    /// Names and types of what is given.
    pub fn columns(&self) -> impl Iterator<Item = (&str, &Type)> {
        self.columns.iter().map(|(name, ty, _)| (name.as_str(), ty))
    }

    /// The same, as a list of its own.
    pub fn typed(&self) -> Vec<(String, Type)> {
        self.columns().map(|(name, ty)| (name.to_owned(), ty.clone())).collect()
    }

    /// The values of what is given, made of those of features and of what is beside them.
    pub fn apply(&self, row: &[Value]) -> Vec<Value> {
        let value = |from: &From| match from {
            From::Place(at) => row.get(*at).cloned().unwrap_or_default(),
            // A result that is no number is null, as a feature's is.
            From::Made(expression) => match expression.evaluate(row) {
                Value::Real(x) if !x.is_finite() => Value::Null,
                value => value,
            },
        };
        self.columns.iter().map(|(_, _, from)| value(from)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn derive(list: &[(&str, &str)]) -> Result<(Vec<String>, Vec<Value>)> {
        let list: Vec<Derivation> = list
            .iter()
            .map(|(name, expression)| Derivation { name: (*name).into(), expression: (*expression).into() })
            .collect();
        let features = [("a".to_owned(), Type::Long), ("b".to_owned(), Type::Double)];
        let derive = Derive::new(&list, &features, &[("k".to_owned(), Type::Text)])?;
        let row = [Value::Int(3), Value::Real(0.5), Value::Text("x".into())];
        Ok((derive.columns().map(|(name, _)| name.to_owned()).collect(), derive.apply(&row)))
    }

    #[test]
    fn a_star_keeps_what_is_not_renamed() {
        let (names, values) = derive(&[("*", "*"), ("c", "a"), ("d", "a + 1")]).unwrap();
        assert_eq!(names, ["b", "c", "d"]);
        assert_eq!(values, [Value::Real(0.5), Value::Int(3), Value::Int(4)]);
        assert_eq!(derive(&[]).unwrap().0, ["a", "b"]);
        assert_eq!(
            derive(&[("b", "concat(k, 'y')")]).unwrap(),
            (vec!["b".into()], vec![Value::Text("xy".into())])
        );
        assert_eq!(derive(&[("c", "a / 0")]).unwrap().1, [Value::Null]);
        // In backquotes it is an expression, which renames nothing.
        assert_eq!(derive(&[("*", "*"), ("c", "`a`")]).unwrap().0, ["a", "b", "c"]);
        let wrong = derive(&[("c", "nothing + 1")]).unwrap_err();
        assert_eq!(wrong.at.as_deref(), Some("derivations.c"));
    }
}
