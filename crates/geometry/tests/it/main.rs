//! The tests of `geometry`, one binary: closed forms, residuals, independent references, properties, refusals.

mod closed_forms;
mod common;
mod commutation;
mod fisher;
mod generators;
mod matrices;
mod properties;
mod reference;
mod refusals;
mod residuals;
