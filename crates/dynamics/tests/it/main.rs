//! The tests of `dynamics`, one binary: the kernel, the exact laws, the simulations against them, the problems and their
//! limits, observables, refusals.

#![expect(non_snake_case, reason = "the papers' matrices keep their names")]

mod common;
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
mod simulation;
mod statistics;
mod streaming_least_squares;
mod studentised;
