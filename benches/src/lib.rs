//! The workloads that are timed, what they cost, and what this machine can do.
//!
//! - [`workload`]: one process with its sizes, its [`cost`] and the numbers that a peer needs to simulate the same;
//! - [`gaussian`], [`sampled`], [`network`]: the workloads;
//! - [`machine`]: measured speeds of multiply-adds, normals and words, which bound every kernel;
//! - [`run`]: blocks of replicates on some threads, with their time and their moments.

pub mod cost;
pub mod gaussian;
pub mod machine;
pub mod network;
pub mod run;
pub mod sampled;
pub mod workload;

pub use cost::Cost;
pub use workload::Workload;

/// What a benchmark that cannot be set up says.
pub type Error = Box<dyn std::error::Error>;
