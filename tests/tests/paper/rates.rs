//! The specs about rates, lower bounds and complexity.

use super::{Break, Case, check};

pub(super) const CASES: &[Case] = &[
    Case {
        spec: "exp3",
        reduced: &[
            ("horizon.steps = 10000", "horizon.steps = 800"),
            ("record.steps = [300, 800, 2000, 5000, 10000]", "record.steps = [300, 800]"),
            ("[0.991, 1.002, 0.995, 1.010, 1.000]", "[0.991, 1.002]"),
            ("[1.002, 0.990, 0.992, 1.001, 0.987]", "[1.002, 0.990]"),
            ("resolution = 0.03", "resolution = 0.05"),
            ("resolution = 0.1 }", "resolution = 0.16 }"),
        ],
        breaks: &[
            Break::Theory("G larger by a sixth", "lyapunov", &[("trace = 50.0", "trace = 58.0")]),
            Break::Theory(
                "isotropic noise for both",
                "directions",
                &[("fisher = \"curvature\"", "fisher = \"curvature\"\nnoise_shape = \"trace_matched_isotropic\"")],
            ),
        ],
    },
    Case {
        spec: "exp4",
        reduced: &[
            ("horizon.steps = 12000", "horizon.steps = 1500"),
            ("from_step = 1500", "from_step = 200"),
            ("tolerance = 0.05", "tolerance = 0.2"),
        ],
        breaks: &[
            Break::Theory("G doubled", "exact-law", &[("trace = 50.0", "trace = 100.0")]),
            Break::Theory(
                "steps 2/(k + 120)",
                "plateau",
                &[("scale = 1.0, offset = 60.0", "scale = 2.0, offset = 120.0")],
            ),
            Break::Claim("a rate of N^(−1/2)", "rate", &[("exponent = -1.0", "exponent = -0.5")]),
            Break::Claim(
                "a deflation by the shift",
                "inflation",
                &[("at_least.value = \"trace_G / 2\"", "at_most.value = \"trace_G / 2\"")],
            ),
        ],
    },
    Case {
        spec: "exp5",
        reduced: &[
            ("horizon.steps = 3000", "horizon.steps = 600"),
            ("record.steps = [300, 1000, 3000]", "record.steps = [300, 600]"),
            ("count = 10240", "count = 4096"),
            ("against.at_least.value = \"0.22\"", "against.at_least.value = \"0.2\""),
            ("law = \"limit\", resolution = 0.12", "law = \"limit\", resolution = 0.25"),
            ("name = \"isotropic\", resolution = 0.1 }", "name = \"isotropic\", resolution = 0.2 }"),
            ("exact = { resolution = 0.15 }", "exact = { resolution = 0.2 }"),
        ],
        breaks: &[
            Break::Theory(
                "a flatter G: eigenvalues from 1 to 10",
                "ratio",
                &[("from = 1.0, to = 100.0, trace", "from = 1.0, to = 10.0, trace")],
            ),
            Break::Theory(
                "steps 1.6/(k + 100)",
                "exact-law",
                &[("scale = 1.0, offset = 60.0", "scale = 1.6, offset = 100.0")],
            ),
            Break::Simulation(
                "a control that is not isotropic",
                "ratio",
                &[("\"trace_matched_isotropic\"", "\"as_given\"")],
            ),
            Break::Claim(
                "half the number between the two",
                "above-one-control",
                &[("against.at_most.value = \"0.22\"", "against.at_most.value = \"0.11\"")],
            ),
        ],
    },
    Case {
        spec: "theorem-6-5",
        reduced: &[
            ("horizon.steps = 5000", "horizon.steps = 2500"),
            ("until = \"decided\"\nmax = 20480", "count = 8192"),
            ("* N)\", resolution = 0.1 }", "* N)\", resolution = 0.15 }"),
            ("tolerance = 0.1,", "tolerance = 0.15,"),
            ("exact = { resolution = 0.12 }", "exact = { resolution = 0.16 }"),
        ],
        breaks: &[
            Break::Theory(
                "G doubled",
                "exact-law",
                &[("noise.diagonal = [1.0, 2.0, 4.0]", "noise.diagonal = [2.0, 4.0, 8.0]")],
            ),
            Break::Simulation(
                "eight times the noise",
                "bound",
                &[("noise.diagonal = [1.0, 2.0, 4.0]", "noise.diagonal = [8.0, 16.0, 32.0]")],
            ),
            Break::Claim("half of the bound, not a fifth", "tightness", &[("\"0.2 * c^2", "\"0.5 * c^2")]),
            Break::Claim("a rate of N^(−1/2)", "rate", &[("exponent = -1.0", "exponent = -0.5")]),
        ],
    },
    Case {
        spec: "remark-3-14",
        reduced: &[("horizon.steps = 3000", "horizon.steps = 1500")],
        breaks: &[
            Break::Theory(
                "steps 4/(k + 20)",
                "exact-law",
                &[("scale = 2.0, offset = 10.0", "scale = 4.0, offset = 20.0")],
            ),
            Break::Simulation(
                "the noise doubled",
                "bound-of-mu",
                &[("[[25.0, -10.0], [-10.0, 4.0]]", "[[50.0, -20.0], [-20.0, 8.0]]")],
            ),
            Break::Claim("1.6 times the bound with λ_min", "not-of-lambda", &[("\"1.2 * c^2", "\"1.6 * c^2")]),
            Break::Claim(
                "a fall with λ_min, not μ_F",
                "not-faster",
                &[("0.9 * 15 * exp(-2 * mu_F * t)", "1.2 * 15 * exp(-2 * mu_F * t)")],
            ),
        ],
    },
    Case {
        spec: "remark-3-14-growth",
        reduced: &[],
        breaks: &[
            Break::Theory(
                "an isotropic H",
                "exact-law",
                &[("curvature.diagonal = [1.0, 3.0]", "curvature.diagonal = [2.0, 2.0]")],
            ),
            Break::Simulation(
                "an isotropic H, which commutes with F",
                "growth",
                &[("curvature.diagonal = [1.0, 3.0]", "curvature.diagonal = [2.0, 2.0]")],
            ),
            Break::Claim("growth by a fifth", "growth", &[("\"1.04 * 17\"", "\"1.2 * 17\"")]),
        ],
    },
    Case {
        spec: "proposition-6-8",
        reduced: &[
            ("horizon.steps = 1000", "horizon.steps = 200"),
            ("until = \"decided\"\nmax = 49152", "count = 20480"),
            ("value = \"d\", resolution = 0.1 }", "value = \"d\", resolution = 0.2 }"),
            ("van_trees\", resolution = 0.03 }", "van_trees\", resolution = 0.06 }"),
            ("exact = { resolution = 0.05 }", "exact = { resolution = 0.1 }"),
            ("\"2 * d\"", "\"1.8 * d\""),
        ],
        breaks: &[
            Break::Theory(
                "G doubled",
                "exact-law",
                &[("noise.diagonal = [0.5, 1.0, 2.0, 4.0]", "noise.diagonal = [1.0, 2.0, 4.0, 8.0]")],
            ),
            Break::Simulation(
                "twice the samples that are counted",
                "bound-averaged",
                &[("batch_size = 4", "batch_size = 8")],
            ),
            Break::Simulation(
                "steps that are not the Kalman filter's",
                "attained",
                &[("scale = 1.0, offset = 2.0", "scale = 1.0, offset = 4.0")],
            ),
            Break::Claim("three times the bound", "price-of-the-last-iterate", &[("* d\"\nat", "* d * 2\"\nat")]),
        ],
    },
    Case {
        spec: "lemma-7-2",
        reduced: &[],
        breaks: &[
            Break::Simulation(
                "the squared gradient in the place of the gap",
                "never",
                &[("metric = \"smoothness_gap\"", "metric = \"gradient_dual\"")],
            ),
            Break::Simulation(
                "a point along another direction of F",
                "sharp",
                &[("point = [1.0, 0.0, 0.0]", "point = [0.0, 1.0, 0.0]")],
            ),
            Break::Claim(
                "the factor κ_F for F = H",
                "loose",
                &[("value = \"trace_F\"", "value = \"kappa_F^2 * trace_F\"")],
            ),
        ],
    },
    Case {
        spec: "theorem-7-3",
        reduced: &[
            ("[0.2309, 0.1633, 0.1154, 0.0816, 0.0577]", "[0.2309, 0.1633, 0.1154]"),
            ("[100, 200, 400, 800, 1600]", "[100, 200, 400]"),
        ],
        breaks: &[
            Break::Simulation(
                "steps that are not balanced",
                "rate",
                &[("[0.2309, 0.1633, 0.1154", "[0.2309, 0.2309, 0.2309")],
            ),
            Break::Simulation(
                "a constant of 0.15",
                "high-probability",
                &[(
                    "above = \"loss_gap / (lambda_min_F * eta * last_step) + M * eta * kappa_F * d_eff / b\"",
                    "above = \"0.15 * (loss_gap / (lambda_min_F * eta * last_step) + M * eta * kappa_F * d_eff / b)\"",
                )],
            ),
            Break::Claim("a rate of N^(−0.4)", "rate", &[("exponent = -0.5", "exponent = -0.4")]),
        ],
    },
    Case {
        spec: "corollary-7-8",
        reduced: &[
            ("[4, 8, 16, 32, 64, 128, 256]", "[4, 8, 16, 64, 128]"),
            ("0.5772, 0.938, 0.938, 0.938]", "0.5772, 0.938, 0.938]"),
            ("[0.0721, 0.1443, 0.2886", "[0.1443, 0.2886"),
            ("[1024, 512, 256, 128, 64, 32, 16]", "[256, 128, 64, 16, 8]"),
            ("exponent = 0.0, tolerance = 0.05", "exponent = 0.0, tolerance = 0.1"),
        ],
        breaks: &[
            Break::Simulation(
                "steps that do not grow with the batch",
                "flat",
                &[("[0.1443, 0.2886, 0.5772,", "[0.938, 0.938, 0.938,")],
            ),
            Break::Claim(
                "an average that grows in proportion to √b",
                "flat",
                &[("exponent = 0.0, tolerance", "exponent = 0.5, tolerance")],
            ),
            Break::Claim(
                "a bound of a quarter of the size",
                "bound",
                &[(
                    "\"loss_gap / (lambda_min_F * eta * last_step) + M * eta * kappa_F * d_eff / b\"",
                    "\"0.25 * (loss_gap / (lambda_min_F * eta * last_step) + M * eta * kappa_F * d_eff / b)\"",
                )],
            ),
        ],
    },
    Case {
        spec: "example",
        reduced: &[],
        breaks: &[
            Break::Theory("momentum 0.8", "exact-law", &[("rule.heavy_ball = 0.9", "rule.heavy_ball = 0.8")]),
            Break::Simulation("momentum 0.8", "temperature", &[("rule.heavy_ball = 0.9", "rule.heavy_ball = 0.8")]),
            Break::Claim(
                "normal from the first step on, where the error is the toss of one coin",
                "normal",
                &[("at = \"last_record\"\n\n[[claim]]\nname = \"temperature\"", "\n[[claim]]\nname = \"temperature\"")],
            ),
        ],
    },
];

#[test]
fn claims_hold_and_breaks_are_refuted() {
    check(CASES);
}
