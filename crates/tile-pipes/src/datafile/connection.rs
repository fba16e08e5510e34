//! `.connection` files.

use super::directives::Take;
use super::fault::Report;
use super::lex::trim;
use super::read::{self, Found};
use super::source::Place;
use super::values::Values;
use super::{Kind, Options, Parsed};
use std::sync::Arc;

/// How to reach another system. Values may be secrets: print what was parsed without filling them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    pub name: String,
    pub description: Option<String>,
    pub kind: ConnectionKind,
    /// The file itself.
    pub place: Place,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConnectionKind {
    Kafka(Kafka),
    S3(S3),
    Gcs(Gcs),
    DynamoDb(DynamoDb),
    Postgres(Postgres),
    /// Ours: a folder that the server keeps, for addresses that begin with `file://`.
    Files,
}

#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Kafka {
    pub bootstrap_servers: String,
    /// `SASL_SSL`, `PLAINTEXT`, `SASL_PLAINTEXT` or `SSL`.
    pub security_protocol: Option<String>,
    /// `PLAIN`, `SCRAM-SHA-256`, `SCRAM-SHA-512` or `OAUTHBEARER`.
    pub sasl_mechanism: Option<String>,
    pub key: Option<String>,
    pub secret: Option<String>,
    pub schema_registry_url: Option<String>,
    /// A certificate, in several lines.
    pub ssl_ca_pem: Option<String>,
    pub oauth_method: Option<String>,
    pub oauth_aws_region: Option<String>,
    pub oauth_aws_role_arn: Option<String>,
    pub oauth_aws_external_id: Option<String>,
}

/// By a role, or by key and secret.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct S3 {
    pub arn: Option<String>,
    pub region: Option<String>,
    /// Ours: the server that speaks the protocol, where it is not AWS.
    pub endpoint: Option<String>,
    pub access_key: Option<String>,
    pub secret: Option<String>,
}

/// By a service account, or by key and secret.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Gcs {
    /// JSON, as written.
    pub credentials: Option<String>,
    pub hmac_access_id: Option<String>,
    pub hmac_secret: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct DynamoDb {
    pub arn: Option<String>,
    pub region: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Postgres {
    pub host: Option<String>,
    pub port: Option<String>,
    pub database: Option<String>,
    pub user: Option<String>,
    pub password: Option<String>,
    pub ssl_mode: Option<String>,
}

/// What a file calls each kind, with older names, and how its settings begin.
const KINDS: &[(&str, &str)] = &[
    ("kafka", "kafka_"),
    ("s3", "s3_"),
    ("s3_iamrole", "s3_"),
    ("gcs", "gcs_"),
    ("gcs_hmac", "gcs_"),
    ("gcs_service_account", "gcs_"),
    ("dynamodb", "dynamodb_"),
    ("postgres", "pg_"),
    ("postgresql", "pg_"),
    ("files", "files_"),
];

impl Connection {
    /// `file`: its name in faults; `name`: that of the resource.
    pub fn parse(name: &str, file: &str, text: &str, options: &Options<'_>) -> Parsed<Self> {
        let mut report = Report::default();
        let file: Arc<str> = file.into();
        report.sources.add(&file, text);
        let place = Place::new(&file, 0);
        let rendered = match (options.render)(text) {
            Ok(rendered) => rendered,
            Err(fault) => {
                report.add(&place, *fault);
                return Parsed { value: None, faults: report.faults, warnings: report.warnings };
            }
        };
        let mut values = Values::default();
        let mut description = None;
        for found in read::read(Kind::Connection, &file, &rendered, options, &mut report) {
            take(&found, &mut values, &mut description, &mut report);
        }
        let kind = kind(&values, &place, &mut report);
        let connection = Self {
            name: name.to_owned(),
            description: description.filter(|text| !text.is_empty()),
            kind: kind.unwrap_or(ConnectionKind::S3(S3::default())),
            place,
        };
        Parsed::new(connection, report)
    }
}

fn take(found: &Found, values: &mut Values, description: &mut Option<String>, report: &mut Report) {
    match found.directive.take {
        Take::Description => *description = Some(trim(&found.text()).to_owned()),
        Take::Text => values.set(found.directive.key, trim(&found.text()).to_owned(), found.place.clone()),
        _ => values.take(found, report),
    }
}

/// `None` with a fault told.
fn kind(values: &Values, place: &Place, report: &mut Report) -> Option<ConnectionKind> {
    let Some(text) = values.some("type") else {
        report.invalid(place, "TYPE is mandatory");
        return None;
    };
    let at = values.place("type").unwrap_or(place);
    let lower = text.to_lowercase();
    let Some((_, prefix)) = KINDS.iter().find(|(name, _)| *name == lower) else {
        report.invalid(
            at,
            format!(
                "{text} is not an allowed value for TYPE. Use one of: kafka, s3, gcs, dynamodb, postgres, files"
            ),
        );
        return None;
    };
    for key in values.keys().filter(|key| *key != "type" && !key.starts_with(prefix)) {
        let place = values.place(key).unwrap_or(place);
        report.warn(place, format!("{} means nothing for a connection of type {lower}", key.to_uppercase()));
    }
    let some = |key: &str| values.some(key);
    Some(match *prefix {
        "kafka_" => ConnectionKind::Kafka(kafka(values, at, report)),
        "s3_" => ConnectionKind::S3(S3 {
            arn: some("s3_arn"),
            region: some("s3_region"),
            endpoint: some("s3_endpoint"),
            access_key: some("s3_access_key"),
            secret: some("s3_secret"),
        }),
        "files_" => ConnectionKind::Files,
        "gcs_" => ConnectionKind::Gcs(Gcs {
            credentials: some("gcs_service_account_credentials_json"),
            hmac_access_id: some("gcs_hmac_access_id"),
            hmac_secret: some("gcs_hmac_secret"),
        }),
        "dynamodb_" => {
            ConnectionKind::DynamoDb(DynamoDb { arn: some("dynamodb_arn"), region: some("dynamodb_region") })
        }
        _ => ConnectionKind::Postgres(Postgres {
            host: some("pg_host"),
            port: some("pg_port"),
            database: some("pg_database"),
            user: some("pg_user"),
            password: some("pg_password"),
            ssl_mode: some("pg_ssl_mode"),
        }),
    })
}

fn kafka(values: &Values, place: &Place, report: &mut Report) -> Kafka {
    if !values.has("kafka_bootstrap_servers") {
        report.invalid(place, "KAFKA_BOOTSTRAP_SERVERS is mandatory");
    }
    let protocols = ["PLAINTEXT", "SASL_PLAINTEXT", "SASL_SSL", "SSL"];
    values.check_one_of("kafka_security_protocol", &protocols, report);
    let mechanisms = ["OAUTHBEARER", "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"];
    values.check_one_of("kafka_sasl_mechanism", &mechanisms, report);
    Kafka {
        bootstrap_servers: values.or_empty("kafka_bootstrap_servers"),
        security_protocol: values.some("kafka_security_protocol"),
        sasl_mechanism: values.some("kafka_sasl_mechanism"),
        key: values.some("kafka_key"),
        secret: values.some("kafka_secret"),
        schema_registry_url: values.some("kafka_schema_registry_url"),
        ssl_ca_pem: values.some("kafka_ssl_ca_pem"),
        oauth_method: values.some("kafka_sasl_oauthbearer_method"),
        oauth_aws_region: values.some("kafka_sasl_oauthbearer_aws_region"),
        oauth_aws_role_arn: values.some("kafka_sasl_oauthbearer_aws_role_arn"),
        oauth_aws_external_id: values.some("kafka_sasl_oauthbearer_aws_external_id"),
    }
}

impl ConnectionKind {
    /// As `TYPE` has it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Kafka(_) => "kafka",
            Self::S3(_) => "s3",
            Self::Gcs(_) => "gcs",
            Self::DynamoDb(_) => "dynamodb",
            Self::Postgres(_) => "postgres",
            Self::Files => "files",
        }
    }

    /// The settings that are set, by the names of their directives in lower case, in the order in which they are printed.
    pub fn settings(&self) -> Vec<(&'static str, &str)> {
        let all: Vec<(&'static str, Option<&String>)> = match self {
            Self::Kafka(kafka) => vec![
                ("kafka_bootstrap_servers", Some(&kafka.bootstrap_servers)),
                ("kafka_security_protocol", kafka.security_protocol.as_ref()),
                ("kafka_sasl_mechanism", kafka.sasl_mechanism.as_ref()),
                ("kafka_key", kafka.key.as_ref()),
                ("kafka_secret", kafka.secret.as_ref()),
                ("kafka_schema_registry_url", kafka.schema_registry_url.as_ref()),
                ("kafka_ssl_ca_pem", kafka.ssl_ca_pem.as_ref()),
                ("kafka_sasl_oauthbearer_method", kafka.oauth_method.as_ref()),
                ("kafka_sasl_oauthbearer_aws_region", kafka.oauth_aws_region.as_ref()),
                ("kafka_sasl_oauthbearer_aws_role_arn", kafka.oauth_aws_role_arn.as_ref()),
                ("kafka_sasl_oauthbearer_aws_external_id", kafka.oauth_aws_external_id.as_ref()),
            ],
            Self::S3(s3) => vec![
                ("s3_arn", s3.arn.as_ref()),
                ("s3_region", s3.region.as_ref()),
                ("s3_endpoint", s3.endpoint.as_ref()),
                ("s3_access_key", s3.access_key.as_ref()),
                ("s3_secret", s3.secret.as_ref()),
            ],
            Self::Gcs(gcs) => vec![
                ("gcs_service_account_credentials_json", gcs.credentials.as_ref()),
                ("gcs_hmac_access_id", gcs.hmac_access_id.as_ref()),
                ("gcs_hmac_secret", gcs.hmac_secret.as_ref()),
            ],
            Self::DynamoDb(dynamodb) => {
                vec![("dynamodb_arn", dynamodb.arn.as_ref()), ("dynamodb_region", dynamodb.region.as_ref())]
            }
            Self::Postgres(postgres) => vec![
                ("pg_host", postgres.host.as_ref()),
                ("pg_port", postgres.port.as_ref()),
                ("pg_database", postgres.database.as_ref()),
                ("pg_user", postgres.user.as_ref()),
                ("pg_password", postgres.password.as_ref()),
                ("pg_ssl_mode", postgres.ssl_mode.as_ref()),
            ],
            Self::Files => vec![],
        };
        all.into_iter().filter_map(|(name, value)| Some((name, value?.as_str()))).collect()
    }
}
