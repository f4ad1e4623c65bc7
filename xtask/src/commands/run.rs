//! `run`: simulate, judge, report.

use std::io::IsTerminal as _;
use std::time::Instant;

use engine::store::StoreError;
use engine::{EngineError, Shard, ShardOutcome, Spec};

use super::{load_all, options};
use crate::args::{RunArgs, ShardArgs};
use crate::exit::Exit;
use crate::output::{Verdicts, complain, print};
use crate::progress::Shown;
use crate::shards::Choice;
use crate::signals::Signals;

/// Runs each spec, and shows the verdicts of those that ended, also if a later one fails.
pub(crate) fn run(args: &ShardArgs) -> Exit {
    let shard = match args.shard.as_ref().map(Choice::shard).transpose() {
        Ok(shard) => shard,
        Err(error) => {
            complain(format!("error: {error}"));
            return Exit::Usage;
        }
    };
    let args = &args.run;
    let specs = match load_all(args) {
        Ok(specs) => specs,
        Err(exit) => return exit,
    };
    for spec in &specs {
        if let Err(error) = args.bounds().check_work(spec) {
            complain(format!("error: {error}"));
            return Exit::Usage;
        }
    }
    let signals = match Signals::watch() {
        Ok(signals) => signals,
        Err(exit) => return exit,
    };
    let (mut shown, mut exit) = (Verdicts::new(args.output), Exit::Success);
    for (n, spec) in specs.iter().enumerate() {
        let progress = Shown::new(&spec.name, n + 1, specs.len());
        exit = exit.max(match shard {
            None => run_one(spec, args, &signals, progress, &mut shown),
            Some(shard) => run_shard(spec, shard, args, &signals, progress),
        });
        if matches!(exit, Exit::Interrupted(_)) {
            break;
        }
    }
    if shard.is_some() { exit } else { exit.max(shown.finish()) }
}

/// Runs the cells of a shard, and says how many there are.
fn run_shard(spec: &Spec, shard: Shard, args: &RunArgs, signals: &Signals, progress: Shown) -> Exit {
    let options = options(spec, args);
    let result = engine::run_shard(spec, shard, &options, &signals.stop, &progress);
    drop(progress);
    match result {
        Ok(ShardOutcome { cells, simulated }) => {
            let plural = if cells == 1 { "" } else { "s" };
            print(&format!(
                "{}: shard {shard} is complete: {cells} cell{plural}, {simulated} simulated now",
                spec.name
            ));
            Exit::Success
        }
        Err(error) => failed(&error, signals),
    }
}

/// Says why a run ended without results, and how.
fn failed(error: &EngineError, signals: &Signals) -> Exit {
    complain(format!("error: {error}"));
    if let EngineError::Store(StoreError::Io { .. }) = error {
        complain("help: if this folder cannot be written, choose another one with --out");
    }
    match (error, signals.caught()) {
        (EngineError::Interrupted { .. }, Some(signal)) => Exit::Interrupted(signal),
        _ => Exit::from(error),
    }
}

fn run_one(spec: &Spec, args: &RunArgs, signals: &Signals, progress: Shown, shown: &mut Verdicts) -> Exit {
    let options = options(spec, args);
    let started = Instant::now();
    let result = engine::run(spec, &options, &signals.stop, &progress);
    // The bar goes before anything is printed where it stood.
    drop(progress);
    match result {
        Ok(outcome) => {
            shown.show_written(spec, &outcome.judgement, &options.out);
            if std::io::stderr().is_terminal() {
                let cells = spec.cells.len();
                let seconds = started.elapsed().as_secs_f64();
                complain(format!("{} of {cells} cells simulated in {seconds:.1} s", outcome.simulated));
            }
            outcome.judgement.overall().into()
        }
        Err(error) => failed(&error, signals),
    }
}
