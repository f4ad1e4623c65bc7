//! The command line over [`engine`]: it reads flags, shows progress and prints verdicts, and computes nothing itself.

mod commands;
mod exit;
mod output;
mod progress;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use exit::Exit;

/// Runs the command that the process was started with.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // A closed pipe leaves nobody to tell.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage } else { Exit::Success }.into();
        }
    };
    let exit = std::panic::catch_unwind(|| commands::dispatch(&cli.command)).unwrap_or_else(|_| {
        eprintln!("This is a bug of ours. Please report it with the command, the spec and the message above.");
        Exit::Bug
    });
    exit.into()
}

/// Runs, judges and reports executable claims about the noise of SGD.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version, after_help = exit::TABLE)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Simulate specs, judge their claims, and write tables, figures and reports.
    #[command(
        after_help = "Examples:\n  cargo xtask run specs/exp6.toml\n  cargo xtask run specs/*.toml --out elsewhere --seed 7"
    )]
    Run(RunArgs),
    /// Judge stored results again with today's theory, without simulating.
    #[command(after_help = "Examples:\n  cargo xtask check\n  cargo xtask check specs/exp6.toml")]
    Check(StoredArgs),
    /// Report everything that is wrong with specs.
    #[command(after_help = "Example:\n  cargo xtask validate specs/exp6.toml")]
    Validate {
        /// The spec files.
        #[arg(required = true)]
        specs: Vec<PathBuf>,
    },
    /// List what each spec claims, and its stored verdict.
    List(StoredArgs),
    /// Write one page of all stored results: verdicts, figures, specs and provenance.
    #[command(
        after_help = "The page is index.html in the folder of reports, complete in itself. Without named specs, README.md \
                      there becomes its overview in Markdown.\n\n\
                      Examples:\n  cargo xtask report\n  cargo xtask report --out elsewhere"
    )]
    Report(StoredArgs),
    /// Print the JSON schema of the experiment language, for editors.
    Schema,
}

#[derive(Debug, Args)]
struct RunArgs {
    /// The spec files.
    #[arg(required = true)]
    specs: Vec<PathBuf>,
    /// The folder of reports; each spec writes into a folder of its own name below it.
    #[arg(long, default_value = "reports")]
    out: PathBuf,
    /// Use this seed instead of the spec's; the results then go into a folder NAME-seedN.
    #[arg(long)]
    seed: Option<u64>,
    /// Threads to use, 1 to 1024 [default: one per core]. The results do not depend on it.
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// Simulate even what is stored already.
    #[arg(long)]
    force: bool,
}

#[derive(Debug, Args)]
struct StoredArgs {
    /// The spec files [default: all below specs].
    specs: Vec<PathBuf>,
    /// The folder of reports.
    #[arg(long, default_value = "reports")]
    out: PathBuf,
}
