//! The tests of `dynamics`, one binary: the kernel; for SGD the exact law, the simulation against it, observables and
//! refusals; and a file for each other process, problem and method.

#![expect(non_snake_case, reason = "the papers' matrices keep their names")]

mod averaged;
mod batch_gradient;
mod common;
mod covariance_estimate;
mod cyclical;
mod decreasing;
mod ensemble_descent;
mod ensemble_models;
mod escape;
mod gradient_average;
mod heavy_ball;
mod joint;
mod kernel;
mod law;
mod leading_order;
mod linear_models;
mod logistic;
mod minibatch;
mod nested_batches;
mod nonconvex;
mod observable;
mod ode;
mod ou;
mod partial_reuse;
mod preconditioned;
mod readings;
mod refusals;
mod reshuffled;
mod simulation;
mod statistics;
mod streaming_least_squares;
mod studentised;
mod training;
