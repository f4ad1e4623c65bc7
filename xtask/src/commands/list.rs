//! `list`: what each spec claims, and its stored verdict.

use engine::Spec;
use engine::store::{Manifest, StoreError};

use super::specs;
use crate::StoredArgs;
use crate::exit::Exit;
use crate::output::{complain, print};

pub(crate) fn list(args: &StoredArgs) -> Exit {
    let paths = match specs(args) {
        Ok(paths) => paths,
        Err(exit) => return exit,
    };
    let mut exit = Exit::Success;
    for path in paths {
        let spec = match Spec::load(&path, None) {
            Ok(spec) => spec,
            Err(error) => {
                complain(&error);
                exit = exit.max(Exit::from(&error));
                continue;
            }
        };
        let manifest = match Manifest::read(&args.out.join(&spec.name)) {
            Ok(manifest) => Some(manifest),
            Err(StoreError::Missing { .. }) => None,
            Err(error) => {
                complain(format!("error: {error}"));
                exit = exit.max(Exit::Io);
                None
            }
        };
        let verdict_of = |claim: &str| {
            manifest.as_ref().and_then(|manifest| manifest.claims.get(claim)).map_or("not run", String::as_str)
        };
        if !print(&format!("{}: {}", spec.file, spec.title)) {
            return exit;
        }
        for claim in &spec.claims {
            print(&format!("  {:<10} {}: {}", verdict_of(&claim.name), claim.name, claim.says));
        }
    }
    exit
}
