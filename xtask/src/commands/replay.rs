//! `replay`: one block of one cell, value by value.

use engine::replay::{BlockValue, replay as replay_block};

use super::load;
use crate::args::ReplayArgs;
use crate::exit::Exit;
use crate::output::{Format, complain, print, print_json, table};

pub(crate) fn replay(args: &ReplayArgs) -> Exit {
    let spec = match load(&args.spec, args.seed) {
        Ok(spec) => spec,
        Err(exit) => return exit,
    };
    if let Some(measure) = &args.measure
        && !spec.measures.iter().any(|known| known.name == *measure)
    {
        let known: Vec<&str> = spec.measures.iter().map(|known| known.name.as_str()).collect();
        complain(format!("error: there is no measure {measure}: {} has {}", spec.name, known.join(", ")));
        return Exit::Usage;
    }
    let mut values = match replay_block(&spec, args.cell, args.block) {
        Ok(values) => values,
        Err(error) => {
            complain(format!("error: {error}"));
            return Exit::Usage;
        }
    };
    values.retain(|value| args.measure.as_ref().is_none_or(|measure| *measure == value.measure));
    match args.output.format {
        Format::Json => print_json(&values),
        format => {
            let rows: Vec<_> = values.iter().map(row).collect();
            if let Some(table) = table(format, &["measure", "component", "step", "time", "mean", "sum"], &rows) {
                print(&table);
            }
            Exit::Success
        }
    }
}

/// Numbers as they are stored: the shortest text that reads back as the same bits.
fn row(value: &BlockValue) -> [String; 6] {
    let BlockValue { measure, component, step, time, mean, sum } = value;
    [measure.clone(), component.to_string(), step.to_string(), format!("{time:.6}"), mean.to_string(), sum.to_string()]
}
