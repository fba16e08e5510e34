//! Special functions of mathematics. The last digit depends on the library that ClickHouse was built with.

use super::frame::{F64, Kernel, kernel};

pub const SPECIAL: &[Kernel] = &[
    kernel!("ch_erf", (x: F64) -> F64, libm::erf(x)),
    kernel!("ch_erfc", (x: F64) -> F64, libm::erfc(x)),
    kernel!("ch_tgamma", (x: F64) -> F64, libm::tgamma(x)),
    kernel!("ch_lgamma", (x: F64) -> F64, libm::lgamma(x)),
    kernel!("ch_sinh", (x: F64) -> F64, libm::sinh(x)),
    kernel!("ch_cosh", (x: F64) -> F64, libm::cosh(x)),
    kernel!("ch_tanh", (x: F64) -> F64, 2.0 / (1.0 + (-2.0 * x).exp()) - 1.0),
    kernel!("ch_asinh", (x: F64) -> F64, libm::asinh(x)),
    kernel!("ch_acosh", (x: F64) -> F64, libm::acosh(x)),
    kernel!("ch_atanh", (x: F64) -> F64, libm::atanh(x)),
    kernel!("ch_hypot", (x: F64, y: F64) -> F64, libm::hypot(x, y)),
    kernel!("ch_log1p", (x: F64) -> F64, libm::log1p(x)),
];
