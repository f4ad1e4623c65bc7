//! The command line over [`engine`]: it reads flags, shows progress and prints verdicts, and computes nothing itself.

mod commands;
mod exit;
mod output;
mod progress;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};

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
    #[command(after_help = "The page is index.html in the folder of reports, complete in itself.\n\n\
                      Examples:\n  cargo xtask report\n  cargo xtask report --out elsewhere")]
    Report(StoredArgs),
    /// Write stored figures as files for papers and slides.
    #[command(after_help = "The first PNG or PDF builds the program that makes them, in about a minute.\n\n\
                      Examples:\n  cargo xtask figure specs/exp6.toml collapse --as pdf\n  \
                      cargo xtask figure specs/exp6.toml --as png --scale 3 --to slides")]
    Figure(FigureArgs),
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
struct FigureArgs {
    /// The spec file.
    spec: PathBuf,
    /// The name of the figure [default: all of the spec].
    figure: Option<String>,
    /// The format: svg as it is stored, png in pixels, pdf with text and embedded glyphs.
    #[arg(long = "as", value_enum, default_value = "svg")]
    format: Format,
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
enum Format {
    Svg,
    Png,
    Pdf,
}

impl Format {
    fn ending(self) -> &'static str {
        match self {
            Format::Svg => "svg",
            Format::Png => "png",
            Format::Pdf => "pdf",
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
