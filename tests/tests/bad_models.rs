//! Bad specs of models: what their problems, data, processes, readings, claims and figures refuse, and how they say so.

mod common;

use common::models::{
    AT_MOST, COUNT, DATA, ENSEMBLE, EVALUATION, FILE, LABELLED, LAST, LINEAR, LOSS, MODEL, NETWORK, TEACHER, TRAINING,
    and_measure,
};
use common::refusal::refusals;
use common::valid::{BOUND, CLOUD, GAUSSIAN, PLAIN, QUADRATIC, RISK, SGD, edited};

/// A name and edits of a valid spec.
type Case<'a> = (&'a str, &'a [(&'a str, &'a str)]);

#[track_caller]
fn check(group: &str, spec: &str, cases: &[Case]) {
    let texts: Vec<(&str, String)> = cases.iter().map(|(name, edits)| (*name, edited(spec, edits))).collect();
    insta::assert_snapshot!(group, refusals(group, &texts));
}

const STEPS: &str = "step_size.constant = 0.1";
const HIDDEN: &str = "hidden = [4, 3]";
const LOSS_KEY: &str = "loss = \"cross_entropy\"";

#[test]
fn networks() {
    let weights = |more: &str| format!("{LOSS_KEY}\n{more}");
    let teacher = |from: &str, to: &str| TEACHER.replace(from, to);
    let cases: &[Case] = &[
        ("a hidden layer of no units", &[(HIDDEN, "hidden = [4, 0]")]),
        ("a hidden layer of a negative width", &[(HIDDEN, "hidden = [-4]")]),
        ("endless layers", &[(HIDDEN, "hidden = [9000000000, 9000000000]")]),
        ("an analysed layer that there is not", &[(LOSS_KEY, &weights("analysed_layer = 9"))]),
        ("an analysed layer counted from 0", &[(LOSS_KEY, &weights("analysed_layer = 0"))]),
        ("no gain", &[(LOSS_KEY, &weights("gain = 0"))]),
        ("a negative gain of the last layer", &[(LOSS_KEY, &weights("output_weights.inverse_width = -1.0"))]),
        ("a misspelt activation", &[("activation = \"tanh\"", "activation = \"thanh\"")]),
        ("an unknown loss", &[(LOSS_KEY, "loss = \"hinge\"")]),
        ("more samples than there are of a class", &[("samples = 9", "samples = 13")]),
        ("fewer samples than classes", &[("samples = 9", "samples = 2")]),
        ("no samples", &[("samples = 9", "samples = 0")]),
        ("a class that is named twice", &[("samples = 9", "classes = [1, 2, 1]")]),
        ("a class that there is not", &[("samples = 9", "classes = [1, 7]")]),
        ("one class", &[("samples = 9", "classes = [1]")]),
        ("two kinds of examples", &[(LABELLED, &format!("{LABELLED}\ndata.teacher.inputs = 3"))]),
        ("a teacher of no units", &[(NETWORK, &teacher("width = 2", "width = 0"))]),
        ("a teacher of no inputs", &[(NETWORK, &teacher("inputs = 3", "inputs = 0"))]),
        ("a teacher of endless units", &[(NETWORK, &teacher("width = 2", "width = 90000000000"))]),
        ("a teacher of no samples", &[(NETWORK, &teacher("samples = 20", "samples = 0"))]),
        ("a teacher of endless samples", &[(NETWORK, &teacher("samples = 20", "samples = 90000000000"))]),
        ("cross-entropy to a teacher", &[(NETWORK, &teacher("\"squared\"", "\"cross_entropy\""))]),
        ("soft-max outputs for a teacher", &[(NETWORK, &teacher("\"squared\"", "\"squared_softmax\""))]),
    ];
    check("networks", MODEL, cases);
}

#[test]
fn data() {
    let at = |path: &str| format!("file.csv = {{ path = \"{path}\" }}");
    let idx = |images: &str, labels: &str| {
        format!("file.idx = {{ images = \"data/{images}.idx\", labels = \"data/{labels}.idx\" }}")
    };
    let cases: &[Case] = &[
        ("a missing file", &[(FILE, &at("data/thirteen.csv"))]),
        ("a path that leads out", &[(FILE, &at("../../Cargo.toml"))]),
        ("an absolute path", &[(FILE, &at("/etc/passwd"))]),
        ("a path of another system", &[(FILE, &at("data\\\\twelve.csv"))]),
        ("a folder", &[(FILE, &at("data"))]),
        ("no path", &[(FILE, &at(""))]),
        ("a wrong column", &[(FILE, "file.csv = { path = \"data/twelve.csv\", label = \"class\" }")]),
        ("a text as parquet", &[(FILE, "file.parquet.path = \"data/twelve.csv\"")]),
        ("parquet as a text", &[(FILE, &at("data/twelve.parquet"))]),
        ("a row too short", &[(FILE, &at("data/ragged.csv"))]),
        ("a word for a number", &[(FILE, &at("data/words.csv"))]),
        ("images that are cut short", &[(FILE, &idx("cut-images", "twelve-labels"))]),
        ("images and labels exchanged", &[(FILE, &idx("twelve-labels", "twelve-images"))]),
        ("a label too few", &[(FILE, &idx("twelve-images", "eleven-labels"))]),
        ("a divisor of 0", &[("divisor = 9", "divisor = 0")]),
        ("two formats", &[("divisor = 9 }", "divisor = 9 }, file.parquet.path = \"data/twelve.parquet\"")]),
        ("no file", &[(LABELLED, "data.labelled.samples = 9")]),
    ];
    check("data", MODEL, cases);
}

#[test]
fn ensembles_and_linear_models() {
    let ensemble = |from: &str, to: &str| ENSEMBLE.replace(from, to);
    let linear = |from: &str, to: &str| LINEAR.replace(from, to);
    let given = |maps: &str| LINEAR.replace("random = { truth_norm = 1.0, start_norm = 2.0, seed = 1 }", maps);
    let cases: &[Case] = &[
        ("a correlation above 1", &[(NETWORK, &ensemble("correlation = 0.5", "correlation = 1.5"))]),
        ("a negative correlation", &[(NETWORK, &ensemble("correlation = 0.5", "correlation = -0.5"))]),
        ("minima in one point", &[(NETWORK, &ensemble("deviation = 1.0", "deviation = 0.0"))]),
        ("minima of no finite spread", &[(NETWORK, &ensemble("deviation = 1.0", "deviation = 1e200"))]),
        ("a singular curvature", &[(NETWORK, &ensemble("8.0]", "0.0]"))]),
        ("a curvature of another dimension", &[(NETWORK, &ensemble("dimension = 4", "dimension = 3"))]),
        ("an ensemble of no dimension", &[(NETWORK, &ensemble("dimension = 4", "dimension = 0"))]),
        ("an ensemble without samples", &[(NETWORK, &ensemble("samples = 40\n", ""))]),
        ("an ensemble of no samples", &[(NETWORK, &ensemble("samples = 40", "samples = 0"))]),
        ("an ensemble of endless samples", &[(NETWORK, &ensemble("samples = 40", "samples = 90000000000"))]),
        ("features of another dimension", &[(NETWORK, &linear("inputs = 4", "inputs = 3"))]),
        ("a linear model of no samples", &[(NETWORK, &linear("samples = 40", "samples = 0"))]),
        ("a factor of no rows", &[(NETWORK, &linear("parameters = \"linear\"", "parameters.factorised = 0"))]),
        ("a factor of endless rows", &[(NETWORK, &linear("\"linear\"", "{ factorised = 9000000000000000000 }"))]),
        ("more parameters than gradients fit", &[(NETWORK, &linear("\"linear\"", "{ factorised = 1000000 }"))]),
        ("a negative length of the truth", &[(NETWORK, &linear("truth_norm = 1.0", "truth_norm = -1.0"))]),
        ("a negative length of the start", &[(NETWORK, &linear("start_norm = 2.0", "start_norm = -2.0"))]),
        ("label noise below 0", &[(NETWORK, &linear("samples = 40", "samples = 40\ndeviation = -1"))]),
        ("a truth too short", &[(NETWORK, &given("given = { truth = [1, 2], start = [1, 2, 3, 4] }"))]),
        ("a start too short", &[(NETWORK, &given("given = { truth = [1, 2, 3, 4], start = [1, 2, 3] }"))]),
    ];
    check("ensembles_and_linear_models", MODEL, cases);
}

#[test]
fn processes() {
    let cyclical = |values: &str| format!("step_size.cyclical = {{ {values} }}");
    let descent = format!("{SGD}{CLOUD}horizon.steps = 20\nrecord.steps = [0, 20]\n");
    let fresh = "[sampling.fresh]\nbatch_size = 3\n";
    let cases: &[Case] = &[
        ("a network that descends", &[(TRAINING, &descent)]),
        ("a network that descends from a point", &[(TRAINING, &descent.replace(CLOUD, "start.point = [1, 2, 3]\n"))]),
        (
            "a linear model that diffuses",
            &[(NETWORK, LINEAR), (TRAINING, &descent.replace(SGD, "[process.ornstein_uhlenbeck]\ninterval = 0.1\n"))],
        ),
        ("a quadratic that is trained", &[(NETWORK, QUADRATIC)]),
        ("a quadratic that is read", &[(NETWORK, QUADRATIC), (TRAINING, EVALUATION)]),
        ("an ensemble that descends on its samples", &[(NETWORK, ENSEMBLE), (TRAINING, &descent)]),
        ("Gaussian batches of a network", &[(DATA, "[sampling.gaussian]\nbatch_size = 3\n")]),
        ("fresh samples for an evaluation", &[(DATA, fresh), (TRAINING, EVALUATION)]),
        ("fresh samples of an ensemble that is trained", &[(NETWORK, ENSEMBLE), (DATA, fresh)]),
        ("no batch", &[("batch_size = 3", "batch_size = 0")]),
        (
            "a batch beyond the samples",
            &[("batch_size = 3\nreplacement = \"with\"", "batch_size = 10\nreplacement = \"without\"")],
        ),
        ("a start of a network", &[("horizon.steps", "start = \"minimiser\"\nhorizon.steps")]),
        ("a rule of a network", &[("horizon.steps", "rule = \"plain\"\nhorizon.steps")]),
        ("steps of an evaluation", &[("[process.training]", "[process.evaluation]")]),
        ("a low step above the high one", &[(STEPS, &cyclical("low = 0.3, high = 0.2, period = 10, high_steps = 5"))]),
        ("no low steps", &[(STEPS, &cyclical("low = 0.1, high = 0.2, period = 10, high_steps = 10"))]),
        ("no high steps", &[(STEPS, &cyclical("low = 0.1, high = 0.2, period = 10, high_steps = 0"))]),
        ("no period", &[(STEPS, &cyclical("low = 0.1, high = 0.2, period = 0, high_steps = 0"))]),
        ("a low step of no size", &[(STEPS, &cyclical("low = 0, high = 0.2, period = 10, high_steps = 5"))]),
        (
            "a horizon in time of cycles",
            &[
                (STEPS, &cyclical("low = 0.1, high = 0.2, period = 10, high_steps = 5")),
                ("horizon.steps = 20", "horizon.time = 2.0"),
            ],
        ),
        ("a record after the end", &[("[0, 20]", "[0, 21]")]),
        (
            "a variant that is no model",
            &[
                (NETWORK, ENSEMBLE),
                (
                    COUNT,
                    &format!(
                        "{COUNT}\n[variants.descent]\nsampling = {{ fresh = {{ batch_size = 3 }} }}\n\
                process = {{ sgd = {{ step_size = {{ constant = 0.1 }}, start = \"minimiser\", horizon = {{ steps = 20 }}, \
                record = {{ steps = [0, 20] }} }} }}\n"
                    ),
                ),
            ],
        ),
        ("no models", &[("count = 16", "count = 0")]),
        ("looks at a few models", &[("count = 16", "until = \"decided\"\nmax = 16")]),
    ];
    check("training", MODEL, cases);
}

#[test]
fn descents() {
    let more = |key: &str| format!("{CLOUD}{key}\n");
    let ensemble = ENSEMBLE.replace("samples = 40\n", "");
    let cyclical = "[process.sgd]\nstep_size.cyclical = { low = 0.1, high = 1.5, period = 10, high_steps = 5 }\n";
    let fresh = "[sampling.fresh]\nbatch_size = 2\n";
    let cases: &[Case] = &[
        (
            "divergence with momentum",
            &[(SGD, &format!("{SGD}rule.heavy_ball = 0.5\n")), (CLOUD, &more("may_diverge = true"))],
        ),
        (
            "divergence of an average",
            &[(SGD, &format!("{SGD}rule.average_from = 5\n")), (CLOUD, &more("may_diverge = true"))],
        ),
        (
            "divergence with a memory",
            &[
                (GAUSSIAN, "[sampling.partial_reuse]\nbatch_size = 4\nreused = 2\n"),
                (CLOUD, &more("may_diverge = true")),
            ],
        ),
        ("divergence that is not asked for", &[(SGD, &SGD.replace("0.1", "1.5"))]),
        (
            "divergence of a diffusion",
            &[(SGD, "[process.ornstein_uhlenbeck]\ninterval = 0.1\n"), (CLOUD, &more("may_diverge = true"))],
        ),
        ("high steps beyond the edge", &[(SGD, cyclical)]),
        (
            "an ensemble beyond its edge",
            &[(QUADRATIC, &ensemble), (GAUSSIAN, fresh), (SGD, &SGD.replace("0.1", "0.5"))],
        ),
        (
            "momentum of an ensemble",
            &[
                (QUADRATIC, &ensemble),
                (GAUSSIAN, fresh),
                (SGD, "[process.sgd]\nstep_size.constant = 0.01\nrule.heavy_ball = 0.5\n"),
            ],
        ),
        ("batches of an ensemble that descends", &[(QUADRATIC, &ensemble), (GAUSSIAN, DATA)]),
        ("a size of the batch of all samples", &[(GAUSSIAN, "[sampling.full_batch]\nbatch_size = 2\n")]),
        ("a reading of a quadratic", &[(RISK, "observe.reading = \"loss\"")]),
        ("no directions of the curvature", &[(RISK, "observe.quadratic.curvature_within = 0")]),
        ("all directions of the curvature", &[(RISK, "observe.quadratic.curvature_beyond = 2")]),
        (
            "a slope of a risk over the curvature",
            &[(BOUND, "against.slope = { exponent = 1.0, tolerance = 0.1, over_curvature = true }")],
        ),
        (
            "a slope of one direction over the curvature",
            &[
                (RISK, "observe.directional = { of = \"curvature\", top = 1 }"),
                (BOUND, "against.slope = { exponent = 1.0, tolerance = 0.1, over_curvature = true }"),
            ],
        ),
        (
            "a slope of one component over the curvature",
            &[
                (RISK, "observe.directional = { of = \"curvature\", top = 2 }"),
                (BOUND, "against.slope = { exponent = 1.0, tolerance = 0.1, over_curvature = true }\ncomponent = 1"),
            ],
        ),
        (
            "a slope over a curvature that is flat",
            &[
                ("curvature.diagonal = [1.0, 2.0]", "curvature.diagonal = [2.0, 2.0]"),
                (RISK, "observe.directional = { of = \"coordinates\", top = 2 }"),
                (BOUND, "against.slope = { exponent = 1.0, tolerance = 0.1, over_curvature = true }"),
            ],
        ),
        (
            "a slope over the curvature and the sweep",
            &[
                (RISK, "observe.directional = { of = \"curvature\", top = 2 }"),
                (BOUND, "against.slope = { exponent = 1.0, tolerance = 0.1, over_curvature = true, over = \"eta\" }"),
            ],
        ),
    ];
    check("descents", PLAIN, cases);
}

#[test]
fn readings() {
    let read = |reading: &str| format!("observe.reading.{reading}");
    let fit = |keys: &str| read(&format!("noise_curvature = {{ part = \"exponent\", {keys} }}"));
    let commutation = |keys: &str| read(&format!("commutation = {{ {keys} }}"));
    let alignment = read("alignment = \"centred\"");
    let cases: &[Case] = &[
        ("no directions", &[(LOSS, &read("noise_along.directions = 0"))]),
        ("a fit of two directions", &[(LOSS, &fit("directions = 2"))]),
        ("a fit of more directions than weights", &[(LOSS, &fit("directions = 13"))]),
        ("endless directions", &[(LOSS, &read("curvature_along.directions = 1000000"))]),
        ("as many directions as can be counted", &[(LOSS, &read("curvature_along.directions = 9223372036854775807"))]),
        ("more than all damped", &[(LOSS, &fit("directions = 3, hessians.damped = 2.0"))]),
        ("a negative share", &[(LOSS, &fit("directions = 3, hessians.equalised = -0.1"))]),
        ("no bulk left", &[(LOSS, &commutation("directions = 12, part = \"bulk\", over_baseline = false"))]),
        ("a bulk of one dimension beside its baseline", &[(LOSS, &commutation("directions = 11, part = \"bulk\""))]),
        ("a top of one dimension beside its baseline", &[(LOSS, &commutation("directions = 1, part = \"top\""))]),
        ("more directions than an ensemble has", &[(NETWORK, ENSEMBLE), (LOSS, &fit("directions = 5"))]),
        ("a layer of a linear map", &[(HIDDEN, "hidden = []"), (LOSS, &fit("directions = 3"))]),
        ("a layer whose matrices fill the memory", &[(HIDDEN, "hidden = [784, 784]"), (LOSS, &fit("directions = 10"))]),
        (
            "samples whose products fill the memory",
            &[(NETWORK, &TEACHER.replace("samples = 20", "samples = 100000")), (LOSS, &alignment)],
        ),
        (
            "the noise of one sample",
            &[
                (NETWORK, &LINEAR.replace("samples = 40", "samples = 1")),
                ("batch_size = 3", "batch_size = 1"),
                (LOSS, &fit("directions = 3")),
            ],
        ),
        ("the alignment of cross-entropy", &[(LOSS, &alignment)]),
        ("the alignment of three outputs", &[(LOSS_KEY, "loss = \"squared\""), (LOSS, &alignment)]),
        ("the alignment of an ensemble", &[(NETWORK, ENSEMBLE), (LOSS, &alignment)]),
        ("the accuracy of a teacher", &[(NETWORK, TEACHER), (LOSS, "observe.reading = \"accuracy\"")]),
        ("the accuracy of a linear model", &[(NETWORK, LINEAR), (LOSS, "observe.reading = \"accuracy\"")]),
        (
            "the layer of a factorised model",
            &[
                (NETWORK, &LINEAR.replace("parameters = \"linear\"", "parameters.factorised = 3")),
                (LOSS, &fit("directions = 3")),
            ],
        ),
        ("the top of independent members", &[(NETWORK, ENSEMBLE), (LOSS, &fit("directions = 3, hessians = \"top\""))]),
        ("a quadratic measure of a network", &[(LOSS, RISK)]),
        ("directions of a network", &[(LOSS, "observe.directional = { of = \"curvature\", top = 2 }")]),
        ("an event of a network", &[(LOSS, "observe.exceedance = { metric = \"identity\", above = \"1\" }")]),
        ("a quadratic measure of an ensemble that is trained", &[(NETWORK, ENSEMBLE), (LOSS, RISK)]),
        ("a centred reading", &[(NETWORK, LINEAR), (LOSS, &format!("{LOSS}\ncentre = \"exact_mean\""))]),
        ("a reading that there is not", &[(LOSS, "observe.reading = \"los\"")]),
        ("a reading with a key too many", &[(LOSS, &read("diagonal_energy = { directions = 3, part = \"top\" }"))]),
        ("a reading without its keys", &[(LOSS, &read("sharpness = { size = \"top\" }"))]),
    ];
    check("readings", MODEL, cases);
}

#[test]
fn claims_and_figures() {
    let along = |n: usize| format!("observe.reading.noise_along.directions = {n}");
    let two = and_measure(&along(3), ".curvature_along.directions = 2");
    let with_loss = and_measure(&along(3), " = \"loss\"");
    let figure = |draw: &str| format!("{LAST}\n[[figure]]\nname = \"f\"\ntitle = \"t\"\ndraw.{draw}\n");
    let scatter = figure("scatter = { measure = \"seen\", at = \"every_record\" }");
    let axes = "x_label = \"x\", y_label = \"y\"";
    let cases: &[Case] = &[
        ("an exact law of a network", &[(AT_MOST, "against.exact.resolution = 0.1")]),
        ("an exact law after the start", &[(NETWORK, LINEAR), (AT_MOST, "against.exact.resolution = 0.1")]),
        (
            "a limit after the start",
            &[
                (NETWORK, LINEAR),
                (LOSS, "observe.reading.alignment = \"centred\""),
                (AT_MOST, "against.limit.resolution = 0.1\nat = \"last_record\""),
            ],
        ),
        (
            "an exact law where there is only a limit",
            &[
                (NETWORK, LINEAR),
                (TRAINING, EVALUATION),
                (LOSS, &and_measure(LOSS, ".alignment = \"centred\"")),
                ("measure = \"seen\"", "measure = \"other\""),
                (AT_MOST, "against.exact.resolution = 0.1"),
            ],
        ),
        (
            "a limit of a random direction",
            &[
                (NETWORK, LINEAR),
                (TRAINING, EVALUATION),
                (LOSS, "observe.reading.directional_alignment = { direction = \"random\", noise = \"centred\" }"),
                (AT_MOST, "against.limit.resolution = 0.1"),
            ],
        ),
        (
            "a limit that is 0",
            &[
                (NETWORK, ENSEMBLE),
                (TRAINING, EVALUATION),
                (LOSS, "observe.reading.commutation = { directions = 2, over_baseline = false }"),
                (AT_MOST, "against.limit.resolution = 0.1"),
            ],
        ),
        (
            "a leading order of a reading",
            &[
                (NETWORK, LINEAR),
                (TRAINING, EVALUATION),
                (AT_MOST, "against.leading_order = { resolution = 0.1, remainder_at_most = 0.1 }"),
            ],
        ),
        (
            "a slope of sixteen models",
            &[("[0, 20]", "[1, 20]"), (AT_MOST, "against.slope = { exponent = 1.0, tolerance = 0.1 }")],
        ),
        (
            "a slope of readings over the curvature",
            &[
                (COUNT, "count = 200\n"),
                (LOSS, &along(3)),
                (AT_MOST, "against.slope = { exponent = 1.0, tolerance = 0.1, over_curvature = true }"),
            ],
        ),
        ("normal readings", &[(AT_MOST, "against.normal.distance_at_most = 0.1")]),
        (
            "a ratio of measures of different sizes",
            &[(LOSS, &two), (AT_MOST, "against.measure = { name = \"other\", resolution = 0.1, law = \"equal\" }")],
        ),
        (
            "a law of measures of different sizes",
            &[
                (NETWORK, ENSEMBLE),
                (TRAINING, EVALUATION),
                (LOSS, &two),
                (AT_MOST, "against.measure = { name = \"other\", resolution = 0.1, law = \"limit\" }"),
            ],
        ),
        (
            "a bound by a measure of another size",
            &[(LOSS, &two), (AT_MOST, "against.measure_at_most = { name = \"other\", value = \"1\" }")],
        ),
        ("a measure beside itself", &[(AT_MOST, "against.measure_at_least = { name = \"seen\", value = \"1\" }")]),
        ("a measure that there is not", &[(AT_MOST, "against.measure_at_least = { name = \"sene\", value = \"1\" }")]),
        (
            "a ratio of laws that are not known",
            &[(LOSS, &with_loss), (AT_MOST, "against.measure = { name = \"other\", resolution = 0.1 }")],
        ),
        (
            "a ratio of which one law is known",
            &[
                (NETWORK, LINEAR),
                (TRAINING, EVALUATION),
                (LOSS, &and_measure(LOSS, ".alignment = \"centred\"")),
                (AT_MOST, "against.measure = { name = \"other\", resolution = 0.1 }"),
            ],
        ),
        (
            "a ratio of no resolution",
            &[
                (LOSS, &with_loss),
                (AT_MOST, "against.measure = { name = \"other\", resolution = 0.0, law = \"equal\" }"),
            ],
        ),
        (
            "a bound of a ratio that is 0",
            &[(LOSS, &with_loss), (AT_MOST, "against.measure_at_most = { name = \"other\", value = \"b - 3\" }")],
        ),
        ("a scalar that models have not", &[(AT_MOST, "against.at_most.value = \"trace_G\"")]),
        ("a relation to nothing", &[(LAST, &figure(&format!("relation = {{ measure = \"seen\", {axes} }}")))]),
        (
            "a relation of different sizes",
            &[(LOSS, &two), (LAST, &figure(&format!("relation = {{ measure = \"seen\", over = \"other\", {axes} }}")))],
        ),
        (
            "a relation to what there is not",
            &[(LAST, &figure(&format!("relation = {{ measure = \"seen\", over = \"othr\", {axes} }}")))],
        ),
        (
            "curves beside what there is not",
            &[(LAST, &figure("curves = { measure = \"seen\", others = [\"sene\"], x = \"step\", y_label = \"y\" }"))],
        ),
        ("a scatter of a network", &[(LAST, &scatter)]),
        (
            "a scatter of a reading without a law beside one with it",
            &[
                (NETWORK, LINEAR),
                (
                    LOSS,
                    &and_measure(
                        "observe.reading.directional_alignment = { direction = \"random\", noise = \"centred\" }",
                        " = \"loss\"",
                    ),
                ),
                (LAST, &scatter),
            ],
        ),
        ("ellipses of a reading", &[(LAST, &figure("ellipses = { measure = \"seen\" }"))]),
    ];
    check("claims_of_models", MODEL, cases);
}
