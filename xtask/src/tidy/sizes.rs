//! Sizes of files and functions, with the two lists of exemptions that may only shrink.

use anyhow::Result;

use super::Report;
use super::workspace::{File, Workspace};

const FILE_LINES_REMARK: usize = 500;
const FILE_LINES_MAX: usize = 800;
const FUNCTION_LINES_MAX: usize = 70;
const CODE: &[&str] = &["rs", "py", "js", "mjs", "ts", "svelte", "css", "html", "sql", "sh"];

pub fn check(workspace: &Workspace, report: &mut Report) -> Result<()> {
    let mut files = Exemptions::new(workspace, "exempt.files");
    let mut functions = Exemptions::new(workspace, "exempt.functions");
    for file in workspace.files.iter().filter(|file| is_code(&file.path)) {
        let lines = file.text.lines().count();
        if lines > FILE_LINES_MAX {
            files.judge(&file.path, lines, FILE_LINES_MAX, report);
        } else if lines > FILE_LINES_REMARK {
            report.remark(format!("{}: {lines} lines, more than {FILE_LINES_REMARK}", file.path));
        }
        for function in functions_of(file).into_iter().filter(|function| function.lines > FUNCTION_LINES_MAX)
        {
            functions.judge(
                &format!("{}::{}", file.path, function.name),
                function.lines,
                FUNCTION_LINES_MAX,
                report,
            );
        }
    }
    files.report_unused(report);
    functions.report_unused(report);
    Ok(())
}

fn is_code(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, extension)| CODE.contains(&extension))
}

struct Exemptions {
    name: &'static str,
    table: toml::Table,
}

impl Exemptions {
    fn new(workspace: &Workspace, name: &'static str) -> Self {
        Self { name, table: workspace.law(name) }
    }

    /// What is too long must be exempt, and not have grown. The entries that remain are no longer needed.
    fn judge(&mut self, key: &str, lines: usize, limit: usize, report: &mut Report) {
        let exempt = self.table.remove(key).and_then(|value| usize::try_from(value.as_integer()?).ok());
        match exempt {
            None => report.problem(format!("{key}: {lines} lines, more than {limit}: split it")),
            Some(max) if lines > max => {
                report.problem(format!("{key}: {lines} lines, more than its exemption of {max}"));
            }
            Some(_) => {}
        }
    }

    fn report_unused(&self, report: &mut Report) {
        for key in self.table.keys() {
            report.problem(format!(
                "{key}: no longer too long: remove it from `{}` of xtask/tidy.toml",
                self.name
            ));
        }
    }
}

struct Function {
    name: String,
    lines: usize,
}

/// The functions of a formatted Rust file, roughly: from the line with `fn` to the next line with `}` at its indent.
fn functions_of(file: &File) -> Vec<Function> {
    let mut functions = Vec::new();
    if !file.path.ends_with(".rs") {
        return functions;
    }
    let lines: Vec<_> = file.text.lines().collect();
    for (start, line) in lines.iter().enumerate() {
        let Some(name) = function_name(line) else { continue };
        let indent = line.strip_suffix(line.trim_start()).unwrap_or_default();
        let ends = |line: &&str| line.strip_prefix(indent).is_some_and(|rest| rest.trim_end() == "}");
        let is_open = line.trim_end().ends_with('{') || !line.trim_end().ends_with([';', '}']);
        if let Some(length) = lines.iter().skip(start).position(ends).filter(|_| is_open) {
            functions.push(Function { name, lines: length + 1 });
        }
    }
    functions
}

/// The name in a line that begins a function, behind its visibility and qualifiers.
fn function_name(line: &str) -> Option<String> {
    let mut rest = line.trim_start();
    loop {
        if let Some(name) = rest.strip_prefix("fn ") {
            return Some(name.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
        }
        let (word, after) = rest.split_once(' ')?;
        let is_qualifier = matches!(word, "async" | "const" | "unsafe" | "extern") || word.starts_with('"');
        if !is_qualifier && !word.starts_with("pub") {
            return None;
        }
        // `pub(in a::b) fn` is written with a space inside.
        rest = if word.starts_with("pub(in") { after.split_once(") ")?.1 } else { after };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn functions(text: &str) -> Vec<(String, usize)> {
        let file = File { path: "a.rs".to_owned(), text: text.to_owned() };
        functions_of(&file).into_iter().map(|function| (function.name, function.lines)).collect()
    }

    #[test]
    fn functions_are_measured_to_their_closing_brace() {
        let text = "pub fn a() {\n    if x {\n    }\n}\n\nimpl B {\n    pub(crate) async fn b(\n        c: u8,\n    ) {\n    }\n}\n";
        assert_eq!(functions(text), [("a".to_owned(), 4), ("b".to_owned(), 4)]);
    }

    #[test]
    fn declarations_and_one_liners_are_none() {
        assert_eq!(
            functions("trait A {\n    fn a(&self);\n    fn b() {}\n}\nlet fn_a = 1;\n// fn c() {\n"),
            []
        );
    }
}
