//! The bar on a terminal: cells done, steps per second and time left; then the name of what is done.

use std::fmt::Write;
use std::time::Duration;

use engine::progress::Event;
use engine::report::quantity::duration;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::{steps_per_second, word};
use crate::output::complain;

/// Short enough for 80 columns with all but the longest names.
const SIMULATING: &str = "{prefix} {wide_bar} {percent:>3}%  {msg}  {rate}  {left} left";
const OTHERWISE: &str = "{prefix} {spinner} {msg}";

/// A bar that goes when it is dropped.
pub(crate) struct Bar {
    bar: ProgressBar,
}

impl Bar {
    pub(super) fn new(name: String) -> Self {
        Bar { bar: ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr()).with_prefix(name) }
    }

    pub(super) fn event(&self, event: &Event) {
        match event {
            Event::Planned { look, cells, stored, coordinate_steps } => {
                self.simulating();
                self.bar.set_length(*coordinate_steps);
                let look_at = if *look > 1 { format!(", look {look}") } else { String::new() };
                self.bar.set_message(format!("{stored}/{cells} cells{look_at}"));
                self.bar.reset();
                self.bar.enable_steady_tick(Duration::from_millis(200));
                if *stored > 0 && *look == 1 {
                    self.bar.println(format!("{stored} of {cells} cells are stored already"));
                }
            }
            Event::Advanced { coordinate_steps, .. } => self.bar.inc(*coordinate_steps),
            Event::CellDone { done } => {
                let cells = self.bar.message().split('/').nth(1).unwrap_or_default().to_owned();
                self.bar.set_message(format!("{done}/{cells}"));
            }
            Event::Ignored { reason } => self.bar.suspend(|| complain(format!("warning: {reason}"))),
            Event::Simulated => {}
            Event::Began(stage) => {
                if let Ok(style) = ProgressStyle::with_template(OTHERWISE) {
                    self.bar.set_style(style);
                }
                self.bar.set_message(word(*stage));
            }
        }
    }

    fn simulating(&self) {
        let Ok(style) = ProgressStyle::with_template(SIMULATING) else { return };
        let rate = |state: &ProgressState, out: &mut dyn Write| {
            // A bar that cannot be written is no reason to stop.
            let _ = out.write_str(&steps_per_second(state.per_sec()));
        };
        let left = |state: &ProgressState, out: &mut dyn Write| {
            let left = duration(state.eta().as_secs_f64().round());
            let _ = out.write_str(if state.pos() == 0 { "?" } else { &left });
        };
        self.bar.set_style(style.progress_chars("█▉▊▋▌▍▎▏ ").with_key("rate", rate).with_key("left", left));
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
