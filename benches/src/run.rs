//! Blocks of replicates on some threads, with their time and the moments of where they end.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use dynamics::Process;
use dynamics::process::BlockStreams;
use sampling::{Purpose, Stream, StreamKey};

/// What came of a run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outcome {
    /// Wall time.
    pub seconds: f64,
    /// Processor time of all threads, which other programs lengthen less.
    pub processor_seconds: f64,
    /// The mean of |e|² at the last step.
    pub mean: f64,
    /// Its standard error.
    pub standard_error: f64,
}

/// The streams of a block.
#[must_use]
pub fn streams(cell: &str, block: u64) -> BlockStreams {
    let stream = |purpose| Stream::new(StreamKey { seed: 5, cell, block, purpose });
    BlockStreams { start: stream(Purpose::Start), noise: stream(Purpose::Noise) }
}

/// Simulates `blocks` blocks over `steps` steps, shared out between `threads` as they come free.
#[must_use]
pub fn run(process: &dyn Process, steps: u64, blocks: u64, threads: usize) -> Outcome {
    let next = AtomicU64::new(0);
    let (started, used) = (Instant::now(), processor_time());
    let sums: Vec<[f64; 2]> = std::thread::scope(|scope| {
        let worker = || {
            let mut sums = [0.0; 2];
            loop {
                let block = next.fetch_add(1, Ordering::Relaxed);
                if block >= blocks {
                    return sums;
                }
                add_block(process, steps, block, &mut sums);
            }
        };
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().filter_map(|worker| worker.join().ok()).collect()
    });
    let (seconds, processor_seconds) = (started.elapsed().as_secs_f64(), (processor_time() - used).as_secs_f64());
    let n = blocks as f64 * process.lanes() as f64;
    let [sum, squares] = sums.iter().fold([0.0; 2], |[a, b], [c, d]| [a + c, b + d]);
    let mean = sum / n;
    let standard_error = ((squares / n - mean * mean).max(0.0) / (n - 1.0)).sqrt();
    Outcome { seconds, processor_seconds, mean, standard_error }
}

/// Adds |e|² and |e|⁴ of the replicates of a block to `sums`.
fn add_block(process: &dyn Process, steps: u64, block: u64, sums: &mut [f64; 2]) {
    let lanes = process.lanes();
    process.simulate(streams("run", block), &[steps], &mut |_, errors| {
        for lane in 0..lanes {
            let square: f64 = errors.iter().map(|row| row[lane] * row[lane]).sum();
            sums[0] += square;
            sums[1] += square * square;
        }
        true
    });
}

/// The least processor time, in seconds, that `work` took in `repeats` calls: other programs lengthen wall time only.
pub fn shortest(repeats: u32, mut work: impl FnMut()) -> f64 {
    let mut shortest = Duration::MAX;
    for _ in 0..repeats {
        let started = processor_time();
        work();
        shortest = shortest.min(processor_time() - started);
    }
    shortest.as_secs_f64()
}

/// Of this process, all threads.
#[must_use]
pub fn processor_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0))
}
