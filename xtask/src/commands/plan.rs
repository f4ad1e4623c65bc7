//! `plan`: what a run would do, and about how long it would take.

use std::time::Duration;

use engine::report::markdown;
use engine::report::plan::{NOTE, TITLES, lines};
use engine::store::ShardPlan;
use engine::{RunOptions, Spec};

use super::{fail, load_all, options};
use crate::args::PlanArgs;
use crate::exit::Exit;
use crate::output::{Format, Table, complain, print, print_json, width, wrapped};

/// How long blocks are simulated for all specs together, and for each of many at least.
const PATIENCE: Duration = Duration::from_millis(800);
const LEAST_PATIENCE: Duration = Duration::from_millis(50);

/// Spec, cells, what is stored, work and time tell what there is to know.
const NARROW: [usize; TITLES.len()] = [0, 1, 2, 5, 10, 3, 4, 6, 7, 8, 9];

pub(crate) fn plan(args: &PlanArgs) -> Exit {
    let shards = args.shards;
    let args = &args.run;
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
                if let Some(shards) = shards {
                    exit = exit.max(share_out(spec, &options, shards));
                }
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

/// Writes down what the shards of a spec must agree on, and says how to run them.
fn share_out(spec: &Spec, options: &RunOptions, shards: usize) -> Exit {
    let plan = ShardPlan::new(spec, shards);
    let made = std::fs::create_dir_all(&options.out);
    if let Err(error) = made {
        complain(format!("error: cannot make the folder {}: {error}", options.out.display()));
        return Exit::Io;
    }
    let written = if options.force { plan.replace(&options.out) } else { plan.agree(&options.out) };
    if let Err(error) = written {
        return fail(&error.into());
    }
    let with_cells = (0..shards).filter(|index| index * spec.variants.len() < spec.cells.len()).count();
    complain(format!(
        "{}: {} cells in {with_cells} of {shards} shards: `run {} --shard K/{shards}` for each K from 0, then `merge {}`",
        spec.name,
        spec.cells.len(),
        spec.file,
        spec.file
    ));
    Exit::Success
}

fn table(lines: &[[String; TITLES.len()]]) {
    let texts = lines.iter().map(|line| line.each_ref().map(String::as_str));
    let table = Table { rows: std::iter::once(TITLES).chain(texts).collect(), narrow: NARROW };
    let _ = table.lines(width(), |_, _, text| text.to_owned()).iter().all(|line| print(line));
}
