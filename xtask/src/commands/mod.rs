//! One module a command.

mod accept;
mod check;
pub(crate) mod completions;
mod diff;
mod explain;
mod figure;
mod list;
mod new;
mod plan;
mod report;
mod run;
pub(crate) mod selftest;
mod validate;

use std::path::{Path, PathBuf};

use engine::Spec;

use crate::exit::Exit;
use crate::output::{complain, print_json, refuse};
use crate::{Command, RunArgs, StoredArgs};

/// Runs a command and says how it ended.
pub(crate) fn dispatch(command: &Command) -> Exit {
    match command {
        Command::Run(args) => run::run(args),
        Command::Plan(args) => plan::plan(args),
        Command::Check(args) => check::check(args),
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
        match Spec::load(path, args.seed) {
            Ok(spec) => specs.push(spec),
            Err(error) => exit = exit.max(refuse(&error)),
        }
    }
    if exit == Exit::Success { Ok(specs) } else { Err(exit) }
}

/// The folder that a run of `spec` writes into.
fn results_of(spec: &Spec, args: &RunArgs) -> PathBuf {
    args.out.join(args.seed.map_or_else(|| spec.place(), |seed| format!("{}-seed{seed}", spec.place())))
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
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            found.push(path);
        }
    }
    Ok(())
}
