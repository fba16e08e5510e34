//! The reference page: what is supported, exact, near, and refused, written from the tables that the compiler uses.

use crate::aggregates;
use crate::format;
use crate::functions;
use std::fmt::Write;

/// What a clause does here.
const CLAUSES: &[(&str, &str)] = &[
    ("`WITH` queries, `WITH expr AS x`, `WITH RECURSIVE`", "yes"),
    ("`SELECT DISTINCT`, `DISTINCT ON`", "yes"),
    ("`*`, `t.*`, `COLUMNS('…')` with `EXCEPT`, `REPLACE`, `APPLY`", "yes"),
    (
        "`FROM` tables, queries, `numbers`, `zeros`, `generate_series`, `values`, `system.one`, `system.numbers`",
        "yes; other table functions are refused",
    ),
    (
        "`FINAL`",
        "Replacing, Summing, Aggregating, Collapsing, VersionedCollapsing; refused for other engines",
    ),
    ("`SAMPLE`", "refused: there is no sampling key"),
    ("`PREWHERE`", "as `WHERE`, before the merge of `FINAL`"),
    ("`ARRAY JOIN`, `LEFT ARRAY JOIN`, `arrayJoin`", "yes"),
    (
        "`INNER`, `LEFT`, `RIGHT`, `FULL`, `CROSS` joins, `ON` and `USING`",
        "yes; a side without a row shows defaults",
    ),
    (
        "`ANY`, `SEMI`, `ANTI`, `ASOF`",
        "for `INNER`, `LEFT` and `RIGHT`, `ASOF` not for `RIGHT`; `ANY` and `SEMI` for equalities",
    ),
    ("`PASTE JOIN`", "refused"),
    ("`GROUP BY` with `ROLLUP`, `CUBE`, `GROUPING SETS`, by alias and by position", "yes"),
    ("`WITH TOTALS`", "refused where it cannot be right; see the message"),
    ("`HAVING`, `QUALIFY`, `WINDOW`, window functions", "yes; `RANGE` with an offset over times is refused"),
    (
        "`ORDER BY` with `NULLS FIRST`, `COLLATE`, `WITH FILL`, `INTERPOLATE`",
        "yes; arrays with NULL or NaN inside are refused",
    ),
    ("`LIMIT`, `OFFSET`, `LIMIT n BY`, `WITH TIES`", "yes; negative limits are refused"),
    ("`UNION`, `INTERSECT`, `EXCEPT`", "yes"),
    ("`{name:Type}` parameters", "yes"),
    ("`SETTINGS`", "those of output formats hold, those of speed are read and not used, others are refused"),
    ("`FORMAT`", "see the formats below"),
    ("`DESCRIBE`, `SHOW`, `EXPLAIN`, `EXISTS`", "in workspaces; also in parentheses after `FROM`"),
];

/// Where the answer is another one than ClickHouse's, and how.
const NEAR: &[(&str, &str)] = &[
    (
        "`uniq`, `uniqCombined`, `uniqCombined64`, `uniqHLL12`, `uniqTheta`",
        "exact here; ClickHouse estimates above some tens of thousands of values",
    ),
    (
        "`quantile`, `median`, `quantileDeterministic`, `quantileTDigest` and kin",
        "exact here; ClickHouse samples 8 192 values, or keeps a digest",
    ),
    (
        "`topK`, `topKWeighted`",
        "exact counts here; ClickHouse keeps a sketch, and of values with equal counts others may be chosen",
    ),
    ("moments of `Float32`", "added up in Float64 here"),
    (
        "`any`, `anyLast`, `LIMIT` without a total order",
        "one of the possible answers, in the order of the table's key",
    ),
    ("`groupUniqArray`, `groupArrayDistinct` of dates, decimals and nested types", "in no promised order"),
    ("0 and -0 in `DISTINCT`, `GROUP BY` and inside of arrays", "one value here, two in ClickHouse"),
    (
        "`Date32` and `DateTime64` before 1970, some calendar functions",
        "the last day of ClickHouse's calendar and weeks before 1970 differ",
    ),
];

/// The page as Markdown.
pub fn markdown() -> String {
    let mut out = String::from(
        "# ClickHouse SQL\n\nMade by `tile sql reference`. The measure is ClickHouse 26.9: names, types and values of an answer are its own, \
         or the query is refused with a line, a caret and the reason. What this page does not name is refused.\n\n## Clauses\n\n\
         | clause | here |\n|---|---|\n",
    );
    for (clause, here) in CLAUSES {
        line(&mut out, &[clause, here]);
    }
    out.push_str("\n## Where answers may differ\n\n| what | how |\n|---|---|\n");
    for (what, how) in NEAR {
        line(&mut out, &[what, how]);
    }
    out.push_str("\n## Functions\n\nFound in any case where the column says so. Arguments are counted without lambdas.\n");
    for (family, functions) in functions::FAMILIES {
        let _ = write!(
            out,
            "\n### {family}\n\n| function | other names | arguments | any case |\n|---|---|---|---|\n"
        );
        let mut sorted: Vec<_> = functions.iter().collect();
        sorted.sort_by_key(|f| f.name);
        for f in sorted {
            let case = if f.any_case { "yes" } else { "" };
            line(&mut out, &[&code(f.name), &all(f.aliases), &arity(f.arity), case]);
        }
    }
    out.push_str("\nWith a lambda: ");
    out.push_str(&all(functions::higher::NAMES));
    out.push_str(
        ".\n\n## Aggregate functions\n\nEach with the combinators `-If`, `-Array`, `-Distinct`, `-OrNull`, `-OrDefault`, `-ForEach`, `-Map`, `-Resample`, \
         `-ArgMin`, `-ArgMax`, `-State`, `-Merge`, `-MergeState` and `-SimpleState` in any legal order. A state is a value of \
         its own: it is stored, merged and read again, and never printed.\n\n| function | other names | arguments |\n|---|---|---|\n",
    );
    for (name, aliases, count) in aggregates::described() {
        line(&mut out, &[&code(name), &all(aliases), &arity(count)]);
    }
    out.push_str("\n## Formats\n\n");
    let formats: Vec<&str> = format::ALL.iter().map(|f| f.name()).collect();
    out.push_str(&all(&formats));
    out.push_str(".\n");
    out
}

fn line(out: &mut String, cells: &[&str]) {
    let _ = writeln!(out, "| {} |", cells.join(" | "));
}

fn code(name: &str) -> String {
    format!("`{name}`")
}

fn all(names: &[&str]) -> String {
    names.iter().map(|n| code(n)).collect::<Vec<_>>().join(" ")
}

fn arity((least, most): (usize, usize)) -> String {
    match (least, most) {
        (a, b) if a == b => a.to_string(),
        (a, b) if b >= 20 => format!("{a} or more"),
        (a, b) => format!("{a} to {b}"),
    }
}
