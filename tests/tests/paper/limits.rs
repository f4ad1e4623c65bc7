//! The specs about limits of the recursion, and other rules of descent.

use super::{Break, Case, check};

pub(super) const CASES: &[Case] = &[
    Case {
        spec: "exp2-batch-sizes",
        reduced: &[
            ("count = 12288", "count = 4096"),
            ("0.5, 0.01]", "0.5, 0.5]"),
            ("[199000, 199050, 199100, 199200, 199500, 200000]", "[3980, 3981, 3982, 3984, 3990, 4000]"),
            ("horizon.time = 2000.0", "horizon.time = 200.0"),
            ("3980, 3981, 3982, 3984, 3990, 4000", "380, 381, 382, 384, 390, 400"),
            ("resolution = 0.12", "resolution = 0.22"),
            ("tolerance = 0.02", "tolerance = 0.04"),
            ("value = \"0.25\"", "value = \"0.15\""),
            ("value = \"0.1\"", "value = \"0.2\""),
        ],
        breaks: &[
            Break::Theory(
                "the flat coordinate twice as steep",
                "mixing",
                &[("curvature.diagonal = [0.1, 1.0]", "curvature.diagonal = [0.2, 1.0]")],
            ),
            Break::Theory(
                "the noise correlated with the other sign",
                "lyapunov",
                &[("[[1.0, 0.6], [0.6, 2.0]]", "[[1.0, -0.6], [-0.6, 2.0]]")],
            ),
            Break::Claim("variances of order b^−0.9", "one-over-b", &[("exponent = -1.0", "exponent = -0.9")]),
        ],
    },
    Case {
        spec: "exp2-angles",
        reduced: &[
            ("until = \"decided\"\nmax = 393216", "count = 32768"),
            ("resolution = 0.025 }", "resolution = 0.09 }"),
            ("resolution = 0.02 }", "resolution = 0.07 }"),
            ("\"trace_FG - 5\"", "\"trace_FG - 7\""),
            ("\"19 - trace_FG\"", "\"17 - trace_FG\""),
        ],
        breaks: &[
            Break::Theory(
                "the continuous equation where the discrete one belongs",
                "euler-maruyama",
                &[("euler_maruyama = 1 }", "euler_maruyama = 100 }")],
            ),
            Break::Theory(
                "two of the angles turned the other way",
                "exact-transition",
                &[("1.5588457268119895", "-1.5588457268119895")],
            ),
            Break::Simulation("batches of three", "angle-free-energy", &[("batch_size = 4", "batch_size = 3")]),
        ],
    },
    Case {
        spec: "exp2-ellipses",
        reduced: &[
            ("count = 1048576", "count = 32768"),
            ("resolution = 0.015", "resolution = 0.09"),
            ("resolution = 0.01 }", "resolution = 0.06 }"),
        ],
        breaks: &[
            Break::Theory(
                "an ellipse that tilts the other way",
                "tilts",
                &[("[[2.704, 1.728], [1.728, 1.696]]", "[[2.704, -1.728], [-1.728, 1.696]]")],
            ),
            Break::Simulation(
                "the isotropic surrogate simulated for both",
                "tilts",
                &[(
                    "noise.dense = [[2.704, 1.728], [1.728, 1.696]]",
                    "noise.dense = [[2.704, 1.728], [1.728, 1.696]]\nnoise_shape = \"trace_matched_isotropic\"",
                )],
            ),
            Break::Claim(
                "an energy of ⅓ tr G",
                "energy",
                &[("value = \"trace_G / 2\", resolution", "value = \"trace_G / 3\", resolution")],
            ),
        ],
    },
    Case {
        spec: "theorem-5-10",
        reduced: &[
            ("count = 98304", "count = 8192"),
            ("resolution = 0.05 }", "resolution = 0.17 }"),
            ("resolution = 0.03 }", "resolution = 0.1 }"),
            ("resolution = 0.07 }", "resolution = 0.18 }"),
            ("distance_at_most = 0.02", "distance_at_most = 0.07"),
        ],
        breaks: &[
            Break::Theory(
                "a sharpest direction twice as steep",
                "memory",
                &[("curvature.diagonal = [0.5, 1.0, 2.0, 4.0]", "curvature.diagonal = [0.5, 1.0, 2.0, 8.0]")],
            ),
            Break::Theory("G doubled", "stationary-covariance", &[("trace = 8.0", "trace = 16.0")]),
            Break::Simulation(
                "paths that still remember where they began",
                "normality",
                &[
                    ("start = \"minimiser\"", "start.point = [3.0, 3.0, 3.0, 3.0]"),
                    ("interval = 0.01", "interval = 0.001"),
                ],
            ),
            Break::Claim(
                "tr Σ = tr H⁻¹G, without its half",
                "trace-of-distance",
                &[("value = \"trace_FG / 2\"", "value = \"trace_FG\"")],
            ),
        ],
    },
    Case {
        spec: "proposition-5-13",
        reduced: &[
            ("count = 81920", "count = 8192"),
            ("resolution = 0.05 }", "resolution = 0.17 }"),
            ("7 * trace_G / 2", "6 * trace_G / 2"),
        ],
        breaks: &[
            Break::Theory(
                "steps a few per cent too long",
                "covariance-path",
                &[("[0.1, 0.4, 0.8, 1.2, 1.6, 1.9]", "[0.105, 0.42, 0.84, 1.26, 1.68, 1.95]")],
            ),
            Break::Theory(
                "a mean that starts elsewhere",
                "mean-path",
                &[("start.point = [1.0, 1.0, 1.0]", "start.point = [1.0, 1.0, 1.5]")],
            ),
            Break::Claim(
                "the trace identity without its half",
                "trace-identity",
                &[("value = \"trace_G / 2\", resolution", "value = \"trace_G\", resolution")],
            ),
        ],
    },
    Case {
        spec: "remark-5-14",
        reduced: &[
            ("until = \"decided\"\nmax = 2621440", "count = 262144"),
            ("tolerance = 0.15", "tolerance = 0.3"),
            ("tolerance = 0.07", "tolerance = 0.25"),
            ("resolution = 0.006", "resolution = 0.015"),
        ],
        breaks: &[
            Break::Theory(
                "G 5 % larger",
                "exact-law",
                &[("noise.isotropic = { trace = 8.0 }", "noise.isotropic = { trace = 8.4 }")],
            ),
            Break::Claim(
                "a gap of second order",
                "first-order",
                &[(
                    "exponent = 1.0, tolerance = 0.3, over = \"eta\",",
                    "exponent = 2.0, tolerance = 0.3, over = \"eta\",",
                )],
            ),
            Break::Claim(
                "no gap",
                "closed-form",
                &[("value = \"trace_G / (2 - eta * lambda_max)\"", "value = \"trace_G / 2\"")],
            ),
        ],
    },
    Case {
        spec: "state-dependent-noise",
        reduced: &[
            ("until = \"decided\"\nmax = 196608", "count = 16384"),
            ("resolution = 0.05 }", "resolution = 0.17 }"),
            ("resolution = 0.03 }", "resolution = 0.1 }"),
            ("resolution = 0.08 }", "resolution = 0.15 }"),
            ("\"1.3 * eta", "\"1.2 * eta"),
            ("\"1.33 * eta", "\"1.2 * eta"),
            ("/ 0.7", "/ 0.6"),
        ],
        breaks: &[
            Break::Theory(
                "the noise frozen at θ*",
                "exact-law",
                &[
                    ("[problem.least_squares]", "[problem.quadratic]"),
                    ("features.diagonal = [1.0, 2.0, 4.0]", "curvature.diagonal = [1.0, 2.0, 4.0]"),
                    ("residual_variance = 1.0", "noise.diagonal = [1.0, 2.0, 4.0]"),
                    ("[sampling.fresh]", "[sampling.gaussian]"),
                ],
            ),
            Break::Claim(
                "R = σ²A, which leaves out what the risk adds to its own noise",
                "plateau",
                &[("5 * eta))) - 1)", "5 * eta))))")],
            ),
            Break::Claim(
                "a frozen law that is right at the longest step too",
                "small-steps",
                &[("where = \"0.05 - eta\"", "where = \"eta\"")],
            ),
        ],
    },
    Case {
        spec: "theorem-5-7-fluid",
        reduced: &[
            ("until = \"decided\"\nmax = 65536", "count = 8192"),
            ("[0.02, 0.01, 0.02, 0.01, 0.02]", "[0.04, 0.02, 0.04, 0.02, 0.04]"),
            ("[1, 1, 4, 4, 16]", "[1, 1, 2, 2, 4]"),
            ("[1.0, 3.0, 8.0]", "[1.0, 3.0, 7.0]"),
            ("resolution = 0.15", "resolution = 0.3"),
            ("tolerance = 0.05", "tolerance = 0.15"),
        ],
        breaks: &[
            Break::Claim("a mean square of order (η/b)²", "order-late", &[("exponent = 1.0", "exponent = 2.0")]),
            Break::Simulation("batches twice as large", "constant", &[("[1, 1, 2, 2, 4]", "[2, 2, 4, 4, 8]")]),
        ],
    },
    Case {
        spec: "theorem-5-7-fluctuations",
        reduced: &[
            ("until = \"decided\"\nmax = 49152", "count = 4096"),
            ("resolution = 0.02 }", "resolution = 0.05 }"),
            ("resolution = 0.08 }", "resolution = 0.25 }"),
            ("distance_at_most = 0.04", "distance_at_most = 0.09"),
        ],
        breaks: &[
            Break::Theory("a flow from a start three times as near", "flow", &[("radius = 3.0", "radius = 1.0")]),
            Break::Simulation("batches of half the size", "fluctuations", &[("batch_size = 4", "batch_size = 2")]),
            Break::Simulation(
                "steps and batches far from the limit",
                "normality",
                &[
                    ("step_size.constant = 0.005", "step_size.constant = 1.2"),
                    ("batch_size = 4", "batch_size = 1"),
                    ("horizon.time = 4.0", "horizon.time = 960.0"),
                ],
            ),
        ],
    },
    Case {
        spec: "momentum",
        reduced: &[
            ("count = 262144", "count = 16384"),
            ("resolution = 0.03 }", "resolution = 0.12 }"),
            ("resolution = 0.035", "resolution = 0.14"),
            ("resolution = 0.04 }", "resolution = 0.12 }"),
            ("\"2 * eta / b", "\"1.8 * eta / b"),
        ],
        breaks: &[
            Break::Theory("more momentum", "covariance-path", &[("heavy_ball = 0.9", "heavy_ball = 0.95")]),
            Break::Simulation(
                "more momentum in the simulation",
                "same-temperature",
                &[("heavy_ball = 0.9", "heavy_ball = 0.95")],
            ),
            Break::Claim(
                "an effective step of η/(1 − β)²",
                "same-temperature",
                &[("\"10 * eta / b", "\"100 * eta / b")],
            ),
        ],
    },
    Case {
        spec: "preconditioning",
        reduced: &[
            ("count = 393216", "count = 16384"),
            ("resolution = 0.025 }", "resolution = 0.12 }"),
            ("\"0.6 * trace_FV\"", "\"0.7 * trace_FV\""),
            ("value = \"0.05\"", "value = \"0.2\""),
            ("value = \"0.19\"", "value = \"0.16\""),
        ],
        breaks: &[
            Break::Theory(
                "a preconditioner that is no inverse of H",
                "covariance",
                &[("rule.preconditioned = \"newton\"", "rule.preconditioned.matrix.diagonal = [10.0, 1.0, 0.05]")],
            ),
            Break::Theory(
                "steps longer than they are",
                "memory",
                &[("step_size.constant = 0.2", "step_size.constant = 0.4")],
            ),
            Break::Claim(
                "the temperature of small steps at long ones",
                "sandwich-long-steps",
                &[("scale = \"b * (2 - eta) / eta\"", "scale = \"2 * b / eta\"")],
            ),
        ],
    },
    Case {
        spec: "averaging",
        reduced: &[
            ("until = \"decided\"\nmax = 18432", "count = 4096"),
            ("horizon.steps = 2200", "horizon.steps = 1200"),
            ("800, 2200]", "800, 1200]"),
            ("resolution = 0.13 }", "resolution = 0.3 }"),
            ("resolution = 0.1 }", "resolution = 0.24 }"),
            ("\"50 * trace_FV\"", "\"20 * trace_FV\""),
        ],
        breaks: &[
            Break::Theory(
                "the covariance of the last iterate for that of the average",
                "sandwich",
                &[("rule.average_from = 200", "rule = \"plain\"")],
            ),
            Break::Simulation("G doubled in the simulation", "trace", &[("trace = 6.0", "trace = 12.0")]),
            Break::Claim("twice the sandwich", "trace", &[("value = \"trace_FV\"", "value = \"2 * trace_FV\"")]),
        ],
    },
];

#[test]
fn claims_hold_and_breaks_are_refuted() {
    check(CASES);
}
