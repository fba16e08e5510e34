//! tile-access
