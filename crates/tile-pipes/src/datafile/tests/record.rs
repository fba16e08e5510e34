//! Values as the script that made the cases writes them.

use crate::datafile::{Connection, Connector, Datasource, NodeKind, Pipe, SinkTarget, Token, schema_sql};
use serde_json::{Map, Value, json};

fn tokens(tokens: &[Token]) -> Value {
    tokens.iter().map(|token| json!([token.name, token.permission.name()])).collect()
}

/// Without what is not set.
fn values(list: &[(&str, Option<Value>)]) -> Map<String, Value> {
    list.iter().filter_map(|(key, value)| Some(((*key).to_owned(), value.clone()?))).collect()
}

fn text(text: &str) -> Option<Value> {
    Some(text).filter(|text| !text.is_empty()).map(Value::from)
}

fn some(value: &Option<String>) -> Option<Value> {
    value.clone().map(Value::from)
}

pub fn datasource(d: &Datasource) -> Value {
    let mut set = match &d.connector {
        None => Map::new(),
        Some(Connector::Kafka(k)) => values(&[
            ("kafka_connection_name", text(&k.connection)),
            ("kafka_topic", text(&k.topic)),
            ("kafka_group_id", text(&k.group_id)),
            ("kafka_auto_offset_reset", some(&k.auto_offset_reset)),
            ("kafka_store_raw_value", k.store_raw_value.map(Value::from)),
            ("kafka_store_headers", k.store_headers.map(Value::from)),
            ("kafka_key_format", some(&k.key_format)),
            ("kafka_value_format", some(&k.value_format)),
        ]),
        Some(Connector::Blob(b)) => values(&[
            ("import_connection_name", text(&b.connection)),
            ("import_bucket_uri", text(&b.bucket_uri)),
            ("import_schedule", text(b.schedule.name())),
            ("import_format", some(&b.format)),
            ("import_from_timestamp", some(&b.from_timestamp)),
        ]),
        Some(Connector::DynamoDb(d)) => values(&[
            ("import_connection_name", text(&d.connection)),
            ("import_table_arn", text(&d.table_arn)),
            ("import_export_bucket", text(&d.export_bucket)),
        ]),
        Some(Connector::Postgres(p)) => {
            values(&[("pg_connection_name", text(&p.connection)), ("pg_table", text(&p.table))])
        }
    };
    if d.backfill_skip {
        set.insert("backfill".to_owned(), "skip".into());
    }
    json!({
        "description": d.description,
        "tokens": tokens(&d.tokens),
        "tags": d.tags,
        "columns": d.columns.iter().map(crate::datafile::Column::to_json).collect::<Vec<_>>(),
        "schema": schema_sql(&d.columns),
        "indexes": d.indexes.iter().map(crate::datafile::Index::to_json).collect::<Vec<_>>(),
        "engine": d.engine.full(),
        "operational_tags": d.operational_tags,
        "shared_with": d.shared_with,
        "forward_query": d.forward_query.as_ref().map(|query| &query.text),
        "values": set,
    })
}

pub fn pipe(p: &Pipe) -> Value {
    let nodes: Vec<Value> = p
        .nodes
        .iter()
        .map(|node| {
            json!({
                "name": node.name,
                "description": node.description,
                "sql": node.query.text,
                "type": node.kind.name(),
                "values": kind(&node.kind),
            })
        })
        .collect();
    json!({"description": p.description, "tokens": tokens(&p.tokens), "tags": p.tags, "nodes": nodes})
}

fn kind(kind: &NodeKind) -> Map<String, Value> {
    match kind {
        NodeKind::Standard | NodeKind::Endpoint => Map::new(),
        NodeKind::Materialized(m) => values(&[
            ("datasource", text(&m.datasource)),
            ("deployment_method", m.is_altered.then(|| "alter".into())),
            ("engine", m.engine.as_ref().map(|engine| engine.full().into())),
        ]),
        NodeKind::Copy(c) => values(&[
            ("target_datasource", text(&c.target)),
            ("mode", text(c.mode.name())),
            ("copy_schedule", text(c.schedule.text())),
            ("on_demand_compute", Some(c.on_demand_compute.into())),
        ]),
        NodeKind::Sink(s) => {
            let mut set = values(&[
                ("export_connection_name", text(&s.connection)),
                ("export_schedule", text(s.schedule.text())),
            ]);
            set.extend(match &s.target {
                SinkTarget::Kafka { topic } => values(&[("export_kafka_topic", text(topic))]),
                SinkTarget::Bucket { uri, file_template, format, compression, strategy, write_strategy } => {
                    values(&[
                        ("export_bucket_uri", text(uri)),
                        ("export_file_template", text(file_template)),
                        ("export_format", some(format)),
                        ("export_compression", some(compression)),
                        ("export_strategy", some(strategy)),
                        ("export_write_strategy", some(write_strategy)),
                    ])
                }
            });
            set
        }
    }
}

pub fn connection(c: &Connection) -> Value {
    let is_json = |key: &str| key == "gcs_service_account_credentials_json";
    let set: Map<String, Value> = c
        .kind
        .settings()
        .into_iter()
        .map(|(key, value)| {
            let value = if is_json(key) { serde_json::from_str(value).unwrap() } else { value.into() };
            (key.to_owned(), value)
        })
        .collect();
    json!({"description": c.description, "type": c.kind.name(), "values": set})
}
