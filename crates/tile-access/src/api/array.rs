//! Slices and blocks of arrays and sparse arrays.

use super::send::{send, tag};
use super::{App, Reply, Req, downsample, wrong_family};
use crate::data::{Data, Opened, Sparse};
use crate::encoders::{self, ARRAY, SPARSE, Subject};
use crate::reading::{array, table};
use crate::tree::Located;
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{ArrayRef, BooleanArray, Int64Array, RecordBatch};
use std::sync::Arc;
use tile_base::structure::ArrayStructure;
use tile_base::{Error, Family, Kind, NdSlice, Result, Selection};

pub async fn full(app: Arc<App>, req: Req) -> Result<Reply> {
    let slice = NdSlice::parse(req.query.get("slice").unwrap_or(""))?;
    answer(app, req, slice, None).await
}

pub async fn block(app: Arc<App>, req: Req) -> Result<Reply> {
    let slice = NdSlice::parse(req.query.get("slice").unwrap_or(""))?;
    let text = req
        .query
        .get("block")
        .ok_or_else(|| Error::malformed("query parameter `block` is required").at("query.block"))?;
    let numbers: Option<Vec<usize>> = text
        .split(',')
        .filter(|t| !text.is_empty() || !t.is_empty())
        .map(|t| t.bytes().all(|b| b.is_ascii_digit()).then(|| t.parse().ok()).flatten())
        .collect();
    let block = numbers.ok_or_else(|| {
        Error::malformed(format!(
            "block `{}` is not a list of numbers",
            text.chars().take(80).collect::<String>()
        ))
    })?;
    answer(app, req, slice, Some(block)).await
}

/// What is served: the opened array and the selection in it.
enum Found {
    Array(crate::data::ArrayData),
    Sparse(Arc<dyn Sparse>, ArrayStructure),
}

fn find(app: &App, node: &Located) -> Result<Found> {
    let opened: Arc<Opened> = match node.family() {
        Family::Array | Family::Sparse => app.tree.open(node)?,
        other => return Err(wrong_family(&node.path, other, &[Family::Array, Family::Sparse])),
    };
    match (&opened.data, &opened.structure) {
        (Data::Array(data), _) => Ok(Found::Array(data.clone())),
        (Data::Sparse(data), tile_base::Structure::Sparse(structure)) => {
            Ok(Found::Sparse(data.clone(), structure.clone()))
        }
        _ => Err(Error::new(Kind::Conflict, "the file changed its kind; ask for its metadata again")),
    }
}

/// The selection of a request in the array's coordinates: the slice, inside a block when one is given.
fn select(structure: &ArrayStructure, slice: &NdSlice, block: Option<&[usize]>) -> Result<Selection> {
    let Some(block) = block else { return slice.resolve(&structure.shape) };
    let rank = structure.shape.len();
    if block.is_empty() && rank > 0 {
        return Err(Error::malformed(format!("Requested scalar but shape is {}", tuple(&structure.shape))));
    }
    if block.len() != rank {
        return Err(Error::malformed(format!(
            "Block parameter must have {rank} comma-separated parameters, corresponding to the dimensions of this {rank}-dimensional array."
        )));
    }
    let grid = structure.grid();
    let outside = || {
        let chunks: Vec<String> = structure.chunks.iter().map(|c| tuple(c)).collect();
        Error::malformed(format!(
            "Block parameter does not match the chunks dimensionality. Expected {rank} comma-separated integers, that index ({}), got {}.",
            chunks.join(", "),
            tuple(block)
        ))
    };
    let shape = grid.chunk_shape(block).ok_or_else(outside)?;
    let inside = slice.resolve(&shape)?;
    let outer = grid.chunk_selection(block).ok_or_else(outside)?;
    Ok(Selection(
        inside
            .0
            .iter()
            .zip(&outer.0)
            .map(|(i, o)| tile_base::slice::Take { start: i.start + o.start, ..*i })
            .collect(),
    ))
}

fn check_shape(req: &Req, shape: &[usize], in_block: bool) -> Result<()> {
    let Some(text) = req.query.get("expected_shape") else { return Ok(()) };
    let bad = || {
        Error::malformed(format!(
            "expected_shape `{}` is neither `scalar` nor a list of sizes",
            text.chars().take(80).collect::<String>()
        ))
    };
    let expected: Vec<usize> = if text == "scalar" {
        vec![]
    } else {
        text.split(',').map(|t| t.trim().parse().map_err(|_| bad())).collect::<Result<_>>()?
    };
    if expected == shape {
        return Ok(());
    }
    // The original answers 500 so that its client tries again while an array grows; here nothing would change by that.
    let kind = if in_block { Kind::Malformed } else { Kind::Conflict };
    Err(Error::new(
        kind,
        format!(
            "The shape expected from the structure {} does not match the actual data shape {}",
            tuple(&expected),
            tuple(shape)
        ),
    ))
}

/// A shape as Python prints it.
fn tuple(shape: &[usize]) -> String {
    match shape {
        [one] => format!("({one},)"),
        many => format!("({})", many.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")),
    }
}

async fn answer(app: Arc<App>, req: Req, slice: NdSlice, block: Option<Vec<usize>>) -> Result<Reply> {
    let reduce = downsample::Reduce::of(&req)?;
    let path = req.tail.clone();
    let finder = app.clone();
    let (node, found) = tile_web::rt::cpu(move || {
        let node = finder.tree.find(&path)?;
        let found = find(&finder, &node)?;
        Ok((node, found))
    })
    .await?;
    let targets = if node.family() == Family::Sparse { SPARSE } else { ARRAY };
    let chosen = encoders::choose(&[targets], req.query.get("format"), req.header("accept"))?;
    let (structure, mut uid) = match &found {
        Found::Array(data) => ((*data.structure).clone(), data.uid),
        Found::Sparse(data, structure) => (structure.clone(), data.uid()),
    };
    let selection = select(&structure, &slice, block.as_deref())?;
    check_shape(&req, &selection.shape(), block.is_some())?;
    let items = reduce.as_ref().map_or_else(|| selection.items(), |r| r.items_read(&selection));
    // Items of no bytes cost time still.
    let bytes = items.saturating_mul(structure.dtype.itemsize().max(1)) as u64;
    if bytes > app.tree.config.response_bytes_max && targets == ARRAY {
        return Err(Error::invalid(format!(
            "Response would exceed {}. Use slicing ('?slice=...') to request smaller chunks.",
            app.tree.config.response_bytes_max
        )));
    }
    if let Found::Array(data) = &found {
        // Too many files to look at: an answer that nobody can have yet.
        uid = array::version(data, &selection).unwrap_or_else(|| app.clock.now_us().unsigned_abs());
    }
    let tag =
        tag(&[&format!("{uid:x}"), &format!("{selection:?}"), &chosen.media_type, &format!("{reduce:?}")]);
    let subject = match found {
        Found::Array(data) => match reduce {
            None => Subject::Array { data, selection },
            Some(reduce) => {
                let worker = app.clone();
                let data = tile_web::rt::cpu(move || {
                    downsample::apply(&data, &selection, &reduce, &worker.tree.cache)
                })
                .await?;
                let selection = Selection::full(&data.structure.shape);
                Subject::Array { data, selection }
            }
        },
        Found::Sparse(data, structure) => {
            let batch = tile_web::rt::cpu(move || sparse(data.as_ref(), &selection)).await?;
            Subject::Sparse { batch, structure }
        }
    };
    send(app, &req, chosen, subject, tag).await
}

/// The stored items of a sparse array inside a selection, with coordinates in the result.
fn sparse(data: &dyn Sparse, selection: &Selection) -> Result<RecordBatch> {
    let batch = data.read(None)?;
    let dims = selection.0.len();
    let columns: Vec<&Int64Array> = (0..dims)
        .map(|d| {
            batch
                .column(d)
                .as_primitive_opt::<Int64Type>()
                .ok_or_else(|| Error::damaged("coordinates are not integers"))
        })
        .collect::<Result<_>>()?;
    let mut mask = vec![true; batch.num_rows()];
    let mut coordinates: Vec<Vec<i64>> = vec![Vec::new(); dims];
    for (row, keep) in mask.iter_mut().enumerate() {
        let at: Option<Vec<i64>> =
            columns.iter().zip(&selection.0).map(|(c, t)| position(c.value(row), t)).collect();
        match at {
            Some(at) => at.into_iter().zip(&mut coordinates).for_each(|(v, c)| c.push(v)),
            None => *keep = false,
        }
    }
    let values = arrow_select::filter::filter(batch.column(dims), &BooleanArray::from(mask))
        .map_err(|e| Error::internal("cannot filter").source(e))?;
    let kept: Vec<usize> = (0..dims).filter(|&d| !selection.0[d].dropped).collect();
    let mut fields = Vec::new();
    let mut out: Vec<ArrayRef> = Vec::new();
    for (i, &d) in kept.iter().enumerate() {
        fields.push(arrow_schema::Field::new(format!("dim{i}"), arrow_schema::DataType::Int64, false));
        out.push(Arc::new(Int64Array::from(std::mem::take(&mut coordinates[d]))));
    }
    fields.push(arrow_schema::Field::new("data", values.data_type().clone(), true));
    out.push(values);
    RecordBatch::try_new(
        table::project(&arrow_schema::Schema::new(fields.clone()), &(0..fields.len()).collect::<Vec<_>>()),
        out,
    )
    .map_err(|e| Error::internal("cannot join columns").source(e))
}

/// Where a coordinate lands in the result, if it is taken.
fn position(coordinate: i64, take: &tile_base::slice::Take) -> Option<i64> {
    let start = i64::try_from(take.start).ok()?;
    let step = i64::try_from(take.step).ok()?;
    let offset = coordinate - start;
    let at = offset / step;
    (offset % step == 0 && at >= 0 && at < i64::try_from(take.count).ok()?).then_some(at)
}
