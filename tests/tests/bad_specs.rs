//! Bad specs: each is one edit of a small valid one, and the snapshots show what its author reads.

mod common;

use std::fmt::Write as _;

use common::refusal::{LONGEST, edit, processor_time, redact, refusal, refusals, shown};
use engine::Spec;

/// A valid spec that uses most of the language.
const SPEC: &str = r#"schema = 1
title = "a small spec"
seed = 1
family_wise_error = 1e-4

[source]
paper = "arXiv:2603.02417v4"
statements = ["Proposition 1"]

[problem.quadratic]
dimension = 3
curvature.diagonal = [1.0, 2.0, 4.0]
noise.random_spd = { from = 1.0, to = 2.0, trace = 3.0, seed = 1 }
noise_shape = "as_given"
fisher = "curvature"
minimiser = [0.0, 0.0, 0.0]

[sampling.gaussian]
batch_size = 2

[process.sgd]
step_size.constant = 0.1
start.gaussian = { spread = 0.5 }
horizon.steps = 100
record.logarithmic = 5

[sweep.grid]
"process.sgd.step_size.constant" = [0.1, 0.2]

[variants.isotropic]
"problem.quadratic.noise_shape" = "trace_matched_isotropic"

[replicates]
count = 1000

[[measure]]
name = "risk"
observe.quadratic = "fisher"
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

/// A name, a piece of the spec that occurs once, and what replaces it.
type Case<'a> = (&'a str, &'a str, &'a str);

/// The piece to replace for what is added at the end.
const END: &str = "x = \"step\", y_label = \"risk\" }\n";

const BASE: &str = "[source]";
const BATCH: &str = "batch_size = 2";
const CLAIM: &str = "against.exact = { resolution = 0.1 }";
const CURVES: &str = "draw.curves = { measure = \"directions\", component = 2, x = \"step\", y_label = \"risk\" }";
const CURVATURE: &str = "curvature.diagonal = [1.0, 2.0, 4.0]";
const DIMENSION: &str = "dimension = 3";
const FISHER: &str = "fisher = \"curvature\"";
const HORIZON: &str = "horizon.steps = 100";
const NOISE: &str = "noise.random_spd = { from = 1.0, to = 2.0, trace = 3.0, seed = 1 }";
const OVERRIDE: &str = "\"problem.quadratic.noise_shape\" = \"trace_matched_isotropic\"";
const QUADRATIC: &str = "observe.quadratic = \"fisher\"";
const RECORD: &str = "record.logarithmic = 5";
const SCALE: &str = "scale = \"b / eta\"";
const START: &str = "start.gaussian = { spread = 0.5 }";
const STEP_SIZE: &str = "step_size.constant = 0.1\n";
const SWEEP: &str = "\"process.sgd.step_size.constant\" = [0.1, 0.2]";

#[test]
fn the_spec_that_is_edited_is_valid() {
    let spec = Spec::parse("case", "specs/case.toml", SPEC, None).map_err(|error| panic!("{error}"));
    assert_eq!(spec.map(|spec| spec.cells.len()).ok(), Some(4));
}

#[test]
fn misspelt_keys() {
    let cases: &[Case] = &[
        ("at the top", "seed = 1\nfamily_wise_error", "seed = 1\nfamily_wise_eror"),
        ("of a section", "[problem.quadratic]", "[problems.quadratic]"),
        ("of a required section", "[replicates]", "[replicate]"),
        ("in problem.quadratic", "dimension =", "dimensions ="),
        ("with another case", BATCH, "Batch-Size = 2"),
        ("nested", "trace = 3.0,", "tracer = 3.0,"),
        ("unlike any other", "minimiser =", "zzz ="),
        ("in a measure", SCALE, "scales = \"b / eta\""),
        ("in a claim", "says =", "say ="),
        ("nested in a claim", "resolution = 0.1", "resolutoin = 0.1"),
        ("in a figure", "y_label = \"risk\"", "ylabel = \"risk\""),
        ("of a sweep", "[sweep.grid]", "[sweep.gird]"),
        ("of a kind", NOISE, "noise.random_spdd = { from = 1.0, to = 2.0, seed = 1 }"),
        ("of a kind, unlike any other", "[sampling.gaussian]", "[sampling.bootstrap]"),
        ("of a kind of claim", "against.exact", "against.exakt"),
        ("of a value", QUADRATIC, "observe.quadratic = \"fischer\""),
        ("of a value, unlike any other", "x = \"step\"", "x = \"epochs\""),
        ("of a value next to kinds", FISHER, "fisher = \"curvatur\""),
        ("empty", SCALE, "\"\" = 1"),
        ("of 1000 characters", SCALE, &format!("{} = 1", "k".repeat(1000))),
        ("with control characters", SCALE, "\"\\u001b[31m\\n\\u0000\" = 1"),
    ];
    check("misspelt_keys", cases);
}

#[test]
fn wrong_types() {
    let cases: &[Case] = &[
        ("string for integer", DIMENSION, "dimension = \"3\""),
        ("string for number", "resolution = 0.1", "resolution = \"10%\""),
        ("number for string", "title = \"a small spec\"", "title = 6"),
        ("number for integer", BATCH, "batch_size = 2.5"),
        ("boolean for number", "trace = 3.0", "trace = true"),
        ("number for boolean", "x = \"step\"", "log_y = 1, x = \"step\""),
        ("date for integer", "seed = 1\nfamily", "seed = 2026-03-01\nfamily"),
        ("array for table", "[source]\npaper = \"arXiv:2603.02417v4\"\nstatements", "source"),
        ("number for table", START, "start.gaussian = 0.5"),
        ("number for a table of one kind", NOISE, "noise = 1.0"),
        ("number for array", "statements = [\"Proposition 1\"]", "statements = 1"),
        ("number in an array of strings", "[\"Proposition 1\"]", "[\"Proposition 1\", 2]"),
        ("string in an array of numbers", CURVATURE, "curvature.diagonal = [1.0, 2.0, \"4\"]"),
        ("table for array of tables", "[[claim]]", "[claim]"),
        ("stray list of tables", "[[figure]]", "[[figure]]\n[[figure.more]]"),
        ("kind without its values", NOISE, "noise = \"isotropic\""),
        ("word as a table", FISHER, "fisher.curvature = {}"),
        ("word as a table, where there are only words", QUADRATIC, "observe.quadratic.fisher = 1"),
        ("integer that does not fit", BATCH, "batch_size = 9223372036854775808"),
        ("two kinds", NOISE, "noise = { log_spaced = { from = 1.0, to = 2.0 }, isotropic = { trace = 3.0 } }"),
        ("two kinds in two places", "[sampling.gaussian]", "[sampling.iid]\nbatch_size = 1\n[sampling.gaussian]"),
        ("no kind", NOISE, "noise = {}"),
        ("kind and a stray key", STEP_SIZE, "step_size = { constant = 0.1, decay = 2.0 }\n"),
    ];
    check("wrong_types", cases);
}

#[test]
fn missing_keys() {
    let cases: &[Case] = &[
        ("at the top", "seed = 1\nfamily_wise_error", "family_wise_error"),
        ("a section", "[replicates]\ncount = 1000\n", ""),
        ("in a section", DIMENSION, ""),
        ("a kind", NOISE, ""),
        ("in an inline table", "trace = 3.0, seed = 1", "trace = 3.0"),
        ("in a section of dotted keys", HORIZON, ""),
        ("the name of the first measure", "name = \"risk\"", ""),
        ("in a claim", CLAIM, ""),
        ("in a figure", "measure = \"directions\", component", "component"),
        ("the count", "count = 1000", ""),
        ("the schema", "schema = 1\n", ""),
    ];
    check("missing_keys", cases);
    let without_claims = SPEC[..SPEC.find("[[claim]]").unwrap_or_default()].to_owned();
    let without_measures = SPEC[..SPEC.find("[[measure]]").unwrap_or_default()].to_owned();
    let texts = [
        ("no claim", without_claims.clone()),
        ("an empty list of claims", format!("claim = []\n{without_claims}")),
        ("no measure, no claim", without_measures.clone()),
        ("empty lists of measures and claims", format!("measure = []\nclaim = []\n{without_measures}")),
        ("an empty file", String::new()),
        ("only a comment", "# nothing\n".to_owned()),
    ];
    check_texts("missing_sections", &texts);
}

#[test]
fn bad_numbers() {
    let cases: &[Case] = &[
        ("nan", "resolution = 0.1", "resolution = nan"),
        ("inf", "spread = 0.5", "spread = inf"),
        ("-inf", "trace = 3.0", "trace = -inf"),
        ("1e400", "from = 1.0", "from = 1e400"),
        ("nan in an array", CURVATURE, "curvature.diagonal = [1.0, nan, 4.0]"),
        ("negative dimension", DIMENSION, "dimension = -3"),
        ("zero dimension", DIMENSION, "dimension = 0"),
        ("dimension too large", DIMENSION, "dimension = 1000000000000"),
        ("dimension that does not fit the rest", DIMENSION, "dimension = 4"),
        ("zero batch size", BATCH, "batch_size = 0"),
        ("negative batch size", BATCH, "batch_size = -4"),
        ("negative seed", "seed = 1\nfamily", "seed = -1\nfamily"),
        ("family_wise_error of 0", "= 1e-4", "= 0.0"),
        ("family_wise_error of 0.5", "= 1e-4", "= 0.5"),
        ("schema version", "schema = 1\n", "schema = 2\n"),
        ("schema version that is no number", "schema = 1\n", "schema = \"1\"\n"),
        ("schema version of 40 bits", "schema = 1\n", "schema = 1099511627777\n"),
        ("no replicates", "count = 1000", "count = 0"),
        ("too many replicates", "count = 1000", "count = 9223372036854775807"),
    ];
    check("bad_numbers", cases);
    // Each number is in range; their product is not.
    let text = edit(&edit(SPEC, "count = 1000", "count = 1000000000000"), HORIZON, "horizon.steps = 1000000000000");
    check_texts("overflow", &[("cells × replicates × steps", text)]);
}

#[test]
fn bad_replicates() {
    let cases: &[Case] = &[
        ("an unknown word", "count = 1000", "until = \"done\"\nmax = 20000"),
        ("a word of another case", "count = 1000", "until = \"Decided\"\nmax = 20000"),
        ("a table for a word", "count = 1000", "until.decided = 20000"),
        ("no word and no count", "count = 1000", ""),
        ("no max", "count = 1000", "until = \"decided\""),
        ("both kinds", "count = 1000", "count = 1000\nuntil = \"decided\"\nmax = 20000"),
        ("max without until", "count = 1000", "max = 20000"),
        ("max beside count", "count = 1000", "count = 1000\nmax = 20000"),
        ("first beside count", "count = 1000", "count = 1000\nfirst = 500"),
        ("no replicates at most", "count = 1000", "until = \"decided\"\nmax = 0"),
        ("max for one look only", "count = 1000", "until = \"decided\"\nmax = 4096"),
        ("first of none", "count = 1000", "until = \"decided\"\nmax = 20000\nfirst = 0"),
        ("first above max", "count = 1000", "until = \"decided\"\nmax = 20000\nfirst = 20001"),
        ("first too near max", "count = 1000", "until = \"decided\"\nmax = 20000\nfirst = 19000"),
        ("a key of neither kind", "count = 1000", "until = \"decided\"\nmaximum = 20000"),
    ];
    check("bad_replicates", cases);
    let text = edit(SPEC, "count = 1000", "until = \"decided\"\nmax = 1000000000000");
    check_texts("overflow_until", &[("overflow at the most", edit(&text, HORIZON, "horizon.steps = 1000000000000"))]);
}

#[test]
fn bad_matrices() {
    let cases: &[Case] = &[
        ("indefinite curvature", CURVATURE, "curvature.diagonal = [1.0, -2.0, 4.0]"),
        ("singular curvature", CURVATURE, "curvature.diagonal = [1.0, 0.0, 4.0]"),
        ("indefinite dense curvature", CURVATURE, "curvature.dense = [[1, 2, 0], [2, 1, 0], [0, 0, 1]]"),
        ("asymmetric dense", CURVATURE, "curvature.dense = [[1, 0.5, 0], [0, 1, 0], [0, 0, 1]]"),
        ("ragged dense", CURVATURE, "curvature.dense = [[1, 0, 0], [0, 1], [0, 0, 1]]"),
        ("dense with too many rows", CURVATURE, "curvature.dense = [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]]"),
        ("empty dense", CURVATURE, "curvature.dense = []"),
        ("diagonal too short", CURVATURE, "curvature.diagonal = [1.0, 2.0]"),
        ("curvature beyond doubles", CURVATURE, "curvature.diagonal = [1.0, 2.0, 1e308]"),
        ("noise with a negative eigenvalue", NOISE, "noise.diagonal = [1.0, 1.0, -0.5]"),
        ("log_spaced from 0", CURVATURE, "curvature.log_spaced = { from = 0.0, to = 1.0 }"),
        ("log_spaced to a negative number", CURVATURE, "curvature.log_spaced = { from = 1.0, to = -1.0 }"),
        ("random_spd from 0", "from = 1.0, to = 2.0, trace", "from = 0.0, to = 2.0, trace"),
        ("negative trace", "trace = 3.0", "trace = -3.0"),
        ("zero trace", NOISE, "noise.isotropic = { trace = 0.0 }"),
        ("two ends of one eigenvalue", DIMENSION, "dimension = 1"),
        ("fisher not definite", FISHER, "fisher.matrix.diagonal = [1.0, 1.0, 0.0]"),
        ("minimiser too short", "minimiser = [0.0, 0.0, 0.0]", "minimiser = [0.0, 0.0]"),
    ];
    check("bad_matrices", cases);
}

#[test]
fn bad_processes() {
    let fixed = &edit(SPEC, SWEEP, "");
    let cases: &[Case] = &[
        ("step size 0", STEP_SIZE, "step_size.constant = 0.0\n"),
        ("negative step size", STEP_SIZE, "step_size.constant = -0.1\n"),
        ("step size at the edge of stability", STEP_SIZE, "step_size.constant = 0.5\n"),
        ("unstable step size", STEP_SIZE, "step_size.constant = 3.0\n"),
        ("start of the wrong length", START, "start.point = [1.0, 2.0]"),
        ("negative spread", "spread = 0.5", "spread = -0.5"),
        ("zero radius", START, "start.random_point = { radius = 0.0, seed = 1 }"),
        ("no steps", HORIZON, "horizon.steps = 0"),
        ("negative number of steps", HORIZON, "horizon.steps = -1"),
        ("too many steps", HORIZON, "horizon.steps = 9223372036854775807"),
        ("no time", HORIZON, "horizon.time = 0"),
        ("negative time", HORIZON, "horizon.time = -4.0"),
        ("absurdly long time", HORIZON, "horizon.time = 1e300"),
        ("no record", RECORD, "record.logarithmic = 0"),
        ("no record, linear", RECORD, "record.linear = 0"),
        ("empty record", RECORD, "record.steps = []"),
        ("record beyond the horizon", RECORD, "record.steps = [1, 10, 101]"),
        ("negative record", RECORD, "record.steps = [-1, 10]"),
        ("too many records", RECORD, "record.linear = 1000000000"),
    ];
    check_in(fixed, "bad_processes", cases);
}

#[test]
fn bad_sweeps() {
    let many = format!("\"process.sgd.horizon.steps\" = {:?}", (1..=60_000).collect::<Vec<_>>());
    let cells = format!("{SWEEP}\n{many}");
    let cases: &[Case] = &[
        ("unstable in one cell", SWEEP, "\"process.sgd.step_size.constant\" = [0.1, 0.2, 0.6]"),
        ("unstable by a curvature", SWEEP, "\"problem.quadratic.curvature.diagonal\" = [[1, 2, 4], [1, 2, 40]]"),
        ("wrong in two cells", SWEEP, "\"process.sgd.step_size.constant\" = [0.1, \"0.2\", -0.1]"),
        ("record too long in one cell", SWEEP, "\"process.sgd.horizon.steps\" = [100, 0]"),
        (
            "wrong elsewhere in one cell",
            RECORD,
            "record.steps = [1, 20]\n[sweep.zip]\n\"process.sgd.horizon.steps\" = [100, 10]",
        ),
        ("too many cells", SWEEP, &cells),
        ("empty axis", SWEEP, "\"process.sgd.step_size.constant\" = []"),
        ("axis that is no array", SWEEP, "\"process.sgd.step_size.constant\" = 0.1"),
        (
            "zip of unequal lengths",
            "[sweep.grid]\n\"process.sgd.step_size.constant\" = [0.1, 0.2]",
            "[sweep.zip]\n\"process.sgd.step_size.constant\" = [0.1, 0.2]\n\"sampling.gaussian.batch_size\" = [1, 2, 3]",
        ),
        ("axis swept twice", "[sweep.grid]", "[sweep.zip]\n\"process.sgd.step_size.constant\" = [0.05]\n[sweep.grid]"),
        (
            "axis within an axis",
            SWEEP,
            "\"process.sgd.step_size.constant\" = [0.1]\n\"process.sgd.step_size\" = [{ constant = 0.2 }]",
        ),
        ("point visited twice", SWEEP, "\"process.sgd.step_size.constant\" = [0.1, 0.2, 1e-1]"),
        ("key that is not swept", SWEEP, "\"replicates.count\" = [100, 200]"),
        ("section misspelt", SWEEP, "\"proces.sgd.step_size.constant\" = [0.1]"),
        ("path misspelt deep down", SWEEP, "\"process.sgd.step_size.constnat\" = [0.1]"),
        ("path misspelt half-way", SWEEP, "\"process.sgd.stepsize.constant\" = [0.1]"),
        ("path that goes on", SWEEP, "\"process.sgd.step_size.constant.value\" = [0.1]"),
        ("path that ends early", SWEEP, "\"process.sgd.step_size\" = [0.1]"),
        ("another kind", SWEEP, "\"process.sgd.horizon.time\" = [1.0, 2.0]"),
        ("whole section", SWEEP, "process = [1, 2]"),
        ("without quotes", SWEEP, "process.sgd.step_size.constant = [0.1, 0.2]"),
        ("empty path", SWEEP, "\"\" = [1]"),
        ("path with empty parts", SWEEP, "\"process..sgd\" = [1]"),
    ];
    check("bad_sweeps", cases);
}

#[test]
fn bad_variants() {
    let cases: &[Case] = &[
        ("without quotes", OVERRIDE, "problem.quadratic.noise_shape = \"trace_matched_isotropic\""),
        ("named base", "[variants.isotropic]", "[variants.base]"),
        ("with a bad name", "[variants.isotropic]", "[variants.\"Trace matched\"]"),
        ("without overrides", OVERRIDE, ""),
        ("that breaks the spec", OVERRIDE, "\"problem.quadratic.dimension\" = 4"),
        ("that makes the step unstable", OVERRIDE, "\"problem.quadratic.curvature.diagonal\" = [1, 2, 11]"),
        ("with a key of measures", OVERRIDE, "\"measure.risk.scale\" = \"1\""),
        ("with a misspelt key", OVERRIDE, "\"problem.quadratic.noise_shap\" = \"as_given\""),
        ("with a misspelt value", OVERRIDE, "\"problem.quadratic.noise_shape\" = \"isotropic\""),
        ("with another kind", OVERRIDE, "\"sampling.iid\" = { batch_size = 1, population = \"uniform\" }"),
        ("that is no table", "[variants.isotropic]\n\"problem.quadratic.noise_shape\"", "[variants]\nisotropic"),
        ("without a plain base", BASE, "base = \"The base\"\n[source]"),
        ("named as the base", BASE, "base = \"isotropic\"\n[source]"),
        ("that is unknown", CLAIM, "against.variant = { name = \"isotropc\", resolution = 0.1 }"),
        ("that is unknown, by a claim", CLAIM, "against.exact = { resolution = 0.1 }\nvariant = \"anisotropic-noise\""),
    ];
    check("bad_variants", cases);
}

#[test]
fn bad_names() {
    let long = format!("name = \"{}\"", "n".repeat(200));
    let cases: &[Case] = &[
        ("above the folder", "name = \"curves\"", "name = \"../../evil\""),
        ("absolute", "name = \"curves\"", "name = \"/etc/x\""),
        ("empty", "name = \"law\"", "name = \"\""),
        ("of a device", "name = \"law\"", "name = \"CON \""),
        ("of 200 characters", "name = \"law\"", &long),
        ("with a line break", "name = \"law\"", "name = \"la\\nw\""),
        ("measure twice", "[[claim]]", "[[measure]]\nname = \"risk\"\nobserve.quadratic = \"identity\"\n[[claim]]"),
        (
            "claim twice",
            END,
            "x = \"step\", y_label = \"risk\" }\n[[claim]]\nname = \"law\"\nsays = \"\"\nmeasure = \"risk\"\nagainst.exact.resolution = 0.2",
        ),
        (
            "figure twice",
            END,
            "x = \"step\", y_label = \"risk\" }\n[[figure]]\nname = \"curves\"\ntitle = \"\"\ndraw.curves = { measure = \"risk\", x = \"time\", y_label = \"risk\" }",
        ),
    ];
    check("bad_names", cases);
}

#[test]
fn bad_claims_and_figures() {
    let slope = "against.slope = { exponent = -1.0, tolerance = 0.1 }";
    let cases: &[Case] = &[
        ("claim of an unknown measure", "measure = \"risk\"", "measure = \"risks\""),
        ("figure of an unknown measure", "measure = \"directions\"", "measure = \"loss\""),
        ("component 0", "component = 2", "component = 0"),
        ("component out of range", "component = 2", "component = 3"),
        ("curves of no cell", END, "x = \"step\", y_label = \"risk\", where = \"eta - 1\" }\n"),
        ("curves of cells by an unknown name", END, "x = \"step\", y_label = \"risk\", where = \"etta\" }\n"),
        ("no direction", "top = 2", "top = 0"),
        ("more directions than dimensions", "top = 2", "top = 4"),
        ("resolution 0", "resolution = 0.1", "resolution = 0"),
        ("resolution 1", "resolution = 0.1", "resolution = 1.0"),
        ("negative resolution", "resolution = 0.1", "resolution = -0.1"),
        ("constant of 0", CLAIM, "against.constant = { value = \"b - b\", resolution = 0.1 }"),
        ("negative bound", CLAIM, "against.at_most = { value = \"-trace_H\" }"),
        ("slope of one record", CLAIM, &format!("{slope}\n").replace("0.1", "0.1, from_step = 100")),
        ("negative tolerance", CLAIM, &slope.replace("0.1", "-0.1")),
        (
            "leading order without a remainder",
            "measure = \"risk\"\nagainst.exact = { resolution = 0.1 }",
            "measure = \"directions\"\nagainst.leading_order = { resolution = 0.1, remainder_at_most = 9 }",
        ),
        (
            "leading order with a large remainder",
            CLAIM,
            "against.leading_order = { resolution = 0.1, remainder_at_most = 0.2 }\nat = \"last_record\"",
        ),
        (
            "variant compared with itself",
            CLAIM,
            "against.variant = { name = \"base\", resolution = 0.1 }\nvariant = \"base\"",
        ),
        ("slope at one step", CLAIM, &format!("{slope}\nat = \"last_record\"")),
        ("two comparisons", CLAIM, "against.exact = { resolution = 0.1 }\nagainst.at_most = { value = \"1\" }"),
        ("no comparison", CLAIM, "against = {}"),
        ("wrong time", CLAIM, "against.exact = { resolution = 0.1 }\nat = \"last\""),
    ];
    check("bad_claims_and_figures", cases);
}

#[test]
fn bad_kinds_of_figures() {
    let measures = r#"[[measure]]
name = "three"
observe.second_moment = { of = "noise", top = 3 }

[[measure]]
name = "tail"
observe.exceedance = { metric = "fisher", above = "1" }

[[claim]]"#;
    let sweep = |rest: &str| format!("draw.sweep = {{ y_label = \"\", {rest} }}");
    let scatter = |rest: &str| format!("draw.scatter = {{ {rest} }}");
    let heat_map = |rest: &str| format!("draw.heat_map = {{ {rest} }}");
    let ratio = |rest: &str| format!("draw.ratio = {{ x_label = \"\", y_label = \"\", {rest} }}");
    let ellipses = |measure: &str| format!("draw.ellipses = {{ measure = \"{measure}\" }}");
    let cases: &[Case] = &[
        ("unknown kind", CURVES, "draw.bars = { measure = \"risk\" }"),
        ("two kinds", CURVES, &format!("{CURVES}\n{}", scatter("measure = \"risk\""))),
        ("sweep of an unknown measure", CURVES, &sweep("measure = \"risc\", over = \"eta\"")),
        ("sweep of a component out of range", CURVES, &sweep("measure = \"risk\", component = 2, over = \"eta\"")),
        ("sweep without an abscissa", CURVES, &sweep("measure = \"risk\"")),
        ("sweep over an unknown name", CURVES, &sweep("measure = \"risk\", over = \"etta\"")),
        ("sweep over what does not vary", CURVES, &sweep("measure = \"risk\", over = \"2 * b\"")),
        ("sweep of no cell", CURVES, &sweep("measure = \"risk\", over = \"eta\", where = \"eta - 1\"")),
        ("scatter of an unknown measure", CURVES, &scatter("measure = \"risc\"")),
        ("scatter at a wrong time", CURVES, &scatter("measure = \"risk\", at = \"last\"")),
        ("scatter without a law", CURVES, &scatter("measure = \"tail\"")),
        ("ellipses of no second moment", CURVES, &ellipses("directions")),
        ("ellipses in three directions", CURVES, &ellipses("three")),
        ("slope on a linear axis", CURVES, &sweep("measure = \"risk\", over = \"eta\", log_x = false, fit = true")),
        ("slope of curves on a linear axis", END, "x = \"step\", y_label = \"risk\", log_y = false, fit_from = 1 }\n"),
        ("heat map of an unknown measure", CURVES, &heat_map("measure = \"risc\", x = \"step\", y = \"eta\"")),
        ("heat map over an unknown name", CURVES, &heat_map("measure = \"risk\", x = \"stp\", y = \"eta\"")),
        ("heat map over one axis", CURVES, &heat_map("measure = \"risk\", x = \"step\", y = \"step\"")),
        (
            "heat map of cells on one place",
            CURVES,
            &heat_map("measure = \"directions\", x = \"component\", y = \"step\""),
        ),
        (
            "heat map of an unknown variant",
            CURVES,
            &heat_map("measure = \"risk\", x = \"step\", y = \"eta\", variant = \"isotropc\""),
        ),
        (
            "heat map without a law",
            CURVES,
            &heat_map("measure = \"tail\", x = \"step\", y = \"eta\", variant = \"isotropic\""),
        ),
        (
            "heat map of something else",
            CURVES,
            &heat_map("measure = \"risk\", x = \"step\", y = \"eta\", shows = \"ratio\""),
        ),
        ("ratio of an unknown measure", CURVES, &ratio("measure = \"risc\", over = \"isotropic\"")),
        ("ratio to an unknown variant", CURVES, &ratio("measure = \"risk\", over = \"isotropc\"")),
        ("ratio to no variant", CURVES, &ratio("measure = \"risk\"")),
        ("forest of an unknown claim", CURVES, "draw.forest = { claims = [\"lw\"] }"),
        ("forest of no claim", CURVES, "draw.forest = { claims = [] }"),
        ("forest of a measure", CURVES, "draw.forest = { measure = \"risk\" }"),
    ];
    check_in(&SPEC.replace("[[claim]]", measures), "bad_kinds_of_figures", cases);
}

#[test]
fn bad_expressions() {
    let scale = |text: &str| format!("scale = \"{text}\"");
    let cases: &[Case] = &[
        ("unknown name", SCALE, &scale("b / etta")),
        ("unknown name, unlike any other", SCALE, &scale("b / learning_rate")),
        ("syntax error", SCALE, &scale("b / / eta")),
        ("operator at the end", SCALE, &scale("b /")),
        ("unclosed parenthesis", SCALE, &scale("(b / eta")),
        ("two values", SCALE, &scale("2 b")),
        ("product without a sign", SCALE, &scale("b (1 + eta)")),
        ("empty", SCALE, &scale("")),
        ("blank", SCALE, &scale("  ")),
        ("unknown function", SCALE, &scale("log(b)")),
        ("unknown character", SCALE, &scale("b × η")),
        ("division by zero", SCALE, &scale("b / (d - 3)")),
        ("overflow", SCALE, &scale("exp(1000)")),
        ("no number", SCALE, &scale("sqrt(-b)")),
        ("scale of 0", SCALE, &scale("b - b")),
        ("too long", SCALE, &scale(&"b + ".repeat(100))),
        ("deep parentheses", SCALE, &scale(&"(".repeat(199))),
        ("balanced deep parentheses", SCALE, &scale(&format!("{}0{}", "(".repeat(99), ")".repeat(99)))),
        ("of a constant", CLAIM, "against.constant = { value = \"trace_g\", resolution = 0.1 }"),
        ("of a reference", "y_label = \"risk\"", "y_label = \"risk\", reference = { value = \"1 / 0\", label = \"\" }"),
    ];
    check("bad_expressions", cases);
}

#[test]
fn bad_syntax() {
    let deep = format!("minimiser = {}", "[".repeat(10_000));
    let nested = format!("minimiser = {}{}", "[".repeat(10_000), "]".repeat(10_000));
    let tables = format!("[{}]", "a.".repeat(10_000) + "a");
    let cases: &[Case] = &[
        ("unclosed string", "title = \"a small spec\"", "title = \"a small spec"),
        ("unclosed array", "[\"Proposition 1\"]", "[\"Proposition 1\""),
        ("unclosed inline table", "spread = 0.5 }", "spread = 0.5"),
        ("unclosed header", "[replicates]", "[replicates"),
        ("duplicate key", DIMENSION, "dimension = 3\ndimension = 4"),
        ("duplicate section", END, "x = \"step\", y_label = \"risk\" }\n[replicates]\ncount = 7"),
        ("missing =", DIMENSION, "dimension 3"),
        ("missing value", DIMENSION, "dimension ="),
        ("unquoted word", FISHER, "fisher = curvature"),
        ("missing comma", "to = 2.0, trace", "to = 2.0 trace"),
        ("bad escape", "title = \"a small spec\"", "title = \"a \\small spec\""),
        ("number with a unit", HORIZON, "horizon.steps = 100k"),
        ("python's none", SCALE, "scale = None"),
        ("yaml", "[source]", "source:"),
        ("10 000 open brackets", "minimiser = [0.0, 0.0, 0.0]", &deep),
        ("10 000 brackets", "minimiser = [0.0, 0.0, 0.0]", &nested),
        ("10 000 dots", "[replicates]", &tables),
    ];
    check("bad_syntax", cases);
}

#[test]
fn several_errors_at_once() {
    let edits = |edits: &[(&str, &str)]| edits.iter().fold(SPEC.to_owned(), |text, (from, to)| edit(&text, from, to));
    let texts = [
        (
            "of shape, in the order of the file",
            edits(&[
                ("title = \"a small", "titel = \"a small"),
                (DIMENSION, "dimension = \"3\""),
                ("top = 2", "tpo = 2"),
                (SCALE, "scale = 2"),
            ]),
        ),
        (
            "of meaning, in the order of the file, each once",
            edits(&[
                ("= 1e-4", "= 2.0"),
                (NOISE, "noise.diagonal = [1.0]"),
                (BATCH, "batch_size = 0"),
                ("spread = 0.5", "spread = -1"),
                (SWEEP, "\"process.sgd.step_size.constant\" = [0.1, 0.2, -1.0, 9.0]"),
                ("count = 1000", "count = 0"),
                ("name = \"risk\"", "name = \"Risk\""),
                ("resolution = 0.1", "resolution = 2"),
                ("component = 2", "component = 9"),
            ]),
        ),
        ("of syntax", edits(&[(DIMENSION, "dimension 3"), (BATCH, "batch_size ="), (HORIZON, "= 100")])),
        ("more than are shown", format!("{SPEC}{}", (0..25).map(|i| format!("key{i} = 1\n")).collect::<String>())),
    ];
    check_texts("several_errors", &texts);
}

#[test]
fn garbage_ends_in_time_and_in_few_words() {
    let size = 900_000;
    let repeat = |piece: &str| piece.repeat(size / piece.len());
    let texts = [
        ("one letter", repeat("x")),
        ("brackets", repeat("[")),
        ("closing brackets", repeat("]")),
        ("lines of brackets", repeat("[[\n")),
        ("quotes", repeat("\"")),
        ("lines of quotes", repeat("\"\n")),
        ("equals signs", repeat("=")),
        ("lines of equals signs", repeat("=\n")),
        ("newlines", repeat("\n")),
        ("nul", repeat("\0")),
        ("no words", repeat("§ ξ ∂\n")),
        ("json", repeat("{\"a\": [1, 2, {\"b\": null}]},\n")),
        ("keys", (0..90_000).map(|i| format!("k{i}=1\n")).collect()),
        ("sections", (0..80_000).map(|i| format!("[k{i}]\n")).collect()),
        ("a long key", format!("{} = 1", repeat("k"))),
        ("a long string", edit(SPEC, QUADRATIC, &format!("observe.quadratic = \"{}\"", repeat("k")))),
        ("a long expression", edit(SPEC, SCALE, &format!("scale = \"{}\"", repeat("b+")))),
        ("a long dotted key", edit(SPEC, SWEEP, &format!("\"process{}\" = [1]", repeat(".a")))),
        ("many axes", edit(SPEC, SWEEP, &(0..40_000).map(|i| format!("\"process.k{i}\" = [1]\n")).collect::<String>())),
        ("a long axis", edit(SPEC, SWEEP, &format!("\"process.sgd.horizon.steps\" = [{}]", repeat("7,")))),
        (
            "many measures",
            format!("{SPEC}{}", repeat("[[measure]]\nname = \"risk\"\nobserve.quadratic = \"fisher\"\n")),
        ),
        ("many claims", format!("{SPEC}{}", repeat("[[claim]]\nname = \"\"\n"))),
        ("a long diagonal", edit(SPEC, CURVATURE, &format!("curvature.diagonal = [{}]", repeat("1,")))),
        ("many rows", edit(SPEC, CURVATURE, &format!("curvature.dense = [{}]", repeat("[1],")))),
    ];
    let mut firsts = Vec::new();
    for (name, text) in &texts {
        let error = refusal(name, text);
        assert!(error.len() < 20_000, "{name}: {} bytes of message", error.len());
        firsts.push((*name, error.split("\n\n").next().unwrap_or_default().to_owned()));
    }
    insta::assert_snapshot!("garbage", shown("garbage", &firsts));
}

#[test]
fn files_that_cannot_be_loaded() {
    let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"));
    let large = "#".repeat((1 << 20) + 1);
    let files: [(&str, &[u8]); 9] = [
        ("latin-1.toml", b"schema = 1\ntitle = \"caf\xe9\"\n"),
        ("utf-16.toml", b"\xff\xfes\0c\0h\0e\0m\0a\0"),
        ("large.toml", large.as_bytes()),
        ("Exp 6.toml", SPEC.as_bytes()),
        ("exp6.yaml", SPEC.as_bytes()),
        ("exp6", SPEC.as_bytes()),
        ("..toml", SPEC.as_bytes()),
        (".toml", SPEC.as_bytes()),
        ("empty.toml", b""),
    ];
    let mut out = String::new();
    let mut load = |name: &str| {
        let start = processor_time();
        let error = match Spec::load(&folder.path().join(name), None) {
            Ok(_) => panic!("{name} loads"),
            Err(error) => error.to_string().replace(&folder.path().display().to_string(), "specs"),
        };
        let time = processor_time() - start;
        assert!(time < LONGEST, "{name} took {time:?}");
        let _ = writeln!(out, "## {name}\n{}", redact(&error));
    };
    for (name, bytes) in files {
        std::fs::write(folder.path().join(name), bytes).unwrap_or_else(|error| panic!("{error}"));
        load(name);
    }
    std::fs::create_dir(folder.path().join("folder.toml")).unwrap_or_else(|error| panic!("{error}"));
    load("folder.toml");
    load("missing.toml");
    load("../../../../dev/zero");
    std::fs::write(folder.path().join("valid.toml"), SPEC).unwrap_or_else(|error| panic!("{error}"));
    assert!(Spec::load(&folder.path().join("valid.toml"), None).is_ok());
    insta::assert_snapshot!("files", out);
}

fn check(group: &str, cases: &[Case]) {
    check_in(SPEC, group, cases);
}

fn check_in(spec: &str, group: &str, cases: &[Case]) {
    let texts: Vec<_> = cases.iter().map(|(name, from, to)| (*name, edit(spec, from, to))).collect();
    check_texts(group, &texts);
}

fn check_texts(group: &str, cases: &[(&str, String)]) {
    insta::assert_snapshot!(group, refusals(group, cases));
}
