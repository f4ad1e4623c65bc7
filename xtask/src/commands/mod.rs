//! One module a command.

mod accept;
mod check;
mod diff;
mod explain;
mod figure;
mod list;
mod report;
mod run;
mod validate;

use std::path::{Path, PathBuf};

use engine::Spec;

use crate::exit::Exit;
use crate::output::{complain, print};
use crate::{Command, StoredArgs};

/// Runs a command and says how it ended.
pub(crate) fn dispatch(command: &Command) -> Exit {
    match command {
        Command::Run(args) => run::run(args),
        Command::Check(args) => check::check(args),
        Command::Validate { specs } => validate::validate(specs),
        Command::List(args) => list::list(args),
        Command::Explain(args) => explain::explain(args),
        Command::Diff(args) => diff::diff(args),
        Command::Accept(args) => accept::accept(args),
        Command::Report(args) => report::report(args),
        Command::Figure(args) => figure::figure(args),
        Command::Schema => schema(),
    }
}

fn schema() -> Exit {
    match serde_json::to_string_pretty(&engine::spec::schema::json_schema()) {
        Ok(schema) => {
            print(&schema);
            Exit::Success
        }
        Err(error) => {
            complain(format!("error: cannot write the schema: {error}"));
            Exit::Bug
        }
    }
}

/// Does something with each spec that is meant, and with those after a bad one too.
fn for_each_spec(args: &StoredArgs, act: impl Fn(&Spec) -> Exit) -> Exit {
    let paths = match specs(args) {
        Ok(paths) => paths,
        Err(exit) => return exit,
    };
    let ends = paths.iter().map(|path| match Spec::load(path, None) {
        Ok(spec) => act(&spec),
        Err(error) => {
            complain(&error);
            Exit::from(&error)
        }
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
