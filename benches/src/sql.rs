//! `tile-benches sql`: what the generated SQL costs beside SQL written by hand for the same engine. The program itself runs
//! both, in turn, in one process (`tile sql bench`); this tells.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::options::{Options, USAGE, sources};
use crate::report::milliseconds;

/// Generated SQL may take this much of the time of SQL by hand.
const RATIO_MAX: f64 = 1.2;
/// The median translation of a query of about 1 KB.
const TRANSLATION_MS_MAX: f64 = 0.15;

struct Asked {
    tile: PathBuf,
    runs: u16,
    out: Option<PathBuf>,
}

/// The number of answers that differ.
pub fn run(arguments: impl Iterator<Item = String>) -> Result<usize> {
    let asked = asked(arguments)?;
    let output = Command::new(&asked.tile)
        .args(["sql", "bench"])
        .arg(sources().join("sql.json"))
        .args(["--runs", &asked.runs.to_string()])
        .output()
        .with_context(|| format!("failed to start `{}`", asked.tile.display()))?;
    if !output.status.success() {
        bail!("`tile sql bench` failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    let text = String::from_utf8(output.stdout)?;
    let lines = text.lines().map(serde_json::from_str).collect::<Result<Vec<Value>, _>>()?;
    let report = markdown(&lines, asked.runs)?;
    println!("{report}");
    if let Some(out) = &asked.out {
        fs::write(out, &report).with_context(|| format!("failed to write `{}`", out.display()))?;
    }
    Ok(lines.iter().filter(|line| line.get("equal") == Some(&Value::Bool(false))).count())
}

fn asked(mut arguments: impl Iterator<Item = String>) -> Result<Asked> {
    let mut asked = Asked {
        tile: Options::tile()?,
        runs: 15,
        out: Some(Path::new(sources()).join("../docs/reference/speed-sql.md")),
    };
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().with_context(|| format!("`{argument}` needs a value"));
        match argument.as_str() {
            "--quick" => (asked.runs, asked.out) = (3, None),
            "--tile" => asked.tile = value()?.into(),
            "--out" => asked.out = Some(value()?.into()),
            _ => bail!("unknown option `{argument}`\n\n{USAGE}"),
        }
    }
    Ok(asked)
}

fn markdown(lines: &[Value], runs: u16) -> Result<String> {
    let mut text = format!(
        "# Speed of generated SQL\n\nMade by `cargo xtask bench sql`; do not edit. Each question is asked twice of one embedded \
         DuckDB with 10 million rows: in ClickHouse SQL, translated, and in DuckDB's own SQL, written by hand. The answers are \
         compared first; then both run in turn {runs} times. Medians; \
         the ratio is the median of the ratios of neighbouring runs.\n\n\
         | endpoint | generated | by hand | ratio | required | verdict | translation, p50 | p99 |\n|---|--:|--:|--:|--:|---|--:|--:|\n"
    );
    for line in lines {
        let number = |key: &str| line.get(key).and_then(Value::as_f64);
        let name = line.get("name").and_then(Value::as_str).context("a line without a name")?;
        let p50 = number("translation_p50_ms").context("no time of the translation")?;
        let p99 = number("translation_p99_ms").context("no time of the translation")?;
        let shown = |key| number(key).map_or_else(|| "–".to_owned(), milliseconds);
        let ratio = number("ratio");
        let (required, is_met) = match ratio {
            Some(ratio) => (format!("≤ {RATIO_MAX}×"), ratio <= RATIO_MAX),
            None => (format!("translation < {}", milliseconds(TRANSLATION_MS_MAX)), p50 < TRANSLATION_MS_MAX),
        };
        let verdict = match (line.get("equal"), is_met) {
            (Some(Value::Bool(false)), _) => "**FAILED**: the answers differ",
            (_, true) => "pass",
            (_, false) => "**miss**",
        };
        let ratio = ratio.map_or_else(|| "–".to_owned(), |ratio| format!("{ratio:.2}×"));
        text.push_str(&format!(
            "| {name} | {} | {} | {ratio} | {required} | {verdict} | {} | {} |\n",
            shown("generated_ms"),
            shown("hand_ms"),
            milliseconds(p50),
            milliseconds(p99)
        ));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::markdown;
    use serde_json::json;

    #[test]
    fn a_wrong_answer_is_no_figure() {
        let line = |equal: bool, ratio: f64| {
            json!({"name": "n", "equal": equal, "ratio": ratio, "generated_ms": 1.0, "hand_ms": 1.0,
                   "translation_p50_ms": 0.1, "translation_p99_ms": 0.2})
        };
        let told = |line| markdown(&[line], 7).unwrap();
        assert!(told(line(true, 1.1)).contains("| pass |"));
        assert!(told(line(true, 1.3)).contains("| **miss** |"));
        assert!(told(line(false, 1.0)).contains("FAILED"));
    }
}
