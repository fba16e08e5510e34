//! The report: what was measured, as Markdown. Knows nothing of servers.

use std::fmt::Write;

use crate::load::Sample;

#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    Pass,
    /// Slower than required.
    Miss,
    /// The answers differ, or a server failed.
    Failed(String),
    /// Nothing is required.
    Noted,
}

impl Verdict {
    pub fn judge(met: Option<bool>) -> Self {
        match met {
            Some(true) => Self::Pass,
            Some(false) => Self::Miss,
            None => Self::Noted,
        }
    }

    fn word(&self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Miss => "**miss**",
            Self::Failed(_) => "**FAILED**",
            Self::Noted => "–",
        }
    }
}

/// One line of the table.
pub struct Line {
    pub id: String,
    pub what: String,
    pub ours: String,
    pub theirs: String,
    pub ratio: String,
    pub required: Option<String>,
    pub verdict: Verdict,
    pub samples: Vec<(&'static str, Sample)>,
    pub scaling: Option<(&'static str, usize)>,
}

impl Line {
    pub fn failed(id: &str, what: &str, required: Option<String>, reason: &str) -> Self {
        let none = || "–".to_owned();
        let verdict = Verdict::Failed(reason.to_owned());
        let (id, what) = (id.to_owned(), what.to_owned());
        Self {
            id,
            what,
            ours: none(),
            theirs: none(),
            ratio: none(),
            required,
            verdict,
            samples: vec![],
            scaling: None,
        }
    }

    /// For the terminal, while the run goes on.
    pub fn progress(&self) -> String {
        let reason = match &self.verdict {
            Verdict::Failed(reason) => format!(": {reason}"),
            _ => String::new(),
        };
        let Self { id, ours, theirs, ratio, verdict, .. } = self;
        format!("{id:28} {ours:>12} {theirs:>14} {ratio:>12} {}{reason}", verdict.word())
    }
}

pub struct Report<'a> {
    pub command: String,
    pub cores: usize,
    pub original: String,
    /// The original stood on both sides.
    pub peer_only: bool,
    /// Folders of this machine, which the reasons of failures may name and the report must not.
    pub private: Vec<String>,
    pub lines: &'a [Line],
}

impl Report<'_> {
    pub fn failures(&self) -> usize {
        self.lines.iter().filter(|line| matches!(line.verdict, Verdict::Failed(_))).count()
    }

    pub fn markdown(&self) -> String {
        let mut text = self.preface();
        // The smaller containers stand in the scaling table only.
        let main = self
            .lines
            .iter()
            .filter(|line| line.scaling.is_none_or(|_| line.required.is_some()) || line.samples.is_empty());
        let ours = if self.peer_only { "tiled again" } else { "tile" };
        put(&mut text, format_args!("| measure | {ours} | tiled | ratio | required | verdict |\n"));
        text.push_str("|---|--:|--:|--:|--:|---|\n");
        for line in main {
            let required = line.required.as_deref().unwrap_or("–");
            let Line { what, ours, theirs, ratio, verdict, .. } = line;
            put(
                &mut text,
                format_args!("| {what} | {ours} | {theirs} | {ratio} | {required} | {} |\n", verdict.word()),
            );
        }
        self.failures_in_words(&mut text);
        self.scaling(&mut text);
        self.details(&mut text);
        text
    }

    fn preface(&self) -> String {
        let Self { command, cores, original, .. } = self;
        format!(
            "# Speed\n\nMade by `{command}` on {cores} cores; do not edit. Tile and Tiled {original} serve the same files and the same \
             nodes, each as one process, and are loaded in turn in one run. Before a row is timed, both answers are fetched and \
             compared; a row whose answers differ is FAILED. Times are the median latency of one client (unless the row says \
             otherwise) over loopback, body read to its end, median of the repetitions; the ratio is how many times faster or \
             smaller Tile is. Searches, counts and slices ask something else in each request; whole arrays and tables are \
             read again and again, so that both systems may use their caches.\n\n"
        )
    }

    fn failures_in_words(&self, text: &mut String) {
        for line in self.lines {
            if let Verdict::Failed(reason) = &line.verdict {
                let first = reason.lines().next().unwrap_or_default().to_owned();
                let reason = self.private.iter().fold(first, |text, folder| text.replace(folder, "…"));
                put(text, format_args!("\n**FAILED** `{}`: {reason}\n", line.id));
            }
        }
    }

    fn scaling(&self, text: &mut String) {
        let mut lines: Vec<_> = self.lines.iter().filter_map(|line| Some((line.scaling?, line))).collect();
        if lines.is_empty() {
            return;
        }
        lines.sort_by_key(|(scaling, _)| *scaling);
        text.push_str("\n## Growth with the catalog\n\n| measure | nodes | tile | tiled | ratio |\n|---|--:|--:|--:|--:|\n");
        for ((measure, nodes), line) in lines {
            put(
                text,
                format_args!("| {measure} | {nodes} | {} | {} | {} |\n", line.ours, line.theirs, line.ratio),
            );
        }
    }

    fn details(&self, text: &mut String) {
        text.push_str("\n## Details\n\nRows by their id for `--only`. CPU is the server's, for each answer; memory is the most it held.\n\n");
        text.push_str("| row | server | answers/s | MB/s | p50 | p99 | CPU | memory |\n|---|---|--:|--:|--:|--:|--:|--:|\n");
        for line in self.lines {
            for (server, sample) in &line.samples {
                put(
                    text,
                    format_args!(
                        "| {} | {server} | {:.1} | {:.1} | {} | {} | {} | {} |\n",
                        line.id,
                        sample.per_second(),
                        sample.megabytes_per_second(),
                        milliseconds(sample.p50_ms),
                        milliseconds(sample.p99_ms),
                        milliseconds(sample.cpu_ms_per_answer()),
                        mebibytes(sample.peak_mib),
                    ),
                );
            }
        }
    }
}

/// Writing to a `String` cannot fail.
fn put(text: &mut String, arguments: std::fmt::Arguments) {
    let _ = text.write_fmt(arguments);
}

pub fn milliseconds(value: f64) -> String {
    match value {
        ..1.0 => format!("{value:.3} ms"),
        ..10.0 => format!("{value:.2} ms"),
        ..100.0 => format!("{value:.1} ms"),
        ..10_000.0 => format!("{value:.0} ms"),
        _ => format!("{:.1} s", value / 1000.0),
    }
}

pub fn mebibytes(value: f64) -> String {
    format!("{value:.0} MiB")
}

pub fn times(ratio: f64) -> String {
    if ratio < 9.95 { format!("{ratio:.1}×") } else { format!("{ratio:.0}×") }
}

#[cfg(test)]
mod tests {
    use super::{Line, Report, Verdict, milliseconds, times};

    #[test]
    fn figures() {
        let shown = [0.0871, 4.2, 42.42, 420.4, 42_424.2].map(milliseconds);
        assert_eq!(shown, ["0.087 ms", "4.20 ms", "42.4 ms", "420 ms", "42.4 s"]);
        assert_eq!([1.26, 123.4].map(times), ["1.3×", "123×"]);
    }

    #[test]
    fn a_failed_row_is_told_and_counted() {
        let mut miss = Line::failed("array.1mb.npy", "1 MB", None, "");
        miss.verdict = Verdict::Miss;
        let lines = [miss, Line::failed("table.csv", "CSV", None, "no `/home/me/x`\nlog")];
        let (command, original, private) = ("c".to_owned(), "0".to_owned(), vec!["/home/me".to_owned()]);
        let report = Report { command, cores: 2, original, peer_only: false, private, lines: &lines };
        assert_eq!(report.failures(), 1);
        assert!(report.markdown().contains("**FAILED** `table.csv`: no `…/x`\n"));
    }
}
