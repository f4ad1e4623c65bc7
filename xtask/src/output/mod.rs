//! What is said on standard output and standard error: lines, errors, and the formats that a command may be asked for.

mod table;
mod verdicts;

use std::io::{ErrorKind, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};

use anstream::{AutoStream, ColorChoice};
use clap::{Args, ValueEnum};
use engine::LoadError;
use serde::Serialize;

use crate::exit::Exit;

pub(crate) use table::{Table, table, width, wrapped};
pub(crate) use verdicts::{Verdicts, painted};

/// Whether a line was lost that somebody was still there to read.
static LOST: AtomicBool = AtomicBool::new(false);

/// How results are shown.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct OutputArgs {
    /// How to print: for people, for programs, or to be pasted into an issue.
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub(crate) format: Format,
    /// When to use colour: auto heeds NO_COLOR, CLICOLOR_FORCE and TERM=dumb.
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: Color,
}

/// What results are written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Table,
    Json,
    Markdown,
}

/// When colour is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

impl Color {
    /// Whether standard output gets colours, by the same rules as the help of this command line and of cargo.
    pub(crate) fn is_on(self) -> bool {
        match self {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => AutoStream::choice(&std::io::stdout()) != ColorChoice::Never,
        }
    }
}

/// Prints a line to standard output; `false` once nobody reads it any more.
///
/// A reader that has gone, as in `… | head`, has seen enough; any other failure is said once, and ends in [`Exit::Io`].
pub(crate) fn print(line: &str) -> bool {
    let Err(error) = writeln!(std::io::stdout(), "{line}") else { return true };
    if error.kind() != ErrorKind::BrokenPipe && !LOST.swap(true, Ordering::Relaxed) {
        complain(format!("error: cannot write to standard output: {error}"));
    }
    false
}

/// Prints a document for programs.
pub(crate) fn print_json(document: &impl Serialize) -> Exit {
    match serde_json::to_string_pretty(document) {
        Ok(text) => {
            print(&text);
            Exit::Success
        }
        Err(error) => {
            complain(format!("error: cannot write JSON: {error}"));
            Exit::Bug
        }
    }
}

/// Whether a line was lost that should have been seen.
pub(crate) fn is_lost() -> bool {
    LOST.load(Ordering::Relaxed)
}

/// Prints an error to standard error.
pub(crate) fn complain(message: impl std::fmt::Display) {
    // Without a standard error there is nowhere to complain to.
    let _ = writeln!(std::io::stderr(), "{message}");
}

/// Says why a spec cannot be loaded, and how that ends.
pub(crate) fn refuse(error: &LoadError) -> Exit {
    match error {
        // Each of its problems begins with the word itself.
        LoadError::Spec(problems) => complain(problems),
        other => complain(format!("error: {other}")),
    }
    Exit::from(error)
}
