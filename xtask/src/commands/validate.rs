//! `validate`: everything that is wrong with specs.

use std::path::PathBuf;

use engine::Spec;

use crate::exit::Exit;
use crate::output::{print, refuse};

pub(crate) fn validate(specs: &[PathBuf]) -> Exit {
    let mut exit = Exit::Success;
    for path in specs {
        match Spec::load(path, None) {
            Ok(spec) => {
                let (cells, claims) = (spec.cells.len(), spec.claims.len());
                let replicates = spec.layout.replicates();
                print(&format!("{}: valid ({cells} cells × {replicates} replicates, {claims} claims)", spec.file));
            }
            Err(error) => exit = exit.max(refuse(&error)),
        }
    }
    exit
}
