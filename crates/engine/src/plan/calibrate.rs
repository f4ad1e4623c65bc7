//! About how long a simulation takes, from blocks of it that are simulated in a moment.

use std::time::{Duration, Instant};

use crate::simulate::{add_block, pauses};
use crate::spec::{Cell, Spec};

/// The most blocks of a cell that are timed.
const MOST_BLOCKS: usize = 16;
/// Into how many pieces a long path is cut, so that one need not be walked to its end.
const PIECES: u64 = 64;
/// The most sections that are shared out among threads one by one; of more, no thread is idle for long.
const MOST_TASKS: usize = 10_000;
/// The shortest path of blocks of many replicates that is cut.
const LONG: u64 = 4_096;

/// What blocks of some cells cost, as they were timed.
pub(super) struct Prices<'a> {
    spec: &'a Spec,
    threads: usize,
    timed: Vec<(&'a Cell, f64)>,
}

impl<'a> Prices<'a> {
    /// Times blocks of `cells` for about `patience`.
    ///
    /// The cells that cost most are timed, of each variant one first, with all threads at work as they would be.
    pub(super) fn new(spec: &'a Spec, cells: &[&'a Cell], pool: &rayon::ThreadPool, patience: Duration) -> Self {
        let mut timed: Vec<(&Cell, f64)> = Vec::new();
        let order = by_importance(spec, cells);
        let started = Instant::now();
        for (n, cell) in order.iter().enumerate() {
            let rest = patience.saturating_sub(started.elapsed());
            if n > 0 && rest.is_zero() {
                break;
            }
            let share = rest.div_f64((order.len() - n) as f64);
            let times = pool.broadcast(|thread| of_block(spec, cell, thread.index() as u64, share));
            timed.push((cell, times.iter().sum::<f64>() / times.len() as f64));
        }
        Prices { spec, threads: pool.current_num_threads(), timed }
    }

    /// About how many seconds it takes to simulate so many blocks in each section of the cells, the longest sections first.
    ///
    /// A coordinate-step of a cell takes as long as in the timed cell of its variant that is nearest in size.
    pub(super) fn seconds(&self, work: &[(&Cell, u64)]) -> f64 {
        let (sections, threads) = (self.spec.layout.sections, self.threads);
        let of_section = work.iter().map(|(cell, blocks)| self.of_block(cell) * *blocks as f64);
        if work.len() * sections > MOST_TASKS {
            return of_section.sum::<f64>() * sections as f64 / threads as f64;
        }
        makespan(of_section.flat_map(|section| vec![section; sections]).collect(), threads)
    }

    fn of_block(&self, cell: &Cell) -> f64 {
        let size = |cell: &Cell| cell.work(&self.spec.layout).unwrap_or(u64::MAX) as f64;
        let distance = |other: &Cell| libm::log(size(other) / size(cell)).abs();
        let like = self.timed.iter().min_by(|(a, _), (b, _)| {
            let key = |other: &Cell| (!std::ptr::eq(other, cell), other.variant != cell.variant);
            key(a).cmp(&key(b)).then(distance(a).total_cmp(&distance(b)))
        });
        like.map_or(0.0, |(like, seconds)| seconds * size(cell) / size(like))
    }
}

/// The cells, the largest of each variant first, and then by their size.
fn by_importance<'a>(spec: &Spec, cells: &[&'a Cell]) -> Vec<&'a Cell> {
    let mut order = cells.to_vec();
    order.sort_by_key(|cell| std::cmp::Reverse(cell.work(&spec.layout)));
    let mut seen = vec![false; spec.variants.len()];
    let (mut first, others): (Vec<&Cell>, Vec<&Cell>) =
        order.into_iter().partition(|cell| !std::mem::replace(&mut seen[cell.variant], true));
    first.extend(others);
    first
}

/// About how many seconds a block of `cell` takes. Walks blocks for about `patience`, one at least as far as its first
/// steps.
fn of_block(spec: &Spec, cell: &Cell, first: u64, patience: Duration) -> f64 {
    let pauses = marks_of(cell, spec.layout.lanes);
    let mut sums = vec![0.0; spec.n_rows(cell)];
    let started = Instant::now();
    let mut whole = Vec::new();
    while whole.len() < MOST_BLOCKS && (whole.is_empty() || started.elapsed() < patience) {
        let begun = Instant::now();
        let mut marks: Vec<Mark> = Vec::new();
        let mut go_on = |step| {
            marks.push(Mark { step, seconds: begun.elapsed().as_secs_f64() });
            marks.len() <= 2 || started.elapsed() < patience
        };
        if add_block(spec, cell, first + whole.len() as u64, &pauses, &mut go_on, &mut sums) {
            whole.push(begun.elapsed().as_secs_f64());
        } else if whole.is_empty() {
            return extrapolated(&cell.recorded, &marks);
        } else {
            break;
        }
    }
    // What is above the least is the work of other programs.
    whole.into_iter().fold(f64::INFINITY, f64::min)
}

/// Where a block is asked whether to go on: often enough for a path that cannot be walked to its end in a moment, and
/// just before recorded steps, so that the cost of steps can be told from that of records.
fn marks_of(cell: &Cell, lanes: usize) -> Vec<u64> {
    let horizon = cell.recorded.last().copied().unwrap_or(0);
    let mut marks = pauses(&cell.recorded);
    if lanes == 1 || horizon >= LONG {
        let stride = usize::try_from((horizon / PIECES).max(1)).unwrap_or(usize::MAX);
        let doubling = std::iter::successors(Some(1_u64), |step| step.checked_mul(2));
        marks.extend(doubling.take_while(|step| *step < horizon));
        marks.extend((stride as u64..horizon).step_by(stride));
        marks.extend(cell.recorded.iter().filter_map(|step| step.checked_sub(1)));
        marks.sort_unstable();
        marks.dedup();
    }
    marks
}

/// When a block had come how far.
#[derive(Debug, Clone, Copy)]
struct Mark {
    step: u64,
    seconds: f64,
}

/// The seconds of a whole path from marks on its beginning.
fn extrapolated(recorded: &[u64], marks: &[Mark]) -> f64 {
    let (Some(first), Some(last)) = (marks.first(), marks.last()) else { return 0.0 };
    let is_record = |mark: &Mark| recorded.binary_search(&mark.step).is_ok();
    let (mut steps, mut walking, mut records) = (0, 0.0, Vec::new());
    for pair in marks.windows(2) {
        let (n, seconds) = (pair[1].step - pair[0].step, pair[1].seconds - pair[0].seconds);
        if is_record(&pair[1]) {
            records.push((n, seconds));
        } else {
            steps += n;
            walking += seconds;
        }
    }
    let n_left = recorded.iter().filter(|step| **step > last.step).count();
    let steps_left = recorded.last().map_or(0, |horizon| horizon.saturating_sub(last.step));
    let per = |seconds: f64, n: u64| if n == 0 { 0.0 } else { seconds / n as f64 };
    let (step, record) = match (steps, records.len()) {
        // Nothing but records: they are in the price of the steps.
        (0, _) => (per(last.seconds - first.seconds, last.step - first.step), 0.0),
        // No record yet but the one at the start, with all that a start costs.
        (_, 0) => (per(walking, steps), if is_record(first) { first.seconds } else { 0.0 }),
        (_, n) => {
            let step = per(walking, steps);
            let above: f64 = records.iter().map(|(steps, seconds)| seconds - *steps as f64 * step).sum();
            (step, (above / n as f64).max(0.0))
        }
    };
    last.seconds + step * steps_left as f64 + record * n_left as f64
}

/// How long `threads` take for tasks of these lengths, the longest first.
fn makespan(mut tasks: Vec<f64>, threads: usize) -> f64 {
    tasks.sort_by(|a, b| b.total_cmp(a));
    let mut busy: Vec<f64> = vec![0.0; threads.max(1)];
    for task in tasks {
        if let Some(first) = busy.iter_mut().min_by(|a, b| a.total_cmp(b)) {
            *first += task;
        }
    }
    busy.into_iter().fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A start of 2 s, steps of 0.1 s, and records of 3 s.
    fn marks(steps: &[u64], recorded: &[u64]) -> Vec<Mark> {
        let at = |&step: &u64| {
            let n_records = recorded.iter().filter(|record| **record <= step).count();
            Mark { step, seconds: 2.0 + 0.1 * step as f64 + 3.0 * n_records as f64 }
        };
        steps.iter().map(at).collect()
    }

    #[test]
    fn steps_and_records_have_prices_of_their_own() {
        let recorded = [0, 50, 100];
        let whole = 2.0 + 10.0 + 9.0;
        let seen_one = extrapolated(&recorded, &marks(&[0, 10, 49, 50, 60], &recorded));
        assert!((seen_one - whole).abs() < 1e-9, "{seen_one}");
        // With the start only, a record is taken to cost what the start did.
        let seen_none = extrapolated(&recorded, &marks(&[0, 10], &recorded));
        assert!((seen_none - (whole + 2.0 * 2.0)).abs() < 1e-9, "{seen_none}");
    }

    #[test]
    fn tasks_are_shared_out_and_the_longest_one_is_not_cut() {
        assert_eq!(makespan(vec![1.0; 8], 2), 4.0);
        assert_eq!(makespan(vec![1.0; 8], 3), 3.0);
        assert_eq!(makespan(vec![5.0, 1.0, 1.0, 1.0], 2), 5.0);
        assert_eq!(makespan(Vec::new(), 2), 0.0);
    }
}
