//! The list of functions as the reference has it.

use super::{ALIASES, all, lists, math, operators, texts, times};

/// The table of `docs/reference/features-expressions.md`: a test holds that they are the same.
pub fn reference() -> String {
    let groups = [
        ("Conditions and signs", operators::ALL),
        ("Numbers", math::ALL),
        ("Texts", texts::ALL),
        ("Days and times", times::ALL),
        ("Lists, maps and structures", lists::ALL),
    ];
    let mut out = String::from("| functions | also called |\n|---|---|\n");
    for (title, list) in groups {
        out += &format!("| **{title}** | |\n");
        let is_shown = |name: &str| name.starts_with(|c: char| c.is_ascii_uppercase());
        let words = ["AND", "OR", "NOT", "IN", "DIV", "LIKE", "RLIKE"];
        for function in all().into_iter().filter(|f| list.iter().any(|g| g.name == f.name)) {
            if !is_shown(function.name) || words.contains(&function.name) {
                continue;
            }
            let others: Vec<String> = ALIASES
                .iter()
                .filter(|(_, name)| *name == function.name)
                .map(|(alias, _)| format!("`{alias}`"))
                .collect();
            out += &format!("| `{}{}` | {} |\n", function.name, function.takes, others.join(", "));
        }
    }
    out
}
