//! Bad specs of the kinds of sampling, problem, process, measure and claim: what each refuses, and how it says so.

mod common;

use common::refusal::refusals;
use common::valid::{BOUND, END, GAUSSIAN, PATH, PLAIN, PUBLISHED, QUADRATIC, RISK, SGD, edited};

/// A name and edits of a valid spec.
type Case<'a> = (&'a str, &'a [(&'a str, &'a str)]);

fn check(group: &str, cases: &[Case]) {
    let texts: Vec<(&str, String)> = cases.iter().map(|(name, edits)| (*name, edited(PLAIN, edits))).collect();
    insta::assert_snapshot!(group, refusals(group, &texts));
}

const CORRELATED: &str = "[sampling.correlated]\nbatch_size = 5\ncorrelation = -0.3\n";
const FRESH: &str = "[sampling.fresh]\nbatch_size = 2\n";
const DATA: &str = "[sampling.data]\nbatch_size = 2\nreplacement = \"without\"\n";
const NESTED: &str = "[sampling.nested]\nbatch_size = 4\nsamples = 12\nmean_spread = 0.5\n";
const REUSE: &str = "[sampling.partial_reuse]\nbatch_size = 4\nreused = 2\n";
const BATCHES: &str = "[process.batch_gradient]\n";
const SEPARABLE: &str =
    "[problem.logistic]\ndimension = 2\nsamples = 3\nlabels = \"logit\"\ntruth_norm = 40.0\nseed = 1\n";
const SQUARES: &str =
    "[problem.least_squares]\ndimension = 2\nfeatures.diagonal = [1.0, 2.0]\nresidual_variance = 0.5\n";
const ROBUST: &str = "[problem.robust_regression]\ndimension = 2\nsamples = 40\ntruth_norm = 2.0\ndeviation = 0.3\n\
                      contamination = 0.1\nseed = 1\n";

#[test]
fn samplings() {
    let cases: &[Case] = &[
        (
            "more than the pool without replacement",
            &[(GAUSSIAN, "[sampling.pool]\nbatch_size = 10\nsamples = 9\nreplacement = \"without\"\nseed = 1\n")],
        ),
        (
            "a pool of too few samples for its covariance",
            &[(GAUSSIAN, "[sampling.pool]\nbatch_size = 2\nsamples = 2\nreplacement = \"with\"\nseed = 1\n")],
        ),
        (
            "an endless pool",
            &[(GAUSSIAN, "[sampling.pool]\nbatch_size = 2\nsamples = 99000000\nreplacement = \"with\"\nseed = 1\n")],
        ),
        ("no variance left", &[(GAUSSIAN, "[sampling.inflated]\nbatch_size = 2\ninflation = -1.0\n")]),
        ("a correlation that so many cannot share", &[(GAUSSIAN, CORRELATED)]),
        ("a correlation above 1", &[(GAUSSIAN, "[sampling.correlated]\nbatch_size = 5\ncorrelation = 1.5\n")]),
        ("an odd antithetic batch", &[(GAUSSIAN, "[sampling.antithetic]\nbatch_size = 3\nodd = 1\n")]),
        ("more odd coordinates than there are", &[(GAUSSIAN, "[sampling.antithetic]\nbatch_size = 2\nodd = 3\n")]),
        ("empty strata", &[(GAUSSIAN, "[sampling.stratified]\nbatch_size = 4\nstrata = 8\n")]),
        ("uneven strata", &[(GAUSSIAN, "[sampling.stratified]\nbatch_size = 4\nstrata = 3\n")]),
        ("no strata", &[(GAUSSIAN, "[sampling.stratified]\nbatch_size = 4\nstrata = 0\n")]),
        ("a perfect control", &[(GAUSSIAN, "[sampling.control_variate]\nbatch_size = 4\ncorrelation = 1.0\n")]),
        ("more than half reused", &[(GAUSSIAN, "[sampling.partial_reuse]\nbatch_size = 4\nreused = 3\n")]),
        (
            "a pool that is not cut evenly",
            &[(GAUSSIAN, "[sampling.reshuffled]\nbatch_size = 5\nsamples = 12\nseed = 1\n")],
        ),
        (
            "more than a data set of a hierarchy",
            &[(GAUSSIAN, &NESTED.replace("batch_size = 4", "batch_size = 40")), (SGD, BATCHES), (PATH, "")],
        ),
        ("no batch", &[(GAUSSIAN, "[sampling.inflated]\nbatch_size = 0\ninflation = 0.0\n")]),
        ("data of a problem that has none", &[(GAUSSIAN, DATA)]),
        ("fresh samples of a problem that draws none", &[(GAUSSIAN, FRESH)]),
        ("a hierarchy for a descent", &[(GAUSSIAN, NESTED)]),
        ("a memory without steps", &[(GAUSSIAN, REUSE), (SGD, BATCHES), (PATH, "")]),
    ];
    check("samplings", cases);
}

#[test]
fn problems() {
    let cases: &[Case] = &[
        ("labels that a plane separates", &[(QUADRATIC, SEPARABLE), (GAUSSIAN, DATA)]),
        ("a ridge below 0", &[(QUADRATIC, &SEPARABLE.replace("seed = 1", "seed = 1\nridge = -1.0")), (GAUSSIAN, DATA)]),
        (
            "fewer samples than parameters",
            &[(QUADRATIC, &SEPARABLE.replace("samples = 3", "samples = 1")), (GAUSSIAN, DATA)],
        ),
        ("no samples", &[(QUADRATIC, &SEPARABLE.replace("samples = 3", "samples = 0")), (GAUSSIAN, DATA)]),
        ("singular features", &[(QUADRATIC, &SQUARES.replace("[1.0, 2.0]", "[1.0, 0.0]")), (GAUSSIAN, FRESH)]),
        ("residuals of a negative variance", &[(QUADRATIC, &SQUARES.replace("0.5", "-0.5")), (GAUSSIAN, FRESH)]),
        (
            "more than all contaminated",
            &[(QUADRATIC, &ROBUST.replace("contamination = 0.1", "contamination = 1.5")), (GAUSSIAN, DATA)],
        ),
        ("a batch beyond the data", &[(QUADRATIC, ROBUST), (GAUSSIAN, &DATA.replace("= 2", "= 41"))]),
    ];
    check("problems", cases);
}

#[test]
fn processes() {
    let descent = |keys: &str| format!("[process.sgd]\n{keys}\n");
    let robbins_monro = |values: &str| descent(&format!("step_size.robbins_monro = {{ {values} }}"));
    let rule = |rule: &str| descent(&format!("step_size.constant = 0.1\nrule.{rule}"));
    let diffusion = |keys: &str| format!("[process.ornstein_uhlenbeck]\n{keys}\n");
    let estimate = "[process.covariance_estimate]\nestimator = \"plug_in\"\nsamples = [9]\n".to_owned();
    let cases: &[Case] = &[
        ("steps that decay too slowly", &[(SGD, &robbins_monro("scale = 1.0, offset = 9.0, exponent = 0.5"))]),
        ("steps that decay too fast", &[(SGD, &robbins_monro("scale = 1.0, offset = 9.0, exponent = 1.5"))]),
        ("steps of no size", &[(SGD, &robbins_monro("scale = 0.0, offset = 9.0"))]),
        ("no offset", &[(SGD, &robbins_monro("scale = 1.0, offset = 0.0"))]),
        ("a first step beyond the edge", &[(SGD, &robbins_monro("scale = 3.0, offset = 3.0"))]),
        (
            "a horizon in time with decreasing steps",
            &[(SGD, &robbins_monro("scale = 1.0, offset = 9.0")), ("horizon.steps = 100", "horizon.time = 9.0")],
        ),
        ("momentum of 1", &[(SGD, &rule("heavy_ball = 1.0"))]),
        ("momentum and a step beyond its edge", &[(SGD, &rule("heavy_ball = 0.5").replace("= 0.1", "= 1.6"))]),
        (
            "momentum with decreasing steps",
            &[(SGD, &format!("{}rule.heavy_ball = 0.5\n", robbins_monro("scale = 1.0, offset = 9.0")))],
        ),
        ("a Newton step beyond its edge", &[(SGD, &rule("preconditioned = \"newton\"").replace("= 0.1", "= 2.0"))]),
        ("an indefinite preconditioner", &[(SGD, &rule("preconditioned.matrix.diagonal = [1.0, -1.0]"))]),
        ("an average that never begins", &[(SGD, &rule("average_from = 100"))]),
        ("a rule and a memory", &[(SGD, &rule("heavy_ball = 0.5")), (GAUSSIAN, REUSE)]),
        ("an interval of no length", &[(SGD, &diffusion("interval = 0.0"))]),
        ("Euler steps beyond their edge", &[(SGD, &diffusion("interval = 3.0\nmethod.euler_maruyama = 2"))]),
        ("Euler steps without end", &[(SGD, &diffusion("interval = 0.1\nmethod.euler_maruyama = 1000000000"))]),
        ("no Euler steps", &[(SGD, &diffusion("interval = 0.1\nmethod.euler_maruyama = 0"))]),
        (
            "a diffusion of signs",
            &[
                (SGD, &diffusion("interval = 0.1")),
                (GAUSSIAN, "[sampling.iid]\nbatch_size = 2\npopulation = \"rademacher\"\n"),
            ],
        ),
        ("an estimate from one sample", &[(SGD, &estimate.replace("[9]", "[9, 1]")), (PATH, "")]),
        ("an estimate from nothing", &[(SGD, &estimate.replace("[9]", "[]")), (PATH, "")]),
        ("a sketch beyond the dimension", &[(SGD, &estimate.replace("\"plug_in\"", "{ low_rank = 3 }")), (PATH, "")]),
        ("a plateau of no step size", &[(SGD, &estimate), (PATH, ""), (RISK, "observe.quadratic = \"plateau_error\"")]),
        (
            "a plateau beyond the edge",
            &[
                (SGD, &format!("{estimate}candidate_step_size = 2.0\n")),
                (PATH, ""),
                (RISK, "observe.quadratic = \"plateau_error\""),
            ],
        ),
        ("the estimand of a descent", &[(RISK, &format!("{RISK}\ncentre = \"estimand\""))]),
        ("no batches", &[(SGD, "[process.batch_gradient]\nbatches = 0\n"), (PATH, "")]),
        ("a path of batches", &[(SGD, BATCHES)]),
        ("gradients of a problem without data", &[("[process.sgd]", "[process.gradient_average]")]),
        (
            "fresh samples that feed back on their own noise",
            &[
                (QUADRATIC, SQUARES),
                (GAUSSIAN, &FRESH.replace("= 2", "= 1")),
                (SGD, "[process.sgd]\nstep_size.constant = 0.5\n"),
            ],
        ),
    ];
    check("processes", cases);
}

#[test]
fn measures_and_claims() {
    let exact = "against.exact.resolution = 0.1";
    let event = "observe.exceedance = { metric = \"identity\", above = \"1\" }";
    let two = "count = 1000\n\n[variants.big]\n\"sampling.gaussian.batch_size\" = 9\n";
    let published = format!("{END}{PUBLISHED}");
    let limit = "against.limit.resolution = 0.1";
    let logistic = SEPARABLE.replace("samples = 3", "samples = 60").replace("40.0", "1.0");
    let cases: &[Case] = &[
        ("an exact law that is not known", &[(QUADRATIC, &logistic), (GAUSSIAN, DATA), (BOUND, exact)]),
        (
            "a limit that is not known",
            &[(GAUSSIAN, "[sampling.reshuffled]\nbatch_size = 4\nsamples = 12\nseed = 1\n"), (BOUND, limit)],
        ),
        (
            "a limit that does not exist",
            &[(SGD, "[process.sgd]\nstep_size.robbins_monro = { scale = 0.5, offset = 9.0 }\n"), (BOUND, limit)],
        ),
        (
            "a centre that is not known",
            &[(QUADRATIC, &logistic), (GAUSSIAN, DATA), (RISK, &format!("{RISK}\ncentre = \"exact_mean\""))],
        ),
        (
            "a centre that is found in 2⁴⁰ steps",
            &[
                (SGD, "[process.sgd]\nstep_size.robbins_monro = { scale = 1.0, offset = 9.0 }\n"),
                ("horizon.steps = 100", "horizon.steps = 1099511627776"),
                (RISK, &format!("{RISK}\ncentre = \"exact_mean\"")),
            ],
        ),
        (
            "a lagged measure of a limit",
            &[(RISK, "observe.lagged = { of = \"coordinates\", top = 1 }"), (BOUND, limit)],
        ),
        (
            "an exceedance and a law",
            &[(RISK, "observe.exceedance = { metric = \"identity\", above = \"1\" }"), (BOUND, exact)],
        ),
        (
            "a scaled frequency",
            &[(RISK, "observe.exceedance = { metric = \"identity\", above = \"1\" }\nscale = \"b\"")],
        ),
        ("a bound of unknown things", &[(RISK, "observe.exceedance = { metric = \"identity\", above = \"tau2\" }")]),
        (
            "no points",
            &[(RISK, "observe.distribution = { of = \"coordinates\", index = 1, points = 0, variance = \"exact\" }")],
        ),
        (
            "a direction beyond the last",
            &[(RISK, "observe.distribution = { of = \"coordinates\", index = 3, points = 9, variance = \"exact\" }")],
        ),
        (
            "a distribution without spread",
            &[
                (RISK, "observe.distribution = { of = \"coordinates\", index = 1, points = 9, variance = \"exact\" }"),
                ("start.gaussian = { spread = 0.5 }", "start = \"minimiser\""),
                ("record.linear = 5", "record.steps = [0, 9]"),
            ],
        ),
        ("normality of a risk", &[(BOUND, "against.normal.distance_at_most = 0.1")]),
        ("normality at no distance", &[(BOUND, "against.normal.distance_at_most = 0.0")]),
        (
            "a slope over nothing that varies",
            &[(BOUND, "against.slope = { exponent = 1.0, tolerance = 0.1, over = \"eta\" }")],
        ),
        (
            "a slope over cells from a step",
            &[(BOUND, "against.slope = { exponent = 1.0, tolerance = 0.1, over = \"eta\", from_step = 3 }")],
        ),
        ("numbers of no measure", &[(END, &published.replace("\"risk\"", "\"rsk\""))]),
        ("numbers of no variant", &[(END, &published.replace("ratios", "variant = \"iso\"\nratios"))]),
        ("numbers of no component", &[(END, &published.replace("ratios", "component = 2\nratios"))]),
        ("too few numbers", &[(END, &published.replace("1.0, 1.0, ", ""))]),
        ("more than nothing of a variant", &[(BOUND, "against.variant_at_least = { name = \"base\", factor = 0 }")]),
        ("less than an unknown variant", &[(BOUND, "against.variant_at_most = { name = \"bass\", factor = 2 }")]),
        ("a component too many", &[(BOUND, &format!("{BOUND}\ncomponent = 2"))]),
        ("a minus before a power", &[(BOUND, "against.at_least.value = \"exp(-d^2)\"")]),
        ("a power of a power", &[(BOUND, "against.at_least.value = \"2^d^2\"")]),
        ("a minus before a function's power", &[(BOUND, "against.at_least.value = \"2 * (-sqrt(d)^2)\"")]),
        ("a frequency below a certainty", &[(RISK, event), (BOUND, "against.at_most.value = \"1\"")]),
        (
            "a ratio of frequencies",
            &[
                (RISK, event),
                ("count = 1000\n", two),
                (BOUND, "against.variant_at_most = { name = \"big\", factor = 2 }\nvariant = \"base\""),
            ],
        ),
        (
            "the law of a distribution",
            &[
                (RISK, "observe.distribution = { of = \"coordinates\", index = 1, points = 9, variance = \"exact\" }"),
                (BOUND, exact),
            ],
        ),
        (
            "normality of one point",
            &[
                (RISK, "observe.distribution = { of = \"coordinates\", index = 1, points = 9, variance = \"exact\" }"),
                (BOUND, "against.normal.distance_at_most = 0.3\ncomponent = 2"),
            ],
        ),
        (
            "a centred leading order",
            &[
                (RISK, &format!("{RISK}\ncentre = \"exact_mean\"")),
                (BOUND, "against.leading_order = { resolution = 0.1, remainder_at_most = 9.0 }"),
            ],
        ),
        (
            "a law that a sketch has at first only",
            &[
                (SGD, "[process.covariance_estimate]\nestimator.low_rank = 1\nsamples = [2, 50]\n"),
                (PATH, ""),
                (BOUND, exact),
            ],
        ),
        (
            "a path of many records in many dimensions",
            &[
                (
                    "dimension = 2\ncurvature.diagonal = [1.0, 2.0]\nnoise.dense = [[2.0, 0.5], [0.5, 1.0]]",
                    "dimension = 300\ncurvature.isotropic.trace = 300.0\nnoise.isotropic.trace = 1.0",
                ),
                ("horizon.steps = 100\nrecord.linear = 5", "horizon.steps = 50000\nrecord.linear = 50000"),
            ],
        ),
        ("no cell left", &[(BOUND, &format!("{BOUND}\nwhere = \"b - 2\""))]),
        ("a condition of unknown things", &[(BOUND, &format!("{BOUND}\nwhere = \"batch\""))]),
        (
            "an upper bound without Fisher convexity",
            &[
                (
                    "curvature.diagonal = [1.0, 2.0]",
                    "curvature.dense = [[1.0, 0.9], [0.9, 1.0]]\nfisher.matrix.diagonal = [100.0, 1.0]",
                ),
                (SGD, "[process.sgd]\nstep_size.robbins_monro = { scale = 5.0, offset = 9.0 }\n"),
                (BOUND, "against.at_most.value = \"c^2 * trace_FG / ((2 * c * mu_F - 1) * N)\""),
            ],
        ),
        (
            "a metric of a step size for a diffusion",
            &[
                (SGD, "[process.ornstein_uhlenbeck]\ninterval = 0.1\n"),
                (RISK, "observe.quadratic = \"discrete_trace\""),
            ],
        ),
        (
            "directions of a process that has none",
            &[
                (QUADRATIC, ROBUST),
                (GAUSSIAN, DATA),
                ("[process.sgd]", "[process.gradient_average]"),
                (RISK, "observe.directional = { of = \"noise\", top = 1 }"),
            ],
        ),
        (
            "a metric of a process that has none",
            &[
                (QUADRATIC, ROBUST),
                (GAUSSIAN, DATA),
                ("[process.sgd]", "[process.gradient_average]"),
                (RISK, "observe.quadratic = \"fisher\""),
            ],
        ),
    ];
    check("measures_and_claims", cases);
}
