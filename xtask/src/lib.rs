//! The command line over [`engine`]: it reads flags, shows progress and prints verdicts, and computes nothing itself.

mod commands;
mod exit;
mod output;
mod progress;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use clap_complete::Shell;
use commands::completions;
use exit::Exit;
use output::OutputArgs;

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
    if output::is_lost() { exit.max(Exit::Io) } else { exit }.into()
}

/// Runs, judges and reports executable claims about the noise of SGD.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version, max_term_width = 100, after_help = exit::TABLE)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Simulate specs, judge their claims, and write tables, figures and reports.
    #[command(after_help = "Examples:
  cargo xtask run specs/exp6.toml
  cargo xtask run specs/*.toml --out elsewhere --seed 7
  cargo xtask run specs/exp6.toml --format json | jq '.[] | {claim, verdict}'")]
    Run(RunArgs),
    /// Say how large a run is, what is stored already, and how long the rest takes.
    ///
    /// Simulates blocks of the cells that are not stored for about a second, and writes nothing. Takes the flags of run.
    #[command(after_help = "Examples:
  cargo xtask plan specs/exp6.toml
  cargo xtask plan specs/*.toml specs/*/*.toml --force --threads 1")]
    Plan(RunArgs),
    /// Judge stored results again with today's theory, without simulating.
    #[command(after_help = "Examples:
  cargo xtask check
  cargo xtask check specs/exp6.toml --format markdown")]
    Check(ShownArgs),
    /// Start a spec from an existing one, next to it.
    ///
    /// The text is copied with its comments; title and seed are new, and recorded findings become comments.
    #[command(after_help = "Examples:
  cargo xtask new trial --from specs/exp6.toml        # specs/trial.toml
  cargo xtask new mine/trial --from specs/exp6.toml   # specs/mine/trial.toml")]
    New {
        /// Its name, without .toml; folders before it stand below the folder of SPEC.
        name: String,
        /// The spec to start from.
        #[arg(long, value_name = "SPEC")]
        from: PathBuf,
    },
    /// Report everything that is wrong with specs.
    #[command(after_help = "Example:\n  cargo xtask validate specs/exp6.toml")]
    Validate {
        /// The spec files.
        #[arg(required = true)]
        specs: Vec<PathBuf>,
    },
    /// List what each spec claims, and its stored verdict.
    #[command(after_help = "Examples:
  cargo xtask list
  cargo xtask list specs/exp6.toml --format json")]
    List(ShownArgs),
    /// Write one page of all stored results: verdicts, figures, specs and provenance.
    #[command(after_help = "The page is index.html in the folder of reports, complete in itself.

Examples:
  cargo xtask report
  cargo xtask report --out elsewhere")]
    Report(StoredArgs),
    /// Print the JSON schema of the experiment language, for editors.
    #[command(after_help = "Example:\n  cargo xtask schema > specs/schema.json")]
    Schema,
    /// Print a script by which a shell completes these commands.
    #[command(after_help = completions::HELP)]
    Completions {
        /// The shell.
        shell: Shell,
    },
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
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, Args)]
struct StoredArgs {
    /// The spec files [default: all below specs].
    specs: Vec<PathBuf>,
    /// The folder of reports.
    #[arg(long, default_value = "reports")]
    out: PathBuf,
}

#[derive(Debug, Args)]
struct ShownArgs {
    #[command(flatten)]
    stored: StoredArgs,
    #[command(flatten)]
    output: OutputArgs,
}
