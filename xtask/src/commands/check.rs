//! `check`: judge stored tables again.

use super::for_each_spec;
use crate::StoredArgs;
use crate::exit::Exit;
use crate::output::{complain, verdicts};

pub(crate) fn check(args: &StoredArgs) -> Exit {
    for_each_spec(args, |spec| match engine::check(spec, &args.out.join(spec.place())) {
        Ok(judgement) => {
            verdicts(spec, &judgement);
            judgement.overall().into()
        }
        Err(error) => {
            complain(format!("error: {}: {error}", spec.name));
            Exit::from(&error)
        }
    })
}
