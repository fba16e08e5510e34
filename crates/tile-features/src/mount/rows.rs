//! The rows of a table of features: keys with their values at the present. Keys without any value now have no row.

use super::form::Form;
use super::keys::{Keys, Known};
use super::{Limits, Shown};
use crate::api::{Joining, Keyed, of_table};
use crate::hub::{Ask, Hub, Running, Served, Typed};
use crate::types::Type;
use crate::value::Value;
use arrow_array::{RecordBatch, RecordBatchOptions};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use std::sync::Arc;
use tile_base::mount::MountedTable;
use tile_base::{Error, Kind, Result};

/// What has values.
enum Of {
    Group(Arc<Served>, Arc<Running>),
    Join(Arc<Joining>),
}

/// A GroupBy or a Join as it was found.
pub struct Rows {
    hub: Arc<Hub>,
    of: Of,
    keys: Keys,
    /// The columns of the key, and the features.
    key: Typed,
    features: Typed,
    form: Form,
    schema: SchemaRef,
    limits: Limits,
    version: u64,
}

impl Rows {
    pub fn of_group(hub: &Arc<Hub>, served: &Arc<Served>, shown: Shown) -> Result<Self> {
        let running = served.running()?;
        let (key, features) = (running.bound.keys.clone(), running.features());
        let keys = Keys::Groups(vec![Known::new(running.clone(), key.clone())]);
        Ok(Self::new(hub, Of::Group(served.clone(), running), keys, (key, features), shown))
    }

    /// # Errors
    /// `Invalid` for derivations that do not fit.
    pub fn of_join(hub: &Arc<Hub>, joining: Arc<Joining>, keys: Keys, shown: Shown) -> Result<Self> {
        let columns = (joining.keys(), joining.columns()?);
        Ok(Self::new(hub, Of::Join(joining), keys, columns, shown))
    }

    fn new(hub: &Arc<Hub>, of: Of, keys: Keys, (key, features): (Typed, Typed), shown: Shown) -> Self {
        let Shown { form, limits, version } = shown;
        let fields = of_table(&key, &features).into_iter().map(|(name, ty)| form.field(&name, &ty));
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        Self { hub: hub.clone(), of, keys, key, features, form, schema, limits, version }
    }

    /// The columns of the key, which are the first ones.
    pub fn key(&self) -> &Typed {
        &self.key
    }

    /// The rows of some keys, restricted to `columns`. Blocks.
    ///
    /// # Errors
    /// As [`MountedTable::read`].
    pub fn of_keys(&self, keys: Vec<Vec<Value>>, columns: &[usize]) -> Result<RecordBatch> {
        let keys = self.keys.among(&self.hub, keys)?;
        self.batch(keys, columns)
    }

    fn name(&self) -> &str {
        match &self.of {
            Of::Group(served, _) => served.name(),
            Of::Join(joining) => joining.name(),
        }
    }

    /// The features of keys; none for those without any.
    fn values(&self, keys: &[Vec<Value>]) -> Result<Vec<Option<Vec<Value>>>> {
        match &self.of {
            Of::Group(served, running) => {
                let bytes = |key| Ok((crate::key::of_values(key, &running.bound.key_types)?, None));
                let keys = Arc::new(keys.iter().map(|key| bytes(key)).collect::<Result<_>>()?);
                let answers = self.hub.values(&Ask {
                    served: served.clone(),
                    running: running.clone(),
                    keys,
                    rows: None,
                })?;
                let row = |answer: crate::hub::Answer| has_some(&answer.values).then(|| running.row(answer));
                Ok(answers.into_iter().map(row).collect())
            }
            Of::Join(joining) => {
                let keyed = |key: &Vec<Value>| Keyed { columns: &self.key, values: key.clone() };
                let rows = joining.values(&self.hub, &keys.iter().map(keyed).collect::<Vec<_>>());
                let row = |row: crate::api::Row| match row.errors.first() {
                    Some((_, what)) => Err(Error::new(Kind::Busy, what.clone()).hint("Read again")),
                    None => Ok(row.has_some.then_some(row.values)),
                };
                rows.into_iter().map(row).collect()
            }
        }
    }

    fn batch(&self, keys: Vec<Vec<Value>>, columns: &[usize]) -> Result<RecordBatch> {
        let values = self.values(&keys)?;
        let rows: Vec<Vec<Value>> = keys
            .into_iter()
            .zip(values)
            .filter_map(|(key, values)| Some(key.into_iter().chain(values?).collect()))
            .collect();
        let types: Vec<&Type> = self.key.iter().chain(&self.features).map(|(_, ty)| ty).collect();
        let (mut fields, mut arrays) = (Vec::new(), Vec::new());
        let mut bytes = 0;
        for &at in columns {
            let (Some(field), Some(ty)) = (self.schema.fields().get(at), types.get(at)) else { continue };
            let values: Vec<Value> =
                rows.iter().map(|row| row.get(at).cloned().unwrap_or_default()).collect();
            let array = self.form.array(&values, ty)?;
            bytes += array.get_array_memory_size();
            if bytes > self.limits.bytes_max {
                let what =
                    format!("a part of `{}` takes more than {} bytes", self.name(), self.limits.bytes_max);
                return Err(Error::new(Kind::TooLarge, what)
                    .hint("Read fewer columns, or fetch the keys that you need"));
            }
            fields.push(field.clone());
            arrays.push(array);
        }
        let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
        let batch = RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), arrays, &options);
        batch.map_err(|e| Error::internal("values do not fit their schema").source(e))
    }
}

impl MountedTable for Rows {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn partitions(&self) -> usize {
        self.keys.partitions(self.limits.keys_max)
    }

    fn version(&self) -> u64 {
        self.version
    }

    /// Some keys have nothing now.
    fn rows(&self, _partition: usize) -> Option<usize> {
        None
    }

    fn partition_bytes(&self, partition: usize) -> usize {
        let width: usize = self.schema.fields().iter().map(width_bytes).sum();
        self.keys.width(partition, self.limits.keys_max).saturating_mul(width)
    }

    fn read(&self, partition: usize, columns: &[usize]) -> Result<Vec<RecordBatch>> {
        let keys = self.keys.of_partition(&self.hub, &self.key, partition, self.limits.keys_max)?;
        Ok(vec![self.batch(keys, columns)?])
    }
}

/// Whether a key has anything now: events that no window reaches any more leave it for a while, and so do those whose time has not come.
pub fn has_some(values: &[Value]) -> bool {
    values.iter().any(|value| !value.is_null())
}

/// Bytes that a value takes, roughly.
fn width_bytes(field: &Arc<Field>) -> usize {
    let ty: &DataType = field.data_type();
    ty.primitive_width().unwrap_or(32)
}
