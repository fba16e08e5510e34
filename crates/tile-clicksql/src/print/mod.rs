//! The tree back into ClickHouse's SQL, on one line. What was parsed prints to a text that parses to the same
//! tree; parentheses are added only to trees that no text without them has.

mod call;
mod expr;
mod name;
mod query;
mod table;

use crate::ast::{Existing, Expr, Query, Statement};
use name::Position;

pub fn statement(statement: &Statement) -> String {
    let mut printer = Printer::default();
    printer.statement(statement);
    printer.out
}

pub fn query(query: &Query) -> String {
    let mut printer = Printer::default();
    printer.query(query);
    printer.out
}

pub fn expr(expr: &Expr) -> String {
    let mut printer = Printer::default();
    printer.element(expr);
    printer.out
}

#[derive(Default)]
struct Printer {
    out: String,
}

impl Printer {
    fn put(&mut self, text: &str) {
        self.out.push_str(text);
    }

    /// Items with commas between them.
    fn list<T>(&mut self, items: &[T], mut item: impl FnMut(&mut Self, &T)) {
        for (i, one) in items.iter().enumerate() {
            if i > 0 {
                self.put(", ");
            }
            item(self, one);
        }
    }

    fn elements(&mut self, items: &[Expr]) {
        self.list(items, Self::element);
    }

    fn statement(&mut self, statement: &Statement) {
        match statement {
            Statement::Query(query) => self.query(query),
            Statement::Describe(table) => {
                self.put("DESCRIBE TABLE ");
                self.table(table);
            }
            Statement::Show(words) => {
                self.put("SHOW");
                for (i, word) in words.iter().enumerate() {
                    self.put(" ");
                    let bare = name::is_plain(&word.text) || (i > 0 && word.text.parse::<u64>().is_ok());
                    match (bare, i) {
                        (true, _) => self.put(&word.text),
                        // The first word is no text, and an empty text is no name.
                        (false, 0) => self.quoted(&word.text),
                        (false, _) => self.text(&word.text),
                    }
                }
            }
            Statement::Explain { what, query } => {
                self.put("EXPLAIN ");
                if let Some(what) = what {
                    self.put(&what.text);
                    self.put(" ");
                }
                self.query(query);
            }
            Statement::Exists { what, name } => {
                self.put(match what {
                    Existing::Table => "EXISTS TABLE ",
                    Existing::View => "EXISTS VIEW ",
                    Existing::Dictionary => "EXISTS DICTIONARY ",
                    Existing::Database => "EXISTS DATABASE ",
                });
                self.path(name, Position::Alone);
            }
        }
    }
}
