//! Statistics that follow from sums of powers: variance, covariance, correlation, skewness, kurtosis, a regression line.
//!
//! The formulas are those of ClickHouse, so that rounding errors are nearly the same; the `…Stable` ones are Welford's.

use super::{Aggregate, Args, Part, added, parts, whole};
use crate::error::Result;
use crate::typed::Typed;
use crate::types::Type;

pub const ALL: &[Aggregate] = &[
    parts("varPop", (1, 1), |a| powers(a, 2), |a, p| single(a, &var(p, false)))
        .alias(&["VAR_POP"])
        .any_case(),
    parts("varSamp", (1, 1), |a| powers(a, 2), |a, p| single(a, &var(p, true)))
        .alias(&["VAR_SAMP", "variance"])
        .any_case(),
    parts("stddevPop", (1, 1), |a| powers(a, 2), |a, p| single(a, &format!("sqrt({})", var(p, false))))
        .alias(&["STDDEV_POP", "STD"])
        .any_case(),
    parts("stddevSamp", (1, 1), |a| powers(a, 2), |a, p| single(a, &format!("sqrt({})", var(p, true))))
        .alias(&["STDDEV_SAMP", "STDDEV"])
        .any_case(),
    parts("skewPop", (1, 1), |a| powers(a, 3), |a, p| skew(a, p, false)),
    parts("skewSamp", (1, 1), |a| powers(a, 3), |a, p| skew(a, p, true)),
    parts("kurtPop", (1, 1), |a| powers(a, 4), |a, p| kurt(a, p, false)),
    parts("kurtSamp", (1, 1), |a| powers(a, 4), |a, p| kurt(a, p, true)),
    parts("covarPop", (2, 2), products, |a, p| Ok(a.float(covar(p, false), Type::Float64)))
        .alias(&["COVAR_POP"])
        .any_case(),
    parts("covarSamp", (2, 2), products, |a, p| Ok(a.float(covar(p, true), Type::Float64)))
        .alias(&["COVAR_SAMP"])
        .any_case(),
    parts("corr", (2, 2), products, |a, p| Ok(a.float(corr(p), Type::Float64))).any_case(),
    parts("simpleLinearRegression", (2, 2), products, line),
    whole("varPopStable", (1, 1), |a| stable(a, "var_pop")),
    whole("varSampStable", (1, 1), |a| stable(a, "var_samp")),
    whole("stddevPopStable", (1, 1), |a| stable(a, "stddev_pop")),
    whole("stddevSampStable", (1, 1), |a| stable(a, "stddev_samp")),
    whole("covarPopStable", (2, 2), |a| stable_pair(a, "covar_pop")),
    whole("covarSampStable", (2, 2), |a| stable_pair(a, "covar_samp")),
    whole("corrStable", (2, 2), |a| stable_pair(a, "corr")),
];

const POWERS: [&str; 5] = ["n", "s1", "s2", "s3", "s4"];

/// The count and the sums of powers up to one.
fn powers(a: &Args<'_>, most: usize) -> Result<Vec<Part>> {
    a.no_params()?;
    let x = a.double(0)?;
    let mut parts = Vec::new();
    for (power, name) in POWERS.into_iter().enumerate().take(most + 1) {
        let value = if power == 0 {
            format!("CASE WHEN {x} IS NULL THEN NULL ELSE 1 END")
        } else {
            vec![x.clone(); power].join(" * ")
        };
        parts.push(added(name, a.feed, &value, &Type::Float64)?);
    }
    Ok(parts)
}

/// Of `Float32` the result is one too.
fn single(a: &Args<'_>, sql: &str) -> Result<Typed> {
    let ty = if *a.ty(0)?.plain() == Type::Float32 { Type::Float32 } else { Type::Float64 };
    Ok(a.float(sql.to_owned(), ty))
}

fn var(p: &[String], sample: bool) -> String {
    let [n, s1, s2, ..] = p else { return String::new() };
    if sample {
        format!(
            "CASE WHEN {n} > 1 THEN greatest(({s2} - {s1} * {s1} / {n}) / ({n} - 1), 0) ELSE CAST('nan' AS DOUBLE) END"
        )
    } else {
        format!("CASE WHEN {n} > 0 THEN greatest(({s2} - {s1} * {s1} / {n}) / {n}, 0) END")
    }
}

fn skew(a: &Args<'_>, p: &[String], sample: bool) -> Result<Typed> {
    let [n, s1, s2, s3] = p else { return Err(a.illegal(0)) };
    let third = format!("(({s3} - (3 * {s2} - 2 * {s1} * {s1} / {n}) * {s1} / {n}) / {n})");
    let var = format!("({})", var(p, sample));
    let sql = format!(
        "CASE WHEN {var} > 0 THEN {third} / pow({var}, 1.5) WHEN {n} > 0 THEN CAST('nan' AS DOUBLE) END"
    );
    single(a, &sql)
}

fn kurt(a: &Args<'_>, p: &[String], sample: bool) -> Result<Typed> {
    let [n, s1, s2, s3, s4] = p else { return Err(a.illegal(0)) };
    let fourth =
        format!("(({s4} - (4 * {s3} - (6 * {s2} - 3 * {s1} * {s1} / {n}) * {s1} / {n}) * {s1} / {n}) / {n})");
    let var = format!("({})", var(p, sample));
    let sql = format!(
        "CASE WHEN {var} > 0 THEN {fourth} / pow({var}, 2) WHEN {n} > 0 THEN CAST('nan' AS DOUBLE) END"
    );
    single(a, &sql)
}

/// The count, the sums of both arguments, and those of their products.
fn products(a: &Args<'_>) -> Result<Vec<Part>> {
    a.no_params()?;
    if a.name != "simpleLinearRegression" && (a.ty(0)?.plain().is_decimal() || a.ty(1)?.plain().is_decimal())
    {
        return Err(a.illegal(0));
    }
    let (x, y) = (a.double(0)?, a.double(1)?);
    let sums = [
        ("n", "CAST(1 AS DOUBLE)".to_owned()),
        ("x", x.clone()),
        ("y", y.clone()),
        ("xy", format!("{x} * {y}")),
        ("xx", format!("{x} * {x}")),
        ("yy", format!("{y} * {y}")),
    ];
    sums.iter().map(|(name, value)| added(name, a.feed, value, &Type::Float64)).collect()
}

fn covar(p: &[String], sample: bool) -> String {
    let [n, x, y, xy, ..] = p else { return String::new() };
    let under = if sample { format!("({n} - 1)") } else { n.clone() };
    format!("(({xy} - {x} * {y} / {n}) / {under})")
}

fn corr(p: &[String]) -> String {
    let [n, x, y, xy, xx, yy] = p else { return String::new() };
    format!("(({n} * {xy} - {x} * {y}) / sqrt(({n} * {xx} - {x} * {x}) * ({n} * {yy} - {y} * {y})))")
}

/// `y = k x + b` through all points.
fn line(a: &Args<'_>, p: &[String]) -> Result<Typed> {
    let [n, x, y, xy, xx, _] = p else { return Err(a.illegal(0)) };
    let nan = "CAST('nan' AS DOUBLE)";
    let under = format!("({xx} * {n} - {x} * {x})");
    let k =
        format!("CASE WHEN {n} > 0 AND {under} <> 0 THEN ({xy} * {n} - {x} * {y}) / {under} ELSE {nan} END");
    let b = format!("CASE WHEN {n} > 0 AND {under} <> 0 THEN ({y} - ({k}) * {x}) / {n} ELSE {nan} END");
    let elements = ["k", "b"].map(|name| (Some(name.to_owned()), Type::Float64));
    let sql = format!("struct_pack(\"1\" := {k}, \"2\" := {b})");
    if a.null {
        return Err(a.unsupported("of arguments that can be NULL"));
    }
    Ok(Typed::new(sql, Type::Tuple(elements.to_vec())))
}

fn stable(a: &Args<'_>, function: &str) -> Result<Typed> {
    Ok(a.float(a.feed.fold(function, &a.double(0)?), Type::Float64))
}

fn stable_pair(a: &Args<'_>, function: &str) -> Result<Typed> {
    let sql =
        a.feed.pair(function, &a.double(0)?, &a.double(1)?).ok_or_else(|| a.unsupported("of states"))?;
    Ok(a.float(sql, Type::Float64))
}
