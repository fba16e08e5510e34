//! What is wrong with a file, and where.

use super::source::{Place, Sources};
use std::fmt::Write as _;

/// Faults of one file after which no more are collected.
const FAULTS_MAX: usize = 100;

/// A refusal of a file or of a part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// As the caller named it.
    pub file: String,
    /// From 1; 0 stands for the whole file.
    pub line: usize,
    /// From 1, as the API shows it; 0 for a directive as a whole.
    pub column: usize,
    /// The API's own words, since clients and users' tests compare them.
    pub message: String,
    /// What to do about it, without a final stop.
    pub hint: Option<String>,
    /// The same for people alone: the API's text has none here.
    pub suggestion: Option<String>,
    /// The line and up to two before it, with their numbers.
    pub source: Vec<(usize, String)>,
    /// The text cannot be read, rather than what it says is not allowed. The API shows lines for the former alone.
    pub is_syntax: bool,
}

impl Fault {
    /// A fault that has no place yet: the caller of the parser knows file and line.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            file: String::new(),
            line: 0,
            column: 0,
            message: message.into(),
            hint: None,
            suggestion: None,
            source: Vec::new(),
            is_syntax: false,
        }
    }

    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The text as the API's answers have it: the message, and for syntax the lines with a caret, and the hint.
    pub fn text(&self) -> String {
        let mut out = self.message.clone();
        if self.is_syntax {
            if self.source.is_empty() {
                let _ = write!(out, " at {}:{}.", self.line, self.column);
            } else {
                let width = self.line.to_string().len();
                out.push('\n');
                for (number, line) in &self.source {
                    let _ = write!(out, "\n{number:>width$}: {}", line.trim_end());
                }
                let _ = write!(out, "\n{:1$}^", "", width + 1 + self.column);
            }
        }
        if let Some(hint) = &self.hint {
            let _ = write!(out, "\n{hint}.");
        }
        out
    }

    /// The text for people: the message, then file, line and caret, then the hint.
    pub fn render(&self) -> String {
        let mut out = self.message.clone();
        let width = self.line.to_string().len();
        let column = self.column.max(1);
        match self.line {
            0 => drop(write!(out, "\n --> {}", self.file)),
            line => drop(write!(out, "\n{:width$}--> {}:{line}:{column}", "", self.file)),
        }
        for (number, line) in &self.source {
            let _ = write!(out, "\n{number:>width$} | {}", line.trim_end().replace('\t', " "));
        }
        if !self.source.is_empty() {
            let _ = write!(out, "\n{:width$} | {:2$}^", "", "", column - 1);
        }
        if let Some(hint) = self.hint.as_ref().or(self.suggestion.as_ref()) {
            let _ = write!(out, "\n{:width$} = {hint}", "");
        }
        out
    }
}

/// Something that is accepted, and probably not meant so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    pub file: String,
    /// From 1; 0 stands for the whole file.
    pub line: usize,
    pub message: String,
}

/// What the parts of a parser found, with the texts to show.
#[derive(Default)]
pub(super) struct Report {
    pub sources: Sources,
    pub faults: Vec<Fault>,
    pub warnings: Vec<Warning>,
}

impl Report {
    /// The text at this place cannot be read.
    pub fn syntax(&mut self, place: &Place, column: usize, message: impl Into<String>) {
        self.add(place, Fault { is_syntax: true, column, ..Fault::new(message) });
    }

    /// What the directive at this place says is not allowed.
    pub fn invalid(&mut self, place: &Place, message: impl Into<String>) {
        self.add(place, Fault { column: 1, ..Fault::new(message) });
    }

    /// Gives a fault its place. The last one is replaced when there are too many.
    pub fn add(&mut self, place: &Place, fault: Fault) {
        let source = self.sources.context(place);
        self.faults.truncate(FAULTS_MAX - 1);
        self.faults.push(Fault { file: place.file.to_string(), line: place.line, source, ..fault });
    }

    pub fn warn(&mut self, place: &Place, message: impl Into<String>) {
        self.warnings.push(Warning {
            file: place.file.to_string(),
            line: place.line,
            message: message.into(),
        });
    }

    /// In the order of the lines; what is wrong with a text comes before what it says.
    pub fn sort(&mut self) {
        self.faults.sort_by_key(|f| (!f.is_syntax, if f.is_syntax { f.line } else { 0 }));
        self.warnings.sort_by_key(|w| w.line);
    }
}
