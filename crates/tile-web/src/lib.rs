//! tile-web
