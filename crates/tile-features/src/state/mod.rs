//! What a group keeps for each key: tiles of each size, what came before them, what is ahead of its time. No lock and no clock here.
//!
//! [`layers`] chooses tiles for an interval; a [`layout`] says which slots each size holds; a [`tile`] is how they lie in memory; a [`ring`]
//! is the tiles of one size; a [`shard`] holds keys, and takes rows into the newest tiles of many; [`change`] is what happens to one key
//! otherwise; [`known`] is what one key has, to be read.

pub mod change;
pub mod known;
pub mod layers;
pub mod layout;
mod name;
pub mod ring;
pub mod shard;
pub mod tile;
