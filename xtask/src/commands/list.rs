//! `list`: what each spec claims, and its stored verdict.

use engine::Spec;
use engine::store::{Manifest, StoreError};

use super::for_each_spec;
use crate::StoredArgs;
use crate::exit::Exit;
use crate::output::{complain, print};

pub(crate) fn list(args: &StoredArgs) -> Exit {
    for_each_spec(args, |spec| match Manifest::read(&args.out.join(spec.place())) {
        Ok(manifest) if manifest.spec_hash != spec.hash => show(spec, |_| "stale"),
        Ok(manifest) => show(spec, |claim| manifest.claims.get(claim).map_or("not run", String::as_str)),
        Err(StoreError::Missing { .. }) => show(spec, |_| "not run"),
        Err(error) => {
            complain(format!("error: {error}"));
            Exit::Io
        }
    })
}

fn show<'a>(spec: &Spec, verdict: impl Fn(&str) -> &'a str) -> Exit {
    print(&format!("{}: {}", spec.file, spec.title));
    for claim in &spec.claims {
        print(&format!("  {:<10} {}: {}", verdict(&claim.name), claim.name, claim.says));
    }
    Exit::Success
}
