//! Files of a project, in whichever form they are.

use super::check::check;
use super::compiled::{self, read_compiled};
use super::declared::{DefinitionKind, Fault, Read};
use super::native::{self, Others};
use std::collections::BTreeMap;
use tile_base::{Error, Kind};

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
pub fn read(file: &str, text: &str) -> Read {
    settled(read_with(file, text, &Others::default()))
}

/// What lacks another definition lacks it for good.
fn settled(mut read: Read) -> Read {
    for fault in read.faults.iter_mut().filter(|fault| fault.error.kind == Kind::NotFound) {
        fault.error.kind = Kind::Invalid;
    }
    read
}

fn read_with(file: &str, text: &str, others: &Others) -> Read {
    let mut read = match form(file, text) {
        Form::Compiled => match read_compiled(file, text) {
            Ok(declared) => Read { declared, faults: Vec::new() },
            Err(error) => whole(compiled::named(text), error),
        },
        Form::Native => native::read(file, text, others).unwrap_or_else(|error| whole(None, error)),
        Form::Other => Read::default(),
    };
    for declared in &mut read.declared {
        declared.notices.extend(check(declared));
    }
    read
}

/// A file that cannot be read.
fn whole(of: Option<(DefinitionKind, String)>, error: Error) -> Read {
    Read { declared: Vec::new(), faults: vec![Fault { of, is_whole: true, error }] }
}

/// What all files of a project declare, checked, each by itself. Definitions may name those of any file; of two with one name it is that of
/// the first file.
pub fn read_all(files: &BTreeMap<String, String>) -> BTreeMap<String, Read> {
    let native = || files.iter().filter(|(file, text)| matches!(form(file, text), Form::Native));
    let mut known = Others::default();
    for (file, text) in files {
        known.add_read(&read_with(file, text, &Others::default()));
    }
    // What names others can be read when these are.
    for _ in 0..NAMED_MAX {
        let read: Vec<Read> =
            native().filter_map(|(file, text)| native::read(file, text, &known).ok()).collect();
        let mut is_more = false;
        for read in &read {
            is_more |= known.add_read(read);
        }
        if !is_more {
            break;
        }
    }
    files.iter().map(|(file, text)| (file.clone(), settled(read_with(file, text, &known)))).collect()
}
