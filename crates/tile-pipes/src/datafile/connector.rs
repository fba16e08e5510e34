//! Where the rows of a data source come from, if not from requests.

use super::fault::Report;
use super::lex::{repr, repr_list};
use super::source::Place;
use super::values::Values;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Connector {
    Kafka(KafkaImport),
    /// Files in S3 or GCS: which of them, the connection says.
    Blob(BlobImport),
    DynamoDb(DynamoDbImport),
    Postgres(PostgresImport),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KafkaImport {
    pub connection: String,
    pub topic: String,
    pub group_id: String,
    /// `earliest`, `latest` or `error`, as written.
    pub auto_offset_reset: Option<String>,
    pub store_raw_value: Option<bool>,
    pub store_headers: Option<bool>,
    /// As in `avro`, `json_with_schema`.
    pub key_format: Option<String>,
    pub value_format: Option<String>,
    /// Settings of the connection itself, which the older dialect has here: `bootstrap_servers`, `key` and so on.
    pub inline: Vec<(String, String)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportSchedule {
    /// As files appear.
    Auto,
    OnDemand,
    Once,
}

impl ImportSchedule {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auto => "@auto",
            Self::OnDemand => "@on-demand",
            Self::Once => "@once",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Auto, Self::OnDemand, Self::Once].into_iter().find(|schedule| schedule.name() == text)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlobImport {
    pub connection: String,
    pub bucket_uri: String,
    pub schedule: ImportSchedule,
    /// In lower case; else by the file's ending.
    pub format: Option<String>,
    pub from_timestamp: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DynamoDbImport {
    pub connection: String,
    pub table_arn: String,
    pub export_bucket: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostgresImport {
    pub connection: String,
    pub table: String,
}

/// Settings of a Kafka connection that the older dialect has in data sources.
const INLINE: &[&str] = &[
    "kafka_bootstrap_servers",
    "kafka_key",
    "kafka_secret",
    "kafka_schema_registry_url",
    "kafka_sasl_mechanism",
];

pub(super) fn connector(values: &Values, report: &mut Report) -> Option<Connector> {
    let all = [
        kafka(values, report).map(Connector::Kafka),
        dynamodb(values, report).map(Connector::DynamoDb),
        blob(values, report).map(Connector::Blob),
        postgres(values, report).map(Connector::Postgres),
    ];
    let mut all = all.into_iter().flatten();
    let first = all.next();
    if all.next().is_some() {
        let place = values.place("import_connection_name").or(values.place("pg_connection_name"));
        report.invalid(
            &place.cloned().unwrap_or_default(),
            "A data source reads from one connection only: Kafka, a bucket, DynamoDB or Postgres",
        );
    }
    first
}

/// Whether all that are required are there, if any of `any` is.
fn is_whole(values: &Values, name: &str, any: &[&str], required: &[&str], report: &mut Report) -> bool {
    let Some(place) = any.iter().find_map(|key| values.place(key)) else { return false };
    let missing = values.missing(required);
    if !missing.is_empty() {
        let missing = repr_list(&missing);
        report.invalid(
            place,
            format!("Some {name} params have been provided, but the following required ones are missing: {missing}"),
        );
    }
    missing.is_empty()
}

fn kafka(values: &Values, report: &mut Report) -> Option<KafkaImport> {
    let required = ["kafka_connection_name", "kafka_group_id", "kafka_topic"];
    if !is_whole(values, "Kafka", &required, &required, report) {
        return None;
    }
    if values.or_empty("kafka_group_id").trim().is_empty() {
        report.invalid(values.place("kafka_group_id")?, "KAFKA_GROUP_ID cannot be empty");
    }
    values.check_one_of("kafka_auto_offset_reset", &["earliest", "error", "latest"], report);
    let avro = values
        .text("kafka_key_avro_deserialization")
        .is_some_and(|text| super::values::truth(text) == Some(true));
    let inline = INLINE.iter().filter_map(|key| Some(((*key).to_owned(), values.some(key)?)));
    Some(KafkaImport {
        connection: values.or_empty("kafka_connection_name"),
        topic: values.or_empty("kafka_topic"),
        group_id: values.or_empty("kafka_group_id"),
        auto_offset_reset: values.some("kafka_auto_offset_reset"),
        store_raw_value: values.truth("kafka_store_raw_value", report),
        store_headers: values.truth("kafka_store_headers", report),
        key_format: values.some("kafka_key_format").or_else(|| avro.then(|| "avro".to_owned())),
        value_format: values.some("kafka_value_format"),
        inline: inline.collect(),
    })
}

fn dynamodb(values: &Values, report: &mut Report) -> Option<DynamoDbImport> {
    let any = ["import_table_arn", "import_export_bucket"];
    let required = ["import_connection_name", "import_export_bucket", "import_table_arn"];
    is_whole(values, "DynamoDB", &any, &required, report).then(|| DynamoDbImport {
        connection: values.or_empty("import_connection_name"),
        table_arn: values.or_empty("import_table_arn"),
        export_bucket: values.or_empty("import_export_bucket"),
    })
}

fn blob(values: &Values, report: &mut Report) -> Option<BlobImport> {
    let required = ["import_bucket_uri", "import_connection_name", "import_schedule"];
    let any = [&required[..], &["import_format", "import_from_timestamp"]].concat();
    let is_dynamodb = values.has("import_table_arn") || values.has("import_export_bucket");
    if is_dynamodb || !is_whole(values, "connection", &any, &required, report) {
        return None;
    }
    let text = values.or_empty("import_schedule");
    let schedule = ImportSchedule::parse(&text);
    if schedule.is_none() {
        let place: &Place = values.place("import_schedule")?;
        let names = repr_list(&["@auto", "@on-demand", "@once"]);
        report.invalid(
            place,
            format!("Invalid import schedule {}. Only {names} values are allowed", quoted(&text)),
        );
    }
    Some(BlobImport {
        connection: values.or_empty("import_connection_name"),
        bucket_uri: values.or_empty("import_bucket_uri"),
        schedule: schedule?,
        format: values.some("import_format"),
        from_timestamp: values.some("import_from_timestamp"),
    })
}

fn quoted(text: &str) -> String {
    if text.contains('\'') { format!("'{text}'") } else { repr(text) }
}

fn postgres(values: &Values, report: &mut Report) -> Option<PostgresImport> {
    let required = ["pg_connection_name", "pg_table"];
    is_whole(values, "Postgres", &required, &required, report).then(|| PostgresImport {
        connection: values.or_empty("pg_connection_name"),
        table: values.or_empty("pg_table"),
    })
}
