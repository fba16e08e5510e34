//! The forms that features have in tables of the catalog, and in SQL.

use crate::arrow;
use crate::json::{self, Form as Written};
use crate::types::Type;
use crate::value::Value;
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, ListArray};
use arrow_cast::cast;
use arrow_schema::{DataType, Field, TimeUnit};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::sync::Arc;
use tile_base::{Error, Result};

/// What the items of lists are called in Arrow.
const ITEM: &str = "item";

/// Who reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Readers of tables: a map is a list of pairs, which all of them know.
    Catalog,
    /// SQL: scalars, and lists of them, which are never null. Bytes are text in base64, as in answers, and all else is JSON.
    Sql,
}

impl Form {
    /// A column of that type.
    pub fn field(self, name: &str, ty: &Type) -> Field {
        let data_type = match self {
            Self::Catalog => in_catalog(ty),
            Self::Sql => in_sql(&sql_type(ty)),
        };
        let is_nullable = self == Self::Catalog || !matches!(data_type, DataType::List(_));
        Field::new(name, data_type, is_nullable)
    }

    /// Values of that type as such a column.
    ///
    /// # Errors
    /// None but a defect.
    pub fn array(self, values: &[Value], ty: &Type) -> Result<ArrayRef> {
        match self {
            Self::Catalog => pairs(arrow::write_values(values, ty)?, &in_catalog(ty)),
            Self::Sql => {
                let (shown, values) =
                    (sql_type(ty), values.iter().map(|value| sql_value(value, ty)).collect::<Vec<_>>());
                let array = arrow::write_values(&values, &shown)?;
                cast(&array, &in_sql(&shown))
                    .map_err(|e| Error::internal("a feature without a form in SQL").source(e))
            }
        }
    }
}

fn in_catalog(ty: &Type) -> DataType {
    match arrow::data_type(ty) {
        DataType::Map(entries, _) => {
            DataType::List(Arc::new(Field::new(ITEM, entries.data_type().clone(), true)))
        }
        other => other,
    }
}

/// An array as that type.
fn pairs(array: ArrayRef, ty: &DataType) -> Result<ArrayRef> {
    let (Some(map), DataType::List(item)) = (array.as_map_opt(), ty) else { return Ok(array) };
    let entries = Arc::new(map.entries().clone());
    ListArray::try_new(item.clone(), map.offsets().clone(), entries, map.nulls().cloned())
        .map(|list| Arc::new(list) as ArrayRef)
        .map_err(|e| Error::internal("a map that is no list of pairs").source(e))
}

const fn is_scalar(ty: &Type) -> bool {
    !matches!(ty, Type::List(_) | Type::Map(_) | Type::Struct(_))
}

fn sql_type(ty: &Type) -> Type {
    match ty {
        Type::List(of) if is_scalar(of) => Type::List(Box::new(sql_type(of))),
        Type::Binary | Type::List(_) | Type::Map(_) | Type::Struct(_) => Type::Text,
        scalar => scalar.clone(),
    }
}

fn in_sql(shown: &Type) -> DataType {
    match shown {
        Type::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, None),
        Type::List(of) => DataType::List(Arc::new(Field::new(ITEM, in_sql(of), true))),
        other => arrow::data_type(other),
    }
}

fn sql_value(value: &Value, ty: &Type) -> Value {
    match (value, ty) {
        (Value::Null, Type::List(of)) if is_scalar(of) => Value::List(Box::new([])),
        (Value::List(items), Type::List(of)) if is_scalar(of) => {
            Value::List(items.iter().map(|item| sql_value(item, of)).collect())
        }
        (Value::Bytes(bytes), _) => Value::Text(STANDARD.encode(bytes).into()),
        (Value::List(_) | Value::Map(_) | Value::Struct(_), _) => {
            Value::Text(json::to_json(value, ty, Written::Answer).to_string().into())
        }
        (scalar, _) => scalar.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(of: Type) -> Type {
        Type::List(Box::new(of))
    }

    #[test]
    fn a_map_is_shown_as_a_list_of_pairs() {
        let ty = Type::Map(Box::new(Type::Long));
        let values = [Value::Map([("a".into(), Value::Int(2))].into()), Value::Null];
        let shown = Form::Catalog.array(&values, &ty).unwrap();
        assert_eq!(shown.data_type(), Form::Catalog.field("m", &ty).data_type());
        assert!(shown.is_null(1));
        let pair = shown.as_list::<i32>().value(0);
        assert_eq!(pair.as_struct().column(0).as_string::<i32>().value(0), "a");
    }

    #[test]
    fn sql_sees_scalars_lists_of_them_and_json() {
        let int = |x| Value::Int(x);
        let lists = [Value::List([int(1), Value::Null].into()), Value::Null];
        for ty in [list(Type::Long), list(Type::Timestamp), list(Type::Date)] {
            let shown = Form::Sql.array(&lists, &ty).unwrap();
            let field = Form::Sql.field("l", &ty);
            assert_eq!(shown.data_type(), field.data_type());
            assert!(!field.is_nullable() && shown.null_count() == 0);
            assert_eq!(shown.as_list::<i32>().value_length(0), 2);
            assert_eq!(shown.as_list::<i32>().value_length(1), 0);
        }
        let text = |value: Value, ty: &Type| {
            assert_eq!(*Form::Sql.field("t", ty).data_type(), DataType::Utf8);
            Form::Sql.array(&[value], ty).unwrap().as_string::<i32>().value(0).to_owned()
        };
        assert_eq!(text(Value::Bytes([0, 255].into()), &Type::Binary), "AP8=");
        let map = Value::Map([("a".into(), int(2))].into());
        assert_eq!(text(map.clone(), &Type::Map(Box::new(Type::Long))), r#"{"a":2}"#);
        let pair = Type::Struct(vec![("k".into(), Type::Text), ("n".into(), Type::Long)]);
        let nested = Value::List([Value::Struct([Value::Text("x".into()), int(3)].into())].into());
        assert_eq!(text(nested, &list(pair)), r#"[{"k":"x","n":3}]"#);
        let time = Form::Sql.array(&[int(1_500)], &Type::Timestamp).unwrap();
        assert_eq!(time.as_primitive::<arrow_array::types::TimestampMicrosecondType>().value(0), 1_500_000);
    }
}
