//! What must hold of any bytes that a stranger may write: the fuzzers run it on what they invent, and
//! `tests/tests/fuzz_corpus.rs` on the corpus.

mod arithmetic;
mod data;
mod expression;
mod spec;

pub use data::data;
pub use expression::expression;
pub use spec::{printed, spec};
