//! Tests of the whole: what the real engine makes of templates, as data in `tests/pipes/template`.

mod cases;
mod limits;
mod native;
mod shape;
