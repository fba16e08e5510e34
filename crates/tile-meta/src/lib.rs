//! tile-meta
