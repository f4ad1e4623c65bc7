//! What chance does to the numbers of a cell: whether two replicates, or two sections of them, may honestly agree.

use super::problem::{Beyond, Problem};
use super::raw::{RawIid, RawPopulation, RawProblem, RawProcess, RawSampling, RawSpec, RawStart};

/// How the random numbers of a cell enter what it records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chance {
    /// Not at all: all replicates are the same.
    Nothing,
    /// By finitely many outcomes, as the batches of a pool are: replicates may agree, but not all of many.
    Discrete,
    /// By draws from laws with a density: no two replicates agree bit for bit.
    Continuous,
}

/// The chance in a cell with these recorded steps, by its kinds of problem, start and sampling.
pub(super) fn of(raw: &RawSpec, problem: &Problem, recorded: &[u64]) -> Chance {
    let takes_steps = recorded.last().is_some_and(|last| *last > 0);
    match (&raw.process, &raw.problem) {
        // The curvatures of random quadratics are events, other models have inputs or weights with a density.
        (RawProcess::Training(_) | RawProcess::Evaluation(_), RawProblem::Ensemble(_)) => Chance::Discrete,
        (RawProcess::Training(_) | RawProcess::Evaluation(_), _) => Chance::Continuous,
        _ if starts_at_random(raw) => Chance::Continuous,
        _ if !takes_steps || is_without_noise(problem) => Chance::Nothing,
        _ => of_batches(&raw.sampling),
    }
}

fn starts_at_random(raw: &RawSpec) -> bool {
    let start = raw.process.path().map(|path| path.start);
    matches!(start, Some(RawStart::Gaussian(start)) if start.spread > 0.0)
}

/// Whether there is no noise anywhere: fresh samples may be noisy away from a minimiser at which they are not.
fn is_without_noise(problem: &Problem) -> bool {
    let stays = |beyond: &Beyond| matches!(beyond, Beyond::Nothing | Beyond::Data { .. });
    problem.known.as_ref().is_some_and(|known| stays(&known.beyond) && known.local.noise().trace() == 0.0)
}

fn of_batches(sampling: &RawSampling) -> Chance {
    match sampling {
        RawSampling::FullBatch(_) => Chance::Nothing,
        RawSampling::Pool(_)
        | RawSampling::Reshuffled(_)
        | RawSampling::Data(_)
        | RawSampling::Iid(RawIid { population: RawPopulation::Rademacher, .. }) => Chance::Discrete,
        _ => Chance::Continuous,
    }
}
