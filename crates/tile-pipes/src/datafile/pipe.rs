//! `.pipe` files.

use super::datasource::tags;
use super::directives::Take;
use super::fault::Report;
use super::lex;
use super::node::{Draft, Node, NodeKind};
use super::query;
use super::read::{self, Found};
use super::source::Place;
use super::token::{self, Token};
use super::{Kind, Options, Parsed};
use crate::template::Dialect;
use std::sync::Arc;

const NODES_MAX: usize = 1000;

/// Named SQL nodes, of which at most one has a type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pipe {
    pub name: String,
    pub description: Option<String>,
    pub tokens: Vec<Token>,
    pub tags: Vec<String>,
    /// At least one.
    pub nodes: Vec<Node>,
    /// The file itself.
    pub place: Place,
}

#[derive(Default)]
struct Nodes {
    description: Option<String>,
    tokens: Vec<Token>,
    tags: Vec<String>,
    /// Of nodes that do not say their own.
    dialect: Dialect,
    drafts: Vec<Draft>,
}

impl Pipe {
    /// `file`: its name in faults; `name`: that of the resource.
    pub fn parse(name: &str, file: &str, text: &str, options: &Options<'_>) -> Parsed<Self> {
        let mut report = Report::default();
        let path = file;
        let file: Arc<str> = file.into();
        report.sources.add(&file, text);
        let place = Place::new(&file, 0);
        let mut nodes = Nodes::default();
        for found in read::read(Kind::Pipe, &file, text, options, &mut report) {
            nodes.take(&found, options, &mut report);
        }
        nodes.check(name, &place, &mut report);
        let pipe = Self {
            name: name.to_owned(),
            description: nodes.description.filter(|text| !text.is_empty()),
            tokens: nodes.tokens,
            tags: nodes.tags,
            nodes: nodes
                .drafts
                .into_iter()
                .filter_map(|draft| draft.node(path, nodes.dialect, &mut report))
                .collect(),
            place,
        };
        Parsed::new(pipe, report)
    }

    /// The node that gives the pipe's result: the one with a type, else the last.
    pub fn result_node(&self) -> Option<&Node> {
        self.nodes.iter().find(|node| node.kind != NodeKind::Standard).or(self.nodes.last())
    }
}

impl Nodes {
    fn take(&mut self, found: &Found, options: &Options<'_>, report: &mut Report) {
        match found.directive.take {
            Take::Node => match found.args.first().map(|name| lex::dollars(lex::unquote(name))) {
                Some(name) if !name.is_empty() => self.drafts.push(Draft::new(name, found.place.clone())),
                _ => {
                    report.invalid(&found.place, "Missing node name for pipe creation after the NODE label");
                    self.drafts.push(Draft::new(String::new(), found.place.clone()));
                }
            },
            Take::Token => self.tokens.extend(token::parse(found, Kind::Pipe, options.dialect, report)),
            Take::Tags => {
                let (operational, tags) = tags(&found.value());
                self.tags.extend(tags);
                if let Some(node) = self.drafts.last_mut().filter(|_| !operational.is_empty()) {
                    node.set("tags");
                }
            }
            Take::Description if self.drafts.is_empty() => {
                self.description = Some(lex::trim(&found.text()).to_owned());
            }
            Take::Dialect => match (dialect(found, report), self.drafts.last_mut()) {
                (Some(dialect), Some(node)) => node.dialect = Some(dialect),
                (Some(dialect), None) => self.dialect = dialect,
                (None, _) => {}
            },
            Take::Query if self.drafts.is_empty() => {
                report.syntax(&found.place, 1, "SQL must be called after a NODE command");
            }
            _ => match self.drafts.last_mut() {
                Some(node) => of_node(node, found, report),
                None => {
                    let key = found.directive.key;
                    report.syntax(&found.place, 1, format!("{key} must be called after a NODE command"));
                }
            },
        }
    }

    fn check(&self, name: &str, place: &Place, report: &mut Report) {
        if self.drafts.is_empty() {
            report.invalid(place, "Pipe data file must have at least one node");
        }
        if self.drafts.len() > NODES_MAX {
            report.invalid(place, format!("more than {NODES_MAX} nodes"));
        }
        let is_typed = |node: &&Draft| !matches!(node.type_text().as_str(), "" | "standard");
        if let Some(second) = self.drafts.iter().filter(is_typed).nth(1) {
            report.invalid(&second.place, "Multiple non-standard nodes in pipe. There can only be one");
        }
        let mut names = std::collections::HashSet::new();
        for node in &self.drafts {
            if !names.insert(node.name.as_str()) {
                report.invalid(&node.place, format!("Node {} is defined twice", node.name));
            }
            if node.name == name {
                report.warn(
                    &node.place,
                    format!(
                        "the node has the name of its pipe: {name} in a query of this pipe means the node"
                    ),
                );
            }
        }
    }
}

fn dialect(found: &Found, report: &mut Report) -> Option<Dialect> {
    let dialect = Dialect::named(&found.value());
    if dialect.is_none() {
        let names = Dialect::NAMES.join(" or ");
        report.syntax(&found.place, 1, format!("DIALECT is {names}"));
    }
    dialect
}

fn of_node(node: &mut Draft, found: &Found, report: &mut Report) {
    let key = found.directive.key;
    match found.directive.take {
        Take::Description => {
            node.description = Some(lex::trim(&found.text()).to_owned()).filter(|text| !text.is_empty());
            node.set("description");
        }
        Take::Query => {
            node.set("sql");
            node.query = query::parse(found, report);
        }
        Take::Engine => {
            node.set("engine");
            node.engine.kind = Some((found.value(), found.place.clone()));
        }
        Take::EnginePart => {
            node.set("engine");
            node.engine.parts.push((key, found.value(), found.place.clone()));
        }
        _ => {
            node.set(key);
            node.values.take(found, report);
        }
    }
}
