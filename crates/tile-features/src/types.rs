//! What a column holds. The names are those of scenario files and of errors.

use std::fmt;
use tile_base::{Error, Result};

/// The type of a column, of an intermediate result's payload, or of a feature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    Bool,
    Byte,
    Short,
    Int,
    Long,
    Float,
    Double,
    Text,
    Binary,
    /// Days since 1970.
    Date,
    /// Milliseconds since 1970, UTC.
    Timestamp,
    List(Box<Self>),
    /// Keys are texts.
    Map(Box<Self>),
    Struct(Vec<(String, Self)>),
}

impl Type {
    /// Bytes, shorts, ints and longs: all are held as 64 bits.
    pub const fn is_integer(&self) -> bool {
        matches!(self, Self::Byte | Self::Short | Self::Int | Self::Long)
    }

    /// Floats and doubles: both are held as 64 bits.
    pub const fn is_real(&self) -> bool {
        matches!(self, Self::Float | Self::Double)
    }

    pub const fn is_number(&self) -> bool {
        self.is_integer() || self.is_real()
    }

    /// Reads a type's name: `bool`, `short`, `int`, `long`, `float`, `double`, `string`, `binary`, `date`, `timestamp`, `list<T>`,
    /// `map<T>`.
    ///
    /// # Errors
    /// `Invalid` for another name, with those that there are.
    pub fn parse(name: &str) -> Result<Self> {
        let name = name.trim();
        let inner = |prefix: &str| name.strip_prefix(prefix).and_then(|rest| rest.strip_suffix('>'));
        if let Some(of) = inner("list<") {
            return Ok(Self::List(Box::new(Self::parse(of)?)));
        }
        if let Some(of) = inner("map<") {
            let of = of.strip_prefix("string,").unwrap_or(of);
            return Ok(Self::Map(Box::new(Self::parse(of)?)));
        }
        Ok(match name {
            "bool" | "boolean" => Self::Bool,
            "byte" => Self::Byte,
            "short" => Self::Short,
            "int" => Self::Int,
            "long" => Self::Long,
            "float" => Self::Float,
            "double" => Self::Double,
            "string" => Self::Text,
            "binary" | "bytes" => Self::Binary,
            "date" => Self::Date,
            "timestamp" => Self::Timestamp,
            _ => {
                return Err(Error::invalid(format!("no type is called `{name}`")).hint(
                    "Types are bool, byte, short, int, long, float, double, string, binary, date, timestamp, list<T> and map<T>",
                ));
            }
        })
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::Bool => "bool",
            Self::Byte => "byte",
            Self::Short => "short",
            Self::Int => "int",
            Self::Long => "long",
            Self::Float => "float",
            Self::Double => "double",
            Self::Text => "string",
            Self::Binary => "binary",
            Self::Date => "date",
            Self::Timestamp => "timestamp",
            Self::List(of) => return write!(f, "list<{of}>"),
            Self::Map(of) => return write!(f, "map<{of}>"),
            Self::Struct(fields) => {
                f.write_str("struct<")?;
                for (at, (name, ty)) in fields.iter().enumerate() {
                    write!(f, "{}{name}: {ty}", if at > 0 { ", " } else { "" })?;
                }
                return f.write_str(">");
            }
        };
        f.write_str(name)
    }
}

/// Names and types of the columns of a block, in order. The time is not among them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schema(pub Vec<(String, Type)>);

impl Schema {
    /// The place of a column.
    pub fn find(&self, name: &str) -> Option<usize> {
        self.0.iter().position(|(n, _)| n == name)
    }

    /// The columns' names, in their order.
    pub fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.0.iter().map(|(name, _)| name.as_str())
    }
}
