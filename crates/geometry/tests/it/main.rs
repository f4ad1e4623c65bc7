//! The tests of `geometry`, one binary: closed forms, residuals, independent references, properties, rates, refusals.

mod alignment;
mod closed_forms;
mod common;
mod commutation;
mod escape;
mod fisher;
mod generators;
mod leading;
mod matrices;
mod noise_curvature;
mod per_sample;
mod properties;
mod rates;
mod reference;
mod refusals;
mod residuals;
