//! The tests of `dynamics`, one binary: the kernel; for SGD the exact law, the simulation against it, observables and
//! refusals; and a file for each other process.

#![expect(non_snake_case, reason = "the papers' matrices keep their names")]

mod batch_gradient;
mod common;
mod heavy_ball;
mod joint;
mod kernel;
mod law;
mod leading_order;
mod nested_batches;
mod observable;
mod ou;
mod preconditioned;
mod refusals;
mod simulation;
mod statistics;
