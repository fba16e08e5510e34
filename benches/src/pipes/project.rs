//! The projects that are timed: one of events with views and endpoints over them, and one of sixty files.

use std::fs;
use std::path::Path;

use anyhow::Result;

/// The columns of an event: name, ClickHouse's type, DuckDB's.
pub const COLUMNS: &[(&str, &str, &str)] = &[
    ("timestamp", "DateTime", "TIMESTAMP"),
    ("session_id", "String", "VARCHAR"),
    ("action", "LowCardinality(String)", "VARCHAR"),
    ("version", "LowCardinality(String)", "VARCHAR"),
    ("user_id", "UInt64", "UBIGINT"),
    ("price", "Float64", "DOUBLE"),
    ("country", "LowCardinality(String)", "VARCHAR"),
    ("url", "String", "VARCHAR"),
    ("duration", "UInt32", "UINTEGER"),
    ("ok", "UInt8", "UTINYINT"),
];

/// A materialized view: its name, the columns of its target, and its query. Between them they have what real projects store most:
/// counts, sums, distinct values, and the value of the latest row.
const VIEWS: &[(&str, &str, &str)] = &[
    (
        "by_hour",
        "`hour` DateTime, `country` LowCardinality(String), `hits` AggregateFunction(count), `time` AggregateFunction(sum, UInt32)",
        "SELECT toStartOfHour(timestamp) AS hour, country, countState() AS hits, sumState(duration) AS time \
         FROM events GROUP BY hour, country",
    ),
    (
        "visitors",
        "`day` Date, `country` LowCardinality(String), `sessions` AggregateFunction(uniq, String)",
        "SELECT toDate(timestamp) AS day, country, uniqState(session_id) AS sessions FROM events GROUP BY day, country",
    ),
    (
        "latest",
        "`action` LowCardinality(String), `country` LowCardinality(String), `url` AggregateFunction(argMax, String, DateTime)",
        "SELECT action, country, argMaxState(url, timestamp) AS url FROM events GROUP BY action, country",
    ),
];

/// What the views must give, and the same from the events: pairs of queries whose answers are equal.
pub const CHECKS: &[(&str, &str)] = &[
    (
        "SELECT hour, country, countMerge(hits) AS hits, sumMerge(time) AS time FROM by_hour GROUP BY hour, country ORDER BY hour, country",
        "SELECT toStartOfHour(timestamp) AS hour, country, count() AS hits, sum(duration) AS time FROM events GROUP BY hour, country ORDER BY hour, country",
    ),
    (
        "SELECT day, country, uniqMerge(sessions) AS n FROM visitors GROUP BY day, country ORDER BY day, country",
        "SELECT toDate(timestamp) AS day, country, uniqExact(session_id) AS n FROM events GROUP BY day, country ORDER BY day, country",
    ),
];

/// What all engines are asked after an insert: whole numbers only, so that the order of sums does not show.
pub const TOTALS: &str =
    "SELECT count(*), sum(user_id), sum(duration), count(DISTINCT session_id) FROM events";

/// The endpoint over the first view, and the same in DuckDB's own words over a table of the same rows.
pub const OVER_VIEW: (&str, &str) = (
    "SELECT country, sum(h) AS hits, max(t) AS time FROM (SELECT hour, country, countMerge(hits) AS h, sumMerge(time) AS t \
     FROM by_hour WHERE country != {{String(without, 'none')}} GROUP BY hour, country) GROUP BY country ORDER BY country",
    "SELECT country, sum(h)::UBIGINT, max(t) FROM (SELECT hour, country, sum(hits) AS h, sum(time)::UBIGINT AS t \
     FROM by_hour WHERE country != 'none' GROUP BY hour, country) GROUP BY country ORDER BY country",
);

/// A scan of all events, in both languages.
pub const SCAN: (&str, &str) = (
    "SELECT country, count() AS hits, max(duration) AS longest, sum(user_id % 1000) AS s FROM events GROUP BY country ORDER BY country",
    "SELECT country, count(*), max(duration), sum(user_id % 1000)::UBIGINT FROM events GROUP BY country ORDER BY country",
);

/// DuckDB's table for [`OVER_VIEW`], and what one file of events adds to it, as an insert adds to the view.
pub fn view_by_hand(file: &str) -> String {
    format!(
        "INSERT INTO by_hour SELECT date_trunc('hour', timestamp), country, count(*), sum(duration)::UBIGINT FROM {} GROUP BY ALL",
        json(file)
    )
}

/// DuckDB's reading of files of events.
pub fn json(files: &str) -> String {
    let columns: Vec<String> = COLUMNS.iter().map(|(name, _, ty)| format!("'{name}': '{ty}'")).collect();
    format!("read_json('{files}', format='newline_delimited', columns={{{}}})", columns.join(", "))
}

/// Writes the project of events, with or without its views.
pub fn events(folder: &Path, with_views: bool) -> Result<()> {
    fs::create_dir_all(folder)?;
    let columns: Vec<String> =
        COLUMNS.iter().map(|(name, ty, _)| format!("    `{name}` {ty} `json:$.{name}`")).collect();
    let file =
        format!("SCHEMA >\n{}\n\nENGINE MergeTree\nENGINE_SORTING_KEY timestamp\n", columns.join(",\n"));
    fs::write(folder.join("events.datasource"), file)?;
    endpoint(folder, "one", "SELECT 1 AS one")?;
    endpoint(folder, "scan", SCAN.0)?;
    if !with_views {
        return Ok(());
    }
    for (name, columns, query) in VIEWS {
        let key: Vec<&str> = columns.split('`').skip(1).step_by(2).take(2).collect();
        let columns = columns.replace(", `", ",\n    `");
        let target = format!(
            "SCHEMA >\n    {columns}\n\nENGINE AggregatingMergeTree\nENGINE_SORTING_KEY {}\n",
            key.join(", ")
        );
        fs::write(folder.join(format!("{name}.datasource")), target)?;
        let pipe = format!("NODE fill\nSQL >\n    {query}\nTYPE materialized\nDATASOURCE {name}\n");
        fs::write(folder.join(format!("fill_{name}.pipe")), pipe)?;
    }
    endpoint(folder, "over_view", &format!("%\n    {}", OVER_VIEW.0))
}

/// Writes a project of sixty files: fifteen data sources, as many targets, their views, and endpoints over both.
pub fn sixty(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    for n in 0..15 {
        let landing = "SCHEMA >\n    `at` DateTime `json:$.at`,\n    `user` String `json:$.user`,\n    `amount` Float64 `json:$.amount`\n\n\
                       ENGINE MergeTree\nENGINE_SORTING_KEY at\n";
        fs::write(folder.join(format!("landing_{n}.datasource")), landing)?;
        let target = "SCHEMA >\n    `day` Date,\n    `total` AggregateFunction(sum, Float64),\n    `users` AggregateFunction(uniq, String)\n\n\
                      ENGINE AggregatingMergeTree\nENGINE_SORTING_KEY day\n";
        fs::write(folder.join(format!("daily_{n}.datasource")), target)?;
        let view = format!(
            "NODE fill\nSQL >\n    SELECT toDate(at) AS day, sumState(amount) AS total, uniqState(user) AS users FROM landing_{n} \
             GROUP BY day\nTYPE materialized\nDATASOURCE daily_{n}\n"
        );
        fs::write(folder.join(format!("fill_{n}.pipe")), view)?;
        let report = format!(
            "NODE days\nSQL >\n    %\n    SELECT day, sumMerge(total) AS total, uniqMerge(users) AS users FROM daily_{n} \
             {{% if defined(since) %}} WHERE day >= {{{{Date(since)}}}} {{% end %}} GROUP BY day\n\n\
             NODE top\nSQL >\n    SELECT * FROM days ORDER BY total DESC LIMIT 10\nTYPE endpoint\n"
        );
        fs::write(folder.join(format!("report_{n}.pipe")), report)?;
    }
    Ok(())
}

/// An endpoint of one node.
pub fn endpoint(folder: &Path, name: &str, sql: &str) -> Result<()> {
    Ok(fs::write(
        folder.join(format!("{name}.pipe")),
        format!("NODE {name}\nSQL >\n    {sql}\nTYPE endpoint\n"),
    )?)
}
