//! The specs about batches: covariances of sampling designs, and noise with a memory.

use super::{Break, Case, check};

pub(super) const CASES: &[Case] = &[
    Case {
        spec: "lemma-4-1",
        reduced: &[("[1, 2, 4, 8, 12, 18, 22, 23, 24]", "[1, 12, 23, 24]")],
        breaks: &[
            Break::Theory("a pool half as large again", "lemma", &[("samples = 24", "samples = 36")]),
            Break::Theory(
                "batches drawn with replacement",
                "lemma",
                &[("replacement = \"without\"", "replacement = \"with\"")],
            ),
            Break::Claim("n for n − 1", "trace", &[("/ (23 * b)", "/ (24 * b)")]),
            Break::Simulation(
                "the whole pool drawn with replacement",
                "whole-pool",
                &[("replacement = \"without\"", "replacement = \"with\"")],
            ),
            Break::Claim("variances of order b^−0.9", "replacement", &[("exponent = -1.0", "exponent = -0.9")]),
        ],
    },
    Case {
        spec: "theorem-4-3",
        reduced: &[
            ("count = 262144", "count = 65536"),
            ("resolution = 0.04", "resolution = 0.08"),
            ("value = \"trace_G\", resolution = 0.02", "value = \"trace_G\", resolution = 0.04"),
            ("resolution = 0.12", "resolution = 0.2"),
        ],
        breaks: &[
            Break::Theory(
                "data sets whose means differ",
                "covariance",
                &[("mean_spread = 0.0 } }", "mean_spread = 0.3 } }")],
            ),
            Break::Theory("pools twice as large", "bookkeeping", &[("samples = 32, mean", "samples = 64, mean")]),
            Break::Simulation(
                "data sets whose means differ",
                "trace",
                &[("mean_spread = 0.0 } }", "mean_spread = 0.3 } }")],
            ),
            Break::Claim("twice the common part", "pool-part", &[("value = \"2 / 32\"", "value = \"2 / 16\"")]),
        ],
    },
    Case {
        spec: "proposition-4-5",
        reduced: &[
            ("until = \"decided\"\nmax = 262144", "count = 32768"),
            ("resolution = 0.06 }", "resolution = 0.09 }"),
            ("resolution = 0.03 }", "resolution = 0.05 }"),
            ("tolerance = 0.02", "tolerance = 0.03"),
            ("tolerance = 0.04", "tolerance = 0.06"),
            ("against.exact = { resolution = 0.05 }", "against.exact = { resolution = 0.08 }"),
            ("resolution = 0.15 }", "resolution = 0.25 }"),
        ],
        breaks: &[
            Break::Theory(
                "means of data sets that spread less",
                "covariance",
                &[("mean_spread = 0.5", "mean_spread = 0.3")],
            ),
            Break::Theory(
                "means of data sets that spread less",
                "shared",
                &[("mean_spread = 0.5", "mean_spread = 0.3")],
            ),
            Break::Simulation("data sets of one mean", "floor", &[("mean_spread = 0.5", "mean_spread = 0.0")]),
            Break::Claim("a slope that does not flatten", "flattens", &[("exponent = -0.116", "exponent = -0.5")]),
        ],
    },
    Case {
        spec: "remark-4-6",
        reduced: &[
            ("count = 262144", "count = 65536"),
            ("resolution = 0.025 }", "resolution = 0.05 }"),
            ("resolution = 0.02 }", "resolution = 0.04 }"),
            ("tolerance = 0.006", "tolerance = 0.012"),
            ("resolution = 0.03 }", "resolution = 0.06 }"),
        ],
        breaks: &[
            Break::Theory("an ellipsoid of another orientation", "shape", &[("seed = 46 }", "seed = 47 }")]),
            Break::Simulation(
                "samples that are correlated",
                "size",
                &[
                    ("[sampling.iid]", "[sampling.correlated]"),
                    ("population = \"rademacher\"", "correlation = 0.05"),
                    ("\"sampling.iid.batch_size\"", "\"sampling.correlated.batch_size\""),
                ],
            ),
            Break::Claim("variances of order b^−0.9", "rescaling", &[("exponent = -1.0", "exponent = -0.9")]),
        ],
    },
    Case {
        spec: "remark-4-7",
        reduced: &[
            ("until = \"decided\"\nmax = 524288", "count = 131072"),
            ("samples = 400000", "samples = 150000"),
            ("resolution = 0.02 }", "resolution = 0.04 }"),
            ("\"0.97 * d\"", "\"0.99 * d\""),
        ],
        breaks: &[
            Break::Theory("labels of the other model", "law", &[("labels = \"logit\"", "labels = \"probit\"")]),
            Break::Simulation(
                "batches of half the size",
                "well-specified",
                &[("batch_size\" = [16, 64]", "batch_size\" = [8, 32]")],
            ),
            Break::Claim(
                "twice the parameters",
                "well-specified",
                &[("value = \"d\", resolution", "value = \"2 * d\", resolution")],
            ),
            Break::Claim("twice the misspecification", "misspecified", &[("\"0.99 * d\"", "\"0.9 * d\"")]),
        ],
    },
    Case {
        spec: "exp1",
        reduced: &[
            ("until = \"decided\"\nmax = 163840", "count = 16384"),
            ("samples\" = 400000", "samples\" = 100000"),
            ("batch_size\" = [40, 400]", "batch_size\" = [40, 2000]"),
            ("resolution = 0.05 }", "resolution = 0.14 }"),
            ("resolution = 0.03 }", "resolution = 0.08 }"),
            ("at_most.value = \"d\"", "at_most.value = \"1.04 * d\""),
        ],
        breaks: &[
            Break::Theory(
                "batches drawn with replacement",
                "covariance",
                &[("replacement = \"without\"", "replacement = \"with\"")],
            ),
            Break::Theory("labels of the other model", "covariance", &[("labels = \"probit\"", "labels = \"logit\"")]),
            Break::Simulation(
                "batches drawn with replacement",
                "finite-sample",
                &[("replacement = \"without\"", "replacement = \"with\"")],
            ),
            Break::Claim("no finite-sample factor", "finite-sample", &[("trace_G * (4000 - b) / 3999", "trace_G")]),
        ],
    },
    Case {
        spec: "remark-9-1",
        reduced: &[
            ("until = \"decided\"\nmax = 262144", "count = 65536"),
            ("resolution = 0.05 }", "resolution = 0.1 }"),
            ("resolution = 0.04 }", "resolution = 0.08 }"),
        ],
        breaks: &[
            Break::Theory("two strata", "stratified-ratios", &[("strata = 4", "strata = 2")]),
            Break::Theory(
                "the optimal coefficient for the bad one",
                "laws",
                &[("coefficient = 2.0", "coefficient = 0.9")],
            ),
            Break::Simulation(
                "a coefficient that is not so bad",
                "bad-trace",
                &[("coefficient = 2.0", "coefficient = 1.0")],
            ),
            Break::Claim(
                "a reduction by a third in all directions",
                "stratified-below",
                &[("0.9 * 0.12658", "0.67 * 0.12658")],
            ),
        ],
    },
    Case {
        spec: "appendix-b",
        reduced: &[
            ("count = 65536", "count = 12288"),
            ("resolution = 0.08 }", "resolution = 0.18 }"),
            ("resolution = 0.04 }", "resolution = 0.09 }"),
            ("resolution = 0.05 }", "resolution = 0.12 }"),
        ],
        breaks: &[
            Break::Theory(
                "the scalar model of partial reuse",
                "reuse-ratios",
                &[(
                    "{ partial_reuse = { batch_size = 12, reused = 3 } }",
                    "{ inflated = { batch_size = 12, inflation = 0.5 } }",
                )],
            ),
            Break::Theory(
                "independent samples for correlated ones",
                "laws",
                &[("correlation = 0.1", "correlation = 0.0")],
            ),
            Break::Simulation("half of each batch reused", "reuse-flat", &[("reused = 3 }", "reused = 6 }")]),
            Break::Claim("twice the design effect", "kish", &[("(1 + 0.1 * (b - 1))", "(1 + 0.2 * (b - 1))")]),
        ],
    },
    Case {
        spec: "partial-reuse",
        reduced: &[
            ("until = \"decided\"\nmax = 262144", "count = 12288"),
            ("resolution = 0.05 }", "resolution = 0.13 }"),
            ("resolution = 0.08 }", "resolution = 0.19 }"),
            ("tolerance = 0.025", "tolerance = 0.06"),
        ],
        breaks: &[
            Break::Theory(
                "the scalar model",
                "path",
                &[
                    (
                        "[sampling.partial_reuse]\nbatch_size = 8\nreused = 4",
                        "[sampling.inflated]\nbatch_size = 8\ninflation = 1.0",
                    ),
                    ("\"sampling.partial_reuse.reused\" = 2", "\"sampling.inflated.inflation\" = 0.5"),
                    ("\"sampling.partial_reuse.reused\" = 0", "\"sampling.inflated.inflation\" = 0.0"),
                ],
            ),
            Break::Theory(
                "the scalar model",
                "autocovariance",
                &[
                    (
                        "[sampling.partial_reuse]\nbatch_size = 8\nreused = 4",
                        "[sampling.inflated]\nbatch_size = 8\ninflation = 1.0",
                    ),
                    ("\"sampling.partial_reuse.reused\" = 2", "\"sampling.inflated.inflation\" = 0.5"),
                    ("\"sampling.partial_reuse.reused\" = 0", "\"sampling.inflated.inflation\" = 0.0"),
                ],
            ),
            Break::Simulation("a quarter reused for a half", "half-flat", &[("reused = 4", "reused = 2")]),
            Break::Claim("variances of order η^0.8", "half-slope", &[("exponent = 1.0", "exponent = 0.8")]),
        ],
    },
    Case {
        spec: "reshuffling",
        reduced: &[
            ("count = 32768", "count = 8192"),
            ("exact = { resolution = 0.08 }", "exact = { resolution = 0.16 }"),
            ("name = \"with-replacement\", resolution = 0.1 }", "name = \"with-replacement\", resolution = 0.2 }"),
            ("tolerance = 0.06", "tolerance = 0.1"),
            ("trace_FG\", resolution = 0.08", "trace_FG\", resolution = 0.14"),
            ("trace_G\", resolution = 0.1 ", "trace_G\", resolution = 0.15 "),
        ],
        breaks: &[
            Break::Theory(
                "fresh samples",
                "law",
                &[(
                    "[sampling.reshuffled]\nbatch_size = 3\nsamples = 24\nseed = 94",
                    "[sampling.iid]\nbatch_size = 3\npopulation = \"gaussian\"",
                )],
            ),
            Break::Theory(
                "epochs of half as many batches",
                "law",
                &[("[sampling.reshuffled]\nbatch_size = 3", "[sampling.reshuffled]\nbatch_size = 6")],
            ),
            Break::Simulation(
                "fresh samples",
                "cubic",
                &[(
                    "[sampling.reshuffled]\nbatch_size = 3\nsamples = 24\nseed = 94",
                    "[sampling.iid]\nbatch_size = 3\npopulation = \"gaussian\"",
                )],
            ),
            Break::Claim("a plateau of order η²", "cubic", &[("exponent = 3.0", "exponent = 2.0")]),
        ],
    },
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
