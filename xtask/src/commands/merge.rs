//! `merge`: judge and publish what shards have stored.

use engine::Spec;

use super::{fail, load_all, options};
use crate::args::RunArgs;
use crate::exit::Exit;
use crate::output::Verdicts;
use crate::progress::Shown;

pub(crate) fn merge(args: &RunArgs) -> Exit {
    let specs = match load_all(args) {
        Ok(specs) => specs,
        Err(exit) => return exit,
    };
    let mut shown = Verdicts::new(args.output);
    let ends: Vec<Exit> = specs.iter().map(|spec| merge_one(spec, args, &mut shown)).collect();
    ends.into_iter().max().unwrap_or(Exit::Success).max(shown.finish())
}

fn merge_one(spec: &Spec, args: &RunArgs, shown: &mut Verdicts) -> Exit {
    let options = options(spec, args);
    let progress = Shown::new(&spec.name, 1, 1);
    let result = engine::merge(spec, &options, &progress);
    drop(progress);
    match result {
        Ok(outcome) => {
            shown.show_written(spec, &outcome.judgement, &options.out);
            outcome.judgement.overall().into()
        }
        Err(error) => fail(&error),
    }
}
