//! When a copy or a sink runs.

use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};

#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Schedule {
    #[default]
    OnDemand,
    /// Five fields: minute, hour, day of the month, month, day of the week; in UTC.
    Cron(String),
}

const ON_DEMAND: &str = "@on-demand";

impl Schedule {
    /// `None` if the text is neither. An empty text is on demand.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "" | ON_DEMAND => Some(Self::OnDemand),
            text => cron(text).map(|_| Self::Cron(text.to_owned())),
        }
    }

    pub fn text(&self) -> &str {
        match self {
            Self::OnDemand => ON_DEMAND,
            Self::Cron(text) => text,
        }
    }
}

/// The times that a text of five fields, or a name like `@hourly`, means.
pub fn cron(text: &str) -> Option<Cron> {
    let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
    parser.parse(&normal(text)?).ok()
}

/// Smallest and largest number of each field, and names of numbers from the smallest on.
const FIELDS: [(u8, u8, &[&str]); 5] = [
    (0, 59, &[]),
    (0, 23, &[]),
    (1, 31, &[]),
    (1, 12, &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]),
    (0, 6, &["sun", "mon", "tue", "wed", "thu", "fri", "sat"]),
];

/// What people write in more ways than the parser reads: ranges over the end (`22-2`), a start with a step (`5/10`), and the last
/// such day of a month (`L5`).
fn normal(text: &str) -> Option<String> {
    if text == "@midnight" {
        return Some("@daily".to_owned());
    }
    let fields: Vec<&str> = text.split_whitespace().collect();
    if fields.len() != FIELDS.len() {
        return text.starts_with('@').then(|| text.to_owned());
    }
    let normal = fields.iter().zip(&FIELDS).map(|(field, range)| {
        let items = field.split(',').map(|item| normal_item(item, range));
        Some(items.collect::<Option<Vec<_>>>()?.join(","))
    });
    Some(normal.collect::<Option<Vec<_>>>()?.join(" "))
}

fn normal_item(item: &str, (min, max, names): &(u8, u8, &[&str])) -> Option<String> {
    let number = |text: &str| {
        let name = names.iter().position(|name| name.eq_ignore_ascii_case(text));
        name.and_then(|at| u8::try_from(at).ok()?.checked_add(*min)).or_else(|| text.parse().ok())
    };
    if item.is_empty() || (item.len() > 1 && item.ends_with(['L', 'l'])) {
        return None;
    }
    if let Some(day) = item.strip_prefix(['L', 'l']).filter(|day| !day.is_empty()) {
        return Some(format!("{day}L"));
    }
    if let Some((from, to)) = item.split_once('-')
        && let (Some(from), Some(to)) = (number(from), number(to))
        && from > to
    {
        return (from <= *max).then(|| format!("{from}-{max},{min}-{to}"));
    }
    match item.split_once('/') {
        Some((start, step)) if number(start).is_some() => Some(format!("{start}-{max}/{step}")),
        _ => Some(item.to_owned()),
    }
}
