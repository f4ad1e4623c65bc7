//! What the fuzzers have found, and what they began with, read again: each in time.

mod common;
#[path = "../../fuzz/src/lib.rs"]
#[allow(dead_code, unreachable_pub, unused_imports, reason = "a crate of its own")]
mod fuzz;

use std::time::Duration;

use common::markdown::repository;
use common::refusal::processor_time;

/// What one input may take of the processor.
const LONGEST: Duration = Duration::from_secs(2);

#[test]
fn specs() {
    replay("spec", fuzz::spec, 100);
}

#[test]
fn expressions() {
    replay("expression", fuzz::expression, 100);
}

#[test]
fn data() {
    replay("data", fuzz::data, 50);
}

/// Runs all inputs of a fuzzer, of which there are so many at least.
fn replay(target: &str, holds: fn(&[u8]), least: usize) {
    let folder = repository().join("fuzz/corpus").join(target);
    let mut inputs: Vec<_> =
        std::fs::read_dir(folder).expect("a corpus").map(|entry| entry.expect("an entry").path()).collect();
    inputs.sort();
    assert!(inputs.len() >= least, "{} inputs", inputs.len());
    for path in inputs {
        let bytes = std::fs::read(&path).expect("readable");
        let before = processor_time();
        let held = std::panic::catch_unwind(|| holds(&bytes));
        let time = processor_time() - before;
        assert!(held.is_ok(), "{} breaks a promise", path.display());
        assert!(time < LONGEST, "{} took {time:?}", path.display());
    }
}
