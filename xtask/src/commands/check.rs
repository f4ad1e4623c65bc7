//! `check`: judge stored tables again.

use engine::{EngineError, Judgement, Spec, check_partial};

use super::for_each_spec;
use crate::args::CheckArgs;
use crate::exit::Exit;
use crate::output::{Verdicts, complain};

pub(crate) fn check(args: &CheckArgs) -> Exit {
    let stored = &args.shown.stored;
    let mut shown = Verdicts::new(args.shown.output);
    let exit = for_each_spec(stored, |spec| {
        let folder = stored.out.join(spec.place());
        let judged = if args.partial { partial(spec, &folder) } else { engine::check(spec, &folder) };
        match judged {
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

/// The verdicts on what is stored so far.
fn partial(spec: &Spec, folder: &std::path::Path) -> Result<Judgement, EngineError> {
    let partial = check_partial(spec, folder)?;
    partial.damaged.iter().for_each(|error| complain(format!("warning: {error}")));
    if !partial.missing.is_empty() {
        let (missing, cells) = (partial.missing.len(), spec.cells.len());
        complain(format!("{}: {missing} of {cells} cells are not stored yet", spec.name));
    }
    Ok(partial.judgement)
}
