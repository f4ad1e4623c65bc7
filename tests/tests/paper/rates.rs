//! The specs about rates, lower bounds and complexity.

use super::{Break, Case, check};

pub(super) const CASES: &[Case] = &[];

#[test]
fn claims_hold_and_breaks_are_refuted() {
    check(CASES);
}
