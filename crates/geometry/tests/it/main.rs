//! The tests of `geometry`, one binary: closed forms, residuals, independent references, properties, rates, refusals.

mod closed_forms;
mod common;
mod commutation;
mod fisher;
mod generators;
mod matrices;
mod properties;
mod rates;
mod reference;
mod refusals;
mod residuals;
