//! The demo tree: small files of many formats, made on the spot, so that a newcomer sees something at once.

use crate::formats::hdf5::write::File as Hdf5File;
use arrow_array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_schema::{Field, Schema};
use parquet::arrow::ArrowWriter;
use serde_json::json;
use std::f64::consts::TAU;
use std::path::Path;
use std::sync::Arc;
use tile_base::{DType, Error, Result};

/// Writes the demo files into `folder`, which is made when missing.
///
/// # Errors
/// When a file cannot be written.
pub fn write(folder: &Path) -> Result<()> {
    let made = |name: &str| -> Result<std::path::PathBuf> {
        let path = folder.join(name);
        std::fs::create_dir_all(&path)?;
        Ok(path)
    };
    let (tables, arrays, images, files) = (made("tables")?, made("arrays")?, made("images")?, made("files")?);
    std::fs::write(
        folder.join("README.txt"),
        "A demo tree of Tile. Every file here was made when the demo started.\n",
    )?;
    table_files(&tables)?;
    let wave = ripple(256, 384);
    std::fs::write(arrays.join("ripple.npy"), npy("<f8", &[256, 384], &wave))?;
    zarr(&arrays.join("ripple_chunks.zarr"), &wave, [256, 384], [64, 96])?;
    hdf5(&arrays.join("experiment.h5"), &wave)?;
    std::fs::write(arrays.join("temperature.nc"), netcdf()?)?;
    for (i, phase) in [0.0, 0.7, 1.4, 2.1].into_iter().enumerate() {
        picture(&images.join(format!("frame{i:04}.png")), phase)?;
    }
    std::fs::write(
        files.join("notes.md"),
        "# Notes\n\nAny file that is no array and no table is served as it is.\n",
    )?;
    std::fs::write(files.join("broken.h5"), b"\x89HDF\r\n\x1a\nthis is no HDF5 file after its first bytes")?;
    Ok(())
}

fn ripple(height: u32, width: u32) -> Vec<u8> {
    let value = |y: u32, x: u32| {
        let (dy, dx) = (f64::from(y) - f64::from(height) / 2.0, f64::from(x) - f64::from(width) / 2.0);
        let r = (dx * dx + dy * dy).sqrt() / 8.0;
        r.cos() / (1.0 + r / 4.0)
    };
    (0..height)
        .flat_map(|y| (0..width).map(move |x| (y, x)))
        .flat_map(|(y, x)| value(y, x).to_le_bytes())
        .collect()
}

fn npy(typestr: &str, shape: &[usize], data: &[u8]) -> Vec<u8> {
    let dims: String = shape.iter().map(|n| format!("{n}, ")).collect();
    let mut header = format!("{{'descr': '{typestr}', 'fortran_order': False, 'shape': ({dims}), }}");
    // The data begins at a multiple of 64 bytes, a newline before it.
    while (10 + header.len() + 1) % 64 != 0 {
        header.push(' ');
    }
    header.push('\n');
    let mut out = b"\x93NUMPY\x01\0".to_vec();
    out.extend_from_slice(&u16::try_from(header.len()).unwrap_or(0).to_le_bytes());
    out.extend_from_slice(header.as_bytes());
    out.extend_from_slice(data);
    out
}

fn table_files(folder: &Path) -> Result<()> {
    let cities = [
        ("Oslo", 59.9, 10.8, 717_710),
        ("Lagos", 6.5, 3.4, 15_388_000),
        ("Lima", -12.0, -77.0, 10_092_000),
        ("Osaka", 34.7, 135.5, 2_753_862),
        ("Zürich", 47.4, 8.5, 443_037),
    ];
    let mut csv = String::from("city,latitude,longitude,population\n");
    let mut rows = Vec::new();
    for (name, lat, lon, population) in cities {
        csv.push_str(&format!("{name},{lat},{lon},{population}\n"));
        rows.push(
            json!({"city": name, "latitude": lat, "longitude": lon, "population": population}).to_string(),
        );
    }
    std::fs::write(folder.join("cities.csv"), csv)?;
    std::fs::write(folder.join("cities_lines.ndjson"), rows.join("\n") + "\n")?;
    let n = 10_000i64;
    let time: ArrayRef = Arc::new(Int64Array::from_iter_values((0..n).map(|i| i * 60)));
    #[expect(clippy::cast_precision_loss, reason = "demo values")]
    let value: ArrayRef = Arc::new(Float64Array::from_iter_values(
        (0..n).map(|i| 20.0 + 5.0 * (i as f64 / 1440.0 * TAU).sin()),
    ));
    let sensor: ArrayRef = Arc::new(StringArray::from_iter_values(
        (0..n).map(|i| ["north", "south", "roof"][usize::try_from(i % 3).unwrap_or(0)]),
    ));
    let fields = vec![
        Field::new("time_s", time.data_type().clone(), false),
        Field::new("celsius", value.data_type().clone(), false),
        Field::new("sensor", sensor.data_type().clone(), false),
    ];
    let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), vec![time, value, sensor])
        .map_err(|e| Error::internal("demo table").source(e))?;
    let file = std::fs::File::create(folder.join("sensors.parquet"))?;
    let failed = |e: parquet::errors::ParquetError| Error::internal("demo table").source(e);
    let mut writer = ArrowWriter::try_new(file, batch.schema(), None).map_err(failed)?;
    writer.write(&batch).map_err(failed)?;
    writer.close().map_err(failed)?;
    Ok(())
}

/// A Zarr version 3 array of float64 with plain chunks.
fn zarr(folder: &Path, data: &[u8], shape: [usize; 2], chunk: [usize; 2]) -> Result<()> {
    let document = json!({
        "zarr_format": 3, "node_type": "array", "shape": shape, "data_type": "float64",
        "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": chunk}}, "chunk_key_encoding": {"name": "default", "configuration": {"separator": "/"}},
        "fill_value": 0.0, "codecs": [{"name": "bytes", "configuration": {"endian": "little"}}], "attributes": {"about": "the same ripple, in chunks"}, "dimension_names": ["y", "x"],
    });
    std::fs::create_dir_all(folder)?;
    std::fs::write(folder.join("zarr.json"), document.to_string())?;
    for i in 0..shape[0].div_ceil(chunk[0]) {
        std::fs::create_dir_all(folder.join(format!("c/{i}")))?;
        for j in 0..shape[1].div_ceil(chunk[1]) {
            let rows = (i * chunk[0]..(i + 1) * chunk[0]).flat_map(|y| {
                data[(y * shape[1] + j * chunk[1]) * 8..(y * shape[1] + (j + 1) * chunk[1]) * 8]
                    .iter()
                    .copied()
            });
            std::fs::write(folder.join(format!("c/{i}/{j}")), rows.collect::<Vec<u8>>())?;
        }
    }
    Ok(())
}

fn hdf5(path: &Path, wave: &[u8]) -> Result<()> {
    let file = Hdf5File::in_memory()?;
    let root = file.root()?;
    root.text_attribute("title", "A made-up experiment")?;
    let entry = root.group("entry")?;
    entry.text_attribute("sample", "silicon")?;
    let detector = entry.group("detector")?;
    detector.dataset("image", &DType::little('f', 8), &[256, 384], wave)?;
    detector.open_dataset("image")?.text_attribute("units", "counts")?;
    let energy: Vec<u8> = (0..100u32).flat_map(|i| (7.0 + f64::from(i) / 50.0).to_le_bytes()).collect();
    entry.dataset("energy", &DType::little('f', 8), &[100], &energy)?;
    drop((root, entry, detector));
    std::fs::write(path, file.image()?)?;
    Ok(())
}

/// A small NetCDF-3 file: temperature over latitude and longitude.
fn netcdf() -> Result<Vec<u8>> {
    use crate::encoders::rows::Variable;
    let coordinate = |name: &str, values: Vec<f64>, units: &str| Variable {
        name: name.into(),
        dims: vec![name.into()],
        dtype: DType::little('f', 8),
        shape: vec![values.len()],
        bytes: values.into_iter().flat_map(f64::to_le_bytes).collect::<Vec<u8>>().into(),
        attrs: json!({"units": units}),
    };
    let lat: Vec<f64> = (0..19).map(|i| -90.0 + 10.0 * f64::from(i)).collect();
    let lon: Vec<f64> = (0..36).map(|i| 10.0 * f64::from(i)).collect();
    let field: Vec<u8> = lat
        .iter()
        .flat_map(|la| {
            lon.iter()
                .map(move |lo| 15.0 + 25.0 * la.to_radians().cos() + 3.0 * (lo.to_radians() * 2.0).sin())
        })
        .flat_map(f64::to_le_bytes)
        .collect();
    let temperature = Variable {
        name: "temperature".into(),
        dims: vec!["lat".into(), "lon".into()],
        dtype: DType::little('f', 8),
        shape: vec![19, 36],
        bytes: field.into(),
        attrs: json!({"units": "degC"}),
    };
    let mut out: Vec<u8> = Vec::new();
    crate::encoders::netcdf::write_file(
        vec![coordinate("lat", lat, "degrees_north"), coordinate("lon", lon, "degrees_east"), temperature],
        &json!({"title": "Demo climate"}),
        &mut out,
    )?;
    Ok(out)
}

fn picture(path: &Path, phase: f64) -> Result<()> {
    let mut pixels = Vec::with_capacity(120 * 160 * 3);
    for y in 0..120u32 {
        for x in 0..160u32 {
            for channel in 0..3u32 {
                let v = 127.5
                    + 127.5
                        * (f64::from(x) / 20.0
                            + f64::from(y) / 30.0
                            + phase
                            + f64::from(channel) * TAU / 3.0)
                            .sin();
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "between 0 and 255"
                )]
                pixels.push(v as u8);
            }
        }
    }
    std::fs::write(path, crate::encoders::png::file(&pixels, 120, 160, 3)?)?;
    Ok(())
}
