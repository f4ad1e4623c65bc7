//! A block of replicates on its way through the steps of a descent.

use sampling::Stream;

use crate::block::{PackedLower, Row, WIDTH, advance};
use crate::process::BlockStreams;
use crate::schedule::Schedule;
use crate::start::Start;

/// e_k of a block, with the buffers and the stream that its steps need.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    rates: &'a [f64],
    factor: &'a PackedLower,
    schedule: &'a Schedule,
    stream: Stream,
    errors: Vec<Row>,
    whitened: Vec<Row>,
    decay: Vec<f64>,
    step: u64,
}

impl<'a> Walk<'a> {
    /// Draws e₀ from `start`; `rates` are the curvatures h (d) and `factor` is L with LLᵀ = G.
    pub(super) fn new(
        rates: &'a [f64],
        factor: &'a PackedLower,
        schedule: &'a Schedule,
        start: &Start,
        mut streams: BlockStreams,
    ) -> Self {
        let d = rates.len();
        let mut errors = vec![[0.0; WIDTH]; d];
        start.draw(&mut streams.start, &mut errors);
        let (whitened, decay) = (vec![[0.0; WIDTH]; d], vec![0.0; d]);
        Walk { rates, factor, schedule, stream: streams.noise, errors, whitened, decay, step: 0 }
    }

    /// k, how many steps have been taken.
    pub(super) fn step(&self) -> u64 {
        self.step
    }

    /// e_k, d rows.
    pub(super) fn errors(&self) -> &[Row] {
        &self.errors
    }

    /// The stream of the noise.
    pub(super) fn stream(&mut self) -> &mut Stream {
        &mut self.stream
    }

    /// e ← (1 − ηh)e − ησLζ, where `draw` fills ζ and `deviation` is σ. No allocation.
    pub(super) fn advance(&mut self, deviation: f64, draw: impl FnOnce(&mut Stream, &mut [Row])) {
        draw(&mut self.stream, &mut self.whitened);
        self.step_with(deviation);
    }

    /// The step with the ζ that is there. Not generic, so that it is compiled here, with the optimisation of this crate.
    fn step_with(&mut self, deviation: f64) {
        let eta = self.schedule.at(self.step);
        for (a, h) in self.decay.iter_mut().zip(self.rates) {
            *a = 1.0 - eta * h;
        }
        advance(&self.decay, self.factor, eta * deviation, &self.whitened, &mut self.errors);
        self.step += 1;
    }
}
