//! Lists of different requests for one row, so that no cache of answers can stand in for the work.

use std::fs::File;
use std::io::{BufRead, BufReader};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::data::Data;

const API: &str = "/api/v1";
/// A prime stride walks every number below a smaller count, or a count that it does not divide, far from step to step.
const STRIDE: usize = 15_485_863;
const LIST_MAX: usize = 5_000;

/// `count` numbers below `below` in scattered order; no number twice while `count` is at most `below`.
fn scattered(below: usize, count: usize) -> impl Iterator<Item = usize> {
    (0..count.min(below)).map(move |turn| (turn * STRIDE + STRIDE / 2) % below.max(1))
}

pub fn one(path: &str) -> Vec<String> {
    vec![format!("{API}{path}")]
}

/// Metadata of single nodes.
pub fn nodes(container: &str, count: usize) -> Vec<String> {
    scattered(count, LIST_MAX).map(|number| format!("{API}/metadata/{container}/n{number:06}")).collect()
}

/// Pages of 100 nodes, with offsets up to 10 000: the original's cost grows slowly with the offset.
pub fn pages(container: &str, count: usize, fields: &str) -> Vec<String> {
    let offsets = scattered((count - 100).min(10_000), LIST_MAX);
    offsets
        .map(|offset| format!("{API}/search/{container}?page[offset]={offset}&page[limit]=100{fields}"))
        .collect()
}

/// Pages of the nodes whose text holds one word of a thousand: each word is in one node of a thousand.
pub fn fulltext(container: &str) -> Vec<String> {
    let words = scattered(1_000, 1_000);
    words
        .map(|word| {
            format!("{API}/search/{container}?filter[fulltext][condition][text]=word{word}&page[limit]=100")
        })
        .collect()
}

/// Counts of equality with an integer (100 nodes each), a string (one node) and a float (one or few nodes), in turn.
pub fn eq_counts(data: &Data, container: &str, count: usize) -> Result<Vec<String>> {
    let nodes = metadata(data, container)?;
    let mut urls = Vec::new();
    for number in scattered(count, LIST_MAX) {
        let node = nodes.get(number).context("fewer nodes than the container's size")?;
        let uid = node.pointer("/start/uid").and_then(Value::as_str).context("a node without `start.uid`")?;
        for (key, value) in [
            ("sample.id", (number / 100).to_string()),
            ("start.uid", format!("%22{uid}%22")),
            ("temperature", node.get("temperature").context("a node without `temperature`")?.to_string()),
        ] {
            urls.push(format!(
                "{API}/search/{container}?filter[eq][condition][key]={key}&filter[eq][condition][value]={value}&fields=count"
            ));
        }
    }
    Ok(urls)
}

fn metadata(data: &Data, container: &str) -> Result<Vec<Value>> {
    let lines = BufReader::new(File::open(data.lines(container))?).lines();
    lines
        .map(|line| {
            let mut node: Value = serde_json::from_str(&line?)?;
            Ok(node.get_mut("metadata").map(Value::take).unwrap_or_default())
        })
        .collect()
}

/// Squares of 100 × 100 all over an array of `rows` × `columns`.
pub fn squares(path: &str, rows: usize, columns: usize) -> Vec<String> {
    let starts = scattered((rows - 100) * (columns - 100), 500);
    starts
        .map(|at| (at / (columns - 100), at % (columns - 100)))
        .map(|(row, column)| format!("{API}{path}?slice={row}:{},{column}:{}", row + 100, column + 100))
        .collect()
}

/// Every tenth row and column, from each of the hundred starts.
pub fn strided(path: &str) -> Vec<String> {
    let starts = scattered(100, 100);
    starts.map(|at| format!("{API}{path}?slice={}::10,{}::10", at / 10, at % 10)).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{LIST_MAX, pages, scattered, squares, strided};

    #[test]
    fn no_request_comes_twice() {
        for count in [100, 900, 10_000] {
            assert_eq!(scattered(count, LIST_MAX).collect::<HashSet<_>>().len(), count.min(LIST_MAX));
        }
        assert_eq!(strided("/a").into_iter().collect::<HashSet<_>>().len(), 100);
        assert_eq!(squares("/a", 16_384, 8_192).into_iter().collect::<HashSet<_>>().len(), 500);
    }

    #[test]
    fn pages_are_whole() {
        for url in pages("n1k", 1_000, "") {
            let offset = url.split_once("offset]=").and_then(|(_, rest)| rest.split_once('&')).unwrap().0;
            assert!(offset.parse::<usize>().unwrap() <= 900, "{url}");
        }
    }
}
