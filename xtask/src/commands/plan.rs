//! `plan`: what a run would do, and about how long it would take.

use std::time::Duration;

use engine::report::markdown;
use engine::report::plan::{NOTE, TITLES, lines};

use super::{load_all, options};
use crate::RunArgs;
use crate::exit::Exit;
use crate::output::{Format, Table, complain, print, print_json, width, wrapped};

/// How long blocks are simulated for all specs together, and for each of many at least.
const PATIENCE: Duration = Duration::from_millis(800);
const LEAST_PATIENCE: Duration = Duration::from_millis(50);

/// Spec, cells, what is stored, work and time tell what there is to know.
const NARROW: [usize; TITLES.len()] = [0, 1, 2, 5, 10, 3, 4, 6, 7, 8, 9];

pub(crate) fn plan(args: &RunArgs) -> Exit {
    let specs = match load_all(args) {
        Ok(specs) => specs,
        Err(exit) => return exit,
    };
    let patience = PATIENCE.div_f64(specs.len().max(1) as f64).max(LEAST_PATIENCE);
    let (mut plans, mut exit) = (Vec::new(), Exit::Success);
    for spec in &specs {
        let options = options(spec, args);
        match engine::plan::plan(spec, &options, patience) {
            Ok((plan, damaged)) => {
                damaged.iter().for_each(|error| complain(format!("warning: {error}")));
                plans.push(plan);
            }
            Err(error) => {
                complain(format!("error: {}: {error}", spec.name));
                exit = exit.max(Exit::from(&error));
            }
        }
    }
    match args.output.format {
        Format::Json => return exit.max(print_json(&plans)),
        Format::Markdown => _ = print(markdown::table(&TITLES, &lines(&plans)).trim_end()),
        Format::Table => table(&lines(&plans)),
    }
    if let Some(plan) = plans.first() {
        let note = format!("\n{NOTE}{}.", plan.threads);
        match (width(), args.output.format) {
            (Some(width), Format::Table) => {
                print("");
                wrapped(&note, 0, width).iter().for_each(|line| _ = print(line));
            }
            _ => _ = print(&note),
        }
    }
    exit
}

fn table(lines: &[[String; TITLES.len()]]) {
    let texts = lines.iter().map(|line| line.each_ref().map(String::as_str));
    let table = Table { rows: std::iter::once(TITLES).chain(texts).collect(), narrow: NARROW };
    let _ = table.lines(width(), |_, _, text| text.to_owned()).iter().all(|line| print(line));
}
