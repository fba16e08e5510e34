//! Window functions.

use super::naming;
use super::scope::{Level, Scope};
use super::tail::sort_keys;
use crate::aggregates;
use crate::ast::{Bound, Call, Frame, FrameUnit, Over, WindowSpec};
use crate::duck;
use crate::error::{Code, Result, SqlError};
use crate::typed::Typed;
use crate::types::Type;

impl<'a> Scope<'a, '_> {
    pub fn window(&self, call: &'a Call, level: Level) -> Result<Typed> {
        let spec = match &call.over {
            Some(Over::Spec(spec)) => spec,
            Some(Over::Name(name)) => self.windows.get(name.text.as_str()).copied().ok_or_else(|| {
                SqlError::new(Code::UnknownIdentifier, format!("unknown window `{}`", name.text))
                    .at(name.span)
            })?,
            None => return Err(SqlError::new(Code::BadArguments, "a window function wants OVER")),
        };
        let over = self.over(spec, level)?;
        let args = self.aggregate_args(call, level)?;
        let name = call.name.text.as_str();
        let params = call.params.iter().flatten().map(|p| self.expr(p, Level::Row));
        let params = params.collect::<Result<Vec<_>>>()?;
        let window = match &call.over {
            Some(Over::Name(name)) => name.text.clone(),
            _ => format!("({})", self.shown(spec, level)?),
        };
        let filter = call.filter.as_ref().map(|f| self.expr(f, level)).transpose()?;
        let shown_args: Vec<Typed> = args.iter().chain(&filter).cloned().collect();
        let shown = aggregates::shown_name(name, call.distinct, filter.is_some());
        let label = format!("{} OVER {window}", naming::call(&shown, &params, &shown_args));
        let found = match own(name, &args, &over)? {
            Some(found) => found,
            None if aggregates::is_aggregate(name) => {
                let filter = filter.map(|f| f.condition());
                let name = aggregates::name_of(name, call.respect_nulls)?;
                aggregates::resolve(&name, &params, &args, call.distinct, filter, Some(&over))?
            }
            None => {
                return Err(SqlError::new(
                    Code::UnknownFunction,
                    format!("`{name}` is no window function that is supported"),
                ));
            }
        };
        Ok(found.named(label))
    }

    /// A window as the names of columns show it.
    fn shown(&self, spec: &'a WindowSpec, level: Level) -> Result<String> {
        let mut parts: Vec<String> = spec.base.iter().map(|b| b.text.clone()).collect();
        let name = |e: &'a crate::ast::Expr| self.expr(e, level).map(|t| t.name);
        if !spec.partition_by.is_empty() {
            let keys = spec.partition_by.iter().map(name).collect::<Result<Vec<_>>>()?;
            parts.push(format!("PARTITION BY {}", keys.join(", ")));
        }
        let mut keys = Vec::new();
        for item in &spec.order_by {
            let Some(e) = &item.expr else { continue };
            let direction = if item.descending { "DESC" } else { "ASC" };
            let nulls =
                item.nulls_first.map_or("", |first| if first { " NULLS FIRST" } else { " NULLS LAST" });
            keys.push(format!("{} {direction}{nulls}", name(e)?));
        }
        if !keys.is_empty() {
            parts.push(format!("ORDER BY {}", keys.join(", ")));
        }
        if let Some(frame) = &spec.frame {
            parts.push(self.frame(frame, level)?);
        }
        Ok(parts.join(" "))
    }

    /// The DuckDB form of a window with its parentheses.
    fn over(&self, spec: &'a WindowSpec, level: Level) -> Result<String> {
        let base = spec.base.as_ref().map(|b| {
            self.windows.get(b.text.as_str()).copied().ok_or_else(|| {
                SqlError::new(Code::UnknownIdentifier, format!("unknown window `{}`", b.text)).at(b.span)
            })
        });
        let base = base.transpose()?;
        let partition = if spec.partition_by.is_empty() {
            base.map_or(&[][..], |b| &b.partition_by)
        } else {
            &spec.partition_by
        };
        let order =
            if spec.order_by.is_empty() { base.map_or(&[][..], |b| &b.order_by) } else { &spec.order_by };
        let mut parts = Vec::new();
        if !partition.is_empty() {
            let keys = partition
                .iter()
                .map(|e| self.expr(e, level).map(|t| t.compared()))
                .collect::<Result<Vec<_>>>()?;
            parts.push(format!("PARTITION BY {}", keys.join(", ")));
        }
        let mut keys = Vec::new();
        for item in order {
            if let Some(e) = &item.expr {
                let typed = self.expr(e, level)?;
                keys.extend(sort_keys(&typed, item)?.into_iter().map(|(sql, how)| format!("{sql} {how}")));
            }
        }
        if !keys.is_empty() {
            parts.push(format!("ORDER BY {}", keys.join(", ")));
        }
        if let Some(frame) = spec.frame.as_ref().or_else(|| base.and_then(|b| b.frame.as_ref())) {
            parts.push(self.frame(frame, level)?);
        }
        Ok(format!("({})", parts.join(" ")))
    }

    fn frame(&self, frame: &'a Frame, level: Level) -> Result<String> {
        let unit = match frame.unit {
            FrameUnit::Rows => "ROWS",
            FrameUnit::Range => "RANGE",
            FrameUnit::Groups => "GROUPS",
        };
        let start = self.bound(&frame.start, level)?;
        let end = frame.end.as_ref().map_or(Ok("CURRENT ROW".into()), |b| self.bound(b, level))?;
        Ok(format!("{unit} BETWEEN {start} AND {end}"))
    }

    fn bound(&self, bound: &'a Bound, level: Level) -> Result<String> {
        let whole = |e| -> Result<String> {
            let typed = self.expr(e, level)?;
            typed
                .int()
                .map(|n| n.to_string())
                .ok_or_else(|| SqlError::new(Code::Unsupported, "a frame's bound has to be a whole number"))
        };
        Ok(match bound {
            Bound::UnboundedPreceding => "UNBOUNDED PRECEDING".into(),
            Bound::UnboundedFollowing => "UNBOUNDED FOLLOWING".into(),
            Bound::CurrentRow => "CURRENT ROW".into(),
            Bound::Preceding(e) => format!("{} PRECEDING", whole(e)?),
            Bound::Following(e) => format!("{} FOLLOWING", whole(e)?),
        })
    }
}

/// Functions that exist over windows only.
fn own(name: &str, args: &[Typed], over: &str) -> Result<Option<Typed>> {
    let number = |duck: &str| Typed::new(format!("CAST({duck}() OVER {over} AS UBIGINT)"), Type::UInt(64));
    let ratio = |duck: &str| Typed::new(format!("{duck}() OVER {over}"), Type::Float64);
    let lower = name.to_ascii_lowercase();
    // As of all aggregate functions, the arguments lose their dictionaries.
    let args: Vec<Typed> =
        args.iter().map(|a| Typed { ty: a.ty.without_dictionaries(), ..a.clone() }).collect();
    let args = args.as_slice();
    Ok(Some(match lower.as_str() {
        "row_number" => number("row_number"),
        "rank" => number("rank"),
        "dense_rank" | "denserank" => number("dense_rank"),
        "percent_rank" | "percentrank" => ratio("percent_rank"),
        "cume_dist" => ratio("cume_dist"),
        "ntile" => {
            let n = args
                .first()
                .and_then(Typed::int)
                .ok_or_else(|| SqlError::new(Code::BadArguments, "`ntile` wants a whole number"))?;
            Typed::new(format!("CAST(ntile({n}) OVER {over} AS UBIGINT)"), Type::UInt(64))
        }
        "lag" | "lead" | "laginframe" | "leadinframe" => neighbour(&lower, args, over)?,
        "nth_value" => {
            let [x, n] = args else {
                return Err(SqlError::new(Code::NumberOfArguments, "`nth_value` takes a value and a number"));
            };
            let sql = format!("nth_value({}, {}) OVER {over}", x.value(), n.value());
            with_default(sql, x)?
        }
        _ => return Ok(None),
    }))
}

fn with_default(sql: String, x: &Typed) -> Result<Typed> {
    let ty = x.ty.clone();
    Ok(Typed::new(duck::or_default(sql, &ty)?, ty))
}

/// The value some rows before or after; beyond the ends the default of its type.
fn neighbour(name: &str, args: &[Typed], over: &str) -> Result<Typed> {
    let Some(x) = args.first() else {
        return Err(SqlError::new(Code::NumberOfArguments, format!("`{name}` takes a value")));
    };
    let offset = match args.get(1) {
        None => 1,
        Some(n) => {
            n.int().ok_or_else(|| SqlError::new(Code::Unsupported, "the offset has to be a whole number"))?
        }
    };
    let duck_name = if name.starts_with("lag") { "lag" } else { "lead" };
    // `…InFrame` sees no further than its frame; the default frame ends at the row itself.
    if name == "leadinframe" && !over.contains("UNBOUNDED FOLLOWING") {
        return Err(SqlError::new(
            Code::Unsupported,
            "`leadInFrame` is supported over frames that end with UNBOUNDED FOLLOWING",
        ));
    }
    let over = over
        .find(" ROWS ")
        .or_else(|| over.find(" RANGE "))
        .and_then(|at| over.get(..at))
        .map_or(over.to_owned(), |o| format!("{o})"));
    let default = match args.get(2) {
        Some(d) => d.widened(&x.ty)?,
        None => duck::default_of(&x.ty)?,
    };
    Ok(Typed::new(format!("{duck_name}({}, {offset}, {default}) OVER {over}", x.value()), x.ty.clone()))
}
