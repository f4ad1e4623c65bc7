//! The command line over [`engine`]: it reads flags, shows progress and prints verdicts, and computes nothing itself.

mod commands;
mod exit;
mod output;
mod progress;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};

use clap_complete::Shell;
use commands::{completions, selftest};
use exit::Exit;
use output::{Format, OutputArgs};

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
    /// Simulates blocks of the cells that are not stored for about a second (networks take some more), and writes nothing. Takes the flags of run.
    #[command(after_help = "Examples:
  cargo xtask plan specs/exp6.toml
  cargo xtask plan specs/*.toml specs/*/*.toml --force --threads 1")]
    Plan(RunArgs),
    /// Judge stored results again with today's theory, without simulating.
    #[command(after_help = "Examples:
  cargo xtask check
  cargo xtask check specs/exp6.toml --format markdown")]
    Check(ShownArgs),
    /// Say which errors verdicts would catch: break the theory, or the data, and judge stored results again.
    #[command(after_help = selftest::HELP)]
    Selftest(ShownArgs),
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

/// What the help of `diff` ends with.
const DIFF_HELP: &str = "A and B are folders of results, or spec files, which mean their folders below --out. What moved is \
said from A to B, or from the baseline of A to A.

Values of the same random numbers should be equal bit by bit; others are told apart by Welch's t test with Holm's procedure, at
a family-wise error of 1e-4. Laws may differ by rounding.

Exit codes:
    0  nothing moved
    1  a verdict, a value or a law moved
    2  wrong usage, or results of two specs
    3  there is nothing to compare
    4  results are damaged

Examples:
  cargo xtask diff specs/exp6.toml
  cargo xtask diff reports/exp6 reports/exp6-seed7
  cargo xtask diff specs/exp6.toml --format json";

#[derive(Debug, Args)]
struct ExplainArgs {
    /// The spec file.
    spec: PathBuf,
    /// The name of one of its claims.
    claim: Option<String>,
    /// The folder of reports.
    #[arg(long, default_value = "reports")]
    out: PathBuf,
}

#[derive(Debug, Args)]
struct DiffArgs {
    /// A folder of results, or a spec file.
    a: PathBuf,
    /// Another one [default: the baseline of A, to which A is then compared].
    b: Option<PathBuf>,
    /// The folder of reports, for spec files.
    #[arg(long, default_value = "reports")]
    out: PathBuf,
    /// How to print: for people, for programs, or to be pasted into an issue.
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    format: Format,
}

#[derive(Debug, Args)]
struct AcceptArgs {
    /// The spec files.
    #[arg(required = true)]
    specs: Vec<PathBuf>,
    /// The folder of reports.
    #[arg(long, default_value = "reports")]
    out: PathBuf,
}

#[derive(Debug, Args)]
struct FigureArgs {
    /// The spec file.
    spec: PathBuf,
    /// The name of the figure [default: all of the spec].
    figure: Option<String>,
    /// The format: svg as it is stored, png in pixels, pdf with text and embedded glyphs.
    #[arg(long = "as", value_enum, default_value = "svg")]
    format: PictureFormat,
    /// Pixels of a PNG for each unit of the SVG, 0.1 to 20: 900 are its usual width.
    #[arg(long, default_value_t = 2.0, value_parser = scale)]
    scale: f32,
    /// The folder to write into, as SPEC-FIGURE.FORMAT.
    #[arg(long, default_value = ".")]
    to: PathBuf,
    /// The folder of reports.
    #[arg(long, default_value = "reports")]
    out: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum PictureFormat {
    Svg,
    Png,
    Pdf,
}

impl PictureFormat {
    fn ending(self) -> &'static str {
        match self {
            PictureFormat::Svg => "svg",
            PictureFormat::Png => "png",
            PictureFormat::Pdf => "pdf",
        }
    }
}

fn scale(text: &str) -> Result<f32, String> {
    let scale: f32 = text.parse().map_err(|_| "it is no number".to_owned())?;
    if (0.1..=20.0).contains(&scale) { Ok(scale) } else { Err("it must lie between 0.1 and 20".to_owned()) }
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
