//! HDF5, NeXus and NetCDF-4: containers of arrays; links followed, attributes as metadata.
//!
//! The HDF5 library tells what is where ([`library`], behind its one lock); chunks and contiguous data are then read and
//! decoded here without it ([`chunks`], [`filters`]), so that reads run side by side. What our decoders do not know goes
//! through the library. NetCDF-4 files are the same files seen as xarray datasets ([`netcdf`]).

mod chunks;
pub mod filters;
mod library;
mod netcdf;
mod tree;
mod types;
pub mod write;

use super::{Format, OptionDoc, options};
use crate::assets::Assets;
use crate::data::Opened;
use serde::Deserialize;
use serde_json::Value;
use tile_base::Result;

pub struct Hdf5;

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Options {
    swmr: bool,
}

impl Format for Hdf5 {
    fn name(&self) -> &'static str {
        "hdf5"
    }
    fn about(&self) -> &'static str {
        "container of groups and arrays; NetCDF-4 files are xarray datasets"
    }
    fn mimetype(&self) -> &'static str {
        "application/x-hdf5"
    }
    fn suffixes(&self) -> &'static [&'static str] {
        &[".h5", ".hdf5", ".hdf", ".nxs", ".nx5", ".he5", ".nc4", ".cxi"]
    }
    fn sniff(&self, head: &[u8]) -> bool {
        const MARK: &[u8] = b"\x89HDF\r\n\x1a\n";
        head.starts_with(MARK) || head.get(512..).is_some_and(|h| h.starts_with(MARK))
    }
    fn has_mark(&self) -> bool {
        true
    }
    fn options(&self) -> &'static [OptionDoc] {
        &[OptionDoc {
            name: "swmr",
            kind: "boolean",
            default: "false",
            about: "open for reading while another process appends; tried anyway when a plain open fails",
        }]
    }
    fn open(&self, assets: &Assets, value: &Value) -> Result<Opened> {
        let options: Options = options(value)?;
        let file = library::File::open(assets.path()?, options.swmr, assets.uid("")?)?;
        let opened = tree::group(&file, "/")?;
        Ok(if netcdf::is_netcdf4(&file, assets.path()?) { netcdf::dataset(file, opened) } else { opened })
    }
}
