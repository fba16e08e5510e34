//! `tile init`: a project to begin with.

use crate::cli::Project;
use anyhow::{Result, bail};

const FILES: &[(&str, &str)] = &[
    (
        "datasources/events.datasource",
        "DESCRIPTION >\n    What visitors do\n\nTOKEN \"tracker\" APPEND\n\nSCHEMA >\n    `timestamp` DateTime `json:$.timestamp`,\n    `session_id` String `json:$.session_id`,\n    `action` LowCardinality(String) `json:$.action`,\n    `path` String `json:$.path` DEFAULT '/'\n\nENGINE MergeTree\nENGINE_PARTITION_KEY toYYYYMM(timestamp)\nENGINE_SORTING_KEY timestamp\n",
    ),
    (
        "datasources/visits_per_day.datasource",
        "DESCRIPTION >\n    Visits of each day and path, kept up to date with every event\n\nSCHEMA >\n    `day` Date,\n    `path` String,\n    `visits` AggregateFunction(uniq, String),\n    `hits` SimpleAggregateFunction(sum, UInt64)\n\nENGINE AggregatingMergeTree\nENGINE_SORTING_KEY day, path\n",
    ),
    (
        "materializations/to_visits_per_day.pipe",
        "NODE per_day\nSQL >\n    SELECT toDate(timestamp) AS day, path, uniqState(session_id) AS visits, count() AS hits\n    FROM events\n    GROUP BY day, path\n\nTYPE materialized\nDATASOURCE visits_per_day\n",
    ),
    (
        "endpoints/top_pages.pipe",
        "DESCRIPTION >\n    The pages with the most visits\n\nTOKEN \"dashboard\" READ\n\nNODE endpoint\nSQL >\n    %\n    SELECT path, uniqMerge(visits) AS visits, sum(hits) AS hits\n    FROM visits_per_day\n    WHERE 1\n    {% if defined(since) %}\n      AND day >= {{Date(since, description=\"First day\")}}\n    {% end %}\n    GROUP BY path\n    ORDER BY visits DESC, path\n    LIMIT {{Int32(limit, 10, description=\"How many pages\")}}\n\nTYPE endpoint\n",
    ),
    (
        "fixtures/events.ndjson",
        "{\"timestamp\":\"2026-01-01 10:00:00\",\"session_id\":\"a\",\"action\":\"page_hit\",\"path\":\"/\"}\n{\"timestamp\":\"2026-01-01 10:00:05\",\"session_id\":\"a\",\"action\":\"page_hit\",\"path\":\"/docs\"}\n{\"timestamp\":\"2026-01-02 09:30:00\",\"session_id\":\"b\",\"action\":\"page_hit\",\"path\":\"/\"}\n",
    ),
    ("tests/top_pages.yaml", TESTS),
];

const TESTS: &str = r#"- name: all_pages
  description: Every page, the one with the most visits first
  parameters: ""
  expected_result: |
    {"path":"\/","visits":2,"hits":2}
    {"path":"\/docs","visits":1,"hits":1}

- name: since_a_day
  description: Only what came on that day and later
  parameters: since=2026-01-02
  expected_result: |
    {"path":"\/","visits":1,"hits":1}

- name: bad_limit
  description: A limit that is no number
  parameters: limit=all
  expected_http_status: 400
  expected_result: "Template Syntax Error: Error validating 'all' to type Int32"
"#;

/// Writes the files; none that is there is touched.
pub fn init(args: &Project) -> Result<()> {
    let taken: Vec<&str> =
        FILES.iter().map(|(path, _)| *path).filter(|path| args.folder.join(path).exists()).collect();
    if !taken.is_empty() {
        bail!("there are files already: {}", taken.join(", "));
    }
    for (path, text) in FILES {
        let path = args.folder.join(path);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(path, text)?;
    }
    let folder = args.folder.display();
    crate::commands::print(&format!(
        "A project of {} files is in `{folder}`. Start it with `tile dev {folder}`\n",
        FILES.len()
    ))
}
