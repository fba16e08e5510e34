//! A column: as a file writes it, as SQL, and as the API shows it.

use super::lex::single_spaced;
use super::source::Place;
use serde_json::{Value, json};
use tile_clicksql::types::Type;

#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    pub name: String,
    /// Of the table's column: with `Nullable` where it is. `None` if only a DEFAULT is written, whose type it then has.
    pub ty: Option<Type>,
    /// As the API shows it: as written, but without `Nullable` around it. Empty like `ty`.
    pub type_text: String,
    pub nullable: bool,
    /// As in `$.a.b[:]`.
    pub jsonpath: Option<String>,
    /// The expression.
    pub default: Option<String>,
    /// As in `(ZSTD(1))`.
    pub codec: Option<String>,
    pub place: Place,
}

impl Column {
    /// The type as SQL has it; empty if only a DEFAULT is written.
    pub fn sql_type(&self) -> String {
        if !self.nullable {
            return self.type_text.clone();
        }
        // A state is nullable in its argument, never as a whole.
        if let Some(fixed) = nullable_state(&self.type_text) {
            return fixed;
        }
        if self.type_text.contains("Nullable(") {
            return self.type_text.clone();
        }
        format!("Nullable({})", self.type_text)
    }

    /// As a file has it: with `Nullable` around the type as a whole.
    pub(super) fn to_file(&self) -> String {
        let nullable = self.nullable.then(|| format!("Nullable({})", self.type_text));
        self.with_type(nullable.unwrap_or_else(|| self.type_text.clone()))
    }

    /// A name in backticks, then type, path, default and codec, as far as it has them.
    pub fn to_sql(&self) -> String {
        self.with_type(self.sql_type())
    }

    fn with_type(&self, ty: String) -> String {
        let mut out = if self.name.contains('`') { self.name.clone() } else { format!("`{}`", self.name) };
        let parts = [
            Some(ty).filter(|ty| !ty.is_empty()),
            self.jsonpath.as_ref().map(|path| format!("`json:{path}`")),
            self.default.as_ref().map(|default| format!("DEFAULT {default}")),
            self.codec.as_ref().map(|codec| format!("CODEC{codec}")),
        ];
        for part in parts.into_iter().flatten() {
            out.push(' ');
            out.push_str(&part);
        }
        out
    }

    /// The record of a column in the API's answers.
    pub fn to_json(&self) -> Value {
        json!({
            "name": self.name,
            "type": self.type_text,
            "codec": self.codec.as_ref().map(|codec| format!("CODEC{codec}")),
            "default_value": self.default.as_ref().map(|default| format!("DEFAULT {default}")),
            "jsonpath": self.jsonpath,
            "nullable": self.nullable,
            "normalized_name": self.name,
        })
    }
}

/// The columns as one SQL text: what the API calls the schema.
pub fn schema_sql(columns: &[Column]) -> String {
    columns.iter().map(Column::to_sql).collect::<Vec<_>>().join(",")
}

/// `SimpleAggregateFunction(f, T)` as `SimpleAggregateFunction(f, Nullable(T))`.
fn nullable_state(text: &str) -> Option<String> {
    let inner = text.strip_prefix("SimpleAggregateFunction(")?.strip_suffix(')')?;
    let (function, ty) = inner.split_once(',')?;
    let ty = ty.trim();
    let is_word = |c: char| c.is_ascii_alphanumeric() || "_,.()".contains(c);
    (!ty.contains("Nullable") && ty.chars().all(is_word))
        .then(|| format!("SimpleAggregateFunction({function}, Nullable({ty}))"))
}

/// What a column's parts say, before its type is understood.
#[derive(Default)]
pub(super) struct Written {
    pub name: String,
    pub ty: String,
    pub default: String,
    pub codec: String,
    pub jsonpath: String,
}

impl Written {
    /// `Nullable` around the type is a property of its own.
    pub fn column(self, place: Place) -> Column {
        let text = single_spaced(&self.ty);
        let inner = text.strip_prefix("Nullable(").and_then(|inner| inner.strip_suffix(')'));
        let nullable = inner.is_some();
        let type_text = inner.unwrap_or(&text).to_owned();
        let some = |text: String| Some(single_spaced(&text)).filter(|text| !text.is_empty());
        let default = some(self.default).filter(|text| !(nullable && text.eq_ignore_ascii_case("null")));
        let mut column = Column {
            name: self.name,
            ty: None,
            type_text,
            nullable,
            jsonpath: Some(self.jsonpath).filter(|path| !path.is_empty()),
            default,
            codec: some(self.codec),
            place,
        };
        column.ty = Type::parse(&column.sql_type()).ok();
        column
    }
}
