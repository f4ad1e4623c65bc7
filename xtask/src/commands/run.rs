//! `run`: simulate, judge, report.

use std::io::IsTerminal as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Instant;

use engine::{EngineError, RunOptions, Spec};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use crate::RunArgs;
use crate::exit::Exit;
use crate::output::{complain, print, verdicts};
use crate::progress::Bar;

/// Runs each spec; all are loaded before the first is run, so that no error waits behind a long simulation.
pub(crate) fn run(args: &RunArgs) -> Exit {
    let mut specs = Vec::new();
    let mut exit = Exit::Success;
    for path in &args.specs {
        match Spec::load(path, args.seed) {
            Ok(spec) => specs.push(spec),
            Err(error) => {
                complain(&error);
                exit = exit.max(Exit::from(&error));
            }
        }
    }
    if exit != Exit::Success {
        return exit;
    }
    let signals = match Signals::watch() {
        Ok(signals) => signals,
        Err(error) => {
            complain(format!("error: cannot watch for signals: {error}"));
            return Exit::Io;
        }
    };
    for spec in &specs {
        exit = exit.max(run_one(spec, args, &signals));
        if matches!(exit, Exit::Interrupted(_)) {
            break;
        }
    }
    exit
}

fn run_one(spec: &Spec, args: &RunArgs, signals: &Signals) -> Exit {
    let folder = args.seed.map_or_else(|| spec.place(), |seed| format!("{}-seed{seed}", spec.place()));
    let out = args.out.join(folder);
    let options = RunOptions { out: out.clone(), force: args.force, threads: args.threads.map(usize::from) };
    let started = Instant::now();
    let result = {
        let bar = Bar::new(&spec.name);
        engine::run(spec, &options, &signals.stop, &bar)
    };
    match result {
        Ok(outcome) => {
            verdicts(spec, &outcome.judgement);
            print(&format!("\nreport: {}", Path::new(&out).join("README.md").display()));
            if std::io::stderr().is_terminal() {
                let cells = spec.cells.len();
                let seconds = started.elapsed().as_secs_f64();
                complain(format!("{} of {cells} cells simulated in {seconds:.1} s", outcome.simulated));
            }
            outcome.judgement.overall().into()
        }
        Err(error) => {
            complain(format!("error: {error}"));
            match (&error, signals.caught()) {
                (EngineError::Interrupted { .. }, Some(signal)) => Exit::Interrupted(signal),
                _ => Exit::from(&error),
            }
        }
    }
}

/// The first Ctrl-C or SIGTERM asks the run to stop; the second one ends the process.
struct Signals {
    stop: Arc<AtomicBool>,
    caught: Arc<AtomicUsize>,
}

impl Signals {
    fn watch() -> std::io::Result<Self> {
        let signals = Signals { stop: Arc::default(), caught: Arc::default() };
        for signal in [SIGINT, SIGTERM] {
            flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&signals.stop))?;
            flag::register_usize(signal, Arc::clone(&signals.caught), usize::try_from(signal).unwrap_or(0))?;
            flag::register(signal, Arc::clone(&signals.stop))?;
        }
        Ok(signals)
    }

    fn caught(&self) -> Option<u8> {
        u8::try_from(self.caught.load(Ordering::Relaxed)).ok().filter(|signal| *signal > 0)
    }
}
