//! Types as they are written: `Array(Nullable(String))`.

use crate::ast::IntervalUnit;
use crate::error::{Code, Result, SqlError};
use crate::types::{AggregateState, Type};

/// Nested types.
const DEPTH_MAX: usize = 64;

impl Type {
    /// Reads a type. Names are ClickHouse's with its aliases in any case (`INT`, `VARCHAR(10)`, `TIMESTAMP`).
    ///
    /// # Errors
    /// `UnknownType`, with the name.
    pub fn parse(text: &str) -> Result<Self> {
        let mut reader = Reader { rest: text, depth: 0 };
        let parsed = reader.type_()?;
        reader.space();
        if reader.rest.is_empty() { Ok(parsed) } else { Err(bad(text)) }
    }
}

fn bad(text: &str) -> SqlError {
    SqlError::new(Code::UnknownType, format!("unknown type `{}`", text.chars().take(100).collect::<String>()))
}

struct Reader<'a> {
    rest: &'a str,
    depth: usize,
}

impl Reader<'_> {
    fn space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn eat(&mut self, c: char) -> bool {
        self.space();
        self.rest.strip_prefix(c).is_some_and(|rest| {
            self.rest = rest;
            true
        })
    }

    fn expect(&mut self, c: char) -> Result<()> {
        if self.eat(c) { Ok(()) } else { Err(bad(self.rest)) }
    }

    fn word(&mut self) -> Result<String> {
        self.space();
        if let Some(quote @ ('`' | '"')) = self.rest.chars().next() {
            return self.quoted(quote);
        }
        let end = self.rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at_checked(end).unwrap_or(("", self.rest));
        if word.is_empty() {
            return Err(bad(self.rest));
        }
        self.rest = rest;
        Ok(word.to_owned())
    }

    fn quoted(&mut self, quote: char) -> Result<String> {
        self.space();
        let mut out = String::new();
        let mut chars = self.rest.char_indices();
        if chars.next().is_none_or(|(_, c)| c != quote) {
            return Err(bad(self.rest));
        }
        while let Some((at, c)) = chars.next() {
            match c {
                '\\' => out.push(chars.next().map(|(_, c)| c).ok_or_else(|| bad(self.rest))?),
                c if c == quote => {
                    self.rest = self.rest.get(at + 1..).unwrap_or("");
                    return Ok(out);
                }
                c => out.push(c),
            }
        }
        Err(bad(self.rest))
    }

    fn number<T: std::str::FromStr>(&mut self) -> Result<T> {
        self.space();
        let end = self.rest.find(|c: char| !(c.is_ascii_digit() || c == '-')).unwrap_or(self.rest.len());
        let (digits, rest) = self.rest.split_at_checked(end).unwrap_or(("", self.rest));
        let number = digits.parse().map_err(|_| bad(self.rest))?;
        self.rest = rest;
        Ok(number)
    }

    fn type_(&mut self) -> Result<Type> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(SqlError::new(Code::TooDeep, "the type is nested too deeply"));
        }
        let name = self.word()?;
        let parsed = self.named(&name)?;
        self.depth -= 1;
        Ok(parsed)
    }

    fn inner(&mut self) -> Result<Box<Type>> {
        self.expect('(')?;
        let inner = self.type_()?;
        self.expect(')')?;
        Ok(Box::new(inner))
    }

    fn named(&mut self, name: &str) -> Result<Type> {
        if let Some(plain) = plain(name) {
            // `VARCHAR(10)`, `INT(11)`: the length means nothing.
            if !matches!(plain, Type::Bool) && self.eat('(') {
                self.number::<u32>()?;
                self.expect(')')?;
            }
            return Ok(plain);
        }
        match name {
            "Nullable" => self.inner().map(|t| t.nullable()),
            "LowCardinality" => self.inner().map(Type::LowCardinality),
            "Array" => self.inner().map(Type::Array),
            "Map" => {
                self.expect('(')?;
                let key = self.type_()?;
                self.expect(',')?;
                let value = self.type_()?;
                self.expect(')')?;
                Ok(Type::Map(Box::new(key), Box::new(value)))
            }
            "Tuple" => self.tuple().map(Type::Tuple),
            "Nested" => self.tuple().map(|elements| Type::Array(Box::new(Type::Tuple(elements)))),
            "FixedString" => {
                self.expect('(')?;
                let n = self.number()?;
                self.expect(')')?;
                Ok(Type::FixedString(n))
            }
            "DateTime" | "DateTime32" => Ok(Type::DateTime(self.zone()?)),
            "DateTime64" => self.date_time_64(),
            "Enum" | "Enum8" | "Enum16" => self.enumeration(name),
            "AggregateFunction" => self.state().map(Type::AggregateFunction),
            "SimpleAggregateFunction" => self.state().map(Type::SimpleAggregateFunction),
            "Dynamic" => Ok(Type::Dynamic),
            "JSON" if !self.eat('(') || self.eat(')') => Ok(Type::Json),
            "JSON" | "Object" => Err(SqlError::new(
                Code::Unsupported,
                "a JSON type with paths or settings of its own is not supported",
            )),
            _ => self.decimal(name),
        }
    }

    fn decimal(&mut self, name: &str) -> Result<Type> {
        let upper = name.to_ascii_uppercase();
        let fixed = match upper.as_str() {
            "DECIMAL32" => Some(9),
            "DECIMAL64" => Some(18),
            "DECIMAL128" => Some(38),
            "DECIMAL256" => Some(76),
            "DECIMAL" | "DEC" | "NUMERIC" | "FIXED" => None,
            _ => return Err(bad(name)),
        };
        if !self.eat('(') {
            return Ok(Type::Decimal(10, 0));
        }
        let first = self.number()?;
        let (precision, scale) = match fixed {
            Some(precision) => (precision, first),
            None if self.eat(',') => (first, self.number()?),
            None => (first, 0),
        };
        self.expect(')')?;
        if precision == 0 || precision > 76 || scale > precision {
            Err(bad(name))
        } else {
            Ok(Type::Decimal(precision, scale))
        }
    }

    fn zone(&mut self) -> Result<Option<String>> {
        if !self.eat('(') {
            return Ok(None);
        }
        let zone = self.quoted('\'')?;
        self.expect(')')?;
        Ok(Some(zone))
    }

    fn date_time_64(&mut self) -> Result<Type> {
        if !self.eat('(') {
            return Ok(Type::DateTime64(3, None));
        }
        let digits: u8 = self.number()?;
        let zone = if self.eat(',') { Some(self.quoted('\'')?) } else { None };
        self.expect(')')?;
        if digits > 9 { Err(bad("DateTime64")) } else { Ok(Type::DateTime64(digits, zone)) }
    }

    fn enumeration(&mut self, name: &str) -> Result<Type> {
        self.expect('(')?;
        let mut names: Vec<(String, i16)> = Vec::new();
        loop {
            let text = self.quoted('\'')?;
            let value = if self.eat('=') { self.number()? } else { names.last().map_or(1, |(_, v)| v + 1) };
            names.push((text, value));
            if !self.eat(',') {
                break;
            }
        }
        self.expect(')')?;
        names.sort_by_key(|(_, v)| *v);
        let small = names.iter().all(|(_, v)| i8::try_from(*v).is_ok());
        Ok(Type::Enum(if name == "Enum16" || !small { 16 } else { 8 }, names))
    }

    fn tuple(&mut self) -> Result<Vec<(Option<String>, Type)>> {
        self.expect('(')?;
        let mut elements = Vec::new();
        while !self.eat(')') {
            let before = self.rest;
            let name = self.word()?;
            self.space();
            // A name stands before its type; a type stands before `,`, `(` or `)`.
            if self.rest.starts_with([',', '(', ')']) || self.rest.is_empty() {
                self.rest = before;
                elements.push((None, self.type_()?));
            } else {
                elements.push((Some(name), self.type_()?));
            }
            if !self.eat(',') {
                self.expect(')')?;
                break;
            }
        }
        Ok(elements)
    }

    fn state(&mut self) -> Result<AggregateState> {
        self.expect('(')?;
        let function = self.word()?;
        let mut params = Vec::new();
        if self.eat('(') {
            while !self.eat(')') {
                let end = self.rest.find([',', ')']).ok_or_else(|| bad(self.rest))?;
                let (param, rest) = self.rest.split_at_checked(end).unwrap_or(("", self.rest));
                params.push(param.trim().to_owned());
                self.rest = rest;
                self.eat(',');
            }
        }
        let mut args = Vec::new();
        while self.eat(',') {
            args.push(self.type_()?);
        }
        self.expect(')')?;
        Ok(AggregateState { function, params, args })
    }
}

/// Types of one word, with their aliases.
fn plain(name: &str) -> Option<Type> {
    let exact = match name {
        "UInt8" => Type::UInt(8),
        "UInt16" => Type::UInt(16),
        "UInt32" => Type::UInt(32),
        "UInt64" => Type::UInt(64),
        "UInt128" => Type::UInt(128),
        "UInt256" => Type::UInt(256),
        "Int8" => Type::Int(8),
        "Int16" => Type::Int(16),
        "Int32" => Type::Int(32),
        "Int64" => Type::Int(64),
        "Int128" => Type::Int(128),
        "Int256" => Type::Int(256),
        "Float32" => Type::Float32,
        "Float64" => Type::Float64,
        "String" => Type::String,
        "Nothing" => Type::Nothing,
        _ => match interval(name) {
            Some(unit) => Type::Interval(unit),
            None => return alias(name),
        },
    };
    Some(exact)
}

fn interval(name: &str) -> Option<IntervalUnit> {
    Some(match name.strip_prefix("Interval")? {
        "Nanosecond" => IntervalUnit::Nanosecond,
        "Microsecond" => IntervalUnit::Microsecond,
        "Millisecond" => IntervalUnit::Millisecond,
        "Second" => IntervalUnit::Second,
        "Minute" => IntervalUnit::Minute,
        "Hour" => IntervalUnit::Hour,
        "Day" => IntervalUnit::Day,
        "Week" => IntervalUnit::Week,
        "Month" => IntervalUnit::Month,
        "Quarter" => IntervalUnit::Quarter,
        "Year" => IntervalUnit::Year,
        _ => return None,
    })
}

fn alias(name: &str) -> Option<Type> {
    Some(match name.to_ascii_uppercase().as_str() {
        "BOOL" | "BOOLEAN" => Type::Bool,
        "TINYINT" | "INT1" => Type::Int(8),
        "SMALLINT" => Type::Int(16),
        "INT" | "INTEGER" | "MEDIUMINT" => Type::Int(32),
        "BIGINT" | "SIGNED" => Type::Int(64),
        "UNSIGNED" => Type::UInt(64),
        "FLOAT" | "REAL" | "SINGLE" => Type::Float32,
        "DOUBLE" => Type::Float64,
        "TEXT" | "VARCHAR" | "CHAR" | "CHARACTER" | "TINYTEXT" | "MEDIUMTEXT" | "LONGTEXT" | "BLOB"
        | "CLOB" | "VARCHAR2" | "NVARCHAR" | "NCHAR" | "BYTEA" | "VARBINARY" => Type::String,
        "DATE" => Type::Date,
        "DATE32" => Type::Date32,
        "TIMESTAMP" => Type::DateTime(None),
        "UUID" => Type::Uuid,
        "IPV4" | "INET4" => Type::Ipv4,
        "IPV6" | "INET6" => Type::Ipv6,
        _ => return None,
    })
}
