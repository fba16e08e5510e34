//! From lines to directives: what stands behind a word, and blocks.
//!
//! `WORD >` begins a block. It ends at the next line that begins, without a blank before it, with a directive of this kind of file.
//! Empty lines and lines of a comment alone belong to no block.

use super::directives::{self, Directive, Take};
use super::fault::{Fault, Report};
use super::lex;
use super::source::{self, Place};
use super::{Dialect, Kind, Options};
use std::sync::Arc;
use tile_base::error::nearest;

/// Bytes of a file with all that it includes.
const BYTES_MAX: usize = 4 << 20;
/// Files that a file may include, with those that they include.
const INCLUDES_MAX: usize = 64;

/// A directive as it stands in a file.
pub(super) struct Found {
    pub directive: &'static Directive,
    /// As it is written.
    pub word: String,
    pub args: Vec<String>,
    pub block: Option<Block>,
    pub place: Place,
}

pub(super) struct Block {
    pub text: String,
    /// Of each of its lines.
    pub places: Vec<Place>,
}

impl Block {
    /// The place of a line of the block, counted from 1.
    pub fn place(&self, line: usize) -> Place {
        self.places.get(line.saturating_sub(1)).or(self.places.last()).cloned().unwrap_or_default()
    }
}

impl Found {
    pub fn name(&self) -> String {
        self.word.to_uppercase()
    }

    /// The value of one line or of a block, without quotes around it.
    pub fn value(&self) -> String {
        lex::dollars(lex::unquote(lex::trim(&self.text())))
    }

    /// As it is written, in one line or as a block.
    pub fn text(&self) -> String {
        self.block.as_ref().map_or_else(|| self.args.join(" "), |block| block.text.clone())
    }
}

/// A line that waits to be read.
struct Line {
    text: String,
    place: Place,
}

struct Reader<'a> {
    kind: Kind,
    /// Paths of includes are relative to its folder, also in what it includes.
    file: Arc<str>,
    options: &'a Options<'a>,
    report: &'a mut Report,
    /// In reverse: the next one is the last.
    waiting: Vec<Line>,
    found: Vec<Found>,
    /// The block that is open: its directive, unless it is unknown.
    open: Option<Option<Found>>,
    includes: usize,
    bytes: usize,
}

/// The directives of a file, in their order, with those of the files it includes in the places of the includes.
pub(super) fn read(
    kind: Kind,
    file: &Arc<str>,
    text: &str,
    options: &Options<'_>,
    report: &mut Report,
) -> Vec<Found> {
    let mut reader = Reader {
        kind,
        file: Arc::clone(file),
        options,
        report,
        waiting: Vec::new(),
        found: Vec::new(),
        open: None,
        includes: 0,
        bytes: 0,
    };
    reader.push(file, text.trim_start_matches('\u{feff}'), &Place::new(file, 0));
    while let Some(line) = reader.waiting.pop() {
        reader.line(line);
    }
    reader.close();
    reader.found
}

impl Reader<'_> {
    fn push(&mut self, file: &Arc<str>, text: &str, from: &Place) {
        self.bytes += text.len();
        if self.bytes > BYTES_MAX {
            self.report.syntax(from, 1, format!("the file is larger than {BYTES_MAX} bytes"));
            return;
        }
        let lines = source::lines(text).into_iter().enumerate();
        let lines: Vec<Line> = lines.map(|(i, text)| Line { text, place: Place::new(file, i + 1) }).collect();
        self.waiting.extend(lines.into_iter().rev());
    }

    fn line(&mut self, line: Line) {
        let mut words = lex::words(&line.text).into_iter();
        let Some(word) = words.next() else { return };
        let directive = directives::find(self.kind, &word);
        if self.open.is_some() {
            if directive.is_none() || line.text.starts_with([' ', '\t']) {
                return self.append(line);
            }
            self.close();
        }
        let args: Vec<String> = words.collect();
        let is_block = args.first().is_some_and(|arg| arg == ">");
        let Some(directive) = directive else {
            self.unknown(&word, &line.place);
            if is_block {
                self.open = Some(None);
            }
            return;
        };
        let block = is_block.then(|| Block { text: String::new(), places: Vec::new() });
        if is_block && args.len() > 1 {
            self.report.warn(&line.place, format!("what stands behind {} > is ignored", word.to_uppercase()));
        }
        let found = Found { directive, word, args, block, place: line.place };
        if is_block { self.open = Some(Some(found)) } else { self.take(found) }
    }

    fn append(&mut self, line: Line) {
        if let Some(Some(Found { block: Some(block), .. })) = &mut self.open {
            block.text.push_str(&line.text);
            block.text.push('\n');
            block.places.push(line.place);
        }
    }

    fn close(&mut self) {
        if let Some(Some(found)) = self.open.take() {
            self.take(found);
        }
    }

    fn unknown(&mut self, word: &str, place: &Place) {
        if word.eq_ignore_ascii_case("settings") {
            self.report.syntax(
                place,
                0,
                "SETTINGS option is not allowed, use ENGINE_SETTINGS instead. See https://www.tinybird.co/docs/cli/datafiles#data-source for more information.",
            );
            return;
        }
        let upper = word.to_uppercase();
        let names = directives::names(self.kind);
        let near = nearest(&upper, names.iter().map(String::as_str));
        let suggestion = near.first().map(|name| format!("did you mean {name}?"));
        let message = format!("{upper} is not a valid option in {} files.", self.kind.name());
        self.report.add(place, Fault { is_syntax: true, suggestion, ..Fault::new(message) });
    }

    fn take(&mut self, found: Found) {
        let name = found.name();
        let takes_one_line = matches!(
            found.directive.take,
            Take::Token
                | Take::Value
                | Take::Lower
                | Take::OneOf(_)
                | Take::OfNode
                | Take::Json
                | Take::Node
                | Take::Dialect
        );
        if takes_one_line && found.block.is_some() {
            self.report.syntax(&found.place, 1, format!("{name} does not support multiline arguments"));
            return;
        }
        if found.directive.is_classic && self.options.dialect == Dialect::Forward {
            self.report.warn(&found.place, format!("{name} is of Classic projects; it is read as there"));
        }
        match found.directive.take {
            Take::Ignored("") => {}
            Take::Ignored(rest) => {
                self.report.warn(&found.place, format!("{name} has been deprecated{rest}"));
            }
            Take::Refused(rest) => {
                self.report.syntax(&found.place, 1, format!("{name} has been deprecated{rest}"));
            }
            Take::Include => self.include(&found),
            _ => self.found.push(found),
        }
    }

    /// Puts the lines of the named file in the place of the directive.
    fn include(&mut self, found: &Found) {
        let mut args = found.args.iter().map(|arg| lex::unquote(arg));
        let Some(path) = args.next() else {
            self.report.syntax(&found.place, 1, "INCLUDE requires the path of a file");
            return;
        };
        let path = lex::dollars(path);
        let mut values = Vec::new();
        for arg in args {
            match arg.split_once('=') {
                Some((key, value)) => values.push((key.to_owned(), value.to_owned())),
                None => {
                    self.report.syntax(
                        &found.place,
                        1,
                        format!("INCLUDE takes key=value behind the path, not {arg}"),
                    );
                    return;
                }
            }
        }
        self.includes += 1;
        if self.includes > INCLUDES_MAX {
            self.report.syntax(&found.place, 1, format!("more than {INCLUDES_MAX} files are included"));
            return;
        }
        let Some((name, text)) = (self.options.include)(&self.file, &path) else {
            let line = found.place.line;
            self.report.syntax(
                &found.place,
                1,
                format!("Included file {path} at line {line} not found. Check if the file exists and the path is correct."),
            );
            return;
        };
        let name: Arc<str> = name.into();
        self.report.sources.add(&name, &text);
        self.push(&name, &lex::fill(&text, &values), &found.place);
    }
}
