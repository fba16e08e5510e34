//! Values at times that tiles cannot tell any more: made of the rows.

use super::Ask;
use super::bound::{Bound, Role, Taken};
use super::given;
use super::joined::Parts;
use super::kept::Kept;
use super::served::{PartsOf, Running, Served};
use super::sql;
use crate::backfill::entities::{self, Mutations};
use crate::backfill::keys::{Keys, NO_KEY};
use crate::backfill::{Events, Queries, Tails, evaluate};
use crate::column::{Block, Column};
use crate::definition::Accuracy;
use crate::entities::Base;
use crate::key;
use crate::online::{ColumnParts, Part};
use crate::plan::Output;
use crate::types::Type;
use crate::value::Value;
use crate::window::DAY_MS;
use std::collections::HashMap;
use tile_base::feed::Feeds;
use tile_base::{Error, Kind, Result};

/// Rows of the keys of one question.
const ROWS_MAX: usize = 4 << 20;

/// For each key and time the values of all columns.
///
/// # Errors
/// `TooLarge` for too many rows; those of the sources.
pub fn values(
    running: &Running,
    served: &Served,
    feeds: &dyn Feeds,
    asked: &[(Vec<u8>, i64)],
) -> Result<Vec<Vec<Value>>> {
    let (bound, accuracy) = (&running.bound, served.definition.accuracy);
    let parts = &PartsOf { served, feeds };
    let wanted = Wanted::new(bound, asked)?;
    let columns = match &running.group {
        Kept::Tiles(_) => of_events((bound, accuracy), (feeds, parts), &wanted, asked)?,
        Kept::Rows(kept) => of_entities((bound, accuracy), &kept.base(), (feeds, parts), &wanted, asked)?,
    };
    Ok(by_row(&columns, asked.len()))
}

/// The keys that are asked for.
struct Wanted {
    keys: Vec<Vec<Value>>,
    columns: Vec<Column>,
}

impl Wanted {
    fn new(bound: &Bound, asked: &[(Vec<u8>, i64)]) -> Result<Self> {
        let types = &bound.key_types;
        let keys = asked.iter().map(|(key, _)| key::decode(key, types)).collect::<Result<Vec<_>>>()?;
        let column = |(at, ty): (usize, &Type)| {
            let values: Vec<Value> =
                keys.iter().map(|key: &Vec<Value>| key.get(at).cloned().unwrap_or_default()).collect();
            Column::of_values(ty, &values)
        };
        let columns = types.iter().enumerate().map(column).collect();
        Ok(Self { keys, columns })
    }
}

fn of_events(
    (bound, accuracy): (&Bound, Accuracy),
    (feeds, parts): (&dyn Feeds, &dyn Parts),
    wanted: &Wanted,
    asked: &[(Vec<u8>, i64)],
) -> Result<Vec<Column>> {
    let mut gathering = Gathering::new(bound, wanted, asked)?;
    gathering.read(feeds, parts, wanted)?;
    gathering.evaluate(accuracy)
}

/// As [`values`], of rows that a request gives.
///
/// # Errors
/// Those of [`given::taken`].
pub fn of_given(
    running: &Running,
    accuracy: Accuracy,
    rows: &given::Rows,
    asked: &[(Vec<u8>, i64)],
) -> Result<Vec<Vec<Value>>> {
    let bound = &running.bound;
    let wanted = Wanted::new(bound, asked)?;
    let mut gathering = Gathering::new(bound, &wanted, asked)?;
    gathering.add(given::taken(bound, rows)?)?;
    Ok(by_row(&gathering.evaluate(accuracy)?, asked.len()))
}

/// Of each key that is asked for at a time, and of each column, the first millisecond of its window and how many rows of the key count in
/// it. Of events.
///
/// # Errors
/// As [`values`].
pub fn counts(ask: &Ask, feeds: &dyn Feeds) -> Result<Vec<Vec<ColumnParts>>> {
    let Ask { served, running, keys, .. } = ask;
    let (bound, parts) = (&running.bound, &PartsOf { served, feeds });
    let asked: Vec<(Vec<u8>, i64)> =
        keys.iter().filter_map(|(key, time)| Some((key.clone(), (*time)?))).collect();
    let wanted = Wanted::new(bound, &asked)?;
    let mut gathering = Gathering::new(bound, &wanted, &asked)?;
    gathering.read(feeds, parts, &wanted)?;
    let mut times: HashMap<u32, Vec<i64>> = HashMap::new();
    for piece in &gathering.pieces {
        for row in &piece.rows {
            times.entry(piece.numbers[*row]).or_default().push(piece.block.times[*row]);
        }
    }
    let accuracy = served.definition.accuracy;
    let of = |(number, q): (&u32, &i64)| {
        let times = times.get(number).map_or(&[][..], Vec::as_slice);
        bound.plan.columns.iter().map(|column| counted(column, times, *q, accuracy)).collect()
    };
    Ok(gathering.queries.keys.iter().zip(&gathering.queries.times).map(of).collect())
}

fn counted(column: &Output, times: &[i64], q: i64, accuracy: Accuracy) -> ColumnParts {
    let tail = column.window.map(|window| match accuracy {
        Accuracy::Temporal => window.tail(q),
        Accuracy::Snapshot => window.tail_by(q, DAY_MS),
    });
    let count = times.iter().filter(|time| **time < q && tail.is_none_or(|tail| **time >= tail)).count();
    let parts = if count == 0 { vec![] } else { vec![Part::Rows { count }] };
    ColumnParts { name: column.name.clone(), tail, parts }
}

fn by_row(columns: &[Column], rows: usize) -> Vec<Vec<Value>> {
    (0..rows).map(|row| columns.iter().map(|c| c.cell(row).to_value()).collect()).collect()
}

/// Rows of the keys that are asked for, while they are read.
struct Gathering<'a> {
    bound: &'a Bound,
    keys: Keys,
    queries: Queries,
    /// The last of the times that are asked for.
    last: i64,
    pieces: Vec<Piece>,
    rows: usize,
}

impl<'a> Gathering<'a> {
    fn new(bound: &'a Bound, wanted: &Wanted, asked: &[(Vec<u8>, i64)]) -> Result<Self> {
        let mut keys = Keys::default();
        let numbers = keys.number(&wanted.columns, asked.len())?;
        let queries = Queries { keys: numbers, times: asked.iter().map(|(_, q)| *q).collect() };
        let last = queries.times.iter().copied().max().unwrap_or(i64::MIN);
        Ok(Self { bound, keys, queries, last, pieces: Vec::new(), rows: 0 })
    }

    /// All rows of the sources that can count.
    fn read(&mut self, feeds: &dyn Feeds, parts: &dyn Parts, wanted: &Wanted) -> Result<()> {
        for (at, source) in self.bound.sources.iter().enumerate() {
            let told = filter(self.bound, at, &wanted.keys);
            let query = source.narrowed(sql::all(told.into_iter().chain(source.before(self.last))));
            for batch in feeds.open(&source.table)?.read(&query, None)?.batches {
                self.add(self.bound.taken(at, &batch?, parts)?)?;
            }
        }
        Ok(())
    }

    fn add(&mut self, taken: Taken) -> Result<()> {
        let numbers = self.keys.find(&taken.keys, taken.block.times.len());
        let times = taken.block.times.clone();
        let piece = Piece::new(numbers, taken.block, |row| times[row] < self.last);
        bounded(&mut self.rows, &piece)?;
        self.pieces.push(piece);
        Ok(())
    }

    fn evaluate(&self, accuracy: Accuracy) -> Result<Vec<Column>> {
        let tails = match accuracy {
            Accuracy::Temporal => Tails::Exact,
            Accuracy::Snapshot => Tails::Daily,
        };
        evaluate(&self.bound.plan, &gathered(self.bound, &self.pieces), &self.queries, tails)
    }
}

/// Counts the rows of a piece.
fn bounded(rows: &mut usize, piece: &Piece) -> Result<()> {
    *rows += piece.rows.len();
    if *rows > ROWS_MAX {
        let what = format!("the keys have more than {ROWS_MAX} rows before the times asked for");
        return Err(
            Error::new(Kind::TooLarge, what).hint("Ask for fewer keys, or compute it with a backfill")
        );
    }
    Ok(())
}

/// Entities, each of the snapshot that was the newest one at a time, with the changes since.
fn of_entities(
    (bound, accuracy): (&Bound, Accuracy),
    base: &Base,
    (feeds, parts): (&dyn Feeds, &dyn Parts),
    wanted: &Wanted,
    asked: &[(Vec<u8>, i64)],
) -> Result<Vec<Column>> {
    // An entity is another one with each snapshot.
    let of_day = |columns: &[Column], days: Vec<i64>| -> Vec<Column> {
        columns.iter().cloned().chain([Column::Int(days.into())]).collect()
    };
    let none = i64::MIN;
    let day_at = |time: i64| base.days.as_ref().and_then(|days| Base::of(days, time)).unwrap_or(none);
    let days: Vec<i64> = asked.iter().map(|(_, q)| day_at(*q)).collect();
    let mut keys = Keys::default();
    let numbers = keys.number(&of_day(&wanted.columns, days.clone()), asked.len())?;
    let held_at = |q: i64, day: i64| match accuracy {
        Accuracy::Snapshot if day != none => crate::entities::end(day),
        _ => q,
    };
    let times: Vec<i64> = asked.iter().zip(&days).map(|((_, q), day)| held_at(*q, *day)).collect();
    let last = asked.iter().map(|(_, q)| *q).max().unwrap_or(none);
    let (mut table, mut changed, mut changes) = (Vec::new(), Vec::new(), Mutations::default());
    let mut rows = 0;
    for (at, source) in bound.sources.iter().enumerate() {
        let own = match &source.role {
            Role::Snapshot { has_days: true } => Some(source.of_days(&days)),
            Role::Changes => {
                let first = days.iter().min().filter(|day| **day != none);
                first.map(|day| source.since(crate::entities::end(*day)))
            }
            _ => None,
        };
        let told = filter(bound, at, &wanted.keys);
        let query = source.narrowed(sql::all(told.into_iter().chain(own)));
        for batch in feeds.open(&source.table)?.read(&query, None)?.batches {
            let taken = bound.taken(at, &batch?, parts)?;
            let count = taken.block.times.len();
            let of = match &source.role {
                Role::Snapshot { has_days: true } => taken.at.clone(),
                Role::Changes => taken.at.iter().map(|time| day_at(*time)).collect(),
                Role::Snapshot { has_days: false } | Role::Events(_) | Role::Joined(_) => vec![none; count],
            };
            let numbers = keys.find(&of_day(&taken.keys, of), count);
            if !matches!(source.role, Role::Changes) {
                let piece = Piece::new(numbers, taken.block, |_| true);
                bounded(&mut rows, &piece)?;
                table.push(piece);
                continue;
            }
            let piece = Piece::new(numbers, taken.block, |row| taken.at[row] < last);
            bounded(&mut rows, &piece)?;
            changes.times.extend(piece.rows.iter().map(|row| taken.at[*row]));
            changes.is_before.extend(piece.rows.iter().map(|row| taken.is_before[*row]));
            changed.push(piece);
        }
    }
    let Events { keys, block } = gathered(bound, &changed);
    let changes = Mutations { keys, block, ..changes };
    let queries = Queries { keys: numbers, times };
    entities::evaluate(&bound.plan, &gathered(bound, &table), &changes, &queries, rule(accuracy))
}

/// Which rows of a table count.
pub fn rule(accuracy: Accuracy) -> entities::Rows {
    match accuracy {
        Accuracy::Temporal => entities::Rows::Windowed,
        Accuracy::Snapshot => entities::Rows::Since,
    }
}

/// Rows of one batch that are of wanted keys, by their places.
struct Piece {
    numbers: Vec<u32>,
    block: Block,
    rows: Vec<usize>,
}

impl Piece {
    fn new(numbers: Vec<u32>, block: Block, is_needed: impl Fn(usize) -> bool) -> Self {
        let is_wanted = |row: &usize| numbers[*row] != NO_KEY && is_needed(*row);
        let rows = (0..numbers.len()).filter(is_wanted).collect();
        Self { numbers, block, rows }
    }
}

/// The rows of all pieces as one block.
fn gathered(bound: &Bound, pieces: &[Piece]) -> Events {
    let mut out = Events::default();
    for piece in pieces {
        out.keys.extend(piece.rows.iter().map(|row| piece.numbers[*row]));
        out.block.times.extend(piece.rows.iter().map(|row| piece.block.times[*row]));
    }
    for (at, (_, ty)) in bound.schema.0.iter().enumerate() {
        let mut values = Vec::with_capacity(out.keys.len());
        for piece in pieces {
            let column = &piece.block.columns[at];
            values.extend(piece.rows.iter().map(|row| column.cell(*row).to_value()));
        }
        out.block.columns.push(Column::of_values(ty, &values));
    }
    out
}

/// The condition of the keys, where they are few. It may let other keys through.
fn filter(bound: &Bound, source: usize, wanted: &[Vec<Value>]) -> Option<String> {
    let keys = bound.keys.iter().enumerate();
    let columns: Vec<_> = keys.map(|(at, (_, ty))| (bound.key_sql(source, at), ty)).collect();
    sql::one_of(wanted, &columns)
}
