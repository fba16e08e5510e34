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
