//! What SQL a template makes: how values are written in it, and where they can stand.

use super::escape;
use super::eval::{Run, refuse};
use super::functions::PAGE;
use super::joints;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Dialect {
    #[default]
    ClickHouse,
    DuckDb,
}

impl Dialect {
    pub const NAMES: &[&str] = &["clickhouse", "duckdb"];

    /// By its name, in any case.
    pub fn named(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "clickhouse" => Some(Self::ClickHouse),
            "duckdb" => Some(Self::DuckDb),
            _ => None,
        }
    }

    /// A text in single quotes.
    ///
    /// # Errors
    /// For a text that cannot be written.
    pub fn quoted(self, text: &str) -> Run<String> {
        match self {
            Self::ClickHouse => Ok(escape::quoted(text)),
            Self::DuckDb if text.contains('\0') => Err(refuse("a text cannot have the character NUL", PAGE)),
            Self::DuckDb => Ok(format!("'{}'", text.replace('\'', "''"))),
        }
    }

    /// A name in quotes, whatever it is.
    pub fn name(self, name: &str) -> String {
        match self {
            Self::ClickHouse => format!("`{}`", escape::identifier(name)),
            Self::DuckDb => format!("\"{}\"", name.replace('\0', "").replace('"', "\"\"")),
        }
    }

    /// A name with dots in it.
    pub fn path(self, name: &str) -> String {
        match self {
            Self::ClickHouse => escape::path(name),
            Self::DuckDb => name.split('.').map(|part| self.name(part)).collect::<Vec<_>>().join("."),
        }
    }
}

/// Where the text of a template is, as DuckDB reads it: values stand between its words, not inside of them.
#[derive(Debug, Default)]
pub struct Place {
    state: State,
    /// What stands last, of the author's text or of a value, and what stands before that.
    last: Option<char>,
    before_last: Option<char>,
    is_behind_value: bool,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Plain,
    /// Up to this mark; after a backslash, the next one is part of the text.
    Quoted {
        mark: char,
        has_escapes: bool,
    },
    /// Between marks of dollars.
    Dollars(String),
    /// Up to the end of the line.
    Line,
    Comment,
}

impl Place {
    /// Goes through the author's own text. Gives what has to stand before it.
    ///
    /// # Errors
    /// For comments inside of comments, which readers end differently.
    pub fn text(&mut self, text: &str) -> Run<&'static str> {
        let is_quote = |c: char| matches!(c, '\'' | '"');
        let is_touching =
            self.is_behind_value && self.last.is_some_and(is_quote) && text.starts_with(is_quote);
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let mut length = c.len_utf8();
            match &self.state {
                State::Plain => length = self.plain(rest, c),
                State::Quoted { has_escapes: true, .. } if c == '\\' => {
                    length += rest.chars().nth(1).map_or(0, char::len_utf8);
                }
                State::Quoted { mark, .. } if c == *mark => self.state = State::Plain,
                State::Dollars(mark) if rest.starts_with(mark.as_str()) => {
                    length = mark.len();
                    self.state = State::Plain;
                }
                State::Line if c == '\n' => self.state = State::Plain,
                State::Comment if rest.starts_with("*/") => {
                    length = 2;
                    self.state = State::Plain;
                }
                State::Comment if rest.starts_with("/*") => {
                    return Err(refuse("a comment cannot stand inside of a comment", PAGE));
                }
                _ => {}
            }
            let mut taken = rest.get(..length).unwrap_or("").chars();
            (self.before_last, self.last) = (self.last, taken.next_back());
            rest = rest.get(length..).unwrap_or("");
        }
        self.is_behind_value &= text.is_empty();
        Ok(if is_touching { " " } else { "" })
    }

    /// Outside of quotes and comments. Gives the bytes that were taken.
    fn plain(&mut self, rest: &str, c: char) -> usize {
        let mark = |c| State::Quoted { mark: c, has_escapes: false };
        match c {
            '\'' => {
                let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$');
                let has_escapes =
                    matches!(self.last, Some('e' | 'E')) && !self.before_last.is_some_and(is_word);
                self.state = State::Quoted { mark: c, has_escapes };
            }
            '"' | '`' => self.state = mark(c),
            '-' if rest.starts_with("--") => self.state = State::Line,
            '/' if rest.starts_with("/*") => {
                self.state = State::Comment;
                return 2;
            }
            '$' => {
                let name: usize = rest
                    .chars()
                    .skip(1)
                    .take_while(|c| c.is_alphanumeric() || *c == '_')
                    .map(char::len_utf8)
                    .sum();
                let opening = rest.get(..name + 2).filter(|opening| opening.ends_with('$'));
                if let Some(opening) = opening {
                    self.state = State::Dollars(opening.to_owned());
                    return opening.len();
                }
            }
            _ => {}
        }
        c.len_utf8()
    }

    /// The value of an expression as it is to stand here: nothing in comments.
    ///
    /// # Errors
    /// Inside of quotes, where it would end them.
    pub fn value(&mut self, sql: &str, source: &str) -> Run<String> {
        match self.state {
            State::Plain => {}
            State::Line | State::Comment => return Ok(String::new()),
            State::Quoted { .. } | State::Dollars(_) => {
                let value = joints::shown(source);
                let what = format!(
                    "{value} stands inside of quotes, and texts come with their own. Leave the quotes out, or join the \
                     parts as in concat('%', {value}, '%')"
                );
                return Err(refuse(&what, PAGE));
            }
        }
        let is_joined =
            |c: char| c.is_alphanumeric() || matches!(c, '_' | '\'' | '"' | '&' | '$' | '-' | '/');
        let space = if self.last.is_some_and(is_joined) { " " } else { "" };
        (self.before_last, self.last) = (None, sql.chars().next_back().or(self.last));
        self.is_behind_value = true;
        Ok(format!("{space}{sql}"))
    }
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn values_stand_between_words() {
        let at = |text: &str| {
            let mut place = Place::default();
            place.text(text).ok()?;
            place.value("'x'", "x").ok()
        };
        for (text, shown) in [
            ("SELECT ", Some("'x'")),
            ("SELECT E", Some(" 'x'")),
            ("SELECT 'a' = ", Some("'x'")),
            ("SELECT 'a''b", None),
            ("SELECT 'a\\' ", Some("'x'")),
            ("SELECT E'a\\' ", None),
            ("SELECT a LIKE'a\\' ", Some("'x'")),
            ("SELECT \"a", None),
            ("SELECT $$a", None),
            ("SELECT $q$ $$ ", None),
            ("SELECT $q$ $$ $q$ ", Some("'x'")),
            ("SELECT 1 -- a", Some("")),
            ("SELECT 1 -- a\n", Some("'x'")),
            ("SELECT /* ' ", Some("")),
            ("SELECT /* ' */ ", Some("'x'")),
            ("SELECT /* /* ", None),
        ] {
            assert_eq!(at(text).as_deref(), shown, "{text}");
        }
    }
}
