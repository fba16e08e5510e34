//! The formats by name.

use super::arrow::Arrow;
use super::delimited::{Delimited, Family};
use super::grid::Look;
use super::json::Document;
use super::json_columns::Columns;
use super::json_compact_each_row::CompactEachRow;
use super::json_each_row::{EachRow, ObjectEachRow};
use super::markdown::Markdown;
use super::native::Native;
use super::null::Null;
use super::output::Format;
use super::parquet::Parquet;
use super::pretty::Pretty;
use super::prometheus::Prometheus;
use super::row_binary::RowBinary;
use super::values::{SqlInsert, Values};
use super::vertical::Vertical;
use super::xml::Xml;
use crate::nearest::distance;

const fn document(name: &'static str, compact: bool, strings: bool) -> Document {
    Document { name, compact, strings }
}

const fn each_row(
    name: &'static str,
    aliases: &'static [&'static str],
    strings: bool,
    pretty: bool,
) -> EachRow {
    EachRow { name, aliases, strings, pretty }
}

const fn columns(name: &'static str, compact: bool, metadata: bool) -> Columns {
    Columns { name, compact, metadata }
}

/// `header` counts its lines: names, then types.
const fn compact(name: &'static str, strings: bool, header: u8) -> CompactEachRow {
    CompactEachRow { name, strings, names: header > 0, types: header > 1 }
}

const fn delimited(
    name: &'static str,
    aliases: &'static [&'static str],
    family: Family,
    header: u8,
) -> Delimited {
    Delimited { name, aliases, family, names: header > 0, types: header > 1 }
}

const fn row_binary(name: &'static str, header: u8) -> RowBinary {
    RowBinary { name, names: header > 0, types: header > 1 }
}

const fn pretty(name: &'static str, aliases: &'static [&'static str], look: Look) -> Pretty {
    Pretty { name, aliases, look }
}

/// All formats, by family.
pub const ALL: &[&dyn Format] = &[
    &document("JSON", false, false),
    &document("JSONStrings", false, true),
    &document("JSONCompact", true, false),
    &document("JSONCompactStrings", true, true),
    &columns("JSONColumns", false, false),
    &columns("JSONColumnsWithMetadata", false, true),
    &columns("JSONCompactColumns", true, false),
    &each_row("JSONEachRow", &["JSONLines", "NDJSON"], false, false),
    &each_row("JSONStringsEachRow", &[], true, false),
    &each_row("PrettyJSONEachRow", &["PrettyJSONLines", "PrettyNDJSON"], false, true),
    &ObjectEachRow,
    &compact("JSONCompactEachRow", false, 0),
    &compact("JSONCompactEachRowWithNames", false, 1),
    &compact("JSONCompactEachRowWithNamesAndTypes", false, 2),
    &compact("JSONCompactStringsEachRow", true, 0),
    &compact("JSONCompactStringsEachRowWithNames", true, 1),
    &compact("JSONCompactStringsEachRowWithNamesAndTypes", true, 2),
    &delimited("CSV", &[], Family::Csv, 0),
    &delimited("CSVWithNames", &[], Family::Csv, 1),
    &delimited("CSVWithNamesAndTypes", &[], Family::Csv, 2),
    &delimited("TabSeparated", &["TSV"], Family::Tsv, 0),
    &delimited("TabSeparatedWithNames", &["TSVWithNames"], Family::Tsv, 1),
    &delimited("TabSeparatedWithNamesAndTypes", &["TSVWithNamesAndTypes"], Family::Tsv, 2),
    &delimited("TabSeparatedRaw", &["TSVRaw", "Raw"], Family::Raw, 0),
    &delimited("TabSeparatedRawWithNames", &["TSVRawWithNames", "RawWithNames"], Family::Raw, 1),
    &delimited(
        "TabSeparatedRawWithNamesAndTypes",
        &["TSVRawWithNamesAndTypes", "RawWithNamesAndTypes"],
        Family::Raw,
        2,
    ),
    &delimited("LineAsString", &[], Family::Raw, 0),
    &delimited("LineAsStringWithNames", &[], Family::Raw, 1),
    &delimited("LineAsStringWithNamesAndTypes", &[], Family::Raw, 2),
    &delimited("CustomSeparated", &[], Family::Custom, 0),
    &delimited("CustomSeparatedWithNames", &[], Family::Custom, 1),
    &delimited("CustomSeparatedWithNamesAndTypes", &[], Family::Custom, 2),
    &Markdown,
    &Values,
    &SqlInsert,
    &Xml,
    &pretty("Pretty", &["PrettyNoEscapes", "PrettyMonoBlock", "PrettyNoEscapesMonoBlock"], Look::Full),
    &pretty(
        "PrettyCompact",
        &["PrettyCompactNoEscapes", "PrettyCompactMonoBlock", "PrettyCompactNoEscapesMonoBlock"],
        Look::Compact,
    ),
    &pretty(
        "PrettySpace",
        &["PrettySpaceNoEscapes", "PrettySpaceMonoBlock", "PrettySpaceNoEscapesMonoBlock"],
        Look::Space,
    ),
    &Vertical,
    &Prometheus,
    &row_binary("RowBinary", 0),
    &row_binary("RowBinaryWithNames", 1),
    &row_binary("RowBinaryWithNamesAndTypes", 2),
    &Native,
    &Arrow { name: "Arrow", stream: false },
    &Arrow { name: "ArrowStream", stream: true },
    &Parquet,
    &Null,
];

/// The format that a statement names. As in ClickHouse, the case of the letters does not matter.
pub fn by_name(name: &str) -> Option<&'static dyn Format> {
    ALL.iter().copied().find(|format| names(*format).any(|known| known.eq_ignore_ascii_case(name)))
}

fn names(format: &'static dyn Format) -> impl Iterator<Item = &'static str> {
    std::iter::once(format.name()).chain(format.aliases().iter().copied())
}

/// The known names nearest to one that is not, nearest first, for a hint.
pub fn nearest(name: &str) -> Vec<&'static str> {
    const COUNT: usize = 3;
    let wanted = name.to_lowercase();
    let known = ALL.iter().flat_map(|format| names(*format));
    let mut all: Vec<_> = known.map(|known| (distance(&wanted, &known.to_lowercase()), known)).collect();
    all.sort_unstable();
    all.into_iter().take(COUNT).map(|(_, known)| known).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_found_in_any_case() {
        let mut all: Vec<_> =
            ALL.iter().flat_map(|format| names(*format)).map(str::to_ascii_lowercase).collect();
        all.sort_unstable();
        let count = all.len();
        all.dedup();
        assert_eq!(all.len(), count);
        assert_eq!(by_name("jsonlines").map(Format::name), Some("JSONEachRow"));
        assert!(by_name("JSONL").is_none());
        assert_eq!(nearest("JSONEachRows").first(), Some(&"JSONEachRow"));
    }
}
