//! A Join while it is fetched: the features of its parts under their prefixes, what came with the request, and what is derived of all of
//! them. All parts are asked at once, for one present. A part that fails is told beside the others, and fails nothing else.

use super::columns::Columns;
use super::keys::{Asked, asked, value};
use crate::definition::{ExternalPart, Join};
use crate::derive::Derive;
use crate::hub::{Answer, Ask, Hub, Joined, Running, Served};
use crate::key;
use crate::types::Type;
use crate::value::Value;
use serde_json::{Map, Value as Json};
use std::sync::Arc;
use tile_base::{Error, Result};

/// What is put behind the name of a part that failed.
const EXCEPTION: &str = "_exception";
/// What stands for derivations that do not fit.
const DERIVATION: &str = "derivation_fetch_exception";
/// The time that values are for, as derivations name it.
const TIME: &str = "ts";

/// A Join with what its parts are fetched from.
pub struct Joining {
    definition: Arc<Join>,
    parts: Vec<Part>,
    externals: Vec<External>,
    /// Keys that are the same for several parts are made once: of each such key, the columns.
    key_sets: Vec<Columns>,
}

struct Part {
    served: Arc<Served>,
    running: Result<Arc<Running>>,
    /// With the prefix. Empty while it is not served.
    columns: Columns,
    exception: String,
    key_set: usize,
}

/// Values that do not come from tiles.
struct External {
    part: ExternalPart,
    columns: Columns,
    exception: String,
}

/// What a request says of one row.
pub trait Given {
    /// # Errors
    /// As [`asked`].
    fn key(&self, columns: &[(String, Type)]) -> Result<Asked>;
    /// A value that came with it; null where none did.
    ///
    /// # Errors
    /// `Invalid` for a value of another type.
    fn value(&self, name: &str, ty: &Type) -> Result<Value>;
    /// All that derivations may name beside features. `keys` tells the types of those that are keys.
    fn beside(&self, keys: &[(String, Type)]) -> Vec<(String, Type, Value)>;
}

impl Given for Map<String, Json> {
    fn key(&self, columns: &[(String, Type)]) -> Result<Asked> {
        asked(self, columns)
    }

    fn value(&self, name: &str, ty: &Type) -> Result<Value> {
        value(self.get(name).unwrap_or(&Json::Null), ty)
    }

    fn beside(&self, keys: &[(String, Type)]) -> Vec<(String, Type, Value)> {
        let typed = |(name, json): (&String, &Json)| {
            let declared = keys.iter().find(|(key, _)| key == name);
            if let Some((_, ty)) = declared
                && let Ok(value) = value(json, ty)
            {
                return (name.clone(), ty.clone(), value);
            }
            let ty = match json {
                Json::Bool(_) => Type::Bool,
                Json::Number(x) if x.is_i64() => Type::Long,
                Json::Number(_) => Type::Double,
                _ => Type::Text,
            };
            let value = value(json, &ty).unwrap_or_default();
            (name.clone(), ty, value)
        };
        self.iter().map(typed).collect()
    }
}

/// The values of a Join's keys, in the order of [`Joining::keys`].
pub struct Keyed<'a> {
    pub columns: &'a [(String, Type)],
    pub values: Vec<Value>,
}

impl Keyed<'_> {
    /// In the order of other columns.
    pub fn ordered(&self, columns: &[(String, Type)]) -> Vec<Value> {
        columns.iter().map(|(name, _)| self.get(name).cloned().unwrap_or_default()).collect()
    }

    /// The key of some of its columns; none where one of them is null or has another type.
    pub fn bytes(&self, columns: &[(String, Type)]) -> Option<Vec<u8>> {
        match self.key(columns) {
            Ok(Asked::Key(key)) => Some(key),
            _ => None,
        }
    }

    fn get(&self, name: &str) -> Option<&Value> {
        let at = self.columns.iter().position(|(column, _)| column == name)?;
        self.values.get(at)
    }
}

impl Given for Keyed<'_> {
    fn key(&self, columns: &[(String, Type)]) -> Result<Asked> {
        let values = self.ordered(columns);
        if values.iter().any(Value::is_null) {
            return Ok(Asked::Null);
        }
        let types: Vec<Type> = columns.iter().map(|(_, ty)| ty.clone()).collect();
        key::of_values(&values, &types).map(Asked::Key)
    }

    fn value(&self, name: &str, _ty: &Type) -> Result<Value> {
        Ok(self.get(name).cloned().unwrap_or_default())
    }

    fn beside(&self, _keys: &[(String, Type)]) -> Vec<(String, Type, Value)> {
        let each = self.columns.iter().zip(&self.values);
        each.map(|((name, ty), value)| (name.clone(), ty.clone(), value.clone())).collect()
    }
}

/// What rows have in common whose parts answered alike.
pub struct Shape {
    /// Of the values.
    pub columns: Columns,
    /// Which of the parts and externals failed.
    failed: Vec<bool>,
    /// What came beside the features.
    beside: Columns,
    /// None where nothing is derived, and where it cannot be.
    derive: Option<Derive>,
    fault: Option<String>,
}

/// The features of one row.
pub struct Row {
    pub shape: Arc<Shape>,
    pub values: Vec<Value>,
    /// Whether a part has anything for it.
    pub has_some: bool,
    /// What failed, and why.
    pub errors: Vec<(String, String)>,
}

impl Row {
    /// The values of these columns; nulls where it has none, as a part of it failed.
    pub fn values_of(&self, columns: &[(String, Type)]) -> Vec<Value> {
        if self.shape.columns == columns {
            return self.values.clone();
        }
        let at = |name: &str| self.shape.columns.iter().position(|(known, _)| known == name);
        let value = |(name, _): &(String, Type)| at(name).and_then(|at| self.values.get(at)).cloned();
        columns.iter().map(|column| value(column).unwrap_or_default()).collect()
    }
}

impl Joined {
    /// As it is now.
    pub fn joining(&self) -> Joining {
        let mut key_sets: Vec<Columns> = Vec::new();
        let mut parts = Vec::new();
        for (part, served) in self.definition.parts.iter().zip(&self.parts) {
            let (running, prefix) = (served.running(), part.full_prefix());
            let (mut columns, mut keys) = (Columns::new(), Columns::new());
            if let Ok(running) = &running {
                let named = |(name, ty): (&str, &Type)| (format!("{prefix}_{name}"), ty.clone());
                columns = running.derive.columns().map(named).collect();
                let named = |(key, ty): &(String, Type)| (part.left_key(key).to_owned(), ty.clone());
                keys = running.bound.keys.iter().map(named).collect();
            }
            let known = key_sets.iter().position(|set| *set == keys);
            let key_set = known.unwrap_or_else(|| {
                key_sets.push(keys);
                key_sets.len() - 1
            });
            let exception = format!("{prefix}{EXCEPTION}");
            parts.push(Part { served: served.clone(), running, columns, exception, key_set });
        }
        let externals = self.definition.external.iter().map(External::new).collect();
        Joining { definition: self.definition.clone(), parts, externals, key_sets }
    }

    /// The same, when all of its parts are served.
    ///
    /// # Errors
    /// `Busy` while one is not; why one cannot be.
    pub fn whole(&self) -> Result<Joining> {
        let mut joining = self.joining();
        let broken = joining.parts.iter().position(|part| part.running.is_err());
        match broken.map(|at| joining.parts.swap_remove(at).running) {
            Some(Err(e)) => Err(e),
            _ if joining.parts.is_empty() => Err(Error::invalid("the Join has no parts")),
            _ => Ok(joining),
        }
    }
}

impl External {
    fn new(part: &ExternalPart) -> Self {
        let prefix = part.full_prefix();
        let named = |(name, ty): &(String, Type)| (format!("{prefix}_{name}"), ty.clone());
        let columns = if part.is_contextual() { part.values.iter().map(named).collect() } else { vec![] };
        Self { part: part.clone(), columns, exception: format!("{prefix}{EXCEPTION}") }
    }

    /// What came with the request; other services are not asked.
    fn values(&self, given: &impl Given) -> Result<Vec<Value>> {
        let part = &self.part;
        if !part.is_contextual() {
            let what =
                format!("the values of `{}` come from another service, which is not asked here", part.name);
            return Err(Error::invalid(what));
        }
        let value =
            |(name, ty): &(String, Type)| given.value(name, ty).map_err(|e| e.at(format!("`{name}`")));
        part.values.iter().map(value).collect()
    }
}

/// The keys of all rows for the parts that have them in common.
struct KeySet {
    asked: Vec<Result<Asked>>,
    known: Arc<Vec<(Vec<u8>, Option<i64>)>>,
}

impl KeySet {
    fn new(columns: &[(String, Type)], rows: &[impl Given], at: Option<i64>) -> Self {
        let asked: Vec<Result<Asked>> = rows.iter().map(|row| row.key(columns)).collect();
        let known = asked.iter().filter_map(|key| match key {
            Ok(Asked::Key(key)) => Some((key.clone(), at)),
            _ => None,
        });
        let known = Arc::new(known.collect());
        Self { asked, known }
    }
}

impl Joining {
    pub fn name(&self) -> &str {
        &self.definition.meta.name
    }

    /// What its left side's rows come from, and the names of the parts' keys there.
    pub fn definition(&self) -> &Arc<Join> {
        &self.definition
    }

    /// Names and types of the keys that a request has, each once.
    pub fn keys(&self) -> Columns {
        let mut keys = Columns::new();
        for (name, ty) in self.key_sets.iter().flatten() {
            if !keys.iter().any(|(known, _)| known == name) {
                keys.push((name.clone(), ty.clone()));
            }
        }
        keys
    }

    /// What each part is fetched from, with its key as requests name it.
    pub fn sources(&self) -> impl Iterator<Item = (&Arc<Running>, &[(String, Type)])> {
        let keys = |part: &Part| self.key_sets.get(part.key_set).map_or(&[][..], Vec::as_slice);
        self.parts.iter().filter_map(move |part| Some((part.running.as_ref().ok()?, keys(part))))
    }

    /// Whether there are values that only a request brings.
    pub fn has_externals(&self) -> bool {
        !self.externals.is_empty()
    }

    /// Names and types of all features, as rows have them whose parts answered.
    ///
    /// # Errors
    /// `Invalid` for derivations that do not fit.
    pub fn columns(&self) -> Result<Columns> {
        let shape = self.shape(vec![false; self.parts.len() + self.externals.len()], self.keys());
        match &shape.fault {
            Some(what) => Err(Error::invalid(what.clone())),
            None => Ok(shape.columns),
        }
    }

    /// The features of rows, in their order.
    ///
    /// # Errors
    /// When the server is stopping.
    pub async fn fetch(&self, hub: &Hub, rows: &[impl Given], at: Option<i64>) -> Result<Vec<Row>> {
        let key_sets = self.asked(rows, at);
        let answers = hub.fetch_all(self.asks(&key_sets)).await?;
        Ok(self.rows(hub, rows, &key_sets, answers, at))
    }

    /// As [`Joining::fetch`], at present. Blocks.
    pub fn values(&self, hub: &Hub, rows: &[impl Given]) -> Vec<Row> {
        let key_sets = self.asked(rows, None);
        let answers = hub.values_of_all(&self.asks(&key_sets));
        self.rows(hub, rows, &key_sets, answers, None)
    }

    fn asked(&self, rows: &[impl Given], at: Option<i64>) -> Vec<KeySet> {
        self.key_sets.iter().map(|columns| KeySet::new(columns, rows, at)).collect()
    }

    /// What is asked of each part that is served.
    fn asks(&self, key_sets: &[KeySet]) -> Vec<Ask> {
        let served = self.parts.iter().filter_map(|part| {
            let (running, set) = (part.running.as_ref().ok()?, key_sets.get(part.key_set)?);
            Some(Ask { served: part.served.clone(), running: running.clone(), keys: set.known.clone() })
        });
        served.collect()
    }

    /// `answers`: of each part that is served.
    fn rows(
        &self,
        hub: &Hub,
        rows: &[impl Given],
        key_sets: &[KeySet],
        answers: Vec<Result<Vec<Answer>>>,
        at: Option<i64>,
    ) -> Vec<Row> {
        let mut answers = answers.into_iter();
        let mut fetched: Vec<Result<std::vec::IntoIter<Answer>, String>> = Vec::new();
        for part in &self.parts {
            fetched.push(match &part.running {
                Err(e) => Err(e.detail()),
                Ok(_) => match answers.next() {
                    Some(Ok(answers)) => Ok(answers.into_iter()),
                    Some(Err(e)) => Err(e.detail()),
                    None => Err("it was not asked".to_owned()),
                },
            });
        }
        let keys = self.keys();
        let now = at.unwrap_or_else(|| hub.now_ms());
        let mut last: Option<Arc<Shape>> = None;
        let row = |(at, given)| {
            let mut cells = Cells::default();
            for (part, fetched) in self.parts.iter().zip(&mut fetched) {
                let asked = key_sets.get(part.key_set).and_then(|set| set.asked.get(at));
                cells.add(&part.exception, part.answer(asked, fetched));
            }
            for external in &self.externals {
                cells.add(&external.exception, external.values(given).map_err(|e| e.detail()));
            }
            self.row(cells, given, &keys, now, &mut last)
        };
        rows.iter().enumerate().map(row).collect()
    }

    /// What is derived of a row, and its shape, which often is that of the row before.
    fn row(
        &self,
        mut cells: Cells,
        given: &impl Given,
        keys: &[(String, Type)],
        now: i64,
        last: &mut Option<Arc<Shape>>,
    ) -> Row {
        let is_derived = !self.definition.derivations.is_empty();
        let beside = if is_derived { given.beside(keys) } else { vec![] };
        let is_same = |shape: &Arc<Shape>| {
            let named = beside.iter().map(|(name, ty, _)| (name, ty));
            shape.failed == cells.failed && shape.beside.iter().map(|(name, ty)| (name, ty)).eq(named)
        };
        let shape = last.take().filter(is_same).unwrap_or_else(|| {
            let named = beside.iter().map(|(name, ty, _)| (name.clone(), ty.clone()));
            Arc::new(self.shape(cells.failed, named.collect()))
        });
        *last = Some(shape.clone());
        let mut values = cells.values;
        let has_some = values.iter().any(|value| !value.is_null());
        if let Some(derive) = &shape.derive {
            values.extend(beside.into_iter().map(|(.., value)| value));
            values.push(Value::Int(now));
            values = derive.apply(&values);
        }
        cells.errors.extend(shape.fault.clone().map(|what| (DERIVATION.to_owned(), what)));
        Row { shape, values, has_some, errors: cells.errors }
    }

    /// `failed`: of the parts, then of the externals; `beside`: what derivations may name but features.
    fn shape(&self, failed: Vec<bool>, beside: Columns) -> Shape {
        let parts = self.parts.iter().map(|part| &part.columns);
        let all = parts.chain(self.externals.iter().map(|external| &external.columns));
        let there = all.zip(&failed).filter(|(_, failed)| !**failed).flat_map(|(columns, _)| columns);
        let mut columns: Columns = there.cloned().collect();
        let (mut derive, mut fault) = (None, None);
        if !self.definition.derivations.is_empty() {
            let mut named = beside.clone();
            named.push((TIME.to_owned(), Type::Long));
            match Derive::new(&self.definition.derivations, &columns, &named) {
                Ok(made) => {
                    columns = made.columns().map(|(name, ty)| (name.to_owned(), ty.clone())).collect();
                    derive = Some(made);
                }
                Err(e) => fault = Some(e.detail()),
            }
        }
        Shape { columns, failed, beside, derive, fault }
    }
}

/// The values of a row while its parts are gone through.
#[derive(Default)]
struct Cells {
    values: Vec<Value>,
    failed: Vec<bool>,
    errors: Vec<(String, String)>,
}

impl Cells {
    fn add(&mut self, exception: &str, values: Result<Vec<Value>, String>) {
        self.failed.push(values.is_err());
        match values {
            Ok(values) => self.values.extend(values),
            Err(what) => self.errors.push((exception.to_owned(), what)),
        }
    }
}

impl Part {
    /// The values for a row; nulls where its key is null.
    fn answer(
        &self,
        asked: Option<&Result<Asked>>,
        answers: &mut Result<std::vec::IntoIter<Answer>, String>,
    ) -> Result<Vec<Value>, String> {
        let (answers, running) = match (answers, &self.running) {
            (Ok(answers), Ok(running)) => (answers, running),
            (Err(what), _) => return Err(what.clone()),
            (_, Err(e)) => return Err(e.detail()),
        };
        let nulls = || vec![Value::Null; self.columns.len()];
        match asked {
            Some(Ok(Asked::Key(_))) => Ok(answers.next().map_or_else(nulls, |answer| running.row(answer))),
            Some(Ok(Asked::Null)) => Ok(nulls()),
            Some(Err(e)) => Err(e.detail()),
            None => Err("it was not asked".to_owned()),
        }
    }
}
