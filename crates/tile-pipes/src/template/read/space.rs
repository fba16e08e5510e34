//! `{% whitespace mode %}`.

use super::super::value::is_space;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whitespace {
    All,
    /// Runs become one character, lines stay.
    Single,
    /// Runs become one space.
    OneLine,
}

impl Whitespace {
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "all" => Self::All,
            "single" => Self::Single,
            "oneline" => Self::OneLine,
            _ => return None,
        })
    }

    pub fn apply(self, text: &str) -> String {
        // Text that is laid out already is left alone.
        if self == Self::All || text.contains("<pre>") {
            return text.to_owned();
        }
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let run = rest.len() - rest.trim_start_matches(is_space).len();
            if run == 0 {
                out.push(c);
                rest = rest.get(c.len_utf8()..).unwrap_or("");
                continue;
            }
            let (space, tail) = rest.split_at_checked(run).unwrap_or((rest, ""));
            rest = tail;
            if self == Self::OneLine {
                out.push(' ');
            } else if space.contains('\n') {
                out.push('\n');
            } else {
                // Only blanks and tabs run together here.
                let mut in_run = false;
                for c in space.chars() {
                    let is_blank = matches!(c, ' ' | '\t');
                    if !(is_blank && in_run) {
                        out.push(if is_blank { ' ' } else { c });
                    }
                    in_run = is_blank;
                }
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_shrink_as_the_mode_says() {
        let text = "a \t b \n\n  c\r\td";
        assert_eq!(Whitespace::All.apply(text), text);
        assert_eq!(Whitespace::Single.apply(text), "a b\nc\r d");
        assert_eq!(Whitespace::OneLine.apply(text), "a b c d");
        assert_eq!(Whitespace::OneLine.apply("<pre> \n"), "<pre> \n");
    }
}
