//! `ORDER BY … WITH FILL`: which rows a sorted result is filled up with.
//!
//! The keys come and go as texts, since one column may be of any type: integers, dates as days, times as
//! microseconds, floats in their shortest form. The walk over several columns is ClickHouse's, whose next row is
//! the first that differs in any of them; it is not a product of the columns.
//!
//! Source: ClickHouse's reference, `ORDER BY … WITH FILL`, and the order in which its transform visits rows.

use super::frame::{Answered, Kernel, KernelError, ListText, Text, kernel};
use super::start_of::{Unit, add, add_to_date};
use super::zone::Zone;
use std::cmp::Ordering;

/// Rows that one result may grow to: each costs some ten bytes here.
const ROWS_MAX: usize = 5_000_000;

/// A value of a column; NULL is neither less than nor equal to another value.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Key {
    Null,
    Int(i128),
    Float(f64),
}

impl Key {
    const fn is_null(self) -> bool {
        matches!(self, Self::Null)
    }

    fn order(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => Some(a.cmp(&b)),
            (Self::Float(a), Self::Float(b)) => a.partial_cmp(&b),
            _ => None,
        }
    }

    fn equals(self, other: Self) -> bool {
        self.order(other) == Some(Ordering::Equal)
    }
}

/// What the values of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Whole numbers of so many bits, which wrap.
    Signed(u32),
    Unsigned(u32),
    Float,
    /// Days.
    Date,
    /// Microseconds.
    Time,
}

/// One column that is filled.
struct Column {
    kind: Kind,
    descending: bool,
    unit: Option<Unit>,
    zone: Zone,
    from: Key,
    to: Key,
    step: Key,
    staleness: Key,
}

fn invalid(message: impl Into<String>) -> KernelError {
    KernelError::new(475, message)
}

impl Column {
    /// `u64 asc day Europe/Madrid`, the last two being `-` where there is none, and four bounds.
    fn read(plan: &str, bounds: &[&str]) -> Answered<Self> {
        let words: Vec<&str> = plan.split(' ').collect();
        let ([kind, direction, unit, zone], [from, to, step, staleness]) = (words.as_slice(), bounds) else {
            return Err(KernelError::bad_argument("WITH FILL wants a plan and four bounds for each column"));
        };
        let kind = match (*kind, kind.split_at_checked(1)) {
            ("float", _) => Kind::Float,
            ("date", _) => Kind::Date,
            ("time", _) => Kind::Time,
            (_, Some(("u", bits))) => Kind::Unsigned(bits_of(bits)?),
            (_, Some(("i", bits))) => Kind::Signed(bits_of(bits)?),
            _ => return Err(KernelError::bad_argument("WITH FILL over an unknown type")),
        };
        let column = Self {
            kind,
            descending: *direction == "desc",
            unit: if *unit == "-" { None } else { Some(Unit::named(unit)?) },
            zone: Zone::named(if *zone == "-" { "UTC" } else { zone })?,
            from: key(from, kind)?,
            to: key(to, kind)?,
            step: key(step, kind)?,
            staleness: key(staleness, kind)?,
        };
        column.check()?;
        Ok(column)
    }

    fn check(&self) -> Answered<()> {
        let zero = if self.kind == Kind::Float { Key::Float(0.0) } else { Key::Int(0) };
        let unsigned = matches!(self.kind, Kind::Unsigned(_));
        if unsigned && [self.from, self.to].iter().any(|b| b.order(zero) == Some(Ordering::Less)) {
            return Err(invalid("bounds of WITH FILL cannot be negative for an unsigned type"));
        }
        if self.step.equals(zero) || !self.less(zero, self.step) {
            let wanted = if self.descending { "below" } else { "above" };
            return Err(invalid(format!("STEP of WITH FILL has to be {wanted} zero in this direction")));
        }
        if !self.staleness.is_null() && !self.less(zero, self.staleness) {
            return Err(invalid("STALENESS of WITH FILL has to have the sign of its direction"));
        }
        if !self.staleness.is_null() && !self.from.is_null() {
            return Err(invalid("STALENESS of WITH FILL cannot stand beside FROM"));
        }
        if self.less(self.to, self.from) {
            return Err(invalid("TO of WITH FILL lies before FROM"));
        }
        Ok(())
    }

    /// Before, in the direction of the column.
    fn less(&self, a: Key, b: Key) -> bool {
        let wanted = if self.descending { Ordering::Greater } else { Ordering::Less };
        a.order(b) == Some(wanted)
    }

    fn stepped(&mut self, value: Key, by: Key) -> Key {
        match (value, by) {
            (Key::Int(value), Key::Int(by)) => match self.unit {
                None => Key::Int(value.saturating_add(by)),
                Some(unit) => {
                    let narrow =
                        |n: i128| i64::try_from(n).unwrap_or(if n < 0 { i64::MIN } else { i64::MAX });
                    let (value, by) = (narrow(value), narrow(by));
                    let moved = if self.kind == Kind::Date {
                        add_to_date(value, unit, by)
                    } else {
                        add(value, unit, by, &mut self.zone)
                    };
                    Key::Int(i128::from(moved))
                }
            },
            (Key::Float(value), Key::Float(by)) => Key::Float(value + by),
            _ => Key::Null,
        }
    }

    fn next(&mut self, value: Key) -> Key {
        self.stepped(value, self.step)
    }

    fn text(&self, value: Key) -> String {
        let wrapped = |n: i128, bits: u32| n.rem_euclid(1_i128 << bits);
        match (value, self.kind) {
            (Key::Null, _) => String::new(),
            (Key::Float(value), _) => value.to_string(),
            (Key::Int(n), Kind::Unsigned(bits)) => wrapped(n, bits).to_string(),
            (Key::Int(n), Kind::Signed(bits)) => {
                let half = 1_i128 << (bits - 1);
                (wrapped(n.saturating_add(half), bits) - half).to_string()
            }
            (Key::Int(n), _) => n.to_string(),
        }
    }
}

fn bits_of(text: &str) -> Answered<u32> {
    let bits = text.parse().ok().filter(|bits| (1..=64).contains(bits));
    bits.ok_or_else(|| KernelError::bad_argument("WITH FILL over an integer of unknown width"))
}

fn key(text: &str, kind: Kind) -> Answered<Key> {
    let bad = || KernelError::bad_argument(format!("WITH FILL over `{text}`"));
    Ok(match (text, kind) {
        ("", _) => Key::Null,
        (text, Kind::Float) => Key::Float(text.parse().map_err(|_| bad())?),
        (text, _) => Key::Int(text.parse().map_err(|_| bad())?),
    })
}

/// The walk: the row that was generated last, and the one that bounds it.
struct Walk {
    columns: Vec<Column>,
    filling: Vec<Key>,
    bound: Vec<Key>,
    /// Whether `filling` has been put out already.
    is_out: bool,
    /// The row whose group is being filled, from 1.
    group_row: usize,
    out: Vec<String>,
}

impl Walk {
    fn new(columns: Vec<Column>) -> Self {
        let none = vec![Key::Null; columns.len()];
        Self { columns, filling: none.clone(), bound: none, is_out: false, group_row: 0, out: Vec::new() }
    }

    fn put(&mut self, row: usize, keys: Option<&[Key]>) -> Answered<()> {
        if self.out.len() >= ROWS_MAX {
            return Err(invalid(format!("WITH FILL gives more than {ROWS_MAX} rows")));
        }
        let mut line = format!("{row},{}", self.group_row);
        for (column, key) in self.columns.iter().zip(keys.unwrap_or(&self.filling)) {
            line.push(',');
            line.push_str(&column.text(*key));
        }
        self.out.push(line);
        Ok(())
    }

    /// Whether one row comes before another; where one of them is NULL they do not differ.
    fn before(&self, a: &[Key], b: &[Key]) -> bool {
        let differs = |(_, (a, b)): &(&Column, (&Key, &Key))| !a.is_null() && !b.is_null() && !a.equals(**b);
        let first = self.columns.iter().zip(a.iter().zip(b)).find(differs);
        first.is_some_and(|(column, (a, b))| column.less(*a, *b))
    }

    fn starts_at_from(&mut self, position: usize) {
        for (filling, column) in self.filling.iter_mut().zip(&self.columns).skip(position) {
            *filling = column.from;
        }
    }

    /// The first row of a group.
    fn begin(&mut self, keys: &[Key]) -> Answered<()> {
        for (position, value) in keys.iter().enumerate() {
            let Some(column) = self.columns.get(position) else { break };
            let from = column.from;
            if !from.is_null() && !from.equals(*value) {
                let is_before = column.less(from, *value);
                self.starts_at_from(position);
                self.is_out = is_before;
                if is_before {
                    self.put(0, None)?;
                }
                return Ok(());
            }
            if let Some(filling) = self.filling.get_mut(position) {
                *filling = *value;
            }
        }
        Ok(())
    }

    fn row(&mut self, number: usize, keys: &[Key]) -> Answered<()> {
        let first = self.before(&self.bound, &self.filling) || self.filling.iter().all(|k| k.is_null());
        self.bound = keys
            .iter()
            .zip(&self.columns)
            .map(|(key, c)| if c.to.is_null() || c.less(*key, c.to) { *key } else { c.to })
            .collect();
        if first && self.before(&self.filling, &self.bound) && self.is_inside() {
            self.put(0, None)?;
            self.is_out = true;
        }
        if self.generate()? {
            self.is_out = false;
        }
        self.put(number, Some(keys))
    }

    /// The rows behind the last one of a group.
    fn end(&mut self) -> Answered<()> {
        let first = (self.before(&self.bound, &self.filling) && !self.is_out)
            || self.bound.iter().all(|k| k.is_null());
        self.bound = self.columns.iter().map(|c| c.to).collect();
        let is_bounded = self.bound.iter().any(|k| !k.is_null());
        let is_known = self.filling.iter().any(|k| !k.is_null());
        let is_before = !self.before(&self.bound, &self.filling);
        if first && is_bounded && is_known && is_before && self.is_inside() {
            self.put(0, None)?;
        }
        self.generate()?;
        Ok(())
    }

    /// Whether no column of the row has come to its TO.
    fn is_inside(&self) -> bool {
        let mut both = self.columns.iter().zip(&self.filling);
        both.all(|(column, key)| key.is_null() || column.to.is_null() || column.less(*key, column.to))
    }

    /// Puts out rows up to the bound; tells whether the last step changed the row without putting it out.
    fn generate(&mut self) -> Answered<bool> {
        loop {
            let (goes_on, changed) = self.step();
            if !goes_on {
                return Ok(changed);
            }
            self.put(0, None)?;
            self.is_out = true;
        }
    }

    /// The next row before the bound: whether there is one, and whether the row was changed.
    fn step(&mut self) -> (bool, bool) {
        let differs = |(a, b): (&Key, &Key)| !a.is_null() && !b.is_null() && !a.equals(*b);
        let Some(at) = self.filling.iter().zip(&self.bound).position(differs) else { return (false, false) };
        let Some((value, bound)) = self.filling.get(at).copied().zip(self.bound.get(at).copied()) else {
            return (false, false);
        };
        if self
            .columns
            .get(at)
            .is_none_or(|c| c.less(bound, value) || (!c.to.is_null() && !c.less(value, c.to)))
        {
            return (false, false);
        }
        for inner in (at + 1..self.filling.len()).rev() {
            let (Some(column), Some(value)) = (self.columns.get_mut(inner), self.filling.get_mut(inner))
            else {
                break;
            };
            if column.to.is_null() || value.is_null() {
                continue;
            }
            let next = column.next(*value);
            if column.less(next, column.to) {
                *value = next;
                self.starts_at_from(inner + 1);
                return (true, true);
            }
        }
        let Some(column) = self.columns.get_mut(at) else { return (false, false) };
        let next = column.next(value);
        if column.less(bound, next) || next.equals(column.to) {
            return (false, false);
        }
        if let Some(filling) = self.filling.get_mut(at) {
            *filling = next;
        }
        if !next.equals(bound) {
            self.starts_at_from(at + 1);
            return (true, true);
        }
        let mut is_less = false;
        for inner in at + 1..self.filling.len() {
            let (Some(column), Some(bound)) = (self.columns.get(inner), self.bound.get(inner)) else { break };
            let value = if column.from.is_null() { *bound } else { column.from };
            is_less |= column.less(value, *bound);
            if let Some(filling) = self.filling.get_mut(inner) {
                *filling = value;
            }
        }
        (is_less, true)
    }

    /// With STALENESS, for one column: the grid goes on, but only so far behind each row.
    fn stale(&mut self, rows: &[Row]) -> Answered<()> {
        let mut at = Key::Null;
        let mut group = "";
        for (i, row) in rows.iter().enumerate() {
            let value = row.keys.first().copied().unwrap_or(Key::Null);
            if i == 0 || row.group != group {
                (at, group, self.group_row) = (value, row.group, i + 1);
            }
            self.put(i + 1, Some(&row.keys))?;
            let next =
                rows.get(i + 1).filter(|next| next.group == group).and_then(|n| n.keys.first().copied());
            let Some(column) = self.columns.first_mut() else { return Ok(()) };
            let stale = column.stepped(value, column.staleness);
            let mut found = Vec::new();
            while !at.is_null() {
                let candidate = column.next(at);
                let ends = [Some(stale), Some(column.to).filter(|to| !to.is_null())];
                let beyond = ends.into_iter().flatten().any(|end| !column.less(candidate, end));
                let below = matches!(column.kind, Kind::Unsigned(_)) && matches!(candidate, Key::Int(..0));
                let passes = below || next.is_some_and(|next| !column.less(candidate, next));
                if passes || (beyond && next.is_none()) {
                    // A row that lies on the grid is the grid's place from there on.
                    at = next.filter(|next| candidate.equals(*next)).unwrap_or(at);
                    break;
                }
                at = candidate;
                if !beyond && column.less(value, candidate) {
                    found.push(candidate);
                }
            }
            for key in found {
                self.put(0, Some(&[key]))?;
            }
        }
        Ok(())
    }
}

struct Row<'t> {
    /// What stands before the filled columns in ORDER BY.
    group: &'t str,
    keys: Vec<Key>,
}

/// Refuses what ClickHouse fills in ways that nobody would want.
fn check_walk(columns: &[Column], rows: &[Row<'_>]) -> Answered<()> {
    let bounded = |c: &Column| !c.to.is_null() || !c.from.is_null();
    let keys = || rows.iter().flat_map(|row| columns.iter().zip(&row.keys));
    if keys().any(|(column, key)| key.is_null() && bounded(column)) {
        return Err(invalid("WITH FILL between bounds over NULL is not supported"));
    }
    if columns.len() < 2 {
        return Ok(());
    }
    let is_empty = columns.iter().any(|c| !c.to.is_null() && c.from.equals(c.to));
    if is_empty || keys().any(|(column, key)| !column.to.is_null() && !column.less(*key, column.to)) {
        return Err(invalid("WITH FILL of several columns is not supported where rows lie behind TO"));
    }
    let from = columns.iter().filter(|c| !c.from.is_null()).count();
    if rows.is_empty() && from > 0 && from < columns.len() {
        return Err(invalid("WITH FILL of several columns without rows is not supported without all FROM"));
    }
    Ok(())
}

fn filled(rows: &[&str], bounds: &[&str], plan: &str) -> Answered<Vec<String>> {
    let columns = plan.split(';').zip(bounds.chunks(4)).map(|(plan, bounds)| Column::read(plan, bounds));
    let columns = columns.collect::<Answered<Vec<_>>>()?;
    let rows = rows.iter().map(|text| {
        let mut parts = text.split(',');
        let group = parts.next().unwrap_or("");
        let keys = columns.iter().zip(parts).map(|(column, text)| key(text, column.kind));
        Ok(Row { group, keys: keys.collect::<Answered<Vec<_>>>()? })
    });
    let rows = rows.collect::<Answered<Vec<Row<'_>>>>()?;
    if rows.iter().any(|row| row.keys.len() != columns.len()) {
        return Err(KernelError::bad_argument("WITH FILL wants all keys in each row"));
    }
    check_walk(&columns, &rows)?;
    let is_stale = columns.iter().any(|c| !c.staleness.is_null());
    if is_stale && columns.len() > 1 {
        return Err(invalid("STALENESS of WITH FILL is supported for one column"));
    }
    let mut walk = Walk::new(columns);
    if is_stale {
        walk.stale(&rows)?;
        return Ok(walk.out);
    }
    walk.starts_at_from(0);
    let mut group = None;
    for (i, row) in rows.iter().enumerate() {
        if group != Some(row.group) {
            if group.is_some() {
                walk.end()?;
            }
            (group, walk.group_row) = (Some(row.group), i + 1);
            walk.begin(&row.keys)?;
        }
        walk.row(i + 1, &row.keys)?;
    }
    walk.end()?;
    Ok(walk.out)
}

/// Rows are `group,key,…` in their order, bounds are FROM, TO, STEP and STALENESS of each column, and the plan is
/// `type direction unit zone` of each, with `;` between. A row of the answer is `row,group row,key,…`: the number
/// of the row that it is, from 1, or 0 for a new one; and of the first row of its group.
pub const FILL: &[Kernel] = &[
    kernel!("ch_fill", (rows: ListText, bounds: ListText, plan: Text) -> ListText, filled(&rows, &bounds, plan)?),
];
