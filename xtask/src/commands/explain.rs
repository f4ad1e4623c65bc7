//! `explain`: what a claim says, and how its verdict came about.

use engine::Spec;
use engine::report::explain::{Stored, explain as explanation};
use engine::spec::Outline;

use crate::args::ExplainArgs;
use crate::exit::Exit;
use crate::output::{complain, print, refuse};

/// Explains a claim, or all of a spec; works without results, and says of damaged ones that they are.
pub(crate) fn explain(args: &ExplainArgs) -> Exit {
    let outline = match Outline::load(&args.spec) {
        Ok(outline) => outline,
        Err(error) => return refuse(&error),
    };
    let spec = match Spec::parse(&outline.name, &outline.file, &outline.text, None) {
        Ok(spec) => spec,
        Err(error) => {
            complain(&error);
            return Exit::Usage;
        }
    };
    let stored = Stored::read(&args.out.join(spec.place()), &spec.hash);
    match explanation(&outline, &spec, &stored, args.claim.as_deref()) {
        Ok(text) => {
            print(text.trim_end());
        }
        Err(error) => {
            complain(format!("error: {error}"));
            return Exit::Usage;
        }
    }
    match stored {
        Stored::Damaged(error) => {
            complain(format!("error: {error}"));
            Exit::Io
        }
        _ => Exit::Success,
    }
}
