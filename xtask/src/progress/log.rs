//! Lines for logs: none of a short run, and one now and then of a long one.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use engine::progress::{Event, Stage};
use engine::report::quantity::duration;

use super::{steps_per_second, word};
use crate::output::complain;

/// Writes a line after every interval until it is dropped.
pub(crate) struct Log {
    state: Arc<Mutex<State>>,
    /// Dropping it ends the thread.
    end: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// How far a run has come.
#[derive(Debug)]
struct State {
    name: String,
    began: Instant,
    look: usize,
    cells: usize,
    done: usize,
    work: u64,
    advanced: u64,
    stage: Option<Stage>,
}

impl Log {
    pub(super) fn new(name: String, interval: Duration) -> Self {
        let began = Instant::now();
        let state = State { name, began, look: 1, cells: 0, done: 0, work: 0, advanced: 0, stage: None };
        let state = Arc::new(Mutex::new(state));
        let (end, ended) = channel();
        let shared = Arc::clone(&state);
        let write = move || {
            while let Err(RecvTimeoutError::Timeout) = ended.recv_timeout(interval) {
                let state = lock(&shared);
                complain(state.line(state.began.elapsed().as_secs_f64()));
            }
        };
        // Without a thread there is no line, and the run goes on.
        let thread = std::thread::Builder::new().spawn(write).ok();
        Log { state, end: Some(end), thread }
    }

    pub(super) fn event(&self, event: &Event) {
        let mut state = lock(&self.state);
        match event {
            Event::Planned { look, cells, stored, coordinate_steps } => {
                (state.look, state.cells, state.done) = (*look, *cells, *stored);
                (state.work, state.advanced, state.stage) = (*coordinate_steps, 0, None);
                state.began = Instant::now();
            }
            Event::Advanced { coordinate_steps, .. } => state.advanced += coordinate_steps,
            Event::CellDone { done } => state.done = *done,
            Event::Ignored { reason } => complain(format!("warning: {reason}")),
            Event::Simulated => {}
            Event::Began(stage) => state.stage = Some(*stage),
        }
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        self.end.take();
        if let Some(thread) = self.thread.take() {
            // It has no result, and its panic would not be one of the run.
            let _ = thread.join();
        }
    }
}

impl State {
    /// What there is to say after so many seconds.
    fn line(&self, seconds: f64) -> String {
        if let Some(stage) = self.stage {
            return format!("{}: {}", self.name, word(stage));
        }
        let mut line = format!("{}: {} of {} cells", self.name, self.done, self.cells);
        if self.look > 1 {
            line += &format!(" at look {}", self.look);
        }
        let (rate, left) = (self.advanced as f64 / seconds, self.work.saturating_sub(self.advanced) as f64);
        if rate > 0.0 {
            let percent = 100.0 * self.advanced as f64 / self.work.max(1) as f64;
            line += &format!(", {percent:.0} %, {}, about {} left", steps_per_second(rate), duration(left / rate));
        }
        line
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_cells_speed_and_time_left() {
        let log = Log::new("[2/36] exp6".to_owned(), Duration::from_secs(3600));
        log.event(&Event::Began(Stage::Predicting));
        assert_eq!(lock(&log.state).line(1.0), "[2/36] exp6: evaluating the laws");
        log.event(&Event::Planned { look: 1, cells: 8, stored: 2, coordinate_steps: 4_000_000_000 });
        assert_eq!(lock(&log.state).line(30.0), "[2/36] exp6: 2 of 8 cells");
        log.event(&Event::Advanced { coordinate_steps: 1_000_000_000, time: Duration::ZERO });
        log.event(&Event::CellDone { done: 3 });
        let line = lock(&log.state).line(30.0);
        assert_eq!(line, "[2/36] exp6: 3 of 8 cells, 25 %, 3.3·10⁷ steps/s, about 1 min 30 s left");
        log.event(&Event::Planned { look: 2, cells: 3, stored: 0, coordinate_steps: 2_000_000_000 });
        assert_eq!(lock(&log.state).line(1.0), "[2/36] exp6: 0 of 3 cells at look 2");
        log.event(&Event::Began(Stage::Writing));
        assert_eq!(lock(&log.state).line(40.0), "[2/36] exp6: drawing figures, writing the report");
    }
}
