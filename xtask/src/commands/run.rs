//! `run`: simulate, judge, report.

use std::io::IsTerminal as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Instant;

use engine::store::StoreError;
use engine::{EngineError, Spec};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use super::{load_all, options};
use crate::RunArgs;
use crate::exit::Exit;
use crate::output::{Format, Verdicts, complain, print};
use crate::progress::Shown;

/// Runs each spec, and shows the verdicts of those that ended, also if a later one fails.
pub(crate) fn run(args: &RunArgs) -> Exit {
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
        Err(error) => {
            complain(format!("error: cannot watch for signals: {error}"));
            return Exit::Io;
        }
    };
    let (mut shown, mut exit) = (Verdicts::new(args.output), Exit::Success);
    for (n, spec) in specs.iter().enumerate() {
        let progress = Shown::new(&spec.name, n + 1, specs.len());
        exit = exit.max(run_one(spec, args, &signals, progress, &mut shown));
        if matches!(exit, Exit::Interrupted(_)) {
            break;
        }
    }
    exit.max(shown.finish())
}

fn run_one(spec: &Spec, args: &RunArgs, signals: &Signals, progress: Shown, shown: &mut Verdicts) -> Exit {
    let options = options(spec, args);
    let started = Instant::now();
    let result = engine::run(spec, &options, &signals.stop, &progress);
    // The bar goes before anything is printed where it stood.
    drop(progress);
    match result {
        Ok(outcome) => {
            shown.show(spec, &outcome.judgement, &options.out);
            if args.output.format == Format::Table {
                print(&format!("\nreport: {}", options.out.join("README.md").display()));
            }
            if std::io::stderr().is_terminal() {
                let cells = spec.cells.len();
                let seconds = started.elapsed().as_secs_f64();
                complain(format!("{} of {cells} cells simulated in {seconds:.1} s", outcome.simulated));
            }
            outcome.judgement.overall().into()
        }
        Err(error) => {
            complain(format!("error: {error}"));
            if let EngineError::Store(StoreError::Io { .. }) = error {
                complain("help: if this folder cannot be written, choose another one with --out");
            }
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
