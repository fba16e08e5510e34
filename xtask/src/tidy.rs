//! `cargo xtask tidy`: the laws of the workspace that no compiler holds. One file for each law; each is a function
//! from the [`Workspace`] to a [`Report`]. To add one, write its file and name it in [`LAWS`].

mod documents;
mod licences;
mod manifests;
mod rings;
mod sizes;
mod words;
mod workspace;

use anyhow::{Result, bail};

use workspace::Workspace;

/// What a law found. A problem fails the run, a remark does not.
#[derive(Default)]
pub struct Report {
    problems: Vec<String>,
    remarks: Vec<String>,
}

impl Report {
    fn problem(&mut self, text: impl Into<String>) {
        self.problems.push(text.into());
    }

    fn remark(&mut self, text: impl Into<String>) {
        self.remarks.push(text.into());
    }
}

type Law = fn(&Workspace, &mut Report) -> Result<()>;

const LAWS: &[(&str, Law)] = &[
    ("rings", rings::check),
    ("manifests", manifests::check),
    ("licences", licences::check),
    ("sizes", sizes::check),
    ("words", words::check),
    ("documents", documents::check),
];

pub fn run() -> Result<()> {
    let workspace = Workspace::load()?;
    let mut problems = 0;
    for (name, law) in LAWS {
        let mut report = Report::default();
        law(&workspace, &mut report)?;
        for remark in &report.remarks {
            println!("{name}: remark: {remark}");
        }
        for problem in &report.problems {
            println!("{name}: {problem}");
        }
        problems += report.problems.len();
    }
    if problems > 0 {
        bail!("{problems} problems");
    }
    println!("{} laws hold in {} files", LAWS.len(), workspace.files.len());
    Ok(())
}
