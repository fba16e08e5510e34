//! Blosc chunks, as Zarr clients read them.

pub use tile_web::compress::blosc::{compress_items, decompress};
