//! The arguments of each command.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use engine::Bounds;

use crate::commands::slurm;
use crate::output::{Format, OutputArgs};
use crate::shards;

#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// The spec files.
    #[arg(required = true)]
    pub(crate) specs: Vec<PathBuf>,
    /// The folder of reports; each spec writes into a folder of its own name below it.
    #[arg(long, default_value = "reports")]
    pub(crate) out: PathBuf,
    /// Use this seed instead of the spec's; the results then go into a folder NAME-seedN.
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// Threads to use, 1 to 1024 [default: one per core]. The results do not depend on it.
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) threads: Option<u16>,
    /// Simulate even what is stored already.
    #[arg(long)]
    pub(crate) force: bool,
    /// Run also what needs more memory (16 GB) or work (10¹⁴ numbers) than a spec may ask for.
    #[arg(long)]
    pub(crate) unbounded: bool,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

impl RunArgs {
    pub(crate) fn bounds(&self) -> Bounds {
        if self.unbounded { Bounds::Lifted } else { Bounds::Usual }
    }
}

#[derive(Debug, Args)]
pub(crate) struct ShardArgs {
    #[command(flatten)]
    pub(crate) run: RunArgs,
    /// Simulate the cells of this shard alone, and judge nothing: K/N with K from 0 to N − 1, or auto/N to take K from the
    /// variable that a scheduler sets.
    #[arg(long, value_name = "K/N", help_heading = "Shards", long_help = shards::HELP)]
    pub(crate) shard: Option<shards::Choice>,
}

#[derive(Debug, Args)]
pub(crate) struct PlanArgs {
    #[command(flatten)]
    pub(crate) run: RunArgs,
    /// Share the cells out among so many shards, and write down what they must agree on.
    #[arg(long, value_name = "N", value_parser = shards::number)]
    pub(crate) shards: Option<usize>,
}

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    pub(crate) shown: ShownArgs,
    /// Judge what is stored so far, of a run that goes on or was interrupted; what is not there is undecided.
    #[arg(long)]
    pub(crate) partial: bool,
}

/// What the help of `verify` ends with.
pub(crate) const VERIFY_HELP: &str =
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
pub(crate) struct VerifyArgs {
    /// Spec files, or folders of results [default: all specs below specs].
    pub(crate) paths: Vec<PathBuf>,
    /// The folder of reports.
    #[arg(long, default_value = "reports")]
    pub(crate) out: PathBuf,
    /// The share of the sections of each cell that is simulated again, above 0 and at most 1; at least one of each cell.
    #[arg(long, default_value_t = 0.01, value_parser = share)]
    pub(crate) share: f64,
    /// The number that the choice of sections is drawn from [default: another one each time, which is printed].
    #[arg(long)]
    pub(crate) draw: Option<u64>,
    /// Threads to use, 1 to 1024 [default: one per core].
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) threads: Option<u16>,
}

fn share(text: &str) -> Result<f64, String> {
    let share: f64 = text.parse().map_err(|_| "it is no number".to_owned())?;
    if share > 0.0 && share <= 1.0 { Ok(share) } else { Err("it must be above 0 and at most 1".to_owned()) }
}

#[derive(Debug, Args)]
pub(crate) struct ReplayArgs {
    /// The spec file.
    pub(crate) spec: PathBuf,
    /// The cell, as tables number it.
    #[arg(long)]
    pub(crate) cell: usize,
    /// The block, from 0: block n belongs to section n mod K, where the cell has K sections.
    #[arg(long)]
    pub(crate) block: u64,
    /// Print only this measure.
    #[arg(long)]
    pub(crate) measure: Option<String>,
    /// Use this seed instead of the spec's.
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// What the help of `status` ends with.
pub(crate) const STATUS_HELP: &str = "Exit codes:
    0  every shard is complete
    2  a bad spec, or shards of another spec or version
    3  shards are missing
    4  the folder cannot be read

Examples:
  cargo xtask status specs/exp6.toml
  sbatch --array=$(cargo xtask status specs/exp6.toml --missing) reports/exp6/slurm/shards.sbatch";

#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    /// The spec file.
    pub(crate) spec: PathBuf,
    /// How many shards there are [default: as planned].
    #[arg(long, value_name = "N", value_parser = shards::number)]
    pub(crate) shards: Option<usize>,
    /// Print only the shards that are not complete, as schedulers take them: 3,7-9.
    #[arg(long)]
    pub(crate) missing: bool,
    /// The folder of reports.
    #[arg(long, default_value = "reports")]
    pub(crate) out: PathBuf,
    /// The seed that the shards were run with, instead of the spec's.
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

#[derive(Debug, Args)]
pub(crate) struct SlurmArgs {
    /// The spec file.
    pub(crate) spec: PathBuf,
    /// How many shards there are [default: as planned].
    #[arg(long, value_name = "N", value_parser = shards::number)]
    pub(crate) shards: Option<usize>,
    /// Only the shards that are not complete.
    #[arg(long)]
    pub(crate) missing: bool,
    /// How many shards may run at once [default: as many as the cluster lets].
    #[arg(long, value_name = "M")]
    pub(crate) at_once: Option<NonZeroUsize>,
    /// Processors of each shard, which are its threads.
    #[arg(long, default_value_t = NonZeroUsize::MIN)]
    pub(crate) cpus_per_task: NonZeroUsize,
    /// The longest that a shard may take; two minutes before, it stops and says how far it came.
    #[arg(long, value_name = "HH:MM:SS", default_value = "01:00:00", value_parser = slurm::time_limit)]
    pub(crate) time: String,
    /// Submit the jobs with sbatch.
    #[arg(long)]
    pub(crate) submit: bool,
    /// The folder of reports, which all nodes must see.
    #[arg(long, default_value = "reports")]
    pub(crate) out: PathBuf,
    /// Use this seed instead of the spec's.
    #[arg(long)]
    pub(crate) seed: Option<u64>,
}

/// What the help of `diff` ends with.
pub(crate) const DIFF_HELP: &str = "A and B are folders of results, or spec files, which mean their folders below --out. What moved is \
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
pub(crate) struct ExplainArgs {
    /// The spec file.
    pub(crate) spec: PathBuf,
    /// The name of one of its claims.
    pub(crate) claim: Option<String>,
    /// The folder of reports.
    #[arg(long, default_value = "reports")]
    pub(crate) out: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct DiffArgs {
    /// A folder of results, or a spec file.
    pub(crate) a: PathBuf,
    /// Another one [default: the baseline of A, to which A is then compared].
    pub(crate) b: Option<PathBuf>,
    /// The folder of reports, for spec files.
    #[arg(long, default_value = "reports")]
    pub(crate) out: PathBuf,
    /// How to print: for people, for programs, or to be pasted into an issue.
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct AcceptArgs {
    /// The spec files.
    #[arg(required = true)]
    pub(crate) specs: Vec<PathBuf>,
    /// The folder of reports.
    #[arg(long, default_value = "reports")]
    pub(crate) out: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct FigureArgs {
    /// The spec file.
    pub(crate) spec: PathBuf,
    /// The name of the figure [default: all of the spec].
    pub(crate) figure: Option<String>,
    /// The format: svg as it is stored, png in pixels, pdf with text and embedded glyphs.
    #[arg(long = "as", value_enum, default_value = "svg")]
    pub(crate) format: PictureFormat,
    /// Pixels of a PNG for each unit of the SVG, 0.1 to 20: 900 are its usual width.
    #[arg(long, default_value_t = 2.0, value_parser = scale)]
    pub(crate) scale: f32,
    /// The folder to write into, as SPEC-FIGURE.FORMAT.
    #[arg(long, default_value = ".")]
    pub(crate) to: PathBuf,
    /// The folder of reports.
    #[arg(long, default_value = "reports")]
    pub(crate) out: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PictureFormat {
    Svg,
    Png,
    Pdf,
}

impl PictureFormat {
    pub(crate) fn ending(self) -> &'static str {
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
pub(crate) struct StoredArgs {
    /// The spec files [default: all below specs].
    pub(crate) specs: Vec<PathBuf>,
    /// The folder of reports.
    #[arg(long, default_value = "reports")]
    pub(crate) out: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct ShownArgs {
    #[command(flatten)]
    pub(crate) stored: StoredArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}
