//! The scalar functions that DuckDB lacks or does differently, as kernels over Arrow columns, with the answers
//! of ClickHouse 26.9.
//!
//! `frame` has what a kernel is; each other file is a family and its list, or what a family computes with.
//! Nothing here knows SQL, DuckDB or a clock, and no kernel has overloads: the generator picks one by its name
//! and casts the arguments. To add one, write it into its family's list and a case into
//! `tests-data/kernels/specs`, and run `bless.py`; the test fails for a kernel without data.

pub mod frame;

pub mod best_effort;
mod city;
mod city128;
mod date_parse;
mod date_text;
mod dates;
mod encode;
mod farm;
mod farm_long;
mod fill;
mod funnel;
mod geo;
mod h3;
mod hashes;
mod ip;
mod json;
mod json_path;
pub(crate) mod json_type;
mod json_value;
mod murmur;
mod numbers;
pub(crate) mod readable;
mod regexps;
mod search;
mod sets;
mod special;
mod split;
mod start_of;
mod text;
mod urls;
mod vectors;
pub mod zone;

#[cfg(test)]
mod tests;

pub(crate) use city128::city128;
pub use frame::{Arg, Kernel, KernelError};
pub(crate) use regexps::matcher as pattern;

/// Every kernel, by family.
pub const ALL: &[&[Kernel]] = &[
    dates::EXTRACT,
    dates::MOVE,
    dates::TEXT,
    readable::READABLE,
    text::CASE,
    text::CUT,
    text::OTHER,
    search::SEARCH,
    search::REPLACE,
    split::SPLIT,
    fill::FILL,
    regexps::MATCH,
    encode::BYTES,
    encode::ENCODE,
    numbers::TEXT,
    numbers::CAST,
    numbers::ROUND,
    numbers::DIVIDE,
    json::EXTRACT,
    json_path::PATH,
    json_path::SIMPLE,
    json_type::TYPE,
    urls::URL,
    hashes::HASH,
    hashes::WIDE,
    hashes::NARROW,
    ip::IP,
    ip::UUID,
    geo::DISTANCE,
    geo::GEO,
    h3::H3,
    sets::SETS,
    funnel::FUNNEL,
    special::SPECIAL,
    vectors::VECTOR,
];
