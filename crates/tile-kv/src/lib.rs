//! Where tiles rest: [`Store`] in a folder, over `fjall`, and [`Memory`]. Both are [`tile_base::tiles::TileStore`]s and pass the suite
//! `tile_testkit::tiles`. What tiles mean is not known here. All of it blocks.

mod address;
mod memory;
mod store;

pub use memory::Memory;
pub use store::Store;
