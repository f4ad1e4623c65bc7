//! Valid specs that together use every kind and every word of the language.

use super::models::models;

pub(crate) const EXP6: &str = include_str!("../../../specs/exp6.toml");

/// Small, with as many kinds as fit into one spec.
pub(crate) const SMALL: &str = r#"schema = 1
title = "a small spec"
seed = 1

[source]
paper = "arXiv:2603.02417v4"
statements = ["Proposition 1"]

[problem.quadratic]
dimension = 2
curvature.diagonal = [1.0, 2.0]
noise.random_spd = { from = 1.0, to = 2.0, trace = 3.0, seed = 1 }
fisher = "curvature"

[sampling.iid]
batch_size = 2
population = "rademacher"

[process.sgd]
step_size.constant = 0.1
start.gaussian = { spread = 0.5 }
horizon.steps = 100
record.logarithmic = 5

[sweep.grid]
"process.sgd.step_size.constant" = [0.1, 0.2]
"problem.quadratic.noise.random_spd.trace" = [1.0, 2.0, 3.0]

[sweep.zip]
"process.sgd.horizon.steps" = [100, 200]
"process.sgd.start.gaussian.spread" = [0.5, 0.25]

[variants.isotropic]
"problem.quadratic.noise_shape" = "trace_matched_isotropic"

[replicates]
count = 1000

[[measure]]
name = "risk"
observe.quadratic = "curvature"
scale = "b / eta"

[[measure]]
name = "directions"
observe.directional = { of = "noise", top = 2 }

[[claim]]
name = "law"
says = "The risk follows its exact law."
measure = "risk"
against.exact = { resolution = 0.1 }

[[figure]]
name = "curves"
title = "The risk along the path"
draw.curves = { measure = "directions", component = 2, x = "step", y_label = "risk" }
"#;

/// A piece of a spec that occurs once, and what replaces it.
pub(crate) type Edit<'a> = (&'a str, &'a str);

pub(crate) const NOISE: &str = "noise.random_spd = { from = 1.0, to = 2.0, trace = 3.0, seed = 1 }";
const EXACT: &str = "against.exact = { resolution = 0.1 }";
const TRACES: &str = "\"problem.quadratic.noise.random_spd.trace\" = [1.0, 2.0, 3.0]\n";
pub(crate) const SPREADS: &str = "\"process.sgd.start.gaussian.spread\" = [0.5, 0.25]\n";
pub(crate) const HORIZONS: &str = "\"process.sgd.horizon.steps\" = [100, 200]\n";
const START: &str = "start.gaussian = { spread = 0.5 }";

/// Valid specs that together use every kind and every word of the language.
pub(crate) fn valid_specs() -> Vec<String> {
    let edits: &[&[Edit]] = &[
        &[],
        &[("curvature.diagonal = [1.0, 2.0]", "curvature.log_spaced = { from = 1, to = 2 }")],
        &[("curvature.diagonal = [1.0, 2.0]", "curvature.dense = [[2.0, 0.5], [0.5, 1]]")],
        &[(NOISE, "noise.isotropic = { trace = 2.0 }\nnoise_shape = \"as_given\"\nminimiser = [1, -1]"), (TRACES, "")],
        &[("fisher = \"curvature\"", "fisher.matrix.diagonal = [3.0, 1.0]")],
        &[("population = \"rademacher\"", "population = \"uniform\"")],
        &[("population = \"rademacher\"", "population = \"gaussian\"")],
        &[("[sampling.iid]", "[sampling.gaussian]"), ("population = \"rademacher\"\n", "")],
        &[(START, "start.point = [1.0, 0.0]"), (SPREADS, "")],
        &[("count = 1000", "until = \"decided\"\nmax = 20000\nfirst = 8192")],
        &[(START, "start.random_point = { radius = 1.0, seed = 3 }"), (SPREADS, "")],
        &[("horizon.steps = 100", "horizon.time = 20"), (HORIZONS, "")],
        &[("record.logarithmic = 5", "record.linear = 5")],
        &[("record.logarithmic = 5", "record.steps = [0, 10, 100]")],
        &[("observe.quadratic = \"curvature\"", "observe.quadratic = \"identity\"")],
        &[("observe.quadratic = \"curvature\"", "observe.quadratic = \"fisher\"")],
        &[("observe.quadratic = \"curvature\"", "observe.quadratic = \"gradient_dual\"")],
        &[("observe.quadratic = \"curvature\"", "observe.quadratic = \"discrete_trace\"")],
        &[("of = \"noise\"", "of = \"curvature\"")],
        &[(
            EXACT,
            "against.leading_order = { resolution = 0.1, remainder_at_most = 9.0 }\nat = \"last_record\"\nvariant = \"base\"",
        )],
        &[(EXACT, "against.constant = { value = \"trace_G / 2\", resolution = 0.1 }\nat = \"every_record\"")],
        &[(EXACT, "against.at_most.value = \"trace_G\"\nat = \"first_record\"")],
        &[(EXACT, "against.at_least.value = \"sqrt(lambda_min) * exp(-1) + ln(2) ^ 2\"")],
        &[(EXACT, "against.variant = { name = \"isotropic\", resolution = 0.1 }")],
        &[(EXACT, "against.slope = { exponent = -1.0, tolerance = 0.1, from_step = 2 }")],
        &[("x = \"step\"", "log_y = false, x = \"time\", reference = { value = \"trace_G\", label = \"tr G\" }")],
    ];
    let small = edits.iter().map(|edits| edited(SMALL, edits));
    std::iter::once(EXP6.to_owned()).chain(small).chain(kinds()).chain(models()).collect()
}

/// Small, and without a sweep, so that its sections can change their kind.
pub(crate) const PLAIN: &str = r#"schema = 1
title = "a plain spec"
seed = 1

[source]
paper = "arXiv:2603.02417v4"
statements = ["Proposition 1"]

[problem.quadratic]
dimension = 2
curvature.diagonal = [1.0, 2.0]
noise.dense = [[2.0, 0.5], [0.5, 1.0]]

[sampling.gaussian]
batch_size = 2

[process.sgd]
step_size.constant = 0.1
start.gaussian = { spread = 0.5 }
horizon.steps = 100
record.linear = 5

[replicates]
count = 1000

[[measure]]
name = "risk"
observe.quadratic = "identity"

[[claim]]
name = "law"
says = "The risk follows its exact law."
measure = "risk"
against.at_least.value = "1e-9"
"#;

pub(crate) const QUADRATIC: &str =
    "[problem.quadratic]\ndimension = 2\ncurvature.diagonal = [1.0, 2.0]\nnoise.dense = [[2.0, 0.5], [0.5, 1.0]]\n";
pub(crate) const GAUSSIAN: &str = "[sampling.gaussian]\nbatch_size = 2\n";
pub(crate) const SGD: &str = "[process.sgd]\nstep_size.constant = 0.1\n";
pub(crate) const CLOUD: &str = "start.gaussian = { spread = 0.5 }\n";
pub(crate) const PATH: &str = "start.gaussian = { spread = 0.5 }\nhorizon.steps = 100\nrecord.linear = 5\n";
pub(crate) const RISK: &str = "observe.quadratic = \"identity\"";
/// The end of the spec, and numbers that a paper printed.
pub(crate) const END: &str = "against.at_least.value = \"1e-9\"\n";
pub(crate) const PUBLISHED: &str =
    "\n[[published]]\nplace = \"Table 1\"\nmeasure = \"risk\"\nratios = [1.0, 1.0, 0.9, 1.0, 1.1]\n";
pub(crate) const BOUND: &str = "against.at_least.value = \"1e-9\"";
const DATA: &str = "[sampling.data]\nbatch_size = 2\nreplacement = \"without\"\n";
const LOGISTIC: &str =
    "[problem.logistic]\ndimension = 2\nsamples = 40\nlabels = \"probit\"\ntruth_norm = 1.0\nseed = 1\n";
const ROBUST: &str = "[problem.robust_regression]\ndimension = 2\nsamples = 40\ntruth_norm = 2.0\ndeviation = 0.3\n\
                      contamination = 0.1\nseed = 1\n";
const SQUARES: &str =
    "[problem.least_squares]\ndimension = 2\nfeatures.diagonal = [1.0, 2.0]\nresidual_variance = 0.5\n";

/// Valid specs of the other kinds of problems, samplings, processes, measures and claims.
fn kinds() -> Vec<String> {
    let edits: &[&[Edit]] = &[
        &[(GAUSSIAN, "[sampling.inflated]\nbatch_size = 2\ninflation = 0.5\n")],
        &[(GAUSSIAN, "[sampling.correlated]\nbatch_size = 2\ncorrelation = -0.5\n")],
        &[(GAUSSIAN, "[sampling.pool]\nbatch_size = 2\nsamples = 9\nreplacement = \"with\"\nseed = 1\n")],
        &[(GAUSSIAN, "[sampling.antithetic]\nbatch_size = 2\nodd = 1\n")],
        &[(GAUSSIAN, "[sampling.stratified]\nbatch_size = 4\nstrata = 2\n")],
        &[(GAUSSIAN, "[sampling.control_variate]\nbatch_size = 4\ncorrelation = 0.5\ncoefficient = 0.4\n")],
        &[(GAUSSIAN, "[sampling.partial_reuse]\nbatch_size = 4\nreused = 2\n")],
        &[(GAUSSIAN, "[sampling.reshuffled]\nbatch_size = 4\nsamples = 12\nseed = 1\n")],
        &[
            (GAUSSIAN, "[sampling.nested]\nbatch_size = 4\nsamples = 12\nmean_spread = 0.5\n"),
            (SGD, "[process.batch_gradient]\nbatches = 2\n"),
            (PATH, ""),
            (RISK, "observe.lagged = { of = \"coordinates\", top = 2 }"),
            (BOUND, "against.exact.resolution = 0.1"),
        ],
        &[
            (QUADRATIC, LOGISTIC),
            (GAUSSIAN, DATA),
            (RISK, "observe.second_moment = { of = \"fisher\", top = 2 }\ncentre = \"limit_mean\""),
            (BOUND, "against.limit.resolution = 0.1"),
        ],
        &[
            (QUADRATIC, &LOGISTIC.replace("probit", "logit")),
            (GAUSSIAN, DATA),
            (SGD, "[process.batch_gradient]\n"),
            (PATH, ""),
            (RISK, "observe.quadratic = \"curvature_inverse\""),
        ],
        &[(QUADRATIC, ROBUST), (GAUSSIAN, DATA), ("[process.sgd]", "[process.gradient_average]")],
        &[(QUADRATIC, SQUARES), (GAUSSIAN, "[sampling.fresh]\nbatch_size = 2\n")],
        &[(SGD, "[process.ornstein_uhlenbeck]\ninterval = 0.1\nmethod = \"exact\"\n")],
        &[
            (SGD, "[process.ornstein_uhlenbeck]\ninterval = 0.1\nmethod.euler_maruyama = 2\n"),
            (CLOUD, "start = \"minimiser\"\n"),
        ],
        &[(SGD, "[process.sgd]\nstep_size.robbins_monro = { scale = 1.0, offset = 10.0, exponent = 0.75 }\n")],
        &[(SGD, "[process.sgd]\nstep_size.constant = 0.1\nrule = \"plain\"\n")],
        &[(SGD, "[process.sgd]\nstep_size.constant = 0.1\nrule.heavy_ball = 0.9\n")],
        &[(SGD, "[process.sgd]\nstep_size.constant = 0.1\nrule.average_from = 5\n")],
        &[(SGD, "[process.sgd]\nstep_size.constant = 0.1\nrule.preconditioned = \"newton\"\n")],
        &[(SGD, "[process.sgd]\nstep_size.constant = 0.1\nrule.preconditioned = \"natural_gradient\"\n")],
        &[(SGD, "[process.sgd]\nstep_size.constant = 0.1\nrule.preconditioned.matrix.diagonal = [1.0, 0.5]\n")],
        &[(RISK, "observe.quadratic = \"fisher_inverse\"")],
        &[
            (
                SGD,
                "[process.covariance_estimate]\nestimator = \"plug_in\"\nsamples = [2, 50]\ncandidate_step_size = 0.1\n",
            ),
            (PATH, ""),
            (RISK, "observe.quadratic = \"plateau_error\""),
            (BOUND, "against.exact.resolution = 0.5"),
        ],
        &[
            (SGD, "[process.covariance_estimate]\nestimator = \"diagonal\"\nsamples = [2, 50]\n"),
            (PATH, ""),
            (RISK, "observe.quadratic = \"anisotropy\"\ncentre = \"estimand\""),
        ],
        &[(SGD, "[process.covariance_estimate]\nestimator.low_rank = 1\nsamples = [9]\n"), (PATH, "")],
        &[(END, &format!("{END}\n[[figure]]\nname = \"f\"\ntitle = \"t\"\ndraw.scatter = {{ measure = \"risk\" }}\n"))],
        &[
            (RISK, "observe.second_moment = { of = \"coordinates\", top = 2 }"),
            (
                END,
                &format!("{END}\n[[figure]]\nname = \"f\"\ntitle = \"t\"\ndraw.ellipses = {{ measure = \"risk\" }}\n"),
            ),
        ],
        &[(
            END,
            &format!(
                "{END}\n[[figure]]\nname = \"f\"\ntitle = \"t\"\ndraw.heat_map = {{ measure = \"risk\", x = \"step\", y = \"component\", shows = \"agreement\" }}\n"
            ),
        )],
        &[(
            END,
            &format!(
                "{END}\n[variants.other]\n\"sampling.gaussian.batch_size\" = 2\n\n[[figure]]\nname = \"f\"\ntitle = \"t\"\ndraw.ratio = {{ measure = \"risk\", over = \"other\", x_label = \"i\", y_label = \"r\" }}\n"
            ),
        )],
        &[(END, &format!("{END}\n[[figure]]\nname = \"f\"\ntitle = \"t\"\ndraw.forest.claims = [\"law\"]\n"))],
        &[(END, &format!("{END}{PUBLISHED}"))],
        &[
            (RISK, "observe.exceedance = { metric = \"smoothness_gap\", above = \"0\" }"),
            (BOUND, "against.at_most.value = \"0.01\""),
        ],
        &[(RISK, "observe.mean = { of = \"coordinates\", top = 1 }\ncentre = \"exact_mean\"")],
        &[
            (RISK, "observe.distribution = { of = \"coordinates\", index = 1, points = 9, variance = \"limit\" }"),
            (BOUND, "against.normal.distance_at_most = 0.2\nwhere = \"1 - eta\""),
        ],
        &[
            ("count = 1000\n", "count = 1000\n\n[sweep.grid]\n\"process.sgd.step_size.constant\" = [0.1, 0.2]\n"),
            (BOUND, "against.slope = { exponent = 1.0, tolerance = 0.2, over = \"eta\", of = \"excess_over_limit\" }"),
        ],
        &[
            ("count = 1000\n", "count = 1000\n\n[sweep.grid]\n\"sampling.gaussian.batch_size\" = [1, 2]\n"),
            (BOUND, "against.slope = { exponent = -1.0, tolerance = 0.2, over = \"b\", of = \"value\" }"),
        ],
        &[
            (
                "count = 1000\n",
                "count = 1000\n\n[variants.iid]\nsampling = { iid = { batch_size = 2, population = \"uniform\" } }\n",
            ),
            (BOUND, "against.variant = { name = \"iid\", resolution = 0.5, law = \"equal\" }\ncomponent = 1"),
        ],
        &[
            ("count = 1000\n", "count = 1000\n\n[variants.big]\n\"sampling.gaussian.batch_size\" = 9\n"),
            (BOUND, "against.variant = { name = \"big\", resolution = 0.5, law = \"limit\" }"),
        ],
        &[
            ("count = 1000\n", "count = 1000\n\n[variants.big]\n\"sampling.gaussian.batch_size\" = 9\n"),
            (BOUND, "against.variant_at_least = { name = \"big\", factor = 1 }\nvariant = \"base\""),
        ],
        &[
            ("count = 1000\n", "count = 1000\n\n[variants.big]\n\"sampling.gaussian.batch_size\" = 9\n"),
            (BOUND, "against.variant_at_most = { name = \"base\", factor = 1 }"),
        ],
    ];
    edits.iter().map(|edits| edited(PLAIN, edits)).collect()
}

/// Replaces pieces that occur once.
pub(crate) fn edited(spec: &str, edits: &[Edit]) -> String {
    edits.iter().fold(spec.to_owned(), |text, (from, to)| {
        assert_eq!(text.matches(from).count(), 1, "`{from}` must occur once");
        text.replacen(from, to, 1)
    })
}
