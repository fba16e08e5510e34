//! `parseDateTime(text, format, zone)`: text by MySQL's format codes, everything of it and nothing more.

use super::date_text::{MONTHS, WEEKDAYS};
use super::frame::{Answered, KernelError};
use super::zone::{self, DAY, MICRO, Zone};

/// By what the day is given; the last that a format names counts.
#[derive(Default)]
enum Way {
    #[default]
    Month,
    Year,
    Week,
}

#[derive(Default)]
struct Fields {
    way: Way,
    year: Option<i64>,
    month: Option<i64>,
    day: Option<i64>,
    day_of_year: Option<i64>,
    iso_week: Option<i64>,
    weekday: Option<i64>,
    hour: i64,
    minute: i64,
    second: i64,
    twelve: bool,
    pm: bool,
    offset: Option<i64>,
}

struct Reader<'a> {
    rest: &'a [u8],
    fields: Fields,
}

fn wrong(what: impl Into<String>) -> KernelError {
    KernelError::datetime(what)
}

/// Microseconds; what the text does not say is 1970-01-01 00:00:00.
pub fn parse(text: &str, format: &str, zone: &mut Zone) -> Answered<i64> {
    let mut reader = Reader { rest: text.as_bytes(), fields: Fields::default() };
    let mut codes = format.bytes();
    while let Some(byte) = codes.next() {
        match byte {
            b'%' => {
                let code =
                    codes.next().ok_or_else(|| KernelError::bad_argument("format string is incomplete"))?;
                reader.read(code)?;
            }
            _ => reader.expect(byte)?,
        }
    }
    if !reader.rest.is_empty() {
        return Err(wrong("invalid format input is malformed: there is text after the format"));
    }
    reader.fields.finish(zone)
}

impl Reader<'_> {
    fn expect(&mut self, byte: u8) -> Answered<()> {
        match self.rest.split_first() {
            Some((found, rest)) if *found == byte => {
                self.rest = rest;
                Ok(())
            }
            _ => Err(wrong(format!("expected '{}' in the text", char::from(byte)))),
        }
    }

    /// A number of `min` to `max` digits, in a range.
    fn number(&mut self, min: usize, max: usize, low: i64, high: i64) -> Answered<i64> {
        let count = self.rest.iter().take(max).take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = self.rest.split_at(count);
        let value = digits.iter().fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'));
        if count < min || value < low || value > high {
            return Err(wrong(format!("expected a number of {min} digits from {low} to {high}")));
        }
        self.rest = rest;
        Ok(value)
    }

    /// The number, from 1, of the name that the text goes on with.
    fn name(&mut self, names: &[&str], letters: usize) -> Answered<i64> {
        for (number, name) in (1..).zip(names) {
            let name = name.as_bytes();
            let name = name.get(..letters.min(name.len())).unwrap_or(name);
            if self.rest.get(..name.len()).is_some_and(|text| text.eq_ignore_ascii_case(name)) {
                self.rest = self.rest.get(name.len()..).unwrap_or_default();
                return Ok(number);
            }
        }
        Err(wrong("expected the name of a month or a weekday"))
    }

    fn skip_space(&mut self) {
        while let Some((b' ', rest)) = self.rest.split_first() {
            self.rest = rest;
        }
    }

    fn each(&mut self, codes: &[u8]) -> Answered<()> {
        codes.iter().try_for_each(|code| match code {
            b'/' | b':' | b'-' | b' ' => self.expect(*code),
            _ => self.read(*code),
        })
    }

    fn read(&mut self, code: u8) -> Answered<()> {
        match code {
            b'Y' => self.fields.year = Some(self.number(4, 4, 1970, 2106)?),
            b'y' => {
                let year = self.number(2, 2, 0, 99)?;
                self.fields.year = Some(if year >= 70 { 1900 + year } else { 2000 + year });
            }
            b'C' => self.fields.year = Some(self.number(2, 2, 19, 21)? * 100),
            b'm' => self.month(2)?,
            b'c' => self.month(1)?,
            b'b' | b'M' => {
                let month = self.name(&MONTHS, if code == b'b' { 3 } else { 9 })?;
                self.fields.dated(Way::Month).month = Some(month);
            }
            b'd' => {
                let day = self.number(2, 2, 1, 31)?;
                self.fields.dated(Way::Month).day = Some(day);
            }
            b'e' => {
                self.skip_space();
                let day = self.number(1, 2, 1, 31)?;
                self.fields.dated(Way::Month).day = Some(day);
            }
            b'j' => {
                let day = self.number(3, 3, 1, 366)?;
                self.fields.dated(Way::Year).day_of_year = Some(day);
            }
            b'G' => {
                self.fields.year = Some(self.number(4, 4, 1970, 2106)?);
                self.fields.way = Way::Week;
            }
            b'V' => {
                let week = self.number(2, 2, 1, 53)?;
                self.fields.dated(Way::Week).iso_week = Some(week);
            }
            b'u' | b'w' | b'a' | b'W' => {
                let weekday = match code {
                    b'u' => self.number(1, 1, 1, 7)?,
                    b'w' => (self.number(1, 1, 0, 6)? + 6) % 7 + 1,
                    b'a' => self.name(&WEEKDAYS, 3)?,
                    _ => self.name(&WEEKDAYS, 9)?,
                };
                self.fields.dated(Way::Week).weekday = Some(weekday);
            }
            b'H' => self.fields.hour = self.number(2, 2, 0, 23)?,
            b'k' => {
                self.skip_space();
                self.fields.hour = self.number(1, 2, 0, 23)?;
            }
            b'h' | b'I' | b'l' => {
                if code == b'l' {
                    self.skip_space();
                }
                let min = if code == b'l' { 1 } else { 2 };
                self.fields.hour = self.number(min, 2, 1, 12)?;
                self.fields.twelve = true;
            }
            b'i' => self.fields.minute = self.number(2, 2, 0, 59)?,
            b's' | b'S' => self.fields.second = self.number(2, 2, 0, 59)?,
            // `DateTime` has no fraction: it is read and dropped.
            b'f' => drop(self.number(1, 6, 0, MICRO)?),
            b'p' => self.half()?,
            b'z' => self.offset()?,
            _ => self.joined(code)?,
        }
        Ok(())
    }

    /// Codes that stand for several others, and those for single marks.
    fn joined(&mut self, code: u8) -> Answered<()> {
        match code {
            b'T' => self.each(b"H:i:S"),
            b'R' => self.each(b"H:i"),
            b'r' => self.each(b"h:i p"),
            b'F' => self.each(b"Y-m-d"),
            b'D' => self.each(b"m/d/y"),
            b'n' => self.expect(b'\n'),
            b't' => self.expect(b'\t'),
            b'%' => self.expect(b'%'),
            _ => {
                Err(KernelError::bad_argument(format!("format is not supported for '%{}'", char::from(code))))
            }
        }
    }

    fn month(&mut self, min: usize) -> Answered<()> {
        let month = self.number(min, 2, 1, 12)?;
        self.fields.dated(Way::Month).month = Some(month);
        Ok(())
    }

    fn half(&mut self) -> Answered<()> {
        let (half, rest) = self.rest.split_at_checked(2).ok_or_else(|| wrong("expected AM or PM"))?;
        self.fields.pm = half.eq_ignore_ascii_case(b"PM");
        if !self.fields.pm && !half.eq_ignore_ascii_case(b"AM") {
            return Err(wrong("expected AM or PM"));
        }
        self.rest = rest;
        Ok(())
    }

    fn offset(&mut self) -> Answered<()> {
        let negative = self.rest.first() == Some(&b'-');
        if negative {
            self.expect(b'-')?;
        } else {
            self.expect(b'+')?;
        }
        let hours = self.number(2, 2, 0, 99)?;
        let minutes = self.number(2, 2, 0, 59)?;
        let seconds = hours * 3_600 + minutes * 60;
        self.fields.offset = Some(if negative { -seconds } else { seconds });
        Ok(())
    }
}

impl Fields {
    /// A day without a year is one of 2000, a leap year.
    fn dated(&mut self, way: Way) -> &mut Self {
        self.way = way;
        self.year.get_or_insert(2000);
        self
    }

    fn date(&self) -> Answered<i64> {
        let year = self.year.unwrap_or(1970);
        match self.way {
            Way::Week => {
                let start = zone::iso_year_start(year);
                Ok(start + (self.iso_week.unwrap_or(1) - 1) * 7 + self.weekday.unwrap_or(1) - 1)
            }
            Way::Year => {
                let of_year = self.day_of_year.unwrap_or(1);
                if of_year == 366 && !zone::is_leap(year) {
                    return Err(wrong(format!("invalid day of year {of_year} in {year}")));
                }
                Ok(zone::days(year, 1, of_year))
            }
            Way::Month => {
                let (month, day) = (self.month.unwrap_or(1), self.day.unwrap_or(1));
                if day > zone::days_in_month(year, month) {
                    return Err(wrong(format!("invalid date, year: {year}, month: {month}, day: {day}")));
                }
                Ok(zone::days(year, month, day))
            }
        }
    }

    fn finish(self, zone: &mut Zone) -> Answered<i64> {
        let date = self.date()?;
        let hour = match (self.twelve || self.pm, self.pm, self.hour) {
            (true, false, 12) if self.twelve => 0,
            (true, true, hour) if hour < 12 => hour + 12,
            (_, _, hour) => hour,
        };
        let at = date * DAY + hour * 3_600 + self.minute * 60 + self.second;
        let seconds = match self.offset {
            Some(offset) => at - offset,
            None => zone.utc(at),
        };
        if !(0..=i64::from(u32::MAX)).contains(&seconds) {
            return Err(wrong("the time is outside DateTime"));
        }
        Ok(seconds * MICRO)
    }
}
