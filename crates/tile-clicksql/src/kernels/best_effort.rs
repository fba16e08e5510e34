//! `parseDateTimeBestEffort`: dates and times in nearly every spelling that people use.
//!
//! A reader over bytes that meets groups of digits, words and marks one after another; what a group means
//! follows from its length and from what was read before. The rules and their order are ClickHouse's.

use super::frame::{Answered, KernelError};
use super::zone::{self, DAY, MICRO, Zone};

/// Whole seconds, and the digits of the fraction as a number and a count.
pub struct Parsed {
    pub seconds: i64,
    fraction: i64,
    digits: u32,
    /// Whether the text itself tells year, month and day, and not as a count of seconds.
    pub is_dated: bool,
    has_point: bool,
}

impl Parsed {
    const fn timestamp(seconds: i64, fraction: i64, digits: u32) -> Self {
        Self { seconds, fraction, digits, is_dated: false, has_point: false }
    }

    /// Nanoseconds within the second; nothing when there is no point.
    pub fn nanos(&self) -> Option<i64> {
        let cut = self.fraction / 10_i64.pow(self.digits.saturating_sub(9));
        self.has_point.then(|| cut * 10_i64.pow(9_u32.saturating_sub(self.digits)))
    }

    /// Microseconds, the fraction cut to `scale` digits.
    pub fn micros(&self, scale: u32) -> i64 {
        let kept =
            if self.digits > scale { self.fraction / 10_i64.pow(self.digits - scale) } else { self.fraction };
        let kept_digits = self.digits.min(scale);
        let micros = if kept_digits > 6 {
            kept / 10_i64.pow(kept_digits - 6)
        } else {
            kept * 10_i64.pow(6 - kept_digits)
        };
        self.seconds.saturating_mul(MICRO).saturating_add(micros)
    }
}

#[derive(Default)]
struct Found {
    year: i64,
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
    has_time: bool,
    has_fraction: bool,
    fraction: i64,
    fraction_digits: u32,
    /// Seconds east of UTC, when the text says it.
    offset: Option<i64>,
    am: bool,
    pm: bool,
    comma: bool,
}

pub struct Rules {
    /// Month before day, in dates of two numbers.
    pub us: bool,
    /// Read fractions, which DateTime's own function leaves out.
    pub fractions: bool,
    /// The day that is today, for texts without a year; a caller without a clock refuses them.
    pub today: Option<i64>,
}

struct Reader<'a> {
    rest: &'a [u8],
    rules: &'a Rules,
    found: Found,
}

/// What a step asks for: go on, take the next turn at once, or stop reading.
enum Step {
    On,
    Again,
    Stop,
    Done(Parsed),
}

fn wrong<T>(what: &str) -> Answered<T> {
    Err(KernelError::datetime(format!("cannot read DateTime: {what}")))
}

fn number(digits: &[u8]) -> i64 {
    digits.iter().fold(0_i64, |sum, digit| sum.wrapping_mul(10).wrapping_add(i64::from(digit - b'0')))
}

/// Reads a whole text; what may be left over is returned with it.
pub fn parse<'a>(text: &'a [u8], rules: &'a Rules, local: &mut Zone) -> Answered<(Parsed, &'a [u8])> {
    let mut reader = Reader { rest: text, rules, found: Found::default() };
    while !reader.rest.is_empty() {
        match reader.turn()? {
            Step::On | Step::Again => {}
            Step::Stop => break,
            Step::Done(parsed) => return Ok((parsed, reader.rest)),
        }
    }
    let parsed = reader.found.finish(rules.today, local)?;
    Ok((parsed, reader.rest))
}

impl<'a> Reader<'a> {
    fn take(&mut self, max: usize, wanted: impl Fn(u8) -> bool) -> &'a [u8] {
        let length = self.rest.iter().take(max).take_while(|byte| wanted(**byte)).count();
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        taken
    }
    fn digits(&mut self) -> &'a [u8] {
        self.take(19, |byte| byte.is_ascii_digit())
    }
    fn eat(&mut self, wanted: impl Fn(u8) -> bool) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        if !wanted(*first) {
            return None;
        }
        self.rest = rest;
        Some(*first)
    }
    fn eat_byte(&mut self, wanted: u8) -> bool {
        self.eat(|byte| byte == wanted).is_some()
    }

    /// One or two digits.
    fn short(&mut self, what: &str) -> Answered<i64> {
        let digits = self.digits();
        match digits.len() {
            1 | 2 => Ok(number(digits)),
            count => wrong(&format!("unexpected number of decimal digits after {what}: {count}")),
        }
    }

    fn turn(&mut self) -> Answered<Step> {
        if (self.found.year != 0) != self.found.has_time && self.eat_byte(b',') {
            self.found.comma = true;
            if self.rest.is_empty() {
                return Ok(Step::Stop);
            }
        }
        if self.found.year == 0 || !self.found.has_time {
            let digits = self.digits();
            if !digits.is_empty() {
                return self.group(digits);
            }
        }
        self.mark()
    }

    fn group(&mut self, digits: &'a [u8]) -> Answered<Step> {
        let untouched = self.found.year == 0 && !self.found.has_time;
        match digits.len() {
            13 if untouched => {
                let (whole, fraction) = digits.split_at(10);
                let fraction = if self.rules.fractions { (number(fraction), 3) } else { (0, 0) };
                return Ok(Step::Done(Parsed::timestamp(number(whole), fraction.0, fraction.1)));
            }
            9 | 10 if untouched => {
                let mut parsed = Parsed::timestamp(number(digits), 0, 0);
                if self.rules.fractions && self.eat_byte(b'.') {
                    (parsed.fraction, parsed.digits) = self.fraction();
                }
                return Ok(Step::Done(parsed));
            }
            14 if untouched => {
                self.date_of(digits);
                self.time_of(digits.get(8..).unwrap_or_default());
            }
            8 if self.found.year == 0 => self.date_of(digits),
            6 if self.found.year == 0 && self.found.month == 0 => {
                let (year, month) = digits.split_at(4);
                (self.found.year, self.found.month) = (number(year), number(month));
            }
            6 if !self.found.has_time => self.time_of(digits),
            6 => return wrong("ambiguous 6 digits, it can be YYYYMM or hhmmss"),
            4 if self.found.year == 0 => return self.after_year(digits),
            1 | 2 => return self.after_short(number(digits)),
            count => return wrong(&format!("unexpected number of decimal digits: {count}")),
        }
        // A group of digits ends the turn unless the input does.
        Ok(Step::On)
    }

    fn date_of(&mut self, digits: &[u8]) {
        let part = |range| number(digits.get(range).unwrap_or_default());
        (self.found.year, self.found.month, self.found.day) = (part(0..4), part(4..6), part(6..8));
    }
    fn time_of(&mut self, digits: &[u8]) {
        let part = |range| number(digits.get(range).unwrap_or_default());
        (self.found.hour, self.found.minute, self.found.second) = (part(0..2), part(2..4), part(4..6));
        self.found.has_time = true;
    }
    fn fraction(&mut self) -> (i64, u32) {
        let digits = self.digits();
        let kept = digits.get(..digits.len().min(18)).unwrap_or_default();
        (number(kept), u32::try_from(kept.len()).unwrap_or(0))
    }

    fn after_year(&mut self, digits: &[u8]) -> Answered<Step> {
        self.found.year = number(digits);
        let Some(&delimiter) = self.rest.first() else { return Ok(Step::On) };
        if !(0x20..=0x7f).contains(&delimiter) || matches!(delimiter, b',' | b';' | b'\'' | b'"') {
            return Ok(Step::Stop);
        }
        if self.found.month != 0 {
            return Ok(Step::Again);
        }
        self.eat_byte(delimiter);
        let digits = self.digits();
        match digits.len() {
            1 | 2 => self.found.month = number(digits),
            _ if delimiter == b' ' => return Ok(Step::Again),
            count => {
                return wrong(&format!("unexpected number of decimal digits after year: {count}"));
            }
        }
        if self.found.day == 0 && self.eat_byte(delimiter) {
            let digits = self.digits();
            match digits.len() {
                1 | 2 => self.found.day = number(digits),
                _ if delimiter == b' ' => return Ok(Step::Again),
                count => {
                    return wrong(&format!(
                        "unexpected number of decimal digits after year and month: {count}"
                    ));
                }
            }
        }
        Ok(Step::On)
    }

    fn after_short(&mut self, value: i64) -> Answered<Step> {
        if self.eat_byte(b':') {
            if self.found.has_time {
                return wrong("time component is duplicated");
            }
            self.found.hour = value;
            self.found.has_time = true;
            self.found.minute = self.short("hour")?;
            if self.eat_byte(b':') {
                self.found.second = self.short("hour and minute")?;
            }
        } else if self.eat_byte(b',') {
            if self.found.month != 0 && self.found.day == 0 {
                self.found.day = value;
            }
        } else if self.eat(|byte| matches!(byte, b'/' | b'.' | b'-')).is_some() {
            self.day_and_month(value)?;
        } else if self.found.day != 0 {
            self.found.hour = value;
        } else {
            self.found.day = value;
        }
        Ok(Step::On)
    }

    fn day_and_month(&mut self, value: i64) -> Answered<()> {
        if self.found.day != 0 {
            return wrong("day of month is duplicated");
        }
        if self.found.month != 0 {
            return wrong("month is duplicated");
        }
        if self.rules.us {
            self.found.month = value;
            self.found.day = self.short("month")?;
        } else {
            self.found.day = value;
            let digits = self.digits();
            match digits.len() {
                1 | 2 => self.found.month = number(digits),
                0 => {
                    let word = self.take(9, |byte| byte.is_ascii_alphabetic());
                    let more = self.rest.first().is_some_and(u8::is_ascii_alphabetic);
                    match month_of(word) {
                        Some(month) if !more && (word.len() == 3 || is_name(word)) => {
                            self.found.month = month;
                        }
                        _ => return wrong("unexpected word"),
                    }
                }
                count => {
                    return wrong(&format!(
                        "unexpected number of decimal digits after day of month: {count}"
                    ));
                }
            }
        }
        if self.found.month > 12 {
            std::mem::swap(&mut self.found.month, &mut self.found.day);
        }
        if self.eat(|byte| matches!(byte, b'/' | b'.' | b'-')).is_some() {
            if self.found.year != 0 {
                return wrong("year component is duplicated");
            }
            let digits = self.digits();
            self.found.year = match digits.len() {
                4 => number(digits),
                2 if number(digits) >= 70 => number(digits) + 1900,
                2 => number(digits) + 2000,
                count => {
                    return wrong(&format!(
                        "unexpected number of decimal digits after day of month and month: {count}"
                    ));
                }
            };
        }
        Ok(())
    }

    fn mark(&mut self) -> Answered<Step> {
        let Some(&byte) = self.rest.first() else { return Ok(Step::Stop) };
        match byte {
            b' ' => {
                self.eat_byte(byte);
            }
            b'T' if self.found.year != 0 && !self.found.has_time => {
                self.eat_byte(byte);
            }
            b'Z' => {
                self.eat_byte(byte);
                self.found.offset.get_or_insert(0);
            }
            b'.' => {
                if !self.found.has_time {
                    return wrong("unexpected point symbol");
                }
                if self.found.has_fraction {
                    return wrong("duplicate fractional part");
                }
                self.found.has_fraction = true;
                self.eat_byte(byte);
                (self.found.fraction, self.found.fraction_digits) = self.fraction();
            }
            b'+' | b'-' => {
                self.eat_byte(byte);
                self.offset(byte == b'-')?;
            }
            _ => return self.word(),
        }
        Ok(Step::On)
    }

    fn offset(&mut self, negative: bool) -> Answered<()> {
        let digits = self.digits();
        let found = &self.found;
        if digits.len() == 6 && !found.has_time && found.year != 0 && found.month != 0 && found.day != 0 {
            self.time_of(digits);
            return Ok(());
        }
        let (hours, mut minutes) = match digits.len() {
            3 | 4 => {
                let (hours, minutes) = digits.split_at(digits.len() - 2);
                (number(hours), number(minutes))
            }
            1 | 2 => (number(digits), 0),
            count => {
                return wrong(&format!("unexpected number of decimal digits for time zone offset: {count}"));
            }
        };
        if digits.len() < 3 && self.eat_byte(b':') {
            minutes = self.short("time zone offset")?;
        }
        let seconds = hours * 3_600 + minutes * 60;
        self.found.offset = Some(if negative { -seconds } else { seconds });
        Ok(())
    }

    fn word(&mut self) -> Answered<Step> {
        let word = self.take(10, |byte| byte.is_ascii_alphabetic());
        let more = self.rest.first().is_some_and(u8::is_ascii_alphabetic);
        match word.len() {
            0 => return Ok(Step::Stop),
            1 => return wrong("unexpected alphabetical character"),
            2 => {
                match word.to_ascii_lowercase().as_slice() {
                    b"am" => self.found.am = true,
                    b"pm" => self.found.pm = true,
                    _ => return wrong("unexpected word"),
                }
                return Ok(Step::On);
            }
            3 => {}
            _ if more || !is_name(word) => return wrong("unexpected word"),
            _ => {}
        }
        let start = word.get(..3).unwrap_or_default().to_ascii_lowercase();
        match start.as_slice() {
            _ if month_of(word).is_some() => self.found.month = month_of(word).unwrap_or(0),
            b"utc" | b"gmt" => {
                self.found.offset.get_or_insert(0);
            }
            b"msk" => self.found.offset = Some(3 * 3_600),
            b"msd" => self.found.offset = Some(4 * 3_600),
            b"mon" | b"tue" | b"wed" | b"thu" | b"fri" | b"sat" | b"sun" => {
                self.eat_byte(b',');
            }
            _ => return wrong("unexpected word"),
        }
        Ok(Step::On)
    }
}

const NAMES: [&str; 19] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

fn month_of(word: &[u8]) -> Option<i64> {
    let start = word.get(..3)?;
    (1..).zip(NAMES.iter().take(12)).find_map(|(month, name)| {
        name.as_bytes().get(..3).is_some_and(|name| name.eq_ignore_ascii_case(start)).then_some(month)
    })
}

fn is_name(word: &[u8]) -> bool {
    NAMES.iter().any(|name| name.as_bytes().eq_ignore_ascii_case(word))
}

impl Found {
    fn finish(mut self, today: Option<i64>, local: &mut Zone) -> Answered<Parsed> {
        if self.comma && (!self.has_time || self.year == 0 || self.month == 0 || self.day == 0) {
            return wrong("unexpected word after Date");
        }
        if self.year == 0 && self.month == 0 && self.day == 0 && !self.has_time {
            return wrong("neither Date nor Time was parsed successfully");
        }
        let is_dated = self.year != 0 && self.month != 0 && self.day != 0;
        self.day = if self.day == 0 { 1 } else { self.day };
        self.month = if self.month == 0 { 1 } else { self.month };
        if self.year == 0 {
            // Logs without a year are of the last twelve months.
            let Some(today) = today else { return wrong("a year is required") };
            let year = zone::civil(today).year;
            self.year = if zone::days(year, self.month, self.day) <= today { year } else { year - 1 };
        }
        if !(1..=12).contains(&self.month) || self.day > zone::days_in_month(self.year, self.month) {
            return wrong(&format!("unexpected date: {}-{}-{}", self.year, self.month, self.day));
        }
        match (self.am, self.pm) {
            (true, _) if self.hour == 12 => self.hour = 0,
            (_, true) if self.hour < 12 => self.hour += 12,
            _ => {}
        }
        let date = zone::days(self.year, self.month, self.day);
        let at = date * DAY + self.hour * 3_600 + self.minute * 60 + self.second;
        let seconds = match self.offset {
            Some(offset) => at - offset,
            None => local.utc(at),
        };
        let (fraction, digits) = (self.fraction, self.fraction_digits);
        Ok(Parsed { seconds, fraction, digits, is_dated, has_point: self.has_fraction })
    }
}
