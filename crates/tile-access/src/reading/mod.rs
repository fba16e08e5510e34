//! Reading opened nodes: slices of arrays through the chunk cache, tables by column, always in bounded pieces.

pub mod array;
pub mod memory;
pub mod table;
pub mod table_numpy;
#[cfg(test)]
mod tests;
