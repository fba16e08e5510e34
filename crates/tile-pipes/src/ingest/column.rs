//! What is said of the columns that rows are read into.

use tile_base::{Error, Result};
use tile_clicksql::types::Type;

use super::builder::Builder;
use super::jsonpath::{JsonPath, Step};
use super::kind::{Item, Kind};
use super::read;
use super::scan::Cursor;

/// A column of a data source.
#[derive(Clone, Debug)]
pub struct ColumnSpec {
    pub name: String,
    pub ty: Type,
    /// Whether NULL is a value, besides what `ty` says.
    pub nullable: bool,
    /// Where the value is in a record; without it, the member of the column's name.
    pub jsonpath: Option<JsonPath>,
    pub default: Default,
}

/// What a row gets that does not have the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Default {
    /// NULL if the column takes it, else the row does not fit.
    None,
    /// A value as JSON, of the column's type.
    Constant(String),
    /// The engine computes it: the block says which rows need it.
    Computed,
}

impl ColumnSpec {
    pub fn new(name: impl Into<String>, ty: Type) -> Self {
        Self { name: name.into(), nullable: ty.is_nullable(), ty, jsonpath: None, default: Default::None }
    }
}

/// A column, ready to be read.
#[derive(Debug)]
pub(super) struct Column {
    pub spec: ColumnSpec,
    pub item: Item,
    pub path: JsonPath,
    /// The type as the messages name it, without `Nullable`.
    pub type_name: String,
}

impl Column {
    pub fn new(spec: ColumnSpec) -> Result<Self> {
        let at = |e: Error| e.at(format!("column `{}`", spec.name));
        let mut item = Item::of(&spec.ty).map_err(at)?;
        item.nullable |= spec.nullable && spec.ty.can_be_nullable();
        let path = spec.jsonpath.clone().unwrap_or_else(|| JsonPath::key(&spec.name));
        let type_name = match &spec.ty {
            Type::Nullable(inner) => inner.to_string(),
            ty => ty.to_string(),
        };
        // Items of an array need an array to rest in.
        let lists = std::iter::successors(Some(&item), |item| match &item.kind {
            Kind::List(inner) => Some(inner),
            _ => None,
        });
        if path.steps().iter().filter(|step| **step == Step::Each).count() >= lists.count() {
            let what = format!("the jsonpath `{path}` gives an array, which is no `{type_name}`");
            return Err(at(Error::invalid(what)));
        }
        let column = Self { spec, item, path, type_name };
        let mut builder = column.builder()?;
        if let Default::Constant(json) = &column.spec.default {
            let mut cursor = Cursor::new(json.as_bytes());
            let read = read::read(&column.item, &mut builder, &mut cursor, &mut Vec::new());
            if read.is_err() || !cursor.is_done() {
                let shown: String = json.chars().take(100).collect();
                let what = format!("the default `{shown}` is not {}", column.type_name);
                return Err(Error::invalid(what).at(format!("column `{}`", column.spec.name)));
            }
        }
        Ok(column)
    }

    pub fn builder(&self) -> Result<Builder> {
        Builder::new(&self.item).map_err(|zone| {
            Error::invalid(format!("unknown time zone `{zone}`")).at(format!("column `{}`", self.spec.name))
        })
    }

    pub fn has_default(&self) -> bool {
        self.spec.default != Default::None
    }
}
