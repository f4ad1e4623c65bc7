//! `validate`: everything that is wrong with specs.

use std::path::PathBuf;

use engine::Spec;
use engine::report::quantity::range;

use crate::exit::Exit;
use crate::output::{print, refuse};

pub(crate) fn validate(specs: &[PathBuf]) -> Exit {
    let mut exit = Exit::Success;
    for path in specs {
        match Spec::load(path, None) {
            Ok(spec) => {
                let (cells, claims) = (spec.cells.len(), spec.claims.len());
                let fewest = spec.looks.first().unwrap_or(&spec.layout).replicates();
                let replicates = range(fewest.to_string(), spec.layout.replicates().to_string());
                print(&format!("{}: valid ({cells} cells × {replicates} replicates, {claims} claims)", spec.file));
            }
            Err(error) => exit = exit.max(refuse(&error)),
        }
    }
    exit
}
