//! The command line over [`engine`]: it reads flags, shows progress and prints verdicts, and computes nothing itself.

mod args;
mod commands;
mod exit;
mod output;
mod progress;
mod shards;
mod signals;

use std::path::PathBuf;
use std::process::ExitCode;

use args::{
    AcceptArgs, CheckArgs, DIFF_HELP, DiffArgs, ExplainArgs, FigureArgs, PlanArgs, ReplayArgs, RunArgs, STATUS_HELP,
    ShardArgs, ShownArgs, SlurmArgs, StatusArgs, StoredArgs, VERIFY_HELP, VerifyArgs,
};
use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use clap_complete::Shell;
use commands::{completions, selftest};
use exit::Exit;

/// Runs the command that the process was started with.
#[must_use]
pub fn main() -> ExitCode {
    let parsed =
        Cli::command().bin_name(invoked_as()).try_get_matches().and_then(|found| Cli::from_arg_matches(&found));
    let cli = match parsed {
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

/// What people type to get here: the name under which this program was installed, or the alias in the workspace.
fn invoked_as() -> String {
    let file = std::env::args_os().next().map(PathBuf::from);
    let stem = file.as_deref().and_then(|file| file.file_stem()?.to_str());
    stem.filter(|stem| !stem.starts_with("xtask")).map_or_else(|| "cargo xtask".to_owned(), str::to_owned)
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
  cargo xtask run specs/exp6.toml --format json | jq '.[] | {claim, verdict}'
  cargo xtask run specs/exp6.toml --shard 3/16       # and 15 others elsewhere, then merge")]
    Run(ShardArgs),
    /// Say how large a run is, what is stored already, and how long the rest takes.
    ///
    /// Simulates blocks of the cells that are not stored for about a second (networks take some more), and writes nothing. Takes the flags of run.
    #[command(after_help = "Examples:
  cargo xtask plan specs/exp6.toml
  cargo xtask plan specs/*.toml specs/*/*.toml --force --threads 1
  cargo xtask plan specs/exp6.toml --shards 16")]
    Plan(PlanArgs),
    /// Judge stored results again with today's theory, without simulating.
    #[command(after_help = "Examples:
  cargo xtask check
  cargo xtask check specs/exp6.toml --format markdown
  cargo xtask check specs/exp6.toml --partial        # while a run goes on")]
    Check(CheckArgs),
    /// Say which errors verdicts would catch: break the theory, or the data, and judge stored results again.
    #[command(after_help = selftest::HELP)]
    Selftest(ShownArgs),
    /// Prove that stored results are what their specs give: hashes, tables, and a random choice of sections simulated again.
    #[command(after_help = VERIFY_HELP)]
    Verify(VerifyArgs),
    /// Say which cells a run would simulate again, and which change made them stale.
    #[command(
        after_help = "Comments, the order of keys, claims and figures make no cell stale.\n\nExit codes:\n    0  nothing \
                      is stale\n    2  a bad spec\n    3  a run would simulate or judge again\n    4  the folder cannot be \
                      read\n\nExample:\n  cargo xtask why specs/exp6.toml"
    )]
    Why(ShownArgs),
    /// Simulate one block of one cell alone, and print every value that it records.
    #[command(after_help = "Examples:
  cargo xtask replay specs/exp6.toml --cell 3 --block 17
  cargo xtask replay specs/exp6.toml --cell 3 --block 17 --measure risk --format json")]
    Replay(ReplayArgs),
    /// Say how far the shards of a spec have come.
    #[command(after_help = STATUS_HELP)]
    Status(StatusArgs),
    /// Judge the parts that all shards have stored, and write what a single run would have written, byte for byte.
    #[command(
        after_help = "Exit codes: those of run; 2 if the shards are of another spec or version, 3 if cells are missing, 4 \
                      if a part is damaged.\n\nExample:\n  cargo xtask merge specs/exp6.toml"
    )]
    Merge(RunArgs),
    /// Write the SLURM jobs of a sharded run, and submit them if asked to.
    #[command(after_help = "Examples:
  cargo xtask slurm specs/exp6.toml --shards 64 --cpus-per-task 4 --time 01:00:00
  cargo xtask slurm specs/exp6.toml --shards 64 --submit
  cargo xtask slurm specs/exp6.toml --missing --submit   # those that were killed, and the merge once more")]
    Slurm(SlurmArgs),
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
    /// Explain a claim: what it says, measures and is compared with, and how its verdict came about.
    #[command(
        after_help = "Without CLAIM, all claims of the spec are explained in short. Without results, it says what would \
                      be tested.\n\nExit codes:\n    0  it is explained\n    2  a bad spec, or no such claim\n    4  \
                      stored results are damaged\n\nExamples:\n  cargo xtask explain specs/exp6.toml\n  cargo xtask explain \
                      specs/exp6.toml collapse"
    )]
    Explain(ExplainArgs),
    /// Say what moved between two results of one spec: verdicts, values, laws.
    #[command(after_help = DIFF_HELP)]
    Diff(DiffArgs),
    /// Make present results the baseline of the next diff.
    #[command(
        after_help = "The baseline is a copy in the folder baseline of the results; the one before is replaced. Results \
                      that are stale, missing or damaged are refused.\n\nExamples:\n  cargo xtask accept \
                      specs/exp6.toml\n  cargo xtask accept specs/*.toml"
    )]
    Accept(AcceptArgs),
    /// Write one page of all stored results: verdicts, figures, specs and provenance.
    #[command(
        after_help = "The page is index.html in the folder of reports, complete in itself. Without named specs, README.md \
                      there becomes its overview in Markdown.\n\n\
                      Examples:\n  cargo xtask report\n  cargo xtask report --out elsewhere"
    )]
    Report(StoredArgs),
    /// Write stored figures as files for papers and slides.
    #[command(after_help = "The first PNG or PDF builds the program that makes them, in about a minute.\n\n\
                      Examples:\n  cargo xtask figure specs/exp6.toml collapse --as pdf\n  \
                      cargo xtask figure specs/exp6.toml --as png --scale 3 --to slides")]
    Figure(FigureArgs),
    /// Print the JSON schema of the experiment language, for editors.
    #[command(after_help = "Example:\n  cargo xtask schema > specs/schema.json")]
    Schema,
    /// Run what must pass before a change lands; with --slow also what takes long.
    #[command(after_help = "Examples:\n  cargo xtask ci\n  cargo xtask ci --slow")]
    Ci {
        /// Also the slow tests (crashes at every write, 10 000 experiments, SLURM, …), fuzzing and mutants.
        #[arg(long)]
        slow: bool,
    },
    /// Print a script by which a shell completes these commands.
    #[command(after_help = completions::HELP)]
    Completions {
        /// The shell.
        shell: Shell,
    },
}
