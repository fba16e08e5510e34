//! What a file is: by what the caller says, by its name, by its headers.

use tile_base::{Error, Result};

/// A format of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Csv,
    Ndjson,
    /// One value over many lines.
    Json,
    Parquet,
}

/// How a file is packed, as `Content-Encoding` says it; empty when it is not.
pub type Packing = &'static str;

const GZIP: Packing = "gzip";
const ZSTD: Packing = "zstd";

impl Format {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Ndjson => "ndjson",
            Self::Json => "json",
            Self::Parquet => "parquet",
        }
    }

    /// # Errors
    /// `Invalid` for a name that is none.
    pub fn named(name: &str) -> Result<Self> {
        let all = [Self::Csv, Self::Ndjson, Self::Json, Self::Parquet];
        all.into_iter().find(|format| format.name() == name).ok_or_else(|| {
            let name: String = name.chars().take(40).collect();
            Error::invalid(format!("the format `{name}` cannot be imported"))
                .hint("Use `csv`, `ndjson` or `parquet`")
        })
    }

    fn by_ending(ending: &str) -> Option<Self> {
        Some(match ending {
            "csv" | "tsv" | "txt" => Self::Csv,
            "ndjson" | "jsonl" | "json" => Self::Ndjson,
            "parquet" | "pq" => Self::Parquet,
            _ => return None,
        })
    }

    fn by_type(content_type: &str) -> Option<Self> {
        Some(match content_type {
            "text/csv" | "text/tab-separated-values" | "application/csv" => Self::Csv,
            "application/x-ndjson"
            | "application/ndjson"
            | "application/jsonl"
            | "application/x-jsonlines" => Self::Ndjson,
            "application/vnd.apache.parquet" | "application/x-parquet" => Self::Parquet,
            _ => return None,
        })
    }
}

/// The format and packing of an address, as far as its name tells.
pub fn of_name(url: &str) -> (Option<Format>, Packing) {
    let bare = if url.starts_with("http") { url.split(['?', '#']).next().unwrap_or_default() } else { url };
    let name = bare.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    let (name, packing) = match name.rsplit_once('.') {
        Some((name, "gz" | "gzip")) => (name.to_owned(), GZIP),
        Some((name, "zst" | "zstd")) => (name.to_owned(), ZSTD),
        _ => (name, ""),
    };
    (name.rsplit_once('.').and_then(|(_, ending)| Format::by_ending(ending)), packing)
}

/// The format and packing of a file: what was said counts before the name, and the name before the headers. A server that serves
/// `a.csv.gz` as a packed `a.csv` has packed it once.
///
/// # Errors
/// `Invalid` when nothing tells the format.
pub fn of_file(
    url: &str,
    said: Option<Format>,
    content_type: Option<&str>,
    content_encoding: Option<&str>,
) -> Result<(Format, Packing)> {
    let (named, packing) = of_name(url);
    let by_type = content_type.and_then(|t| Format::by_type(t.split(';').next().unwrap_or_default().trim()));
    let format = said.or(named).or(by_type).ok_or_else(|| {
        Error::invalid("nothing tells the format of the file")
            .hint("Say it with format=csv, ndjson or parquet")
    })?;
    let packing = match (packing, content_encoding) {
        ("", Some("gzip" | "x-gzip")) => GZIP,
        ("", Some("zstd")) => ZSTD,
        (packing, _) => packing,
    };
    Ok((format, packing))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_headers_tell_the_format() {
        for (url, want) in [
            ("https://a.b/c.csv", (Some(Format::Csv), "")),
            ("https://a.b/c.CSV.gz?sig=x.parquet", (Some(Format::Csv), "gzip")),
            ("s3://b/x.d/c.ndjson.zst", (Some(Format::Ndjson), "zstd")),
            ("s3://b/what?.parquet", (Some(Format::Parquet), "")),
            ("https://a.b/c.gz", (None, "gzip")),
            ("https://a.csv/c", (None, "")),
        ] {
            assert_eq!(of_name(url), want, "{url}");
        }
        let of = |url, said, ty, encoding| of_file(url, said, ty, encoding).ok();
        assert_eq!(
            of("http://a/b", None, Some("text/csv; charset=utf-8"), Some("gzip")),
            Some((Format::Csv, "gzip"))
        );
        assert_eq!(of("http://a/b.csv.gz", None, None, Some("gzip")), Some((Format::Csv, "gzip")));
        assert_eq!(of("http://a/b.csv", Some(Format::Ndjson), None, None), Some((Format::Ndjson, "")));
        assert_eq!(of("http://a/b", None, Some("text/html"), None), None);
        assert!(Format::named("xls").is_err());
    }
}
