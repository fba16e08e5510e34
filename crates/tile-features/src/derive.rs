//! Columns that are made of features by expressions, at a fetch.
//!
//! The name `*` keeps all features but those that another derivation renames or makes anew. Without it only what is derived is given.

use crate::definition::Derivation;
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
        let mut made = Vec::new();
        let mut hidden: Vec<String> = Vec::new();
        for derivation in derivations.iter().filter(|d| d.name != "*") {
            let at = |e: Error| Error { at: Some(format!("derivations.{}", derivation.name)), ..e };
            let expression = parse(&derivation.expression).and_then(|p| p.resolve(&schema)).map_err(at)?;
            hidden.push(derivation.name.clone());
            if let Some(renamed) = expression.as_column().and_then(|place| schema.0.get(place)) {
                hidden.push(renamed.0.clone());
            }
            let ty = expression.ty().clone();
            made.push((derivation.name.clone(), ty, From::Made(Box::new(expression))));
        }
        let keeps = derivations.is_empty() || derivations.iter().any(|d| d.name == "*");
        let plain = features.iter().enumerate().filter(|(_, (name, _))| keeps && !hidden.contains(name));
        let mut columns: Vec<(String, Type, From)> =
            plain.map(|(at, (name, ty))| (name.clone(), ty.clone(), From::Place(at))).collect();
        columns.extend(made);
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
        let wrong = derive(&[("c", "nothing + 1")]).unwrap_err();
        assert_eq!(wrong.at.as_deref(), Some("derivations.c"));
    }
}
