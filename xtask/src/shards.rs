//! Which shard a process is: as it was told, or as the scheduler that started it says.

use std::str::FromStr;

use engine::Shard;
use engine::shard::{MOST_SHARDS, ShardError};

/// The variables by which schedulers number the tasks of an array, in the order in which they are looked for, each with its
/// first number.
const VARIABLES: [(&str, usize); 7] = [
    ("SLURM_ARRAY_TASK_ID", 0),
    ("JOB_COMPLETION_INDEX", 0),
    ("HQ_TASK_ID", 0),
    ("PBS_ARRAY_INDEX", 0),
    ("SGE_TASK_ID", 1),
    ("LSB_JOBINDEX", 1),
    ("OMPI_COMM_WORLD_RANK", 0),
];

/// The long help of `--shard`.
pub(crate) const HELP: &str = "Simulate the cells of this shard alone, and judge nothing: K/N with K from 0 to N − 1. Any \
number of shards may run at once on machines that see one folder, be killed, and run again; `merge` then judges.

auto/N takes K from the variable that a scheduler sets: SLURM_ARRAY_TASK_ID, JOB_COMPLETION_INDEX (Kubernetes), HQ_TASK_ID, \
PBS_ARRAY_INDEX, SGE_TASK_ID and LSB_JOBINDEX (both counted from 1), OMPI_COMM_WORLD_RANK; the first one that is set.";

/// What `--shard` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Choice {
    /// This one.
    Named(Shard),
    /// The scheduler's, of so many.
    Scheduled(usize),
}

impl FromStr for Choice {
    type Err = ShardError;

    fn from_str(text: &str) -> Result<Self, ShardError> {
        match text.strip_prefix("auto/") {
            Some(of) => number(of).map(Choice::Scheduled),
            None => text.parse().map(Choice::Named),
        }
    }
}

/// A number of shards.
pub(crate) fn number(text: &str) -> Result<usize, ShardError> {
    text.parse().ok().filter(|of| (1..=MOST_SHARDS).contains(of)).ok_or(ShardError)
}

impl Choice {
    /// The shard that is meant in this process, or why there is none.
    pub(crate) fn shard(&self) -> Result<Shard, String> {
        match self {
            Choice::Named(shard) => Ok(*shard),
            Choice::Scheduled(of) => scheduled(*of, |name| std::env::var(name).ok()),
        }
    }
}

fn scheduled(of: usize, variable: impl Fn(&str) -> Option<String>) -> Result<Shard, String> {
    // Grid Engine sets its variable to "undefined" outside of arrays.
    let set = VARIABLES.iter().find_map(|(name, first)| {
        variable(name).filter(|value| !value.is_empty() && value != "undefined").map(|value| (name, first, value))
    });
    let Some((name, first, value)) = set else {
        let names = VARIABLES.map(|(name, _)| name).join(", ");
        return Err(format!("--shard auto/{of} needs a scheduler: none of {names} is set"));
    };
    let index = value.parse::<usize>().ok().and_then(|number| number.checked_sub(*first));
    index
        .and_then(|index| Shard::new(index, of).ok())
        .ok_or_else(|| format!("{name} is {value}: {of} shards are numbered from {first} to {} there", first + of - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with<'a>(set: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<String> + 'a {
        |name| set.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned())
    }

    #[test]
    fn each_scheduler_numbers_the_shards_in_its_own_way() {
        for (name, first) in VARIABLES {
            let index = |value: usize| scheduled(4, with(&[(name, &value.to_string())]));
            assert_eq!(index(first), Ok(Shard { index: 0, of: 4 }), "{name}");
            assert_eq!(index(first + 3), Ok(Shard { index: 3, of: 4 }), "{name}");
            let error = index(first + 4).expect_err("beyond the last");
            assert!(error.contains(name) && error.contains(&format!("from {first} to {}", first + 3)), "{error}");
        }
    }

    #[test]
    fn without_a_number_there_is_no_shard() {
        for set in [&[][..], &[("SGE_TASK_ID", "undefined")], &[("SLURM_ARRAY_TASK_ID", "")]] {
            assert!(scheduled(4, with(set)).is_err_and(|error| error.contains("needs a scheduler")), "{set:?}");
        }
        for value in ["-1", "x", "1.0", "99999999999999999999"] {
            assert!(scheduled(4, with(&[("PBS_ARRAY_INDEX", value)])).is_err(), "{value}");
        }
        assert!(scheduled(4, with(&[("SGE_TASK_ID", "0")])).is_err(), "Grid Engine counts from 1");
    }

    #[test]
    fn the_first_of_several_counts() {
        let both = [("OMPI_COMM_WORLD_RANK", "0"), ("SLURM_ARRAY_TASK_ID", "2")];
        assert_eq!(scheduled(4, with(&both)), Ok(Shard { index: 2, of: 4 }));
    }
}
