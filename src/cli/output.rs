//! What verbs say: text for people, or the object itself for programs with `--json`.

use std::io::Write;

use serde::Serialize;

use crate::error::{Error, Result};

/// Where a verb prints to.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    /// Whether programs read it.
    pub is_json: bool,
}

impl Output {
    /// Prints the object for programs, the text for people.
    ///
    /// # Errors
    /// `Internal` when standard output is gone.
    pub fn object(self, object: &impl Serialize, text: &str) -> Result<()> {
        if self.is_json {
            self.write(&serde_json::to_string(object).map_err(Error::internal)?)
        } else {
            self.write(text)
        }
    }

    /// Prints a line for people; programs get none.
    ///
    /// # Errors
    /// As [`Output::object`].
    pub fn line(self, text: &str) -> Result<()> {
        if self.is_json { Ok(()) } else { self.write(text) }
    }

    fn write(self, text: &str) -> Result<()> {
        let mut out = std::io::stdout().lock();
        writeln!(out, "{}", text.trim_end_matches('\n')).and_then(|()| out.flush()).map_err(Error::internal)
    }
}

/// Says on standard error why a verb failed.
pub fn complain(failure: &Error) {
    let mut out = std::io::stderr().lock();
    // If even that is gone, the exit code has to say it.
    let _ = writeln!(out, "tenantry: {}", failure.message);
    for detail in &failure.details {
        let _ = writeln!(out, "  {detail}");
    }
}
