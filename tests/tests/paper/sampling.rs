//! The specs about batches: covariances of sampling designs, and noise with a memory.

use super::{Break, Case, check};

pub(super) const CASES: &[Case] = &[
    Case {
        spec: "section-9-4",
        reduced: &[
            ("count = 8192", "count = 4096"),
            ("resolution = 0.08", "resolution = 0.12"),
            ("resolution = 0.2", "resolution = 0.3"),
        ],
        breaks: &[
            Break::Theory(
                "the diagonal's law for the whole",
                "wishart",
                &[("estimator = \"plug_in\"", "estimator = \"diagonal\"")],
            ),
            Break::Theory("G larger by a quarter", "plateau-error", &[("trace = 8.0", "trace = 10.0")]),
            Break::Simulation("a hundredth of the tolerance", "enough", &[("(0.1 * trace_G", "(0.001 * trace_G")]),
        ],
    },
    Case {
        spec: "section-9-4-sketch",
        reduced: &[("samples = [128, 512]", "samples = [128]")],
        breaks: &[
            Break::Claim("ten thousand times the least error", "eckart-young", &[("\"0.16\"", "\"1600\"")]),
            Break::Claim("a tenth of the bound", "liberty", &[("2 * d * 0.8^2 + 2 *", "0.2 * d * 0.8^2 + 0.2 *")]),
        ],
    },
];

#[test]
fn claims_hold_and_breaks_are_refuted() {
    check(CASES);
}
