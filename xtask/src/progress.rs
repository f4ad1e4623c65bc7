//! The progress bar of a run, on standard error when that is a terminal.

use std::io::IsTerminal as _;

use engine::progress::{Event, Progress};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::output::complain;

/// Draws a bar on a terminal; elsewhere says only what must be known.
pub(crate) struct Bar {
    bar: ProgressBar,
    shown: bool,
}

impl Bar {
    pub(crate) fn new(name: &str) -> Self {
        let shown = std::io::stderr().is_terminal();
        let target = if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(0), target);
        let template = "{prefix} {bar:30} {percent:>3}% {msg}  {elapsed} elapsed, {eta} left";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("█▉▊▋▌▍▎▏ "));
        }
        bar.set_prefix(name.to_owned());
        Bar { bar, shown }
    }
}

impl Progress for Bar {
    fn event(&self, event: &Event) {
        match event {
            Event::Planned { cells, stored, coordinate_steps } => {
                self.bar.set_length(*coordinate_steps);
                self.bar.set_message(format!("{stored}/{cells} cells"));
                self.bar.reset();
                if *stored > 0 && self.shown {
                    self.bar.println(format!("{stored} of {cells} cells are stored already"));
                }
            }
            Event::Advanced { coordinate_steps, .. } => self.bar.inc(*coordinate_steps),
            Event::CellDone { done } => {
                let cells = self.bar.message().split('/').nth(1).unwrap_or_default().to_owned();
                self.bar.set_message(format!("{done}/{cells}"));
            }
            Event::Ignored { reason } => self.bar.suspend(|| complain(format!("warning: {reason}"))),
            Event::Simulated => self.bar.finish_and_clear(),
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
