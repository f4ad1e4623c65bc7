//! The tests of `dynamics`, one binary: the kernel, the exact law, the simulation against it, observables, refusals.

#![expect(non_snake_case, reason = "the papers' matrices keep their names")]

mod common;
mod kernel;
mod law;
mod leading_order;
mod observable;
mod refusals;
mod simulation;
mod statistics;
