//! The tests of `dynamics`, one binary: the kernel; for SGD the exact law, the simulation against it, observables and
//! refusals; and a file for each other process, problem and method.

#![expect(non_snake_case, reason = "the papers' matrices keep their names")]

mod averaged;
mod batch_gradient;
mod common;
mod covariance_estimate;
mod decreasing;
mod gradient_average;
mod heavy_ball;
mod joint;
mod kernel;
mod law;
mod leading_order;
mod logistic;
mod minibatch;
mod nested_batches;
mod nonconvex;
mod observable;
mod ode;
mod ou;
mod partial_reuse;
mod preconditioned;
mod refusals;
mod reshuffled;
mod simulation;
mod statistics;
mod streaming_least_squares;
mod studentised;
