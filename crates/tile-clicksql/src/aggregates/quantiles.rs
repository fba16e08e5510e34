//! Quantiles.
//!
//! `quantile` and `quantileDeterministic` are exact here. ClickHouse samples 8 192 values: above that its answer differs from
//! ours by about 1 % of the ranks. `quantileTDigest` takes the value of the nearest rank, which is ClickHouse's answer up to
//! about 200 values; above that the two differ by 1 % of the ranks at most. `quantileTiming` is ClickHouse's up to about
//! 5 600 values; above that ClickHouse rounds what is greater than 1 023 to 16.

use super::feed::bind;
use super::{Aggregate, Args, whole};
use crate::duck;
use crate::error::{Code, Result, SqlError};
use crate::typed::Typed;
use crate::types::Type;

pub const ALL: &[Aggregate] = &[
    whole("quantile", (1, 1), interpolated).alias(&["median"]).any_case(),
    whole("quantiles", (1, 1), interpolated),
    whole("quantileDeterministic", (2, 2), interpolated).alias(&["medianDeterministic"]),
    whole("quantilesDeterministic", (2, 2), interpolated),
    whole("quantileExact", (1, 1), exact).alias(&["medianExact"]),
    whole("quantilesExact", (1, 1), exact),
    whole("quantileExactLow", (1, 1), exact).alias(&["medianExactLow"]),
    whole("quantilesExactLow", (1, 1), exact),
    whole("quantileExactHigh", (1, 1), exact).alias(&["medianExactHigh"]),
    whole("quantilesExactHigh", (1, 1), exact),
    whole("quantileExactInclusive", (1, 1), ranked),
    whole("quantilesExactInclusive", (1, 1), ranked),
    whole("quantileExactExclusive", (1, 1), ranked),
    whole("quantilesExactExclusive", (1, 1), ranked),
    whole("quantileTiming", (1, 1), timing).alias(&["medianTiming"]),
    whole("quantilesTiming", (1, 1), timing),
    whole("quantileTDigest", (1, 1), digest).alias(&["medianTDigest"]),
    whole("quantilesTDigest", (1, 1), digest),
    whole("quantileExactWeighted", (2, 2), weighted).alias(&["medianExactWeighted"]),
    whole("quantilesExactWeighted", (2, 2), weighted),
];

/// Whether the states of two functions are the same: those of `quantile` and `quantiles` are.
pub fn same_states(a: &str, b: &str) -> bool {
    let single = |name: &str| name.strip_prefix("quantiles").map(|rest| format!("quantile{rest}"));
    single(a).as_deref() == Some(b) || single(b).as_deref() == Some(a)
}

impl Args<'_> {
    fn is_many(&self) -> bool {
        self.name.starts_with("quantiles")
    }

    fn levels(&self) -> Result<Vec<f64>> {
        let levels: Vec<f64> = if self.params.is_empty() && !self.is_many() {
            vec![0.5]
        } else {
            (0..self.params.len()).map(|i| self.param_float(i)).collect::<Result<_>>()?
        };
        let wrong = levels.is_empty()
            || (levels.len() > 1 && !self.is_many())
            || levels.iter().any(|l| !(0.0..=1.0).contains(l));
        if wrong {
            let message = format!("`{}` wants levels between 0 and 1", self.name);
            return Err(SqlError::new(Code::BadArguments, message));
        }
        Ok(levels)
    }

    /// One value for each level, from a list that is computed once; `at` is NULL of an empty list.
    fn by_level(&self, list: &str, ty: &Type, at: impl Fn(&str, f64) -> Result<String>) -> Result<Typed> {
        let variable = format!("q{}_", self.feed.depth());
        let levels = self.levels()?;
        let one = |level: &f64| -> Result<String> {
            let sql = format!("CAST({} AS {})", at(&variable, *level)?, duck::type_of(ty)?);
            if self.null && !self.is_many() {
                Ok(sql)
            } else {
                Ok(format!("coalesce({sql}, {})", nothing(ty)?))
            }
        };
        let found = levels.iter().map(one).collect::<Result<Vec<_>>>()?;
        if self.is_many() {
            let sql = bind(list, &variable, &format!("[{}]", found.join(", ")));
            return Ok(Typed::new(sql, Type::Array(Box::new(ty.clone()))));
        }
        Ok(Typed::new(bind(list, &variable, &found.join("")), self.wrapped(ty.clone())))
    }
}

/// What stands for the quantile of nothing.
fn nothing(ty: &Type) -> Result<String> {
    match ty {
        Type::Float32 => Ok("CAST('nan' AS FLOAT)".into()),
        Type::Float64 => Ok("CAST('nan' AS DOUBLE)".into()),
        _ => duck::default_of(ty),
    }
}

/// A value as a number, and a number as a value of the type again.
fn as_number(a: &Args<'_>) -> Result<(String, Type)> {
    let arg = a.arg(0)?;
    let (ty, value) = (arg.ty.plain(), arg.value());
    Ok(match ty {
        Type::Decimal(_, s) => (format!("round(CAST({value} AS DOUBLE) * 1e{s})"), ty.clone()),
        Type::Date => (format!("CAST({value} - DATE '1970-01-01' AS DOUBLE)"), Type::Date),
        Type::DateTime(_) => (format!("CAST(epoch({value}) AS DOUBLE)"), ty.clone()),
        Type::DateTime64(s, _) if *s <= 6 => {
            (format!("CAST(epoch_us({value}) // {} AS DOUBLE)", 10_u32.pow(6 - u32::from(*s))), ty.clone())
        }
        _ => (a.double(0)?, Type::Float64),
    })
}

fn of_number(sql: &str, ty: &Type) -> String {
    let whole = format!("CAST(trunc({sql}) AS BIGINT)");
    match ty {
        Type::Decimal(p, s) => format!("CAST(trunc({sql}) / 1e{s} AS DECIMAL({p}, {s}))"),
        Type::Date => format!("DATE '1970-01-01' + CAST({whole} AS INTEGER)"),
        Type::DateTime(_) => format!("make_timestamp({whole} * 1000000)"),
        Type::DateTime64(s, _) => {
            format!("make_timestamp({whole} * {})", 10_u32.pow(6_u32.saturating_sub(u32::from(*s))))
        }
        _ => sql.to_owned(),
    }
}

fn interpolated(a: &Args<'_>) -> Result<Typed> {
    let (number, ty) = as_number(a)?;
    if ty != Type::Float64 {
        return between(a, &number, &ty);
    }
    let levels: Vec<String> = a.levels()?.iter().map(|l| format!("{l:?}")).collect();
    if a.is_many() {
        let list = a.feed.fold_with("quantile_cont", &number, &format!("[{}]", levels.join(", ")));
        let none: Vec<String> = levels.iter().map(|_| nothing(&ty)).collect::<Result<_>>()?;
        return Ok(Typed::new(format!("coalesce({list}, [{}])", none.join(", ")), Type::Array(Box::new(ty))));
    }
    Ok(a.float(a.feed.fold_with("quantile_cont", &number, &levels.join("")), ty))
}

/// Between two whole numbers by their weights, cut off: what stands behind the point is decided by the last bit.
fn between(a: &Args<'_>, number: &str, ty: &Type) -> Result<Typed> {
    let whole = format!("CAST({number} AS BIGINT)");
    a.by_level(&format!("list_sort({})", a.feed.gather(&whole)), ty, |list, level| {
        let index = format!("({level:e} * (len({list}) - 1))");
        let left = format!("CAST(floor({index}) AS BIGINT)");
        let (low, high) = (format!("{list}[{left} + 1]"), format!("{list}[{left} + 2]"));
        // Decimals go through wide floats there, numbers of days and seconds do not.
        let sum = if matches!(ty, Type::Date | Type::DateTime(_)) {
            format!("{low} * ({left} + 1 - {index}) + {high} * ({index} - {left})")
        } else {
            format!("ch_between({low}, {high}, {index} - {left})")
        };
        Ok(of_number(&format!("CASE WHEN {left} + 1 >= len({list}) THEN {list}[-1] ELSE {sum} END"), ty))
    })
}

/// The number of the first value that is not below the level, from 1.
fn rank(list: &str, level: f64) -> String {
    if level >= 1.0 {
        format!("len({list})")
    } else {
        format!("CAST(floor(len({list}) * {level:?}) AS BIGINT) + 1")
    }
}

fn exact(a: &Args<'_>) -> Result<Typed> {
    let ty = a.ty(0)?.plain().clone();
    if !(ty.is_number() || ty.is_date() || ty.is_time()) {
        return Err(a.illegal(0));
    }
    let ty = if ty == Type::Bool { Type::UInt(8) } else { ty };
    let value = if ty.is_number() { a.number(0)? } else { a.value(0)? };
    let (low, high) = (a.name.ends_with("Low"), a.name.ends_with("High"));
    a.by_level(&format!("list_sort({})", a.feed.gather(&value)), &ty, |list, level| {
        #[expect(clippy::float_cmp, reason = "the level is compared as it was written")]
        let is_middle = level == 0.5;
        Ok(match (low, high) {
            (true, _) if is_middle => format!("{list}[(len({list}) + 1) // 2]"),
            (_, true) if is_middle => format!("{list}[len({list}) // 2 + 1]"),
            _ => format!("{list}[{}]", rank(list, level)),
        })
    })
}

/// Between the two values around a rank that counts the ends in, or not.
fn ranked(a: &Args<'_>) -> Result<Typed> {
    let ty = a.ty(0)?.plain();
    let number = match ty {
        Type::Date | Type::DateTime(_) => as_number(a)?.0,
        Type::Decimal(..) => return Err(a.illegal(0)),
        _ => a.double(0)?,
    };
    let inclusive = a.name.ends_with("Inclusive");
    let list = format!("list_sort({})", a.feed.gather(&number));
    a.by_level(&list, &Type::Float64, |list, level| {
        #[expect(clippy::float_cmp, reason = "the ends themselves")]
        if !inclusive && (level == 0.0 || level == 1.0) {
            let message = format!("`{}` wants levels between 0 and 1 without them", a.name);
            return Err(SqlError::new(Code::BadArguments, message));
        }
        let rank = if inclusive {
            format!("(len({list}) - 1) * {level:?} + 1")
        } else {
            format!("(len({list}) + 1) * {level:?}")
        };
        let whole = format!("CAST(floor({rank}) AS BIGINT)");
        Ok(format!(
            "CASE WHEN {whole} < 1 THEN {list}[1] WHEN {whole} >= len({list}) THEN {list}[-1] ELSE {list}[{whole}] + ({rank} - {whole}) * ({list}[{whole} + 1] - {list}[{whole}]) END"
        ))
    })
}

/// Milliseconds up to 30 000.
fn timing(a: &Args<'_>) -> Result<Typed> {
    let value = match a.ty(0)?.plain() {
        Type::Decimal(..) | Type::DateTime64(..) => return Err(a.illegal(0)),
        Type::Date | Type::DateTime(_) => as_number(a)?.0,
        _ => a.double(0)?,
    };
    // What is no number of milliseconds is left out.
    let mut times = a.feed.clone();
    times.keep(format!("{value} >= 0 AND NOT isnan({value})"));
    let value = format!("CAST(trunc(least({value}, 30000)) AS INTEGER)");
    a.by_level(&format!("list_sort({})", times.gather(&value)), &Type::Float32, |list, level| {
        Ok(format!("{list}[{}]", rank(list, level)))
    })
}

fn digest(a: &Args<'_>) -> Result<Typed> {
    let (number, ty) = match a.ty(0)?.plain() {
        Type::Date | Type::DateTime(_) => as_number(a)?,
        Type::Decimal(..) | Type::DateTime64(..) => return Err(a.illegal(0)),
        _ => (format!("CAST({} AS FLOAT)", a.number(0)?), Type::Float32),
    };
    // Of ranks that are whole numbers the lower one, as between two centroids of one value each.
    a.by_level(&format!("list_sort({})", a.feed.gather(&number)), &ty, |list, level| {
        let at = format!("{list}[greatest(CAST(ceil(len({list}) * {level:?}) AS BIGINT), 1)]");
        Ok(of_number(&at, &ty))
    })
}

/// Values that stand for as many as their weights.
fn weighted(a: &Args<'_>) -> Result<Typed> {
    let ty = a.ty(0)?.plain().clone();
    if !(ty.is_number() || ty.is_date() || ty.is_time()) {
        return Err(a.illegal(0));
    }
    if !a.ty(1)?.plain().is_integer() {
        return Err(a.illegal(1));
    }
    let pair = format!("struct_pack(v := {}, w := CAST({} AS BIGINT))", a.value(0)?, a.number(1)?);
    let list = format!("list_filter(list_sort({}), lambda p_: p_.w > 0)", a.feed.gather(&pair));
    let (depth, weights) = (a.feed.depth(), "lambda p_: p_.w");
    a.by_level(&list, &ty, |list, level| {
        let total = format!("list_sum(list_transform({list}, {weights}))");
        // The first value at which the weights so far reach the level.
        let so_far = format!("list_sum(list_transform(list_slice({list}, 1, i{depth}_), {weights}))");
        let reached =
            format!("list_filter({list}, lambda v_, i{depth}_: {so_far} >= floor({total} * {level:?}))");
        Ok(format!("coalesce({reached}[1].v, {list}[-1].v)"))
    })
}
