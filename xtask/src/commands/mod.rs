//! One module a command.

mod accept;
mod check;
mod ci;
pub(crate) mod completions;
mod diff;
mod explain;
mod figure;
mod list;
mod merge;
mod new;
mod plan;
mod replay;
mod report;
mod run;
pub(crate) mod selftest;
pub(crate) mod slurm;
mod status;
mod validate;
mod verify;
mod why;

use std::path::{Path, PathBuf};

use engine::{EngineError, RunOptions, Spec};

use crate::Command;
use crate::args::{RunArgs, StoredArgs};
use crate::exit::Exit;
use crate::output::{complain, print_json, refuse};

/// Runs a command and says how it ended.
pub(crate) fn dispatch(command: &Command) -> Exit {
    match command {
        Command::Run(args) => run::run(args),
        Command::Plan(args) => plan::plan(args),
        Command::Check(args) => check::check(args),
        Command::Verify(args) => verify::verify(args),
        Command::Why(args) => why::why(args),
        Command::Replay(args) => replay::replay(args),
        Command::Status(args) => status::status(args),
        Command::Merge(args) => merge::merge(args),
        Command::Slurm(args) => slurm::slurm(args),
        Command::Ci { slow } => ci::ci(*slow),
        Command::New { name, from } => new::new(name, from),
        Command::Validate { specs } => validate::validate(specs),
        Command::List(args) => list::list(args),
        Command::Explain(args) => explain::explain(args),
        Command::Diff(args) => diff::diff(args),
        Command::Accept(args) => accept::accept(args),
        Command::Selftest(args) => selftest::run(args),
        Command::Report(args) => report::report(args),
        Command::Figure(args) => figure::figure(args),
        Command::Schema => print_json(&engine::spec::schema::json_schema()),
        Command::Completions { shell } => completions::completions(*shell),
    }
}

/// Loads the specs of a run; all of them or none, so that no error waits behind a long simulation.
fn load_all(args: &RunArgs) -> Result<Vec<Spec>, Exit> {
    let (mut specs, mut exit) = (Vec::new(), Exit::Success);
    for path in &args.specs {
        match Spec::load_within(path, args.seed, args.bounds()) {
            Ok(spec) => specs.push(spec),
            Err(error) => exit = exit.max(refuse(&error)),
        }
    }
    if exit == Exit::Success { Ok(specs) } else { Err(exit) }
}

/// The folder that a run of `spec` writes into.
fn results_of(spec: &Spec, args: &RunArgs) -> PathBuf {
    folder_of(spec, &args.out, args.seed)
}

/// The folder of a spec's results below that of reports, where a seed may be another one than the spec's.
fn folder_of(spec: &Spec, out: &Path, seed: Option<u64>) -> PathBuf {
    out.join(seed.map_or_else(|| spec.place(), |seed| format!("{}-seed{seed}", spec.place())))
}

/// Loads a spec, or says why not.
fn load(path: &Path, seed: Option<u64>) -> Result<Spec, Exit> {
    Spec::load(path, seed).map_err(|error| refuse(&error))
}

/// Says what went wrong, and how that ends.
fn fail(error: &EngineError) -> Exit {
    complain(format!("error: {error}"));
    Exit::from(error)
}

/// How a spec is run.
fn options(spec: &Spec, args: &RunArgs) -> RunOptions {
    RunOptions {
        out: results_of(spec, args),
        force: args.force,
        threads: args.threads.map(usize::from),
        bounds: args.bounds(),
    }
}

/// Does something with each spec that is meant, and with those after a bad one too.
fn for_each_spec(args: &StoredArgs, mut act: impl FnMut(&Spec) -> Exit) -> Exit {
    let paths = match specs(args) {
        Ok(paths) => paths,
        Err(exit) => return exit,
    };
    let ends = paths.iter().map(|path| match Spec::load(path, None) {
        Ok(spec) => act(&spec),
        Err(error) => refuse(&error),
    });
    ends.max().unwrap_or(Exit::Undecided)
}

/// The specs that were named, or all below `specs`, sorted.
fn specs(args: &StoredArgs) -> Result<Vec<PathBuf>, Exit> {
    if !args.specs.is_empty() {
        return Ok(args.specs.clone());
    }
    let mut found = Vec::new();
    collect(Path::new("specs"), &mut found).map_err(|error| {
        complain(format!("error: cannot read the folder specs: {error}"));
        Exit::Io
    })?;
    found.sort();
    if found.is_empty() {
        complain("error: there is no spec below the folder specs");
        return Err(Exit::Undecided);
    }
    Ok(found)
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        // A link to a folder is not followed: it may lead back.
        if entry.file_type()?.is_dir() {
            collect(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            found.push(path);
        }
    }
    Ok(())
}
