//! A Join while it is fetched: the features of its parts under their prefixes, what came with the request, and what is derived of all of
//! them. All parts are asked at once, for one present. A part that fails is told beside the others, and fails nothing else.

use super::keys::{Asked, asked, value};
use crate::definition::{ExternalPart, Join};
use crate::derive::Derive;
use crate::hub::given;
use crate::hub::outputs::{self, Outputs};
use crate::hub::{Answer, Ask, Deriving, Hub, Joined, Running, Served, Typed};
use crate::json::Named;
use crate::key;
use crate::types::Type;
use crate::value::Value;
use serde_json::{Map, Value as Json};
use std::collections::{BTreeMap, HashSet};
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
    joined: Arc<Joined>,
    parts: Vec<Part>,
    externals: Vec<External>,
    /// Keys that are the same for several parts are made once: of each such key, the columns.
    key_sets: Vec<KeyColumns>,
}

struct KeyColumns {
    /// As requests name them.
    columns: Typed,
    types: Vec<Type>,
}

struct Part {
    served: Arc<Served>,
    running: Result<Arc<Running>>,
    /// With the prefix. Empty while it is not served.
    columns: Typed,
    exception: String,
    key_set: usize,
}

/// Values that do not come from tiles.
struct External {
    part: ExternalPart,
    columns: Typed,
    exception: String,
}

/// Rows that a request gives, by the names of GroupBys: in the place of those of their sources.
pub type RowsOf = BTreeMap<String, Arc<given::Rows>>;

/// What a request says of one row.
pub trait Given {
    /// Its key of these columns, whose types are told once more.
    ///
    /// # Errors
    /// As [`asked`].
    fn key(&self, columns: &[(String, Type)], types: &[Type]) -> Result<Asked>;
    /// A value that came with it; null where none did.
    ///
    /// # Errors
    /// `Invalid` for a value of another type.
    fn value(&self, name: &str, ty: &Type) -> Result<Value>;
    /// All that derivations may name beside features. `keys` tells the types of those that are keys.
    fn beside(&self, keys: &[(String, Type)]) -> Vec<(String, Type, Value)>;
}

impl Given for Map<String, Json> {
    fn key(&self, columns: &[(String, Type)], types: &[Type]) -> Result<Asked> {
        asked(self, columns, types)
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
            let ty = type_of_json(json);
            let value = value(json, &ty).unwrap_or_default();
            (name.clone(), ty, value)
        };
        self.iter().map(typed).collect()
    }
}

/// The type of a value that a request has and no definition names.
fn type_of_json(json: &Json) -> Type {
    match json {
        Json::Bool(_) => Type::Bool,
        Json::Number(x) if x.is_i64() => Type::Long,
        Json::Number(_) => Type::Double,
        _ => Type::Text,
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
        let types: Vec<Type> = columns.iter().map(|(_, ty)| ty.clone()).collect();
        match self.key(columns, &types) {
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
    fn key(&self, columns: &[(String, Type)], types: &[Type]) -> Result<Asked> {
        let values = self.ordered(columns);
        if values.iter().any(Value::is_null) {
            return Ok(Asked::Null);
        }
        key::of_values(&values, types).map(Asked::Key)
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
    pub columns: Typed,
    /// Which of the parts and externals failed.
    failed: Vec<bool>,
    /// Of what was derived, which are columns of what failed: these are not given.
    dropped: Vec<bool>,
    /// What came beside the features, and the time.
    beside: Typed,
    /// None where nothing is derived, and where it cannot be.
    deriving: Option<Arc<Deriving>>,
    fault: Option<String>,
}

/// The features of one row.
pub struct Row {
    pub shape: Arc<Shape>,
    pub values: Vec<Value>,
    /// When rows give these.
    pub time: i64,
    /// Whether a part has anything for it.
    pub has_some: bool,
    /// What failed, and why.
    pub errors: Vec<(String, String)>,
}

impl Row {
    pub fn named(&self) -> Named<'_> {
        Named { columns: &self.shape.columns, values: &self.values, errors: &self.errors, only: None }
    }

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
    pub fn joining(self: &Arc<Self>) -> Joining {
        let mut key_sets: Vec<KeyColumns> = Vec::new();
        let mut parts = Vec::new();
        for (part, served) in self.definition.parts.iter().zip(&self.parts) {
            let (running, prefix) = (served.running(), part.full_prefix());
            let (mut columns, mut keys) = (Typed::new(), Typed::new());
            if let Ok(running) = &running {
                let named = |(name, ty): (&str, &Type)| (format!("{prefix}_{name}"), ty.clone());
                columns = running.derive.columns().map(named).collect();
                let named = |(key, ty): &(String, Type)| (part.left_key(key).to_owned(), ty.clone());
                keys = running.bound.keys.iter().map(named).collect();
            }
            let known = key_sets.iter().position(|set| set.columns == keys);
            let key_set = known.unwrap_or_else(|| {
                let types = keys.iter().map(|(_, ty)| ty.clone()).collect();
                key_sets.push(KeyColumns { columns: keys, types });
                key_sets.len() - 1
            });
            let exception = format!("{}{EXCEPTION}", part.versioned_prefix());
            parts.push(Part { served: served.clone(), running, columns, exception, key_set });
        }
        let externals = self.definition.external.iter().map(External::new).collect();
        Joining { joined: self.clone(), parts, externals, key_sets }
    }

    /// The same, when all of its parts are served.
    ///
    /// # Errors
    /// `Busy` while one is not; why one cannot be.
    pub fn whole(self: &Arc<Self>) -> Result<Joining> {
        let mut joining = self.joining();
        let broken = joining.parts.iter().position(|part| part.running.is_err());
        match broken.map(|at| joining.parts.swap_remove(at).running) {
            Some(Err(e)) => Err(e),
            _ if joining.parts.is_empty() => Err(Error::invalid("the Join has no parts")),
            _ => Ok(joining),
        }
    }

    /// What a request asks for and gets, as far as the parts are served.
    ///
    /// # Errors
    /// `Busy` while a part is not; `Invalid` for derivations that do not fit.
    pub(crate) fn outputs(&self) -> Result<Outputs> {
        let outputs = |served: &Arc<Served>| Ok(served.running()?.outputs());
        outputs::served(&self.definition, self.parts.iter().map(outputs).collect::<Result<_>>()?)
    }

    /// The derivations over features and over what came with a request. They are resolved anew only where names or types are not those of
    /// the last row.
    fn deriving(&self, features: &[(String, Type)], beside: &[(String, Type)]) -> Result<Arc<Deriving>> {
        if let Some(last) = &*self.deriving.lock()
            && last.beside == beside
            && last.features == features
        {
            return Ok(last.clone());
        }
        let derive = Derive::new(&self.definition.derivations, features, beside)?;
        let deriving = Arc::new(Deriving { features: features.to_vec(), beside: beside.to_vec(), derive });
        *self.deriving.lock() = Some(deriving.clone());
        Ok(deriving)
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
    fn new(of: &KeyColumns, rows: &[impl Given], at: Option<i64>) -> Self {
        let asked: Vec<Result<Asked>> = rows.iter().map(|row| row.key(&of.columns, &of.types)).collect();
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
        &self.joined.definition.meta.name
    }

    pub fn definition(&self) -> &Arc<Join> {
        &self.joined.definition
    }

    /// Names and types of the keys that a request has, each once.
    pub fn keys(&self) -> Typed {
        let mut keys = Typed::new();
        for (name, ty) in self.key_sets.iter().flat_map(|set| &set.columns) {
            if !keys.iter().any(|(known, _)| known == name) {
                keys.push((name.clone(), ty.clone()));
            }
        }
        keys
    }

    /// What each part is fetched from, with its key as requests name it.
    pub fn sources(&self) -> impl Iterator<Item = (&Arc<Running>, &[(String, Type)])> {
        let keys = |part: &Part| self.key_sets.get(part.key_set).map_or(&[][..], |set| &set.columns);
        self.parts.iter().filter_map(move |part| Some((part.running.as_ref().ok()?, keys(part))))
    }

    /// Whether there are values that only a request brings.
    pub fn has_externals(&self) -> bool {
        !self.externals.is_empty()
    }

    /// Names and types of all features, as rows have them whose parts answered.
    ///
    /// # Errors
    /// As [`Joined::outputs`].
    pub fn columns(&self) -> Result<Typed> {
        Ok(self.joined.outputs()?.columns)
    }

    /// The features of rows, in their order: at a time, or at present.
    ///
    /// # Errors
    /// When the server is stopping.
    pub async fn fetch(
        &self,
        hub: &Hub,
        rows: &[impl Given],
        at: Option<i64>,
        given: &RowsOf,
    ) -> Result<Vec<Row>> {
        let (now, key_sets) = (hub.now_ms(), self.asked(rows, at));
        let answers = hub.fetch_all(self.asks(&key_sets, given), now).await?;
        Ok(self.rows(rows, &key_sets, answers, at.unwrap_or(now)))
    }

    /// As [`Joining::fetch`], at present. Blocks.
    pub fn values(&self, hub: &Hub, rows: &[impl Given]) -> Vec<Row> {
        let (now, key_sets) = (hub.now_ms(), self.asked(rows, None));
        let answers = hub.values_of_all(&self.asks(&key_sets, &RowsOf::new()), now);
        self.rows(rows, &key_sets, answers, now)
    }

    fn asked(&self, rows: &[impl Given], at: Option<i64>) -> Vec<KeySet> {
        self.key_sets.iter().map(|of| KeySet::new(of, rows, at)).collect()
    }

    /// What is asked of each part that is served.
    fn asks(&self, key_sets: &[KeySet], given: &RowsOf) -> Vec<Ask> {
        let served = self.parts.iter().filter_map(|part| {
            let (running, set) = (part.running.as_ref().ok()?, key_sets.get(part.key_set)?);
            let (served, running, keys) = (part.served.clone(), running.clone(), set.known.clone());
            Some(Ask { rows: given.get(served.name()).cloned(), served, running, keys })
        });
        served.collect()
    }

    /// `answers`: of each part that is served.
    fn rows(
        &self,
        rows: &[impl Given],
        key_sets: &[KeySet],
        answers: Vec<Result<Vec<Answer>>>,
        time: i64,
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
        let mut last: Option<Arc<Shape>> = None;
        let row = |(at, given)| {
            let mut cells = Cells { time, ..Cells::default() };
            for (part, fetched) in self.parts.iter().zip(&mut fetched) {
                let asked = key_sets.get(part.key_set).and_then(|set| set.asked.get(at));
                let values = part.answer(asked, fetched, &mut cells.time);
                cells.add(&part.exception, part.columns.len(), values);
            }
            for external in &self.externals {
                let values = external.values(given).map_err(|e| e.detail());
                cells.add(&external.exception, external.columns.len(), values);
            }
            self.row(cells, given, &keys, time, &mut last)
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
        let mut beside = Vec::new();
        if !self.joined.definition.derivations.is_empty() {
            beside = given.beside(keys);
            beside.push((TIME.to_owned(), Type::Long, Value::Int(now)));
        }
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
        if let Some(deriving) = &shape.deriving {
            values.extend(beside.into_iter().map(|(.., value)| value));
            values = deriving.derive.apply(&values);
        }
        let mut dropped = shape.dropped.iter();
        values.retain(|_| !dropped.next().copied().unwrap_or_default());
        cells.errors.extend(shape.fault.clone().map(|what| (DERIVATION.to_owned(), what)));
        Row { shape, values, time: cells.time, has_some, errors: cells.errors }
    }

    /// `failed`: of the parts, then of the externals; `beside`: what derivations may name but features. What failed is null to derivations.
    fn shape(&self, failed: Vec<bool>, beside: Typed) -> Shape {
        let parts = self.parts.iter().map(|part| &part.columns);
        let all = parts.chain(self.externals.iter().map(|external| &external.columns));
        let mut columns: Typed = all.clone().flatten().cloned().collect();
        let lost = all.zip(&failed).filter(|(_, failed)| **failed).flat_map(|(columns, _)| columns);
        let lost: HashSet<&str> = lost.map(|(name, _)| name.as_str()).collect();
        let (mut deriving, mut fault) = (None, None);
        if !self.joined.definition.derivations.is_empty() {
            match self.joined.deriving(&columns, &beside) {
                Ok(made) => {
                    columns = made.derive.typed();
                    deriving = Some(made);
                }
                Err(e) => fault = Some(e.detail()),
            }
        }
        let dropped: Vec<bool> = columns.iter().map(|(name, _)| lost.contains(name.as_str())).collect();
        columns.retain(|(name, _)| !lost.contains(name.as_str()));
        Shape { columns, failed, dropped, beside, deriving, fault }
    }
}

/// The values of a row while its parts are gone through.
#[derive(Default)]
struct Cells {
    values: Vec<Value>,
    failed: Vec<bool>,
    errors: Vec<(String, String)>,
    time: i64,
}

impl Cells {
    /// The values of a part, of which there are so many.
    fn add(&mut self, exception: &str, count: usize, values: Result<Vec<Value>, String>) {
        self.failed.push(values.is_err());
        match values {
            Ok(values) => self.values.extend(values),
            Err(what) => {
                self.values.resize(self.values.len() + count, Value::Null);
                self.errors.push((exception.to_owned(), what));
            }
        }
    }
}

impl Part {
    /// The values for a row; nulls where its key is null. Moves the time to that of the answer.
    fn answer(
        &self,
        asked: Option<&Result<Asked>>,
        answers: &mut Result<std::vec::IntoIter<Answer>, String>,
        time: &mut i64,
    ) -> Result<Vec<Value>, String> {
        let (answers, running) = match (answers, &self.running) {
            (Ok(answers), Ok(running)) => (answers, running),
            (Err(what), _) => return Err(what.clone()),
            (_, Err(e)) => return Err(e.detail()),
        };
        let nulls = || vec![Value::Null; self.columns.len()];
        match asked {
            Some(Ok(Asked::Key(_))) => Ok(answers.next().map_or_else(nulls, |answer| {
                *time = self.served.seen_at(*time, &answer);
                running.row(answer)
            })),
            Some(Ok(Asked::Null)) => Ok(nulls()),
            Some(Err(e)) => Err(e.detail()),
            None => Err("it was not asked".to_owned()),
        }
    }
}
