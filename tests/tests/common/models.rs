//! Valid specs of models, which together use every kind and every word that belongs to them.

use super::valid::{CLOUD, Edit, GAUSSIAN, PLAIN, QUADRATIC, RISK, SGD, edited};

/// A small network that learns twelve samples.
pub(crate) const MODEL: &str = r#"schema = 1
title = "a small model"
seed = 1

[source]
paper = "none"
statements = []

[problem.network]
data.labelled = { file.csv = { path = "data/twelve.csv", divisor = 9 }, samples = 9 }
hidden = [4, 3]
activation = "tanh"
loss = "cross_entropy"

[sampling.data]
batch_size = 3
replacement = "with"

[process.training]
step_size.constant = 0.1
horizon.steps = 20
record.steps = [0, 20]

[replicates]
count = 16

[[measure]]
name = "seen"
observe.reading = "loss"

[[claim]]
name = "bound"
says = "What is seen is bounded."
measure = "seen"
against.at_most.value = "9"
"#;

pub(crate) const NETWORK: &str = "[problem.network]\n\
    data.labelled = { file.csv = { path = \"data/twelve.csv\", divisor = 9 }, samples = 9 }\n\
    hidden = [4, 3]\nactivation = \"tanh\"\nloss = \"cross_entropy\"\n";
pub(crate) const LABELLED: &str =
    "data.labelled = { file.csv = { path = \"data/twelve.csv\", divisor = 9 }, samples = 9 }";
pub(crate) const FILE: &str = "file.csv = { path = \"data/twelve.csv\", divisor = 9 }";
pub(crate) const DATA: &str = "[sampling.data]\nbatch_size = 3\nreplacement = \"with\"\n";
pub(crate) const TRAINING: &str =
    "[process.training]\nstep_size.constant = 0.1\nhorizon.steps = 20\nrecord.steps = [0, 20]\n";
pub(crate) const EVALUATION: &str = "[process.evaluation]\n";
pub(crate) const LOSS: &str = "observe.reading = \"loss\"";
pub(crate) const AT_MOST: &str = "against.at_most.value = \"9\"";
/// The end of the spec.
pub(crate) const LAST: &str = "against.at_most.value = \"9\"\n";
pub(crate) const COUNT: &str = "count = 16\n";
pub(crate) const ENSEMBLE: &str = "[problem.ensemble]\ndimension = 4\ncurvature.diagonal = [1.0, 2.0, 4.0, 8.0]\n\
    correlation = 0.5\ndeviation = 1.0\nsamples = 40\n";
pub(crate) const LINEAR: &str = "[problem.linear_model]\ninputs = 4\nfeatures.diagonal = [1.0, 2.0, 4.0, 8.0]\n\
    samples = 40\nparameters = \"linear\"\nmaps.random = { truth_norm = 1.0, start_norm = 2.0, seed = 1 }\n";
pub(crate) const TEACHER: &str = "[problem.network]\n\
    data.teacher = { inputs = 3, samples = 20, width = 2, activation = \"relu\", seed = 1 }\n\
    hidden = [5]\nactivation = \"relu\"\nloss = \"squared\"\n";

/// A second measure of a reading, as it is written after the first.
pub(crate) fn and_measure(first: &str, second: &str) -> String {
    format!("{first}\n\n[[measure]]\nname = \"other\"\nobserve.reading{second}")
}

/// Valid specs of every kind of model, reading, and claim about them.
pub(crate) fn models() -> Vec<String> {
    let of_models = [labelled(), drawn(), trained(), read_off_layers(), read_off_outputs(), compared()].concat();
    of_models.into_iter().chain(around_a_minimiser()).collect()
}

fn edits_of(spec: &str, edits: &[&[Edit]]) -> Vec<String> {
    edits.iter().map(|edits| edited(spec, edits)).collect()
}

fn labelled() -> Vec<String> {
    let weights = "trained = \"first_layer\"\ngain = 0.5\noutput_weights.inverse_width = 1.0\nanalysed_layer = 1";
    let loss = "loss = \"cross_entropy\"";
    edits_of(
        MODEL,
        &[
            &[],
            &[(FILE, "file.parquet = { path = \"data/twelve.parquet\", label = \"label\", divisor = 9 }")],
            &[(
                FILE,
                "file.idx = { images = \"data/twelve-images.idx\", labels = \"data/twelve-labels.idx\", divisor = 9 }",
            )],
            &[("samples = 9", "classes = [2, 0], samples = 8"), (loss, "loss = \"squared\"")],
            &[("activation = \"tanh\"", "activation = \"softplus\""), (loss, &format!("{loss}\n{weights}"))],
            &[
                ("activation = \"tanh\"", "activation = \"identity\""),
                (loss, "loss = \"squared_softmax\"\ntrained = \"all\"\noutput_weights.inverse_root_width = 2.0"),
                (LOSS, "observe.reading = \"accuracy\""),
            ],
        ],
    )
}

fn drawn() -> Vec<String> {
    let given = "maps.given = { truth = [1, 0, 0, 0], start = [1, 1, 1, 1, 0, 0, 0, 0] }\ndeviation = 0.5";
    let diagonal = "diagonal = [1.0, 2.0, 4.0, 8.0]";
    let random = "maps.random = { truth_norm = 1.0, start_norm = 2.0, seed = 1 }";
    edits_of(
        MODEL,
        &[
            &[(NETWORK, TEACHER)],
            &[(NETWORK, ENSEMBLE)],
            &[(NETWORK, &ENSEMBLE.replace(diagonal, "random_spd = { from = 1.0, to = 8.0, seed = 3 }"))],
            &[(NETWORK, &ENSEMBLE.replace("samples", "members = \"rank_one\"\nsamples")), (TRAINING, EVALUATION)],
            &[
                (NETWORK, &ENSEMBLE.replace("samples", "members = \"independent\"\nsamples")),
                (AT_MOST, "against.exact.resolution = 0.1\nat = \"last_record\""),
                (TRAINING, EVALUATION),
            ],
            &[(NETWORK, LINEAR), (AT_MOST, "against.exact.resolution = 0.9"), ("[0, 20]", "[0]")],
            &[(NETWORK, &LINEAR.replace("\"linear\"", "\"diagonal\"").replace(random, given))],
            &[(NETWORK, &LINEAR.replace("parameters = \"linear\"", "parameters.factorised = 3"))],
        ],
    )
}

fn trained() -> Vec<String> {
    let steps = "step_size.constant = 0.1";
    edits_of(
        MODEL,
        &[
            &[(DATA, "[sampling.full_batch]\n")],
            &[(steps, "step_size.cyclical = { low = 0.1, high = 0.2, period = 10, high_steps = 5 }")],
            &[(steps, "step_size.robbins_monro = { scale = 1.0, offset = 10.0 }")],
            &[("horizon.steps = 20\nrecord.steps = [0, 20]", "horizon.time = 2.0\nrecord.logarithmic = 3")],
        ],
    )
}

fn read_off_layers() -> Vec<String> {
    let readings = [
        "noise_curvature = { part = \"exponent\", directions = 4, noise = \"gradients\", hessians = \"as_they_are\" }",
        "noise_curvature = { part = \"standard_error\", directions = 3, noise = \"squared_hessians\" }",
        "noise_curvature = { part = \"r_squared\", directions = 3, hessians = \"top\" }",
        "noise_curvature = { part = \"exponent\", directions = 3, hessians.damped = 0.1 }",
        "noise_curvature = { part = \"exponent\", directions = 3, hessians.equalised = 0.1 }",
        "noise_along = { directions = 3, noise = \"gradients\" }",
        "curvature_along = { directions = 12 }",
        "commutation = { part = \"total\", directions = 3 }",
        "commutation = { part = \"top\", directions = 3, over_baseline = true }",
        "commutation = { part = \"bulk\", directions = 3, over_baseline = false }",
        "diagonal_energy = { directions = 3 }",
        "sharpness = { size = \"top\", of = \"layer\" }",
    ];
    let tables = readings.iter().map(|reading| edited(MODEL, &[(LOSS, &format!("observe.reading.{reading}"))]));
    tables.chain([edited(MODEL, &[(LOSS, "observe.reading = \"squared_hessian_distance\"")])]).collect()
}

fn read_off_outputs() -> Vec<String> {
    let readings = [
        "alignment = \"centred\"",
        "alignment = \"uncentred\"",
        "directional_alignment = { direction = \"gradient\", noise = \"centred\" }",
        "directional_alignment = { direction = \"sharpest\", noise = \"uncentred\" }",
        "directional_alignment = { direction = \"random\", noise = \"centred\" }",
        "sharpness = { size = \"trace\", of = \"gauss_newton\" }",
        "sharpness = { size = \"frobenius\", of = \"gauss_newton\" }",
    ];
    let of = |reading: &&str| edited(MODEL, &[(NETWORK, TEACHER), (LOSS, &format!("observe.reading.{reading}"))]);
    readings.iter().map(of).collect()
}

/// Ratios of readings, and figures of them.
fn compared() -> Vec<String> {
    let exponent = ".noise_curvature = { part = \"exponent\", directions = 4 }";
    let trace = ".sharpness = { size = \"trace\", of = \"layer\" }";
    let along = "observe.reading.noise_along.directions = 3";
    let curvature = and_measure(along, ".curvature_along.directions = 3");
    let figure = |draw: &str| format!("{LAST}\n[[figure]]\nname = \"f\"\ntitle = \"t\"\ndraw.{draw}\n");
    let relation = "relation = { measure = \"seen\", over = \"other\", x_label = \"H\", y_label = \"C\", log = false }";
    let curves = "curves = { measure = \"seen\", others = [\"other\"], x = \"step\", log_x = false, y_label = \"L\" }";
    edits_of(
        MODEL,
        &[
            &[
                (NETWORK, LINEAR),
                (TRAINING, EVALUATION),
                (LOSS, &and_measure(LOSS, trace)),
                (AT_MOST, "against.measure = { name = \"other\", resolution = 0.9, law = \"exact\" }"),
            ],
            &[
                (NETWORK, ENSEMBLE),
                (TRAINING, EVALUATION),
                (LOSS, &and_measure(along, exponent)),
                (AT_MOST, "against.measure = { name = \"other\", resolution = 0.9, law = \"limit\" }"),
            ],
            &[
                (LOSS, &curvature),
                (AT_MOST, "against.measure = { name = \"other\", resolution = 0.9, law = \"equal\" }"),
            ],
            &[
                (LOSS, &curvature),
                (AT_MOST, "against.measure_at_most = { name = \"other\", value = \"b\" }\ncomponent = 2"),
            ],
            &[(LOSS, &curvature), (AT_MOST, "against.measure_at_least = { name = \"other\", value = \"1/n\" }")],
            &[(LOSS, &curvature), (LAST, &figure(relation))],
            &[(LOSS, &and_measure(LOSS, exponent)), (LAST, &figure(curves))],
            &[
                (COUNT, "count = 200\n"),
                (AT_MOST, "against.slope = { exponent = 0.0, tolerance = 0.5, over = \"b\" }"),
                ("[replicates]", "[sweep.grid]\n\"sampling.data.batch_size\" = [1, 2]\n\n[replicates]"),
            ],
        ],
    )
}

/// What models brought to problems with a known minimiser.
fn around_a_minimiser() -> Vec<String> {
    let fresh = "[sampling.fresh]\nbatch_size = 2\n";
    let ensemble = ENSEMBLE.replace("samples = 40\n", "");
    let directions = "observe.directional = { of = \"curvature\", top = 2 }";
    edits_of(
        PLAIN,
        &[
            &[(QUADRATIC, &ensemble), (GAUSSIAN, fresh), (RISK, "observe.quadratic.curvature_within = 1")],
            &[(QUADRATIC, ENSEMBLE), (GAUSSIAN, fresh), (RISK, "observe.quadratic.curvature_beyond = 1")],
            &[(GAUSSIAN, "[sampling.full_batch]\n")],
            &[(CLOUD, &format!("{CLOUD}may_diverge = true\n")), (SGD, &SGD.replace("0.1", "1.5"))],
            &[(SGD, "[process.sgd]\nstep_size.cyclical = { low = 0.1, high = 0.2, period = 10, high_steps = 5 }\n")],
            &[
                (RISK, directions),
                (
                    "against.at_least.value = \"1e-9\"",
                    "against.slope = { exponent = -1.0, tolerance = 1.0, over_curvature = true }",
                ),
            ],
        ],
    )
}
