//! The directives of each kind of file. To add one: a line here, and its place in the typed value that it fills.

use super::Kind;

/// What a directive's value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Take {
    Description,
    Token,
    Schema,
    Indexes,
    Engine,
    /// A part of the engine: one line or a block.
    EnginePart,
    /// One line of text.
    Value,
    /// One line of text, in lower case.
    Lower,
    /// One of these words, in any case.
    OneOf(&'static [&'static str]),
    /// One line of text that only a node can have.
    OfNode,
    /// One line of JSON.
    Json,
    /// A text of several lines.
    Text,
    /// A block of SQL.
    Query,
    /// The dialect of the SQL of a node or of all nodes.
    Dialect,
    Node,
    Tags,
    SharedWith,
    Include,
    /// Accepted without any effect, with a warning that ends so.
    Ignored(&'static str),
    /// Refused, with the reason.
    Refused(&'static str),
}

#[derive(Debug)]
pub(super) struct Directive {
    pub name: &'static str,
    /// What it sets.
    pub key: &'static str,
    pub take: Take,
    /// Projects of the older dialect have it, the newer one refuses it.
    pub is_classic: bool,
}

const fn new(name: &'static str, take: Take) -> Directive {
    Directive { name, key: name, take, is_classic: false }
}

const fn alias(name: &'static str, key: &'static str, take: Take) -> Directive {
    Directive { name, key, take, is_classic: false }
}

const fn classic(name: &'static str, take: Take) -> Directive {
    Directive { name, key: name, take, is_classic: true }
}

const NO_SERVICE: Take = Take::Ignored(
    " and will be ignored. If you're using an S3 or GCS connection, you don't need this setting anymore.",
);
const UNUSED: Take = Take::Ignored(" and will be ignored.");

use Take::{Description, Node, SharedWith, Tags, Text, Token, Value};
use Take::{
    Engine, EnginePart, Ignored, Include, Indexes, Json, Lower, OfNode, OneOf, Query, Refused, Schema,
};

const DATASOURCE: &[Directive] = &[
    new("description", Description),
    new("token", Token),
    new("schema", Schema),
    new("indexes", Indexes),
    new("engine", Engine),
    alias("engine_partition_key", "partition_key", EnginePart),
    alias("engine_sorting_key", "sorting_key", EnginePart),
    alias("engine_primary_key", "primary_key", EnginePart),
    alias("engine_sampling_key", "sampling_key", EnginePart),
    alias("engine_ttl", "ttl", EnginePart),
    alias("engine_settings", "settings", EnginePart),
    alias("engine_ver", "ver", EnginePart),
    alias("engine_is_deleted", "is_deleted", EnginePart),
    alias("engine_columns", "columns", EnginePart),
    alias("engine_sign", "sign", EnginePart),
    alias("engine_version", "version", EnginePart),
    new("partition_key", Value),
    new("sorting_key", Value),
    new("primary_key", Value),
    new("sampling_key", Value),
    new("ttl", Value),
    new("tags", Tags),
    new("version", UNUSED),
    new("kafka_connection_name", Value),
    new("kafka_topic", Value),
    new("kafka_group_id", Value),
    new("kafka_auto_offset_reset", Value),
    new("kafka_store_raw_value", Value),
    new("kafka_store_headers", Value),
    new("kafka_key_format", Value),
    new("kafka_value_format", Value),
    new("kafka_target_partitions", UNUSED),
    new("import_connection_name", Value),
    new("import_schedule", Value),
    new("import_bucket_uri", Value),
    new("import_format", Lower),
    new("import_from_timestamp", Value),
    new("import_service", NO_SERVICE),
    new("import_external_datasource", UNUSED),
    new("import_query", Text),
    new("import_table_arn", Value),
    new("import_export_bucket", Value),
    new("pg_connection_name", Value),
    new("pg_table", Value),
    new("shared_with", SharedWith),
    new("export_service", NO_SERVICE),
    new("forward_query", Query),
    new("backfill", OneOf(&["skip"])),
    classic("include", Include),
    classic("source", Ignored("")),
    classic("maintainer", Ignored("")),
    classic("import_strategy", Value),
    classic("kafka_store_binary_headers", Value),
    classic("kafka_key_avro_deserialization", Value),
    classic("kafka_bootstrap_servers", Value),
    classic("kafka_key", Value),
    classic("kafka_secret", Value),
    classic("kafka_schema_registry_url", Value),
    classic("kafka_sasl_mechanism", Value),
];

const PIPE: &[Directive] = &[
    new("node", Node),
    new("scope", Node),
    new("description", Description),
    new("type", OfNode),
    new("datasource", OfNode),
    new("tags", Tags),
    new("target_datasource", OfNode),
    new("copy_schedule", OfNode),
    alias("copy_mode", "mode", OfNode),
    new("mode", OfNode),
    new("on_demand_compute", OfNode),
    new("filter", OfNode),
    new("token", Token),
    new("sql", Query),
    new("dialect", Take::Dialect),
    new("version", UNUSED),
    new("deployment_method", OneOf(&["alter"])),
    new("export_service", NO_SERVICE),
    new("export_connection_name", OfNode),
    new("export_schedule", OfNode),
    new("export_bucket_uri", OfNode),
    new("export_file_template", OfNode),
    new("export_format", OfNode),
    new("export_strategy", OfNode),
    new("export_compression", OfNode),
    new("export_write_strategy", OfNode),
    new("export_kafka_topic", OfNode),
    classic("include", Include),
    classic("source", Ignored("")),
    classic("maintainer", Ignored("")),
    classic("engine", Engine),
    Directive { is_classic: true, ..alias("engine_partition_key", "partition_key", EnginePart) },
    Directive { is_classic: true, ..alias("engine_sorting_key", "sorting_key", EnginePart) },
    Directive { is_classic: true, ..alias("engine_primary_key", "primary_key", EnginePart) },
    Directive { is_classic: true, ..alias("engine_sampling_key", "sampling_key", EnginePart) },
    Directive { is_classic: true, ..alias("engine_ttl", "ttl", EnginePart) },
    Directive { is_classic: true, ..alias("engine_settings", "settings", EnginePart) },
    Directive { is_classic: true, ..alias("engine_ver", "ver", EnginePart) },
    Directive { is_classic: true, ..alias("engine_is_deleted", "is_deleted", EnginePart) },
    Directive { is_classic: true, ..alias("engine_columns", "columns", EnginePart) },
    Directive { is_classic: true, ..alias("engine_sign", "sign", EnginePart) },
    Directive { is_classic: true, ..alias("engine_version", "version", EnginePart) },
];

const CONNECTION: &[Directive] = &[
    new("description", Description),
    new("type", Value),
    new("kafka_bootstrap_servers", Value),
    new("kafka_key", Value),
    new("kafka_secret", Value),
    new("kafka_schema_registry_url", Value),
    new("kafka_ssl_ca_pem", Text),
    new("kafka_security_protocol", Value),
    new("kafka_sasl_mechanism", Value),
    new("kafka_sasl_oauthbearer_method", Value),
    new("kafka_sasl_oauthbearer_aws_region", Value),
    new("kafka_sasl_oauthbearer_aws_role_arn", Value),
    new("kafka_sasl_oauthbearer_aws_external_id", Value),
    new(
        "kafka_key_avro_deserialization",
        Refused(". Use \"KAFKA_KEY_FORMAT avro\" in the corresponding .datasource file instead"),
    ),
    new("s3_region", Value),
    new("s3_endpoint", Value),
    new("s3_arn", Value),
    new("s3_access_key", Value),
    new("s3_secret", Value),
    new("dynamodb_arn", Value),
    new("dynamodb_region", Value),
    new("gcs_service_account_credentials_json", Json),
    alias("gcs_access_id", "gcs_hmac_access_id", Value),
    alias("gcs_secret", "gcs_hmac_secret", Value),
    new("gcs_hmac_access_id", Value),
    new("gcs_hmac_secret", Value),
    new("pg_host", Value),
    new("pg_port", Value),
    new("pg_database", Value),
    new("pg_user", Value),
    new("pg_password", Value),
    new("pg_ssl_mode", Value),
    classic("include", Include),
];

/// The directive that a word names, in any case. Those of the older dialect want capital letters, so that unindented SQL does not
/// meet them by chance.
pub(super) fn find(kind: Kind, word: &str) -> Option<&'static Directive> {
    let list = match kind {
        Kind::Datasource => DATASOURCE,
        Kind::Pipe => PIPE,
        Kind::Connection => CONNECTION,
    };
    let found = list.iter().find(|directive| directive.name == word.to_lowercase())?;
    (!found.is_classic || word == word.to_uppercase()).then_some(found)
}

/// The names of a kind's directives, for "did you mean".
pub(super) fn names(kind: Kind) -> Vec<String> {
    let list = match kind {
        Kind::Datasource => DATASOURCE,
        Kind::Pipe => PIPE,
        Kind::Connection => CONNECTION,
    };
    list.iter().map(|directive| directive.name.to_uppercase()).collect()
}
