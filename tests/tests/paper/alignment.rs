//! The specs about alignment and cyclical steps of models (WW).

use super::{Break, Case, check};

pub(super) const CASES: &[Case] = &[
    Case {
        spec: "alignment/alignment-linear",
        reduced: &[
            ("= [4, 16, 64, 256]", "= [4, 16, 64]"),
            ("where = \"n - 255\"", "where = \"n - 63\""),
            ("count = 1024", "count = 512"),
            ("resolution = 0.02", "resolution = 0.08"),
        ],
        breaks: &[
            Break::Theory(
                "one large eigenvalue of S",
                "uncentred",
                &[("from = 2.0, to = 0.5", "from = 20.0, to = 0.02")],
            ),
            Break::Simulation("labels with noise", "loss", &[("maps.random", "deviation = 1.0\nmaps.random")]),
            Break::Claim(
                "at least 3/2",
                "at-least-one",
                &[("at_least.value = \"n / (n + 2)\"", "at_least.value = \"1.5 * n / (n + 2)\"")],
            ),
            Break::Claim(
                "at most 1",
                "centred-at-most-two",
                &[("\"2 * (n - 1) / (n + 2)\"", "\"1 * (n - 1) / (n + 2)\"")],
            ),
        ],
    },
    Case {
        spec: "alignment/alignment-directions",
        reduced: &[
            ("= [8, 32, 384]", "= [8, 32, 128]"),
            ("where = \"n - 383\"", "where = \"n - 127\""),
            ("until = \"decided\"\nmax = 2048", "count = 6144"),
            ("resolution = 0.02", "resolution = 0.06"),
            ("\"0.96 * 1.77779\"", "\"0.9 * 1.77779\""),
            ("value = \"1.2\"", "value = \"1.1\""),
        ],
        breaks: &[
            Break::Theory(
                "an error between the flattest and the sharpest direction",
                "gradient",
                &[("start = [0.4, 0.6, -0.3, 0.5]", "start = [0.2887, 0.0, 0.0, 1.443]")],
            ),
            Break::Simulation(
                "three flat directions, where the gradient of a sample is noise",
                "gradient-centred",
                &[
                    ("features.diagonal = [2.0, 0.8, 0.6, 0.4]", "features.diagonal = [2.0, 0.02, 0.02, 0.02]"),
                    ("start = [0.4, 0.6, -0.3, 0.5]", "start = [0.001, 1.0, 1.0, 1.0]"),
                ],
            ),
            Break::Claim(
                "half of the gradient more",
                "gradient-centred",
                &[("\"0.9 * 1.77779\"", "\"1.2 * 1.77779\"")],
            ),
            Break::Claim(
                "a random direction above 1.6",
                "random-at-least-one",
                &[("at_least.value = \"1\"", "at_least.value = \"1.6\"")],
            ),
        ],
    },
    Case {
        spec: "alignment/alignment-sharpest",
        reduced: &[
            ("= [8, 32, 128]", "= [8, 32]"),
            ("where = \"n - 127\"", "where = \"n - 31\""),
            ("until = \"decided\"\nmax = 4096", "count = 2048"),
            ("resolution = 0.02", "resolution = 0.06"),
        ],
        breaks: &[
            Break::Theory(
                "an error along the sharpest direction",
                "sharpest",
                &[("start = [0.1, 0.6, -0.5, 0.8]", "start = [0.6, 0.2, -0.1, 0.2]")],
            ),
            Break::Simulation(
                "an error along the sharpest direction",
                "sharpest",
                &[("start = [0.1, 0.6, -0.5, 0.8]", "start = [0.6, 0.2, -0.1, 0.2]")],
            ),
            Break::Claim(
                "a lower bound above the limit",
                "lower-bound",
                &[("\"n / (n + 2)\"", "\"1.3 * n / (n + 2)\"")],
            ),
        ],
    },
    Case {
        spec: "alignment/alignment-few-samples",
        reduced: &[
            ("until = \"decided\"\nmax = 73728", "count = 8192"),
            ("resolution = 0.02", "resolution = 0.06"),
            ("\"1.02 * 3 * n", "\"1.06 * 3 * n"),
        ],
        breaks: &[
            Break::Simulation(
                "a JJᵀ that is not proportional",
                "same-for-8-parameters",
                &[("[1.0, 1.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.5]", "[1.0, 1.0, 1.0, 2.0, 0.5, 0.5, 0.5, 0.25]")],
            ),
            Break::Simulation(
                "two features",
                "exact-centred",
                &[("inputs\" = 1", "inputs\" = 2"), ("diagonal = [2.0]", "diagonal = [2.0, 2.0]")],
            ),
            Break::Claim(
                "3n/(n + 1)",
                "exact-uncentred",
                &[("value = \"3 * n / (n + 2)\", resolution", "value = \"3 * n / (n + 1)\", resolution")],
            ),
            Break::Claim("one for two samples", "two-samples", &[("value = \"1 / 2\"", "value = \"1\"")]),
        ],
    },
    Case {
        spec: "alignment/alignment-two-layer",
        reduced: &[
            ("samples = 200", "samples = 80"),
            ("inputs = 10", "inputs = 5"),
            ("hidden\" = [256]", "hidden\" = [64]"),
            ("horizon.steps = 4000", "horizon.steps = 1000"),
            ("[0, 10, 30, 100, 300, 1000, 2000, 4000]", "[0, 100, 1000]"),
            ("value = \"0.05\"", "value = \"0.2\""),
            ("at_most.value = \"2\"", "at_most.value = \"2.5\""),
            ("value = \"0.25\"", "value = \"0.1\""),
            ("factor = 0.5", "factor = 0.4"),
        ],
        breaks: &[
            Break::Simulation(
                "two samples",
                "bounded-below",
                &[("samples = 80", "samples = 2"), ("batch_size = 10", "batch_size = 2")],
            ),
            Break::Claim("above 2", "bounded-below", &[("at_least.value = \"0.5\"", "at_least.value = \"2\"")]),
            Break::Claim("below one half", "order-one", &[("at_most.value = \"2.5\"", "at_most.value = \"0.5\"")]),
        ],
    },
    Case {
        spec: "alignment/cyclical-two-layer",
        reduced: &[
            ("count = 96", "count = 32"),
            ("at_least.value = \"1 / 1.5\"", "at_least.value = \"0.3\""),
            ("hidden = [64]", "hidden = [32]"),
            ("horizon.steps = 5000", "horizon.steps = 1500"),
            ("[0, 100, 500, 600, 1000, 1100, 1500, 1600, 2000, 2100,", "[0, 100, 500, 1500]"),
            (" 2500, 2600, 3000, 3100, 3500, 3600, 4000, 4100, 4500, 4600, 5000]", ""),
            ("value = \"0.01\"", "value = \"0.05\""),
            ("factor = 0.9", "factor = 0.8"),
        ],
        breaks: &[
            Break::Simulation(
                "SGD with batches of all samples",
                "flatter-than-gd",
                &[("batch_size = 1", "batch_size = 40")],
            ),
            Break::Simulation(
                "large steps that are small",
                "flatter-than-small-steps",
                &[("high = 1.5", "high = 0.21")],
            ),
            Break::Claim("gradient descent twice as sharp", "gd-stays-sharp", &[("factor = 0.8", "factor = 2.0")]),
        ],
    },
];

#[test]
fn alignments_hold_and_their_breaks_are_refuted() {
    check(CASES);
}
