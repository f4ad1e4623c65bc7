//! The tests of `dynamics`, one binary: the kernel, the exact laws of the processes, the simulations against them,
//! observables, refusals.
//! The tests of `dynamics`, one binary: the kernel, the exact laws, the simulations against them, the problems and their
//! limits, observables, refusals.

#![expect(non_snake_case, reason = "the papers' matrices keep their names")]

mod averaged;
mod common;
mod decreasing;
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
mod partial_reuse;
mod ou;
mod preconditioned;
mod gradient_average;
mod kernel;
mod law;
mod leading_order;
mod logistic;
mod minibatch;
mod nonconvex;
mod observable;
mod ode;
mod refusals;
mod reshuffled;
mod simulation;
mod statistics;
mod streaming_least_squares;
mod studentised;
