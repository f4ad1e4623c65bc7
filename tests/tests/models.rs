//! Experiments with models from their files to their reports: what their numbers depend on, and what they do not.

mod common;

use common::cli::Workplace;
use common::models::{AT_MOST, COUNT, EVALUATION, FILE, LINEAR, LOSS, MODEL, NETWORK, TRAINING, and_measure};
use common::{edited, parse, simulate_all};
use engine::predict::predict;
use engine::verdict::judge;
use engine::{Spec, Verdict};

const TWELVE: &str = include_str!("../specs/data/twelve.csv");

/// A folder with a spec and its data.
fn workplace(name: &str, text: &str) -> Workplace {
    let workplace = Workplace::with(name, text);
    std::fs::create_dir(workplace.path("specs/data")).expect("a folder of data");
    workplace.write("specs/data/twelve.csv", TWELVE);
    workplace
}

/// The hashes of the cells of a spec that names `path`.
fn hashes(workplace: &Workplace, path: &str) -> Vec<String> {
    workplace.write("specs/model.toml", &edited(MODEL, &[("data/twelve.csv", path)]));
    let spec = Spec::load(&workplace.path("specs/model.toml"), None).unwrap_or_else(|error| panic!("{error}"));
    spec.cells.into_iter().map(|cell| cell.hash).collect()
}

#[test]
fn a_cell_depends_on_the_content_of_its_data_and_not_on_their_name() {
    let workplace = workplace("model", MODEL);
    let before = hashes(&workplace, "data/twelve.csv");
    workplace.write("specs/data/dozen.csv", TWELVE);
    for path in ["./data/twelve.csv", "data//../data/twelve.csv", "data/dozen.csv"] {
        assert_eq!(hashes(&workplace, path), before, "{path}");
    }
    workplace.write("specs/data/twelve.csv", &TWELVE.replacen("9,2,3,1", "9,2,4,1", 1));
    assert_ne!(hashes(&workplace, "data/twelve.csv"), before);
    workplace.write("specs/data/twelve.csv", &TWELVE.replacen("9,2,3,1", "9,2,3,2", 1));
    assert_ne!(hashes(&workplace, "data/twelve.csv"), before);
}

#[test]
fn results_of_other_data_are_not_believed() {
    let workplace = workplace("model", MODEL);
    assert_eq!(workplace.run(&["run", "specs/model.toml"]).code, Some(0));
    assert_eq!(workplace.run(&["check"]).code, Some(0));
    workplace.write("specs/data/twelve.csv", &TWELVE.replacen("9,2,3,1", "9,2,4,1", 1));
    let checked = workplace.run(&["check"]);
    assert_eq!(checked.code, Some(3), "{}{}", checked.stdout, checked.stderr);
    workplace.write("specs/data/twelve.csv", TWELVE);
    assert_eq!(workplace.run(&["check"]).code, Some(0));
}

/// Six cells of wider networks, each of a quarter of a second or so on one thread.
fn slow() -> String {
    let sweep = format!("{COUNT}\n[sweep.grid]\n\"sampling.data.batch_size\" = [1, 2, 3, 4, 5, 6]\n");
    let fit = ".noise_curvature = { part = \"exponent\", directions = 10 }";
    edited(
        MODEL,
        &[
            ("hidden = [4, 3]", "hidden = [20, 10]"),
            ("horizon.steps = 20\nrecord.steps = [0, 20]", "horizon.steps = 2000\nrecord.linear = 4"),
            (LOSS, &and_measure(LOSS, fit)),
            (COUNT, &sweep),
        ],
    )
}

#[test]
fn training_has_the_same_bytes_for_any_number_of_threads() {
    let workplace = workplace("slow", &slow());
    let run = |threads: &str| {
        let ran = workplace.run(&["run", "specs/slow.toml", "--out", threads, "--threads", threads]);
        assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
        workplace.contents(threads)
    };
    let one = run("1");
    assert!(one.keys().any(|name| name.ends_with("cells.parquet")));
    assert!(one == run("2"));
}

#[test]
fn killed_training_goes_on_where_it_was_and_ends_with_the_same_bytes() {
    let workplace = workplace("slow", &slow());
    assert_eq!(workplace.run(&["run", "specs/slow.toml", "--out", "whole"]).code, Some(0));
    let whole = workplace.contents("whole/slow");
    let mut child = workplace.started("slow", 2);
    child.kill().expect("it runs");
    child.wait().expect("ends");
    let left = workplace.contents("reports/slow");
    assert!(!left.contains_key("manifest.toml"), "killed before the end");
    let published = left.keys().filter(|name| name.starts_with("parts/") && !name.contains(".tmp-"));
    assert!(published.clone().count() >= 2);
    assert!(published.clone().all(|name| left[name] == whole[name]), "a part is whole or not there");
    assert_eq!(workplace.run(&["run", "specs/slow.toml"]).code, Some(0));
    assert!(whole == workplace.contents("reports/slow"));
}

/// The loss of 64 data sets has a mean of 8.5 and a standard error of about 3 %; the resolution is ten times that.
#[test]
fn a_reading_keeps_its_law_beside_one_that_has_none() {
    let random = ".directional_alignment = { direction = \"random\", noise = \"centred\" }";
    let text = edited(
        MODEL,
        &[
            (NETWORK, LINEAR),
            (TRAINING, EVALUATION),
            (COUNT, "count = 64\n"),
            (LOSS, &and_measure(LOSS, random)),
            (AT_MOST, "against.exact.resolution = 0.3"),
        ],
    );
    let spec = parse("model", &text);
    let predictions = predict(&spec).expect("laws");
    assert!(predictions[0].exact[0].is_some() && predictions[0].exact[1].is_none());
    assert_eq!(judge(&spec, &simulate_all(&spec), &predictions).overall(), Verdict::Holds);
}

#[test]
fn nothing_is_neither_below_nor_above_a_multiple_of_nothing() {
    let maps = "maps.given = { truth = [1, 0, 0, 0], start = [1, 0, 0, 0] }";
    let network = LINEAR.replace("maps.random = { truth_norm = 1.0, start_norm = 2.0, seed = 1 }", maps);
    for bound in [
        "measure_at_most = { name = \"other\", value = \"0.001\" }",
        "measure_at_least = { name = \"other\", value = \"1000\" }",
    ] {
        let edits: &[(&str, &str)] =
            &[(NETWORK, &network), (LOSS, &and_measure(LOSS, " = \"loss\"")), (AT_MOST, &format!("against.{bound}"))];
        let spec = parse("model", &edited(MODEL, edits));
        let judgement = judge(&spec, &simulate_all(&spec), &predict(&spec).expect("laws"));
        assert_eq!(judgement.overall(), Verdict::Undecided, "{bound}");
    }
}

#[test]
fn the_format_of_the_data_does_not_change_what_is_measured() {
    let formats = [
        "file.parquet = { path = \"data/twelve.parquet\", divisor = 9 }",
        "file.idx = { images = \"data/twelve-images.idx\", labels = \"data/twelve-labels.idx\", divisor = 9 }",
    ];
    let of_csv = simulate_all(&parse("model", MODEL));
    for format in formats {
        assert!(of_csv == simulate_all(&parse("model", &edited(MODEL, &[(FILE, format)]))), "{format}");
    }
}
