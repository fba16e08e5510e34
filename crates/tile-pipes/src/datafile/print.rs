//! Resources as text again, in one normal form. What is printed reads back as the same value.

use super::connection::Connection;
use super::connector::Connector;
use super::datasource::Datasource;
use super::engine::Engine;
use super::lex::written;
use super::node::{Node, NodeKind};
use super::pipe::Pipe;
use super::query::Query;
use super::sink::SinkTarget;
use super::token::Token;
use crate::template::Dialect;

impl Datasource {
    /// The text of a `.datasource` file.
    pub fn print(&self) -> String {
        let mut out = Writer::default();
        out.description(self.description.as_deref());
        out.tokens(&self.tokens);
        let tags: Vec<&str> = self.operational_tags.iter().flat_map(|tags| tags.split('&')).collect();
        out.tags(&[tags, self.tags.iter().map(String::as_str).collect()].concat());
        out.block("SCHEMA", self.columns.iter().map(super::Column::to_file), ",");
        if !self.indexes.is_empty() {
            out.block("INDEXES", self.indexes.iter().map(super::Index::to_sql), "");
        }
        out.engine(&self.engine);
        if let Some(connector) = &self.connector {
            out.connector(connector);
        }
        if self.backfill_skip {
            out.value("BACKFILL", "skip");
            out.gap();
        }
        if !self.shared_with.is_empty() {
            out.block("SHARED_WITH", self.shared_with.iter().cloned(), "");
        }
        if let Some(query) = &self.forward_query {
            out.query("FORWARD_QUERY", query);
        }
        out.finish()
    }
}

impl Pipe {
    /// The text of a `.pipe` file.
    pub fn print(&self) -> String {
        let mut out = Writer::default();
        out.description(self.description.as_deref());
        out.tokens(&self.tokens);
        out.tags(&self.tags.iter().map(String::as_str).collect::<Vec<_>>());
        for node in &self.nodes {
            out.node(node);
        }
        out.finish()
    }
}

impl Connection {
    /// The text of a `.connection` file.
    pub fn print(&self) -> String {
        let mut out = Writer::default();
        out.description(self.description.as_deref());
        out.value("TYPE", self.kind.name());
        for (key, value) in self.kind.settings() {
            if key == "kafka_ssl_ca_pem" {
                out.text("KAFKA_SSL_CA_PEM", value);
            } else {
                out.value(&key.to_uppercase(), value);
            }
        }
        out.finish()
    }
}

#[derive(Default)]
struct Writer(String);

impl Writer {
    fn line(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push('\n');
    }

    fn gap(&mut self) {
        if !self.0.ends_with("\n\n") {
            self.0.push('\n');
        }
    }

    fn block(&mut self, word: &str, lines: impl Iterator<Item = String>, between: &str) {
        self.line(&format!("{word} >"));
        let lines: Vec<String> = lines.map(|line| format!("    {line}")).collect();
        self.line(&lines.join(&format!("{between}\n")));
        self.gap();
    }

    /// A text that keeps the blanks before its lines, so that only the first one is indented.
    fn text(&mut self, word: &str, text: &str) {
        self.line(&format!("{word} >\n    {text}"));
        self.gap();
    }

    /// A directive with a value, in quotes where it needs them. Values of several lines become a block.
    fn value(&mut self, word: &str, value: &str) {
        let line = match plain(value).then(|| value.to_owned()).or_else(|| written(value)) {
            Some(text) => format!("{word} {text}"),
            None => format!("{word} >\n    \"{}\"", value.replace('$', "$$")),
        };
        self.line(&line);
    }

    fn quoted(&mut self, word: &str, value: &str) {
        match written(value) {
            Some(text) => self.line(&format!("{word} {text}")),
            None => self.value(word, value),
        }
    }

    fn description(&mut self, text: Option<&str>) {
        if let Some(text) = text {
            self.text("DESCRIPTION", text);
        }
    }

    fn tokens(&mut self, tokens: &[Token]) {
        for token in tokens {
            self.line(&format!("TOKEN {} {}", word(&token.name), token.permission.name()));
        }
        if !tokens.is_empty() {
            self.gap();
        }
    }

    fn tags(&mut self, tags: &[&str]) {
        if !tags.is_empty() {
            self.quoted("TAGS", &tags.join(", "));
            self.gap();
        }
    }

    fn engine(&mut self, engine: &Engine) {
        self.quoted("ENGINE", engine.kind.name());
        for (name, value) in engine.options() {
            self.quoted(&format!("ENGINE_{}", name.to_uppercase()), &value);
        }
        self.gap();
    }

    fn query(&mut self, word: &str, query: &Query) {
        if query.text.starts_with('%') {
            self.text(word, &query.text);
        } else {
            self.block(word, query.text.lines().map(str::to_owned), "");
        }
    }

    fn connector(&mut self, connector: &Connector) {
        let truth = |value: Option<bool>| value.map(|value| if value { "True" } else { "False" }.to_owned());
        let settings = match connector {
            Connector::Kafka(kafka) => vec![
                ("KAFKA_CONNECTION_NAME", Some(kafka.connection.clone())),
                ("KAFKA_TOPIC", Some(kafka.topic.clone())),
                ("KAFKA_GROUP_ID", Some(kafka.group_id.clone())),
                ("KAFKA_AUTO_OFFSET_RESET", kafka.auto_offset_reset.clone()),
                ("KAFKA_STORE_RAW_VALUE", truth(kafka.store_raw_value)),
                ("KAFKA_STORE_HEADERS", truth(kafka.store_headers)),
                ("KAFKA_KEY_FORMAT", kafka.key_format.clone()),
                ("KAFKA_VALUE_FORMAT", kafka.value_format.clone()),
            ],
            Connector::Blob(blob) => vec![
                ("IMPORT_CONNECTION_NAME", Some(blob.connection.clone())),
                ("IMPORT_BUCKET_URI", Some(blob.bucket_uri.clone())),
                ("IMPORT_SCHEDULE", Some(blob.schedule.name().to_owned())),
                ("IMPORT_FORMAT", blob.format.clone()),
                ("IMPORT_FROM_TIMESTAMP", blob.from_timestamp.clone()),
            ],
            Connector::DynamoDb(dynamodb) => vec![
                ("IMPORT_CONNECTION_NAME", Some(dynamodb.connection.clone())),
                ("IMPORT_TABLE_ARN", Some(dynamodb.table_arn.clone())),
                ("IMPORT_EXPORT_BUCKET", Some(dynamodb.export_bucket.clone())),
            ],
            Connector::Postgres(postgres) => vec![
                ("PG_CONNECTION_NAME", Some(postgres.connection.clone())),
                ("PG_TABLE", Some(postgres.table.clone())),
            ],
        };
        self.settings(settings);
        if let Connector::Kafka(kafka) = connector {
            for (key, value) in &kafka.inline {
                self.value(&key.to_uppercase(), value);
            }
        }
        self.gap();
    }

    fn settings(&mut self, settings: Vec<(&str, Option<String>)>) {
        for (word, value) in settings {
            if let Some(value) = value {
                self.value(word, &value);
            }
        }
    }

    fn node(&mut self, node: &Node) {
        let name = node.name.replace("$$", "$$$$");
        self.line(&format!("NODE {}", if plain_word(&name) { name } else { word(&name) }));
        self.description(node.description.as_deref());
        if node.dialect == Dialect::DuckDb {
            self.line("DIALECT duckdb");
        }
        self.query("SQL", &node.query);
        if node.kind == NodeKind::Standard {
            return;
        }
        self.line(&format!("TYPE {}", node.kind.name()));
        match &node.kind {
            NodeKind::Standard | NodeKind::Endpoint => {}
            NodeKind::Materialized(materialized) => {
                self.value("DATASOURCE", &materialized.datasource);
                if materialized.is_altered {
                    self.value("DEPLOYMENT_METHOD", "alter");
                }
                if let Some(engine) = &materialized.engine {
                    self.engine(engine);
                }
            }
            NodeKind::Copy(copy) => {
                self.value("TARGET_DATASOURCE", &copy.target);
                self.value("COPY_MODE", copy.mode.name());
                self.value("COPY_SCHEDULE", copy.schedule.text());
                if copy.on_demand_compute {
                    self.value("ON_DEMAND_COMPUTE", "true");
                }
            }
            NodeKind::Sink(sink) => {
                self.value("EXPORT_CONNECTION_NAME", &sink.connection);
                self.value("EXPORT_SCHEDULE", sink.schedule.text());
                self.sink_target(&sink.target);
            }
        }
        self.gap();
    }

    fn sink_target(&mut self, target: &SinkTarget) {
        match target {
            SinkTarget::Kafka { topic } => self.value("EXPORT_KAFKA_TOPIC", topic),
            SinkTarget::Bucket { uri, file_template, format, compression, strategy, write_strategy } => {
                self.settings(vec![
                    ("EXPORT_BUCKET_URI", Some(uri.clone())),
                    ("EXPORT_FILE_TEMPLATE", Some(file_template.clone())),
                    ("EXPORT_FORMAT", format.clone()),
                    ("EXPORT_COMPRESSION", compression.clone()),
                    ("EXPORT_STRATEGY", strategy.clone()),
                    ("EXPORT_WRITE_STRATEGY", write_strategy.clone()),
                ]);
            }
        }
    }

    fn finish(self) -> String {
        format!("{}\n", self.0.trim_end_matches('\n'))
    }
}

/// Whether a value reads back as it is without quotes.
fn plain(value: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-./:@*, ".contains(c);
    !value.is_empty() && value.chars().all(is_plain) && !value.contains("  ") && value.trim() == value
}

fn plain_word(text: &str) -> bool {
    plain(text) && !text.contains(' ')
}

/// A name as one word. One with both kinds of quotes has none around it and no blanks.
fn word(name: &str) -> String {
    match (name.contains('"'), name.contains('\'')) {
        (false, _) => format!("\"{name}\""),
        (true, false) => format!("'{name}'"),
        (true, true) => name.to_owned(),
    }
}
