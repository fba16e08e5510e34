//! Places on Earth and in the plane: distances, geohashes, polygons and ellipses.
//!
//! Distances are ClickHouse's approximations: a flat ellipsoid within 13 degrees of longitude and a haversine
//! from tables beyond, in the tables' own steps. (Method: sphinxsearch's GEODIST, mapbox's cheap-ruler.)
#![expect(clippy::cast_possible_truncation, reason = "indices of tables and cells of a geohash")]
#![expect(clippy::cast_sign_loss, reason = "indices of tables and cells of a geohash")]
#![expect(clippy::cast_precision_loss, reason = "indices of tables and cells of a geohash")]

use super::frame::{Answered, F64, Kernel, KernelError, ListF64, ListText, Text, U8, kernel};
use std::f64::consts::PI;

/// Metres; the sphere of WGS 84's surface.
const DIAMETER: f64 = 2.0 * 6_371_007.180_918_475;
const STEPS: usize = 1_024;
const ASIN_STEPS: f64 = 512.0;

#[derive(Clone, Copy)]
enum Method {
    Degrees,
    Sphere,
    Ellipsoid,
}

impl Method {
    /// Squared lengths of a degree of latitude and longitude at a step of the table of latitudes.
    fn degree(self, step: usize) -> (f64, f64) {
        let latitude = step as f64 * (PI / STEPS as f64) - PI * 0.5;
        match self {
            Self::Degrees => (1.0, latitude.cos().powi(2)),
            Self::Sphere => {
                let degree = DIAMETER * PI / 360.0;
                (degree.powi(2), (degree * latitude.cos()).powi(2))
            }
            Self::Ellipsoid => (
                (111_132.09 - 566.05 * (2.0 * latitude).cos() + 1.20 * (4.0 * latitude).cos()).powi(2),
                (111_415.13 * latitude.cos() - 94.55 * (3.0 * latitude).cos()
                    + 0.12 * (5.0 * latitude).cos())
                .powi(2),
            ),
        }
    }

    fn distance(self, lon1: f64, lat1: f64, lon2: f64, lat2: f64) -> f64 {
        let (lat_diff, lon_diff) = (turn(lat1 - lat2), turn(lon1 - lon2));
        if lon_diff < 13.0 {
            let middle = (lat1 + lat2 + 180.0) * STEPS as f64 / 360.0;
            let step = middle as usize & (STEPS - 1);
            let part = middle - step as f64;
            let (low, high) = (self.degree(step), self.degree(step + 1));
            let lat = low.0 + (high.0 - low.0) * part;
            let lon = low.1 + (high.1 - low.1) * part;
            return (lat * lat_diff * lat_diff + lon * lon_diff * lon_diff).sqrt();
        }
        let half = PI / 360.0;
        let degree = PI / 180.0;
        let a = fast_sin(lat_diff * half).powi(2)
            + fast_cos(lat1 * degree) * fast_cos(lat2 * degree) * fast_sin(lon_diff * half).powi(2);
        let unit = if matches!(self, Self::Degrees) { 360.0 / PI } else { DIAMETER };
        unit * fast_asin_sqrt(a)
    }
}

fn turn(degrees: f64) -> f64 {
    let degrees = degrees.abs();
    if degrees > 180.0 { 360.0 - degrees } else { degrees }
}

/// Between two steps of the cosine's table, shifted by `shift` steps.
fn from_table(angle: f64, shift: usize) -> f64 {
    let place = angle.abs() * (STEPS as f64 / PI / 2.0);
    let step = place as usize;
    let part = place - step as f64;
    let step = step.wrapping_sub(shift) & (STEPS - 1);
    let at = |step: usize| (2.0 * PI * step as f64 / STEPS as f64).cos();
    at(step) + (at(step + 1) - at(step)) * part
}

fn fast_cos(angle: f64) -> f64 {
    from_table(angle, 0)
}

fn fast_sin(angle: f64) -> f64 {
    from_table(angle, STEPS / 4)
}

fn fast_asin_sqrt(x: f64) -> f64 {
    if x < 0.122 {
        let y = x.sqrt();
        return y + x * y * 0.166_666_666_666_666 + x * x * y * 0.075 + x * x * x * y * 0.044_642_857_142_857;
    }
    if x < 0.948 {
        let place = x * ASIN_STEPS;
        let step = place.floor();
        let at = |step: f64| (step / ASIN_STEPS).sqrt().asin();
        return at(step) + (at(step + 1.0) - at(step)) * (place - step);
    }
    x.sqrt().asin()
}

const LETTERS: &[u8; 32] = b"0123456789bcdefghjkmnpqrstuvwxyz";
const PRECISION_MAX: u8 = 12;

/// The cell of a coordinate when its range is halved `bits` times.
fn cell(value: f64, low: f64, high: f64, bits: u32) -> u64 {
    let scaled = (value.clamp(low, high) - low) / (high - low) * 2_f64.powi(bits.cast_signed());
    (scaled as u64).min((1 << bits) - 1)
}

fn bits_of(precision: u8) -> (u32, u32) {
    let all = u32::from(precision) * 5;
    (all.div_ceil(2), all / 2)
}

fn letters(lon: u64, lat: u64, precision: u8) -> String {
    let (mut lon_bits, mut lat_bits) = bits_of(precision);
    let mut out = String::with_capacity(usize::from(precision));
    let mut letter = 0;
    for at in 0..usize::from(precision) * 5 {
        // Longitude and latitude take turns, longitude first.
        let bit = if at % 2 == 0 {
            lon_bits -= 1;
            lon >> lon_bits & 1
        } else {
            lat_bits -= 1;
            lat >> lat_bits & 1
        };
        letter = letter << 1 | bit as usize;
        if at % 5 == 4 {
            out.push(LETTERS.get(letter).map_or('0', |letter| char::from(*letter)));
            letter = 0;
        }
    }
    out
}

fn precision_of(precision: u8) -> u8 {
    if (1..=PRECISION_MAX).contains(&precision) { precision } else { PRECISION_MAX }
}

fn geohash(lon: f64, lat: f64, precision: u8) -> Answered<String> {
    if !lon.is_finite() || !lat.is_finite() {
        return Err(KernelError::bad_argument("coordinates must be finite"));
    }
    let precision = precision_of(precision);
    let (lon_bits, lat_bits) = bits_of(precision);
    Ok(letters(cell(lon, -180.0, 180.0, lon_bits), cell(lat, -90.0, 90.0, lat_bits), precision))
}

/// Longitude and latitude of the cell's middle; of nothing, zeros.
fn geohash_decode(text: &str) -> Vec<f64> {
    let (mut lon, mut lat) = ((-180.0, 180.0), (-90.0, 90.0));
    let mut east = true;
    if text.is_empty() {
        return vec![0.0, 0.0];
    }
    for letter in text.bytes().take(usize::from(PRECISION_MAX)) {
        // A letter that is none of them has all its bits set.
        let value = LETTERS.iter().position(|known| *known == letter).unwrap_or(31);
        for bit in (0..5).rev() {
            let range = if east { &mut lon } else { &mut lat };
            let middle = (range.0 + range.1) / 2.0;
            if value >> bit & 1 == 1 {
                range.0 = middle;
            } else {
                range.1 = middle;
            }
            east = !east;
        }
    }
    vec![(lon.0 + lon.1) / 2.0, (lat.0 + lat.1) / 2.0]
}

fn geohashes_in_box(from: (f64, f64), to: (f64, f64), precision: u8) -> Answered<Vec<String>> {
    let precision = precision_of(precision);
    let ordered = from.0 <= to.0 && from.1 <= to.1;
    if !ordered {
        return Ok(Vec::new());
    }
    let (lon_bits, lat_bits) = bits_of(precision);
    let lons = cell(from.0, -180.0, 180.0, lon_bits)..=cell(to.0, -180.0, 180.0, lon_bits);
    let lats = cell(from.1, -90.0, 90.0, lat_bits)..=cell(to.1, -90.0, 90.0, lat_bits);
    let count = (lons.end() - lons.start() + 1).saturating_mul(lats.end() - lats.start() + 1);
    if count > 10_000_000 {
        return Err(KernelError::new(12, "geohashesInBox would produce too many elements"));
    }
    Ok(lons.flat_map(|lon| lats.clone().map(move |lat| letters(lon, lat, precision))).collect())
}

/// Even-odd, the ring closed by itself; a point on an edge is within.
fn in_polygon(x: f64, y: f64, ring: &[f64]) -> bool {
    let corners: Vec<(f64, f64)> =
        ring.chunks_exact(2).filter_map(|pair| Some((*pair.first()?, *pair.last()?))).collect();
    let mut inside = false;
    let next = corners.iter().cycle().skip(1);
    for (a, b) in corners.iter().zip(next) {
        let cross = (b.0 - a.0) * (y - a.1) - (b.1 - a.1) * (x - a.0);
        let between = x >= a.0.min(b.0) && x <= a.0.max(b.0) && y >= a.1.min(b.1) && y <= a.1.max(b.1);
        if cross == 0.0 && between {
            return true;
        }
        if (a.1 > y) != (b.1 > y) && x < (b.0 - a.0) * (y - a.1) / (b.1 - a.1) + a.0 {
            inside = !inside;
        }
    }
    inside
}

/// Ellipses are x, y, and the two half axes.
fn in_ellipses(x: f64, y: f64, ellipses: &[f64]) -> bool {
    ellipses.chunks_exact(4).any(|ellipse| match ellipse {
        [cx, cy, a, b] => ((x - cx) / a).powi(2) + ((y - cy) / b).powi(2) <= 1.0,
        _ => false,
    })
}

pub const DISTANCE: &[Kernel] = &[
    kernel!("ch_great_circle_distance", (lon1: F64, lat1: F64, lon2: F64, lat2: F64) -> F64, {
        Method::Sphere.distance(lon1, lat1, lon2, lat2)
    }),
    kernel!("ch_great_circle_angle", (lon1: F64, lat1: F64, lon2: F64, lat2: F64) -> F64, {
        Method::Degrees.distance(lon1, lat1, lon2, lat2)
    }),
    kernel!("ch_geo_distance", (lon1: F64, lat1: F64, lon2: F64, lat2: F64) -> F64, {
        Method::Ellipsoid.distance(lon1, lat1, lon2, lat2)
    }),
];

pub const GEO: &[Kernel] = &[
    kernel!("ch_geohash_encode", (lon: F64, lat: F64, precision: U8) -> Text, geohash(lon, lat, precision)?),
    kernel!("ch_geohash_decode", (text: Text) -> ListF64, geohash_decode(text)),
    kernel!("ch_geohashes_in_box", (lon1: F64, lat1: F64, lon2: F64, lat2: F64, precision: U8) -> ListText, {
        geohashes_in_box((lon1, lat1), (lon2, lat2), precision)?
    }),
    // Flat lists: x, y, x, y, …
    kernel!("ch_point_in_polygon", (x: F64, y: F64, ring: ListF64) -> U8, in_polygon(x, y, &ring)),
    kernel!("ch_point_in_ellipses", (x: F64, y: F64, ellipses: ListF64) -> U8, in_ellipses(x, y, &ellipses)),
];
