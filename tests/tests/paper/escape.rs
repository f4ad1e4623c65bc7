//! The specs about escape, linear stability and the valley of minima (WW, WWS), whose laws are exact.

use super::{Break, Case, check};

pub(super) const CASES: &[Case] = &[
    Case {
        spec: "alignment/escape-sgd",
        reduced: &[
            ("until = \"decided\"\nmax = 524288", "count = 8192"),
            ("resolution = 0.02 }", "resolution = 0.16 }"),
            ("tolerance = 0.02", "tolerance = 0.1"),
            ("\"16 * trace_H", "\"14 * trace_H"),
            ("\"0.98 * 2.913\"", "\"0.85 * 2.913\""),
        ],
        breaks: &[
            Break::Theory("batches of four", "exact-law", &[("batch_size = 8", "batch_size = 4")]),
            Break::Simulation("batches of 16, which are stable", "grows", &[("batch_size = 8", "batch_size = 16")]),
            Break::Claim("an amplitude twice as large", "amplitude", &[("value = \"36.009\"", "value = \"72.018\"")]),
            Break::Claim(
                "twice the lower bound of D_8",
                "bounded-below",
                &[("value = \"2.168\"", "value = \"2 * 2.168\"")],
            ),
        ],
    },
    Case {
        spec: "alignment/escape-gd",
        reduced: &[
            ("count = 524288", "count = 16384"),
            ("resolution = 0.02 }", "resolution = 0.15 }"),
            ("\"0.98 * 0.174\"", "\"0.85 * 0.174\""),
        ],
        breaks: &[
            Break::Theory(
                "a second direction that is steeper",
                "exact-law-beyond",
                &[("[2.1, 1.5, 1.2", "[2.1, 1.7, 1.2")],
            ),
            Break::Simulation(
                "batches of 64 in the place of the expectation",
                "gd-one-direction",
                &[
                    ("[sampling.full_batch]", "[sampling.fresh]\nbatch_size = 64"),
                    ("sampling = { fresh = { batch_size = 64 } }", "\"sampling.fresh.batch_size\" = 64"),
                ],
            ),
            Break::Claim("a rate of half the exponent", "gd-rate", &[("(2 * k) * 2.1 / 1.5", "k * 2.1 / 1.5")]),
            Break::Claim(
                "twice the D_1 of the eigenvector",
                "sgd-bounded-below",
                &[("0.85 * 0.174\"", "1.7 * 0.174\"")],
            ),
        ],
    },
    Case {
        spec: "alignment/linear-stability",
        reduced: &[
            ("until = \"decided\"\nmax = 655360", "count = 8192"),
            ("resolution = 0.02 }", "resolution = 0.2 }"),
        ],
        breaks: &[
            Break::Theory(
                "steps longer by an eighth",
                "exact-law",
                &[("[0.22, 0.3, 0.4, 0.53, 0.5, 0.9, 1.06]", "[0.25, 0.34, 0.45, 0.6, 0.56, 1.0, 1.2]")],
            ),
            Break::Simulation(
                "two step sizes exchanged",
                "unstable-grows",
                &[("[0.22, 0.3, 0.4,", "[0.4, 0.3, 0.22,")],
            ),
            Break::Claim(
                "a bound of half the size",
                "bound",
                &[("\"norm_H - sqrt(b) / eta\"", "\"norm_H - 0.5 * sqrt(b) / eta\"")],
            ),
            Break::Claim(
                "twice the noise",
                "mechanism",
                &[("\"(eta^2 * norm_H^2 / b)^k\"", "\"(2 * eta^2 * norm_H^2 / b)^k\"")],
            ),
        ],
    },
    Case {
        spec: "alignment/cyclical-valley",
        reduced: &[
            ("count = 64", "count = 24"),
            ("samples = 200", "samples = 120"),
            ("horizon.steps = 2500", "horizon.steps = 1000"),
            ("record.steps = [0, 250, 500, 750, 1000, 1250, 1500, 1750, 2000, 2250, 2500]", "record.steps = [1000]"),
            ("resolution = 0.02 }", "resolution = 0.04 }"),
            ("\"50 * 0.05^2\"", "\"50 * 0.4^2\""),
        ],
        breaks: &[
            Break::Simulation(
                "batches of 16, which are stable",
                "flatter-than-gradient-descent",
                &[("batch_size = 2\n", "batch_size = 16\n")],
            ),
            Break::Claim(
                "half as sharp",
                "flatter-than-gradient-descent",
                &[("name = \"gradient-descent\", factor = 0.74", "name = \"gradient-descent\", factor = 0.5")],
            ),
            Break::Claim(
                "gradient descent at the flat end of the valley",
                "gradient-descent-stays",
                &[("\"100 * 4.2274\"", "\"100 * 2\"")],
            ),
        ],
    },
];

#[test]
fn escapes_hold_and_their_breaks_are_refuted() {
    check(CASES);
}
