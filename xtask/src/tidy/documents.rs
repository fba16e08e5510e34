//! Documents: those that must be there, the length of the map, and relative links that lead somewhere.

use std::path::Path;

use anyhow::Result;

use super::Report;
use super::workspace::{File, Workspace};

const REQUIRED: &[&str] = &["README.md", "ARCHITECTURE.md", "CHANGELOG.md"];
const ARCHITECTURE_LINES_MAX: usize = 200;

pub fn check(workspace: &Workspace, report: &mut Report) -> Result<()> {
    for name in REQUIRED.iter().filter(|name| workspace.file(name).is_none()) {
        report.problem(format!("{name} is missing"));
    }
    let lines = workspace.file("ARCHITECTURE.md").map_or(0, |file| file.text.lines().count());
    if lines > ARCHITECTURE_LINES_MAX {
        report.problem(format!("ARCHITECTURE.md: {lines} lines, more than {ARCHITECTURE_LINES_MAX}"));
    }
    for file in workspace.files.iter().filter(|file| file.path.ends_with(".md")) {
        for (number, target) in links(&file.text) {
            if let Some(problem) = broken(workspace, file, &target) {
                report.problem(format!("{}:{number}: the link `{target}` {problem}", file.path));
            }
        }
    }
    Ok(())
}

/// The relative targets of `[text](target)` outside code, with their line numbers.
fn links(text: &str) -> Vec<(usize, String)> {
    let mut links = Vec::new();
    for (number, line) in prose(text) {
        // What is between backticks is code: every second part.
        for part in line.split('`').step_by(2) {
            for (at, opening) in part.match_indices("](") {
                let rest = part.get(at + opening.len()..).unwrap_or_default();
                let target = rest.split([')', ' ']).next().unwrap_or_default();
                if !target.contains("://") && !target.starts_with("mailto:") && !target.is_empty() {
                    links.push((number, target.to_owned()));
                }
            }
        }
    }
    links
}

/// The lines outside fenced code, with their numbers.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut in_code = false;
    (1..).zip(text.lines()).filter(move |(_, line)| {
        let is_fence = line.trim_start().starts_with("```");
        in_code ^= is_fence;
        !in_code && !is_fence
    })
}

/// Why a link leads nowhere; nothing when it does lead somewhere.
fn broken(workspace: &Workspace, file: &File, target: &str) -> Option<&'static str> {
    let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
    let resolved = resolve(&file.path, path);
    if !path.is_empty() && !workspace.root.join(&resolved).exists() {
        return Some("leads to no file");
    }
    let page = workspace.file(if path.is_empty() { &file.path } else { &resolved })?;
    let is_page = page.path.ends_with(".md");
    (is_page && !anchor.is_empty() && !has_heading(&page.text, anchor)).then_some("leads to no heading")
}

/// A target relative to the folder of the file it is in, as a path relative to the root.
fn resolve(from: &str, target: &str) -> String {
    let mut parts: Vec<&str> =
        Path::new(from).parent().and_then(Path::to_str).unwrap_or_default().split('/').collect();
    for part in target.split('/') {
        match part {
            "." | "" => {}
            ".." => drop(parts.pop()),
            name => parts.push(name),
        }
    }
    parts.retain(|part| !part.is_empty());
    parts.join("/")
}

/// Whether a page has a heading with this anchor, made as GitHub makes it.
fn has_heading(text: &str, anchor: &str) -> bool {
    let headings = prose(text).filter(|(_, line)| line.starts_with('#'));
    headings.map(|(_, line)| slug(line.trim_start_matches('#').trim())).any(|slug| slug == anchor)
}

fn slug(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_links_are_found_outside_code() {
        let text =
            "see [a](a.md#x) and [b](https://b)\n```\n[c](c.md)\n```\n`[d](d.md)` [e](../e \"title\")\n";
        assert_eq!(links(text), [(1, "a.md#x".to_owned()), (5, "../e".to_owned())]);
    }

    #[test]
    fn targets_are_relative_to_their_page() {
        assert_eq!(resolve("docs/guide/a.md", "../reference/b.md"), "docs/reference/b.md");
        assert_eq!(resolve("README.md", "docs/a.md"), "docs/a.md");
        assert_eq!(resolve("docs/a.md", "./b/"), "docs/b");
    }

    #[test]
    fn headings_have_anchors() {
        assert!(has_heading("# A\n## One port, `tile`\n", "one-port-tile"));
        assert!(!has_heading("```\n# A\n```\n", "a"));
    }
}
