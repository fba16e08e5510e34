//! `tests/<pipe>.yaml`: requests to a pipe with the answers that are expected.
//!
//! ```yaml
//! - name: by_day
//!   description: one row a day
//!   parameters: from=2024-01-01&limit=3
//!   expected_result: |
//!     {"day":"2024-01-01"}
//!   expected_http_status: 400
//! ```

use super::fault::Fault;
use saphyr_parser::{Event, Parser, ScalarStyle};

const CASES_MAX: usize = 10_000;

#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct TestCase {
    pub name: String,
    pub description: String,
    /// As in `a=1&b=2`. Of what a whole address has, only what stands behind its `?`.
    pub parameters: String,
    /// The body of an answer, or the message of one that is refused. Compared as it is.
    pub expected_result: Option<String>,
    pub expected_http_status: Option<u16>,
    /// Its line in the file, from 1.
    pub line: usize,
}

/// The tests of a file.
///
/// # Errors
/// The first thing that is not of this shape, with its line. Unknown keys, anchors and tags are refused.
pub fn parse(file: &str, text: &str) -> Result<Vec<TestCase>, Box<Fault>> {
    let length = text.chars().count();
    let mut reader = Reader { file, text, length, end: 0, parser: Parser::new_from_str(text) };
    let mut cases = Vec::new();
    loop {
        let (event, line) = reader.next()?;
        match event {
            Event::StreamEnd => return Ok(cases),
            Event::StreamStart | Event::DocumentStart(_) | Event::DocumentEnd | Event::Nothing => {}
            // A file of comments alone has no tests.
            Event::Scalar(value, ..) if value.is_empty() || value == "~" => {}
            Event::SequenceStart(..) => reader.cases(&mut cases)?,
            _ => return Err(reader.fault(line, "expected a list of tests")),
        }
    }
}

/// The tests as a file, to be read by [`parse`].
pub fn print(cases: &[TestCase]) -> String {
    let mut out = String::new();
    for case in cases {
        out.push_str(if out.is_empty() { "" } else { "\n" });
        out.push_str(&format!("- name: {}\n", scalar(&case.name)));
        out.push_str(&format!("  description: {}\n", scalar(&case.description)));
        out.push_str(&format!("  parameters: {}\n", scalar(&case.parameters)));
        if let Some(status) = case.expected_http_status {
            out.push_str(&format!("  expected_http_status: {status}\n"));
        }
        if let Some(expected) = &case.expected_result {
            out.push_str(&format!("  expected_result: {}\n", scalar(expected)));
        }
    }
    out
}

/// A text as a value: as a block where it has lines, else plain where nothing can be taken for something else.
fn scalar(text: &str) -> String {
    let is_shown = |c: char| c == '\n' || (' '..='~').contains(&c) || (c > '\u{a0}' && !c.is_whitespace());
    // A block cannot tell its own empty lines at its end from those behind it.
    let is_whole = !text.starts_with([' ', '\n']) && !text.ends_with("\n\n") && !text.contains('\u{feff}');
    if text.contains('\n') && is_whole && text.chars().all(is_shown) {
        let kept = if text.ends_with('\n') { "|" } else { "|-" };
        let lines = text.strip_suffix('\n').unwrap_or(text).split('\n');
        let lines = lines.map(|l| if l.is_empty() { String::new() } else { format!("    {l}") });
        return format!("{kept}\n{}", lines.collect::<Vec<_>>().join("\n"));
    }
    let is_word = |c: char| c.is_ascii_alphanumeric() || "_ ,.=&%/-".contains(c);
    let is_name = text.starts_with(|c: char| c.is_ascii_alphabetic()) && !text.ends_with(' ');
    let means_more =
        ["null", "true", "false", "yes", "no", "on", "off", "y", "n"].contains(&text.to_lowercase().as_str());
    if is_name && text.chars().all(is_word) && !means_more {
        return text.to_owned();
    }
    // What is quoted in JSON is quoted in YAML.
    serde_json::Value::from(text).to_string()
}

struct Reader<'a> {
    file: &'a str,
    text: &'a str,
    /// In characters.
    length: usize,
    /// Of the last event, in characters.
    end: usize,
    parser: Parser<'a, saphyr_parser::StrInput<'a>>,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<(Event<'a>, usize), Box<Fault>> {
        match self.parser.next() {
            Some(Ok((event, span))) => {
                self.end = span.end.index();
                Ok((event, span.start.line()))
            }
            Some(Err(error)) => Err(self.fault(error.marker().line(), error.info())),
            None => Ok((Event::StreamEnd, 0)),
        }
    }

    fn fault(&self, line: usize, message: &str) -> Box<Fault> {
        // The parser may stand behind the last line.
        let line = line.clamp(1, self.text.lines().count().max(1));
        let source = self.text.lines().enumerate().skip(line.saturating_sub(3)).take(3.min(line));
        Box::new(Fault {
            file: self.file.to_owned(),
            line,
            column: 1,
            is_syntax: true,
            source: source.map(|(i, line)| (i + 1, line.to_owned())).collect(),
            ..Fault::new(message)
        })
    }

    fn cases(&mut self, cases: &mut Vec<TestCase>) -> Result<(), Box<Fault>> {
        loop {
            let (event, line) = self.next()?;
            match event {
                Event::SequenceEnd => return Ok(()),
                Event::MappingStart(..) => cases.push(self.case(line)?),
                _ => return Err(self.fault(line, "expected a test: keys with values")),
            }
            if cases.len() > CASES_MAX {
                return Err(self.fault(line, &format!("more than {CASES_MAX} tests")));
            }
        }
    }

    fn case(&mut self, line: usize) -> Result<TestCase, Box<Fault>> {
        let mut case = TestCase { line, ..TestCase::default() };
        loop {
            let (key, line) = match self.next()? {
                (Event::MappingEnd, _) => break,
                (Event::Scalar(key, ..), line) => (key, line),
                (_, line) => return Err(self.fault(line, "expected a key")),
            };
            let (value, line) = match self.next()? {
                (Event::Scalar(value, style, 0, None), _) => (self.scalar(&value, style), line),
                _ => {
                    return Err(
                        self.fault(line, &format!("the value of `{key}` is not a plain text or number"))
                    );
                }
            };
            match key.as_ref() {
                "name" => case.name = value.unwrap_or_default(),
                "description" => case.description = value.unwrap_or_default(),
                "parameters" => case.parameters = parameters(&value.unwrap_or_default()),
                "expected_result" => case.expected_result = value,
                "expected_http_status" => {
                    let status = value.map(|text| text.parse::<u16>());
                    let status =
                        status.transpose().ok().filter(|s| s.is_none_or(|s| (100..600).contains(&s)));
                    case.expected_http_status = status.ok_or_else(|| {
                        self.fault(line, "expected_http_status is not a number from 100 to 599")
                    })?;
                }
                other => {
                    let known =
                        ["name", "description", "parameters", "expected_result", "expected_http_status"];
                    let near = tile_base::error::nearest(other, known);
                    let fault = self.fault(line, &format!("unknown key `{other}` in a test"));
                    let hint = near.first().map_or(format!("known keys are {}", known.join(", ")), |near| {
                        format!("did you mean `{near}`?")
                    });
                    return Err(Box::new(fault.hint(hint)));
                }
            }
        }
        if case.name.is_empty() {
            return Err(self.fault(line, "a test has no `name`"));
        }
        Ok(case)
    }

    /// `None` for null. A block that ends with the file has no more line ends than the file has.
    fn scalar(&self, value: &str, style: ScalarStyle) -> Option<String> {
        let is_null = style == ScalarStyle::Plain && ["", "~", "null", "Null", "NULL"].contains(&value);
        let is_block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
        let is_cut = is_block && self.end >= self.length && !self.text.ends_with('\n');
        let value = if is_cut { value.strip_suffix('\n').unwrap_or(value) } else { value };
        (!is_null).then(|| value.to_owned())
    }
}

fn parameters(text: &str) -> String {
    text.split('?').nth(1).unwrap_or(text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_is_read_again() {
        let texts = [
            "",
            "plain",
            "Two words, a stop.",
            "true",
            "~",
            "null",
            "12",
            "a: b",
            "a #b",
            "- a",
            "it's",
            "say \"a\"",
            " a ",
            "a\n",
            "a\nb",
            "{\"a\":1}\n{\"b\":\"x\\/y\"}\n",
            "\n",
            "\n\n",
            "a\n\n",
            " a\nb\n",
            "a\n\nb\n",
            "a \n b\n",
            "a\tb\n",
            "é\u{1F600}\n",
            "a\u{2028}b\n",
            "\u{feff}a\nb",
            "%a",
            "a=1&b=2",
            "# a\n",
            "\u{7f}",
        ];
        let mut cases = Vec::new();
        for (i, text) in texts.iter().enumerate() {
            cases.push(TestCase {
                name: format!("case {i}"),
                description: (*text).to_owned(),
                parameters: "a=1&b=%20".into(),
                expected_result: Some((*text).to_owned()),
                expected_http_status: (i % 2 == 0).then_some(400),
                line: 0,
            });
        }
        let printed = print(&cases);
        let mut read = parse("a.yaml", &printed).unwrap();
        for case in &mut read {
            case.line = 0;
        }
        assert_eq!(read, cases, "{printed}");
    }
}
