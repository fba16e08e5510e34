//! From aggregations to what is kept and what is given. A slot holds the partial result of one aggregation and bucket, whatever the
//! window; a column is a slot over a window.

use crate::aggregates::parts::words::{Form, Inputs, Lane};
use crate::aggregates::shape::{Entries, is_whole, shaped};
use crate::aggregates::{Aggregate, Args, Ir};
use crate::column::{Block, Cell, Column};
use crate::definition::{Aggregation, names};
use crate::operation::Operation;
use crate::types::{Schema, Type};
use crate::value::Value;
use crate::window::Window;
use tile_base::{Error, Kind, Result};

/// Columns of one plan.
const COLUMNS_MAX: usize = 10_000;

/// What is kept for a tile or a hop, and what is made of it.
pub struct Plan {
    pub slots: Vec<Slot>,
    pub columns: Vec<Output>,
}

/// An aggregation, by one bucket or none.
pub struct Slot {
    /// The name of its columns but for the window and the bucket: `amount_sum`.
    pub stem: String,
    /// The place in the block's schema.
    pub input: usize,
    /// Which of many partial results make its value.
    pub reach: Reach,
    pub operation: Operation,
    pub args: Args,
    /// The type of the input.
    pub ty: Type,
    /// Each cell that is not null is one input: no buckets, no items, no entries.
    pub is_whole: bool,
    /// How its partial result lies in words, where it has a fixed size.
    pub form: Option<Form>,
    fold: Fold,
}

/// Which partial results, in the order of their times, make the value of a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    All,
    /// The last one that is not empty is all of the value.
    Latest,
    /// The first one.
    Earliest,
}

impl Reach {
    const fn of(aggregation: &Aggregation, is_bucketed: bool) -> Self {
        match aggregation.operation {
            _ if is_bucketed || aggregation.is_element_wise => Self::All,
            Operation::Last => Self::Latest,
            Operation::First => Self::Earliest,
            _ => Self::All,
        }
    }
}

/// How a slot takes a row in.
enum Fold {
    Whole(Box<dyn Aggregate>),
    /// By the text of a column.
    Buckets(Entries, usize),
}

/// A feature.
#[derive(Clone, Debug)]
pub struct Output {
    pub name: String,
    pub slot: usize,
    /// None: all of history.
    pub window: Option<Window>,
    pub ty: Type,
}

impl Plan {
    /// # Errors
    /// `Invalid` for a column that the schema lacks, an operation that does not take its type, names that stand twice.
    pub fn new(aggregations: &[Aggregation], schema: &Schema) -> Result<Self> {
        let plan = Self::positional(aggregations, schema)?;
        match names::twice(aggregations) {
            Some((at, name)) => {
                let what = format!("two aggregations give a column `{name}`");
                Err(Error::invalid(what).at(format!("aggregations[{at}]")))
            }
            None => Ok(plan),
        }
    }

    /// The same where columns are told apart by their places, so that a name may stand twice: scenarios have such.
    ///
    /// # Errors
    /// As [`Plan::new`], but for the names.
    pub fn positional(aggregations: &[Aggregation], schema: &Schema) -> Result<Self> {
        let mut plan = Self { slots: Vec::new(), columns: Vec::new() };
        for (at, aggregation) in aggregations.iter().enumerate() {
            plan.add(aggregation, schema).map_err(|e| {
                let what = format!("`{}`: {}", aggregation.shown(), e.what);
                Error { what, at: Some(format!("aggregations[{at}]")), ..e }
            })?;
        }
        if plan.columns.len() > COLUMNS_MAX {
            return Err(Error::invalid(format!("a GroupBy has at most {COLUMNS_MAX} columns")));
        }
        Ok(plan)
    }

    fn add(&mut self, aggregation: &Aggregation, schema: &Schema) -> Result<()> {
        let (input, ty) = place(schema, &aggregation.input)?;
        let buckets: Vec<Option<&String>> = match aggregation.buckets.as_slice() {
            [] => vec![None],
            some => some.iter().map(Some).collect(),
        };
        let windows: Vec<Option<Window>> = match aggregation.windows.as_slice() {
            [] => vec![None],
            some => some.iter().copied().map(Some).collect(),
        };
        let stem = aggregation.stem();
        for bucket in buckets {
            let by = bucket.map(|b| place(schema, b)).transpose()?;
            if let (Some(bucket), Some((_, ty))) = (bucket, by)
                && *ty != Type::Text
            {
                return Err(Error::invalid(format!("the bucket `{bucket}` is a {ty}, not a string")));
            }
            let aggregate = shaped(aggregation, ty, by.is_some())?;
            let fold = match by {
                None => Fold::Whole(aggregate),
                Some((at, _)) => Fold::Buckets(Entries::of_buckets(aggregate), at),
            };
            let is_whole = bucket.is_none() && is_whole(aggregation, ty);
            let form = match &fold {
                Fold::Whole(aggregate) if is_whole => aggregate.form(),
                _ => None,
            };
            let slot = Slot {
                stem: stem.clone(),
                input,
                reach: Reach::of(aggregation, bucket.is_some()),
                operation: aggregation.operation,
                args: aggregation.args.clone(),
                ty: ty.clone(),
                is_whole,
                form,
                fold,
            };
            for window in &windows {
                let name = names::column(&stem, *window, bucket.map(String::as_str));
                let ty = slot.output();
                self.columns.push(Output { name, slot: self.slots.len(), window: *window, ty });
            }
            self.slots.push(slot);
        }
        Ok(())
    }

    /// The places of the columns that are read, in order, each once.
    pub fn inputs(&self) -> Vec<usize> {
        let bucket = |slot: &Slot| if let Fold::Buckets(_, at) = slot.fold { Some(at) } else { None };
        let mut places: Vec<usize> =
            self.slots.iter().flat_map(|slot| [Some(slot.input), bucket(slot)]).flatten().collect();
        places.sort_unstable();
        places.dedup();
        places
    }

    /// Partial results of no row.
    pub fn empty(&self) -> Box<[Ir]> {
        vec![Ir::Empty; self.slots.len()].into()
    }

    /// Takes one row of a block in.
    #[inline]
    pub fn update(&self, irs: &mut [Ir], block: &Block, row: usize) {
        for (slot, ir) in self.slots.iter().zip(irs) {
            slot.update(ir, &block.columns, block.times[row], row);
        }
    }

    /// Takes partial results of later rows in.
    pub fn merge(&self, irs: &mut [Ir], later: &[Ir]) {
        for ((slot, ir), later) in self.slots.iter().zip(irs).zip(later) {
            slot.merge(ir, later);
        }
    }
}

fn place<'a>(schema: &'a Schema, name: &str) -> Result<(usize, &'a Type)> {
    let found = schema.find(name).and_then(|at| schema.0.get(at).map(|(_, ty)| (at, ty)));
    found.ok_or_else(|| {
        Error::invalid(format!("no column is called `{name}`")).did_you_mean(name, schema.names())
    })
}

impl Slot {
    fn whole(&self) -> &dyn Aggregate {
        match &self.fold {
            Fold::Whole(aggregate) => &**aggregate,
            Fold::Buckets(entries, _) => entries,
        }
    }

    /// The type of its features.
    pub fn output(&self) -> Type {
        self.whole().output()
    }

    /// Takes a row in: a null, in the column or the bucket, is none.
    #[inline]
    pub fn update(&self, ir: &mut Ir, columns: &[Column], at: i64, row: usize) {
        let cell = columns[self.input].cell(row);
        if cell.is_null() {
            return;
        }
        match &self.fold {
            Fold::Whole(aggregate) => aggregate.update(ir, cell, at),
            Fold::Buckets(entries, bucket) => {
                if let Cell::Text(bucket) = columns[*bucket].cell(row) {
                    entries.update_entry(ir, bucket, cell, at);
                }
            }
        }
    }

    /// Takes rows into tiles, where it has a form.
    pub fn fold(&self, lane: Lane, tiles: &mut [u64], inputs: Inputs<'_>) {
        self.whole().fold(lane, tiles, self.input, inputs);
    }

    /// Takes the partial results of tiles that follow each other in, where it has a form.
    pub fn gather(&self, lane: Lane, tiles: &[u64], ir: &mut Ir) {
        self.whole().gather(lane, tiles, ir);
    }

    /// Takes a row out. False where the operation cannot.
    pub fn remove(&self, ir: &mut Ir, columns: &[Column], row: usize) -> bool {
        let cell = columns[self.input].cell(row);
        if cell.is_null() {
            return true;
        }
        match &self.fold {
            Fold::Whole(aggregate) => aggregate.remove(ir, cell),
            Fold::Buckets(entries, bucket) => match columns[*bucket].cell(row) {
                Cell::Text(bucket) => entries.remove_entry(ir, bucket, cell),
                _ => true,
            },
        }
    }

    /// Takes the partial result of later rows in.
    pub fn merge(&self, ir: &mut Ir, later: &Ir) {
        self.whole().merge(ir, later);
    }

    /// The feature, as [`Slot::finalize`] gives it.
    ///
    /// # Errors
    /// `TooLarge` when there were more distinct values, keys or buckets than are kept.
    pub fn value(&self, ir: &Ir) -> Result<Value> {
        if ir.is_full() {
            return Err(Error::new(
                Kind::TooLarge,
                format!("`{}` has more distinct values or buckets than are kept", self.stem),
            )
            .hint("Take an approximate operation, a shorter window, or fewer buckets"));
        }
        Ok(self.finalize(ir))
    }

    /// The feature. NaN and infinities are null, but within maps and lists; so is what [`Slot::value`] refuses.
    pub fn finalize(&self, ir: &Ir) -> Value {
        match self.whole().finalize(ir) {
            Value::Real(x) if !x.is_finite() => Value::Null,
            value => value,
        }
    }
}
