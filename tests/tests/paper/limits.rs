//! The specs about limits of the recursion, and other rules of descent.

use super::{Break, Case, check};

pub(super) const CASES: &[Case] = &[];

#[test]
fn claims_hold_and_breaks_are_refuted() {
    check(CASES);
}
