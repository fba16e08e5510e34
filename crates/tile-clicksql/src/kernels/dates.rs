//! Dates and times: what ClickHouse computes in a zone. Calendar arithmetic is in `zone` and `start_of`,
//! text in `date_text`, `date_parse` and `best_effort`; here are only the kernels.
//!
//! Moments are microseconds of UTC. A `Date` argument of a function that wants a moment is given as its
//! midnight in UTC together with the zone `UTC`.
#![expect(clippy::cast_possible_truncation, reason = "ClickHouse's results wrap in their types as these do")]
#![expect(clippy::cast_sign_loss, reason = "ClickHouse's results wrap in their types as these do")]

use super::best_effort::{self, Rules};
use super::date_parse;
use super::date_text;
use super::frame::{
    Answered, Date, F64, I32, I64, Kernel, KernelError, Last, ListMicros, Micros, Text, U8, U16, U32, U64,
    kernel,
};
use super::start_of::{self, Unit};
use super::zone::{self, Civil, DAY, MICRO, Zones, civil};

/// The unit of the last row.
type Units = Last<Unit>;

impl Units {
    fn unit(&mut self, name: &str) -> Answered<Unit> {
        self.get(name, Unit::named).copied()
    }
}

/// A kernel of a moment's local date (`date`) or seconds (`local`).
macro_rules! of_date {
    ($name:literal, $out:ident, |$date:ident| $body:expr) => {
        kernel!($name, (moment: Micros, zone: Text) -> $out, let zones = Zones::new(); {
            let $date = zones.zone(zone)?.day(moment.div_euclid(MICRO));
            $body
        })
    };
}
macro_rules! of_local {
    ($name:literal, $out:ident, |$local:ident| $body:expr) => {
        kernel!($name, (moment: Micros, zone: Text) -> $out, let zones = Zones::new(); {
            let $local = zones.zone(zone)?.local(moment.div_euclid(MICRO));
            $body
        })
    };
}

fn scale_of(scale: i32) -> u32 {
    u32::try_from(scale.clamp(0, 9)).unwrap_or(0)
}

/// The best effort of one text; a rest after the date is refused.
fn best(text: &str, scale: i32, us: bool, zones: &mut Zones, zone: &str) -> Answered<i64> {
    let rules = Rules { us, fractions: scale >= 0, today: None };
    let (parsed, rest) = best_effort::parse(text.as_bytes(), &rules, zones.zone(zone)?)?;
    if !rest.is_empty() {
        return Err(KernelError::text(format!(
            "cannot parse string '{text}' as DateTime: there is more text after the date"
        )));
    }
    Ok(if scale < 0 {
        parsed.seconds.clamp(0, i64::from(u32::MAX)) * MICRO
    } else {
        parsed.micros(scale_of(scale))
    })
}

/// ClickHouse's `Date` is 16 bits without sign, and what is outside is its nearest day.
fn in_date(date: i64) -> i32 {
    date.clamp(0, 65_535) as i32
}

/// A day after the month's end runs into the next month.
fn made_date(year: i64, month: i64, day: i64) -> Option<i64> {
    let valid = (1970..=2149).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    valid.then(|| zone::days(year, month, day)).filter(|date| *date <= 65_535)
}

pub const EXTRACT: &[Kernel] = &[
    of_date!("ch_to_date", Date, |date| in_date(date)),
    of_date!("ch_to_year", U16, |date| civil(date).year as u16),
    of_date!("ch_to_quarter", U8, |date| ((civil(date).month - 1) / 3 + 1) as u8),
    of_date!("ch_to_month", U8, |date| civil(date).month as u8),
    of_date!("ch_to_day_of_month", U8, |date| civil(date).day as u8),
    of_date!("ch_to_day_of_year", U16, |date| (date - zone::days(civil(date).year, 1, 1) + 1) as u16),
    of_date!("ch_to_iso_year", U16, |date| zone::iso_year(date) as u16),
    of_date!("ch_to_iso_week", U8, |date| zone::iso_week(date) as u8),
    of_date!("ch_month_name", Text, |date| date_text::month_name(civil(date).month)),
    of_date!("ch_to_yyyymm", U32, |date| {
        let Civil { year, month, .. } = civil(date);
        (year * 100 + month) as u32
    }),
    of_date!("ch_to_yyyymmdd", U32, |date| {
        let Civil { year, month, day } = civil(date);
        (year * 10_000 + month * 100 + day) as u32
    }),
    of_local!("ch_to_yyyymmddhhmmss", U64, |local| {
        let Civil { year, month, day } = civil(local.div_euclid(DAY));
        let clock = local.rem_euclid(DAY);
        let date = year * 10_000 + month * 100 + day;
        (date * 1_000_000 + clock / 3_600 * 10_000 + clock / 60 % 60 * 100 + clock % 60) as u64
    }),
    kernel!("ch_to_days_since_year_zero", (date: Date) -> U32, (i64::from(date) + 719_528) as u32),
    of_date!("ch_to_last_day_of_month", Date, |date| {
        let Civil { year, month, .. } = civil(date.max(0));
        in_date(zone::days(year, month, zone::days_in_month(year, month)))
    }),
    of_local!("ch_to_hour", U8, |local| (local.rem_euclid(DAY) / 3_600) as u8),
    of_local!("ch_to_minute", U8, |local| (local.rem_euclid(DAY) / 60 % 60) as u8),
    of_local!("ch_to_second", U8, |local| local.rem_euclid(60) as u8),
    kernel!("ch_to_millisecond", (moment: Micros) -> U16, (moment.rem_euclid(MICRO) / 1_000) as u16),
    kernel!("ch_to_day_of_week", (moment: Micros, mode: I32, zone: Text) -> U8, let zones = Zones::new(); {
        let weekday = zone::weekday(zones.zone(zone)?.day(moment.div_euclid(MICRO)));
        (match mode & 3 {
            0 => weekday,
            1 => weekday - 1,
            2 => weekday % 7,
            _ => weekday % 7 + 1,
        }) as u8
    }),
    kernel!("ch_to_week", (moment: Micros, mode: I32, zone: Text) -> U8, let zones = Zones::new(); {
        zone::year_week(zones.zone(zone)?.day(moment.div_euclid(MICRO)), i64::from(mode)).1 as u8
    }),
    kernel!("ch_to_year_week", (moment: Micros, mode: I32, zone: Text) -> U32, let zones = Zones::new(); {
        let date = zones.zone(zone)?.day(moment.div_euclid(MICRO));
        let (year, week) = zone::year_week(date, i64::from(mode) | 2);
        (year * 100 + week) as u32
    }),
    kernel!("ch_zone_offset", (moment: Micros, zone: Text) -> I32, let zones = Zones::new(); {
        zones.zone(zone)?.offset(moment.div_euclid(MICRO)) as i32
    }),
    kernel!("ch_relative_num", (moment: Micros, unit: Text, zone: Text) -> I64,
        let zones = Zones::new(); let units = Units::new();
        start_of::relative(moment, units.unit(unit)?, zones.zone(zone)?)
    ),
];

pub const MOVE: &[Kernel] = &[
    kernel!("ch_start_of", (moment: Micros, unit: Text, count: I64, zone: Text) -> Micros,
        let zones = Zones::new(); let units = Units::new();
        start_of::start_of(moment, units.unit(unit)?, count, zones.zone(zone)?)?
    ),
    kernel!("ch_start_of_as_date", (moment: Micros, unit: Text, count: I64, zone: Text) -> Date,
        let zones = Zones::new(); let units = Units::new(); {
        let date = zones.zone(zone)?.day(moment.div_euclid(MICRO));
        in_date(start_of::start_of_date(date.max(0), units.unit(unit)?, count)?)
    }),
    kernel!("ch_start_of_date", (date: Date, unit: Text, count: I64) -> Date, let units = Units::new();
        in_date(start_of::start_of_date(i64::from(date), units.unit(unit)?, count)?)
    ),
    kernel!("ch_date_midnight", (date: Date, zone: Text) -> Micros, let zones = Zones::new();
        zones.zone(zone)?.day_start(i64::from(date)).saturating_mul(MICRO)
    ),
    kernel!("ch_add", (moment: Micros, unit: Text, count: I64, zone: Text) -> Micros,
        let zones = Zones::new(); let units = Units::new();
        start_of::add(moment, units.unit(unit)?, count, zones.zone(zone)?)
    ),
    kernel!("ch_add_date", (date: Date, unit: Text, count: I64) -> Date, let units = Units::new();
        start_of::add_to_date(i64::from(date), units.unit(unit)?, count) as i32
    ),
    kernel!("ch_date_diff", (unit: Text, from: Micros, to: Micros, zone: Text) -> I64,
        let zones = Zones::new(); let units = Units::new();
        start_of::difference(units.unit(unit)?, from, to, zones.zone(zone)?)
    ),
    kernel!("ch_age", (unit: Text, from: Micros, to: Micros, zone: Text) -> I64,
        let zones = Zones::new(); let units = Units::new();
        start_of::age(units.unit(unit)?, from, to, zones.zone(zone)?)
    ),
    kernel!("ch_time_slot", (moment: Micros) -> Micros, moment.saturating_sub(moment.rem_euclid(1_800 * MICRO))),
    kernel!("ch_time_slots", (start: Micros, length: F64, size: I64) -> ListMicros, {
        if size <= 0 {
            return Err(KernelError::bad_argument("the size of time slots must be greater than zero"));
        }
        let first = start.div_euclid(MICRO) / size;
        let last = (start.div_euclid(MICRO).saturating_add(length as i64)) / size;
        if last - first > 1_000_000 {
            return Err(KernelError::new(69, "too many time slots"));
        }
        (first..=last).map(|slot| slot.saturating_mul(size).saturating_mul(MICRO)).collect::<Vec<_>>()
    }),
    kernel!("ch_make_date", (year: I64, month: I64, day: I64) -> Date, {
        made_date(year, month, day).unwrap_or(0) as i32
    }),
    kernel!("ch_make_datetime", (date: Date, hour: I64, minute: I64, second: I64, zone: Text) -> Micros,
        let zones = Zones::new(); {
        let clock = hour.saturating_mul(3_600).saturating_add(minute.saturating_mul(60)).saturating_add(second);
        let local = (i64::from(date) * DAY).saturating_add(clock);
        zones.zone(zone)?.utc(local).saturating_mul(MICRO)
    }),
];

pub const TEXT: &[Kernel] = &[
    kernel!("ch_format_datetime", (moment: Micros, scale: I32, format: Text, zone: Text) -> Text, let zones = Zones::new();
        date_text::format(moment, scale_of(scale) as usize, format, zones.zone(zone)?)?
    ),
    kernel!("ch_micros_text", (moment: Micros, scale: I32, zone: Text) -> Text, let zones = Zones::new();
        date_text::write_micros(moment, scale_of(scale) as usize, zones.zone(zone)?)
    ),
    kernel!("ch_text_micros_or_null", (text: Text, scale: I32, zone: Text) -> Micros, let zones = Zones::new();
        date_text::read_micros(text, scale_of(scale), zones.zone(zone)?)
    ),
    kernel!("ch_text_date", (text: Text) -> Date, date_text::read_date(text)? as i32),
    kernel!("ch_text_date32", (text: Text) -> Date, date_text::read_date32(text)? as i32),
    kernel!("ch_text_date_or_null", (text: Text) -> Date, date_text::read_date(text).ok().map(in_date)),
    kernel!("ch_parse_datetime", (text: Text, format: Text, zone: Text) -> Micros, let zones = Zones::new();
        date_parse::parse(text, format, zones.zone(zone)?)?
    ),
    kernel!("ch_parse_datetime_or_null", (text: Text, format: Text, zone: Text) -> Micros, let zones = Zones::new();
        date_parse::parse(text, format, zones.zone(zone)?).ok()
    ),
    // A scale of -1 is `DateTime`: whole seconds that wrap at 32 bits, fractions read and dropped.
    kernel!("ch_parse_best_effort", (text: Text, scale: I32, zone: Text) -> Micros, let zones = Zones::new();
        best(text, scale, false, &mut zones, zone)?
    ),
    kernel!("ch_parse_best_effort_or_null", (text: Text, scale: I32, zone: Text) -> Micros, let zones = Zones::new();
        best(text, scale, false, &mut zones, zone).ok()
    ),
    kernel!("ch_parse_best_effort_us", (text: Text, scale: I32, zone: Text) -> Micros, let zones = Zones::new();
        best(text, scale, true, &mut zones, zone)?
    ),
    kernel!("ch_parse_best_effort_us_or_null", (text: Text, scale: I32, zone: Text) -> Micros, let zones = Zones::new();
        best(text, scale, true, &mut zones, zone).ok()
    ),
];
