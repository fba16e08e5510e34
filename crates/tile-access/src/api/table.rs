//! Tables: whole, by partition, by column, filtered.

use super::row_filter::RowFilter;
use super::send::{send, tag};
use super::{App, Reply, Req, body_list, wrong_family};
use crate::data::{Batches, Data, Table};
use crate::encoders::{self, Subject, TABLE};
use crate::reading::table;
use std::sync::Arc;
use tile_base::{Error, Family, Kind, Result};

pub async fn full(app: Arc<App>, mut req: Req) -> Result<Reply> {
    let columns = columns(&mut req, &["column", "field"]).await?;
    answer(app, req, columns, None).await
}

pub async fn partition(app: Arc<App>, mut req: Req) -> Result<Reply> {
    if req.query.has("column") && req.query.has("field") {
        return Err(Error::invalid(
            "Cannot accept both 'column' and 'field' query parameters in the same /table/partition request. Include these query values using only the 'column' parameter.",
        ));
    }
    let columns = columns(&mut req, &["column", "field"]).await?;
    let number = req
        .query
        .get("partition")
        .ok_or_else(|| Error::malformed("query parameter `partition` is required").at("query.partition"))?;
    let digits = number.strip_prefix('-').unwrap_or(number);
    if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) && digits.len() > 18 {
        return Err(Error::invalid("Partition out of range"));
    }
    let number: i64 = number
        .parse()
        .map_err(|_| Error::malformed("query parameter `partition` is not a number").at("query.partition"))?;
    let number = usize::try_from(number).map_err(|_| Error::invalid("Partition out of range"))?;
    answer(app, req, columns, Some(number)).await
}

/// Columns from the query, and from the body of a POST.
async fn columns(req: &mut Req, names: &[&str]) -> Result<Vec<String>> {
    let mut out: Vec<String> =
        names.iter().flat_map(|n| req.query.all(n).map(str::to_owned).collect::<Vec<_>>()).collect();
    if req.method == http::Method::POST {
        out.extend(body_list(req).await?);
    }
    Ok(out)
}

async fn answer(app: Arc<App>, req: Req, names: Vec<String>, partition: Option<usize>) -> Result<Reply> {
    let path = req.tail.clone();
    let finder = app.clone();
    let opened = tile_web::rt::cpu(move || {
        let node = finder.tree.find(&path)?;
        if node.family() != Family::Table {
            return Err(wrong_family(&path, node.family(), &[Family::Table]));
        }
        finder.tree.open(&node)
    })
    .await?;
    let Data::Table(source) = &opened.data else {
        return Err(Error::new(Kind::Conflict, "the file changed its kind; ask for its metadata again"));
    };
    let schema = source.schema();
    let columns = table::columns_of(&schema, &names)?;
    let chosen = encoders::choose(&[TABLE], req.query.get("format"), req.header("accept"))?;
    let partitions = source.partitions();
    if partition.is_some_and(|p| p >= partitions) {
        return Err(Error::invalid("Partition out of range"));
    }
    let filter = RowFilter::of(&req, &schema)?;
    let filter_text: Vec<&str> =
        req.query.0.iter().filter(|(k, _)| k == "where" || k == "every").map(|(_, v)| v.as_str()).collect();
    let tag = tag(&[
        &format!("{:x}", source.uid()),
        &format!("{columns:?} {partition:?}"),
        &chosen.media_type,
        &filter_text.join("\u{2}"),
    ]);
    check_size(&app, source.as_ref(), partition, columns.len(), schema.fields().len())?;
    let mut have = columns.clone();
    if let Some(filter) = &filter {
        have.extend(filter.columns());
    }
    let range = partition.map_or(0..partitions, |p| p..p + 1);
    let (reader, columns_read, cache) = (source.clone(), have.clone(), app.clone());
    // Opening the first partition may take long; it happens on the worker that encodes.
    let read = move |p: usize| -> Batches {
        table::read(&reader, p, &columns_read, &cache.tree.cache)
            .unwrap_or_else(|e| Box::new(std::iter::once(Err(e))))
    };
    let batches: Batches = Box::new(range.flat_map(read));
    let batches = match filter {
        Some(filter) => filter.apply(batches, have, columns.len()),
        None => batches,
    };
    let subject = Subject::Table { schema: table::project(&schema, &columns), batches };
    send(app, &req, chosen, subject, tag).await
}

/// The response limit, by the share of columns asked for.
fn check_size(
    app: &App,
    source: &dyn Table,
    partition: Option<usize>,
    columns: usize,
    all: usize,
) -> Result<()> {
    let parts: Vec<usize> = partition.map_or_else(|| (0..source.partitions()).collect(), |p| vec![p]);
    let bytes: usize = parts.into_iter().map(|p| source.partition_bytes(p)).fold(0, usize::saturating_add);
    let share = bytes / all.max(1) * columns;
    if share as u64 > app.tree.config.response_bytes_max {
        return Err(Error::invalid(format!(
            "Response would exceed {}. Select a subset of the columns ('?column=...') to request a smaller chunks.",
            app.tree.config.response_bytes_max
        )));
    }
    Ok(())
}
