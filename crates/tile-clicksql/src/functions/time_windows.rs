//! Windows of time: tumbling ones stand side by side, hopping ones overlap.

use super::{Args, Function, dates, entry, moves};
use crate::error::{Code, Result, SqlError};
use crate::typed::Typed;
use crate::types::Type;

pub const ALL: &[Function] = &[
    entry("tumble", (2, 3), |a| tumbling(a).and_then(|w| w.both(a))).full(),
    entry("tumbleStart", (1, 3), |a| edge(a, tumbling, "1")).full(),
    entry("tumbleEnd", (1, 3), |a| edge(a, tumbling, "2")).full(),
    entry("hop", (3, 4), |a| hopping(a).and_then(|w| w.both(a))).full(),
    entry("hopStart", (1, 4), |a| edge(a, hopping, "1")).full(),
    entry("hopEnd", (1, 4), |a| edge(a, hopping, "2")).full(),
];

struct Window {
    start: Typed,
    end: Typed,
}

impl Window {
    fn both(self, a: &Args<'_, '_, '_>) -> Result<Typed> {
        crate::resolve::scalar(a.scope, "tuple", vec![self.start, self.end])
    }
}

/// One edge: of a window that is given, or of the one that a time falls into.
fn edge(a: &Args<'_, '_, '_>, window: fn(&Args<'_, '_, '_>) -> Result<Window>, place: &str) -> Result<Typed> {
    if a.len() == 1 {
        return match a.ty(0)? {
            Type::Tuple(parts)
                if parts.len() == 2 && parts.iter().all(|(_, t)| t.is_date() || t.is_time()) =>
            {
                crate::resolve::members(a.at(0)?.clone(), &[place])
            }
            _ => Err(a.wrong(0, "a window")),
        };
    }
    window(a).map(|w| if place == "1" { w.start } else { w.end })
}

/// The start of an interval that a time falls into. The zone, if there is one, is the argument at `zone`.
fn start(a: &Args<'_, '_, '_>, zone: usize) -> Result<Typed> {
    if !matches!(a.ty(0)?, Type::DateTime(_)) {
        return Err(a.wrong(0, "a DateTime"));
    }
    let items: Vec<Typed> = a.items.iter().take(2).chain(a.items.get(zone)).cloned().collect();
    let types: Vec<Type> = items.iter().map(|i| i.ty.clone()).collect();
    dates::interval_start(&Args { scope: a.scope, function: a.function, items: &items, types: &types })
}

fn tumbling(a: &Args<'_, '_, '_>) -> Result<Window> {
    let start = start(a, 2)?;
    let end = moved(&start, a.at(1)?, "+")?;
    Ok(Window { start, end })
}

fn hopping(a: &Args<'_, '_, '_>) -> Result<Window> {
    if a.len() < 3 {
        return Err(a.wrong(2, "an interval"));
    }
    let (hop, size) = (a.at(1)?, a.at(2)?);
    if hop.ty != size.ty {
        return Err(SqlError::new(Code::BadArguments, "a hop and its window have to be of one unit"));
    }
    match (hop.int(), size.int()) {
        (Some(hop), Some(size)) if hop <= size => {}
        (Some(_), Some(_)) => {
            return Err(SqlError::new(Code::BadArguments, "a hop cannot be larger than its window"));
        }
        _ => return Err(a.wrong(2, "a constant interval")),
    }
    let end = moved(&start(a, 3)?, hop, "+")?;
    Ok(Window { start: moved(&end, size, "-")?, end })
}

fn moved(time: &Typed, by: &Typed, sign: &str) -> Result<Typed> {
    let Type::Interval(unit) = by.ty else {
        return Err(SqlError::new(Code::IllegalType, format!("expected an interval, found `{}`", by.ty)));
    };
    // Days of a DateTime have 24 hours here, whatever its zone does.
    let bare = match time.ty {
        Type::DateTime(_) => Typed { ty: Type::DateTime(None), ..time.clone() },
        _ => time.clone(),
    };
    Ok(Typed { ty: time.ty.clone(), ..moves::shifted(&bare, by, unit, sign)? })
}

/// The multiples of a number of seconds that a stretch of time touches.
pub fn slots(a: &Args<'_, '_, '_>) -> Result<Typed> {
    match a.ty(0)? {
        Type::DateTime(_) if *a.ty(1)? == Type::UInt(32) => {
            let size = if a.len() > 2 { a.constant_int(2)? } else { 1800 };
            let sql = format!("ch_time_slots({}, {}, CAST({size} AS BIGINT))", a.sql(0)?, a.double(1)?);
            Ok(Typed::new(sql, Type::Array(Box::new(a.ty(0)?.clone()))))
        }
        Type::DateTime(_) => Err(a.wrong(1, "a UInt32")),
        Type::DateTime64(digits, zone) => fine_slots(a, *digits, zone.clone()),
        _ => Err(a.wrong(0, "a time")),
    }
}

/// The same of times with parts of a second: all numbers are decimals, and the result has the most digits of any.
fn fine_slots(a: &Args<'_, '_, '_>, digits: u8, zone: Option<String>) -> Result<Typed> {
    let mut most = digits;
    for i in 1..a.len() {
        let Type::Decimal(10..=18, scale) = a.ty(i)? else { return Err(a.wrong(i, "a Decimal64")) };
        most = most.max(*scale);
    }
    if most > 6 {
        return Err(a.unsupported("with so many digits"));
    }
    let micros =
        |i: usize| a.sql(i).map(|sql| format!("CAST(CAST({sql} AS DECIMAL(24, 6)) * 1000000 AS BIGINT)"));
    let size = if a.len() > 2 { micros(2)? } else { "1800000000".into() };
    let start = format!("epoch_us({})", a.sql(0)?);
    let (first, last) = (format!("{start} // {size}"), format!("({start} + {}) // {size}", micros(1)?));
    let sql = format!("list_transform(range({first}, {last} + 1), lambda s_: make_timestamp(s_ * {size}))");
    let sql =
        format!("CASE WHEN {size} > 0 THEN {sql} ELSE error('the size of time slots must be positive') END");
    Ok(Typed::new(sql, Type::Array(Box::new(Type::DateTime64(most, zone)))))
}
