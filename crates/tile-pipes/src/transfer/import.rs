//! Blocks of a file into a data source, in one transaction, so that a reader sees all of them or none. They wait until then, beside the
//! memory when they are many.

use super::spool::Spool;
use crate::ingest::Block;
use crate::jobs::Watch;
use crate::workspace::Workspace;
use crate::workspace::copy::meeting_in;
use crate::workspace::flow::Flow;
use crate::workspace::insert::{self, Arrival};
use crate::workspace::resources::Source;
use serde_json::{Value, json};
use tile_base::objects::Objects;
use tile_base::{Error, Kind, Result, Transaction};

/// What becomes of the rows that are there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mode {
    Append,
    Replace,
    /// Only rows that meet it are replaced, and only such rows are taken.
    ReplaceWhere(String),
}

/// Where a file's rows go.
pub struct Target<'a> {
    pub workspace: &'a Workspace,
    pub source: &'a str,
    /// The table that the rows are decoded for.
    pub home: &'a str,
    pub mode: &'a Mode,
    /// Of the import, for its quarantine.
    pub id: &'a str,
}

/// What is written in the transaction of the rows. An error of it gives them up.
pub type Remember<'a> = &'a dyn Fn(&dyn Transaction, &Counts) -> Result<()>;

/// What came of a file.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    pub rows: u64,
    pub quarantined: u64,
    /// Unpacked.
    pub bytes: u64,
    pub blocks: u64,
}

impl Counts {
    /// As a job of the kind `import` shows it.
    pub fn to_json(&self, id: &str) -> Value {
        let lines = json!({
            "lines": self.rows, "quarantine": self.quarantined, "bytes": self.bytes, "invalid_lines": 0, "empty_lines": 0,
        });
        json!({
            "import_id": id,
            "blocks": [{"block_id": id, "process_return": [lines], "rows": self.rows, "blocks": self.blocks}],
            "statistics": {"row_count": self.rows, "bytes": self.bytes},
            "successful_rows": self.rows,
            "quarantined_rows": self.quarantined,
            "quarantine_rows": self.quarantined,
            "invalid_lines": 0,
        })
    }
}

/// An import under way.
pub struct Importing<'a> {
    target: Target<'a>,
    watch: &'a Watch,
    blocks: Spool<'a>,
    pub counts: Counts,
}

impl<'a> Importing<'a> {
    pub fn new(target: Target<'a>, objects: &'a dyn Objects, watch: &'a Watch) -> Self {
        Self { target, watch, blocks: Spool::new(objects), counts: Counts::default() }
    }

    /// Takes a block.
    ///
    /// # Errors
    /// `Busy` when there is no room for it to wait.
    pub fn take(&mut self, block: Block, bytes: u64) -> Result<()> {
        let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        self.counts.rows += count(block.rows);
        self.counts.quarantined += count(block.quarantined);
        self.counts.bytes += bytes;
        self.counts.blocks += 1;
        self.blocks.put(block)
    }

    /// Stores the rows.
    ///
    /// # Errors
    /// `Conflict` when the data source has changed since the import began; those of `remember`, of the condition and of the
    /// engine. Then nothing has changed.
    pub fn finish(mut self, remember: Remember<'_>) -> Result<Counts> {
        self.watch.cancel.check()?;
        let Target { workspace, source, home, mode, .. } = self.target;
        let meeting = |source: &Source, table: &str| match mode {
            Mode::ReplaceWhere(condition) => meeting_in(source, condition, table),
            Mode::Append | Mode::Replace => Err(Error::internal("a condition that is none")),
        };
        workspace.change(|deployed, t| {
            let flow = Flow::of(deployed);
            let place = flow.of_table(source, home)?;
            remember(t, &self.counts)?;
            if self.blocks.is_empty() {
                // A file without rows still replaces those that are there.
                return match mode {
                    Mode::Append => Ok(()),
                    Mode::Replace => insert::cleared(&flow, t, place).map(drop),
                    Mode::ReplaceWhere(_) => insert::removed(&flow, t, place, &meeting).map(drop),
                };
            }
            let mut is_first = true;
            let cancel = &self.watch.cancel;
            self.blocks.each(&mut |block| {
                cancel.check()?;
                let how = match (mode, std::mem::take(&mut is_first)) {
                    (Mode::Append, _) | (Mode::Replace, false) => Arrival::Beside,
                    (Mode::Replace, true) => Arrival::Instead,
                    (Mode::ReplaceWhere(_), true) => Arrival::InsteadWhere(&meeting),
                    (Mode::ReplaceWhere(_), false) => Arrival::BesideWhere(&meeting),
                };
                insert::arrive(&flow, t, place, block, &how)
            })
        })?;
        Ok(self.counts)
    }
}

/// A file that was taken in the meantime by another run.
pub fn already() -> Error {
    Error::new(Kind::Conflict, "the file is taken already")
}
