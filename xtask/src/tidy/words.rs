//! Words that may not be in a file of the repository: paths of one machine, notes to do later, switched-off tests and
//! lints, left-over macros. They are put together here, so that this file holds none.

use anyhow::Result;

use super::Report;
use super::workspace::{File, Workspace};

struct Word {
    text: &'static str,
    /// Only in files with this ending.
    ending: &'static str,
    instead: &'static str,
}

const WORDS: &[Word] = &[
    Word { text: concat!("/wo", "rk/"), ending: "", instead: "a path of one machine" },
    Word { text: concat!("/ro", "ot/"), ending: "", instead: "a path of one machine" },
    Word { text: concat!("TO", "DO"), ending: "", instead: "do it, or open an issue" },
    Word { text: concat!("FIX", "ME"), ending: "", instead: "do it, or open an issue" },
    Word { text: concat!("#[ig", "nore"), ending: ".rs", instead: "a test runs or does not exist" },
    Word {
        text: concat!("#[al", "low("), ending: ".rs", instead: "write `#[expect(lint, reason = \"…\")]`"
    },
    Word {
        text: concat!("#![al", "low("),
        ending: ".rs",
        instead: "write `#[expect(lint, reason = \"…\")]`",
    },
    Word { text: concat!("db", "g!("), ending: ".rs", instead: "left over" },
    Word { text: concat!("to", "do!("), ending: ".rs", instead: "left over" },
    Word {
        text: concat!("unimple", "mented!("),
        ending: ".rs",
        instead: "return an error of kind unsupported",
    },
];

/// Written by programs, or by others.
const NOT_OURS: &[&str] = &["LICENSE", "Cargo.lock", "package-lock.json"];

pub fn check(workspace: &Workspace, report: &mut Report) -> Result<()> {
    let is_ours = |file: &&File| !NOT_OURS.iter().any(|name| file.path.rsplit('/').next() == Some(name));
    for file in workspace.files.iter().filter(is_ours) {
        for (number, line) in (1..).zip(file.text.lines()) {
            for word in
                WORDS.iter().filter(|word| file.path.ends_with(word.ending) && contains(line, word.text))
            {
                report.problem(format!("{}:{number}: `{}`: {}", file.path, word.text, word.instead));
            }
        }
    }
    Ok(())
}

/// Whether the word is in the line and not a part of a longer word or path.
fn contains(line: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || "_-.~}".contains(c);
    line.match_indices(word).any(|(at, _)| {
        let before = line.get(..at).and_then(|text| text.chars().next_back());
        let after = line.get(at + word.len()..).and_then(|text| text.chars().next());
        let ends_open = !word.ends_with(char::is_alphanumeric);
        !before.is_some_and(is_part) && (ends_open || !after.is_some_and(|c| c.is_alphanumeric() || c == '_'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_words_are_found() {
        let todo = concat!("TO", "DO");
        assert!(contains(&format!("// {todo}: later"), todo));
        assert!(contains(todo, todo));
        assert!(!contains("MASTODON", todo));
        let path = concat!("/wo", "rk/");
        assert!(contains(&format!("see {path}main"), path));
        assert!(!contains(&format!("https://example.org{path}main"), path));
    }
}
