//! Values at times that tiles cannot tell any more: made of the rows.

use super::bound::Bound;
use super::sql;
use crate::backfill::keys::Keys;
use crate::backfill::{Events, Queries, Tails, evaluate};
use crate::column::{Block, Column};
use crate::definition::Accuracy;
use crate::key;
use crate::value::Value;
use tile_base::feed::{FeedQuery, Feeds};
use tile_base::{Error, Kind, Result};

/// Rows of the keys of one question.
const ROWS_MAX: usize = 4 << 20;
/// Keys that are told to the engine; where there are more, all rows are read.
const KEYS_TOLD_MAX: usize = 256;

/// For each key and time the values of all columns.
///
/// # Errors
/// `TooLarge` for too many rows; those of the sources.
pub fn values(
    bound: &Bound,
    accuracy: Accuracy,
    feeds: &dyn Feeds,
    asked: &[(Vec<u8>, i64)],
) -> Result<Vec<Vec<Value>>> {
    let types = &bound.key_types;
    let mut wanted = Vec::with_capacity(asked.len());
    for (key, _) in asked {
        wanted.push(key::decode(key, types)?);
    }
    let columns: Vec<Column> = types
        .iter()
        .enumerate()
        .map(|(at, ty)| {
            let values: Vec<Value> =
                wanted.iter().map(|key| key.get(at).cloned().unwrap_or_default()).collect();
            Column::of_values(ty, &values)
        })
        .collect();
    let mut keys = Keys::default();
    let queries =
        Queries { keys: keys.number(&columns, asked.len())?, times: asked.iter().map(|(_, q)| *q).collect() };
    let last = queries.times.iter().copied().max().unwrap_or(i64::MIN);
    let tails = match accuracy {
        Accuracy::Temporal => Tails::Exact,
        Accuracy::Snapshot => Tails::Daily,
    };
    let mut pieces: Vec<Piece> = Vec::new();
    let mut rows = 0;
    for (at, source) in bound.sources.iter().enumerate() {
        let filter = filter(bound, at, &wanted)?;
        let query = FeedQuery { columns: source.query.columns.clone(), filter };
        for batch in feeds.open(&source.table)?.read(&query, None)?.batches {
            let taken = bound.taken(at, &batch?)?;
            let numbers = keys.find(&taken.keys, taken.block.times.len());
            let piece = Piece::new(numbers, taken.block, last);
            rows += piece.rows.len();
            if rows > ROWS_MAX {
                let what = format!("the keys have more than {ROWS_MAX} rows before the times asked for");
                return Err(Error::new(Kind::TooLarge, what)
                    .hint("Ask for fewer keys, or compute it with a backfill"));
            }
            pieces.push(piece);
        }
    }
    let events = gathered(bound, &pieces);
    let columns = evaluate(&bound.plan, &events, &queries, tails)?;
    Ok((0..asked.len()).map(|row| columns.iter().map(|c| c.cell(row).to_value()).collect()).collect())
}

/// Rows of one batch that are of wanted keys, by their places.
struct Piece {
    numbers: Vec<u32>,
    block: Block,
    rows: Vec<usize>,
}

impl Piece {
    fn new(numbers: Vec<u32>, block: Block, last: i64) -> Self {
        let is_wanted =
            |row: &usize| numbers[*row] != crate::backfill::keys::NO_KEY && block.times[*row] < last;
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

/// The condition of a source's rows, and of the keys where they are few. It may let other keys through.
fn filter(bound: &Bound, source: usize, wanted: &[Vec<Value>]) -> Result<Option<String>> {
    let own = bound.sources.get(source).and_then(|s| s.query.filter.clone());
    if wanted.len() > KEYS_TOLD_MAX {
        return Ok(own);
    }
    let mut each = Vec::with_capacity(wanted.len());
    for key in wanted {
        let mut parts = Vec::with_capacity(key.len());
        for (at, (value, (_, ty))) in key.iter().zip(&bound.keys).enumerate() {
            let column =
                bound.key_sql(source, at).ok_or_else(|| Error::internal("a key without a column"))?;
            parts.push(sql::may_be(column, value, ty));
        }
        each.push(format!("({})", parts.join(" AND ")));
    }
    let keys = format!("({})", each.join(" OR "));
    Ok(Some(own.map_or(keys.clone(), |own| format!("{own} AND {keys}"))))
}
