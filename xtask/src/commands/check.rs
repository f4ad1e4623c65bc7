//! `check`: judge stored tables again.

use super::for_each_spec;
use crate::ShownArgs;
use crate::exit::Exit;
use crate::output::{Verdicts, complain};

pub(crate) fn check(args: &ShownArgs) -> Exit {
    let mut shown = Verdicts::new(args.output);
    let exit = for_each_spec(&args.stored, |spec| {
        let folder = args.stored.out.join(spec.place());
        match engine::check(spec, &folder) {
            Ok(judgement) => {
                shown.show(spec, &judgement, &folder);
                judgement.overall().into()
            }
            Err(error) => {
                complain(format!("error: {}: {error}", spec.name));
                Exit::from(&error)
            }
        }
    });
    exit.max(shown.finish())
}
