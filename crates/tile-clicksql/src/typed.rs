//! A resolved expression: its ClickHouse type and name, and its DuckDB form.

use crate::duck;
use crate::error::Result;
use crate::types::Type;

/// A constant's value, where the compiler has to know it.
#[derive(Clone, Debug, PartialEq)]
pub enum Constant {
    Null,
    Bool(bool),
    Int(i128),
    Float(f64),
    Text(String),
    List(Vec<Constant>),
}

#[derive(Clone, Debug)]
pub struct Typed {
    pub sql: String,
    pub ty: Type,
    /// What ClickHouse calls the expression when it has no alias.
    pub name: String,
    /// Whether it is the same in all rows.
    pub is_constant: bool,
    /// The value, where it is known here.
    pub constant: Option<Constant>,
    /// The DuckDB form is a BOOLEAN though the type is a number (comparisons, `and`, `in` …).
    pub is_condition: bool,
    /// The value as a BLOB, where its bytes may be no text.
    pub bytes: Option<String>,
}

impl Typed {
    pub fn new(sql: impl Into<String>, ty: Type) -> Self {
        Self {
            sql: sql.into(),
            ty,
            name: String::new(),
            is_constant: false,
            constant: None,
            is_condition: false,
            bytes: None,
        }
    }

    /// A truth value: a BOOLEAN here, a `UInt8` there.
    pub fn truth(sql: impl Into<String>) -> Self {
        Self { is_condition: true, ..Self::new(sql, Type::UInt(8)) }
    }

    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    #[must_use]
    pub fn with_constant(mut self, constant: Constant) -> Self {
        self.constant = Some(constant);
        self.is_constant = true;
        self
    }

    /// In the DuckDB type that [`duck::type_of`] tells.
    pub fn value(&self) -> String {
        if self.is_condition { format!("CAST({} AS UTINYINT)", self.sql) } else { self.sql.clone() }
    }

    /// As a BOOLEAN: true when not zero.
    pub fn condition(&self) -> String {
        if self.is_condition || *self.ty.plain() == Type::Bool {
            self.sql.clone()
        } else if *self.ty.plain() == Type::Nothing {
            "CAST(NULL AS BOOLEAN)".into()
        } else {
            format!("({} <> 0)", self.sql)
        }
    }

    pub fn text(&self) -> Option<&str> {
        if let Some(Constant::Text(text)) = &self.constant { Some(text) } else { None }
    }

    pub fn int(&self) -> Option<i128> {
        match self.constant {
            Some(Constant::Int(n)) => Some(n),
            Some(Constant::Bool(b)) => Some(i128::from(b)),
            _ => None,
        }
    }

    /// Whether a condition holds, where that is known here.
    pub fn holds(&self) -> Option<bool> {
        match self.constant {
            Some(Constant::Float(x)) => Some(x != 0.0),
            _ => self.int().map(|n| n != 0),
        }
    }

    pub fn is_null(&self) -> bool {
        self.constant == Some(Constant::Null) || self.ty == Type::null()
    }

    /// In the DuckDB type of another ClickHouse type that holds all its values.
    pub fn widened(&self, to: &Type) -> Result<String> {
        crate::cast::widen(self, to)
    }

    /// What values with the same bits have in common: hash tables of ClickHouse tell the two zeros apart. Several forms, joined
    /// by commas, for a list of keys.
    pub fn keys(&self) -> String {
        match &self.bytes {
            Some(bytes) => format!("{}, {bytes}", self.value()),
            None => key_of(&self.value(), &self.ty),
        }
    }

    /// What it is compared by: its bytes, where these may be no text.
    pub fn compared(&self) -> String {
        self.bytes.clone().unwrap_or_else(|| self.value())
    }

    /// As a text alone: an error when the query runs where it is none, for it was cut inside of a character.
    #[must_use]
    pub fn into_text(mut self) -> Self {
        if let Some(bytes) = self.bytes.take() {
            self.sql = format!("ch_text_of_bytes({bytes})");
        }
        self
    }

    /// The default in the place of NULL.
    pub fn or_default(&self) -> Result<String> {
        if self.ty.is_nullable() {
            Ok(format!("coalesce({}, {})", self.value(), duck::default_of(self.ty.plain())?))
        } else {
            Ok(self.value())
        }
    }
}

/// The keys by which a hash table of ClickHouse knows a value: of floats the bits.
pub fn key_of(sql: &str, ty: &Type) -> String {
    if ty.plain().is_float() { format!("{sql}, signbit({sql})") } else { sql.to_owned() }
}

/// The same as one value.
pub fn bits_of(sql: &str, ty: &Type) -> String {
    match ty.plain() {
        Type::Float64 => format!("ch_bits_f64({sql})"),
        Type::Float32 => format!("ch_bits_f32({sql})"),
        _ => sql.to_owned(),
    }
}
