//! Places: distances, geohashes, H3 cells, polygons.

use super::{Args, Function, entry};
use crate::error::Result;
use crate::typed::Typed;
use crate::types::Type;

pub const ALL: &[Function] = &[
    entry("geoDistance", (4, 4), |a| distance(a, "ch_geo_distance")),
    entry("greatCircleDistance", (4, 4), |a| distance(a, "ch_great_circle_distance")),
    entry("greatCircleAngle", (4, 4), |a| distance(a, "ch_great_circle_angle")),
    entry("geohashEncode", (2, 3), |a| {
        let precision = if a.len() > 2 { small(a, 2)? } else { "CAST(12 AS UTINYINT)".into() };
        let sql = format!("ch_geohash_encode({}, {}, {precision})", a.double(0)?, a.double(1)?);
        Ok(Typed::new(sql, Type::String))
    }),
    entry("geohashDecode", (1, 1), |a| {
        Ok(pair(&format!("ch_geohash_decode({})", a.text(0)?), ["longitude", "latitude"]))
    })
    .full(),
    entry("geohashesInBox", (5, 5), |a| {
        let corners = (0..4).map(|i| a.double(i)).collect::<Result<Vec<_>>>()?;
        let sql = format!("ch_geohashes_in_box({}, {})", corners.join(", "), small(a, 4)?);
        Ok(Typed::new(sql, array(Type::String)))
    })
    .full(),
    entry("geoToH3", (3, 3), |a| {
        let sql = format!("ch_geo_to_h3({}, {}, {})", a.double(0)?, a.double(1)?, small(a, 2)?);
        Ok(Typed::new(sql, Type::UInt(64)))
    }),
    entry("h3ToGeo", (1, 1), |a| {
        Ok(pair(&format!("ch_h3_to_geo({})", cell(a, 0)?), ["latitude", "longitude"]))
    })
    .full(),
    entry("h3ToGeoBoundary", (1, 1), |a| {
        let flat = format!("ch_h3_to_geo_boundary({})", cell(a, 0)?);
        let point = Type::Tuple(vec![(None, Type::Float64), (None, Type::Float64)]);
        // Each corner is two numbers of the flat list.
        let sql = format!(
            "list_transform([{flat}], lambda f_: list_transform(range(1, len(f_) // 2 + 1), \
             lambda i_: struct_pack(\"1\" := f_[i_ * 2 - 1], \"2\" := f_[i_ * 2])))[1]"
        );
        Ok(Typed::new(sql, array(point)))
    })
    .full(),
    entry("h3GetResolution", (1, 1), |a| of_cell(a, "ch_h3_get_resolution", Type::UInt(8))),
    entry("h3IsValid", (1, 1), |a| of_cell(a, "ch_h3_is_valid", Type::UInt(8))),
    entry("h3ToString", (1, 1), |a| of_cell(a, "ch_h3_to_string", Type::String)),
    entry("stringToH3", (1, 1), |a| {
        Ok(Typed::new(format!("ch_string_to_h3({})", a.text(0)?), Type::UInt(64)))
    }),
    entry("h3ToParent", (2, 2), |a| {
        Ok(Typed::new(format!("ch_h3_to_parent({}, {})", cell(a, 0)?, small(a, 1)?), Type::UInt(64)))
    }),
    entry("h3ToChildren", (2, 2), |a| {
        Ok(Typed::new(format!("ch_h3_to_children({}, {})", cell(a, 0)?, small(a, 1)?), array(Type::UInt(64))))
    })
    .full(),
    entry("h3kRing", (2, 2), |a| {
        let sql = format!("ch_h3_k_ring({}, CAST({} AS UBIGINT))", cell(a, 0)?, a.integer(1)?);
        Ok(Typed::new(sql, array(Type::UInt(64))))
    })
    .full(),
    entry("pointInPolygon", (2, 2), polygon).full(),
    entry("pointInEllipses", (6, 1000), |a| {
        if a.len() % 4 != 2 {
            return Err(a.wrong(a.len(), "four numbers for each ellipse"));
        }
        let numbers = (0..a.len()).map(|i| a.double(i)).collect::<Result<Vec<_>>>()?;
        let (point, ellipses) = numbers.split_at(2);
        let sql = format!("ch_point_in_ellipses({}, [{}])", point.join(", "), ellipses.join(", "));
        Ok(Typed::new(sql, Type::UInt(8)))
    })
    .full(),
];

fn array(item: Type) -> Type {
    Type::Array(Box::new(item))
}

/// A small constant or not: a resolution, a precision.
fn small(a: &Args<'_, '_, '_>, i: usize) -> Result<String> {
    Ok(format!("CAST({} AS UTINYINT)", a.integer(i)?))
}

fn cell(a: &Args<'_, '_, '_>, i: usize) -> Result<String> {
    if *a.ty(i)? == Type::UInt(64) { a.sql(i) } else { Err(a.wrong(i, "a UInt64")) }
}

fn of_cell(a: &Args<'_, '_, '_>, kernel: &str, ty: Type) -> Result<Typed> {
    Ok(Typed::new(format!("{kernel}({})", cell(a, 0)?), ty))
}

/// A list of two numbers as a named pair.
fn pair(list: &str, names: [&str; 2]) -> Typed {
    let sql = format!("list_transform([{list}], lambda f_: struct_pack(\"1\" := f_[1], \"2\" := f_[2]))[1]");
    let elements = names.into_iter().map(|n| (Some(n.to_owned()), Type::Float64));
    Typed::new(sql, Type::Tuple(elements.collect()))
}

/// Computed as 64-bit floats; the result has 32 bits unless an argument has 64.
fn distance(a: &Args<'_, '_, '_>, kernel: &str) -> Result<Typed> {
    let places = (0..4).map(|i| a.double(i)).collect::<Result<Vec<_>>>()?;
    let sql = format!("{kernel}({})", places.join(", "));
    if a.items.iter().any(|i| i.ty == Type::Float64) {
        Ok(Typed::new(sql, Type::Float64))
    } else if kernel == "ch_geo_distance" {
        Ok(Typed::new(format!("CAST({sql} AS FLOAT)"), Type::Float32))
    } else {
        // Here the narrow one is computed in another way.
        Err(a.unsupported("of numbers that are not Float64"))
    }
}

fn polygon(a: &Args<'_, '_, '_>) -> Result<Typed> {
    let numbers =
        |ty: &Type| matches!(ty, Type::Tuple(e) if e.len() == 2 && e.iter().all(|(_, t)| t.is_number()));
    let (ring, corner) = a.array(1)?;
    if !numbers(a.ty(0)?) {
        return Err(a.wrong(0, "a pair of numbers"));
    }
    if !numbers(&corner) {
        return Err(a.wrong(1, "an array of pairs of numbers"));
    }
    let part = |of: &str, i: u8| format!("CAST(struct_extract({of}, '{i}') AS DOUBLE)");
    let point = a.sql(0)?;
    let flat = format!("flatten(list_transform({ring}, lambda p_: [{}, {}]))", part("p_", 1), part("p_", 2));
    let sql = format!("ch_point_in_polygon({}, {}, {flat})", part(&point, 1), part(&point, 2));
    Ok(Typed::new(sql, Type::UInt(8)))
}
