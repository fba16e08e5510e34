//! From a project's files to resources that run. Every node is translated once with placeholders, so that what cannot run is told
//! here, with its file.

use super::elsewhere::Elsewhere;
use super::leftmost::{self, Found};
use super::rendering::{Asked, Text};
use super::resources::{Body, Home, Native, Node, Pipe, Resources, Source, View, backticked};
use super::retention;
use super::scope::{All, Names};
use crate::datafile::{self, Fault, NodeKind, Warning};
use crate::template::Dialect;
use std::collections::BTreeMap;
use tile_base::{Error, Kind};
use tile_clicksql::ast::Query;
use tile_clicksql::error::SqlError;
use tile_clicksql::schema::Table;
use tile_clicksql::types::Type;
use tile_clicksql::{Options, Translated, engine_name, translate_query};

/// Where resources of one deployment live.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Homes {
    pub sources: BTreeMap<String, Home>,
    pub pipes: BTreeMap<String, PipeHome>,
}

#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct PipeHome {
    pub id: String,
    pub nodes: BTreeMap<String, String>,
    pub created_at_us: i64,
    pub updated_at_us: i64,
}

/// The text of a project's files, by their paths.
pub type Files = BTreeMap<String, String>;

/// Reads the files. Faults of all of them are told together.
pub fn parse(
    files: &Files,
    options: &datafile::Options<'_>,
) -> (datafile::project::Resources, Vec<Fault>, Vec<Warning>) {
    let list: Vec<(&str, &str)> = files.iter().map(|(p, t)| (p.as_str(), t.as_str())).collect();
    datafile::project::parse(&list, options)
}

/// Makes resources of parsed files. `homes` has every resource.
///
/// # Errors
/// Everything that is wrong with nodes, types and views.
pub fn compile(
    parsed: datafile::project::Resources,
    homes: &Homes,
    others: &BTreeMap<String, Table>,
    elsewhere: Elsewhere,
) -> Result<Resources, Vec<Fault>> {
    let mut out = Resources { elsewhere, ..Resources::default() };
    let mut faults = Vec::new();
    for file in parsed.datasources {
        let Some(home) = homes.sources.get(&file.name).cloned() else { continue };
        let (place, ttl) = (file.place.clone(), file.engine.ttl_place.clone());
        let source = Source::new(file, home);
        if let Err(e) = source.as_ref().map_or(Ok(()), retention::check) {
            faults.push(fault(&ttl, &e));
        }
        match source {
            Ok(source) => drop(out.sources.insert(source.file.name.clone(), source)),
            Err(e) => faults.push(fault(&place, &e)),
        }
    }
    for file in parsed.pipes {
        let Some(home) = homes.pipes.get(&file.name) else { continue };
        let pipe = pipe(file, home, &mut out.nodes, &mut faults);
        out.pipes.insert(pipe.file.name.clone(), pipe);
    }
    out.connections = parsed.connections.into_iter().map(|c| (c.name.clone(), c)).collect();
    if faults.is_empty() {
        faults = check(&mut out, others);
    }
    if faults.is_empty() {
        match views(&out, others) {
            Ok(views) => out.views = views,
            Err(found) => faults = found,
        }
    }
    if faults.is_empty() { Ok(out) } else { Err(faults) }
}

fn fault(place: &datafile::Place, e: &Error) -> Fault {
    Fault { file: place.file.to_string(), line: place.line, ..Fault::new(e.detail()) }
}

fn pipe(file: datafile::Pipe, home: &PipeHome, slots: &mut usize, faults: &mut Vec<Fault>) -> Pipe {
    let mut nodes = Vec::new();
    for node in &file.nodes {
        let text = node.query.text.trim_start();
        let body = match (node.dialect, text.strip_prefix('%')) {
            (Dialect::ClickHouse, Some(template)) => Text::parse(template, node.dialect).map(Body::Template),
            (Dialect::DuckDb, Some(template)) => {
                Text::parse(template, node.dialect).map(|text| Body::Native(Native::Template(text)))
            }
            (Dialect::DuckDb, None) => Ok(Body::Native(Native::Sql(text.to_owned()))),
            (Dialect::ClickHouse, None) => tile_clicksql::parse::query(text)
                .map(|q| Body::Query(Box::new(q)))
                .map_err(|e| Error::invalid(e.render(text))),
        };
        let id = home.nodes.get(&node.name).cloned().unwrap_or_default();
        match body {
            Ok(body) => nodes.push(Node { id, slot: *slots, body, reads: vec![] }),
            Err(e) => faults.push(fault(&node.place, &e)),
        }
        *slots += 1;
    }
    Pipe {
        id: home.id.clone(),
        created_at_us: home.created_at_us,
        updated_at_us: home.updated_at_us,
        nodes,
        file,
    }
}

/// Translates every node, as a request without parameters would, and keeps what it reads.
fn check(resources: &mut Resources, others: &BTreeMap<String, Table>) -> Vec<Fault> {
    let asked = Asked { is_test: true, ..Asked::default() };
    let (mut faults, mut reads, mut some_excused) = (Vec::new(), Vec::new(), false);
    let options = Options { is_stored: true, ..Options::default() };
    for (name, pipe) in &resources.pipes {
        for (at, node) in pipe.file.nodes.iter().enumerate() {
            let names = Names::new(resources, others, &asked, &All, Some(name), true);
            // What lies elsewhere may be gone since it was deployed, and what another slice makes may not be there yet.
            let is_excused = |e: &Error| {
                names.names_elsewhere.get() && (resources.elsewhere.is_reopened || e.kind == Kind::Busy)
            };
            match translated(&names, name, at, &options) {
                Err(e) if is_excused(&e) => some_excused = true,
                Err(e) => {
                    let what = format!("node `{}`: {}", node.name, e.detail());
                    faults.push(fault(&node.place, &Error::invalid(what)));
                }
                Ok(_) => {}
            }
            let mut read = names.read.take();
            read.sort();
            read.dedup();
            reads.push((name.clone(), at, read));
        }
    }
    for (name, at, read) in reads {
        if let Some(node) = resources.pipes.get_mut(&name).and_then(|p| p.nodes.get_mut(at)) {
            node.reads = read;
        }
    }
    resources.is_excused = some_excused;
    resources.watching = watching(resources);
    let nodes = resources.pipes.values().flat_map(|pipe| pipe.file.nodes.iter().zip(&pipe.nodes));
    resources.takes_token = nodes
        .filter(|(_, node)| matches!(node.body, Body::Template(_)))
        .any(|(file, _)| file.query.text.contains("token"));
    faults
}

/// The pipes that read service data sources.
fn watching(resources: &Resources) -> Vec<(String, bool)> {
    use crate::observe::tables::SPACE;
    let reads = |pipe: &Pipe, what: &dyn Fn(&str) -> bool| {
        pipe.nodes.iter().any(|node| node.reads.iter().any(|read| what(read)))
    };
    let all = resources.pipes.iter().filter(|(_, pipe)| reads(pipe, &|read| read.starts_with(SPACE)));
    all.map(|(name, pipe)| (name.clone(), reads(pipe, &|read| read.ends_with(".datasources_storage"))))
        .collect()
}

/// A node as a whole query.
///
/// # Errors
/// Those of its template and of the translation.
pub fn translated(names: &Names<'_>, pipe: &str, at: usize, options: &Options) -> Result<Translated, Error> {
    let query = names.node_by_name(pipe, at)?;
    translate_query(query, names, options)
        .map_err(|e| names.failed().unwrap_or_else(|| sql_error(&e, &tile_clicksql::print::query(query))))
}

/// As a request's answer tells it.
pub fn sql_error(e: &SqlError, text: &str) -> Error {
    Error::invalid(e.render(text)).source(e.clone())
}

/// The views of all materialized nodes, by the data source that feeds them.
fn views(
    resources: &Resources,
    others: &BTreeMap<String, Table>,
) -> Result<BTreeMap<String, Vec<View>>, Vec<Fault>> {
    let mut out: BTreeMap<String, Vec<View>> = BTreeMap::new();
    let mut faults = Vec::new();
    for (name, pipe) in &resources.pipes {
        for (at, node) in pipe.file.nodes.iter().enumerate() {
            let NodeKind::Materialized(materialized) = &node.kind else { continue };
            match view(resources, others, name, at, &materialized.datasource) {
                Ok((source, view)) => out.entry(source).or_default().push(view),
                Err(e) => faults.push(fault(&node.place, &e)),
            }
        }
    }
    if let Some(around) = circle(&out) {
        let what = format!("the materialized views go round in a circle: {}", around.join(" → "));
        faults.push(Fault::new(what));
    }
    if faults.is_empty() { Ok(out) } else { Err(faults) }
}

/// A way from a data source back to itself.
fn circle(views: &BTreeMap<String, Vec<View>>) -> Option<Vec<String>> {
    fn visit<'a>(at: &'a str, views: &'a BTreeMap<String, Vec<View>>, path: &mut Vec<&'a str>) -> bool {
        if path.contains(&at) {
            path.push(at);
            return true;
        }
        path.push(at);
        let found = views.get(at).into_iter().flatten().any(|v| visit(&v.target, views, path));
        if !found {
            path.pop();
        }
        found
    }
    views.keys().find_map(|start| {
        let mut path = Vec::new();
        visit(start, views, &mut path).then(|| path.into_iter().map(str::to_owned).collect())
    })
}

fn view(
    resources: &Resources,
    others: &BTreeMap<String, Table>,
    pipe: &str,
    at: usize,
    target: &str,
) -> Result<(String, View), Error> {
    let to = resources
        .sources
        .get(target)
        .ok_or_else(|| Error::invalid(format!("the data source `{target}` does not exist")))?;
    let asked = Asked { is_test: true, ..Asked::default() };
    let names = Names::new(resources, others, &asked, &All, Some(pipe), true);
    let Found { source, replaced, fed } = leftmost::find(resources, &names, pipe, at)?;
    let from = resources.sources.get(&source).ok_or_else(|| {
        let what =
            format!("a materialized view reads a data source of its workspace first, and `{source}` is none");
        Error::invalid(what)
    })?;
    let mut others = others.clone();
    others.insert(
        leftmost::BLOCK.into(),
        Table { engine_name: engine_name(&from.block()), ..from.table.clone() },
    );
    let mut names = Names::new(resources, &others, &asked, &All, Some(pipe), true);
    for (slot, query) in replaced {
        names.replace(slot, query);
    }
    if let Some((slot, at)) = fed {
        names.feed(slot, at);
    }
    let sql = into_columns(&names, pipe, at, to);
    // There or not.
    if names.names_elsewhere.get() {
        let what = "a materialized view reads only its own workspace: files of the catalog and shared data sources change without an insert";
        return Err(Error::invalid(what).hint("Join them where the view's data source is read"));
    }
    Ok((source, View { pipe: pipe.to_owned(), target: target.to_owned(), sql: sql? }))
}

/// A query that gives the columns of a data source, in their order and stored form, from those of a node with the same names.
///
/// # Errors
/// For a column that the data source lacks, and values that cannot become its type.
pub fn into_columns(names: &Names<'_>, pipe: &str, at: usize, to: &Source) -> Result<String, Error> {
    let options = Options { is_stored: true, ..Options::default() };
    let given = translated(names, pipe, at, &options)?.columns;
    has_columns(to, &given)?;
    cast_into(names, names.node_by_name(pipe, at)?, &given, to)
}

/// The same of the query of a request.
///
/// # Errors
/// As [`into_columns`], and those of the query.
pub fn query_into_columns(names: &Names<'_>, query: &Query, to: &Source) -> Result<String, Error> {
    let options = Options { is_stored: true, ..Options::default() };
    let given = translate_query(query, names, &options)
        .map_err(|e| names.failed().unwrap_or_else(|| sql_error(&e, &tile_clicksql::print::query(query))))?;
    has_columns(to, &given.columns)?;
    cast_into(names, query, &given.columns, to)
}

fn has_columns(to: &Source, given: &[(String, Type)]) -> Result<(), Error> {
    if let Some((name, _)) = given.iter().find(|(name, _)| !to.columns.iter().any(|(n, _)| n == name)) {
        let columns: Vec<&str> = to.columns.iter().map(|(n, _)| n.as_str()).collect();
        let near = tile_base::error::nearest(name, columns.iter().copied()).join("`, `");
        let e = Error::invalid(format!("the data source `{}` has no column `{name}`", to.file.name));
        return Err(if near.is_empty() { e } else { e.hint(format!("maybe you meant `{near}`")) });
    }
    Ok(())
}

/// The same of any query, whose columns are known. Columns that the data source lacks are left out.
///
/// # Errors
/// For values that cannot become the type of their column.
pub fn cast_into(
    names: &Names<'_>,
    query: &Query,
    given: &[(String, Type)],
    to: &Source,
) -> Result<String, Error> {
    let items: Vec<String> = to
        .table
        .columns
        .iter()
        .filter_map(|(name, ty)| given.iter().find(|(n, _)| n == name).map(|(_, have)| (name, have, ty)))
        .map(|(name, have, ty)| cast(name, have, ty))
        .collect();
    if items.is_empty() {
        return Err(Error::invalid(format!(
            "the query gives no column of the data source `{}`",
            to.file.name
        )));
    }
    let text = format!("SELECT {} FROM ({})", items.join(", "), tile_clicksql::print::query(query));
    let whole = tile_clicksql::parse::query(&text).map_err(|e| sql_error(&e, &text))?;
    let options = Options { is_stored: true, ..Options::default() };
    let translated = translate_query(&whole, names, &options)
        .map_err(|e| names.failed().unwrap_or_else(|| sql_error(&e, &text)))?;
    let columns = to.columns.iter().map(|(name, engine_type)| {
        let quoted = engine_name(name);
        if given.iter().any(|(n, _)| n == name) {
            return Ok(quoted);
        }
        let default = to.default_of(name).map_err(|e| sql_error(&e, name))?;
        Ok(format!("CAST({default} AS {engine_type}) AS {quoted}"))
    });
    let columns = columns.collect::<Result<Vec<_>, Error>>()?;
    Ok(format!("SELECT {} FROM ({}) AS v_", columns.join(", "), translated.sql))
}

/// A column as the type of another.
fn cast(name: &str, have: &Type, want: &Type) -> String {
    let quoted = backticked(name);
    if is_stored_alike(have, want) {
        return quoted;
    }
    let is_null_lost = have.is_nullable() && !want.is_nullable();
    let value = if is_null_lost { format!("assumeNotNull({quoted})") } else { quoted.clone() };
    let bare = tile_clicksql::types::quoted(&want.without_dictionary().to_string());
    format!("CAST({value}, {bare}) AS {quoted}")
}

/// Whether values of one type are stored as those of the other, so that nothing is to be done.
fn is_stored_alike(have: &Type, want: &Type) -> bool {
    let (have, want) = (have.without_dictionary(), want.without_dictionary());
    have == want || matches!(want, Type::Nullable(inner) if inner.without_dictionary() == have)
}

impl Names<'_> {
    /// As [`Names::node`], for a name that lives elsewhere.
    pub fn node_by_name(&self, pipe: &str, at: usize) -> Result<&Query, Error> {
        let Some((name, _)) = self.pipes().get_key_value(pipe) else {
            return Err(Error::not_found(format!("The pipe '{pipe}' does not exist")));
        };
        self.node(name, at)
    }
}
