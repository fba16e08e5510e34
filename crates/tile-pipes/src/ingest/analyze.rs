//! A schema guessed from a sample: what `/v0/analyze` answers.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value, json};
use tile_base::{Error, Result};
use tile_clicksql::format::compact_json_value;
use tile_clicksql::types::Type;

use super::column::ColumnSpec;
use super::csv::{self, Dialect, Reader, Record};
use super::decoder::{Block, Decoder, Import};
use super::infer::Class;
use super::jsonpath::JsonPath;

/// Rows and bytes that are looked at, and places in them.
const ROWS_MAX: usize = 10_000;
const BYTES_MAX: usize = 8 << 20;
const COLUMNS_MAX: usize = 1_000;
/// Rows shown.
const PREVIEW_ROWS: usize = 10;

/// A guess at a schema.
#[derive(Debug)]
pub struct Analysis {
    /// In the order of their names for records, in that of the file for CSV.
    pub columns: Vec<AnalyzedColumn>,
    preview: Block,
    rows: usize,
    bytes: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub struct AnalyzedColumn {
    pub name: String,
    /// Where the values are, in records.
    pub path: Option<JsonPath>,
    /// Without `Nullable`.
    pub ty: Type,
    /// The share of rows that have a value, from 0 to 1.
    pub present_pct: f64,
}

impl AnalyzedColumn {
    /// The type with `Nullable` where rows lack a value.
    pub fn column_type(&self) -> Type {
        if self.present_pct < 1.0 { self.ty.clone().nullable() } else { self.ty.clone() }
    }

    fn spec(&self) -> ColumnSpec {
        ColumnSpec { jsonpath: self.path.clone(), ..ColumnSpec::new(&self.name, self.column_type()) }
    }
}

impl Analysis {
    /// The columns as a schema has them.
    pub fn schema(&self) -> String {
        let column = |column: &AnalyzedColumn| {
            let path = column.path.as_ref().map(|path| format!(" `json:{path}`")).unwrap_or_default();
            format!("`{}` {}{path}", column.name, column.column_type())
        };
        self.columns.iter().map(column).collect::<Vec<_>>().join(", ")
    }

    /// The same with what takes all the rows that were seen: a list cannot be NULL where rows lack it.
    pub fn tolerant_schema(&self) -> String {
        let column = |column: &AnalyzedColumn| {
            let path = column.path.as_ref().map(|path| format!(" `json:{path}`")).unwrap_or_default();
            let is_empty_list = column.present_pct < 1.0 && matches!(column.ty, Type::Array(_));
            let default = if is_empty_list { " DEFAULT []" } else { "" };
            format!("`{}` {}{path}{default}", column.name, column.column_type())
        };
        self.columns.iter().map(column).collect::<Vec<_>>().join(", ")
    }

    /// The answer of `/v0/analyze`.
    pub fn to_json(&self) -> Value {
        let columns = self.columns.iter().map(|column| {
            json!({
                "path": column.path.as_ref().map_or_else(|| column.name.clone(), ToString::to_string),
                "recommended_type": column.ty.to_string(),
                "present_pct": column.present_pct,
                "name": column.name,
            })
        });
        let columns: Vec<Value> = columns.collect();
        let types: Vec<Type> = self.columns.iter().map(AnalyzedColumn::column_type).collect();
        let meta = self.columns.iter().zip(&types);
        let meta: Vec<Value> =
            meta.map(|(column, ty)| json!({"name": column.name, "type": ty.to_string()})).collect();
        let data: Vec<Value> = (0..self.preview.rows).map(|row| self.shown(row, &types)).collect();
        json!({
            "analysis": {"columns": columns, "schema": self.schema()},
            "preview": {
                "meta": meta,
                "data": data,
                "rows": data.len(),
                "statistics": {"elapsed": 0.0, "rows_read": self.rows, "bytes_read": self.bytes},
            },
        })
    }

    fn shown(&self, row: usize, types: &[Type]) -> Value {
        let mut out = Map::new();
        for ((column, ty), array) in self.columns.iter().zip(types).zip(self.preview.batch.columns()) {
            let mut text = Vec::new();
            let written = compact_json_value(ty, Arc::clone(array).as_ref(), row, &mut text);
            let value = written.ok().and_then(|()| serde_json::from_slice(&text).ok());
            out.insert(column.name.clone(), value.unwrap_or(Value::Null));
        }
        Value::Object(out)
    }
}

/// What was seen at one place of the records.
#[derive(Default)]
struct Place {
    /// Rows that have a value here.
    present: usize,
    /// The last such row, from 1.
    last: usize,
    has_null: bool,
    class: Option<Class>,
    members: Option<BTreeMap<String, Place>>,
    items: Option<Box<Place>>,
}

impl Place {
    fn see(&mut self, value: &Value, row: usize, places: &mut usize) {
        if value.is_null() {
            self.has_null = true;
            return;
        }
        if self.last != row {
            self.last = row;
            self.present += 1;
        }
        match value {
            Value::Object(object) => {
                let members = self.members.get_or_insert_default();
                for (name, value) in object {
                    if !members.contains_key(name) {
                        *places += 1;
                        if *places > COLUMNS_MAX {
                            return;
                        }
                    }
                    members.entry(name.clone()).or_default().see(value, row, places);
                }
            }
            Value::Array(items) => {
                let place = self.items.get_or_insert_default();
                items.iter().for_each(|item| place.see(item, row, places));
            }
            value => {
                let class = Class::of(value);
                self.class = self.class.map_or(class, |known| class.map(|class| known.join(class)));
            }
        }
    }

    /// Adds the columns that the values here make; `lists` when there is one for each item of an array.
    fn columns(&self, path: &JsonPath, list: bool, rows: usize, out: &mut Vec<(JsonPath, Type, f64)>) {
        let mut add = |path: JsonPath, ty: Type, list: bool| {
            let ty = if list { Type::Array(Box::new(ty)) } else { ty };
            out.push((path, ty, share(self.present, rows)));
        };
        let nullable = |place: &Self, ty: Type| if place.has_null { ty.nullable() } else { ty };
        match (self.class, &self.members, &self.items) {
            (Some(class), None, None) if list => add(path.clone(), nullable(self, class.ty()), true),
            (Some(class), None, None) => add(path.clone(), class.ty(), false),
            (None, Some(members), None) if !members.is_empty() => {
                for (name, place) in members {
                    place.columns(&path.member(name), list, rows, out);
                }
            }
            (None, None, Some(items)) if !list => match (items.class, &items.members, &items.items) {
                (None, Some(_), None) => items.columns(&path.each(), true, rows, out),
                (Some(class), None, None) => add(path.each(), nullable(items, class.ty()), true),
                _ => add(path.each(), nullable(items, Type::String), true),
            },
            _ => add(path.clone(), if list { nullable(self, Type::String) } else { Type::String }, list),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a share of at most ten thousand rows")]
fn share(present: usize, rows: usize) -> f64 {
    present as f64 / rows.max(1) as f64
}

/// Guesses the schema of objects, one in each line, or of JSON with one object or an array of them. Lines that are none are passed
/// over.
///
/// # Errors
/// `Invalid` when there is no object.
pub fn analyze_ndjson(sample: &[u8]) -> Result<Analysis> {
    let sample = sample.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(sample);
    let sample = sample.get(..BYTES_MAX).unwrap_or(sample);
    let mut root = Place::default();
    let (mut rows, mut places) = (0, 0);
    let mut seen: Vec<Value> = Vec::new();
    let lines =
        sample.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice::<Value>(line).ok());
    let mut objects: Box<dyn Iterator<Item = Value>> = Box::new(lines);
    match serde_json::from_slice(sample) {
        Ok(Value::Array(items)) => objects = Box::new(items.into_iter()),
        Ok(value @ Value::Object(_)) => objects = Box::new(std::iter::once(value)),
        _ => {}
    }
    for value in objects.filter(Value::is_object).take(ROWS_MAX) {
        rows += 1;
        root.see(&value, rows, &mut places);
        if seen.len() < PREVIEW_ROWS {
            seen.push(value);
        }
    }
    if rows == 0 {
        return Err(Error::invalid("there is no JSON object in the sample"));
    }
    let mut found = Vec::new();
    root.columns(&JsonPath::default(), false, rows, &mut found);
    let mut names = Names::default();
    let mut columns: Vec<AnalyzedColumn> = found
        .into_iter()
        .map(|(path, ty, present_pct)| AnalyzedColumn {
            name: names.of_path(&path),
            path: Some(path),
            ty,
            present_pct,
        })
        .collect();
    columns.sort_by(|a, b| a.name.cmp(&b.name));
    let decoder = Decoder::new(columns.iter().map(AnalyzedColumn::spec).collect())?;
    let shown: String = seen.iter().map(|value| format!("{value}\n")).collect();
    let preview = decoder.ndjson(shown.as_bytes(), &Import::default())?;
    Ok(Analysis { columns, preview, rows, bytes: sample.len() })
}

/// Guesses the schema of separated values.
///
/// # Errors
/// `Invalid` when there is no row.
pub fn analyze_csv(sample: &[u8], dialect: &Dialect) -> Result<Analysis> {
    let sample = sample.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(sample);
    let sample = sample.get(..BYTES_MAX).unwrap_or(sample);
    let delimiter = dialect.delimiter.unwrap_or_else(|| csv::guess_delimiter(sample, dialect.quote));
    let mut reader = Reader::new(sample, delimiter, dialect.quote);
    let mut record = Record::default();
    let texts = |record: &Record| -> Vec<String> {
        record.values().take(COLUMNS_MAX).map(|text| String::from_utf8_lossy(text).into_owned()).collect()
    };
    if !reader.next(&mut record) {
        return Err(Error::invalid("there is no row in the sample"));
    }
    let first = texts(&record);
    let header = dialect.header.unwrap_or_else(|| is_header(&first));
    let mut stats = vec![(0_usize, None::<Class>); first.len()];
    let mut rows = 0;
    let mut see = |values: &[String]| {
        for ((present, class), value) in stats.iter_mut().zip(values) {
            if let Some(found) = Class::of_cell(value) {
                *present += 1;
                *class = Some(class.map_or(found, |known| known.join(found)));
            }
        }
        rows += 1;
        rows < ROWS_MAX
    };
    let mut more = header || see(&first);
    while more && reader.next(&mut record) {
        more = see(&texts(&record));
    }
    let mut names = Names::default();
    let columns = first.iter().zip(stats).enumerate().map(|(at, (name, (present, class)))| {
        let wanted = if header { csv::normalized(name) } else { format!("column_{at:02}") };
        let ty = class.map_or(Type::String, Class::ty);
        // An empty text is a text.
        let present_pct = if class == Some(Class::Text) { 1.0 } else { share(present, rows) };
        AnalyzedColumn { name: names.unique(wanted), path: None, ty, present_pct }
    });
    let columns: Vec<_> = columns.collect();
    let decoder = Decoder::new(columns.iter().map(AnalyzedColumn::spec).collect())?;
    let mut end = Reader::new(sample, delimiter, dialect.quote);
    let shown = PREVIEW_ROWS + usize::from(header);
    let mut left = shown;
    while left > 0 && end.next(&mut record) {
        left -= 1;
    }
    let head = sample.get(..end.at().min(sample.len())).unwrap_or(sample);
    let dialect = Dialect { delimiter: Some(delimiter), quote: dialect.quote, header: Some(header) };
    let preview = decoder.csv(head, &dialect, &Import::default())?;
    Ok(Analysis { columns, preview, rows, bytes: sample.len() })
}

/// Whether the first row has names: all of them there, distinct and no numbers or dates.
fn is_header(values: &[String]) -> bool {
    let mut sorted: Vec<&String> = values.iter().collect();
    sorted.sort();
    sorted.dedup();
    sorted.len() == values.len() && values.iter().all(|value| Class::of_cell(value) == Some(Class::Text))
}

/// Names that are there once.
#[derive(Default)]
struct Names {
    taken: std::collections::HashSet<String>,
}

impl Names {
    fn of_path(&mut self, path: &JsonPath) -> String {
        let keys = path.steps().iter().filter_map(|step| match step {
            super::jsonpath::Step::Key(name) => Some(name.as_str()),
            _ => None,
        });
        let name = keys.collect::<Vec<_>>().join("_");
        self.unique(name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect())
    }

    fn unique(&mut self, wanted: String) -> String {
        let wanted = if wanted.trim_matches('_').is_empty() { "column".to_owned() } else { wanted };
        let mut name = wanted.clone();
        let mut number = 2;
        while !self.taken.insert(name.clone()) {
            name = format!("{wanted}_{number}");
            number += 1;
        }
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema(text: &str) -> String {
        analyze_ndjson(text.as_bytes()).map_or_else(|e| e.what, |analysis| analysis.schema())
    }

    #[test]
    fn records_have_schemas() {
        assert_eq!(
            schema(r#"{"store_id":1,"purchase":{"product_name":"shoes","datetime":"2022-01-05 12:13:14"}}"#),
            "`purchase_datetime` DateTime `json:$.purchase.datetime`, \
             `purchase_product_name` String `json:$.purchase.product_name`, `store_id` Int16 `json:$.store_id`"
        );
        assert_eq!(
            schema("{\"a\":1,\"b\":null}\nnonsense\n{\"a\":70000,\"b\":true}\n{\"a\":1,\"b\":false}"),
            "`a` Int32 `json:$.a`, `b` Nullable(UInt8) `json:$.b`"
        );
        assert_eq!(
            schema(
                r#"{"tags":["a"],"items":[{"sku":"s","n":1},{"n":null}],"none":[],"m":[[1]],"o":{},"x y":1,"x.y":2}"#
            ),
            "`items_n` Array(Nullable(Int16)) `json:$.items[:].n`, `items_sku` Array(String) `json:$.items[:].sku`, \
             `m` Array(String) `json:$.m[:]`, `none` Array(String) `json:$.none[:]`, `o` String `json:$.o`, \
             `tags` Array(String) `json:$.tags[:]`, `x_y` Int16 `json:$.['x y']`, `x_y_2` Int16 `json:$.['x.y']`"
        );
        assert_eq!(schema("[{\"a\":1},\n {\"a\":\"x\"}]"), "`a` String `json:$.a`");
        assert_eq!(schema("{\"a\":{\"b\":1}}\n{\"a\":5}"), "`a` String `json:$.a`");
        assert_eq!(schema("[]"), "there is no JSON object in the sample");
    }

    #[test]
    fn the_answer_has_columns_and_a_preview() {
        let analysis = analyze_ndjson(b"{\"a\":1}\n{\"a\":2,\"b\":\"2024-01-02\"}").unwrap();
        let want = json!({
            "analysis": {
                "columns": [
                    {"path": "$.a", "recommended_type": "Int16", "present_pct": 1.0, "name": "a"},
                    {"path": "$.b", "recommended_type": "Date", "present_pct": 0.5, "name": "b"},
                ],
                "schema": "`a` Int16 `json:$.a`, `b` Nullable(Date) `json:$.b`",
            },
            "preview": {
                "meta": [{"name": "a", "type": "Int16"}, {"name": "b", "type": "Nullable(Date)"}],
                "data": [{"a": 1, "b": null}, {"a": 2, "b": "2024-01-02"}],
                "rows": 2,
                "statistics": {"elapsed": 0.0, "rows_read": 2, "bytes_read": 32},
            },
        });
        assert_eq!(analysis.to_json(), want);
    }

    #[test]
    fn separated_values_have_schemas() {
        let schema = |text: &str| {
            let analysis = analyze_csv(text.as_bytes(), &Dialect::default());
            analysis.map_or_else(
                |e| e.what,
                |analysis| format!("{} {}", analysis.schema(), analysis.preview.rows),
            )
        };
        assert_eq!(
            schema("Day;First Station;abslevel;zip\n2014-07-30;a;1.5;0123\n2014-07-31;b;;99\n"),
            "`day` Date, `first_station` String, `abslevel` Nullable(Float32), `zip` String 2"
        );
        assert_eq!(schema("1,a\n2,b\n"), "`column_00` Int16, `column_01` String 2");
        assert_eq!(schema("\n"), "there is no row in the sample");
    }

    #[test]
    fn many_places_are_cut() {
        let members: Vec<_> = (0..2_000).map(|n| format!("\"k{n}\":1")).collect();
        let analysis = analyze_ndjson(format!("{{{}}}", members.join(",")).as_bytes()).unwrap();
        assert_eq!(analysis.columns.len(), COLUMNS_MAX);
    }
}
