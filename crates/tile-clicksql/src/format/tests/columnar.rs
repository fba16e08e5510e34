//! Arrow and Parquet: types and values as in the files that ClickHouse wrote.

use super::cases::{Case, cases};
use super::*;
use ::parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use arrow_array::RecordBatch;
use arrow_ipc::reader::{FileReader, StreamReader};
use arrow_schema::{DataType, Field, Schema};
use std::{fs, io::Cursor, sync::Arc};

fn read(format: &str, bytes: Vec<u8>) -> (Arc<Schema>, Vec<RecordBatch>) {
    match format {
        "Arrow" => {
            let reader = FileReader::try_new(Cursor::new(bytes), None).unwrap();
            (reader.schema(), reader.map(Result::unwrap).collect())
        }
        "ArrowStream" => {
            let reader = StreamReader::try_new(Cursor::new(bytes), None).unwrap();
            (reader.schema(), reader.map(Result::unwrap).collect())
        }
        _ => {
            // ClickHouse writes no Arrow schema beside Parquet's own.
            let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
            let builder =
                ParquetRecordBatchReaderBuilder::try_new_with_options(bytes::Bytes::from(bytes), options);
            let builder = builder.unwrap();
            (builder.schema().clone(), builder.build().unwrap().map(Result::unwrap).collect())
        }
    }
}

/// The case without the columns that Parquet has no types for.
fn reduced(case: &Case) -> (Vec<Column>, RecordBatch) {
    let kept: Vec<_> = (0..case.columns.len())
        .filter(|at| !["i", "nothing"].contains(&case.columns[*at].name.as_str()))
        .collect();
    (kept.iter().map(|at| case.columns[*at].clone()).collect(), case.batch.project(&kept).unwrap())
}

/// A type in words, without the names that only the library gives.
fn shown(field: &Field) -> String {
    let null = if field.is_nullable() { "?" } else { "" };
    let ty = match field.data_type() {
        DataType::List(item) => format!("list<{}>", shown(item)),
        DataType::Map(entries, _) => format!("map<{}>", shown(entries)),
        DataType::Struct(fields) => {
            let parts: Vec<_> = fields.iter().map(|f| format!("{} {}", f.name(), shown(f))).collect();
            format!("struct<{}>", parts.join(", "))
        }
        other => other.to_string(),
    };
    format!("{ty}{null}")
}

#[test]
fn types_and_values_as_clickhouse() {
    let mut compared = 0;
    for format in ["Arrow", "ArrowStream", "Parquet"] {
        for case in cases() {
            let path = folder().join(format).join(format!("{}.out", case.name));
            let Ok(expected) = fs::read(path) else { continue };
            let (columns, batch) = reduced(&case);
            let mut found = Vec::new();
            let output = Output { columns: &columns, batches: &[batch], ..case.output() };
            by_name(format).unwrap().write(&output, &Settings::default(), &mut found).unwrap();
            let ((schema, batches), (expected_schema, expected)) =
                (read(format, found), read(format, expected));
            let types = |schema: &Schema| schema.fields().iter().map(|f| shown(f)).collect::<Vec<_>>();
            assert_eq!(types(&schema), types(&expected_schema), "{format} {}", case.name);
            assert_eq!(batches.len(), expected.len(), "{format} {}", case.name);
            for (found, expected) in batches.iter().zip(&expected) {
                for (field, (a, b)) in
                    schema.fields().iter().zip(found.columns().iter().zip(expected.columns()))
                {
                    assert_eq!(format!("{a:?}"), format!("{b:?}"), "{format} {} {}", case.name, field.name());
                }
            }
            compared += 1;
        }
    }
    assert!(compared >= 27, "only {compared} recorded files were found");
}
