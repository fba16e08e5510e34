//! Licences: the workspace's own crates are Apache-2.0, foreign ones satisfy `deny.toml`.

use std::fs;

use anyhow::{Context, Result};
use toml::Value;

use super::Report;
use super::workspace::{Package, Workspace, strings};

const OWN: &str = "Apache-2.0";

pub fn check(workspace: &Workspace, report: &mut Report) -> Result<()> {
    let deny = fs::read_to_string(workspace.root.join("deny.toml")).context("failed to read deny.toml")?;
    let deny: toml::Table = deny.parse().context("failed to parse deny.toml")?;
    let licenses = deny.get("licenses");
    let allowed = licenses.and_then(|table| table.get("allow")).map(strings).unwrap_or_default();
    for package in workspace.packages.values() {
        let license = package.license.as_deref().or_else(|| clarified(licenses?, &package.name));
        check_package(package, license, &allowed, report);
    }
    if workspace.file("LICENSE").is_none() {
        report.problem("LICENSE is missing");
    }
    Ok(())
}

/// The expression that deny.toml gives for a crate whose manifest has none.
fn clarified<'a>(licenses: &'a Value, name: &str) -> Option<&'a str> {
    let entries = licenses.get("clarify")?.as_array()?;
    let entry = entries.iter().find(|entry| entry.get("crate").and_then(Value::as_str) == Some(name))?;
    entry.get("expression")?.as_str()
}

fn check_package(package: &Package, license: Option<&str>, allowed: &[String], report: &mut Report) {
    let name = &package.name;
    match license {
        Some(license) if package.is_member && license != OWN => {
            report.problem(format!("`{name}`: expected the licence {OWN}, found {license}"));
        }
        Some(license) if !is_satisfied(license, allowed) => {
            report.problem(format!("`{name}`: the licence `{license}` is not allowed by deny.toml"));
        }
        Some(_) => {}
        None => report.problem(format!("`{name}` names no licence")),
    }
}

/// Whether an SPDX expression (`A OR B`, `A AND (B OR C)`, `A WITH E`, the old `A/B`) holds with these licences.
fn is_satisfied(expression: &str, allowed: &[String]) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let mut words = spaced.split_whitespace().peekable();
    any_of(&mut words, allowed)
}

type Words<'a> = std::iter::Peekable<std::str::SplitWhitespace<'a>>;

fn any_of(words: &mut Words<'_>, allowed: &[String]) -> bool {
    let mut holds = all_of(words, allowed);
    while words.next_if_eq(&"OR").is_some() {
        holds |= all_of(words, allowed);
    }
    holds
}

fn all_of(words: &mut Words<'_>, allowed: &[String]) -> bool {
    let mut holds = one(words, allowed);
    while words.next_if_eq(&"AND").is_some() {
        holds &= one(words, allowed);
    }
    holds
}

fn one(words: &mut Words<'_>, allowed: &[String]) -> bool {
    if words.next_if_eq(&"(").is_some() {
        let holds = any_of(words, allowed);
        return words.next_if_eq(&")").is_some() && holds;
    }
    let mut name = words.next().unwrap_or_default().to_owned();
    if words.next_if_eq(&"WITH").is_some() {
        name = format!("{name} WITH {}", words.next().unwrap_or_default());
    }
    allowed.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_hold_as_spdx_says() {
        let allowed = ["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception"].map(str::to_owned);
        for good in ["MIT", "MIT OR GPL-3.0", "GPL-3.0/MIT", "(MIT OR GPL-3.0) AND Apache-2.0"] {
            assert!(is_satisfied(good, &allowed), "{good}");
        }
        assert!(is_satisfied("Apache-2.0 WITH LLVM-exception", &allowed));
        for bad in ["GPL-3.0", "MIT AND GPL-3.0", "MIT WITH X", "", "(GPL-3.0 OR X) AND MIT"] {
            assert!(!is_satisfied(bad, &allowed), "{bad}");
        }
    }
}
