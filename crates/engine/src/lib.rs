//! From a TOML spec to simulated tables, verdicts and a report.
//!
//! Data flows one way: a [`Spec`] (validated, see [`spec`]) has cells; [`simulate`](mod@simulate) turns a cell into
//! section sums; [`predict`](mod@predict) states what they should be; [`judge`](mod@judge) decides the claims, in looks if the
//! spec wants them; `table` and
//! [`report`] write it down; [`store`] keeps it; [`compare`] tells two results of a spec apart; [`selftest`](mod@selftest) asks
//! which errors verdicts would catch. [`run`](mod@run) ties them
//! together. This is the only crate that
//! touches disk, threads and the clock.

pub mod bounds;
pub mod check;
pub mod compare;
pub mod data;
pub mod doubt;
pub mod judge;
pub mod layout;
pub mod observer;
pub mod picture;
pub mod plan;
pub mod predict;
pub mod progress;
pub mod replay;
pub mod report;
pub mod run;
pub mod selftest;
pub mod shard;
pub mod simulate;
pub mod spec;
pub mod status;
pub mod store;
pub mod verdict;
pub mod verify;
pub mod why;

mod looks;
mod publish;
mod simulation;
mod statistics;
mod table;

pub use bounds::Bounds;
pub use check::{check, check_partial};
pub use run::{EngineError, Outcome, RunOptions, ShardOutcome, merge, run, run_shard};
pub use shard::Shard;
pub use spec::{LoadError, Spec, SpecError};
pub use verdict::{Judgement, Verdict};

/// The version of the engine, stored with every result.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The examples of the guide, compiled and run: here, because they use all the crates.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/libraries.md")]
struct Guide;
