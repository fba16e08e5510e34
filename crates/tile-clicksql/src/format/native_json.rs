//! Columns of `JSON` in `Native`: a column for each path, of as many types as its values have; what has no column of its own stands
//! beside them, row by row, as paths with values that say their types (ClickHouse calls it shared data).

use super::bad;
use super::binary::{length, text};
use super::json_form::{Form, INNER, Limits, OUTER, described, leaves, plain};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::io;

/// Versions of the layouts of objects and of `Dynamic`.
const OBJECTS: u64 = 0;
const DYNAMIC: u64 = 1;
/// Each row says which type it has, or that it has none.
const BASIC: u64 = 0;
const NONE: u8 = 255;
/// What values are called that have no column for their type.
const SHARED: &str = "SharedVariant";
/// A path that few rows have costs a byte for each row: above this many bytes only paths get a column that one row in so many has.
const SPARSE_BYTES: usize = 8 << 20;
const SPARSE_ROWS: usize = 64;

/// A column: what stands before all data of its block, and its data.
#[derive(Default)]
pub(super) struct Column {
    pub prefix: Vec<u8>,
    pub data: Vec<u8>,
}

/// Rows, each an object as text or none.
///
/// # Errors
/// For a text that is no object: the type has nothing else.
pub(super) fn column<'a>(texts: impl Iterator<Item = Option<&'a [u8]>>) -> io::Result<Column> {
    let rows = texts.map(|row| match row {
        None => Ok(Map::new()),
        Some(bytes) => serde_json::from_slice(bytes)
            .map_err(|_| bad("a value of type JSON is no object: select it with toString()")),
    });
    let rows = rows.collect::<io::Result<Vec<Map<String, Value>>>>()?;
    Ok(objects(&rows.iter().collect::<Vec<_>>(), OUTER))
}

/// Values with the numbers of their rows.
type Values<'v> = Vec<(usize, &'v Value)>;

fn objects(rows: &[&Map<String, Value>], limits: Limits) -> Column {
    let mut paths: BTreeMap<String, Values> = BTreeMap::new();
    for (row, object) in rows.iter().enumerate() {
        for (path, value) in leaves(object) {
            paths.entry(path).or_default().push((row, value));
        }
    }
    let mut own: Vec<(String, Values)> = Vec::new();
    let mut shared: Vec<Vec<(String, &Value)>> = vec![Vec::new(); rows.len()];
    for (path, values) in paths {
        let is_dense = own.len() * rows.len() <= SPARSE_BYTES || values.len() * SPARSE_ROWS >= rows.len();
        if own.len() < limits.paths_max && is_dense {
            own.push((path, values));
            continue;
        }
        for (row, value) in values {
            shared[row].push((path.clone(), value));
        }
    }
    let mut out = Column::default();
    out.prefix.extend_from_slice(&OBJECTS.to_le_bytes());
    length(limits.paths_max, &mut out.prefix);
    length(own.len(), &mut out.prefix);
    own.iter().for_each(|(path, _)| text(path.as_bytes(), &mut out.prefix));
    for (_, values) in &own {
        out.add(dynamic(values, rows.len(), limits.types_max));
    }
    beside(&shared, &mut out.data);
    out
}

/// Appends what has no column of its own: where each row ends, all paths, all values.
fn beside(rows: &[Vec<(String, &Value)>], out: &mut Vec<u8>) {
    let (mut end, mut paths, mut values) = (0_u64, Vec::new(), Vec::new());
    for row in rows {
        for (path, value) in row {
            end += 1;
            text(path.as_bytes(), &mut paths);
            text(&alone(value), &mut values);
        }
        out.extend_from_slice(&end.to_le_bytes());
    }
    out.extend_from_slice(&paths);
    out.extend_from_slice(&values);
}

fn alone(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    described(value, &mut out);
    out
}

/// Values of several types, of some of the rows.
fn dynamic(values: &[(usize, &Value)], rows: usize, types_max: u8) -> Column {
    let mut types: BTreeMap<String, (Option<Form>, Vec<&Value>)> = BTreeMap::new();
    types.insert(SHARED.to_owned(), (None, vec![]));
    let mut names = Vec::with_capacity(values.len());
    for (row, value) in values.iter().filter(|(_, value)| !value.is_null()) {
        let form = Form::of(value);
        let mut name = form.name();
        if !types.contains_key(&name) && types.len() > usize::from(types_max) {
            name = SHARED.to_owned();
        }
        types.entry(name.clone()).or_insert((Some(form), vec![])).1.push(value);
        names.push((*row, name));
    }
    let mut which = vec![NONE; rows];
    for (row, name) in names {
        let at = types.keys().position(|known| *known == name);
        if let Some((place, at)) = which.get_mut(row).zip(at.and_then(|at| u8::try_from(at).ok())) {
            *place = at;
        }
    }
    let mut out = Column { prefix: DYNAMIC.to_le_bytes().to_vec(), data: which };
    length(usize::from(types_max), &mut out.prefix);
    length(types.len() - 1, &mut out.prefix);
    for name in types.keys().filter(|name| *name != SHARED) {
        text(name.as_bytes(), &mut out.prefix);
    }
    out.prefix.extend_from_slice(&BASIC.to_le_bytes());
    for (form, values) in types.values() {
        match form {
            Some(form) => out.add(typed(form, values)),
            None => values.iter().for_each(|value| text(&alone(value), &mut out.data)),
        }
    }
    out
}

/// Values of one type.
fn typed(form: &Form, values: &[&Value]) -> Column {
    let mut out = Column::default();
    match form {
        Form::Plain(ty) => values.iter().for_each(|value| plain(*ty, value, &mut out.data)),
        Form::List(inner) => {
            let mut items = Vec::new();
            for value in values {
                items.extend(value.as_array().into_iter().flatten());
                out.data.extend_from_slice(&(items.len() as u64).to_le_bytes());
            }
            out.add(item(inner, &items));
        }
        Form::Object => {
            let objects: Vec<_> = values.iter().filter_map(|value| value.as_object()).collect();
            return self::objects(&objects, INNER);
        }
        Form::Null | Form::Mixed => {
            let values: Values = values.iter().copied().enumerate().collect();
            return dynamic(&values, values.len(), OUTER.types_max);
        }
    }
    out
}

/// Items of lists of one type: numbers and texts may be NULL there.
fn item(form: &Form, values: &[&Value]) -> Column {
    let ty = match form {
        Form::Null => super::json_form::STRING,
        Form::Plain(ty) => *ty,
        form => return typed(form, values),
    };
    let mut out = Column::default();
    out.data.extend(values.iter().map(|value| u8::from(value.is_null())));
    values.iter().for_each(|value| plain(ty, value, &mut out.data));
    out
}

impl Column {
    /// Puts another behind this one.
    fn add(&mut self, next: Self) {
        self.prefix.extend(next.prefix);
        self.data.extend(next.data);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(rows: &[Option<&str>]) -> io::Result<Column> {
        column(rows.iter().map(|row| row.map(str::as_bytes)))
    }

    #[test]
    fn rows_are_columns_by_their_paths() {
        let out =
            texts(&[Some("{\"b\":true,\"a\":{\"n\":null,\"x\":7}}"), None, Some("{\"b\":\"t\"}")]).unwrap();
        let word = |n: u64| n.to_le_bytes().to_vec();
        let dynamic = |names: &[&str]| {
            let mut out = [word(1), vec![32, u8::try_from(names.len()).unwrap()]].concat();
            names.iter().for_each(|name| text(name.as_bytes(), &mut out));
            [out, word(0)].concat()
        };
        let paths = [word(0), vec![0x80, 8, 2, 3], b"a.x".to_vec(), vec![1], b"b".to_vec()].concat();
        assert_eq!(out.prefix, [paths, dynamic(&["Int64"]), dynamic(&["Bool", "String"])].concat());
        // Of `b` the third type is the text: the second is what has no column.
        let (a, b) = ([vec![0, 255, 255], word(7)].concat(), vec![0, 255, 2, 1, 1, b't']);
        assert_eq!(out.data, [a, b, vec![0; 24]].concat());
        for text in ["[1]", "1", "", "{"] {
            assert!(texts(&[Some(text)]).is_err(), "{text}");
        }
    }

    #[test]
    fn a_path_that_few_rows_have_costs_no_byte_for_each() {
        let mut rows = vec![Some("{}"); 200_000];
        let many: Vec<String> = (0..1024).map(|n| format!("{{\"p{n}\":{n}}}")).collect();
        rows.extend(many.iter().map(|text| Some(text.as_str())));
        let out = texts(&rows).unwrap();
        assert!(out.data.len() < 16 << 20, "{}", out.data.len());
        // Types above the limit stand together.
        let kinds: Vec<String> =
            (0..40).map(|n| format!("{{\"a\":{}{}}}", "[".repeat(n + 1), "]".repeat(n + 1))).collect();
        let rows: Vec<Option<&str>> = kinds.iter().map(|text| Some(text.as_str())).collect();
        let out = texts(&rows).unwrap();
        assert_eq!(out.data.iter().take(40).filter(|which| **which == 32).count(), 8);
    }
}
