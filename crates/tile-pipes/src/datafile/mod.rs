//! Project files: `.datasource`, `.pipe`, `.connection` and `.incl`, and the tests of pipes, as typed values.
//!
//! Start with [`project::parse`], which takes all files of a project, or with [`Datasource::parse`], [`Pipe::parse`] and
//! [`Connection::parse`] for one. A file becomes directives (`read`, by the table in `directives`), these become the value, and the
//! value is checked; several faults of one file are told together. SQL and templates are texts here: nobody looks into them. Messages
//! are those of the tools that people know. To add a directive: its line in `directives`, and its field.

pub mod cases;
mod column;
mod column_type;
mod connection;
mod connector;
mod datasource;
mod directives;
mod engine;
mod fault;
mod index;
mod lex;
mod node;
mod pipe;
mod print;
pub mod project;
mod query;
mod read;
mod schedule;
mod schema;
mod sink;
mod sorting;
mod source;
#[cfg(test)]
mod tests;
mod token;
mod values;

pub use column::{Column, schema_sql};
pub use connection::{Connection, ConnectionKind, Kafka, Postgres, S3};
pub use connection::{DynamoDb, Gcs};
pub use connector::{BlobImport, Connector, DynamoDbImport, ImportSchedule, KafkaImport, PostgresImport};
pub use datasource::Datasource;
pub use engine::{Engine, EngineKind, Key};
pub use fault::{Fault, Warning};
pub use index::Index;
pub use lex::{split_commas, written};
pub use node::{Copy, CopyMode, Materialized, Node, NodeKind};
pub use pipe::Pipe;
pub use query::Query;
pub use schedule::{Schedule, cron};
pub use sink::{Sink, SinkTarget};
pub use source::Place;
pub use token::{Permission, Token};

/// The kinds of files that make resources.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Datasource,
    Pipe,
    Connection,
}

impl Kind {
    /// As the ending of its files has it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Datasource => "datasource",
            Self::Pipe => "pipe",
            Self::Connection => "connection",
        }
    }
}

/// The generation of a project. Both read the same files: what only the older one has is warned of in the newer one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Dialect {
    #[default]
    Forward,
    Classic,
}

/// Fills the secrets of a file: its text to the text to be parsed.
pub type Render<'a> = &'a dyn Fn(&str) -> Result<String, Box<Fault>>;

/// Finds an included file: the including file and the path as written there, to its name and text.
pub type Include<'a> = &'a dyn Fn(&str, &str) -> Option<(String, String)>;

#[derive(Clone, Copy)]
pub struct Options<'a> {
    pub dialect: Dialect,
    /// For data sources and connections; pipes are rendered when they run.
    pub render: Render<'a>,
    pub include: Include<'a>,
}

impl Default for Options<'_> {
    /// Secrets stay as they are written, and no file can be included.
    fn default() -> Self {
        Self { dialect: Dialect::Forward, render: &|text| Ok(text.to_owned()), include: &|_, _| None }
    }
}

/// What a parser gives: a value if the file has no fault, and everything there is to say.
#[derive(Clone, Debug, PartialEq)]
pub struct Parsed<T> {
    pub value: Option<T>,
    pub faults: Vec<Fault>,
    pub warnings: Vec<Warning>,
}

impl<T> Parsed<T> {
    fn new(value: T, mut report: fault::Report) -> Self {
        report.sort();
        let value = report.faults.is_empty().then_some(value);
        Self { value, faults: report.faults, warnings: report.warnings }
    }
}
