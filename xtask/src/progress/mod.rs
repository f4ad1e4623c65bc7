//! What a run tells of itself on standard error: a bar on a terminal, elsewhere a line now and then.

mod bar;
mod log;

use std::io::IsTerminal as _;
use std::time::Duration;

use engine::progress::{Event, Progress, Stage};

use bar::Bar;
use log::Log;

/// How often a long run shows in a log that it lives.
const LOG_INTERVAL: Duration = Duration::from_secs(30);

/// Shows the progress of a run until it is dropped.
pub(crate) enum Shown {
    OnTerminal(Bar),
    InLog(Log),
}

impl Shown {
    /// The progress of the spec `name`, which is the n-th of `of`, counted from 1.
    pub(crate) fn new(name: &str, n: usize, of: usize) -> Self {
        let name = if of > 1 { format!("[{n}/{of}] {name}") } else { name.to_owned() };
        let is_dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
        match std::io::stderr().is_terminal() && !is_dumb {
            true => Shown::OnTerminal(Bar::new(name)),
            false => Shown::InLog(Log::new(name, LOG_INTERVAL)),
        }
    }
}

impl Progress for Shown {
    fn event(&self, event: &Event) {
        match self {
            Shown::OnTerminal(bar) => bar.event(event),
            Shown::InLog(log) => log.event(event),
        }
    }
}

/// What is done, in a word.
fn word(stage: Stage) -> &'static str {
    match stage {
        Stage::Predicting => "evaluating the laws",
        Stage::Writing => "drawing figures, writing the report",
    }
}

/// A rate as a count of steps in a second.
fn steps_per_second(rate: f64) -> String {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rate, and saturating")]
    let rate = rate.round() as u64;
    format!("{} steps/s", engine::report::quantity::count(rate))
}
