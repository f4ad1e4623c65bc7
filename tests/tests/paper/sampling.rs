//! The specs about batches: covariances of sampling designs, and noise with a memory.

use super::{Break, Case, check};

pub(super) const CASES: &[Case] = &[];

#[test]
fn claims_hold_and_breaks_are_refuted() {
    check(CASES);
}
