//! The lines of files, and places in them.

use std::sync::Arc;

/// A line of a file. Places are no part of what a resource is: all of them are equal.
#[derive(Clone, Debug, Default)]
pub struct Place {
    /// As the caller named it; with an include, the included one.
    pub file: Arc<str>,
    /// From 1; 0 stands for the whole file.
    pub line: usize,
}

impl PartialEq for Place {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Place {}

impl Place {
    pub(super) fn new(file: &Arc<str>, line: usize) -> Self {
        Self { file: Arc::clone(file), line }
    }
}

/// The files that were read, to show lines of them.
#[derive(Default)]
pub(super) struct Sources(Vec<(Arc<str>, Vec<String>)>);

/// Lines that are shown with a fault.
const CONTEXT_LINES: usize = 3;

impl Sources {
    /// The text as its author wrote it: with secrets still by their names.
    pub fn add(&mut self, file: &Arc<str>, text: &str) {
        self.0.push((Arc::clone(file), lines(text)));
    }

    pub fn context(&self, place: &Place) -> Vec<(usize, String)> {
        let Some((_, lines)) = self.0.iter().find(|(file, _)| *file == place.file) else { return Vec::new() };
        if place.line == 0 || place.line > lines.len() {
            return Vec::new();
        }
        let first = place.line.saturating_sub(CONTEXT_LINES);
        let shown = lines.iter().enumerate().take(place.line).skip(first);
        shown.map(|(i, line)| (i + 1, line.clone())).collect()
    }
}

/// The lines of a text without their ends, which may be those of any system.
pub(super) fn lines(text: &str) -> Vec<String> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    text.strip_suffix('\n').unwrap_or(&text).split('\n').map(str::to_owned).collect()
}
