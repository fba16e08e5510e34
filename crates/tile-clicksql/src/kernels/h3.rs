//! Uber's H3 cells, by `h3o`. Pairs of latitude and longitude are flat lists.

use super::frame::{Answered, F64, Kernel, KernelError, ListF64, ListU64, Text, U8, U64, kernel};
use h3o::{CellIndex, LatLng, Resolution};

/// No more cells than this come from one.
const CELLS_MAX: u64 = 10_000_000;

fn cell(index: u64) -> Answered<CellIndex> {
    CellIndex::try_from(index).map_err(|_| KernelError::new(117, format!("invalid H3 cell index: {index}")))
}

fn resolution(resolution: u8) -> Answered<Resolution> {
    Resolution::try_from(resolution)
        .map_err(|_| KernelError::new(69, format!("the resolution {resolution} is outside 0 to 15")))
}

fn to_h3(lat: f64, lon: f64, at: u8) -> Answered<u64> {
    let at = resolution(at)?;
    Ok(LatLng::new(lat, lon).map_or(0, |place| place.to_cell(at).into()))
}

fn children(index: u64, at: u8) -> Answered<Vec<u64>> {
    let (cell, at) = (cell(index)?, resolution(at)?);
    if cell.children_count(at) > CELLS_MAX {
        return Err(KernelError::new(12, "h3ToChildren would produce too many cells"));
    }
    Ok(cell.children(at).map(u64::from).collect())
}

fn disk(index: u64, k: u64) -> Answered<Vec<u64>> {
    let k = u32::try_from(k)
        .ok()
        .filter(|k| *k < 1_800)
        .ok_or_else(|| KernelError::new(12, "the ring is too wide"))?;
    Ok(cell(index)?.grid_disk::<Vec<CellIndex>>(k).into_iter().map(u64::from).collect())
}

pub const H3: &[Kernel] = &[
    kernel!("ch_geo_to_h3", (lat: F64, lon: F64, resolution: U8) -> U64, to_h3(lat, lon, resolution)?),
    kernel!("ch_h3_to_geo", (index: U64) -> ListF64, {
        let place = LatLng::from(cell(index)?);
        vec![place.lat(), place.lng()]
    }),
    kernel!("ch_h3_to_geo_boundary", (index: U64) -> ListF64, {
        cell(index)?.boundary().iter().flat_map(|place| [place.lat(), place.lng()]).collect::<Vec<_>>()
    }),
    kernel!("ch_h3_to_parent", (index: U64, at: U8) -> U64, {
        let parent = cell(index)?.parent(resolution(at)?);
        u64::from(parent.ok_or_else(|| KernelError::bad_argument("a parent is coarser than its child"))?)
    }),
    kernel!("ch_h3_to_children", (index: U64, at: U8) -> ListU64, children(index, at)?),
    kernel!("ch_h3_get_resolution", (index: U64) -> U8, u8::from(cell(index)?.resolution())),
    kernel!("ch_h3_k_ring", (index: U64, k: U64) -> ListU64, disk(index, k)?),
    kernel!("ch_h3_is_valid", (index: U64) -> U8, CellIndex::try_from(index).is_ok()),
    kernel!("ch_h3_to_string", (index: U64) -> Text, cell(index)?.to_string()),
    kernel!("ch_string_to_h3", (text: Text) -> U64, {
        u64::from_str_radix(text, 16).map_err(|_| KernelError::new(43, format!("invalid H3 index: {text}")))?
    }),
];
