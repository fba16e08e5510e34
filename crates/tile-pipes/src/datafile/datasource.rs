//! `.datasource` files.

use super::column::Column;
use super::connector::{Connector, connector};
use super::directives::Take;
use super::engine::{self, Engine};
use super::fault::Report;
use super::index::{self, Index};
use super::lex;
use super::query::{self, Query};
use super::read::{self, Block, Found};
use super::schema;
use super::source::Place;
use super::token::{self, Token};
use super::values::Values;
use super::{Kind, Options, Parsed};
use std::sync::Arc;

/// A table that takes rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Datasource {
    pub name: String,
    pub description: Option<String>,
    pub tokens: Vec<Token>,
    pub columns: Vec<Column>,
    pub indexes: Vec<Index>,
    pub engine: Engine,
    /// For finding resources.
    pub tags: Vec<String>,
    /// Tags of the form `key=value`, joined by `&`.
    pub operational_tags: Option<String>,
    /// Workspaces that may read it.
    pub shared_with: Vec<String>,
    /// How old rows become rows of a new schema.
    pub forward_query: Option<Query>,
    /// Views that are new do not see the rows that are there.
    pub backfill_skip: bool,
    pub connector: Option<Connector>,
    /// The file itself.
    pub place: Place,
}

/// What the directives of a file say.
#[derive(Default)]
struct Draft {
    description: Option<String>,
    tokens: Vec<Token>,
    columns: Option<Vec<Column>>,
    indexes: Vec<Index>,
    engine: engine::Written,
    tags: Vec<String>,
    operational_tags: Vec<String>,
    shared_with: Vec<String>,
    forward_query: Option<Query>,
    values: Values,
}

impl Datasource {
    /// `file`: its name in faults; `name`: that of the resource.
    pub fn parse(name: &str, file: &str, text: &str, options: &Options<'_>) -> Parsed<Self> {
        let mut report = Report::default();
        let file: Arc<str> = file.into();
        report.sources.add(&file, text);
        let place = Place::new(&file, 0);
        let rendered = (options.render)(text).unwrap_or_else(|fault| {
            report.add(&place, *fault);
            String::new()
        });
        let is_rendered = report.faults.is_empty();
        let mut draft = Draft::default();
        for found in read::read(Kind::Datasource, &file, &rendered, options, &mut report) {
            draft.take(&found, options, &mut report);
        }
        if !is_rendered {
            report.faults.truncate(1);
        } else if draft.columns.is_none() {
            report.invalid(&place, "SCHEMA is mandatory");
        }
        let datasource = draft.finish(name, place, &mut report);
        Parsed::new(datasource, report)
    }

    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}

impl Draft {
    fn take(&mut self, found: &Found, options: &Options<'_>, report: &mut Report) {
        match found.directive.take {
            Take::Description => self.description = Some(lex::trim(&found.text()).to_owned()),
            Take::Token => self.tokens.extend(token::parse(found, Kind::Datasource, options.dialect, report)),
            Take::Schema => {
                let columns = schema::parse(&as_block(found), report);
                check_columns(&columns, report);
                self.columns = Some(columns);
            }
            Take::Indexes => self.indexes = index::parse(&as_block(found), report),
            Take::Engine => {
                if found.value().is_empty() {
                    report.invalid(&found.place, "ENGINE requires a value");
                }
                self.engine.kind = Some((found.value(), found.place.clone()));
            }
            Take::EnginePart => {
                let value = found.value();
                if !value.is_empty() {
                    self.engine.parts.push((found.directive.key, value, found.place.clone()));
                }
            }
            Take::Tags => {
                let (operational, tags) = tags(&found.value());
                self.operational_tags.extend(operational);
                self.tags.extend(tags);
            }
            Take::SharedWith => self.share(found, report),
            Take::Query => self.forward_query = query::parse(found, report),
            _ => self.values.take(found, report),
        }
    }

    fn share(&mut self, found: &Found, report: &mut Report) {
        let texts = found.block.as_ref().map_or_else(|| found.args.clone(), |block| vec![block.text.clone()]);
        let before = self.shared_with.len();
        for text in &texts {
            let names = lex::unquote(text).split([',', '\n']).map(lex::trim).filter(|name| !name.is_empty());
            self.shared_with.extend(names.map(str::to_owned));
        }
        if self.shared_with.len() == before {
            report.syntax(&found.place, 1, "SHARED_WITH requires at least one workspace name");
        }
    }

    fn finish(mut self, name: &str, place: Place, report: &mut Report) -> Datasource {
        self.bare_keys(report);
        let columns = self.columns.unwrap_or_default();
        // Columns that could not be read are not missed by the engine.
        let known = report.faults.iter().all(|fault| !fault.is_syntax);
        let engine = self.engine.engine(known.then_some(&columns[..]), report);
        Datasource {
            name: name.to_owned(),
            description: self.description.filter(|text| !text.is_empty()),
            tokens: self.tokens,
            indexes: self.indexes,
            engine,
            tags: self.tags,
            operational_tags: Some(self.operational_tags.join("&")).filter(|tags| !tags.is_empty()),
            shared_with: self.shared_with,
            forward_query: self.forward_query,
            backfill_skip: self.values.has("backfill"),
            connector: connector(&self.values, report),
            columns,
            place,
        }
    }

    /// `SORTING_KEY` and the like mean `ENGINE_SORTING_KEY` where that is not there.
    fn bare_keys(&mut self, report: &mut Report) {
        for key in ["partition_key", "sorting_key", "primary_key", "sampling_key", "ttl"] {
            let (Some(value), Some(place)) = (self.values.some(key), self.values.place(key)) else {
                continue;
            };
            let upper = key.to_uppercase();
            if self.engine.parts.iter().any(|(known, ..)| *known == key) {
                report.warn(place, format!("{upper} is ignored: ENGINE_{upper} is there"));
            } else {
                report.warn(place, format!("{upper} is read as ENGINE_{upper}"));
                self.engine.parts.push((key, value, place.clone()));
            }
        }
    }
}

/// The text of a directive as a block, which the value of one line is, too.
fn as_block(found: &Found) -> Block {
    let (text, places) = match &found.block {
        Some(block) => (block.text.clone(), block.places.clone()),
        None => (found.args.concat(), vec![found.place.clone()]),
    };
    Block { text: lex::unquote(&text).to_owned(), places }
}

fn check_columns(columns: &[Column], report: &mut Report) {
    let mut names = std::collections::HashSet::new();
    for column in columns {
        if !names.insert(&column.name) {
            report.invalid(&column.place, format!("Column {} is defined twice", column.name));
        }
    }
}

/// Those with a value, and the others.
pub(super) fn tags(text: &str) -> (Vec<String>, Vec<String>) {
    let tags = text.split(',').map(lex::trim).filter(|tag| !tag.is_empty()).map(str::to_owned);
    tags.partition(|tag| tag.contains('='))
}
