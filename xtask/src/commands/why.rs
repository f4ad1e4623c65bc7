//! `why`: which cells are stale, and for what reason.

use std::collections::BTreeMap;

use engine::shard::named;
use engine::why::{Staleness, why as why_of};
use serde::Serialize;

use super::for_each_spec;
use crate::args::ShownArgs;
use crate::exit::Exit;
use crate::output::{Format, complain, print, print_json};

/// What is said of one spec to programs.
#[derive(Serialize)]
struct Said {
    spec: String,
    #[serde(flatten)]
    staleness: Staleness,
}

pub(crate) fn why(args: &ShownArgs) -> Exit {
    let mut all = Vec::new();
    let exit = for_each_spec(&args.stored, |spec| match why_of(spec, &args.stored.out.join(spec.place())) {
        Ok(staleness) => {
            let is_fresh = staleness.cells.iter().all(|cell| cell.is_stored) && staleness.otherwise.is_none();
            if args.output.format != Format::Json {
                say(&spec.place(), &staleness);
            }
            all.push(Said { spec: spec.place(), staleness });
            if is_fresh { Exit::Success } else { Exit::Undecided }
        }
        Err(error) => {
            complain(format!("error: {}: {error}", spec.name));
            Exit::from(&error)
        }
    });
    if args.output.format == Format::Json { exit.max(print_json(&all)) } else { exit }
}

/// Cells of the same reasons on one line.
fn say(spec: &str, staleness: &Staleness) {
    let stale = staleness.cells.iter().filter(|cell| !cell.is_stored);
    let mut by_reason: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let mut n = 0;
    for cell in stale {
        n += 1;
        cell.reasons.iter().for_each(|reason| by_reason.entry(reason).or_default().push(cell.cell));
    }
    match n {
        0 => print(&format!("{spec}: all {} cells are stored", staleness.cells.len())),
        n => print(&format!("{spec}: {n} of {} cells would be simulated again", staleness.cells.len())),
    };
    for (reason, cells) in by_reason {
        print(&format!("  {}: {reason}", named("cell", &cells)));
    }
    if let Some(otherwise) = &staleness.otherwise {
        print(&format!("  {otherwise}"));
    }
}
