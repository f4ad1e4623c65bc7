//! `check`: judge stored tables again.

use engine::Spec;

use super::specs;
use crate::StoredArgs;
use crate::exit::Exit;
use crate::output::{complain, verdicts};

pub(crate) fn check(args: &StoredArgs) -> Exit {
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
        match engine::check(&spec, &args.out.join(&spec.name)) {
            Ok(judgement) => {
                verdicts(&spec, &judgement);
                exit = exit.max(judgement.overall().into());
            }
            Err(error) => {
                complain(format!("error: {}: {error}", spec.name));
                exit = exit.max(Exit::from(&error));
            }
        }
    }
    exit
}
