//! What a group keeps for each key: tiles of each size, what came before them, what is ahead of its time. No lock and no clock here.
//!
//! [`layers`] chooses tiles for an interval; a [`layout`] says which slots each size holds; a [`ring`] is the tiles of one size; a
//! [`shard`] holds keys.

pub mod layers;
pub mod layout;
pub mod ring;
pub mod shard;
