//! A Join as a source: each row of its left side gets the features of the parts as they were at the row's time, and a query selects of
//! both. Everything here but [`Parts`] is expressions over values, row by row.

use super::outputs::{self, Columns};
use super::selected::Selected;
use crate::arrow;
use crate::column::Column;
use crate::definition::{GroupBy, Join, Query, Rows, Source};
use crate::derive::Derive;
use crate::expression::{Expression, Projection, identifier, parse};
use crate::key;
use crate::types::{Schema, Type};
use crate::value::Value;
use crate::window::DAY_MS;
use arrow_array::RecordBatch;
use std::sync::Arc;
use tile_base::{Error, Result};

/// The time of a row, where nothing else is said.
const TS: &str = "ts";

/// Gives features of GroupBys.
pub trait Parts {
    /// For each key and time what a GroupBy gives, derived where it derives. Blocks.
    ///
    /// # Errors
    /// Why it is not served.
    fn rows(&self, group: &Arc<GroupBy>, asked: &[(Vec<u8>, i64)]) -> Result<Vec<Vec<Value>>>;
}

/// Rows by their values.
pub struct Valued {
    pub times: Vec<i64>,
    pub rows: Vec<Vec<Value>>,
    /// Rows without a time, which are left out.
    pub timeless: usize,
}

/// The Joins of a source, the innermost first.
pub struct Joined {
    /// What is read of the innermost left side.
    left: Schema,
    stages: Vec<Stage>,
    /// Rows have the times of the left side in the end.
    pub keeps_times: bool,
}

/// A Join, and what is selected of it.
pub type Link<'a> = (&'a Arc<Join>, &'a Query);

/// The events at the bottom of a source, and the Joins over them with what is selected of each, the innermost first.
///
/// # Errors
/// `Invalid` for a left side that has no times.
pub fn chain(source: &Source) -> Result<(&Source, Vec<Link<'_>>)> {
    let mut stages = Vec::new();
    let mut at = source;
    while let Rows::Join(join) = &at.rows {
        stages.push((join, &at.query));
        at = &join.left;
    }
    stages.reverse();
    match &at.rows {
        Rows::Events { .. } => Ok((at, stages)),
        _ => Err(Error::invalid("the left side of a Join that is a source has rows of entities")
            .hint("Take one whose left side are events: they have a time for which features hold")),
    }
}

/// The GroupBys that rows of a source get features of, for which days later they are labels left out.
pub fn parts(source: &Source) -> Vec<Arc<GroupBy>> {
    let Ok((_, stages)) = chain(source) else { return Vec::new() };
    let of = |join: &Join| crate::training::parts(join).into_iter().filter(|(_, _, label)| label.is_none());
    stages.iter().flat_map(|(join, _)| of(join)).map(|(part, ..)| part.group_by).collect()
}

impl Joined {
    /// # Errors
    /// `Invalid` for what does not fit; those of `columns`.
    pub fn new(selected: &Selected, stages: &[Link<'_>], columns: Columns<'_>) -> Result<Self> {
        let left = selected.schema();
        let keeps_times = stages.iter().all(|(_, query)| keeps_times(query));
        let mut made: Vec<Stage> = Vec::new();
        for (join, query) in stages {
            let input = made.last().map_or(&left, |stage| &stage.schema);
            made.push(Stage::new(join, query, input, columns)?);
        }
        Ok(Self { left, stages: made, keeps_times })
    }

    /// How many columns are read of the left side beside the time.
    pub fn width(&self) -> usize {
        self.left.0.len()
    }

    /// What is selected in the end.
    pub fn schema(&self) -> &Schema {
        self.stages.last().map_or(&self.left, |stage| &stage.schema)
    }

    /// The place among the columns that are read of a column of the end, when it goes through unchanged.
    pub fn unchanged(&self, name: &str) -> Option<usize> {
        let mut name = name.to_owned();
        for stage in self.stages.iter().rev() {
            let at = stage.selects.get(stage.schema.find(&name)?)?.as_column()?;
            name = stage.left.0.get(at)?.0.clone();
        }
        self.left.find(&name)
    }

    /// What becomes of rows with those times. Blocks.
    ///
    /// # Errors
    /// Those of the parts; `Invalid` for a value that its type does not hold.
    pub fn rows(&self, batch: &RecordBatch, times: Vec<i64>, parts: &dyn Parts) -> Result<Valued> {
        let columns = batch.columns().iter().zip(&self.left.0).map(|(array, (name, ty))| {
            arrow::read_as(array.as_ref(), ty).map_err(|e| e.at(format!("column `{name}`")))
        });
        let columns: Vec<Column> = columns.collect::<Result<_>>()?;
        let row = |at: usize| columns.iter().map(|column| column.cell(at).to_value()).collect();
        let rows = (0..times.len()).map(row).collect();
        let mut valued = Valued { times, rows, timeless: 0 };
        for stage in &self.stages {
            valued = stage.rows(valued, parts)?;
        }
        Ok(valued)
    }
}

/// A part of a Join.
struct Linked {
    group: Arc<GroupBy>,
    /// Places of its keys on the left side, and their types.
    keys: Vec<(usize, Type)>,
    /// Of the keys, texts of values whose rows get nothing.
    skewed: Vec<Vec<String>>,
    /// How many columns it gives.
    width: usize,
}

/// One Join.
struct Stage {
    /// The left side, with `ts`.
    left: Schema,
    has_ts: bool,
    parts: Vec<Linked>,
    /// What comes with a request: a column of the left side, or null.
    external: Vec<Option<usize>>,
    derive: Derive,
    selects: Vec<Expression>,
    wheres: Vec<Expression>,
    time: Expression,
    schema: Schema,
}

impl Stage {
    fn new(join: &Join, query: &Query, input: &Schema, columns: Columns<'_>) -> Result<Self> {
        if !join.bootstrap.is_empty() {
            return Err(Error::invalid(
                "a Join with rows that are known already is not a source of what is served",
            )
            .hint("Leave out its bootstrap, or use the GroupBy for training data only"));
        }
        let has_ts = input.find(TS).is_some();
        let mut left = input.clone();
        if !has_ts {
            left.0.push((TS.to_owned(), Type::Long));
        }
        let mut features = Vec::new();
        let mut parts = Vec::new();
        for (part, prefix, label) in crate::training::parts(join) {
            if label.is_some() {
                continue;
            }
            let of = outputs::group_by(&part.group_by, columns)?;
            let named = of.columns.iter().map(|(name, ty)| (format!("{prefix}_{name}"), ty.clone()));
            features.extend(named);
            let mut keys = Vec::new();
            let mut skewed = Vec::new();
            for (key, ty) in of.keys {
                let name = part.left_key(&key);
                keys.push((key_place(name, &ty, &left)?, ty));
                let of = join.skew_keys.iter().filter(|(skewed, _)| skewed == name);
                skewed.push(of.flat_map(|(_, values)| values.clone()).collect());
            }
            parts.push(Linked { group: part.group_by.clone(), keys, skewed, width: of.columns.len() });
        }
        let mut external = Vec::new();
        for part in join.external.iter().filter(|part| part.offline.is_none()) {
            for (column, ty) in &part.values {
                let name = format!("{}_{column}", part.full_prefix());
                if left.find(&name).is_none() {
                    external.push(left.find(column).filter(|_| part.is_contextual()));
                    features.push((name, ty.clone()));
                }
            }
        }
        let derive = Derive::new(&join.derivations, &features, &left.0)?;
        let mut whole = left.clone();
        whole.0.extend(derive.typed());
        let made = Self {
            has_ts,
            parts,
            external,
            derive,
            selects: Vec::new(),
            wheres: Vec::new(),
            time: parse(TS)?.resolve(&whole)?,
            schema: Schema(Vec::new()),
            left,
        };
        made.selecting(query, &whole)
    }

    /// With what is selected of the whole.
    fn selecting(mut self, query: &Query, whole: &Schema) -> Result<Self> {
        // Who selects nothing selects all.
        let all: Vec<(String, String)> = whole.0.iter().map(|(n, _)| (n.clone(), format!("`{n}`"))).collect();
        let selects = if query.selects.is_empty() { &all } else { &query.selects };
        let is_column = |name: &str| whole.find(name).is_some();
        let projection = Projection::new(selects, &is_column)?;
        for (name, _) in selects {
            let at = |e: Error| Error { at: Some(format!("selects.{name}")), ..e };
            let expression = projection.get(name)?.resolve(whole).map_err(at)?;
            self.schema.0.push((name.clone(), expression.ty().clone()));
            self.selects.push(expression);
        }
        for (index, text) in query.wheres.iter().enumerate() {
            let at = |e: Error| Error { at: Some(format!("wheres[{index}]")), ..e };
            let condition = parse(text).and_then(|p| p.resolve(whole)).map_err(at)?;
            if *condition.ty() != Type::Bool {
                return Err(at(Error::invalid(format!(
                    "a condition is true or false, not a {}",
                    condition.ty()
                ))));
            }
            self.wheres.push(condition);
        }
        if let Some(text) = query.time.as_deref().or_else(|| is_column(TS).then_some(TS)) {
            let at = |e: Error| Error { at: Some("time_column".to_owned()), ..e };
            self.time = projection.beside(text).and_then(|p| p.resolve(whole)).map_err(at)?;
            self.time.print_as_millis().map_err(at)?;
        }
        Ok(self)
    }

    fn rows(&self, of: Valued, parts: &dyn Parts) -> Result<Valued> {
        let Valued { times, mut rows, timeless } = of;
        if !self.has_ts {
            rows.iter_mut().zip(&times).for_each(|(row, time)| row.push(Value::Int(*time)));
        }
        let mut features: Vec<Vec<Value>> = vec![Vec::new(); rows.len()];
        for part in &self.parts {
            part.add(&rows, &times, parts, &mut features)?;
        }
        let mut out = Valued { times: Vec::with_capacity(rows.len()), rows: Vec::new(), timeless };
        for (left, mut features) in rows.into_iter().zip(features) {
            let given =
                |place: &Option<usize>| place.and_then(|at| left.get(at).cloned()).unwrap_or_default();
            features.extend(self.external.iter().map(given));
            features.extend(left.iter().cloned());
            let mut whole = left;
            whole.extend(self.derive.apply(&features));
            if self.wheres.iter().any(|condition| condition.evaluate(&whole) != Value::Bool(true)) {
                continue;
            }
            match millis(&self.time, &whole) {
                Some(time) => {
                    out.times.push(time);
                    out.rows.push(self.selects.iter().map(|select| select.evaluate(&whole)).collect());
                }
                None => out.timeless += 1,
            }
        }
        Ok(out)
    }
}

impl Linked {
    /// Adds its columns to the features of each row: nulls where a part of the key is null.
    fn add(
        &self,
        rows: &[Vec<Value>],
        times: &[i64],
        parts: &dyn Parts,
        features: &mut [Vec<Value>],
    ) -> Result<()> {
        let types: Vec<Type> = self.keys.iter().map(|(_, ty)| ty.clone()).collect();
        let (mut asked, mut places) = (Vec::new(), Vec::new());
        for (at, row) in rows.iter().enumerate() {
            let values: Vec<Value> =
                self.keys.iter().map(|(place, _)| row.get(*place).cloned().unwrap_or_default()).collect();
            let is_skewed = values.iter().zip(&self.skewed).any(|(value, of)| is_among(value, of));
            if !is_skewed && !values.iter().any(Value::is_null) {
                asked.push((key::of_values(&values, &types)?, times[at]));
                places.push(at);
            }
        }
        let found = if asked.is_empty() { Vec::new() } else { parts.rows(&self.group, &asked)? };
        let mut found = places.into_iter().zip(found).peekable();
        for (at, features) in features.iter_mut().enumerate() {
            match found.next_if(|(place, _)| *place == at) {
                Some((_, row)) => features.extend(row),
                None => features.extend(std::iter::repeat_n(Value::Null, self.width)),
            }
        }
        Ok(())
    }
}

fn is_among(value: &Value, texts: &[String]) -> bool {
    texts.iter().any(|text| match value {
        Value::Text(own) => **own == **text,
        Value::Int(own) => own.to_string() == *text,
        Value::Bool(own) => own.to_string() == *text,
        _ => false,
    })
}

/// The place of a key's column on the left side.
fn key_place(name: &str, ty: &Type, left: &Schema) -> Result<usize> {
    let found = left.find(name).and_then(|at| left.0.get(at).map(|(_, ty)| (at, ty)));
    let Some((at, ours)) = found else {
        return Err(
            Error::invalid(format!("the left rows have no key `{name}`")).did_you_mean(name, left.names())
        );
    };
    let is_alike = ours == ty
        || ours.is_integer() && (ty.is_integer() || ty.is_real())
        || ours.is_real() && ty.is_real();
    if !is_alike {
        return Err(Error::invalid(format!("the key `{name}` is a {ty}, and a {ours} in the left rows"))
            .hint("Cast one of them in the selects of its source"));
    }
    Ok(at)
}

/// A time in milliseconds; none for a null.
fn millis(time: &Expression, row: &[Value]) -> Option<i64> {
    match (time.evaluate(row), time.ty()) {
        (Value::Int(days), Type::Date) => days.checked_mul(DAY_MS),
        (Value::Int(ms), _) => Some(ms),
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a time as a number with a fraction is cut to milliseconds"
        )]
        (Value::Real(ms), _) if ms.is_finite() => Some(ms as i64),
        _ => None,
    }
}

/// Whether a query takes the times of the left rows as they are.
fn keeps_times(query: &Query) -> bool {
    let is_ts = |text: &str| identifier(text) == Some(TS);
    let is_selected = query.selects.iter().any(|(name, text)| name == TS && !is_ts(text));
    query.time.as_deref().is_none_or(is_ts) && !is_selected
}
