//! The command line over [`engine`]: it reads flags, shows progress and prints verdicts, and computes nothing itself.

mod commands;
mod exit;
mod output;
mod progress;
mod shards;
mod signals;

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum};

use clap_complete::Shell;
use commands::{completions, selftest, slurm};
use engine::Bounds;
use exit::Exit;
use output::{Format, OutputArgs};

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
    /// Run also what needs more memory (16 GB) or work (10¹⁴ numbers) than a spec may ask for.
    #[arg(long)]
    unbounded: bool,
    #[command(flatten)]
    output: OutputArgs,
}

impl RunArgs {
    fn bounds(&self) -> Bounds {
        if self.unbounded { Bounds::Lifted } else { Bounds::Usual }
    }
}

#[derive(Debug, Args)]
struct ShardArgs {
    #[command(flatten)]
    run: RunArgs,
    /// Simulate the cells of this shard alone, and judge nothing: K/N with K from 0 to N − 1, or auto/N to take K from the
    /// variable that a scheduler sets.
    #[arg(long, value_name = "K/N", help_heading = "Shards", long_help = shards::HELP)]
    shard: Option<shards::Choice>,
}

#[derive(Debug, Args)]
struct PlanArgs {
    #[command(flatten)]
    run: RunArgs,
    /// Share the cells out among so many shards, and write down what they must agree on.
    #[arg(long, value_name = "N", value_parser = shards::number)]
    shards: Option<usize>,
}

#[derive(Debug, Args)]
struct CheckArgs {
    #[command(flatten)]
    shown: ShownArgs,
    /// Judge what is stored so far, of a run that goes on or was interrupted; what is not there is undecided.
    #[arg(long)]
    partial: bool,
}

/// What the help of `verify` ends with.
const VERIFY_HELP: &str =
    "Without names, all specs below specs are verified. Of a folder, the spec is looked for below specs, \
and without it only hashes are checked.

Exit codes:
    0  all is as it should be
    1  something comes out differently when it is made again
    2  a bad spec
    3  there are no results, or those of another text of the spec
    4  a file is damaged

Examples:
  cargo xtask verify
  cargo xtask verify reports/exp6
  cargo xtask verify specs/exp6.toml --share 1         # simulates everything again";

#[derive(Debug, Args)]
struct VerifyArgs {
    /// Spec files, or folders of results [default: all specs below specs].
    paths: Vec<PathBuf>,
    /// The folder of reports.
    #[arg(long, default_value = "reports")]
    out: PathBuf,
    /// The share of the sections of each cell that is simulated again, above 0 and at most 1; at least one of each cell.
    #[arg(long, default_value_t = 0.01, value_parser = share)]
    share: f64,
    /// The number that the choice of sections is drawn from [default: another one each time, which is printed].
    #[arg(long)]
    draw: Option<u64>,
    /// Threads to use, 1 to 1024 [default: one per core].
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
}

fn share(text: &str) -> Result<f64, String> {
    let share: f64 = text.parse().map_err(|_| "it is no number".to_owned())?;
    if share > 0.0 && share <= 1.0 { Ok(share) } else { Err("it must be above 0 and at most 1".to_owned()) }
}

#[derive(Debug, Args)]
struct ReplayArgs {
    /// The spec file.
    spec: PathBuf,
    /// The cell, as tables number it.
    #[arg(long)]
    cell: usize,
    /// The block, from 0: block n belongs to section n mod K, where the cell has K sections.
    #[arg(long)]
    block: u64,
    /// Print only this measure.
    #[arg(long)]
    measure: Option<String>,
    /// Use this seed instead of the spec's.
    #[arg(long)]
    seed: Option<u64>,
    #[command(flatten)]
    output: OutputArgs,
}

/// What the help of `status` ends with.
const STATUS_HELP: &str = "Exit codes:
    0  every shard is complete
    2  a bad spec, or shards of another spec or version
    3  shards are missing
    4  the folder cannot be read

Examples:
  cargo xtask status specs/exp6.toml
  sbatch --array=$(cargo xtask status specs/exp6.toml --missing) reports/exp6/slurm/shards.sbatch";

#[derive(Debug, Args)]
struct StatusArgs {
    /// The spec file.
    spec: PathBuf,
    /// How many shards there are [default: as planned].
    #[arg(long, value_name = "N", value_parser = shards::number)]
    shards: Option<usize>,
    /// Print only the shards that are not complete, as schedulers take them: 3,7-9.
    #[arg(long)]
    missing: bool,
    /// The folder of reports.
    #[arg(long, default_value = "reports")]
    out: PathBuf,
    /// The seed that the shards were run with, instead of the spec's.
    #[arg(long)]
    seed: Option<u64>,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, Args)]
struct SlurmArgs {
    /// The spec file.
    spec: PathBuf,
    /// How many shards there are [default: as planned].
    #[arg(long, value_name = "N", value_parser = shards::number)]
    shards: Option<usize>,
    /// Only the shards that are not complete.
    #[arg(long)]
    missing: bool,
    /// How many shards may run at once [default: as many as the cluster lets].
    #[arg(long, value_name = "M")]
    at_once: Option<NonZeroUsize>,
    /// Processors of each shard, which are its threads.
    #[arg(long, default_value_t = NonZeroUsize::MIN)]
    cpus_per_task: NonZeroUsize,
    /// The longest that a shard may take; two minutes before, it stops and says how far it came.
    #[arg(long, value_name = "HH:MM:SS", default_value = "01:00:00", value_parser = slurm::time_limit)]
    time: String,
    /// Submit the jobs with sbatch.
    #[arg(long)]
    submit: bool,
    /// The folder of reports, which all nodes must see.
    #[arg(long, default_value = "reports")]
    out: PathBuf,
    /// Use this seed instead of the spec's.
    #[arg(long)]
    seed: Option<u64>,
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
