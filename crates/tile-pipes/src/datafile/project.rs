//! All files of a project at once.

use super::connection::Connection;
use super::datasource::Datasource;
use super::fault::{Fault, Warning};
use super::pipe::Pipe;
use super::{Include, Options, Parsed};
use std::collections::{HashMap, HashSet};

/// Levels of `..` and folders in a path.
const SEGMENTS_MAX: usize = 64;

/// What a project defines, each list sorted by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Resources {
    pub datasources: Vec<Datasource>,
    pub pipes: Vec<Pipe>,
    pub connections: Vec<Connection>,
}

/// Reads files given as path and text. A resource's name is its file's without folder and ending; `.incl` files are for others to
/// include, by paths relative to these. Faults and warnings are sorted by file; files with faults are not among the resources.
///
/// `options.include` is asked for files that are not among these. Names in SQL are not looked up.
pub fn parse(files: &[(&str, &str)], options: &Options<'_>) -> (Resources, Vec<Fault>, Vec<Warning>) {
    let texts: HashMap<&str, &str> = files.iter().copied().collect();
    let given = |from: &str, path: &str| {
        let found =
            beside(from, path).and_then(|path| Some((path.clone(), (*texts.get(path.as_str())?).to_owned())));
        found.or_else(|| (options.include)(from, path))
    };
    let include: Include<'_> = &given;
    let options = Options { include, ..*options };
    let mut project = Project::default();
    let mut sorted: Vec<&(&str, &str)> = files.iter().collect();
    sorted.sort();
    for (path, text) in sorted {
        project.file(path, text, &options);
    }
    let mut resources = project.resources;
    resources.datasources.sort_by(|a, b| a.name.cmp(&b.name));
    resources.pipes.sort_by(|a, b| a.name.cmp(&b.name));
    resources.connections.sort_by(|a, b| a.name.cmp(&b.name));
    (resources, project.faults, project.warnings)
}

#[derive(Default)]
struct Project {
    resources: Resources,
    faults: Vec<Fault>,
    warnings: Vec<Warning>,
    /// Of data sources and pipes, with what has them.
    tables: HashMap<String, &'static str>,
    connections: HashSet<String>,
}

impl Project {
    fn file(&mut self, path: &str, text: &str, options: &Options<'_>) {
        let name = path.rsplit('/').next().unwrap_or(path);
        let Some((name, extension)) = name.rsplit_once('.') else {
            return self.unknown(path, "");
        };
        match extension {
            "datasource" => {
                self.name_table(name, "datasource", path);
                let parsed = Datasource::parse(name, path, text, options);
                self.resources.datasources.extend(Self::told(parsed, &mut self.faults, &mut self.warnings));
            }
            "pipe" => {
                self.name_table(name, "pipe", path);
                let parsed = Pipe::parse(name, path, text, options);
                self.resources.pipes.extend(Self::told(parsed, &mut self.faults, &mut self.warnings));
            }
            "connection" => {
                if !self.connections.insert(name.to_owned()) {
                    self.fault(path, format!("Connection {name} already exists"));
                }
                let parsed = Connection::parse(name, path, text, options);
                self.resources.connections.extend(Self::told(parsed, &mut self.faults, &mut self.warnings));
            }
            "incl" => {}
            other => self.unknown(path, other),
        }
    }

    fn told<T>(parsed: Parsed<T>, faults: &mut Vec<Fault>, warnings: &mut Vec<Warning>) -> Option<T> {
        faults.extend(parsed.faults);
        warnings.extend(parsed.warnings);
        parsed.value
    }

    fn fault(&mut self, path: &str, message: String) {
        self.faults.push(Fault { file: path.to_owned(), ..Fault::new(message) });
    }

    fn unknown(&mut self, path: &str, extension: &str) {
        let dot = if extension.is_empty() { "" } else { "." };
        self.fault(path, format!("Unknown extension {dot}{extension} for data file"));
    }

    /// Data sources and pipes share their names.
    fn name_table(&mut self, name: &str, kind: &'static str, path: &str) {
        match self.tables.insert(name.to_owned(), kind) {
            None => {}
            Some(other) if other == kind => self.fault(path, format!("{name} already exists")),
            Some(other) => self.fault(path, format!(
                "Failed pushing {kind}. Top level object names must be unique. {name} cannot have same name as an existing {other}."
            )),
        }
    }
}

/// A path beside a file, without `.` and `..`; `None` if it leaves the project.
fn beside(from: &str, path: &str) -> Option<String> {
    let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut segments: Vec<&str> = Vec::new();
    for segment in folder.split('/').chain(path.split('/')) {
        match segment {
            "" | "." => {}
            ".." => drop(segments.pop()?),
            segment => segments.push(segment),
        }
        if segments.len() > SEGMENTS_MAX {
            return None;
        }
    }
    Some(segments.join("/"))
}
