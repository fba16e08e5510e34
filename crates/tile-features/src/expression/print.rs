//! From a typed tree to the engine's SQL. All that goes into it is made here: quoted names and texts, numbers, and templates of ours.

use super::cast;
use super::resolve::{Op, Typed};
use crate::types::Type;
use crate::value::Value;
use tile_base::error::Kind;
use tile_base::{Error, Result};

/// Bytes of printed SQL. Some functions print an argument twice, so depth could multiply it.
const SQL_BYTES_MAX: usize = 512 << 10;

/// A name, quoted.
pub fn name(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text, quoted.
pub fn text(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

impl Typed {
    /// The whole of an expression: null where the engine fails at a row.
    ///
    /// # Errors
    /// `TooLarge`.
    pub fn print_total(&self) -> Result<String> {
        let sql = self.print()?;
        Ok(if matches!(self.op, Op::Column(..) | Op::Literal(_)) { sql } else { format!("TRY({sql})") })
    }

    /// # Errors
    /// `TooLarge`.
    pub fn print(&self) -> Result<String> {
        let sql = match &self.op {
            Op::Column(_, column) => match &self.ty {
                // The engine's type may be a wider family: an enum, a decimal, an unsigned number, of which some are null then.
                Some(ty) => format!("TRY_CAST({} AS {})", name(column), cast::engine_type(ty)),
                None => name(column),
            },
            Op::Literal(value) => self.print_literal(value),
            Op::Cast(of) => match (&of.ty, &self.ty) {
                (Some(from), Some(to)) => cast::print(from, to, &of.print()?),
                (None, Some(to)) => format!("CAST(NULL AS {})", cast::engine_type(to)),
                _ => "NULL".to_owned(),
            },
            Op::Case(branches, other) => {
                let mut sql = String::from("(CASE");
                for (condition, value) in branches {
                    sql += &format!(" WHEN {} THEN {}", condition.print()?, value.print()?);
                }
                if let Some(other) = other {
                    sql += &format!(" ELSE {}", other.print()?);
                }
                sql + " END)"
            }
            Op::Field(of, _, field) => format!("struct_extract({}, {})", of.print()?, text(field)),
            Op::Call(function, args, pattern) => {
                let mut args: Vec<String> = args.iter().map(Self::print).collect::<Result<_>>()?;
                // Names of fields stand before their values.
                if let (Some(Type::Struct(fields)), "NAMED_STRUCT") = (&self.ty, function.name) {
                    let named = fields
                        .iter()
                        .zip(args)
                        .map(|((field, _), value)| format!("{} := {value}", name(field)));
                    args = named.collect();
                }
                let (sql, guard) = pattern.as_ref().map_or(("", ""), |p| (p.sql.as_str(), p.guard.as_str()));
                let sql = fill(function.print, &args, sql, guard)?;
                match &self.ty {
                    // Integers have many types in the engine.
                    Some(ty) if ty.is_integer() => {
                        format!("TRY_CAST({sql} AS {})", cast::engine_type(ty))
                    }
                    _ => sql,
                }
            }
        };
        bounded(sql)
    }

    fn print_literal(&self, value: &Value) -> String {
        let sql = match value {
            Value::Bool(b) => return b.to_string(),
            Value::Int(i) => i.to_string(),
            Value::Real(x) => format!("{x:e}"),
            Value::Text(t) => return text(t),
            _ => "NULL".to_owned(),
        };
        match &self.ty {
            Some(ty) => format!("CAST({sql} AS {})", cast::engine_type(ty)),
            None => sql,
        }
    }
}

fn bounded(sql: String) -> Result<String> {
    if sql.len() > SQL_BYTES_MAX {
        return Err(Error::new(
            Kind::TooLarge,
            "an expression is too deep: derive parts of it as columns of their own",
        ));
    }
    Ok(sql)
}

/// A template with its arguments: `{0}`, `{*}` for all, `{|}` for all joined as texts, `{p}` for the pattern, `{g}` for what guards it.
fn fill(template: &str, args: &[String], pattern: &str, guard: &str) -> Result<String> {
    let mut sql = String::new();
    let mut chars = template.chars();
    while let Some(c) = chars.next() {
        if c != '{' {
            sql.push(c);
            continue;
        }
        match chars.next() {
            Some('|') => sql += &args.join(" || "),
            Some('*') => sql += &args.join(", "),
            Some('p') => sql += pattern,
            Some('g') => sql += guard,
            Some(digit) => {
                let at = digit.to_digit(10).and_then(|at| usize::try_from(at).ok());
                sql += at.and_then(|at| args.get(at)).map_or("NULL", String::as_str);
            }
            None => {}
        }
        // The closing brace.
        chars.next();
        if sql.len() > SQL_BYTES_MAX {
            return bounded(sql);
        }
    }
    Ok(sql)
}

/// The SQL of a time as milliseconds since 1970.
pub fn millis(ty: &Type, sql: &str) -> Option<String> {
    match ty {
        // Infinite times have no number.
        Type::Timestamp => Some(format!("TRY(epoch_ms({sql}))")),
        Type::Date => Some(format!("TRY(epoch_ms(CAST({sql} AS TIMESTAMP)))")),
        ty if ty.is_integer() => Some(format!("CAST({sql} AS BIGINT)")),
        ty if ty.is_real() => Some(cast::print(ty, &Type::Long, sql)),
        _ => None,
    }
}
