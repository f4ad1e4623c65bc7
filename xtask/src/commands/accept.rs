//! `accept`: present results become the baseline of the next `diff`.

use std::path::{Path, PathBuf};

use engine::spec::Outline;
use engine::store::baseline;
use engine::{EngineError, store::StoreError};

use crate::args::AcceptArgs;
use crate::exit::Exit;
use crate::output::{complain, print, refuse};

/// Accepts the results of each spec, and of those after a bad one too.
pub(crate) fn accept(args: &AcceptArgs) -> Exit {
    args.specs.iter().map(|path| accept_one(path, &args.out)).max().unwrap_or(Exit::Success)
}

fn accept_one(path: &Path, out: &Path) -> Exit {
    let outline = match Outline::load(path) {
        Ok(outline) => outline,
        Err(error) => return refuse(&error),
    };
    let results: PathBuf = out.join(outline.place());
    match baseline::accept(&results, &outline.hash) {
        Ok(()) => {
            print(&format!("{}: its baseline is {}", outline.name, baseline::folder_of(&results).display()));
            Exit::Success
        }
        Err(error) => refused(&outline.name, error),
    }
}

fn refused(name: &str, error: StoreError) -> Exit {
    complain(format!("error: {name}: {error}"));
    Exit::from(&EngineError::Store(error))
}
