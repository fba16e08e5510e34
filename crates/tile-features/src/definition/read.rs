//! Files of a project, in whichever form they are.

use super::check::check;
use super::native::{self, Others};
use super::{Declared, read_compiled};
use std::collections::BTreeMap;
use tile_base::Result;

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
    read_with(file, text, &Others::new())
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

/// What all files of a project declare, checked, each by itself. Joins may name GroupBys of any of them; of two with one name it is that of the
/// first file.
pub fn read_all(files: &BTreeMap<String, String>) -> BTreeMap<String, Result<Vec<Declared>>> {
    let mut groups = Others::new();
    let mut out = BTreeMap::new();
    for (file, text) in files {
        let found = match form(file, text) {
            Form::Native => native::read_group_bys(file, text),
            Form::Compiled | Form::Other => read(file, text),
        };
        for (name, group) in found.as_deref().map(native::names).into_iter().flatten() {
            groups.entry(name).or_insert(group);
        }
        out.insert(file.clone(), found);
    }
    for (file, text) in files {
        if matches!(form(file, text), Form::Native) {
            out.insert(file.clone(), read_with(file, text, &groups));
        }
    }
    out
}
