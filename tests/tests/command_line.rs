//! The command line as its users meet it: what it prints, where it writes, and its exit codes.

mod common;

use std::io::Read as _;
use std::process::Stdio;

use common::cli::{SMALL, Workplace};
use common::edited;

#[test]
fn a_run_prints_its_verdicts_and_leaves_a_report() {
    let workplace = Workplace::with("small", SMALL);
    let ran = workplace.run(&["run", "specs/small.toml"]);
    insta::assert_snapshot!("run", ran.seen());
    let readme = String::from_utf8(workplace.contents("reports/small")["README.md"].clone()).expect("text");
    insta::assert_snapshot!("readme", readme);
    let files: Vec<String> =
        workplace.contents("reports/small").into_keys().filter(|name| !name.starts_with("parts/")).collect();
    assert_eq!(files, ["README.md", "cells.parquet", "claims.parquet", "manifest.toml", "risk.svg"]);
}

#[test]
fn a_second_run_simulates_nothing_and_changes_no_byte() {
    let workplace = Workplace::with("small", SMALL);
    assert_eq!(workplace.run(&["run", "specs/small.toml"]).code, Some(0));
    let first = workplace.contents("reports/small");
    assert_eq!(workplace.run(&["run", "specs/small.toml"]).code, Some(0));
    assert!(first == workplace.contents("reports/small"));
    assert_eq!(workplace.run(&["run", "specs/small.toml", "--force"]).code, Some(0));
    assert!(first == workplace.contents("reports/small"), "--force must reproduce every byte");
}

#[test]
fn tables_have_the_same_bytes_for_any_number_of_threads() {
    let workplace = Workplace::with("small", SMALL);
    let run = |threads: &str| {
        let out = format!("out{threads}");
        assert_eq!(workplace.run(&["run", "specs/small.toml", "--out", &out, "--threads", threads]).code, Some(0));
        workplace.contents(&out)
    };
    let one = run("1");
    for threads in ["2", "3", "8"] {
        assert!(one == run(threads), "{threads} threads");
    }
}

#[test]
fn results_do_not_depend_on_what_else_the_command_runs() {
    let workplace = Workplace::with("small", SMALL);
    workplace.write("specs/other.toml", &edited(SMALL, &[("seed = 1\nsource", "seed = 2\nsource")]));
    assert_eq!(workplace.run(&["run", "specs/small.toml", "--out", "alone"]).code, Some(0));
    assert_eq!(workplace.run(&["run", "specs/other.toml", "specs/small.toml", "--out", "together"]).code, Some(0));
    assert!(workplace.contents("alone/small") == workplace.contents("together/small"));
}

#[test]
fn a_refuted_claim_is_exit_code_one() {
    // A law of twice the noise, against the simulation of once the noise.
    let claim = "against.constant = { value = \"2 * trace_G\", resolution = 0.15 }\nat = \"last_record\"";
    let workplace = Workplace::with("wrong", &edited(SMALL, &[("against.exact = { resolution = 0.15 }", claim)]));
    insta::assert_snapshot!("refuted", workplace.run(&["run", "specs/wrong.toml"]).seen());
}

#[test]
fn an_undecided_claim_is_exit_code_three_and_says_what_would_decide_it() {
    let workplace = Workplace::with("blunt", &edited(SMALL, &[("resolution = 0.15", "resolution = 0.01")]));
    insta::assert_snapshot!("undecided", workplace.run(&["run", "specs/blunt.toml"]).seen());
}

#[test]
fn a_diverged_cell_is_a_row_and_its_claim_does_not_hold() {
    let start = ("start.random_point = { radius = 1.0, seed = 1 }", "start.gaussian.spread = 1e200");
    let workplace = Workplace::with("far", &edited(SMALL, &[start]));
    insta::assert_snapshot!("diverged", workplace.run(&["run", "specs/far.toml"]).seen());
    assert!(workplace.contents("reports/far").contains_key("manifest.toml"));
}

#[test]
fn stored_results_are_judged_again_without_simulation() {
    let workplace = Workplace::with("small", SMALL);
    insta::assert_snapshot!("check-before", workplace.run(&["check"]).seen());
    workplace.run(&["run", "specs/small.toml"]);
    let before = workplace.contents("reports/small");
    insta::assert_snapshot!("check-after", workplace.run(&["check"]).seen());
    assert!(before == workplace.contents("reports/small"), "check must not write");
    // Claims may change without a new simulation; what was simulated may not.
    workplace.write("specs/small.toml", &edited(SMALL, &[("resolution = 0.15", "resolution = 0.01")]));
    assert_eq!(workplace.run(&["check"]).code, Some(3));
    workplace.write("specs/small.toml", &edited(SMALL, &[("[0.1, 0.05]", "[0.1, 0.04]")]));
    insta::assert_snapshot!("check-stale", workplace.run(&["check"]).seen());
}

#[test]
fn an_edited_spec_simulates_only_the_cells_that_changed() {
    let workplace = Workplace::with("small", SMALL);
    workplace.run(&["run", "specs/small.toml"]);
    let part_names = || -> Vec<String> {
        workplace.contents("reports/small").into_keys().filter(|name| name.starts_with("parts/")).collect()
    };
    let before = part_names();
    workplace.write("specs/small.toml", &edited(SMALL, &[("[0.1, 0.05]", "[0.1, 0.04]")]));
    workplace.run(&["run", "specs/small.toml"]);
    let kept = part_names().iter().filter(|name| before.contains(name)).count();
    // The part of the cell that is gone stays, for the day when it comes back.
    assert_eq!((before.len(), part_names().len(), kept), (2, 3, 2));
}

#[test]
fn specs_of_one_name_in_two_folders_keep_apart() {
    let workplace = Workplace::with("small", SMALL);
    std::fs::create_dir(workplace.path("specs/other")).expect("a folder");
    workplace.write("specs/other/small.toml", &edited(SMALL, &[("seed = ", "seed = 4")]));
    let ran = workplace.run(&["run", "specs/small.toml", "specs/other/small.toml"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let readme = |place: &str| std::fs::read_to_string(workplace.path(place)).expect("a report");
    assert!(readme("reports/other/small/README.md").contains("run specs/other/small.toml"));
    assert!(readme("reports/small/README.md").contains("run specs/small.toml"));
    assert_eq!(workplace.run(&["check"]).code, Some(0));
}

#[test]
fn a_stored_figure_is_written_as_a_file() {
    let workplace = Workplace::with("small", SMALL);
    let figure = |rest: &[&str]| workplace.run(&[&["figure", "specs/small.toml"], rest].concat());
    let before = figure(&[]);
    assert_eq!(before.code, Some(3));
    assert!(before.stderr.contains("run the spec first"), "{}", before.stderr);
    assert_eq!(workplace.run(&["run", "specs/small.toml"]).code, Some(0));
    let written = figure(&["--to", "slides"]);
    assert_eq!((written.code, written.stdout.as_str()), (Some(0), "slides/small-risk.svg\n"));
    let results = workplace.contents("reports/small");
    assert_eq!(workplace.contents("slides")["small-risk.svg"], results["risk.svg"]);
    let misspelt = figure(&["rsk", "--as", "pdf"]);
    assert_eq!(misspelt.code, Some(2));
    assert!(misspelt.stderr.contains("no figure named \"rsk\"") && misspelt.stderr.contains("did you mean `risk`?"));
    assert_eq!(figure(&["--as", "png", "--scale", "0"]).code, Some(2));
    // Neither a figure that nothing vouches for, nor one of another version of the spec.
    workplace.write("reports/small/risk.svg", "<svg/>");
    let changed = figure(&["risk"]);
    assert_eq!(changed.code, Some(4));
    assert!(changed.stderr.contains("its hash is not that of the manifest"), "{}", changed.stderr);
    workplace.write("specs/small.toml", &edited(SMALL, &[("seed = 1\n", "seed = 2\n")]));
    let stale = figure(&["risk"]);
    assert_eq!(stale.code, Some(3));
    assert!(stale.stderr.contains("another version"), "{}", stale.stderr);
}

#[test]
fn another_seed_has_a_folder_of_its_own() {
    let workplace = Workplace::with("small", SMALL);
    workplace.run(&["run", "specs/small.toml", "--seed", "7"]);
    let readme = String::from_utf8(workplace.contents("reports/small-seed7")["README.md"].clone()).expect("text");
    assert!(readme.contains("`cargo xtask run specs/small.toml --seed 7`"));
    assert!(!workplace.path("reports/small").exists());
}

#[test]
fn specs_are_listed_with_their_stored_verdicts() {
    let workplace = Workplace::with("small", SMALL);
    insta::assert_snapshot!("list-before", workplace.run(&["list"]).seen());
    workplace.run(&["run", "specs/small.toml"]);
    insta::assert_snapshot!("list-after", workplace.run(&["list"]).seen());
    workplace.write("specs/small.toml", &edited(SMALL, &[("resolution = 0.15", "resolution = 0.2")]));
    assert!(workplace.run(&["list"]).stdout.contains("stale"), "a verdict of another spec is none");
    workplace.write("specs/small.toml", &format!("{SMALL}\n# a comment changes nothing\n"));
    assert!(workplace.run(&["list"]).stdout.contains("holds"));
}

#[test]
fn specs_are_validated_and_bad_ones_are_exit_code_two() {
    let workplace = Workplace::with("small", SMALL);
    workplace.write("specs/bad.toml", &edited(SMALL, &[("horizon.steps", "horzion.steps")]));
    insta::assert_snapshot!("validate", workplace.run(&["validate", "specs/small.toml", "specs/bad.toml"]).seen());
    assert_eq!(workplace.run(&["run", "specs/small.toml", "specs/bad.toml"]).code, Some(2));
    assert!(!workplace.path("reports").exists(), "no spec runs when another one is bad");
    insta::assert_snapshot!("validate-missing", workplace.run(&["validate", "specs/none.toml"]).seen());
}

#[test]
fn usage_errors_are_exit_code_two_and_help_is_zero() {
    let workplace = Workplace::new();
    assert_eq!(workplace.run(&[]).code, Some(2));
    assert_eq!(workplace.run(&["run"]).code, Some(2));
    assert_eq!(workplace.run(&["run", "x.toml", "--threads", "0"]).code, Some(2));
    assert_eq!(workplace.run(&["check"]).code, Some(3), "nothing to check is no success");
    insta::assert_snapshot!("help", workplace.run(&["--help"]).seen());
}

#[test]
fn the_schema_is_json() {
    let schema = Workplace::new().run(&["schema"]);
    let parsed: serde_json::Value = serde_json::from_str(&schema.stdout).expect("JSON");
    assert_eq!(parsed["title"], "Experiment");
}

#[test]
fn a_closed_standard_output_is_no_error() {
    let workplace = Workplace::with("small", SMALL);
    workplace.run(&["run", "specs/small.toml"]);
    let mut child =
        workplace.command(&["check"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("starts");
    drop(child.stdout.take());
    let mut complaint = String::new();
    child.stderr.take().expect("piped").read_to_string(&mut complaint).expect("text");
    assert_eq!(child.wait().expect("ends").code(), Some(0));
    assert_eq!(complaint, "");
}
