//! The lines of the tables for people.

/// The three looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    /// A line between all rows.
    Full,
    Compact,
    /// Only spaces.
    Space,
}

/// The measures of one table.
pub(crate) struct Grid<'a> {
    pub(crate) look: Look,
    pub(crate) ascii: bool,
    /// Columns of the screen for the row numbers.
    pub(crate) blank: usize,
    /// Name, its width, and whether it stands on the right.
    pub(crate) names: Vec<(&'a str, usize, bool)>,
    pub(crate) widths: Vec<usize>,
}

/// The left end, the line, a crossing and the right end.
type Line = [&'static str; 4];

const PLAIN: Line = ["+", "-", "+", "+"];

impl Grid<'_> {
    fn line(&self, line: Line, out: &mut Vec<u8>) {
        let [left, dash, cross, right] = if self.ascii { PLAIN } else { line };
        let parts: Vec<_> = self.widths.iter().map(|width| dash.repeat(width + 2)).collect();
        out.extend_from_slice(" ".repeat(self.blank).as_bytes());
        out.extend_from_slice(left.as_bytes());
        out.extend_from_slice(parts.join(cross).as_bytes());
        out.extend_from_slice(right.as_bytes());
        out.push(b'\n');
    }

    /// Writes the names; compact ones stand inside a line.
    fn names(&self, line: Line, out: &mut Vec<u8>) {
        let dash = if self.ascii { "-" } else { "─" };
        let bold = if self.ascii { "|" } else { "┃" };
        let [left, _, cross, right] = if self.ascii { PLAIN } else { line };
        let (start, between, end, fill) = match self.look {
            Look::Full => (format!("{bold} "), format!(" {bold} "), format!(" {bold}"), " "),
            Look::Compact => {
                (format!("{left}{dash}"), format!("{dash}{cross}{dash}"), format!("{dash}{right}"), dash)
            }
            Look::Space => (" ".to_owned(), "   ".to_owned(), String::new(), " "),
        };
        let name = |((name, width, right), column): (&(&str, usize, bool), &usize)| {
            let fill = fill.repeat(column.saturating_sub(*width));
            if *right { format!("{fill}{name}") } else { format!("{name}{fill}") }
        };
        let names: Vec<_> = self.names.iter().zip(&self.widths).map(name).collect();
        out.extend_from_slice(" ".repeat(self.blank).as_bytes());
        out.extend_from_slice(start.as_bytes());
        out.extend_from_slice(names.join(&between).as_bytes());
        out.extend_from_slice(end.as_bytes());
        out.push(b'\n');
    }

    pub(crate) fn top(&self, out: &mut Vec<u8>) {
        match self.look {
            Look::Full => {
                self.line(["┏", "━", "┳", "┓"], out);
                self.names(["", "", "", ""], out);
                self.line(["┡", "━", "╇", "┩"], out);
            }
            Look::Compact => self.names(["┌", "", "┬", "┐"], out),
            Look::Space => {
                self.names(["", "", "", ""], out);
                out.push(b'\n');
            }
        }
    }

    pub(crate) fn between(&self, out: &mut Vec<u8>) {
        if self.look == Look::Full {
            self.line(["├", "─", "┼", "┤"], out);
        }
    }

    pub(crate) fn bottom(&self, out: &mut Vec<u8>) {
        if self.look != Look::Space {
            self.line(["└", "─", "┴", "┘"], out);
        }
    }

    /// The bottom with the names once more.
    pub(crate) fn footer(&self, out: &mut Vec<u8>) {
        match self.look {
            Look::Full => {
                self.line(["┢", "━", "╈", "┪"], out);
                self.names(["", "", "", ""], out);
                self.line(["┗", "━", "┻", "┛"], out);
            }
            Look::Compact => self.names(["└", "", "┴", "┘"], out),
            Look::Space => {
                out.push(b'\n');
                self.names(["", "", "", ""], out);
                out.push(b'\n');
            }
        }
    }

    /// The line that stands for rows that are not shown.
    pub(crate) fn filler(&self, out: &mut Vec<u8>) {
        let dash = if self.ascii { "-" } else { "─" };
        let inside: usize = self.widths.iter().map(|width| width + 3).sum();
        let size = if self.look == Look::Space { inside - 2 } else { inside + 1 };
        out.extend_from_slice(" ".repeat(self.blank).as_bytes());
        (0..size).for_each(|i| out.extend_from_slice(if i % 2 == 1 { b" " } else { dash.as_bytes() }));
        out.push(b'\n');
    }

    /// Writes what stands before a column, or after the last.
    pub(crate) fn bar(&self, column: usize, out: &mut Vec<u8>) {
        match (self.look, self.ascii) {
            (Look::Space, _) if column == 0 || column == self.widths.len() => {}
            (Look::Space, _) => out.push(b' '),
            (_, true) => out.push(b'|'),
            (_, false) => out.extend_from_slice("│".as_bytes()),
        }
    }
}
