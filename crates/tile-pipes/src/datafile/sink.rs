//! A node whose result goes out: to files in a bucket, or to Kafka.

use super::fault::Report;
use super::lex::{repr, repr_list};
use super::schedule::Schedule;
use super::source::Place;
use super::values::Values;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sink {
    pub connection: String,
    pub schedule: Schedule,
    pub target: SinkTarget,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SinkTarget {
    Kafka {
        topic: String,
    },
    Bucket {
        /// As in `s3://bucket/folder`.
        uri: String,
        file_template: String,
        /// `csv` unless it is set.
        format: Option<String>,
        compression: Option<String>,
        /// `@new` unless it is set.
        strategy: Option<String>,
        write_strategy: Option<String>,
    },
}

const OF_NODE: &[&str] = &["name", "sql", "type", "description"];
const OF_KAFKA: &[&str] = &["export_connection_name", "export_kafka_topic", "export_schedule"];
const OF_BUCKET: &[&str] =
    &["export_bucket_uri", "export_connection_name", "export_file_template", "export_schedule"];
const OF_BUCKET_OPTIONAL: &[&str] =
    &["export_format", "export_compression", "export_write_strategy", "export_strategy"];

/// `keys`: all that the node sets, in its order.
pub(super) fn sink(
    name: &str,
    keys: &[&'static str],
    values: &Values,
    place: &Place,
    report: &mut Report,
) -> Option<Sink> {
    let name = repr(name);
    let Some(connection) = values.some("export_connection_name") else {
        report.invalid(
            place,
            format!("Sink node {name} is missing required parameter 'export_connection_name'"),
        );
        return None;
    };
    let is_kafka = values.has("export_kafka_topic");
    let is_bucket = values.has("export_bucket_uri") || values.has("export_file_template");
    let is_valid = match (is_kafka, is_bucket) {
        (true, true) => {
            report.invalid(place, format!("Sink node {name} has mixed Kafka and S3/GCS parameters. Use either Kafka parameters (export_kafka_topic) or S3/GCS parameters (export_bucket_uri, export_file_template), not both."));
            false
        }
        (true, false) => kafka(&name, keys, place, report),
        (false, true) => bucket(&name, keys, place, report),
        (false, false) => {
            unclear(&name, keys, place, report);
            false
        }
    };
    let schedule = schedule(&name, values, report);
    if !is_valid {
        return None;
    }
    let target = if is_kafka {
        SinkTarget::Kafka { topic: values.or_empty("export_kafka_topic") }
    } else {
        SinkTarget::Bucket {
            uri: values.or_empty("export_bucket_uri"),
            file_template: values.or_empty("export_file_template"),
            format: values.some("export_format"),
            compression: values.some("export_compression"),
            strategy: values.some("export_strategy"),
            write_strategy: values.some("export_write_strategy"),
        }
    };
    Some(Sink { connection, schedule: schedule?, target })
}

fn missing<'a>(keys: &[&str], required: &[&[&'a str]]) -> Vec<&'a str> {
    let mut missing: Vec<&str> = required.concat().into_iter().filter(|key| !keys.contains(key)).collect();
    missing.sort_unstable();
    missing
}

fn kafka(name: &str, keys: &[&'static str], place: &Place, report: &mut Report) -> bool {
    let missing = missing(keys, &[OF_KAFKA, &["name", "sql", "type"]]);
    if !missing.is_empty() {
        let missing = repr_list(&missing);
        report.invalid(place, format!("Kafka sink node {name} is missing required parameters: {missing}"));
        return false;
    }
    let other = keys.iter().find(|key| !OF_KAFKA.contains(key) && !OF_NODE.contains(key));
    if let Some(key) = other {
        report.invalid(place, format!("Kafka sink node {name} has invalid parameter '{key}'. Only export_kafka_topic, export_schedule, and export_connection_name are allowed for Kafka sinks."));
    }
    other.is_none()
}

fn bucket(name: &str, keys: &[&'static str], place: &Place, report: &mut Report) -> bool {
    let missing = missing(keys, &[OF_BUCKET, &["name", "sql", "type"]]);
    if !missing.is_empty() {
        let missing = repr_list(&missing);
        report.invalid(place, format!("S3/GCS sink node {name} is missing required parameters: {missing}"));
        return false;
    }
    let known = [OF_BUCKET, OF_BUCKET_OPTIONAL, OF_NODE].concat();
    let other = keys.iter().find(|key| !known.contains(key));
    if let Some(key) = other {
        report.invalid(place, format!("S3/GCS sink node {name} has invalid parameter '{key}'"));
    }
    other.is_none()
}

/// Neither a topic nor a bucket.
fn unclear(name: &str, keys: &[&'static str], place: &Place, report: &mut Report) {
    let given: Vec<&str> = keys
        .iter()
        .filter(|key| {
            key.starts_with("export_") && !["export_connection_name", "export_schedule"].contains(key)
        })
        .copied()
        .collect();
    if given.is_empty() {
        report.invalid(place, format!("Sink node {name} is missing required parameters. For Kafka sinks, provide 'export_kafka_topic'. For S3/GCS sinks, provide 'export_bucket_uri' and 'export_file_template'."));
    } else {
        let given = repr_list(&given).replace('[', "{").replace(']', "}");
        report.invalid(place, format!("Sink node {name} has unrecognized export parameters: {given}. For Kafka sinks, use 'export_kafka_topic'. For S3/GCS sinks, use 'export_bucket_uri' and 'export_file_template'."));
    }
}

fn schedule(name: &str, values: &Values, report: &mut Report) -> Option<Schedule> {
    let text = values.or_empty("export_schedule");
    let schedule = Schedule::parse(&text);
    let place = values.place("export_schedule").cloned().unwrap_or_default();
    if schedule.is_none() && text.contains("tb_secret") {
        report.invalid(&place, format!("Sink node {name}: EXPORT_SCHEDULE does not support {{ tb_secret(...) }}. Use a literal cron expression (for example \"0 * * * *\") or @on-demand."));
    } else if schedule.is_none() {
        report.invalid(&place, format!("Sink node {name} has invalid export_schedule '{text}'. Must be @on-demand or a valid cron expression."));
    }
    schedule
}
