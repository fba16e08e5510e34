//! `Null`: nothing at all.

use super::output::{Format, Output, TEXT};
use super::settings::Settings;
use std::io::{self, Write};

pub(crate) struct Null;

impl Format for Null {
    fn name(&self) -> &'static str {
        "Null"
    }

    fn content_type(&self) -> &'static str {
        TEXT
    }

    fn write(&self, _: &Output, _: &Settings, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}
