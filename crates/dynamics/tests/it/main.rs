//! The tests of `dynamics`, one binary: the kernel, the exact laws of the processes, the simulations against them,
//! observables, refusals.

#![expect(non_snake_case, reason = "the papers' matrices keep their names")]

mod averaged;
mod common;
mod decreasing;
mod kernel;
mod law;
mod leading_order;
mod observable;
mod partial_reuse;
mod refusals;
mod reshuffled;
mod simulation;
mod statistics;
