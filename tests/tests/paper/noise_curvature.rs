//! The specs about noise and curvature (ZYT).

use super::{Break, Case, check};

pub(super) const CASES: &[Case] = &[
    Case {
        spec: "noise-curvature/ensemble-frequency",
        reduced: &[
            ("count = 1048576", "count = 32768"),
            ("resolution = 0.02 }", "resolution = 0.09 }"),
            ("resolution = 0.01 }", "resolution = 0.03 }"),
            ("tolerance = 0.02", "tolerance = 0.04"),
        ],
        breaks: &[
            Break::Theory("E h² twice as large", "exact-law", &[("deviation = 0.5", "deviation = 0.7071067811865476")]),
            Break::Simulation(
                "magnitudes that grow with the curvature a little",
                "exponent",
                &[("correlation = 0.0", "correlation = 0.1")],
            ),
            Break::Claim("γ = 1.1", "exponent", &[("exponent = 1.0", "exponent = 1.1")]),
        ],
    },
    Case {
        spec: "noise-curvature/ensemble-magnitude",
        reduced: &[
            ("count = 524288", "count = 16384"),
            ("resolution = 0.02 }", "resolution = 0.1 }"),
            ("tolerance = 0.02", "tolerance = 0.04"),
        ],
        breaks: &[
            Break::Theory("E h² twice as large", "exact-law", &[("deviation = 0.5", "deviation = 0.7071067811865476")]),
            Break::Simulation(
                "frequencies that grow with the curvature a little",
                "exponent",
                &[("correlation = 1.0", "correlation = 0.9")],
            ),
            Break::Claim("γ = 1.9", "exponent", &[("exponent = 2.0", "exponent = 1.9")]),
            Break::Claim(
                "twice the lower bound",
                "lower-bound-attained",
                &[("value = \"norm_H^2\"", "value = \"2 * norm_H^2\"")],
            ),
        ],
    },
    Case {
        spec: "noise-curvature/ensemble-mixed",
        reduced: &[
            ("until = \"decided\"\nmax = 917504", "count = 16384"),
            ("resolution = 0.02 }", "resolution = 0.13 }"),
            ("tolerance = 0.02", "tolerance = 0.05"),
        ],
        breaks: &[
            Break::Theory("more correlation than there is", "exact-law", &[("correlation = 0.5", "correlation = 0.7")]),
            Break::Simulation(
                "more correlation than is said",
                "exponent-quarter",
                &[("correlation\" = 0.25", "correlation\" = 0.4")],
            ),
            Break::Claim("γ = 1 + c/2", "exponent-half", &[("exponent = 1.5", "exponent = 1.25")]),
            Break::Claim(
                "an upper bound four fifths as large",
                "upper-bound",
                &[("value = \"lambda_max * trace_H\"", "value = \"0.8 * lambda_max * trace_H\"")],
            ),
        ],
    },
    Case {
        spec: "noise-curvature/ensemble-stationary",
        reduced: &[
            ("count = 425984", "count = 16384"),
            ("resolution = 0.02 }", "resolution = 0.1 }"),
            ("tolerance = 0.02", "tolerance = 0.07"),
            ("\"1.13 *", "\"1.08 *"),
        ],
        breaks: &[
            Break::Theory("frequency alone, γ = 1", "exact-law", &[("correlation = 0.5", "correlation = 0.0")]),
            Break::Simulation("batches of two", "exact-law", &[("batch_size = 1", "batch_size = 2")]),
            Break::Claim(
                "the exponent of the noise in the place of one less",
                "exponent",
                &[("exponent = 0.5", "exponent = 1.5")],
            ),
            Break::Claim("an energy far above the linearisation", "long-steps", &[("\"1.08 *", "\"1.3 *")]),
        ],
    },
    Case {
        spec: "noise-curvature/ensemble-samples",
        reduced: &[("until = \"decided\"\nmax = 896", "count = 128"), ("tolerance = 0.03", "tolerance = 0.06")],
        breaks: &[
            Break::Theory("more correlation than there is", "exponent", &[("correlation = 0.5", "correlation = 0.6")]),
            Break::Simulation(
                "less correlation than is said",
                "exponent-of-squares",
                &[("correlation = 0.5", "correlation = 0.4")],
            ),
            Break::Claim("a distance of order 1/n", "proportional", &[("exponent = -0.5", "exponent = -1.0")]),
            Break::Claim(
                "a bound of 1.4 on the exponent",
                "upper-bound",
                &[("against.at_most.value = \"2\"", "against.at_most.value = \"1.4\"")],
            ),
        ],
    },
    Case {
        spec: "noise-curvature/linear-regression-counterexample",
        reduced: &[
            ("count = 1024", "count = 128"),
            ("samples = 20000", "samples = 4000"),
            (
                "measure = \"distance\"\nagainst.limit = { resolution = 0.02 }",
                "measure = \"distance\"\nagainst.limit = { resolution = 0.12 }",
            ),
            ("resolution = 0.02 }", "resolution = 0.05 }"),
        ],
        breaks: &[
            Break::Theory(
                "a steepest feature of twice the variance",
                "squares",
                &[("[0.25, 1.0, 4.0, 16.0]", "[0.25, 1.0, 4.0, 32.0]")],
            ),
            Break::Simulation(
                "a start off the truth",
                "proportional",
                &[("start = [1.0, 1.0, 1.0, 1.0]", "start = [1.5, 1.0, 1.0, 1.0]")],
            ),
            Break::Claim(
                "the exponent of E h² for that of the noise",
                "exponent",
                &[("value = \"1\", resolution", "value = \"1.21\", resolution")],
            ),
            Break::Claim("an exponent less than 0.7 of that of E h²", "not-the-same", &[("\"0.85\"", "\"0.7\"")]),
        ],
    },
    Case {
        spec: "noise-curvature/digits-mlp-cross-entropy",
        reduced: &[
            ("hidden = [50, 50]", "hidden = [16, 16]"),
            ("samples = 1000 }", "samples = 300 }"),
            ("count = 16", "count = 8"),
            ("steps = 2000", "steps = 500"),
            ("[2000]", "[500]"),
            ("\"0.99\"", "\"0.95\""),
            ("directions = 100", "directions = 60"),
            ("against.at_least.value = \"1.1\"", "against.at_least.value = \"0.95\""),
            (
                "measure = \"commutation\"\nagainst.at_most.value = \"1\"",
                "measure = \"commutation\"\nagainst.at_most.value = \"3\"",
            ),
            (
                "measure = \"commutation-bulk\"\nagainst.at_most.value = \"1\"",
                "measure = \"commutation-bulk\"\nagainst.at_most.value = \"2\"",
            ),
        ],
        breaks: &[
            Break::Simulation(
                "a network that is hardly trained",
                "trained",
                &[("horizon.steps = 500", "horizon.steps = 20"), ("record.steps = [500]", "record.steps = [20]")],
            ),
            Break::Claim(
                "an exponent of 2",
                "superlinear",
                &[("against.at_least.value = \"0.95\"", "against.at_least.value = \"2\"")],
            ),
            Break::Claim(
                "a lower bound of 1.4 for the exponent of E h²",
                "squares-above",
                &[(
                    "measure = \"gamma-squares\"\nagainst.at_least.value = \"1\"",
                    "measure = \"gamma-squares\"\nagainst.at_least.value = \"1.4\"",
                )],
            ),
            Break::Claim(
                "all of the noise off the diagonal",
                "diagonal",
                &[("against.at_least.value = \"0.5\"", "against.at_most.value = \"0.1\"")],
            ),
        ],
    },
    Case {
        spec: "noise-curvature/digits-mlp-squared-loss",
        reduced: &[
            ("hidden = [50, 50]", "hidden = [16, 16]"),
            ("samples = 1000 }", "samples = 300 }"),
            ("count = 16", "count = 8"),
            ("directions = 100", "directions = 60"),
            ("8000", "4000"),
            ("resolution = 0.1 }", "resolution = 0.4 }"),
            ("\"0.98\"", "\"0.9\""),
            ("\"0.99\"", "\"0.95\""),
        ],
        breaks: &[
            Break::Simulation(
                "a network that is hardly trained",
                "trained",
                &[("steps\" = 4000", "steps\" = 20"), ("[4000]", "[20]")],
            ),
            Break::Claim("γ = 2", "near-linear", &[("value = \"1\", resolution", "value = \"2\", resolution")]),
        ],
    },
    Case {
        spec: "noise-curvature/digits-mlp-classes",
        reduced: &[
            ("hidden = [50, 50]", "hidden = [16, 16]"),
            ("count = 12", "count = 8"),
            ("directions = 100", "directions = 60"),
            ("against.at_least.value = \"1.1\"", "against.at_least.value = \"0.9\""),
        ],
        breaks: &[
            Break::Simulation(
                "networks that are hardly trained",
                "trained",
                &[("[600, 1200, 2000]", "[6, 12, 20]"), ("[[600], [1200], [2000]]", "[[6], [12], [20]]")],
            ),
            Break::Claim(
                "an exponent of 2",
                "superlinear",
                &[("against.at_least.value = \"0.9\"", "against.at_least.value = \"2\"")],
            ),
        ],
    },
    Case {
        spec: "noise-curvature/digits-mlp-suppression",
        reduced: &[
            ("hidden = [50, 50]", "hidden = [16, 16]"),
            ("samples = 1000 }", "samples = 300 }"),
            ("directions = 100", "directions = 30"),
            ("value = \"1\" }", "value = \"1.2\" }"),
            ("resolution = 0.05", "resolution = 0.2"),
            ("against.at_least.value = \"1\"", "against.at_least.value = \"0.95\""),
        ],
        breaks: &[
            Break::Simulation(
                "samples that are not equalised",
                "equalised",
                &[("hessians.equalised = 0.01", "hessians.damped = 0.01")],
            ),
            Break::Claim(
                "an exponent of 2 for equal curvatures",
                "equalised",
                &[("value = \"1\", resolution", "value = \"2\", resolution")],
            ),
        ],
    },
];

#[test]
fn claims_hold_and_breaks_are_refuted() {
    check(CASES);
}
