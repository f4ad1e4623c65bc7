//! Shards: the cells of a spec shared out among processes that know nothing of each other.
//!
//! Cells depend on the spec and the seed alone, and parts appear whole under names that say what they are. So any number of
//! processes, on any machines that see one folder, may each run a shard, in any order, twice, or killed and started again;
//! [`crate::merge`] then judges all parts, and writes what a single run would have written.

use std::str::FromStr;

use crate::spec::Spec;

/// The most shards of a spec.
pub const MOST_SHARDS: usize = 100_000;

/// One of N shards, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// k, below `of`.
    pub index: usize,
    /// N.
    pub of: usize,
}

/// A text that names no shard.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a shard is K/N with a whole number N from 1 to {MOST_SHARDS} and K from 0 to N − 1")]
pub struct ShardError;

impl Shard {
    /// The shard of this index.
    ///
    /// # Errors
    /// [`ShardError`] unless index < of ≤ [`MOST_SHARDS`].
    pub fn new(index: usize, of: usize) -> Result<Self, ShardError> {
        if index < of && of <= MOST_SHARDS { Ok(Shard { index, of }) } else { Err(ShardError) }
    }

    /// The cells of this shard: points of the sweep in turn, each with its variants, which are compared with each other.
    #[must_use]
    pub fn cells(&self, spec: &Spec) -> Vec<usize> {
        let variants = spec.variants.len().max(1);
        (0..spec.cells.len()).filter(|cell| (cell / variants) % self.of == self.index).collect()
    }
}

impl FromStr for Shard {
    type Err = ShardError;

    fn from_str(text: &str) -> Result<Self, ShardError> {
        let (index, of) = text.split_once('/').ok_or(ShardError)?;
        Shard::new(index.parse().map_err(|_| ShardError)?, of.parse().map_err(|_| ShardError)?)
    }
}

impl std::fmt::Display for Shard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.index, self.of)
    }
}

/// Whole numbers as schedulers take them: `3,7-9`.
#[must_use]
pub fn ranges(ascending: &[usize]) -> String {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for &number in ascending {
        match runs.last_mut() {
            Some((_, end)) if *end + 1 == number => *end = number,
            _ => runs.push((number, number)),
        }
    }
    let text = |(first, last): &(usize, usize)| match first == last {
        true => first.to_string(),
        false => format!("{first}-{last}"),
    };
    runs.iter().map(text).collect::<Vec<_>>().join(",")
}

/// Such numbers with what they number: `cell 3`, `cells 3,7-9`.
#[must_use]
pub fn named(noun: &str, ascending: &[usize]) -> String {
    format!("{noun}{} {}", if ascending.len() == 1 { "" } else { "s" }, ranges(ascending))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shard_is_an_index_below_a_number() {
        assert_eq!("3/16".parse(), Ok(Shard { index: 3, of: 16 }));
        assert_eq!("0/1".parse(), Ok(Shard { index: 0, of: 1 }));
        for text in ["16/16", "0/0", "-1/4", "1", "1/", "/4", "1/4/2", "a/b", "0/100001", "99999999999999999999/4"] {
            assert_eq!(text.parse::<Shard>(), Err(ShardError), "{text}");
        }
    }

    #[test]
    fn neighbours_are_ranges() {
        assert_eq!([ranges(&[]), ranges(&[3]), ranges(&[3, 7, 8, 9, 11])], ["", "3", "3,7-9,11"]);
        assert_eq!([named("cell", &[3]), named("cell", &[3, 4])], ["cell 3", "cells 3-4"]);
    }
}
