//! Dates and times as ClickHouse prints them.

use crate::kernels::zone::{Civil, civil};
use jiff::{Timestamp, tz::TimeZone};
use std::{cell::Cell, io};

const SECONDS_PER_DAY: i64 = 86_400;

/// How points in time are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TimeStyle {
    /// `2024-01-31 12:30:00`, in the time zone of the type.
    #[default]
    Simple,
    /// `2024-01-31T12:30:00Z`.
    Iso,
    UnixTimestamp,
}

/// A time zone that remembers the stretch of time with one offset that it was last asked about.
pub(crate) struct Zone {
    /// Nothing for UTC.
    zone: Option<TimeZone>,
    /// First second, second after the last, and offset in seconds.
    stretch: Cell<(i64, i64, i64)>,
}

impl Zone {
    /// The zone with an IANA name.
    pub(crate) fn new(name: &str) -> io::Result<Self> {
        let zone = match name {
            "UTC" | "GMT" | "Etc/UTC" | "" => None,
            name => Some(TimeZone::get(name).map_err(|_| {
                io::Error::new(
                    io::ErrorKind::InvalidData,
                    format!("write a time: unknown time zone `{name}`"),
                )
            })?),
        };
        Ok(Self { zone, stretch: Cell::new((0, 0, 0)) })
    }

    /// Seconds to add to those since 1970 in UTC.
    fn offset(&self, utc: i64) -> i64 {
        let Some(zone) = &self.zone else { return 0 };
        let (from, to, offset) = self.stretch.get();
        if (from..to).contains(&utc) {
            return offset;
        }
        let Ok(at) = Timestamp::from_second(utc) else { return 0 };
        let offset = i64::from(zone.to_offset(at).seconds());
        // `preceding` leaves out a transition at the very moment, so it is asked for one second later.
        let next = Timestamp::from_second(utc.saturating_add(1)).unwrap_or(at);
        let from = zone.preceding(next).next().map_or(i64::MIN, |t| t.timestamp().as_second());
        let to = zone.following(at).next().map_or(i64::MAX, |t| t.timestamp().as_second());
        self.stretch.set((from, to, offset));
        offset
    }
}

/// The last digit's character of a number.
#[expect(clippy::cast_possible_truncation, reason = "the remainder is a digit")]
const fn digit(value: i64) -> u8 {
    b'0' + value.rem_euclid(10) as u8
}

/// Appends `2024-01-31`.
pub(crate) fn date(days: i64, out: &mut Vec<u8>) {
    let Civil { year, month, day } = civil(days);
    out.extend_from_slice(&[
        digit(year / 1000),
        digit(year / 100),
        digit(year / 10),
        digit(year),
        b'-',
        digit(month / 10),
        digit(month),
        b'-',
        digit(day / 10),
        digit(day),
    ]);
}

fn date_time(seconds: i64, between: u8, out: &mut Vec<u8>) {
    date(seconds.div_euclid(SECONDS_PER_DAY), out);
    let second = seconds.rem_euclid(SECONDS_PER_DAY);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    out.extend_from_slice(&[
        between,
        digit(hour / 10),
        digit(hour),
        b':',
        digit(minute / 10),
        digit(minute),
        b':',
        digit(second / 10),
        digit(second),
    ]);
}

/// Appends a moment: seconds since 1970 in UTC, and a fraction of `digits` digits.
pub(crate) fn moment(
    seconds: i64,
    fraction: i64,
    digits: u8,
    zone: &Zone,
    style: TimeStyle,
    out: &mut Vec<u8>,
) {
    let (mut seconds, mut fraction) = (seconds, fraction);
    match style {
        TimeStyle::Simple => date_time(seconds + zone.offset(seconds), b' ', out),
        TimeStyle::Iso => date_time(seconds, b'T', out),
        TimeStyle::UnixTimestamp => {
            // A number before 1970 counts its fraction downwards like its seconds.
            if seconds < 0 && fraction > 0 {
                (seconds, fraction) = (seconds + 1, 10_i64.pow(u32::from(digits)) - fraction);
                out.extend((seconds == 0).then_some(b'-'));
            }
            super::number::integer(seconds, out);
        }
    }
    if digits > 0 {
        out.push(b'.');
        let mut power = 10_i64.pow(u32::from(digits) - 1);
        while power > 0 {
            out.push(digit(fraction / power));
            power /= 10;
        }
    }
    if style == TimeStyle::Iso {
        out.push(b'Z');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments() {
        let check = |seconds, fraction, digits, zone: &str, style, expected: &str| {
            let mut out = Vec::new();
            moment(seconds, fraction, digits, &Zone::new(zone).unwrap(), style, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), expected);
        };
        check(0, 0, 0, "UTC", TimeStyle::Simple, "1970-01-01 00:00:00");
        check(-1, 999, 3, "UTC", TimeStyle::Simple, "1969-12-31 23:59:59.999");
        check(1_719_792_000, 5, 3, "Europe/Berlin", TimeStyle::Simple, "2024-07-01 02:00:00.005");
        check(1_704_067_200, 0, 0, "Europe/Berlin", TimeStyle::Iso, "2024-01-01T00:00:00Z");
        check(1_704_067_200, 0, 0, "Europe/Berlin", TimeStyle::UnixTimestamp, "1704067200");
        check(-2, 25, 2, "UTC", TimeStyle::UnixTimestamp, "-1.75");
        check(-1, 25, 2, "UTC", TimeStyle::UnixTimestamp, "-0.75");
    }

    #[test]
    fn offsets_on_both_sides_of_a_change() {
        let zone = Zone::new("Europe/Berlin").unwrap();
        let change = 1_711_846_800; // 2024-03-31 01:00 UTC
        for (second, expected) in
            [(change - 1, 3600), (change, 7200), (change + 1, 7200), (change - 1, 3600), (change, 7200)]
        {
            assert_eq!(zone.offset(second), expected, "{second}");
        }
        assert!(Zone::new("Europe/Bonn").is_err());
    }
}
