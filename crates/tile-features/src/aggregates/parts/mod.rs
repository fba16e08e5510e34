//! What operations share: ways to keep numbers, values and texts so that two of a kind can be merged.

pub mod distinct;
pub mod ends;
pub mod exact;
pub mod extreme;
pub mod frequent;
pub mod moments;
pub mod ranked;
pub mod sketch;
pub mod timed;
pub mod words;
