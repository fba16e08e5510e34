//! The rows that are timed by load: what is asked, how the answers are compared, and the required ratio.
//! To add a row, add it to one of the lists here.

use anyhow::Result;

use crate::data::{CONTAINERS, Data};
use crate::urls;

pub const JSON: &str = "application/json";
const BYTES: &str = "application/octet-stream";
const HUGE: (usize, usize) = (16_384, 8_192);

/// How two answers are found equal.
#[derive(Clone, Copy, PartialEq)]
pub enum Same {
    /// Every byte.
    Bytes,
    /// The decoded values, without what must differ between two servers.
    Json,
    /// The decoded table.
    Arrow,
    /// The decoded table.
    Csv,
    /// Width, height, depth and colour type.
    Png,
}

/// What a row's verdict looks at.
#[derive(Clone, Copy, PartialEq)]
pub enum Metric {
    /// Median latency.
    Latency,
    /// The most memory that the server held.
    Memory,
}

pub struct Row {
    pub id: String,
    pub what: String,
    pub urls: Vec<String>,
    pub accept: &'static str,
    pub same: Same,
    pub metric: Metric,
    pub connections: usize,
    /// How many times faster than the original; nothing where no ratio is promised.
    pub required: Option<f64>,
    /// The file that nginx sends beside it, and how many times slower than nginx is allowed.
    pub floor: Option<(&'static str, f64)>,
    /// Which line of the scaling table, and for how many nodes.
    pub scaling: Option<(&'static str, usize)>,
}

impl Row {
    fn new(id: impl Into<String>, what: impl Into<String>, same: Same, urls: Vec<String>) -> Self {
        let accept = match same {
            Same::Bytes => BYTES,
            Same::Json => JSON,
            // The format is in the address.
            Same::Arrow | Same::Csv | Same::Png => "*/*",
        };
        Self {
            id: id.into(),
            what: what.into(),
            urls,
            accept,
            same,
            metric: Metric::Latency,
            connections: 1,
            required: None,
            floor: None,
            scaling: None,
        }
    }

    fn times(mut self, required: f64) -> Self {
        self.required = Some(required);
        self
    }

    fn clients(mut self, connections: usize) -> Self {
        self.connections = connections;
        self
    }

    fn floor(mut self, file: &'static str, slower: f64) -> Self {
        self.floor = Some((file, slower));
        self
    }

    fn scaling(mut self, measure: &'static str, nodes: usize) -> Self {
        self.scaling = Some((measure, nodes));
        self
    }
}

pub fn all(data: &Data) -> Result<Vec<Row>> {
    let mut rows = metadata();
    for (name, count) in CONTAINERS {
        rows.extend(searches(data, name, count)?);
    }
    rows.extend(arrays());
    rows.extend(slices());
    rows.extend(tables());
    rows.push(memory());
    Ok(rows)
}

fn metadata() -> Vec<Row> {
    let row = |id, what, path| Row::new(id, what, Same::Json, urls::one(path));
    vec![
        row("meta.array", "metadata of an array", "/metadata/npysmall").times(100.0),
        row("meta.hdf5", "metadata of a dataset in an HDF5 file", "/metadata/hdf/big").times(100.0),
        row("meta.array.c8", "metadata of an array, 8 clients", "/metadata/npysmall").clients(8),
    ]
}

/// The largest container carries the promises; the smaller ones show how each measure grows.
fn searches(data: &Data, name: &str, count: usize) -> Result<Vec<Row>> {
    let row = |id: &str, what: &str, urls| {
        Row::new(format!("{id}.{name}"), format!("{what}, {count} nodes"), Same::Json, urls)
    };
    let mut rows = vec![
        row("meta.node", "metadata of a node", urls::nodes(name, count)).scaling("metadata", count),
        row("search.page", "search, page of 100", urls::pages(name, count, ""))
            .scaling("search, page of 100", count),
        row("search.eq", "count of `eq`", urls::eq_counts(data, name, count)?)
            .scaling("count of `eq`", count),
    ];
    if name == "n100k" {
        for (row, required) in rows.iter_mut().zip([100.0, 50.0, 50.0]) {
            row.required = Some(required);
        }
        rows.push(row("search.keys", "search, page of 100 keys", urls::pages(name, count, "&fields=")));
        rows.push(
            row("search.page.c8", "search, page of 100, 8 clients", urls::pages(name, count, "")).clients(8),
        );
        rows.push(row("search.fulltext", "full text, page of 100", urls::fulltext(name)).times(500.0));
    }
    Ok(rows)
}

fn arrays() -> Vec<Row> {
    let row = |id: &str, what: &str, path: &str| {
        Row::new(
            format!("array.{id}"),
            format!("whole array, {what}"),
            Same::Bytes,
            urls::one(&format!("/array/full{path}")),
        )
    };
    let image = urls::one("/array/full/tbig?format=png");
    vec![
        row("1mb.hdf5", "1 MB HDF5", "/hdf/small").times(25.0),
        row("1mb.zarr", "1 MB Zarr", "/zsmall").times(25.0),
        row("1mb.npy", "1 MB NPY", "/npysmall").times(25.0),
        row("1mb.tiff", "1 MB TIFF", "/tsmall").times(25.0),
        row("64mb.npy", "64 MB NPY", "/npybig").times(4.0).floor("/npybig.npy", 1.5),
        row("64mb.hdf5", "64 MB HDF5, contiguous", "/hdf/big").times(4.0).floor("/npybig.npy", 1.5),
        row("64mb.hdf5chunk", "64 MB HDF5, chunked", "/hdf/bigchunk").times(4.0),
        row("64mb.zarr", "64 MB Zarr (zstd)", "/zbig").times(4.0),
        row("64mb.tiff", "64 MB TIFF", "/tbig").times(4.0),
        row("64mb.gzip", "64 MB HDF5, gzip, decoded", "/hdf/biggzip").times(3.0),
        Row::new("png.64mb", "64 MB TIFF as PNG", Same::Png, image).times(8.0),
    ]
}

fn slices() -> Vec<Row> {
    let row = |id: &str, what: &str, urls| Row::new(format!("slice.{id}"), what, Same::Bytes, urls);
    let (rows, columns) = HUGE;
    vec![
        row(
            "small.hdf5",
            "100 × 100 of 1 GB HDF5, chunked",
            urls::squares("/array/full/huge/data", rows, columns),
        )
        .times(30.0),
        row(
            "small.zarr",
            "100 × 100 of 1 GB Zarr (zstd), near the last one",
            urls::squares("/array/full/zhuge", rows / 4, columns / 4),
        )
        .times(30.0),
        // Both systems have to decode 2 MB for every answer: what is measured is mostly the codec.
        row(
            "small.zarr.cold",
            "100 × 100 of 1 GB Zarr (zstd), anywhere",
            urls::squares("/array/full/zhuge", rows, columns),
        ),
        row("stride.hdf5", "every tenth of 64 MB HDF5, contiguous", urls::strided("/array/full/hdf/big"))
            .times(10.0),
        row(
            "stride.hdf5chunk",
            "every tenth of 64 MB HDF5, chunked",
            urls::strided("/array/full/hdf/bigchunk"),
        )
        .times(10.0),
        row("stride.zarr", "every tenth of 64 MB Zarr", urls::strided("/array/full/zbig")).times(10.0),
        row("stride.huge", "every tenth of 1 GB HDF5, chunked", urls::strided("/array/full/huge/data"))
            .times(10.0),
    ]
}

fn tables() -> Vec<Row> {
    let row =
        |id: &str, what: &str, same, path: &str| Row::new(format!("table.{id}"), what, same, urls::one(path));
    vec![
        row("arrow", "table of 1 M rows as Arrow", Same::Arrow, "/table/full/table?format=arrow").times(5.0),
        row(
            "column",
            "one Parquet column of it as Arrow",
            Same::Arrow,
            "/table/full/table?column=a&format=arrow",
        )
        .times(10.0),
        row("column.array", "one Parquet column of it as array", Same::Bytes, "/array/full/table/a"),
        row("csv", "table of 1 M rows as CSV", Same::Csv, "/table/full/table?format=csv").times(15.0),
        row("json", "table of 1 M rows as JSON", Same::Json, "/table/full/table?format=json").times(15.0),
        row("csvfile", "CSV file of 100 k rows as Arrow", Same::Arrow, "/table/full/csvtable?format=arrow"),
    ]
}

fn memory() -> Row {
    // No TIFF: the original answers 500 to several clients that read one file at a time.
    let arrays = ["npybig", "hdf/big", "hdf/bigchunk", "zbig"];
    let urls = arrays.iter().flat_map(|path| urls::one(&format!("/array/full/{path}"))).collect();
    let mut row =
        Row::new("memory.c16", "peak memory, 64 MB arrays to 16 clients", Same::Bytes, urls).clients(16);
    row.metric = Metric::Memory;
    row
}
