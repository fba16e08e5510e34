//! What is asked and given under a name, as types.

use super::avro::record;
use super::call::Call;
use super::{App, json};
use crate::arrow;
use crate::hub::bound::Role;
use crate::hub::outputs::Outputs;
use crate::hub::{Joined, Target};
use crate::types::Type;
use serde_json::{Value as Json, json};
use std::sync::Arc;
use tile_base::{Error, Result};
use tile_web::{Reply, Req};

/// What stands behind the name in the path.
pub const END: &str = "schema";

pub async fn join(app: Arc<App>, req: Req) -> Result<Reply> {
    let call = Call::new(&app, &req)?;
    let joined = call.join(&app, &req)?;
    let name = &joined.definition.meta.name;
    let Outputs { keys, columns } = joined.outputs()?;
    Ok(json(&json!({
        "joinName": name,
        "keySchema": record(&format!("{name}_key"), &keys).to_string(),
        "valueSchema": record(&format!("{name}_value"), &columns).to_string(),
        "schemaHash": Target::Join(joined.clone()).schema_hash()?,
        "valueInfos": infos(&joined)?,
    })))
}

/// Where the columns of a Join come from, before it derives others of them.
fn infos(joined: &Joined) -> Result<Vec<Json>> {
    let mut out = Vec::new();
    let mut add = |full: String, group: &str, prefix: Option<&String>, keys: &[&str], ty: &Type| {
        let schema = catalog(ty);
        out.push(json!({"fullName": full, "groupName": group, "prefix": prefix, "leftKeys": keys, "schemaString": schema}));
    };
    for (part, served) in joined.definition.parts.iter().zip(&joined.parts) {
        let (group, prefix) = (&part.group_by, part.full_prefix());
        let keys: Vec<&str> = group.keys.iter().map(|key| part.left_key(key)).collect();
        for (name, ty) in served.running()?.outputs().columns {
            add(format!("{prefix}_{name}"), &group.meta.name, part.prefix.as_ref(), &keys, &ty);
        }
    }
    for part in &joined.definition.external {
        let prefix = part.full_prefix();
        let keys: Vec<&str> = part.keys.iter().map(|(name, _)| name.as_str()).collect();
        for (name, ty) in &part.values {
            add(format!("{prefix}_{name}"), &part.name, part.prefix.as_ref(), &keys, ty);
        }
    }
    Ok(out)
}

pub async fn group_by(app: Arc<App>, mut req: Req) -> Result<Reply> {
    if req.tail.0.pop_if(|end| end == END).is_none() {
        return Err(Error::not_found("a GroupBy has no such part").hint("Ask for its `/schema`"));
    }
    let call = Call::new(&app, &req)?;
    let grouped = call.group_by(&app, &req)?;
    let (name, running) = (&grouped.definition.meta.name, grouped.served.running()?);
    let Outputs { keys, columns } = running.outputs();
    let schema =
        |what: &str, columns: &[(String, Type)]| record(&format!("{name}_{what}"), columns).to_string();
    // The table may have columns that features do not show.
    let mut input = Json::Null;
    if let [reader] = running.bound.sources.as_slice()
        && call.reads_table(&reader.table).is_ok()
    {
        let table = match &reader.role {
            Role::Events(selected) => selected.table().clone(),
            _ => arrow::readable_of(app.hub.feeds().open(&reader.table)?.schema()?.as_ref()),
        };
        input = schema("input", &table.0).into();
    }
    Ok(json(&json!({
        "groupByName": name,
        "keySchema": schema("key", &keys),
        "valueSchema": schema("value", &columns),
        "inputSchema": input,
        "selectedSchema": schema("selected", &running.bound.schema.0),
        "schemaHash": Target::GroupBy(grouped.clone()).schema_hash()?,
    })))
}

/// A type as Spark's catalog writes it.
fn catalog(ty: &Type) -> String {
    match ty {
        Type::Bool => "boolean".to_owned(),
        Type::Byte => "tinyint".to_owned(),
        Type::Short => "smallint".to_owned(),
        Type::Long => "bigint".to_owned(),
        Type::Int | Type::Float | Type::Double | Type::Text | Type::Binary | Type::Date | Type::Timestamp => {
            ty.to_string()
        }
        Type::List(of) => format!("array<{}>", catalog(of)),
        Type::Map(of) => format!("map<string,{}>", catalog(of)),
        Type::Struct(fields) => {
            let fields: Vec<String> =
                fields.iter().map(|(name, ty)| format!("{name}:{}", catalog(ty))).collect();
            format!("struct<{}>", fields.join(","))
        }
    }
}
