//! Files of a project, in whichever form they are.

use super::check::check;
use super::native::{self, Others};
use super::{Declared, read_compiled};
use std::collections::BTreeMap;
use tile_base::Result;

/// How many definitions of different files can name one another in a row.
const NAMED_MAX: usize = 32;

enum Form {
    Compiled,
    Native,
    /// Not a file of definitions: Python, a text, a table.
    Other,
}

fn form(file: &str, text: &str) -> Form {
    let name = file.to_ascii_lowercase();
    if name.ends_with(".yaml") || name.ends_with(".yml") {
        Form::Native
    } else if text.trim_start().starts_with('{') {
        Form::Compiled
    } else {
        Form::Other
    }
}

/// What one file declares, checked: nothing where it is neither YAML nor JSON.
///
/// # Errors
/// Those of [`read_compiled`] and [`native::read_native`].
pub fn read(file: &str, text: &str) -> Result<Vec<Declared>> {
    read_with(file, text, &Others::default())
}

fn read_with(file: &str, text: &str, others: &Others) -> Result<Vec<Declared>> {
    let read = match form(file, text) {
        Form::Compiled => read_compiled(file, text),
        Form::Native => native::read_native_with(file, text, others),
        Form::Other => Ok(Vec::new()),
    };
    read.map(|declared| declared.into_iter().map(checked).collect())
}

/// With what is wrong among its notices.
fn checked(mut declared: Declared) -> Declared {
    declared.notices.extend(check(&declared));
    declared
}

/// What all files of a project declare, checked, each by itself. Definitions may name those of any file; of two with one name it is that of
/// the first file.
pub fn read_all(files: &BTreeMap<String, String>) -> BTreeMap<String, Result<Vec<Declared>>> {
    let mut known = Others::default();
    let mut out = BTreeMap::new();
    let native = || files.iter().filter(|(file, text)| matches!(form(file, text), Form::Native));
    for (file, text) in files {
        let found = match form(file, text) {
            Form::Native => {
                native::read_readable(file, text, &Others::default()).map(|(declared, _)| declared)
            }
            Form::Compiled | Form::Other => read(file, text),
        };
        known.add(found.as_deref().unwrap_or_default());
        out.insert(file.clone(), found);
    }
    // What names others can be read when these are.
    for _ in 0..NAMED_MAX {
        let read = |(file, text): (&String, &String)| native::read_readable(file, text, &known);
        let found: Vec<Declared> = native().flat_map(read).flat_map(|(declared, _)| declared).collect();
        if !known.add(&found) {
            break;
        }
    }
    for (file, text) in native() {
        out.insert(file.clone(), read_with(file, text, &known));
    }
    out
}
