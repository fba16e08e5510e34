//! `tile test`: the requests of `tests/*.yaml` to the project's pipes, over its fixtures, in memory.

use super::{files, fixtures, good, local, refusal};
use crate::cli::Test;
use anyhow::{Result, bail};
use http::Method;
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Instant;
use tile_base::Error;
use tile_pipes::datafile::cases::{self, TestCase};
use tile_web::Client;

/// What no address may have; what is encoded already stays.
const UNSAFE: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');
/// Lines of a difference that are shown.
const DIFFERENCE_LINES_MAX: usize = 40;

pub fn test(args: &Test) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    runtime.block_on(run(args))
}

/// What came of all files.
#[derive(Default)]
struct Tally {
    passed: usize,
    failed: usize,
    updated: usize,
    skipped: usize,
}

async fn run(args: &Test) -> Result<()> {
    let started = Instant::now();
    let found = files::read(&args.folder)?;
    let texts = files::tests(&args.folder)?;
    let (hub, _scratch) = local::in_memory(&args.folder)?;
    let outcome = local::build(&hub, found.clone()).await?;
    let told = local::told(&outcome);
    if !outcome.faults.is_empty() {
        bail!("the project has {} faults\n\n{}", outcome.faults.len(), told.trim_end());
    }
    eprint!("{told}");
    let client = local::client(&hub, local::service(&hub))?;
    for fixture in fixtures::of(&args.folder, &found) {
        // What was stored is no news here; what was not explains failures.
        if let Some(line) = fixtures::fill(&client, &fixture).await.filter(|l| l.starts_with("warning")) {
            eprintln!("{line}");
        }
    }
    let mut tally = Tally::default();
    for (path, text) in wanted(texts, &args.only)? {
        file(&client, args, &path, &text, &mut tally).await?;
    }
    let Tally { passed, failed, updated, skipped } = tally;
    let mut parts = vec![format!("{passed} passed")];
    parts.extend((failed > 0).then(|| format!("{failed} failed")));
    parts.extend((updated > 0).then(|| format!("{updated} updated")));
    parts.extend((skipped > 0).then(|| format!("{skipped} skipped")));
    let ms = started.elapsed().as_millis();
    crate::commands::print(&format!("{} in {ms} ms\n", parts.join(", ")))?;
    if failed > 0 {
        bail!("{failed} of {} tests failed", passed + failed);
    }
    Ok(())
}

/// The files of the named pipes; all when none is named.
fn wanted(texts: BTreeMap<String, String>, only: &[String]) -> Result<BTreeMap<String, String>> {
    for name in only {
        if !texts.keys().any(|path| stem(path) == name) {
            let near = tile_base::error::nearest(name, texts.keys().map(|path| stem(path)));
            let e = Error::not_found(format!("there are no tests of `{name}`"));
            return Err(match near.first() {
                Some(near) => e.hint(format!("maybe you meant `{near}`")),
                None => e.hint("Tests of a pipe are in `tests/<pipe>.yaml`"),
            }
            .into());
        }
    }
    let is_wanted = |path: &str| only.is_empty() || only.iter().any(|name| name == stem(path));
    Ok(texts.into_iter().filter(|(path, _)| is_wanted(path)).collect())
}

/// The pipe that a file is for.
fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

async fn file(client: &Client, args: &Test, path: &str, text: &str, tally: &mut Tally) -> Result<()> {
    let mut all = match cases::parse(path, text) {
        Ok(all) => all,
        Err(fault) => bail!("{}", fault.render()),
    };
    let mut out = format!("{path}\n");
    let Some(target) = target(client, stem(path)).await? else {
        tally.skipped += all.len();
        out.push_str(&format!("  - skipped: there is no pipe `{}`\n", stem(path)));
        return crate::commands::print(&out);
    };
    let before = tally.updated;
    for case in &mut all {
        let answer = answer(client, &target, &case.parameters).await?;
        let name = case.name.clone();
        match differs(case, &answer) {
            None => {
                tally.passed += 1;
                out.push_str(&format!("  ✓ {name}\n"));
            }
            Some(_) if args.update => {
                tally.updated += 1;
                case.expected_http_status = (answer.status >= 400).then_some(answer.status);
                case.expected_result = Some(answer.text);
                out.push_str(&format!("  ~ {name} updated\n"));
            }
            Some(difference) => {
                tally.failed += 1;
                out.push_str(&format!("  ✗ {name}\n{difference}"));
            }
        }
    }
    if tally.updated > before {
        std::fs::write(args.folder.join(path), cases::print(&all))?;
    }
    crate::commands::print(&out)
}

/// What is asked for a pipe, but for parameters; nothing when there is no such pipe.
async fn target(client: &Client, pipe: &str) -> Result<Option<String>> {
    let encoded = utf8_percent_encode(pipe, NON_ALPHANUMERIC);
    let received = client.send(Method::GET, &format!("/v0/pipes/{encoded}"), "", "").await?;
    if received.status == 404 {
        return Ok(None);
    }
    good(&received)?;
    let shown: Value = serde_json::from_slice(&received.body)?;
    let nodes = shown.get("nodes").and_then(Value::as_array).cloned().unwrap_or_default();
    let kind = |node: &Value| node.get("node_type").and_then(Value::as_str).unwrap_or("default").to_owned();
    let typed = nodes.iter().find(|n| !["default", "standard"].contains(&kind(n).as_str()));
    // A pipe that others read is asked for what they read.
    let Some(node) = typed.or(nodes.last()) else { return Ok(None) };
    if kind(node) == "endpoint" {
        return Ok(Some(format!("/v0/pipes/{encoded}.ndjson?")));
    }
    let sql = node.get("sql").and_then(Value::as_str).unwrap_or_default();
    let sql = utf8_percent_encode(sql, NON_ALPHANUMERIC);
    Ok(Some(format!("/v0/sql?q={sql}&pipeline={encoded}&")))
}

/// An answer as tests have it: the body, or the message of a refusal.
struct Answer {
    status: u16,
    text: String,
}

async fn answer(client: &Client, target: &str, parameters: &str) -> Result<Answer> {
    let target = format!("{target}{}", utf8_percent_encode(parameters, UNSAFE));
    let received = client.send(Method::GET, &target, "", "").await?;
    let text = match received.status {
        0..400 => String::from_utf8_lossy(&received.body).into_owned(),
        _ => refusal(&received),
    };
    Ok(Answer { status: received.status, text })
}

/// What is not as expected, to be read by people.
fn differs(case: &TestCase, answer: &Answer) -> Option<String> {
    let line = |text: String| Some(format!("      {text}\n"));
    let Some(expected) = &case.expected_result else {
        return line("it has no `expected_result`: `--update` writes the present one".to_owned());
    };
    match case.expected_http_status {
        None if answer.status >= 400 => {
            return line(format!("expected an answer, got an error ({}): {}", answer.status, answer.text));
        }
        Some(status) if answer.status >= 400 && status != answer.status => {
            return line(format!("expected status {status}, got {}: {}", answer.status, answer.text));
        }
        _ => {}
    }
    if *expected == answer.text {
        return None;
    }
    let mut out = String::new();
    if let Some(status) = case.expected_http_status.filter(|s| *s >= 400 && answer.status < 400) {
        out.push_str(&format!("      expected the error {status}, got an answer\n"));
    }
    out.push_str(&difference(expected, &answer.text));
    Some(out)
}

/// The lines that differ: `-` is expected, `+` is what came. What is the same before and behind is left out.
fn difference(expected: &str, got: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (expected.lines().collect(), got.lines().collect());
    let same = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let rest = old.len().min(new.len()) - same;
    let behind = old.iter().rev().zip(new.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
    let mut out = String::new();
    let mut mark = |mark: char, lines: &[&str]| {
        let changed = lines.iter().skip(same).take(lines.len() - same - behind);
        for (i, line) in changed.enumerate() {
            if i == DIFFERENCE_LINES_MAX {
                out.push_str(&format!("      {mark} … and {} more lines\n", lines.len() - same - behind - i));
                break;
            }
            out.push_str(&format!("      {mark} {line}\n"));
        }
    };
    mark('-', &old);
    mark('+', &new);
    if out.is_empty() {
        // The lines are the same, so what differs is how the last one ends.
        let end = |text: &str| if text.ends_with('\n') { "ends with" } else { "does not end with" };
        out = format!(
            "      expected a text that {} a line end, got one that {} one\n",
            end(expected),
            end(got)
        );
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_shown() {
        let show = |old, new| difference(old, new).replace("      ", "");
        assert_eq!(show("a\nb\nc\n", "a\nx\nc\n"), "- b\n+ x\n");
        assert_eq!(show("a\na\n", "a\n"), "- a\n");
        assert_eq!(show("", "a\n"), "+ a\n");
        assert_eq!(
            show("a", "a\n"),
            "expected a text that does not end with a line end, got one that ends with one\n"
        );
        let many = "x\n".repeat(50);
        assert!(show(&many, "").ends_with("- … and 10 more lines\n"));
    }

    #[test]
    fn a_verdict_is_that_of_status_and_text() {
        let case = |status, text: &str| TestCase {
            expected_http_status: status,
            expected_result: Some(text.to_owned()),
            ..TestCase::default()
        };
        let answer = |status, text: &str| Answer { status, text: text.to_owned() };
        assert_eq!(differs(&case(None, "a"), &answer(200, "a")), None);
        assert_eq!(differs(&case(Some(400), "a"), &answer(400, "a")), None);
        assert!(differs(&case(None, "a"), &answer(400, "a")).unwrap().contains("got an error (400)"));
        assert!(
            differs(&case(Some(404), "a"), &answer(400, "a"))
                .unwrap()
                .contains("expected status 404, got 400")
        );
        assert!(
            differs(&case(Some(400), "b"), &answer(200, "a")).unwrap().contains("expected the error 400")
        );
        assert!(differs(&TestCase::default(), &answer(200, "")).unwrap().contains("--update"));
    }
}
