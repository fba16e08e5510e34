//! `Pretty`, `PrettyCompact` and `PrettySpace`: tables for people, without colours.

use super::cell::Cell;
use super::grid::{Grid, Look};
use super::markdown::on_the_right;
use super::output::{Format, Output, Sink, TEXT};
use super::settings::{Json, Settings};
use super::value::Rules;
use super::vertical::{self, tip};
use super::width::{prefix, shortened, width};
use std::io::{self, Write};

/// One of the three.
pub(crate) struct Pretty {
    pub(crate) name: &'static str,
    pub(crate) aliases: &'static [&'static str],
    pub(crate) look: Look,
}

/// What lasts from the result to its totals and extremes.
struct Writer<'a> {
    look: Look,
    rules: Rules<'a>,
    output: &'a Output<'a>,
    displayed: usize,
    /// Wide results of few rows are written line by line instead.
    vertical: Option<vertical::Rows<'a>>,
}

/// The cells of a batch and its number of rows.
type Part<'a> = (usize, Vec<Cell<'a>>);

/// One column of a table.
struct Shown {
    name: String,
    name_width: usize,
    /// Of each row that is shown.
    values: Vec<Value>,
    width: usize,
    right: bool,
}

struct Value {
    text: Vec<u8>,
    width: usize,
}

impl Format for Pretty {
    fn name(&self) -> &'static str {
        self.name
    }

    fn aliases(&self) -> &'static [&'static str] {
        self.aliases
    }

    fn content_type(&self) -> &'static str {
        TEXT
    }

    fn write(&self, output: &Output, settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
        // Inside these tables JSON has settings of its own.
        let json = Json { quote_denormals: true, ..Json::default() };
        let tuples_as_json = settings.pretty.named_tuples_as_json;
        let rules = Rules { tuples_as_json, json: &json, indent: " ", ..Rules::new(settings) };
        let mut writer = Writer { look: self.look, rules, output, displayed: 0, vertical: None };
        let mut sink = Sink::new(out);
        let parts = output.cells(settings)?;
        let shown = writer.part(&parts, &mut sink)?;
        if shown && output.rows() >= settings.pretty.max_rows {
            sink.put(if self.look == Look::Space { "\n" } else { "" });
            sink.put(format!("Showed {} out of {} rows.\n", writer.displayed, output.rows()));
        }
        for (title, batch) in [("\nTotals:\n", output.totals), ("\nExtremes:\n", output.extremes)] {
            if let Some(part) = output.extra(batch, settings)? {
                sink.put(title);
                writer.part(&[part], &mut sink)?;
            }
        }
        sink.flush()
    }
}

impl Writer<'_> {
    /// Writes rows as a table, and says whether it did.
    fn part(&mut self, parts: &[Part], sink: &mut Sink) -> io::Result<bool> {
        let count: usize = parts.iter().map(|(rows, _)| rows).sum();
        if count == 0 {
            return Ok(false);
        }
        let pretty = &self.rules.settings.pretty;
        let rows = shown_rows(parts, pretty.max_rows);
        let number_width = count.ilog10() as usize + 3;
        let (columns, newlines) = self.columns(parts, &rows, number_width);
        let table_width: usize = columns.iter().map(|column| column.width).sum();
        let fits = table_width < pretty.fallback_to_vertical_min_table_width && !newlines;
        let may_fall_back = pretty.fallback_to_vertical
            && self.displayed == 0
            && count <= pretty.fallback_to_vertical_max_rows_per_chunk
            && columns.len() >= pretty.fallback_to_vertical_min_columns;
        if may_fall_back && !fits && self.vertical.is_none() {
            self.vertical = Some(vertical::Rows::new(self.output.columns, self.rules));
        }
        if let Some(vertical) = &mut self.vertical {
            for (i, (part, row)) in rows.iter().enumerate() {
                if i > 0 {
                    vertical.between(sink);
                }
                vertical.row(&parts[*part].1, *row, sink);
                self.displayed += 1;
            }
            return Ok(false);
        }
        self.table(parts, &rows, &columns, count, number_width, sink)?;
        Ok(true)
    }

    /// The texts and widths of the rows that are shown, and whether there are texts of several lines.
    fn columns(&self, parts: &[Part], rows: &[(usize, usize)], number_width: usize) -> (Vec<Shown>, bool) {
        let pretty = &self.rules.settings.pretty;
        let mut before = self.before(number_width);
        let mut newlines = false;
        let mut columns = Vec::with_capacity(self.output.columns.len());
        for (at, column) in self.output.columns.iter().enumerate() {
            let mut widest = 0;
            let mut values = Vec::with_capacity(rows.len());
            for (part, row) in rows {
                let mut text = Vec::new();
                parts[*part].1[at].text(*row, self.rules, &mut text);
                // A guess at what can still be seen, to spare the rest of a long text: 4 bytes a character.
                let enough = if pretty.max_value_width > 0 { pretty.max_value_width * 4 } else { usize::MAX };
                let seen = text.get(..enough).unwrap_or(&text);
                let lines: usize = if pretty.multiline_fields {
                    newlines |= seen.contains(&b'\n');
                    seen.split(|&b| b == b'\n').map(|line| width(line, before)).max().unwrap_or_default()
                } else {
                    width(seen, before)
                };
                widest = widest.max(lines.min(pretty.max_column_pad_width).min(pretty.max_value_width));
                values.push(Value { text, width: lines });
            }
            let cut = match pretty.max_column_name_width_cut_to {
                0 => 0,
                cut => cut.max(widest),
            };
            let (name, name_width) =
                shortened(&column.name, cut, pretty.max_column_name_width_min_chars_to_cut, pretty.ascii);
            let name_width = name_width.min(pretty.max_column_pad_width);
            let width = widest.max(name_width);
            before += width + 3;
            columns.push(Shown { name, name_width, values, width, right: on_the_right(&column.ty) });
        }
        (columns, newlines)
    }

    /// Columns of the screen before the first value.
    fn before(&self, number_width: usize) -> usize {
        number_width + if self.look == Look::Space { 1 } else { 2 }
    }

    fn table(
        &mut self,
        parts: &[Part],
        rows: &[(usize, usize)],
        columns: &[Shown],
        count: usize,
        number_width: usize,
        sink: &mut Sink,
    ) -> io::Result<()> {
        let pretty = &self.rules.settings.pretty;
        let blank = if pretty.row_numbers { number_width } else { 0 };
        let names = columns.iter().map(|c| (c.name.as_str(), c.name_width, c.right)).collect();
        let widths = columns.iter().map(|c| c.width).collect();
        let grid = Grid { look: self.look, ascii: pretty.ascii, blank, names, widths };
        let single = count == 1 && columns.len() == 1 && !pretty.max_value_width_apply_for_single_value;
        let cut = if single || pretty.max_value_width == 0 { usize::MAX } else { pretty.max_value_width };
        grid.top(&mut sink.buffer);
        let skipped = if count > rows.len() { rows.len().div_ceil(2) } else { usize::MAX };
        for (i, (part, row)) in rows.iter().enumerate() {
            if self.displayed >= pretty.max_rows {
                break;
            }
            if i == skipped {
                grid.between(&mut sink.buffer);
                grid.filler(&mut sink.buffer);
            }
            if i > 0 {
                grid.between(&mut sink.buffer);
            }
            let number = if i < skipped { i } else { i + count - rows.len() } + 1;
            let tip_cell = parts[*part].1.last().filter(|cell| cell.is_number());
            self.lines(columns, i, number, cut, &grid, sink, |out| {
                if let Some(cell) = tip_cell {
                    tip(cell, *row, self.rules.settings, out);
                }
            });
            self.displayed += 1;
            sink.pass()?;
        }
        if count >= pretty.display_footer_column_names_min_rows && pretty.display_footer_column_names {
            grid.footer(&mut sink.buffer);
        } else {
            grid.bottom(&mut sink.buffer);
        }
        Ok(())
    }

    /// Writes one row, which takes as many lines as its longest value has.
    #[expect(clippy::too_many_arguments, reason = "the parts of one row")]
    fn lines(
        &self,
        columns: &[Shown],
        at: usize,
        number: usize,
        cut: usize,
        grid: &Grid,
        sink: &mut Sink,
        tip: impl Fn(&mut Vec<u8>),
    ) {
        let multiline = self.rules.settings.pretty.multiline_fields;
        let mut rests: Vec<Option<&[u8]>> =
            columns.iter().map(|c| Some(c.values[at].text.as_slice())).collect();
        let mut first = true;
        while first || rests.iter().any(Option::is_some) {
            if grid.blank > 0 && first {
                let text = format!("{number}. ");
                sink.put(" ".repeat(grid.blank.saturating_sub(text.len())));
                sink.put(text);
            } else {
                sink.put(" ".repeat(grid.blank));
            }
            let mut before = self.before(if grid.blank > 0 { grid.blank } else { 0 });
            for (i, (column, rest)) in columns.iter().zip(&mut rests).enumerate() {
                grid.bar(i, &mut sink.buffer);
                let newline = rest.and_then(|text| text.iter().position(|&b| multiline && b == b'\n'));
                let (line, after) = match (*rest, newline) {
                    (Some(text), Some(end)) => (text.get(..end), text.get(end + 1..)),
                    (text, _) => (text, None),
                };
                let value_width = match line {
                    Some(line) if multiline => width(line, before),
                    Some(_) => column.values[at].width,
                    None => 0,
                };
                // A text that ends with a line break has no line after it, but shows that there is a break.
                let continued = !first && line.is_some_and(|line| !line.is_empty() || after.is_some());
                let fragment = Fragment {
                    text: line.unwrap_or_default(),
                    width: value_width,
                    continued,
                    more: newline.is_some(),
                };
                self.fragment(&fragment, column, cut, before, &mut sink.buffer);
                *rest = after.filter(|after| !after.is_empty());
                before += column.width + 3;
            }
            grid.bar(columns.len(), &mut sink.buffer);
            tip(&mut sink.buffer);
            sink.put("\n");
            first = false;
        }
    }

    fn fragment(&self, fragment: &Fragment, column: &Shown, cut: usize, before: usize, out: &mut Vec<u8>) {
        let ascii = self.rules.settings.pretty.ascii;
        let is_cut = fragment.width > cut;
        let (text, width, ellipsis) = if is_cut {
            let bytes = prefix(fragment.text, before, cut);
            (fragment.text.get(..bytes).unwrap_or_default(), cut, if ascii { "~" } else { "⋯" })
        } else {
            (fragment.text, fragment.width, "")
        };
        let padding = " ".repeat(column.width.saturating_sub(width));
        let start = match (fragment.continued, ascii) {
            (true, false) => "↳",
            (true, true) => ">",
            _ => " ",
        };
        out.extend_from_slice(start.as_bytes());
        if column.right {
            out.extend_from_slice(padding.as_bytes());
        }
        out.extend_from_slice(text);
        out.extend_from_slice(ellipsis.as_bytes());
        if !column.right {
            out.extend_from_slice(padding.as_bytes());
        }
        let end = match (fragment.more, ascii) {
            (true, false) => "↴",
            (true, true) => "\\",
            _ if is_cut => "",
            _ => " ",
        };
        out.extend_from_slice(end.as_bytes());
    }
}

/// One line of a value.
struct Fragment<'a> {
    text: &'a [u8],
    width: usize,
    /// There is a line of the same value above.
    continued: bool,
    /// And below.
    more: bool,
}

/// Part and row of each row that is shown: of too many, those at both ends.
fn shown_rows(parts: &[Part], max_rows: usize) -> Vec<(usize, usize)> {
    let count: usize = parts.iter().map(|(rows, _)| rows).sum();
    let cut = count > max_rows;
    let (first, last) = (max_rows.div_ceil(2), count - (max_rows / 2).min(count));
    let all = parts.iter().enumerate().flat_map(|(part, (rows, _))| (0..*rows).map(move |row| (part, row)));
    all.enumerate().filter(|(i, _)| !cut || *i < first || *i >= last).map(|(_, row)| row).collect()
}
