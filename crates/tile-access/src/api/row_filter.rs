//! Extension: row conditions of tables, `where=<column><op><value>` with `= != > >= < <= ~` (`~`: contains text), all of
//! which must hold; and `every=n`, every n-th of the rows that are left. Missing values meet no condition.

use crate::data::Batches;
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, BooleanArray, RecordBatch, Scalar, StringArray};
use arrow_ord::cmp;
use arrow_schema::{DataType, Schema};
use std::sync::Arc;
use tile_base::{Error, Result};
use tile_web::Req;

const OPERATORS: [&str; 7] = ["!=", ">=", "<=", "=", ">", "<", "~"];
const CONDITIONS_MAX: usize = 32;

/// One condition, with its value in the column's type.
struct Condition {
    column: usize,
    op: &'static str,
    value: ArrayRef,
}

/// Conditions and thinning of a request.
pub struct RowFilter {
    conditions: Vec<Condition>,
    every: usize,
}

impl RowFilter {
    /// `None` when the request asks for no filter.
    ///
    /// # Errors
    /// `Invalid` for unknown columns; `Malformed` for values that do not fit the column.
    pub fn of(req: &Req, schema: &Schema) -> Result<Option<Self>> {
        let every =
            req.query.number("every", 1, u64::MAX)?.and_then(|n| usize::try_from(n).ok()).unwrap_or(1);
        let conditions: Vec<Condition> =
            req.query.all("where").map(|t| condition(t, schema)).collect::<Result<_>>()?;
        if conditions.len() > CONDITIONS_MAX {
            return Err(Error::malformed(format!(
                "{} conditions, at most {CONDITIONS_MAX} are possible",
                conditions.len()
            )));
        }
        Ok((every > 1 || !conditions.is_empty()).then_some(Self { conditions, every }))
    }

    /// The columns that have to be read for the conditions.
    pub fn columns(&self) -> Vec<usize> {
        self.conditions.iter().map(|c| c.column).collect()
    }

    /// Filters batches of the columns `have` and keeps the first `keep` of them.
    pub fn apply(self, batches: Batches, have: Vec<usize>, keep: usize) -> Batches {
        let mut seen = 0;
        Box::new(batches.map(move |batch| {
            let batch = batch?;
            let mut mask = vec![true; batch.num_rows()];
            for c in &self.conditions {
                let at = have
                    .iter()
                    .position(|h| *h == c.column)
                    .ok_or_else(|| Error::internal("a condition's column was not read"))?;
                let hit = test(batch.column(at), c)?;
                mask.iter_mut().zip(hit.iter()).for_each(|(m, h)| *m &= h == Some(true));
            }
            for m in mask.iter_mut().filter(|m| **m) {
                *m = seen % self.every == 0;
                seen += 1;
            }
            let kept: Vec<usize> = (0..keep).collect();
            let out: std::result::Result<RecordBatch, _> = batch
                .project(&kept)
                .and_then(|b| arrow_select::filter::filter_record_batch(&b, &BooleanArray::from(mask)));
            out.map_err(|e| Error::internal("cannot filter").source(e))
        }))
    }
}

fn condition(text: &str, schema: &Schema) -> Result<Condition> {
    let bad = || {
        Error::malformed(format!(
            "condition `{}` is not `column<op>value`",
            text.chars().take(80).collect::<String>()
        ))
        .hint(format!("Operators: {}", OPERATORS.join(" ")))
    };
    // The first operator in the text, the longest at that place.
    let (at, op) = OPERATORS
        .iter()
        .filter_map(|op| text.find(op).map(|i| (i, *op)))
        .min_by_key(|(i, op)| (*i, std::cmp::Reverse(op.len())))
        .ok_or_else(bad)?;
    let (name, value) =
        (text.get(..at).ok_or_else(bad)?.trim(), text.get(at + op.len()..).ok_or_else(bad)?.trim());
    let column = *crate::reading::table::columns_of(schema, &[name.to_owned()])?.first().ok_or_else(bad)?;
    let kind = schema.field(column).data_type();
    let text_value: ArrayRef = Arc::new(StringArray::from(vec![value]));
    let target =
        if op == "~" || matches!(kind, DataType::Dictionary(..) | DataType::LargeUtf8 | DataType::Utf8View) {
            &DataType::Utf8
        } else {
            kind
        };
    let value =
        arrow_cast::cast(&text_value, target).ok().filter(|v| v.null_count() == 0).ok_or_else(|| {
            Error::malformed(format!("`{value}` is not a value of column `{name}`, which holds {kind}"))
        })?;
    Ok(Condition { column, op, value })
}

fn test(column: &ArrayRef, c: &Condition) -> Result<BooleanArray> {
    let failed =
        |e: arrow_schema::ArrowError| Error::malformed(format!("the column cannot be compared: {e}"));
    let column = if column.data_type() == c.value.data_type() {
        column.clone()
    } else {
        arrow_cast::cast(column, c.value.data_type()).map_err(failed)?
    };
    let value = Scalar::new(c.value.clone());
    match c.op {
        "=" => cmp::eq(&column, &value),
        "!=" => cmp::neq(&column, &value),
        ">" => cmp::gt(&column, &value),
        ">=" => cmp::gt_eq(&column, &value),
        "<" => cmp::lt(&column, &value),
        "<=" => cmp::lt_eq(&column, &value),
        _ => {
            let wanted = c.value.as_string::<i32>().value(0).to_owned();
            Ok(column.as_string::<i32>().iter().map(|v| v.map(|v| v.contains(&wanted))).collect())
        }
    }
    .map_err(failed)
}
